"""The plan grid in a real browser: typed, pasted, filled, undone, imported; two people on the same cell."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from decimal import Decimal

import openpyxl
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from dash_app.store.workspace import Workspace
from tests.browser.conftest import Site, _page
from tests.browser.test_shell import serious

HERE = "/plans?year=2026"


@pytest.fixture
def workspace(site: Site) -> Iterator[Workspace]:
    """Two rows with a plan for January and February; nothing before and after the test."""
    workspace = site.services.workspace
    values = {
        f"{manager}:all:2026-0{month}": {
            "manager_id": manager,
            "month": f"2026-0{month}",
            "plan_amount": str(1000 * int(manager) + month),
        }
        for manager in "12"
        for month in (1, 2)
    }
    workspace.put_entries("plan", values, "Анна")
    yield workspace
    workspace.put_entries("plan", dict.fromkeys(workspace.entries("plan")), "Анна")


@pytest.fixture
def other(chromium: Browser, site: Site) -> Iterator[Page]:
    yield from _page(chromium, site, width=1440, height=900)


def opened(page: Page, path: str = HERE) -> Page:
    page.goto(path)
    expect(page.locator("#plan-state")).to_contain_text("сохранено")
    expect(page.locator(".plan-grid .ag-center-cols-container .ag-row").first).to_be_visible()
    return page


def cell(page: Page, row: str, month: int) -> Locator:
    return page.locator(f".ag-row[row-id='{row}'] .ag-cell[col-id='2026-{month:02d}']")


def amounts(workspace: Workspace, measure: str = "plan_amount") -> dict[str, Decimal]:
    return {key: getattr(entry.value, measure) for key, entry in sorted(workspace.entries("plan").items())}


def put_clipboard(page: Page, text: str) -> None:
    """Pastes into what has the focus, as Ctrl+V does."""
    page.evaluate(
        "text => { const data = new DataTransfer(); data.setData('text/plain', text);"
        " document.activeElement.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true})); }",
        text,
    )


def saved(page: Page) -> None:
    expect(page.locator("#plan-state")).to_contain_text("Сохранено в")


def test_a_cell_is_typed_the_russian_way_and_saved(desk: Page, workspace: Workspace) -> None:
    opened(desk)
    cell(desk, "1:all", 1).click()
    desk.keyboard.type("1 200 000,50")
    desk.keyboard.press("Enter")
    saved(desk)
    expect(cell(desk, "1:all", 1)).to_have_text("1 200 000,50".replace(" ", "\u00a0"))
    expect(desk.locator(".ag-floating-bottom .ag-cell[col-id='2026-01']")).to_have_text(
        "1 202 001,50".replace(" ", "\u00a0")
    )
    assert amounts(workspace)["1:all:2026-01"] == Decimal("1200000.50")
    desk.reload()
    expect(cell(desk, "1:all", 1)).to_have_text("1 200 000,50".replace(" ", "\u00a0"))


def test_nonsense_stays_in_its_cell_with_a_sentence(desk: Page, workspace: Workspace) -> None:
    opened(desk)
    cell(desk, "1:all", 3).click()
    desk.keyboard.type("12x")
    desk.keyboard.press("Enter")
    expect(cell(desk, "1:all", 3)).to_have_class(re.compile("plan-refused"))
    expect(cell(desk, "1:all", 3)).to_have_text("12x")
    expect(desk.locator(".plan-note")).to_contain_text("«12x» – не число")
    expect(desk.locator("#plan-state")).to_have_text("Не сохранено ячеек: 1")
    assert serious(desk) == []
    desk.get_by_role("button", name="Исправить").click()
    desk.keyboard.press("Control+A")
    desk.keyboard.type("300")
    desk.keyboard.press("Enter")
    expect(desk.locator(".plan-note")).to_have_count(0)
    saved(desk)
    assert amounts(workspace)["1:all:2026-03"] == 300


def test_a_block_of_excel_is_pasted_and_undone_at_once(desk: Page, workspace: Workspace) -> None:
    opened(desk)
    before = amounts(workspace)
    cell(desk, "1:all", 2).click()
    put_clipboard(desk, "10\t1\u00a0000,50\t\r\n20\tодин\t40\r\n50\t60\t70\r\n")
    expect(desk.locator("#plan-state")).to_contain_text("Не поместилось: строк 1, столбцов 0")
    expect(cell(desk, "2:all", 3)).to_have_class(re.compile("plan-refused"))
    assert amounts(workspace) == {
        **before,
        "1:all:2026-02": 10,
        "1:all:2026-03": Decimal("1000.50"),
        "2:all:2026-02": 20,
        "2:all:2026-04": 40,
    }
    desk.get_by_role("button", name="Вернуть прежнее").click()
    cell(desk, "1:all", 1).click()
    desk.keyboard.press("Control+Z")
    expect(desk.locator("#plan-state")).to_have_text("Отменено.")
    assert amounts(workspace) == before
    expect(cell(desk, "2:all", 4)).to_have_text("")


def test_what_was_undone_is_done_again_until_something_new_is_typed(desk: Page, workspace: Workspace) -> None:
    opened(desk)
    redo = desk.locator("[data-plan=redo]")
    expect(redo).to_be_disabled()
    before = amounts(workspace)
    cell(desk, "1:all", 2).click()
    put_clipboard(desk, "10\t20\r\n")
    saved(desk)
    after = amounts(workspace)
    cell(desk, "1:all", 1).click()
    desk.keyboard.press("Control+Z")
    expect(desk.locator("#plan-state")).to_have_text("Отменено.")
    assert amounts(workspace) == before
    desk.keyboard.press("Control+Y")
    expect(desk.locator("#plan-state")).to_have_text("Возвращено.")
    assert amounts(workspace) == after
    expect(redo).to_be_disabled()
    desk.keyboard.press("Control+Z")
    expect(desk.locator("#plan-state")).to_have_text("Отменено.")
    desk.keyboard.press("Control+Shift+Z")
    expect(desk.locator("#plan-state")).to_have_text("Возвращено.")
    assert amounts(workspace) == after
    desk.locator("[data-plan=undo]").click()
    expect(redo).to_be_enabled()
    cell(desk, "1:all", 5).click()
    desk.keyboard.type("7")
    desk.keyboard.press("Enter")
    saved(desk)
    expect(redo).to_be_disabled()


def test_keys_select_fill_copy_and_clear(desk: Page, workspace: Workspace) -> None:
    opened(desk)
    cell(desk, "1:all", 1).click()
    desk.keyboard.press("Shift+ArrowDown")
    desk.keyboard.press("Shift+ArrowRight")
    expect(desk.locator(".plan-chosen")).to_have_count(4)
    desk.keyboard.press("Control+D")
    saved(desk)
    expect(cell(desk, "2:all", 2)).to_have_text("1\u00a0002")
    assert amounts(workspace)["2:all:2026-01"] == 1001
    cell(desk, "1:all", 2).click()
    desk.get_by_role("button", name="Скопировать месяц выбранной ячейки на все следующие").click()
    expect(cell(desk, "2:all", 4)).to_have_text("1\u00a0002")
    expect(desk.locator("#plan-state")).to_contain_text("Сохранено в")
    assert amounts(workspace)["1:all:2026-12"] == 1002 and len(amounts(workspace)) == 24
    cell(desk, "1:all", 3).click()
    cell(desk, "2:all", 6).click(modifiers=["Shift"])
    expect(desk.locator(".plan-chosen")).to_have_count(8)
    desk.keyboard.press("Delete")
    expect(cell(desk, "2:all", 6)).to_have_text("")
    saved(desk)
    expect(desk.locator(".plan-pending")).to_have_count(0)
    assert len(amounts(workspace)) == 16


def test_a_row_is_added_copied_and_deleted(desk: Page, workspace: Workspace) -> None:
    opened(desk)
    cell(desk, "1:all", 1).click()
    desk.get_by_role("button", name="Копировать строку").click()
    expect(desk.locator("#plan-add-title")).to_contain_text("Копировать строку: Менеджер 1")
    desk.locator("#plan-add-managers").click()
    desk.get_by_role("option", name="Менеджер 3 ·").click()
    desk.keyboard.press("Escape")
    desk.locator("#plan-add-ok").click()
    expect(cell(desk, "3:all", 2)).to_have_text("1\u00a0002")
    expect(desk.locator(".plan-pending")).to_have_count(0)
    assert amounts(workspace)["3:all:2026-01"] == 1001
    cell(desk, "3:all", 1).click()
    desk.get_by_role("button", name="Удалить план строки").click()
    expect(desk.locator(".ag-row[row-id='3:all']")).to_have_count(0)
    assert "3:all:2026-01" not in amounts(workspace)
    desk.get_by_role("button", name="Отменить моё последнее изменение").click()
    expect(cell(desk, "3:all", 2)).to_have_text("1\u00a0002")
    assert amounts(workspace)["3:all:2026-02"] == 1002
    desk.get_by_role("button", name="Добавить строку").click()
    desk.locator("#plan-add-managers").click()
    desk.get_by_role("option", name="Менеджер 1 ·").click()
    desk.keyboard.press("Escape")
    desk.locator("#plan-add-pipeline").click()
    desk.get_by_role("option", name="Опт").click()
    desk.locator("#plan-add-ok").click()
    cell(desk, "1:2", 1).click()
    desk.keyboard.type("5")
    desk.keyboard.press("Enter")
    expect(desk.locator(".plan-note")).to_contain_text("посчитался бы дважды")


def test_two_people_on_the_same_cell_see_both_values(desk: Page, other: Page, workspace: Workspace) -> None:
    opened(desk)
    opened(other)
    other.locator("#plan-who").fill("Пётр")
    for page, text in ((other, "555"), (desk, "777")):
        cell(page, "1:all", 1).click()
        page.keyboard.type(text)
        page.keyboard.press("Enter")
        if page is other:
            saved(other)
    expect(desk.locator(".plan-note")).to_contain_text("Пётр сохранил здесь 555, у вас 777.")
    expect(cell(desk, "1:all", 1)).to_have_class(re.compile("plan-conflict"))
    assert amounts(workspace)["1:all:2026-01"] == 555
    desk.get_by_role("button", name="Оставить моё").click()
    saved(desk)
    assert amounts(workspace)["1:all:2026-01"] == 777
    cell(other, "1:all", 1).click()
    other.keyboard.type("556")
    other.keyboard.press("Enter")
    other.get_by_role("button", name="Взять чужое").click()
    expect(cell(other, "1:all", 1)).to_have_text("777")
    other.get_by_role("button", name="Отменить моё последнее изменение").click()
    expect(other.locator("#plan-state")).to_contain_text("Отменить нельзя")
    cell(desk, "1:all", 1).click()
    desk.get_by_role("button", name="История ячейки").click()
    expect(desk.locator("#plan-history")).to_contain_text("Пётр")
    expect(desk.locator("#plan-history")).to_contain_text("777")
    assert serious(desk) == []


def test_what_cannot_be_sent_is_kept_and_sent_later(desk: Page, workspace: Workspace) -> None:
    opened(desk)
    desk.evaluate(
        "window.realFetch = window.fetch; window.fetch = (url, ...rest) => String(url).includes('update-component') ? new Promise(() => {}) : window.realFetch(url, ...rest)"
    )
    cell(desk, "1:all", 1).click()
    desk.keyboard.type("888")
    desk.keyboard.press("Enter")
    expect(desk.locator("#plan-state")).to_contain_text("Не сохранено: нет связи", timeout=30_000)
    expect(cell(desk, "1:all", 1)).to_have_text("888")
    desk.evaluate("window.fetch = window.realFetch")
    desk.get_by_role("button", name="Повторить сейчас").click()
    saved(desk)
    assert amounts(workspace)["1:all:2026-01"] == 888


def test_count_and_bonus_are_edited_behind_a_switch_kept_in_the_address(desk: Page, workspace: Workspace) -> None:
    opened(desk)
    desk.locator(".plan-switch label", has_text="Бонус").click()
    expect(desk).to_have_url(re.compile("show=bonus"))
    expect(cell(desk, "1:all", 1)).to_have_text("")
    cell(desk, "1:all", 1).click()
    desk.keyboard.type("50000")
    desk.keyboard.press("Enter")
    saved(desk)
    assert amounts(workspace, "bonus")["1:all:2026-01"] == 50000
    desk.locator(".plan-switch label", has_text="II полугодие").click()
    expect(desk).to_have_url(re.compile("half=2"))
    expect(desk.locator(".ag-header-cell[col-id='2026-07']")).to_be_visible()
    expect(desk.locator(".ag-header-cell[col-id='2026-01']")).to_have_count(0)
    desk.go_back()
    expect(cell(desk, "1:all", 1)).to_have_text("50\u00a0000")
    desk.go_back()
    expect(cell(desk, "1:all", 1)).to_have_text("1\u00a0001")


def test_a_file_with_errors_is_named_line_by_line_and_a_good_one_is_taken(desk: Page, workspace: Workspace) -> None:
    opened(desk)
    before = amounts(workspace)
    files = desk.locator("#plan-import input[type=file]")
    files.set_input_files(
        {
            "name": "plan.csv",
            "mimeType": "text/csv",
            "buffer": b"manager_id;month;plan_amount\n1;2026-05;5\n77;2026-05;x\n",
        }
    )
    expect(desk.locator(".plan-errors tbody tr")).to_have_count(2)
    expect(desk.locator(".plan-errors")).to_contain_text("Сотрудника 77 на портале нет")
    assert amounts(workspace) == before
    assert serious(desk) == []
    book = openpyxl.Workbook()
    for row in (["manager_id", "pipeline_id", "month", "plan_amount"], [3, None, "2026-05", 900.5]):
        book.active.append(row)  # type: ignore[union-attr]
    out = io.BytesIO()
    book.save(out)
    files.set_input_files({"name": "plan.xlsx", "mimeType": "application/octet-stream", "buffer": out.getvalue()})
    expect(desk.locator("#plan-import-report")).to_contain_text("Изменено планов: 1")
    expect(cell(desk, "3:all", 5)).to_have_text("900,50")
    desk.get_by_role("button", name="Отменить моё последнее изменение").click()
    expect(desk.locator(".ag-row[row-id='3:all']")).to_have_count(0)
    assert amounts(workspace) == before
    with desk.expect_download() as loading:
        desk.get_by_role("button", name="Скачать план в Excel").click()
    sheet = openpyxl.load_workbook(io.BytesIO(loading.value.path().read_bytes())).worksheets[0]
    assert sheet.max_row == 5 and sheet.freeze_panes == "A2"


def test_others_changes_arrive_while_the_page_is_open(desk: Page, workspace: Workspace) -> None:
    opened(desk)
    workspace.put_entries(
        "plan", {"1:all:2026-01": {"manager_id": "1", "month": "2026-01", "plan_amount": "4242"}}, "Пётр"
    )
    expect(cell(desk, "1:all", 1)).to_have_text("4\u00a0242", timeout=40_000)


def test_the_grid_scrolls_inside_itself_on_a_phone(phone: Page, workspace: Workspace) -> None:
    opened(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert serious(phone) == []
    cell(phone, "1:all", 1).tap()
    phone.keyboard.press("Control+A")
    phone.keyboard.type("77")
    phone.keyboard.press("Enter")
    saved(phone)
    assert amounts(workspace)["1:all:2026-01"] == 77
