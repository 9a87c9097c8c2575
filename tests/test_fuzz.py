"""Nonsense at both endpoints: no request ends in an error of ours, hangs, or shows in a log what it said.

A few thousand requests; `FUZZ=50000 python -m pytest tests/test_fuzz.py --hypothesis-profile=explore` makes so many of
each kind, others in every run.
"""

from __future__ import annotations

import asyncio
import copy
import json
import os
import urllib.parse
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from typing import Any

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import make_answer, make_desk
from tests import slack, teams
from tests.slack import INTERACTIONS

EXAMPLES = int(os.environ.get("FUZZ", "500"))
HANG_SECONDS = 10.0
MARK = "wombat"
"""Stands in every text that is made up, and must not stand in a log."""

often = settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))

SLACK = sorted(path.stem for path in slack.DATA.glob("*.json"))
TEAMS = sorted(path.stem for path in teams.DATA.glob("*.json") if "schema" not in path.name)

odd_text = st.one_of(
    st.sampled_from(
        [
            "",
            " ",
            "\0",
            "\ud800",
            "\u202e",
            "<@U1>",
            "<!channel>",
            "https://[::1",
            "../../etc/passwd",
            "=1+1",
            "NaN",
            "1e999",
        ]
    ),
    st.sampled_from(["senior mle", "stop", "forget me", "skip a week", "remind me on Mondays at 9", "done", "yes"]),
    st.text(max_size=40),
    st.integers(1, 5_000).map(lambda size: "x" * size),
)
marked = odd_text.map(lambda text: f"{MARK} {text}" if len(text) % 2 else text)
scalar = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    marked,
)
value = st.recursive(
    scalar,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.dictionaries(st.one_of(st.sampled_from(["id", "type", "text", "kind", "intent", "value"]), marked), inner),
    ),
    max_leaves=8,
) | st.integers(1, 400).map(lambda depth: json.loads("[" * depth + "]" * depth))

edit = st.tuples(st.integers(0, 10_000), st.sampled_from(["replace", "replace", "remove", "add", "retype"]), value)


def places(node: Any) -> Iterator[tuple[Any, Any]]:
    """Every place in a payload: what holds it, and under which key."""
    pairs = node.items() if isinstance(node, dict) else enumerate(node) if isinstance(node, list) else ()
    for key, inner in list(pairs):
        yield node, key
        yield from places(inner)


def changed(payload: Any, edits: list[tuple[int, str, Any]]) -> Any:
    """A payload with some places other than they should be."""
    payload = copy.deepcopy(payload)
    for number, how, new in edits:
        found = list(places(payload))
        if not found:
            break
        holder, key = found[number % len(found)]
        match how:
            case "replace":
                holder[key] = new
            case "remove":
                del holder[key]
            case "add" if isinstance(holder, dict):
                holder[f"{key}_"] = new
            case "retype":
                holder[key] = [holder[key]] if number % 2 else {"id": holder[key]}
    return payload


@contextmanager
def quiet() -> Iterator[None]:
    """Nothing of what was sent stands in the log of the block, and nothing of ours breaks in it."""
    with structlog.testing.capture_logs() as events:
        yield
    assert MARK not in repr(events)
    broken = [event for event in events if event["event"] in ("answer_failed", "teams_failed")]
    assert not broken
    assert not [event for event in events if event.get("error") in ("KeyError", "TypeError", "AttributeError")]


class Loop:
    """A loop that goes on from example to example, with what is open in it."""

    def __init__(self, opening: Callable[[], Any]) -> None:
        self._runner = asyncio.Runner()
        self._stack = AsyncExitStack()
        self.far = self._runner.run(self._stack.enter_async_context(opening()))

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """The result of some work. TimeoutError when it hangs."""
        return self._runner.run(asyncio.wait_for(work, HANG_SECONDS))

    def close(self) -> None:
        """Close what is open."""
        self._runner.run(self._stack.aclose())
        self._runner.close()


@pytest.fixture(scope="module")
def at_slack() -> Iterator[Loop]:
    """The whole bot behind Slack's endpoint."""
    loop = Loop(lambda: slack.running(make_answer(make_desk())))
    yield loop
    loop.close()


@asynccontextmanager
async def _at_teams() -> AsyncIterator[tuple[Any, teams.StandIn]]:
    async with teams.stand_in() as connector, teams.plugged(make_answer(make_desk()), patience=0) as client:
        yield client, connector


@pytest.fixture(scope="module")
def at_teams() -> Iterator[Loop]:
    """The whole bot behind Teams' endpoint."""
    loop = Loop(_at_teams)
    yield loop
    loop.close()


def in_form(body: Any) -> tuple[bytes, str]:
    """A payload as Slack encodes its kind."""
    if isinstance(body, dict) and ("command" in body or body.get("type") in INTERACTIONS):
        form = body if "command" in body else {"payload": json.dumps(body)}
        return urllib.parse.urlencode(form, errors="replace").encode(), "application/x-www-form-urlencoded"
    return json.dumps(body).encode(), "application/json"


async def to_slack(far: slack.Slack, data: bytes, kind: str) -> tuple[int, Any]:
    """What Slack's endpoint says to signed bytes."""
    return await far.send_raw(data, {"Content-Type": kind, **slack.signed(data)})


def told(status: int, body: Any) -> None:
    """An answer is one that was meant."""
    assert status < 500, body
    assert "Traceback" not in str(body)


@often
@given(name=st.sampled_from(SLACK), edits=st.lists(edit, min_size=1, max_size=4))
def test_slack_payloads(at_slack: Loop, name: str, edits: list[tuple[int, str, Any]]) -> None:
    """A signed payload that is nearly one of Slack's is answered or refused."""
    base = slack.payload(name)
    if "response_url" in base:
        base["response_url"] = f"{at_slack.far.url}/response"
    data, kind = in_form(changed(base, edits))
    with quiet():
        told(*at_slack.run(to_slack(at_slack.far, data, kind)))


@often
@given(data=st.binary(max_size=300) | value.map(lambda one: json.dumps(one).encode()), form=st.booleans())
def test_slack_bytes(at_slack: Loop, data: bytes, form: bool) -> None:
    """Signed bytes of any kind are refused."""
    kind = "application/x-www-form-urlencoded" if form else "application/json"
    with quiet():
        told(*at_slack.run(to_slack(at_slack.far, data, kind)))


@often
@given(
    headers=st.dictionaries(
        st.sampled_from(["X-Slack-Signature", "X-Slack-Request-Timestamp"]),
        st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=40),
    ),
    data=st.binary(max_size=60),
)
def test_slack_strangers(at_slack: Loop, headers: dict[str, str], data: bytes) -> None:
    """Whoever cannot sign gets 401, whatever they send."""
    with quiet():
        assert at_slack.run(at_slack.far.send_raw(data, headers))[0] == 401


@often
@given(name=st.sampled_from(TEAMS), edits=st.lists(edit, min_size=1, max_size=4))
def test_teams_activities(at_teams: Loop, name: str, edits: list[tuple[int, str, Any]]) -> None:
    """What is nearly an activity is answered or refused."""
    client, connector = at_teams.far
    body = changed(teams.payload(name, serviceUrl=connector.url), edits)

    async def post() -> tuple[int, str]:
        headers = {"Content-Type": "application/json"}
        async with client.post("/api/messages", data=json.dumps(body).encode(), headers=headers) as answer:
            return answer.status, await answer.text()

    with quiet():
        told(*at_teams.run(post()))


@often
@given(
    data=st.binary(max_size=300) | value.map(lambda one: json.dumps(one).encode()),
    headers=st.dictionaries(
        st.sampled_from(["Authorization", "Content-Type", "X-Forwarded-For", "Content-Encoding"]),
        st.sampled_from(["application/json", "Bearer x", "Bearer a.b.c", "gzip", "text/plain", "1.2.3.4", ";", "a/b"]),
    ),
)
def test_teams_bytes(at_teams: Loop, data: bytes, headers: dict[str, str]) -> None:
    """Bytes and headers of any kind are refused."""
    client, _ = at_teams.far

    async def post() -> tuple[int, str]:
        async with client.post("/api/messages", data=data, headers=headers) as answer:
            return answer.status, await answer.text()

    with quiet():
        told(*at_teams.run(post()))
