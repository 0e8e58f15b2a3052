"""Entries of a monthly grid as a file, there and back: Excel and CSV. A file is taken whole or not at all, and every bad line is named.

Columns: the fields of the grid's rows, ``month``, its measures; names stand beside ids for people and are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from dash_app.engine.directory import Directory
from dash_app.errors import BadInput
from dash_app.exports.references import REFERENCES, name_of, order_of, read_id
from dash_app.exports.typed_file import Layout, Taken, Wrong, csv_bytes, rows_of, table_of, take
from dash_app.store import reading
from dash_app.store.entries import Entry
from dash_app.store.grids.base import GridNumber, MonthlyGrid, MonthlyValue, month_of
from dash_app.text import Lang, Text

_MONTH_WIDTH = 11
_WIDTHS = {GridNumber.MONEY: 18, GridNumber.COUNT: 12}
_GAP = 4


def values_of(entries: Mapping[str, Entry]) -> dict[str, MonthlyValue]:
    """Values by key out of the entries of a grid's kind."""
    return {key: entry.value for key, entry in entries.items() if isinstance(entry.value, MonthlyValue)}


# -- bytes to values ----------------------------------------------------------------------------------------------


def layout_of(grid: MonthlyGrid) -> Layout:
    """What a table of the grid must look like."""
    it, ids = grid.words.it, grid.words.ids
    return Layout(
        needed=(*(row.field for row in grid.rows if row.blank is None), "month", grid.main.field),
        known=(*(row.field for row in grid.rows), "month", *(measure.field for measure in grid.measures)),
        ours=tuple(REFERENCES[row.of].column for row in grid.rows),
        sheets=(ids.ru, ids.en),
        empty=Text(
            f"Файл пуст. Скачайте {it.ru}, чтобы увидеть, какие столбцы нужны.",
            f"The file is empty. Download {it.en} to see which columns are needed.",
        ),
    )


def read_file(
    grid: MonthlyGrid,
    content: bytes,
    directory: Directory | None,
    existing: Mapping[str, MonthlyValue],
    closed: frozenset[str],
) -> Taken[MonthlyValue]:
    """Values of a file by key. BadFile names every bad line, BadInput says that it is no such file.

    ``directory`` None: nothing is loaded yet and ids cannot be checked. ``existing``: what is stored; a column the file lacks leaves it.
    ``closed``: months that are closed.
    """
    found: dict[str, tuple[int, MonthlyValue]] = {}
    wrong: list[Wrong] = []
    table = table_of(content, layout_of(grid))
    for number, cells in rows_of(table, wrong):
        value = _value(grid, number, cells, directory, existing, wrong)
        if value is None:
            continue
        if value.key in found:
            wrong.append(Wrong(number, "", _twice(grid, found[value.key][0])))
            continue
        shut = grid.kind.closed(closed, None, value)
        if shut is not None and existing.get(value.key) != value:
            wrong.append(Wrong(number, "month", shut))
        found[value.key] = (number, value)
    wrong += _against_rules(grid, found, existing)
    if wrong:
        raise table.refused(wrong)
    if not found:
        lines = grid.words.lines
        raise BadInput(Text(f"В файле нет {lines.ru}.", f"The file has no {lines.en}."))
    taken = Taken({key: value for key, (_, value) in found.items()})
    taken.notes = tuple(table.notes)
    return taken


def _twice(grid: MonthlyGrid, first: int) -> Text:
    same = grid.words.same
    return Text(f"{same.ru}, что в строке {first}. Оставьте одну.", f"{same.en} as in line {first}. Keep one.")


def _value(
    grid: MonthlyGrid,
    line: int,
    cells: Mapping[str, object],
    directory: Directory | None,
    existing: Mapping[str, MonthlyValue],
    wrong: list[Wrong],
) -> MonthlyValue | None:
    """The value of a line; what is wrong with it goes to ``wrong``."""
    main, *others = grid.measures
    readers: dict[str, Callable[[Any], Any]] = {
        **{row.field: partial(read_id, row, directory=directory) for row in grid.rows},
        "month": reading.month,
        main.field: partial(_amount, grid),
        **{measure.field: measure.number.read for measure in others if measure.field in cells},
    }
    given = take(line, cells, readers, wrong)
    if len(given) < len(readers):
        return None
    try:
        value = grid.value(given)
    except BadInput as error:
        wrong.append(Wrong(line, "", error.text))
        return None
    before = existing.get(value.key)
    kept = {m.field: getattr(before, m.field) for m in others if m.field not in cells and before is not None}
    return value.model_copy(update=kept) if kept else value


def _amount(grid: MonthlyGrid, cell: object) -> Decimal | int:
    number = grid.main.number.read(cell)
    if number is None:
        raise BadInput(grid.words.no_amount)
    return number


def _against_rules(
    grid: MonthlyGrid, found: Mapping[str, tuple[int, MonthlyValue]], existing: Mapping[str, MonthlyValue]
) -> list[Wrong]:
    """Lines that break a rule, in the file or beside what is stored."""
    after = {**existing, **{key: value for key, (_, value) in found.items()}}
    return [
        Wrong(found[value.key][0], rule.column, rule.why)
        for rule, group in grid.broken(after.values())
        for value in group
        if value.key in found
    ]


# -- values to bytes ----------------------------------------------------------------------------------------------


def columns_of(grid: MonthlyGrid) -> list[str]:
    """Columns of a file, ids and their names side by side."""
    keys = [name for row in grid.rows for name in (row.field, REFERENCES[row.of].column)]
    return [*keys, "month", *(measure.field for measure in grid.measures)]


def _lines(
    grid: MonthlyGrid, values: Sequence[MonthlyValue], directory: Directory | None, lang: Lang
) -> Iterator[list[Any]]:
    def names(value: MonthlyValue) -> list[str]:
        return [name_of(row, id_, directory, lang) for row, id_ in zip(grid.rows, value.row, strict=True)]

    named = [(value, names(value)) for value in values]
    for value, called in sorted(named, key=lambda v: (order_of(grid.rows, v[0].row, v[1]), month_of(v[0]))):
        keys = [cell for pair in zip(value.row, called, strict=True) for cell in pair]
        yield [*keys, month_of(value), *(getattr(value, measure.field) for measure in grid.measures)]


def csv_file(grid: MonthlyGrid, values: Sequence[MonthlyValue], directory: Directory | None, lang: Lang) -> bytes:
    """CSV for other programs: UTF-8 without a mark, commas between cells, a point before decimals."""
    return csv_bytes(columns_of(grid), _lines(grid, values, directory, lang))


def xlsx_file(
    grid: MonthlyGrid,
    values: Sequence[MonthlyValue],
    directory: Directory | None,
    lang: Lang,
    target: IO[bytes] | Path,
) -> None:
    """A workbook that can be changed and uploaded again; its second sheet lists the ids there are."""
    book = xlsxwriter.Workbook(
        target if not isinstance(target, Path) else str(target),
        {"strings_to_formulas": False, "strings_to_urls": False},
    )
    bold = book.add_format({"bold": True, "bg_color": "#E6F0FA", "bottom": 1})
    money, whole = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "#,##0"})
    columns = columns_of(grid)
    widths = [width for row in grid.rows for width in REFERENCES[row.of].widths]
    numbers = {row.field for row in grid.rows if REFERENCES[row.of].is_number}
    sheet = _sheet(
        book, bold, grid.title.of(lang), columns, [*widths, _MONTH_WIDTH, *(_WIDTHS[m.number] for m in grid.measures)]
    )
    number = 0
    for number, line in enumerate(_lines(grid, values, directory, lang), 1):
        for at, cell in enumerate(line):
            if isinstance(cell, Decimal):
                sheet.write_number(number, at, float(cell), whole if cell == cell.to_integral_value() else money)
            elif isinstance(cell, int):
                sheet.write_number(number, at, cell, whole)
            elif columns[at] in numbers and cell:
                sheet.write_number(number, at, int(cell))
            elif cell:
                sheet.write_string(number, at, cell)
    sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)
    if directory is not None:
        _ids(grid, book, bold, directory, lang)
    book.close()


def _sheet(book: Any, bold: Any, title: str, columns: Sequence[str], widths: Sequence[int]) -> Any:
    sheet = book.add_worksheet(title)
    sheet.freeze_panes(1, 0)
    for at, (name, width) in enumerate(zip(columns, widths, strict=True)):
        sheet.set_column(at, at, width)
        if name:
            sheet.write_string(0, at, name, bold)
    return sheet


def _ids(grid: MonthlyGrid, book: Any, bold: Any, directory: Directory, lang: Lang) -> None:
    """The sheet of ids: a group of columns for each field of the rows, an empty column between."""
    groups = []
    for row in grid.rows:
        reference = REFERENCES[row.of]
        blank = [""] if row.blank is not None else []
        lines = [
            [
                id_,
                name_of(row, id_, directory, lang),
                *([reference.noted(id_, directory).of(lang)] if reference.note and id_ else []),
            ]
            for id_ in [*blank, *reference.listed(directory)]
        ]
        note = [(reference.note, 36)] if reference.note else []
        groups.append(
            ([*zip((row.field, reference.column), reference.widths, strict=True), *note], reference.is_number, lines)
        )
    heads: list[tuple[str, int]] = []
    starts = []
    for columns, _, _ in groups:
        if heads:
            heads.append(("", _GAP))
        starts.append(len(heads))
        heads += columns
    sheet = _sheet(book, bold, grid.words.ids.of(lang), [name for name, _ in heads], [width for _, width in heads])
    for start, (_, is_number, lines) in zip(starts, groups, strict=True):
        for number, (id_, *words) in enumerate(lines, 1):
            if is_number and id_:
                sheet.write_number(number, start, int(id_))
            elif id_:
                sheet.write_string(number, start, id_)
            for at, said in enumerate(words, start + 1):
                sheet.write_string(number, at, said)
