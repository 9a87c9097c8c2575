"""People, their milestones and evidence, subjects, editions of the framework, audit."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None

PERSON = ("platform", "tenant", "user_id")


def upgrade() -> None:
    """Make the first tables."""
    document = sa.JSON().with_variant(JSONB(), "postgresql")
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "person",
        *_whose(),
        sa.Column("seen_on", sa.Date(), nullable=False),
        sa.Column("role", sa.Text()),
        sa.Column("level", sa.Text()),
        sa.Column("how", sa.Text()),
        sa.Column("set_at", moment),
        sa.Column("edition", sa.Text()),
        sa.Column("lang", sa.Text()),
        sa.Column("zone", sa.Text()),
        sa.Column("address", document),
        sa.PrimaryKeyConstraint(*PERSON, name="person_pkey"),
    )
    op.create_index("person_seen_on", "person", ["seen_on"])
    op.create_table(
        "milestone",
        *_whose(),
        sa.Column("clause", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("since", moment, nullable=False),
        sa.Column("checked", moment),
        sa.Column("archived", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint(*PERSON, "clause", name="milestone_pkey"),
        _belongs("milestone"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "evidence",
        *_whose(),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("clause", sa.Text()),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("link", sa.Text()),
        sa.Column("day", sa.Date()),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint(*PERSON, "id", name="evidence_pkey"),
        _belongs("evidence"),
    )
    op.create_table(
        "subject",
        *_whose(),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("role", sa.Text()),
        sa.Column("level", sa.Text()),
        sa.Column("skill", sa.Text()),
        sa.Column("milestones", document, nullable=False),
        sa.Column("lang", sa.Text()),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint(*PERSON, "place", name="subject_pkey"),
        _belongs("subject"),
        sqlite_with_rowid=False,
    )
    op.create_index("subject_at", "subject", ["at"])
    op.create_table(
        "edition",
        sa.Column("edition", sa.Text(), nullable=False),
        sa.Column("clauses", document, nullable=False),
        sa.Column("at", moment, nullable=False),
        sa.PrimaryKeyConstraint("edition", name="edition_pkey"),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("counts", document, nullable=False),
        sa.PrimaryKeyConstraint("id", name="audit_pkey"),
    )


def _whose() -> tuple[sa.Column[str], ...]:
    return tuple(sa.Column(name, sa.Text(), nullable=False) for name in PERSON)


def _belongs(table: str) -> sa.ForeignKeyConstraint:
    columns = [f"person.{name}" for name in PERSON]
    return sa.ForeignKeyConstraint(PERSON, columns, name=f"{table}_person_fkey", ondelete="CASCADE")
