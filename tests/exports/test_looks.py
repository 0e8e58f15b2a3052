"""A file holds what the page shows: the list's filter, order and columns, own fields, dates and texts a workbook has no place for; its name says what."""

from __future__ import annotations

import csv
import io
import re
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dash_app.engine.language import Unit
from dash_app.engine.query import Period
from dash_app.engine.query import Query as Asked
from dash_app.exports import cells, excel
from dash_app.exports.cells import ListLook
from dash_app.exports.csv import block_csv, records_csv
from dash_app.exports.excel import fitting, records_workbook, workbook
from dash_app.exports.names import file_name, safe
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from dash_app.reports.words import dates_text
from pages.sales_dynamics import REPORT
from tests.figures.facts_builder import Facts, Published, service_of
from tests.views.conftest import query, service  # noqa: F401  fixtures

HEADER = 4
FILTER = {"amount": {"filterType": "number", "type": "greaterThan", "filter": 50_000}}
LOOK = ListLook(sort=(("amount", "desc"),), filters=FILTER)


def rows_of(sheet: Any) -> tuple[list[str], list[tuple[Any, ...]]]:
    header = [c.value for c in sheet[HEADER] if c.value]
    body = [row for row in sheet.iter_rows(min_row=HEADER + 1, values_only=True) if row[0] is not None]
    return header, [row[: len(header)] for row in body]


def test_the_file_of_a_number_is_filtered_and_sorted_as_its_list(service: ReportService, query: Asked) -> None:  # noqa: F811
    page = service.records(REPORT, "summary", "deals_created", {}, query, GridRequest(0, 5000, LOOK.sort, LOOK.filters))
    whole = service.records(REPORT, "summary", "deals_created", {}, query, GridRequest(0, 1))
    assert 0 < page.total < whole.total
    out = io.BytesIO()
    records_workbook(service, REPORT, "summary", "deals_created", {}, query, "ru", out, look=LOOK)
    sheet = openpyxl.load_workbook(out)["Записи"]
    header, rows = rows_of(sheet)
    assert [row[0] for row in rows] == [int(row["id"]) for row in page.rows]
    assert header[-2:] == ["Компания", "Контакт"]
    assert "Отобрано по столбцам: Сумма. Упорядочено по: Сумма." in str(sheet["A2"].value)
    lines = records_csv(service, REPORT, "summary", "deals_created", {}, query, "ru", look=LOOK).decode("utf-8-sig")
    read = list(csv.reader(io.StringIO(lines, newline=""), delimiter=";"))
    assert [row[0] for row in read[1:]] == [str(row["id"]) for row in page.rows]


def test_the_file_of_a_list_has_the_columns_that_are_chosen(service: ReportService, query: Asked) -> None:  # noqa: F811
    look = ListLook(columns=(), shown=frozenset({"id", "amount"}), sort=(("amount", "asc"),))
    out = io.BytesIO()
    workbook(service, REPORT, query, "ru", out, ["deals"], looks={"deals": look})
    header, rows = rows_of(openpyxl.load_workbook(out)["Список сделок"])
    assert set(header) == {"ID", "Название", "Сумма"}
    sums = [row[header.index("Сумма")] for row in rows if row[header.index("Сумма")] is not None]
    assert sums == sorted(sums) and len(set(sums)) > 1
    first = block_csv(service, REPORT, "deals", query, "ru", look=look).decode("utf-8-sig").splitlines()[0]
    assert set(first.split(";")) == {"ID", "Название", "Сумма", "Ссылка"}


def test_the_whole_workbook_has_own_fields(service: ReportService, query: Asked) -> None:  # noqa: F811
    own = [label.ru for _, label, _ in service.list_columns(REPORT, "deals")]
    assert own
    out = io.BytesIO()
    workbook(service, REPORT, query, "ru", out, ["deals", "leads"])
    header, rows = rows_of(openpyxl.load_workbook(out)["Список сделок"])
    assert (
        set(own) <= set(header)
        and len(rows) == service.records(REPORT, "deals", "", {}, query, GridRequest(0, 1)).total
    )


@pytest.fixture
def odd(tmp_path: Path) -> ReportService:
    facts = Facts(tmp_path / "odd.duckdb")
    facts.manager(1, "М")
    facts.card("deals", 1, "2026-02-01 10:00", pipeline=1, manager=1, amount="5", title="x" * 40_000)
    facts.card("deals", 2, "1899-12-30 10:00", pipeline=1, manager=1, amount="5", title="рано \x00\x08\ufffe_x0041_")
    return service_of(Published(facts.done()), REPORT)


def test_what_a_workbook_has_no_place_for_is_said(odd: ReportService) -> None:
    asked = odd.parse(REPORT, {"period": ["all"]})
    out = io.BytesIO()
    workbook(odd, REPORT, asked, "ru", out, ["deals"])
    header, rows = rows_of(openpyxl.load_workbook(out)["Список сделок"])
    titles = {str(row[0]): str(row[header.index("Название")]) for row in rows}
    assert titles["1"].startswith("xxx") and titles["1"].endswith("(обрезано, всего знаков: 40000; целиком – в CSV)")
    assert "x" * 40_000 in block_csv(odd, REPORT, "deals", asked, "ru").decode()


@pytest.mark.parametrize("day", [date(1, 1, 1), date(999, 5, 6), date(1899, 12, 31)])
def test_a_day_before_1900_is_a_text(day: date) -> None:
    assert fitting(day, Unit.DATE, "ru") == f"{day.day:02d}.{day.month:02d}.{day.year:04d}"
    assert fitting(day, Unit.DATE, "en") == day.isoformat()
    assert fitting(date(1900, 1, 1), Unit.DATE, "ru") == date(1900, 1, 1)


def test_a_list_that_is_cut_says_so_in_the_csv_too(
    service: ReportService,  # noqa: F811
    query: Asked,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    total = service.records(REPORT, "deals", "", {}, query, GridRequest(0, 1)).total
    monkeypatch.setattr("dash_app.exports.csv.MOST_RECORDS", 3)
    monkeypatch.setattr(cells, "MOST_RECORDS", 3)
    lines = block_csv(service, REPORT, "deals", query, "ru").decode("utf-8-sig").strip().splitlines()
    assert lines[-1].startswith(f"Показаны первые 3 из {total} записей.")


def test_a_sheet_that_is_full_says_so(
    service: ReportService,  # noqa: F811
    query: Asked,  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(excel, "_MOST_LINES", 8)
    out = io.BytesIO()
    workbook(service, REPORT, query, "ru", out, ["deals"])
    sheet = openpyxl.load_workbook(out)["Список сделок"]
    assert sheet.max_row == 8 and sheet.cell(8, 1).value == "На листе больше нет места: остальное – в CSV."


@pytest.mark.parametrize(
    ("start", "end", "ru", "en"),
    [
        ("2026-02-01", "2026-02-28", "февраль 2026", "February 2026"),
        ("2026-01-01", "2026-03-31", "I квартал 2026", "Q1 2026"),
        ("2026-01-01", "2026-12-31", "2026 год", "Year 2026"),
        ("2026-01-01", "2026-04-30", "январь – апрель 2026", "January – April 2026"),
        ("2025-11-01", "2026-02-28", "ноябрь 2025 – февраль 2026", "November 2025 – February 2026"),
        ("2026-02-03", "2026-02-03", "03.02.2026", "2026-02-03"),
        ("2026-02-03", "2026-02-14", "03.02.2026 – 14.02.2026", "2026-02-03 – 2026-02-14"),
        ("1990-01-01", "2026-02-14", "за всё время", "all time"),
    ],
)
def test_dates_are_said_in_words(start: str, end: str, ru: str, en: str) -> None:
    said = dates_text(Period(date.fromisoformat(start), date.fromisoformat(end)))
    assert (said.ru, said.en) == (ru, en)


def test_a_file_is_named_after_the_report_and_its_dates(service: ReportService) -> None:  # noqa: F811
    asked = service.parse(REPORT, {"from": ["2026-02-01"], "to": ["2026-02-28"]})
    assert file_name(service, REPORT, asked, "xlsx", "ru") == "Динамика продаж, февраль 2026.xlsx"
    assert file_name(service, REPORT, asked, "csv", "en", part="Won. Manager: A/B") == (
        "Sales dynamics, Won. Manager A B, February 2026.csv"
    )
    everything = service.parse(REPORT, {"period": ["all"]})
    assert file_name(service, REPORT, everything, "xlsx", "ru") == "Динамика продаж, за всё время.xlsx"


@given(st.text())
def test_any_name_is_taken_by_any_system(text: str) -> None:
    name = safe(text)
    assert name and not re.search(r'[<>:"/\\|?*\x00-\x1f]', name) and not name.endswith((".", " "))
    assert name.split(".")[0].casefold() not in {"con", "nul", "aux", "prn", "com1", "lpt9"} and len(name) <= 121
