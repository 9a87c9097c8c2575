"""Cards for a one-to-one: what stands on them, who sees them, and how they are taken back."""

from __future__ import annotations

from handlers.answer import deliver
from handlers.errors import TryLater
from handlers.intent import (
    AddEvidence,
    AnswerInvite,
    AskPrivacy,
    MakeCard,
    MarkDone,
    ReceiveCard,
    RevokeCard,
    SetProfile,
    pack,
)
from handlers.turn import Person, Place, Turn
from tests.talk import Talk, buttons, text
from tests.test_teams_people import make

ROLE = "ml-engineer"


async def with_lines() -> tuple[Talk, list[str]]:
    """Kim, with a few milestones done and a piece of evidence."""
    talk = Talk(lang="en")
    await talk.asks(SetProfile(role=ROLE, level="senior"), "kim")
    clauses = [one.id for level in ("middle", "senior") for one in talk.desk.matrix.column(ROLE, level)[0].clauses]
    for clause in clauses[:7]:
        await talk.asks(MarkDone(clause=clause), "kim")
    await talk.asks(AddEvidence(clause=clauses[0], text="Rolled it out"), "kim")
    return talk, clauses[:7]


async def test_five_lines_are_the_most():
    """A sixth line is refused in a sentence, and each line can be taken off; a button holds the fullest card."""
    talk, clauses = await with_lines()
    full = MakeCard(to="sam", lines=tuple(clauses[:6]), text="ü" * 300)
    reply = await talk.asks(full, "kim")
    assert "The card is full: 5 lines are the most." in text(reply)
    assert all(len(pack(one.intent)) <= 2_000 for one in buttons(reply))
    shorter = await talk.presses("Take off no. 5", "kim")
    assert "5. " not in text(shorter)


async def test_the_card_is_what_the_preview_showed():
    """The other one sees the lines of the preview in the same words, and nothing else of the person."""
    talk, clauses = await with_lines()
    (evidence,) = await talk.desk.store.evidence(Person("test", "acme", "kim"))
    card = MakeCard(to="sam", lines=(clauses[1], f"evidence:{evidence.id}"), text="Shall we talk?", step="preview")
    shown = text(await talk.asks(card, "kim"))
    await talk.presses("Send to Sam", "kim")
    got = await talk.opens("sam")
    assert got
    assert got.private
    for line in text(got).splitlines():
        assert line in shown or "can take the card back" in line
    assert "Rolled it out" in text(got)


async def test_sending_twice_sends_once():
    """The same button twice writes one letter; a card that was taken back can be made again."""
    talk, clauses = await with_lines()
    await talk.asks(MakeCard(to="sam", lines=(clauses[0],), step="preview"), "kim")
    preview = talk.last["kim"]
    await talk.presses("Send to Sam", "kim")
    talk.last["kim"] = preview
    assert "sent already" in text(await talk.presses("Send to Sam", "kim"))
    assert len(talk.teams.letters) == 1
    await talk.presses("Take it back", "kim")
    talk.clock.wait(1)
    await talk.asks(MakeCard(to="sam", lines=(clauses[0],), step="preview"), "kim")
    await talk.presses("Send to Sam", "kim")
    assert len(talk.teams.letters) == 2


async def test_a_card_is_taken_back():
    """Before it arrives a card is just gone; afterwards its message is replaced, or it is said that it was not."""
    talk, clauses = await with_lines()

    async def send() -> None:
        talk.clock.wait(1)
        await talk.asks(MakeCard(to="sam", lines=(clauses[0],), step="preview"), "kim")
        await talk.presses("Send to Sam", "kim")

    await send()
    await talk.presses("Take it back", "kim")
    assert await talk.opens("sam") is None
    await send()
    assert await talk.opens("sam")
    assert "replaced" in text(await talk.presses("Take it back", "kim"))
    (gone,) = talk.rooms.replaced.values()
    assert "taken back by the person who made it" in text(gone)
    await send()
    assert await talk.opens("sam")
    talk.rooms.failure = TryLater(1)
    assert "could not replace" in text(await talk.presses("Take it back", "kim"))


async def test_a_card_is_for_one_person():
    """Nobody but the one it is for gets a card, and nobody but its owner takes it back."""
    talk, clauses = await with_lines()
    await talk.asks(MakeCard(to="sam", lines=(clauses[0],), step="preview"), "kim")
    await talk.presses("Send to Sam", "kim")
    (letter,) = talk.teams.letters
    assert isinstance(letter.intent, ReceiveCard)
    card = letter.intent.card
    await talk.says("hi", "ben")
    ben = Turn(Person("test", "acme", "ben"), Place("direct-ben"), intent=letter.intent, lang="en")
    assert await deliver(ben, talk.desk) is None
    assert "no longer there" in text(await talk.asks(RevokeCard(card=card), "ben"))
    await talk.asks(letter.intent, "ben")
    assert "no longer there" not in text(await talk.asks(RevokeCard(card=card), "kim"))


async def test_managers_are_offered():
    """Whoever is counted in a team may choose its manager without a mention."""
    talk, clauses = await with_lines()
    team = await make(talk)
    await talk.says("invite <@kim> to search")
    await talk.asks(AnswerInvite(team=team, answer="yes"), "kim")
    await talk.asks(MakeCard(lines=(clauses[0],)), "kim")
    assert "what Sam will see" in text(await talk.chooses({"For whom": "Sam"}, "kim"))


async def test_a_card_of_somebody_forgotten():
    """The card of somebody who had everything erased does not arrive any more."""
    talk, clauses = await with_lines()
    await talk.asks(MakeCard(to="sam", lines=(clauses[0],), step="preview"), "kim")
    await talk.presses("Send to Sam", "kim")
    await talk.asks(AskPrivacy(forget=True, sure=True), "kim")
    assert await talk.opens("sam") is None
