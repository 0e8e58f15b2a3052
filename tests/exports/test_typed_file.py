"""Files as people and programs lay them out: read whole wherever the table stands, or refused with the sheet and the cell."""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_app.errors import BadInput
from dash_app.exports import typed_file
from dash_app.exports.cells import guarded, unguarded
from dash_app.exports.typed_file import BadFile
from tests.grids import read_expenses, read_plans

HEAD = ["manager_id", "month", "plan_amount"]
ROW = [1, "2026-02", 500]
WANTED = {"1:all:2026-02": Decimal(500)}


def book_of(fill: Callable[[openpyxl.Workbook], Any]) -> bytes:
    book = openpyxl.Workbook()
    fill(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def sheet_of(*rows: Sequence[object], title: str = "Лист1") -> bytes:
    def fill(book: openpyxl.Workbook) -> None:
        book.active.title = title  # type: ignore[union-attr]
        for row in rows:
            book.active.append(list(row))  # type: ignore[union-attr]

    return book_of(fill)


def amounts(content: bytes) -> dict[str, Decimal]:
    return {key: plan.plan_amount for key, plan in read_plans(content, None, {}).items()}


def refusal(content: bytes) -> str:
    with pytest.raises(BadInput) as said:
        read_plans(content, None, {})
    assert said.value.text.ru.endswith(".") and said.value.text.en.endswith(".")
    return said.value.text.ru


def notes(content: bytes) -> str:
    return " ".join(note.ru for note in read_plans(content, None, {}).notes)


def test_a_table_on_the_second_sheet_below_a_banner_is_read_and_said() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.active["A1"] = "Черновик"  # type: ignore[index]
        sheet = book.create_sheet("План")
        for row in (["План отдела продаж"], [], [None, *HEAD, "комментарий"], [None, *ROW, "x"]):
            sheet.append(row)
        sheet.merge_cells("A1:D1")

    content = book_of(fill)
    assert amounts(content) == WANTED
    said = notes(content)
    assert "листа «План»" in said and "над таблицей" in said and "«Sheet»" in said and "комментарий" in said


def test_our_own_download_leaves_nothing_to_say() -> None:
    assert notes(sheet_of([*HEAD, "manager", "pipeline"], [*ROW, "Анна", "все воронки"])) == ""


def test_hidden_lines_columns_and_sheets_are_read() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet: Any = book.active
        for row in (HEAD, ROW, [2, "2026-02", 7]):
            sheet.append(row)
        sheet.row_dimensions[3].hidden = True
        sheet.column_dimensions["B"].hidden = True
        book.create_sheet("видимый")
        sheet.sheet_state = "hidden"

    assert amounts(book_of(fill)) == {**WANTED, "2:all:2026-02": Decimal(7)}


def test_tables_on_two_sheets_are_refused_by_name() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        for name in ("Январь", "Февраль"):
            sheet = book.create_sheet(name)
            sheet.append(HEAD)
            sheet.append(ROW)

    assert "«Январь», «Февраль»" in refusal(book_of(fill))


def test_a_bad_cell_is_named_by_its_sheet_and_place() -> None:
    content = sheet_of(["План"], HEAD, ROW, [2, "скоро", "много"], title="Q1")
    said = refusal(content)
    assert "Лист «Q1», ячейка B4 (month): «скоро» – не месяц" in said
    assert "Лист «Q1», ячейка C4 (plan_amount): «много» – не число" in said
    with pytest.raises(BadFile) as error:
        read_plans(content, None, {})
    assert [w.place for w in error.value.wrong] == ["Q1!B4", "Q1!C4"]


def test_merged_cells_of_the_table_are_refused_but_not_those_beside_it() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        sheet: Any = book.active
        for row in ([*HEAD, "note"], [*ROW, "a"], [None, "2026-03", 6, None]):
            sheet.append(row)
        sheet.merge_cells("D2:D3")

    assert "ячейка A3 (manager_id)" in refusal(book_of(fill))

    def merged(book: openpyxl.Workbook) -> None:
        fill(book)
        book.active.merge_cells("A2:A3")  # type: ignore[union-attr]

    assert "Ячейки A2:A3 объединены. Отмените объединение" in refusal(book_of(merged))


def test_a_cell_outside_the_columns_is_refused_not_dropped() -> None:
    assert "ячейка ZZ2: Над этой ячейкой нет названия столбца" in refusal(
        book_of(lambda b: [b.active.append(HEAD), b.active.append(ROW), b.active.__setitem__("ZZ2", "17 %")])  # type: ignore[union-attr,index]
    )


def test_a_line_far_below_is_refused_not_dropped() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        for row in (HEAD, ROW):
            book.active.append(row)  # type: ignore[union-attr]
        book.active["A50000"] = "итого"  # type: ignore[index]

    assert "A50000 (manager_id): «итого»" in refusal(book_of(fill))


def test_lines_out_of_order_are_read_and_doubled_ones_refused() -> None:
    def with_rows(order: str) -> bytes:
        source = zipfile.ZipFile(io.BytesIO(sheet_of(HEAD, ROW, [2, "2026-02", 7])))
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as target:
            for name in source.namelist():
                text = source.read(name).decode()
                if name.endswith("sheet1.xml"):
                    rows = re.findall(r"<row .*?</row>", text)
                    text = text.replace("".join(rows), "".join(rows[int(i)] for i in order))
                target.writestr(name, text)
        return out.getvalue()

    assert amounts(with_rows("210")) == {**WANTED, "2:all:2026-02": Decimal(7)}
    assert "не открывается" in refusal(with_rows("0112"))


def test_formulas_are_refused_with_what_to_do_even_without_a_kept_value() -> None:
    assert "C2 (plan_amount): Здесь формула. Скопируйте столбец и вставьте значения" in refusal(
        sheet_of(HEAD, [1, "2026-02", "=B2*2"])
    )


@pytest.mark.parametrize(
    "month", ["янв.26", "Jan-26", "01.01.2026 0:00", datetime(2026, 1, 1), "2026-01", "Январь 2026", 46023, "46023"]
)
def test_months_of_excel_are_read_in_a_file(month: object) -> None:
    assert list(amounts(sheet_of(HEAD, [1, month, 5]))) == ["1:all:2026-01"]


def test_a_day_number_of_an_old_mac_is_its_own_day() -> None:
    def fill(book: openpyxl.Workbook) -> None:
        book.epoch = openpyxl.utils.datetime.MAC_EPOCH
        for row in (HEAD, [1, 46023 - 1462, 5], [1, 202602, 5], [1, "2026-03", 5]):
            book.active.append(row)  # type: ignore[union-attr]

    assert list(amounts(book_of(fill))) == [f"1:all:2026-0{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1251"])
@pytest.mark.parametrize("above", ["", "sep={}\r\n", '"sep={}"\n', "План, отдел; 2026\r\n\r\n"])
def test_any_separator_and_encoding_is_read(separator: str, encoding: str, above: str) -> None:
    text = above.format(separator) + "manager_id;month;plan_amount;менеджер\r\n1;фев 2026;500;Анна\r\n".replace(
        ";", separator
    )
    if above.startswith("План") and separator not in ",;":
        text = text.replace("План, отдел; 2026", "План отдела")
    assert amounts(text.encode(encoding)) == WANTED


def test_a_bad_line_below_a_named_separator_keeps_its_number() -> None:
    assert "Строка 4, month" in refusal(b"sep=;\nmanager_id;month;plan_amount\n1;2026-02;5\n2;x;5\n")


def test_bytes_that_are_no_text_are_not_replaced() -> None:
    assert "не таблица" in refusal(b"manager_id,month,plan_amount\n1,2026-02,5\x98\n")
    assert "Строка 3" in refusal(b'manager_id,month,plan_amount\n1,2026-02,5\n"2,2026-03,5\n')


def test_missing_columns_are_named_where_the_table_nearly_is() -> None:
    assert "Лист «Лист1», строка 3: нет столбцов plan_amount" in refusal(
        sheet_of(["План"], [], ["manager_id", "month"])
    )
    assert "нет строки с названиями столбцов" in refusal(sheet_of(["кто", "сколько"], ["Анна", 5]))


def bomb(cells: str, times: int) -> bytes:
    source = zipfile.ZipFile(io.BytesIO(sheet_of(HEAD)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            if name.endswith("sheet1.xml"):
                text = text.replace(b"</sheetData>", cells.encode() * times + b"</sheetData>")
            target.writestr(name, text)
    return out.getvalue()


@pytest.mark.parametrize(
    ("cells", "times"),
    [("<row/>", 3_000_000), ("<row><c/><c/></row>", 700_000), ("<row>" + " " * 90 + "</row>", 700_000)],
)
def test_a_small_file_that_unpacks_to_much_is_refused_at_once(cells: str, times: int) -> None:
    content = bomb(cells, times)
    assert len(content) < 400_000
    started = time.process_time()
    assert "слишком много ячеек" in refusal(content)
    assert time.process_time() - started < 4


@pytest.mark.parametrize(
    ("part", "before", "one", "times"),
    [
        ("styles.xml", b"</cellXfs>", b'<xf numFmtId="14"/>', 600_000),
        ("sheet1.xml", b"</worksheet>", b'<mergeCell ref="D2:E3"/>', 200_000),
        ("sheet1.xml", b"<sheetData>", b"<cols><col/></cols>", 60_000),
        ("sheet1.xml", b"<sheetData>", b'<x y="' + b"a" * 18_000_000 + b'"/>', 1),
        ("workbook.xml", b"</workbook>", b"<definedName/>", 60_000),
    ],
)
def test_what_is_beside_the_cells_is_bounded_too(part: str, before: bytes, one: bytes, times: int) -> None:
    source = zipfile.ZipFile(io.BytesIO(sheet_of(HEAD, ROW)))
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            text = source.read(name)
            target.writestr(name, text.replace(before, one * times + before) if name.endswith(part) else text)
    started = time.process_time()
    assert "слишком много ячеек" in refusal(out.getvalue())
    assert time.process_time() - started < 2


def test_reading_a_workbook_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(typed_file, "MOST_SECONDS", -1.0)
    assert "слишком много ячеек" in refusal(sheet_of(HEAD, ROW))


def test_other_packed_files_and_entities_are_refused() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as packed:
        packed.writestr("content.xml", "<x/>")
    assert "не книга .xlsx" in refusal(out.getvalue())
    assert "не открывается" in refusal(
        bomb("", 0).replace(b"PK", b"PK", 1)[:100] + b"broken"  # a directory that is not there
    )


_CELLS = st.text(st.characters(exclude_categories=("Cs",)), max_size=12)
_GRIDS = st.lists(st.lists(_CELLS, min_size=1, max_size=4), min_size=1, max_size=6)


@given(_GRIDS)
@settings(deadline=None, max_examples=60)
def test_any_texts_written_to_a_workbook_or_a_csv_come_back(grid: list[list[str]]) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"strings_to_formulas": False, "strings_to_urls": False})
    sheet = book.add_worksheet()
    for line, row in enumerate(grid):
        for place, cell in enumerate(row):
            sheet.write_string(line, place, cell)
    book.close()
    (read,) = typed_file._workbook_sheets(out.getvalue())
    visible = [
        (line, {place: cell for place, cell in enumerate(row) if typed_file.visible(cell)})
        for line, row in enumerate(grid, 1)
    ]
    assert [(n, dict(cells)) for n, cells in read.lines] == [(n, cells) for n, cells in visible if cells]
    content = typed_file.csv_bytes(["x"], iter(grid)).decode()
    rows = list(csv.reader(io.StringIO(content, newline="")))[1:]
    assert [[unguarded(cell) for cell in row] for row in rows if row] == [row for row in grid if row != [""]] or any(
        row == [""] for row in grid
    )
    assert not any(
        cell.lstrip("'").startswith(("=", "+", "-", "@", "\t")) and cell[0] != "'" for r in rows for cell in r if cell
    )


@given(st.text())
def test_what_is_guarded_comes_back(text: str) -> None:
    assert unguarded(guarded(text)) == text


@given(
    st.lists(
        st.lists(st.one_of(st.none(), st.text(max_size=8), st.integers(), st.floats(), st.booleans()), max_size=5),
        max_size=5,
    )
)
@settings(deadline=None, max_examples=40)
def test_any_grid_is_read_or_refused_with_a_sentence(grid: list[list[Any]]) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"nan_inf_to_errors": True, "strings_to_formulas": False})
    sheet = book.add_worksheet()
    for place, name in enumerate(("source_id", "month", "amount")):
        sheet.write_string(0, place, name)
    for line, row in enumerate(grid, 1):
        for place, cell in enumerate(row):
            if isinstance(cell, str):
                sheet.write_string(line, place, cell)
            elif isinstance(cell, bool):
                sheet.write_boolean(line, place, cell)
            elif cell is not None and abs(cell) < 1e300:
                sheet.write_number(line, place, cell)
    book.close()
    try:
        found = read_expenses(out.getvalue(), None)
    except BadInput as error:
        assert error.text.ru.endswith(".") and error.text.en.endswith(".")
    else:
        assert len(found) == sum(any(c is not None and typed_file.word(c) for c in row) for row in grid)
