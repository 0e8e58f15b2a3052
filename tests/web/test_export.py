"""The files of the page: what the drawer's list is filtered, sorted and named like is in its file."""

from __future__ import annotations

import base64
import csv
import io
import json
from typing import Any

import openpyxl
import pytest

from dash_app.reports.api import GridRequest
from dash_app.services import Services
from dash_app.web import ids
from pages.sales_dynamics import REPORT
from tests.web.conftest import Call

PERIOD = "?from=2026-01-01&to=2026-03-31"
REQUEST = {
    "startRow": 0,
    "endRow": 50,
    "sortModel": [{"colId": "amount", "sort": "desc"}],
    "filterModel": {"amount": {"filterType": "number", "type": "greaterThan", "filter": 10_000}},
}


def grids(block: str, request: Any) -> dict[str, Any]:
    """The lists of the page as the browser sends them: this one and another, which says nothing of it."""
    wild = '{"id":["ALL"],"report":["ALL"],"type":"grid"}'
    listed = [
        (ids.grid("marketing", block), {"sortModel": [{"colId": "id", "sort": "asc"}]}),
        (ids.grid(REPORT.slug, block), request),
    ]
    return {
        f"{wild}.getRowsRequest": [{"id": i, "property": "getRowsRequest", "value": r} for i, r in listed],
        f"{wild}.id": [{"id": i, "property": "id", "value": i} for i, _ in listed],
    }


def pressed(kind: dict[str, Any], wild: str) -> tuple[dict[str, Any], str]:
    cause = json.dumps(kind, separators=(",", ":"), sort_keys=True)
    return {wild: [{"id": kind, "property": "n_clicks", "value": 1}]}, f"{cause}.n_clicks"


def downloaded(answer: Any) -> tuple[str, bytes]:
    found = answer["response"][ids.DOWNLOAD]["data"]
    return found["filename"], base64.b64decode(found["content"])


def test_the_picture_of_a_block_says_what_was_asked_and_of_which_data(call: Call, services: Services) -> None:
    click, cause = pressed(
        ids.block_export(REPORT.slug, "dynamics", "png"),
        '{"format":"png","id":["ALL"],"report":["ALL"],"type":"block-export"}.n_clicks',
    )
    asked = {**click, f"{ids.QUERY}.data": f"{PERIOD}&pipeline=1&compare=previous"}
    said = call(f"{ids.PICTURE}.data", asked, cause)["response"][ids.PICTURE]["data"]
    assert said["block"] == ids.block(REPORT.slug, "dynamics")
    assert said["title"] == "Динамика продаж. Динамика"
    assert "01.01.2026 – 31.03.2026" in said["asked"][0]
    assert said["asked"][1].startswith("Сравнение: ") and said["asked"][2].startswith("Воронка: ")
    assert said["source"].startswith("Данные на ") and services.session().state().address in said["source"]


@pytest.mark.parametrize("kind", ["xlsx", "csv", "png"])
def test_a_block_there_is_not_is_answered_in_a_sentence(call: Call, kind: str) -> None:
    pattern = f'{{"format":{json.dumps("png" if kind == "png" else ["ALL"])},"id":["ALL"],"report":["ALL"],"type":"block-export"}}'
    click, cause = pressed(ids.block_export(REPORT.slug, "nonesuch", kind), f"{pattern}.n_clicks")
    output = ids.PICTURE if kind == "png" else ids.DOWNLOAD
    said = call(f"{output}.data", {**click, f"{ids.QUERY}.data": PERIOD}, cause)
    assert "Блока «nonesuch» в отчёте нет" in json.dumps(said, ensure_ascii=False)


@pytest.mark.parametrize("kind", ["xlsx", "csv"])
def test_the_file_of_the_drawer_holds_what_the_drawer_shows(call: Call, services: Services, kind: str) -> None:
    reports = services.reports
    query = reports.parse(REPORT, {"from": ["2026-01-01"], "to": ["2026-03-31"]})
    wanted = reports.records(
        REPORT,
        "summary",
        "deals_created",
        {},
        query,
        GridRequest(0, 5000, (("amount", "desc"),), REQUEST["filterModel"]),  # type: ignore[arg-type]
    )
    click, cause = pressed(ids.drawer_export(kind), '{"format":["ALL"],"type":"drawer-export"}.n_clicks')
    place = {"url.search": f"{PERIOD}&drill=summary.deals_created", "url.pathname": f"/{REPORT.slug}"}
    name, content = downloaded(
        call(f"{ids.DOWNLOAD}.data", {**click, **place, **grids(ids.DRAWER_GRID, REQUEST)}, cause)
    )
    assert name == f"Динамика продаж, Создано сделок, I квартал 2026.{kind}"
    if kind == "xlsx":
        found = [str(c.value) for c in openpyxl.load_workbook(io.BytesIO(content))["Записи"]["A"][4:]]
    else:
        text = content.decode("utf-8-sig")
        found = [row[0] for row in csv.reader(io.StringIO(text, newline=""), delimiter=";")][1:]
    assert found == [str(row["id"]) for row in wanted.rows] and found


def choosing(block: str, columns: list[str]) -> dict[str, Any]:
    """What the column chooser of a list says, and that of another report's list."""
    wild = '{"id":["ALL"],"report":["ALL"],"type":"grid-columns"}'
    said = [(ids.grid_columns("marketing", block), ["id"]), (ids.grid_columns(REPORT.slug, block), columns)]
    return {
        f"{wild}.value": [{"id": i, "property": "value", "value": value} for i, value in said],
        f"{wild}.id": [{"id": i, "property": "id", "value": i} for i, _ in said],
    }


@pytest.mark.parametrize("figure", ["deals_created", "leads_created"])
def test_the_file_of_the_drawer_has_the_columns_chosen_own_fields_of_its_records_among_them(
    call: Call, services: Services, figure: str
) -> None:
    own = services.reports.list_columns(REPORT, "summary", figure)
    assert [name for name, _, _ in own] == (["UF_CRM_KIND"] if figure == "deals_created" else [])
    place = {"url.search": f"{PERIOD}&drill=summary.{figure}", "url.pathname": f"/{REPORT.slug}"}
    chosen = choosing(ids.DRAWER_GRID, ["amount", "UF_CRM_KIND", "UF_CRM_NONE"])
    click, cause = pressed(ids.drawer_export("csv"), '{"format":["ALL"],"type":"drawer-export"}.n_clicks')
    asked = {**click, **place, **chosen, **grids(ids.DRAWER_GRID, None)}
    _, content = downloaded(call(f"{ids.DOWNLOAD}.data", asked, cause))
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    wanted = {"Название", "Сумма", "Ссылка"} | ({"Вид"} if own else set())
    assert set(header) == wanted and rows
    if own:
        assert {"Вид 1", "Вид 1; Вид 2"} <= {row[header.index("Вид")] for row in rows}


@pytest.mark.parametrize("request_", [None, {}, {"startRow": -1}, {"sortModel": [], "filterModel": {}}])
def test_whatever_the_browser_says_of_the_list_a_file_comes(call: Call, request_: Any) -> None:
    click, cause = pressed(ids.drawer_export("csv"), '{"format":["ALL"],"type":"drawer-export"}.n_clicks')
    place = {"url.search": f"{PERIOD}&drill=summary.deals_created", "url.pathname": f"/{REPORT.slug}"}
    _, content = downloaded(call(f"{ids.DOWNLOAD}.data", {**click, **place, **grids(ids.DRAWER_GRID, request_)}, cause))
    assert content.startswith(b"\xef\xbb\xbf")


def test_the_file_of_a_list_has_its_order_and_the_columns_chosen(call: Call) -> None:
    click, cause = pressed(
        ids.block_export(REPORT.slug, "deals", "csv"),
        '{"format":["ALL"],"id":["ALL"],"report":["ALL"],"type":"block-export"}.n_clicks',
    )
    values = {**click, **choosing("deals", ["id", "amount"]), **grids("deals", REQUEST), f"{ids.QUERY}.data": PERIOD}
    name, content = downloaded(call(f"{ids.DOWNLOAD}.data", values, cause))
    assert name == "Динамика продаж, Список сделок, I квартал 2026.csv"
    header, *rows = csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";")
    assert set(header) == {"ID", "Название", "Сумма", "Ссылка"}
    sums = [float(row[header.index("Сумма")].replace(",", ".")) for row in rows]
    assert sums == sorted(sums, reverse=True) and min(sums) > 10_000


def test_a_kept_link_to_a_renamed_figure_has_its_rows_and_its_file(call: Call, services: Services) -> None:
    query = services.reports.parse(REPORT, {"from": ["2026-01-01"], "to": ["2026-03-31"]})
    summary = services.reports.block(REPORT, "summary", query).rows[0]
    search = f"{PERIOD}&drill=summary.deals_created_won"
    click, cause = pressed(ids.drawer_export("csv"), '{"format":["ALL"],"type":"drawer-export"}.n_clicks')
    place = {"url.search": search, "url.pathname": f"/{REPORT.slug}"}
    _, content = downloaded(call(f"{ids.DOWNLOAD}.data", {**click, **place, **grids(ids.DRAWER_GRID, None)}, cause))
    assert len(content.decode("utf-8-sig").strip().split("\r\n")) - 1 == summary["conversion_cohort_num"] > 0  # type: ignore[operator]

    grid, wild = ids.grid(REPORT.slug, ids.DRAWER_GRID), '{"id":["MATCH"],"report":["MATCH"],"type":"grid"}'
    line, lines = ids.grid_line(REPORT.slug, ids.DRAWER_GRID), '{"id":["MATCH"],"report":["MATCH"],"type":"grid-line"}'
    values = {
        f"{wild}.getRowsRequest": {"id": grid, "property": "getRowsRequest", "value": {"startRow": 0, "endRow": 50}},
        f"{wild}.id": {"id": grid, "property": "id", "value": grid},
        '{"id":["MATCH"],"report":["MATCH"],"type":"grid-columns"}.value': {
            "id": ids.grid_columns(REPORT.slug, ids.DRAWER_GRID),
            "property": "value",
        },
        f"outputs {wild}.getRowsResponse": {"id": grid, "property": "getRowsResponse"},
        f"outputs {lines}.children": {"id": line, "property": "children"},
        "url.search": search,
    }
    asked = json.dumps(grid, separators=(",", ":"), sort_keys=True) + ".getRowsRequest"
    answer = json.dumps(call(f"{wild}.getRowsResponse", values, asked), ensure_ascii=False)
    assert f'"rowCount": {summary["conversion_cohort_num"]}' in answer
