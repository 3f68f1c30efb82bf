"""进度 in a browser: a square is clicked, and the address opens the same for a colleague."""

from collections.abc import Callable

from playwright.sync_api import Page, expect
from tabs import heading, settled


def test_a_square_opens_its_work_points_and_can_be_shared(sign_in: Callable[..., Page]) -> None:
    tab = sign_in("leader", "/progress")
    heading(tab, "进度")
    settled(tab)
    towns = tab.locator(".st-key-map_TOWNS .js-plotly-plot")
    towns.scroll_into_view_if_needed()
    expect(towns.locator(".scatterlayer .point").first).to_be_visible()
    box = towns.locator(".scatterlayer .point").first.bounding_box()
    assert box is not None
    tab.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    opened = tab.locator(".st-key-cell_of_map")
    expect(opened).to_be_visible()
    expect(opened.get_by_role("heading")).to_contain_text("任务")
    assert "cell=" in tab.url
    shared = tab.context.new_page()
    shared.goto(tab.url)
    expect(shared.locator(".st-key-cell_of_map")).to_be_visible()
