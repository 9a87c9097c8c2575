"""A card for a one-to-one: the person picks what stands on it, sees it as it will be seen, and can take it back."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from itertools import chain, islice

import structlog

from handlers import milestones, which
from handlers.colleagues import address_of, called, fault_in, look_up, mentioned, rooms_of
from handlers.errors import Barred, Gone, InDoubt, TryLater
from handlers.evidence import written
from handlers.intent import MOST_ASKED, MOST_LINES, ListTeams, MakeCard, ReceiveCard, RevokeCard, SmallTalk
from handlers.managing import closed, teams_of
from handlers.ports import Desk
from handlers.records import Evidence, State
from handlers.reply import (
    Block,
    Button,
    Buttons,
    Choice,
    Entry,
    Form,
    Heading,
    Menu,
    Note,
    Picker,
    Reply,
    Text,
)
from handlers.team_card_page import EVIDENCE, card_blocks
from handlers.team_records import Card, Standing
from handlers.turn import Turn

MOST_MANAGERS = 20
"""People to choose from whom a card may go to."""

_log = structlog.get_logger()


async def make_card(intent: MakeCard, turn: Turn, desk: Desk) -> Reply:
    """The card as far as it is picked, the preview, or sending it."""
    if reply := closed(turn, desk):
        return reply
    voice = desk.voice(turn.lang)
    to = intent.to or next(iter(mentioned(turn, "person")), "")
    kept = tuple(line for line in dict.fromkeys(intent.lines) if line != intent.drop)
    asked = " ".join(written(intent.text).split())[:MOST_ASKED]
    card = intent.model_copy(update={"to": to, "lines": kept[:MOST_LINES], "text": asked, "drop": "", "step": "pick"})
    if intent.step == "ask":
        return _ask(card, turn, desk)
    evidence = {one.id: one for one in await desk.store.evidence(turn.person)}
    name = ""
    if to:
        if rooms_of(turn, desk) is None:
            return Reply((Text(voice("team.no-rooms")),))
        found = await look_up(to, turn, desk)
        fault = voice("card.self") if to == turn.person.user else fault_in(found, to, turn, desk)
        if fault or found is None:
            return await _pick(card.model_copy(update={"to": ""}), "", evidence, turn, desk, fault or "")
        card, name = card.model_copy(update={"to": found.user}), found.name or found.user
        if intent.step != "pick":
            if not (card.lines or card.text):
                return await _pick(card, name, evidence, turn, desk, voice("card.empty"))
            if intent.step == "send":
                return await _send(card, name, turn, desk)
            return await _preview(card, name, evidence, turn, desk)
    full = voice("card.full", most=MOST_LINES) if len(kept) > MOST_LINES else ""
    return await _pick(card, name, evidence, turn, desk, full)


async def _pick(
    card: MakeCard, name: str, evidence: dict[str, Evidence], turn: Turn, desk: Desk, told: str = ""
) -> Reply:
    """What stands on the card, for whom it is where that is known, and what could stand there."""
    voice = desk.voice(turn.lang)
    blocks: list[Block] = [Heading(voice("card.title"))]
    if name:
        blocks.append(Text(voice("card.for", name=name), strong=True))
    blocks += [Text(told)] if told else [Text(voice("card.about", most=MOST_LINES))]
    blocks.append(Heading(voice("card.lines")))
    if card.lines or card.text:
        blocks += card_blocks(card.lines, card.text, evidence, turn.known.milestones, turn, desk)
        drops = (
            Button(voice("card.drop", number=number), card.model_copy(update={"drop": line}))
            for number, line in enumerate(card.lines, start=1)
        )
        if buttons := tuple(drops):
            blocks.append(Buttons(buttons))
    else:
        blocks.append(Text(voice("card.none")))
    offered = [choice for choice in _offered(turn, desk) if choice.value not in card.lines]
    noted = [choice for choice in _noted(evidence) if choice.value not in card.lines]
    if len(card.lines) < MOST_LINES:
        if offered:
            blocks.append(Menu(Picker("lines", voice("card.add"), tuple(offered)), card))
        if noted:
            blocks.append(Menu(Picker("lines", voice("card.add-evidence"), tuple(noted)), card))
        if not (offered or noted or card.lines):
            blocks.append(Text(voice("card.nothing")))
    blocks.append(Buttons((Button(voice("card.question"), card.model_copy(update={"step": "ask"})),)))
    return Reply((*blocks, *await _whom(card, turn, desk)))


def _ask(card: MakeCard, turn: Turn, desk: Desk) -> Reply:
    """The form for the question; what is sent is the card with it."""
    voice = desk.voice(turn.lang)
    entry = Entry("text", voice("card.question-entry"), text=card.text, most=MOST_ASKED)
    form = Form((entry,), voice("card.keep"), card, voice("card.question-title"))
    return Reply((Text(voice("card.question-about")), form))


async def _whom(card: MakeCard, turn: Turn, desk: Desk) -> tuple[Block, ...]:
    """For whom it is: the managers of the teams that count the person, or whoever was mentioned."""
    voice = desk.voice(turn.lang)
    if card.to:
        return (Buttons((Button(voice("card.preview"), card.model_copy(update={"step": "preview"}), "primary"),)),)
    teams, users = teams_of(desk), list[str]()
    for one in await teams.mine(turn.person):
        if one.standing is Standing.YES:
            users += await teams.managers(one.team)
    choices = []
    for user in islice((user for user in dict.fromkeys(users) if user != turn.person.user), MOST_MANAGERS):
        if name := await called(user, turn, desk):
            choices.append(Choice(name, user))
    if not choices:
        return (Note(voice("card.to-none", example=voice("card.to-example"))),)
    return (Menu(Picker("to", voice("card.to"), tuple(choices)), card.model_copy(update={"step": "preview"})),)


def _offered(turn: Turn, desk: Desk) -> Iterator[Choice]:
    """The milestones that may stand on a card: what is in work, done, and begun."""
    matrix, known = desk.matrix, turn.known
    steps = chain.from_iterable(
        milestones.in_state(matrix, known, state) for state in (State.WORKING, State.DONE, State.PARTLY)
    )
    picker = which.picker(steps, turn, desk, None)
    return iter(picker.choices)


def _noted(evidence: dict[str, Evidence]) -> Iterator[Choice]:
    for one in islice(evidence.values(), which.MOST_OFFERED):
        yield Choice(which.short(one.text or one.link or "…"), f"{EVIDENCE}{one.id}")


async def _preview(card: MakeCard, name: str, evidence: dict[str, Evidence], turn: Turn, desk: Desk) -> Reply:
    voice = desk.voice(turn.lang)
    key = hashlib.sha256(desk.now().isoformat().encode()).hexdigest()[:12]
    blocks = card_blocks(card.lines, card.text, evidence, turn.known.milestones, turn, desk)
    buttons = (
        Button(voice("card.send", name=name), card.model_copy(update={"step": "send", "key": key}), "primary"),
        Button(voice("card.change"), card),
        Button(voice("card.cancel"), SmallTalk(mood="unchanged")),
    )
    me = await called(turn.person.user, turn, desk)
    head = voice("card.head", name=me) if me else voice("card.head-plain")
    return Reply((Note(voice("card.private", name=name)), Heading(head), *blocks, Buttons(buttons)))


async def _send(card: MakeCard, name: str, turn: Turn, desk: Desk) -> Reply:
    """Keeps the card and lets a letter bring it; of one preview it is sent once."""
    voice, now, teams = desk.voice(turn.lang), desk.now(), teams_of(desk)
    parts = (turn.person.platform, turn.person.tenant, turn.person.user, card.to, *card.lines, card.text)
    seed = "\0".join((*parts, card.key))
    name_of_it = hashlib.sha256(seed.encode()).hexdigest()[:16]
    revoke = Buttons((Button(voice("card.revoke"), RevokeCard(card=name_of_it)), _see(voice("example.sees"))))
    if await teams.card(name_of_it):
        return Reply((Text(voice("card.again")), revoke))
    await teams.keep_card(Card(name_of_it, turn.person, card.to, card.lines, card.text, now), now)
    return Reply((Text(voice("card.sent", name=name)), revoke))


def _see(label: str) -> Button:
    return Button(label, ListTeams())


async def receive_card(intent: ReceiveCard, turn: Turn, desk: Desk) -> Reply | None:
    """A card as the one it is for sees it, with what stands in the store now; None when it was taken back."""
    teams, voice = teams_of(desk), desk.voice(turn.lang)
    card = await teams.card(intent.card)
    if card is None or (card.owner.platform, card.owner.tenant, card.to) != (
        turn.person.platform,
        turn.person.tenant,
        turn.person.user,
    ):
        return None
    known = await desk.store.recall(card.owner, turn.place, desk.now())
    if known is None:
        return None
    await teams.card(card.id, turn.place.id)
    evidence = {one.id: one for one in await desk.store.evidence(card.owner)}
    blocks = card_blocks(card.lines, card.text, evidence, known.milestones, turn, desk)
    name = await called(card.owner.user, turn, desk)
    head = voice("card.head", name=name) if name else voice("card.head-plain")
    tail = Note(voice("card.revocable", name=name)) if name else Note(voice("card.from"), by=card.owner.user)
    return Reply((Heading(head), *blocks, tail))


async def revoke_card(intent: RevokeCard, turn: Turn, desk: Desk) -> Reply:
    """Erases a card of the person's own, and puts a sentence in the place of its message."""
    if reply := closed(turn, desk):
        return reply
    voice, rooms = desk.voice(turn.lang), rooms_of(turn, desk)
    card = await teams_of(desk).drop_card(turn.person, intent.card) if intent.card else None
    if card is None:
        return Reply((Text(voice("card.gone")), Buttons((_see(voice("example.sees")),))))
    replaced = card.place is None
    if card.place and card.ref and rooms:
        gone = Reply((Text(voice("card.taken-back")),), lang=voice.lang, private=True)
        try:
            await rooms.replace(turn.person, address_of(turn), card.place, card.ref, gone)
            replaced = True
        except Gone:
            replaced = True
        except (TryLater, InDoubt, Barred) as error:
            _log.warning("card_not_replaced", why=type(error).__name__)
    return Reply((Text(voice("card.revoked" if replaced else "card.revoked-unsure")),))
