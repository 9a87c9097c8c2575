"""Installations of the app in SQLite or PostgreSQL; implements `bot.installed.Installs`."""

from __future__ import annotations

import datetime
import hashlib
from collections.abc import Callable
from typing import Any

import structlog
from sqlalchemy import Row, and_, bindparam, delete, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.installed import Bot, Installed, Survey, Tokens
from bot.store.database import Database, RefusedError
from bot.store.erasing import are_overdue, erase_uninstalled
from bot.store.letter_statements import LetterStatements
from bot.store.parking import Where, is_parked, park, reopen, unpark_some
from bot.store.schema import installation, oauth_state
from bot.store.seal import Seal, UnreadableError

SECOND = datetime.timedelta(seconds=1)
"""Slack tells times to the second."""

NO_TOKENS = {"bot_token": None, "refresh_token": None, "expires_at": None, "busy_until": None, "trouble": None}

_KEY = and_(*(installation.c[name] == bindparam(f"the_{name}") for name in ("platform", "tenant")))
_THIS = and_(_KEY, installation.c.version == bindparam("the_version"), installation.c.gone_at.is_(None))
_free = or_(installation.c.busy_until.is_(None), installation.c.busy_until <= bindparam("now"))

FIND = select(installation).where(_KEY)
CLAIM = update(installation).where(_THIS, _free).values(busy_until=bindparam("until"))
HAS_TOKENS = installation.c.bot_token.is_not(None)
OLD_STATES = delete(oauth_state).where(oauth_state.c.until <= bindparam("now"))
USE_STATE = delete(oauth_state).where(oauth_state.c.key == bindparam("the_key"), oauth_state.c.until > bindparam("now"))

log = structlog.get_logger()


class SqlInstalls:
    """The installations on a platform. Without a `seal` there are no tokens, and it is only kept where the app went."""

    def __init__(
        self, database: Database, seal: Seal | None, now: Callable[[], datetime.datetime], platform: str = "slack"
    ) -> None:
        self._database = database
        self._seal = seal
        self._clock = now
        self._platform = platform
        self._letters = LetterStatements(embedded=database.embedded)

    def now(self) -> datetime.datetime:
        """The time by which tokens end."""
        return self._clock()

    async def find(self, tenant: str) -> Installed | None:
        """What is known of a workspace or an organization, also when the app is gone from it."""
        found = await self._database.read(lambda connection: connection.execute(FIND, self._the(tenant)))
        row = found.one_or_none()
        return self._installed(row) if row else None

    async def save(self, bot: Bot, tokens: Tokens) -> None:
        """Keep an installation, in the place of an earlier one; letters that waited since it went go on."""
        told = {
            "enterprise": bot.enterprise,
            "team": bot.team,
            "org_wide": bot.org,
            "bot_id": bot.bot_id,
            "bot_user": bot.bot_user,
            "scopes": ",".join(bot.scopes),
            "installed_at": self.now(),
            "gone_at": None,
            **NO_TOKENS,
            **self._sealed(bot.tenant, tokens),
        }
        await self._bring_back(bot.tenant, told)
        self._database.unwiped = self._database.embedded

    async def claim(self, installed: Installed, until: datetime.datetime) -> bool:
        """Whether the caller alone exchanges these tokens, until an instant; false also when they are others by now."""
        told = self._that(installed) | {"now": self.now(), "until": until}
        return bool((await self._database.write(lambda connection: connection.execute(CLAIM, told))).rowcount)

    async def renew(self, installed: Installed, tokens: Tokens) -> bool:
        """Put tokens into the place of others; false when these are not there any more, and then nothing is done."""
        return await self._change(
            installed,
            {**NO_TOKENS, **self._sealed(installed.tenant, tokens), "version": installed.version + 1},
        )

    async def fail(self, installed: Installed, why: str, until: datetime.datetime) -> None:
        """Let nobody exchange these tokens before an instant; `why` is Slack's reason, if it gave one."""
        await self._change(installed, {"busy_until": until, **({"trouble": why} if why else {})})

    async def leave(self, tenant: str, happened: datetime.datetime, version: int | None = None) -> bool:
        """Erase the tokens, and stop letters; false when the app was gone already, or has been installed since.

        With the `version` of the tokens that are good for nothing, others are left alone.
        """
        where, now = self._where(tenant), self.now()

        async def work(connection: AsyncConnection) -> bool:
            row = (await connection.execute(FIND.with_for_update(), self._the(tenant))).one_or_none()
            if row is None and self._seal:
                return False
            if row and (row.gone_at or (row.installed_at and happened < row.installed_at - SECOND)):
                return False
            if row and version is not None and row.version != version:
                return False
            if row is None:
                marker = where | {"org_wide": False, "version": 0, "gone_at": now}
                await connection.execute(insert(installation), [marker])
            else:
                gone = {**NO_TOKENS, "gone_at": now, "version": row.version + 1}
                await connection.execute(update(installation).where(_KEY).values(gone), self._the(tenant))
            await park(connection, self._letters, where, now)
            return True

        left = await self._database.write(work)
        self._database.unwiped = self._database.unwiped or (left and self._database.embedded)
        return left

    async def come_back(self, tenant: str) -> None:
        """Let letters go on where the app went, and is there again without having been installed by OAuth."""
        known = await self.find(tenant)
        if known and known.gone:
            await self._bring_back(tenant, {"gone_at": None})

    async def rest(self, tenant: str) -> bool:
        """Stop letters of a workspace whose people are served by its organization; false where there are none."""
        where, now = self._where(tenant), self.now()

        async def work(connection: AsyncConnection) -> bool:
            if not await self._is_here(connection, tenant) or await is_parked(connection, where):
                return False
            await park(connection, self._letters, where, now)
            return True

        # Mostly a workspace has no installation of its own, and then there is nothing to write.
        known = await self.find(tenant)
        return bool(known and not known.gone) and await self._database.write(work)

    async def resume(self, tenant: str) -> bool:
        """Let letters go on in a workspace that answers by its own installation again; false where they did."""
        where, now = self._where(tenant), self.now()

        async def work(connection: AsyncConnection) -> bool:
            if not await self._is_here(connection, tenant):
                return False
            await reopen(connection, where, now)
            return True

        if not await self._database.read(lambda connection: is_parked(connection, where)):
            return False
        known = await self.find(tenant)
        if known is None or known.gone:
            return False
        await self._unpark(where)
        return await self._database.write(work)

    async def issue_state(self, key: str, until: datetime.datetime) -> None:
        """Keep what an installation that begins will be known by, until an instant."""
        row = {"key": _fingerprint(key), "until": until}
        await self._database.write(lambda connection: connection.execute(insert(oauth_state), [row]))

    async def use_state(self, key: str) -> bool:
        """Whether it was kept, and is not too old; it is not from then on."""
        told = {"the_key": _fingerprint(key), "now": self.now()}
        return bool((await self._database.write(lambda connection: connection.execute(USE_STATE, told))).rowcount)

    async def tidy(self, days: int) -> int:
        """Erase what is left of workspaces that the app left so many days ago; how many people were there.

        Installations that were begun and never ended go, too.
        """
        now = self.now()
        await self._database.write(lambda connection: connection.execute(OLD_STATES, {"now": now}))
        return await erase_uninstalled(self._database, now, days)

    async def overdue(self, days: int) -> bool:
        """Whether there is something left of a workspace that the app left so many days ago."""
        return await are_overdue(self._database, self.now(), days)

    async def survey(self) -> Survey:
        """What there is, and what is wrong with it."""
        rows = (await self._database.read(lambda connection: connection.execute(select(installation)))).all()
        here = [row for row in rows if row.gone_at is None]
        found = {row.tenant: self._installed(row) for row in here}
        return Survey(
            installed=len(here),
            gone=len(rows) - len(here),
            unreadable=sum(each.tokens is None for each in found.values()),
            old_key=sum(found[row.tenant].tokens is not None and self._is_old(row) for row in here),
            troubled=tuple(sorted(tenant for tenant, each in found.items() if each.trouble)),
            scopes={tenant: each.bot.scopes for tenant, each in found.items()},
        )

    async def seal_anew(self) -> int:
        """Put every token under the first key; how many were under another one."""
        sealed = 0
        rows = (await self._database.read(lambda connection: connection.execute(select(installation)))).all()
        for row in filter(self._is_old, rows):
            installed = self._installed(row)
            if installed.tokens:
                told = self._sealed(row.tenant, installed.tokens)
                sealed += await self._change(installed, {name: told[name] for name in ("bot_token", "refresh_token")})
        return sealed

    async def _bring_back(self, tenant: str, told: dict[str, Any]) -> None:
        """Write an installation, or what changes of it; what waited goes on.

        The nudges come first: if the rest fails, they wait behind the closed gate.
        """
        where, now = self._where(tenant), self.now()

        async def work(connection: AsyncConnection) -> None:
            row = (await connection.execute(FIND.with_for_update(), self._the(tenant))).one_or_none()
            if row is None:
                await connection.execute(insert(installation), [where | {"version": 0} | told])
            else:
                new = told | {"version": row.version + 1}
                await connection.execute(update(installation).where(_KEY).values(new), self._the(tenant))
            await reopen(connection, where, now)

        await self._unpark(where)
        try:
            await self._database.write(work)
        except RefusedError:
            # Somebody else has made the row meanwhile.
            await self._database.write(work)

    async def _unpark(self, where: Where) -> None:
        async def some(connection: AsyncConnection) -> bool:
            return await unpark_some(connection, self._letters, where)

        while await self._database.write(some):
            pass

    async def _is_here(self, connection: AsyncConnection, tenant: str) -> bool:
        """Whether the app is installed there, from now on until the transaction ends."""
        row = (await connection.execute(FIND.with_for_update(), self._the(tenant))).one_or_none()
        return row is not None and row.gone_at is None

    async def _change(self, installed: Installed, values: dict[str, Any]) -> bool:
        statement, told = update(installation).where(_THIS).values(values), self._that(installed)
        return bool((await self._database.write(lambda connection: connection.execute(statement, told))).rowcount)

    def _installed(self, row: Row[Any]) -> Installed:
        scopes = tuple(filter(None, (row.scopes or "").split(",")))
        team = row.team or ("" if row.enterprise else row.tenant)
        bot = Bot(row.enterprise or "", team, row.org_wide, row.bot_id or "", row.bot_user or "", scopes)
        return Installed(bot, self._tokens(row), row.version, row.gone_at is not None, row.trouble or "")

    def _tokens(self, row: Row[Any]) -> Tokens | None:
        if self._seal is None or row.bot_token is None:
            return None
        try:
            token = self._seal.open(row.tenant, row.bot_token)
            refresh = self._seal.open(row.tenant, row.refresh_token) if row.refresh_token else ""
        except UnreadableError:
            return None
        return Tokens(token, refresh, row.expires_at)

    def _sealed(self, tenant: str, tokens: Tokens) -> dict[str, Any]:
        assert self._seal
        refresh = self._seal.close(tenant, tokens.refresh) if tokens.refresh else None
        return {
            "bot_token": self._seal.close(tenant, tokens.token),
            "refresh_token": refresh,
            "expires_at": tokens.expires,
        }

    def _is_old(self, row: Row[Any]) -> bool:
        return bool(self._seal and row.bot_token and self._seal.is_old(row.bot_token))

    def _where(self, tenant: str) -> Where:
        return {"platform": self._platform, "tenant": tenant}

    def _the(self, tenant: str) -> dict[str, Any]:
        return {f"the_{name}": value for name, value in self._where(tenant).items()}

    def _that(self, installed: Installed) -> dict[str, Any]:
        return self._the(installed.tenant) | {"the_version": installed.version}


def _fingerprint(key: str) -> str:
    """So that who reads the database cannot end an installation of somebody else."""
    return hashlib.sha256(key.encode()).hexdigest()
