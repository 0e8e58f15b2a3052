"""Files read back: equal numbers, real types, links, frozen headers, no formulas out of the portal's texts."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from dash_app.engine.query import Query
from dash_app.exports import cells
from dash_app.exports.csv import block_csv, machine_csv, records_csv
from dash_app.exports.excel import records_workbook, workbook
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from pages.sales_dynamics import REPORT
from tests.figures.facts_builder import Facts, Published, service_of
from tests.views.conftest import PARAMS, query, service  # noqa: F401  fixtures

HEADER = 4


@pytest.fixture(scope="module")
def book(service: ReportService, query: Query) -> openpyxl.Workbook:  # noqa: F811
    """The whole report."""
    buffer = io.BytesIO()
    workbook(service, REPORT, query, "ru", buffer)
    return openpyxl.load_workbook(buffer)


def header(sheet: Any) -> list[str]:
    return [c.value for c in sheet[HEADER] if c.value]


def test_a_file_of_an_earlier_instant_says_so_and_what_is_todays(service: ReportService) -> None:  # noqa: F811
    asked = service.parse(REPORT, {**PARAMS, "as_of": ["2026-02-10T18:30:00+03:00"]})
    buffer = io.BytesIO()
    workbook(service, REPORT, asked, "ru", buffer, [REPORT.blocks[0].id])
    rows = list(openpyxl.load_workbook(buffer)["О выгрузке"].iter_rows(values_only=True))
    assert ("Как было", datetime(2026, 2, 10, 18, 30)) in [row[:2] for row in rows]
    assert any("Суммы, ответственные и сроки – сегодняшние" in str(row[0]) for row in rows)


def test_the_first_sheet_is_a_page_for_a_board(
    book: openpyxl.Workbook,
    service: ReportService,  # noqa: F811
    query: Query,  # noqa: F811
) -> None:
    sheet = book.worksheets[0]
    assert sheet["A1"].value == "Динамика продаж"
    assert sheet["A2"].value.startswith("01.01.2026 – 31.03.2026; база: 01.10.2025")
    assert sheet["A3"].value.startswith("Данные на 20.03.2026 12:00")
    block, result = REPORT.block("summary"), service.block(REPORT, "summary", query)
    row = result.rows[0]
    for place, figure in enumerate(block.headline[:8]):
        line, column = 7 + 4 * (place // 4), 1 + 2 * (place % 4)
        assert sheet.cell(line, column).value == result.column(figure).label.ru
        shown = sheet.cell(line + 1, column).value
        exact = row[figure]
        assert shown == pytest.approx(round(float(exact), 2) if isinstance(exact, Decimal) else exact, abs=1e-12)
        base = row[f"{figure}_base"]
        assert sheet.cell(line + 2, column + 1).value == pytest.approx(
            round(float(base), 2) if isinstance(base, Decimal) else base, abs=1e-12
        )
    setup = sheet.page_setup
    assert (setup.orientation, str(setup.paperSize), sheet.sheet_properties.pageSetUpPr.fitToPage) == (
        "landscape",
        "9",
        True,
    )


def test_charts_of_the_first_sheet_show_the_rows_of_the_blocks(
    service: ReportService,  # noqa: F811
    query: Query,  # noqa: F811
) -> None:
    buffer = io.BytesIO()
    workbook(service, REPORT, query, "ru", buffer)
    with zipfile.ZipFile(buffer) as parts:
        drawn = [parts.read(n).decode() for n in parts.namelist() if n.startswith("xl/charts/chart")]
    found = openpyxl.load_workbook(buffer, data_only=True)
    assert len(drawn) >= 2
    for chart in drawn:
        assert "<c:v>#REF!" not in chart
        for reference in re.findall(r"<c:f>(.*?)</c:f>", chart):
            name, _, cells = reference.rpartition("!")
            rows = found[name.strip("'").replace("''", "'")][cells.replace("$", "")]
            values = [row[0].value for row in rows]
            assert len(values) >= 2 and any(value is not None for value in values)


def test_every_sheet_is_set_up_for_paper(book: openpyxl.Workbook) -> None:
    for sheet in book.worksheets:
        assert sheet.page_setup.orientation == "landscape" and sheet.sheet_properties.pageSetUpPr.fitToPage
    for block in REPORT.blocks:
        assert book[block.title.ru].print_title_rows == f"$1:${HEADER}"


def test_a_sheet_a_block_before_what_was_asked(book: openpyxl.Workbook) -> None:
    assert book.sheetnames == ["Динамика продаж", *[b.title.ru for b in REPORT.blocks], "О выгрузке"]
    about = {row[0]: row[1] for row in book["О выгрузке"].iter_rows(values_only=True) if row[0]}
    assert about["Период"] == "01.01.2026 – 31.03.2026"
    assert about["Сравнение"] == "01.10.2025 – 18.12.2025 12:00, столько же времени, сколько прошло в периоде"
    assert about["Данные на"] == datetime(2026, 3, 20, 12, 0)
    assert about["Снимок данных"] == "facts"
    definitions = {(r[0], r[1]): r[2] for r in book["О выгрузке"].iter_rows(values_only=True) if r[1]}
    for block in REPORT.blocks:
        for figure in block.figures:
            assert definitions[(block.title.ru, figure.label.ru)] == figure.help.ru


def test_numbers_are_the_numbers_of_the_page(book: openpyxl.Workbook, service: ReportService, query: Query) -> None:  # noqa: F811
    for block_id in ("deal_stages", "losses", "funnel", "customers", "lead_stages"):
        block = REPORT.block(block_id)
        result = service.block(REPORT, block_id, query)
        sheet = book[block.title.ru]
        heads = cells.heads_of(result, "ru")
        assert header(sheet) == [h.title for h in heads]
        for line, row in enumerate(result.rows, HEADER + 1):
            for place, head in enumerate(heads, 1):
                wanted = cells.named(block, head.id, row.get(head.id), "ru")
                found = sheet.cell(line, place).value
                if isinstance(wanted, Decimal | float | int) and not isinstance(wanted, bool):
                    assert found == pytest.approx(float(wanted), abs=0.0051 if isinstance(wanted, Decimal) else 1e-9)
                    assert sheet.cell(line, place).data_type == "n"
                else:
                    assert found == (wanted or None)


def test_cards_stand_upright(book: openpyxl.Workbook, service: ReportService, query: Query) -> None:  # noqa: F811
    row = service.block(REPORT, "summary", query).rows[0]
    lines = {r[0]: r for r in book["Главное"].iter_rows(min_row=HEADER + 1, values_only=True)}
    assert lines["Выиграно"][1] == row["deals_won"]
    assert lines["Выиграно"][2] == row["deals_won_base"]
    share = next(r for r in book["Главное"].iter_rows(min_row=HEADER + 1) if r[0].value == "Доля выигранных")
    assert share[1].number_format == "0.0%"
    assert [share[5].value, share[6].value] == [row["win_rate_num"], row["win_rate_den"]]


def test_headers_are_frozen_and_filtered(book: openpyxl.Workbook) -> None:
    for sheet in book.worksheets[1:-1]:
        assert sheet.freeze_panes == f"B{HEADER + 1}"
        assert sheet.auto_filter.ref.startswith(f"A{HEADER}:")
        assert sheet.column_dimensions["A"].width > 8


def test_lists_are_whole_with_dates_and_links(book: openpyxl.Workbook, service: ReportService, query: Query) -> None:  # noqa: F811
    page = service.records(REPORT, "deals", "", {}, query, GridRequest(0, 1000))
    sheet = book["Список сделок"]
    titles = header(sheet)
    assert sheet.max_row == HEADER + page.total
    created, amount = titles.index("Создана") + 1, titles.index("Сумма") + 1
    for line, row in enumerate(page.rows, HEADER + 1):
        cell = sheet.cell(line, 1)
        assert cell.value == int(row["id"])
        assert cell.hyperlink.target == row["url"]
        when = row["created"]
        assert isinstance(when, datetime)
        assert sheet.cell(line, created).value == when.replace(tzinfo=None, microsecond=0)
        assert sheet.cell(line, created).is_date
        shown = sheet.cell(line, amount).value
        assert (shown is None) == (row["amount"] is None)


@pytest.fixture
def nasty(tmp_path: Path) -> ReportService:
    """Deals whose titles a spreadsheet would run."""
    facts = Facts(tmp_path / "nasty.duckdb")
    facts.manager(1, '=HYPERLINK("http://evil")')
    for number, title in enumerate(
        ('=cmd|"/c calc"!A1', "+1+1", "-2+3", "@SUM(A1)", "\tx", 'plain; "quoted"\nand a line'), 1
    ):
        facts.card("deals", number, "2026-02-01 10:00", pipeline=1, manager=1, amount="-5", title=title)
    return service_of(Published(facts.done()), REPORT)


def test_no_text_of_the_portal_becomes_a_formula(nasty: ReportService) -> None:
    asked = nasty.parse(REPORT, PARAMS)
    buffer = io.BytesIO()
    workbook(nasty, REPORT, asked, "ru", buffer, ["deals"])
    with zipfile.ZipFile(buffer) as parts:
        for name in parts.namelist():
            if name.startswith("xl/worksheets/sheet"):
                assert b"<f>" not in parts.read(name)
    sheet = openpyxl.load_workbook(buffer)["Список сделок"]
    texts = {
        c.value: c.data_type for row in sheet.iter_rows(min_row=HEADER + 1) for c in row if isinstance(c.value, str)
    }
    assert "@SUM(A1)" in texts
    assert "f" not in texts.values()


def test_csv_guards_texts_but_not_numbers(nasty: ReportService) -> None:
    asked = nasty.parse(REPORT, PARAMS)
    lines = list(
        csv.reader(
            io.StringIO(block_csv(nasty, REPORT, "deals", asked, "ru").decode("utf-8-sig"), newline=""), delimiter=";"
        )
    )
    titles = {row[lines[0].index("Название")] for row in lines[1:]}
    assert titles == {'\'=cmd|"/c calc"!A1', "'+1+1", "'-2+3", "'@SUM(A1)", "'\tx", 'plain; "quoted"\nand a line'}
    assert {row[lines[0].index("Сумма")] for row in lines[1:]} == {"-5,00"}
    assert {row[lines[0].index("Менеджер")][0] for row in lines[1:]} == {"'"}


def test_csv_opens_in_a_spreadsheet_of_each_country(service: ReportService, query: Query) -> None:  # noqa: F811
    russian, english = (block_csv(service, REPORT, "deal_stages", query, lang) for lang in ("ru", "en"))
    assert russian.startswith(b"\xef\xbb\xbf")
    result = service.block(REPORT, "deal_stages", query)
    for content, separator, point in ((russian, ";", ","), (english, ",", ".")):
        lines = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=separator))
        assert len(lines) == 1 + len(result.rows) + 1
        place = [h.id for h in cells.heads_of(result, "ru")].index("amount")
        assert [Decimal(row[place].replace(point, ".")) for row in lines[1:-1]] == [
            round(Decimal(str(r["amount"])), 2) for r in result.rows
        ]


def test_csv_for_programs_has_ids_and_plain_values() -> None:
    row = {
        "id": "7",
        "title": "=1+1",
        "amount": Decimal("1234.565"),
        "share": 0.5,
        "on": date(2026, 2, 1),
        "known": True,
        "none": None,
    }
    text = machine_csv([("first", [*row], [row]), ("second", ["id"], [])]).decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text, newline=""))) == [
        ["first"],
        [*row],
        ["7", "'=1+1", "1234.56", "0.5", "2026-02-01", "true", ""],
        [],
        ["second"],
        ["id"],
    ]


def test_records_of_a_number_as_files(service: ReportService, query: Query) -> None:  # noqa: F811
    page = service.records(REPORT, "summary", "deals_won", {}, query, GridRequest(0, 1))
    buffer = io.BytesIO()
    records_workbook(service, REPORT, "summary", "deals_won", {}, query, "ru", buffer)
    book = openpyxl.load_workbook(buffer)
    assert book["Записи"].max_row - HEADER == pytest.approx(page.total, abs=2)
    ids = [c.value for c in book["Записи"]["A"][HEADER:] if c.value]
    assert len(ids) == len(set(ids)) == page.total
    lines = (
        records_csv(service, REPORT, "summary", "deals_won", {}, query, "ru").decode("utf-8-sig").strip().split("\r\n")
    )
    assert len(lines) == page.total + 1


def test_long_lists_come_page_by_page(service: ReportService, query: Query, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setattr(cells, "PAGE", 7)
    first, rows = cells.records(service, REPORT, "deals", "", {}, query, "ru", most=40)
    found = [row["id"] for row in rows]
    assert len(first.rows) == 7
    assert len(found) == len(set(found)) == min(40, first.total)


def test_a_day_stays_a_day(book: openpyxl.Workbook) -> None:
    cell = book["Динамика"].cell(HEADER + 1, 1)
    assert cell.is_date
    assert cell.value.date() == date(2025, 12, 29)
