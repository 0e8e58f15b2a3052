"""«Сколько получит человек при 86 %?» – asked of the page, with a ladder that is not saved yet, then saved, then a month closed."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Site

pytestmark = pytest.mark.browser
PAY = ".example-pay strong"


def serious(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{v['id']}: {v['nodes'][0]['html'][:200]}" for v in found if v["impact"] in ("serious", "critical")]


def test_a_ladder_is_tried_saved_and_a_month_closed(desk: Page, site: Site) -> None:
    site.services.workspace.put_entries(
        "plan",
        {"1:all:2026-01": {"manager_id": "1", "month": "2026-01", "plan_amount": "100", "bonus": "500.25"}},
        "Анна",
    )
    desk.goto("/motivation")
    expect(desk.locator(PAY)).to_have_text("50\u00a0000\u00a0₽")
    expect(desk.locator(".example-result .js-plotly-plot")).to_be_visible()
    value = desk.get_by_label("Ступень 1: Сколько")
    value.fill("70")
    expect(desk.locator(PAY)).to_have_text("70\u00a0000\u00a0₽")  # before it is saved
    desk.get_by_label("Факт", exact=True).fill("1000000")
    expect(desk.locator(PAY)).to_have_text("100\u00a0000\u00a0₽")
    desk.get_by_role("button", name="Ступень", exact=True).click()
    expect(desk.locator(".ladder-row")).to_have_count(4)
    desk.get_by_label("Убрать ступень 4").click()
    expect(desk.locator(".ladder-row")).to_have_count(3)
    expect(value).to_have_value("70")
    desk.get_by_role("button", name="Сохранить схему").click()
    expect(desk.get_by_text("Схема сохранена.")).to_be_visible()
    (scheme,) = site.services.workspace.entries("scheme").values()
    assert str(scheme.value.steps[0].value) == "0.7"  # type: ignore[attr-defined]

    row = desk.locator(".closing-table tr", has_text="январь 2026")
    row.get_by_role("button", name=re.compile("Закрыть месяц")).click()
    expect(desk.get_by_text("Месяц 2026-01 закрыт.")).to_be_visible()
    row.get_by_label(re.compile("Причина")).fill("ошибка в плане")
    row.get_by_role("button", name=re.compile("Открыть снова")).click()
    expect(desk.get_by_text("прежний лист остался в истории")).to_be_visible()
    assert serious(desk) == []


def test_the_page_fits_a_phone(phone: Page) -> None:
    phone.goto("/motivation")
    expect(phone.locator(PAY)).to_be_visible()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(phone) == []
