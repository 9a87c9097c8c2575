"""A store that lives and dies with the process."""

from __future__ import annotations

import datetime
from collections import OrderedDict

from handlers.ports import Profile, Subject
from handlers.turn import Person, Place

SUBJECT_LIFE = datetime.timedelta(minutes=30)
"""How long "and principal?" still means what was asked before: about one conversation."""

MOST_SUBJECTS = 100_000
"""Subjects kept at once; the oldest go first, so that memory stays bounded."""


class MemoryStore:
    """Profiles and last subjects in dictionaries."""

    def __init__(self) -> None:
        self._profiles: dict[Person, Profile] = {}
        self._subjects: OrderedDict[tuple[Person, Place], tuple[datetime.datetime, Subject]] = OrderedDict()

    async def profile(self, person: Person) -> Profile | None:
        """What is known of a person, or None for a stranger."""
        return self._profiles.get(person)

    async def save_profile(self, person: Person, profile: Profile) -> None:
        """Keep a profile; it replaces the one before."""
        self._profiles[person] = profile

    async def subject(self, person: Person, place: Place, now: datetime.datetime) -> Subject | None:
        """The last subject in this place, unless it has expired."""
        since, subject = self._subjects.get((person, place), (None, None))
        return subject if since and now - since <= SUBJECT_LIFE else None

    async def save_subject(self, person: Person, place: Place, subject: Subject, now: datetime.datetime) -> None:
        """Keep the last subject."""
        self._subjects[person, place] = (now, subject)
        self._subjects.move_to_end((person, place))
        if len(self._subjects) > MOST_SUBJECTS:
            self._subjects.popitem(last=False)

    async def forget(self, person: Person) -> int:
        """Erase everything about a person; returns how many records there were."""
        subjects = [key for key in self._subjects if key[0] == person]
        for key in subjects:
            del self._subjects[key]
        return len(subjects) + (self._profiles.pop(person, None) is not None)

    async def tidy(self, now: datetime.datetime) -> int:
        """Erase subjects that have expired; returns how many."""
        expired = [key for key, (since, _) in self._subjects.items() if now - since > SUBJECT_LIFE]
        for key in expired:
            del self._subjects[key]
        return len(expired)
