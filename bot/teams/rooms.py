"""People, teams and channels of a tenant, and what the coach posts where several read."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Collection, Sequence
from dataclasses import replace
from typing import Final, TypeVar

import structlog

from bot.recent import Recent
from bot.teams import limits
from bot.teams.client import Address, Blocked, Client, Failed, Gone, Json, NotTaken, TooBig
from bot.teams.connector import Connector
from bot.teams.render import render
from bot.teams.unasked import LATER_SECONDS, REFUSED_SECONDS, outcome, read_address
from content.texts import Texts
from handlers import records
from handlers.errors import Barred, InDoubt, TryLater
from handlers.ports import Colleague, Room
from handlers.reply import Note, Reply
from handlers.turn import Person

OUTSIDE: Final = "BotNotInConversationRoster"
"""The code of a 403 where the app is not installed."""

IDS: Final = 20_000
COLLEAGUES: Final = 1000
COLLEAGUE_SECONDS: Final = 60
"""How long somebody is known: whoever invites thousands is named in each question."""

Given = TypeVar("Given")

log = structlog.get_logger()


class TeamsRooms:
    """Teams as `handlers.ports.Rooms`. `client` repeats what is put off, for looking up; `once` makes each call once.

    A group is a team, by the id that an activity of one of its channels has; Teams tells a bot nothing of other groups.
    """

    def __init__(self, client: Client, once: Client, connector: Connector, texts: Texts) -> None:
        self._client = client
        self._once = once
        self._connector = connector
        self._texts = texts
        self._colleagues = Recent[tuple[str, str, str], Colleague](COLLEAGUES, COLLEAGUE_SECONDS)
        self._ids = Recent[tuple[str, str], str](IDS)

    def address(self, asker_address: records.Address | None, user: str) -> records.Address:
        """The asker's way with another user at its end; their chat is opened when it is needed."""
        ways = ("service_url", "tenant_id", "bot_id")
        return {name: asker_address[name] for name in ways if asker_address and name in asker_address} | {"user": user}

    async def who(self, asker: Person, address: records.Address | None, user: str, room: str = "") -> Colleague | None:
        """Who it is in the room, or else in their own chat with the coach, which is opened without a word for it."""
        to = self._way(asker, address)
        if not user or user.startswith("28:"):
            return Colleague(user, person=False) if user else None
        key = (asker.tenant, user, room)
        # Whether somebody is in a room at all is asked each time.
        if not room and (known := self._colleagues.get(key)):
            return known
        try:
            if not room:
                chat = await _looked_up(self._client.open_personal(to, self._id(to, user)))
            else:
                chat = replace(to, conversation_id=_room(room))
            found = await _looked_up(self._client.member(chat, self._id(to, user)))
        except Barred as barred:
            if room and barred.why != "not-found":
                raise
            return None
        colleague = self._colleague(found, to, user)
        self._colleagues.put(key, colleague)
        return colleague

    async def members(
        self, asker: Person, address: records.Address | None, *, group: str = "", channel: str = ""
    ) -> AsyncIterator[Sequence[str]]:
        """The people of a team, or of a channel or chat, but guests and those of other tenants."""
        to = replace(self._way(asker, address), conversation_id=_room(group or channel))
        token = None
        for _ in range(limits.MEMBERS_PAGES):
            found, token = await _looked_up(self._client.members(to, token))
            everybody = [self._colleague(each, to) for each in found]
            people = [each.user for each in everybody if each.user and each.person and each.ours and not each.guest]
            if people:
                yield people
            if token is None:
                return

    async def room(self, asker: Person, address: records.Address | None, channel: str) -> Room | None:
        """A channel or chat that the asker is in; a bot is told neither its name nor whether it is archived."""
        try:
            found = await self.who(asker, address, asker.user, _room(channel))
        except Barred as barred:
            if barred.why == "not-in-channel":
                return Room(_room(channel), inside=False)
            if barred.why != "not-found":
                raise
            return None
        return Room(_room(channel)) if found else None

    async def post(self, asker: Person, address: records.Address | None, channel: str, reply: Reply, mark: str) -> str:
        """Post a reply as a new conversation of a channel, or into a chat."""
        to = replace(self._way(asker, address), conversation_id=_room(channel))
        message = await self._message(to, reply)
        log.info("teams_posts", mark=mark)
        return await _or_barred(self._once.send(to, message))

    async def replace(
        self, asker: Person, address: records.Address | None, channel: str, ref: str, reply: Reply
    ) -> None:
        """Put another card in the place of what was posted, in whatever conversation."""
        to = replace(self._way(asker, address), conversation_id=channel)
        try:
            await _or_barred(self._once.update(to, ref, await self._message(to, reply)))
        except InDoubt as error:
            # The same once more does no harm.
            raise TryLater(LATER_SECONDS) from error

    async def manages(self, person: Person, address: records.Address | None, managers: Collection[Person]) -> bool:
        """Whether the person is in a team of their tenant that is among the managers."""
        teams = {each.user for each in managers if (each.platform, each.tenant) == (person.platform, person.tenant)}
        for team in sorted(each for each in teams if each.startswith("19:")):
            found = await self.who(person, address, person.user, team)
            if found and not found.guest:
                return True
        return False

    def _way(self, asker: Person, address: records.Address | None) -> Address:
        """The way to the asker's tenant, without a conversation."""
        if not self._connector.serves(asker.tenant):
            log.error("teams_tenant_not_served", tenant=asker.tenant)
            raise TryLater(REFUSED_SECONDS)
        to = read_address(address, self._connector)
        self._ids.put((to.tenant_id, asker.user), to.user)
        return Address(to.service_url, "", "channel", to.tenant_id, to.bot_id)

    def _id(self, to: Address, user: str) -> str:
        """Somebody's Teams id where it was seen, which everything takes that speaks for Teams."""
        return self._ids.get((to.tenant_id, user)) or user

    def _colleague(self, found: Json, to: Address, user: str = "") -> Colleague:
        colleague = _colleague(found, to.tenant_id, user)
        if id_ := _said(found, "id"):
            self._ids.put((to.tenant_id, colleague.user), id_)
        return colleague

    async def _message(self, to: Address, reply: Reply) -> Json:
        """A reply for everybody; its buttons are nobody's own, so that no answer takes the post's place."""
        names: dict[str, str] = {}
        for by in {block.by for block in reply.blocks if isinstance(block, Note) and block.by}:
            try:
                names[by] = _said(await self._client.member(to, self._id(to, by)), "name")
            except (NotTaken, Gone, Blocked, Failed) as error:
                log.info("teams_poster_not_named", error=type(error).__name__)
        return render(reply, self._texts.voice(reply.lang), names=names) | {
            "from": {"id": to.bot_id},
            "conversation": {
                "id": to.conversation_id,
                "isGroup": _is_room(to.conversation_id),
                "tenantId": to.tenant_id,
            },
            "channelData": {"tenant": {"id": to.tenant_id}},
        }


def _room(channel: str) -> str:
    """The channel without a thread, or the chat. Barred for what is no room, such as somebody's personal chat."""
    room = channel.partition(";")[0]
    if not _is_room(room):
        raise Barred("not-found")
    return room


def _is_room(conversation: str) -> bool:
    """Whether several read a conversation."""
    return conversation.startswith("19:")


async def _or_barred(work: Awaitable[Given]) -> Given:
    """What a call gives. Barred for what a room or the app's rights stand in the way of; TryLater, InDoubt."""
    try:
        return await work
    except Gone as error:
        raise Barred("not-found") from error
    except Blocked as error:
        if error.code == OUTSIDE:
            raise Barred("not-in-channel") from error
        raise _meaning(error) from error
    except (NotTaken, Failed, TooBig) as error:
        raise _meaning(error) from error


async def _looked_up(work: Awaitable[Given]) -> Given:
    """The same of a call that changes nothing, and of which no doubt can be left."""
    try:
        return await _or_barred(work)
    except InDoubt as error:
        raise TryLater(LATER_SECONDS) from error


def _meaning(error: NotTaken | Blocked | Failed | TooBig) -> Exception:
    meaning = error if isinstance(error, TooBig) else outcome(error)
    if isinstance(meaning, TryLater | InDoubt):
        return meaning
    log.warning("teams_bars_the_room", why=str(error))
    return Barred("refused")


def _colleague(found: Json, tenant: str, user: str = "") -> Colleague:
    """Somebody as Teams lists them; of a guest the name of the account tells, too."""
    id_, own = _said(found, "id"), _said(found, "tenantId").lower()
    return Colleague(
        _said(found, "aadObjectId") or _said(found, "objectId") or id_ or user,
        _said(found, "name"),
        guest=_said(found, "userRole") in ("guest", "anonymous")
        or "#ext#" in _said(found, "userPrincipalName").lower(),
        person=not id_.startswith("28:"),
        ours=own in ("", tenant),
    )


def _said(found: Json, field: str) -> str:
    value = found.get(field)
    return value if isinstance(value, str) else ""
