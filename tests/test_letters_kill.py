"""Letters while their processes are killed; `python -m tests.proof_letters` does the same for longer."""

from __future__ import annotations

from pathlib import Path

from scheduler.letters import State
from tests.proof_letters import prove


async def test_killed_in_the_middle(database: str, tmp_path: Path) -> None:
    """After kills and a freeze no letter is there twice; none is lost where a platform can be asked.

    Where it cannot, those that were in doubt are lost, and counted as such; but for a few they have gone out.
    """
    run = await prove(database, tmp_path, letters=420, kills=4, freezes=1, per_second=40)
    slack, teams = run.proofs["slack"], run.proofs["teams"]
    assert run.interrupted
    for proof in (slack, teams):
        assert not proof.doubled
        assert proof.astray == []
    assert set(slack.states) == {State.SENT, State.GONE}
    assert {State.SENT, State.LOST} <= set(teams.states) <= {State.SENT, State.GONE, State.LOST}
    # One or two at each kill, and where the line was cut before.
    assert teams.lost <= 2 * (run.kills + run.freezes) + 6
    assert slack.states.total() + teams.states.total() == 420
