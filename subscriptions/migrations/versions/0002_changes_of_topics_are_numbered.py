"""Changes of topics are numbered."""

from uuid import uuid4

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    revisions = op.create_table(
        "topic_revision",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topic_revision")),
    )
    op.bulk_insert(revisions, [{"id": 1, "number": 1, "origin": uuid4().hex}])
    op.execute("UPDATE topic SET revision = 1")
    if op.get_bind().dialect.name == "postgresql":  # SQLite has one kind of integer
        op.alter_column("topic", "revision", type_=sa.BigInteger())
    op.create_index(op.f("ix_topic_revision"), "topic", ["revision"])


def downgrade() -> None:
    op.drop_index(op.f("ix_topic_revision"), "topic")
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("topic", "revision", type_=sa.Integer())
    op.drop_table("topic_revision")
