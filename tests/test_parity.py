"""The same content on every platform: what the plain text says is what Slack and Teams show, word for word."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import assume, given

from bot.press import Press
from bot.slack import press as slack_press
from bot.slack.render import Message
from bot.slack.render import render as render_slack
from bot.teams import press as teams_press
from bot.teams.render import render_card
from bot.text import clean
from content.texts import Voice
from handlers.intent import fill
from handlers.plain import plain, plain_block
from handlers.reply import (
    Block,
    Bullets,
    Buttons,
    Entry,
    Form,
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
from tests.dialog import Dialog, hold, read_folder
from tests.questions import questions
from tests.replies import blocks_of, short_texts
from tests.talk import FRAMEWORKS, Talk, content, filled

Json = dict[str, Any]

FRAME = set("“”[]•|:·–…▰▱\u2060")
"""What stands around words and between them, and differs from platform to platform."""


@pytest.mark.parametrize("dialog", [pytest.param(one, id=name) for name, one in read_folder().items()])
async def test_dialogs_say_the_same_everywhere(dialog: Dialog) -> None:
    """Every reply of every conversation has the same words and the same buttons on both platforms."""
    async for _, reply in hold(dialog):
        check(reply)


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("lang", ["en", "de"])
async def test_answers_say_the_same_everywhere(lang: str, framework: str) -> None:
    """Every page about a framework has the same words and the same buttons on both platforms."""
    talk = Talk(lang=lang, framework=framework)
    for intent in questions(talk.desk.matrix):
        check(await talk.asks(intent))


@given(blocks_of(short_texts, large=False))
def test_every_kind_of_block_says_the_same_everywhere(block: Block) -> None:
    """Whatever stands in a block that no platform has to cut, both show its words and no others of it."""
    assume(not isinstance(block, Note) or (block.by or "x").isalnum())  # a name with mark-up in it is tamed on Teams
    reply = Reply((block,))
    said = tokens([clean(plain_block(block))])
    assert not beyond(tokens(on_slack(render_slack(reply))), said)
    own = {word for name in ("teams.choose", "button.show") for word in tokens([voice_of(reply)(name)])}
    assert not beyond(tokens(on_teams(card(reply))), said).keys() - own


@pytest.mark.parametrize("done", range(9))
def test_progress_is_drawn_alike(done: int) -> None:
    """As many squares are filled on one platform as on the other."""
    check(Reply((Progress("Milestones", done, 8),)))


def test_nothing_reads_otherwise_than_it_is_written() -> None:
    """Direction overrides and control characters reach neither platform."""
    text = "\u202egnirts\u202c\u2066 \x00\x07\ud800a\x9bb"
    reply = Reply((Text(text), Quote(text, "en"), Bullets((Item(text, text, text),)), Table(text, (text,), ((text,),))))
    check(reply)
    shown = " ".join([*on_slack(render_slack(reply)), *on_teams(card(reply))])
    assert not set("\u202e\u202c\u2066\x00\x07\ud800\x9b") & set(shown)


def test_a_missing_word_would_be_noticed() -> None:
    """The comparison is no formality: a word too few or too many is found."""
    assert beyond(["a", "b", "c"], ["a", "c"]) == Counter(["b"])
    with pytest.raises(AssertionError):
        beyond(["a", "c"], ["a", "b", "c"])
    with pytest.raises(AssertionError):
        beyond(["b", "a"], ["a", "b"])


def check(reply: Reply) -> None:
    """A reply has its plain words, in their order and no others, and its buttons on both platforms."""
    messages, page, voice = render_slack(reply), card(reply), voice_of(reply)
    said = tokens(clean(plain_block(block)) for block in reply.blocks)
    assert tokens([plain(reply)]) == tokens(plain_block(block) for block in reply.blocks)
    slack, teams = list(on_slack(messages)), list(on_teams(page))
    assert not beyond(tokens(slack), said)
    folded = sum(choices["id"].endswith("-pick") for choices, _ in teams_pickers(page))
    menus = sum(isinstance(block, Menu) for block in reply.blocks)
    # A picker does not act by itself on Teams: it has a button, and says that one may choose.
    own = tokens([voice("teams.choose")] * folded + [voice("button.show")] * (menus + folded))
    assert beyond(tokens(teams), said) == Counter(own)
    for quote in (clean(block.text) for block in reply.blocks if isinstance(block, Quote)):
        assert quote in " ".join(slack)
        assert quote in " ".join(teams)
    bars = [block.bar for block in reply.blocks if isinstance(block, Progress)]
    assert re.findall("[▰▱]+", " ".join(slack)) == re.findall("[▰▱]+", " ".join(teams)) == bars
    asked = list(in_reply(reply))
    assert list(pressed_on_slack(messages)) == asked
    assert list(pressed_on_teams(page, reply)) == asked


def tokens(texts: Iterable[str]) -> list[str]:
    """The words and signs of texts, without what stands around them."""
    return [one for text in texts for one in re.findall(r"\w+|[^\w\s]", text) if one not in FRAME]


def beyond(shown: list[str], said: list[str]) -> Counter[str]:
    """What is shown beyond what is said, which must be shown whole and in its order."""
    rest = iter(said)
    following = next(rest, None)
    more: Counter[str] = Counter()
    for word in shown:
        if word == following:
            following = next(rest, None)
        else:
            more[word] += 1
    assert following is None, f"“{following}” and what follows are not shown, or elsewhere"
    return more


def voice_of(reply: Reply) -> Voice:
    return content().texts.voice(reply.lang)


def card(reply: Reply) -> Json:
    """The card of a reply, in a place where answers can be shared; people are called by their ids."""
    names = {block.by: block.by for block in reply.blocks if isinstance(block, Note) and block.by}
    return render_card(reply, voice_of(reply), share=True, names=names)


def on_slack(messages: Iterable[Message]) -> Iterator[str]:
    """What Slack shows, piece by piece."""
    for message in messages:
        for block in message.blocks:
            yield from _slack(block)


def _slack(part: Json) -> Iterator[str]:
    match part:
        case {"type": "rich_text_list", "style": "ordered", "elements": lines}:
            for number, line in enumerate(lines, start=1 + part.get("offset", 0)):
                yield from (f"{number}.", *_slack(line))
        case {"type": "input", "label": label, "element": element}:
            yield label["text"]
            yield from _slack(element)
        case {"type": "plain_text_input" | "datepicker"}:
            yield part.get("initial_value", part.get("initial_date", ""))
        case {"type": "conversations_select"}:
            yield part.get("initial_conversation", "")
        case {"type": "emoji"}:
            pass  # squares of a chart, whose words and numbers stand beside them
        case {"type": "static_select"}:
            yield part.get("placeholder", {}).get("text", "")
            yield from _options(part)
        case {"type": "table", "rows": rows}:
            yield from (cell["text"] for row in rows for cell in row)
        case {"type": "mrkdwn", "text": mention}:
            yield mention.removeprefix("<@").removesuffix(">")
        case {"text": {"text": text}} | {"text": text}:
            yield text
        case {"elements": elements}:
            for element in elements:
                yield from _slack(element)
        case _:
            raise AssertionError(f"not known how {part} is shown")


def _options(select: Json) -> Iterator[str]:
    groups = select.get("option_groups", [select])
    yield from (option["text"]["text"] for group in groups for option in group["options"])


def on_teams(part: Json) -> Iterator[str]:
    """What Teams shows, piece by piece."""
    match part:
        case {"type": "TextBlock" | "TextRun", "text": text}:
            yield text.removeprefix("<at>").removesuffix("</at>")
        case {"type": "FactSet", "facts": facts}:
            yield from (text for fact in facts for text in (fact["title"], fact["value"]))
        case {"type": "Input.ChoiceSet", "label": label, "choices": choices}:
            yield from (label, *(choice["title"] for choice in choices))
        case {"type": "Input.Text" | "Input.Date", "label": label}:
            yield from (label, part.get("value", ""))
        case {"type": "Action.Execute", "title": title}:
            yield title
        case {"type": "Chart.HorizontalBar.Stacked", "data": bars, "fallback": words}:
            said = [bar["title"] for bar in bars]
            assert tokens(on_teams(words)) == tokens(said)
            yield from said
        case _:
            inner = next(
                part[key]
                for key in ("body", "items", "columns", "rows", "cells", "inlines", "actions")
                if isinstance(part.get(key), list) and (key != "columns" or part["type"] == "ColumnSet")
            )
            for one in inner:
                yield from on_teams(one)


def in_reply(reply: Reply) -> Iterator[tuple[str, Press]]:
    """What can be pressed and what it asks; a form with its first choices and with its last ones."""
    for block in reply.blocks:
        match block:
            case Buttons(buttons):
                yield from ((button.label, Press(button.intent, button.share)) for button in buttons)
            case Menu(picker, intent):
                for choice in picker.choices:
                    yield choice.label, Press(fill(intent, [(picker.field, choice.value)]))
            case Form(fields, submit, intent):
                for end in (0, -1):
                    yield submit, Press(fill(intent, [(one.field, filled(_as_line(one), end)) for one in fields]))


def _as_line(field: Picker | Entry) -> Picker | Entry:
    """A field as clients see it: a link is a line to them."""
    return replace(field, kind="line") if isinstance(field, Entry) and field.kind == "link" else field


def pressed_on_slack(messages: Iterable[Message]) -> Iterator[tuple[str, Press]]:
    """The same, read back from Slack's messages as Slack sends it when something is pressed."""
    for message in messages:
        inputs: dict[str, Json] = {}
        for block in message.blocks:
            if block["type"] == "input":
                inputs[block["block_id"]] = block["element"]
            for element in block["elements"] if block["type"] == "actions" else ():
                if element["type"] == "static_select":
                    for option in element["options"]:
                        yield option["text"]["text"], slack_press.read_press(element | {"selected_option": option}, {})
                    continue
                for end in (0, -1) if inputs else (0,):
                    values = {block_id: {one["action_id"]: _sent(one, end)} for block_id, one in inputs.items()}
                    yield element["text"]["text"], slack_press.read_press(element, {"values": values})
                inputs = {}


def _sent(element: Json, end: int) -> Json:
    """What Slack reports of a field in which something was chosen or written."""
    match element:
        case {"type": "static_select", "options": options}:
            return {"selected_option": options[end]}
        case {"type": "datepicker"}:
            return {"selected_date": filled(Entry("", "", "day"), end)}
        case {"type": "conversations_select"}:
            return {"selected_conversation": filled(Entry("", "", "channel"), end)}
        case {"multiline": multiline}:
            return {"value": filled(Entry("", "", "text" if multiline else "line"), end)}
    raise AssertionError(f"not known how {element} is filled in")


def teams_pickers(page: Json) -> Iterator[tuple[Json, Json]]:
    """Every picker of a card, with the action that sends it."""
    for element in page["body"]:
        *pickers, last = element.get("items", [{}])
        for picker in pickers:
            if picker["type"] == "Input.ChoiceSet":
                yield picker, last["actions"][0]


def pressed_on_teams(page: Json, reply: Reply) -> Iterator[tuple[str, Press | None]]:
    """The same, read back from the card as Teams sends it when something is pressed."""
    for element in page["body"]:
        if element["type"] == "ActionSet":
            yield from ((one["title"], teams_press.read_press(one["data"])) for one in element["actions"])
        fields = [one for one in element.get("items", ()) if one["type"].startswith("Input.")]
        if not fields:
            continue
        action = element["items"][-1]["actions"][0]
        number = int(fields[0]["id"].partition("-")[0])
        if isinstance(reply.blocks[number], Form):
            for end in (0, -1):
                chosen = {one["id"]: _written(one, end) for one in fields}
                yield action["title"], teams_press.read_press(action["data"] | chosen)
        else:
            (picker,) = fields
            for choice in picker["choices"]:
                chosen = {picker["id"]: choice["value"]}
                yield choice["title"], teams_press.read_press(action["data"] | chosen)


def _written(field: Json, end: int) -> str:
    """What Teams sends of a field in which something was chosen or written."""
    match field:
        case {"type": "Input.ChoiceSet", "choices": choices}:
            return str(choices[end]["value"])
        case {"type": "Input.Date"}:
            return filled(Entry("", "", "day"), end)
        case {"type": "Input.Text", "isMultiline": multiline}:
            return filled(Entry("", "", "text" if multiline else "line"), end)
    raise AssertionError(f"not known how {field} is filled in")
