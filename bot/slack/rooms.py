"""People, user groups and channels of a workspace, and what the coach posts where several read."""

from __future__ import annotations

import itertools
import re
from collections.abc import AsyncIterator, Awaitable, Collection, Mapping, Sequence
from typing import Any, Final, TypeVar

import structlog

from bot.recent import Recent
from bot.slack import limits
from bot.slack.client import Client
from bot.slack.failures import LATER_SECONDS, REFUSED_SECONDS, NotAllowed
from bot.slack.mark import metadata
from bot.slack.payload import as_dict, as_string
from bot.slack.render import Message, render
from bot.slack.sending import Json, Refused
from handlers.errors import Barred, Gone, InDoubt, TryLater
from handlers.ports import Colleague, Room
from handlers.records import Address
from handlers.reply import Reply
from handlers.turn import Person

GROUPS: Final = 100
GROUP_SECONDS: Final = 5 * 60
"""How long the people of a group of managers are known: Slack tells a group's people some twenty times a minute."""

COLLEAGUES: Final = 1000
COLLEAGUE_SECONDS: Final = 60
"""How long somebody is known: whoever invites thousands is named in each question."""

SLACKBOT: Final = "USLACKBOT"

NOT_FOUND: Final = frozenset(
    {
        "channel_not_found",
        "message_not_found",
        "no_such_subteam",
        "plan_upgrade_required",
        "subteam_not_found",
        "user_not_found",
        "user_not_visible",
    }
)
"""There is no such thing, or not for the app: of a private channel that it is not in, Slack says so, too."""

_USER = re.compile(r"[UW][A-Z0-9]{2,40}")
_GROUP = re.compile(r"S[A-Z0-9]{2,40}")
# No direct conversation: what is posted in rooms is for several.
_CHANNEL = re.compile(r"[CG][A-Z0-9]{2,40}")

Given = TypeVar("Given")

log = structlog.get_logger()


class SlackRooms:
    """Slack as `handlers.ports.Rooms`. An asker's address tells the workspace, where a token is good for several."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._groups = Recent[tuple[str, str], frozenset[str]](GROUPS, GROUP_SECONDS)
        self._colleagues = Recent[tuple[str, str], Colleague](COLLEAGUES, COLLEAGUE_SECONDS)

    def address(self, asker_address: Address | None, user: str) -> Address:
        """Their id; the conversation is opened when it is needed."""
        return {"user": user} | _workspace(asker_address, "team")

    async def who(self, asker: Person, address: Address | None, user: str, room: str = "") -> Colleague | None:  # noqa: ARG002
        """What their user object says."""
        self._check(asker)
        if known := self._colleagues.get((asker.tenant, user)):
            return known
        if not _USER.fullmatch(user):
            return None
        try:
            found = await _or_barred(self._client.of(asker.tenant).look_up("users.info", {"user": user}))
        except Barred as barred:
            if barred.why != "not-found":
                raise
            return None
        colleague = _colleague(as_dict(found.get("user")), user, asker.tenant)
        self._colleagues.put((asker.tenant, user), colleague)
        return colleague

    async def members(
        self,
        asker: Person,
        address: Address | None,
        *,
        group: str = "",
        channel: str = "",
    ) -> AsyncIterator[Sequence[str]]:
        """The people of a user group, or of a channel; Slack tells ids alone, so only the coach is left out."""
        self._check(asker)
        if not (_GROUP.fullmatch(group) or (not group and _CHANNEL.fullmatch(channel))):
            raise Barred("not-found")
        calls = self._client.of(asker.tenant)
        bot = (await calls.who()).bot_user
        if group:
            asked: Json = {"usergroup": group} | _workspace(address, "team_id")
            found = await _or_barred(calls.look_up("usergroups.users.list", asked))
            users = iter(_people(found.get("users"), bot))
            while page := list(itertools.islice(users, limits.MEMBERS)):
                yield page
            return
        cursor = ""
        for _ in range(limits.MEMBERS_PAGES):
            asked = {"channel": channel, "limit": limits.MEMBERS} | ({"cursor": cursor} if cursor else {})
            found = await _or_barred(calls.look_up("conversations.members", asked))
            if people := _people(found.get("members"), bot):
                yield people
            cursor = as_string(as_dict(found.get("response_metadata")).get("next_cursor"))
            if not cursor:
                return

    async def room(self, asker: Person, address: Address | None, channel: str) -> Room | None:
        """What Slack says of a channel; a private one is known to its people alone."""
        self._check(asker)
        if not _CHANNEL.fullmatch(channel):
            return None
        try:
            found = await _or_barred(self._client.of(asker.tenant).look_up("conversations.info", {"channel": channel}))
            about = as_dict(found.get("channel"))
            if (about.get("is_private") or about.get("is_mpim")) and not await self._is_in(asker, address, channel):
                return None
        except Barred as barred:
            if barred.why != "not-found":
                raise
            return None
        return Room(
            channel,
            as_string(about.get("name")),
            archived=about.get("is_archived") is True,
            inside=about.get("is_member") is True or about.get("is_mpim") is True,
            ours=not (about.get("is_ext_shared") or about.get("is_pending_ext_shared")),
        )

    async def post(self, asker: Person, address: Address | None, channel: str, reply: Reply, mark: str) -> str:  # noqa: ARG002
        """Post a reply. Its first message has the mark and decides; the others go into its thread."""
        self._check(asker)
        if not _CHANNEL.fullmatch(channel):
            raise Barred("not-found")
        first, *more = render(reply)
        quiet: Json = {"channel": channel, "unfurl_links": False, "unfurl_media": False}
        answer = await _or_barred(self._post(asker, "chat.postMessage", first, quiet | {"metadata": metadata(mark)}))
        ts = as_string(answer.get("ts"))
        for message in more if ts else ():
            try:
                await self._post(asker, "chat.postMessage", message, quiet | {"thread_ts": ts})
            except (TryLater, Gone, InDoubt, Refused) as error:
                log.warning("slack_message_cut_short", mark=mark, error=type(error).__name__)
                break
        return ts

    async def replace(self, asker: Person, address: Address | None, channel: str, ref: str, reply: Reply) -> None:  # noqa: ARG002
        """Put a reply's first message in the place of what was posted."""
        self._check(asker)
        try:
            await _or_barred(self._post(asker, "chat.update", render(reply)[0], {"channel": channel, "ts": ref}))
        except InDoubt as error:
            # The same once more does no harm.
            raise TryLater(LATER_SECONDS) from error

    async def manages(self, person: Person, address: Address | None, managers: Collection[Person]) -> bool:
        """Whether the person is in a user group of their workspace that is among the managers."""
        groups = {each.user for each in managers if (each.platform, each.tenant) == (person.platform, person.tenant)}
        for group in sorted(filter(_GROUP.fullmatch, groups)):
            people = self._groups.get((person.tenant, group))
            if people is None:
                pages = self.members(person, address, group=group)
                people = frozenset([user async for page in pages for user in page])
                self._groups.put((person.tenant, group), people)
            if person.user in people:
                return True
        return False

    def _check(self, asker: Person) -> None:
        """Somebody else's token tells nothing of the asker's workspace."""
        if not self._client.grants.serves(asker.tenant):
            log.error("slack_token_of_another_workspace", tenant=asker.tenant)
            raise TryLater(REFUSED_SECONDS)

    async def _is_in(self, asker: Person, address: Address | None, channel: str) -> bool:
        async for page in self.members(asker, address, channel=channel):
            if asker.user in page:
                return True
        return False

    async def _post(self, asker: Person, method: str, message: Message, more: Json) -> Mapping[str, Any]:
        body = {"text": message.text, "blocks": list(message.blocks), **more}
        return await self._client.of(asker.tenant).once(method, body)


def _people(users: object, bot: str) -> list[str]:
    left_out = (SLACKBOT, bot)
    return [user for user in users if as_string(user) not in ("", *left_out)] if isinstance(users, list) else []


def _workspace(address: Address | None, name: str) -> Json:
    """The workspace of an address under the name that it has elsewhere, where the token is one for several."""
    team = as_string((address or {}).get("team"))
    return {name: team} if team else {}


async def _or_barred(work: Awaitable[Given]) -> Given:
    """What some work gives. Barred for what a channel or the app's scopes stand in the way of."""
    try:
        return await work
    except (Gone, NotAllowed, Refused) as error:
        barred = _barred(error)
        if barred is error:
            raise
        raise barred from error


def _barred(error: Gone | NotAllowed | Refused) -> Exception:
    """What a refusal means for one who asked. The app's own trouble in the whole workspace stays what it is."""
    match error.why if isinstance(error, NotAllowed) else str(error):
        case "is_archived":
            return Barred("archived")
        case "not_in_channel":
            return Barred("not-in-channel")
        case "missing_scope":
            return Barred("no-scope", error.missing if isinstance(error, NotAllowed) else "")
        case why if why in NOT_FOUND:
            return Barred("not-found")
        case "fetch_members_failed":
            return TryLater(LATER_SECONDS)
        case why if isinstance(error, NotAllowed) and why not in ("no_permission", "restricted_action"):
            return error
        case why:
            log.warning("slack_bars_the_room", error=why)
            return Barred("refused")


def _colleague(found: Mapping[str, Any], user: str, tenant: str) -> Colleague:
    profile, grid = as_dict(found.get("profile")), as_dict(found.get("enterprise_user"))
    names = (profile.get("display_name"), found.get("real_name"), profile.get("real_name"), found.get("name"))
    teams = grid.get("teams") if isinstance(grid.get("teams"), list) else ()
    homes = (as_string(found.get("team_id")), as_string(grid.get("enterprise_id")), *map(as_string, teams or ()))
    return Colleague(
        user,
        next(filter(None, map(as_string, names)), ""),
        guest=found.get("is_restricted") is True or found.get("is_ultra_restricted") is True,
        active=found.get("deleted") is not True,
        person=not (found.get("is_bot") is True or found.get("is_workflow_bot") is True or user == SLACKBOT),
        ours=found.get("is_stranger") is not True and (tenant in homes or not any(homes)),
    )
