"""What people type as a file, there and back: the table in a workbook or a CSV, its lines, and what is wrong with them.

A file is taken whole or not at all: every bad cell is named by its sheet and its place, and what was not read – other sheets, other
columns, lines above the table – is said. The table may stand on any sheet, below a banner; what cannot be told from data is refused
with a sentence that says what to do. A file is bounded before it is opened: bytes, unpacked bytes, elements, and seconds.
"""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NoReturn, TypeVar, cast

import openpyxl
from openpyxl.utils import get_column_letter
from openpyxl.utils.datetime import MAC_EPOCH
from openpyxl.worksheet._reader import WorkSheetParser
from pydantic import BaseModel

from dash_app.errors import BadInput
from dash_app.exports.cells import guarded, unguarded
from dash_app.store.reading import visible
from dash_app.text import Lang, Text

MOST_LINES = 20_000
MOST_BYTES = 5_000_000
MOST_UNPACKED = 60_000_000
MOST_PARTS = 2_000
MOST_MARKUP = 2_000_000
"""Elements of a workbook's XML: some 400 000 cells, read in a few seconds."""
MOST_BESIDE = 50_000
"""Elements that are neither cells nor their texts: styles, merged ranges, names. Each costs ten times what a cell does."""
LONGEST_ELEMENT = 400_000
"""Bytes between two elements: a cell holds 32 767 characters. Longer ones are read over and over as they come."""
MOST_SECONDS = 15.0
SHOWN_LINES = 50
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_CELLS = re.compile(rb"</?(?:\w+:)?(?:sheetData|sst)(?=[\s/>])")
_DAYS_1904 = 1462
"""Between day numbers of a workbook of an old Mac and of any other."""

FileLine = tuple[int, Mapping[int, object]]
"""(number of a line as a spreadsheet shows it, its cells by column from 0; empty cells are left out)."""


class FormulaCell:
    """A cell that calculates."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be taken. ``column`` '' for a whole line; ``sheet`` and ``cell`` of a workbook."""

    line: int
    column: str
    why: Text
    sheet: str = ""
    cell: str = ""

    @property
    def place(self) -> str:
        """«План!D3», «3» in a CSV."""
        return f"{self.sheet}!{self.cell or self.line}" if self.sheet else str(self.line)

    def of(self, lang: Lang) -> str:
        """«Строка 3, plan_amount: …», «Лист «План», ячейка D3 (plan_amount): …»."""
        line = f"{'строка' if lang == 'ru' else 'line'} {self.line}"
        if not self.sheet:
            place = f"{line[0].upper()}{line[1:]}{', ' if self.column else ''}{self.column}"
        else:
            cell = f"{'ячейка' if lang == 'ru' else 'cell'} {self.cell}" if self.cell else line
            sheet = f"Лист «{self.sheet}»" if lang == "ru" else f"Sheet “{self.sheet}”"
            place = f"{sheet}, {cell}{f' ({self.column})' if self.column else ''}"
        return f"{place}: {self.why.of(lang)}"


class BadFile(BadInput):
    """A file of which nothing was taken; ``wrong`` names every bad cell."""

    def __init__(self, wrong: Sequence[Wrong]) -> None:
        self.wrong = list(wrong)
        more = len(self.wrong) - SHOWN_LINES
        ru = [f"Ничего не загружено, ошибок: {len(self.wrong)}.", *(w.of("ru") for w in self.wrong[:SHOWN_LINES])]
        en = [f"Nothing was imported, errors: {len(self.wrong)}.", *(w.of("en") for w in self.wrong[:SHOWN_LINES])]
        if more > 0:
            ru.append(f"И ещё {more}.")
            en.append(f"And {more} more.")
        super().__init__(Text("\n".join(ru), "\n".join(en)))


_T = TypeVar("_T")


class Taken(dict[str, _T]):
    """What a file holds, by key. ``notes``: what of the file was not read."""

    notes: tuple[Text, ...] = ()

    def dumped(self) -> Taken[Any]:
        """Ready to be stored."""
        found: Taken[Any] = Taken(
            {key: cast("BaseModel", value).model_dump(mode="json") for key, value in self.items()}
        )
        found.notes = self.notes
        return found


@dataclass(frozen=True, slots=True)
class FileSheet:
    """Lines of one sheet with anything in them; ``name`` '' for a CSV. ``merged``: (first row, last row, first column, last column), from 1 and 0."""

    name: str
    lines: Sequence[FileLine]
    merged: Sequence[tuple[int, int, int, int]] = ()
    is_1904: bool = False


@dataclass(frozen=True, slots=True)
class Layout:
    """What a table must look like. ``known``: columns that are read, ``needed`` among them; ``ours``: columns and sheets of our own
    downloads that are there for people."""

    needed: Sequence[str]
    known: Sequence[str]
    ours: Sequence[str]
    sheets: Sequence[str]
    empty: Text


@dataclass(slots=True)
class FileTable:
    """The table of a file: its lines below the header, the place of each column."""

    sheet: FileSheet
    header: int
    columns: Mapping[str, int]
    titled: frozenset[int]
    lines: Sequence[FileLine]
    notes: list[Text] = field(default_factory=list)

    def at(self, wrong: Wrong) -> Wrong:
        """With its sheet and cell."""
        if not self.sheet.name or wrong.sheet:
            return wrong
        column = self.columns.get(wrong.column)
        cell = "" if column is None else f"{get_column_letter(column + 1)}{wrong.line}"
        return replace(wrong, sheet=self.sheet.name, cell=cell)

    def refused(self, wrong: Iterable[Wrong]) -> BadFile:
        """A refusal that names every cell, in the order of the file."""
        return BadFile(sorted((self.at(w) for w in wrong), key=lambda w: w.line))


def word(cell: object) -> str:
    """A cell as a text, without what cannot be seen."""
    return "" if cell is None else visible(str(cell))


def number_id(cell: object) -> str | None:
    """``7`` out of 7, 7.0, « 7 »; None if it is no id."""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else word(cell)
    text = unguarded(text)
    return str(int(text)) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def take(
    line: int, cells: Mapping[str, object], readers: Mapping[str, Callable[[Any], Any]], wrong: list[Wrong]
) -> dict[str, Any]:
    """The cells of a line that could be read; what could not goes to ``wrong``."""
    values: dict[str, Any] = {}
    for name, read in readers.items():
        cell = cells.get(name)
        try:
            if isinstance(cell, FormulaCell):
                raise BadInput(
                    Text(
                        "Здесь формула. Скопируйте столбец и вставьте значения (Специальная вставка).",
                        "There is a formula here. Copy the column and paste its values (Paste special).",
                    )
                )
            values[name] = read(cell)
        except BadInput as error:
            wrong.append(Wrong(line, name, error.text))
    return values


# -- the table of a file ------------------------------------------------------------------------------------------


def table_of(content: bytes, layout: Layout) -> FileTable:
    """The one table with the needed columns, wherever it stands. BadInput: no such file, no such table or several; BadFile: merged cells."""
    if len(content) > MOST_BYTES:
        raise BadInput(Text("Файл больше 5 МБ. Разделите его.", "The file is larger than 5 MB. Split it."))
    if content.startswith(b"PK"):
        sheets = _workbook_sheets(content)
    elif content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput(
            Text(
                "Это старый формат Excel или файл с паролем. Сохраните его как .xlsx без пароля.",
                "This is the old Excel format or has a password. Save it as .xlsx without one.",
            )
        )
    else:
        sheets = [_csv_sheet(content, layout)]
    if not any(sheet.lines for sheet in sheets):
        raise BadInput(layout.empty)
    found = [(sheet, header) for sheet in sheets if (header := _header_of(sheet, layout)) is not None]
    if not found:
        _no_table(sheets, layout)
    if len(found) > 1:
        listed = ", ".join(f"«{sheet.name}»" for sheet, _ in found)
        raise BadInput(
            Text(
                f"Таблица есть на нескольких листах: {listed}. Оставьте в файле одну.",
                f"There is a table on several sheets: {listed}. Keep one in the file.",
            )
        )
    sheet, at = found[0]
    number, cells = sheet.lines[at]
    names = _names(cells)
    for name in layout.known:
        twice = [f"{get_column_letter(place + 1)}{number}" for place, known in names.items() if known == name]
        if len(twice) > 1:
            raise BadInput(
                Text(
                    f"Столбец {name} есть в файле дважды: {' и '.join(twice)}. Оставьте один.",
                    f"The column {name} is there twice: {' and '.join(twice)}. Keep one.",
                )
            )
    columns = {name: place for place, name in names.items() if name in layout.known}
    table = FileTable(sheet, number, columns, frozenset(names), sheet.lines[at + 1 :])
    table.notes = _not_read(table, sheets, at, names, layout)
    merged = _merged(table)
    if merged:
        raise table.refused(merged)
    if len(table.lines) > MOST_LINES:
        raise BadInput(
            Text(
                f"В файле больше {MOST_LINES} строк. Разделите его.",
                f"The file has more than {MOST_LINES} lines. Split it.",
            )
        )
    return table


def rows_of(table: FileTable, wrong: list[Wrong]) -> Iterator[tuple[int, dict[str, object]]]:
    """(line, its cells by column) of every line; a cell outside the columns goes to ``wrong``."""
    for number, cells in table.lines:
        outside = [place for place in cells if place not in table.titled]
        if outside:
            wrong.append(_outside(table, number, min(outside)))
            continue
        row: dict[str, object] = {name: cells.get(place) for name, place in table.columns.items()}
        month = row.get("month")
        if table.sheet.is_1904 and isinstance(month, int | float) and month < 100_000:
            row["month"] = month + _DAYS_1904
        yield number, row


def _outside(table: FileTable, line: int, place: int) -> Wrong:
    if not table.sheet.name:
        why = Text(
            "В строке больше ячеек, чем столбцов. Возьмите числа с запятой в кавычки.",
            "The line has more cells than there are columns. Put numbers with commas into quotes.",
        )
        return Wrong(line, "", why)
    why = Text(
        "Над этой ячейкой нет названия столбца. Назовите столбец или очистите ячейку.",
        "No column title stands above this cell. Name the column or clear the cell.",
    )
    return Wrong(line, "", why, table.sheet.name, f"{get_column_letter(place + 1)}{line}")


def _names(cells: Mapping[int, object]) -> dict[int, str]:
    return {place: word(cell).casefold().replace(" ", "_") for place, cell in cells.items()}


def _header_of(sheet: FileSheet, layout: Layout) -> int | None:
    """Which of the lines names all needed columns."""
    needed = set(layout.needed)
    for at, (_, cells) in enumerate(sheet.lines):
        if len(cells) >= len(needed) and needed <= set(_names(cells).values()):
            return at
    return None


def _no_table(sheets: Sequence[FileSheet], layout: Layout) -> NoReturn:
    """Names the line that comes closest and what it lacks."""
    needed, known = set(layout.needed), ", ".join(layout.known)
    best: tuple[int, FileSheet, int, set[str]] | None = None
    for sheet in sheets:
        for number, cells in sheet.lines:
            there = needed & set(_names(cells).values())
            if there and (best is None or len(there) > best[0]):
                best = len(there), sheet, number, needed - there
    if best is None:
        raise BadInput(
            Text(
                f"В файле нет строки с названиями столбцов. Нужны {known}: скачайте образец и перенесите числа в него.",
                f"The file has no line of column titles. Needed are {known}: download the sample and put the numbers there.",
            )
        )
    _, sheet, number, missing = best
    listed = ", ".join(name for name in layout.needed if name in missing)
    where = (
        Text(f"Лист «{sheet.name}», строка", f"Sheet “{sheet.name}”, line") if sheet.name else Text("Строка", "Line")
    )
    raise BadInput(
        Text(
            f"{where.ru} {number}: нет столбцов {listed}. Нужны {known}.",
            f"{where.en} {number}: the columns {listed} are missing. Needed are {known}.",
        )
    )


def _not_read(
    table: FileTable, sheets: Sequence[FileSheet], at: int, names: Mapping[int, str], layout: Layout
) -> list[Text]:
    """What of the file is not in the table, so that nothing is left out in silence."""
    notes = []
    if table.sheet is not sheets[0]:
        notes.append(
            Text(
                f"Таблица взята с листа «{table.sheet.name}».", f"The table is that of the sheet “{table.sheet.name}”."
            )
        )
    if at:
        notes.append(
            Text(f"Строки над таблицей не читались: {at}.", f"Lines above the table that were not read: {at}.")
        )
    others = [s.name for s in sheets if s is not table.sheet and s.lines and s.name not in layout.sheets]
    if others:
        listed = ", ".join(f"«{name}»" for name in others[:5]) + (" …" if len(others) > 5 else "")
        notes.append(Text(f"Другие листы не читались: {listed}.", f"Other sheets were not read: {listed}."))
    more = [name for name in names.values() if name not in layout.known and name not in layout.ours]
    if more:
        listed = ", ".join(name[:30] for name in more[:5]) + (" …" if len(more) > 5 else "")
        notes.append(Text(f"Другие столбцы не читались: {listed}.", f"Other columns were not read: {listed}."))
    return notes


def _merged(table: FileTable) -> list[Wrong]:
    """Cells of the table that were merged: what stands in all but the first is anybody's guess."""
    last = table.lines[-1][0] if table.lines else table.header
    wrong = []
    for top, bottom, left, right in table.sheet.merged:
        touched = [name for name, place in table.columns.items() if left <= place <= right]
        if not touched or bottom <= table.header or top > last:
            continue
        first, second = f"{get_column_letter(left + 1)}{top}", f"{get_column_letter(right + 1)}{bottom}"
        why = Text(
            f"Ячейки {first}:{second} объединены. Отмените объединение и заполните каждую.",
            f"The cells {first}:{second} are merged. Unmerge them and fill each.",
        )
        wrong.append(Wrong(max(top, 1), touched[0], why))
    return wrong


# -- bytes to lines -----------------------------------------------------------------------------------------------


_NO_TABLE = Text("Это не таблица: нужен файл .xlsx или .csv.", "This is no table: an .xlsx or .csv file is needed.")
_BROKEN = Text(
    "Файл .xlsx не открывается. Сохраните его заново и загрузите ещё раз.",
    "The .xlsx cannot be opened. Save it anew and upload it again.",
)
_TOO_MUCH = Text(
    "В файле слишком много ячеек. Оставьте в нём только таблицу, без лишних строк, столбцов и листов.",
    "The file has too many cells. Leave nothing but the table in it, without other lines, columns and sheets.",
)


def _text_of(content: bytes) -> str:
    """The text of a CSV: UTF-8, UTF-16 with a mark or without, else the old Windows encoding. BadInput for bytes that are no text."""
    start = content[:2000]
    try:
        if content.startswith((b"\xff\xfe", b"\xfe\xff")):
            return content.decode("utf-16")
        if len(content) % 2 == 0 and start[1::2].count(0) > len(start) // 4:
            return content.decode("utf-16-le")
        if len(content) % 2 == 0 and start[::2].count(0) > len(start) // 4:
            return content.decode("utf-16-be")
        try:
            return content.decode("utf-8-sig")
        except UnicodeDecodeError:
            return content.decode("cp1251")
    except UnicodeDecodeError:
        raise BadInput(_NO_TABLE) from None


def _csv_sheet(content: bytes, layout: Layout) -> FileSheet:
    """Lines of a CSV: the separator is the one its first line names (``sep=;``), else the one under which the columns are there."""
    text = _text_of(content).lstrip("\ufeff")
    if "\x00" in text:
        raise BadInput(_NO_TABLE)
    first, _, below = text.partition("\n")
    if told := re.fullmatch(
        r'"?sep=(.)"?', first.strip("\r \ufeff") if first.strip() != "sep=" else "sep=\t", re.IGNORECASE
    ):
        return FileSheet("", _csv_lines(below, told[1], 2))
    error: BadInput | None = None
    sheets = []
    head = text.lstrip("\r\n").partition("\n")[0]
    for separator in sorted(";,\t|", key=lambda sign: -head.count(sign)):
        try:
            sheet = FileSheet("", _csv_lines(text, separator, 1))
        except BadInput as said:
            error = error or said
            continue
        if _header_of(sheet, layout) is not None:
            return sheet
        sheets.append(sheet)
    if error is not None or not sheets:
        raise error or BadInput(_NO_TABLE)
    return sheets[0]


def _csv_lines(text: str, separator: str, number: int) -> list[FileLine]:
    """``number``: of the first line."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    lines: list[FileLine] = []
    try:
        for line, row in enumerate(reader, number):
            cells = {
                place: FormulaCell() if cell.lstrip().startswith("=") else cell
                for place, cell in enumerate(row)
                if visible(cell)
            }
            if cells:
                lines.append((line, cells))
    except csv.Error:
        at = reader.line_num + number - 1
        raise BadInput(
            Text(
                f"Строка {at} файла .csv: кавычка открыта и не закрыта или ячейка слишком длинная. Исправьте её.",
                f"Line {at} of the .csv: a quote is opened and never closed, or a cell is too long. Correct it.",
            )
        ) from None
    return lines


def _workbook_sheets(content: bytes) -> list[FileSheet]:
    """All sheets, hidden ones and hidden lines too: what a file holds is read whole."""
    until = time.monotonic() + MOST_SECONDS
    try:
        _bounded(content)
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
        return [_sheet(book, sheet, until) for sheet in book.worksheets]
    except BadInput:
        raise
    except Exception:  # openpyxl raises whatever its parsers do
        raise BadInput(_BROKEN) from None


def _bounded(content: bytes) -> None:
    """Refuses a workbook that would take long to read, before it is opened."""
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        parts = packed.infolist()
        names = {part.filename for part in parts}
        if "xl/workbook.xml" not in names and not any(name.endswith("workbook.xml") for name in names):
            raise BadInput(
                Text(
                    "Это не книга .xlsx. Откройте файл в редакторе таблиц и сохраните его как .xlsx.",
                    "This is no .xlsx workbook. Open the file in a spreadsheet and save it as .xlsx.",
                )
            )
        if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
            raise BadInput(_TOO_MUCH)
        markup = beside = 0
        for part in parts:
            if part.filename.endswith((".xml", ".rels")):
                text = packed.read(part)
                if b"<!ENTITY" in text or b"<\x00!\x00E\x00N\x00T" in text:
                    raise BadInput(_BROKEN)
                elements = text.split(b"<")
                markup += len(elements)
                beside += len(elements) - _cells(text)
                if markup > MOST_MARKUP or beside > MOST_BESIDE or max(map(len, elements)) > LONGEST_ELEMENT:
                    raise BadInput(_TOO_MUCH)


def _cells(text: bytes) -> int:
    """Elements of a part that are lines, cells or shared texts."""
    bounds = list(_CELLS.finditer(text))
    if not bounds:
        return 0
    return text.count(b"<", bounds[0].start(), bounds[-1].end())


def _sheet(book: Any, sheet: Any, until: float) -> FileSheet:
    """One sheet by openpyxl's own parser: its rows lose lines that are out of order, and do not tell of merged cells."""
    with sheet._get_source() as source:
        parser = WorkSheetParser(
            source,
            sheet._shared_strings,
            data_only=False,
            epoch=book.epoch,
            date_formats=book._date_formats,
            timedelta_formats=book._timedelta_formats,
        )
        found: dict[int, dict[int, object]] = {}
        for number, row in parser.parse():
            if time.monotonic() > until:
                raise BadInput(_TOO_MUCH)
            cells: dict[int, object] = {}
            for cell in row:
                value = FormulaCell() if cell["data_type"] == "f" else cell["value"]
                if isinstance(value, str) and "_x" in value:  # how XML holds signs it cannot hold
                    value = _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value)
                if isinstance(value, FormulaCell) or word(value):
                    if cell["column"] - 1 in cells:
                        raise BadInput(_BROKEN)
                    cells[cell["column"] - 1] = value
            if number in found and cells:
                raise BadInput(_BROKEN)
            if cells:
                found[number] = cells
        merged = [(r.min_row, r.max_row, r.min_col - 1, r.max_col - 1) for r in _ranges(parser.merged_cells)]
        return FileSheet(sheet.title, sorted(found.items()), merged, book.epoch == MAC_EPOCH)


def _ranges(merged: Any) -> list[Any]:
    from openpyxl.worksheet.cell_range import CellRange

    return [] if merged is None else [CellRange(one.ref) for one in merged.mergeCell]


def csv_bytes(columns: Sequence[str], rows: Iterator[list[Any]]) -> bytes:
    """CSV for other programs: UTF-8 without a mark, commas between cells, a point before decimals."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(["" if cell is None else guarded(cell) if isinstance(cell, str) else str(cell) for cell in row])
    return out.getvalue().encode()
