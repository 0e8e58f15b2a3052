"""How the page of a monthly grid looks (``web/monthly_page.py``). What happens inside the grid is ``assets/grid/``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.exports.references import REFERENCES
from dash_app.exports.typed_file import SHOWN_LINES, Wrong
from dash_app.reports.session import Session
from dash_app.services import Services
from dash_app.store.edits import Change
from dash_app.store.grids.base import MANAGER, GridMeasure, GridNumber
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.grid_locale import locale_text
from dash_app.views.records import theme
from dash_app.views.scene import attrs
from dash_app.web import grid_words, ids, words
from dash_app.web.errors import notice
from dash_app.web.frame import icon
from dash_app.web.monthly_page import Action, MonthlyPage, MonthSpan, measure_of, names, span_of, today_of

EDITS: tuple[Action, ...] = (
    ("undo", "arrow-counterclockwise", grid_words.UNDO, grid_words.UNDO_LONG),
    ("redo", "arrow-clockwise", grid_words.REDO, grid_words.REDO_LONG),
    ("history", "clock-history", grid_words.HISTORY, grid_words.HISTORY_LONG),
)


YEARS_BACK, YEARS_AHEAD = 3, 2


def years_of(span: MonthSpan, today: date) -> list[dict[str, str]]:
    """Years to choose from."""
    years = sorted({*range(today.year - YEARS_BACK, today.year + YEARS_AHEAD + 1), span.year})
    return [{"value": str(year), "label": str(year)} for year in years]


def switch(switch_id: str, options: Mapping[str, str], value: str, label: str) -> html.Div:
    """One of a few."""
    control = dmc.SegmentedControl(
        id=switch_id,
        data=[{"value": v, "label": text} for v, text in options.items()],
        value=value,
        size="sm",
        transitionDuration=0,
    )
    return html.Div(control, role="group", className="plan-switch", **attrs({"aria-label": label}))


def action(name: str, icon_name: str, text: str, label: str) -> html.Button:
    """A button of the script."""
    return html.Button(
        [icon(icon_name), html.Span(text)],
        className="button button-small",
        type="button",
        title=label,
        **attrs({"data-plan": name, "aria-label": label}),
    )


# -- the page ----------------------------------------------------------------------------------------------------


def page(editor: MonthlyPage, services: Services, params: Mapping[str, Sequence[str]], lang: Lang) -> html.Div:
    """The whole page below its title."""
    own, w = editor.own, grid_words
    directory = services.session().directory()
    today = today_of(services)
    span = span_of(params, today)
    session = services.session()
    able = session.may_type(editor.kind)
    aside = html.Aside(id=own.history, className="plan-history", **attrs({"aria-label": w.HISTORY_LONG.of(lang)}))
    return html.Div(
        [
            dcc.Store(id=own.names, data=names(editor, directory, today, lang, read_only=not able)),
            *(dcc.Store(id=store) for store in (own.data, own.ask, own.answer, own.history_ask)),
            None if able else _read_only(editor, session, lang),
            _bar(editor, span, today, measure_of(editor, params), lang, able=able),
            _actions(own, actions_of(editor) if able else ((EDITS[-1],),), lang),
            editor.by_hand.panel(directory, lang) if editor.by_hand else None,
            html.Div(id=own.upload_report, className="plan-report", **attrs({"aria-live": "polite"})),
            html.Div(id=own.notes, className="plan-notes", role="status"),
            html.Div([_grid(editor, span, lang, able=able), aside], className="plan-desk"),
            html.Div(
                [
                    html.P(w.KEYS.of(lang) if able else "", className="plan-keys"),
                    _who(own, lang, asked=able and session.person is None),
                ],
                className="plan-foot",
            ),
        ],
        className="plans" if able else "plans is-read-only",
    )


def _read_only(editor: MonthlyPage, session: Session, lang: Lang) -> html.Div:
    """Why nothing can be typed here, and why nothing is seen."""
    of_people = any(row.of == MANAGER for row in editor.grid.rows)
    hidden = session.rights.is_limited and not of_people
    return notice(grid_words.WHOLE_COMPANY if hidden else words.READ_ONLY, lang, kind="info")


def actions_of(editor: MonthlyPage) -> tuple[tuple[Action, ...], ...]:
    """Groups of buttons above the grid."""
    w = grid_words
    months: tuple[Action, ...] = (
        ("next", "arrow-right", w.NEXT_MONTH, _all_of(editor, w.NEXT_MONTH_LONG)),
        ("all-next", "chevron-double-right", w.ALL_NEXT, w.ALL_NEXT_LONG),
        ("fill", "arrow-down", w.FILL, w.FILL_LONG),
    )
    return (editor.by_hand.actions, months, EDITS) if editor.by_hand else (months, EDITS)


def _all_of(editor: MonthlyPage, said: Text) -> Text:
    """With all measures, where there are several: «…, сумма, количество и бонус»."""
    titles = [measure.title for measure in editor.grid.measures]
    if len(titles) == 1:
        return said

    def listed(lang: Lang, last: str) -> str:
        *before, end = (title.of(lang).lower() for title in titles)
        return f"{', '.join(before)} {last} {end}"

    return Text(f"{said.ru}, {listed('ru', 'и')}", f"{said.en}, {listed('en', 'and')}")


def _bar(editor: MonthlyPage, span: MonthSpan, today: date, measure: str, lang: Lang, *, able: bool) -> html.Div:
    w, own = grid_words, editor.own
    measures = {m.field: m.title.of(lang) for m in editor.grid.measures}
    return html.Div(
        [
            dmc.Select(
                id=own.year,
                data=years_of(span, today),
                value=str(span.year),
                allowDeselect=False,
                size="sm",
                className="plan-year",
                attributes={"input": {"aria-label": w.YEAR.of(lang)}},
            ),
            switch(
                own.half,
                {key or "-": text.of(lang) for key, text in w.HALVES.items()},
                span.half or "-",
                w.PART.of(lang),
            ),
            switch(own.measure, measures, measure, w.MEASURE.of(lang)) if len(measures) > 1 else None,
            dmc.TextInput(
                id=own.find,
                placeholder=editor.find.of(lang),
                size="sm",
                attributes={"input": {"aria-label": editor.find.of(lang), "type": "search"}},
                className="plan-find",
            ),
            _files(editor, lang, able=able),
        ],
        className="plan-bar",
    )


def _files(editor: MonthlyPage, lang: Lang, *, able: bool) -> html.Div:
    w, own, it = grid_words, editor.own, editor.grid.words.it
    down, up = (said.format(ru=it.ru, en=it.en).of(lang) for said in (w.DOWNLOAD_LONG, w.UPLOAD_LONG))
    upload = html.Button(
        [icon("upload"), html.Span(w.UPLOAD.of(lang))],
        className="button",
        type="button",
        title=up,
        **attrs({"aria-label": up}),
    )
    return html.Div(
        [
            html.Button(
                [icon("download"), html.Span(w.DOWNLOAD.of(lang))],
                id=own.export,
                className="button",
                type="button",
                n_clicks=0,
                title=down,
                **attrs({"aria-label": down}),
            ),
            html.Div(
                dcc.Upload(upload, id=own.upload, max_size=5_000_000),
                hidden=not able,
                **attrs({"data-upload-label": up}),
            ),
        ],
        className="plan-files",
    )


def _actions(own: ids.CellIds, groups: Sequence[Sequence[Action]], lang: Lang) -> html.Div:
    return html.Div(
        [
            *(
                html.Div(
                    [action(name, picture, text.of(lang), label.of(lang)) for name, picture, text, label in group],
                    className="plan-group",
                )
                for group in groups
            ),
            html.Div(id=own.state, className="plan-state", role="status", **attrs({"aria-live": "polite"})),
        ],
        className="plan-actions",
    )


def _who(own: ids.CellIds, lang: Lang, *, asked: bool) -> dmc.TextInput:
    """Who types; not ``asked`` of who is signed in, nor of who may not."""
    w = grid_words
    return dmc.TextInput(
        id=own.who,
        placeholder=w.WHO_HINT.of(lang),
        size="sm",
        persistence=True,
        persistence_type="local",
        className="plan-who",
        display=None if asked else "none",
        leftSection=icon("person"),
        attributes={"input": {"aria-label": w.WHO.of(lang), "maxLength": 60, "autoComplete": "name"}},
    )


def _grid(editor: MonthlyPage, span: MonthSpan, lang: Lang, *, able: bool = True) -> html.Div:
    """An empty grid; the script fills it."""
    title = editor.grid.title
    label = grid_words.GRID.format(ru=title.ru, en=title.en).of(lang)
    table = dag.AgGrid(
        id=editor.own.grid,
        columnDefs=columns(editor, span, lang),
        rowData=[],
        getRowId="params.data.id",
        defaultColDef={
            "resizable": True,
            "sortable": False,
            "suppressHeaderMenuButton": True,
            "minWidth": 76,
            "cellDataType": False,
            "filter": False,
        },
        dashGridOptions={
            "theme": theme(),
            "localeText": {
                **locale_text(lang),
                "noRowsToShow": (editor.words["empty"] if able else grid_words.NOTHING_HERE).of(lang),
            },
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
    return html.Div(table, className="plan-grid", role="region", **attrs({"aria-label": label}))


def columns(editor: MonthlyPage, span: MonthSpan, lang: Lang) -> list[dict[str, Any]]:
    """What keys the rows, pinned; a column a month; the row's total."""
    first, *parts = (REFERENCES[row.of].title.of(lang) for row in editor.grid.rows)
    keys: list[dict[str, Any]] = [
        {
            "field": "manager",
            "headerName": first,
            "pinned": "left",
            "width": 190 if parts else 210,
            "cellRenderer": "PlanPerson",
            "lockPosition": "left",
        },
        *(
            {
                "field": "pipeline",
                "headerName": part,
                "pinned": "left",
                "width": 128,
                "tooltipField": "pipeline",
                "cellClass": "plan-pipeline",
            }
            for part in parts
        ),
    ]
    months = [
        {
            "colId": month,
            "field": month,
            "headerName": fmt.bucket_short(date.fromisoformat(f"{month}-01"), "month", lang),
            "width": 96,
            "editable": {"function": "planMay(params)"},
            "valueGetter": {"function": "planText(params)"},
            "valueFormatter": {"function": "planShown(params)"},
            "valueSetter": {"function": "planTyped(params)"},
            "tooltipValueGetter": {"function": "planWhy(params)"},
            "cellClassRules": {
                f"plan-{kind}": f"planIs(params, '{kind}')"
                for kind in ("pending", "refused", "conflict", "chosen", "closed")
            },
            "cellClass": "cell-number plan-cell",
            "headerClass": "head-number",
        }
        for month in span.months
    ]
    total = {
        "colId": "total",
        "pinned": "right",
        "headerName": grid_words.TOTAL.of(lang),
        "width": 122,
        "valueGetter": {"function": "planText(params)"},
        "valueFormatter": {"function": "planShown(params)"},
        "cellClass": "cell-number plan-sum",
        "headerClass": "head-number",
    }
    return [*keys, *months, total]


# -- panels ---------------------------------------------------------------------------------------------------------


def history(
    editor: MonthlyPage, changes: Sequence[Change], title: str, zone: tzinfo | None, lang: Lang, currency: str
) -> list[Any]:
    """Who changed a cell, when, from what to what; the newest first."""
    head = html.Div(
        [
            html.Div([html.H2(grid_words.HISTORY_LONG.of(lang)), html.P(title, className="muted")]),
            html.Button(
                icon("x-lg"),
                className="tool",
                type="button",
                **attrs({"aria-label": grid_words.CLOSE.of(lang), "data-plan": "history-close"}),
            ),
        ],
        className="plan-history-head",
    )
    if not changes:
        return [head, html.P(grid_words.NO_HISTORY.of(lang), className="panel-text")]
    return [head, html.Ol([_step(editor, change, zone, lang, currency) for change in changes], className="plan-steps")]


def _step(editor: MonthlyPage, change: Change, zone: tzinfo | None, lang: Lang, currency: str) -> html.Li:
    before, after = change.before or {}, change.after or {}
    shown = [
        html.Div(
            [
                html.Span(measure.title.of(lang), className="muted"),
                html.Span(
                    [
                        _value(measure, before.get(measure.field), lang, currency),
                        icon("arrow-right"),
                        html.Strong(_value(measure, after.get(measure.field), lang, currency)),
                    ],
                    className="num plan-step-change",
                ),
            ],
            className="plan-step-line",
        )
        for measure in editor.grid.measures
        if before.get(measure.field) != after.get(measure.field)
    ]
    undone = html.Span(f" · {grid_words.UNDONE.of(lang)}", className="muted") if change.undoes is not None else None
    return html.Li(
        [
            html.Div([html.Strong(change.who), undone]),
            html.Div(fmt.moment(change.at.astimezone(zone), lang), className="muted"),
            *shown,
        ]
    )


def _value(measure: GridMeasure, value: Any, lang: Lang, currency: str) -> str:
    if value in (None, ""):
        return grid_words.EMPTY_VALUE.of(lang)
    return fmt.number(int(value), lang) if measure.number is GridNumber.COUNT else fmt.money(value, lang, currency)


def import_errors(wrong: Sequence[Wrong], lang: Lang) -> html.Section:
    """Every bad cell of a file: line, column, what is wrong and what to do."""
    w = grid_words
    rows = [
        html.Tr([html.Td(one.place, className="num"), html.Td(one.column or "—"), html.Td(one.why.of(lang))])
        for one in wrong[:SHOWN_LINES]
    ]
    more = (
        [html.P(w.MORE_ERRORS.of(lang).format(n=len(wrong) - SHOWN_LINES), className="panel-text")]
        if len(wrong) > SHOWN_LINES
        else []
    )
    heads = [
        html.Th(text.of(lang), scope="col")
        for text in (w.WHERE if any(one.sheet for one in wrong) else w.LINE, w.COLUMN, w.WRONG)
    ]
    return html.Section(
        [
            html.Div(
                [
                    html.P(w.NOT_IMPORTED.of(lang).format(n=len(wrong)), className="plan-errors-title"),
                    html.Button(
                        icon("x-lg"),
                        className="tool",
                        type="button",
                        **attrs({"aria-label": w.CLOSE.of(lang), "data-plan": "errors-close"}),
                    ),
                ],
                className="plan-history-head",
            ),
            html.Div(
                html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="plain-table"),
                className="scroll-x plan-errors-list",
                tabIndex=0,
                role="region",
                **attrs({"aria-label": w.WRONG.of(lang)}),
            ),
            *more,
        ],
        className="panel plan-errors",
    )
