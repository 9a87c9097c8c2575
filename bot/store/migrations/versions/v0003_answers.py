"""What a short answer means, in place of what was just asked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add the column and drop the one that it replaces; what was asked before is soon forgotten anyway."""
    op.add_column("subject", sa.Column("answers", sa.JSON().with_variant(JSONB(), "postgresql")))
    op.drop_column("subject", "asked")
