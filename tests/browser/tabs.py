"""What a person does in a tab."""

import re

from playwright.sync_api import Page, expect

PASSWORD = "Lin-hai-7788"

# Every text on the screen and every label that is read aloud; icons are words of their own font.
ENGLISH = """() => {
  const found = new Set();
  const walker = document.createTreeWalker(document.body, 5);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.nodeType === 3 ? node.parentElement : node;
    if (element.closest('script, style, noscript, code')) continue;
    if (getComputedStyle(element).fontFamily.includes('Material Symbols')) continue;
    const texts = node.nodeType === 3 ? [node.nodeValue]
      : ['placeholder', 'aria-label', 'title', 'alt'].map((name) => node.getAttribute(name));
    for (const text of texts) if (text && /[A-Za-z]{3}/.test(text)) found.add(text.trim());
  }
  return [...found];
}"""
# Names that stand by themselves; a Chinese text may have a word such as Excel in it, not two.
NAMES = re.compile(
    r"Chrome 或 Edge|^(• )?[A-Z]{3,4}$|^(admin|auditor|expert|leader|office2?)$"
    r"|^(SQLite [\d.]+|Python|Linux)$"
)
CHINESE, WORDS_IN_A_ROW = re.compile(r"[一-鿿]"), re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}")


def fill_in(tab: Page, username: str, password: str = PASSWORD) -> None:
    tab.fill("#username", username)
    tab.fill("#password", password)
    tab.get_by_role("button", name="登录").click()


def heading(tab: Page, text: str) -> None:
    expect(tab.get_by_role("heading", name=text, exact=True)).to_be_visible()


def token_of(tab: Page) -> str:
    cookies = {cookie["name"]: cookie["value"] for cookie in tab.context.cookies()}
    return cookies["daxing_session"]


def settled(tab: Page) -> None:
    """The page is drawn: a click while it still changes may meet a button that is just replaced."""
    app = tab.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning")


def english_on(tab: Page) -> list[str]:
    return [
        text
        for text in tab.evaluate(ENGLISH)
        if not NAMES.search(text) and (WORDS_IN_A_ROW.search(text) or not CHINESE.search(text))
    ]
