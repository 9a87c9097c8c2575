"""What people say of teams, as whole sentences: a team's name may be any words, and people are named by mentions."""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator

from content.words import Cue, Teams, Words
from handlers.intent import (
    AnswerInvite,
    AskTeam,
    Intent,
    InviteToTeam,
    ListTeams,
    MakeCard,
    MakeTeam,
    ManageTeam,
    PlanPosts,
    ShowTrail,
    Unclear,
)
from handlers.team_names import has_odd_signs
from handlers.understand.clean import fold, keys
from handlers.understand.reading import Reading
from handlers.understand.terms import Terms
from handlers.understand.whereabouts import Whereabouts

_SAID = 80
_LONGEST = 300
"""Characters of a message that may be such a sentence."""
_MOST_WORDS = 6
"""Words of a team's name."""
_MONTH = 4
"""Weeks that stand for a month."""
_EDGES = " \t\r\n.,;:!?\"'„“”‚‘’«»…–—-*_~`()[]"
_QUOTES = '"„“”'
_UMLAUTS = {"ä": "(?:ä|ae|a)", "ö": "(?:ö|oe|o)", "ü": "(?:ü|ue|u)", "ß": "(?:ß|ss)"}
_JOINED = re.compile(r"\w+(?:-\w+)+")
"""A name as channels and repositories have it: "data-platform"."""
_CALLED = re.compile(r"\s*<@[^<>]*>")
"""A mention before everything else: of the coach, where it is asked among others."""
_UNNAMED = re.compile(r"<[@!#][^<>]*>|<at\b[^<>]*>.*?</at>", re.IGNORECASE | re.DOTALL)
"""Mentions, which are no part of a name."""
_GENDER = re.compile(r"(\w+):in(?:nen)?\b", re.IGNORECASE)
_WHO = r"(?P<who>.*?)"
"""The first people of a phrase."""
_NAME, _NEW, _PEOPLE = r"(?P<name>\S.*?)", r"(?P<new>\S.*?)", r".*?"

_SUMMARY = ("summary", "loose")
_ORDER = (
    "trail",
    "mine",
    "card",
    "unplan",
    "remark",
    "plan",
    "hand_over",
    "manager",
    "invite",
    "leave",
    "make",
    "rename",
    "manage",
    "end",
    *_SUMMARY,
)


class TeamWords:
    """What tells a wish about teams, in all languages."""

    def __init__(self, languages: Iterable[Words], where: Whereabouts, terms: Terms, fillers: frozenset[str]) -> None:
        languages = tuple(languages)
        self._where, self._terms, self._fillers = where, terms, fillers
        known = {words.language: words.teams for words in languages if words.teams}
        self._nouns = frozenset(fold(noun) for teams in known.values() for noun in teams.nouns)
        self._here = frozenset(fold(word) for teams in known.values() for word in teams.here)
        self._towards = frozenset(fold(word) for teams in known.values() for word in teams.towards)
        self._tail = re.compile(
            rf"(?P<name>\S.*?)\s+(?:{'|'.join(sorted(self._towards))})\s+(?P<where>\S.*)", re.DOTALL
        )
        self._around = self._here | {fold(word) for teams in known.values() for word in teams.around}
        self._patterns = {
            wish: tuple(pattern for teams in known.values() for pattern in _patterns(teams, wish)) for wish in _ORDER
        }
        self.vocabulary = {lang: frozenset(_words(teams)) for lang, teams in known.items()}

    def meant(self, raw: str, text: str, reading: Reading) -> Intent | None:
        """The wish, when the whole message is one; `raw` is what was typed, `text` the same without mark-up."""
        if len(text) > _LONGEST:
            return None
        said = frozenset(keys(text))
        for wish in _ORDER:
            for needed, pattern in self._patterns[wish]:
                if all(said & choice for choice in needed) and (found := pattern.fullmatch(text)):
                    name = self._named(found.groupdict().get("name"), makes=wish == "make")
                    if name is not None and (intent := self._intent(wish, name, found, raw, reading)):
                        return intent
        return None

    def _intent(self, wish: str, name: str, found: re.Match[str], raw: str, reading: Reading) -> Intent | None:
        match wish:
            case "trail":
                return ShowTrail()
            case "mine":
                return ListTeams()
            case "card":
                return MakeCard()
            case "unplan":
                return PlanPosts(every="off")
            case "remark":
                return Unclear()
            case "plan":
                return self._plan(name, found.span("name") if name else (0, 0), reading)
            case "hand_over":
                return ManageTeam(does="hand-over", name=name)
            case "manager":
                return ManageTeam(does="add", name=name)
            case "rename":
                if sum(map(reading.text[: found.start("new")].count, _QUOTES)) % 2:
                    return None  # one name: "Road to Nowhere"
                new = self._named(found["new"], makes=True)
                return ManageTeam(name=name, new=new) if new else None
            case "manage":
                # "I don't want to manage people any more" is about no team.
                return ManageTeam(name=name) if name or any("team" in part.key for part in reading.parts) else None
            case "end":
                return ManageTeam(does="end", name=name)
            case "invite":
                return InviteToTeam(name=name, here=self._means_all(found["who"] or "", raw))
            case "leave":
                return AnswerInvite(answer="leave", name=name)
            case "make":
                return MakeTeam(
                    name=_whole(name, raw)[:_SAID], cut=has_odd_signs(_UNNAMED.sub(" ", html.unescape(raw)))
                )
        return AskTeam(name=name) if name and self._is_a_name(wish, name, reading) else None

    def _means_all(self, who: str, raw: str) -> bool:
        """Whether everybody here is meant, and nobody is named, not even somebody whom the platform does not know."""
        row = keys(who)
        named = any(sign in _CALLED.sub("", raw) for sign in "<@")
        return not named and not self._here.isdisjoint(row) and self._around.issuperset(row)

    def _plan(self, name: str, span: tuple[int, int], reading: Reading) -> PlanPosts:
        """When to post, as far as it is told and can be, and on which clock; the name, at `span`, tells nothing."""
        tail = self._tail.fullmatch(reading.text, *span)
        if tail and (self._where.places.city(tail["where"]) or self._where.places.country(tail["where"])):
            name, span = " ".join(tail["name"].split()).strip(_EDGES), tail.span("name")
        called = [at for at, part in enumerate(reading.parts) if part.start < span[1] and part.end > span[0]]
        row = [part.key for at, part in enumerate(reading.parts) if at not in called]
        clock, days = self._where.clock, self._where.days
        weekday, (minute, no_time) = clock.weekday(row), clock.minute(row)
        weeks, often = days.every(row)
        often = often or len({clock.weekdays[word] for word in row if word in clock.weekdays}) > 1
        every = None if weeks is None and weekday is None else "month" if weeks == _MONTH else "week"
        odd = "time" if no_time else None
        if often or weeks not in (None, 1, _MONTH):
            every, odd = None, "often"
        zone, _ = self._where.there(reading, range(called[0], called[-1] + 1) if called else range(0))
        told = {"name": name, "every": every, "weekday": weekday, "minute": minute, "zone": zone or "", "odd": odd}
        return PlanPosts.model_validate(told)

    def _is_a_name(self, wish: str, name: str, reading: Reading) -> bool:
        """Whether words are a team's name, and not a role, a level or something the coach knows more of."""
        named = [part.name for part in reading.parts if part.name]
        if any(one.kind != "role" or not one.weak for one in named):
            return False
        if "?" in reading.text or not keys(name):
            return False
        if wish == "loose" and (named or (self._terms.speaks(reading) and not _JOINED.fullmatch(name))):
            return False
        return not any(match.cue not in (Cue.TEAM, Cue.SEARCH, Cue.NOT) for match in reading.matches)

    def _named(self, said: str | None, *, makes: bool) -> str | None:
        """The name of a team, "" where there is none; None where it is only a word about teams, or too much.

        Where somebody `makes` one, a small word with a capital is a name, too: "Data".
        """
        called = " ".join((said or "").split()).strip(_EDGES)
        row = keys(called)
        # As it is typed: a name may begin with a capital "In".
        if not makes and called.partition(" ")[0] in self._towards:
            return ""
        if len(row) > 1 and row[0] in self._nouns and row[1] in self._towards:
            return None  # "summary in Berlin"
        if row and all(word in self._fillers or word in self._nouns for word in row):
            if not self._nouns.isdisjoint(row):
                return None
            called = called if "-" in called or (makes and called[0].isupper()) else ""
        if len(row) <= _MOST_WORDS and len(called) <= _SAID:
            return called
        return "" if makes else None


_Needed = tuple[frozenset[str], ...]
"""For each part of a phrase that must be there, the words of which one is."""


def _patterns(teams: Teams, wish: str) -> Iterator[tuple[_Needed, re.Pattern[str]]]:
    before = "|".join(_compiled(phrase) for phrase in teams.before)
    after = "|".join(_compiled(phrase) for phrase in teams.after)
    for phrase in getattr(teams, wish):
        whole = rf"\W*(?:(?:{before})\W+)*{_compiled(phrase)}(?:\W+(?:{after}))*\W*"
        yield tuple(_needed(phrase)), re.compile(whole, re.IGNORECASE | re.DOTALL)


def _needed(phrase: str) -> Iterator[frozenset[str]]:
    for part in phrase.split():
        if part not in ("…", "*") and not part.endswith("?"):
            yield frozenset(keys(choice.replace("_", " "))[0] for choice in part.split("|"))


def _compiled(phrase: str) -> str:
    """A phrase as a pattern; between two words stands whatever is no word."""
    pattern, begun, people, name = "", False, _WHO, _NAME
    for part in phrase.split():
        optional = part.endswith("?")
        bare = part.removesuffix("?")
        if bare == "*":  # mentions are gone from the text, so that there may be nothing at all
            pattern += rf"(?:\W+{people})??" if begun else rf"(?:{people}\W+)??"
            people = _PEOPLE
            continue
        piece = name if bare == "…" else "(?:" + "|".join(map(_spelled, bare.split("|"))) + ")"
        name = _NEW if bare == "…" else name
        if not optional:
            pattern += rf"\W+{piece}" if begun else piece
            begun = True
        elif begun:
            pattern += rf"(?:\W+{piece})" + ("??" if bare == "…" else "?")
        else:
            pattern += rf"(?:{piece}\W+)?"
    return pattern


def _spelled(words: str) -> str:
    """A choice of a phrase; umlauts may be written out or left out, and words joined or parted."""
    text = r"[\W_]+".join(re.escape(word) for word in words.split("_"))
    return "".join(_UMLAUTS.get(char, char) for char in text)


def _words(teams: Teams) -> Iterator[str]:
    for wish in _ORDER:
        for phrase in getattr(teams, wish):
            yield from keys(re.sub(r"[|_?*…]", " ", phrase))


def _whole(name: str, raw: str) -> str:
    """A name with the German endings for all genders that reading leaves out: "Entwickler:innen"."""
    for form in _GENDER.finditer(raw):
        name = re.sub(rf"\b{re.escape(form[1])}(?![\w:])", form[0], name, count=1)
    return name
