"""Незабудка in a real browser: which ten cards must be called today, and what is done with those that may wait."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from dash_app.reports.api import GridRequest
from tests.browser.conftest import Site
from tests.browser.test_blocks import digits
from tests.browser.test_shell import serious

pytestmark = pytest.mark.browser


def opened(page: Page, address: str = "/forgotten") -> None:
    page.goto(address)
    expect(page.locator(".skeleton")).to_have_count(0, timeout=60_000)
    expect(page.locator(".block-list").first.locator(".ag-row .act").first).to_be_visible(timeout=60_000)


def test_the_ten_cards_to_call_today_stand_first(desk: Page, site: Site) -> None:
    opened(desk)
    reports = site.services.reports
    report = reports.report("forgotten")
    wanted = reports.records(report, "deals", "", {}, reports.parse(report, {}), GridRequest(0, 10))
    shown = desk.locator(".block-list").first
    links = [shown.locator(f".ag-row[row-index='{n}'] [col-id=title] a").get_attribute("href") for n in range(10)]
    assert links == [row["url"] for row in wanted.rows]
    at_risk = [row["at_risk"] for row in wanted.rows]
    assert at_risk == sorted(at_risk, reverse=True) and at_risk[-1]  # type: ignore[type-var]
    assert digits(desk.locator("[data-figure=deals_forgotten] .card-number").inner_text()) == wanted.total
    expect(shown.locator(".ag-row[row-index='0'] [col-id=at_risk]")).to_be_visible()
    assert serious(desk) == []


def test_a_card_is_put_off_with_a_reason_and_brought_back(desk: Page) -> None:
    opened(desk)
    before = digits(desk.locator("[data-figure=deals_forgotten] .card-number").inner_text())
    first = desk.locator(".block-list").first.locator(".ag-row[row-index='0']")
    title = first.locator("[col-id=title]").inner_text().strip("\u00a0↗ \n")
    desk.locator(".block-list").first.locator(".act").first.click()
    expect(desk.locator(".snooze-title")).to_have_text(title)
    expect(desk.get_by_label("До какого дня")).to_have_value("03.04.2026")  # two weeks from the data
    assert serious(desk) == []
    desk.locator("#snooze-save").click()
    expect(desk.locator("#snooze-state")).to_contain_text("Напишите, почему")
    desk.get_by_label("Почему").fill("клиент в отпуске")
    desk.locator("#snooze-save").click()
    expect(desk.locator(".toasts")).to_contain_text("Отложена до 03.04.2026")
    expect(desk.locator("[data-figure=deals_forgotten] .card-number")).to_have_text(str(before - 1))
    expect(desk.locator("[data-figure=snoozed]")).to_contain_text("1")
    expect(desk.locator(".block-list").first.locator(".records-line")).to_contain_text(f"{before - 1}\u00a0")
    desk.locator(".block-cards .block-notes summary").click()
    desk.get_by_role("button", name=re.compile("Отложено сделок: 1")).click()
    drawer = desk.locator(".drawer")
    expect(drawer.locator(".ag-row")).to_contain_text([title, "клиент в отпуске"], use_inner_text=True)
    drawer.locator(".act").click()
    expect(desk.locator(".toasts")).to_contain_text("снова в общем списке")
    expect(desk.locator("[data-figure=deals_forgotten] .card-number")).to_have_text(str(before))


def test_n_is_an_input_and_lives_in_the_address(desk: Page) -> None:
    opened(desk)
    before = digits(desk.locator("[data-figure=deals_forgotten] .card-number").inner_text())
    desk.locator("#filters").get_by_text("Настройки отчёта", exact=True).click()
    box = desk.get_by_label("Сделка забыта через, дней")
    box.fill("40")
    box.press("Tab")
    expect(desk).to_have_url(re.compile(r"\?deal_days=40$"))
    expect(desk.locator("[data-figure=deals_forgotten] .card-number")).not_to_have_text(str(before))
    desk.get_by_text("Только контакт", exact=True).click()
    expect(desk).to_have_url(re.compile("clock=contact"))
    expect(desk.locator(".block-cards .block-notes")).to_contain_text("только звонок, письмо, сообщение или встреча")


def test_a_suggested_n_becomes_a_setting_by_one_button(desk: Page, site: Site) -> None:
    opened(desk)
    button = desk.locator("[data-act=take_days]").first
    button.scroll_into_view_if_needed()
    button.click()
    expect(desk.locator(".toasts")).to_contain_text("Срок стадии сохранён: 10")
    assert list(site.services.workspace.values().forgotten_days_by_stage.values()) == [10]
    desk.locator(".toasts [data-act=undo]").dispatch_event("click")
    expect(desk.locator(".toasts")).to_contain_text("Возвращено")
    assert site.services.workspace.values().forgotten_days_by_stage == {}


def test_all_of_time_takes_no_period_along(desk: Page) -> None:
    opened(desk, "/forgotten?pipeline=1")
    assert desk.get_by_role("link", name="Динамика продаж").get_attribute("href") == "/sales-dynamics?pipeline=1"
    desk.goto("/sales-dynamics?period=last_month&compare=previous&manager=2")
    link = desk.get_by_role("link", name="Незабудка")
    expect(link).to_have_attribute("href", "/forgotten?manager=2")


def test_on_a_phone_in_the_dark(phone: Page) -> None:
    opened(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(phone) == []
    deals = phone.locator(".block-list").first
    card = deals.locator(".record-card:not(.is-waiting)").first
    expect(card.locator(".record-title a")).to_have_attribute("href", re.compile("/crm/deal/details/"))
    before = card.locator(".record-title").inner_text()
    deals.locator("[data-order]").select_option("title:asc")
    expect(card.locator(".record-title")).not_to_have_text(before)
    deals.locator(".act").first.click()
    expect(phone.locator("#snooze-reason")).to_be_visible()
    assert serious(phone) == []
