"""Course over time of several parts: stacked bars, each part of one colour in all pictures of the block, the base as a dashed line."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash_app.engine.language import Unit
from dash_app.engine.result import Column, Row, SeriesResult, Value
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.charts import HATCH, Chart, days_off, graph, plain, time_axis, tint, value_axis
from dash_app.views.scene import Scene, attrs, empty, is_additive, row_keys, target
from dash_app.views.tables import figure_columns, is_compared
from dash_app.views.theme import BASE, layout, part_colour


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def _parts(scene: Scene, result: SeriesResult) -> list[tuple[Value, str, str]]:
    """(id, name, colour) of the parts, the largest first."""
    dimension = scene.block.split
    assert dimension is not None
    return [
        (p[dimension.id], str(p[dimension.name]), part_colour(None if p[dimension.id] == "other" else i))
        for i, p in enumerate(result.parts)
    ]


def split_chart(scene: Scene, result: SeriesResult, column: Column, *, main: bool) -> Chart:
    """One figure: a bar a bucket, a piece a part."""
    assert scene.block.split
    key = scene.block.split.id
    grain = result.grain
    parts = _parts(scene, result)
    rows: dict[Value, list[Row]] = {part: [] for part, _, _ in parts}
    for row in result.rows:
        rows[row[key]].append(row)
    buckets = next(iter(rows.values()))
    positions = list(range(len(buckets)))
    traces: list[dict[str, Any]] = []
    sums = [0.0] * len(buckets)
    totals: dict[str, float] = {}
    for part, name, colour in parts:
        own = rows[part]
        values = [None if row.get("future") else _number(row.get(column.id)) for row in own]
        sums = [s + (v or 0) for s, v in zip(sums, values, strict=True)]
        totals[name] = sum(v or 0 for v in values)
        hover = [
            f"<b>{plain(name)}</b><br>{fmt.bucket_long(row['bucket'], row['bucket_end'], grain, scene.lang, scene.first_month)}<br>"
            f"{column.label.of(scene.lang)}: {scene.show(row.get(column.id), column.unit)}"
            + (
                f"<br>{scene.say(i18n.BASE)}: {scene.show(row[f'{column.id}_base'], column.unit)}"
                if row.get(f"{column.id}_base") is not None
                else ""
            )
            for row in own
        ]
        running = [bool(row.get("running")) for row in own]
        traces.append(
            {
                "type": "bar",
                "name": name,
                "x": positions,
                "y": values,
                "width": 0.68,
                "hoverinfo": "text",
                "hovertext": hover,
                "customdata": [target(scene.block.id, column.id, row_keys(result, row)) for row in own],
                "marker": {
                    "color": [tint(colour, 0.6) if r else colour for r in running],
                    "pattern": {**HATCH, "shape": ["/" if r else "" for r in running]},
                },
            }
        )
    base = _base(result, rows, column, len(buckets)) if is_compared(result) else []
    if any(v is not None for v in base):
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": scene.say(i18n.BASE),
                "x": positions,
                "y": base,
                "hoverinfo": "skip",
                "line": {"color": BASE, "width": 1.5, "dash": "dot", "shape": "hvh"},
            }
        )
    top = max([*sums, *(v for v in base if v is not None)], default=0.0)
    axis = value_axis(scene, top, column.unit, wanted=4 if main else 2)
    if not main:
        axis["ticktext"] = ["", *axis["ticktext"][1:]]
    figure = {
        "data": traces,
        "layout": layout(
            height=270 if main else 118,
            margin=(8, 8, 10, 26) if main else (4, 4, 8, 22),
            barmode="stack",
            xaxis={
                **time_axis(scene, result, most=6 if main else 3, rows=buckets),
                "range": [-0.6, len(buckets) - 0.4],
            },
            shapes=days_off(buckets),
            yaxis={**axis, "automargin": True, "side": "left"},
        ),
    }
    exact: list[Any] = [row[column.id] for row in result.rows if isinstance(row.get(column.id), int | float | Decimal)]
    total = scene.show(sum(exact), column.unit, short=True) if exact and is_additive(scene, column.id) else ""
    best = max(totals, key=lambda name: totals[name])
    summary = scene.say(
        i18n.SPLIT_SUMMARY,
        name=column.label.of(scene.lang),
        total=total or fmt.DASH,
        top=best,
        value=scene.show(_like(column, totals[best]), column.unit, short=True),
    )
    return Chart(column.id, figure, summary, column.label.of(scene.lang), total)


def _like(column: Column, value: float) -> Value:
    return int(value) if column.unit is Unit.COUNT else value


def _base(result: SeriesResult, rows: dict[Value, list[Row]], column: Column, count: int) -> list[float | None]:
    """The base of a bucket: all parts together; None where the base has no such bucket."""
    found: list[float | None] = []
    for i in range(count):
        values = [_number(own[i].get(f"{column.id}_base")) for own in rows.values()]
        known = [v for v in values if v is not None]
        found.append(sum(known) if known else None)
    return found


def split_series(scene: Scene, result: SeriesResult) -> html.Div:
    """The first figure large, the others small, one legend for all."""
    columns = figure_columns(result)
    if not result.rows or not columns:
        return empty(scene)
    main, *others = columns
    legend = html.Div(
        [
            html.Span(
                [html.Span(className="swatch", style={"background": colour}, **attrs({"aria-hidden": "true"})), name],
                className="legend-item",
            )
            for _, name, colour in _parts(scene, result)
        ],
        className="legend",
    )
    small = [graph(split_chart(scene, result, c, main=False)) for c in others]
    return html.Div(
        [
            legend,
            graph(split_chart(scene, result, main, main=True), cls="chart-main"),
            html.Div(small, className="small-multiples"),
        ]
    )
