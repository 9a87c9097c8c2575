"""What people write as evidence: kept as they meant it, and whole where it can be."""

from __future__ import annotations

import pytest

from handlers.evidence import written
from handlers.intent import MOST_WRITTEN
from handlers.turn import Person
from tests.talk import Talk, text


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("rolled\u00a0out\u2009to\u3000all", "rolled out to all"),
        ("one\u2028two\u2029three\nfour", "one\ntwo\nthree\nfour"),
        ("👩\u200d💻 می\u200cخواهم", "👩\u200d💻 می\u200cخواهم"),
        ("\ufeffsafe\u202etxt\u2066\u200b\x07\x85", "safetxt"),
    ],
)
def test_what_is_written_keeps_its_words_apart_and_its_letters_joined(typed: str, kept: str) -> None:
    """A space of any kind is one, joiners stay, and controls and direction overrides go."""
    assert written(typed) == kept


SAM = Person("test", "acme", "sam")
LINK = "https://example.com/pull/42"


@pytest.mark.parametrize("ending", ["", " " + LINK, "\n" + LINK])
async def test_a_long_text_is_kept_as_far_as_there_is_room(ending: str) -> None:
    """What is typed beyond a text's room is left out visibly, the person is told, and its link is kept."""
    talk = Talk()
    await talk.says("I am a middle ML engineer")
    await talk.says("what are my milestones?")
    reply = await talk.says("evidence for 1: " + "rolled out the canary " * 150 + ending)
    (kept,) = await talk.desk.store.evidence(SAM)
    assert (len(kept.text), kept.text[-1], kept.link) == (MOST_WRITTEN, "…", LINK if ending else None)
    assert "room for 2000 characters" in text(reply)


async def test_a_link_too_long_to_keep_is_refused() -> None:
    """Half a link leads nowhere: the form asks for another one."""
    talk = Talk()
    await talk.says("I am a middle ML engineer")
    reply = await talk.says(f"note as evidence: rolled it out {LINK}?{'x' * MOST_WRITTEN}")
    assert reply.form
    assert "does not look like a link" in text(reply)
    assert not await talk.desk.store.evidence(SAM)
