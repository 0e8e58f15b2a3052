"""Which source brings money, and what does a sale cost – asked in a real browser."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from pages.marketing import REPORT
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

PERIOD = {"from": ["2026-01-01"], "to": ["2026-02-28"]}
ADDRESS = "/marketing?from=2026-01-01&to=2026-02-28"


@pytest.fixture(autouse=True)
def costs(site: Site) -> None:
    values = [("WEB", "2026-01", "1000"), ("WEB", "2026-02", "2000"), ("CALL", "2026-01", "500")]
    site.services.workspace.put_entries(
        "expense",
        {
            f"{source}:{month}": {"source_id": source, "month": month, "amount": amount}
            for source, month, amount in values
        },
        "test",
    )


def block(page: Page, name: str) -> Locator:
    return page.locator(f"section:has(> .block-head #title-marketing-{name})")


def open_report(page: Page) -> None:
    page.goto(ADDRESS)
    expect(block(page, "sources").locator("tbody tr").first).to_be_visible(timeout=90_000)


def plain(text: str) -> str:
    return re.sub(r"[\s\u00a0]", "", text)


def test_the_source_that_brings_most_money_stands_first_and_opens_its_sales(desk: Page, site: Site) -> None:
    reports = site.services.reports
    best = reports.block(REPORT, "sources", reports.parse(REPORT, PERIOD)).rows[0]
    open_report(desk)
    row = block(desk, "sources").locator("tbody tr").first
    expect(row.locator("th")).to_have_text(str(best["source"]))
    amount = row.locator("td button").first
    exact = plain((amount.get_attribute("title") or "").splitlines()[0])  # the cell itself is in whole thousands
    amount.click()
    line = desk.locator(".drawer .records-line")
    expect(line).to_contain_text(re.compile(rf"^{best['created_won']}\u00a0сдел"))
    assert exact.endswith("₽") and exact in plain(line.inner_text())
    desk.keyboard.press("Escape")
    expect(block(desk, "summary").locator("[data-figure=cost]")).to_contain_text("3 500".replace(" ", "\u00a0"))


def test_a_return_is_explained_with_its_own_numbers_and_costs_open_no_records(desk: Page) -> None:
    open_report(desk)
    card = block(desk, "summary").locator("[data-figure=romi]")
    expect(card.locator("button.drill")).to_have_count(0)
    card.locator("button.explain").click()
    expect(desk.locator(".drawer")).to_contain_text("(сумма выигранных × маржа − расходы) / расходы")
    expect(desk.locator(".drawer")).to_contain_text("Расходы")


def test_the_unknown_source_is_a_row_whose_cards_are_one_click_away(desk: Page, site: Site) -> None:
    reports = site.services.reports
    rows = reports.block(REPORT, "sources", reports.parse(REPORT, PERIOD)).rows
    unknown = next(row for row in rows if row["source_id"] is None)
    open_report(desk)
    line = block(desk, "sources").locator("tbody tr", has=desk.locator("th", has_text="(не указан)"))
    line.locator("button[data-drill*='deals_created&']").click()
    expect(desk.locator(".drawer .records-line")).to_contain_text(re.compile(rf"^{unknown['deals_created']}\u00a0сдел"))
    assert "row.source_id=none" in desk.url


def test_utm_level_is_one_click(desk: Page) -> None:
    open_report(desk)
    head = block(desk, "utm").locator("thead th").first
    expect(head).to_have_text("utm_source")
    desk.get_by_text("Кампания", exact=True).click()
    expect(head).to_have_text("utm_campaign")
    assert "level=campaign" in desk.url
    row = block(desk, "utm").locator("tbody tr").first
    expect(row.locator("th")).to_contain_text("campaign")


def test_a_filter_that_leaves_a_part_of_a_source_says_why_costs_are_gone(desk: Page) -> None:
    desk.goto(f"{ADDRESS}&manager=1")
    expect(block(desk, "summary").locator(".block-notes")).to_contain_text("расходы и ROMI не показаны")
    expect(block(desk, "summary").locator("[data-figure=cost] .card-number")).to_have_text("—")


@pytest.mark.parametrize("look", ["desk", "phone"])
def test_nothing_serious_for_axe(look: str, request: pytest.FixtureRequest) -> None:
    page: Page = request.getfixturevalue(look)
    open_report(page)
    expect(page.locator(".view-list .ag-row").first).to_be_attached(timeout=90_000)
    found = Axe().run(page).response["violations"]
    assert [
        (v["id"], v["nodes"][0]["target"])
        for v in found
        if v["impact"] in ("serious", "critical") and "ag-" not in str(v["nodes"][0]["target"])
    ] == []
