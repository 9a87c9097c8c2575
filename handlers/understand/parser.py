"""From what people type to an intent: clean, repair, recognise, decide."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from content.lexicon import Lexicon as Vocabulary
from content.matrix import Matrix
from content.words import TONES, Words
from handlers.intent import SmallTalk, Unclear
from handlers.ports import Understood
from handlers.understand.clean import Word, clean, fold, keys, split
from handlers.understand.clock import Clock
from handlers.understand.days import Days
from handlers.understand.decide import Decision
from handlers.understand.language import Languages
from handlers.understand.lexicon import Lexicon
from handlers.understand.noted import keep, noted, tidied, told
from handlers.understand.nudges import Nudges
from handlers.understand.parts import Part, named, plain
from handlers.understand.phrases import Phrases
from handlers.understand.places import Places
from handlers.understand.plans import Plans
from handlers.understand.reading import Reading
from handlers.understand.repair import Repair
from handlers.understand.replies import reply_before, reply_in
from handlers.understand.teams import TeamWords
from handlers.understand.terms import Terms
from handlers.understand.titles import HEAD, Titles
from handlers.understand.whereabouts import Whereabouts

_REMEMBERED = 4096
_TAKEN = 8000
"""Characters of a message that are taken apart; its meaning stands in the first of them."""
_SHORT = 200
"""Characters of a message that is remembered together with its meaning."""
_WORDS_READ = 80
_MENDED = 12
"""Words of a message that are looked at for a typo: where more are unknown, it is no typo."""
_FOREIGN = re.compile(r"[^\W\da-zäöüß'’´]")
_COMMAND = re.compile(r"^\s*(?:/[a-z][\w-]*\s*)?(?:skill(?![\w-])\s*)?", re.IGNORECASE)


class Parser:
    """Understands words about one matrix, with the cue words of some languages."""

    def __init__(self, matrix: Matrix, words: Mapping[str, Words], vocabulary: Vocabulary) -> None:
        """`vocabulary` tells the framework's words from those of everyday life, as the search does."""
        languages = tuple(words.values())
        self._spellings = {fold(short): keys(long) for each in languages for short, long in each.spellings.items()}
        self._lexicon = Lexicon(matrix, languages)
        terms = {key for _, clause in matrix.clauses() for text in clause.text.texts.values() for key in keys(text)}
        self._phrases = Phrases(languages, self._respell, terms)
        self._clock = Clock(languages)
        self._spellings |= self._clock.joined
        days = Days(languages, self._clock)
        self._plans = Plans(languages)
        fillers = {each.language: {fold(word) for word in each.fillers} for each in languages}
        self._fillers = frozenset({HEAD}.union(*fillers.values()))
        cue_words = set().union(*self._phrases.vocabulary.values())
        known = {fold(word) for each in languages for word in (*each.known, *each.rank_nouns)}
        modifiers = {fold(word) for each in languages for word in each.modifiers}
        right = known | modifiers | terms | cue_words | self._fillers | self._lexicon.vocabulary | self._lexicon.heads
        right |= self._clock.vocabulary | days.vocabulary
        names = {
            word
            for word in self._lexicon.vocabulary | self._lexicon.heads
            if not any(word.startswith(acronym) for acronym in self._lexicon.acronyms)
        }
        self._right = frozenset(right)
        self._idle, self._everyday = vocabulary.idle, vocabulary.everyday
        self._to_name = Repair(names, right, self._lexicon.alike)
        self._to_cue = Repair(self._phrases.repairable | self._fillers | days.names, right, careful=True)
        self._titles = Titles(
            self._lexicon.heads,
            frozenset(self._lexicon.shared_heads),
            frozenset(fold(word) for each in languages for word in each.rank_nouns),
            (self._fillers | cue_words | self._clock.vocabulary) - modifiers,
        )
        # Titles in the language of the framework are what people of all languages call them.
        titles = {
            key
            for each in languages
            if each.language == matrix.language
            for text in (*each.heads, *each.ranks, *each.titles, *each.modifiers)
            for key in keys(text)
        }
        terms_known = Terms(vocabulary, frozenset(modifiers & terms & self._fillers))
        spoken = frozenset(fold(name) for each in languages for name in each.languages)
        self._places = places = Places(languages)
        where = Whereabouts(self._clock, days, places, spoken)
        self._teams = TeamWords(languages, where, terms_known, self._fillers)
        self._languages = Languages(
            {
                each.language: fillers[each.language]
                | self._phrases.vocabulary[each.language]
                | self._teams.vocabulary.get(each.language, frozenset())
                | ({key for text in (*each.heads, *each.ranks, *each.titles) for key in keys(text)} - titles)
                for each in languages
            }
        )
        tongues = {fold(name): lang for each in languages for name, lang in each.languages.items() if lang in words}
        nudges = Nudges(self._clock, days, places, where)
        self._decision = Decision(matrix, nudges, terms_known, tongues)
        self._pointers = frozenset(word for each in languages for word in each.pointers)
        self._cached = lru_cache(maxsize=_REMEMBERED)(self._understand)

    def __call__(self, words: str, *, hint: str | None = None) -> Understood:
        """The intent of `words`; `hint` is the language to assume where the words do not tell."""
        words, hint = words[:_TAKEN], (hint or "")[:2].lower() or None
        return (self._cached if len(words) <= _SHORT else self._understand)(words, hint)

    def read(self, words: str) -> Reading:
        """The names, the cues and the rest of what was typed."""
        return self._read(*self._words(words))

    def _understand(self, words: str, hint: str | None) -> Understood:
        text, found = self._words(words)
        reading = self._read(text, found)
        intent, follows = self._decision(reading)
        names = [(part.start, part.end) for part in reading.parts if part.name and part.name.id]
        said = [word.key for word in found if not any(start <= word.start < end for start, end in names)]
        strange = sum(key.islower() and key not in self._right and not self._everyday(key) for key in said)
        lang, plain_told = self._languages.of(said, text, hint, strange)
        if plan := self._plans.announced(text) or self._plans.told(text, reading):
            return Understood(plan, lang, plain=plain_told)
        if wish := self._teams.meant(words, text, reading):
            return Understood(wish, lang, plain=plain_told)
        for parts in noted(words, self._pointers):
            about = self.read(parts.about)
            if kept := keep(parts, about, self._decision(about)[0], intent):
                return Understood(kept, lang, plain=plain_told)
        if asked_for := told(words, reading, intent):
            return Understood(asked_for, lang, plain=plain_told)
        reply, rest = reply_in(reading), ""
        if isinstance(intent, Unclear) and not reply and (place := self._places.alone(text)):
            return Understood(intent, lang, reply="place", rest=place)
        if isinstance(intent, Unclear) and reply:
            intent = SmallTalk(mood="answer")
        if not reply and (before := reply_before(reading, intent)):
            reply, end = before
            typed = words.strip()
            rest = tidied(typed[end:] if typed.startswith(text[:end]) else text[end:])
        return Understood(intent, lang, follows, reply, rest, plain_told)

    def _words(self, raw: str) -> tuple[str, list[Word]]:
        """The clean text, and its words spelled as the phrases are and repaired."""
        text = _COMMAND.sub("", clean(raw))
        found: list[Word] = []
        tried = 0
        for word in split(text)[:_WORDS_READ]:
            key = word.key
            if long := self._spellings.get(key):
                found += [Word(part, word.start, word.end) for part in long]
                continue
            if "'" in key:
                key = key.removesuffix("'s").replace("'", "")
            unknown = key not in self._right and tried < _MENDED
            if unknown and not self._everyday(typed := text[word.start : word.end].casefold()):
                tried += 1
                key = self._mended(key, typed)
            found.append(Word(key, word.start, word.end))
        return text, found

    def _mended(self, key: str, typed: str) -> str:
        """The word that was meant, or the key itself. Folding may hide a typo, so the word as typed is tried, too."""
        # An accent that neither language has is no typo, but the sign of a third language.
        known = typed.isascii() or not _FOREIGN.search(typed)
        for repair in (self._to_name, self._to_cue) if known else ():
            if mended := repair(key) or (typed != key and repair(typed)):
                return mended
        return key

    def _read(self, text: str, words: Sequence[Word]) -> Reading:
        row = [word.key for word in words]
        parts: list[Part] = []
        place = 0
        while place < len(row):
            name = self._lexicon.longest(row, place)
            if name and not (name[0].kind == "stranger" and place and row[place - 1][:1].isdecimal()):  # "5 pm"
                alone = words[place].key if name[1] == place + 1 else ""
                parts.append(named(name[0], words[place].start, words[name[1] - 1].end, alone))
                place = name[1]
            else:
                parts.append(plain(words[place]))
                place += 1
        parts = self._titles.mark(parts)
        found = self._phrases.find(parts, self._fillers)
        matches = [match for match in found if match.cue not in TONES]
        tones = [match for match in found if match.cue in TONES]
        return Reading(text, tuple(parts), tuple(matches), self._fillers, self._idle, tuple(tones))

    def _respell(self, row: Sequence[str]) -> list[str]:
        """The row with short forms written out."""
        return [part for word in row for part in self._spellings.get(word, (word.replace("'", ""),))]
