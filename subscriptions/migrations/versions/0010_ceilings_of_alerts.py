"""A ceiling on messages a second that is one alert's own."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alert", sa.Column("ceiling", sa.Integer(), nullable=True))


def downgrade() -> None:
    op.drop_column("alert", "ceiling")
