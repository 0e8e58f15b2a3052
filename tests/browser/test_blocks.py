"""From a number to its records and back, in a real browser."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable

import openpyxl
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

pytestmark = pytest.mark.browser

REPORT = "/sales-dynamics?from=2026-01-01&to=2026-03-31&compare=previous"


def digits(text: str) -> int:
    """The first number of a text."""
    found = re.search(r"\d[\d\u00a0]*", text)
    assert found, text
    return int(found.group().replace("\u00a0", ""))


def open_report(page: Page) -> None:
    """The report with every block filled."""
    page.goto(REPORT)
    expect(page.locator(".kpi-card").first).to_be_visible()
    expect(page.locator(".view-list .ag-row").first).to_be_attached()


def drawer_rows(page: Page) -> int:
    """Rows the drawer's grid knows of."""
    page.wait_for_function("() => document.querySelector('.drawer .ag-row a')")
    return int(
        page.evaluate(
            "async () => (await dash_ag_grid.getApiAsync(document.querySelector('.drawer-grid .records-ag').id)).getDisplayedRowCount()"
        )
    )


def test_a_number_opens_its_records_and_back_closes_them(desk: Page) -> None:
    open_report(desk)
    number = desk.locator("[data-figure=deals_won] .card-number")
    shown = digits(number.inner_text())
    number.click()
    expect(desk.locator(".drawer .records-line")).to_contain_text(
        re.compile(rf"^{shown:,}\u00a0сдел".replace(",", "\u00a0"))
    )
    assert drawer_rows(desk) == shown
    link = desk.locator(".drawer .ag-row a").first
    assert re.fullmatch(r"http://127\.0\.0\.1:1/crm/deal/details/\d+/", link.get_attribute("href") or "")
    assert "drill=summary.deals_won" in desk.url
    desk.go_back()
    expect(desk.locator(".drawer")).to_have_count(0)
    assert "drill" not in desk.url


def test_escape_closes_the_drawer_and_focus_returns_without_reloading_blocks(desk: Page) -> None:
    open_report(desk)
    desk.evaluate("document.querySelector('[data-figure=deals_created]').dataset.kept = 'yes'")
    desk.locator("[data-figure=deals_created] .card-number").focus()
    desk.keyboard.press("Enter")
    expect(desk.locator(".drawer .records-line")).to_contain_text("сдел")
    desk.keyboard.press("Escape")
    expect(desk.locator(".drawer")).to_have_count(0)
    assert "drill" not in desk.url
    assert desk.evaluate("document.querySelector('[data-figure=deals_created]').dataset.kept") == "yes"
    expect(desk.locator("[data-figure=deals_created] .card-number")).to_be_focused()


def test_both_numbers_of_a_ratio_stand_side_by_side(desk: Page) -> None:
    open_report(desk)
    card = desk.locator("[data-figure=conversion_worked]")
    num, den = (digits(card.locator(".card-parts button").nth(i).inner_text()) for i in (0, 1))
    card.locator(".card-number").click()
    expect(desk.locator(".drawer .records-line")).to_contain_text("сдел")
    assert digits(desk.locator(".drawer .records-line").inner_text()) == num
    desk.locator(".drawer-tab").nth(1).click()
    expect(desk.locator(".drawer .records-line")).to_contain_text(re.compile(rf"^{den}\u00a0"))
    desk.wait_for_function(
        "async (n) => (await dash_ag_grid.getApiAsync(document.querySelector('.drawer-grid .records-ag').id)).getDisplayedRowCount() === n",
        arg=den,
    )


def test_a_table_cell_filters_the_page_only_when_asked(desk: Page) -> None:
    open_report(desk)
    desk.locator(".block-table td button.drill[data-drill^='deal_stages.count']").first.click()
    expect(desk.locator(".drawer .records-line")).to_contain_text("сдел")
    assert "pipeline=" not in desk.url
    desk.get_by_role("button", name="Отфильтровать страницу").click()
    expect(desk.locator(".drawer")).to_have_count(0)
    desk.wait_for_url(re.compile("pipeline=1.*stage=|stage=.*pipeline=1"))


def test_how_it_is_counted_shows_its_own_numbers(desk: Page) -> None:
    open_report(desk)
    value = desk.locator("[data-figure=win_rate] .card-number")
    desk.locator(".more-figures summary").click()
    shown = value.inner_text()
    desk.locator("[data-figure=win_rate] .explain").click()
    expect(desk.locator(".explain-formula")).to_contain_text(shown)
    desk.locator(".explain-parts .drill").first.click()
    expect(desk.locator(".drawer .records-line")).to_contain_text("сдел")


def test_a_bar_opens_its_bucket(desk: Page) -> None:
    open_report(desk)
    chart = desk.locator(".chart-main")
    chart.scroll_into_view_if_needed()
    tallest = """() => {
        const bars = [...document.querySelectorAll(".chart-main .barlayer .trace:last-child .point path")].map((bar) => bar.getBoundingClientRect());
        const best = bars.reduce((a, b) => (b.height > a.height ? b : a));
        return {x: best.x + best.width / 2, y: best.y + best.height / 2, height: best.height};
    }"""
    desk.wait_for_function(f"() => ({tallest})().height > 40")
    place = desk.evaluate(tallest)
    desk.mouse.move(place["x"] - 3, place["y"])
    desk.mouse.click(place["x"], place["y"])
    desk.wait_for_function("() => location.search.includes('drill=dynamics.deals_won_amount&row.bucket=')")
    expect(desk.locator(".drawer .records-line")).to_contain_text("сдел")


def test_a_chart_turns_into_a_table_and_back(desk: Page) -> None:
    open_report(desk)
    toggle = desk.locator(".block-funnel .tool-toggle")
    toggle.click()
    expect(desk.locator(".block-funnel .block-table")).to_be_visible()
    expect(toggle).to_have_attribute("aria-pressed", "true")
    toggle.click()
    expect(desk.locator(".block-funnel .js-plotly-plot").first).to_be_visible()


def test_an_answer_changes_the_picture_that_is_there(desk: Page) -> None:
    open_report(desk)
    drawn = desk.locator(".block-series .chart-main .js-plotly-plot")
    expect(drawn.locator(".main-svg").first).to_be_visible()
    before = drawn.evaluate("graph => { graph.id = 'kept'; return JSON.stringify(graph.data.at(-1).y); }")
    desk.evaluate(
        "search => salesReports.address.go(new URLSearchParams(search + '&manager=1'))", REPORT.partition("?")[2]
    )
    desk.wait_for_function(
        "was => JSON.stringify(document.querySelector('.block-series #kept').data.at(-1).y) !== was", arg=before
    )
    expect(desk.locator(".block-series .chart-main .js-plotly-plot")).to_have_count(1)
    assert (
        desk.evaluate("() => performance.getEntriesByType('resource').filter(e => e.name.includes('plotly')).length")
        == 2
    )  # with its words


def test_a_table_is_sorted_as_a_whole_shows_all_and_keeps_both_through_a_filter(desk: Page) -> None:
    desk.goto(REPORT + "&grain=day")
    days = desk.locator(".block-series")
    days.locator(".tool-toggle").click()
    rows = days.locator("tbody tr")
    expect(rows).to_have_count(25)
    expect(days.locator(".table-more")).to_contain_text("Показаны 25 из 90")
    heading = days.locator("[data-mark='sort.deals_won']")
    heading.focus()
    desk.keyboard.press("Enter")
    sorted_heading = days.locator("th[aria-sort=descending]")
    expect(sorted_heading).to_have_count(1)
    expect(sorted_heading.locator("button")).to_be_focused()
    days.get_by_role("button", name="Показать все 90").click()
    expect(rows).to_have_count(90)
    numbers = [digits(text) for text in days.locator("tbody [data-drill^='dynamics.deals_won&']").all_inner_texts()]
    assert len(numbers) > 10 and numbers == sorted(numbers, reverse=True)
    before = days.locator("tbody").inner_text()
    desk.evaluate("dash_clientside.set_props('url', {search: location.search + '&manager=2'})")
    expect(days.locator("tbody")).not_to_have_text(before, use_inner_text=True)
    expect(rows).to_have_count(90)
    expect(days.locator("th[aria-sort=descending]")).to_have_count(1)
    days.get_by_role("button", name="Только первые").click()
    expect(rows).to_have_count(25)


def test_blocks_below_are_filled_without_scrolling_and_show_the_latest_filter(desk: Page) -> None:
    open_report(desk)
    customers = desk.locator("section:has(> .block-head #title-sales-dynamics-customers)")
    expect(customers.locator("tbody tr").first).to_be_attached()
    everybody = customers.locator("tfoot, tbody").first.inner_text()
    go = "search => dash_clientside.set_props('url', {search: location.search.replace(/&manager=.*/, '') + search})"
    desk.evaluate(go, "&manager=1")
    desk.evaluate(go, "&manager=2")
    expect(customers.locator("tfoot, tbody").first).not_to_have_text(everybody)
    expect(desk.locator(".block-body[data-dash-is-loading]")).to_have_count(0)
    shown = customers.locator("tfoot, tbody").first.inner_text()
    desk.goto(REPORT + "&manager=2")
    expect(customers.locator("tbody tr").first).to_be_attached()
    assert customers.locator("tfoot, tbody").first.inner_text() == shown


def test_no_style_makes_every_change_restyle_the_page(desk: Page) -> None:
    """A ``:has()`` without a subject, or before a pseudo-element, is asked of every element at every change: each chart then took a tenth of a second."""
    open_report(desk)
    selectors = desk.evaluate(
        """() => {
        const found = [];
        const walk = (rules) => { for (const rule of rules || []) { if (rule.selectorText) found.push(rule.selectorText); walk(rule.cssRules); } };
        for (const sheet of document.styleSheets) walk(sheet.cssRules);
        return found;
        }"""
    )
    assert len(selectors) > 1000
    assert [text for text in selectors if re.match(r":has\(", text) or re.search(r":has\(.*\).*::", text)] == []


def test_lists_sort_on_the_server_and_follow_the_filters(desk: Page) -> None:
    open_report(desk)
    deals = desk.locator(".block-list").first
    deals.scroll_into_view_if_needed()
    deals.locator(".ag-header-cell[col-id=id] .ag-header-cell-label").click()
    expect(deals.locator(".ag-row[row-index='0'] [col-id=id] a")).to_be_visible()
    desk.wait_for_function(
        "() => document.querySelector(\".block-list .ag-header-cell[col-id=id]\").getAttribute('aria-sort') === 'ascending'"
    )
    first = digits(deals.locator(".ag-row[row-index='0'] [col-id=id]").inner_text())
    second = digits(deals.locator(".ag-row[row-index='1'] [col-id=id]").inner_text())
    assert first < second
    before = deals.locator(".records-line").inner_text()
    desk.evaluate("dash_clientside.set_props('url', {search: location.search + '&manager=2'})")
    expect(deals.locator(".records-line")).not_to_have_text(before)
    expect(deals.locator(".ag-row[row-index='0'] [col-id=manager]")).to_contain_text("Менеджер 2")


def test_columns_are_chosen_and_remembered(desk: Page) -> None:
    open_report(desk)
    deals = desk.locator(".block-list").first
    deals.locator(".columns-chooser summary").click()
    deals.get_by_label("Вид", exact=True).check()
    deals.get_by_label("Воронка", exact=True).uncheck()
    expect(deals.locator(".ag-header-cell[col-id=pipeline]")).to_have_count(0)
    open_report(desk)
    expect(deals.locator(".ag-header-cell[col-id=pipeline]")).to_have_count(0)
    desk.wait_for_function(
        """async () => {
        const api = await dash_ag_grid.getApiAsync(document.querySelector('.block-list .records-ag').id);
        const column = api.getColumn('UF_CRM_KIND');
        const row = api.getDisplayedRowAtIndex(0);
        return column && column.isVisible() && row?.data && 'UF_CRM_KIND' in row.data;
        }"""
    )


def test_own_fields_are_shown_in_the_drawer_and_its_file(desk: Page) -> None:
    open_report(desk)
    desk.locator("[data-figure=deals_won] .card-number").click()
    drawer = desk.locator(".drawer")
    drawer_rows(desk)
    drawer.locator(".columns-chooser summary").click()
    drawer.get_by_label("Воронка", exact=True).uncheck()
    drawer.get_by_label("Вид", exact=True).check()
    expect(drawer.locator(".ag-header-cell[col-id=pipeline]")).to_have_count(0)
    desk.wait_for_function(
        """async () => {
        const api = await dash_ag_grid.getApiAsync(document.querySelector('.drawer-grid .records-ag').id);
        const row = api.getDisplayedRowAtIndex(0);
        return api.getColumn('UF_CRM_KIND')?.isVisible() && row?.data && 'UF_CRM_KIND' in row.data;
        }"""
    )
    drawer.locator(".records-line").click()  # closes the chooser
    with desk.expect_download() as waiting:
        drawer.get_by_role("button", name="Excel").click()
    sheet = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))["Записи"]
    header = [cell.value for cell in sheet[4]]
    assert "Вид" in header and "Воронка" not in header


def test_files_hold_what_is_on_the_page(desk: Page) -> None:
    open_report(desk)
    shown = digits(desk.locator("[data-figure=deals_won] .card-number").inner_text())
    with desk.expect_download() as waiting:
        desk.get_by_role("button", name="Весь отчёт в Excel").click()
    assert waiting.value.suggested_filename == "Динамика продаж, I квартал 2026.xlsx"
    sheet = openpyxl.load_workbook(io.BytesIO(waiting.value.path().read_bytes()))["Главное"]
    assert {row[0]: row[1] for row in sheet.iter_rows(values_only=True)}["Выиграно"] == shown
    block = desk.locator(".block-series")
    block.locator(".tool-menu .tool").click()
    with desk.expect_download() as waiting:
        block.locator(".dropdown-item", has_text="PNG").click()
    assert waiting.value.suggested_filename == "Динамика продаж, Динамика, I квартал 2026.png"
    picture = waiting.value.path().read_bytes()
    width, height = (int.from_bytes(picture[at : at + 4]) / 2 for at in (16, 20))
    inside = block.locator(".view").bounding_box()
    assert picture.startswith(b"\x89PNG") and inside
    assert (
        width > inside["width"] and height > inside["height"] + 80
    )  # the charts in one file, their title and source around them


def test_an_address_with_nonsense_says_so_calmly(desk: Page) -> None:
    desk.goto(REPORT + "&drill=summary.nothing")
    expect(desk.locator(".drawer .block-message")).to_contain_text("нет")


@pytest.fixture
def serious() -> Callable[[Page], list[str]]:
    """Serious and critical findings of axe, as ids with their first node."""

    def found(page: Page) -> list[str]:
        response = Axe().run(page, options={"resultTypes": ["violations"]}).response
        return [
            f"{v['id']}: {json.dumps(v['nodes'][0]['target'])}"
            for v in response["violations"]
            if v["impact"] in ("serious", "critical")
        ]

    return found


def test_blocks_fit_a_phone_and_axe_finds_nothing_serious(phone: Page, serious: Callable[[Page], list[str]]) -> None:
    open_report(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    cards = [phone.locator(".cards .kpi-card").nth(i).bounding_box() for i in (0, 1)]
    assert cards[0] and cards[1] and cards[0]["y"] == cards[1]["y"]
    assert [f for f in serious(phone) if "ag-" not in f] == []


def test_the_drawer_is_clean_for_axe(desk: Page, serious: Callable[[Page], list[str]]) -> None:
    open_report(desk)
    desk.locator("[data-figure=deals_won] .card-number").click()
    expect(desk.locator(".drawer .ag-row a").first).to_be_visible()
    assert [f for f in serious(desk) if "ag-" not in f] == []
