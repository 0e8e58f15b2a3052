"""What all charts share: plain figure dictionaries, axes ticked in the page's language, a figure with words for those who do not see it.

Figures are dictionaries rather than ``plotly.graph_objects``: a few points each, checked by tests against the rows they came from.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dash_app.engine.language import Unit
from dash_app.engine.result import Row, SeriesResult
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.scene import Scene, attrs
from dash_app.views.theme import DAY_OFF

HATCH = {"shape": "/", "size": 6, "solidity": 0.35}


@dataclass(frozen=True, slots=True)
class Chart:
    """A figure and the sentence that says the same. ``part`` tells apart several charts of one block."""

    part: str
    figure: dict[str, Any]
    summary: str
    title: str = ""
    total: str = ""
    dot: str = ""
    aside: html.Div | None = None  # beside its title: what its lines are


class Plot:
    """A figure that the browser draws (``assets/16-chart.js``) and an answer changes in place. ``part`` tells apart the charts of one block."""

    def __init__(self, figure: dict[str, Any], part: str) -> None:
        self.figure = figure
        self.part = part

    def to_plotly_json(self) -> dict[str, Any]:
        """What is sent to the browser; Dash's encoder asks for it."""
        props = {"figure": self.figure, "part": self.part}
        return {"type": "Chart", "namespace": html.NAMESPACE, "props": props}


def graph(chart: Chart, *, cls: str = "") -> html.Figure:
    """A chart on the page. Clicking a bar opens its records (``customdata`` of the trace is the piece of the address)."""
    head: list[Any] = []
    if chart.title:
        dot = html.Span(className="dot", style={"background": chart.dot}) if chart.dot else None
        name = html.Span([dot, chart.title], className="chart-name", title=chart.title)
        head = [html.Div([name, html.Span(chart.total, className="chart-total"), chart.aside], className="chart-head")]
    height = chart.figure["layout"]["height"]
    return html.Figure(
        [
            *head,
            html.Div(
                Plot(chart.figure, chart.part), style={"minHeight": f"{height}px"}, **attrs({"aria-hidden": "true"})
            ),  # before it is drawn
            html.Figcaption(chart.summary, className="visually-hidden"),
        ],
        className=f"chart-figure {cls}".strip(),
        role="img",
        **attrs({"aria-label": chart.summary}),
    )


def plain(name: object) -> str:
    """A name of the portal as text: plotly reads tags, links among them, in whatever it draws."""
    return str(name if name is not None else "").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def nice_ticks(top: float, wanted: int = 4) -> list[float]:
    """Round values from 0 to at least ``top``."""
    if top <= 0:
        return [0.0, 1.0]
    raw = top / wanted
    scale = 10.0 ** math.floor(math.log10(raw))
    step = next(s * scale for s in (1, 2, 2.5, 5, 10) if s * scale >= raw * 0.999)
    return [i * step for i in range(int(math.ceil(top / step - 1e-9)) + 1)]


def value_axis(scene: Scene, top: float, unit: Unit, *, wanted: int = 4) -> dict[str, Any]:
    """An axis from 0 with ticks in words: 12 млн ₽, not 12M. Counts have whole ticks only."""
    ticks = nice_ticks(top, wanted)
    if unit is Unit.COUNT:
        ticks = sorted({float(round(t)) for t in ticks})
    shown = [scene.show(t if unit is not Unit.COUNT else int(t), unit, short=True) for t in ticks]
    return {"tickmode": "array", "tickvals": ticks, "ticktext": shown, "range": [0, max(ticks[-1], top) * 1.06]}


def sparse(labels: Sequence[str], most: int = 7) -> tuple[list[int], list[str]]:
    """Positions and texts of at most ``most`` ticks, evenly apart."""
    step = max(1, math.ceil(len(labels) / most))
    places = list(range(0, len(labels), step))
    return places, [labels[i] for i in places]


def days_off(rows: Sequence[Row]) -> list[dict[str, Any]]:
    """Bands behind days that are not worked: an empty place there is no hole."""
    return [
        {
            "type": "rect",
            "yref": "paper",
            "x0": i - 0.5,
            "x1": i + 0.5,
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "line": {"width": 0},
            "fillcolor": DAY_OFF,
        }
        for i, row in enumerate(rows)
        if row.get("day_off")
    ]


def time_axis(scene: Scene, result: SeriesResult, *, most: int, rows: Sequence[Row] | None = None) -> dict[str, Any]:
    """Ticks of an axis of buckets, evenly apart; the one that runs is named – «сегодня», «ноя 26, неполная» – rather than the bar above it."""
    shown = result.rows if rows is None else rows
    labels = [fmt.bucket_short(row["bucket"], result.grain, scene.lang, scene.first_month) for row in shown]
    places, texts = sparse(labels, most)
    runs = next((i for i, row in enumerate(shown) if row.get("running")), None)
    if runs is not None and len(shown) > 1:
        day = result.grain == "day"
        words = scene.say(i18n.TODAY) if day else f"{labels[runs]}, {scene.say(i18n.RUNNING)}"
        room = len(shown) / most
        kept = [(place, text) for place, text in zip(places, texts, strict=True) if abs(place - runs) > room]
        kept = sorted([*kept, (runs, f"<b>{words}</b>")])
        places, texts = [place for place, _ in kept], [text for _, text in kept]
    return {"tickmode": "array", "tickvals": places, "ticktext": texts, "tickangle": 0}


def tint(colour: str, share: float) -> str:
    """A colour with an opacity: readable on light and dark paper."""
    r, g, b = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({r},{g},{b},{share:g})"
