"""What comes before a request is answered: whether the app is installed there, and whether it is going."""

from __future__ import annotations

import datetime
import json
from typing import Any, Final

import aiohttp
import structlog
from slack_bolt.async_app import AsyncBoltContext
from slack_bolt.response import BoltResponse

from bot.installed import Installed, Installs
from bot.logs import as_id
from bot.recent import Recent
from bot.slack.client import Client
from bot.slack.grants import Grant, OneToken
from bot.slack.payload import Payload, as_string
from bot.slack.render import render
from bot.slack.sending import NotTaken
from bot.underway import Underway
from content.texts import Voice
from handlers.errors import TryLater, Unavailable
from handlers.reply import Reply, Text

REVOKED: Final = "tokens_revoked"

TEST_SECONDS: Final = 2.0
"""How long Slack may take to say whether it takes a token; the event is to be acknowledged within three."""

WORKSPACES: Final = 10_000

SEEN_SECONDS: Final = 3600.0
"""How often it is looked whether a workspace has passed to its organization, or back."""

LATEST: Final = datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC)

log = structlog.get_logger()


class Admission:
    """Lets requests in where the app is installed, and notices when it goes.

    `voice` speaks to those of whom no language is known, `address` is where the app is installed, or nothing.
    """

    def __init__(self, client: Client, installs: Installs | None, voice: Voice, address: str) -> None:
        self._client = client
        self._grants = client.grants
        self._installs = installs
        self._voice = voice
        self._address = address
        self._underway = Underway()
        self._seen = Recent[tuple[str, bool], bool](WORKSPACES, SEEN_SECONDS)

    async def admit(self, body: dict[str, Any], context: AsyncBoltContext) -> BoltResponse | None:
        """None when the request is to be answered, with its grant in the context; otherwise what is said instead."""
        if body.get("type") == "url_verification":
            context["grant"] = Grant("")
            return None
        enterprise, team = context.enterprise_id or "", context.team_id or ""
        org = context.is_enterprise_install is True
        if _is_leaving(body):
            return await self._leave((enterprise if org else team) or enterprise, body)
        try:
            grant = await self._grants.find(enterprise, team, org=org)
        except Unavailable as error:
            log.warning("slack_workspace_unknown", why=str(error))
            return self._say("slack.install.unavailable") if "command" in body else BoltResponse(status=503)
        if grant is None:
            log.warning("slack_not_installed", enterprise=as_id(enterprise), team=as_id(team))
            return self._turn_away(body)
        if enterprise and team and self._installs and not self._seen.put((team, grant.org), True):
            self._underway.start(self._see(self._installs, team, org=grant.org))
        context["grant"] = grant
        context["team"] = team if grant.org else ""
        return None

    async def stop(self, platform: str) -> None:
        """Finish what is being told."""
        await self._underway.finish(platform)

    async def _see(self, installs: Installs, team: str, *, org: bool) -> None:
        """Let the letters of a workspace's own installation rest while its people are served by the organization.

        Whoever got them could not stop them: to the organization they are somebody else.
        """
        try:
            changed = await (installs.rest(team) if org else installs.resume(team))
        except Unavailable as error:
            self._seen.drop((team, org))
            log.warning("slack_organization_unseen", tenant=as_id(team), why=str(error))
        else:
            if changed:
                log.warning("slack_organization_serves", tenant=as_id(team), letters="rest" if org else "go on")

    def _turn_away(self, body: Payload) -> BoltResponse:
        """What those are told where the app is not installed, such as people of another company in a shared channel."""
        if "command" in body:
            return self._say("slack.install.missing", address=self._address)
        if body.get("type") == "view_submission":
            # Slack then tells the person that it did not work, and what they wrote stays in the window.
            return BoltResponse(status=400)
        if url := as_string(body.get("response_url")):
            self._underway.start(self._tell(url))
        return BoltResponse(status=200)

    async def _tell(self, url: str) -> None:
        told = render(Reply((Text(self._voice("slack.install.missing", address=self._address)),)))
        try:
            await self._client.response(url, told, everyone=False).send()
        except (aiohttp.ClientError, TimeoutError, NotTaken) as error:
            log.warning("slack_told_nobody", error=type(error).__name__)

    async def _leave(self, tenant: str, body: Payload) -> BoltResponse:
        """Take note that the app is gone from a workspace; an answer of 503 makes Slack tell it again."""
        if self._installs is None:
            return BoltResponse(status=200)
        one = isinstance(self._grants, OneToken)
        try:
            # It may have been an older token that was revoked; and when the one of the settings came, nobody knows.
            asked = (one or body["event"]["type"] == REVOKED) and self._grants.serves(tenant)
            known = await self._installs.find(tenant) if asked else None
            if asked:
                # What Slack says is to be about what stands in the database now, or about nothing older.
                self._grants.doubt(tenant)
                if await self._client.of(tenant).is_good(TEST_SECONDS):
                    if one:
                        await self._installs.come_back(tenant)
                    return BoltResponse(status=200)
            left = await self._installs.leave(tenant, _moment(body), known.version if known else None)
            if known and not left and _is_other(await self._installs.find(tenant), known):
                return BoltResponse(status=503)
        except (aiohttp.ClientError, TimeoutError, TryLater, Unavailable) as error:
            log.warning("slack_uninstall_put_off", tenant=as_id(tenant), error=type(error).__name__)
            return BoltResponse(status=503)
        self._grants.doubt(tenant)
        if left:
            log.info("slack_uninstalled", tenant=as_id(tenant))
        return BoltResponse(status=200)

    def _say(self, key: str, **values: str) -> BoltResponse:
        told = {"response_type": "ephemeral", "text": self._voice(key, **values)}
        return BoltResponse(status=200, body=json.dumps(told), headers={"Content-Type": "application/json"})


def _is_leaving(body: Payload) -> bool:
    """Whether the app, or its bot's token, is gone; a person who takes back their own token leaves the app there."""
    match body.get("event"):
        case {"type": "app_uninstalled"}:
            return True
        case {"type": "tokens_revoked", "tokens": {"bot": [_, *_]}}:
            return True
    return False


def _is_other(found: Installed | None, known: Installed) -> bool:
    """Whether there are other tokens by now than those that were known."""
    return found is not None and not found.gone and found.version != known.version


def _moment(body: Payload) -> datetime.datetime:
    """When it happened; later than anything else where Slack does not say."""
    at = body.get("event_time")
    if isinstance(at, int) and 0 < at < LATEST.timestamp():
        return datetime.datetime.fromtimestamp(at, datetime.UTC)
    return LATEST
