"""What changes between two cells."""

from __future__ import annotations

import datetime
from itertools import pairwise, permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.assignment import pair
from content.difference import Change, Scales, Step, difference, headline_verb
from content.load import HERE, load_matrix, read_yaml
from content.matrix import Cell, Clause, Localized, Requirement, Source

MATRIX = load_matrix()
SCALES = Scales.model_validate(read_yaml(HERE / "knowledge" / "scales.yaml").data)
SKILL = "model-serving"
SOURCE = Source("A page", "1", datetime.date(2026, 3, 17))


def cell(*texts: str, language: str = "en", role: str = "r") -> Cell:
    clauses = tuple(Clause(f"s/r/l/{n}", Localized(language, {language: text})) for n, text in enumerate(texts))
    return Cell("s", role, "l", Requirement.REQUIRED, clauses, SOURCE)


def shipped(role: str, level: str) -> Cell:
    found = MATRIX.cell(SKILL, role, level)
    assert found
    return found


def said(clause: Clause | None) -> str:
    return clause.text.texts["en"] if clause else ""


def starting(changes: tuple[Change, ...], text: str) -> Change:
    """The change whose clause, the upper one where there is one, starts with these words."""
    found = [change for change in changes if said(change.after or change.before).startswith(text)]
    assert len(found) == 1, (text, [said(change.after or change.before) for change in changes])
    return found[0]


CELLS = st.builds(
    lambda texts, language: cell(*texts, language=language),
    st.lists(
        st.one_of(
            st.text(max_size=40),
            st.lists(
                st.sampled_from(
                    [
                        "Defines",
                        "designs",
                        "can",
                        "and",
                        "team",
                        "teams",
                        "model",
                        "caching:",
                        "(drift)",
                        "enterprise",
                        "–",
                        "of",
                        "A/B",
                    ]
                ),
                max_size=7,
            ).map(" ".join),
        ),
        max_size=7,
    ),
    st.sampled_from(["en", "de", "fr"]),
)


@pytest.mark.parametrize(
    ("role", "verbs"),
    [
        ("ai-product-engineer", "Understands → Implements → Designs → Defines → Defines"),
        ("computer-vision-engineer", "Understands → Implements → Designs → Defines → Defines"),
        ("data-scientist", "Understands → Implements → Designs → Defines → Defines"),
        ("llm-engineer", "Understands → Implements → Designs → Defines → Defines"),
        ("ml-engineer", "Deploys → Uses → Designs → Defines → Defines"),
        ("mlops-engineer", "Can deploy → Deploys → Architects → Defines → Shapes"),
        ("nlp-engineer", "Deploys → Independently designs → Designs → Defines → Shapes"),
    ],
)
def test_a_ladder_is_told_by_its_strongest_verbs(role: str, verbs: str) -> None:
    """Every level's strongest verb is said as it is written."""
    assert " → ".join(headline_verb(c, SCALES, "en") or "?" for c in MATRIX.ladder(SKILL, role)) == verbs


@pytest.mark.parametrize(
    ("role", "lower", "upper", "start", "verb", "scope"),
    [
        ("ai-product-engineer", "junior", "middle", "Implements model serving", "Understands → Implements", None),
        ("ai-product-engineer", "middle", "senior", "Designs", "Implements → Designs", "features → products"),
        ("ai-product-engineer", "senior", "lead", "Defines", "Designs → Defines", "products → platform"),
        ("ai-product-engineer", "senior", "lead", "Establishes", "Creates → Establishes", None),
        ("ai-product-engineer", "lead", "principal", "Defines", None, "platform → organization"),
        ("ai-product-engineer", "lead", "principal", "Drives", None, "teams → organization"),
        ("computer-vision-engineer", "lead", "principal", "Drives", None, "systems → organization"),
        ("data-scientist", "junior", "middle", "Uses MLflow", "Follows → Uses", None),
        ("data-scientist", "lead", "principal", "Drives", None, None),
        ("llm-engineer", "junior", "middle", "Implements streaming", "Follows → Implements", None),
        ("llm-engineer", "lead", "principal", "Defines", None, None),
        ("ml-engineer", "middle", "senior", "Designs", "Uses → Designs", None),
        ("ml-engineer", "lead", "principal", "Defines", None, "platform → enterprise"),
        ("mlops-engineer", "junior", "middle", "Deploys", "Knows → Deploys", None),
        ("mlops-engineer", "lead", "principal", "Shapes", None, "team → organization"),
        ("nlp-engineer", "lead", "principal", "Shapes", None, "team → enterprise"),
    ],
)
def test_what_goes_deeper_says_its_steps(
    role: str, lower: str, upper: str, start: str, verb: str | None, scope: str | None
) -> None:
    """The same topic one level up is deeper, with the step in the verb and in the scope where they rise."""
    change = starting(difference(shipped(role, lower), shipped(role, upper), SCALES), start)
    steps = [f"{step.before} → {step.after}" if step else None for step in (change.verb, change.scope)]
    assert (change.kind, *steps) == ("deeper", verb, scope)


@pytest.mark.parametrize(
    ("role", "lower", "upper", "start", "kind"),
    [
        ("ai-product-engineer", "middle", "senior", "Mentors team", "new"),
        ("ai-product-engineer", "middle", "senior", "Configures auto-scaling", "dropped"),
        ("ai-product-engineer", "lead", "principal", "Evaluates build-vs-buy", "new"),
        ("computer-vision-engineer", "lead", "principal", "Conducts architecture reviews", "dropped"),
        ("llm-engineer", "lead", "principal", "Drives adoption", "unchanged"),
        ("ml-engineer", "middle", "senior", "Configures A/B testing", "dropped"),
        ("ml-engineer", "senior", "lead", "Optimizes serving costs", "new"),
    ],
)
def test_what_comes_stays_and_goes(role: str, lower: str, upper: str, start: str, kind: str) -> None:
    """Another topic is new or dropped; the same thing in almost the same words is unchanged."""
    assert starting(difference(shipped(role, lower), shipped(role, upper), SCALES), start).kind == kind


def test_every_step_up_keeps_the_skill_as_such() -> None:
    """Between all adjacent levels something goes deeper, as the same skill is asked for at both."""
    for role in MATRIX.roles:
        for lower, upper in pairwise(MATRIX.ladder(SKILL, role)):
            assert any(change.kind == "deeper" for change in difference(lower, upper, SCALES)), (role, upper.level)


def test_a_move_carries_over_what_asks_no_more() -> None:
    """Between roles at one level, what the first role's clause covers is unchanged."""
    changes = difference(shipped("mlops-engineer", "senior"), shipped("ml-engineer", "senior"), SCALES)
    assert starting(changes, "Configures autoscaling").kind == "unchanged"
    assert starting(changes, "Designs model serving architecture").kind == "unchanged"
    back = difference(shipped("ml-engineer", "senior"), shipped("mlops-engineer", "senior"), SCALES)
    assert starting(back, "and designs autoscaling").verb == Step("Configures", "Designs")


def test_mentoring_is_a_topic_of_its_own() -> None:
    """Where the verb acts on the team itself, the verb is what carries over."""
    changes = difference(
        shipped("computer-vision-engineer", "senior"), shipped("ai-product-engineer", "senior"), SCALES
    )
    assert starting(changes, "Mentors team").kind == "unchanged"


def test_following_a_team_is_no_scope() -> None:
    """Who follows a team's practices does not act on the team."""
    changes = difference(cell("Follows team caching practices."), cell("Defines caching across teams."), SCALES)
    assert changes[0].verb == Step("Follows", "Defines")
    assert changes[0].scope is None


def test_less_of_other_things_is_not_deeper() -> None:
    """A weaker verb with other details is neither deeper nor unchanged."""
    changes = difference(cell("Defines caching rules."), cell("Uses caching libraries."), SCALES)
    assert [change.kind for change in changes] == ["new", "dropped"]


def test_links_and_full_stops_change_nothing() -> None:
    """The same clause at another place of a sentence is unchanged."""
    (change,) = difference(cell("and designs drift alarms."), cell("Designs drift alarms,"), SCALES)
    assert change.kind == "unchanged"


def test_german_frameworks_are_measured_too() -> None:
    """Verbs and scopes of a German framework rise as English ones do."""
    lower, upper = cell("Nutzt Caching im Team.", language="de"), cell("Definiert Caching für Teams.", language="de")
    (change,) = difference(lower, upper, SCALES)
    assert (change.verb, change.scope) == (Step("Nutzt", "Definiert"), Step("Team", "Teams"))


@given(CELLS, CELLS)
def test_every_clause_appears_exactly_once(lower: Cell, upper: Cell) -> None:
    """Whatever the texts, each clause of both cells is in one change, the upper ones in order, what is dropped last."""
    changes = difference(lower, upper, SCALES)
    assert [change.after for change in changes if change.after] == list(upper.clauses)
    assert all(change.after is None for change in changes[len(upper.clauses) :])
    assert sorted(change.before.id for change in changes if change.before) == [clause.id for clause in lower.clauses]
    assert [change.before for change in changes if change.kind == "dropped"] == [
        change.before for change in changes if change.after is None
    ]
    assert all((change.kind == "new") == (change.before is None) for change in changes)
    assert changes == difference(lower, upper, SCALES)


@given(CELLS)
def test_a_cell_does_not_differ_from_itself(one: Cell) -> None:
    """Against itself everything is unchanged."""
    assert all(change.kind == "unchanged" for change in difference(one, one, SCALES))


@given(CELLS)
def test_any_cell_has_a_headline_or_none(one: Cell) -> None:
    """The headline verb is taken from the texts, whatever they are."""
    verb = headline_verb(one, SCALES, "en")
    spoken = " ".join(text for clause in one.clauses for text in clause.text.texts.values())
    assert verb is None or all(word in spoken.casefold() for word in verb.casefold().split())


@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=1, max_size=4))
def test_pairs_are_worth_the_most(worth: list[list[int]]) -> None:
    """No other one-to-one pairing is worth more, and nothing worthless is paired."""
    found = pair(worth)
    assert len({row for row, _ in found}) == len({column for _, column in found}) == len(found)
    assert all(worth[row][column] > 0 for row, column in found)
    square = [[*row, 0] for row in worth] + [[0] * 4] * (4 - len(worth))
    best = max(sum(square[row][column] for row, column in enumerate(columns)) for columns in permutations(range(4)))
    assert sum(worth[row][column] for row, column in found) == best
