"""办理: the moves that the viewer may make on one problem now, each a small form in a dialog.

Whoever acts has seen the problem as it is drawn here: every move carries the revision on the
screen, and one that comes after somebody else's change is refused. A form that is refused stays
open with all that was typed.
"""

from typing import Literal

import streamlit as st

from daxing_safety.actions import moves
from daxing_safety.database import transaction
from daxing_safety.models import User
from daxing_safety.permissions import Permission, allows
from daxing_safety.rectification import MOVES, is_allowed
from daxing_safety.reports.problems.card import Card
from daxing_safety.ui import access, messages
from daxing_safety.ui.messages import plain
from daxing_safety.ui.problems import forms_office as move_forms_office
from daxing_safety.ui.problems import forms_unit as move_forms_unit
from daxing_safety.ui.problems.fields import FIELD, Form
from daxing_safety.vocabulary import Move

# A new form: its line in FORMS of one of these.
FORMS: dict[str, Form] = {**move_forms_unit.FORMS, **move_forms_office.FORMS}
MADE = "made_move"
NOT_ON_ONESELF = (Move.REINSPECT, Move.CLOSE, Move.DISMISS)


def offer(card: Card, viewer: User) -> None:
    """One button a move, the usual next one first."""
    offered = [
        name
        for name, form in FORMS.items()
        if is_for(form.move, card, viewer) and form.is_offered(card) and not form.stands_apart
    ]
    if offered:
        with st.container(horizontal=True, gap="small", key="moves"):
            for name in offered:
                offer_one(name, card)


def is_for(move: Move, card: Card, viewer: User) -> bool:
    """Whether the viewer may make it now; the actions ask again."""
    permission = MOVES[move].permission
    if not (allows(viewer, permission) and is_allowed(move, card.problem.status)):
        return False
    is_own = viewer.unit_code == card.problem.unit_code
    return is_own if permission is Permission.RECTIFY else not (is_own and move in NOT_ON_ONESELF)


def offer_one(name: str, card: Card, about: int | None = None) -> None:
    form, key = FORMS[name], f"{name}_{about}" if about else name
    kind: Literal["primary", "secondary"] = "primary" if form.is_primary else "secondary"
    if form.ask is None:
        arguments = (name, card.problem.number, card.problem.revision, about)
        st.button(form.label, type=kind, on_click=make, args=arguments, key=key)
    elif st.button(form.label, type=kind, key=key):
        drawer = st.dialog(form.label, width="medium", on_dismiss="rerun")
        drawer(_draw)(name, card, about)


def _draw(name: str, card: Card, about: int | None) -> None:
    form = FORMS[name]
    assert form.ask
    st.caption(plain(f"{card.problem.number}　{card.unit}　{card.problem.site}"))
    form.ask(card, about)
    arguments = (name, card.problem.number, card.problem.revision, about)
    if st.button("确认", type="primary", on_click=make, args=arguments, key="make_move"):
        if messages.was_refused():
            messages.show_kept()
        else:
            st.rerun()


def make(name: str, number: str, seen: int, about: int | None) -> None:
    """The move with what stands in its form; a second click on the same form does nothing."""
    form, this, state = FORMS[name], (name, number, seen, about), st.session_state
    if state.get(MADE) == this:
        return
    fields = [str(key) for key in state if str(key).startswith(FIELD)]
    said = {key.removeprefix(FIELD): state[key] for key in fields}
    with messages.outcome(f"{number} {form.done}。"):
        by = access.current_user()
        with transaction() as session:
            problem = moves.find(session, number, viewer=by)
            moves.require_seen(session, problem, seen)
            form.verb(session, problem, said, by, about)
        state[MADE] = this
