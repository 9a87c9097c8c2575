"""Teams, what is posted of them, cards, and letters that ask something else than a nudge does."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"

WORKSPACE = ("platform", "tenant")
PERSON = (*WORKSPACE, "user_id")


def upgrade() -> None:
    """Make the tables, and the column."""
    document = sa.JSON().with_variant(JSONB(), "postgresql")
    instant = sa.DateTime(timezone=True)
    op.add_column("letter", sa.Column("intent", document))
    op.create_table(
        "team",
        *_texts(*WORKSPACE, "id", "name", "folded"),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("every", sa.Text()),
        sa.Column("weekday", sa.Integer()),
        sa.Column("minute", sa.Integer()),
        sa.Column("zone", sa.Text()),
        sa.Column("lang", sa.Text()),
        sa.Column("channel", sa.Text()),
        sa.Column("due", instant),
        sa.Column("alone", instant),
        sa.PrimaryKeyConstraint(*WORKSPACE, "id", name="team_pkey"),
    )
    op.create_index("team_folded", "team", [*WORKSPACE, "folded"], unique=True)
    _create_index("team_due", "team", ["due"], where="due IS NOT NULL")
    op.create_table(
        "membership",
        *_texts(*PERSON, "team"),
        sa.Column("standing", sa.Text()),
        sa.Column("manages", sa.Boolean(), nullable=False),
        sa.Column("since", instant, nullable=False),
        sa.PrimaryKeyConstraint(*PERSON, "team", name="membership_pkey"),
        _belongs("membership"),
        sqlite_with_rowid=False,
    )
    op.create_index("membership_team", "membership", [*WORKSPACE, "team", "standing", "user_id"])
    _create_index("membership_since", "membership", ["since"], where="standing != 'yes'")
    op.create_table(
        "counted",
        *_texts(*PERSON, "team"),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("role", sa.Text()),
        sa.Column("level", sa.Text()),
        sa.Column("clauses", sa.Integer(), nullable=False),
        sa.Column("newest", instant),
        sa.PrimaryKeyConstraint(*PERSON, "team", "number", name="counted_pkey"),
        _belongs("counted"),
        sqlite_with_rowid=False,
    )
    op.create_index("counted_team", "counted", [*WORKSPACE, "team", "number"])
    op.create_table(
        "reading",
        *_texts(*WORKSPACE, "team"),
        sa.Column("number", sa.Integer(), nullable=False),
        *_texts("key"),
        sa.Column("at", instant, nullable=False),
        sa.Column("figures", document, nullable=False),
        sa.Column("people", sa.Integer()),
        sa.Column("by_user", sa.Text()),
        *_texts("channel", "state"),
        sa.Column("ref", sa.Text()),
        sa.PrimaryKeyConstraint(*WORKSPACE, "team", "number", name="reading_pkey"),
    )
    op.create_index("reading_key", "reading", [*WORKSPACE, "team", "key"], unique=True)
    op.create_table(
        "trail",
        *_texts(*PERSON, "id"),
        sa.Column("at", instant, nullable=False),
        *_texts("what"),
        sa.Column("by_user", sa.Text()),
        *_texts("team_name"),
        sa.PrimaryKeyConstraint(*PERSON, "id", name="trail_pkey"),
        _belongs("trail"),
        sqlite_with_rowid=False,
    )
    op.create_index("trail_at", "trail", ["at"])
    op.create_index("trail_by", "trail", [*WORKSPACE, "by_user"])
    op.create_table(
        "card",
        *_texts(*PERSON, "id", "to_user"),
        sa.Column("lines", document, nullable=False),
        *_texts("text"),
        sa.Column("at", instant, nullable=False),
        sa.Column("place", sa.Text()),
        sa.PrimaryKeyConstraint(*PERSON, "id", name="card_pkey"),
        _belongs("card"),
        _belongs("card", "to_user"),
        sqlite_with_rowid=False,
    )
    op.create_index("card_id", "card", ["id"], unique=True)
    op.create_index("card_to_user", "card", [*WORKSPACE, "to_user"])


def _create_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _texts(*names: str) -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.Text(), nullable=False) for name in names)


def _belongs(table: str, user: str = "user_id") -> sa.ForeignKeyConstraint:
    columns, name = [f"person.{name}" for name in PERSON], "person" if user == "user_id" else user
    return sa.ForeignKeyConstraint((*WORKSPACE, user), columns, name=f"{table}_{name}_fkey", ondelete="CASCADE")
