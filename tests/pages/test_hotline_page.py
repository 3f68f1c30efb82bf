"""接诉即办 as Streamlit runs it: register, dispatch, answer, rate, import; each sees their own."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, col, select
from streamlit.testing.v1 import AppTest

from daxing_safety import settings
from daxing_safety.actions import public_reports
from daxing_safety.actions.public_reports import Received
from daxing_safety.database import reading, transaction
from daxing_safety.hotline import Handling
from daxing_safety.models import Problem, PublicReport, Unit, User
from daxing_safety.vocabulary import Complexity, ReportStatus, Satisfaction

SignIn = Callable[[str], str]
OpenPage = Callable[..., AppTest]

MARKUP = '<img src=x onerror="alert(1)"> **粗** [链接](http://x) =1+1'
EXPORT = """工单编号,受理时间,诉求内容,来电人,联系电话,问题地址,问题分类
DX1,2021-05-19 08:30,消火栓无水 13800138000,张三,13800138000,黄村镇西大街,公共设施
DX2,2021-05-19 09:00,路灯不亮,李四,13900139000,和顺路,照明
"""


def user(session: Session, username: str) -> User:
    return session.exec(select(User).where(col(User.username) == username)).one()


def water_bureau(session: Session) -> Unit:
    return session.exec(select(Unit).where(col(Unit.name) == "区水务局")).one()


def receive(session: Session, **changes: Any) -> PublicReport:
    hour_ago = settings.now() - timedelta(hours=1)
    values = {"received_at": hour_ago, "content": "消火栓无水", "site": "西大街"}
    received = Received(**(values | changes))
    office = user(session, "office")
    return public_reports.receive(session, received=received, by=office, now=settings.now())


def dispatch(session: Session, report: PublicReport) -> None:
    public_reports.dispatch(
        session,
        report=report,
        unit=water_bureau(session),
        complexity=Complexity.SIMPLE,
        by=user(session, "office"),
        now=settings.now(),
    )


@pytest.fixture
def received(data_dir: object) -> None:
    with transaction() as session:
        receive(session)


@pytest.fixture
def dispatched(data_dir: object) -> None:
    with transaction() as session:
        dispatch(session, receive(session, content=MARKUP))


@pytest.fixture
def without_toasts(monkeypatch: pytest.MonkeyPatch) -> None:
    """AppTest cannot hold a toast and a drawer at once; a browser shows both."""
    monkeypatch.setattr("streamlit.toast", lambda *_, **__: None)


def stored() -> list[PublicReport]:
    with reading() as session:
        return list(session.exec(select(PublicReport).order_by(col(PublicReport.id))))


def words(screen: AppTest) -> str:
    kinds = ("markdown", "text", "caption", "error", "info", "success", "metric")
    said = (str(each.value) for kind in kinds for each in screen.get(kind))
    return "\n".join(said).replace("\\", "")


def named(screen: AppTest, label: str, kind: str = "button") -> Any:
    return next(each for each in screen.get(kind) if label in each.label)


def numbers(screen: AppTest) -> list[str]:
    return [number for table in screen.dataframe for number in table.value.get("number", ())]


# ---- who sees what -------------------------------------------------------------------


@pytest.mark.parametrize("view", ["诉求清单", "三率", "导入12345"])
@pytest.mark.parametrize("who", ["office", "leader", "区水务局", "区城管委"])
def test_the_page_opens_for_everybody_with_rows(
    dispatched: None, sign_in: SignIn, open_page: OpenPage, who: str, view: str
) -> None:
    sign_in(who)
    screen = open_page("hotline", view=view)
    assert not screen.exception and not screen.error
    assert screen.title[0].value == "接诉即办"


@pytest.mark.parametrize("who", ["admin", "auditor", "expert"])
def test_who_has_no_part_in_it_does_not_see_the_page(
    sign_in: SignIn, open_page: OpenPage, who: str
) -> None:
    sign_in(who)
    with pytest.raises(ValueError, match="hotline"):
        open_page("hotline")


def test_a_report_is_seen_by_its_unit_and_no_other(
    dispatched: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("区水务局")
    assert numbers(open_page("hotline")) == ["S00001"]
    sign_in("区城管委")
    screen = open_page("hotline", report="1")
    assert numbers(screen) == [] and "alert" not in words(screen)
    assert screen.error[0].value == "没有编号为“1”的诉求，可能是别的单位的。"


def test_a_leader_looks_and_is_offered_nothing_to_do(
    dispatched: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("leader")
    screen = open_page("hotline", report="1")
    labels = {each.label for each in screen.button}
    assert labels.isdisjoint({"派单", "答复", "回访", "登记诉求"})
    assert "导入12345" not in {tab.label for tab in screen.tabs}


def test_texts_of_users_stay_texts(dispatched: None, sign_in: SignIn, open_page: OpenPage) -> None:
    sign_in("office")
    screen = open_page("hotline", report="1")
    assert MARKUP in [each.value for each in screen.text]
    assert not any("<img" in each.value for each in screen.markdown)
    assert list(screen.dataframe[0].value["content"]) == [MARKUP]


def test_the_filters_stand_in_the_address(
    received: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    assert numbers(open_page("hotline", status="待派单", q="消火栓")) == ["S00001"]
    assert numbers(open_page("hotline", status="待回访")) == []
    assert numbers(open_page("hotline", due="已逾期")) == []
    screen = open_page("hotline", unit="区水务局")
    assert numbers(screen) == [] and "没有符合条件的诉求" in words(screen)
    (download,) = (each for each in screen.get("link_button") if "清单" in each.proto.label)
    assert download.proto.url == "/download/public_reports/unit%253DU05"


# ---- from 登记 to 回访 -------------------------------------------------------------------


def test_the_office_registers_what_was_said_on_the_phone(
    data_dir: object, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("hotline")
    screen.button(key="register").click().run()
    screen.text_area(key="new_content").input("井盖坏了，电话13800138000")
    screen.text_input(key="new_site").input("西大街")
    screen.button(key="register_it").click().run()
    assert not screen.exception
    (report,) = stored()
    assert report.content == "井盖坏了，电话〔手机号已隐去〕"
    assert "已登记为 S00001，请派单。其中的手机号已隐去，不作保存。" in words(screen)


@pytest.mark.usefixtures("without_toasts")
def test_the_office_dispatches_in_the_drawer(
    received: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = open_page("hotline", report="1")
    screen.button(key="handle").click().run()
    assert "请选择承办单位。" in words(screen)
    assert stored()[0].status is ReportStatus.RECEIVED
    unit = next(each for each in screen.selectbox if str(each.key).endswith("DISPATCH_unit"))
    unit.set_value(water_bureau_code())
    screen.button(key="handle").click().run()
    assert not screen.exception
    assert "S00001 已派单" in words(screen)
    assert stored()[0].unit_code == water_bureau_code()


def water_bureau_code() -> str:
    with reading() as session:
        return water_bureau(session).code


@pytest.mark.usefixtures("without_toasts")
def test_the_unit_answers_and_the_office_asks_the_caller(
    dispatched: None, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("区水务局")
    screen = open_page("hotline", report="1")
    named(screen, "怎么办的", "text_area").input("已换阀门")
    screen.button(key="handle").click().run()
    assert "S00001 已答复，等创安办回访。" in words(screen)
    assert stored()[0].answer == "已换阀门"

    sign_in("office")
    screen = open_page("hotline", report="1")
    screen.button(key="handle").click().run()
    assert "请逐项选择回访的结果。" in words(screen)
    named(screen, "联系过", "radio").set_value("联系过")
    named(screen, "解决了吗", "radio").set_value("未解决")
    named(screen, "满意吗", "radio").set_value("不满意")
    named(screen, "回访情况", "text_area").input("还是没水")
    screen.button(key="handle").click().run()
    assert not screen.exception
    (report,) = stored()
    assert (report.status, report.is_resolved) == (ReportStatus.RATED, False)
    assert report.satisfaction is Satisfaction.DISSATISFIED


@pytest.mark.parametrize(
    ("handling", "said"),
    [
        ("重新派单", "请写明重新派单的原因"),
        ("调整难易", "请写明调整的原因"),
        ("转为问题", "已转为问题"),
        ("补正", "已补正"),
    ],
)
@pytest.mark.usefixtures("without_toasts")
def test_every_form_leads_to_its_verb(
    dispatched: None, sign_in: SignIn, open_page: OpenPage, handling: str, said: str
) -> None:
    sign_in("office")
    screen = open_page("hotline", report="1")
    (choice,) = (each for each in screen.button_group if handling in each.options)
    choice.set_value(Handling(handling)).run()
    screen.button(key="handle").click().run()
    assert not screen.exception
    assert said in words(screen)
    if handling == "转为问题":
        with reading() as session:
            problem = session.exec(select(Problem)).one()
        assert problem.found_by == "S00001" and stored()[0].problem_number == problem.number


# ---- 导入12345 -------------------------------------------------------------------------


def upload(screen: AppTest, text: str) -> AppTest:
    uploader = screen.file_uploader[0]
    return uploader.upload("12345.csv", text.encode("gb18030"), "text/csv").run()


def test_an_export_is_mapped_once_looked_at_and_stored(
    data_dir: object, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = upload(open_page("hotline", view="导入12345"), EXPORT)
    assert "含个人信息、不读入的列：来电人、联系电话" in words(screen)
    assert "13800138000" not in words(screen)
    named(screen, "确认各列").click().run()
    assert "已记住各列对应" in words(screen)
    assert {each.label: each.value for each in screen.metric}["新诉求"] == "2 件"
    screen.button(key="store_hotline").click().run()
    assert not screen.exception
    assert "已入库 2 件：S00001 至 S00002，请派单。" in words(screen)
    assert [report.source_number for report in stored()] == ["DX1", "DX2"]
    assert stored()[0].content == "消火栓无水 〔手机号已隐去〕"
    assert not screen.file_uploader[0].value

    screen = upload(screen, EXPORT)
    assert "文件里的诉求都已在系统中，没有变化" in words(screen)
    assert len(stored()) == 2


def test_a_faulty_export_names_its_cells_and_offers_nothing_to_store(
    data_dir: object, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = upload(open_page("hotline", view="导入12345"), EXPORT.replace("DX2", "DX1"))
    named(screen, "确认各列").click().run()
    assert "有 1 处需要改正，还没有入库" in words(screen)
    (faults,) = (each.value for each in screen.dataframe if "cure" in each.value)
    assert list(faults["cell"]) == ["A3"]
    assert "store_hotline" not in {each.key for each in screen.button}


def test_a_category_is_given_its_rule_once(
    data_dir: object, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = upload(open_page("hotline", view="导入12345"), EXPORT)
    named(screen, "确认各列").click().run()
    screen.selectbox(key="rule_category").set_value("公共设施")
    screen.selectbox(key="rule_of_category").set_value("4-1")
    screen.button(key="remember_rule").click().run()
    screen.button(key="store_hotline").click().run()
    assert [report.rule_code for report in stored()] == ["4-1", None]


def test_what_is_no_export_is_refused(
    data_dir: object, sign_in: SignIn, open_page: OpenPage
) -> None:
    sign_in("office")
    screen = upload(open_page("hotline", view="导入12345"), "只有一列\n内容")
    assert "没有找到表头" in words(screen)
