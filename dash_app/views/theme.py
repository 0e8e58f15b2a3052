"""Colours by meaning, the same everywhere, and the one small template of all charts.

Okabe–Ito colours; paper is transparent and text takes the page's colour by CSS, so a chart follows the dark theme without being redrawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dash_app.record_kinds import CARDS, SALE

WON = "#009E73"
LOST = "#D55E00"
IN_WORK = "#0072B2"
OVERDUE = "#E69F00"
BASE = "#8A8F98"
MOVED = "#CC79A7"
CREATED = "#56B4E9"
_PIPELINES = ("#3B7DD8", "#A86BC4", "#B08A1E", "#2E9CA6", "#C2577A", "#6B7A8F", "#7A5195", "#5B8C5A")
"""Apart from the colours of meaning: a pipeline is never taken for won or lost."""
_PARTS = ("#3B7DD8", "#B08A1E", "#A86BC4", "#2E9CA6", "#C2577A", "#5B8C5A", "#8FB8E8", "#8C6248")
"""Parts of a whole over time, the largest first."""
_BY_WORD = (
    ("in_work", IN_WORK),
    ("overdue", OVERDUE),
    ("won", WON),
    ("lost", LOST),
    ("created", CREATED),
    ("moved", MOVED),
)

GRID = "rgba(128,136,148,0.22)"
DAY_OFF = "rgba(128,136,148,0.10)"
TEXT = "#7d8590"
"""Readable on light and dark alike until the page's CSS replaces it; what a saved PNG shows."""

FONT = '"Inter", "Segoe UI", system-ui, -apple-system, Roboto, "Noto Sans", "Liberation Sans", Arial, sans-serif'
"""The page's own (``--font`` of 30-tokens.css), in full: Plotly measures labels, and a picture has no page to inherit it from."""

TEMPLATE: dict[str, Any] = {
    "layout": {
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 12, "color": TEXT},
        "separators": ",\u00a0",
        "colorway": list(_PIPELINES),
        "hoverlabel": {"align": "left", "font": {"family": FONT, "size": 12}},
        "xaxis": {"showgrid": False, "zeroline": False, "fixedrange": True, "linecolor": GRID},
        "yaxis": {"gridcolor": GRID, "zeroline": False, "fixedrange": True},
        "bargap": 0.25,
        "showlegend": False,
    }
}


def figure_colour(figure_id: str) -> str:
    """Colour of a figure by what it means: won green, lost vermillion, in work blue, overdue orange."""
    for word, colour in _BY_WORD:
        if word in figure_id:
            return colour
    return IN_WORK if figure_id.startswith(SALE.id) or not figure_id.startswith(tuple(k.id for k in CARDS)) else CREATED


def pipeline_colour(pipeline_id: str | None) -> str:
    """A pipeline keeps its colour on every page: by its id, not by its place in an answer."""
    if pipeline_id is None or not pipeline_id.lstrip("-").isdigit():
        return BASE
    return _PIPELINES[int(pipeline_id) % len(_PIPELINES)]


def part_colour(place: int | None) -> str:
    """Colour of a part by its place, the largest first; None: all the others together."""
    return BASE if place is None else _PARTS[place % len(_PARTS)]


def layout(*, height: int, margin: Sequence[int] = (8, 8, 8, 28), **more: Any) -> dict[str, Any]:
    """Layout of a chart: ``margin`` is left, right, top, bottom in pixels."""
    left, right, top, bottom = margin
    base: dict[str, Any] = {
        "template": TEMPLATE,
        "height": height,
        "margin": {"l": left, "r": right, "t": top, "b": bottom},
        "hovermode": "closest",
        "dragmode": False,
    }
    return {**base, **more}
