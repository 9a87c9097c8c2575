"""`python -m bot manifest`: what the platforms have to know of the app, made from code, texts and settings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from bot.start import content_faults, end, settings_or_end
from content.texts import Texts

cli = typer.Typer(no_args_is_help=True, help="What a platform has to know of the app, ready to be handed in.")


@cli.command()
def slack(
    socket_mode: Annotated[
        bool, typer.Option("--socket-mode", help="For a bot without a public address, which asks Slack by a socket.")
    ] = False,
    many: Annotated[
        bool, typer.Option("--many", help="For many workspaces that install the app; so also with SLACK_CLIENT_ID.")
    ] = False,
    lang: Annotated[str, typer.Option(help="Language of what people read of the app: en or de.")] = "en",
) -> None:
    """Print the manifest of the Slack app as JSON."""
    from bot.slack.manifest import make_manifest
    from bot.slack.path import REDIRECT

    settings = settings_or_end(serving=False)
    address = None if socket_mode else settings.public_url
    if not (socket_mode or address):
        end(2, "PUBLIC_URL is missing: set the https address under which Slack reaches Rung, or add --socket-mode.")
    many = many or settings.slack_many
    if many and not settings.public_url:
        end(2, "PUBLIC_URL is missing: set the https address under which people install the app.")
    install = f"{settings.public_url}{REDIRECT}" if many else None
    made = make_manifest(_texts().voice(lang), address, install=install)
    typer.echo(json.dumps(made, ensure_ascii=False, indent=2))


@cli.command()
def teams(
    out: Annotated[Path, typer.Option(help="The file to write, such as rung.zip.", dir_okay=False)],
) -> None:
    """Write the app package for Teams: manifest, languages and icons."""
    from bot.teams.manifest import Developer, make_package
    from bot.version import version

    settings = settings_or_end(serving=False)
    app, company, page = settings.microsoft_app_id, settings.company_name, settings.company_url
    needed = {"MICROSOFT_APP_ID": app, "COMPANY_NAME": company, "COMPANY_URL": page}
    missing = [name for name, value in needed.items() if not value]
    if not (app and company and page):
        end(2, f"{', '.join(missing)}: missing, and needed for the package (README, “Settings”).")
    developer = Developer(company, page, settings.privacy_url or page, settings.terms_url or page)
    package = make_package(app, version(), developer, _texts())
    try:
        out.write_bytes(package)
    except OSError as error:
        end(1, f"{out} cannot be written: {error.strerror}.")
    typer.echo(f"{out} is the app package of Rung {version()} for Teams.")


def _texts() -> Texts:
    from content.load import load

    with content_faults():
        return load().texts
