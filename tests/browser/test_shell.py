"""The shell in a real browser: filters and the address, the way back, the phone, the refresh, no barrier for anyone."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site, quiet
from tests.fakes import FakeRefresh

REPORT = "/sales-dynamics"


def ready(page: Page, path: str) -> None:
    """Opened, and every block of the page has its answer."""
    page.goto(path)
    expect(page.locator("h1")).to_be_visible()
    expect(page.locator(".skeleton")).to_have_count(0)


def serious(page: Page) -> list[str]:
    """What axe calls serious or critical, as «rule: first place»."""
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:160]}" for v in found if v["impact"] in ("serious", "critical")]


@pytest.mark.parametrize(
    "path", ["/", REPORT, REPORT + "?pipeline=2&compare=previous", "/settings", "/no-such", REPORT + "?pipeline=999"]
)
def test_nobody_is_shut_out(desk: Page, path: str) -> None:
    ready(desk, path)
    assert serious(desk) == []


def test_nobody_is_shut_out_in_the_dark_on_a_phone(phone: Page) -> None:
    ready(phone, REPORT + "?pipeline=2&compare=previous")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(phone) == []
    phone.click("#filter-sheet-button")
    expect(phone.locator("#filter-sheet")).to_be_visible()
    assert serious(phone) == []


@pytest.mark.parametrize(
    "path", ["/", "/settings", "/settings/history", "/connect", "/plans", "/expenses", "/motivation"]
)
def test_no_page_is_wider_than_a_phone(phone: Page, path: str) -> None:
    phone.goto(path)
    expect(phone.locator("h1")).to_be_visible()
    quiet(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_filter_goes_into_the_address_and_back_undoes_it(desk: Page) -> None:
    ready(desk, REPORT)
    desk.locator("#filter-more-button").click()
    desk.locator("#filters").get_by_label("Воронка", exact=True).click()
    desk.get_by_role("option", name="Опт").click()
    expect(desk).to_have_url(re.compile(r"\?pipeline=2$"))
    desk.keyboard.press("Escape")
    expect(desk.locator(".chip-text")).to_have_text(["Воронка: Опт"])
    desk.go_back()
    expect(desk).to_have_url(re.compile(r"sales-dynamics$"))
    expect(desk.locator(".chip")).to_have_count(0)
    quiet(desk)
    desk.go_forward()
    expect(desk.locator(".chip-text")).to_have_text(["Воронка: Опт"])
    quiet(desk)
    desk.locator(".chip-x").click()
    expect(desk).to_have_url(re.compile(r"sales-dynamics$"))


def test_a_period_is_chosen_by_keyboard(desk: Page) -> None:
    ready(desk, REPORT)
    desk.locator("#filter-preset").focus()
    desk.keyboard.press("Enter")
    expect(desk.get_by_role("option", name="Прошлый квартал")).to_be_visible()
    desk.get_by_role("option", name="Прошлый квартал").click()
    expect(desk).to_have_url(re.compile("period=last_quarter"))
    expect(desk.locator("#filter-dates")).to_contain_text("01.10.2025 – 31.12.2025")


def test_a_month_is_two_clicks_away_and_the_next_one_a_third(desk: Page) -> None:
    ready(desk, REPORT)
    desk.locator("#filter-preset").click()
    desk.get_by_role("option", name="Февраль 2025").click()
    expect(desk).to_have_url(re.compile("period=2025-02$"))
    expect(desk.locator("#filter-preset")).to_have_value("Февраль 2025")
    desk.get_by_role("button", name="Следующий период").click()
    expect(desk).to_have_url(re.compile("period=2025-03$"))
    expect(desk.locator("#filter-dates")).to_contain_text("01.03.2025 – 31.03.2025")


def test_how_it_was_is_shown_carried_along_and_left_at_a_click(desk: Page) -> None:
    ready(desk, REPORT)
    desk.locator("#filter-more-button").click()
    desk.locator("#filter-as-of").click()
    desk.get_by_role("button", name="10 марта 2026").click()
    desk.keyboard.press("Escape")
    desk.get_by_role("button", name="Показать, как было").click()
    expect(desk.locator(".as-of-line")).to_contain_text("Как было 10.03.2026, 00:00")
    expect(desk.locator(".nav-item", has_text="План продаж")).to_have_attribute(
        "href", re.compile(r"as_of=2026-03-09T21")
    )
    desk.get_by_role("link", name="К текущим данным").click()
    expect(desk).to_have_url(re.compile(r"sales-dynamics$"))
    expect(desk.locator(".as-of-line")).to_have_count(0)


def test_a_wrong_address_says_so_and_lets_out(desk: Page) -> None:
    ready(desk, REPORT + "?pipeline=999")
    expect(desk.locator("#filter-alert")).to_contain_text("Воронки «999» нет на портале")
    desk.get_by_role("link", name="Сбросить фильтры").click()
    expect(desk.locator("#filter-alert .notice")).to_have_count(0)
    expect(desk).to_have_url(re.compile(r"sales-dynamics$"))


def test_filters_go_along_to_another_report(desk: Page) -> None:
    ready(desk, REPORT + "?period=last_month&manager=1&source=WEB")
    link = desk.locator(".nav-item", has_text="Динамика продаж")
    expect(link).to_have_attribute("href", re.compile(r"/sales-dynamics\?period=last_month&manager=1$"))
    expect(link).to_have_attribute("aria-current", "page")


def test_filters_are_a_sheet_on_the_phone(phone: Page) -> None:
    ready(phone, REPORT)
    sheet = phone.locator("#filter-sheet")
    expect(sheet).not_to_be_visible()
    phone.click("#filter-sheet-button")
    expect(sheet).to_be_visible()
    sheet.get_by_label("Статус", exact=True).click()
    phone.get_by_role("option", name="Выиграна").click()
    expect(phone).to_have_url(re.compile("status=won"))
    phone.get_by_role("button", name="Показать", exact=True).click()
    expect(sheet).not_to_be_visible()
    expect(phone.locator(".chip-text")).to_have_text(["Статус: Выиграна"])
    phone.click("#menu-button")
    phone.get_by_role("link", name="Настройки").click()
    expect(phone.locator("h1")).to_have_text("Настройки")


def test_theme_and_language_are_remembered(desk: Page) -> None:
    ready(desk, REPORT)
    desk.click("#theme-button")
    expect(desk.locator("html")).to_have_attribute("data-bs-theme", "dark")
    desk.reload()
    expect(desk.locator("html")).to_have_attribute("data-bs-theme", "dark")
    expect(desk.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
    desk.click("#lang-button")
    expect(desk.locator("html")).to_have_attribute("lang", "en")
    expect(desk.locator("h1")).to_have_text("Sales dynamics")


def test_a_refresh_is_watched_and_cancelled(desk: Page, site: Site) -> None:
    ready(desk, REPORT)
    refresh = site.services.refresh
    assert isinstance(refresh, FakeRefresh)
    desk.click("#refresh-button")
    expect(desk.locator(".progress-what")).to_contain_text("Читаю сделки")
    expect(desk.get_by_role("progressbar")).to_be_visible()
    assert serious(desk) == []
    desk.get_by_role("button", name="Отменить").click()
    expect(desk.locator(".toast")).to_contain_text("Прежние данные на месте")
    expect(desk.locator(".progress-panel")).to_have_count(0)
