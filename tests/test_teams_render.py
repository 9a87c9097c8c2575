"""Replies as Adaptive Cards: valid, within the limits, and nothing in them obeyed."""

from __future__ import annotations

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
    CompareLevels,
    ShowExpectations,
    ShowHelp,
)
from handlers.plain import plain
from handlers.reply import (
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


@cache
def validator(kind: str) -> Draft6Validator:
    """A validator for one kind of element; faults then name the element, not the whole card."""
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
    actions = 0
    for element in elements(card):
        kind = element["type"]
        problem = fault(kind, json.dumps(alone(element)))
        assert not problem, f"{kind}: {problem}"
        if kind.startswith("Input."):
            names.append(element["id"])
            assert element["label"].strip()
        if kind == "TextBlock":
            assert element["wrap"] is True
        if kind in ("TextBlock", "TextRun"):
            assert element["text"]
        if kind == "ActionSet":
            assert element["actions"]
            actions += len(element["actions"])
        if kind == "Action.Execute":
            fallback = element["fallback"]
            assert fallback["type"] == "Action.Submit"
            assert fallback["data"] == element["data"]
            assert fallback["title"].strip()
        if kind == "Table":
            assert element["fallback"]["items"]
            assert {len(row["cells"]) for row in element["rows"]} == {len(element["columns"])}
    assert len(names) == len(set(names))
    assert actions <= limits.ACTIONS


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
    assert not list(validator("AdaptiveCard").iter_errors({key: card[key] for key in card if key != "msteams"}))
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
