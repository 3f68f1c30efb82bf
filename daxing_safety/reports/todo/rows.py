"""What the office said of reported rows, in words; shared by both sides of a 申诉."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlmodel import Session, col

from daxing_safety import ledger
from daxing_safety.models import RowVerdict, WorkPoint
from daxing_safety.reports.tasks import in_words
from daxing_safety.vocabulary import Judgement, Sheet
from daxing_safety.wording import gist, plain

MOST_CHARACTERS = 24
INNER_QUOTES = str.maketrans("“”", "‘’")

Names = dict[tuple[Sheet, str], str]


def names(session: Session, verdicts: Sequence[RowVerdict]) -> Names:
    """工作要点 3-01“推进地下综合管廊建设”, by the rows of these verdicts."""
    codes = [each.code for each in verdicts if each.sheet is Sheet.PROGRESS]
    query = select(col(WorkPoint.code), col(WorkPoint.text)).where(col(WorkPoint.code).in_(codes))
    texts = dict(session.execute(query).all()) if codes else {}
    rules = ledger.criteria_in_force(session).rules if len(codes) < len(verdicts) else {}
    texts |= {code: rule.condition for code, rule in rules.items()}
    return {
        (each.sheet, each.code): name(each.sheet, each.code, texts.get(each.code, ""))
        for each in verdicts
    }


def name(sheet: Sheet, code: str, text: str) -> str:
    what = "工作要点" if sheet is Sheet.PROGRESS else "条款"
    quoted = gist(text, MOST_CHARACTERS).translate(INNER_QUOTES)
    return f"{what} {code}" + (f"“{quoted}”" if quoted else "")


def judged(verdict: RowVerdict) -> str:
    """退回, or what it was corrected to: 更正为“存在问题（76.5%）”."""
    if verdict.judgement is not Judgement.CORRECTED:
        return verdict.judgement.value
    return f"{verdict.judgement.value}为“{_held(verdict)}”"


def _held(verdict: RowVerdict) -> str:
    if verdict.held_status is not None and verdict.held_percent is not None:
        return in_words(verdict.held_status, verdict.held_percent)
    assert verdict.held_finding is not None
    if verdict.held_measured is None:
        return verdict.held_finding.value
    return f"{verdict.held_finding.value}（{plain(verdict.held_measured)}%）"
