"""The expense editor: cells of source by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import IO, Any, cast

from dash import html

from dash_app.engine.directory import NONE, Directory
from dash_app.exports.expenses import expenses_of, expenses_xlsx, name_of, read_expenses
from dash_app.exports.typed_file import Taken
from dash_app.services import Services
from dash_app.store.cells import Cell, Edit, stored
from dash_app.store.edits import Change
from dash_app.store.grids.expenses import GRID, Expense
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.web import cell_editor, ids, plan_words
from dash_app.web.cell_editor import (
    Cells,
    Editor,
    Said,
    Span,
    cells_of,
    history_panel,
    month_columns,
    span_of,
    today_of,
)
from dash_app.web.pages import EXPENSES

TITLE = Text("Расходы", "Expenses")
QUESTION = Text("Сколько стоил каждый источник по месяцам?", "What did each source cost by month?")
SETTINGS_TEXT = Text(
    "Расходы на источники по месяцам: из них цена лида, цена продажи и ROMI.",
    "What sources cost by month: cost per lead, per sale and ROMI come from it.",
)
OPEN = Text("Открыть расходы", "Open the expenses")
SOURCE = Text("Источник", "Source")
FROM_PAGE = Text("со страницы расходов", "from the expenses page")
AMOUNT = Text("Сумма", "Amount")
SAID = Said(
    Text("Расходы по месяцам", "Expenses by month"),
    Text("Найти источник", "Find a source"),
    Text("Скачать расходы в Excel", "Download the expenses as Excel"),
    Text("Загрузить расходы из Excel или CSV", "Upload expenses from Excel or CSV"),
)
NEXT_LONG = Text(
    "Скопировать месяц выбранной ячейки на следующий: все строки",
    "Copy the chosen cell's month to the next one: all rows",
)
IMPORTED = Text(
    "Загружено: {lines}. Изменено: {changed}. Передумали – нажмите «Отменить».",
    "Imported: {lines}. Changed: {changed}. Changed your mind? Press “Undo”.",
)


def page(services: Services, params: Mapping[str, Sequence[str]], lang: Lang) -> html.Div:
    """The whole page below its title."""
    today = today_of(services)
    span = span_of(params, today)
    w = plan_words
    actions = (
        (
            ("next", "arrow-right", w.NEXT_MONTH, NEXT_LONG),
            ("all-next", "chevron-double-right", w.ALL_NEXT, w.ALL_NEXT_LONG),
            ("fill", "arrow-down", w.FILL, w.FILL_LONG),
        ),
    )
    return cell_editor.page(
        ids.COST,
        SAID,
        span,
        today,
        names(services.session().directory(), today, lang),
        columns(span, lang),
        actions,
        lang,
    )


def columns(span: Span, lang: Lang) -> list[dict[str, Any]]:
    """The source, pinned; a column a month; the row's total."""
    source = {
        "field": "manager",
        "headerName": SOURCE.of(lang),
        "pinned": "left",
        "width": 210,
        "cellRenderer": "PlanPerson",
        "lockPosition": "left",
    }
    return [source, *month_columns(span, lang)]


def names(directory: Directory, today: date, lang: Lang) -> dict[str, Any]:
    """What the browser works with: names of sources and the words it says itself. A source stands where a plan has its manager."""
    said = {name: text.of(lang) for name, text in plan_words.BROWSER.items()}
    return {
        "page": "cost",
        "path": "/expenses",
        "measures": ["amount"],
        "year": today.year,
        "managers": {source: [name_of(source, directory, lang), ""] for source in (*directory.sources, NONE)},
        "pipelines": {"": ""},
        "words": said | {"total": plan_words.TOTAL.of(lang)},
    }


def data(services: Services, span: Span, lang: Lang) -> dict[str, Any]:
    """Every source of the portal as a row, the unknown one last; sources that are gone, where something is typed for them."""
    session = services.session()
    version = session.version_of_all()
    directory = session.directory()
    months = set(span.months)
    cells: dict[str, dict[str, list[str]]] = {source: {} for source, (_, known) in directory.sources.items() if known}
    for entry in session.entries("expense").values():
        cost = cast("Expense", entry.value)
        if cost.month in months:
            cells.setdefault(cost.source_id, {})[cost.month] = list(stored(GRID, entry).values())
    cells[NONE] = cells.pop(NONE, {})
    rows = [
        {
            "id": f"{source}:all",
            "manager_id": source,
            "manager": name_of(source, directory, lang),
            "department": "",
            "pipeline_id": "",
            "pipeline": "",
            "cells": own,
        }
        for source, own in cells.items()
    ]
    return {"months": span.months, "rows": rows, "version": version}


def history(changes: Sequence[Change], title: str, zone: tzinfo | None, lang: Lang, currency: str) -> list[Any]:
    """Who changed a cell, when, from what to what; the newest first."""

    def shown(value: Any) -> str:
        amount = (value or {}).get("amount")
        return plan_words.EMPTY_VALUE.of(lang) if amount in (None, "") else fmt.money(amount, lang, currency)

    return history_panel(
        changes, title, zone, lang, lambda change: [(AMOUNT.of(lang), shown(change.before), shown(change.after))]
    )


# -- what is stored ------------------------------------------------------------------------------------------------


def _edits(given: object) -> list[Edit]:
    edits = []
    for source, _, month, _, text, was in cells_of(given, ("amount",)):
        GRID.check((source,), month)
        edits.append(Edit(Cell((source,), month, "amount"), text[:200], was[:40]))
    return edits


def _saved(services: Services, cells: Cells, who: str, lang: Lang) -> dict[str, Any]:
    session = services.session()
    outcome = session.save_cells(GRID, _edits(cells), who)
    entries = session.entries("expense")
    touched = {c.key: c for c in outcome.touched}
    return {
        "cells": [[*c.row, "", c.month, list(stored(GRID, entries.get(key)).values())] for key, c in touched.items()],
        "refused": [[*_place(r.edit), r.edit.text, r.why.of(lang)] for r in outcome.refused],
        "conflicts": [[*_place(c.edit), c.edit.text, c.theirs, c.who] for c in outcome.conflicts],
        "changes": [change.id for change in outcome.changes],
    }


def _place(edit: Edit) -> tuple[str, str, str, str]:
    return edit.cell.row[0], "", edit.cell.month, edit.cell.measure


def _entry_of(place: str) -> str:
    source, _, month = place.rpartition(":")
    return f"{source.removesuffix(':all')}:{month}"


def _write(services: Services, span: Span, lang: Lang, out: IO[bytes]) -> None:
    months = set(span.months)
    session = services.session()
    costs = [cost for cost in expenses_of(session.entries("expense")).values() if cost.month in months]
    expenses_xlsx(costs, session.directory(), lang, out)


def _read(services: Services, content: bytes) -> Taken[Any]:
    return read_expenses(content, services.session().directory()).dumped()


EDITOR = Editor(
    EXPENSES,
    "expense",
    ids.COST,
    FROM_PAGE,
    IMPORTED,
    "expenses",
    data=data,
    columns=columns,
    save=_saved,
    entry_of=_entry_of,
    history=history,
    write=_write,
    read=_read,
)
