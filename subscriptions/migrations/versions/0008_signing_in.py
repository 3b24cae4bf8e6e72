"""People sign in by a link; topics of their own; channels are counted by status."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "sign_in",
        sa.Column("id", BIG, nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("due_at", INSTANT, nullable=True),
        sa.Column("channel_id", BIG, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        _belongs("sign_in", "channel"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in")),
    )
    for column in ("digest", "due_at", "channel_id", "expires_at"):
        op.create_index(op.f(f"ix_sign_in_{column}"), "sign_in", [column])
    op.add_column("subscriber", sa.Column("signed_out_at", INSTANT, nullable=True))
    op.create_table(
        "own_topic",
        sa.Column("topic_id", BIG, nullable=False),
        sa.Column("subscriber_id", BIG, nullable=False),
        _belongs("own_topic", "topic"),
        _belongs("own_topic", "subscriber"),
        sa.PrimaryKeyConstraint("topic_id", name=op.f("pk_own_topic")),
    )
    op.create_index(op.f("ix_own_topic_subscriber_id"), "own_topic", ["subscriber_id"])
    op.create_index(op.f("ix_channel_status"), "channel", ["status"])


def _belongs(table: str, owner: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{owner}_id_{owner}")
    return sa.ForeignKeyConstraint([f"{owner}_id"], [f"{owner}.id"], name=name, ondelete="CASCADE")


def downgrade() -> None:
    op.drop_index(op.f("ix_channel_status"), table_name="channel")
    op.drop_table("own_topic")
    op.drop_column("subscriber", "signed_out_at")
    op.drop_table("sign_in")
