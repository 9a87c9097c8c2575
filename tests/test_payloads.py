"""What buttons carry: of older versions, forged, and of other people."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, get_args

import pytest

from bot.store.memory import MemoryStore
from bot.store.sql import SqlStore
from handlers.intent import AddEvidence, Intent, MarkDone, SetProfile, pack, unpack
from handlers.reply import File
from handlers.turn import Person
from tests.door import HERE, ME, ROLE, clauses, desk_over, every_kind, keeping, press, told
from tests.talk import text

RELEASED = (Path(__file__).parent / "data" / "payloads.jsonl").read_text(encoding="utf-8").splitlines()

FIRST = {
    *("expect", "levels", "roles", "search", "required", "list-roles", "list-levels", "list-skills", "unknown"),
    *("set-profile", "profile", "next", "done", "nudges", "team", "privacy", "help", "start", "small-talk"),
    *("out-of-scope", "unclear"),
}
"""The kinds of the first version."""

FOREIGN = {
    "user": "U1",
    "user_id": "U1",
    "tenant": "T1",
    "platform": "slack",
    "person": {"platform": "slack", "tenant": "T1", "user": "U1"},
    "known": {"profile": {"role": "data-scientist", "level": "principal"}},
    "facts": [{"clause": "x", "state": "done"}],
    "share": True,
    "pressed": True,
}
"""What no button of ours carries, and whose it would be if anyone listened."""


def test_every_released_kind_is_kept() -> None:
    """Of every kind of the first version there is a payload, and no kind has lost its name."""
    assert {json.loads(line)["kind"] for line in RELEASED} >= FIRST
    assert {kind.model_fields["kind"].default for kind in get_args(Intent)} >= FIRST


@pytest.mark.parametrize("line", RELEASED)
async def test_a_released_payload(line: str) -> None:
    """A button of an older version still says everything that it said, and is answered, to whoever presses it."""
    intent = unpack(line)
    said: dict[str, Any] = json.loads(line)
    assert said.items() <= json.loads(intent.model_dump_json()).items()
    assert unpack(pack(intent)) == intent
    for begun in (False, True):
        desk = desk_over(MemoryStore())
        if begun:
            await press(SetProfile(role=ROLE, level="middle"), desk)
            await press(MarkDone(clause=clauses(desk)[1]), desk)
        reply = await press(intent, desk)
        assert reply.blocks
        assert "run me: " not in text(reply)


async def test_forged_payloads(sql_store: SqlStore) -> None:
    """A payload that names somebody else speaks for whoever pressed it; nobody else's rows change."""
    desk = desk_over(sql_store)
    mine = clauses(desk)
    await press(SetProfile(role=ROLE, level="middle"), desk)
    for intent in keeping(mine[0]).values():
        await press(intent, desk)
    before = await sql_store.export(ME)
    evidence = [item.id for item in await sql_store.evidence(ME)]
    assert evidence
    others = [Person("slack", "T1", "U2"), Person("slack", "T2", "U1"), Person("teams", "T1", "U1")]
    for other in others:
        payloads = [json.loads(pack(intent)) for intent in (*keeping(mine[1]).values(), *every_kind())]
        payloads += [{"kind": "evidence", "remove": one} for one in evidence]
        payloads += [{"kind": "evidence-list", "clause": mine[0]}, {"kind": "done", "clause": mine[0], "done": False}]
        payloads += [{"kind": "privacy", "forget": True, "sure": True}, {"kind": "privacy", "export": True}]
        for payload in payloads:
            reply = await press(unpack(payload | FOREIGN), desk, other)
            assert "run me: " not in text(reply)
            assert await sql_store.export(ME) == before
    assert await sql_store.evidence(ME)


@pytest.mark.parametrize(
    "clause", ["x", "a/b/c/d", "model-serving/mlops-engineer/senior/no-such", "../" * 9, "'; --", "\x00"]
)
async def test_unknown_clauses(sql_store: SqlStore, clause: str) -> None:
    """A clause that the framework does not have is put on record by no button."""
    desk = desk_over(sql_store)
    await press(SetProfile(role=ROLE, level="middle"), desk)
    before = told(await sql_store.export(ME))
    for name, intent in keeping(clause).items():
        if name not in ("profile", "language"):
            reply = await press(intent, desk)
            assert "run me: " not in text(reply), name
            after = told(await sql_store.export(ME))
            assert {one: after.get(one) for one in ("milestone", "evidence", "person")} == {
                one: before.get(one) for one in ("milestone", "evidence", "person")
            }, name


@pytest.mark.parametrize(
    "forged",
    [
        {"kind": "evidence", "remove": "x" * 41},
        {"kind": "evidence", "text": "x" * 2001},
        {"kind": "evidence", "link": ["https://example.com"]},
        {"kind": "find-level", "answer": "maybe"},
        {"kind": "find-level", "step": "skip-all"},
        {"kind": "done", "clause": "x" * 201},
        {"kind": "packet", "level": "../../etc/passwd"},
        {"kind": "next", "past": -1},
        {"kind": "language", "lang": "x" * 11},
        {"kind": "forget-everyone"},
        {},
    ],
    ids=lambda forged: "-".join(map(str, forged.values()))[:30],
)
def test_payloads_that_are_none(forged: dict[str, object]) -> None:
    """What no version could have written is refused, in one sort of error."""
    with pytest.raises(ValueError, match="validation error"):
        unpack(forged)


async def test_another_tenant(sql_store: SqlStore) -> None:
    """With the same user id in another tenant, or on another platform, nothing of the namesake is shown or changed."""
    desk = desk_over(sql_store)
    mine = clauses(desk)
    mark = "Wombat of the first tenant"
    for intent in keeping(mine[0], mark).values():
        await press(intent, desk)
    before = await sql_store.export(ME)
    assert mark in str(before)
    asked = every_kind()
    asked += [unpack({"kind": "evidence-list", "clause": mine[0]}), unpack({"kind": "privacy", "export": True})]
    asked += [AddEvidence(remove=item.id) for item in await sql_store.evidence(ME)]
    asked += [
        unpack({"kind": "still-true", "clause": mine[0]}),
        unpack({"kind": "privacy", "forget": True, "sure": True}),
    ]
    for namesake in (Person("slack", "T2", ME.user), Person("teams", ME.tenant, ME.user)):
        for intent in asked:
            for _ in range(2):  # a stranger first, and then somebody with a level
                reply = await press(intent, desk, namesake)
                shown = text(reply) + "".join(block.content for block in reply.blocks if isinstance(block, File))
                assert "ombat" not in shown
                assert "run me: " not in shown
                await press(SetProfile(role=ROLE, level="senior"), desk, namesake)
            assert "ombat" not in str(await sql_store.export(namesake))
            assert await sql_store.export(ME) == before
        known = await sql_store.recall(namesake, HERE, desk.now())
        assert known is None or not known.milestones.keys() & {mine[0]}
