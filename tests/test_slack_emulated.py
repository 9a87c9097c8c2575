"""A Slack that others wrote, in front of Rung's real process; Slack's own client reads what Rung did there."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Iterator

import pytest

from bot.slack.path import INSTALL
from tests.clients import needs_foreign
from tests.foreign.emulate import APP, EXPIRED, GUILD, Json, Workspace
from tests.foreign.emulated_slack import Person, soon, with_a_token
from tests.foreign.installing import ask, by_oauth

pytestmark = needs_foreign


@pytest.fixture(scope="module", params=[with_a_token, by_oauth])
def workspace(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """One workspace for all tests here; Slack refuses nothing of what Rung does in it."""
    with request.param(tmp_path_factory.mktemp("slack")) as one:
        yield one
        assert [why for _, why in one.refused if why != EXPIRED] == []


@pytest.fixture
def sam(workspace: Workspace) -> Person:
    """Somebody in it."""
    return Person(workspace, "sam")


@pytest.fixture
def kim(workspace: Workspace) -> Person:
    """Somebody else."""
    return Person(workspace, "kim")


def shown(message: Json) -> str:
    """Everything in the blocks of a message or a view."""
    return json.dumps(message["blocks"], ensure_ascii=False)


def test_the_way_in(workspace: Workspace) -> None:
    """Whoever installs Rung by OAuth ends on a page that names the workspace; with one token there is no such way."""
    if workspace.landing:
        assert "Rung is in Example" in workspace.landing
    else:
        assert ask(f"{workspace.bot}{INSTALL}")[0] == 404


def test_a_direct_message(sam: Person) -> None:
    """What somebody writes to Rung is answered under it."""
    assert "Required at this level." in shown(sam.write("senior mle"))


def test_a_mention(sam: Person) -> None:
    """In a channel a mention is answered in its thread."""
    assert "LLM Engineer" in shown(sam.mention("who needs TensorRT?"))


def test_a_command(sam: Person) -> None:
    """The slash command is answered at once, for the one who typed it."""
    answer = sam.command("ML Engineer principal")
    assert "Principal ML Engineer" in shown(answer)
    assert answer["response_type"] == "ephemeral"


def test_a_button_leads_on(sam: Person) -> None:
    """A button's answer comes by the address that came with the click."""
    answer = sam.write("senior mle")
    sam.press(answer, "Compare with Middle")
    assert "New at Senior" in shown(soon(lambda: sam.returned(answer["thread_ts"]))[0])


def test_a_button_opens_a_window(sam: Person) -> None:
    """A button opens a window by its trigger; what is written there is kept as evidence."""
    sam.write("I am a middle ML engineer")
    overview = sam.write("my overview")
    window = sam.window(lambda: sam.press(overview, "Add evidence"))
    assert "Configures autoscaling for ML serving." in shown(window)
    sam.submit(window, milestone="Configures autoscaling for ML serving.", what="Halved the cold starts.")
    assert "Halved the cold starts." in shown(soon(lambda: sam.returned(overview["thread_ts"]))[0])
    assert "Halved the cold starts." in shown(sam.write("my evidence"))


def test_a_message_becomes_evidence(sam: Person) -> None:
    """The shortcut of a message opens a window with its words, and keeps them."""
    sam.write("I am a middle ML engineer")
    ts = sam.web.chat_postMessage(channel=sam.channel, text="Moved ranking to Triton.")["ts"]
    (message,) = sam.web.conversations_replies(channel=sam.channel, ts=ts)["messages"]
    window = sam.window(lambda: sam.save(message))
    assert "Moved ranking to Triton." in shown(window)
    sam.submit(window, milestone="Designs model serving architecture.")
    assert soon(lambda: "Moved ranking to Triton." in shown(sam.write("my evidence")))


def test_the_home_tab(sam: Person, workspace: Workspace) -> None:
    """Whoever opens the Home tab finds their own overview there."""
    sam.write("I am a middle ML engineer")
    sam.open_home()
    assert soon(lambda: "Middle ML Engineer" in workspace.inspected("views"))


def test_files(sam: Person) -> None:
    """A promotion packet is uploaded into the conversation of the one who asked for it, and can be read there."""
    sam.write("I am a middle ML engineer")
    sam.write("my promotion packet")

    def look() -> list[Json]:
        found: list[Json] = sam.web.files_list(channel=sam.direct)["files"]
        return found if len(found) > 1 else []

    names = {file["name"]: file for file in soon(look)}
    (text,) = [file for name, file in names.items() if name.endswith(".md")]
    asking = urllib.request.Request(text["url_private"], headers={"Authorization": f"Bearer {sam.web.token}"})
    with urllib.request.urlopen(asking) as answer:
        assert "Senior ML Engineer" in answer.read().decode()
    assert any(name.endswith(".html") for name in names)


def test_an_invitation(sam: Person, kim: Person) -> None:
    """Everybody in a channel is invited to a team in private, and what one has told of themselves is theirs alone."""
    sam.write("I am a middle ML engineer")
    sam.write("make a team Data Platform")
    guild = sam.called(GUILD)
    invite = f"invite everybody in <#{guild}|{GUILD}> to Data Platform"
    assert "/invite @Rung" in shown(sam.write(invite))
    sam.web.conversations_invite(channel=guild, users=APP["bot_user_id"])
    sam.press(sam.write(invite), "Ask everybody")
    (asked,) = soon(lambda: kim.web.conversations_history(channel=kim.direct)["messages"])
    assert "Data Platform" in shown(asked)
    kim.press(asked, "Yes, count me")
    assert soon(lambda: [each for each in kim.returned() if "Data Platform" in shown(each)])
    assert "I do not know your role" in shown(kim.write("my overview"))
