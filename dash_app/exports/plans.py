"""Plans as a file, there and back: Excel and CSV. A file is taken whole or not at all, and every bad line is named.

Columns: ``manager_id``, ``pipeline_id`` (empty: all pipelines), ``month``, ``plan_amount``, ``plan_count``, ``bonus``; others are ignored.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import IO, Any, cast

import xlsxwriter

from dash_app.engine.directory import Directory
from dash_app.errors import BadInput
from dash_app.exports.typed_file import (
    SHOWN_LINES,
    BadFile,
    Layout,
    Taken,
    Wrong,
    csv_bytes,
    number_id,
    rows_of,
    table_of,
    take,
    word,
)
from dash_app.store import reading
from dash_app.store.grids.plans import GRID, Plan
from dash_app.store.kinds import KINDS
from dash_app.text import Lang, Text

COLUMNS = ("manager_id", "manager", "pipeline_id", "pipeline", "month", "plan_amount", "plan_count", "bonus")
NEEDED = ("manager_id", "month", "plan_amount")
ALL = Text("все воронки", "all pipelines")
BadPlanFile = BadFile
"""A file of which nothing was taken."""
_ALL_WORDS = ("", "all", "все", "все воронки", "all pipelines")


def read_plans(
    content: bytes, directory: Directory | None, existing: Mapping[str, Plan], closed: frozenset[str] = frozenset()
) -> Taken[Plan]:
    """Plans of a file by key. BadPlanFile names every bad line, BadInput says that it is no such file.

    ``directory`` None: nothing is loaded yet and ids cannot be checked. A column the file lacks leaves what is stored. ``closed``: months
    whose plans do not change.
    """
    found: dict[str, tuple[int, Plan]] = {}
    wrong: list[Wrong] = []
    table = table_of(content, LAYOUT)
    for number, cells in rows_of(table, wrong):
        plan, bad = _plan(number, cells, directory, existing)
        wrong += bad
        if plan is None:
            continue
        if plan.key in found:
            first = found[plan.key][0]
            wrong.append(
                Wrong(
                    number,
                    "",
                    Text(
                        f"Тот же менеджер, воронка и месяц, что в строке {first}. Оставьте одну.",
                        f"The same manager, pipeline and month as in line {first}. Keep one.",
                    ),
                )
            )
            continue
        shut = KINDS["plan"].closed(closed, None, plan)
        if shut is not None and existing.get(plan.key) != plan:
            wrong.append(Wrong(number, "month", shut))
        found[plan.key] = (number, plan)
    wrong += _doubled(found, existing)
    if wrong:
        raise table.refused(wrong)
    if not found:
        raise BadInput(Text("В файле нет строк с планом.", "The file has no lines with a plan."))
    taken = Taken({key: plan for key, (_, plan) in found.items()})
    taken.notes = tuple(table.notes)
    return taken


_EMPTY = Text(
    "Файл пуст. Скачайте план, чтобы увидеть, какие столбцы нужны.",
    "The file is empty. Download the plan to see which columns are needed.",
)


LAYOUT = Layout(
    NEEDED,
    ("manager_id", "pipeline_id", "month", "plan_amount", "plan_count", "bonus"),
    ("manager", "pipeline"),
    ("Справочник", "Ids"),
    _EMPTY,
)


def _plan(
    line: int, cells: Mapping[str, object], directory: Directory | None, existing: Mapping[str, Plan]
) -> tuple[Plan | None, list[Wrong]]:
    wrong: list[Wrong] = []
    readers: dict[str, Callable[[Any], Any]] = {
        "manager_id": lambda cell: _manager(cell, directory),
        "pipeline_id": lambda cell: _pipeline(cell, directory),
        "month": reading.month,
        "plan_amount": _needed_amount,
    }
    if "plan_count" in cells:
        readers["plan_count"] = reading.count
    if "bonus" in cells:
        readers["bonus"] = reading.amount
    values = take(line, cells, readers, wrong)
    if wrong:
        return None, wrong
    plan = Plan(**values)
    before = existing.get(plan.key)
    kept = {name: getattr(before, name) for name in ("plan_count", "bonus") if name not in cells and before is not None}
    return (plan.model_copy(update=kept) if kept else plan), []


def _needed_amount(cell: object) -> Decimal:
    amount = reading.amount(cell)
    if amount is None:
        raise BadInput(
            Text(
                "Сумма плана пуста. Впишите её или уберите строку.",
                "The plan's amount is empty. Enter it or remove the line.",
            )
        )
    return amount


def _manager(cell: object, directory: Directory | None) -> str:
    found = number_id(cell)
    if found is None:
        raise BadInput(
            Text(
                f"«{word(cell)[:40]}» – не id сотрудника. Нужно число, как на портале.",
                f"“{word(cell)[:40]}” is no id of a person. A number as in the portal is needed.",
            )
        )
    if directory is not None and int(found) not in directory.managers:
        raise BadInput(
            Text(
                f"Сотрудника {found} на портале нет. Проверьте id; новые люди появятся после обновления данных.",
                f"There is no user {found} in the portal. Check the id; new people come with a refresh.",
            )
        )
    return found


def _pipeline(cell: object, directory: Directory | None) -> str:
    if word(cell).casefold() in _ALL_WORDS:
        return ""
    found = number_id(cell)
    if found is None:
        raise BadInput(
            Text(
                f"«{word(cell)[:40]}» – не id воронки. Нужно число; пусто – все воронки.",
                f"“{word(cell)[:40]}” is no id of a pipeline. A number is needed; empty means all.",
            )
        )
    if directory is not None and int(found) not in directory.pipelines:
        raise BadInput(
            Text(
                f"Воронки {found} на портале нет. Проверьте id; пусто – все воронки.",
                f"There is no pipeline {found} in the portal. Check the id; empty means all.",
            )
        )
    return found


def _doubled(found: Mapping[str, tuple[int, Plan]], existing: Mapping[str, Plan]) -> list[Wrong]:
    """Lines that break a rule, in the file or beside what is stored."""
    after = {**existing, **{key: plan for key, (_, plan) in found.items()}}
    return [
        Wrong(found[value.key][0], rule.column, rule.why)
        for rule, group in GRID.broken(after.values())
        for value in group
        if value.key in found
    ]


# -- plans to bytes -----------------------------------------------------------------------------------------------


def _rows(plans: Sequence[Plan], directory: Directory | None, lang: Lang) -> Iterator[list[Any]]:
    def order(plan: Plan) -> tuple[Any, ...]:
        return (
            _name(plan, directory, lang).casefold(),
            int(plan.manager_id),
            plan.pipeline_id != "",
            int(plan.pipeline_id or 0),
            plan.month,
        )

    for plan in sorted(plans, key=order):
        pipeline = (
            ALL.of(lang)
            if not plan.pipeline_id
            else directory.pipeline(int(plan.pipeline_id)).of(lang)
            if directory
            else ""
        )
        yield [
            plan.manager_id,
            _name(plan, directory, lang),
            plan.pipeline_id,
            pipeline,
            plan.month,
            plan.plan_amount,
            plan.plan_count,
            plan.bonus,
        ]


def _name(plan: Plan, directory: Directory | None, lang: Lang) -> str:
    return directory.manager(int(plan.manager_id)).of(lang) if directory else ""


def plans_csv(plans: Sequence[Plan], directory: Directory | None, lang: Lang) -> bytes:
    """CSV for other programs: UTF-8 without a mark, commas between cells, a point before decimals."""
    return csv_bytes(COLUMNS, _rows(plans, directory, lang))


_WIDTHS = (12, 28, 12, 24, 11, 18, 12, 16)


def plans_xlsx(plans: Sequence[Plan], directory: Directory | None, lang: Lang, target: IO[bytes] | Path) -> None:
    """A workbook that can be changed and uploaded again; its second sheet lists the ids there are."""
    book = xlsxwriter.Workbook(
        target if not isinstance(target, Path) else str(target),
        {"strings_to_formulas": False, "strings_to_urls": False},
    )
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
    for at, (name, width) in enumerate(
        (("manager_id", 12), ("manager", 28), ("department", 36), ("", 4), ("pipeline_id", 12), ("pipeline", 28))
    ):
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


__all__ = ["SHOWN_LINES", "BadPlanFile", "Wrong", "plans_csv", "plans_of", "plans_xlsx", "read_plans"]
