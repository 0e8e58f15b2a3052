"""Course over time: one main picture and small ones beside it, each of one figure, the base as a ghost aligned by position."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash_app.engine.language import Unit
from dash_app.engine.result import Column, Row, SeriesResult, Value
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.charts import HATCH, Chart, days_off, graph, time_axis, tint, value_axis
from dash_app.views.lines import factors_of, legend, line_chart
from dash_app.views.scene import Scene, empty, is_additive, row_keys, target
from dash_app.views.tables import figure_columns, is_compared
from dash_app.views.theme import BASE, figure_colour, layout
from dash_app.views.totals import total_chart

FEW = 8
"""With so few buckets every bar carries its value."""


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def _hover(scene: Scene, row: Row, column: Column, grain: str, *, base: bool) -> str:
    words = fmt.bucket_long(row["bucket"], row["bucket_end"], grain, scene.lang, scene.first_month)
    lines = [f"<b>{column.label.of(scene.lang)}</b>", f"{words}: {scene.show(row.get(column.id), column.unit)}"]
    if row.get("running"):
        lines[1] += f" ({scene.say(i18n.COUNTED_TO)})"
    if base and row.get(f"{column.id}_base") is not None:
        lines.append(f"{scene.say(i18n.BASE)}: {scene.show(row[f'{column.id}_base'], column.unit)}")
        pct = row.get(f"{column.id}_delta_pct")
        if pct is not None and not row.get("running"):
            lines[-1] += f" ({fmt.delta_pct(pct, scene.lang)})"
    return "<br>".join(lines)


def series_chart(scene: Scene, result: SeriesResult, column: Column, *, main: bool) -> Chart:
    """One figure over the buckets. Bars carry the piece of the address that opens them; the running one is hatched."""
    grain = result.grain
    compared = is_compared(result)
    rows = result.rows
    values = [None if row.get("future") else _number(row.get(column.id)) for row in rows]
    base = [_number(row.get(f"{column.id}_base")) for row in rows] if compared else []
    running = [bool(row.get("running")) for row in rows]
    colour = figure_colour(column.id)
    top = max([v for v in [*values, *base] if v is not None], default=0.0)
    positions = list(range(len(rows)))
    hover = [_hover(scene, row, column, grain, base=compared) for row in rows]
    targets = [target(scene.block.id, column.id, row_keys(result, row)) for row in rows]
    traces: list[dict[str, Any]] = []
    if any(v is not None for v in base):
        traces.append(
            {
                "type": "bar",
                "name": scene.say(i18n.BASE),
                "x": positions,
                "y": base,
                "width": 0.9,
                "hoverinfo": "text",
                "hovertext": hover,
                "marker": {"color": tint(BASE, 0.16), "line": {"color": BASE, "width": 1}},
                "customdata": targets,
            }
        )
    highest = max((v for v in values if v is not None), default=None)
    shown = [
        scene.show(row.get(column.id), column.unit, short=True)
        if main and v is not None and v and (len(rows) <= FEW or v == highest)
        else ""
        for row, v in zip(rows, values, strict=True)
    ]
    traces.append(
        {
            "type": "bar",
            "name": column.label.of(scene.lang),
            "x": positions,
            "y": values,
            "width": 0.62,
            "hoverinfo": "text",
            "hovertext": hover,
            "text": shown,
            "textposition": "outside",
            "constraintext": "none",
            "textfont": {"size": 11},
            "cliponaxis": False,
            "customdata": targets,
            "marker": {
                "color": [tint(colour, 0.55) if r else colour for r in running],
                "pattern": {**HATCH, "shape": ["/" if r else "" for r in running]},
            },
        }
    )
    axis = value_axis(scene, top, column.unit, wanted=4 if main else 2)
    axis["range"][1] = axis["range"][1] * (1.08 if main else 1.0)
    if not main:
        axis["ticktext"] = ["", *axis["ticktext"][1:]]
    figure = {
        "data": traces,
        "layout": layout(
            height=290 if main else 118,
            margin=(8, 24, 14, 26) if main else (4, 4, 8, 22),
            barmode="overlay",
            xaxis={**time_axis(scene, result, most=6 if main else 3), "range": [-0.6, len(rows) - 0.4]},
            yaxis={**axis, "automargin": True, "side": "left"},
            shapes=days_off(rows),
        ),
    }
    total, base_total = _totals(scene, result, column)
    return Chart(
        column.id,
        figure,
        _summary(scene, result, column, values, grain, total, base_total),
        column.label.of(scene.lang),
        total,
    )


def _totals(scene: Scene, result: SeriesResult, column: Column) -> tuple[str, str]:
    """Sum over the buckets and of the base's, '' for what does not add up."""
    if not is_additive(scene, column.id):
        return "", ""
    kinds = (column.id, f"{column.id}_base")
    sums: list[str] = []
    for name in kinds:
        found: list[Any] = [row[name] for row in result.rows if isinstance(row.get(name), int | float | Decimal)]
        sums.append(scene.show(sum(found), column.unit, short=True) if found else "")
    return sums[0], sums[1]


def _summary(
    scene: Scene, result: SeriesResult, column: Column, values: list[float | None], grain: str, total: str, base: str
) -> str:
    best = max(range(len(values)), key=lambda i: -1.0 if (v := values[i]) is None else v)
    row = result.rows[best]
    words = fmt.bucket_long(row["bucket"], row["bucket_end"], grain, scene.lang, scene.first_month)
    text = scene.say(
        i18n.SERIES_SUMMARY,
        name=column.label.of(scene.lang),
        total=total or fmt.DASH,
        top=words,
        value=scene.show(row.get(column.id), column.unit, short=True),
    )
    return text + (scene.say(i18n.SERIES_BASE, base=base) if base else "")


def _chart(scene: Scene, result: SeriesResult, column: Column, *, main: bool) -> Chart:
    """A share is a line, what is to be added up a running total, anything else bars from 0."""
    if result.running_total and is_additive(scene, column.id):
        return total_chart(scene, result, column, main=main)
    return (line_chart if column.unit is Unit.RATIO else series_chart)(scene, result, column, main=main)


def series(scene: Scene, result: SeriesResult) -> html.Div:
    """The first figure large, the others small."""
    columns = [
        c
        for c in figure_columns(result)
        if c.unit in (Unit.COUNT, Unit.MONEY, Unit.DAYS, Unit.MINUTES, Unit.RATIO, Unit.POINTS)
    ]
    if not result.rows or not columns:
        return empty(scene)
    main, *others = columns
    children: list[Any] = [graph(_chart(scene, result, main, main=True), cls="chart-main")]
    if main.unit is Unit.RATIO:
        children.insert(0, legend(scene, result, main))
        drawn = {c.id for c in factors_of(scene, result, main)}
        others = [c for c in others if c.id not in drawn]
    if others:
        small = [graph(_chart(scene, result, c, main=False)) for c in others]
        children.append(html.Div(small, className="small-multiples"))
    return html.Div(children)
