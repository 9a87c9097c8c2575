"""`python -m bot doctor`: looks at everything that Rung needs, changes nothing, and says what to do."""

from __future__ import annotations

import datetime
import stat
from collections.abc import Iterator, Sequence
from pathlib import Path

from bot.finding import Finding, fault, ok, warning
from bot.installed import Survey
from bot.settings import Settings
from bot.store.lags import look_at_lags
from bot.store.migrate import OLDER, VersionError, bring_up_to_date
from bot.store.sql import SqlStore
from content.faults import Faults
from content.load import load
from handlers.errors import Unavailable

MOST_NAMED = 10
"""Workspaces named in one sentence."""

CLOCK_LATE_SECONDS = 300.0
"""Longer than anybody waits for a letter while a worker is alive."""


async def examine(settings: Settings, now: datetime.datetime) -> list[Finding]:
    """Everything that was looked at, in the order in which to mend it."""
    found = [*_look_at_settings(settings), *_look_at_content(), *await _look_at_database(settings, now)]
    if settings.slack_many and settings.encryption_keys:
        found += await _look_at_installations(settings, now)
    if settings.slack_bot_token or settings.slack_app_token or settings.slack_many:
        from bot.slack.checkup import check_slack

        found += await check_slack(settings, now)
    if settings.teams_on and not any(sentence.startswith("RUNG_DEV") for sentence in settings.faults()):
        from bot.teams.checkup import check_teams

        found += await check_teams(settings, now)
    if not any(finding.about == "clock" for finding in found):
        found.append(warning("clock", "Nobody told the time to compare it with: make sure that NTP is on."))
    return found


def _look_at_settings(settings: Settings) -> Iterator[Finding]:
    faults = settings.faults()
    yield from (fault("settings", sentence) for sentence in faults)
    if not (settings.slack_on or settings.teams_on):
        yield warning("settings", "No credentials of Slack or Teams are set, so nobody is answered.")
    elif not faults:
        on = [name for name, is_on in (("Slack", settings.slack_on), ("Teams", settings.teams_on)) if is_on]
        yield ok("settings", f"They fit together; {' and '.join(on)} {'is' if len(on) == 1 else 'are'} on.")
    if not settings.on_loopback:
        yield warning("HOST", f"It is {settings.host}: only a proxy with TLS should be able to reach the port.")
    try:
        mode = Path(".env").stat().st_mode
    except OSError:
        return
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        yield warning(".env", "Others on this machine may read it, and it holds secrets: chmod 600 .env")


def _look_at_content() -> Iterator[Finding]:
    try:
        content = load()
    except Faults as faults:
        yield from (fault("content", str(each)) for each in faults.faults)
        return
    matrix = content.matrix
    yield ok("content", f"{len(matrix.roles)} roles, {len(matrix.levels)} levels, edition {matrix.edition}.")


async def _look_at_database(settings: Settings, now: datetime.datetime) -> list[Finding]:
    url = settings.database_url.get_secret_value()
    queue = None
    if not settings.embedded:
        from scheduler.fleet import scripts

        queue = scripts()
    store = SqlStore(url)
    if settings.embedded and not _is_there(Path(store.engine.url.database or "")):
        return [ok("database", "The file is not there yet; it is made at the first start.")]
    try:
        await bring_up_to_date(url, upgrade=False, queue=queue)
        lags = await look_at_lags(store.database, now)
    except VersionError as error:
        return [_judge(str(error), embedded=settings.embedded)]
    except Unavailable as error:
        return [fault("database", f"{error}. Is it running, and is DATABASE_URL right?")]
    finally:
        await store.close()
    found = [ok("database", "It answers, and has the tables of this version.")]
    if lags.clock > CLOCK_LATE_SECONDS:
        minutes = round(lags.clock / 60)
        found.append(warning("worker", f"Somebody has been due for {minutes} minutes: start a `worker`, or `all`."))
    return found


async def _look_at_installations(settings: Settings, now: datetime.datetime) -> list[Finding]:
    """Where Slack is installed by OAuth, and whether the tokens can be read and exchanged."""
    from bot.store.installs import SqlInstalls
    from bot.store.seal import Seal

    store = SqlStore(settings.database_url.get_secret_value())
    if settings.embedded and not _is_there(Path(store.engine.url.database or "")):
        return []
    seal = Seal([key.get_secret_value() for key in settings.encryption_keys])
    try:
        await bring_up_to_date(settings.database_url.get_secret_value(), upgrade=False)
        survey = await SqlInstalls(store.database, seal, lambda: now).survey()
    except (VersionError, Unavailable):
        return []  # which the look at the database has told
    finally:
        await store.close()
    return list(_judge_installations(survey))


def _judge_installations(survey: Survey) -> Iterator[Finding]:
    from bot.slack.manifest import SCOPES

    went = f"; {survey.gone} where it was uninstalled are not erased yet" if survey.gone else ""
    yield ok("installations", f"{survey.installed} in workspaces and organizations{went}.")
    if survey.unreadable:
        what = "put the key back that they were kept under, or have the app installed there again."
        yield fault("ENCRYPTION_KEYS", f"The tokens of {survey.unreadable} installations cannot be decrypted: {what}")
    elif survey.installed:
        yield ok("ENCRYPTION_KEYS", "Every token can be decrypted.")
    if survey.old_key:
        what = "the next `worker` or `all` that starts puts them under the first; only then take out an older key."
        yield warning("ENCRYPTION_KEYS", f"{survey.old_key} tokens are kept under another key than the first: {what}")
    if survey.troubled:
        named = _name(survey.troubled)
        yield fault("token rotation", f"Slack refuses to exchange the tokens of {named}: have the app installed again.")
    if lacking := sorted(tenant for tenant, has in survey.scopes.items() if set(SCOPES) - set(has)):
        yield warning("scopes", f"The app may do less than it could in {_name(lacking)}: have it installed again.")


def _name(tenants: Sequence[str]) -> str:
    return ", ".join(tenants[:MOST_NAMED]) + (" …" if len(tenants) > MOST_NAMED else "")


def _is_there(file: Path) -> bool:
    """Whether there is anything of a database; looking into one that is not there would make it."""
    return file.exists() or Path(f"{file}-wal").exists()


def _judge(sentence: str, *, embedded: bool) -> Finding:
    """What an unfit database means: an older file is brought up to date by whoever opens it."""
    if embedded and sentence == OLDER:
        return ok("database", "The file is older than this version; it is brought up to date at the next start.")
    return fault("database", sentence)
