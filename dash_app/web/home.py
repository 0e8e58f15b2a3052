"""The start page: what stands out, the plan, whom to call; then every report with its question and the one number that stands for it, with its trend."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.engine.blocks import Cards
from dash_app.engine.language import Report, Unit
from dash_app.engine.result import BlockResult
from dash_app.reports.today.api import Today
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.cards import Sparks, sparkline
from dash_app.views.theme import figure_colour
from dash_app.views.today import today_view
from dash_app.web import ids, words
from dash_app.web.frame import chip_link, icon
from dash_app.web.state import CARRIED, OF_PERIOD, AddressParams, opened_with, search_of

BEFORE = Text("было {value}", "was {value}")
REPORTS = Text("Отчёты", "Reports")
NO_VIEWS: Mapping[str, str] = MappingProxyType({})
UNKNOWN = Text("пока не из чего посчитать", "nothing to count yet")


def carried(params: AddressParams) -> AddressParams:
    """What of an address the start page speaks of and hands on: the filters that go along to every report, and an earlier instant."""
    names = [name for name in CARRIED if name not in OF_PERIOD]
    return {name: params[name] for name in names if params.get(name)}


def page(reports: Sequence[Report], lang: Lang, params: AddressParams, first: Mapping[str, str] = NO_VIEWS) -> html.Div:
    """The frame: what stands out, then a card a report; callbacks fill both. ``params``: those of the address; ``first``: path of a report -> the
    query string its own view opens it with."""
    along = carried(params)
    return html.Div(
        [
            html.Div(waiting(lang), id=ids.TODAY, className="today"),
            html.H2(REPORTS.of(lang), className="home-title"),
            html.Div(
                [
                    _card(report, search_of(opened_with(along, first.get(f"/{report.slug}", ""))), lang)
                    for report in reports
                ],
                className="home",
            ),
        ],
        className="start",
    )


def waiting(lang: Lang) -> html.Div:
    """What stands there until the answer comes, as high as it."""
    shapes = [dmc.Skeleton(className=f"skeleton-today skeleton-{name}") for name in ("plan", "out", "calls")]
    return html.Div(
        [html.Span(words.LOADING.of(lang), className="visually-hidden"), *shapes], className="skeleton today-waiting"
    )


def filled(today: Today, lang: Lang, currency: str) -> list[Any]:
    """The answer of the page above its reports, filters first."""
    chips: list[Any] = [chip_link(f.text.of(lang), "/" + search_of(dict(f.without)), lang) for f in today.filters]
    if chips:
        left = {name: values for name, values in today.carried.items() if name == "as_of"}
        chips.append(dcc.Link(words.RESET.of(lang), href="/" + search_of(left), className="reset"))
    return [*([html.Div(chips, className="chips today-chips")] if chips else []), *today_view(today, lang, currency)]


def headline_block(report: Report) -> Cards | None:
    """The block whose figures stand for the report."""
    return next((block for block in report.blocks if isinstance(block, Cards)), None)


def headline_figure(report: Report, block: Cards) -> str:
    """The figure that stands for the report."""
    return report.headline or next(iter(block.headline or tuple(f.id for f in block.figures)), "")


def _card(report: Report, search: str, lang: Lang) -> html.Article:
    title = html.H2(
        [
            html.Span(icon(report.icon), className="home-icon"),
            dcc.Link(report.title.of(lang), href=f"/{report.slug}{search}", className="home-link"),
        ]
    )
    body = dmc.Skeleton(className="skeleton-headline") if headline_block(report) else None
    return html.Article(
        [
            title,
            html.P(report.question.of(lang), className="question"),
            html.Div(body, id=ids.headline(report.slug), className="headlines"),
        ],
        className="home-card",
    )


def figure(report: Report, block: Cards, result: BlockResult, sparks: Sparks, lang: Lang, currency: str) -> Any:
    """The one number: how much, what of, how it moved and from what, and its course where the report has one."""
    name = headline_figure(report, block)
    row = result.rows[0] if result.rows else {}
    if name not in row:
        return None
    column = result.column(name)
    value = row[name]
    points = column.unit is Unit.RATIO  # as on the report's own cards
    change = row.get(f"{name}_delta" if points else f"{name}_delta_pct")
    moved: Any = None
    if isinstance(change, int | float):
        tone = "" if not change or not column.good else "is-good" if (change > 0) == (column.good > 0) else "is-bad"
        arrow = icon("arrow-up-right" if change > 0 else "arrow-down-right") if change else None
        shown = fmt.delta(change, column.unit, lang, currency) if points else fmt.delta_pct(change, lang)
        before = fmt.with_unit(row.get(f"{name}_base"), column.unit, lang, currency, short=True)
        moved = html.Span(
            [
                html.Span([arrow, shown], className=f"headline-delta num {tone}"),
                html.Span(BEFORE.format(value=before).of(lang), className="headline-base"),
            ],
            className="headline-change",
        )
    course: Any = sparkline(*sparks[name], figure_colour(name)) if name in sparks else None
    return html.Div(
        [
            html.Div(
                [
                    html.Span(
                        fmt.with_unit(value, column.unit, lang, currency, short=True),
                        className="headline-value num",
                        title=fmt.show(value, column.unit, lang, currency),
                    ),
                    html.Span(column.label.of(lang), className="headline-label"),
                    moved if value is not None else html.Span(UNKNOWN.of(lang), className="headline-base"),
                ],
                className="headline",
            ),
            course,
        ],
        className="headline-row",
    )
