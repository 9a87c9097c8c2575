"""Which roles, levels and skills a message is about."""

from __future__ import annotations

from functools import cached_property

from content.matrix import Matrix
from content.words import Cue
from handlers.intent import UnknownName
from handlers.understand.reading import Reading

_SAID = 80


class Subject:
    """The names in a message, as far as they are meant."""

    def __init__(self, reading: Reading, matrix: Matrix) -> None:
        self._reading = reading
        self._matrix = matrix
        self.roles = reading.names("role")
        self.levels = reading.names("level")
        self.skill = next(iter(reading.names("skill")), None)
        self.role = self.roles[0] if self.roles else None
        self.level = self.levels[0] if self.levels else None
        self.last_role = self.roles[-1] if self.roles else None
        self.last_level = self.levels[-1] if self.levels else None
        self.aside = False
        """Whether a title was said in passing, of the speaker: "as a manager"."""
        self.stranger = self._meant("stranger")
        self.rank = self._meant("rank")

    def _meant(self, kind: str) -> str | None:
        """What is named that the framework lacks, unless in passing: "I'm a manager: what does a senior …"."""
        reading = self._reading
        for place, part in enumerate(reading.parts):
            if part.name and part.name.kind == kind and place not in reading.refused:
                about_me = any(
                    match.cue in (Cue.SELF, Cue.ASIDE) and match.mask >> place & 1 for match in reading.matches
                )
                apart = not reading.has(Cue.COMPARE) and not self._beside_name(place)
                if about_me and (reading.says(Cue.HELP) > 2 or reading.has(Cue.TEAM)):
                    self.aside = True
                elif not (self.role and (about_me or (apart and self.level))):
                    return reading.quote(place, place)
        return None

    def _beside_name(self, place: int) -> bool:
        near = self._reading.parts[max(0, place - 1) : place + 2]
        return any(part.key in ("@role", "@level") for part in near)

    @property
    def any(self) -> bool:
        """Whether anything is named."""
        return bool(self.roles or self.levels or self.stranger or self.rank)

    @cached_property
    def fields(self) -> list[int]:
        """Places where a role is named by its field alone, which may as well be a term: "NLP"."""
        if not self._reading.rest and (self.levels or len(self.roles) > 1):
            return []
        return [place for place, part in enumerate(self._reading.parts) if part.name and part.name.weak]

    @property
    def role_is_field(self) -> bool:
        """Whether the first role is named by its field alone."""
        return bool(self.fields) and self.fields[0] == self._reading.place("role")

    @cached_property
    def strangers(self) -> list[int]:
        """Places of unknown titles and levels."""
        return [place for place, part in enumerate(self._reading.parts) if part.key in ("@stranger", "@rank")]

    @cached_property
    def level_places(self) -> list[int]:
        """Places of levels."""
        return [place for place, part in enumerate(self._reading.parts) if part.key == "@level"]

    @cached_property
    def level_of_each_role(self) -> dict[str, str]:
        """For each role the level that stands beside it: "a junior ML engineer and a lead data scientist"."""
        names = [part for part in self._reading.parts if part.key in ("@role", "@level")]
        found: dict[str, str] = {}
        taken = -1
        for place, part in enumerate(names):
            for beside in (place - 1, place + 1):
                if part.key == "@role" and part.name and taken < beside < len(names):
                    near = names[beside]
                    if near.key == "@level" and near.name and part.name.id not in found:
                        found[part.name.id], taken = near.name.id, beside
        return found

    @property
    def asks_what(self) -> bool:
        """Whether the question is what, not whether: then the texts are the answer."""
        return self._reading.has(Cue.EXPECT) and not self._reading.asks_whether

    @cached_property
    def ladder_levels(self) -> list[str]:
        """The levels to compare, lowest first, with those that are only pointed at: "the next one", "all"."""
        ladder = list(self._matrix.roles[self.role].ladder) if self.role else list(self._matrix.levels)
        reading, named = self._reading, list(self.levels)
        if reading.has(Cue.EVERY_LEVEL) and not named:
            return ladder
        if len(named) == 1 and reading.has(Cue.COMPARE):
            named += reading.refused_names("level")[
                :1
            ]  # "from when no longer middle but senior? the difference, please"
        if len(named) == 1 and named[0] in ladder:
            place = ladder.index(named[0])
            if reading.has(Cue.ABOVE) and place + 1 < len(ladder):
                named.append(ladder[place + 1])
            elif reading.has(Cue.BELOW) and place:
                named.append(ladder[place - 1])
        order = {level: place for place, level in enumerate(dict.fromkeys((*ladder, *self._matrix.levels)))}
        return sorted(named, key=lambda level: order.get(level, len(order)))

    def unknown(self) -> UnknownName | None:
        """A title or level that the framework does not know, with what it does know."""
        reading, roles = self._reading, tuple(self.roles[:12])
        rest = reading.rest
        if self.stranger:
            return UnknownName(what="role", said=self.stranger[:_SAID], level=self.level, skill=self.skill, roles=roles)
        if self.rank:
            place = reading.place("rank") or 0
            beside = [near for near in (place - 2, place - 1, place + 1, place + 2) if near in rest]
            if beside and not self.role:
                said = reading.quote(min(place, *beside), max(place, *beside))
                return UnknownName(what="role", said=said[:_SAID], level=self.level)
            return UnknownName(what="level", said=self.rank[:_SAID], role=self.role, skill=self.skill, roles=roles)
        return None
