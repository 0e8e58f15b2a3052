"""Plan against fact, a bullet a row: the fact from zero, a thick tick at the plan, a thin one where it should be by now, the forecast and its spread."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash_app.engine.result import BulletResult, Row
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.charts import Chart, graph, plain, tint
from dash_app.views.scene import Scene, approximately, empty, in_digits, label_of, row_keys, target
from dash_app.views.tables import is_compared, label_columns
from dash_app.views.theme import BASE, IN_WORK, WON, layout

MOST = 15
_FACT, _PLAN, _EXPECTED, _FORECAST = "fact_amount", "plan_amount", "expected_by_now", "forecast"
_ROW = 46


def _number(row: Row, name: str) -> float | None:
    value = row.get(name)
    return float(value) if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else None


def _hover(scene: Scene, result: BulletResult, name: str, row: Row) -> str:
    lines = [f"<b>{plain(name)}</b>"]
    for column_id in (_FACT, _PLAN, "attainment", _EXPECTED, "pace", _FORECAST, "p_plan", "remaining"):
        value = row.get(column_id)
        if value is not None:
            column = result.column(column_id)
            lines.append(
                f"{column.label.of(scene.lang)}: {approximately(column, row)}"
                f"{scene.show(in_digits(column, value), column.unit)}"
            )
    low, high = row.get("forecast_p10"), row.get("forecast_p90")
    if low is not None and low != high:
        unit = result.column(_FORECAST).unit
        lines.insert(
            -1, scene.say(i18n.BETWEEN, low=scene.show(low, unit, short=True), high=scene.show(high, unit, short=True))
        )
    return "<br>".join(lines)


def _right(scene: Scene, result: BulletResult, row: Row) -> str:
    """«86 % · осталось 84 тыс. ₽» at the right end of a row."""
    if row.get(_PLAN) is None:
        return scene.say(i18n.NO_PLAN)
    attainment, remaining = row.get("attainment"), row.get("remaining")
    pieces = [scene.show(attainment, result.column("attainment").unit)] if attainment is not None else []
    if remaining:
        column = result.column("remaining")
        pieces.append(
            f"{column.label.of(scene.lang).lower()} {approximately(column, row)}{scene.show(remaining, column.unit, short=True)}"
        )
    return " · ".join(pieces)


def bullet_chart(scene: Scene, result: BulletResult) -> Chart:
    """At most ``MOST`` rows, in the order of the answer; the rest are in the table."""
    names = label_columns(result)
    rows = result.rows[:MOST]
    places = [-i for i in range(len(rows))]
    labels = [", ".join(label_of(scene, c, r) for c in names) for r in rows]
    hover = [_hover(scene, result, name, r) for name, r in zip(labels, rows, strict=True)]
    facts = [_number(r, _FACT) or 0.0 for r in rows]
    top = max(
        [0.0, *(v for r in rows for name in (_FACT, _PLAN, "forecast_p90") if (v := _number(r, name)) is not None)]
    )
    traces: list[dict[str, Any]] = []
    if is_compared(result):
        base = [_number(r, f"{_FACT}_base") for r in rows]
        top = max([top, *(b for b in base if b is not None)])
        traces.append(
            {
                "type": "bar",
                "orientation": "h",
                "name": scene.say(i18n.BASE),
                "y": places,
                "x": base,
                "width": 0.46,
                "hoverinfo": "skip",
                "marker": {"color": tint(BASE, 0.12), "line": {"color": BASE, "width": 1}},
            }
        )
    traces.append(
        {
            "type": "bar",
            "orientation": "h",
            "name": result.column(_FACT).label.of(scene.lang),
            "y": places,
            "x": facts,
            "width": 0.28,
            "hoverinfo": "text",
            "hovertext": hover,
            "customdata": [target(scene.block.id, _FACT, row_keys(result, r)) for r in rows],
            "marker": {"color": WON},
        }
    )
    spread = [
        i
        for i, r in enumerate(rows)
        if r.get("forecast_p10") != r.get("forecast_p90") or r.get(_FORECAST) != r.get(_FACT)
    ]
    if spread:
        middle = [_number(rows[i], _FORECAST) or 0.0 for i in spread]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": result.column(_FORECAST).label.of(scene.lang),
                "y": [places[i] for i in spread],
                "x": middle,
                "hoverinfo": "text",
                "hovertext": [hover[i] for i in spread],
                "customdata": [target(scene.block.id, "coverage_num", row_keys(result, rows[i])) for i in spread],
                "marker": {"color": IN_WORK, "size": 8},
                "error_x": {
                    "type": "data",
                    "symmetric": False,
                    "color": IN_WORK,
                    "thickness": 1.6,
                    "width": 4,
                    "array": [
                        max(0.0, (_number(rows[i], "forecast_p90") or m) - m)
                        for i, m in zip(spread, middle, strict=True)
                    ],
                    "arrayminus": [
                        max(0.0, m - (_number(rows[i], "forecast_p10") or m))
                        for i, m in zip(spread, middle, strict=True)
                    ],
                },
            }
        )
    for name, size, width in ((_EXPECTED, 10, 1.5), (_PLAN, 16, 3.5)):
        known = [i for i, r in enumerate(rows) if _number(r, name) is not None]
        traces.append(
            {
                "type": "scatter",
                "mode": "markers",
                "name": result.column(name).label.of(scene.lang),
                "y": [places[i] for i in known],
                "x": [_number(rows[i], name) for i in known],
                "hoverinfo": "text",
                "hovertext": [hover[i] for i in known],
                "marker": {"symbol": "line-ns", "size": size, "line": {"width": width, "color": BASE}},
            }
        )
    annotations = []
    for name, r, y in zip(labels, rows, places, strict=True):
        common = {"y": y + 0.43, "xref": "paper", "yref": "y", "yanchor": "middle", "showarrow": False}
        annotations.append({**common, "text": f"<b>{plain(name)}</b>", "x": 0, "xanchor": "left"})
        annotations.append({**common, "text": _right(scene, result, r), "x": 1, "xanchor": "right"})
    figure = {
        "data": traces,
        "layout": layout(
            height=_ROW * len(rows) + 14,
            margin=(2, 2, 2, 2),
            barmode="overlay",
            annotations=annotations,
            xaxis={"visible": False, "range": [0, (top or 1) * 1.02]},
            yaxis={"visible": False, "range": [-len(rows) + 0.62, 0.7]},
        ),
    }
    return Chart("bullet", figure, _summary(scene, result, labels))


def _summary(scene: Scene, result: BulletResult, labels: list[str]) -> str:
    total = result.totals or {}
    first = result.rows[0]
    unit = result.column(_FACT).unit
    text = scene.say(
        i18n.BULLET_SUMMARY,
        fact=scene.show(total.get(_FACT), unit, short=True),
        plan=scene.show(total.get(_PLAN), unit, short=True),
        forecast=scene.show(total.get(_FORECAST), unit, short=True),
    )
    if first.get("remaining"):
        text += " " + scene.say(
            i18n.BULLET_MOST, name=labels[0], value=scene.show(first["remaining"], unit, short=True)
        )
    return text


def _legend(scene: Scene, result: BulletResult) -> html.Div:
    items = [("mark-fact", _FACT), ("mark-plan", _PLAN), ("mark-expected", _EXPECTED), ("mark-forecast", _FORECAST)]
    return html.Div(
        [
            html.Span(
                [html.Span(className=f"legend-mark {cls}"), result.column(name).label.of(scene.lang)],
                className="legend-item",
            )
            for cls, name in items
        ],
        className="legend",
    )


def bullet(scene: Scene, result: BulletResult) -> html.Div:
    """The chart with its legend, and a line when rows are left out."""
    if not result.rows:
        return html.Div() if any(n.href for n in result.notes) else empty(scene)
    chart = bullet_chart(scene, result)
    children: list[Any] = [_legend(scene, result), graph(chart)]
    if len(result.rows) > MOST:
        total = fmt.number(len(result.rows), scene.lang)
        children.append(html.P(scene.say(i18n.FIRST_BARS, shown=MOST, total=total), className="block-note"))
    return html.Div(children)
