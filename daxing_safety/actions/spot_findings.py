"""抽查, an expert's side: what was found of each thing, photos of it, and 交回.

Only what was drawn for oneself, while its check is open, and until it is handed in.
"""

from datetime import datetime

from sqlmodel import Session, col, func, select

from daxing_safety import evidence_files, files, ledger, spot_checks
from daxing_safety.actions import audit
from daxing_safety.actions.moves import require_words
from daxing_safety.errors import BadInput, Conflict, NotFound
from daxing_safety.models import (
    SpotCheck,
    SpotCheckExpert,
    SpotCheckItem,
    SpotCheckPhoto,
    Unit,
    User,
)
from daxing_safety.permissions import Permission, require
from daxing_safety.vocabulary import SpotVerdict

MOST_PHOTOS = 9  # of one thing


def record(
    session: Session,
    *,
    item: SpotCheckItem,
    verdict: SpotVerdict | None,
    found: str,
    site: str,
    count: int | None,
    suggestion: str,
    by: User,
    now: datetime,
) -> None:
    """结论 and what it rests on; may be said anew until it is handed in.

    Where something is not as stated, 点位 and 处数 are needed: a problem is made of them.
    """
    _require_own(session, item, by, now)
    if verdict is None:
        raise BadInput("请选择核查结论。")
    item.found = require_words(found, "核查的情况：看了什么，看到什么")
    is_doubted = verdict in spot_checks.DOUBTED
    item.site = require_words(site, "有问题的点位") if is_doubted else site.strip()
    if is_doubted and not count:
        raise BadInput("请填有问题的处数，至少是 1。")
    before = {"verdict": item.verdict} if item.verdict else None
    item.verdict, item.count = verdict, count if is_doubted else None
    item.suggestion, item.answered_at = suggestion.strip(), now
    session.add(item)
    ledger.raise_data_version(session)
    after = {"verdict": verdict, "site": item.site, "count": item.count}
    audit.record(
        session,
        "记录抽查结论",
        _name_of(session, item),
        by=by,
        remark=item.found,
        before=before,
        after=after,
    )


def add_photo(
    session: Session, *, item: SpotCheckItem, data: bytes, name: str, by: User, now: datetime
) -> SpotCheckPhoto | None:
    """None: the very same photo is there already."""
    _require_own(session, item, by, now)
    kind, shown = evidence_files.kind_of(name, data), evidence_files.plain_name(name)
    if kind not in evidence_files.PHOTOS:
        raise BadInput(f"“{shown}”不是照片，请上传 jpg 或 png。")
    digest, kept = files.keep(data), _photos(session, item)
    if any(photo.sha256 == digest for photo in kept):
        return None
    if len(kept) >= MOST_PHOTOS:
        raise BadInput(f"一项最多 {MOST_PHOTOS} 张照片，请先删去不用的。")
    assert item.id is not None
    photo = SpotCheckPhoto(
        item_id=item.id, name=shown, kind=kind, size=len(data), sha256=digest, uploaded_at=now
    )
    session.add(photo)
    ledger.raise_data_version(session)
    after = {"photo": shown, "sha256": digest}
    audit.record(session, "上传抽查照片", _name_of(session, item), by=by, after=after)
    return photo


def _photos(session: Session, item: SpotCheckItem) -> list[SpotCheckPhoto]:
    query = select(SpotCheckPhoto).where(col(SpotCheckPhoto.item_id) == item.id)
    return list(session.exec(query))


def remove_photo(session: Session, *, photo: SpotCheckPhoto, by: User, now: datetime) -> None:
    """The log keeps what its file was."""
    item = session.get_one(SpotCheckItem, photo.item_id)
    _require_own(session, item, by, now)
    session.delete(photo)
    ledger.raise_data_version(session)
    before = {"photo": photo.name, "sha256": photo.sha256}
    audit.record(session, "删去抽查照片", _name_of(session, item), by=by, before=before)


def hand_in(session: Session, *, check: SpotCheck, by: User, now: datetime) -> None:
    """交回 all of one's own at once; from here on the office works with it."""
    require(by, Permission.SPOT_CHECK)
    taker = _require_under_way(session, check, by, now)
    unanswered = session.scalar(
        select(func.count())
        .select_from(SpotCheckItem)
        .where(
            col(SpotCheckItem.check_id) == check.id,
            col(SpotCheckItem.user_id) == by.id,
            col(SpotCheckItem.verdict).is_(None),
        )
    )
    if unanswered:
        raise BadInput(f"还有 {unanswered} 项没有填写结论，请填完再交回。")
    taker.handed_in_at = now
    session.add(taker)
    ledger.raise_data_version(session)
    audit.record(session, "交回抽查", check.name, by=by)


def _require_own(session: Session, item: SpotCheckItem, by: User, now: datetime) -> None:
    """Somebody else's is not there."""
    require(by, Permission.SPOT_CHECK)
    if item.user_id != by.id:
        raise NotFound("没有抽给您的这一项。")
    _require_under_way(session, session.get_one(SpotCheck, item.check_id), by, now)


def _require_under_way(
    session: Session, check: SpotCheck, by: User, now: datetime
) -> SpotCheckExpert:
    taker = session.get(SpotCheckExpert, (check.id, by.id), populate_existing=True)
    if taker is None:
        raise NotFound("没有抽给您的这次抽查。")
    session.refresh(check)
    if not spot_checks.is_open(check, now.date()):
        raise Conflict(f"“{check.name}”已经结束，没有保存。如需补充，请与创安办联系。")
    if taker.handed_in_at:
        raise Conflict(f"“{check.name}”您已经交回，不能再改。")
    return taker


def _name_of(session: Session, item: SpotCheckItem) -> str:
    return f"{session.get_one(Unit, item.unit_code).name} {item.code}"
