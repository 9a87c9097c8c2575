"""What people type, and what the answer must and must not show: `data/utterances.jsonl`."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.talk import Talk, content, parser, text

DATA = Path(__file__).with_name("data")
ROLES = {name.casefold() for role in content().matrix.roles.values() for name in role.name.texts.values()}
BUTTON = re.compile(r"\[[^\]]*\]")


def _utterances() -> list[Any]:
    lines = DATA.joinpath("utterances.jsonl").read_text(encoding="utf-8").splitlines()
    return [pytest.param(each, id=f"{each['id']}: {each['text'][:40]}") for each in map(json.loads, lines)]


@pytest.mark.parametrize("utterance", _utterances())
async def test_an_utterance_is_answered(utterance: dict[str, Any]) -> None:
    """The intent is the one meant, and the answer shows what it must and nothing that it must not."""
    lang = utterance["lang"] if utterance["lang"] != "mixed" else None
    assert parser()(utterance["text"], hint=lang).intent.kind == utterance["kind"]
    talk = Talk(lang=lang)
    for words in utterance.get("setup", ()):
        await talk.says(words)
    reply = text(await talk.says(utterance["text"], command=utterance["platform"] == "slash"))
    told = BUTTON.sub(" ", reply)
    for wanted in utterance.get("must_contain", ()):
        choices = wanted if isinstance(wanted, list) else [wanted]
        assert any(_shows(reply, choice) for choice in choices), f"{choices} not in: {reply}"
    for unwanted in utterance.get("must_not_contain", ()):
        # The roles to go on with stand on buttons, and that is all right.
        assert not _shows(told if unwanted.casefold() in ROLES else reply, unwanted), f"{unwanted} in: {reply}"
    if some := utterance.get("at_least"):
        assert sum(_shows(reply, choice) for choice in some["of"]) >= some["n"], reply


def test_every_utterance_stands_there_once() -> None:
    """No two lines have the same id, and none the same words after the same beginning."""
    lines = [json.loads(line) for line in DATA.joinpath("utterances.jsonl").read_text(encoding="utf-8").splitlines()]
    said = [(each["text"], each["platform"], *each.get("setup", ())) for each in lines]
    assert len({each["id"] for each in lines}) == len(lines)
    assert len(set(said)) == len(said)


def _shows(reply: str, passage: str) -> bool:
    """Whether a passage stands in a reply as whole words, whatever the case and the spaces."""
    pattern = r"\s+".join(map(re.escape, passage.split()))
    return re.search(rf"(?<!\w){pattern}(?!\w)", reply, re.IGNORECASE) is not None
