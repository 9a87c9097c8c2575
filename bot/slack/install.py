"""Installing the app in a workspace: Bolt's own way through OAuth, between two pages of ours."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final
from urllib.parse import urlsplit, urlunsplit

import aiohttp
import structlog
from aiohttp import web
from slack_bolt.adapter.aiohttp import to_aiohttp_response
from slack_bolt.oauth.async_callback_options import AsyncCallbackOptions, AsyncFailureArgs, AsyncSuccessArgs
from slack_bolt.oauth.async_oauth_flow import AsyncOAuthFlow
from slack_bolt.oauth.async_oauth_settings import AsyncOAuthSettings
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse
from slack_sdk.oauth.installation_store.async_installation_store import AsyncInstallationStore
from slack_sdk.oauth.state_store.async_state_store import AsyncOAuthStateStore
from slack_sdk.web.async_client import AsyncWebClient

from bot.logs import as_code, as_id
from bot.recent import Recent
from bot.settings import Settings
from bot.slack.install_stores import SILENT, STATE_SECONDS
from bot.slack.landing import HEADERS, show_done, show_failure, voice_for
from bot.slack.manifest import SCOPES
from bot.slack.path import INSTALL, REDIRECT
from content.texts import Texts, Voice
from handlers.errors import Unavailable

BEGUN: Final = 120
BEGUN_SECONDS: Final = 60.0
"""So many installations may begin in so many seconds; each is a row in the database, and anybody may begin one."""

_TEAM = re.compile("[TE][A-Z0-9]{2,40}")
_HTML: Final = "text/html; charset=utf-8"

log = structlog.get_logger()


class InstallPages:
    """`/slack/install` leads to Slack's page, `/slack/oauth_redirect` takes what comes back from there.

    `installed` is told the tenant of every installation.
    """

    def __init__(
        self,
        settings: Settings,
        web_client: AsyncWebClient,
        stores: tuple[AsyncInstallationStore, AsyncOAuthStateStore],
        texts: Texts,
        installed: Callable[[str], None],
    ) -> None:
        assert settings.slack_client_secret
        self._texts = texts
        self._installed = installed
        self._begun = Recent[int, bool](BEGUN, BEGUN_SECONDS)
        self._number = 0
        self._flow = AsyncOAuthFlow(
            client=web_client,
            logger=SILENT,
            settings=AsyncOAuthSettings(
                client_id=settings.slack_client_id,
                client_secret=settings.slack_client_secret.get_secret_value(),
                scopes=SCOPES,
                user_scopes=(),
                redirect_uri=f"{settings.public_url}{REDIRECT}",
                install_path=INSTALL,
                redirect_uri_path=REDIRECT,
                install_page_rendering_enabled=False,
                authorization_url=authorize_url(settings.slack_api_url),
                installation_store=stores[0],
                state_store=stores[1],
                state_expiration_seconds=STATE_SECONDS,
                callback_options=AsyncCallbackOptions(self._on_success, self._on_failure),
                logger=SILENT,
            ),
        )

    def routes(self) -> Iterable[web.RouteDef]:
        """Both pages."""
        pages = ((INSTALL, self._on_install), (REDIRECT, self._on_redirect))
        return [web.get(path, answer, allow_head=False) for path, answer in pages]

    async def _on_install(self, request: web.Request) -> web.Response:
        team = request.query.get("team", "")
        query = {"team": team} if _TEAM.fullmatch(team) else {}
        if not self._may_begin():
            log.warning("slack_too_many_installations", begun=BEGUN, seconds=BEGUN_SECONDS)
            return _page(429, self._failure(request, "too_many"))
        asked = AsyncBoltRequest(body="", query=query, headers=dict(request.headers))
        try:
            return await _answer(await self._flow.handle_installation(asked))
        except Unavailable as error:
            log.warning("slack_installation_put_off", why=str(error))
            return _page(503, self._failure(request, "storage_error"))

    async def _on_redirect(self, request: web.Request) -> web.Response:
        asked = AsyncBoltRequest(body="", query=request.query_string, headers=dict(request.headers))
        try:
            return await _answer(await self._flow.handle_callback(asked))
        except (aiohttp.ClientError, TimeoutError, AttributeError, KeyError, TypeError, ValueError) as error:
            # The SDK takes every answer for an object of Slack's.
            log.error("slack_installation_failed", error=type(error).__name__)
            return _page(502, self._failure(request, "unreachable"))
        except Unavailable as error:
            log.error("slack_installation_failed", error=str(error))
            return _page(503, self._failure(request, "storage_error"))

    async def _on_success(self, told: AsyncSuccessArgs) -> BoltResponse:
        made = told.installation
        org = made.is_enterprise_install
        tenant, name = (made.enterprise_id, made.enterprise_name) if org else (made.team_id, made.team_name)
        self._installed(tenant or "")
        log.info("slack_installed", tenant=as_id(tenant or ""), organization=org)
        page = show_done(self._voice(told.request), name or "", made.app_id or "", "" if org else made.team_id or "")
        return self._done(200, page)

    async def _on_failure(self, told: AsyncFailureArgs) -> BoltResponse:
        log.warning("slack_not_installed_by_oauth", error=as_code(told.reason))
        return self._done(told.suggested_status_code, show_failure(self._voice(told.request), told.reason, INSTALL))

    def _done(self, status: int, page: str) -> BoltResponse:
        forgets = self._flow.settings.state_utils.build_set_cookie_for_deletion()
        return BoltResponse(status=status, body=page, headers={"Content-Type": _HTML, "Set-Cookie": forgets})

    def _voice(self, request: AsyncBoltRequest) -> Voice:
        return voice_for(self._texts, next(iter(request.headers.get("accept-language", ())), ""))

    def _failure(self, request: web.Request, reason: str) -> str:
        return show_failure(voice_for(self._texts, request.headers.get("Accept-Language", "")), reason, INSTALL)

    def _may_begin(self) -> bool:
        """What is refused does not count, or whoever asks often enough would keep the page shut for everybody."""
        if self._begun.get(self._number - BEGUN + 1):
            return False
        self._number += 1
        self._begun.put(self._number, True)
        return True


def authorize_url(api_url: str) -> str:
    """Slack's page on which somebody allows the app, on the server whose Web API that is."""
    parts = urlsplit(api_url)
    path = parts.path.rstrip("/").removesuffix("/api")
    return urlunsplit((parts.scheme, parts.netloc, f"{path}/oauth/v2/authorize", "", ""))


async def _answer(made: BoltResponse) -> web.Response:
    response = await to_aiohttp_response(made)
    response.charset = "utf-8"
    for cookie in response.cookies.values():
        cookie["samesite"] = "Lax"
    response.headers.update(HEADERS)
    return response


def _page(status: int, page: str) -> web.Response:
    return web.Response(status=status, text=page, content_type="text/html", headers=HEADERS)
