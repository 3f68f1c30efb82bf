"""Problems in a loop."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    op.create_table(
        "problem_event",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("problem_number", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column(
            "move",
            sa.Enum(
                "REGISTER",
                "ASSIGN",
                "REASSIGN",
                "CORRECT",
                "PLAN",
                "START",
                "CLAIM_FIXED",
                "WITHDRAW_CLAIM",
                "REINSPECT",
                "CLOSE",
                "SEND_BACK",
                "REOPEN",
                "EXTEND",
                "ASK",
                "REFUSE",
                "DISMISS",
                "MERGE",
                "RESTORE",
                "REPORT",
                "TAKE_BACK",
                name="move",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "status_before",
            sa.Enum(
                "UNASSIGNED",
                "NOT_STARTED",
                "IN_PROGRESS",
                "CLAIMED_FIXED",
                "CLOSED",
                "DISMISSED",
                "MERGED",
                name="rectificationstatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "status_after",
            sa.Enum(
                "UNASSIGNED",
                "NOT_STARTED",
                "IN_PROGRESS",
                "CLAIMED_FIXED",
                "CLOSED",
                "DISMISSED",
                "MERGED",
                name="rectificationstatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("due_before", sa.Date(), nullable=True),
        sa.Column("due_after", sa.Date(), nullable=True),
        sa.Column("is_passed", sa.Boolean(), nullable=True),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("before", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("problem_event", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_problem_event_problem_number"), ["problem_number"], unique=False
        )

    op.create_table(
        "rule_loss",
        sa.Column("rule_code", sa.String(), nullable=False),
        sa.Column("indicator_code", sa.String(), nullable=False),
        sa.Column("found", sa.Integer(), nullable=False),
        sa.Column("deduct", sa.Integer(), nullable=False),
        sa.Column("most", sa.Integer(), nullable=False),
        sa.Column("others", sa.Integer(), nullable=False),
        sa.Column("points", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rule_code"),
    )
    with op.batch_alter_table("rule_loss", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rule_loss_indicator_code"), ["indicator_code"], unique=False
        )

    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("page", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("query", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("saved_view", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_view_username"), ["username"], unique=False)

    op.create_table(
        "public_report",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("source_number", sa.String(), nullable=True),
        sa.Column(
            "discovery",
            sa.Enum(
                "SELF_CHECK",
                "EXPERT",
                "INSPECTION",
                "HOTLINE",
                "PUBLIC_REPORT",
                "CITY_REVIEW",
                name="discovery",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("received_at", sa.DateTime(), nullable=False),
        sa.Column("content", sa.String(), nullable=False),
        sa.Column("site", sa.String(), nullable=False),
        sa.Column("town_code", sa.String(), nullable=True),
        sa.Column("unit_code", sa.String(), nullable=True),
        sa.Column("rule_code", sa.String(), nullable=True),
        sa.Column(
            "complexity",
            sa.Enum("SIMPLE", "COMPLEX", name="complexity", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("due_at", sa.DateTime(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "RECEIVED",
                "DISPATCHED",
                "ANSWERED",
                "RATED",
                name="reportstatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("dispatched_at", sa.DateTime(), nullable=True),
        sa.Column("dispatched_by", sa.String(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.Column("is_contacted", sa.Boolean(), nullable=True),
        sa.Column("is_resolved", sa.Boolean(), nullable=True),
        sa.Column(
            "satisfaction",
            sa.Enum(
                "SATISFIED",
                "FAIRLY",
                "DISSATISFIED",
                name="satisfaction",
                native_enum=False,
                length=20,
            ),
            nullable=True,
        ),
        sa.Column("rated_at", sa.DateTime(), nullable=True),
        sa.Column("rated_by", sa.String(), nullable=True),
        sa.Column("problem_number", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["town_code"],
            ["unit.code"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_code"],
            ["unit.code"],
        ),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("source_number"),
    )
    with op.batch_alter_table("public_report", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_public_report_problem_number"), ["problem_number"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_public_report_unit_code"), ["unit_code"], unique=False)

    op.create_table(
        "peer_check",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("problem_number", sa.String(), nullable=False),
        sa.Column("rule_code", sa.String(), nullable=False),
        sa.Column("question", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=False),
        sa.Column("sent_by", sa.String(), nullable=False),
        sa.ForeignKeyConstraint(
            ["problem_number"],
            ["problem.number"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("peer_check", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_peer_check_problem_number"), ["problem_number"], unique=False
        )

    op.create_table(
        "problem_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("problem_number", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("EXTENSION", "MISREPORT", name="requestkind", native_enum=False, length=20),
            nullable=False,
        ),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("submission_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("is_granted", sa.Boolean(), nullable=True),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["problem_number"],
            ["problem.number"],
        ),
        sa.ForeignKeyConstraint(
            ["submission_id"],
            ["submission.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("problem_request", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_problem_request_problem_number"), ["problem_number"], unique=False
        )

    op.create_table(
        "rectification_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("problem_number", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("responsible", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["problem_number"],
            ["problem.number"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("rectification_step", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_rectification_step_problem_number"), ["problem_number"], unique=False
        )

    op.create_table(
        "peer_answer",
        sa.Column("check_id", sa.Integer(), nullable=False),
        sa.Column("unit_code", sa.String(), nullable=False),
        sa.Column("has_same", sa.Boolean(), nullable=True),
        sa.Column("remark", sa.String(), nullable=False),
        sa.Column("problem_number", sa.String(), nullable=True),
        sa.Column("answered_at", sa.DateTime(), nullable=True),
        sa.Column("answered_by", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["check_id"],
            ["peer_check.id"],
        ),
        sa.ForeignKeyConstraint(
            ["unit_code"],
            ["unit.code"],
        ),
        sa.PrimaryKeyConstraint("check_id", "unit_code"),
    )
    with op.batch_alter_table("peer_answer", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_peer_answer_unit_code"), ["unit_code"], unique=False)

    with op.batch_alter_table("evidence_use", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "stage",
                sa.Enum("BEFORE", "AFTER", name="photostage", native_enum=False, length=20),
                nullable=True,
            )
        )

    with op.batch_alter_table("problem", schema=None) as batch_op:
        batch_op.add_column(sa.Column("found_by", sa.String(), nullable=False, server_default=""))
        batch_op.add_column(sa.Column("task_no", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("town_code", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("assigned_on", sa.Date(), nullable=True))
        batch_op.add_column(sa.Column("recurs", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("merged_into", sa.String(), nullable=True))
        batch_op.add_column(sa.Column("revision", sa.Integer(), nullable=False, server_default="1"))
        batch_op.create_foreign_key("problem_town", "unit", ["town_code"], ["code"])
        batch_op.create_foreign_key("problem_task", "task", ["task_no"], ["no"])
