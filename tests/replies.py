"""Replies and intents of every kind, for hypothesis."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, get_args

from hypothesis import strategies as st

from handlers.intent import AnswerInvite, Intent, MakeCard, PutBackNudges, TellPosted
from handlers.reply import (
    Audience,
    Bar,
    Block,
    Bullets,
    Button,
    Buttons,
    Chart,
    Choice,
    Entry,
    Facts,
    File,
    Form,
    Heading,
    Item,
    Menu,
    Note,
    Picker,
    Progress,
    Quote,
    Reply,
    Table,
    Text,
)

SHORT_HOSTILE = (
    "*bold* _it_ ~~gone~~ ~no~ `code` ```block``` :smile:",
    "[click](https://example.com) <https://example.com|click> https://example.com",
    "<!channel> <!everyone> @here <@U123> <#C1> &lt;!here&gt; <at>Rung</at> <script>alert(1)</script> &amp; &lt;",
    "# head\n- list\n1. one\n> quote\n| a | b |\n---",
    "{{DATE(2026-03-17T06:00:00Z,SHORT)}} ${name} {0} %s",
    "\u202egnirts\u202c \x00\x07\x1b[31m\ud800 \u200b",
    "",
    " ",
    "\n",
)
"""Texts that a platform could obey or choke on."""
HOSTILE = (*SHORT_HOSTILE, "x" * 200, "ä" * 4000, "word " * 3000)
"""And texts that are too long for it."""

Strategy = st.SearchStrategy[Any]


def several(one: Strategy, most: int) -> Strategy:
    """A tuple of up to so many."""
    return st.lists(one, max_size=most).map(tuple)


ids = st.sampled_from(("junior", "senior", "ml-engineer", "a" * 40)) | st.from_regex(
    r"[a-z0-9][a-z0-9-]{0,39}", fullmatch=True
)


def _hex(digits: int) -> st.SearchStrategy[str]:
    return st.text("0123456789abcdef", min_size=digits, max_size=digits)


_VALUES: Mapping[str, Strategy] = {
    **dict.fromkeys(("role", "level", "skill"), st.none() | ids),
    **dict.fromkeys(("roles", "levels"), several(ids, 12)),
    **dict.fromkeys(("words", "said"), st.text(max_size=80)),
    **dict.fromkeys(("done", "forget", "sure"), st.booleans()),
    **dict.fromkeys(("working", "sure", "export"), st.booleans()),
    **dict.fromkeys(("text", "link"), st.text(max_size=60)),
    "answer": st.sampled_from((None, "yes", "partly", "not-yet", "skip")),
    "step": st.sampled_from(("ask", "example", "stop", "result", "review", "begin", "again")),
    "still": st.none() | st.booleans(),
    "day": st.none() | st.dates(),
    "past": st.integers(0, 99),
    "lang": st.sampled_from(("", "en", "de", "xx")),
    "clause": st.none() | st.text(max_size=200),
    "number": st.none() | st.integers(1, 99),
    "weekday": st.none() | st.integers(0, 6),
    "minute": st.none() | st.integers(0, 1439),
    "skip": st.integers(0, 40),
    "most": st.integers(1, 25),
}


_TEAMS: Mapping[str, Strategy] = {
    "team": _hex(12),
    "card": _hex(16),
    **dict.fromkeys(("user", "to", "by", "group", "channel"), st.text(max_size=20)),
    **dict.fromkeys(("people", "lines"), several(st.text(max_size=20), 5)),
}
"""Values of the fields of what is asked about teams and cards; ids are of a form of their own."""

_OWN: Mapping[type[Intent], Mapping[str, Strategy]] = {
    AnswerInvite: {"answer": st.sampled_from((None, "yes", "no", "leave"))},
    TellPosted: {"number": st.integers(0, 99), "outcome": st.text(max_size=20)},
    PutBackNudges: {
        "weekday": st.integers(0, 6),
        "minute": st.integers(0, 1439),
        "zone": st.sampled_from(("Europe/Berlin", "Atlantis")),
        "country": st.sampled_from((None, "DE", "XX")),
        "every": st.integers(1, 20),
        "outcome": st.sampled_from((None, "done", "partly", "not-now")),
    },
    MakeCard: {"step": st.sampled_from(("pick", "ask", "preview", "send")), "drop": st.text(max_size=20)},
}
"""Fields that have other values in one kind than in the others."""


def intents_of(values: Mapping[str, Strategy]) -> st.SearchStrategy[Intent]:
    """Intents of every kind; `values` are those of their fields, by name."""

    def build(kind: type[Intent]) -> st.SearchStrategy[Intent]:
        known = {**values, **_TEAMS, **_OWN.get(kind, {})}
        return st.builds(kind, **{name: value for name, value in known.items() if name in kind.model_fields})

    return st.one_of([build(kind) for kind in get_args(Intent)])


intents = intents_of(_VALUES)


def blocks_of(texts: Strategy, *, large: bool = True) -> st.SearchStrategy[Block]:
    """Blocks of every kind with these texts; `large`: pickers and tables too large for a platform, too."""
    choices = several(st.builds(Choice, texts, ids), 8)
    if large:
        choices |= st.integers(95, 320).map(lambda count: tuple(Choice(f"Choice {n}", f"c{n}") for n in range(count)))
    pickers = st.builds(Picker, st.sampled_from(("role", "level", "skill")), texts, choices, st.none() | ids)
    kinds = st.sampled_from(("line", "text", "link", "day", "channel"))
    entries = st.builds(Entry, st.sampled_from(("words", "text", "link")), texts, kinds, texts, st.booleans())
    counts = st.tuples(st.integers(0, 600), st.integers(0, 600))
    charts = st.builds(Chart, texts, st.tuples(texts, texts), several(st.builds(Bar, texts, counts), 12))
    styles = st.sampled_from(("plain", "primary", "danger"))
    buttons = st.builds(Button, texts, intents, style=styles, share=st.booleans())
    tables = st.integers(1, 22 if large else 5).flatmap(
        lambda width: st.builds(
            Table,
            texts,
            st.lists(texts, min_size=width, max_size=width).map(tuple),
            several(st.lists(texts, min_size=width, max_size=width).map(tuple), 6),
        )
    )
    if large:
        tables |= st.builds(Table, texts, st.just(("a", "b")), st.integers(90, 120).map(lambda n: (("x", "y"),) * n))
    people = st.sampled_from(("someone", "U012ANNA01", "W1", "<!channel>", "U1|x", "U1>"))
    return st.one_of(
        st.builds(Heading, texts),
        st.builds(Text, texts, st.booleans()),
        st.builds(Quote, texts, st.sampled_from(("en", "de"))),
        st.builds(Bullets, several(st.builds(Item, texts, texts, texts), 8), st.booleans(), st.integers(1, 40)),
        st.builds(Facts, several(st.tuples(texts, texts), 6)),
        tables,
        st.builds(Progress, texts, st.integers(-2, 120), st.integers(-1, 100)),
        charts,
        st.builds(File, texts, texts, st.just("text/plain"), texts),
        st.builds(Buttons, several(buttons, 12)),
        st.builds(Menu, pickers, intents),
        st.builds(Form, several(pickers | entries, 4), texts, intents),
        st.builds(Note, texts, st.none() | people),
    )


texts = st.sampled_from(HOSTILE) | st.text(max_size=60)
short_texts = st.sampled_from([text[:40] for text in SHORT_HOSTILE]) | st.text(max_size=40)
replies = st.builds(
    Reply,
    blocks=several(blocks_of(texts), 12),
    audience=st.sampled_from(Audience),
    in_place=st.booleans(),
    lang=st.sampled_from(("en", "de")),
    private=st.booleans(),
)
