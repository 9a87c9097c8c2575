"""No log holds what people write, nor a secret: in good times, in bad times, and when nonsense arrives."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiohttp import web

from bot.store.memory import MemoryStore
from handlers.answer import answer
from handlers.errors import Unavailable
from handlers.ports import Desk, Store
from handlers.records import Known
from tests import slack, teams
from tests.dialog import Dialog, read_folder
from tests.door import desk_over
from tests.talk import Talk

MARK = "wombat"
LOGGED = {"event", "log_level", "reference", "error", "at", "why"}
"""What an event about a failed answer may tell."""


class Quoting(MemoryStore):
    """A store that fails with an error that quotes all it was told."""

    def __init__(self, kind: type[Exception], *, reads: bool) -> None:
        super().__init__()
        self._kind, self._reads = kind, reads

    async def recall(self, *told: Any) -> Known | None:
        """Fails, or knows nobody."""
        if not self._reads:
            raise self._kind(*self._quoted(told))
        return None

    async def record(self, *told: Any) -> None:
        """Fails."""
        raise self._kind(*self._quoted(told))

    def _quoted(self, told: Any) -> tuple[str, ...]:
        # The port says that nobody's words stand in Unavailable; a bug may say anything.
        return ("the database cannot be reached",) if self._kind is Unavailable else (repr(told),)


def stores() -> Iterator[Store]:
    """A store that works, and those that fail."""
    yield MemoryStore()
    for kind in (Unavailable, ValueError):
        yield from (Quoting(kind, reads=reads) for reads in (True, False))


@contextmanager
def logged(caplog: pytest.LogCaptureFixture) -> Iterator[list[MutableMapping[str, Any]]]:
    """The events of our log, and what libraries say beside it, as events too."""
    caplog.set_level(logging.INFO)
    with structlog.testing.capture_logs() as events:
        yield events
        events.extend({"event": "library", "said": record.getMessage()} for record in caplog.records)


@pytest.mark.parametrize("dialog", [pytest.param(one, id=name) for name, one in read_folder().items()])
async def test_dialogs(dialog: Dialog, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is said in a conversation, and however the store fails, nothing of it stands in a log."""
    said = [turn["says"] for turn in dialog["turns"] if len(turn.get("says", "")) > 3]
    for store in stores():
        talk = Talk(lang=dialog.get("lang"), framework=dialog.get("framework", "shipped"))
        talk.desk = replace(talk.desk, store=store)
        with logged(caplog) as events:
            for words in said:
                await talk.says(words)
                await talk.says(f"{words} {MARK}")
        assert all(set(event) <= LOGGED for event in events)
        assert not [words for words in (*said, MARK) if words in str(events)]
        assert bool(events) == (isinstance(store, Quoting) and bool(said))


def marked(payload: Any, carried: str) -> Any:
    """A payload with a mark in everything that a person writes, and with this in everything that a button carries."""
    if isinstance(payload, list):
        return [marked(one, carried) for one in payload]
    if not isinstance(payload, dict):
        return payload
    fresh: dict[str, Any] = {}
    for name, one in payload.items():
        if name == "text" and isinstance(one, str):
            fresh[name] = f"{MARK} {one}"
        elif name in ("value", "private_metadata") and isinstance(one, str):
            fresh[name] = carried
        elif name == "rung":
            fresh[name] = {"intent": json.loads(carried)} if carried.endswith("}") else carried
        else:
            fresh[name] = marked(one, carried)
    return fresh


ASK = {"kind": "evidence", "text": f"{MARK}s rolled out", "link": f"https://example.com/{MARK}", "words": MARK}
VALUES = (
    json.dumps(ASK),
    json.dumps({"ask": ASK, "to": {"channel": MARK}}),
    json.dumps({"ask": {"kind": MARK}, MARK: MARK}),
    f"{{{MARK}",
)
"""Intents as buttons carry them, and what is none."""


def payloads(folder: Path) -> Iterator[tuple[str, Any]]:
    """Every recorded payload, marked in each way."""
    for path in sorted(folder.glob("*.json")):
        if "schema" not in path.name:
            yield from ((path.stem, marked(json.loads(path.read_text()), value)) for value in VALUES)


def desks() -> Iterator[Desk]:
    """The shipped content over each store."""
    yield from map(desk_over, stores())


def fails(events: list[MutableMapping[str, Any]]) -> bool:
    """Whether an answer failed, by the log."""
    return any(event["event"] in ("store_unavailable", "answer_failed") for event in events)


async def test_slack(caplog: pytest.LogCaptureFixture) -> None:
    """What arrives from Slack, well formed or not, answered or not, is not logged."""
    for desk in desks():
        with logged(caplog) as events:
            async with slack.running(partial(answer, desk=desk)) as there:
                for number, (_, body) in enumerate(payloads(slack.DATA)):
                    if number % 7 == 0:
                        there.failures = [web.json_response({"ok": False, "error": f"no {MARK}s, please"})]
                    status, _ = await there.send(body)
                    assert status in (200, 400, 500), status
                await there.send_raw(f"{{{MARK}".encode(), {"Content-Type": "application/json"})
        assert fails(events) == isinstance(desk.store, Quoting)
        assert MARK not in str(events).lower()
        assert slack.SECRET not in str(events)
        assert "xoxb-test" not in str(events)


async def test_teams(caplog: pytest.LogCaptureFixture) -> None:
    """What arrives from Teams, well formed or not, answered or not, is not logged."""
    for desk in desks():
        with logged(caplog) as events:
            async with teams.stand_in() as far, teams.plugged(partial(answer, desk=desk)) as client:
                for number, (_, activity) in enumerate(payloads(teams.DATA)):
                    if number % 7 == 0:
                        far.script = [(403, {}, json.dumps({"error": {"code": f"no {MARK}s, please"}}))]
                    async with client.post("/api/messages", json=activity | {"serviceUrl": far.url}) as reply:
                        assert reply.status < 600
                async with client.post("/api/messages", data=f"{{{MARK}") as reply:
                    assert reply.status == 400
        assert fails(events) == isinstance(desk.store, Quoting)
        assert MARK not in str(events).lower()
