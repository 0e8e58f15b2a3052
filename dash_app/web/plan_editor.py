"""The plan editor: cells of manager × pipeline by month."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import IO, Any, cast

import dash_mantine_components as dmc
from dash import html

from dash_app.engine.directory import Directory
from dash_app.errors import NoData
from dash_app.exports.plans import plans_of, plans_xlsx, read_plans
from dash_app.exports.typed_file import Taken
from dash_app.services import Services
from dash_app.store.cells import Cell, Edit, stored
from dash_app.store.edits import Change
from dash_app.store.entries import Entry
from dash_app.store.grids.plans import GRID, Plan
from dash_app.text import Lang
from dash_app.views import format as fmt
from dash_app.views.scene import attrs
from dash_app.web import cell_editor, ids, plan_words, words
from dash_app.web.cell_editor import (
    Cells,
    Editor,
    Said,
    Span,
    cells_of,
    history_panel,
    month_columns,
    span_of,
    switch,
    today_of,
)
from dash_app.web.pages import PLANS

MEASURES = tuple(measure.field for measure in GRID.measures)
SAID = Said(plan_words.GRID, plan_words.FIND, plan_words.DOWNLOAD_LONG, plan_words.UPLOAD_LONG)


def measure_of(params: Mapping[str, Sequence[str]]) -> str:
    """What is edited."""
    shown = params.get("show", [""])[-1]
    return shown if shown in MEASURES else MEASURES[0]


# -- the page ----------------------------------------------------------------------------------------------------


def page(services: Services, params: Mapping[str, Sequence[str]], lang: Lang) -> html.Div:
    """The whole page below its title."""
    directory = services.session().directory()
    today = today_of(services)
    span = span_of(params, today)
    w = plan_words
    choice = switch(
        ids.PLAN.measure,
        {key: text.of(lang) for key, text in w.MEASURES.items()},
        measure_of(params),
        w.MEASURE.of(lang),
    )
    actions = (
        (
            ("add", "plus-lg", w.ADD, w.ADD_TITLE),
            ("copy-row", "copy", w.COPY_ROW, w.COPY_ROW_LONG),
            ("delete-row", "trash3", w.DELETE_ROW, w.DELETE_ROW_LONG),
        ),
        (
            ("next", "arrow-right", w.NEXT_MONTH, w.NEXT_MONTH_LONG),
            ("all-next", "chevron-double-right", w.ALL_NEXT, w.ALL_NEXT_LONG),
            ("fill", "arrow-down", w.FILL, w.FILL_LONG),
        ),
    )
    return cell_editor.page(
        ids.PLAN,
        SAID,
        span,
        today,
        names(directory, today, lang),
        columns(span, lang),
        actions,
        lang,
        choice=choice,
        panel=_adding(directory, lang),
    )


def _adding(directory: Directory, lang: Lang) -> html.Div:
    w = plan_words
    people = [
        {"value": str(m.id), "label": _full(directory, str(m.id), lang)}
        for m in directory.managers.values()
        if m.active and m.known
    ]
    pipelines = [{"value": "all", "label": w.ALL_PIPELINES.of(lang)}] + [
        {"value": str(p.id), "label": p.name} for p in directory.pipelines.values() if p.role == "sales" and p.known
    ]
    return html.Div(
        [
            html.H2(w.ADD_TITLE.of(lang), id=ids.PLAN_ADD_TITLE),
            html.Div(
                [
                    dmc.MultiSelect(
                        id=ids.PLAN_ADD_MANAGERS,
                        data=people,
                        value=[],
                        searchable=True,
                        clearable=True,
                        size="sm",
                        placeholder=w.MANAGERS_HINT.of(lang),
                        nothingFoundMessage=w.NO_SUCH.of(lang),
                        maxDropdownHeight=320,
                        className="plan-add-managers",
                        attributes={"input": {"aria-label": w.MANAGERS.of(lang)}},
                        clearButtonProps={"aria-label": words.CLEAR.of(lang)},
                    ),
                    dmc.Select(
                        id=ids.PLAN_ADD_PIPELINE,
                        data=pipelines,
                        value="all",
                        allowDeselect=False,
                        size="sm",
                        className="plan-add-pipeline",
                        attributes={"input": {"aria-label": w.PIPELINE.of(lang)}},
                    ),
                    html.Button(
                        w.ADD_OK.of(lang),
                        id=ids.PLAN_ADD_OK,
                        className="button button-primary",
                        type="button",
                        n_clicks=0,
                    ),
                    html.Button(
                        w.CANCEL.of(lang),
                        className="button button-quiet",
                        type="button",
                        **attrs({"data-plan": "add-close"}),
                    ),
                ],
                className="plan-add-row",
            ),
        ],
        id=ids.PLAN_ADD,
        className="panel plan-add",
        hidden=True,
    )


def _full(directory: Directory, manager_id: str, lang: Lang) -> str:
    """«Анна Петрова · Отдел продаж»: two people may share a name."""
    return f"{directory.manager(int(manager_id)).of(lang)} · {directory.manager_departments(int(manager_id)).of(lang)}"


def columns(span: Span, lang: Lang) -> list[dict[str, Any]]:
    """Who and where, pinned; a column a month; the row's total."""
    names = [
        {
            "field": "manager",
            "headerName": plan_words.MANAGER.of(lang),
            "pinned": "left",
            "width": 190,
            "cellRenderer": "PlanPerson",
            "lockPosition": "left",
        },
        {
            "field": "pipeline",
            "headerName": plan_words.PIPELINE.of(lang),
            "pinned": "left",
            "width": 128,
            "tooltipField": "pipeline",
            "cellClass": "plan-pipeline",
        },
    ]
    return [*names, *month_columns(span, lang)]


# -- what the browser works with ------------------------------------------------------------------------------------


def names(directory: Directory, today: date, lang: Lang) -> dict[str, Any]:
    """Names of people and pipelines, and the words the browser says itself."""
    return {
        "page": "plan",
        "path": "/plans",
        "measures": list(MEASURES),
        "managers": {
            str(m.id): [directory.manager(m.id).of(lang), directory.manager_departments(m.id).of(lang)]
            for m in directory.managers.values()
        },
        "pipelines": {"": plan_words.ALL_PIPELINES.of(lang)}
        | {str(p): directory.pipeline(p).of(lang) for p in directory.pipelines},
        "year": today.year,
        "words": {name: text.of(lang) for name, text in plan_words.BROWSER.items()}
        | {"total": plan_words.TOTAL.of(lang)},
    }


def data(services: Services, span: Span, lang: Lang) -> dict[str, Any]:
    """Rows on screen; ``version`` changes with every change of anything typed. Cells: amount, count, bonus as stored, '' for none."""
    session = services.session()
    version = session.version_of_all()
    directory = session.directory()
    months = set(span.months)
    rows: dict[tuple[str, str], dict[str, list[str]]] = {}
    for entry in session.entries("plan").values():
        plan = cast("Plan", entry.value)
        if plan.month in months:
            rows.setdefault((plan.manager_id, plan.pipeline_id), {})[plan.month] = cell(entry)
    listed = [
        {
            "id": f"{manager}:{pipeline or 'all'}",
            "manager_id": manager,
            "manager": directory.manager(int(manager)).of(lang),
            "department": directory.manager_departments(int(manager)).of(lang),
            "pipeline_id": pipeline,
            "pipeline": directory.pipeline(int(pipeline)).of(lang) if pipeline else plan_words.ALL_PIPELINES.of(lang),
            "cells": cells,
        }
        for (manager, pipeline), cells in rows.items()
    ]
    listed.sort(
        key=lambda row: (
            str(row["manager"]).casefold(),
            int(str(row["manager_id"])),
            row["pipeline_id"] != "",
            int(str(row["pipeline_id"] or 0)),
        )
    )
    closed = session.closed_months() & months
    return {"months": span.months, "rows": listed, "version": version, "closed": sorted(closed)}


def cell(entry: Entry | None) -> list[str]:
    """The three values of a month."""
    return list(stored(GRID, entry).values())


# -- panels ---------------------------------------------------------------------------------------------------------


def history(changes: Sequence[Change], title: str, zone: tzinfo | None, lang: Lang, currency: str) -> list[Any]:
    """Who changed a cell's plan, when, from what to what; the newest first."""

    def lines(change: Change) -> list[tuple[str, str, str]]:
        before, after = change.before or {}, change.after or {}
        return [
            (
                plan_words.MEASURES[name].of(lang),
                _value(name, before.get(name), lang, currency),
                _value(name, after.get(name), lang, currency),
            )
            for name in MEASURES
            if before.get(name) != after.get(name)
        ]

    return history_panel(changes, title, zone, lang, lines)


def _value(name: str, value: Any, lang: Lang, currency: str) -> str:
    if value in (None, ""):
        return plan_words.EMPTY_VALUE.of(lang)
    return fmt.number(int(value), lang) if name == "plan_count" else fmt.money(value, lang, currency)


# -- what is stored ------------------------------------------------------------------------------------------------


def _edits(given: object) -> list[Edit]:
    edits = []
    for manager, pipeline, month, measure, text, was in cells_of(given, MEASURES):
        GRID.check((manager, pipeline), month)
        edits.append(Edit(Cell((manager, pipeline), month, measure), text[:200], was[:40]))
    return edits


def _saved(services: Services, cells: Cells, who: str, lang: Lang) -> dict[str, Any]:
    session = services.session()
    outcome = session.save_cells(GRID, _edits(cells), who)
    touched = {c.key: c for c in outcome.touched}
    entries = session.entries("plan")
    return {
        "cells": [[*c.row, c.month, cell(entries.get(key))] for key, c in touched.items()],
        "refused": [[*_place(r.edit), r.edit.text, r.why.of(lang)] for r in outcome.refused],
        "conflicts": [[*_place(c.edit), c.edit.text, c.theirs, c.who] for c in outcome.conflicts],
        "changes": [change.id for change in outcome.changes],
    }


def _place(edit: Edit) -> tuple[str, str, str, str]:
    manager, pipeline = edit.cell.row
    return manager, pipeline, edit.cell.month, edit.cell.measure


def _write(services: Services, span: Span, lang: Lang, out: IO[bytes]) -> None:
    months = set(span.months)
    session = services.session()
    plans = [plan for plan in plans_of(session.entries("plan")).values() if plan.month in months]
    plans_xlsx(plans, session.directory(), lang, out)


def _read(services: Services, content: bytes) -> Taken[Any]:
    session = services.session()
    try:
        directory = session.directory()
    except NoData:
        directory = None
    plans = read_plans(content, directory, plans_of(session.entries("plan")), session.closed_months())
    return plans.dumped()


EDITOR = Editor(
    PLANS,
    "plan",
    ids.PLAN,
    plan_words.FROM_PAGE,
    plan_words.IMPORTED,
    "plan",
    data=data,
    columns=columns,
    save=_saved,
    entry_of=str,
    history=history,
    write=_write,
    read=_read,
)
