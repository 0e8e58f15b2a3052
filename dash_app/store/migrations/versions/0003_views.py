"""Saved views of reports, and which of them somebody opens first."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Views are no entries: one that is saved changes no figure, so no kept answer goes with it."""
    op.create_table(
        "views",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("portal", sa.String(200), nullable=False),
        sa.Column("report", sa.String(100), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("shared", sa.Boolean, nullable=False),
        sa.Column("search", sa.Text, nullable=False),
        sa.Column("columns", sa.JSON, nullable=False),
        sa.Column("removed_at", sa.DateTime),
    )
    op.create_table(
        "first_views",
        sa.Column("portal", sa.String(200), primary_key=True),
        sa.Column("owner", sa.String(200), primary_key=True),
        sa.Column("report", sa.String(100), primary_key=True),
        sa.Column("view", sa.Integer, nullable=False),
    )


def downgrade() -> None:
    """No views."""
    op.drop_table("first_views")
    op.drop_table("views")
