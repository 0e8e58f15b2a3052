"""An editor of cells by month, for whatever people type so: plans, expenses. What happens inside the grid is ``assets/grid/``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from typing import IO, Any

import dash_ag_grid as dag
import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.errors import BadInput
from dash_app.exports.typed_file import SHOWN_LINES, Taken, Wrong
from dash_app.services import Services
from dash_app.store.edits import Change
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.grid_locale import locale_text
from dash_app.views.records import theme
from dash_app.views.scene import attrs
from dash_app.web import ids, plan_words
from dash_app.web.frame import icon

Action = tuple[str, str, Text, Text]
"""(name in the script, icon, on the button, in full)."""
EDITS: tuple[Action, ...] = (
    ("undo", "arrow-counterclockwise", plan_words.UNDO, plan_words.UNDO_LONG),
    ("redo", "arrow-clockwise", plan_words.REDO, plan_words.REDO_LONG),
    ("history", "clock-history", plan_words.HISTORY, plan_words.HISTORY_LONG),
)


Cells = list[list[str]]
"""Edits as the browser sends them: [row, pipeline, month, measure, text, was]."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one such page calls its things."""

    grid: Text
    find: Text
    download: Text
    upload: Text


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


@dataclass(frozen=True, slots=True)
class Editor:
    """What one editor knows of its cells; everything else is the same for all."""

    slug: str
    kind: str  # of the entries it edits
    own: ids.CellIds
    from_page: Text  # who, where no name is given
    imported: Text
    file: str  # a downloaded file's name begins so
    data: Callable[[Services, Span, Lang], dict[str, Any]]
    columns: Callable[[Span, Lang], list[dict[str, Any]]]
    save: Callable[[Services, Cells, str, Lang], dict[str, Any]]  # -> cells, refused, conflicts, changes for the script
    entry_of: Callable[[str], str]  # row:pipeline:month -> key of the entry
    history: Callable[[Sequence[Change], str, tzinfo | None, Lang, str], list[Any]]
    write: Callable[[Services, Span, Lang, IO[bytes]], None]  # a workbook of the months shown
    read: Callable[[Services, bytes], Taken[Any]]  # values of a file by key, to be stored, and what of it was not read


def cells_of(given: object, measures: Sequence[str]) -> Cells:
    """Cells as the browser sends them; BadInput for what is none."""
    cells = given if isinstance(given, list) else []
    for item in cells:
        if (
            not (isinstance(item, list) and len(item) == 6 and all(isinstance(part, str) for part in item))
            or item[3] not in measures
        ):
            raise BadInput(plan_words.BAD_CELL)
    return cells


def span_of(params: Mapping[str, Sequence[str]], today: date) -> Span:
    """The months an address asks for; nonsense is this year."""
    year = params.get("year", [""])[-1]
    half = params.get("half", [""])[-1]
    chosen = int(year) if year.isascii() and year.isdigit() and 2000 <= int(year[:5]) < 2100 else today.year
    return Span(chosen, half if half in plan_words.HALVES else "")


def today_of(services: Services) -> date:
    """The day the data speaks of."""
    return services.session().state().as_of.date()


def years_of(span: Span, today: date) -> list[dict[str, str]]:
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


def page(
    own: ids.CellIds,
    said: Said,
    span: Span,
    today: date,
    names: Mapping[str, Any],
    column_defs: list[dict[str, Any]],
    actions: Sequence[Sequence[Action]],
    lang: Lang,
    *,
    choice: html.Div | None = None,
    panel: html.Div | None = None,
) -> html.Div:
    """The whole page below its title. ``choice``: what is edited; ``panel``: opened by one of the actions."""
    w = plan_words
    aside = html.Aside(id=own.history, className="plan-history", **attrs({"aria-label": w.HISTORY_LONG.of(lang)}))
    return html.Div(
        [
            dcc.Store(id=own.names, data=dict(names)),
            *(dcc.Store(id=store) for store in (own.data, own.ask, own.answer, own.history_ask)),
            _bar(own, said, span, today, choice, lang),
            _actions(own, (*actions, EDITS), lang),
            panel,
            html.Div(id=own.upload_report, className="plan-report", **attrs({"aria-live": "polite"})),
            html.Div(id=own.notes, className="plan-notes", role="status"),
            html.Div([grid(own.grid, column_defs, said.grid.of(lang), lang), aside], className="plan-desk"),
            html.Div([html.P(w.KEYS.of(lang), className="plan-keys"), _who(own, lang)], className="plan-foot"),
        ],
        className="plans",
    )


def _bar(own: ids.CellIds, said: Said, span: Span, today: date, choice: html.Div | None, lang: Lang) -> html.Div:
    w = plan_words
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
            choice,
            dmc.TextInput(
                id=own.find,
                placeholder=said.find.of(lang),
                size="sm",
                attributes={"input": {"aria-label": said.find.of(lang), "type": "search"}},
                className="plan-find",
            ),
            _files(own, said, lang),
        ],
        className="plan-bar",
    )


def _files(own: ids.CellIds, said: Said, lang: Lang) -> html.Div:
    w = plan_words
    down, up = said.download.of(lang), said.upload.of(lang)
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
            html.Div(dcc.Upload(upload, id=own.upload, max_size=5_000_000), **attrs({"data-upload-label": up})),
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


def _who(own: ids.CellIds, lang: Lang) -> dmc.TextInput:
    w = plan_words
    return dmc.TextInput(
        id=own.who,
        placeholder=w.WHO_HINT.of(lang),
        size="sm",
        persistence=True,
        persistence_type="local",
        className="plan-who",
        leftSection=icon("person"),
        attributes={"input": {"aria-label": w.WHO.of(lang), "maxLength": 60, "autoComplete": "name"}},
    )


def grid(grid_id: str, column_defs: list[dict[str, Any]], label: str, lang: Lang) -> html.Div:
    """An empty grid; the script fills it."""
    table = dag.AgGrid(
        id=grid_id,
        columnDefs=column_defs,
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
    return html.Div(table, className="plan-grid", role="region", **attrs({"aria-label": label}))


def month_columns(span: Span, lang: Lang) -> list[dict[str, Any]]:
    """A column a month, and the row's total."""
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
        "headerName": plan_words.TOTAL.of(lang),
        "width": 122,
        "valueGetter": {"function": "planText(params)"},
        "valueFormatter": {"function": "planShown(params)"},
        "cellClass": "cell-number plan-sum",
        "headerClass": "head-number",
    }
    return [*months, total]


# -- panels ---------------------------------------------------------------------------------------------------------


def history_panel(
    changes: Sequence[Change],
    title: str,
    zone: tzinfo | None,
    lang: Lang,
    lines: Callable[[Change], Sequence[tuple[str, str, str]]],
) -> list[Any]:
    """Changes of a cell; ``lines``: (what, before, after) of one."""
    head = html.Div(
        [
            html.Div([html.H2(plan_words.HISTORY_LONG.of(lang)), html.P(title, className="muted")]),
            html.Button(
                icon("x-lg"),
                className="tool",
                type="button",
                **attrs({"aria-label": plan_words.CLOSE.of(lang), "data-plan": "history-close"}),
            ),
        ],
        className="plan-history-head",
    )
    if not changes:
        return [head, html.P(plan_words.NO_HISTORY.of(lang), className="panel-text")]
    return [head, html.Ol([_step(change, zone, lang, lines(change)) for change in changes], className="plan-steps")]


def _step(change: Change, zone: tzinfo | None, lang: Lang, lines: Sequence[tuple[str, str, str]]) -> html.Li:
    shown = [
        html.Div(
            [
                html.Span(what, className="muted"),
                html.Span([before, icon("arrow-right"), html.Strong(after)], className="num plan-step-change"),
            ],
            className="plan-step-line",
        )
        for what, before, after in lines
    ]
    undone = html.Span(f" · {plan_words.UNDONE.of(lang)}", className="muted") if change.undoes is not None else None
    return html.Li(
        [
            html.Div([html.Strong(change.who), undone]),
            html.Div(fmt.moment(change.at.astimezone(zone), lang), className="muted"),
            *shown,
        ]
    )


def import_errors(wrong: Sequence[Wrong], lang: Lang) -> html.Section:
    """Every bad cell of a file: line, column, what is wrong and what to do."""
    w = plan_words
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
