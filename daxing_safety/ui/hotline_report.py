"""One 诉求: what is known of it, what the viewer may do with it now, and what was done so far."""

from collections.abc import Callable
from typing import Any, NamedTuple

import streamlit as st

from daxing_safety import settings
from daxing_safety.actions import public_reports
from daxing_safety.actions.public_reports import MOST_CONTENT, MOST_SITE
from daxing_safety.database import reading, transaction
from daxing_safety.errors import BadInput
from daxing_safety.hotline import Handling
from daxing_safety.models import Unit
from daxing_safety.reports import hotline_import
from daxing_safety.reports import public_reports as reports
from daxing_safety.reports.public_reports import Card, Choices
from daxing_safety.ui import access, messages
from daxing_safety.ui.hotline import PUNCTUALITY, STATUSES
from daxing_safety.ui.messages import plain
from daxing_safety.vocabulary import Complexity, Satisfaction, Severity
from daxing_safety.wording import moment

MOST_WORDS = 1000
ATTEMPTS = "report_attempts"  # to do something in the drawer
# 回访: by the name of the verb's argument, what is asked and what each answer means.
QUESTIONS: dict[str, tuple[str, dict[str, Any]]] = {
    "is_contacted": (
        "承办单位联系过诉求人吗",
        {"联系过": True, "没有联系": False, "无法核实": None},
    ),
    "is_resolved": ("诉求解决了吗", {"已解决": True, "未解决": False}),
    "satisfaction": (
        "诉求人满意吗",
        {each.value: each for each in Satisfaction} | {"没有评价": None},
    ),
}
WHOM = {"unit", "town"}


def show(card: Card, choices: Choices) -> None:
    drawer = st.dialog(
        f"诉求 {card.row.number}", width=620, position="right", on_dismiss=close_report
    )
    drawer(_draw)(_attempts(), card, choices)


def close_report() -> None:
    st.query_params.pop("report", None)


def _attempts() -> int:
    return st.session_state.setdefault(ATTEMPTS, 0)


def _draw(opened: int, card: Card, choices: Choices) -> None:
    if _attempts() != opened:
        # A click in a drawer draws only the drawer anew; what became of it stands on the page.
        st.rerun()
    row, now = card.row, settings.now()
    st.text(row.content)
    with st.container(horizontal=True, gap="small"):
        st.badge(row.status.value, color=STATUSES[row.status])
        punctuality = row.punctuality(now)
        if punctuality:
            st.badge(punctuality, color=PUNCTUALITY[punctuality])
        st.badge(f"{row.complexity.value}件", color="gray")
    st.table({name: plain(text) or "—" for name, text in _facts(card).items()}, border="horizontal")
    if row.problem_number:
        _link_to_problem(row.problem_number)
    if row.answer:
        st.markdown("**答复**")
        st.text(row.answer)
    if card.handlings:
        with st.container(border=True):
            _offer_handlings(card, choices)
    st.markdown("**办理记录**")
    for event in card.history:
        with st.container(gap="xxsmall"):
            st.caption(plain(f"{event.at:%Y-%m-%d %H:%M}　{event.who}　{event.what}"))
            if event.remark:
                st.text(event.remark)


def _facts(card: Card) -> dict[str, str]:
    row = card.row
    return {
        "地址": row.site,
        "属地": row.town or _likely_town(row.site),
        "承办单位": row.unit,
        "受理时间": moment(row.received_at),
        "办理期限": moment(row.due_at),
        "来源": f"{card.source}　{row.source_number or ''}".strip(),
        "对应条款": card.rule,
        "回访": card.rated,
    }


def _likely_town(site: str) -> str:
    with reading() as session:
        names = hotline_import.likely_towns(session, site)
    return f"未定（是不是{'或'.join(names)}？）" if names else ""


def _link_to_problem(number: str) -> None:
    page = settings.ROOT / "pages" / "problems.py"
    st.page_link(
        page,
        label=f"问题 {number}",
        icon=":material/arrow_forward:",
        icon_position="right",
        query_params={"problem": number},
    )


# ---- what may be done ---------------------------------------------------------------------------


class Form(NamedTuple):
    """What is asked, and the verb that takes the answers; `said` is told when it is done."""

    ask: Callable[[Card, Choices, str], None]
    verb: Callable[..., object]
    arguments: Callable[[dict[str, Any]], dict[str, Any]]  # of the verb; units by their code
    said: str


def _offer_handlings(card: Card, choices: Choices) -> None:
    """The first is what usually comes next."""
    handlings = list(card.handlings)
    # Named after how far it has come: once something is done, every form is empty again.
    form = f"report_{card.row.id}_{len(card.history)}"
    chosen = handlings[0]
    if len(handlings) > 1:
        chosen = st.segmented_control(
            "办理",
            handlings,
            default=chosen,
            required=True,
            format_func=lambda handling: handling.value,
            key=form,
            label_visibility="collapsed",
        )
    key = f"{form}_{chosen.name}"
    FORMS[chosen].ask(card, choices, key)
    st.button(
        chosen.value,
        type="primary",
        on_click=handle,
        args=(chosen, card.row.number, key),
        key="handle",
    )


def handle(handling: Handling, number: str, form: str) -> None:
    """The drawer closes once it is done, and stays open with what was typed when refused."""
    prefix = f"{form}_"
    answers = {
        str(name).removeprefix(prefix): value
        for name, value in st.session_state.items()
        if str(name).startswith(prefix)
    }
    form_of = FORMS[handling]
    st.session_state[ATTEMPTS] = _attempts() + 1
    with messages.outcome(f"{number} {form_of.said}"):
        by, arguments = access.current_user(), form_of.arguments(answers)
        with transaction() as session:
            report = public_reports.find(session, number, viewer=by)
            for whom in WHOM.intersection(arguments):
                code = arguments[whom]
                arguments[whom] = session.get_one(Unit, code) if code else None
            form_of.verb(session, report=report, by=by, **arguments)
        close_report()


def _ask_whom(card: Card, choices: Choices, key: str, unit_code: str | None) -> None:
    codes = list(choices.units)
    st.selectbox(
        "承办单位",
        codes,
        index=codes.index(unit_code) if unit_code in codes else None,
        format_func=choices.units.__getitem__,
        placeholder="请选择",
        key=f"{key}_unit",
    )
    complexity = _ask_complexity(card.row.complexity, key)
    due_at = card.due_if[complexity]
    st.datetime_input("办理期限", value=due_at, key=f"{key}_due_{complexity.name}", step=600)


def _ask_complexity(default: Complexity, key: str) -> Complexity:
    return st.segmented_control(
        "难易",
        list(Complexity),
        default=default,
        required=True,
        format_func=lambda each: f"{each.value}件",
        key=f"{key}_complexity",
    )


def _whom(answers: dict[str, Any]) -> dict[str, Any]:
    complexity = answers["complexity"]
    return {
        "unit": _chosen_unit(answers, "承办单位"),
        "complexity": complexity,
        "due_at": answers[f"due_{complexity.name}"],
        "now": settings.now(),
    }


def _chosen_unit(answers: dict[str, Any], what: str) -> str:
    if not answers.get("unit"):
        raise BadInput(f"请选择{what}。")
    return answers["unit"]


def _ask_dispatch(card: Card, choices: Choices, key: str) -> None:
    _ask_whom(card, choices, key, card.town_code)


def _ask_redispatch(card: Card, choices: Choices, key: str) -> None:
    _ask_whom(card, choices, key, card.unit_code)
    _ask_words("重新派单的原因，承办单位会看到", key)


def _redispatched(answers: dict[str, Any]) -> dict[str, Any]:
    return _whom(answers) | {"reason": answers["words"]}


def _ask_words(label: str, key: str, height: int = 80) -> None:
    st.text_area(label, max_chars=MOST_WORDS, key=f"{key}_words", height=height)


def _ask_answer(card: Card, choices: Choices, key: str) -> None:
    _ask_words("怎么办的、怎么答复诉求人的", key, height=140)
    st.caption(f"{moment(card.row.due_at)}前答复。不要填诉求人的电话、身份证号。")


def _answered(answers: dict[str, Any]) -> dict[str, Any]:
    return {"text": answers["words"], "now": settings.now()}


def _ask_rating(card: Card, choices: Choices, key: str) -> None:
    """Nothing is preset: what is not asked must not look like an answer."""
    for name, (question, answers) in QUESTIONS.items():
        st.radio(question, list(answers), index=None, horizontal=True, key=f"{key}_{name}")
    _ask_words("回访情况（没有解决的必填）", key)


def _rated(answers: dict[str, Any]) -> dict[str, Any]:
    if any(answers[name] is None for name in QUESTIONS):
        raise BadInput("请逐项选择回访的结果。")
    return {name: meaning[answers[name]] for name, (_, meaning) in QUESTIONS.items()} | {
        "remark": answers["words"],
        "now": settings.now(),
    }


def _ask_other_complexity(card: Card, choices: Choices, key: str) -> None:
    (other,) = (each for each in Complexity if each is not card.row.complexity)
    _ask_complexity(other, key)
    st.caption("办理期限从派单时起重新计算，没有派单的从受理时起。")
    _ask_words("调整的原因，承办单位会看到", key)


def _reclassified(answers: dict[str, Any]) -> dict[str, Any]:
    return {
        "complexity": answers["complexity"],
        "reason": answers["words"],
        "now": settings.now(),
    }


def _ask_correction(card: Card, choices: Choices, key: str) -> None:
    st.text_input("地址", value=card.row.site, max_chars=MOST_SITE, key=f"{key}_site")
    codes = list(choices.towns)
    st.selectbox(
        "属地",
        codes,
        index=codes.index(card.town_code) if card.town_code in codes else None,
        format_func=choices.towns.__getitem__,
        placeholder="未定",
        key=f"{key}_town",
    )
    with reading() as session:
        rules = hotline_import.rule_names(session)
    _ask_rule(rules, card.row.rule_code, key)


def _ask_rule(rules: dict[str, str], code: str | None, key: str) -> None:
    codes = list(rules)
    st.selectbox(
        "对应条款",
        codes,
        index=codes.index(code) if code in codes else None,
        format_func=rules.__getitem__,
        placeholder="暂不对应条款",
        key=f"{key}_rule",
    )


def _corrected(answers: dict[str, Any]) -> dict[str, Any]:
    return {
        "site": answers["site"],
        "town": answers["town"],
        "rule_code": answers["rule"],
    }


def _ask_problem(card: Card, choices: Choices, key: str) -> None:
    codes, unit_code = list(choices.units), card.unit_code or card.town_code
    unit = st.selectbox(
        "责任单位",
        codes,
        index=codes.index(unit_code) if unit_code in codes else None,
        format_func=choices.units.__getitem__,
        placeholder="请选择",
        key=f"{key}_unit",
    )
    with reading() as session:
        rules = reports.rules_of_unit(session, unit_code=unit or "")
    _ask_rule(rules, card.row.rule_code, f"{key}_{unit}")
    st.text_input("点位", value=card.row.site, max_chars=MOST_SITE, key=f"{key}_site")
    st.text_area(
        "问题描述",
        value=card.row.content,
        max_chars=MOST_CONTENT,
        key=f"{key}_description",
        height=100,
    )
    count, severity = st.columns(2)
    count.number_input("处数", 1, 999, key=f"{key}_count")
    severity.selectbox(
        "严重程度", list(Severity), format_func=lambda each: each.value, key=f"{key}_severity"
    )
    st.checkbox("同时交办，整改时限按严重程度的内部时限", value=True, key=f"{key}_assigned")


def _turned(answers: dict[str, Any]) -> dict[str, Any]:
    unit = _chosen_unit(answers, "责任单位")
    return {
        "unit": unit,
        "rule_code": answers[f"{unit}_rule"],
        "site": answers["site"],
        "description": answers["description"],
        "count": answers["count"],
        "severity": answers["severity"],
        "is_assigned": answers["assigned"],
        "now": settings.now(),
    }


# A new Handling: what it asks for, its verb, and how the answers become the verb's arguments.
FORMS = {
    Handling.DISPATCH: Form(
        _ask_dispatch, public_reports.dispatch, _whom, "已派单，承办单位会在“待办”中看到。"
    ),
    Handling.ANSWER: Form(_ask_answer, public_reports.answer, _answered, "已答复，等创安办回访。"),
    Handling.RATE: Form(_ask_rating, public_reports.rate, _rated, "已记录回访结果。"),
    Handling.REDISPATCH: Form(
        _ask_redispatch, public_reports.redispatch, _redispatched, "已重新派单。"
    ),
    Handling.RECLASSIFY: Form(
        _ask_other_complexity, public_reports.reclassify, _reclassified, "已调整，期限重新计算。"
    ),
    Handling.TURN_INTO_PROBLEM: Form(
        _ask_problem, public_reports.turn_into_problem, _turned, "已转为问题，进入问题清单。"
    ),
    Handling.CORRECT: Form(_ask_correction, public_reports.correct, _corrected, "已补正。"),
}
