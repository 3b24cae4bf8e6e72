"""What subscribers want: preferences, mutes, cadences, the order of channels; deliveries that are held."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CADENCES = ("at_once", "hourly", "daily")
STATES = ("waiting", "claimed", "accepted", "gone", "refused", "unknown", "dropped")
MORE_STATES = ("waiting", "claimed", "held", "gathered", *STATES[2:])


def upgrade() -> None:
    op.create_table(
        "preferences",
        sa.Column("subscriber_id", BIG, nullable=False),
        sa.Column("quiet_begin", sa.Integer(), nullable=True),
        sa.Column("quiet_end", sa.Integer(), nullable=True),
        sa.Column("quiet_days", sa.Integer(), nullable=False),
        sa.Column("through", sa.Integer(), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("cap", sa.Integer(), nullable=True),
        sa.Column("pause_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("digest_at", sa.Integer(), nullable=False),
        _of_subscriber("preferences"),
        sa.PrimaryKeyConstraint("subscriber_id", name=op.f("pk_preferences")),
    )
    op.create_index(op.f("ix_preferences_threshold"), "preferences", ["threshold"])
    _create_follow("story_follow", "story")
    _create_follow("topic_mute", "topic")
    with op.batch_alter_table("subscription") as batch:
        batch.add_column(sa.Column("cadence", sa.String(24), nullable=False, server_default="at_once"))
        batch.create_check_constraint(op.f("ck_subscription_cadence"), sa.column("cadence").in_(CADENCES))
    op.add_column("channel", sa.Column("rank", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("shard", sa.Column("held", sa.LargeBinary(), nullable=True))
    op.add_column("delivery", sa.Column("in_digest", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("delivery", sa.Column("held_until", sa.DateTime(timezone=True), nullable=True))
    _allow(MORE_STATES)


def _create_follow(table: str, target: str) -> None:
    op.create_table(
        table,
        sa.Column("subscriber_id", BIG, nullable=False),
        sa.Column(f"{target}_id", BIG, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        _of_subscriber(table),
        sa.ForeignKeyConstraint(
            [f"{target}_id"],
            [f"{target}.id"],
            name=op.f(f"fk_{table}_{target}_id_{target}"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscriber_id", f"{target}_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(op.f(f"ix_{table}_{target}_id"), table, [f"{target}_id"])


def _of_subscriber(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_subscriber_id_subscriber")
    return sa.ForeignKeyConstraint(["subscriber_id"], ["subscriber.id"], name=name, ondelete="CASCADE")


def _allow(states: tuple[str, ...]) -> None:
    with op.batch_alter_table("delivery") as batch:
        batch.drop_constraint(op.f("ck_delivery_deliverystatus"), type_="check")
        batch.create_check_constraint(op.f("ck_delivery_deliverystatus"), sa.column("status").in_(states))


def downgrade() -> None:
    op.execute(
        "UPDATE delivery SET status = 'dropped', why = 'it was held by a newer version' "
        "WHERE status IN ('held', 'gathered')"
    )
    _allow(STATES)
    op.drop_column("delivery", "held_until")
    op.drop_column("delivery", "in_digest")
    op.drop_column("shard", "held")
    op.drop_column("channel", "rank")
    with op.batch_alter_table("subscription") as batch:
        batch.drop_constraint(op.f("ck_subscription_cadence"), type_="check")
        batch.drop_column("cadence")
    for table in ("topic_mute", "story_follow", "preferences"):
        op.drop_table(table)
