"""Everything that can be asked of a framework."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from content.matrix import Matrix
from handlers.intent import (
    AddEvidence,
    AskNudges,
    AskPrivacy,
    AskRequirement,
    AskTeam,
    CompareLevels,
    CompareRoles,
    ConfirmMilestone,
    Intent,
    ListLevels,
    ListMilestones,
    ListRoles,
    ListSkills,
    MarkDone,
    OutOfScope,
    PickMilestone,
    Search,
    SetProfile,
    ShowEvidence,
    ShowExpectations,
    ShowHelp,
    ShowProfile,
    SmallTalk,
    StartHere,
    SuggestNext,
    Unclear,
    UnknownName,
)


def questions(matrix: Matrix) -> Iterator[Intent]:
    """Every cell, every step and every pair of roles, and all that needs no matrix."""
    for skill, role, level in matrix.cells:
        yield ShowExpectations(role=role, level=level, skill=skill)
    for role in matrix.roles.values():
        yield ShowExpectations(role=role.id)
        yield CompareLevels(role=role.id, levels=role.ladder)
        yield from (CompareLevels(role=role.id, levels=pair) for pair in itertools.pairwise(role.ladder))
        yield from (AskRequirement(role=role.id, skill=skill) for skill in matrix.skills)
        yield from (CompareLevels(role=role.id, levels=(level, role.ladder[-1])) for level in role.ladder)
        yield from (ShowExpectations(role=role.id, level=level) for level in role.ladder)
        yield ListLevels(role=role.id)
    for level, pair in itertools.product(matrix.levels, itertools.permutations(matrix.roles, 2)):
        yield CompareRoles(roles=pair, level=level)
    yield from (CompareRoles(roles=tuple(matrix.roles)[:12], level=level) for level in (None, *matrix.levels))
    yield from (Search(words=words) for words in ("serving", "TensorRT", "model", "<!channel>", "nothing at all"))
    yield from (UnknownName(what=what, said="<!here> *boss*") for what in ("role", "level", "skill"))
    yield from (SetProfile(role=role.id, level=role.ladder[0]) for role in itertools.islice(matrix.roles.values(), 1))
    yield from (AskPrivacy(), AskPrivacy(forget=True), AskNudges(wish="on"), AskTeam(), SmallTalk(), SuggestNext())
    for clause in itertools.islice((one.id for _, one in matrix.clauses()), 3):
        yield PickMilestone(clause=clause)
        yield MarkDone(clause=clause, text="built it", link="https://example.com/proof")
        yield AddEvidence(clause=clause, text="two\nlines", link="https://example.com/other")
        yield ConfirmMilestone(clause=clause)
        yield AddEvidence(clause=clause, sure=False)
    yield from (ListMilestones(), ShowEvidence(), ConfirmMilestone(), MarkDone(), PickMilestone(), AddEvidence())
    yield from (ShowProfile(), ListRoles(), ListLevels(), ListSkills(), AskRequirement(), CompareLevels())
    yield from (ShowHelp(), StartHere(), OutOfScope(), Unclear(), ShowExpectations(), CompareRoles())
