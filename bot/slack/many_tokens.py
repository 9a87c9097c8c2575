"""The tokens of many workspaces: from the database, kept in memory for a minute, and exchanged before they end."""

from __future__ import annotations

import asyncio
import datetime
import math
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Final

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.installed import Installed, Installs, Tokens
from bot.slack.failures import LATER_SECONDS, UNREADABLE, NotAllowed
from bot.slack.grants import Grant
from bot.slack.rotation import Exchange, ExchangeError
from handlers.errors import TryLater, Unavailable, places

KNOWN_SECONDS: Final = 60.0
"""How long an installation is known; so long another process may take to notice that it is gone."""

UNKNOWN_SECONDS: Final = 5.0
"""How long it is known that there is none: somebody may be installing the app."""

AWAY_SECONDS: Final = 5.0
"""How long what was known counts while the database is away, until it is asked again."""

FIND_SECONDS: Final = 1.0
"""How long a request of an unknown workspace waits for the database; Slack gives up after three seconds."""

MOST: Final = 10_000

BEFORE: Final = datetime.timedelta(minutes=120)
"""How long before its end a token is exchanged; Slack's own SDK does so as well. They live for twelve hours."""

SPARE: Final = datetime.timedelta(minutes=5)
"""A token that is good for so long is used meanwhile."""

LEASE: Final = datetime.timedelta(seconds=60)
"""How long one process may take to exchange a token; longer than a call may take, and the database."""

WAIT_SECONDS: Final = 11.0
LOOK_SECONDS: Final = 0.3
"""How long, and how often, it is looked whether there is a new token; a call to Slack may take ten seconds."""

REST: Final = datetime.timedelta(seconds=30)
REFUSED_REST: Final = datetime.timedelta(minutes=5)
"""How long to wait after an exchange that failed, and after one that Slack refused."""

INSIST: Final = 20
INSIST_SECONDS: Final = 3.0
"""How often, and how far apart, a new token is tried to be kept: the old one is good for nothing any more."""

STOP_SECONDS: Final = 3.0

log = structlog.get_logger()


class ManyTokens:
    """A grant for each workspace in which the app is installed; implements `bot.slack.grants.Grants`."""

    def __init__(self, installs: Installs, make_exchange: Callable[[AsyncWebClient], Exchange]) -> None:
        self._installs = installs
        self._make_exchange = make_exchange
        self._exchange_by: Exchange | None = None
        self._held: OrderedDict[str, tuple[float, Installed | None]] = OrderedDict()
        self._looks: dict[str, asyncio.Task[Installed | None]] = {}
        self._exchanges: dict[str, asyncio.Task[None]] = {}
        self._rests: dict[str, datetime.datetime] = {}

    async def find(self, enterprise: str, team: str, *, org: bool) -> Grant | None:
        """The installation in the workspace, or that in its whole organization; first the one that Slack speaks of."""
        ends = time.monotonic() + FIND_SECONDS
        for tenant in filter(None, (enterprise, team) if org else (team, enterprise)):
            if installed := await self._look(tenant, ends):
                return _grant(installed)
        return None

    async def of(self, tenant: str) -> Grant:
        """A grant with a token that is good for now. TryLater, of which NotAllowed is one, and Unavailable."""
        installed = _usable(await self._look(tenant))
        if self._is_due(installed):
            exchange = self._exchanges.get(tenant) or self._begin(installed)
            if not self._lasts(installed, SPARE):
                await asyncio.wait({exchange}, timeout=WAIT_SECONDS)
                installed = _usable(await self._look(tenant))
        if not self._lasts(installed):
            raise NotAllowed(installed.trouble) if installed.trouble else TryLater(LATER_SECONDS)
        return _grant(installed)

    def doubt(self, tenant: str) -> None:
        """Look again next time; what is being looked up now may be as old."""
        self._held.pop(tenant, None)
        self._looks.pop(tenant, None)

    def serves(self, tenant: str) -> bool:  # noqa: ARG002
        """Every tenant may have the app; `of` tells."""
        return True

    def open(self, web: AsyncWebClient) -> None:
        """Exchange tokens through a client that tries once: what they are exchanged by is good once."""
        self._exchange_by = self._make_exchange(web)

    async def stop(self) -> None:
        """Let exchanges under way end: a token that was given and not kept is lost."""
        for look in self._looks.values():
            look.cancel()
        if self._exchanges:
            await asyncio.wait(self._exchanges.values(), timeout=STOP_SECONDS)

    async def _look(self, tenant: str, ends: float = math.inf) -> Installed | None:
        """The installation, if there is one. What was known last counts while it is looked up again. Unavailable.

        `ends` is how long it is waited for where nothing was known.
        """
        until, known = self._held.get(tenant, (0.0, None))
        if until > time.monotonic():
            return known
        look = self._looks.get(tenant) or self._begin_look(tenant)
        if known:
            return known
        await asyncio.wait({look}, timeout=None if ends == math.inf else max(ends - time.monotonic(), 0.0))
        if not look.done():
            raise Unavailable("the database takes too long")
        return look.result()

    def _begin_look(self, tenant: str) -> asyncio.Task[Installed | None]:
        look = self._looks[tenant] = asyncio.create_task(self._fetch(tenant))
        look.add_done_callback(partial(self._end_look, tenant))
        return look

    async def _fetch(self, tenant: str) -> Installed | None:
        """What the database says, or what was known while it is away. Unavailable when that is nothing."""
        try:
            found = await self._installs.find(tenant)
        except Unavailable:
            if tenant not in self._held:
                raise
            _, known = self._held[tenant]
            self._keep(tenant, known, AWAY_SECONDS)
            return known
        here = found if found and not found.gone else None
        if here and here.tokens is None:
            what = "none of ENCRYPTION_KEYS decrypts it: put back the key that is missing, or install the app again"
            log.error("slack_token_unreadable", tenant=tenant, what=what)
        if self._looks.get(tenant) is asyncio.current_task():
            self._keep(tenant, here, KNOWN_SECONDS if here else UNKNOWN_SECONDS)
        return here

    def _end_look(self, tenant: str, look: asyncio.Task[Installed | None]) -> None:
        if self._looks.get(tenant) is look:
            del self._looks[tenant]
        if not look.cancelled() and (error := look.exception()) and not isinstance(error, Unavailable):
            log.error("slack_look_failed", tenant=tenant, error=type(error).__name__, at=places(error))

    def _keep(self, tenant: str, installed: Installed | None, seconds: float) -> None:
        self._held[tenant] = (time.monotonic() + seconds, installed)
        self._held.move_to_end(tenant)
        while len(self._held) > MOST:
            self._held.popitem(last=False)

    def _is_due(self, installed: Installed) -> bool:
        refresh = installed.tokens.refresh if installed.tokens else ""
        rests = self._rests.get(installed.tenant, self._installs.now()) > self._installs.now()
        return bool(refresh) and not rests and not self._lasts(installed, BEFORE)

    def _lasts(self, installed: Installed, longer: datetime.timedelta = datetime.timedelta()) -> bool:
        expires = installed.tokens.expires if installed.tokens else None
        return expires is None or expires > self._installs.now() + longer

    def _begin(self, installed: Installed) -> asyncio.Task[None]:
        task = self._exchanges[installed.tenant] = asyncio.create_task(self._exchange(installed))
        task.add_done_callback(partial(self._end, installed.tenant))
        return task

    def _end(self, tenant: str, task: asyncio.Task[None]) -> None:
        self._exchanges.pop(tenant, None)
        if not task.cancelled() and (error := task.exception()):
            self._rests[tenant] = self._installs.now() + REST
            log.error("slack_exchange_failed", tenant=tenant, error=type(error).__name__, at=places(error))

    async def _exchange(self, installed: Installed) -> None:
        """Exchange the token, unless somebody else does."""
        try:
            if not await self._installs.claim(installed, self._installs.now() + LEASE):
                await self._await_other(installed)
                return
            try:
                assert self._exchange_by
                tokens = await self._exchange_by(installed)
            except ExchangeError as error:
                await self._note(installed, error)
            else:
                await self._store(installed, tokens)
        except Unavailable as error:
            log.warning("slack_exchange_put_off", tenant=installed.tenant, why=str(error))
            self._rests[installed.tenant] = self._installs.now() + REST

    async def _await_other(self, installed: Installed) -> None:
        """Until the tokens are others, or have trouble, or it takes too long."""
        ends = time.monotonic() + WAIT_SECONDS
        while time.monotonic() < ends:
            found = await self._installs.find(installed.tenant)
            if found is None or found.version != installed.version:
                break
            if found.trouble:
                self._rests[installed.tenant] = self._installs.now() + REFUSED_REST
                break
            await asyncio.sleep(LOOK_SECONDS)
        self.doubt(installed.tenant)

    async def _note(self, installed: Installed, error: ExchangeError) -> None:
        """Write down that there is no new token, unless there is: another process may have been quicker."""
        self.doubt(installed.tenant)
        found = await self._installs.find(installed.tenant)
        if found is None or found.version != installed.version:
            return
        rest = REFUSED_REST if error.why else REST
        self._rests[installed.tenant] = self._installs.now() + rest
        await self._installs.fail(installed, error.why, self._installs.now() + rest)
        if error.why:
            what = "install the app there again"
            log.error("slack_refuses_to_exchange_the_token", tenant=installed.tenant, error=error.why, what=what)
        else:
            log.warning("slack_exchanged_no_token", tenant=installed.tenant, error=str(error))

    async def _store(self, installed: Installed, tokens: Tokens) -> None:
        """Keep new tokens, and insist on it."""
        self._rests.pop(installed.tenant, None)
        for left in reversed(range(INSIST)):
            try:
                kept = await self._installs.renew(installed, tokens)
            except Unavailable:
                # Meanwhile this process alone goes on with it.
                self.doubt(installed.tenant)
                renewed = replace(installed, tokens=tokens, version=installed.version + 1)
                self._keep(installed.tenant, renewed, KNOWN_SECONDS)
                if not left:
                    log.error("slack_token_lost", tenant=installed.tenant, what="install the app there again")
                    raise
                await asyncio.sleep(INSIST_SECONDS)
            else:
                break
        self.doubt(installed.tenant)
        log.info("slack_token_exchanged", tenant=installed.tenant, kept=kept)


def _usable(installed: Installed | None) -> Installed:
    """An installation with tokens. NotAllowed."""
    if installed is None:
        raise NotAllowed("not_installed")
    if installed.tokens is None:
        raise NotAllowed(UNREADABLE)
    return installed


def _grant(installed: Installed) -> Grant:
    bot = installed.bot
    token = installed.tokens.token if installed.tokens else ""
    return Grant(installed.tenant, token, bot.bot_id, bot.bot_user, bot.org)
