"""What people type as a file, there and back: lines of Excel and CSV, and what is wrong with them.

A file is taken whole or not at all, and every bad line is named.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import openpyxl

from dash_app.errors import BadInput
from dash_app.exports.cells import is_risky
from dash_app.text import Lang, Text

MOST_LINES = 20_000
MOST_BYTES = 5_000_000
MOST_UNPACKED = 100_000_000
SHOWN_LINES = 50

Line = tuple[int, list[object]]
"""(number of a line as a spreadsheet shows it, its cells)."""


class Formula:
    """A cell that calculates."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """A cell that cannot be taken. ``column`` '' for a whole line."""

    line: int
    column: str
    why: Text

    def of(self, lang: Lang) -> str:
        """«Строка 3, plan_amount: …»"""
        place = f"{'Строка' if lang == 'ru' else 'Line'} {self.line}"
        return f"{place}{', ' if self.column else ''}{self.column}: {self.why.of(lang)}"


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


def word(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def number_id(cell: object) -> str | None:
    """``7`` out of 7, 7.0, « 7 »; None if it is no id."""
    text = word(cell)
    if isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))
    return str(int(text)) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def places_of(
    header: Sequence[object], needed: Sequence[str], known: Sequence[str], all_of_them: str
) -> dict[str, int]:
    """Column name -> its place; BadInput if one that is needed is missing or stands twice. Other columns are ignored."""
    names = [word(cell).strip("\ufeff").casefold().replace(" ", "_") for cell in header]
    missing = [name for name in needed if name not in names]
    if missing:
        listed = ", ".join(missing)
        raise BadInput(
            Text(
                f"В первой строке нет столбцов: {listed}. Нужны {all_of_them}.",
                f"The first line lacks the columns: {listed}. Needed are {all_of_them}.",
            )
        )
    for name in known:
        if names.count(name) > 1:
            raise BadInput(
                Text(
                    f"Столбец {name} есть в файле дважды. Оставьте один.",
                    f"The column {name} is there twice. Keep one.",
                )
            )
    return {name: names.index(name) for name in known if name in names}


def take(
    line: int, cells: Mapping[str, object], readers: Mapping[str, Callable[[Any], Any]], wrong: list[Wrong]
) -> dict[str, Any]:
    """The cells of a line that could be read; what could not goes to ``wrong``."""
    values: dict[str, Any] = {}
    for name, read in readers.items():
        cell = cells.get(name)
        try:
            if isinstance(cell, Formula):
                raise BadInput(
                    Text("Здесь формула. Вставьте её значение.", "There is a formula here. Paste its value.")
                )
            values[name] = read(cell)
        except BadInput as error:
            wrong.append(Wrong(line, name, error.text))
    return values


def rows_of(
    content: bytes, places: Callable[[Sequence[object]], dict[str, int]], empty: Text, wrong: list[Wrong]
) -> Iterator[tuple[int, dict[str, object]]]:
    """(line, its cells by column) of every line with anything in it. BadInput: no such file; a line that is too long goes to ``wrong``."""
    lines = iter(lines_of(content))
    header = next((line for line in lines if any(word(c) for c in line[1])), None)
    if header is None:
        raise BadInput(empty)
    found = places(header[1])
    read = 0
    for number, cells in lines:
        if not any(word(c) for c in cells):
            continue
        read += 1
        if read > MOST_LINES:
            raise BadInput(
                Text(
                    f"В файле больше {MOST_LINES} строк. Разделите его.",
                    f"The file has more than {MOST_LINES} lines. Split it.",
                )
            )
        if any(word(c) for c in cells[len(header[1]) :]):
            wrong.append(
                Wrong(
                    number,
                    "",
                    Text(
                        "В строке больше ячеек, чем столбцов. Возьмите числа с запятой в кавычки.",
                        "The line has more cells than there are columns. Put numbers with commas into quotes.",
                    ),
                )
            )
            continue
        yield number, {name: cells[at] if at < len(cells) else None for name, at in found.items()}


def lines_of(content: bytes) -> Iterator[Line]:
    if len(content) > MOST_BYTES:
        raise BadInput(Text("Файл больше 5 МБ. Разделите его.", "The file is larger than 5 MB. Split it."))
    if content.startswith(b"PK"):
        return _xlsx_lines(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput(
            Text(
                "Это старый формат Excel или файл с паролем. Сохраните его как .xlsx без пароля.",
                "This is the old Excel format or has a password. Save it as .xlsx without one.",
            )
        )
    return _csv_lines(content)


def _text_of(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1251", errors="replace")


def _csv_lines(content: bytes) -> Iterator[Line]:
    text = _text_of(content)
    if "\x00" in text:
        raise BadInput(
            Text("Это не таблица: нужен файл .xlsx или .csv.", "This is no table: an .xlsx or .csv file is needed.")
        )
    head = text.lstrip("\r\n").partition("\n")[0]
    separator = max(";,\t", key=head.count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
            yield number, [Formula() if cell.lstrip().startswith("=") else cell for cell in row]
    except csv.Error:
        raise BadInput(
            Text(
                "Файл .csv испорчен: кавычка открыта и не закрыта.",
                "The .csv is broken: a quote is opened and never closed.",
            )
        ) from None


def _xlsx_lines(content: bytes) -> Iterator[Line]:
    broken = BadInput(
        Text(
            "Файл .xlsx не открывается. Сохраните его заново и загрузите ещё раз.",
            "The .xlsx cannot be opened. Save it anew and upload it again.",
        )
    )
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            if sum(part.file_size for part in packed.infolist()) > MOST_UNPACKED:
                raise broken
        book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=False)
        sheet = book.worksheets[0]
        sheet.reset_dimensions()
        for number, row in enumerate(sheet.iter_rows(max_col=60), 1):
            if number > MOST_LINES * 2:
                return
            yield number, [Formula() if cell.data_type == "f" else cell.value for cell in row]
    except BadInput:
        raise
    except Exception:  # openpyxl raises whatever its parsers do
        raise broken from None


def csv_bytes(columns: Sequence[str], rows: Iterator[list[Any]]) -> bytes:
    """CSV for other programs: UTF-8 without a mark, commas between cells, a point before decimals."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow(
            [
                "" if cell is None else f"'{cell}" if isinstance(cell, str) and is_risky(cell) else str(cell)
                for cell in row
            ]
        )
    return out.getvalue().encode()
