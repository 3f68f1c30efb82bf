"""The files of 失分与提分: the ledger, a unit's bill, a path to a score."""

from datetime import date
from decimal import InvalidOperation

from daxing_safety import settings
from daxing_safety.database import reading
from daxing_safety.errors import NotAllowed, NotFound
from daxing_safety.models import User
from daxing_safety.permissions import units_seen_by
from daxing_safety.reports import improvement
from daxing_safety.reports.improvement import Settings
from daxing_safety.reports.losses import bills as loss_bills
from daxing_safety.reports.losses import tree as loss_tree
from daxing_safety.reports.losses import workbooks as loss_workbooks
from daxing_safety.reports.losses.tree import Side
from daxing_safety.web.handouts import Download


def ledger(viewer: User, side: str) -> Download:
    """失分台账 of all that the viewer sees, as claimed or as confirmed."""
    if side not in Side.__members__:
        raise NotFound("没有这种失分台账。")
    if units_seen_by(viewer) == frozenset():
        raise NotAllowed("您的账号不能下载失分台账。")
    with reading() as session:
        tree = loss_tree.tree(session, viewer=viewer, side=Side[side])
    content = loss_workbooks.ledger(tree, settings.today())
    return Download(_name(f"失分台账_{tree.root.name}_{tree.side.value}"), content)


def bill(viewer: User, unit_code: str) -> Download:
    with reading() as session:
        found = loss_bills.bill(session, viewer=viewer, unit_code=unit_code, today=settings.today())
    return Download(_name(f"丢分账单_{found.unit}"), loss_workbooks.bill(found))


def path(viewer: User, assumed: str) -> Download:
    """提分路径 under the assumptions that the screen had."""
    chosen = _read(assumed)
    with reading() as session:
        ground = improvement.ground(session, viewer=viewer, today=settings.today())
    found = improvement.route(ground, chosen)
    return Download(_name("提分路径"), loss_workbooks.route(found, chosen, ground.today))


def _read(assumed: str) -> Settings:
    try:
        return improvement.read_settings(assumed)
    except (ValueError, InvalidOperation) as wrong:
        raise NotFound("没有这条提分路径，请从页面上重新下载。") from wrong


def _name(text: str) -> str:
    day: date = settings.today()
    return f"{text}_{day:%Y%m%d}.xlsx"
