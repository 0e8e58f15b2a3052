"""The drawer of records: what they are in words, how many and how much, the list, and what can be done with it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dash import html

from dash_app.engine.periods import ALL_START, PRESETS
from dash_app.engine.query import Query
from dash_app.engine.result import OfPerson, RecordsPage
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
    shown: str = ""  # its value in words


def _tabs(tabs: Sequence[Tab], lang: Lang) -> html.Div | None:
    if not tabs:
        return None
    buttons = [
        html.Button(
            [
                html.Span(tab.role.of(lang), className="tab-role"),
                tab.label.of(lang),
                html.Span(tab.shown, className="tab-value") if tab.shown else None,
            ],
            className="drawer-tab" + (" is-open" if tab.is_open else ""),
            role="tab",
            **attrs({"data-drill": tab.target, "aria-selected": str(tab.is_open).lower()}),
        )
        for tab in tabs
    ]
    return html.Div(buttons, className="drawer-tabs", role="tablist")


PEOPLE = 6
"""So many people are named above a list."""


def _whose(page: RecordsPage, lang: Lang, currency: str) -> html.Div | None:
    """Whose the records are: count and sum by person; None where they are one person's."""
    if len(page.people) < 2 or page.entity == "person":
        return None

    def one(person: OfPerson) -> html.Span:
        amount = f" · {fmt.money_short(person.amount, lang, currency)}" if person.amount else ""
        shown: list[Any] = [
            html.Span(person.name.of(lang), className="whose-name"),
            f" {fmt.number(person.count, lang)}{amount}",
        ]
        return html.Span(shown, className="whose-person")

    others = page.people[PEOPLE:]
    rest = i18n.MORE_PEOPLE.format(people=len(others), count=fmt.number(sum(p.count for p in others), lang)).of(lang)
    return html.Div(
        [*map(one, page.people[:PEOPLE]), html.Span(rest, className="whose-person") if others else None],
        className="whose",
        **attrs({"aria-label": i18n.WHOSE.of(lang), "role": "group"}),
    )


def records_drawer(
    page: RecordsPage,
    query: Query,
    chips: Sequence[str],
    formula: str,
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
    """Body of the drawer. ``formula``: of a ratio, with its own numbers, else ''. ``page_filter``: the address of the page filtered by the number's row, None if there is none; ``extra``: own fields
    that may be shown."""
    all_time = PRESETS["all"].of(lang) if query.period.start == ALL_START else None
    dates = (
        page.base.of(lang).removesuffix(".")
        if page.base
        else all_time or fmt.period(query.period.start, query.period.end, lang)
    )
    title = page.title.of(lang)
    named = {c.id: c.label.of(lang) for c in page.columns}
    alike = [f"{named[name]}: {page.alike[name]}" for name in page.same if page.alike.get(name) is not None]
    words = [dates, *chips, *(words for words in alike if str(words.partition(": ")[2]) not in title)]
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
    kept_for = "-".join((page.entity, *page.same))  # what a person chose for a list with these columns
    return html.Div(
        [
            html.P(" · ".join(words), className="drawer-words"),
            html.P(formula, className="drawer-formula") if formula else None,
            _tabs(tabs, lang),
            _whose(page, lang, currency),
            html.Div(
                [
                    html.Div(line, id=line_id, className="records-line", role="status"),
                    html.Div(
                        [*actions, column_chooser(chooser_id, page, extra, lang, kept_for=kept_for)],
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
