"""Replies of every kind, for hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from handlers.intent import CompareLevels, Intent, ShowExpectations, ShowHelp
from handlers.reply import (
    Audience,
    Bullets,
    Button,
    Buttons,
    Choice,
    Facts,
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

HOSTILE = (
    "*bold* _it_ ~~gone~~ `code` ```block```",
    "[click](https://example.com) <https://example.com|click> https://example.com",
    "<!channel> <@U123> <#C1> <at>Rung</at> <b>x</b> <script>alert(1)</script> &amp; &lt;",
    "# head\n- list\n1. one\n> quote\n| a | b |\n---",
    "{{DATE(2026-03-17T06:00:00Z,SHORT)}} ${name} {0} %s",
    "\u202egnirts\u202c \x00\x07\ud800 \u200b",
    "",
    " ",
    "ä" * 4000,
    "word " * 3000,
)
"""Texts that a platform could obey, choke on, or find too long."""

texts = st.one_of(st.sampled_from(HOSTILE), st.text(max_size=60))
ids = st.sampled_from(("junior", "senior", "ml-engineer", "a" * 40))
intents: st.SearchStrategy[Intent] = st.one_of(
    st.builds(ShowExpectations, role=ids, level=ids),
    st.builds(CompareLevels, role=ids, levels=st.lists(ids, max_size=4).map(tuple)),
    st.just(ShowHelp()),
)


def _several(one: st.SearchStrategy, most: int) -> st.SearchStrategy:
    return st.lists(one, max_size=most).map(tuple)


choices = st.builds(Choice, label=texts, value=ids)
pickers = st.builds(
    Picker,
    field=st.sampled_from(("role", "level", "skill")),
    label=texts,
    choices=_several(choices, 8),
    chosen=st.one_of(st.none(), ids),
)
items = st.builds(Item, text=texts, label=texts, detail=texts)
buttons = st.builds(
    Button,
    label=texts,
    intent=intents,
    style=st.sampled_from(("plain", "primary", "danger")),
    share=st.booleans(),
)
tables = st.integers(1, 7).flatmap(
    lambda width: st.builds(
        Table,
        caption=texts,
        header=st.lists(texts, min_size=width, max_size=width).map(tuple),
        rows=_several(st.lists(texts, min_size=width, max_size=width).map(tuple), 6),
    )
)
blocks = st.one_of(
    st.builds(Heading, texts),
    st.builds(Text, texts),
    st.builds(Quote, texts, st.sampled_from(("en", "de"))),
    st.builds(Bullets, _several(items, 6), st.booleans()),
    st.builds(Facts, _several(st.tuples(texts, texts), 5)),
    tables,
    st.builds(Progress, texts, st.integers(-2, 120), st.integers(0, 100)),
    st.builds(Buttons, _several(buttons, 12)),
    st.builds(Menu, pickers, intents),
    st.builds(Form, _several(pickers, 3), texts, intents),
    st.builds(Note, texts, st.one_of(st.none(), st.just("someone"))),
)
replies = st.builds(
    Reply,
    blocks=_several(blocks, 10),
    audience=st.sampled_from(Audience),
    in_place=st.booleans(),
    lang=st.sampled_from(("en", "de")),
    private=st.booleans(),
)
