"""The one composition root: content, store and platforms are put together here."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import partial

from bot.plug import Answer, Plug
from bot.settings import Settings
from bot.store.memory import MemoryStore
from content.load import load
from content.search import Index
from handlers.answer import answer
from handlers.ports import Desk
from handlers.understand import Parser
from scheduler.clock import Clock

TIDY_EVERY = datetime.timedelta(minutes=10)
"""How often expired records are erased."""


def _now() -> datetime.datetime:
    return datetime.datetime.now(datetime.UTC)


def make_desk(now: Callable[[], datetime.datetime] = _now) -> Desk:
    """A desk over the shipped content. content.load.Faults when the content has faults."""
    content = load()
    index = Index(content.matrix, content.glossary)
    return Desk(
        matrix=content.matrix,
        texts=content.texts,
        index=index,
        scales=content.scales,
        understand=Parser(content.matrix, content.words, index.lexicon),
        store=MemoryStore(),
        now=now,
    )


def make_answer(desk: Desk) -> Answer:
    """The one door, with this desk behind it."""
    return partial(answer, desk=desk)


def make_clock(desk: Desk) -> Clock:
    """What the process does unasked."""
    return Clock({TIDY_EVERY: lambda: desk.store.tidy(desk.now())})


def make_plugs(settings: Settings, desk: Desk) -> tuple[Plug, ...]:
    """The platforms that are on. Their SDKs are imported only then: they cost half a second and 60 MB."""
    plugs: list[Plug] = []
    if settings.slack_on:
        from bot.slack.inbound import SlackPlug

        plugs.append(SlackPlug(settings, make_answer(desk)))
    if settings.teams_on:
        from bot.teams.inbound import TeamsPlug

        plugs.append(TeamsPlug(settings, make_answer(desk), desk.texts))
    return tuple(plugs)
