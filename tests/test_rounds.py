"""The clock and the rounds of one process."""

from __future__ import annotations

import asyncio
import datetime
from collections import Counter
from dataclasses import replace

import apscheduler.schedulers.base
import pytest

from bot.app import ROUNDS_STOP_SECONDS
from handlers.errors import Unavailable
from handlers.records import Nudging
from handlers.turn import Person
from scheduler.clock import Clock
from scheduler.delivery import Delivery
from scheduler.letters import State, Workspace
from scheduler.pace import Pace
from scheduler.planning import PAGE, plan, recount
from scheduler.rounds import Rounds
from scheduler.sending import SEND_SECONDS
from tests.post import MemoryPost
from tests.stub_platform import Act, StubPlatform
from tests.test_delivery import ACME, BETA, RHYTHM, TERMS, letters, say_hello, states
from tests.virtual import START, Time, run, true_time

HUGE = Workspace("stub", "huge")


@pytest.mark.parametrize("hours", [-5, 5])
def test_jobs_go_on_when_the_wall_clock_is_set(monkeypatch: pytest.MonkeyPatch, hours: int):
    """A clock that is set back does not put the rounds off for hours, nor does one set forward crowd them."""
    time = Time()

    class Now(datetime.datetime):
        @classmethod
        def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
            return time.now().astimezone(tz)

    monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Now)

    async def work() -> None:
        runs: list[datetime.datetime] = []

        async def job() -> None:
            runs.append(true_time())

        async with Clock([(datetime.timedelta(seconds=2), job)], time.watch):
            await asyncio.sleep(61)
            assert 29 <= len(runs) <= 31
            time.set_by = datetime.timedelta(hours=hours)
            runs.clear()
            await asyncio.sleep(60)
            assert 26 <= len(runs) <= 32

    run(work)


def test_planning_takes_page_after_page_until_nobody_is_left():
    """More people than fit on a page are planned in one go, and once."""

    async def work() -> None:
        post = MemoryPost()
        count = 2 * PAGE + 7
        nudging = Nudging(rhythm=RHYTHM, due=START, due_day=START.date())
        post.people = {Person("stub", "acme", f"U{number}"): nudging for number in range(count)}
        pages = [page.letters async for page in plan(post, true_time)]
        assert pages == [PAGE, PAGE, 7]
        assert [page.letters async for page in plan(post, true_time)] == [0]
        assert len(post.rows) == count

    run(work)


def test_zone_data_is_followed_page_after_page():
    """Due times of other zone data are counted anew until none is left."""

    class Stale(MemoryPost):
        left = 3

        async def recount(self, data: str, now: datetime.datetime, most: int) -> bool:
            self.left -= 1
            return self.left > 0

    async def work() -> None:
        post = Stale()
        await recount(post, "2026b", true_time)
        assert post.left == 0

    run(work)


def make_delivery(post: MemoryPost, platform: StubPlatform) -> Delivery:
    """A delivery at five letters a second."""
    watch = Time().watch
    return Delivery(post, {"stub": platform}, say_hello, TERMS, watch, Pace({"stub": 5.0}, watch))


def test_the_largest_workspace_begins_first_and_each_is_drained_once():
    """However often the rounds are gone, a workspace has one drain; the one with most letters was begun first."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 20) + letters(HUGE, 60) + letters(BETA, 3))
        begun: list[Workspace] = []
        begin = post.begin

        async def noting(workspace: Workspace, now: datetime.datetime) -> int:
            begun.append(workspace)
            return await begin(workspace, now)

        post.begin = noting  # type: ignore[method-assign]
        rounds = Rounds(make_delivery(post, StubPlatform()))
        for _ in range(8):
            await rounds.go()
            await asyncio.sleep(2)
        assert begun == [HUGE, ACME, BETA]
        assert states(post) == {State.SENT: 83}

    run(work)


def test_letters_to_a_platform_that_is_off_stay():
    """Where a platform is not at hand its letters wait, and the others go."""

    async def work() -> None:
        other = [replace(letter, person=replace(letter.person, platform="other")) for letter in letters(ACME, 2)]
        post = MemoryPost(letters(BETA, 2) + other)
        rounds = Rounds(make_delivery(post, StubPlatform()))
        await rounds.go()
        await asyncio.sleep(5)
        assert Counter((row.letter.person.platform, row.state) for row in post.rows.values()) == {
            ("stub", State.SENT): 2,
            ("other", State.READY): 2,
        }

    run(work)


def test_a_drain_that_fails_is_tried_again():
    """A bug or an absence of the database in one workspace ends neither the rounds nor the others."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 2) + letters(BETA, 2))
        begin, faults = post.begin, [Unavailable("away"), KeyError("bug")]

        async def failing(workspace: Workspace, now: datetime.datetime) -> int:
            if workspace == ACME and faults:
                raise faults.pop()
            return await begin(workspace, now)

        post.begin = failing  # type: ignore[method-assign]
        rounds = Rounds(make_delivery(post, StubPlatform()))
        for _ in range(4):
            await rounds.go()
            await asyncio.sleep(2)
        assert states(post) == {State.SENT: 4}

    run(work)


@pytest.mark.parametrize(("act", "seconds", "then"), [("slow", 9.05, State.SENT), ("hang", SEND_SECONDS, State.DOUBT)])
def test_a_slow_platform_is_waited_for_when_the_process_stops(act: Act, seconds: float, then: State):
    """A letter that is on its way when the process stops is finished, however long it may take, and nothing begins."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 3))
        platform = StubPlatform(lambda mark, nth: act)
        rounds = Rounds(make_delivery(post, platform))
        await rounds.go()
        await asyncio.sleep(0.3)
        begun = true_time() - datetime.timedelta(seconds=0.3 - 0.206)
        await rounds.stop(ROUNDS_STOP_SECONDS)
        assert (true_time() - begun).total_seconds() == pytest.approx(seconds, abs=0.1)
        assert states(post) == {then: 1, State.READY: 2}
        assert len(platform.asked) == 1

    run(work)


def test_what_takes_too_long_is_given_up_when_the_process_stops():
    """Where the end has to come sooner, a letter that is on its way stays so, and another process looks it up."""

    async def work() -> None:
        post = MemoryPost(letters(ACME, 1))
        rounds = Rounds(make_delivery(post, StubPlatform(lambda mark, nth: "hang")))
        await rounds.go()
        await asyncio.sleep(1)
        before = true_time()
        await rounds.stop(2.0)
        assert true_time() - before == datetime.timedelta(seconds=2)
        assert states(post) == {State.SENDING: 1}
        await rounds.go()
        assert states(post) == {State.SENDING: 1}

    run(work)
