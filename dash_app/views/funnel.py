"""The funnel: horizontal bars from the left, the previous stage as a ghost, conversion between them, losses as segments, days at the right."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash_app.engine.language import Unit
from dash_app.engine.result import FunnelResult, Row, Value
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.charts import Chart, graph, plain, tint
from dash_app.views.scene import Scene, empty, row_keys, target
from dash_app.views.tables import is_compared
from dash_app.views.theme import BASE, IN_WORK, LOST, MOVED, WON, layout, pipeline_colour

_ROW = 53
"""Pixels of one stage: its words and its bar."""


def _count(value: Value) -> int:
    return int(value) if isinstance(value, int | float | Decimal) else 0


def pipelines_of(result: FunnelResult) -> dict[str, list[Row]]:
    """Rows of each pipeline, in order."""
    found: dict[str, list[Row]] = {}
    for row in result.rows:
        found.setdefault(str(row.get("pipeline_id")), []).append(row)
    return found


def segments(rows: list[Row]) -> list[dict[str, int]]:
    """How the deals that reached each stage went: passed, standing, lost, moved – they sum to ``reached``."""
    parts = []
    for i, row in enumerate(rows):
        reached = _count(row.get("reached"))
        further = _count(rows[i + 1].get("reached")) if i + 1 < len(rows) else 0
        lost = min(_count(row.get("lost_here")), max(0, reached - further))
        moved = min(_count(row.get("moved_out_here")), max(0, reached - further - lost))
        parts.append(
            {"passed": further, "standing": max(0, reached - further - lost - moved), "lost": lost, "moved": moved}
        )
    return parts


def funnel_chart(scene: Scene, result: FunnelResult, pipeline_id: str, rows: list[Row]) -> Chart:
    """One pipeline."""
    compared = is_compared(result)
    colour = IN_WORK
    first = max((_count(r.get("reached")) for r in rows), default=0)
    places = [-i for i in range(len(rows))]
    parts = segments(rows)
    last = len(rows) - 1
    previous = [None if i == 0 else _count(rows[i - 1].get("reached")) for i in range(len(rows))]
    traces: list[dict[str, Any]] = [
        {
            "type": "bar",
            "orientation": "h",
            "name": scene.say(i18n.PREVIOUS_STAGE),
            "y": places,
            "x": previous,
            "base": 0,
            "width": 0.44,
            "hoverinfo": "skip",
            "marker": {"color": tint(BASE, 0.10), "line": {"color": tint(BASE, 0.8), "width": 1}},
        }
    ]
    kinds = (
        ("passed", i18n.PASSED, "reached", [colour] * len(rows), ""),
        (
            "standing",
            i18n.STANDING,
            "reached",
            [WON if i == last else tint(colour, 0.45) for i in range(len(rows))],
            "",
        ),
        ("lost", i18n.LOST_HERE, "lost_here", [LOST] * len(rows), "/"),
        ("moved", i18n.MOVED_OUT, "moved_out_here", [MOVED] * len(rows), "x"),
    )
    offsets = [0] * len(rows)
    for kind, words, figure_id, colours, shape in kinds:
        values = [p[kind] for p in parts]
        hover = []
        for i, row in enumerate(rows):
            what = scene.say(i18n.PASSED if kind == "standing" and i == last else words)
            hover.append(
                f"<b>{plain(row.get('stage'))}</b><br>{what}: {fmt.number(values[i], scene.lang)}<br>{_hover_line(scene, result, row)}"
            )
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": scene.say(words),
                "y": places,
                "x": values,
                "base": list(offsets),
                "width": 0.44,
                "hoverinfo": "text",
                "hovertext": hover,
                "customdata": [target(scene.block.id, figure_id, row_keys(result, r)) for r in rows],
                "marker": {"color": colours, "pattern": {"shape": shape, "size": 5, "solidity": 0.3}},
            }
        )
        offsets = [o + v for o, v in zip(offsets, values, strict=True)]
    annotations: list[dict[str, Any]] = []
    for i, row in enumerate(rows):
        y = places[i] + 0.41
        annotations.append(_words(_stage_words(scene, row, compared=compared), x=0, y=y, anchor="left", paper=True))
        days = row.get("stage_days_median")
        if days is not None:
            annotations.append(_words(scene.with_unit(days, Unit.DAYS), x=1, y=y, anchor="right", paper=True, size=11))
        count = _count(row.get("reached"))
        annotations.append(
            _words(
                f"<b>{fmt.number(count, scene.lang)}</b>",
                x=max(count, previous[i] or 0),
                y=places[i],
                anchor="left",
                shift=6,
            )
        )
    figure = {
        "data": traces,
        "layout": layout(
            height=_ROW * len(rows) + 22,
            margin=(2, 2, 4, 4),
            barmode="overlay",
            xaxis={"visible": False, "range": [0, max(first, 1) * 1.16]},
            yaxis={"visible": False, "range": [-len(rows) + 0.55, 0.74]},
            annotations=annotations,
        ),
    }
    name = str(rows[0].get("pipeline") or "")
    total = f"{fmt.number(first, scene.lang)} → {fmt.number(_count(rows[-1].get('reached')), scene.lang)}"
    return Chart(
        f"p{pipeline_id}", figure, _summary(scene, name, rows, first), name, total, pipeline_colour(pipeline_id)
    )


def _words(
    text: str, *, x: float, y: float, anchor: str, paper: bool = False, size: int = 12, shift: int = 0
) -> dict[str, Any]:
    return {
        "text": text,
        "x": x,
        "y": y,
        "xref": "paper" if paper else "x",
        "yref": "y",
        "xanchor": anchor,
        "yanchor": "middle",
        "xshift": shift,
        "showarrow": False,
        "font": {"size": size},
        "align": anchor,
    }


_ROOM = 20


def _short(name: str, most: int = 28) -> str:
    return name if len(name) <= most else name[: most - 1].rstrip() + "…"


def _stage_words(scene: Scene, row: Row, *, compared: bool) -> str:
    """«Договор  ↓ 62 % (база 70 %)»: the conversion stands between this bar and the one above."""
    name = _short(str(row.get("stage") or fmt.DASH))
    text = f"<b>{plain(name)}</b>"
    share = row.get("from_previous")
    if isinstance(share, float):
        text += f"   ↓{fmt.NBSP}{fmt.ratio(share, scene.lang)}"
        before = row.get("from_previous_base")
        if compared and isinstance(before, float):
            word = f"{scene.say(i18n.BASE)} " if len(name) <= _ROOM else ""  # on a phone the median stands right of it
            text += f" ({word}{fmt.ratio(before, scene.lang)})"
    return text


def _hover_line(scene: Scene, result: FunnelResult, row: Row) -> str:
    lines = []
    for name in ("reached", "from_first", "entered", "returned"):
        if name in row:
            column = result.column(name)
            lines.append(f"{column.label.of(scene.lang)}: {scene.show(row[name], column.unit)}")
    return "<br>".join(lines)


def _summary(scene: Scene, name: str, rows: list[Row], first: int) -> str:
    reached = _count(rows[-1].get("reached"))
    worst = max(rows, key=lambda r: _count(r.get("lost_here")))
    return scene.say(
        i18n.FUNNEL_SUMMARY,
        name=name,
        first=fmt.number(first, scene.lang),
        last=fmt.number(reached, scene.lang),
        share=fmt.ratio(reached / first, scene.lang) if first else fmt.DASH,
        worst=str(worst.get("stage") or fmt.DASH),
        lost=fmt.number(_count(worst.get("lost_here")), scene.lang),
    )


def _legend(scene: Scene) -> html.Div:
    """What the segments mean, once for all pipelines."""
    items = (
        ("seg-passed", i18n.PASSED),
        ("seg-standing", i18n.STANDING),
        ("seg-lost", i18n.LOST_HERE),
        ("seg-moved", i18n.MOVED_OUT),
        ("seg-ghost", i18n.PREVIOUS_STAGE),
    )
    pieces: list[Any] = [
        html.Span([html.Span(className=f"swatch {cls}"), scene.say(words)], className="legend-item")
        for cls, words in items
    ]
    pieces.append(html.Span(f"{scene.say(i18n.STAGE_DAYS)} →", className="legend-item legend-right"))
    return html.Div(pieces, className="legend")


def funnel(scene: Scene, result: FunnelResult) -> html.Div:
    """A small funnel per pipeline, side by side; those without a single deal are left to the table."""
    known = {p: rows for p, rows in pipelines_of(result).items() if any(_count(r.get("reached")) for r in rows)}
    if not known:
        return empty(scene)
    charts = [funnel_chart(scene, result, p, rows) for p, rows in known.items()]
    return html.Div([_legend(scene), html.Div([graph(c) for c in charts], className="funnels")])
