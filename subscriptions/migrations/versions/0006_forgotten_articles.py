"""Articles that are no longer kept."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    big = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "forgotten_article",
        sa.Column("source_id", big, nullable=False),
        sa.Column("identity_sum", big, nullable=False),
        sa.ForeignKeyConstraint(
            ["source_id"],
            ["source.id"],
            name=op.f("fk_forgotten_article_source_id_source"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("source_id", "identity_sum", name=op.f("pk_forgotten_article")),
    )


def downgrade() -> None:
    op.drop_table("forgotten_article")
