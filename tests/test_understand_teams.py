"""What people type about teams and cards becomes the intent they meant."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from handlers.intent import AskTeam, InviteToTeam, MakeTeam, unpack
from tests.test_understand import understand

TABLE = yaml.safe_load(Path(__file__).with_name("data").joinpath("teams.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize(("words", "row"), [(words, row) for row in TABLE for words in row["words"]])
def test_words_about_teams_become_their_intent(words: str, row: dict[str, Any]) -> None:
    """What people type about teams and cards becomes the intent, field by field; other words do not."""
    found = understand(words).intent
    if "intent" in row:
        assert found == unpack(row["intent"])
    assert found.kind not in row.get("not", ())


def test_wordings_about_teams_stand_there_once() -> None:
    """No wording is expected to mean two things."""
    said = [words for row in TABLE for words in row["words"]]
    assert len(set(said)) == len(said)


NAMES = st.lists(
    st.sampled_from(["Orion", "Söhne", "A-Team", "42", "XY_9", "Nord", "Kiwi & Co"]), min_size=1, max_size=3
)


@given(NAMES.map(" ".join))
def test_a_name_of_any_words_is_kept_as_typed(name: str) -> None:
    """Whatever a team is called, its name comes through as it was typed, in both languages."""
    for words in (f"make a team called {name}", f"Team {name} anlegen", f"lege ein Team namens {name} an"):
        assert understand(words).intent == MakeTeam(name=name.replace("_", " "))
    for words in (f"invite <@kim> to the team {name}", f"lade <@kim> ins Team {name} ein"):
        assert understand(words).intent == InviteToTeam(name=name.replace("_", " "))


@given(st.text(max_size=400))
def test_no_text_is_too_much(text: str) -> None:
    """Whatever stands behind the words for a team is answered, and no name is longer than a field holds."""
    for words in (f"team {text}", f"invite {text}", f"make a team {text} team {text}"):
        intent = understand(words).intent
        if isinstance(intent, AskTeam | InviteToTeam | MakeTeam):
            assert len(intent.name) <= 80
