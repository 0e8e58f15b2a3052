"""What changes did to figures, kept with the history."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """One row a change whose setting names figures."""
    op.create_table(
        "effects",
        sa.Column("change", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("document", sa.JSON, nullable=False),
    )


def downgrade() -> None:
    """The history alone."""
    op.drop_table("effects")
