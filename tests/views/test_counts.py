"""What a count of cards of both kinds, or of people, looks like: the number is a button, its list leads to cards and people, files hold it whole."""

from __future__ import annotations

import io
from pathlib import Path

import openpyxl
import pytest

from dash_app.exports.csv import records_csv
from dash_app.exports.excel import records_workbook
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.views.cards import cards
from dash_app.views.records import column_defs, grid_rows
from dash_app.views.scene import Scene
from pages.forgotten import REPORT as FORGOTTEN
from pages.sales_plan import REPORT as PLAN
from tests.figures.facts_builder import Published, random_portal, service_of, typed_entries
from tests.views.conftest import find, prop

JANUARY = {"from": ["2026-01-01"], "to": ["2026-01-31"]}
SILENT = {"lead_days": ["1"], "deal_days": ["1"]}


@pytest.fixture(scope="module")
def asked(tmp_path_factory: pytest.TempPathFactory) -> ReportService:
    path: Path = random_portal(tmp_path_factory.mktemp("counts") / "facts.duckdb", 3)
    plans = [
        {"manager_id": manager, "pipeline_id": "", "month": "2026-01", "plan_amount": amount}
        for manager, amount in (("1", "1"), ("2", "1000000000"), ("3", "0"))
    ]
    put_off = [
        {"entity": entity, "id": str(n), "until": "2026-04-15", "reason": "ждёт"}
        for entity in ("deal", "lead")
        for n in range(1, 120, 3)
    ]
    return service_of(Published(path), FORGOTTEN, PLAN, typed=typed_entries(plan=plans, snooze=put_off))


def test_people_with_a_plan_open_from_their_card_and_beside_the_plan(asked: ReportService) -> None:
    result = asked.block(PLAN, "total", asked.parse(PLAN, JANUARY))
    buttons = find(cards(Scene(PLAN.slug, PLAN.block("total")), result), "data-drill")
    opened = [prop(button, "data-drill") for button in buttons]
    assert (result.rows[0]["people"], result.rows[0]["people_reached"]) == (2, 1)
    for figure in ("people", "people_reached"):
        assert opened.count(f"total.{figure}") == 2, figure  # its own card, and the line under the plan


def test_a_card_put_off_is_brought_back_from_the_list_of_both_kinds(asked: ReportService) -> None:
    page = asked.records(FORGOTTEN, "summary", "snoozed", {}, asked.parse(FORGOTTEN, SILENT), GridRequest(0, 1000))
    rows = grid_rows(page, "ru", "RUB")
    assert {row["key"].split(":")[0] for row in rows} == {"deal", "lead"}
    assert all(row["act"]["name"] == "unsnooze" and row["act"]["key"] == row["key"] for row in rows)
    assert {"act", "card", "client"} <= {d["field"] for d in column_defs(page, "ru")}


@pytest.mark.parametrize(
    ("slug", "block", "figure", "given"),
    [("forgotten", "summary", "snoozed", SILENT), ("sales-plan", "total", "people", JANUARY)],
)
def test_the_list_goes_to_files_whole(
    asked: ReportService, slug: str, block: str, figure: str, given: dict[str, list[str]]
) -> None:
    report = asked.report(slug)
    query = asked.parse(report, given)
    page = asked.records(report, block, figure, {}, query, GridRequest(0, 0))
    buffer = io.BytesIO()
    records_workbook(asked, report, block, figure, {}, query, "ru", buffer)
    sheet = openpyxl.load_workbook(buffer)["Записи"]
    links = [cell.hyperlink.target for line in sheet.iter_rows() for cell in line if cell.hyperlink]
    kinds = {"/crm/deal/", "/crm/lead/"} if figure == "snoozed" else {"/company/personal/user/"}
    assert all(any(kind in link for link in links) for kind in kinds)
    lines = records_csv(asked, report, block, figure, {}, query, "ru").decode("utf-8-sig").strip().split("\r\n")
    assert len(lines) == page.total + 1 > 1
