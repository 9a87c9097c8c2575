"""`python -m bot manifest`: what the platforms have to know of the app, made from code, texts and settings."""

from __future__ import annotations

import json
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
    lang: Annotated[str, typer.Option(help="Language of what people read of the app: en or de.")] = "en",
) -> None:
    """Print the manifest of the Slack app as JSON."""
    from bot.slack.manifest import make_manifest

    settings = settings_or_end(serving=False)
    address = None if socket_mode else settings.public_url
    if not (socket_mode or address):
        end(2, "PUBLIC_URL is missing: set the https address under which Slack reaches Rung, or add --socket-mode.")
    typer.echo(json.dumps(make_manifest(_texts().voice(lang), address), ensure_ascii=False, indent=2))


def _texts() -> Texts:
    from content.load import load

    with content_faults():
        return load().texts
