"""Shares over time: lines, with their target and what they are the product of."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash_app.engine.language import Product
from dash_app.engine.result import Column, Row, SeriesResult, Value
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.charts import Chart, days_off, time_axis, value_axis
from dash_app.views.scene import Scene, figure_of, parts_text, product_of, row_keys, target
from dash_app.views.tables import is_compared
from dash_app.views.theme import BASE, figure_colour, layout

FACTORS = ("#A86BC4", "#B08A1E", "#2E9CA6")
"""Apart from the colours of meaning."""


def _number(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def factors_of(scene: Scene, result: SeriesResult, column: Column) -> list[Column]:
    """Columns of the factors of a product that stand beside it."""
    product = product_of(scene, column)
    shown = {c.id: c for c in result.columns if c.role == "figure" and not c.hidden}
    return [shown[f.id] for f in product.factors if f.id in shown] if product else []


def _hover(scene: Scene, result: SeriesResult, row: Row, column: Column, grain: str) -> str:
    words = fmt.bucket_long(row["bucket"], row["bucket_end"], grain, scene.lang, scene.first_month)
    lines = [f"<b>{column.label.of(scene.lang)}</b>", f"{words}: {scene.show(row.get(column.id), column.unit)}"]
    if row.get("running"):
        lines[1] += f" ({scene.say(i18n.COUNTED_TO)})"
    parts = parts_text(scene, result, column, row)
    lines += parts.split("\n") if parts else []
    if row.get(f"{column.id}_base") is not None:
        lines.append(f"{scene.say(i18n.BASE)}: {scene.show(row[f'{column.id}_base'], column.unit)}")
    return "<br>".join(lines)


def _trace(
    scene: Scene, result: SeriesResult, column: Column, colour: str, *, width: float, size: int
) -> dict[str, Any]:
    grain = result.grain
    rows = result.rows
    kind = "explain:" if product_of(scene, column) is not None else ""
    return {
        "type": "scatter",
        "mode": "lines+markers",
        "name": column.label.of(scene.lang),
        "x": list(range(len(rows))),
        "y": [None if row.get("future") else _number(row.get(column.id)) for row in rows],
        "line": {"color": colour, "width": width},
        "marker": {
            "size": size,
            "color": colour,
            "symbol": ["circle-open" if row.get("running") else "circle" for row in rows],
        },
        "hoverinfo": "text",
        "hovertext": [_hover(scene, result, row, column, grain) for row in rows],
        "customdata": [kind + target(scene.block.id, column.id, row_keys(result, row)) for row in rows],
    }


def line_chart(scene: Scene, result: SeriesResult, column: Column, *, main: bool) -> Chart:
    """One share over the buckets; the main one with its factors, its target and the base. A gap is where it is unknown."""
    grain = result.grain
    rows = result.rows
    colour = figure_colour(column.id)
    traces: list[dict[str, Any]] = []
    if is_compared(result):
        base = [_number(row.get(f"{column.id}_base")) for row in rows]
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": scene.say(i18n.BASE),
                "x": list(range(len(rows))),
                "y": base,
                "hoverinfo": "skip",
                "line": {"color": BASE, "width": 1.5, "dash": "dot"},
            }
        )
    if main:
        for place, factor in enumerate(factors_of(scene, result, column)):
            traces.append(_trace(scene, result, factor, FACTORS[place % len(FACTORS)], width=1.5, size=5))
    traces.append(_trace(scene, result, column, colour, width=3 if main else 2, size=8 if main else 5))
    figure = figure_of(scene, column.id)
    goal = figure.target if isinstance(figure, Product) else None
    top = max([v for trace in traces for v in trace["y"] if v is not None] + [goal or 0.0], default=1.0)
    axis = value_axis(scene, top, column.unit, wanted=4 if main else 2)
    if not main:
        axis["ticktext"] = ["", *axis["ticktext"][1:]]
    shapes, annotations = days_off(rows), []
    if goal is not None:
        shapes.append(
            {
                "type": "line",
                "xref": "paper",
                "x0": 0,
                "x1": 1,
                "y0": goal,
                "y1": goal,
                "line": {"color": BASE, "width": 1.5, "dash": "dash"},
            }
        )
        annotations.append(
            {
                "xref": "paper",
                "x": 1,
                "xanchor": "right",
                "y": goal,
                "yanchor": "bottom",
                "showarrow": False,
                "font": {"size": 11},
                "text": scene.say(i18n.TARGET, target=scene.show(goal, column.unit)),
            }
        )
    drawn = {
        "data": traces,
        "layout": layout(
            height=290 if main else 118,
            margin=(8, 8, 14, 26) if main else (4, 4, 8, 22),
            shapes=shapes,
            annotations=annotations,
            xaxis={**time_axis(scene, result, most=6 if main else 3), "range": [-0.4, len(rows) - 0.6]},
            yaxis={**axis, "automargin": True, "side": "left"},
        ),
    }
    return Chart(column.id, drawn, _summary(scene, rows, column, grain), column.label.of(scene.lang))


def _summary(scene: Scene, rows: list[Row], column: Column, grain: str) -> str:
    known = [(row, value) for row in rows if (value := _number(row.get(column.id))) is not None]
    if not known:
        return f"{column.label.of(scene.lang)}: {fmt.DASH}"
    last, value = known[-1]
    values = [v for _, v in known]
    return scene.say(
        i18n.LINES_SUMMARY,
        name=column.label.of(scene.lang),
        last=scene.show(value, column.unit),
        when=fmt.bucket_long(last["bucket"], last["bucket_end"], grain, scene.lang, scene.first_month),
        best=scene.show(max(values), column.unit),
        worst=scene.show(min(values), column.unit),
    )


def legend(scene: Scene, result: SeriesResult, column: Column) -> html.Div | None:
    """What the lines of the main chart are, where there are several."""
    named = [(column.label.of(scene.lang), figure_colour(column.id))]
    named += [
        (f.label.of(scene.lang), FACTORS[i % len(FACTORS)]) for i, f in enumerate(factors_of(scene, result, column))
    ]
    if is_compared(result):
        named.append((scene.say(i18n.BASE), BASE))
    if len(named) == 1:
        return None
    items = [
        html.Span([html.Span(className="swatch", style={"background": colour}), name], className="legend-item")
        for name, colour in named
    ]
    return html.Div(items, className="legend")
