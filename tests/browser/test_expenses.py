"""The expense grid in a real browser: typed, pasted, refused, undone, imported; it shares its script with the plan's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from dash_app.store.workspace import Workspace
from tests.browser.conftest import Site
from tests.browser.test_plans import put_clipboard
from tests.browser.test_shell import serious
from tests.grids import stored_amount as stored

pytestmark = pytest.mark.browser
HERE = "/expenses?year=2026"


@pytest.fixture
def workspace(site: Site) -> Iterator[Workspace]:
    workspace = site.services.workspace
    workspace.put_entries("expense", dict.fromkeys(workspace.entries("expense")), "Анна")
    workspace.put_entries(
        "expense", {"WEB:2026-01": {"source_id": "WEB", "month": "2026-01", "amount": "1000"}}, "Анна"
    )
    yield workspace
    workspace.put_entries("expense", dict.fromkeys(workspace.entries("expense")), "Анна")


def opened(page: Page) -> Page:
    page.goto(HERE)
    expect(page.locator("#cost-grid .ag-center-cols-container .ag-row").first).to_be_visible(timeout=60_000)
    expect(page.locator("#cost-state")).to_contain_text("сохранено")
    return page


def cell(page: Page, source: str, month: int) -> Locator:
    return page.locator(f"#cost-grid .ag-row[row-id='{source}:all'] .ag-cell[col-id='2026-{month:02d}']")


def amounts(workspace: Workspace) -> dict[str, str]:
    return {key: stored(entry) for key, entry in workspace.entries("expense").items()}


def test_typed_pasted_and_undone(desk: Page, workspace: Workspace) -> None:
    page = opened(desk)
    expect(cell(page, "WEB", 1)).to_have_text("1\u00a0000")
    cell(page, "none", 2).click()
    page.keyboard.type("12 500,50")
    page.keyboard.press("Enter")
    expect(page.locator("#cost-state")).to_contain_text("Сохранено")
    assert amounts(workspace) == {"WEB:2026-01": "1000", "none:2026-02": "12500.50"}
    cell(page, "WEB", 3).click()
    put_clipboard(page, "10\t20\n30\tabc\n")
    expect(page.locator("#cost-notes")).to_contain_text("не число")
    assert {"WEB:2026-03": "10", "WEB:2026-04": "20"}.items() <= amounts(workspace).items()
    page.locator("[data-plan=undo]").click()
    expect(cell(page, "WEB", 3)).to_have_text("")
    assert "WEB:2026-03" not in amounts(workspace)


def test_a_file_with_an_error_is_not_taken_and_a_good_one_is(desk: Page, workspace: Workspace) -> None:
    page = opened(desk)
    upload = page.locator("[data-upload-label] input[type=file]")
    upload.set_input_files(
        {
            "name": "e.csv",
            "mimeType": "text/csv",
            "buffer": b"source_id,month,amount\nWEB,2026-05,7\nNOWHERE,2026-05,x\n",
        }
    )
    expect(page.locator("#cost-import-report")).to_contain_text("source_id")
    assert "WEB:2026-05" not in amounts(workspace)
    upload.set_input_files(
        {"name": "e.csv", "mimeType": "text/csv", "buffer": b"source_id,month,amount\nWEB,2026-05,7\n"}
    )
    expect(cell(page, "WEB", 5)).to_have_text("7")
    assert amounts(workspace)["WEB:2026-05"] == "7"


def test_the_report_leads_here_and_what_was_typed_reaches_it(desk: Page, workspace: Workspace) -> None:
    desk.goto("/marketing?from=2026-01-01&to=2026-01-31")
    expect(desk.locator("[data-figure=cost] .card-number")).to_contain_text("1\u00a0000", timeout=60_000)
    desk.get_by_role("link", name="Расходы").first.click()
    expect(desk.locator("#cost-grid .ag-center-cols-container .ag-row").first).to_be_visible(timeout=60_000)
    assert serious(desk) == []
