"""The start page: every report with the question it answers and its first figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.metrics.language import Block, Report, Unit
from dash_app.metrics.result import BlockResult
from dash_app.text import Lang
from dash_app.views import format as fmt
from dash_app.web import ids
from dash_app.web.frame import icon

SHOWN = 3


def page(reports: Sequence[Report], lang: Lang) -> html.Div:
    """A card a report; its figures come by a callback."""
    return html.Div([_card(report, lang) for report in reports], className="home")


def headline_block(report: Report) -> Block | None:
    """The block whose first figures stand for the report."""
    return next((block for block in report.blocks if block.view == "cards"), None)


def _card(report: Report, lang: Lang) -> html.Article:
    title = html.H2([html.Span(icon(report.icon), className="home-icon"), dcc.Link(report.title.of(lang), href=f"/{report.slug}", className="home-link")])
    body = [dmc.Skeleton(className="skeleton-headline") for _ in range(SHOWN)] if headline_block(report) else []
    return html.Article(
        [title, html.P(report.question.of(lang), className="question"), html.Div(body, id=ids.headline(report.slug), className="headlines")],
        className="home-card",
    )


def figures(block: Block, result: BlockResult, lang: Lang, currency: str) -> list[Any]:
    """The first figures with their change against the base."""
    if not result.rows:
        return []
    row = result.rows[0]
    wanted = [name for name in (block.headline or tuple(f.id for f in block.figures)) if name in row][:SHOWN]
    found: list[Any] = []
    for name in wanted:
        column = result.column(name)
        points = column.unit is Unit.RATIO  # as on the report's own cards
        change = row.get(f"{name}_delta" if points else f"{name}_delta_pct")
        tone = ""
        if isinstance(change, int | float) and change and column.good:
            tone = "is-good" if (change > 0) == (column.good > 0) else "is-bad"
        arrow = icon("arrow-up-right" if change > 0 else "arrow-down-right") if isinstance(change, int | float) and change else None
        found.append(
            html.Div(
                [
                    html.Span(column.label.of(lang), className="headline-label"),
                    html.Span(fmt.with_unit(row[name], column.unit, lang, currency, short=True), className="headline-value num"),
                    html.Span([arrow, fmt.delta(change, column.unit, lang, currency) if points else fmt.delta_pct(change, lang)], className=f"headline-delta num {tone}") if change is not None else None,
                ],
                className="headline",
                title=fmt.show(row[name], column.unit, lang, currency),
            )
        )
    return found


