"""Spot checks: what was drawn for experts, what they found, their photos."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "spot_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("seed", sa.String(), nullable=False),
        sa.Column("wanted", sa.Integer(), nullable=False),
        sa.Column("population", sa.String(), nullable=False),
        sa.Column("scope", sa.String(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(), nullable=False),
        sa.Column("drawn_by", sa.String(), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(), nullable=True),
        sa.Column("withdrawn_by", sa.String(), nullable=True),
        sa.Column("withdrawal_reason", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("name"),
    )
    op.create_table(
        "spot_check_expert",
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("handed_in_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(["check_id"], ["spot_check.id"]),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("check_id", "user_id"),
    )
    with op.batch_alter_table("spot_check_expert", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spot_check_expert_user_id"), ["user_id"])

    op.create_table(
        "spot_check_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column(
            "source",
            sa.Enum(
                "SELF_COMPLIANT",
                "CLAIMED_FIXED",
                "CLOSED",
                name="drawnfrom",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("statement", sa.String(), nullable=False),
        sa.Column("designated_because", sa.String(), nullable=False),
        sa.Column(
            "verdict",
            sa.Enum(
                "TRUE",
                "PARTLY",
                "FALSE",
                "UNVERIFIABLE",
                name="spotverdict",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("found", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=True),
        sa.Column("suggestion", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column(
            "handling",
            sa.Enum("ADOPTED", "FILED", name="spothandling", native_enum=False, length=20),
            nullable=True,
        ),
        sa.Column("handling_reason", sa.String(), nullable=False),
        sa.Column("problem_number", sa.String(), nullable=True),
        sa.Column("handled_at", sa.DateTime(), nullable=True),
        sa.Column("handled_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(["check_id"], ["spot_check.id"]),
        sa.ForeignKeyConstraint(["unit_code"], ["unit.code"]),
        sa.ForeignKeyConstraint(["user_id"], ["account.id"]),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("check_id", "unit_code", "code"),
    )
    with op.batch_alter_table("spot_check_item", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spot_check_item_unit_code"), ["unit_code"])
        batch_op.create_index(batch_op.f("ix_spot_check_item_user_id"), ["user_id"])

    op.create_table(
        "spot_check_photo",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("item_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["spot_check_item.id"]),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("spot_check_photo", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_spot_check_photo_item_id"), ["item_id"])
