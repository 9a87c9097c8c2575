"""Where the app is installed by OAuth, and installations under way."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    """Make the tables."""
    instant = sa.DateTime(timezone=True)
    op.create_table(
        "installation",
        sa.Column("platform", sa.Text(), nullable=False),
        sa.Column("tenant", sa.Text(), nullable=False),
        sa.Column("enterprise", sa.Text()),
        sa.Column("team", sa.Text()),
        sa.Column("org_wide", sa.Boolean(), nullable=False),
        sa.Column("bot_token", sa.Text()),
        sa.Column("refresh_token", sa.Text()),
        sa.Column("expires_at", instant),
        sa.Column("bot_id", sa.Text()),
        sa.Column("bot_user", sa.Text()),
        sa.Column("scopes", sa.Text()),
        sa.Column("installed_at", instant),
        sa.Column("gone_at", instant),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("busy_until", instant),
        sa.Column("trouble", sa.Text()),
        sa.PrimaryKeyConstraint("platform", "tenant", name="installation_pkey"),
    )
    op.create_table(
        "oauth_state",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("until", instant, nullable=False),
        sa.PrimaryKeyConstraint("key", name="oauth_state_pkey"),
    )
