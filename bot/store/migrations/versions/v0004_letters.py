"""Weekly nudges, the letters to those who want them, and the fence of each workspace."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"

PERSON = ("platform", "tenant", "user_id")


def upgrade() -> None:
    """Make the tables."""
    document = sa.JSON().with_variant(JSONB(), "postgresql")
    moment = sa.DateTime(timezone=True).with_variant(sa.BigInteger(), "sqlite")
    op.create_table(
        "nudging",
        *_whose(),
        sa.Column("weekday", sa.Integer()),
        sa.Column("minute", sa.Integer()),
        sa.Column("zone", sa.Text()),
        sa.Column("since", sa.Date()),
        sa.Column("every", sa.Integer()),
        sa.Column("country", sa.Text()),
        sa.Column("away_until", sa.Date()),
        sa.Column("paused", sa.Boolean()),
        sa.Column("window", sa.Integer()),
        sa.Column("away_from", sa.Date()),
        sa.Column("offered", sa.Date()),
        sa.Column("due", moment),
        sa.Column("zone_data", sa.Text()),
        sa.Column("due_day", sa.Date()),
        sa.Column("last", sa.Date()),
        sa.Column("ignored", sa.Integer(), nullable=False),
        sa.Column("plan_clause", sa.Text()),
        sa.Column("plan_when", sa.Text()),
        sa.Column("plan_then", sa.Text()),
        sa.Column("plan_day", sa.Date()),
        sa.Column("plan_outcome", sa.Text()),
        sa.Column("chosen", moment),
        sa.PrimaryKeyConstraint(*PERSON, name="nudging_pkey"),
        _belongs("nudging"),
        sqlite_with_rowid=False,
    )
    _create_index("nudging_due", "nudging", ["due"], where="due IS NOT NULL")
    op.create_table(
        "letter",
        *_whose(),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("due", moment, nullable=False),
        sa.Column("not_before", moment),
        sa.Column("epoch", sa.Integer()),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("ref", sa.Text()),
        sa.Column("trail", document, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint(*PERSON, "day", "kind", name="letter_pkey"),
        _belongs("letter"),
        sqlite_with_rowid=False,
    )
    keys = ["platform", "tenant", "state", "due", "not_before"]
    _create_index("letter_open", "letter", keys, where="not_before IS NOT NULL")
    _create_index("letter_settled", "letter", ["at"], where="not_before IS NULL")
    op.create_table(
        "workspace",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("gate_until", moment),
        sa.PrimaryKeyConstraint("platform", "tenant", name="workspace_pkey"),
    )


def _create_index(name: str, table: str, columns: list[str], where: str) -> None:
    op.create_index(name, table, columns, sqlite_where=sa.text(where), postgresql_where=sa.text(where))


def _whose() -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.Text(), nullable=False) for name in PERSON)


def _belongs(table: str) -> sa.ForeignKeyConstraint:
    columns = [f"person.{name}" for name in PERSON]
    return sa.ForeignKeyConstraint(PERSON, columns, name=f"{table}_person_fkey", ondelete="CASCADE")
