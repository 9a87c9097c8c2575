"""What is remembered of people, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from bot.slack import people
from bot.slack.people import About, People
from handlers.turn import Person


class Clock:
    def __init__(self) -> None:
        self.time = 0.0

    def __call__(self) -> float:
        return self.time


class Profiles:
    """Slack's `users.info`, which may be down."""

    def __init__(self) -> None:
        self.asked = 0
        self.down = False

    async def __call__(self, person: Person) -> Mapping[str, Any]:
        self.asked += 1
        await asyncio.sleep(0)
        if self.down:
            raise ConnectionError
        return {"id": person.user, "locale": "de-DE", "tz": "Europe/Berlin"}


ME = Person("slack", "T1", "U1")
KNOWN = About("de-DE", "Europe/Berlin")


async def test_a_person_is_asked_for_once() -> None:
    """Several turns of one person at the same time ask Slack once, and the answer holds for an hour."""
    clock, profiles = Clock(), Profiles()
    known = People(profiles, clock)
    assert await asyncio.gather(*(known.about(ME, 1) for _ in range(5))) == [KNOWN] * 5
    clock.time = people.SECONDS - 1
    assert known.known(ME) == KNOWN
    assert profiles.asked == 1


async def test_an_old_profile_is_used_while_a_new_one_is_fetched() -> None:
    """After an hour the profile is asked for again, behind the turn that uses the old one."""
    clock, profiles = Clock(), Profiles()
    known = People(profiles, clock)
    await known.about(ME, 1)
    clock.time = people.SECONDS + 1
    assert known.known(ME) == KNOWN
    await known.about(ME, 1)
    assert profiles.asked == 2


async def test_a_failure_is_not_repeated_at_once() -> None:
    """While Slack does not answer, it is asked about a person once a minute."""
    clock, profiles = Clock(), Profiles()
    profiles.down = True
    known = People(profiles, clock)
    for _ in range(3):
        assert await known.about(ME, 1) == About()
    assert profiles.asked == 1
    clock.time, profiles.down = people.SECONDS_AFTER_FAILURE + 1, False
    assert await known.about(ME, 1) == KNOWN


async def test_people_are_bounded() -> None:
    """The least recently learnt person is dropped first."""
    profiles = Profiles()
    known = People(profiles, Clock())
    for number in range(people.MOST + 1):
        known.learn(replace(ME, user=f"U{number}"), {"locale": "de-DE", "tz": "Europe/Berlin"})
    assert known.known(replace(ME, user=f"U{people.MOST}")) == KNOWN
    assert known.known(replace(ME, user="U0")) == About()
    await known.stop()


async def test_the_same_id_elsewhere_is_somebody_else() -> None:
    """What one workspace reports of a person is not said of the one with the same id in another."""
    known = People(Profiles(), Clock())
    known.learn(ME, {"locale": "en-GB", "tz": "Europe/London"})
    assert await known.about(replace(ME, tenant="T2"), 1) == KNOWN
    assert known.known(ME) == About("en-GB", "Europe/London")
