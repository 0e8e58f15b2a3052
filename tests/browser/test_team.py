"""Is the team on time, and who is not? What was promised and not done? – asked in a real browser."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from pages.team_performance import REPORT
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

PERIOD = {"from": ["2026-01-01"], "to": ["2026-02-28"]}
TEAM = "/team-performance?from=2026-01-01&to=2026-02-28"
OVERDUE = "/overdue-activities"


def block(page: Page, name: str, report: str = "team-performance") -> Locator:
    return page.locator(f"section:has(> .block-head #title-{report}-{name})")


def opened(page: Page, address: str, last: Locator) -> None:
    page.goto(address)
    expect(last).to_be_visible(timeout=90_000)


def percent(value: object) -> str:
    return f"{float(str(value)) * 100:.1f}".replace(".", ",").removesuffix(",0") + "\u00a0%"


def test_is_the_team_on_time_and_who_is_not(desk: Page, site: Site) -> None:
    reports = site.services.reports
    query = reports.parse(REPORT, PERIOD)
    summary = reports.block(REPORT, "summary", query).rows[0]
    worst = reports.block(REPORT, "employees", query).rows[0]
    people = block(desk, "employees")
    opened(desk, TEAM, people.locator("tbody tr").first)
    card = block(desk, "summary").locator("[data-figure=execution]")
    expect(card.locator(".card-number")).to_have_text(percent(summary["execution"]))
    expect(card).to_contain_text("цели 64\u00a0%")
    row = people.locator("tbody tr").first
    expect(row.locator("th")).to_have_text(str(worst["manager"]))
    # the coefficient says what it is made of, and its parts open their tasks
    row.locator("td button").first.click()
    late = worst["due_to_finish"]
    expect(desk.locator(".explain-formula")).to_contain_text(f"/ {late}")
    desk.locator(".explain-parts .drill", has_text=re.compile(rf"^{late}$")).first.click()
    expect(desk.locator(".drawer .records-line")).to_contain_text("задач")
    link = desk.locator(".drawer .ag-row a").first
    assert re.fullmatch(
        r"http://127\.0\.0\.1:1/company/personal/user/\d+/tasks/task/view/\d+/", link.get_attribute("href") or ""
    )


def test_departments_over_time_and_the_switch_of_deadlines(desk: Page, site: Site) -> None:
    heat = block(desk, "department_dynamics")
    opened(desk, TEAM, heat.locator("tbody tr").first)
    heat.scroll_into_view_if_needed()
    heat.locator("td button[data-explain]").first.click()
    expect(desk.locator(".explain-parts")).to_contain_text("Пора было завершить")
    assert "row.bucket=" in desk.url
    desk.keyboard.press("Escape")
    reports = site.services.reports
    original = reports.block(REPORT, "summary", reports.parse(REPORT, {**PERIOD, "deadline_basis": ["original"]})).rows[
        0
    ]
    desk.locator("#filters").get_by_text("Настройки отчёта", exact=True).click()
    desk.locator(".option-label, label", has_text="первоначальный").first.click()
    desk.wait_for_url(re.compile("deadline_basis=original"))
    card = block(desk, "summary").locator("[data-figure=finish_on_time]")
    expect(card.locator(".card-number")).to_have_text(percent(original["finish_on_time"]), timeout=90_000)


def test_overdue_activities_open_from_their_cell(desk: Page) -> None:
    matrix = block(desk, "matrix", "overdue-activities")
    opened(desk, OVERDUE, matrix.locator("tbody tr").first)
    cell = matrix.locator("td.heat button").first
    shown = cell.inner_text()
    cell.click()
    expect(desk.locator(".drawer .records-line")).to_contain_text(re.compile(rf"^{shown}\u00a0дел"))
    desk.keyboard.press("Escape")
    steps = block(desk, "summary", "overdue-activities").locator("[data-figure=no_next_step] button.card-number")
    shown = steps.inner_text()
    steps.click()
    expect(desk.locator(".drawer .records-line")).to_contain_text(re.compile(rf"^{shown}\u00a0карточ"))
    expect(desk.locator(".drawer-grid [col-id=card]").get_by_text("Сделка", exact=True).first).to_be_attached()


@pytest.mark.parametrize("address", [TEAM, OVERDUE])
def test_both_fit_a_phone_and_axe_finds_nothing_serious(phone: Page, address: str) -> None:
    opened(phone, address, phone.locator(".kpi-card").first)
    expect(phone.locator(".block-body .skeleton")).to_have_count(0, timeout=90_000)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(phone, options={"resultTypes": ["violations"]}).response["violations"]
    assert [
        f"{v['id']}: {v['nodes'][0]['target']}"
        for v in found
        if v["impact"] in ("serious", "critical") and "ag-" not in str(v["nodes"][0]["target"])
    ] == []
