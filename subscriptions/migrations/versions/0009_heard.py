"""What people ask of their own alerts: looked up by index; links of their feeds; counts of clicks."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "feed_link",
        sa.Column("subscriber_id", BIG, nullable=False),
        sa.Column("number", BIG, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscriber.id"],
            name=op.f("fk_feed_link_subscriber_id_subscriber"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_feed_link")),
    )
    op.create_table(
        "alert_counts",
        sa.Column("alert_id", BIG, nullable=False),
        sa.Column("shown", sa.Integer(), nullable=False),
        sa.Column("opened", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["alert_id"], ["alert.id"], name=op.f("fk_alert_counts_alert_id_alert"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("alert_id", name=op.f("pk_alert_counts")),
    )
    # One search finds the shards of many alerts that may hold a channel, without reading their bitmaps.
    op.create_index("ix_shard_alert_id_channels", "shard", ["alert_id", "first_channel", "last_channel"])
    # The latest alerts of a topic without sorting all of them.
    op.create_index("ix_alert_topic_topic_id_alert_id", "alert_topic", ["topic_id", "alert_id"])
    op.drop_index("ix_alert_topic_topic_id", "alert_topic")


def downgrade() -> None:
    op.create_index("ix_alert_topic_topic_id", "alert_topic", ["topic_id"])
    op.drop_index("ix_alert_topic_topic_id_alert_id", "alert_topic")
    op.drop_index("ix_shard_alert_id_channels", "shard")
    op.drop_table("alert_counts")
    op.drop_table("feed_link")
