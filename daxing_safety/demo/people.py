"""Who acts for the office in the demo: 陈工, so that 张工 may still answer what was contested."""

from sqlmodel import Session, col, select

from daxing_safety.models import User

COLLEAGUE = "office2"


def colleague(session: Session) -> User:
    return session.exec(select(User).where(col(User.username) == COLLEAGUE)).one()
