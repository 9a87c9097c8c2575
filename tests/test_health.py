"""What watches over a process gets to know: readiness, figures, one line a turn and traces, and of nobody anything."""

from __future__ import annotations

import contextlib
import datetime
import subprocess
import sys
import urllib.request
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
import structlog
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from bot import metrics
from bot.app import make_answer, make_desk, make_health
from bot.health import CLOCK_LATE_SECONDS, Health
from bot.server import make_app
from bot.store.lags import Lags
from bot.store.letters import SqlPost
from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from bot.traces import tracing
from bot.watched import watched
from handlers.errors import Unavailable
from handlers.intent import FindCells
from handlers.reply import Reply, Text
from handlers.turn import Person, Place, Turn
from scheduler.letters import State, Workspace
from tests.crowd import gather_crowd
from tests.ports import free_port
from tests.slack import payload
from tests.slack import running as slack_running
from tests.test_process import fetch, running

NOW = datetime.datetime(2026, 11, 23, 9, tzinfo=datetime.UTC)


class NoPost:
    """Letters of which there are some."""

    async def counts(self, since: datetime.datetime) -> dict[tuple[Workspace, State], int]:
        """Two workspaces of one platform."""
        return {(Workspace("slack", "T1"), State.SENT): 3, (Workspace("slack", "T2"), State.SENT): 4}


@contextlib.asynccontextmanager
async def asked_of(lags: Lags | Unavailable, *, keeps_clock: bool = True) -> AsyncIterator[TestClient[Any, Any]]:
    """A process in this state, to be asked."""

    async def look() -> Lags:
        if isinstance(lags, Unavailable):
            raise lags
        return lags

    health = Health(make_desk(MemoryStore(), lambda: NOW, listening=False), NoPost(), look, keeps_clock)  # type: ignore[arg-type]
    async with TestClient(TestServer(make_app((), health.routes()))) as client:
        yield client


@pytest.mark.parametrize(
    ("lags", "keeps_clock", "status", "said"),
    [
        (Lags(0, 0), True, 200, {"database": "ok", "clock": "ok", "clock_lag_seconds": 0}),
        (Lags(CLOCK_LATE_SECONDS + 1, 0), True, 503, {"database": "ok", "clock": "late"}),
        (Lags(CLOCK_LATE_SECONDS + 1, 0), False, 200, {"database": "ok", "clock": "late"}),
        (Unavailable("away"), False, 503, {"database": "away", "clock": "unknown"}),
    ],
)
async def test_readiness(lags: Lags | Unavailable, keeps_clock: bool, status: int, said: dict[str, object]) -> None:
    """Without a database nobody is ready; a clock that stands still is told by all, and counts against its keeper."""
    async with asked_of(lags, keeps_clock=keeps_clock) as client, client.get("/readyz") as answer:
        assert answer.status == status
        told = await answer.json()
    assert said.items() <= told.items()
    assert told["content"]


@pytest.mark.parametrize("path", ["/readyz", "/metrics"])
@pytest.mark.parametrize("header", ["X-Forwarded-For", "Forwarded", "Via"])
async def test_nobody_reads_it_through_a_proxy(path: str, header: str) -> None:
    """What a proxy passes on does not find these pages, whatever it says of where it comes from."""
    async with asked_of(Lags(0, 0)) as client, client.get(path, headers={header: "192.0.2.1"}) as answer:
        assert answer.status == 404


async def test_figures() -> None:
    """The figures come as Prometheus reads them: letters of all workspaces by state, and lags."""
    async with asked_of(Lags(12, 34)) as client, client.get("/metrics") as answer:
        assert answer.headers["Content-Type"].startswith("text/plain; version=")
        lines = (await answer.text()).splitlines()
    assert 'rung_letters{platform="slack",state="sent"} 7.0' in lines
    assert {"rung_clock_lag_seconds 12.0", "rung_letter_lag_seconds 34.0", "rung_database_up 1.0"} <= set(lines)


async def test_figures_while_the_database_is_away() -> None:
    """The figures of the process are told all the same."""
    async with asked_of(Unavailable("away")) as client, client.get("/metrics") as answer:
        assert answer.status == 200
        assert "rung_database_up 0.0" in await answer.text()


async def test_lags_of_the_database(sql_store: SqlStore) -> None:
    """Whoever waits longest counts: for a letter to be written, and among letters that could be sent."""
    desk = make_desk(sql_store, lambda: NOW, listening=False)
    health = make_health(desk, SqlPost(sql_store.database), keeps_clock=True)
    assert await health.lags() == (0, 0)
    people = [(Person("slack", "T1", f"U{number}"), NOW - datetime.timedelta(minutes=number)) for number in range(1, 8)]
    await gather_crowd(sql_store, people)
    assert await health.lags() == (420, 0)
    post = SqlPost(sql_store.database)
    await post.plan(NOW, 100)
    clock, letters = await health.lags()
    assert clock == 0
    assert letters >= 0
    later = make_health(
        make_desk(sql_store, lambda: NOW + datetime.timedelta(hours=1), listening=False), post, keeps_clock=True
    )
    assert (await later.lags()).letters == pytest.approx(letters + 3600)


async def test_calls_that_are_put_off_are_counted() -> None:
    """A platform that asks to be called later is counted, and so is every call."""

    async def answer(_: Turn) -> Reply:
        return Reply((Text("An answer."),), lang="en")

    off, calls = 'rung_rate_limited_total{by="platform",platform="slack"}', 'rung_calls_total{platform="slack"'
    before = metrics.expose().decode()
    async with slack_running(answer) as slack:
        slack.failures.append(web.Response(status=429, headers={"Retry-After": "0"}))
        await slack.send(payload("message_im"))
        await slack.called("chat.postMessage", 2)
    after = metrics.expose().decode()
    assert count(after, off) == count(before, off) + 1
    assert count(after, f'{calls},status="4xx"}}') == count(before, f'{calls},status="4xx"}}') + 1
    assert count(after, f'{calls},status="2xx"}}') > count(before, f'{calls},status="2xx"}}')


async def test_a_turn_is_told_by_its_kind() -> None:
    """A turn leaves one line and one count: platform, kind, outcome and time; not the person, and not their words."""
    before = metrics.expose().decode()
    turn = Turn(Person("slack", "T1", "U-wombat"), Place("D-wombat"), words="senior mle wombat")
    with structlog.testing.capture_logs() as events:
        await make_answer(make_desk())(turn)
    (line,) = (event for event in events if event["event"] == "turn")
    assert line.pop("ms") > 0
    assert line == {
        "event": "turn",
        "log_level": "info",
        "platform": "slack",
        "tenant": "T1",
        "intent": "expect",
        "outcome": "answered",
        "how": "chat",
    }
    name = 'rung_turns_total{intent="expect",outcome="answered",platform="slack"}'
    assert count(metrics.expose().decode(), name) == count(before, name) + 1
    assert "wombat" not in metrics.expose().decode()


async def test_a_search_that_went_well_is_counted_and_no_line() -> None:
    """What is asked with every letter that is typed leaves a figure, and a line in the log only where it failed."""

    async def fail(_: Turn) -> Reply:
        return Reply((Text("Sorry."),), failed=True)

    turn = Turn(Person("teams", "T1", "U1"), Place("D1"), intent=FindCells(words="tens"))
    name = 'rung_turns_total{intent="find",outcome="answered",platform="teams"}'
    before = count(metrics.expose().decode(), name)
    with structlog.testing.capture_logs() as events:
        await make_answer(make_desk())(turn)
        assert not [event for event in events if event["event"] == "turn"]
        await watched(fail)(turn)
    assert [event["outcome"] for event in events if event["event"] == "turn"] == ["failed"]
    assert count(metrics.expose().decode(), name) == before + 1


async def test_failures_are_counted() -> None:
    """A reply that is an apology counts as failed."""

    async def fail(_: Turn) -> Reply:
        return Reply((Text("Sorry."),), failed=True)

    name = 'rung_turns_total{intent="words",outcome="failed",platform="teams"}'
    before = count(metrics.expose().decode(), name)
    await watched(fail)(Turn(Person("teams", "T1", "U1"), Place("D1"), words="x"))
    assert count(metrics.expose().decode(), name) == before + 1


def count(figures: str, name: str) -> float:
    """A figure by its name and labels, 0 when there is none yet."""
    return next((float(line.rpartition(" ")[2]) for line in figures.splitlines() if line.startswith(name)), 0.0)


class Collector(BaseHTTPRequestHandler):
    """Takes traces and keeps them."""

    taken: list[bytes]

    def do_POST(self) -> None:
        """One batch."""
        self.taken.append(self.rfile.read(int(self.headers["Content-Length"])))
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A collector of traces on the loopback, and what it got."""
    taken: list[bytes] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Taking", (Collector,), {"taken": taken}))
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", taken
    server.shutdown()
    server.server_close()
    thread.join()


async def test_traces_where_an_endpoint_is_set(collector: tuple[str, list[bytes]]) -> None:
    """A turn is a span at the endpoint, with its kind and without the person; without an endpoint there is none."""
    endpoint, taken = collector
    door = make_answer(make_desk())
    turn = Turn(Person("slack", "T1", "U-wombat"), Place("D-wombat"), words="senior mle")
    with tracing(None):
        await door(turn)
    assert not taken
    with tracing(endpoint):
        await door(turn)
    assert len(taken) == 1
    assert b"expect" in taken[0]
    assert b"wombat" not in taken[0]


def test_without_an_endpoint_the_library_is_not_loaded() -> None:
    """A process that sends no traces does not spend memory on it."""
    script = "import sys, bot.app, bot.slack.inbound, bot.teams.inbound; sys.exit('opentelemetry.sdk' in sys.modules)"
    subprocess.run([sys.executable, "-c", script], check=True, timeout=60)


def test_the_worker_tells_on_a_port_of_its_own() -> None:
    """With WORKER_PORT a worker says that it is alive and ready, and its figures; it answers nobody else."""
    port = free_port()
    with running("worker", WORKER_PORT=str(port), RUNG_DEV="1"):
        address = f"http://127.0.0.1:{port}"
        assert fetch(f"{address}/healthz") == 200
        assert fetch(f"{address}/readyz") == 200
        with urllib.request.urlopen(f"{address}/metrics", timeout=5) as answer:
            assert b"rung_clock_lag_seconds 0.0" in answer.read()
        assert fetch(f"{address}/api/messages", b"{}") == 404
