"""The page, and what it asks of the playground: what to show, and to do what a person does."""

from __future__ import annotations

import datetime
import ipaddress
import mimetypes
from collections.abc import Awaitable, Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import aiohttp
from aiohttp import web
from yarl import URL

from bot.playground import cast, slack_side, teams_side
from bot.playground.clock import MovableClock
from bot.playground.colleagues import AGREED, NOBODY_ASKED, answer_invitations
from bot.playground.far import FarSide
from bot.playground.showing import show, show_wire
from bot.playground.slack_person import SlackPerson
from bot.playground.teams_person import TeamsPerson
from bot.playground.travel import next_nudge, travel
from handlers.ports import Platform, Rooms
from scheduler.letters import Post as Letters

Json = dict[str, Any]
Deed = Callable[[cast.Someone, Json], Awaitable[Json]]

BUILT: Final = Path(__file__).with_name("built")
WAIT_SECONDS: Final = 1.5
"""How long the page waits for news at once; so often its clock goes on, and so long it holds up the end."""

HEADERS: Final = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
}

REFUSED: Final = "That is not there any more ({why})."


class PagePlug:
    """The page's side of the server. It stands beside the platforms' plugs, and reaches the bot as they are reached."""

    name = "playground"
    platform: Platform | None = None
    rooms: Rooms | None = None

    def __init__(self, far: FarSide, clock: MovableClock, letters: Letters, *, secret: str, bot: str) -> None:
        self._far = far
        self._clock = clock
        self._letters = letters
        self._bot = bot
        self._http: aiohttp.ClientSession | None = None
        self._slack = SlackPerson(far.slack, far.wire, secret)
        self._teams = TeamsPerson(far.teams, far.wire, clock)
        self._deeds: Mapping[str, Deed] = {
            "slack.say": self._slack_say,
            "slack.tab": self._slack_tab,
            "slack.press": self._slack_press,
            "slack.press_home": self._slack_press_home,
            "slack.press_window": self._slack_press_window,
            "slack.submit": self._slack_submit,
            "slack.close": self._slack_close,
            "slack.save": self._slack_save,
            "slack.start": self._slack_start,
            "colleagues": self._colleagues_answer,
            "teams.open": self._teams_open,
            "teams.say": self._teams_say,
            "teams.press": self._teams_press,
            "teams.consent": self._teams_consent,
            "teams.search": self._teams_search,
            "teams.insert": self._teams_insert,
            "teams.rate": self._teams_rate,
            "clock": self._move_clock,
            "clock.nudge": self._to_next_nudge,
        }

    def routes(self) -> Iterable[web.RouteDef]:
        """The page, its files, and its two questions."""
        return (
            web.get("/", _guarded(self._on_page)),
            web.get("/playground/page/{name}", _guarded(self._on_asset)),
            web.get("/playground/state", _guarded(self._on_state)),
            web.get("/playground/files/{platform}/{key}", _guarded(self._on_file)),
            web.post("/playground/do", _guarded(self._on_do)),
        )

    async def start(self, *, receiving: bool = True) -> None:  # noqa: ARG002
        """Open the session with which people reach the bot."""
        self._http = self._slack.http = self._teams.http = aiohttp.ClientSession()
        self._slack.bot = self._teams.bot = self._bot

    async def stop(self) -> None:
        """Close it."""
        if self._http:
            await self._http.close()

    async def _on_page(self, _: web.Request) -> web.Response:
        return _asset("index.html")

    async def _on_asset(self, request: web.Request) -> web.Response:
        return _asset(request.match_info["name"])

    async def _on_state(self, request: web.Request) -> web.Response:
        query = request.query
        someone = cast.PEOPLE.get(query.get("person", ""))
        if someone is None:
            raise web.HTTPNotFound
        await self._far.wire.changed(int(query.get("version", "-1")), WAIT_SECONDS)
        shown = show(someone, self._far.slack, self._far.teams, self._far.wire, self._clock())
        due = await next_nudge(self._letters)
        shown["clock"]["nudge"] = due.astimezone(someone.clock).isoformat() if due else None
        return web.json_response(shown | {"wire": show_wire(self._far.wire, int(query.get("after", "0")))})

    async def _on_file(self, request: web.Request) -> web.Response:
        files: Mapping[str, slack_side.Upload | teams_side.Stored] = (
            self._far.slack.files if request.match_info["platform"] == "slack" else self._far.teams.files
        )
        file = files.get(request.match_info["key"])
        if file is None or file.content is None:
            raise web.HTTPNotFound
        named = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(file.name)}"}
        return web.Response(body=file.content, headers=named, content_type="application/octet-stream")

    async def _on_do(self, request: web.Request) -> web.Response:
        # A page elsewhere can send no JSON here without being asked first, which this server does not answer.
        if request.content_type != "application/json":
            raise web.HTTPUnsupportedMediaType
        try:
            body = await request.json()
            someone, deed = cast.PEOPLE[body["person"]], self._deeds[body["do"]]
            if body["do"].startswith("slack.") and not someone.slack:
                raise KeyError("slack")
            answer = await deed(someone, body)
        except (slack_side.Refusal, teams_side.Refusal) as refusal:
            answer = {"notice": REFUSED.format(why=refusal)}
        except (AttributeError, KeyError, RecursionError, TypeError, ValueError) as error:
            raise web.HTTPBadRequest(text=type(error).__name__) from error
        return web.json_response(answer)

    async def _slack_say(self, someone: cast.Someone, body: Json) -> Json:
        return _notice(await self._slack.say(someone, body["room"], body["text"].strip(), body.get("thread") or ""))

    async def _slack_tab(self, someone: cast.Someone, body: Json) -> Json:
        return _notice(await self._slack.open_home(someone, body["tab"]))

    async def _slack_press(self, someone: cast.Someone, body: Json) -> Json:
        return _notice(await self._slack.press(someone, body["room"], body["id"], body["action"], body["state"]))

    async def _slack_press_home(self, someone: cast.Someone, body: Json) -> Json:
        return _notice(await self._slack.press_home(someone, body["action"], body["state"]))

    async def _slack_press_window(self, someone: cast.Someone, body: Json) -> Json:
        return _notice(await self._slack.press_window(someone, body["id"], body["action"], body["state"]))

    async def _slack_submit(self, someone: cast.Someone, body: Json) -> Json:
        notice, errors = await self._slack.submit(someone, body["id"], body["state"])
        return _notice(notice) | ({"errors": errors} if errors else {})

    async def _slack_close(self, someone: cast.Someone, body: Json) -> Json:
        return _notice(await self._slack.close(someone, body["id"]))

    async def _slack_save(self, someone: cast.Someone, body: Json) -> Json:
        return _notice(await self._slack.save(someone, body["room"], body["id"]))

    async def _slack_start(self, someone: cast.Someone, _: Json) -> Json:
        return _notice(await self._slack.start(someone))

    async def _colleagues_answer(self, _: cast.Someone, __: Json) -> Json:
        answered = await answer_invitations(self._slack, self._far.slack)
        return _notice(AGREED.format(count=answered) if answered else NOBODY_ASKED)

    async def _teams_open(self, someone: cast.Someone, _: Json) -> Json:
        return _notice(await self._teams.install(someone))

    async def _teams_say(self, someone: cast.Someone, body: Json) -> Json:
        return _notice(await self._teams.say(someone, body["room"], body["text"].strip(), body.get("thread") or ""))

    async def _teams_press(self, someone: cast.Someone, body: Json) -> Json:
        return _notice(await self._teams.press(someone, body["room"], body["id"], body["action"]))

    async def _teams_consent(self, someone: cast.Someone, body: Json) -> Json:
        accept = body["accept"] is True
        return _notice(await self._teams.consent(someone, body["room"], body["id"], accept=accept))

    async def _teams_search(self, someone: cast.Someone, body: Json) -> Json:
        words = body.get("words")
        return await self._teams.search(someone, body["room"], words if isinstance(words, str) else None)

    async def _teams_insert(self, someone: cast.Someone, body: Json) -> Json:
        await self._teams.insert(someone, body["room"], dict(body["card"]), body.get("thread") or "")
        return {}

    async def _teams_rate(self, someone: cast.Someone, body: Json) -> Json:
        return _notice(await self._teams.rate(someone, body["room"], body["id"], body["reaction"]))

    async def _move_clock(self, someone: cast.Someone, body: Json) -> Json:
        """To a local time such as 2026-12-07T09:00 on the person's clock."""
        to = datetime.datetime.fromisoformat(body["to"])
        to = to if to.tzinfo else to.replace(tzinfo=someone.clock)
        return await self._travel(to)

    async def _to_next_nudge(self, _: cast.Someone, __: Json) -> Json:
        due = await next_nudge(self._letters)
        if due is None:
            return {"notice": "Nobody waits for a nudge: write “Remind me on Mondays at 9” first."}
        return await self._travel(max(due, self._clock()))

    async def _travel(self, to: datetime.datetime) -> Json:
        stops = await travel(self._clock, self._letters, to)
        await self._far.wire.tell()
        return {"stops": stops}


def _guarded(handler: Callable[[web.Request], Awaitable[web.Response]]) -> Callable[..., Awaitable[web.Response]]:
    """Answer only what this machine's own page asks: a page elsewhere may lead a browser here under another name."""

    async def guarded(request: web.Request) -> web.Response:
        host, origin = request.headers.get("Host", ""), request.headers.get("Origin")
        if not _is_loopback(host) or (origin is not None and origin != f"http://{host}"):
            raise web.HTTPForbidden
        answer = await handler(request)
        answer.headers.update(HEADERS)
        return answer

    return guarded


def _is_loopback(host: str) -> bool:
    try:
        name = URL(f"http://{host}").host or ""
        return name == "localhost" or ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def _asset(name: str) -> web.Response:
    path = BUILT / name
    if path.parent != BUILT or not path.is_file():
        raise web.HTTPNotFound
    kind = mimetypes.guess_type(name)[0] or "text/plain"
    return web.Response(body=path.read_bytes(), content_type=kind, charset="utf-8")


def _notice(line: str) -> Json:
    return {"notice": line} if line else {}
