"""Exports of the 12345 hotline on their way in, and what the office taught us of them once:
which column is which, and under which rule a category of theirs falls.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session

from daxing_safety import ledger
from daxing_safety.actions import audit, public_reports
from daxing_safety.actions.public_reports import Received
from daxing_safety.errors import BadInput
from daxing_safety.models import Preference, PublicReport, User
from daxing_safety.permissions import Permission, require
from daxing_safety.workbooks.hotline import REQUIRED, Field
from daxing_safety.workbooks.hotline_rows import Interpreted, Line

COLUMNS, RULES = "hotline_columns", "hotline_rules"  # preferences, as JSON


def columns_for(session: Session, headers: Iterable[str]) -> dict[Field, str]:
    """What the office said of a file with these headers; empty: nothing yet."""
    known = _kept(session, COLUMNS).get(_key_of(headers), {})
    return {Field[name]: header for name, header in known.items()}


def rules_of_categories(session: Session) -> dict[str, str]:
    """Category → rule code, where the office has said so."""
    return _kept(session, RULES)


def remember_columns(
    session: Session, *, headers: Iterable[str], columns: Mapping[Field, str], by: User
) -> None:
    """From now on every file with the same set of headers is read this way."""
    require(by, Permission.MANAGE_PROBLEMS)
    missing = [field.value for field in REQUIRED if field not in columns]
    if missing:
        raise BadInput(f"请先选定{'、'.join(missing)}是哪一列。")
    if len(set(columns.values())) < len(columns):
        raise BadInput("有一列选给了两项内容，请核对。")
    known, key = _kept(session, COLUMNS), _key_of(headers)
    new = {field.name: header for field, header in columns.items()}
    if known.get(key) == new:
        return
    _keep(session, COLUMNS, known | {key: new}, by=by, before=known.get(key), after=new)


def remember_rule(session: Session, *, category: str, rule_code: str | None, by: User) -> None:
    """Reports of this category are taken in under the rule; None: under none any more."""
    require(by, Permission.MANAGE_PROBLEMS)
    if not category.strip():
        raise BadInput("请选择或填写类别。")
    if rule_code is not None and rule_code not in ledger.criteria_in_force(session).rules:
        raise BadInput(f"没有条款 {rule_code}，请核对条款编号。")
    known = _kept(session, RULES)
    others = {name: code for name, code in known.items() if name != category}
    new = others | {category: rule_code} if rule_code else others
    before, after = {category: known.get(category)}, {category: rule_code}
    _keep(session, RULES, new, by=by, before=before, after=after)


def take_in(
    session: Session, *, interpreted: Interpreted, by: User, now: datetime
) -> list[PublicReport]:
    """Stores the whole file, or nothing while it has a fault. Returns the reports that are new."""
    if interpreted.faults:
        raise BadInput(f"文件有 {len(interpreted.faults)} 处要改正，没有导入。")
    rules = rules_of_categories(session)
    received = [_received(line, rules.get(line.category)) for line in interpreted.lines]
    return public_reports.receive_all(session, received=received, by=by, now=now)


def _received(line: Line, rule_code: str | None) -> Received:
    return Received(
        received_at=line.received_at,
        content=line.content,
        site=line.site,
        source_number=line.source_number,
        town_code=line.town_code,
        rule_code=rule_code,
        complexity=line.complexity,
        due_at=line.due_at,
    )


def _key_of(headers: Iterable[str]) -> str:
    return json.dumps(sorted(set(headers) - {""}), ensure_ascii=False)


def _kept(session: Session, name: str) -> dict[str, Any]:
    kept = session.get(Preference, name)
    return json.loads(kept.value) if kept else {}


def _keep(
    session: Session,
    name: str,
    value: Mapping[str, object],
    *,
    by: User,
    before: Mapping[str, object] | None,
    after: Mapping[str, object],
) -> None:
    session.merge(Preference(name=name, value=json.dumps(value, ensure_ascii=False)))
    ledger.raise_data_version(session)
    audit.record(session, "修改设置", name, by=by, before=before, after=after)
