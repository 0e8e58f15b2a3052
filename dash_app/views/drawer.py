"""The drawer of records: what they are in words, how many and how much, the list, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from dash_app.engine.periods import ALL_START, PRESETS
from dash_app.engine.query import Query
from dash_app.engine.result import RecordsPage
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views.records import column_chooser, column_defs, grid
from dash_app.views.scene import attrs


@dataclass(frozen=True, slots=True)
class Tab:
    """A part of a ratio: what it counts, its role, the piece of the address that opens it."""

    label: Text
    role: Text
    target: str
    is_open: bool


def _tabs(tabs: Sequence[Tab], lang: Lang) -> html.Div | None:
    if not tabs:
        return None
    buttons = [
        html.Button(
            [html.Span(tab.role.of(lang), className="tab-role"), tab.label.of(lang)],
            className="drawer-tab" + (" is-open" if tab.is_open else ""),
            role="tab",
            **attrs({"data-drill": tab.target, "aria-selected": str(tab.is_open).lower()}),
        )
        for tab in tabs
    ]
    return html.Div(buttons, className="drawer-tabs", role="tablist")


def records_drawer(
    page: RecordsPage,
    query: Query,
    chips: Sequence[str],
    tabs: Sequence[Tab],
    page_filter: str | None,
    lang: Lang,
    currency: str,
    *,
    extra: Sequence[tuple[str, Text, str]],
    grid_id: Any,
    chooser_id: Any,
    line_id: Any,
    export_id: Callable[[str], Any],
) -> html.Div:
    """Body of the drawer. ``page_filter``: the address of the page filtered by the number's row, None if there is none; ``extra``: own fields
    that may be shown."""
    all_time = PRESETS["all"].of(lang) if query.period.start == ALL_START else None
    dates = (
        page.base.of(lang).removesuffix(".")
        if page.base
        else all_time or fmt.period(query.period.start, query.period.end, lang)
    )
    words = [dates, *chips]
    actions: list[Any] = []
    if page_filter is not None:
        actions.append(
            html.Button(
                i18n.FILTER_PAGE.of(lang), className="button button-quiet", **attrs({"data-search": page_filter})
            )
        )
    for kind, text in (("xlsx", i18n.EXPORT_EXCEL), ("csv", i18n.EXPORT_CSV)):
        actions.append(html.Button(text.of(lang), id=export_id(kind), className="button button-quiet", n_clicks=0))
    line = fmt.records_line(page.total, page.amount, page.entity, lang, currency)
    return html.Div(
        [
            html.P(" · ".join(words), className="drawer-words"),
            _tabs(tabs, lang),
            html.Div(
                [
                    html.Div(line, id=line_id, className="records-line", role="status"),
                    html.Div(
                        [*actions, column_chooser(chooser_id, page, extra, lang, kept_for=page.entity)],
                        className="drawer-actions",
                    ),
                ],
                className="records-bar",
            ),
            grid(
                grid_id,
                column_defs(page, lang, extra),
                lang,
                label=page.title.of(lang),
                cls="records-grid drawer-grid",
            ),
        ],
        className="drawer-records",
        key="|".join(t.target for t in tabs) or page.title.ru,
    )
