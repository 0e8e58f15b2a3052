"""Expenses as a file, there and back: Excel and CSV. A file is taken whole or not at all, and every bad line is named.

Columns: ``source_id`` (``none``: the unknown source), ``month``, ``amount``; others are ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, cast

import xlsxwriter

from dash_app.engine.directory import NONE, NOT_SET, Directory
from dash_app.errors import BadInput
from dash_app.exports.cells import unguarded
from dash_app.exports.typed_file import Layout, Taken, Wrong, csv_bytes, rows_of, table_of, take, word
from dash_app.store import reading
from dash_app.store.grids.expenses import Expense
from dash_app.text import Lang, Text

COLUMNS = ("source_id", "source", "month", "amount")
NEEDED = ("source_id", "month", "amount")

_EMPTY = Text(
    "Файл пуст. Скачайте расходы, чтобы увидеть, какие столбцы нужны.",
    "The file is empty. Download the expenses to see which columns are needed.",
)


LAYOUT = Layout(NEEDED, NEEDED, ("source",), ("Источники", "Sources"), _EMPTY)


def read_expenses(content: bytes, directory: Directory | None) -> Taken[Expense]:
    """Expenses of a file by key. BadFile names every bad line, BadInput says that it is no such file.

    ``directory`` None: nothing is loaded yet and sources cannot be checked.
    """
    found: dict[str, tuple[int, Expense]] = {}
    wrong: list[Wrong] = []
    readers: dict[str, Callable[[Any], Any]] = {
        "source_id": lambda cell: source_of(cell, directory),
        "month": reading.month,
        "amount": _needed_amount,
    }
    table = table_of(content, LAYOUT)
    for number, cells in rows_of(table, wrong):
        values = take(number, cells, readers, wrong)
        if len(values) < len(readers):
            continue
        expense = Expense(**values)
        if expense.key in found:
            first = found[expense.key][0]
            wrong.append(
                Wrong(
                    number,
                    "",
                    Text(
                        f"Тот же источник и месяц, что в строке {first}. Оставьте одну.",
                        f"The same source and month as in line {first}. Keep one.",
                    ),
                )
            )
            continue
        found[expense.key] = (number, expense)
    if wrong:
        raise table.refused(wrong)
    if not found:
        raise BadInput(Text("В файле нет строк с расходами.", "The file has no lines with expenses."))
    taken = Taken({key: expense for key, (_, expense) in found.items()})
    taken.notes = tuple(table.notes)
    return taken


def source_of(cell: object, directory: Directory | None) -> str:
    """The id of a source, by its id or by a name only it has."""
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else unguarded(word(cell))
    if not text:
        raise BadInput(
            Text(
                "Источник пуст. Для расходов без источника впишите none.",
                "The source is empty. Write none for expenses of no source.",
            )
        )
    if text.casefold() in (NONE, NOT_SET.ru, NOT_SET.en):
        return NONE
    if directory is None:
        if len(text) > 50:
            raise BadInput(Text(f"«{text[:40]}…» – не id источника.", f"“{text[:40]}…” is no id of a source."))
        return text
    if text in directory.sources:
        return text
    named = [source for source, (name, _) in directory.sources.items() if name.casefold() == text.casefold()]
    if len(named) == 1:
        return named[0]
    raise BadInput(
        Text(
            f"Источника «{text[:40]}» на портале нет. Возьмите id со второго листа выгрузки.",
            f"There is no source “{text[:40]}” in the portal. Take the id from the second sheet of the download.",
        )
    )


def _needed_amount(cell: object) -> Decimal:
    amount = reading.amount(cell)
    if amount is None:
        raise BadInput(
            Text("Сумма пуста. Впишите её или уберите строку.", "The amount is empty. Enter it or remove the line.")
        )
    return amount


def expenses_of(entries: Mapping[str, Any]) -> dict[str, Expense]:
    """Expenses by key out of the workspace's entries."""
    return {key: cast("Expense", entry.value) for key, entry in entries.items()}


def name_of(source_id: str, directory: Directory | None, lang: Lang) -> str:
    """A source's name; '' before anything is loaded."""
    return directory.source(None if source_id == NONE else source_id).of(lang) if directory else ""


def _rows(expenses: Sequence[Expense], directory: Directory | None, lang: Lang) -> Iterator[list[Any]]:
    named = (
        sorted((name_of(e.source_id, directory, lang).casefold(), e.source_id, e.month, e) for e in expenses)
        if expenses
        else []
    )
    for _, _, _, expense in named:
        yield [expense.source_id, name_of(expense.source_id, directory, lang), expense.month, expense.amount]


def expenses_csv(expenses: Sequence[Expense], directory: Directory | None, lang: Lang) -> bytes:
    """CSV for other programs."""
    return csv_bytes(COLUMNS, _rows(expenses, directory, lang))


def expenses_xlsx(
    expenses: Sequence[Expense], directory: Directory | None, lang: Lang, target: IO[bytes] | Path
) -> None:
    """A workbook that can be changed and uploaded again; its second sheet lists the sources there are."""
    book = xlsxwriter.Workbook(
        target if not isinstance(target, Path) else str(target),
        {"strings_to_formulas": False, "strings_to_urls": False},
    )
    bold = book.add_format({"bold": True, "bg_color": "#E6F0FA", "bottom": 1})
    money, whole = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "#,##0"})
    sheet = book.add_worksheet("Расходы" if lang == "ru" else "Expenses")
    sheet.freeze_panes(1, 0)
    for at, (name, width) in enumerate(zip(COLUMNS, (16, 30, 11, 18), strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, name, bold)
    number = 0
    for number, row in enumerate(_rows(expenses, directory, lang), 1):
        for at, cell in enumerate(row[:3]):
            sheet.write_string(number, at, cell)
        sheet.write_number(number, 3, float(row[3]), whole if row[3] == row[3].to_integral_value() else money)
    sheet.autofilter(0, 0, max(number, 1), len(COLUMNS) - 1)
    if directory is not None:
        names = book.add_worksheet("Источники" if lang == "ru" else "Sources")
        names.freeze_panes(1, 0)
        for at, (name, width) in enumerate((("source_id", 16), ("source", 30))):
            names.set_column(at, at, width)
            names.write_string(0, at, name, bold)
        for line, source in enumerate([*directory.sources, NONE], 1):
            names.write_string(line, 0, source)
            names.write_string(line, 1, name_of(source, directory, lang))
    book.close()
