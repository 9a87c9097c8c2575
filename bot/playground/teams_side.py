"""Teams as the bot sees it: the Bot Connector, over what stands in the rooms, and a place for files."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from typing import Any, Final

from aiohttp import web

from bot.playground import cast
from bot.playground.clock import MovableClock
from bot.playground.wire import Wire

Json = dict[str, Any]

BOT_ACCOUNT: Final = "28:rung"
THREAD: Final = ";messageid="
MESSAGE_BYTES: Final = 100 * 1024
FILE_BYTES: Final = 4 * 1024 * 1024


class Refusal(Exception):  # noqa: N818 - the connector calls it an error, too
    """What the connector answers with: a status and Microsoft's code for it."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status


@dataclass
class Post:
    """A message in a room; `only_for` is the one person who sees it, `thread` the message that it answers.

    `told` is a line about a card, which Teams shows under it to the one who pressed it. With `thumbs` it can be rated;
    `rated` is who pressed which.
    """

    id: str
    sender: str
    text: str = ""
    attachments: list[Json] = field(default_factory=list)
    thread: str = ""
    only_for: str = ""
    edited: bool = False
    told: dict[str, str] = field(default_factory=dict)
    thumbs: bool = False
    rated: dict[str, str] = field(default_factory=dict)


@dataclass
class Stored:
    """A file in somebody's OneDrive, once it has its content."""

    name: str
    owner: cast.Someone
    content: bytes | None = None


class TeamsSide:
    """The stand-in of the Bot Connector. `url` is where it is served; set it before it is used."""

    def __init__(self, now: MovableClock, wire: Wire) -> None:
        self._now = now
        self._wire = wire
        self._numbers = itertools.count(1)
        self._last = 0
        self.url = ""
        self.rooms: dict[str, list[Post]] = {room: [] for room in cast.TEAMS_ROOMS}
        self.files: dict[str, Stored] = {}

    @property
    def service_url(self) -> str:
        """What activities name as the way back."""
        return f"{self.url}/teams/"

    def routes(self) -> list[web.RouteDef]:
        """The routes that the bot calls."""
        here = "/teams/v3/conversations"
        return [
            web.post(here, self._on_open),
            web.post(f"{here}/{{room}}/activities", self._on_send),
            web.post(f"{here}/{{room}}/activities/{{id}}", self._on_send),
            web.put(f"{here}/{{room}}/activities/{{id}}", self._on_update),
            web.delete(f"{here}/{{room}}/activities/{{id}}", self._on_delete),
            web.get(f"{here}/{{room}}/pagedmembers", self._on_members),
            web.get(f"{here}/{{room}}/members/{{id}}", self._on_member),
            web.put("/teams/upload/{key}", self._on_upload),
        ]

    def stamp(self) -> str:
        """The id of an activity of now, later than every other."""
        self._last = max(self._last + 1, int(self._now().timestamp() * 1000))
        return str(self._last)

    def number(self) -> int:
        """A number that was not used before."""
        return next(self._numbers)

    def find(self, room: str, key: str) -> Post:
        """A message. Refusal when it is not there."""
        for post in self.rooms.get(room, ()):
            if post.id == key:
                return post
        raise Refusal(404, "ActivityNotFoundInConversation")

    def session(self, name: str, owner: cast.Someone) -> Json:
        """A place for a file, as Teams describes it once a person agreed."""
        key = f"file{self.number():04}"
        self.files[key] = Stored(name, owner)
        return {
            "contentUrl": f"{self.url}/teams/files/{key}",
            "uploadUrl": f"{self.url}/teams/upload/{key}",
            "name": name,
            "uniqueId": key,
            "fileType": name.rpartition(".")[2],
        }

    async def _on_open(self, request: web.Request) -> web.Response:
        body = await request.json()
        members = [cast.by_teams(str(member.get("id"))) for member in body.get("members") or ()]
        someone = members[0] if len(members) == 1 else None
        if someone is None or body.get("tenantId") != someone.company.tenant:
            return await self._answer("create conversation", body, 403, _error("BotNotInConversationRoster"))
        return await self._answer("create conversation", body, 201, {"id": someone.chat})

    async def _on_send(self, request: web.Request) -> web.Response:
        body = await request.json()
        targeted = request.query.get("isTargetedActivity") == "true"
        try:
            room, thread = self._room(request)
            reply_to = request.match_info.get("id", "")
            only_for = str((body.get("recipient") or {}).get("id") or "") if targeted else ""
            if targeted and cast.by_teams(only_for) is None:
                raise Refusal(400, "BadArgument")
            # In a channel an answer stands under what it answers, whether the conversation names that or not.
            within = thread or (reply_to if self._is_channel(room) and not targeted else "")
            post = Post(self.stamp(), BOT_ACCOUNT, thread=within, only_for=only_for)
            self._fill(post, body)
            self.rooms[room].append(post)
        except Refusal as refusal:
            return await self._answer("send", body, refusal.status, _error(str(refusal)))
        return await self._answer("send to one person" if targeted else "send", body, 201, {"id": post.id})

    async def _on_update(self, request: web.Request) -> web.Response:
        body = await request.json()
        try:
            post = self._own(request)
            self._fill(post, body)
            post.edited = True
        except Refusal as refusal:
            return await self._answer("update", body, refusal.status, _error(str(refusal)))
        return await self._answer("update", body, 200, {"id": post.id})

    async def _on_delete(self, request: web.Request) -> web.Response:
        try:
            post = self._own(request)
            self.rooms[self._room(request)[0]].remove(post)
        except Refusal as refusal:
            return await self._answer("delete", None, refusal.status, _error(str(refusal)))
        return await self._answer("delete", {"id": post.id}, 200, {})

    async def _on_members(self, request: web.Request) -> web.Response:
        try:
            room = cast.TEAMS_ROOMS[self._room(request)[0]]
        except Refusal as refusal:
            return await self._answer("members", None, refusal.status, _error(str(refusal)))
        members = [_member(one) for one in cast.PEOPLE.values() if room.shows(one)]
        return await self._answer("members", {"room": room.name}, 200, {"members": members})

    async def _on_member(self, request: web.Request) -> web.Response:
        someone = cast.by_teams(request.match_info["id"])
        try:
            room = cast.TEAMS_ROOMS[self._room(request)[0]]
            if someone is None or not room.shows(someone):
                raise Refusal(404, "MemberNotFoundInConversation")
        except Refusal as refusal:
            return await self._answer("member", request.match_info["id"], refusal.status, _error(str(refusal)))
        return await self._answer("member", request.match_info["id"], 200, _member(someone))

    async def _on_upload(self, request: web.Request) -> web.Response:
        stored = self.files.get(request.match_info["key"])
        content = await request.read()
        if stored is None or len(content) > FILE_BYTES:
            return web.Response(status=404)
        stored.content = content
        return await self._answer("upload", f"{len(content)} bytes of {request.content_type}", 201, {})

    def _room(self, request: web.Request) -> tuple[str, str]:
        """The room of a conversation, and the thread that it names. Refusal."""
        room, _, thread = request.match_info["room"].partition(THREAD)
        if room not in self.rooms:
            raise Refusal(404, "ConversationNotFound")
        return room, thread

    def _own(self, request: web.Request) -> Post:
        post = self.find(self._room(request)[0], request.match_info["id"])
        if post.sender != BOT_ACCOUNT:
            raise Refusal(403, "Forbidden")
        return post

    def _fill(self, post: Post, body: Json) -> None:
        if len(str(body).encode("utf-16-le")) > MESSAGE_BYTES * 2:
            raise Refusal(413, "MessageSizeTooBig")
        text, attachments = str(body.get("text") or ""), list(body.get("attachments") or [])
        if not (text or attachments):
            raise Refusal(400, "BadSyntax")
        post.text, post.attachments = text, attachments
        post.thumbs = bool((body.get("channelData") or {}).get("feedbackLoop"))
        post.told.clear()

    def _is_channel(self, room: str) -> bool:
        return cast.TEAMS_ROOMS[room].person is None

    async def _answer(self, name: str, request: Any, status: int, answer: Json) -> web.Response:
        await self._wire.keep("teams", "platform", name, request, status, answer)
        return web.json_response(answer, status=status)


def _member(someone: cast.Someone) -> Json:
    return {
        "id": someone.teams,
        "name": someone.name,
        "aadObjectId": someone.directory,
        "tenantId": someone.company.tenant,
        "userRole": "user",
    }


def _error(code: str) -> Json:
    return {"error": {"code": code, "message": "The playground does not take that."}}
