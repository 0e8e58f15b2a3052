"""Rows as horizontal bars of one figure, the base as a ghost."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash_app.engine.result import BarsResult, Row
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.charts import Chart, graph, plain, tint
from dash_app.views.scene import Scene, empty, label_of, row_keys, target
from dash_app.views.tables import figure_columns, is_compared, label_columns
from dash_app.views.theme import BASE, figure_colour, layout

MOST = 15


def bars_chart(scene: Scene, result: BarsResult) -> Chart:
    """The first figure of each row; at most ``MOST`` rows, the rest are in the table."""
    column = figure_columns(result)[0]
    names = label_columns(result)
    rows: list[Row] = result.rows[:MOST]
    places = [-i for i in range(len(rows))]
    values = [
        fmt.as_number(r[column.id]) if isinstance(r.get(column.id), int | float | Decimal) else None for r in rows
    ]
    labels = [", ".join(label_of(scene, c, r) for c in names) for r in rows]
    hover = [
        f"<b>{plain(name)}</b><br>{column.label.of(scene.lang)}: {scene.show(r.get(column.id), column.unit)}"
        for name, r in zip(labels, rows, strict=True)
    ]
    targets = [target(scene.block.id, column.id, row_keys(result, r)) for r in rows]
    traces: list[dict[str, Any]] = []
    top = max((v for v in values if v is not None), default=0.0)
    if is_compared(result):
        base = [fmt.as_number(r[f"{column.id}_base"]) if r.get(f"{column.id}_base") is not None else None for r in rows]
        top = max([top, *(b for b in base if b is not None)])
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": scene.say(i18n.BASE),
                "y": places,
                "x": base,
                "width": 0.5,
                "hoverinfo": "skip",
                "marker": {"color": tint(BASE, 0.12), "line": {"color": BASE, "width": 1}},
            }
        )
    traces.append(
        {
            "type": "bar",
            "orientation": "h",
            "name": column.label.of(scene.lang),
            "y": places,
            "x": values,
            "width": 0.32,
            "hoverinfo": "text",
            "hovertext": hover,
            "customdata": targets,
            "marker": {"color": figure_colour(column.id)},
        }
    )
    annotations = [
        {
            "text": f"<b>{plain(name)}</b>   {scene.show(r.get(column.id), column.unit, short=True)}",
            "x": 0,
            "y": y + 0.38,
            "xref": "paper",
            "yref": "y",
            "xanchor": "left",
            "yanchor": "middle",
            "showarrow": False,
        }
        for name, r, y in zip(labels, rows, places, strict=True)
    ]
    figure = {
        "data": traces,
        "layout": layout(
            height=44 * len(rows) + 16,
            margin=(2, 2, 4, 4),
            barmode="overlay",
            annotations=annotations,
            xaxis={"visible": False, "range": [0, (top or 1) * 1.05]},
            yaxis={"visible": False, "range": [-len(rows) + 0.6, 0.65]},
        ),
    }
    best = max(range(len(rows)), key=lambda i: -1.0 if (v := values[i]) is None else v)
    summary = scene.say(
        i18n.BARS_SUMMARY,
        name=column.label.of(scene.lang),
        top=labels[best],
        value=scene.show(rows[best].get(column.id), column.unit, short=True),
    )
    return Chart(column.id, figure, summary)


def bars(scene: Scene, result: BarsResult) -> html.Div:
    """The chart, and a line when rows are left out."""
    if not result.rows:
        return empty(scene)
    chart = bars_chart(scene, result)
    children: list[Any] = [graph(chart)]
    if len(result.rows) > MOST:
        total = fmt.number(len(result.rows), scene.lang)
        children.append(html.P(scene.say(i18n.FIRST_BARS, shown=MOST, total=total), className="block-note"))
    return html.Div(children)
