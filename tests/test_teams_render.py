"""Replies as Adaptive Cards: valid, within the limits, and nothing in them obeyed."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft6Validator

from bot.press import Press
from bot.teams import limits
from bot.teams.press import read_press
from bot.teams.render import render, render_card
from bot.text import dump, weigh
from handlers.answer import answer
from handlers.intent import (
    AddEvidence,
    CompareLevels,
    ShowExpectations,
    ShowHelp,
)
from handlers.plain import plain
from handlers.reply import (
    Bar,
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
from handlers.turn import Person, Place, Turn
from tests.questions import questions
from tests.replies import HOSTILE, replies
from tests.talk import Clock, make_desk
from tests.teams import DATA, TEXTS

EN = TEXTS.voice("en")

Json = dict[str, Any]


@cache
def schema() -> Json:
    """Microsoft's schema of Adaptive Cards 1.5."""
    return json.loads((DATA / "adaptive-card-1.5.schema.json").read_text())


_PIECE = {
    "type": "object",
    "required": ["legend", "value", "color"],
    "additionalProperties": False,
    "properties": {
        "legend": {"type": "string", "minLength": 1},
        "value": {"type": "integer", "minimum": 1},
        "color": {"enum": ["good", "categoricalMarigold", "neutral"]},
    },
}
_BAR = {
    "type": "object",
    "required": ["title", "data"],
    "additionalProperties": False,
    "properties": {"title": {"type": "string", "minLength": 1}, "data": {"type": "array", "items": _PIECE}},
}
OWN = {
    "Chart.HorizontalBar.Stacked": {
        "type": "object",
        "required": ["type", "title", "data"],
        "additionalProperties": False,
        "properties": {
            "type": {},
            "title": {"type": "string", "minLength": 1},
            "data": {"type": "array", "minItems": 1, "maxItems": 4, "items": _BAR},
            "spacing": {"enum": ["small", "medium", "large"]},
        },
    }
}
"""Elements that only Teams knows, as its documentation describes them and its renderer checks them."""


@cache
def validator(kind: str) -> Draft6Validator:
    """A validator for one kind of element; faults then name the element, not the whole card."""
    if kind in OWN:
        return Draft6Validator(OWN[kind])
    return Draft6Validator({"$ref": f"#/definitions/{kind}", "definitions": schema()["definitions"]})


@cache
def fault(kind: str, element: str) -> str | None:
    """What is wrong with an element, or None. Cards say many things alike, so what was checked is kept."""
    return next((error.message for error in validator(kind).iter_errors(json.loads(element))), None)


def alone(element: Json) -> Json:
    """An element without those in it, which are checked by themselves, and without what only Teams knows."""
    own: Json = {}
    for key, value in element.items():
        if isinstance(value, list):
            own[key] = [child for child in value if not (isinstance(child, dict) and "type" in child)]
        elif key != "msteams" and not (isinstance(value, dict) and key == "fallback"):
            own[key] = value
    return own


def elements(card: Json) -> Iterator[Json]:
    """Every typed object of a card, the card first."""
    yield card
    for value in card.values():
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, dict) and isinstance(child.get("type"), str):
                yield from elements(child)


def shown(card: Json) -> str:
    """All the text a card shows, each piece on a line of its own."""
    pieces: list[str] = []
    for element in elements({key: value for key, value in card.items() if key != "fallback"}):
        pieces += [str(element[key]) for key in ("text", "title", "label") if key in element]
        pieces += [fact[key] for fact in element.get("facts", ()) for key in ("title", "value")]
        pieces += [choice["title"] for choice in element.get("choices", ())]
    return "\n".join(pieces)


def check(card: Json) -> None:
    """The card follows Microsoft's schema and the rules the schema does not know."""
    assert card["version"] == "1.5"
    assert weigh(card) <= limits.CARD_BYTES
    names: list[str] = []
    actions = checking = needed = 0
    for element in elements(card):
        kind = element["type"]
        problem = fault(kind, json.dumps(alone(element)))
        assert not problem, f"{kind}: {problem}"
        if kind.startswith("Input."):
            names.append(element["id"])
            assert element["label"].strip()
            needed += element.get("isRequired", False)
            assert element.get("isRequired", False) == bool(element.get("errorMessage"))
            assert len(element.get("value", "")) <= element.get("maxLength", 100)
        if kind == "Input.Date" and "value" in element:
            assert datetime.date.fromisoformat(element["value"])
        if kind in OWN:
            assert element["fallback"]["items"]
        if kind == "TextBlock":
            assert element["wrap"] is True
        if kind in ("TextBlock", "TextRun"):
            assert element["text"]
        if kind == "ActionSet":
            assert element["actions"]
            actions += len(element["actions"])
        if kind == "Action.Execute":
            checking += element.get("associatedInputs") != "none"
            fallback = element["fallback"]
            assert fallback["type"] == "Action.Submit"
            assert fallback["data"] == element["data"]
            assert fallback["title"].strip()
        if kind == "Table":
            assert element["fallback"]["items"]
            assert {len(row["cells"]) for row in element["rows"]} == {len(element["columns"])}
    assert len(names) == len(set(names))
    assert actions <= limits.ACTIONS
    # An action that sends any input is held up by every one of the card that is needed and empty.
    assert not needed or checking == 1


LADDER = Chart("The ladder", ("done", "open"), (Bar("Junior", (4, 0)), Bar("Middle", (3, 2)), Bar("Senior", (0, 9))))

EVERYTHING = Reply(
    (
        Heading("Senior ML Engineer"),
        Text("Required at this level."),
        Quote("Designs model serving architecture.", "en"),
        Bullets((Item("Designs", "New", "before: Implements"), Item("Keeps"))),
        Bullets((Item("first"), Item("second")), numbered=True),
        Facts((("Skill", "Model Serving"), ("Level", "Senior"))),
        Table("By level", ("Role", "From"), (("ML Engineer", "Middle"), ("NLP Engineer", "Senior"))),
        Progress("Milestones", 3, 8),
        LADDER,
        File("packet.md", "Your packet", "text/markdown", "# Packet"),
        Menu(Picker("level", "Level", (Choice("Junior", "junior"),), "junior"), ShowExpectations(role="ml-engineer")),
        Form((Picker("role", "Role", (Choice("ML Engineer", "ml-engineer"),)),), "Look", ShowExpectations()),
        Buttons((Button("Help", ShowHelp()), Button("Erase", ShowHelp(), "danger"))),
        Note("Source: a page.", by="user-1"),
    ),
    lang="en",
)


def test_every_kind_of_block_is_shown() -> None:
    """Everything that the plain text says stands on the card."""
    card = render_card(EVERYTHING, EN, names={"user-1": "Alex Example"})
    check(card)
    older = {key: card[key] for key in card if key != "msteams"}
    older["body"] = [one["fallback"] if one["type"] in OWN else one for one in card["body"]]
    assert not list(validator("AdaptiveCard").iter_errors(older))
    lines = shown(card)
    for word in plain(EVERYTHING).replace("user-1", "").replace("/", " / ").split():
        assert word.strip("[]“”:|•") in lines or word == "/"
    assert card["lang"] == "en"


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@example(EVERYTHING, "en")
@given(replies, st.sampled_from(("en", "de")))
def test_any_reply_is_a_valid_card(reply: Reply, lang: str) -> None:
    """Whatever a reply holds, its card is one that Teams takes."""
    message = render(reply, TEXTS.voice(lang), names={"someone": "A <b>*Name*"})
    check(message["attachments"][0]["content"])
    assert len(message["summary"]) <= limits.SUMMARY
    json.loads(dump(message).encode())


def everywhere(text: str) -> Reply:
    """A reply with a text in every place that holds one."""
    return Reply(
        (
            Heading(text),
            Text(text),
            Quote(text, "en"),
            Bullets((Item(text, text, text),)),
            Facts(((text, text),)),
            Table(text, (text, text), ((text, text),)),
            Progress(text, 1, 2),
            Menu(Picker("level", text, (Choice(text, "junior"),)), ShowExpectations()),
            Buttons((Button(text, ShowHelp()),)),
            Note(text, by="user-1"),
        )
    )


@pytest.mark.parametrize("text", HOSTILE[:5])
def test_markup_is_never_given_to_an_element_that_reads_it(text: str) -> None:
    """Mark-up stands in elements that show it as it is; those that read markdown do not get it."""
    card = render_card(everywhere(text), EN, names={"user-1": text})
    check(card)
    for element in elements(card):
        if element["type"] == "FactSet":
            pytest.fail("a fact set reads markdown")
        if element["type"] == "TextBlock":
            inner = element["text"].removeprefix("<at>").removesuffix("</at>")
            assert not set("*_`[]<>~|#&\\") & set(inner)
        if element["type"] == "TextRun":
            assert "{{" not in element["text"]


def test_words_are_shown_word_for_word() -> None:
    """Nothing is escaped into the text: what stands in the framework stands on the card."""
    text = "Uses *args, A/B & <tags> for R&D_x [see](there)."
    assert text in shown(render_card(Reply((Quote(text, "en"),)), EN))


def test_name_cannot_mention_someone_else() -> None:
    """A mention is of the one person meant, whatever they call themselves."""
    card = render_card(Reply((Note("Shared by", by="u1"),)), EN, names={"u1": "A</at> <at>Everyone"})
    assert [entity["mentioned"]["id"] for entity in card["msteams"]["entities"]] == ["u1"]
    assert card["body"][-1]["text"] == card["msteams"]["entities"][0]["text"]
    assert card["body"][-1]["text"].count("<at>") == 1


def presses(card: Json) -> list[Press | None]:
    """What the buttons of a card ask, with nothing chosen by hand."""
    chosen = {one["id"]: one.get("value") for one in elements(card) if one["type"] == "Input.ChoiceSet"}
    return [read_press({**one["data"], **chosen}) for one in elements(card) if one["type"] == "Action.Execute"]


def test_buttons_ask_what_they_carry() -> None:
    """Reading back what a card's actions carry gives the intents they were made from."""
    lead = CompareLevels(role="ml-engineer", levels=("senior", "lead"))
    picker = Picker("level", "Level", (Choice("Senior", "senior"),), "senior")
    menu = Menu(picker, ShowExpectations(role="ml-engineer"))
    card = render_card(Reply((Buttons((Button("Compare", lead),)), menu)), EN)
    assert presses(card) == [Press(lead), Press(ShowExpectations(role="ml-engineer", level="senior"))]


def test_many_buttons_become_a_picker() -> None:
    """More buttons than a card may have are folded, the longest row first, and ask what they asked before."""
    roles = tuple(Button(f"Role {n}", ShowExpectations(role=f"role-{n}")) for n in range(9))
    card = render_card(Reply((Buttons(roles), Buttons((Button("Help", ShowHelp()),)))), EN)
    check(card)
    (chooser,) = (one for one in elements(card) if one["type"] == "Input.ChoiceSet")
    assert [choice["title"] for choice in chooser["choices"]] == [button.label for button in roles]
    assert presses(card) == [Press(roles[0].intent), Press(ShowHelp())]
    (picked, _) = (one["data"] for one in elements(card) if one["type"] == "Action.Execute")
    assert read_press({**picked, chooser["id"]: "7"}) == Press(roles[7].intent)


def test_long_replies_are_cut_visibly_and_keep_their_buttons() -> None:
    """A reply longer than a card says that something is missing, where it is missing, and can still be pressed."""
    items = tuple(Item(f"{n} " + "lorem ipsum " * 60) for n in range(100))
    card = render_card(Reply((Heading("Long"), Bullets(items), Buttons((Button("Help", ShowHelp()),)))), EN)
    check(card)
    assert card["body"][-1]["type"] == "ActionSet"
    assert card["body"][-2]["inlines"][0]["text"] == EN("teams.shortened")
    assert weigh(card) > limits.CARD_BYTES * 0.9


def test_one_long_text_is_shown_whole() -> None:
    """A text that fits on the card is not cut, however many elements it takes."""
    text = " ".join(f"word{n}" for n in range(1500))
    card = render_card(Reply((Text(text),)), EN)
    check(card)
    assert " ".join(shown(card).split()) == text


def test_wide_table_is_written_row_by_row() -> None:
    """A table too wide to be read becomes rows that name their columns."""
    header = tuple(f"H{n}" for n in range(8))
    card = render_card(Reply((Table("Wide", header, (tuple(f"c{n}" for n in range(8)),)),)), EN)
    check(card)
    assert "Table" not in {element["type"] for element in elements(card)}
    assert "H0: c0 · H1: c1" in shown(card)


def charts(card: Json) -> list[Json]:
    """The charts of a card."""
    return [element for element in card["body"] if element["type"].startswith("Chart.")]


def test_a_chart_says_its_numbers_wherever_it_is_shown() -> None:
    """Drawn or in words, every bar says how many of each part it has."""
    card = render_card(Reply((LADDER,)), EN)
    check(card)
    (chart,) = charts(card)
    assert [bar["title"] for bar in chart["data"]] == [
        "Junior: 4 done",
        "Middle: 3 done · 2 open",
        "Senior: 9 open",
    ]
    assert [[piece["value"] for piece in bar["data"]] for bar in chart["data"]] == [[4], [3, 2], [9]]
    words = " ".join(shown(chart["fallback"]).split())
    assert "Junior: 4 done" in words
    assert "Senior: 9 open" in words


@pytest.mark.parametrize(("bars", "parted"), [(1, [1]), (4, [4]), (5, [1, 4]), (6, [2, 4]), (9, [1, 4, 4])])
def test_more_bars_than_a_chart_takes_make_several(bars: int, parted: list[int]) -> None:
    """Teams draws four bars at most, so more are shown in several charts, the shortest one first."""
    card = render_card(Reply((Chart("Many", ("done",), tuple(Bar(f"L{n}", (n + 1,)) for n in range(bars))),)), EN)
    check(card)
    assert [len(chart["data"]) for chart in charts(card)] == parted
    drawn = [bar["title"] for chart in charts(card) for bar in chart["data"]]
    assert drawn == [f"L{n}: {n + 1} done" for n in range(bars)]


@pytest.mark.parametrize("counts", [(0, 0), (0,)])
def test_nothing_to_draw_is_said_in_words(counts: tuple[int, ...]) -> None:
    """A bar without a length cannot be drawn, but it is not left out."""
    parts = ("done", "open")[: len(counts)]
    card = render_card(Reply((Chart("Empty", parts, (Bar("Junior", counts),)),)), EN)
    check(card)
    assert not charts(card)
    assert f"0 {parts[-1]}" in shown(card)


EVIDENCE = Form(
    (
        Entry("text", "What did you do?", "text", "Two\nlines", needed=True),
        Entry("link", "Link", "link"),
        Entry("day", "Day", "day", "2026-03-17"),
        Entry("words", "About", "line", most=80),
    ),
    "Keep",
    AddEvidence(clause="c"),
)


def inputs(card: Json) -> list[Json]:
    """The inputs of a card."""
    return [element for element in elements(card) if element["type"].startswith("Input.")]


def test_each_kind_of_entry_has_its_input() -> None:
    """A text has lines, a link the keyboard for one, a day a calendar, and all what stood in them before."""
    card = render_card(Reply((EVIDENCE,)), EN)
    check(card)
    text, link, day, words = inputs(card)
    assert (text["isMultiline"], text["value"], text["maxLength"]) == (True, "Two\nlines", 2000)
    assert (text["isRequired"], text["errorMessage"]) == (True, EN("teams.needed"))
    assert (link["style"], link["isMultiline"], "isRequired" in link) == ("url", False, False)
    assert (day["type"], day["value"]) == ("Input.Date", "2026-03-17")
    assert (words["type"], words["maxLength"], "style" in words) == ("Input.Text", 80, False)


def test_a_needed_entry_holds_up_no_other_form() -> None:
    """Beside another form or menu nothing is insisted on, because that one could not be sent either."""
    picker = Picker("level", "Level", (Choice("Senior", "senior"),))
    card = render_card(Reply((EVIDENCE, Menu(picker, ShowExpectations()))), EN)
    check(card)
    assert not any("isRequired" in one for one in inputs(card))


@pytest.mark.parametrize("text", ["tomorrow", "2026-3-7", "20260317", "2026-W12-2", "2026-02-30"])
def test_what_is_no_day_can_be_put_right(text: str) -> None:
    """A calendar cannot show what is no date, so the words stand in a line where they can be changed."""
    card = render_card(Reply((Form((Entry("day", "Day", "day", text),), "Keep", AddEvidence()),)), EN)
    check(card)
    (day,) = inputs(card)
    assert (day["type"], day["value"]) == ("Input.Text", text)


def test_empty_reply_is_a_card() -> None:
    """A reply that holds nothing, or nothing that makes sense here, is still a card."""
    for blocks in ((), (Buttons(()),), (Buttons((Button("Share", ShowHelp(), share=True),)),), (Text(""),)):
        check(render_card(Reply(blocks), EN))


def test_notification_says_what_it_is_about() -> None:
    """The summary of the message is the reply's title, on one line."""
    message = render(Reply((Heading("Senior\nML Engineer"), Text("x"))), EN)
    assert message["summary"] == "Senior ML Engineer"


async def test_all_content_fits_in_every_language() -> None:
    """Every page about the shipped framework is a valid card, whole, in every language."""
    desk = make_desk(Clock())
    for lang in desk.texts.languages:
        voice = desk.texts.voice(lang)
        for intent in questions(desk.matrix):
            turn = Turn(Person("teams", "t", lang), Place("p"), intent=intent, lang=lang)
            card = render_card(await answer(turn, desk), voice)
            check(card)
            assert card["lang"] == lang
            assert voice("teams.shortened") not in shown(card)
