"""Rows as points in four named quarters: what goes in against what comes out. Names stand beside the points while there is room."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from dash_app.engine.blocks import Scatter
from dash_app.engine.language import Unit
from dash_app.engine.result import Column, Row, ScatterResult, Value
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.charts import Chart, graph, nice_ticks, plain
from dash_app.views.scene import Scene, empty, has_records, label_of, row_keys, target
from dash_app.views.tables import figure_columns, label_columns
from dash_app.views.theme import BASE, GRID, IN_WORK, LOST, OVERDUE, WON, layout

_HEIGHT = 430
_WIDTH = 1000
"""Pixels the names are laid out for; the real width is the browser's."""
_LETTER, _LINE = 6.6, 16
_COLOURS = (WON, IN_WORK, LOST, OVERDUE)
_SHAPES = ("circle", "diamond", "square", "triangle-up")
"""Of the quarters, in the order of ``Scatter.quarters``: a colour never speaks alone."""


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float | Decimal) else 0.0


def quarter(x: float, y: float, cross: tuple[float, float]) -> int:
    """Upper right 0, upper left 1, lower left 2, lower right 3; on a line is on its better side."""
    right, up = x >= cross[0], y >= cross[1]
    return (0 if right else 1) if up else (3 if right else 2)


@dataclass(frozen=True, slots=True)
class _Box:
    left: float
    right: float
    bottom: float
    top: float

    def meets(self, other: _Box) -> bool:
        return (
            self.left < other.right and other.left < self.right and self.bottom < other.top and other.bottom < self.top
        )


def places(points: list[tuple[float, float]], names: list[str]) -> list[str | None]:
    """Where each name stands (a ``textposition``), None where it would cover a point or a name placed before. Points are in pixels."""
    taken = [_Box(x - 6, x + 6, y - 6, y + 6) for x, y in points]
    found: list[str | None] = []
    for i, ((x, y), name) in enumerate(zip(points, names, strict=True)):
        width = len(name) * _LETTER
        tries = {
            "middle right": _Box(x + 8, x + 8 + width, y - _LINE / 2, y + _LINE / 2),
            "middle left": _Box(x - 8 - width, x - 8, y - _LINE / 2, y + _LINE / 2),
            "top center": _Box(x - width / 2, x + width / 2, y + 7, y + 7 + _LINE),
            "bottom center": _Box(x - width / 2, x + width / 2, y - 7 - _LINE, y - 7),
        }
        others = taken[:i] + taken[i + 1 :]
        place = next(
            (
                p
                for p, box in tries.items()
                if box.left >= 0 and box.right <= _WIDTH and not any(box.meets(o) for o in others)
            ),
            None,
        )
        found.append(place)
        if place:
            taken.append(tries[place])
    return found


def _axis(scene: Scene, column: Column, top: float) -> dict[str, Any]:
    ticks = nice_ticks(top, 5)
    shown = [scene.show(t, column.unit, short=True) for t in ticks]
    end = max(ticks[-1], top)
    return {
        "tickmode": "array",
        "tickvals": ticks,
        "ticktext": shown,
        "range": [-0.03 * end, end * 1.06],
        "showgrid": True,
        "gridcolor": GRID,
        "zeroline": False,
        "title": {"text": column.label.of(scene.lang), "standoff": 8},
        "automargin": True,
    }


def _hover(scene: Scene, result: ScatterResult, name: str, row: Row, shown: list[Column], words: str) -> str:
    lines = [f"{c.label.of(scene.lang)}: {scene.show(row.get(c.id), c.unit)}" for c in shown]
    if words:
        lines.append(words)
    return "<br>".join([f"<b>{plain(name)}</b>", *lines])


def _trails(scene: Scene, rows: list[Row], spec: Scatter) -> list[dict[str, Any]]:
    """From where each point came since the base of the comparison: a hollow ghost and a line."""
    xs: list[float | None] = []
    ys: list[float | None] = []
    for row in rows:
        before = (row.get(f"{spec.x}_base"), row.get(f"{spec.y}_base"))
        if all(v is not None for v in before) and any(before):
            xs += [_number(before[0]), _number(row.get(spec.x)), None]
            ys += [_number(before[1]), _number(row.get(spec.y)), None]
    if not xs:
        return []
    sizes = [9 if i % 3 == 0 else 0 for i in range(len(xs))]
    return [
        {
            "type": "scatter",
            "mode": "lines+markers",
            "name": scene.say(i18n.BASE),
            "x": xs,
            "y": ys,
            "hoverinfo": "skip",
            "line": {"color": BASE, "width": 1, "dash": "dot"},
            "marker": {"size": sizes, "symbol": "circle-open", "color": BASE},
        }
    ]


def scatter_chart(scene: Scene, result: ScatterResult, spec: Scatter) -> Chart:
    """The picture: points by quarter, the cross, the quarters' names in the corners."""
    x_column, y_column = result.column(spec.x), result.column(spec.y)
    labels, shown = label_columns(result), figure_columns(result)
    rows = sorted(result.rows, key=lambda r: (-_number(r.get(spec.y)), -_number(r.get(spec.x))))
    names = [", ".join(label_of(scene, c, r) for c in labels) for r in rows]
    xs, ys = ([_number(r.get(name)) for r in rows] for name in (spec.x, spec.y))
    known = [rows[0].get(name) for name in spec.cross]
    cross = (_number(known[0]), _number(known[1])) if all(v is not None for v in known) else None
    bases = [[_number(r.get(f"{name}_base")) for r in rows] for name in (spec.x, spec.y)]
    top_x, top_y = (
        max([*values, *before, line]) or 1.0
        for values, before, line in (
            (xs, bases[0], cross[0] if cross else 0.0),
            (ys, bases[1], cross[1] if cross else 0.0),
        )
    )
    pixels = [(x / top_x * _WIDTH * 0.9, y / top_y * _HEIGHT * 0.8) for x, y in zip(xs, ys, strict=True)]
    stands = places(pixels, names)
    quarters = [q.of(scene.lang) for q in spec.quarters]
    groups: dict[int, list[int]] = {}
    for i, (x, y) in enumerate(zip(xs, ys, strict=True)):
        groups.setdefault(quarter(x, y, cross) if cross else 1, []).append(i)
    traces: list[dict[str, Any]] = _trails(scene, rows, spec)
    for number, members in sorted(groups.items()):
        words = quarters[number] if cross else ""
        traces.append(
            {
                "type": "scatter",
                "mode": "markers+text",
                "name": words,
                "x": [xs[i] for i in members],
                "y": [ys[i] for i in members],
                "text": [plain(names[i]) if stands[i] else "" for i in members],
                "textposition": [stands[i] or "top center" for i in members],
                "textfont": {"size": 11.5},
                "cliponaxis": False,
                "hoverinfo": "text",
                "hovertext": [_hover(scene, result, names[i], rows[i], shown, words) for i in members],
                "customdata": [
                    target(
                        scene.block.id,
                        spec.y if has_records(rows[i].get(spec.y)) else spec.x,
                        row_keys(result, rows[i]),
                    )
                    for i in members
                ],
                "marker": {
                    "size": 11,
                    "color": _COLOURS[number] if cross else IN_WORK,
                    "symbol": _SHAPES[number] if cross else "circle",
                    "opacity": 0.9,
                },
            }
        )
    shapes: list[dict[str, Any]] = []
    corners: list[dict[str, Any]] = []
    if cross:
        line = {"type": "line", "line": {"color": BASE, "width": 1, "dash": "dash"}, "layer": "below"}
        shapes = [
            {**line, "x0": cross[0], "x1": cross[0], "yref": "paper", "y0": 0, "y1": 1},
            {**line, "y0": cross[1], "y1": cross[1], "xref": "paper", "x0": 0, "x1": 1},
        ]
        for words, (side, level) in zip(
            quarters, (("right", "top"), ("left", "top"), ("left", "bottom"), ("right", "bottom")), strict=True
        ):
            corners.append(
                {
                    "text": f"<i>{words}</i>",
                    "showarrow": False,
                    "xref": "paper",
                    "yref": "paper",
                    "x": 1 if side == "right" else 0,
                    "y": 1 if level == "top" else 0,
                    "xanchor": side,
                    "yanchor": "bottom" if level == "top" else "top",
                    "yshift": 4 if level == "top" else -34,
                    "font": {"size": 11.5},
                }
            )
    figure = {
        "data": traces,
        "layout": layout(
            height=_HEIGHT,
            margin=(8, 20, 30, 72),
            shapes=shapes,
            annotations=corners,
            xaxis=_axis(scene, x_column, top_x),
            yaxis=_axis(scene, y_column, top_y),
        ),
    }
    best = rows[0]
    told = (
        {i18n_name: len(members) for i18n_name, members in ((quarters[n], m) for n, m in sorted(groups.items()))}
        if cross
        else {}
    )
    parts = "; ".join(f"{words}: {count}" for words, count in told.items())
    summary = scene.say(
        i18n.SCATTER_SUMMARY,
        x=x_column.label.of(scene.lang),
        y=y_column.label.of(scene.lang),
        count=fmt.number(len(rows), scene.lang),
        top=names[0],
        value=scene.show(best.get(spec.y), y_column.unit if y_column.unit is not Unit.LINK else Unit.COUNT, short=True),
        parts=parts or fmt.DASH,
    )
    return Chart("scatter", figure, summary)


def quarters_in_words(scene: Scene, result: ScatterResult, spec: Scatter) -> html.Div | None:
    """Where names do not fit (a phone): the quarters under the chart, each with how many points it has."""
    known = [result.rows[0].get(name) for name in spec.cross]
    if any(v is None for v in known):
        return None
    cross = (_number(known[0]), _number(known[1]))
    counts = [0, 0, 0, 0]
    for row in result.rows:
        counts[quarter(_number(row.get(spec.x)), _number(row.get(spec.y)), cross)] += 1
    items = [
        html.Div(
            [
                html.Span(className="dot", style={"background": colour}),
                f"{words.of(scene.lang)}: {fmt.number(count, scene.lang)}",
            ],
            className="legend-item",
        )
        for words, colour, count in zip(spec.quarters, _COLOURS, counts, strict=True)
    ]
    return html.Div(items, className="legend scatter-legend")


def scatter(scene: Scene, result: ScatterResult) -> html.Div:
    """The chart of rows that have anything on either axis."""
    spec = scene.block
    assert isinstance(spec, Scatter)
    told = replace(result, rows=[r for r in result.rows if _number(r.get(spec.x)) or _number(r.get(spec.y))])
    if not told.rows:
        return empty(scene)
    chart = scatter_chart(scene, told, spec)
    return html.Div([graph(chart, cls="chart-scatter"), quarters_in_words(scene, told, spec)])
