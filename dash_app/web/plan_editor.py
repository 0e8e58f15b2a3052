"""The plan editor: a grid of manager × pipeline by month. What happens inside the grid is ``assets/60-plans.js``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import Any, cast

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.exports.plans import SHOWN_LINES, Wrong
from dash_app.metrics.directory import Directory
from dash_app.services import Services
from dash_app.store.entries import Entry
from dash_app.store.kinds import Plan
from dash_app.store.plans import MEASURES, closed_months, stored
from dash_app.store.workspace import Change
from dash_app.text import Lang
from dash_app.views import format as fmt
from dash_app.views.grid_locale import locale_text
from dash_app.views.records import theme
from dash_app.web import ids, plan_words, words
from dash_app.web.frame import icon

YEARS_BACK, YEARS_AHEAD = 3, 2


@dataclass(frozen=True, slots=True)
class Span:
    """The months on screen: a year, or a half of it."""

    year: int
    half: str = ""

    @property
    def months(self) -> list[str]:
        """2026-01 ... in order."""
        first, last = {"1": (1, 6), "2": (7, 12)}.get(self.half, (1, 12))
        return [f"{self.year}-{month:02d}" for month in range(first, last + 1)]


def span_of(params: Mapping[str, Sequence[str]], today: date) -> Span:
    """The months an address asks for; nonsense is this year."""
    year = params.get("year", [""])[-1]
    half = params.get("half", [""])[-1]
    chosen = int(year) if year.isascii() and year.isdigit() and 2000 <= int(year[:5]) < 2100 else today.year
    return Span(chosen, half if half in plan_words.HALVES else "")


def measure_of(params: Mapping[str, Sequence[str]]) -> str:
    """What is edited."""
    shown = params.get("show", [""])[-1]
    return shown if shown in MEASURES else MEASURES[0]


def today_of(services: Services) -> date:
    """The day the data speaks of."""
    return services.reports.state().as_of.date()


# -- the page ----------------------------------------------------------------------------------------------------


def page(services: Services, params: Mapping[str, Sequence[str]], lang: Lang) -> html.Div:
    """The whole page below its title."""
    directory = services.reports.directory()
    today = today_of(services)
    span = span_of(params, today)
    return html.Div(
        [
            dcc.Store(id=ids.PLAN_NAMES, data=names(directory, today, lang)),
            dcc.Store(id=ids.PLAN_DATA),
            dcc.Store(id=ids.PLAN_ASK),
            dcc.Store(id=ids.PLAN_ANSWER),
            dcc.Store(id=ids.PLAN_HISTORY_ASK),
            _choices(span, measure_of(params), today, lang),
            _actions(lang),
            _adding(directory, lang),
            html.Div(id=ids.PLAN_IMPORT_REPORT, **{"aria-live": "polite"}),
            html.Div(id=ids.PLAN_NOTES, className="plan-notes", role="status"),
            html.Div([grid(ids.PLAN_GRID, columns(span, lang), plan_words.GRID.of(lang), lang), html.Aside(id=ids.PLAN_HISTORY, className="plan-history", **{"aria-label": plan_words.HISTORY_LONG.of(lang)})], className="plan-desk"),
            _foot(lang),
        ],
        className="plans",
    )


def years_of(span: Span, today: date) -> list[dict[str, str]]:
    """Years to choose from."""
    years = sorted({*range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1), span.year})
    return [{"value": str(year), "label": str(year)} for year in years]


def _choices(span: Span, measure: str, today: date, lang: Lang) -> html.Div:
    return html.Div(
        [
            dmc.Select(
                id=ids.PLAN_YEAR, data=years_of(span, today), value=str(span.year), allowDeselect=False, size="sm", className="plan-year",
                attributes={"input": {"aria-label": plan_words.YEAR.of(lang)}},
            ),
            switch(ids.PLAN_HALF, {key or "-": text.of(lang) for key, text in plan_words.HALVES.items()}, span.half or "-", plan_words.PART.of(lang)),
            switch(ids.PLAN_MEASURE, {key: text.of(lang) for key, text in plan_words.MEASURES.items()}, measure, plan_words.MEASURE.of(lang)),
            dmc.TextInput(id=ids.PLAN_FIND, placeholder=plan_words.FIND.of(lang), size="sm", attributes={"input": {"aria-label": plan_words.FIND.of(lang), "type": "search"}}, className="plan-find"),
            _files(lang),
        ],
        className="plan-bar",
    )  # fmt: skip


def switch(switch_id: str, options: Mapping[str, str], value: str, label: str) -> html.Div:
    """One of a few."""
    control = dmc.SegmentedControl(id=switch_id, data=[{"value": v, "label": text} for v, text in options.items()], value=value, size="sm", transitionDuration=0)
    return html.Div(control, role="group", className="plan-switch", **{"aria-label": label})


def action(name: str, icon_name: str, text: str, label: str) -> html.Button:
    """A button of the script."""
    return html.Button(
        [icon(icon_name), html.Span(text)], className="button button-small", type="button", title=label, **{"data-plan": name, "aria-label": label},
    )  # fmt: skip


def _files(lang: Lang) -> html.Div:
    w = plan_words
    upload = html.Button([icon("upload"), html.Span(w.UPLOAD.of(lang))], className="button", type="button", title=w.UPLOAD_LONG.of(lang), **{"aria-label": w.UPLOAD_LONG.of(lang)})
    return html.Div(
        [
            html.Button(
                [icon("download"), html.Span(w.DOWNLOAD.of(lang))], id=ids.PLAN_EXPORT, className="button", type="button", n_clicks=0, title=w.DOWNLOAD_LONG.of(lang),
                **{"aria-label": w.DOWNLOAD_LONG.of(lang)},
            ),
            html.Div(dcc.Upload(upload, id=ids.PLAN_IMPORT, max_size=5_000_000), **{"data-upload-label": w.UPLOAD_LONG.of(lang)}),
        ],
        className="plan-files",
    )  # fmt: skip


def _actions(lang: Lang) -> html.Div:
    w = plan_words
    groups = (
        (("add", "plus-lg", w.ADD, w.ADD_TITLE), ("copy-row", "copy", w.COPY_ROW, w.COPY_ROW_LONG), ("delete-row", "trash3", w.DELETE_ROW, w.DELETE_ROW_LONG)),
        (("next", "arrow-right", w.NEXT_MONTH, w.NEXT_MONTH_LONG), ("all-next", "chevron-double-right", w.ALL_NEXT, w.ALL_NEXT_LONG), ("fill", "arrow-down", w.FILL, w.FILL_LONG)),
        (("undo", "arrow-counterclockwise", w.UNDO, w.UNDO_LONG), ("history", "clock-history", w.HISTORY, w.HISTORY_LONG)),
    )
    return html.Div(
        [
            *(html.Div([action(name, picture, text.of(lang), label.of(lang)) for name, picture, text, label in group], className="plan-group") for group in groups),
            html.Div(id=ids.PLAN_STATE, className="plan-state", role="status", **{"aria-live": "polite"}),
        ],
        className="plan-actions",
    )


def _foot(lang: Lang) -> html.Div:
    w = plan_words
    who = dmc.TextInput(
        id=ids.PLAN_WHO, placeholder=w.WHO_HINT.of(lang), size="sm", persistence=True, persistence_type="local", className="plan-who", leftSection=icon("person"),
        attributes={"input": {"aria-label": w.WHO.of(lang), "maxLength": 60, "autoComplete": "name"}},
    )  # fmt: skip
    return html.Div([html.P(w.KEYS.of(lang), className="plan-keys"), who], className="plan-foot")


def _adding(directory: Directory, lang: Lang) -> html.Div:
    w = plan_words
    people = [{"value": str(m.id), "label": _full(directory, str(m.id), lang)} for m in directory.managers.values() if m.active and m.known]
    pipelines = [{"value": "all", "label": w.ALL_PIPELINES.of(lang)}] + [
        {"value": str(p.id), "label": p.name} for p in directory.pipelines.values() if p.role == "sales" and p.known
    ]
    return html.Div(
        [
            html.H2(w.ADD_TITLE.of(lang), id=ids.PLAN_ADD_TITLE),
            html.Div(
                [
                    dmc.MultiSelect(
                        id=ids.PLAN_ADD_MANAGERS, data=people, value=[], searchable=True, clearable=True, size="sm", placeholder=w.MANAGERS_HINT.of(lang), nothingFoundMessage=w.NO_SUCH.of(lang),
                        maxDropdownHeight=320, className="plan-add-managers", attributes={"input": {"aria-label": w.MANAGERS.of(lang)}}, clearButtonProps={"aria-label": words.CLEAR.of(lang)},
                    ),
                    dmc.Select(
                        id=ids.PLAN_ADD_PIPELINE, data=pipelines, value="all", allowDeselect=False, size="sm", className="plan-add-pipeline", attributes={"input": {"aria-label": w.PIPELINE.of(lang)}},
                    ),
                    html.Button(w.ADD_OK.of(lang), id=ids.PLAN_ADD_OK, className="button button-primary", type="button", n_clicks=0),
                    html.Button(w.CANCEL.of(lang), className="button button-quiet", type="button", **{"data-plan": "add-close"}),
                ],
                className="plan-add-row",
            ),
        ],
        id=ids.PLAN_ADD, className="panel plan-add", hidden=True,
    )  # fmt: skip


def _full(directory: Directory, manager_id: str, lang: Lang) -> str:
    """«Анна Петрова · Отдел продаж»: two people may share a name."""
    return f"{directory.manager(int(manager_id)).of(lang)} · {directory.manager_departments(int(manager_id)).of(lang)}"


def grid(grid_id: str, column_defs: list[dict[str, Any]], label: str, lang: Lang) -> html.Div:
    """An empty grid; the script fills it."""
    table = dag.AgGrid(
        id=grid_id,
        columnDefs=column_defs,
        rowData=[],
        getRowId="params.data.id",
        defaultColDef={"resizable": True, "sortable": False, "suppressHeaderMenuButton": True, "minWidth": 76, "cellDataType": False, "filter": False},
        dashGridOptions={
            "theme": theme(),
            "localeText": {**locale_text(lang), "noRowsToShow": plan_words.BROWSER["empty"].of(lang)},
            "rowHeight": 44,
            "headerHeight": 40,
            "enterNavigatesVertically": True,
            "enterNavigatesVerticallyAfterEdit": True,
            "stopEditingWhenCellsLoseFocus": True,
            "suppressMovableColumns": True,
            "animateRows": False,
            "tooltipShowDelay": 200,
            "suppressScrollOnNewData": True,
        },
        className="plan-ag",
        style={"height": "100%"},
    )
    return html.Div(table, className="plan-grid", role="region", **{"aria-label": label})


def columns(span: Span, lang: Lang) -> list[dict[str, Any]]:
    """Who and where, pinned; a column a month; the row's total."""
    names = [
        {"field": "manager", "headerName": plan_words.MANAGER.of(lang), "pinned": "left", "width": 190, "cellRenderer": "PlanPerson", "lockPosition": "left"},
        {"field": "pipeline", "headerName": plan_words.PIPELINE.of(lang), "pinned": "left", "width": 128, "tooltipField": "pipeline", "cellClass": "plan-pipeline"},
    ]
    return [*names, *month_columns(span, lang)]


def month_columns(span: Span, lang: Lang) -> list[dict[str, Any]]:
    """A column a month, and the row's total."""
    months = [
        {
            "colId": month, "field": month, "headerName": fmt.bucket_short(date.fromisoformat(f"{month}-01"), "month", lang), "width": 96,
            "editable": {"function": "planMay(params)"}, "valueGetter": {"function": "planText(params)"}, "valueFormatter": {"function": "planShown(params)"},
            "valueSetter": {"function": "planTyped(params)"}, "tooltipValueGetter": {"function": "planWhy(params)"},
            "cellClassRules": {f"plan-{kind}": f"planIs(params, '{kind}')" for kind in ("pending", "refused", "conflict", "chosen", "closed")},
            "cellClass": "cell-number plan-cell", "headerClass": "head-number",
        }
        for month in span.months
    ]  # fmt: skip
    total = {
        "colId": "total", "pinned": "right", "headerName": plan_words.TOTAL.of(lang), "width": 122, "valueGetter": {"function": "planText(params)"}, "valueFormatter": {"function": "planShown(params)"},
        "cellClass": "cell-number plan-sum", "headerClass": "head-number",
    }  # fmt: skip
    return [*months, total]


# -- what the browser works with ------------------------------------------------------------------------------------


def names(directory: Directory, today: date, lang: Lang) -> dict[str, Any]:
    """Names of people and pipelines, and the words the browser says itself."""
    return {
        "page": "plan",
        "path": "/plans",
        "measures": list(MEASURES),
        "managers": {str(m.id): [directory.manager(m.id).of(lang), directory.manager_departments(m.id).of(lang)] for m in directory.managers.values()},
        "pipelines": {"": plan_words.ALL_PIPELINES.of(lang)} | {str(p): directory.pipeline(p).of(lang) for p in directory.pipelines},
        "year": today.year,
        "words": {name: text.of(lang) for name, text in plan_words.BROWSER.items()} | {"total": plan_words.TOTAL.of(lang)},
    }


def data(services: Services, span: Span, lang: Lang) -> dict[str, Any]:
    """Rows on screen; ``version`` changes with every change of anything typed. Cells: amount, count, bonus as stored, '' for none."""
    version = services.workspace.version_of_all()
    directory = services.reports.directory()
    months = set(span.months)
    rows: dict[tuple[str, str], dict[str, list[str]]] = {}
    for entry in services.workspace.entries("plan").values():
        plan = cast("Plan", entry.value)
        if plan.month in months:
            rows.setdefault((plan.manager_id, plan.pipeline_id), {})[plan.month] = cell(entry)
    listed = [
        {
            "id": f"{manager}:{pipeline or 'all'}", "manager_id": manager, "manager": directory.manager(int(manager)).of(lang),
            "department": directory.manager_departments(int(manager)).of(lang), "pipeline_id": pipeline,
            "pipeline": directory.pipeline(int(pipeline)).of(lang) if pipeline else plan_words.ALL_PIPELINES.of(lang), "cells": cells,
        }
        for (manager, pipeline), cells in rows.items()
    ]  # fmt: skip
    listed.sort(key=lambda row: (row["manager"].casefold(), int(row["manager_id"]), row["pipeline_id"] != "", int(row["pipeline_id"] or 0)))  # type: ignore[call-overload]
    closed = closed_months(services.workspace) & months
    return {"months": span.months, "rows": listed, "version": version, "closed": sorted(closed)}


def cell(entry: Entry | None) -> list[str]:
    """The three values of a month."""
    return list(stored(entry).values())


# -- panels ---------------------------------------------------------------------------------------------------------


def history(changes: Sequence[Change], title: str, zone: tzinfo | None, lang: Lang, currency: str) -> list[Any]:
    """Who changed a cell's plan, when, from what to what; the newest first."""

    def lines(change: Change) -> list[tuple[str, str, str]]:
        before, after = change.before or {}, change.after or {}
        return [
            (plan_words.MEASURES[name].of(lang), _value(name, before.get(name), lang, currency), _value(name, after.get(name), lang, currency))
            for name in MEASURES
            if before.get(name) != after.get(name)
        ]

    return history_panel(changes, title, zone, lang, lines)


def history_panel(
    changes: Sequence[Change], title: str, zone: tzinfo | None, lang: Lang, lines: Callable[[Change], Sequence[tuple[str, str, str]]]
) -> list[Any]:
    """Changes of a cell; ``lines``: (what, before, after) of one."""
    head = html.Div(
        [
            html.Div([html.H2(plan_words.HISTORY_LONG.of(lang)), html.P(title, className="muted")]),
            html.Button(icon("x-lg"), className="tool", type="button", **{"aria-label": plan_words.CLOSE.of(lang), "data-plan": "history-close"}),
        ],
        className="plan-history-head",
    )
    if not changes:
        return [head, html.P(plan_words.NO_HISTORY.of(lang), className="panel-text")]
    return [head, html.Ol([_step(change, zone, lang, lines(change)) for change in changes], className="plan-steps")]


def _step(change: Change, zone: tzinfo | None, lang: Lang, lines: Sequence[tuple[str, str, str]]) -> html.Li:
    shown = [
        html.Div(
            [html.Span(what, className="muted"), html.Span([before, icon("arrow-right"), html.Strong(after)], className="num plan-step-change")],
            className="plan-step-line",
        )
        for what, before, after in lines
    ]
    undone = html.Span(f" · {plan_words.UNDONE.of(lang)}", className="muted") if change.undoes is not None else None
    return html.Li([html.Div([html.Strong(change.who), undone]), html.Div(fmt.moment(change.at.astimezone(zone), lang), className="muted"), *shown])


def _value(name: str, value: Any, lang: Lang, currency: str) -> str:
    if value in (None, ""):
        return plan_words.EMPTY_VALUE.of(lang)
    return fmt.number(int(value), lang) if name == "plan_count" else fmt.money(value, lang, currency)


def import_errors(wrong: Sequence[Wrong], lang: Lang) -> html.Section:
    """Every bad cell of a file: line, column, what is wrong and what to do."""
    w = plan_words
    rows = [html.Tr([html.Td(str(one.line), className="num"), html.Td(one.column or "—"), html.Td(one.why.of(lang))]) for one in wrong[:SHOWN_LINES]]
    more = [html.P(w.MORE_ERRORS.of(lang).format(n=len(wrong) - SHOWN_LINES), className="panel-text")] if len(wrong) > SHOWN_LINES else []
    heads = [html.Th(text.of(lang), scope="col") for text in (w.LINE, w.COLUMN, w.WRONG)]
    return html.Section(
        [
            html.Div(
                [
                    html.P(w.NOT_IMPORTED.of(lang).format(n=len(wrong)), className="plan-errors-title"),
                    html.Button(icon("x-lg"), className="tool", type="button", **{"aria-label": w.CLOSE.of(lang), "data-plan": "errors-close"}),
                ],
                className="plan-history-head",
            ),
            html.Div(html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="plain-table"), className="scroll-x plan-errors-list", tabIndex=0, role="region", **{"aria-label": w.WRONG.of(lang)}),
            *more,
        ],
        className="panel plan-errors",
    )  # fmt: skip
