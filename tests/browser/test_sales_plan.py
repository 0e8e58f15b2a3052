"""Does the plan hold, and what is missing – asked in a real browser."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from pages.sales_plan import REPORT
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

PERIOD = {"from": ["2026-03-01"], "to": ["2026-03-31"]}
ADDRESS = "/sales-plan?from=2026-03-01&to=2026-03-31"
PLANS = [("1", "", "9000000"), ("2", "1", "100"), ("3", "2", "5000000")]


@pytest.fixture(autouse=True)
def plans(site: Site) -> Iterator[None]:
    workspace = site.services.workspace
    before = {
        key: entry.value.model_dump(mode="json")
        for key, entry in workspace.entries("plan").items()
        if key.endswith(":2026-03")
    }
    values = {
        f"{manager}:{pipeline or 'all'}:2026-03": {
            "manager_id": manager,
            "pipeline_id": pipeline,
            "month": "2026-03",
            "plan_amount": amount,
            "bonus": "1000",
        }
        for manager, pipeline, amount in PLANS
    }
    workspace.put_entries("plan", {**dict.fromkeys(before), **values}, "test")
    yield
    workspace.put_entries("plan", {**dict.fromkeys(values), **before}, "test")


def block(page: Page, name: str) -> Locator:
    return page.locator(f"section:has(> .block-head #title-sales-plan-{name})")


def card(page: Page, figure: str) -> Locator:
    return block(page, "total").locator(f"[data-figure={figure}]")


def open_report(page: Page, address: str = ADDRESS) -> None:
    page.goto(address)
    expect(block(page, "total").locator(".kpi-card").first).to_be_visible(timeout=90_000)
    expect(block(page, "managers").locator(".main-svg").first).to_be_visible(timeout=120_000)


def plain(text: str) -> str:
    return re.sub(r"[\s\u00a0]", "", text)


def test_the_first_screen_says_whether_the_plan_holds_and_what_is_missing(desk: Page, site: Site) -> None:
    reports = site.services.reports
    (total,) = reports.block(REPORT, "total", reports.parse(REPORT, PERIOD)).rows
    open_report(desk)
    expect(card(desk, "plan_amount").locator(".card-number")).to_have_text("14\u00a0млн\u00a0₽")
    expect(card(desk, "plan_amount")).to_contain_text("Людей с планом: 3")
    expect(card(desk, "forecast")).to_contain_text(re.compile("от .* до "))
    expect(card(desk, "forecast")).to_contain_text("Шанс выполнить план")
    expect(card(desk, "coverage")).to_contain_text("Нужно в работе")
    assert card(desk, "remaining").bounding_box()["y"] < 600  # type: ignore[index]
    number = card(desk, "attainment").locator(".card-parts button").first
    number.click()
    expect(desk.locator(".drawer .records-line")).to_contain_text(re.compile(rf"^{total['fact_count']}\u00a0сдел"))


def test_a_bullet_opens_the_deals_of_its_fact(desk: Page, site: Site) -> None:
    reports = site.services.reports
    rows = reports.block(REPORT, "managers", reports.parse(REPORT, PERIOD)).rows
    open_report(desk)
    place, row = next((i, r) for i, r in enumerate(rows) if r["fact_count"])
    caption = block(desk, "managers").locator("figcaption")
    expect(caption).to_contain_text(re.compile("^План .*, факт .*, прогноз"))
    bar = block(desk, "managers").locator(".barlayer .point path").nth(place)
    bar.scroll_into_view_if_needed()
    bar.click(force=True)
    expect(desk.locator(".drawer .records-line")).to_contain_text(
        re.compile(rf"^{row['fact_count']}\u00a0сдел"), timeout=60_000
    )
    assert f"row.manager_id={row['manager_id'] or 'none'}" in desk.url


def test_the_threshold_slider_is_kept_in_the_address_and_moves_the_bonus(desk: Page, site: Site) -> None:
    reports = site.services.reports
    open_report(desk)
    thumb = desk.locator(".control-slider [role=slider]")
    thumb.focus()
    desk.keyboard.press("End")
    expect(desk.locator(".option-value")).to_have_text("150\u00a0%")
    desk.wait_for_url(re.compile("threshold=1.5"))
    (high,) = reports.block(REPORT, "total", reports.parse(REPORT, {**PERIOD, "threshold": ["1.5"]})).rows
    paid = f"{int(high['bonus_earned'] or 0):,}".replace(",", "\u00a0")  # type: ignore[call-overload]
    expect(card(desk, "bonus_earned").locator(".card-number")).to_contain_text(paid, timeout=60_000)
    desk.go_back()
    expect(desk.locator(".option-value")).to_have_text("100\u00a0%")


def test_without_a_plan_the_page_leads_to_where_it_is_typed(desk: Page) -> None:
    desk.goto("/sales-plan?from=2025-11-01&to=2025-11-30")
    link = block(desk, "total").get_by_role("link", name="Ввести план")
    expect(link).to_have_attribute("href", "/plans", timeout=90_000)
    expect(block(desk, "managers")).to_contain_text("нет плана", timeout=90_000)


def test_the_page_is_readable_for_everybody(desk: Page, phone: Page) -> None:
    for page in (desk, phone):
        open_report(page)
        found = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
        assert found == []
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
