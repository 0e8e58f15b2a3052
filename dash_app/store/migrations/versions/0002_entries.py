"""Entries: plans, costs, cards put off – values of a kind under a key."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """One table for all kinds; their changes go to the same audit as the settings'."""
    op.create_table(
        "entries",
        sa.Column("portal", sa.String(200), primary_key=True),
        sa.Column("kind", sa.String(30), primary_key=True),
        sa.Column("key", sa.String(100), primary_key=True),
        sa.Column("value", sa.JSON, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
    )
    with op.batch_alter_table("changes") as changes:
        changes.alter_column("what", existing_type=sa.String(100), type_=sa.String(200), existing_nullable=False)


def downgrade() -> None:
    """Settings only."""
    op.drop_table("entries")
