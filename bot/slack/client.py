"""Outgoing calls: the Web API and the response URLs."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import aiohttp
import structlog
from slack_sdk.errors import SlackApiError
from slack_sdk.http_retry.builtin_async_handlers import (
    AsyncConnectionErrorRetryHandler,
    AsyncRateLimitErrorRetryHandler,
)
from slack_sdk.http_retry.request import HttpRequest
from slack_sdk.http_retry.response import HttpResponse
from slack_sdk.http_retry.state import RetryState
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from bot.logs import as_code
from bot.settings import Settings
from bot.slack import failures
from bot.slack.addresses import RESPONDING, TAKING_FILES, is_slacks
from bot.slack.failures import outcome, reason
from bot.slack.mark import metadata
from bot.slack.render import Message
from bot.slack.sending import Json, NotTaken, Refused, Sending
from bot.watched import watch_calls
from handlers.errors import InDoubt, TryLater
from handlers.reply import File

TIMEOUT: Final = aiohttp.ClientTimeout(total=10, connect=3)

PASSING: Final = failures.PASSING | failures.UNCLEAR | {failures.FOREIGN}
"""Errors of the Web API after which the same call may succeed (https://docs.slack.dev/reference/methods)."""

MOST_PATIENCE: Final = 60.0
"""Seconds that an answer waits at most where Slack asks for it; somebody is waiting for it."""

log = structlog.get_logger()


class _Patience(AsyncRateLimitErrorRetryHandler):
    """Waits as long as Slack asks for, whatever it says, but not for ever."""

    async def prepare_for_next_attempt_async(
        self,
        *,
        state: RetryState,
        request: HttpRequest,  # noqa: ARG002
        response: HttpResponse | None = None,
        error: Exception | None = None,  # noqa: ARG002
    ) -> None:
        seconds = failures.retry_after(response.headers) if response else None
        state.next_attempt_requested = True
        await asyncio.sleep(1.0 if seconds is None else min(seconds, MOST_PATIENCE))
        state.increment_current_attempt()


class Client:
    """Slack's Web API with one session, timeouts, and patience where Slack asks for it."""

    def __init__(self, settings: Settings) -> None:
        token = settings.slack_bot_token.get_secret_value() if settings.slack_bot_token else None
        # Slack may close a kept connection just when it is used again; other failures are the caller's to repeat.
        closed = AsyncConnectionErrorRetryHandler(
            error_types=[aiohttp.ServerDisconnectedError, aiohttp.ClientConnectionResetError]
        )
        self._patience = [closed, _Patience()]
        self.web = AsyncWebClient(token=token, base_url=settings.slack_api_url, retry_handlers=self._patience)
        self._once = AsyncWebClient(token=token, base_url=settings.slack_api_url, retry_handlers=[])
        self.bot_id = ""
        self.bot_user = ""
        self.tenants: frozenset[str] = frozenset()
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Open the session that all calls share."""
        session = aiohttp.ClientSession(timeout=TIMEOUT, trace_configs=[watch_calls("slack")])
        self._session = self.web.session = self._once.session = session

    async def close(self) -> None:
        """Close it."""
        if self._session:
            await self._session.close()

    async def check(self) -> None:
        """Log which workspace the token belongs to, or why Slack refuses it; keep what it tells about the bot."""
        try:
            answer = await _ask(self.web, "auth.test")
            self.bot_id, self.bot_user = (str(answer.get(name) or "") for name in ("bot_id", "user_id"))
            self.tenants = frozenset(filter(None, (answer.get("team_id"), answer.get("enterprise_id"))))
            log.info("slack_token_accepted", **{name: as_code(answer.get(name)) for name in ("team_id", "bot_id")})
        except SlackApiError as error:
            log.error("slack_refuses_the_token", error=reason(error))
        except (aiohttp.ClientError, TimeoutError) as error:
            log.warning("slack_unreachable", error=type(error).__name__)

    async def user(self, user: str) -> Mapping[str, Any]:
        """A person's user object."""
        # The SDK's own method asks with GET, which not everything that speaks Slack's protocol understands.
        answer = await _ask(self.web, "users.info", data={"user": user, "include_locale": "true"})
        found: Mapping[str, Any] = answer["user"]
        return found

    async def once(self, method: str, arguments: Json, *, as_form: bool = False) -> Mapping[str, Any]:
        """Call a method of the Web API, one attempt only. TryLater, Gone, InDoubt, Refused, as `outcome` has it."""
        try:
            answer = await _ask(self._once, method, **{"data" if as_form else "json": arguments})
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            raise outcome(error) from error
        return _dict(answer.data)

    async def look_up(self, method: str, arguments: Json) -> Mapping[str, Any]:
        """Call a method that changes nothing, and once more when Slack asks to wait. TryLater, Gone, Refused."""
        try:
            return _dict((await _ask(self.web, method, data=arguments)).data)
        except (SlackApiError, aiohttp.ClientError, TimeoutError) as error:
            meaning = outcome(error)
            raise (TryLater(failures.LATER_SECONDS) if isinstance(meaning, InDoubt) else meaning) from error

    async def permalink(self, channel: str, ts: str, seconds: float) -> str:
        """The address of a message, or nothing when it is not to be had in time, or at all."""
        asking = _ask(self.web, "chat.getPermalink", data={"channel": channel, "message_ts": ts})
        try:
            found = (await asyncio.wait_for(asking, seconds)).get("permalink")
        except (SlackApiError, aiohttp.ClientError, TimeoutError):
            return ""
        return found if isinstance(found, str) else ""

    async def open_view(self, trigger: str, view: Json, seconds: float, *, above: bool = False) -> bool:
        """Open a window, for which a trigger is good once and for three seconds; false when that failed.

        With `above` it covers the one in which something was pressed.
        """
        opening = _ask(self.web, "views.push" if above else "views.open", json={"trigger_id": trigger, "view": view})
        try:
            await asyncio.wait_for(opening, seconds)
        except SlackApiError as error:
            log.warning("slack_opened_no_window", error=reason(error))
        except (aiohttp.ClientError, TimeoutError) as error:
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

    def response(
        self,
        url: str,
        messages: Sequence[Message],
        *,
        everyone: bool,
        replace: bool = False,
        thread: str = "",
        mark: str = "",
    ) -> Sending[Json]:
        """Messages to a response URL, which works five times within half an hour; the first one may replace.

        What replaces a message with a mark keeps it, so that the message is still found.
        """
        where: Json = {"response_type": "in_channel" if everyone else "ephemeral"}
        where |= {"thread_ts": thread} if thread else {}
        bodies = [
            {**where, "replace_original": replace and not place, "text": each.text, "blocks": list(each.blocks)}
            for place, each in enumerate(messages)
        ]
        if replace and mark:
            bodies[0]["metadata"] = metadata(mark)

        async def respond(body: Json) -> None:
            if not is_slacks(url, RESPONDING, self.web.base_url):
                raise Refused("foreign_address", "response_url")
            await self._post(url, "response_url", json=body)

        return Sending(bodies, respond)

    def uploading(self, files: Iterable[File], user: str, thread: str = "") -> Sending[File]:
        """Files to a person's direct conversation with the coach, and to nowhere else."""

        async def upload(file: File) -> None:
            content = file.content.encode()
            direct = await self._call("conversations.open", {"users": user})
            about = {"filename": file.name, "length": len(content)}
            # This method understands no JSON.
            place = await self._call("files.getUploadURLExternal", about, as_form=True)
            url, file_id = str(place.get("upload_url")), place.get("file_id")
            if not is_slacks(url, TAKING_FILES, self.web.base_url):
                raise Refused("foreign_address", "upload_url")
            await self._post(url, "upload_url", data=content, headers={"Content-Type": file.kind})
            done = {
                "files": [{"id": file_id, "title": file.label}],
                "channel_id": _dict(direct.get("channel")).get("id"),
            }
            await self._call("files.completeUploadExternal", done | ({"thread_ts": thread} if thread else {}))

        return Sending(files, upload)

    async def _post(self, url: str, name: str, **body: Any) -> None:
        """Post to an address outside of the Web API, and to none that it leads to. NotTaken, Refused."""
        assert self._session
        async with self._session.post(url, allow_redirects=False, **body) as response:
            status = response.status
        if status != 200:
            raise NotTaken(status) if status == 429 or status >= 500 else Refused(status, name)

    async def _call(self, method: str, arguments: Json, *, as_form: bool = False) -> AsyncSlackResponse:
        """Call a method of the Web API. NotTaken, Refused."""
        try:
            return await _ask(self.web, method, **{"data" if as_form else "json": arguments})
        except SlackApiError as error:
            why = reason(error)
            raise NotTaken(why) if why in PASSING else Refused(why, method) from error


async def _ask(web: AsyncWebClient, method: str, **arguments: Any) -> AsyncSlackResponse:
    """Call a method of the Web API. SlackApiError also for an answer that is none of its own, whatever it is."""
    try:
        return await web.api_call(method, **arguments)
    except (AttributeError, ValueError) as error:
        # The SDK takes every answer for an object, and stumbles over text and lists.
        raise SlackApiError(failures.FOREIGN, {}) from error  # type: ignore[no-untyped-call]


def _dict(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
