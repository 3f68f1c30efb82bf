"""How long 总览 takes in Chromium until all of it stands there, against an empty page.

Cold is a browser that has never been here and fetches every file; warm has them all. Wall time
from the request to the last chart, in the same server, the two pages by turns.
"""

import shutil
import statistics
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks.timing import Result
from benchmarks.visiting import Server, Visitor, running

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
TIMES = 7
OVERVIEW, EMPTY = "overview", "empty"
# What stands on the page once it is complete.
PARTS = {OVERVIEW: (".js-plotly-plot:has(.trace)", 4, ".tile"), EMPTY: ("h1", 1, "h1")}
COMPLETE = """([charts, number, last]) => {
    const app = document.querySelector('[data-testid=stApp]');
    return app && app.dataset.testScriptState === 'notRunning'
        && document.querySelectorAll(charts).length >= number
        && document.querySelector(last) && performance.now();
}"""


def results(folder: Path, password: str) -> list[Result]:
    with running("server.py", folder / "data") as server, sync_playwright() as playwright:
        visitor = Visitor(server, "leader", password)
        arguments = ["--no-sandbox", "--disable-dev-shm-usage"]
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=arguments)
        cold = _by_turns(browser, server, visitor, is_warm=False)
        warm = _by_turns(browser, server, visitor, is_warm=True)
        browser.close()
        visitor.close()
    return [
        Result(
            f"总览 complete in Chromium, {name}",
            times[OVERVIEW],
            "an empty page",
            times[EMPTY],
            3.5,
            unit="ms",
        )
        for name, times in (("cold", cold), ("warm", warm))
    ]


def _by_turns(
    browser: Browser, server: Server, visitor: Visitor, *, is_warm: bool
) -> dict[str, float]:
    """The median of each page, in ms."""
    times: dict[str, list[float]] = {EMPTY: [], OVERVIEW: []}
    for _ in range(TIMES):
        for page, found in times.items():
            context = _signed_in(browser, server, visitor)
            if is_warm:
                _complete_after(context, page)
            found.append(_complete_after(context, page))
            context.close()
    return {page: statistics.median(found) for page, found in times.items()}


def _signed_in(browser: Browser, server: Server, visitor: Visitor) -> BrowserContext:
    """A browser of its own with nothing in its cache."""
    context = browser.new_context(base_url=server.address, locale="zh-CN")
    context.add_cookies(
        [{"name": key, "value": it, "url": server.address} for key, it in visitor.cookies().items()]
    )
    return context


def _complete_after(context: BrowserContext, page: str) -> float:
    tab = context.new_page()
    tab.goto(f"/{page}", wait_until="commit")
    done = tab.wait_for_function(COMPLETE, arg=list(PARTS[page]), timeout=120_000)
    elapsed: float = done.json_value()
    tab.close()
    return elapsed
