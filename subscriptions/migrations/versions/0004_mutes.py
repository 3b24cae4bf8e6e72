"""Readers mute stories; topics are looked up by name."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mute",
        sa.Column("subscriber_id", BIG_ID, nullable=False),
        sa.Column("story_id", BIG_ID, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_mute_subscriber_id_subscriber"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["story_id"], ["story.id"], name=op.f("fk_mute_story_id_story"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("subscriber_id", "story_id", name=op.f("pk_mute")),
    )
    op.create_index(op.f("ix_mute_story_id"), "mute", ["story_id"])
    op.create_index(op.f("ix_topic_name"), "topic", ["name"])


def downgrade() -> None:
    op.drop_index(op.f("ix_topic_name"), table_name="topic")
    op.drop_index(op.f("ix_mute_story_id"), table_name="mute")
    op.drop_table("mute")
