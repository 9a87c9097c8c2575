"""What a person tells of themselves: role and level."""

from __future__ import annotations

from content.texts import Voice
from handlers import milestones, pick
from handlers.help import examples
from handlers.intent import AskPrivacy, SetLanguage, SetProfile, ShowExpectations, ShowProfile, SuggestNext
from handlers.phrase import fragment, level_name, role_name, rung
from handlers.ports import Desk
from handlers.records import How, Known, Profile, ProfileSet
from handlers.reply import Block, Bullets, Button, Buttons, Facts, Heading, Item, Note, Reply, Text
from handlers.turn import Turn

MOST_DONE = 12
"""Milestones named in a profile; the newest come first."""

CHOSEN = frozenset({"role", "level", "how", "edition", "lang", "set_at"})
"""What is put on record of a profile when a person chooses it."""


async def set_profile(intent: SetProfile, turn: Turn, desk: Desk) -> Reply:
    """Keeps the role, the level, or both, and asks for the other half where it is open."""
    voice = desk.voice(turn.lang)
    if not (intent.role or intent.level):
        return ask_profile(desk, voice, _which(desk, voice, turn.known.profile))
    before = turn.known.profile
    role = intent.role or (before.role if before.role in desk.matrix.roles else None)
    level = intent.level or before.level
    if role and level and level not in desk.matrix.roles[role].ladder:
        if intent.level:
            return _wrong_rung(desk, voice, role, level)
        level = None
    text, *controls = _saved(desk, voice, role, level)
    how: How = "button" if turn.intent else "said"
    chosen = Profile(role, level, how, edition=desk.matrix.edition, lang=turn.lang, set_at=desk.now())
    fact = ProfileSet(chosen, only=CHOSEN)
    return Reply((text, Note(voice("profile.kept")), *controls), facts=(fact,))


def _which(desk: Desk, voice: Voice, profile: Profile) -> str:
    """The question for role and level; what is known already is not denied."""
    role = role_name(desk, voice, profile.role) if profile.role in desk.matrix.roles and profile.role else ""
    level = level_name(desk, voice, profile.level) if profile.level in desk.matrix.levels and profile.level else ""
    if not (role or level):
        return voice("profile.none", example=examples(desk, voice)["profile"])
    who = voice("name.rung", role=role, level=level) if role and level else role or level
    return voice("profile.which", who=who)


def _saved(desk: Desk, voice: Voice, role: str | None, level: str | None) -> tuple[Block, ...]:
    if role and level:
        buttons = (
            Button(voice("button.expectations"), ShowExpectations(role=role, level=level)),
            Button(voice("button.next"), SuggestNext()),
            Button(voice("button.profile"), ShowProfile()),
        )
        return Text(voice("profile.saved", who=rung(desk, voice, role, level))), Buttons(buttons)
    if role:
        text = Text(voice("profile.saved-role", role=role_name(desk, voice, role)))
        return text, pick.level_choices(desk, voice, SetProfile(role=role), role=role)
    assert level
    text = Text(voice("profile.saved-level", level=level_name(desk, voice, level)))
    return text, *pick.role_menu(desk, voice, SetProfile(level=level), level=level)


def _wrong_rung(desk: Desk, voice: Voice, role: str, level: str) -> Reply:
    """The level exists, but not on the ladder of the role that is kept."""
    text = voice("profile.other-ladder", level=level_name(desk, voice, level), role=role_name(desk, voice, role))
    return Reply((Text(text), pick.level_choices(desk, voice, SetProfile(role=role), role=role)))


async def show_profile(_intent: ShowProfile, turn: Turn, desk: Desk) -> Reply:
    """Role, level and how many milestones are done."""
    voice = desk.voice(turn.lang)
    profile = turn.known.profile
    example = examples(desk, voice)["profile"]
    if not (profile.role or profile.level or turn.known.done):
        return ask_profile(desk, voice, voice("profile.none", example=example))
    buttons = (
        Button(voice("button.next"), SuggestNext()),
        Button(voice("profile.change"), SetProfile()),
        Button(voice("button.privacy"), AskPrivacy()),
    )
    title = voice("profile.title")
    role, level = profile.role, profile.level
    if role and level and role in desk.matrix.roles and level in desk.matrix.levels:
        title = voice("profile.title-who", who=rung(desk, voice, role, level))
    facts = Facts(facts_of(desk, voice, turn.known))
    return Reply(
        (Heading(title), facts, *_done(desk, voice, turn.known), Note(voice("profile.kept")), Buttons(buttons))
    )


def _done(desk: Desk, voice: Voice, known: Known) -> tuple[Block, ...]:
    """The milestones that are done, newest first."""
    newest = sorted(known.done, key=lambda clause: (known.milestones[clause].since, clause), reverse=True)
    found = [one for clause in newest if (one := milestones.find(desk.matrix, clause))]
    if not found:
        return ()
    items = tuple(
        Item(fragment(one.clause, voice), rung(desk, voice, one.cell.role, one.cell.level)) for one in found[:MOST_DONE]
    )
    left = len(found) - len(items)
    more = (Text(voice("name.more", count=left)),) if left else ()
    return (Text(voice("profile.done-are")), Bullets(items), *more)


def facts_of(desk: Desk, voice: Voice, known: Known) -> tuple[tuple[str, str], ...]:
    """The profile as rows of label and value; names that the framework has dropped are shown by their id."""
    profile = known.profile
    known_role = profile.role in desk.matrix.roles
    known_level = profile.level in desk.matrix.levels
    role = role_name(desk, voice, profile.role) if profile.role and known_role else profile.role
    level = level_name(desk, voice, profile.level) if profile.level and known_level else profile.level
    return (
        (voice("profile.role"), role or voice("profile.missing")),
        (voice("profile.level"), level or voice("profile.missing")),
        (voice("profile.done"), str(len(known.done))),
    )


def ask_profile(desk: Desk, voice: Voice, words: str) -> Reply:
    """A form for role and level."""
    form = pick.both_form(desk, voice, SetProfile(), voice("profile.save"), (None, None))
    return Reply((Text(words), form))


async def set_language(_intent: SetLanguage, turn: Turn, desk: Desk) -> Reply:
    """Not yet."""
    return Reply((Text(desk.voice(turn.lang)("next.need-both")),))
