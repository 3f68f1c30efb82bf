"""The days that can be looked back at: since when there are figures, when rounds were frozen."""

from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlmodel import Session, col

from daxing_safety.models import CriteriaRevision, Round, User
from daxing_safety.vocabulary import RoundState


class Span(NamedTuple):
    """`frozen` holds the rounds' names and days, the newest first."""

    first: date
    frozen: tuple[tuple[str, date], ...]


def span(session: Session, *, viewer: User) -> Span:
    first = session.scalars(select(func.min(CriteriaRevision.loaded_at))).one()
    rounds = (
        select(col(Round.name), col(Round.frozen_at))
        .where(col(Round.state) == RoundState.FROZEN)
        .order_by(col(Round.frozen_at).desc())
    )
    frozen = tuple((name, at.date()) for name, at in session.execute(rounds))
    return Span(first.date(), frozen)
