"""What a person does in a tab."""

from playwright.sync_api import Page, expect

PASSWORD = "Lin-hai-7788"


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
