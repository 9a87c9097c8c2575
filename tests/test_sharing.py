"""What a shared answer passes on: the words with which everybody else gets it, too."""

from __future__ import annotations

import re

import pytest

from handlers.intent import CompareLevels, CompareRoles, ShowExpectations
from handlers.reply import Audience, Block, Buttons, Form, Menu, Note, Reply
from tests.questions import questions
from tests.talk import FRAMEWORKS, Talk, buttons


@pytest.mark.parametrize("framework", FRAMEWORKS)
@pytest.mark.parametrize("lang", ["en", "de"])
async def test_a_shared_answer_tells_how_to_ask_for_it(lang: str, framework: str) -> None:
    """Whoever types what stands on a shared page gets that page, whatever can be shared."""
    talk, told = Talk(lang=lang, framework=framework), 0
    for asked in questions(talk.desk.matrix):
        if not isinstance(asked, ShowExpectations | CompareLevels | CompareRoles):
            continue
        page = await talk.asks(asked, channel=True)
        shared = next((one.intent for one in buttons(page) if one.share), None)
        if shared is None:
            continue
        page = await talk.asks(shared, channel=True, share=True)
        assert page.audience is Audience.ROOM
        notes = [block.text for block in page.blocks if isinstance(block, Note)]
        words = [found[1] for note in notes if (found := re.search("[“„]@Rung (.+)[”“]$", note))]
        told += len(words)
        for one in words:
            answer = await talk.says(one, f"reader-{told}")
            assert shown(answer) == page.blocks[: -len(words) - 1]
    assert told


def shown(reply: Reply) -> tuple[Block, ...]:
    """What a reply says, without what can be pressed."""
    return tuple(block for block in reply.blocks if not isinstance(block, Buttons | Menu | Form))


async def test_what_is_not_shared_passes_nothing_on() -> None:
    """An answer to one person has no such line."""
    page = await Talk(lang="en").asks(ShowExpectations(role="ml-engineer", level="senior"), channel=True)
    assert "Ask Rung yourself" not in str(page.blocks)
