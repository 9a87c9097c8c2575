"""Splits a cell's text into clauses, names them with stable keys, and gives their display form."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterator
from itertools import pairwise

# What a person does in a framework, third person. No other reading, so the verb alone starts a clause.
_VERBS = frozenset(
    """
    achieves adapts adopts advises advocates aligns analyses analyzes anticipates applies architects assesses
    automates chooses collaborates collects communicates compares conducts configures connects considers
    consolidates constructs containerizes contributes coordinates creates cultivates debugs decides defends defines
    delegates delivers demonstrates deploys derives detects determines develops devises diagnoses differentiates
    educates eliminates enables encourages enforces ensures establishes evaluates evolves executes explains extends
    facilitates follows formulates fosters gathers generates governs helps hires identifies implements improves
    incorporates informs initiates innovates instills integrates interprets introduces investigates justifies keeps
    knows learns leverages maintains makes manages maximizes mentors migrates minimizes mitigates modernizes
    negotiates operates optimises optimizes orchestrates organises organizes oversees owns participates performs
    personalizes prepares presents prevents prioritises prioritizes produces promotes proposes protects proves
    provides publishes recognises recognizes recommends reduces refactors refines represents resolves responds
    secures sees selects serves shortens simplifies solves spreads standardises standardizes steers streamlines
    strengthens supervises sustains tailors takes teaches transforms translates troubleshoots understands unifies
    utilises utilizes validates verifies visualises visualizes works writes
    """.split()  # noqa: SIM905
)

# These are plural nouns as well; they start a clause only when an object follows.
_VERBS_AND_NOUNS = frozenset(
    """
    audits balances benchmarks builds challenges champions coaches designs documents drafts drives estimates
    experiments finds forecasts grows guides handles influences instruments launches leads masters measures models
    monitors pioneers plans profiles prototypes raises reads reports researches reuses reviews rolls runs scales
    schedules scripts sets shapes shares ships sponsors structures supports tests tracks trains tunes upgrades uses
    """.split()  # noqa: SIM905
)

_FUNCTION_WORDS = frozenset(
    """
    a about across after against all an and any are as at based be before between both by can consistent during
    each for from have in including into is its main of on or other over per such than that the their through to
    under using via vs when which while with within without
    """.split()  # noqa: SIM905
)

# "A pipeline that checks data and deploys models": the second verb belongs to the pipeline.
_OPENS_RELATIVE = re.compile(r"\b(that|which|who|whose|where|when|how|what|why|whether)\b")
_ABBREVIATION = re.compile(r"(?:^|[\s(])(?:e\.g|i\.e|etc|vs|cf|approx|incl|resp|no|z\.B|d\.h|u\.a|bzw|ca)\.$", re.I)
_VERB_HERE = re.compile(
    r"(?:and |or )?(?:also |then |[a-z]+ly )?(?P<verb>[a-z]+(?:-[a-z]+)?)(?P<after>[ ,;.:)]|$)(?P<next>[\w/-]*)"
)

KEY_LENGTH = 40


def split(text: str) -> list[str]:
    """The text's clauses in order; joined with one space they are the text, word for word.

    A new clause starts with a sentence, or inside one where a verb in the third person does; never inside
    brackets, nor in a list after a colon.
    """
    cuts = [0, *_cuts(text), len(text) + 1]
    return [text[start : end - 1] for start, end in pairwise(cuts)]


def _cuts(text: str) -> Iterator[int]:
    """Where clauses after the first one start."""
    start, depth, listing = 0, 0, False
    for place, char in enumerate(text):
        if char in "([{":
            depth += 1
        elif char in ")]}":
            depth = max(0, depth - 1)
        elif char == ":" and not depth:
            listing = True
        elif char == " " and not depth and _single(text, place):
            before, after = text[start:place], text[place + 1 :]
            inside = listing and not before.endswith(";")
            if _ends_sentence(before, after) or (not inside and _starts_clause(before, after)):
                yield place + 1
                start, listing = place + 1, False


def _single(text: str, place: int) -> bool:
    """Whether the space stands alone between two words: only such a space can be put back by joining."""
    return 0 < place < len(text) - 1 and not text[place - 1].isspace() and not text[place + 1].isspace()


def _ends_sentence(before: str, after: str) -> bool:
    return before.endswith((".", "!", "?")) and not after[0].islower() and not _ABBREVIATION.search(before)


def _starts_clause(before: str, after: str) -> bool:
    joined = before.endswith((",", ";"))
    if not joined and not after.startswith("and "):
        return False
    if not joined and _OPENS_RELATIVE.search(before):
        return False
    if before.endswith(" and") or " " not in before:
        return False
    found = _VERB_HERE.match(after)
    if not found or found["after"] != " ":
        return False
    verb = found["verb"].split("-")[-1]
    if verb in _VERBS_AND_NOUNS:
        return bool(found["next"]) and (found["next"] not in _FUNCTION_WORDS or found["next"] in {"a", "an", "the"})
    return verb in _VERBS


def headline(fragment: str) -> str:
    """A clause as it stands alone: without the comma and the "and" that tie it to its neighbours."""
    words = fragment.strip().removeprefix("and ").rstrip(" ,;")
    first = words.partition(" ")[0]
    return words[:1].upper() + words[1:] if first.islower() else words


def key(fragment: str, skill: str, taken: Collection[str] = ()) -> str:
    """A readable key for a clause: its verb and its first distinctive words; never one that is taken.

    The words of the skill's name tell nothing inside the skill and are left out.
    """
    dull = _FUNCTION_WORDS | {form for word in _words(skill) for form in (word, f"{word}s")}
    head = re.split(r"[:(]", headline(fragment))[0]
    verb, *rest = _words(head) or ["clause"]
    telling = [word for word in rest if word not in dull]
    more = [word for word in _words(fragment)[1:] if word not in dull and word not in telling]
    candidates = telling + more
    shortest = min(2, len(telling) or len(candidates))
    for count in range(shortest, len(candidates) + 1):
        found = _fit([verb, *candidates[:count]])
        if found not in taken:
            return found
    number = 2
    while (found := f"{_fit([verb, *candidates[:shortest]])[: KEY_LENGTH - 4].rstrip('-')}-{number}") in taken:
        number += 1
    return found


def keys(fragments: Collection[str], skill: str, taken: Collection[str] = ()) -> list[str]:
    """A key for each clause of a cell, no two the same."""
    found: list[str] = []
    for fragment in fragments:
        found.append(key(fragment, skill, {*taken, *found}))
    return found


def _fit(words: list[str]) -> str:
    """As many of the words as an id has room for."""
    found = words[0][:KEY_LENGTH]
    for word in words[1:]:
        if len(found) + 1 + len(word) > KEY_LENGTH:
            break
        found += f"-{word}"
    return found


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", text.casefold()).encode("ascii", "ignore").decode()
    return re.findall(r"[a-z0-9]+", re.sub(r"\b([a-z])/([a-z])\b", r"\1\2", plain))  # A/B is one word
