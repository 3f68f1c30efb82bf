"""Pictures of every screen and those of the manual, from a fresh demo: `make screenshots`.

With names (`python -m docs.take_screenshots overview progress`) only those are taken.

Needs Chromium, LibreOffice and poppler, as the browser tests do; nothing leaves the machine.
"""

import io
import os
import secrets
import shutil
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Literal, NamedTuple
from urllib.parse import urlsplit

from openpyxl import Workbook, load_workbook
from PIL import Image
from playwright.sync_api import Browser, FilePayload, Page, expect, sync_playwright
from sqlmodel import Session, col, select

from daxing_safety import database, demo, prefill, settings
from daxing_safety.actions import rounds
from daxing_safety.database import reading
from daxing_safety.demo.clerk import Clerk
from daxing_safety.models import RowVerdict, Unit, User
from daxing_safety.reports import submissions
from daxing_safety.reports.submissions import MISSING
from daxing_safety.vocabulary import Judgement, ReviewState, Sheet
from daxing_safety.web.handouts import XLSX
from daxing_safety.workbooks import worker
from daxing_safety.workbooks.template import workbook_bytes

PICTURES = Path(__file__).parent / "screenshots"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
STARTS_WITHIN_S = 120
MOST_TALL = 2000  # pixels of a picture; what lies below is left out
COLOURS = 256
WORKBOOK_DPI = 80


class Look(NamedTuple):
    suffix: str
    width: int
    height: int
    scheme: Literal["light", "dark"]


DESKTOP = Look("", 1440, 900, "light")  # of a state that one picture is enough for
LOOKS = (
    DESKTOP._replace(suffix="-light"),
    Look("-dark", 1440, 900, "dark"),
    Look("-phone", 390, 844, "light"),
)
# Who opens the screens: each is taken of the first who has it in the navigation.
VIEWERS = ("office", "leader", "admin", "auditor", "expert")
MOST_TRIES = 40  # until a picture is still: what shows a clock never is


def as_opened(_: Page) -> None:
    """The picture shows the screen as it opens."""


class Shot(NamedTuple):
    name: str
    user: str  # "": nobody is signed in
    path: str
    prepare: Callable[[Page], None] = as_opened
    looks: tuple[Look, ...] = LOOKS


# ---- what is done in a tab before its picture is taken ----


def upload(*units: str, spoilt: Sequence[str] = ()) -> Callable[[Page], None]:
    """These units' workbooks, filled in; the spoilt ones with faults."""

    def prepare(page: Page) -> None:
        if len(units) > 1:
            page.get_by_role("tab", name="代为上传").click()
        files = [_filled_in(unit, is_spoilt=unit in spoilt) for unit in units]
        page.locator('input[type="file"]').set_input_files(files)
        expect(page.get_by_text("正在核对填报表")).to_have_count(0)
        outcome = page.get_by_text("处需要改正") if spoilt else page.get_by_text("核对通过")
        expect(page.get_by_text("可以入库") if len(units) > 1 else outcome).not_to_have_count(0)

    return prepare


def _filled_in(unit_name: str, *, is_spoilt: bool) -> FilePayload:
    data = _workbook(unit_name, is_filled_in=True)
    return {
        "name": f"{unit_name}_填报表.xlsx",
        "mimeType": XLSX,
        "buffer": _spoilt(data) if is_spoilt else data,
    }


def _workbook(unit_name: str, *, is_filled_in: bool = False) -> bytes:
    """The unit's workbook of the open round, as it is handed out or as a clerk returns it."""
    with reading() as session:
        unit = session.exec(select(Unit).where(col(Unit.name) == unit_name)).one()
        content = prefill.content(session, rounds.find_round(session, None), unit)
    if is_filled_in:
        content = Clerk(Random(unit_name), diligence=0.9).fill(content, settings.today())
    return worker.run_in_worker(workbook_bytes, content)


def _spoilt(data: bytes) -> bytes:
    book = load_workbook(io.BytesIO(data))
    _type_in(book, Sheet.PROGRESS, "完成日期", 0, "5月底")
    _type_in(book, Sheet.PROGRESS, "完成比例(%)", 1, "一半左右")
    _type_in(book, Sheet.PROGRESS, "进展状态", 2, "差不多了")
    _type_in(book, Sheet.SELF_ASSESSMENT, "自查结论", 0, "存在问题")
    _type_in(book, Sheet.SELF_ASSESSMENT, "自查结论", 3, "没查")
    kept = io.BytesIO()
    book.save(kept)
    return kept.getvalue()


def _type_in(book: Workbook, sheet: Sheet, header: str, row: int, text: str) -> None:
    """Into the column of this header, so many rows below its first."""
    cells = (cell for line in book[sheet.value].iter_rows() for cell in line)
    top = next(cell for cell in cells if str(cell.value or "").rstrip("*") == header)
    book[sheet.value].cell(top.row + 1 + row, top.column, text)


def _open_card(page: Page) -> None:
    expect(page.get_by_role("dialog")).to_be_visible()


def _open_rows(page: Page) -> None:
    page.get_by_role("tab", name="逐项审核").click()


# States of screens that the manual explains; the screens themselves are found in the navigation.
def states(clerk: str, returned: str, missing: list[str]) -> tuple[Shot, ...]:
    """`returned` is a unit whose submission was returned, the missing have sent in none."""
    first, *others = missing[:3]
    many = upload(first, *others, spoilt=others[:1])
    only = (DESKTOP,)
    return (
        Shot("login", "", "/login"),
        Shot("tasks-card", "leader", "/tasks?point=1-01", _open_card, only),
        Shot("submit-batch", "office", "/submit", many, only),
        Shot("review-rows", "office", "/review", _open_rows, only),
        Shot("spot_checks-expert", "expert", "/spot_checks"),
        Shot("spot_checks-check", "office", "/spot_checks?check=1", looks=only),
        Shot("accounts-people", "admin", "/accounts?accounts_by=账号", looks=only),
        Shot("todo-unit", clerk, "/todo"),
        Shot("overview-unit", clerk, "/overview"),
        Shot("submit-unit", clerk, "/submit"),
        Shot("submit-checked", clerk, "/submit", upload(clerk), only),
        Shot("evidence-unit", clerk, "/evidence"),
        Shot("evidence-signed-page", clerk, "/evidence?view=签字页", looks=only),
        Shot("submit-returned", returned, "/submit", looks=only),
        Shot("submit-faults", first, "/submit", upload(first, spoilt=[first]), only),
    )


def screens(browser: Browser, address: str, password: str) -> list[Shot]:
    """Every screen that stands in somebody's navigation."""
    found: dict[str, Shot] = {}
    for user in VIEWERS:
        context = browser.new_context(base_url=address, locale="zh-CN")
        page = context.new_page()
        _sign_in(page, user, password)
        for link in page.get_by_test_id("stSidebarNavLink").all():
            path = urlsplit(link.get_attribute("href") or "").path
            name = path.strip("/")
            found.setdefault(name, Shot(name, user, path))
        context.close()
    return list(found.values())


# Which page of the printed workbook: the first that holds these words.
WORKBOOK_PAGES = {
    "workbook-instructions": "一、这是什么",
    "workbook-progress": "佐证材料要求",
    "workbook-self-assessment": "封顶",
    "workbook-signed-page": "填报表签字页",
}


# ---- the server ----


def with_returned_rows() -> str:
    """The unit that has something to answer: rows came back to it one by one."""
    with reading() as session:
        query = (
            select(Unit.name)
            .join(RowVerdict, col(RowVerdict.unit_code) == col(Unit.code))
            .where(col(RowVerdict.judgement) == Judgement.RETURNED, col(RowVerdict.appeal) == "")
        )
        return session.exec(query).all()[0]


def _office(session: Session) -> User:
    return session.exec(select(User).where(col(User.username) == "office")).one()


def units_in(state: str) -> list[str]:
    """The units whose part in the open round stands so, such as 未报送."""
    with reading() as session:
        round_ = rounds.find_round(session, None)
        lines = submissions.board(session, viewer=_office(session), round_id=round_.id or 0)
    return [line.unit for line in lines if line.state == state]


@contextmanager
def serving(data_dir: Path) -> Iterator[str]:
    """The product on a free port of this machine; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "daxing_safety", "serve", "--host=127.0.0.1", f"--port={port}"],
        cwd=settings.ROOT,
        env=os.environ | {"DAXING_DATA_DIR": str(data_dir)},
        stdout=subprocess.DEVNULL,
    )
    try:
        _wait_for(f"http://127.0.0.1:{port}/healthz", process)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + STARTS_WITHIN_S
    while time.monotonic() < until and process.poll() is None:
        try:
            urllib.request.urlopen(address).close()
        except urllib.error.URLError:
            time.sleep(0.2)
        else:
            return
    raise TimeoutError(address)


# ---- pictures ----


def take(browser: Browser, address: str, password: str, wanted: Sequence[Shot]) -> None:
    """One tab for a user and a look; the user signs in once in it."""
    for look in (DESKTOP, *LOOKS):
        in_look = [shot for shot in wanted if look in shot.looks]
        by_user = sorted(in_look, key=lambda shot: shot.user)
        for user, of_user in groupby(by_user, key=lambda shot: shot.user):
            context = browser.new_context(
                base_url=address,
                locale="zh-CN",
                timezone_id="Asia/Shanghai",
                viewport={"width": look.width, "height": look.height},
                color_scheme=look.scheme,
            )
            context.set_default_timeout(60_000)
            page = context.new_page()
            if user:
                _sign_in(page, user, password)
            for shot in of_user:
                _take_one(page, shot, look)
            context.close()


def _sign_in(page: Page, username: str, password: str) -> None:
    page.goto("/login")
    page.fill("#username", username)
    page.fill("#password", password)
    page.get_by_role("button", name="登录").click()
    _wait_until_drawn(page)


def _take_one(page: Page, shot: Shot, look: Look) -> None:
    page.set_viewport_size({"width": look.width, "height": look.height})
    page.goto(shot.path)
    _wait_until_drawn(page)
    shot.prepare(page)
    _wait_until_drawn(page)
    tall = page.evaluate(
        "() => (document.querySelector('[data-testid=stMain]') ?? document.body).scrollHeight"
    )
    height = min(max(tall, look.height), MOST_TALL)
    page.set_viewport_size({"width": look.width, "height": height})
    _keep(shot.name + look.suffix, _when_still(page))


def _wait_until_drawn(page: Page) -> None:
    page.wait_for_selector("h1")
    page.wait_for_function(
        """() => {
            const app = document.querySelector('[data-testid=stApp]');
            const all = (what) => [...document.querySelectorAll(what)]
                .filter((each) => each.checkVisibility());
            return (!app || app.dataset.testScriptState === 'notRunning')
                && all('[data-testid=stSkeleton]').length === 0
                && all('[data-testid=stDataFrame]').every((each) => each.querySelector('canvas'))
                && all('[data-testid=stPlotlyChart]').every((each) => each.querySelector('svg'))
                && all('img').every((each) => each.complete || each.loading === 'lazy');
        }"""
    )


def _when_still(page: Page) -> bytes:
    """Charts and tables go on growing for a while after they have appeared."""
    before = b""
    for _ in range(MOST_TRIES):
        picture = page.screenshot(animations="disabled", caret="hide")
        if picture == before:
            break
        before = picture
        page.wait_for_timeout(250)
    return picture


def _keep(name: str, picture: bytes) -> None:
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    image = image.quantize(COLOURS, dither=Image.Dither.NONE)
    image.save(PICTURES / f"{name}.png", optimize=True)


def print_workbook(folder: Path, clerk: str) -> None:
    """Pages of a unit's workbook as LibreOffice prints them."""
    (folder / "workbook.xlsx").write_bytes(_workbook(clerk))
    profile = f"-env:UserInstallation={(folder / 'profile').as_uri()}"
    _run("soffice", profile, "--headless", "--convert-to", "pdf", "workbook.xlsx", inside=folder)
    pages = _run("pdftotext", "-layout", "workbook.pdf", "-", inside=folder).split("\f")
    for name, words in WORKBOOK_PAGES.items():
        number = next(at for at, text in enumerate(pages, 1) if words in text)
        only = ("-f", str(number), "-l", str(number), "-r", str(WORKBOOK_DPI))
        _run("pdftoppm", "-png", "-singlefile", *only, "workbook.pdf", name, inside=folder)
        _keep(name, (folder / f"{name}.png").read_bytes())


def _run(*command: str, inside: Path) -> str:
    done: subprocess.CompletedProcess[Any] = subprocess.run(
        command, cwd=inside, check=True, capture_output=True
    )
    return done.stdout.decode()


def main(names: Sequence[str]) -> None:
    """All pictures, or only those that are named."""
    PICTURES.mkdir(exist_ok=True)
    password = secrets.token_urlsafe(18)
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        data_dir, empty = Path(folder) / "demo", Path(folder) / "empty"
        os.environ["DAXING_DATA_DIR"] = str(data_dir)
        settings.use_demo_day()
        database.upgrade()
        demo.build_demo(password=password)
        clerk = with_returned_rows()
        if not names:
            print_workbook(Path(folder), clerk)
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        with serving(data_dir) as address:
            (returned, *_), missing = units_in(ReviewState.RETURNED.value), units_in(MISSING)
            wanted = [
                *screens(browser, address, password),
                *states(clerk, returned, missing),
            ]
            take(browser, address, password, _named(wanted, names))
        with serving(empty) as address:
            setup = Shot("setup", "", "/setup", looks=(DESKTOP,))
            take(browser, address, password, _named([setup], names))
        worker.shutdown()


def _named(shots: Sequence[Shot], names: Sequence[str]) -> list[Shot]:
    return [shot for shot in shots if not names or shot.name in names]


if __name__ == "__main__":
    main(sys.argv[1:])
