"""The start page: every report with the question it answers and the one number that stands for it, with its trend."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.engine.blocks import Cards
from dash_app.engine.language import Report, Unit
from dash_app.engine.result import BlockResult
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views.cards import Sparks, sparkline
from dash_app.views.theme import figure_colour
from dash_app.web import ids
from dash_app.web.frame import icon
from dash_app.web.state import search_of

BEFORE = Text("было {value}", "was {value}")
UNKNOWN = Text("пока не из чего посчитать", "nothing to count yet")


def page(reports: Sequence[Report], lang: Lang, as_of: str | None = None) -> html.Div:
    """A card a report; its figure comes by a callback. ``as_of``: the earlier instant the links carry along."""
    search = search_of({"as_of": [as_of]}) if as_of else ""
    return html.Div([_card(report, search, lang) for report in reports], className="home")


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
