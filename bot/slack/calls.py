"""Calls of the Web API with the token of one workspace."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.slack import failures
from bot.slack.addresses import TAKING_FILES, is_slacks
from bot.slack.failures import UNREADABLE, NotAllowed, outcome, reason
from bot.slack.grants import Grant
from bot.slack.payload import as_dict
from bot.slack.render import Message
from bot.slack.sending import Json, NotTaken, Refused, Sending
from handlers.errors import InDoubt, TryLater, Unavailable
from handlers.reply import File

if TYPE_CHECKING:
    from bot.slack.client import Client

PASSING: Final = failures.PASSING | failures.UNCLEAR | {failures.FOREIGN}
"""Errors of the Web API after which the same call may succeed (https://docs.slack.dev/reference/methods)."""

DOUBTFUL: Final = frozenset({"account_inactive", "invalid_auth", "not_authed", "token_expired", "token_revoked"})
"""Errors that tell of a token which another process may have exchanged or given up."""

log = structlog.get_logger()


class Calls:
    """Slack's Web API as one workspace's token may use it."""

    def __init__(self, client: Client, tenant: str) -> None:
        self._client = client
        self._tenant = tenant

    async def user(self, user: str) -> Mapping[str, Any]:
        """A person's user object."""
        # The SDK's own method asks with GET, which not everything that speaks Slack's protocol understands.
        answer = await self._ask("users.info", data={"user": user, "include_locale": "true"})
        found: Mapping[str, Any] = answer["user"]
        return found

    async def test(self) -> AsyncSlackResponse:
        """What Slack says of the token. SlackApiError, aiohttp.ClientError, TimeoutError."""
        return await self._ask("auth.test")

    async def is_good(self, seconds: float) -> bool:
        """Whether Slack takes the token. TryLater, Unavailable, TimeoutError, aiohttp.ClientError if nobody knows."""
        try:
            await asyncio.wait_for(self.test(), seconds)
        except SlackApiError as error:
            why = reason(error)
            if why in PASSING:
                raise TryLater(failures.LATER_SECONDS) from error
            return why not in DOUBTFUL
        except NotAllowed as error:
            if error.why == UNREADABLE:
                raise
            return False
        return True

    async def who(self) -> Grant:
        """The grant itself, for what it tells of the bot. TryLater, Unavailable."""
        return await self._client.grants.of(self._tenant)

    async def once(self, method: str, arguments: Json, *, as_form: bool = False) -> Mapping[str, Any]:
        """Call a method of the Web API, one attempt only. TryLater, Gone, InDoubt, Refused, as `outcome` has it."""
        try:
            asked: Any = {"data" if as_form else "json": arguments}
            answer = await self._ask(method, once=True, **asked)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            raise outcome(error) from error
        return as_dict(answer.data)

    async def look_up(self, method: str, arguments: Json) -> Mapping[str, Any]:
        """Call a method that changes nothing, and once more when Slack asks to wait. TryLater, Gone, Refused."""
        try:
            return as_dict((await self._ask(method, data=arguments)).data)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            meaning = outcome(error)
            raise (TryLater(failures.LATER_SECONDS) if isinstance(meaning, InDoubt) else meaning) from error

    async def permalink(self, channel: str, ts: str, seconds: float) -> str:
        """The address of a message, or nothing when it is not to be had in time, or at all."""
        asking = self._ask("chat.getPermalink", data={"channel": channel, "message_ts": ts})
        try:
            found = (await asyncio.wait_for(asking, seconds)).get("permalink")
        except (SlackApiError, aiohttp.ClientError, TimeoutError, TryLater, Unavailable):
            return ""
        return found if isinstance(found, str) else ""

    async def open_view(self, trigger: str, view: Json, seconds: float, *, above: bool = False) -> bool:
        """Open a window, for which a trigger is good once and for three seconds; false when that failed.

        With `above` it covers the one in which something was pressed.
        """
        opening = self._ask("views.push" if above else "views.open", json={"trigger_id": trigger, "view": view})
        try:
            await asyncio.wait_for(opening, seconds)
        except SlackApiError as error:
            log.warning("slack_opened_no_window", error=reason(error))
        except (aiohttp.ClientError, TimeoutError, TryLater, Unavailable) as error:
            log.warning("slack_opened_no_window", error=type(error).__name__)
        else:
            return True
        return False

    def publishing(self, user: str, view: Json) -> Sending[Json]:
        """A Home tab."""
        return Sending([{"user_id": user, "view": view}], partial(self._call, "views.publish"))

    def turning(self, window: str, view: Json) -> Sending[Json]:
        """The next page of a window."""
        return Sending([{"view_id": window, "view": view}], partial(self._call, "views.update"))

    def posting(
        self, messages: Sequence[Message], *, channel: str, thread: str = "", only_for: str | None = None
    ) -> Sending[Json]:
        """Messages to a channel, a thread or a person; with `only_for`, so that one person alone sees them."""
        where: Json = {"channel": channel} | ({"thread_ts": thread} if thread else {})
        options: Json = {"user": only_for} if only_for else {"unfurl_links": False, "unfurl_media": False}
        bodies = ({**where, **options, "text": each.text, "blocks": list(each.blocks)} for each in messages)
        return Sending(bodies, partial(self._call, "chat.postEphemeral" if only_for else "chat.postMessage"))

    def uploading(self, files: Iterable[File], user: str, thread: str = "") -> Sending[File]:
        """Files to a person's direct conversation with the coach, and to nowhere else."""

        async def upload(file: File) -> None:
            content = file.content.encode()
            direct = await self._call("conversations.open", {"users": user})
            about = {"filename": file.name, "length": len(content)}
            # This method understands no JSON.
            place = await self._call("files.getUploadURLExternal", about, as_form=True)
            url, file_id = str(place.get("upload_url")), place.get("file_id")
            if not is_slacks(url, TAKING_FILES, self._client.web.base_url):
                raise Refused("foreign_address", "upload_url")
            await self._client.post(url, "upload_url", data=content, headers={"Content-Type": file.kind})
            done = {
                "files": [{"id": file_id, "title": file.label}],
                "channel_id": as_dict(direct.get("channel")).get("id"),
            }
            await self._call("files.completeUploadExternal", done | ({"thread_ts": thread} if thread else {}))

        return Sending(files, upload)

    async def _call(self, method: str, arguments: Json, *, as_form: bool = False) -> AsyncSlackResponse:
        """Call a method of the Web API. NotTaken, Refused."""
        try:
            asked: Any = {"data" if as_form else "json": arguments}
            return await self._ask(method, **asked)
        except SlackApiError as error:
            why = reason(error)
            raise NotTaken(why) if why in PASSING else Refused(why, method) from error
        except NotAllowed as error:
            raise Refused(error.why, method) from error
        except (TryLater, Unavailable) as error:
            raise NotTaken(type(error).__name__) from error

    async def _ask(self, method: str, *, once: bool = False, **arguments: Any) -> AsyncSlackResponse:
        """Call a method with the workspace's token. Also what `Grants.of` raises where there is none.

        With a token that Slack does not take nothing was done, so another one, if there is one by now, is tried.
        """
        grants, web = self._client.grants, self._client.impatient if once else self._client.web
        token = (await grants.of(self._tenant)).token
        try:
            return await ask(web, method, headers=_proof(token), **arguments)
        except SlackApiError as error:
            if reason(error) not in DOUBTFUL:
                raise
            grants.doubt(self._tenant)
            newer = (await grants.of(self._tenant)).token
            if newer == token:
                raise
        return await ask(web, method, headers=_proof(newer), **arguments)


def _proof(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def ask(web: AsyncWebClient, method: str, **arguments: Any) -> AsyncSlackResponse:
    """Call a method of the Web API. SlackApiError also for an answer that is none of its own, whatever it is."""
    try:
        return await web.api_call(method, **arguments)
    except (AttributeError, ValueError) as error:
        # The SDK takes every answer for an object, and stumbles over text and lists.
        raise SlackApiError(failures.FOREIGN, {}) from error  # type: ignore[no-untyped-call]
