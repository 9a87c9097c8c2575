"""What a person tells of themselves: role and level."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from content.texts import Voice
from handlers import pick
from handlers.heard import FILL
from handlers.help import examples
from handlers.intent import FindLevel, SetProfile, ShowExpectations, ShowProfile, SuggestNext
from handlers.language import language_buttons
from handlers.level_result import chosen_level
from handlers.milestones import own_rung
from handlers.nudge_offer import offer
from handlers.phrase import level_name, role_name, rung
from handlers.ports import Desk
from handlers.records import PROFILE_FIELDS, How, Profile, ProfileSet
from handlers.reply import Block, Button, Buttons, Note, Reply, Text
from handlers.turn import Turn


async def set_profile(intent: SetProfile, turn: Turn, desk: Desk) -> Reply:
    """Keeps the role, the level, or both, and asks for the other half where it is open."""
    voice = desk.voice(turn.lang)
    if not (intent.role or intent.level):
        return _change(desk, voice, turn.known.profile)
    before = turn.known.profile
    role = intent.role or (before.role if before.role in desk.matrix.roles else None)
    level = intent.level or before.level
    if role and level and level not in desk.matrix.roles[role].ladder:
        if intent.level:
            return _wrong_rung(desk, voice, role, level)
        level = None
    text, *controls = _saved(desk, voice, role, level)
    if intent.how == "walk" and role and level:
        controls = [*chosen_level(desk, voice, role, level, turn.known.done)]
    how: How = intent.how or ("button" if turn.intent else "said")
    named = [name for name in ("role", "level") if getattr(intent, name)]
    _, fact = choose(Profile(role, level, how), named, turn, desk)
    answers = {} if role and level else {FILL: SetProfile(role=role, level=level)}
    page = Reply((text, Note(voice("profile.kept")), *controls), facts=(fact,), answers=answers)
    return offer(page, turn, desk) if intent.how == "walk" and role and level else page


def choose(chosen: Profile, named: Iterable[str], turn: Turn, desk: Desk) -> tuple[Profile, ProfileSet]:
    """The profile with this role and level, and the fact that keeps what was named or is new, and nothing else.

    Somebody may choose the rest, or have everything erased, at the same moment.
    """
    before = turn.known.profile
    # A language that was chosen outlives the one in which somebody happens to say who they are.
    lang, zone = before.lang or turn.lang, turn.zone or before.zone
    now = replace(chosen, edition=desk.matrix.edition, lang=lang, zone=zone, set_at=desk.now())
    same = {name for name in ("role", "level", "lang", "zone") if getattr(now, name) == getattr(before, name)}
    return now, ProfileSet(now, only=PROFILE_FIELDS - same | {*named})


def _change(desk: Desk, voice: Voice, profile: Profile) -> Reply:
    """Role, level and language, to be changed."""
    form = pick.both_form(desk, voice, SetProfile(), voice("profile.save"), own_rung(desk.matrix, profile))
    find = Button(voice("profile.find"), FindLevel())
    buttons = Buttons((find, *language_buttons(desk, voice)))
    ask = (*told_gone(desk, voice, profile), Text(_which(desk, voice, profile)))
    return Reply((*ask, form, buttons), answers={FILL: SetProfile()})


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
        find = Buttons((Button(voice("profile.find"), FindLevel(role=role)),))
        return text, pick.level_choices(desk, voice, SetProfile(role=role), role=role), find
    assert level
    text = Text(voice("profile.saved-level", level=level_name(desk, voice, level)))
    return text, *pick.role_menu(desk, voice, SetProfile(level=level), level=level)


def _wrong_rung(desk: Desk, voice: Voice, role: str, level: str) -> Reply:
    """The level exists, but not on the ladder of the role that is kept."""
    text = voice("profile.other-ladder", level=level_name(desk, voice, level), role=role_name(desk, voice, role))
    choose = SetProfile(role=role)
    return Reply((Text(text), pick.level_choices(desk, voice, choose, role=role)), answers={FILL: choose})


def facts_of(desk: Desk, voice: Voice, profile: Profile) -> tuple[tuple[str, str], ...]:
    """Role and level as rows of label and value; of what the framework has dropped that is said."""
    dropped = {one: voice("profile.dropped", name=_spelled(voice, one)) for one in _dropped(desk, profile)}
    role = profile.role and (dropped.get(profile.role) or role_name(desk, voice, profile.role))
    level = profile.level and (dropped.get(profile.level) or level_name(desk, voice, profile.level))
    return (
        (voice("profile.role"), role or voice("profile.missing")),
        (voice("profile.level"), level or voice("profile.missing")),
    )


def told_gone(desk: Desk, voice: Voice, profile: Profile) -> tuple[Block, ...]:
    """That the framework has dropped the role or the level that was chosen, where it has."""
    names = [_spelled(voice, one) for one in _dropped(desk, profile)]
    return (Text(voice("profile.gone", names=voice.list(*names))),) if names else ()


def _dropped(desk: Desk, profile: Profile) -> Iterator[str]:
    """The ids of what was chosen that the framework no longer has."""
    if profile.role and profile.role not in desk.matrix.roles:
        yield profile.role
    if profile.level and profile.level not in desk.matrix.levels:
        yield profile.level


def _spelled(voice: Voice, name: str) -> str:
    """An id in words: the name went with the framework's old edition."""
    return voice("name.quoted", words=name.replace("-", " "))


def ask_profile(desk: Desk, voice: Voice, words: str) -> Reply:
    """A form for role and level."""
    form = pick.both_form(desk, voice, SetProfile(), voice("profile.save"), (None, None))
    return Reply((Text(words), form), answers={FILL: SetProfile()})
