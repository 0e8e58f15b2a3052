"""The start page in a real browser: a sentence opens exactly what it counts, its rule opens on «?», a card is put off from the list."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from dash_app.views.saying import say
from dash_app.views.today import href
from tests.browser.conftest import Site
from tests.browser.test_blocks import digits
from tests.browser.test_shell import serious

pytestmark = pytest.mark.browser


def opened(page: Page, address: str = "/") -> None:
    page.goto(address)
    expect(page.locator(".today-row").first).to_be_visible(timeout=60_000)


def test_a_sentence_opens_exactly_the_records_it_counts(desk: Page, site: Site) -> None:
    opened(desk)
    expect(desk.locator("h1")).to_have_text("Сегодня, 20\u00a0марта\u00a02026")
    said = site.services.session().today({}).sentences
    rows = desk.locator(".today-row")
    expect(rows.locator(".today-said")).to_have_text([say(s.said, "ru", "RUB") for s in said])
    assert serious(desk) == []
    desk.locator(".today-mark").first.click()
    expect(desk.locator(".today-why").first).to_contain_text("Место 1 из")
    rows.locator(".today-open").first.click()
    expect(desk).to_have_url(re.compile(re.escape(href(said[0].opened))))
    line = desk.locator(".drawer .records-line")
    expect(line).to_be_visible(timeout=60_000)
    assert digits(line.inner_text()) == said[0].opened.count
    desk.go_back()
    expect(rows.first).to_be_visible(timeout=60_000)


def test_filters_of_the_address_narrow_the_page_and_go_on_with_every_link(desk: Page, site: Site) -> None:
    opened(desk, "/?manager=1")
    expect(desk.locator(".today-chips")).to_contain_text("Менеджер 1")
    said = site.services.session().today({"manager": ["1"]}).sentences
    expect(desk.locator(".today-said")).to_have_text([say(s.said, "ru", "RUB") for s in said])
    for link in desk.locator(".today-open, .home-link").all():
        assert "manager=1" in urlsplit(link.get_attribute("href") or "").query
    desk.locator(".today-chips .reset").click()
    expect(desk.locator(".today-chips")).to_have_count(0)
    expect(desk).to_have_url(re.compile(r"/$"))


def test_a_card_to_call_is_put_off_and_brought_back(desk: Page, site: Site) -> None:
    opened(desk)
    cards = desk.locator(".call-kind").first.locator(".call")
    expect(cards).to_have_count(5)
    first = cards.first.get_attribute("data-card")
    cards.first.locator("[data-act=snooze]").click()
    desk.get_by_label("Почему").fill("клиент в отпуске")
    desk.locator("#snooze-save").click()
    expect(desk.locator(f"[data-card='{first}']")).to_have_count(0)
    expect(cards).to_have_count(5)
    desk.locator(".toasts [data-act=undo]").dispatch_event("click")
    expect(cards.first).to_have_attribute("data-card", str(first))
    assert site.services.session().put_off_cards() == []


def test_on_a_phone_in_the_dark(phone: Page) -> None:
    opened(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(phone) == []
