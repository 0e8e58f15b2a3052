"""Who works, and what comes of it – asked in a real browser: from the number of meetings to the meetings and on to the card."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from pages.manager_effectiveness import REPORT
from tests.browser.conftest import Site

pytestmark = pytest.mark.browser

PERIOD = {"from": ["2026-01-01"], "to": ["2026-02-28"]}
ADDRESS = "/manager-effectiveness?from=2026-01-01&to=2026-02-28"


def block(page: Page, name: str) -> Locator:
    return page.locator(f"section:has(> .block-head #title-manager-effectiveness-{name})")


def open_report(page: Page, address: str = ADDRESS) -> None:
    page.goto(address)
    expect(block(page, "managers").locator("tbody tr").first).to_be_visible(timeout=90_000)


def test_from_the_number_of_meetings_to_the_meetings_and_on_to_the_card(desk: Page, site: Site) -> None:
    reports = site.services.reports
    row = next(
        r
        for r in reports.block(REPORT, "managers", reports.parse(REPORT, PERIOD)).rows
        if r["meetings"] and r["manager_id"]
    )
    open_report(desk)
    number = block(desk, "managers").locator(f"[data-drill='managers.meetings&row.manager_id={row['manager_id']}']")
    expect(number).to_have_text(str(row["meetings"]))
    number.click()
    expect(desk.locator(".drawer .records-line")).to_contain_text(re.compile(rf"^{row['meetings']}\u00a0дел"))
    link = desk.locator(".drawer .ag-row a").first
    expect(link).to_have_attribute("href", re.compile(r"^http://127\.0\.0\.1:1/crm/"))
    expect(desk.locator(".drawer .ag-row [col-id=kind]").first).to_have_text("Встреча")
    desk.go_back()
    expect(desk.locator(".drawer")).to_have_count(0)


def test_the_conversion_is_switched_and_told_by_its_own_two_numbers(desk: Page, site: Site) -> None:
    reports = site.services.reports
    (row,) = reports.block(REPORT, "team", reports.parse(REPORT, PERIOD)).rows
    open_report(desk)
    team = block(desk, "team")
    expect(team.locator("[data-figure=conversion_worked] .card-parts")).to_contain_text(
        f"{row['conversion_worked_num']} из {row['conversion_worked_den']}"
    )
    expect(team.locator(".block-notes")).to_contain_text(
        f"Выиграно {row['conversion_worked_num']} из {row['conversion_worked_den']} бывших в работе"
    )
    expect(team.locator("[data-figure=conversion_cohort]")).to_have_count(0)
    desk.locator("#filters").get_by_text("Настройки отчёта", exact=True).click()
    desk.locator("#filters").get_by_text("Из созданных", exact=True).click()
    expect(team.locator("[data-figure=conversion_cohort] .card-parts")).to_contain_text(
        f"{row['conversion_cohort_num']} из {row['conversion_cohort_den']}"
    )
    expect(team.locator("[data-figure=maturity]")).to_be_visible()
    expect(team.locator(".block-notes")).to_contain_text("открытых: когорта дозреет")
    expect(desk).to_have_url(re.compile("conversion=cohort"))


def test_more_columns_unfold_and_fold(desk: Page) -> None:
    open_report(desk)
    managers = block(desk, "managers")
    missed = managers.locator("th", has_text="Пропущенные")
    expect(missed).to_be_hidden()
    managers.get_by_role("button", name=re.compile("Ещё столбцы")).click()
    expect(missed).to_be_visible()
    heads = managers.locator("thead tr").first.locator("th.over")
    assert (
        sum(int(heads.nth(i).get_attribute("colspan") or 1) for i in range(heads.count()))
        == managers.locator("tbody tr").first.locator("td").count()
    )
    managers.get_by_role("button", name="Главные столбцы").click()
    expect(missed).to_be_hidden()


def test_a_point_of_the_scatter_opens_what_it_stands_for(desk: Page) -> None:
    open_report(desk)
    chart = block(desk, "activity_vs_result").locator(".js-plotly-plot")
    expect(chart.locator(".points path").first).to_be_attached()
    chart.scroll_into_view_if_needed()
    box = chart.locator(".points path").first.bounding_box()
    assert box
    desk.mouse.move(box["x"] + box["width"] / 2 - 1, box["y"] + box["height"] / 2)
    desk.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    desk.wait_for_function("() => location.search.includes('drill=activity_vs_result.')")
    expect(desk.locator(".drawer .records-line")).not_to_be_empty()


def test_nobody_is_shut_out_on_a_phone(phone: Page) -> None:
    open_report(phone, ADDRESS + "&compare=previous")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(phone).response["violations"]
    assert [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in ("serious", "critical")] == []
