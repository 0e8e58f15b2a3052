"""Every report answers in its first screen, stands still while it fills, cuts no text silently and fits a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from dash_app.web.discovery import discover

REPORTS = [report.slug for report in discover()]
HIGHEST = 450
"""Where the main picture begins at the latest on a laptop, px."""
MOST_SHIFT = 0.05

SHIFTS = """
    window.shifted = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) if (!entry.hadRecentInput) window.shifted += entry.value;
    }).observe({type: "layout-shift", buffered: true});
"""
CUT = """() => [...document.querySelectorAll("main *, .topbar *")].filter((element) => {
    if (element.closest(".ag-root-wrapper, .visually-hidden, svg") || element.tagName === "INPUT") return false;
    const style = getComputedStyle(element);
    const cuts = style.overflowX !== "visible" && style.textOverflow === "ellipsis";
    return cuts && element.scrollWidth > element.clientWidth + 1 && !element.closest("[title]");
}).map((element) => element.textContent)"""


def in_sight(page: Page, slug: str) -> None:
    """The report, with every block of the first screen filled."""
    page.goto(f"/{slug}")
    expect(page.locator(".kpi-card").first).to_be_visible(timeout=60_000)  # the first visit of a site works facts out
    page.wait_for_function(
        """() => [...document.querySelectorAll("section.block")].every((block) =>
            block.getBoundingClientRect().top > innerHeight || !block.querySelector(".skeleton"))""",
        timeout=60_000,
    )


@pytest.mark.parametrize("slug", REPORTS)
def test_a_report_answers_in_its_first_screen_and_stands_still(desk: Page, slug: str) -> None:
    desk.add_init_script(SHIFTS)
    in_sight(desk, slug)
    main = desk.locator("section.block:not(.block-cards)").first.bounding_box()
    assert main is not None and main["y"] < HIGHEST
    assert desk.locator(".kpi-hero").count() == 1
    assert desk.locator(".cards-beside .kpi-card").count() <= 7
    ends = desk.evaluate(
        """() => [...document.querySelectorAll(".cards-beside > *")].reduce((rows, card) => {
            const box = card.getBoundingClientRect();
            return {...rows, [box.y]: Math.max(rows[box.y] || 0, Math.round(box.right))};
        }, {})"""
    )
    assert max(ends.values()) - min(ends.values()) <= 1  # every row of cards is full
    assert desk.evaluate("window.shifted") < MOST_SHIFT
    assert desk.evaluate(CUT) == []


@pytest.mark.parametrize("slug", REPORTS)
def test_a_report_is_no_wider_than_a_phone(phone: Page, slug: str) -> None:
    in_sight(phone, slug)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_paper_shows_every_block(desk: Page) -> None:
    in_sight(desk, REPORTS[0])
    desk.emulate_media(media="print")
    skipped = """() => [...document.querySelectorAll(".block-body")].filter(
        (body) => getComputedStyle(body).contentVisibility !== "visible").length"""
    assert desk.evaluate(skipped) == 0
    desk.emulate_media(media="screen")
