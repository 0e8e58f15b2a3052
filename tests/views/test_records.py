"""Lists: columns, rows as text, requests of the grid."""

from __future__ import annotations

import re
from pathlib import Path

import dash_ag_grid
import pytest

from dash_app.engine.language import Unit
from dash_app.engine.query import Query
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.views import format as fmt
from dash_app.views.drawer import records_drawer
from dash_app.views.grid_locale import RUSSIAN, locale_text
from dash_app.views.records import AS_CARD, BLOCK_SIZE, column_defs, grid_request, grid_rows
from pages.sales_dynamics import REPORT
from tests.views.conftest import find, prop, text_of


def test_every_word_of_the_grids_community_bundle_is_russian() -> None:
    source = (Path(dash_ag_grid.__file__).parent / "dash_ag_grid.min.js").read_text()
    said = dict(re.findall(r'\b[\w$]+\("([a-z][A-Za-z]{2,60})"\s*,\s*"([A-Z][^"\\]{1,100})"', source))
    start = source.index('applyFilter:"Apply"')
    said.update(re.findall(r'(\w+):"([^"]+)"', source[start : source.index("}", start)]))
    assert len(said) > 80
    assert {key for key in said if key not in RUSSIAN} == set()
    assert all(re.search("[а-яА-Я]", text) or not re.search("[a-zA-Z]{2}", text) for key, text in RUSSIAN.items())
    assert locale_text("ru") is RUSSIAN


def test_the_title_is_first_pinned_and_linked(service: ReportService, query: Query) -> None:
    page = service.records(REPORT, "deals", "", {}, query, GridRequest(0, 1))
    definitions = column_defs(page, "ru", service.list_columns(REPORT, "deals"))
    assert definitions[0]["field"] == "title"
    assert definitions[0]["pinned"] == "left"
    assert definitions[0]["cellRenderer"] == "CardLink"
    assert {d["field"] for d in definitions} == {c.id for c in page.columns} | {"client", "UF_CRM_KIND", "as_card"}
    assert next(d for d in definitions if d["field"] == "UF_CRM_KIND")["hide"] is True
    assert [d["field"] for d in definitions if d.get("sort")] == ["duration_days"]


def test_rows_are_text_with_string_ids_and_addresses(service: ReportService, query: Query) -> None:
    page = service.records(REPORT, "deals", "", {}, query, GridRequest(0, 50))
    rows = grid_rows(page, "ru", "RUB")
    assert len(rows) == min(50, page.total)
    for row, source in zip(rows, page.rows, strict=True):
        assert row["id"] == source["id"]
        assert row["url"].endswith(f"/crm/deal/details/{row['id']}/")
        assert all(isinstance(v, str) for v in row.values())


def test_a_request_of_the_grid_is_bounded_whatever_it_says() -> None:
    asked = grid_request(
        {
            "startRow": 700,
            "endRow": 10**9,
            "sortModel": [{"colId": "amount", "sort": "desc", "type": "default"}],
            "filterModel": {},
        }
    )
    assert (asked.start, asked.end) == (700, 700 + BLOCK_SIZE)
    assert asked.sort == (("amount", "desc"),)
    for odd in (
        "x",
        [],
        {"startRow": -1},
        {"startRow": "1", "sortModel": "x"},
        {"sortModel": [1, {"colId": 3, "sort": "up"}], "filterModel": 5},
    ):
        assert grid_request(odd) == GridRequest(0, BLOCK_SIZE)


@pytest.mark.parametrize("figure", ["deals_created", "deals_created_base"])
def test_the_drawer_names_the_dates_its_records_are_of(service: ReportService, query: Query, figure: str) -> None:
    page = service.records(REPORT, "summary", figure, {}, query, GridRequest())
    drawer = records_drawer(
        page, query, [], "", [], None, "ru", "RUB", extra=(), grid_id="g", chooser_id="c", line_id="l", export_id=str
    )
    words = next(text_of(c) for c in find(drawer, "className") if prop(c, "className") == "drawer-words")
    if figure.endswith("_base"):
        assert words.startswith("База сравнения: 01.10.2025 – ")
    else:
        assert words.replace(fmt.NBSP, " ") == "1 января – 31 марта 2026"


def test_a_card_of_a_phone_says_what_a_person_acts_on(service: ReportService, query: Query) -> None:
    page = service.records(REPORT, "deals", "", {}, query, GridRequest(0, 1))
    card = next(d for d in column_defs(page, "ru") if d["field"] == AS_CARD)
    assert card["hide"] is True
    said = card["cellRendererParams"]
    assert said["amount"] == "amount" and {"manager", "stage"} <= set(said["words"])
    assert [name for name, _ in said["facts"]] == [c.id for c in page.columns if c.unit is Unit.DAYS][:2]
