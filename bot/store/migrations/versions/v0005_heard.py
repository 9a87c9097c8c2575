"""The day on which a person themselves said something, beside the time at which something was asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Add the column; the rows that are there expire within half an hour."""
    op.add_column("subject", sa.Column("heard", sa.Date()))
