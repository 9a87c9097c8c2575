"""What a process has at hand: no more than it needs."""

from typing import Any

import pytest

import bot.app
from content.search import Index
from handlers.intent import SetLanguage


@pytest.mark.parametrize(("listening", "before"), [(True, 1), (False, 0)])
def test_what_understands_words_is_made_for_listeners(
    listening: bool, before: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who listens has the index at once, who only sends when it is asked first; it is made once."""
    made: list[Index] = []

    def make(*told: Any) -> Index:
        made.append(Index(*told))
        return made[-1]

    monkeypatch.setattr(bot.app, "Index", make)
    desk = bot.app.make_desk(listening=listening)
    assert len(made) == before
    assert isinstance(desk.understand("auf Deutsch bitte").intent, SetLanguage)
    assert desk.index() is desk.index()
    assert len(made) == 1
