"""Windows and the Home tab as Slack shows them: within its limits, and what is sent from them comes back."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slackblocks import _limits as published

from bot.slack import limits
from bot.slack.chart import SQUARES, shares
from bot.slack.elements import write
from bot.slack.markup import words_of
from bot.slack.payload import read_submission
from bot.slack.press import form_value
from bot.slack.render import render
from bot.slack.reply_to import ReplyTo, pack_to, read_to
from bot.slack.shortcut import moment_of
from bot.slack.views import PAGE, read_metadata, render_home, render_modal, render_page
from handlers.intent import MOST_WRITTEN, AddEvidence, CompareLevels, ShowProfile, StartHere
from handlers.reply import (
    Bar,
    Button,
    Buttons,
    Chart,
    Choice,
    Entry,
    Form,
    Heading,
    Menu,
    Picker,
    Reply,
    Table,
    Text,
)
from tests.replies import blocks_of, replies, texts
from tests.slack_check import faults, view_faults
from tests.talk import content

VOICE = content().texts.voice("en")
PLACES = st.builds(
    ReplyTo,
    channel=st.sampled_from(("", "C0GENERAL", "D0DIRECT1")),
    url=st.sampled_from(("", "https://hooks.slack.com/actions/T0TEAM001/1/abc")),
    thread=st.sampled_from(("", "1763800000.000050")),
    alone=st.booleans(),
    replaces=st.booleans(),
    home=st.booleans(),
)
FORM = Form(
    (
        Entry("text", "What did you do?", "text", needed=True),
        Entry("link", "A link", "link"),
        Entry("day", "When?", "day", "2026-03-17"),
        Picker("clause", "Milestone", (Choice("Serves models", "serves"), Choice("Scales", "scales")), "scales"),
    ),
    "Keep it",
    AddEvidence(clause="serves", text="before", sure=True),
    "Evidence for the milestone",
)


@settings(max_examples=200, deadline=None)
@given(replies, PLACES)
def test_every_window_is_within_the_limits(reply: Reply, to: ReplyTo) -> None:
    """Whatever a reply with something to write in is built of, Slack takes its window."""
    view = render_modal(reply, VOICE, to)
    assert (view is None) == (reply.form is None)
    assert view is None or view_faults(view) == []


@settings(max_examples=200, deadline=None)
@given(replies, PLACES, st.booleans())
def test_every_home_tab_is_within_the_limits(reply: Reply, to: ReplyTo, overview: bool) -> None:
    """Whatever a reply is built of, Slack takes it as a Home tab."""
    assert view_faults(render_home(reply, VOICE, to, overview=overview)) == []


@settings(max_examples=100, deadline=None)
@given(replies)
def test_every_page_of_a_window_is_within_the_limits(reply: Reply) -> None:
    """Whatever a reply is built of, a window takes it, and knows itself again when something in it is pressed."""
    view = render_page(reply, VOICE, ReplyTo(replaces=True, window="V1"))
    assert view_faults(view) == []
    assert read_metadata(view | {"id": "V2"}) == (ReplyTo(replaces=True, window="V2"), None)
    assert view["callback_id"] == PAGE


@given(blocks_of(texts), st.integers(60, 130))
@settings(max_examples=30, deadline=None)
def test_a_home_tab_too_long_for_slack_ends_visibly_and_leads_back(block: Any, count: int) -> None:
    """What a hundred blocks cannot hold is cut, and the way back is still there."""
    view = render_home(Reply((*(Text(f"{n}") for n in range(count)), block)), VOICE, ReplyTo(), overview=False)
    assert view_faults(view) == []
    assert view["blocks"][-1]["elements"][0]["text"]["text"] == "Back to the overview"
    assert ("…" in json.dumps(view["blocks"][-2:], ensure_ascii=False)) or count <= 100


def test_a_window_brings_back_what_is_written() -> None:
    """The window's template, what was chosen and what was written make the whole intent; what was emptied is empty."""
    to = ReplyTo("C0GENERAL", "https://hooks.slack.com/x", replaces=True)
    view = render_modal(Reply((Heading("Evidence"), FORM)), VOICE, to)
    assert view
    assert view["title"]["text"] == "Evidence for the milest…"
    text, link, day, clause = view["blocks"][1:]
    assert [text.get("optional", False), link["optional"]] == [False, True]
    assert text["element"]["multiline"]
    assert day["element"] == {"type": "datepicker", "initial_date": "2026-03-17", "action_id": "chosen:2"}
    values = {
        text["block_id"]: {"chosen:0": {"type": "plain_text_input", "value": " Rolled\nit out \ud800"}},
        link["block_id"]: {"chosen:1": {"type": "plain_text_input", "value": None}},
        day["block_id"]: {"chosen:2": {"type": "datepicker", "selected_date": "2026-04-01"}},
        clause["block_id"]: {"chosen:3": {"selected_option": clause["element"]["options"][1]}},
    }
    sent = read_submission({"user": {"id": "U1"}, "view": {**view, "state": {"values": values}}}, "T1")
    assert sent
    assert sent.turn.intent == AddEvidence(clause="scales", text="Rolled\nit out", day="2026-04-01")  # type: ignore[arg-type]
    assert sent.to == to
    assert sent.turn.person.user == "U1"


def test_what_is_written_does_not_travel_in_a_button() -> None:
    """A long text that stands in a field beforehand is not packed beside it once more."""
    long = "word " * 390
    fields = (Entry("text", "Text", "text", long), Entry("link", "Link", "link"))
    form = Form(fields, "Keep it", AddEvidence(text=long, link="https://example.com", sure=False))
    assert "word" not in form_value(form, 0)
    (message,) = render(Reply((form,)))
    assert faults(message) == []
    assert message.blocks[0]["element"]["initial_value"] == long.strip()
    view = render_modal(Reply((form,)), VOICE, ReplyTo())
    assert view
    assert "word" not in view["private_metadata"]


def test_a_template_without_room_opens_no_window() -> None:
    """A question that is too long for a window's metadata is asked in a message."""
    asked = CompareLevels(levels=tuple(f"{'x' * 38}{n:02}" for n in range(12)))
    forms = [Form((Entry("skill", "Skill"),), "Go", asked) for _ in range(1)]
    assert render_modal(Reply(tuple(forms)), VOICE, ReplyTo(url="u" * 2_900)) is None


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        (Entry("text", "", "line", "a\nb " * 3, most=6), {"initial_value": "a b a…", "max_length": 6}),
        (Entry("text", "", "text", "a\nb"), {"initial_value": "a\nb", "multiline": True, "max_length": MOST_WRITTEN}),
        (Entry("text", "", "text", most=99_999), {"max_length": limits.INPUT_TEXT}),
        (Entry("link", "", "link", "no address"), {"type": "plain_text_input", "initial_value": "no address"}),
        (Entry("day", "", "day", ""), {"type": "datepicker"}),
        (Entry("day", "", "day", "2026-03-17"), {"type": "datepicker", "initial_date": "2026-03-17"}),
        (Entry("day", "", "day", "yesterday"), {"type": "plain_text_input", "initial_value": "yesterday"}),
        (Entry("channel", "", "channel", "C0GENERAL"), {"initial_conversation": "C0GENERAL"}),
        (Entry("channel", "", "channel"), {"type": "conversations_select"}),
        (Entry("channel", "", "channel", "#general"), {"type": "plain_text_input", "initial_value": "#general"}),
        (
            Entry("channel", "", hint="A link"),
            {"placeholder": {"type": "plain_text", "text": "A link", "emoji": False}},
        ),
    ],
)
def test_a_field_holds_what_slack_takes(entry: Entry, expected: dict[str, Any]) -> None:
    """What stands in a field beforehand is cut to its limit, and left out where Slack would refuse it."""
    element = write(entry)
    assert {name: element.get(name) for name in expected} == expected
    assert ("initial_date" in element) == ("initial_date" in expected)


def test_a_window_shows_what_it_asks_about_and_nothing_to_press() -> None:
    """Tables become lists, and what leads elsewhere stays where the window was opened."""
    away = Button("Away", StartHere())
    menu = Menu(Picker("role", "Role", (Choice("A", "a"),)), StartHere())
    table = Table("Steps", ("a", "b"), (("1", "2"),))
    view = render_modal(Reply((Text("About it."), table, Buttons((away,)), menu, FORM)), VOICE, ReplyTo())
    assert view
    assert [block["type"] for block in view["blocks"]] == ["rich_text"] * 3 + ["input"] * 4
    assert "About it." in json.dumps(view)
    assert "b: 2" in json.dumps(view)


def test_home_shows_one_table_and_nothing_for_a_room() -> None:
    """A second table becomes a list, and no button shares anything."""
    table = Table("Steps", ("a", "b"), (("1", "2"),))
    buttons = Buttons((Button("Share", StartHere(), share=True), Button("On", StartHere())))
    view = render_home(Reply((table, table, Buttons(buttons.buttons[:1]), buttons)), VOICE, ReplyTo(), overview=True)
    assert [block["type"] for block in view["blocks"]] == ["rich_text", "table", "rich_text", "rich_text", "actions"]
    assert [element["text"]["text"] for element in view["blocks"][-1]["elements"]] == ["On"]


def test_home_sets_its_parts_apart() -> None:
    """A line stands before every part with a heading of its own, and none before the title."""
    reply = Reply((Heading("Title"), Text("Words."), Heading("Part"), Text("More.")))
    view = render_home(reply, VOICE, ReplyTo(), overview=True)
    assert [block["type"] for block in view["blocks"]] == ["header", "rich_text", "divider", "rich_text", "rich_text"]


def test_every_page_but_the_overview_leads_back() -> None:
    """The button at the end of a page of the Home tab asks for the overview."""
    view = render_home(Reply((Text("A page."),)), VOICE, ReplyTo(), overview=False)
    (button,) = view["blocks"][-1]["elements"]
    assert json.loads(button["value"])["ask"] == {"kind": ShowProfile().kind}
    assert render_home(Reply((Text("A page."),)), VOICE, ReplyTo(), overview=True)["blocks"] == view["blocks"][:-1]


@given(PLACES)
def test_a_place_comes_back(to: ReplyTo) -> None:
    """Where an answer goes survives its way through a window."""
    assert read_to(json.loads(json.dumps(pack_to(to)))) == to


@pytest.mark.parametrize(
    "metadata", ["", "{", "[]", "null", "5", '{"to":5}', '{"to":{"home":1,"channel":["C"],"url":null}}', "[" * 9_000]
)
def test_foreign_metadata_leads_nowhere(metadata: str) -> None:
    """What no window of ours carries is read as nothing."""
    assert read_metadata({"private_metadata": metadata}) == (ReplyTo(), None)


@given(st.lists(st.integers(0, 500), max_size=14))
def test_squares_are_shared_out_fairly(counts: list[int]) -> None:
    """Ten squares in all, at least one for whatever there is some of, and none for what there is none of."""
    given = shares(counts)
    some = sum(count > 0 for count in counts)
    assert sum(given) == (max(SQUARES, some) if some else 0)
    assert [held > 0 for held in given] == [count > 0 for count in counts]
    if some <= SQUARES // 2:
        for count, held in zip(counts, given, strict=True):
            assert abs(held - SQUARES * count / sum(counts)) < some if sum(counts) else held == 0


def test_a_chart_is_drawn_and_said() -> None:
    """Every bar has its squares and the words and numbers for them."""
    chart = Chart("Your ladder", ("done", "in work", "open"), (Bar("Junior", (9, 1, 0)), Bar("Senior", (1, 1, 198))))
    (message,) = render(Reply((chart,)))
    _, drawn = message.blocks
    parts = drawn["elements"][0]["elements"]
    squares = "".join(
        {"green": "g", "yell": "y"}.get(part["name"][6:-7].rstrip("ow"), "w")
        for part in parts
        if part["type"] == "emoji"
    )
    assert squares == "g" * 9 + "y" + "gy" + "w" * 8
    assert [part["text"] for part in parts if part["type"] == "text"] == [
        "  Junior",
        ": 9\xa0done\xa0· 1\xa0in\xa0work",
        "\n",
        "  Senior",
        ": 1\xa0done\xa0· 1\xa0in\xa0work\xa0· 198\xa0open",
    ]


@pytest.mark.parametrize(
    ("marked", "words"),
    [
        ("p99 &lt; 80 ms &amp; more", "p99 < 80 ms & more"),
        ("see <https://example.com/a?b=1&amp;c=2|the page>", "see the page (https://example.com/a?b=1&c=2)"),
        ("see <https://example.com>", "see https://example.com"),
        (
            "<https://example.com/|example.com>, the <https://example.com/a|a>",
            "example.com, the a (https://example.com/a)",
        ),
        ("<mailto:a@example.com|a@example.com>", "a@example.com"),
        ("<@U012ANNA01|anna> asked <@U0BOBBY01> in <#C1|general>", "@anna asked @… in #general"),
        ("<!here> <!subteam^S1|@team> <!date^1^{date}|today>", "@here @team today"),
        ("&lt;@U1&gt; is no mention", "<@U1> is no mention"),
        ("a\x00b\ud800", "a b"),
    ],
)
def test_a_message_is_kept_in_its_words(marked: str, words: str) -> None:
    """What stands in a form is what people read, not Slack's mark-up."""
    assert words_of(marked) == words


@pytest.mark.parametrize("ts", ["", "9" * 400, "nan", "inf", "-1e300", "yesterday"])
def test_no_id_of_a_message_breaks_its_time(ts: str) -> None:
    """What is no time is none."""
    assert moment_of(ts) is None


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (limits.VIEW_BLOCKS, published.VIEW_BLOCKS_MAX_ITEMS),
        (limits.VIEW_TITLE, published.VIEW_TITLE_MAX_LENGTH),
        (limits.VIEW_TITLE, published.VIEW_SUBMIT_MAX_LENGTH),
        (limits.VIEW_TITLE, published.VIEW_CLOSE_MAX_LENGTH),
        (limits.VIEW_METADATA, published.VIEW_PRIVATE_METADATA_MAX_LENGTH),
        (limits.CALLBACK_ID, published.VIEW_CALLBACK_ID_MAX_LENGTH),
        (limits.INPUT_TEXT, published.PLAIN_TEXT_INPUT_MAX_LENGTH_MAX),
    ],
)
def test_the_limits_of_views_are_those_others_found(ours: int, theirs: int) -> None:
    """The table of limits agrees with an independent one."""
    assert ours == theirs
