"""The expense editor: a grid of source by month. What happens inside the grid is ``assets/60-plans.js``, the same as in the plan's."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import Any, cast

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.exports.expenses import name_of
from dash_app.metrics.directory import NONE, Directory
from dash_app.services import Services
from dash_app.store.expenses import stored
from dash_app.store.kinds import Expense
from dash_app.store.workspace import Change
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.web import ids, plan_words
from dash_app.web.frame import icon
from dash_app.web.plan_editor import (
    Span,
    action,
    grid,
    history_panel,
    month_columns,
    span_of,
    switch,
    today_of,
    years_of,
)

TITLE = Text("Расходы", "Expenses")
QUESTION = Text("Сколько стоил каждый источник по месяцам?", "What did each source cost by month?")
SETTINGS_TEXT = Text("Расходы на источники по месяцам: из них цена лида, цена продажи и ROMI.", "What sources cost by month: cost per lead, per sale and ROMI come from it.")
OPEN = Text("Открыть расходы", "Open the expenses")
SOURCE = Text("Источник", "Source")
FIND = Text("Найти источник", "Find a source")
FROM_PAGE = Text("со страницы расходов", "from the expenses page")
GRID = Text("Расходы по месяцам", "Expenses by month")
AMOUNT = Text("Сумма", "Amount")
DOWNLOAD_LONG = Text("Скачать расходы в Excel", "Download the expenses as Excel")
UPLOAD_LONG = Text("Загрузить расходы из Excel или CSV", "Upload expenses from Excel or CSV")
NEXT_LONG = Text("Скопировать месяц выбранной ячейки на следующий: все строки", "Copy the chosen cell's month to the next one: all rows")
IMPORTED = Text("Загружено: {lines}. Изменено: {changed}. Передумали – нажмите «Отменить».", "Imported: {lines}. Changed: {changed}. Changed your mind? Press “Undo”.")
BAD_CELL = plan_words.BAD_CELL


def page(services: Services, params: Mapping[str, Sequence[str]], lang: Lang) -> html.Div:
    """The whole page below its title."""
    directory = services.reports.directory()
    today = today_of(services)
    span = span_of(params, today)
    w = plan_words
    groups = (
        (("next", "arrow-right", w.NEXT_MONTH, NEXT_LONG), ("all-next", "chevron-double-right", w.ALL_NEXT, w.ALL_NEXT_LONG), ("fill", "arrow-down", w.FILL, w.FILL_LONG)),
        (("undo", "arrow-counterclockwise", w.UNDO, w.UNDO_LONG), ("history", "clock-history", w.HISTORY, w.HISTORY_LONG)),
    )
    actions = html.Div(
        [
            *(html.Div([action(name, picture, text.of(lang), label.of(lang)) for name, picture, text, label in group], className="plan-group") for group in groups),
            html.Div(id=ids.COST_STATE, className="plan-state", role="status", **{"aria-live": "polite"}),
        ],
        className="plan-actions",
    )
    who = dmc.TextInput(
        id=ids.COST_WHO, placeholder=w.WHO_HINT.of(lang), size="sm", persistence=True, persistence_type="local", className="plan-who", leftSection=icon("person"),
        attributes={"input": {"aria-label": w.WHO.of(lang), "maxLength": 60, "autoComplete": "name"}},
    )  # fmt: skip
    aside = html.Aside(id=ids.COST_HISTORY, className="plan-history", **{"aria-label": w.HISTORY_LONG.of(lang)})
    return html.Div(
        [
            dcc.Store(id=ids.COST_NAMES, data=names(directory, today, lang)),
            *(dcc.Store(id=store) for store in (ids.COST_DATA, ids.COST_ASK, ids.COST_ANSWER, ids.COST_HISTORY_ASK)),
            _choices(span, today, lang),
            actions,
            html.Div(id=ids.COST_IMPORT_REPORT, className="plan-report", **{"aria-live": "polite"}),
            html.Div(id=ids.COST_NOTES, className="plan-notes", role="status"),
            html.Div([grid(ids.COST_GRID, columns(span, lang), GRID.of(lang), lang), aside], className="plan-desk"),
            html.Div([html.P(w.KEYS.of(lang), className="plan-keys"), who], className="plan-foot"),
        ],
        className="plans",
    )


def _choices(span: Span, today: date, lang: Lang) -> html.Div:
    w = plan_words
    upload = html.Button([icon("upload"), html.Span(w.UPLOAD.of(lang))], className="button", type="button", title=UPLOAD_LONG.of(lang), **{"aria-label": UPLOAD_LONG.of(lang)})
    files = html.Div(
        [
            html.Button(
                [icon("download"), html.Span(w.DOWNLOAD.of(lang))], id=ids.COST_EXPORT, className="button", type="button", n_clicks=0, title=DOWNLOAD_LONG.of(lang),
                **{"aria-label": DOWNLOAD_LONG.of(lang)},
            ),
            html.Div(dcc.Upload(upload, id=ids.COST_IMPORT, max_size=5_000_000), **{"data-upload-label": UPLOAD_LONG.of(lang)}),
        ],
        className="plan-files",
    )  # fmt: skip
    return html.Div(
        [
            dmc.Select(
                id=ids.COST_YEAR, data=years_of(span, today), value=str(span.year), allowDeselect=False, size="sm", className="plan-year",
                attributes={"input": {"aria-label": w.YEAR.of(lang)}},
            ),
            switch(ids.COST_HALF, {key or "-": text.of(lang) for key, text in w.HALVES.items()}, span.half or "-", w.PART.of(lang)),
            dmc.TextInput(id=ids.COST_FIND, placeholder=FIND.of(lang), size="sm", attributes={"input": {"aria-label": FIND.of(lang), "type": "search"}}, className="plan-find"),
            files,
        ],
        className="plan-bar",
    )  # fmt: skip


def columns(span: Span, lang: Lang) -> list[dict[str, Any]]:
    """The source, pinned; a column a month; the row's total."""
    source = {"field": "manager", "headerName": SOURCE.of(lang), "pinned": "left", "width": 210, "cellRenderer": "PlanPerson", "lockPosition": "left"}
    return [source, *month_columns(span, lang)]


def names(directory: Directory, today: date, lang: Lang) -> dict[str, Any]:
    """What the browser works with: names of sources and the words it says itself. A source stands where a plan has its manager."""
    said = {name: text.of(lang) for name, text in plan_words.BROWSER.items()}
    return {
        "page": "cost", "path": "/expenses", "measures": ["amount"], "year": today.year,
        "managers": {source: [name_of(source, directory, lang), ""] for source in (*directory.sources, NONE)}, "pipelines": {"": ""},
        "words": said | {"total": plan_words.TOTAL.of(lang)},
    }  # fmt: skip


def data(services: Services, span: Span, lang: Lang) -> dict[str, Any]:
    """Every source of the portal as a row, the unknown one last; sources that are gone, where something is typed for them."""
    version = services.workspace.version_of_all()
    directory = services.reports.directory()
    months = set(span.months)
    cells: dict[str, dict[str, list[str]]] = {source: {} for source, (_, known) in directory.sources.items() if known}
    for entry in services.workspace.entries("expense").values():
        cost = cast("Expense", entry.value)
        if cost.month in months:
            cells.setdefault(cost.source_id, {})[cost.month] = [stored(entry)]
    cells[NONE] = cells.pop(NONE, {})
    rows = [
        {"id": f"{source}:all", "manager_id": source, "manager": name_of(source, directory, lang), "department": "", "pipeline_id": "", "pipeline": "", "cells": own}
        for source, own in cells.items()
    ]
    return {"months": span.months, "rows": rows, "version": version}


def history(changes: Sequence[Change], title: str, zone: tzinfo | None, lang: Lang, currency: str) -> list[Any]:
    """Who changed a cell, when, from what to what; the newest first."""

    def shown(value: Any) -> str:
        amount = (value or {}).get("amount")
        return plan_words.EMPTY_VALUE.of(lang) if amount in (None, "") else fmt.money(amount, lang, currency)

    return history_panel(changes, title, zone, lang, lambda change: [(AMOUNT.of(lang), shown(change.before), shown(change.after))])
