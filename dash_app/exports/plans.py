"""Plans as a file, there and back: Excel and CSV. A file is taken whole or not at all, and every bad line is named.

Columns: ``manager_id``, ``pipeline_id`` (empty: all pipelines), ``month``, ``plan_amount``, ``plan_count``, ``bonus``; others are ignored.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any, BinaryIO, cast

import openpyxl
import xlsxwriter

from dash_app.errors import BadInput
from dash_app.exports.cells import is_risky
from dash_app.metrics.directory import Directory
from dash_app.store import reading
from dash_app.store.kinds import Plan
from dash_app.store.plans import TWICE
from dash_app.text import Lang, Text

COLUMNS = ("manager_id", "manager", "pipeline_id", "pipeline", "month", "plan_amount", "plan_count", "bonus")
NEEDED = ("manager_id", "month", "plan_amount")
MOST_LINES = 20_000
MOST_BYTES = 5_000_000
MOST_UNPACKED = 100_000_000
SHOWN_LINES = 50
ALL = Text("все воронки", "all pipelines")
_ALL_WORDS = ("", "all", "все", "все воронки", "all pipelines")

Line = tuple[int, list[object]]
"""(number of a line as a spreadsheet shows it, its cells)."""


class _Formula:
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


class BadPlanFile(BadInput):
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


def read_plans(content: bytes, directory: Directory | None, existing: Mapping[str, Plan]) -> dict[str, Plan]:
    """Plans of a file by key. BadPlanFile names every bad line, BadInput says that it is no such file.

    ``directory`` None: nothing is loaded yet and ids cannot be checked. A column the file lacks leaves what is stored.
    """
    lines = iter(_lines(content))
    header = next((line for line in lines if any(_word(c) for c in line[1])), None)
    if header is None:
        raise BadInput(Text("Файл пуст. Скачайте план, чтобы увидеть, какие столбцы нужны.", "The file is empty. Download the plan to see which columns are needed."))
    places = _places(header[1])
    found: dict[str, tuple[int, Plan]] = {}
    wrong: list[Wrong] = []
    read = 0
    for number, cells in lines:
        if not any(_word(c) for c in cells):
            continue
        read += 1
        if read > MOST_LINES:
            raise BadInput(Text(f"В файле больше {MOST_LINES} строк. Разделите его.", f"The file has more than {MOST_LINES} lines. Split it."))
        if any(_word(c) for c in cells[len(header[1]) :]):
            wrong.append(Wrong(number, "", Text("В строке больше ячеек, чем столбцов. Возьмите числа с запятой в кавычки.", "The line has more cells than there are columns. Put numbers with commas into quotes.")))
            continue
        plan, bad = _plan(number, {name: cells[at] if at < len(cells) else None for name, at in places.items()}, directory, existing)
        wrong += bad
        if plan is None:
            continue
        if plan.key in found:
            first = found[plan.key][0]
            wrong.append(Wrong(number, "", Text(f"Тот же менеджер, воронка и месяц, что в строке {first}. Оставьте одну.", f"The same manager, pipeline and month as in line {first}. Keep one.")))
            continue
        found[plan.key] = (number, plan)
    wrong += _doubled(found, existing)
    if wrong:
        raise BadPlanFile(sorted(wrong, key=lambda w: w.line))
    if not found:
        raise BadInput(Text("В файле нет строк с планом.", "The file has no lines with a plan."))
    return {key: plan for key, (_, plan) in found.items()}


def _word(cell: object) -> str:
    return "" if cell is None else str(cell).strip()


def _places(header: Sequence[object]) -> dict[str, int]:
    """Column name -> its place; BadInput if one that is needed is missing or stands twice."""
    names = [_word(cell).strip("\ufeff").casefold().replace(" ", "_") for cell in header]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        listed = ", ".join(missing)
        raise BadInput(
            Text(
                f"В первой строке нет столбцов: {listed}. Нужны manager_id, pipeline_id, month, plan_amount, plan_count, bonus.",
                f"The first line lacks the columns: {listed}. Needed are manager_id, pipeline_id, month, plan_amount, plan_count, bonus.",
            )
        )
    known = [name for name in names if name in COLUMNS]
    for name in known:
        if known.count(name) > 1:
            raise BadInput(Text(f"Столбец {name} есть в файле дважды. Оставьте один.", f"The column {name} is there twice. Keep one."))
    return {name: names.index(name) for name in known if name not in ("manager", "pipeline")}


def _plan(
    line: int, cells: Mapping[str, object], directory: Directory | None, existing: Mapping[str, Plan]
) -> tuple[Plan | None, list[Wrong]]:
    wrong: list[Wrong] = []
    values: dict[str, Any] = {}

    def take(name: str, read: Any) -> None:
        cell = cells.get(name)
        try:
            if isinstance(cell, _Formula):
                raise BadInput(Text("Здесь формула. Вставьте её значение.", "There is a formula here. Paste its value."))
            values[name] = read(cell)
        except BadInput as error:
            wrong.append(Wrong(line, name, error.text))

    take("manager_id", lambda cell: _manager(cell, directory))
    take("pipeline_id", lambda cell: _pipeline(cell, directory))
    take("month", reading.month)
    take("plan_amount", _needed_amount)
    if "plan_count" in cells:
        take("plan_count", reading.count)
    if "bonus" in cells:
        take("bonus", reading.amount)
    if wrong:
        return None, wrong
    plan = Plan(**values)
    before = existing.get(plan.key)
    kept = {name: getattr(before, name) for name in ("plan_count", "bonus") if name not in cells and before is not None}
    return (plan.model_copy(update=kept) if kept else plan), []


def _needed_amount(cell: object) -> Decimal:
    amount = reading.amount(cell)
    if amount is None:
        raise BadInput(Text("Сумма плана пуста. Впишите её или уберите строку.", "The plan's amount is empty. Enter it or remove the line."))
    return amount


def _id(cell: object) -> str | None:
    """``7`` out of 7, 7.0, « 7 »; None if it is no id."""
    text = _word(cell)
    if isinstance(cell, float) and cell.is_integer():
        text = str(int(cell))
    return str(int(text)) if text.isascii() and text.isdigit() and len(text) <= 9 else None


def _manager(cell: object, directory: Directory | None) -> str:
    found = _id(cell)
    if found is None:
        raise BadInput(Text(f"«{_word(cell)[:40]}» – не id сотрудника. Нужно число, как на портале.", f"“{_word(cell)[:40]}” is no id of a person. A number as in the portal is needed."))
    if directory is not None and int(found) not in directory.managers:
        raise BadInput(
            Text(f"Сотрудника {found} на портале нет. Проверьте id; новые люди появятся после обновления данных.", f"There is no user {found} in the portal. Check the id; new people come with a refresh.")
        )
    return found


def _pipeline(cell: object, directory: Directory | None) -> str:
    if _word(cell).casefold() in _ALL_WORDS:
        return ""
    found = _id(cell)
    if found is None:
        raise BadInput(Text(f"«{_word(cell)[:40]}» – не id воронки. Нужно число; пусто – все воронки.", f"“{_word(cell)[:40]}” is no id of a pipeline. A number is needed; empty means all."))
    if directory is not None and int(found) not in directory.pipelines:
        raise BadInput(Text(f"Воронки {found} на портале нет. Проверьте id; пусто – все воронки.", f"There is no pipeline {found} in the portal. Check the id; empty means all."))
    return found


def _doubled(found: Mapping[str, tuple[int, Plan]], existing: Mapping[str, Plan]) -> list[Wrong]:
    """Lines that put "all pipelines" beside a pipeline's own plan, in the file or beside what is stored."""
    standing: dict[tuple[str, str], set[str]] = {}
    for plan in [*existing.values(), *(plan for _, plan in found.values())]:
        standing.setdefault((plan.manager_id, plan.month), set()).add(plan.pipeline_id)
    bad = {where for where, pipelines in standing.items() if "" in pipelines and len(pipelines) > 1}
    return [Wrong(line, "pipeline_id", TWICE) for line, plan in found.values() if (plan.manager_id, plan.month) in bad]


# -- bytes to lines -----------------------------------------------------------------------------------------------


def _lines(content: bytes) -> Iterator[Line]:
    if len(content) > MOST_BYTES:
        raise BadInput(Text("Файл больше 5 МБ. Разделите его.", "The file is larger than 5 MB. Split it."))
    if content.startswith(b"PK"):
        return _xlsx_lines(content)
    if content.startswith(b"\xd0\xcf\x11\xe0"):
        raise BadInput(Text("Это старый формат Excel или файл с паролем. Сохраните его как .xlsx без пароля.", "This is the old Excel format or has a password. Save it as .xlsx without one."))
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
        raise BadInput(Text("Это не таблица: нужен файл .xlsx или .csv.", "This is no table: an .xlsx or .csv file is needed."))
    head = text.lstrip("\r\n").partition("\n")[0]
    separator = max(";,\t", key=head.count)
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=separator), 1):
            yield number, [_Formula() if cell.lstrip().startswith("=") else cell for cell in row]
    except csv.Error:
        raise BadInput(Text("Файл .csv испорчен: кавычка открыта и не закрыта.", "The .csv is broken: a quote is opened and never closed.")) from None


def _xlsx_lines(content: bytes) -> Iterator[Line]:
    broken = BadInput(Text("Файл .xlsx не открывается. Сохраните его заново и загрузите ещё раз.", "The .xlsx cannot be opened. Save it anew and upload it again."))
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
            yield number, [_Formula() if cell.data_type == "f" else cell.value for cell in row]
    except BadInput:
        raise
    except Exception:  # openpyxl raises whatever its parsers do
        raise broken from None


# -- plans to bytes -----------------------------------------------------------------------------------------------


def _rows(plans: Sequence[Plan], directory: Directory | None, lang: Lang) -> Iterator[list[Any]]:
    def order(plan: Plan) -> tuple[Any, ...]:
        return (_name(plan, directory, lang).casefold(), int(plan.manager_id), plan.pipeline_id != "", int(plan.pipeline_id or 0), plan.month)

    for plan in sorted(plans, key=order):
        pipeline = ALL.of(lang) if not plan.pipeline_id else directory.pipeline(int(plan.pipeline_id)).of(lang) if directory else ""
        yield [plan.manager_id, _name(plan, directory, lang), plan.pipeline_id, pipeline, plan.month, plan.plan_amount, plan.plan_count, plan.bonus]


def _name(plan: Plan, directory: Directory | None, lang: Lang) -> str:
    return directory.manager(int(plan.manager_id)).of(lang) if directory else ""


def plans_csv(plans: Sequence[Plan], directory: Directory | None, lang: Lang) -> bytes:
    """CSV for other programs: UTF-8 without a mark, commas between cells, a point before decimals."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    for row in _rows(plans, directory, lang):
        writer.writerow(["" if cell is None else f"'{cell}" if isinstance(cell, str) and is_risky(cell) else str(cell) for cell in row])
    return out.getvalue().encode()


_WIDTHS = (12, 28, 12, 24, 11, 18, 12, 16)


def plans_xlsx(plans: Sequence[Plan], directory: Directory | None, lang: Lang, target: BinaryIO | Path) -> None:
    """A workbook that can be changed and uploaded again; its second sheet lists the ids there are."""
    book = xlsxwriter.Workbook(target if not isinstance(target, Path) else str(target), {"strings_to_formulas": False, "strings_to_urls": False})
    bold = book.add_format({"bold": True, "bg_color": "#E6F0FA", "bottom": 1})
    money, whole = book.add_format({"num_format": "#,##0.00"}), book.add_format({"num_format": "#,##0"})
    sheet = book.add_worksheet("План" if lang == "ru" else "Plan")
    sheet.freeze_panes(1, 0)
    for at, (name, width) in enumerate(zip(COLUMNS, _WIDTHS, strict=True)):
        sheet.set_column(at, at, width)
        sheet.write_string(0, at, name, bold)
    number = 0
    for number, row in enumerate(_rows(plans, directory, lang), 1):
        for at, cell in enumerate(row):
            if isinstance(cell, Decimal):
                sheet.write_number(number, at, float(cell), whole if cell == cell.to_integral_value() else money)
            elif isinstance(cell, int):
                sheet.write_number(number, at, cell, whole)
            elif COLUMNS[at] in ("manager_id", "pipeline_id") and cell:
                sheet.write_number(number, at, int(cell))
            elif cell:
                sheet.write_string(number, at, cell)
    sheet.autofilter(0, 0, max(number, 1), len(COLUMNS) - 1)
    if directory is not None:
        _ids(book, bold, directory, lang)
    book.close()


def _ids(book: Any, bold: Any, directory: Directory, lang: Lang) -> None:
    sheet = book.add_worksheet("Справочник" if lang == "ru" else "Ids")
    sheet.freeze_panes(1, 0)
    for at, (name, width) in enumerate((("manager_id", 12), ("manager", 28), ("department", 36), ("", 4), ("pipeline_id", 12), ("pipeline", 28))):
        sheet.set_column(at, at, width)
        if name:
            sheet.write_string(0, at, name, bold)
    for row, person in enumerate((m for m in directory.managers.values() if m.active and m.known), 1):
        sheet.write_number(row, 0, person.id)
        sheet.write_string(row, 1, person.name)
        sheet.write_string(row, 2, directory.manager_departments(person.id).of(lang))
    sheet.write_string(1, 5, ALL.of(lang))
    for row, pipeline in enumerate((p for p in directory.pipelines.values() if p.known and p.role == "sales"), 2):
        sheet.write_number(row, 4, pipeline.id)
        sheet.write_string(row, 5, pipeline.name)


def plans_of(entries: Mapping[str, Any]) -> dict[str, Plan]:
    """Plans by key out of the workspace's entries."""
    return {key: cast("Plan", entry.value) for key, entry in entries.items()}
