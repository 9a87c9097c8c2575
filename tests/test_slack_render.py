"""Replies as Slack shows them: within its limits, and with nothing in them obeyed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slackblocks import _limits as published

from bot.press import Press
from bot.slack import limits
from bot.slack.press import button_value, read_press
from bot.slack.render import render
from handlers.intent import (
    CompareRoles,
    Intent,
    ListRoles,
    RateAnswer,
    ShowExpectations,
)
from handlers.plain import plain
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
    Quote,
    Reply,
    Table,
    Text,
)
from tests.replies import intents, replies
from tests.slack_check import faults
from tests.talk import content

TEXTS = content().texts

HOSTILE = (
    "<!channel> <!everyone> <!here> <@U012ANNA01> <#C0GENERAL> <https://example.com|click> *bold* _it_ ~no~ `code` "
    "```block``` :smile: @channel > quote & &lt;!channel&gt; <script>alert(1)</script>"
)


@settings(max_examples=300, deadline=None)
@given(replies)
def test_every_reply_is_within_the_limits(reply: Reply) -> None:
    """Whatever a reply is built of, Slack refuses none of its messages."""
    messages = render(reply)
    assert 0 < len(messages) <= limits.REPLY_MESSAGES
    assert [faults(message) for message in messages] == [[]] * len(messages)


@settings(max_examples=100, deadline=None)
@given(replies)
def test_every_rated_reply_is_within_the_limits(reply: Reply) -> None:
    """Two thumbs at the end of an answer make no message too large, stand under something, and change no word."""
    source = Note("Where it is from.", cites=True)
    rated = replace(reply, blocks=(*reply.blocks, source), audience=Audience.ASKER, failed=False, asked=ListRoles())
    assert rated.rated is None
    rated = replace(rated, asked=ShowExpectations())
    plain, messages = render(rated), render(rated, TEXTS.voice("de"))
    assert [faults(message) for message in messages] == [[]] * len(messages)
    assert [message.text for message in messages] == [message.text for message in plain]
    *before, last = ([*message.blocks] for message in messages)
    if last[-1]["type"] == "context_actions":
        last.pop()
    assert [*before, last] == [[*message.blocks] for message in plain]


@pytest.mark.parametrize("helped", [True, False])
def test_a_thumb_brings_its_verdict_back(helped: bool) -> None:
    """What a thumb carries names the kind of what was asked, and nothing of the question."""
    asked = ShowExpectations(role="mle", level="senior")
    reply = Reply((Text("Words."), Note("Their source.", cites=True)), asked=asked)
    (message,) = render(reply, TEXTS.voice("en"))
    (element,) = message.blocks[-1]["elements"]
    thumb = element["positive_button" if helped else "negative_button"]
    pressed = {"type": "feedback_buttons", "action_id": element["action_id"], "value": thumb["value"]}
    assert read_press(pressed, {}).intent == RateAnswer(about="expect", helped=helped)
    assert "mle" not in thumb["value"]


@settings(max_examples=200, deadline=None)
@given(replies)
def test_nothing_but_a_note_mentions_anyone(reply: Reply) -> None:
    """The only mark-up that Slack parses is the mention of the person a note names."""
    for message in render(reply):
        parsed = [part["text"] for part in walk(list(message.blocks)) if part.get("type") == "mrkdwn"]
        assert set(parsed) <= {"<@U012ANNA01>", "<@W1>"}
        assert "<" not in message.text
        assert ">" not in message.text


@given(replies)
def test_the_ready_made_json_says_the_same(reply: Reply) -> None:
    """The text of the acknowledgement is the message's blocks."""
    for message in render(reply):
        assert json.loads(f"{{{message.json}}}") == {"text": message.text, "blocks": list(message.blocks)}


@given(intents, st.booleans())
def test_a_button_brings_its_intent_back(intent: Intent, share: bool) -> None:
    """What a button carries is what comes back when it is pressed, and it fits."""
    value = button_value(intent, share=share)
    assert len(value) <= limits.BUTTON_VALUE
    assert read_press({"action_id": "do:0", "value": value}, {}) == Press(intent, share)


def test_a_menu_brings_its_choice_back() -> None:
    """A menu's action id and the chosen value make the whole intent."""
    template = ShowExpectations(level="senior")
    (message,) = render(Reply((Menu(Picker("role", "Role", (Choice("ML Engineer", "mle"),)), template),)))
    (element,) = message.blocks[0]["elements"]
    pressed = {**element, "selected_option": element["options"][0]}
    assert read_press(pressed, {}).intent == ShowExpectations(role="mle", level="senior")


def test_a_menu_whose_question_is_too_long_becomes_buttons() -> None:
    """Where an action id cannot hold the question, buttons do, under the menu's label."""
    template = CompareRoles(roles=tuple(f"a-rather-long-name-of-a-role-{n}" for n in range(11)))
    (message,) = render(Reply((Menu(Picker("level", "Level", (Choice("Senior", "senior"),)), template),)))
    label, row = message.blocks
    (element,) = row["elements"]
    assert label["elements"][0]["elements"][0]["text"] == "Level"
    assert read_press(element, {}).intent == template.model_copy(update={"level": "senior"})


def test_a_form_brings_its_choices_back() -> None:
    """The submit button and the state of the message make the whole intent; what is not chosen stays open."""
    roles, levels = (Choice("ML Engineer", "mle"),), (Choice("Senior", "senior"), Choice("Lead", "lead"))
    form = Form((Picker("role", "Role", roles), Picker("level", "Level", levels, "lead")), "Show", ShowExpectations())
    (message,) = render(Reply((form,)))
    *inputs, actions = message.blocks
    assert inputs[1]["element"]["initial_option"]["value"] == "lead"
    values = {
        inputs[0]["block_id"]: {"chosen": {"selected_option": None}},
        inputs[1]["block_id"]: {"chosen": {"selected_option": inputs[1]["element"]["initial_option"]}},
    }
    assert read_press(actions["elements"][0], {"values": values}).intent == ShowExpectations(level="lead")


def test_a_changed_form_gets_new_block_ids() -> None:
    """Slack keeps what was chosen by block id, so another form must not inherit it."""
    forms = [
        Form((Picker("role", "Role", (Choice("A", "a"), Choice("B", "b")), chosen),), "Show", ShowExpectations())
        for chosen in ("a", "b")
    ]
    first, second = (render(Reply((form,)))[0].blocks[0]["block_id"] for form in forms)
    assert first != second


def test_mark_up_is_shown_and_not_obeyed() -> None:
    """Hostile text appears letter by letter in every kind of block."""
    reply = Reply(
        (
            Heading("<!here> *x*"),
            Text(HOSTILE),
            Quote(HOSTILE, "en"),
            Bullets((Item(HOSTILE, label="<!channel>"),)),
            Facts((("<!channel>", HOSTILE),)),
            Table("<!channel>", ("<!channel>",), ((HOSTILE,),)),
            Note(HOSTILE, by="<!channel>"),
        )
    )
    (message,) = render(reply)
    texts = [part["text"] for part in walk(list(message.blocks)) if isinstance(part.get("text"), str)]
    assert sum(HOSTILE in text for text in texts) == 6
    assert not [part for part in walk(list(message.blocks)) if part.get("type") in ("mrkdwn", "link", "broadcast")]
    assert "<!" not in message.text
    assert "&lt;!channel&gt;" in message.text


def test_long_quotes_are_split_and_lose_nothing() -> None:
    """A quotation beyond the limit of one text goes on in the next block, word for word."""
    quoted = " ".join(f"word{n}" for n in range(900))
    (message,) = render(Reply((Quote(quoted, "en"),)))
    assert " ".join(part["text"] for part in walk(list(message.blocks)) if part["type"] == "text") == quoted


def test_a_reply_too_long_for_slack_ends_visibly() -> None:
    """What five messages cannot hold is cut, and an ellipsis says so."""
    messages = render(Reply(tuple(Text("word " * 600) for _ in range(40))))
    assert len(messages) == limits.REPLY_MESSAGES
    assert messages[-1].blocks[-1]["elements"][0]["elements"][0]["text"] == "…"


def test_a_second_table_starts_a_new_message() -> None:
    """Slack takes one table a message."""
    table = Table("Caption", ("a", "b"), (("1", ""),))
    assert len(render(Reply((table, table)))) == 2


def test_numbered_lists_count_on_across_blocks() -> None:
    """A numbered list that is split goes on counting."""
    (message,) = render(Reply((Bullets(tuple(Item("word " * 180) for _ in range(6)), numbered=True),)))
    offsets = [block["elements"][0].get("offset", 0) for block in message.blocks]
    assert offsets == [0, 3]


def test_the_plain_form_is_that_of_every_platform() -> None:
    """A message's text is the reply's plain-text form."""
    reply = Reply((Heading("Title"), Facts((("a", "b"),)), Buttons((Button("Go", ListRoles()),))))
    (message,) = render(reply)
    assert message.text == plain(reply)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (limits.MESSAGE_BLOCKS, published.MESSAGE_BLOCKS_MAX_ITEMS),
        (limits.HEADER, published.HEADER_TEXT_MAX_LENGTH),
        (limits.TEXT, published.TEXT_MAX_LENGTH),
        (limits.CONTEXT_ELEMENTS, published.CONTEXT_ELEMENTS_MAX_ITEMS),
        (limits.CONTEXT_ACTIONS_ELEMENTS, published.CONTEXT_ACTIONS_ELEMENTS_MAX_ITEMS),
        (limits.BUTTON_TEXT, published.FEEDBACK_BUTTON_TEXT_MAX_LENGTH),
        (limits.BUTTON_VALUE, published.FEEDBACK_BUTTON_VALUE_MAX_LENGTH),
        (limits.INPUT_LABEL, published.INPUT_LABEL_MAX_LENGTH),
        (limits.ACTIONS_ELEMENTS, published.ACTIONS_ELEMENTS_MAX_ITEMS),
        (limits.ACTION_ID, published.ACTION_ID_MAX_LENGTH),
        (limits.BLOCK_ID, published.BLOCK_ID_MAX_LENGTH),
        (limits.BUTTON_TEXT, published.BUTTON_TEXT_MAX_LENGTH),
        (limits.BUTTON_VALUE, published.BUTTON_VALUE_MAX_LENGTH),
        (limits.PLACEHOLDER, published.SELECT_PLACEHOLDER_MAX_LENGTH),
        (limits.OPTIONS, published.SELECT_OPTIONS_MAX_ITEMS),
        (limits.OPTIONS, published.OPTION_GROUP_OPTIONS_MAX_ITEMS),
        (limits.OPTION_GROUPS, published.SELECT_OPTION_GROUPS_MAX_ITEMS),
        (limits.OPTION_GROUP_LABEL, published.OPTION_GROUP_LABEL_MAX_LENGTH),
        (limits.OPTION_TEXT, published.OPTION_TEXT_MAX_LENGTH),
        (limits.OPTION_VALUE, published.OPTION_VALUE_MAX_LENGTH),
        (limits.TABLE_ROWS, published.TABLE_ROWS_MAX_ITEMS),
        (limits.TABLE_COLUMNS, published.TABLE_COLUMNS_MAX_ITEMS),
    ],
)
def test_the_limits_are_those_others_found(ours: int, theirs: int) -> None:
    """The table of limits agrees with an independent one."""
    assert ours == theirs


def walk(part: Any) -> Iterator[dict[str, Any]]:
    """Every object in a message's JSON."""
    if isinstance(part, dict):
        yield part
    for inner in part.values() if isinstance(part, dict) else part if isinstance(part, list) else ():
        yield from walk(inner)
