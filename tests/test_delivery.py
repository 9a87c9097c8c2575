"""Letters under way: nothing is lost, nothing doubled, nobody hurried, whatever happens."""

from __future__ import annotations

import asyncio
import datetime
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from handlers.errors import Unavailable
from handlers.intent import ReceiveInvite
from handlers.lateness import Quiet
from handlers.reply import Reply, Text
from handlers.rhythm import Rhythm
from handlers.turn import Person, Turn
from handlers.zones import zone
from scheduler.delivery import DOUBT_SECONDS, Delivery
from scheduler.letters import OPEN, Letter, State, Workspace
from scheduler.pace import Pace
from scheduler.rounds import Rounds
from scheduler.sending import OFTEN, Terms
from tests.post import MemoryPost
from tests.stub_platform import DOUBTFUL, Act, StubPlatform
from tests.virtual import START, Time, run

TERMS = Terms(late=datetime.timedelta(hours=12), quiet=Quiet(20 * 60, 7 * 60))
RHYTHM = Rhythm(0, 9 * 60, "Europe/Berlin", START.date())
ACME, BETA = Workspace("stub", "acme"), Workspace("stub", "beta")
LIMIT = 5.0
TICK = 2.0


def letters(workspace: Workspace, count: int, due: datetime.datetime = START) -> list[Letter]:
    """So many people of a workspace, each with a letter."""
    people = (Person(workspace.platform, workspace.tenant, f"U{number}") for number in range(count))
    return [Letter(person, due.date(), "nudge", due, rhythm=RHYTHM) for person in people]


async def say_hello(turn: Turn) -> Reply | None:
    """A door that has something to say to everybody but "silent"."""
    return None if turn.person.user == "silent" else Reply((Text("hello"),))


@dataclass
class Process:
    """A process that goes its rounds; several may share a post and a platform."""

    post: Any
    platform: StubPlatform
    time: Time = field(default_factory=Time)
    terms: Terms = TERMS
    limit: float = LIMIT
    deliver: Any = say_hello

    def __post_init__(self) -> None:
        pace = Pace({"stub": self.limit}, self.time.watch)
        platforms = {"stub": self.platform}
        self.delivery = Delivery(self.post, platforms, self.deliver, self.terms, self.time.watch, pace)
        self.rounds = Rounds(self.delivery)
        self._task = asyncio.create_task(self._live())

    async def _live(self) -> None:
        while True:
            await self.rounds.go()
            await asyncio.sleep(TICK)

    async def kill(self) -> None:
        """End at once and write nothing down."""
        self.post = None
        drains = (*self.rounds._drains.values(), self._task)
        for task in drains:
            task.cancel()
        await asyncio.gather(*drains, return_exceptions=True)


async def until_settled(post: MemoryPost, hours: float = 13) -> None:
    """Wait until no letter is open."""
    async with asyncio.timeout(hours * 3600):
        while any(row.state in OPEN for row in post.rows.values()):  # noqa: ASYNC110 - that it is polled is the point
            await asyncio.sleep(1)


def states(post: MemoryPost) -> Counter[State]:
    """How many letters are in each state."""
    return Counter(row.state for row in post.rows.values())


@pytest.mark.parametrize(
    ("act", "then", "taken"),
    [
        ("take", State.SENT, 1),
        ("busy", State.SENT, 1),
        ("refuse", State.SENT, 1),
        ("cut", State.SENT, 1),
        ("cut-before", State.SENT, 1),
        ("late", State.SENT, 1),
        ("hang", State.SENT, 1),
        ("slow", State.SENT, 1),
        ("broken", State.SENT, 1),
        ("gone", State.GONE, 0),
        ("never", State.REFUSED, 0),
    ],
)
def test_whatever_the_platform_does_a_letter_arrives_once(act: Act, then: State, taken: int):
    """After any failure of the first try the letter is there once; only who has gone, or is refused, gets none."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 1))
        platform = StubPlatform(lambda mark, nth: "take" if nth else act)
        Process(post, platform)
        await until_settled(post)
        (row,) = post.rows.values()
        assert row.state is then
        assert sum(map(len, platform.taken.values())) == taken
        assert row.ref == (f"ref-{row.letter.mark}" if taken else None)

    run(work)


def test_what_is_in_doubt_is_looked_up_after_a_wait_and_not_sent_again():
    """A cut line leads to one look-up, and that only when no call can be under way any more."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 1))
        platform = StubPlatform(lambda mark, nth: "cut")
        Process(post, platform)
        await until_settled(post)
        assert asyncio.get_running_loop().time() >= DOUBT_SECONDS
        assert list(platform.found.values()) == [1]
        assert len(platform.asked) == 1

    run(work)


@pytest.mark.parametrize(("rather_twice", "then", "taken"), [(False, State.LOST, 1), (True, State.SENT, 2)])
def test_where_nobody_can_look_the_policy_decides(rather_twice: bool, then: State, taken: int):
    """A platform that cannot tell leaves a letter lost or sends it again, as the operator wants."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 1))
        platform = StubPlatform(lambda mark, nth: "take" if nth else "cut", can_find=False)
        Process(post, platform, terms=replace(TERMS, rather_twice=rather_twice))
        await until_settled(post)
        assert states(post) == {then: 1}
        assert sum(map(len, platform.taken.values())) == taken

    run(work)


def test_rather_twice_is_not_all_day():
    """A letter that stays in doubt however often it is sent, and arrives each time, comes a few times at most."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 1))
        platform = StubPlatform(lambda mark, nth: "cut", can_find=False)
        Process(post, platform, terms=replace(TERMS, rather_twice=True))
        await until_settled(post)
        assert states(post) == {State.LOST: 1}
        assert 2 <= sum(map(len, platform.taken.values())) <= OFTEN + 1

    run(work)


def test_a_pause_for_one_workspace_holds_up_no_other():
    """While one workspace has to wait nothing more goes there, and the other goes on at its own pace."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 40) + letters(BETA, 40))
        busy = {letter.mark for letter in letters(ACME, 40)[3:4]}
        platform = StubPlatform(lambda mark, nth: "busy" if mark in busy and nth == 0 else "take", pause=120.0)
        Process(post, platform)
        await until_settled(post)
        assert states(post) == {State.SENT: 80}
        (paused,) = platform.paused
        until = paused[1] + datetime.timedelta(seconds=120)
        assert not [at for where, at in platform.asked if where == ACME and paused[1] < at < until]
        assert max(at for where, at in platform.asked if where == BETA) < START + datetime.timedelta(seconds=15)

    run(work)


def test_a_big_workspace_takes_as_long_as_its_limit_and_no_second_has_more():
    """Two thousand letters of one workspace go evenly, at the limit's own pace, and settle."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 2_000))
        platform = StubPlatform(latency=0.3)
        Process(post, platform)
        await until_settled(post)
        assert states(post) == {State.SENT: 2_000}
        assert platform.most_in_a_second(ACME) <= LIMIT
        took = max(at for _, at in platform.asked) - START
        assert took <= 1.05 * datetime.timedelta(seconds=2_000 / LIMIT)

    run(work)


def test_only_what_is_sent_now_is_claimed():
    """A process that is killed leaves no more in doubt than goes out in two seconds."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 500))
        platform = StubPlatform()
        process = Process(post, platform)
        await asyncio.sleep(20.05)
        await process.kill()
        assert 0 < states(post)[State.SENDING] <= 2 * LIMIT
        Process(post, platform)
        await until_settled(post)
        assert states(post) == {State.SENT: 500}
        assert {len(times) for times in platform.taken.values()} == {1}

    run(work)


@pytest.mark.parametrize("limit", [5.0, 30.0, 50.0, 200.0])
@pytest.mark.parametrize("answering", [0.005, 0.2])
def test_what_nobody_can_look_up_does_not_wait_with_a_claim(limit: float, answering: float):
    """Where nothing can be looked up a kill puts hardly a letter in doubt that never went out, at the same pace."""

    async def answer(turn: Turn) -> Reply | None:
        await asyncio.sleep(answering)
        return await say_hello(turn)

    async def work() -> None:
        post = MemoryPost(letters(ACME, round(15 * limit)))
        platform = StubPlatform(latency=0.3, can_find=False)
        process = Process(post, platform, limit=limit, deliver=answer)
        for _ in range(49):
            await asyncio.sleep(0.203)
            claimed = sum(row.tries for row in post.rows.values())
            # What passes in a moment and a half, and what is being answered.
            assert claimed - len(platform.asked) <= 1 + limit * (0.075 + answering)
        assert len(platform.asked) >= 0.95 * limit * asyncio.get_running_loop().time() - limit * answering - 1
        await process.kill()
        Process(post, platform, limit=limit, deliver=answer)
        with structlog.testing.capture_logs() as logs:
            await until_settled(post)
        assert platform.most_in_a_second(ACME) <= limit
        assert set(states(post)) == {State.SENT, State.LOST}
        assert [entry["count"] for entry in logs if entry["event"] == "letters_lost"] == [states(post)[State.LOST]]

    run(work)


@pytest.mark.parametrize("user", ["silent", "away"])
def test_nothing_to_say_is_silence(user: str):
    """Where the door has nothing to say, or the person is on vacation, nothing is sent."""

    async def work() -> None:
        (letter,) = letters(ACME, 1)
        post = MemoryPost([replace(letter, person=Person("stub", "acme", user))])
        platform = StubPlatform()
        Process(post, platform)
        await until_settled(post)
        assert states(post) == {State.SILENT: 1}
        assert not platform.asked

    run(work)


def test_too_late_is_a_state_and_no_message():
    """A letter that could not go for half a day is not sent any more, and the one that still may is."""

    async def work() -> None:
        old = letters(ACME, 1, START - datetime.timedelta(hours=12, minutes=1))
        fair = letters(BETA, 1, START - datetime.timedelta(hours=3))
        post = MemoryPost(old + fair)
        platform = StubPlatform()
        Process(post, platform)
        await until_settled(post)
        assert [row.state for row in post.rows.values()] == [State.LATE, State.SENT]
        assert {where for where, _ in platform.asked} == {BETA}

    run(work)


def test_a_late_letter_waits_for_the_end_of_quiet_hours():
    """What comes late into somebody's night goes in the morning."""

    async def work() -> None:
        time = Time()
        time.set_by = datetime.timedelta(hours=12)  # 20:00 UTC, 21:00 in Berlin
        due = START + datetime.timedelta(hours=10, minutes=30)
        post = MemoryPost(letters(ACME, 1, due))
        platform = StubPlatform()
        Process(post, platform, time, terms=replace(TERMS, late=datetime.timedelta(hours=16)))
        await until_settled(post)
        assert states(post) == {State.SENT: 1}
        sent = platform.asked[0][1] + time.set_by
        assert sent.astimezone(zone(RHYTHM.zone)).hour == 7

    run(work)


def test_a_question_goes_at_any_hour():
    """A letter that is no nudge asks what it holds, in quiet hours and on vacation too; without what it asks, or too
    late, it is not sent."""

    async def work() -> None:
        time = Time()
        time.set_by = datetime.timedelta(hours=12)  # 20:00 UTC
        asked = []

        async def door(turn: Turn) -> Reply | None:
            asked.append((turn.person.user, turn.intent))
            return Reply((Text("hello"),))

        now = START + time.set_by
        intent = ReceiveInvite(team="0123456789ab", by="U1")
        one = Letter(Person("stub", "acme", "away"), now.date(), "invite:0123456789ab", now, intent=intent)
        unreadable = replace(one, person=Person("stub", "acme", "U2"), intent=None)
        late = replace(one, person=Person("stub", "acme", "U3"), due=now - datetime.timedelta(hours=13))
        post = MemoryPost([one, unreadable, late])
        Process(post, StubPlatform(), time, deliver=door)
        await until_settled(post)
        assert asked == [("away", intent)]
        ends = {row.letter.person.user: row.state for row in post.rows.values()}
        assert ends == {"away": State.SENT, "U2": State.SILENT, "U3": State.LATE}

    run(work)


def test_a_letter_knows_the_way_to_its_person():
    """What is answered to a letter knows where the person is written to, and the language that the platform reports."""

    async def work() -> None:
        turns = []

        async def door(turn: Turn) -> Reply | None:
            turns.append(turn)
            return None

        (letter,) = letters(ACME, 1)
        addressed = replace(letter, person=replace(letter.person, user="german"), address={"channel": "D1"})
        post = MemoryPost([letter, addressed])
        Process(post, StubPlatform(), deliver=door)
        await until_settled(post)
        told = {turn.person.user: (turn.address, turn.lang) for turn in turns}
        assert told == {"U0": (None, None), "german": ({"channel": "D1"}, "de-DE")}

    run(work)


def test_the_letter_that_says_it_pauses_still_goes():
    """A rhythm that is paused by now does not make a letter late: the door knows whether there is something to say."""

    async def work() -> None:
        (letter,) = letters(ACME, 1)
        post = MemoryPost([replace(letter, rhythm=replace(RHYTHM, paused=True))])
        Process(post, StubPlatform())
        await until_settled(post)
        assert states(post) == {State.SENT: 1}

    run(work)


def test_two_processes_that_race_keep_to_the_pace_and_double_nothing():
    """Two processes over one database take a workspace from each other now and then; nobody notices."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 1_200))
        platform = StubPlatform()
        Process(post, platform)
        await asyncio.sleep(10.02)
        Process(post, platform)
        await until_settled(post)
        assert states(post) == {State.SENT: 1_200}
        assert {len(times) for times in platform.taken.values()} == {1}
        assert platform.most_in_a_second(ACME) <= LIMIT
        assert post.epochs[ACME] > 1
        took = max(at for _, at in platform.asked) - START
        assert took <= 1.3 * datetime.timedelta(seconds=1_200 / LIMIT)

    run(work)


def test_stopping_finishes_what_is_under_way():
    """A process that is told to stop leaves nothing in doubt, and starts nothing more."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 300))
        platform = StubPlatform(latency=0.8)
        process = Process(post, platform)
        await asyncio.sleep(10.02)
        await process.rounds.stop(5)
        asked = len(platform.asked)
        assert set(states(post)) == {State.SENT, State.READY}
        assert states(post)[State.SENT] == asked == len(platform.taken)
        await asyncio.sleep(10)
        assert len(platform.asked) == asked

    run(work)


def test_a_drain_that_is_handed_over_sends_what_it_has_claimed():
    """A drain that makes room for others leaves nothing in doubt, and what it has not begun as it was."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 300))
        platform = StubPlatform(lambda mark, nth: "cut" if mark < "2" else "take", latency=0.8)
        process = Process(post, platform)
        await asyncio.sleep(10.02)
        process._task.cancel()
        process.delivery.handing_over.set()
        await asyncio.sleep(3)
        assert not process.rounds._drains
        assert set(states(post)) == {State.SENT, State.READY, State.DOUBT}
        assert states(post)[State.READY] == 300 - len(platform.asked)
        assert all(row.tries == 0 for row in post.rows.values() if row.state is State.READY)
        Process(post, platform)
        await until_settled(post)
        assert states(post) == {State.SENT: 300}
        assert {len(times) for times in platform.taken.values()} == {1}

    run(work)


class Frozen:
    """Holds up whoever calls: on waking everything that is overdue happens at once, as in a process that was stopped.

    `first` is which of the two comes first on waking: the answer, or the time-out.
    """

    def __init__(self, seconds: float, *, timeout_first: bool) -> None:
        self._seconds, self._timeout_first = seconds, timeout_first

    async def hold(self) -> None:
        """Come back after the freeze, however often a time-out asks for it before."""
        loop = asyncio.get_running_loop()
        end = loop.time() + self._seconds
        cancelled = False
        while (left := end - loop.time()) > 0:
            try:
                await asyncio.sleep(left)
            except asyncio.CancelledError:
                cancelled = True
        if cancelled and self._timeout_first:
            raise asyncio.CancelledError


@pytest.mark.parametrize("where", ["answering", "claiming", "sending"])
@pytest.mark.parametrize("timeout_first", [False, True])
def test_a_process_that_freezes_and_wakes_doubles_nothing(where: str, timeout_first: bool):
    """While one process stands still another takes over; the first wakes in the middle of its work, and stops."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 60))
        platform = StubPlatform()
        frozen = Frozen(90.0, timeout_first=timeout_first)
        calls = 0

        async def is_time() -> None:
            nonlocal calls
            calls += 1
            if calls == 8:
                await frozen.hold()

        class FreezingPost(MemoryPost):
            async def claim(self, *values: Any) -> Sequence[Letter]:
                claimed = await post.claim(*values)
                await is_time()
                return claimed

            def __getattribute__(self, name: str) -> Any:
                return object.__getattribute__(self, name) if name == "claim" else getattr(post, name)

        class FreezingPlatform(StubPlatform):
            async def send(self, *values: Any) -> str:
                ref = await platform.send(*values)
                await is_time()
                return ref

        async def answer(turn: Turn) -> Reply | None:
            await is_time()
            return await say_hello(turn)

        one = Process(
            FreezingPost() if where == "claiming" else post,
            FreezingPlatform() if where == "sending" else platform,
            deliver=answer if where == "answering" else say_hello,
        )
        await asyncio.sleep(8)
        assert calls >= 8
        # The rest of the frozen process stands still as well.
        one._task.cancel()
        Process(post, platform)
        await asyncio.sleep(120)
        await until_settled(post)
        assert states(post) == {State.SENT: 60}
        assert {len(times) for times in platform.taken.values()} == {1}

    run(work)


@pytest.mark.parametrize("method", ["settle", "claim", "begin", "doubtful", "close_gate", "waiting", "plan"])
def test_a_database_that_goes_away_costs_no_letter(method: str):
    """While the database is away nothing is sent; afterwards everything goes on, and nothing is sent twice."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 60))
        away = False

        class Shaky:
            def __getattr__(self, name: str) -> Any:
                if away and name == method:

                    async def fail(*values: Any) -> Any:
                        raise Unavailable("away")

                    return fail
                return getattr(post, name)

        platform = StubPlatform(lambda mark, nth: "refuse" if nth == 0 and mark < "2" else "take", can_find=False)
        Process(Shaky(), platform)
        await asyncio.sleep(3)
        away = True
        await asyncio.sleep(20)
        away = False
        await until_settled(post)
        assert states(post) == {State.SENT: 60}
        assert {len(times) for times in platform.taken.values()} == {1}

    run(work)


@pytest.mark.parametrize("hours", [-30, -1, 1, 5])
def test_setting_the_clock_neither_loses_nor_doubles(hours: int):
    """The wall clock jumps in the middle of a delivery with letters in doubt; everything arrives once."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 60))
        platform = StubPlatform(lambda mark, nth: "late" if nth == 0 and mark < "4" else "take")
        process = Process(post, platform)
        await asyncio.sleep(6.05)
        process.time.set_by = datetime.timedelta(hours=hours)
        await asyncio.sleep(180)
        assert platform.most_in_a_second(ACME) <= LIMIT
        process.time.set_by = datetime.timedelta(0)
        await until_settled(post)
        assert states(post) == {State.SENT: 60}
        assert {len(times) for times in platform.taken.values()} == {1}

    run(work)


ACTS = st.sampled_from(
    ("take", "take", "busy", "refuse", "cut", "cut-before", "late", "hang", "slow", "gone", "never", "broken")
)


@settings(max_examples=60)
@given(
    scripts=st.lists(st.lists(ACTS, max_size=3), min_size=1, max_size=40),
    kills=st.lists(st.floats(0.5, 60), max_size=3),
    jumps=st.lists(st.tuples(st.floats(0.5, 60), st.integers(-3600, 3600)), max_size=3),
    can_find=st.booleans(),
)
def test_nothing_is_lost_or_doubled_whatever_happens(
    scripts: list[list[Act]], kills: list[float], jumps: list[tuple[float, int]], can_find: bool
):
    """Failures of every kind, kills and a clock that is set: each letter ends in a state that tells the truth."""

    async def work() -> None:
        half = len(scripts) // 2
        all_letters = letters(ACME, half) + letters(BETA, len(scripts) - half)
        script = {letter.mark: acts for letter, acts in zip(all_letters, scripts, strict=True)}
        post = MemoryPost(all_letters)
        platform = StubPlatform(
            lambda mark, nth: script[mark][nth] if nth < len(script[mark]) else "take", can_find=can_find, pause=7.0
        )
        process = Process(post, platform)
        for wait in kills:
            await asyncio.sleep(wait)
            await process.kill()
            process = Process(post, platform)
        for wait, seconds in jumps:
            await asyncio.sleep(wait)
            process.time.set_by = datetime.timedelta(seconds=seconds)
        await until_settled(post, hours=20)
        for mark, row in post.rows.items():
            taken = len(platform.taken.get(mark, ()))
            assert taken <= 1
            if row.state is State.SENT:
                assert taken == 1
            else:
                assert row.state in (State.GONE, State.REFUSED) or (row.state is State.LOST and not can_find)
                assert taken == 0 or row.state is not State.REFUSED
        for workspace in (ACME, BETA):
            assert platform.most_in_a_second(workspace) <= LIMIT

    run(work)


def test_the_script_covers_all_that_leads_to_doubt():
    """The acts that leave a sender in doubt are among those that are tried at random."""
    assert set(ACTS.elements) >= DOUBTFUL
