"""Course as a running total: what had come together by each day, against the plan and against the same days of the base."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash_app.engine.result import UNTIL, Column, Row, SeriesResult, Value
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.charts import Chart, days_off, time_axis, value_axis
from dash_app.views.scene import Scene, attrs, target
from dash_app.views.theme import BASE, figure_colour, layout

RunningTotals = list[int | float | Decimal | None]


def sums_of(rows: list[Row], name: str) -> RunningTotals:
    """The sum of a column up to each row; None from the row on after which nothing is known any more."""
    known = [
        i
        for i, row in enumerate(rows)
        if row.get(name) is not None and not (row.get("future") and name[-5:] != "_base")
    ]
    found: RunningTotals = [None] * len(rows)
    total: Any = 0
    for i in range(known[-1] + 1 if known else 0):
        total += rows[i].get(name) or 0
        found[i] = total
    return found


def _last(sums: RunningTotals) -> Value:
    return next((value for value in reversed(sums) if value is not None), None)


def _plan_today(result: SeriesResult, column: Column) -> Value:
    """What was to be reached by the end of the running day; None without a plan or such a day."""
    plan = result.plans.get(column.id)
    return next((p for p, row in zip(plan, result.rows, strict=True) if row.get("running")), None) if plan else None


def _hover(
    scene: Scene, result: SeriesResult, column: Column, place: int, now: RunningTotals, base: RunningTotals
) -> str:
    row = result.rows[place]
    when = fmt.bucket_long(row["bucket"], row["bucket_end"], result.grain, scene.lang, scene.first_month)
    lines = [f"<b>{column.label.of(scene.lang)}</b>"]
    said = [
        (i18n.TOTAL_BY.format(when=when), now[place]),
        (i18n.OF_THESE, None if now[place] is None else row.get(column.id)),
        (i18n.BASE_SAME_DAY, base[place]),
        (i18n.PLAN_BY_THEN, result.plans[column.id][place] if column.id in result.plans else None),
    ]
    lines += [f"{words.of(scene.lang)}: {scene.show(value, column.unit)}" for words, value in said if value is not None]
    return "<br>".join(lines)


def _line(values: Any, hover: list[str], **more: Any) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "x": list(range(len(values))),
        "y": [None if v is None else float(v) for v in values],
        "hoverinfo": "text",
        "hovertext": hover,
        **more,
    }


def total_chart(scene: Scene, result: SeriesResult, column: Column, *, main: bool) -> Chart:
    """One figure. A point of its line opens the records up to its day."""
    rows, colour = result.rows, figure_colour(column.id)
    now, base = sums_of(rows, column.id), sums_of(rows, f"{column.id}_base")
    plan = result.plans.get(column.id, ()) if main else ()
    hover = [_hover(scene, result, column, i, now, base) for i in range(len(rows))]
    elsewhere = [
        text if value is None else "" for text, value in zip(hover, now, strict=True)
    ]  # said by the line itself where it is
    traces = []
    if plan:
        traces.append(
            _line(plan, elsewhere, name=scene.say(i18n.PLAN), line={"color": BASE, "width": 1.5, "dash": "dash"})
        )
    if any(v is not None for v in base):
        traces.append(
            _line(base, elsewhere, name=scene.say(i18n.BASE), line={"color": BASE, "width": 2, "dash": "dot"})
        )
    for trace in traces:
        trace["hoverinfo"] = ["text" if text else "skip" for text in elsewhere]
    open_ends = ["circle-open" if row.get("running") else "circle" for row in rows]
    traces.append(
        _line(
            now,
            hover,
            name=column.label.of(scene.lang),
            mode="lines+markers",
            line={"color": colour, "width": 3 if main else 2},
            marker={"size": 7 if main else 4, "color": colour, "symbol": open_ends},
            customdata=[target(scene.block.id, column.id, {UNTIL: str(row["bucket_end"])}) for row in rows],
        )
    )
    top = max((float(v) for v in (*now, *base, *plan) if v is not None), default=0.0)
    axis = value_axis(scene, top, column.unit, wanted=4 if main else 2)
    axis["range"] = [0, (top or 1.0) * 1.08]
    if not main:
        axis["ticktext"] = ["", *axis["ticktext"][1:]]
    figure = {
        "data": traces,
        "layout": layout(
            height=290 if main else 118,
            margin=(8, 24, 14, 26) if main else (4, 4, 8, 22),
            hovermode="x",
            xaxis={**time_axis(scene, result, most=6 if main else 3), "range": [-0.6, len(rows) - 0.4]},
            yaxis={**axis, "automargin": True, "side": "left"},
            shapes=days_off(rows),
        ),
    }
    total = scene.show(_last(now), column.unit, short=True)
    aside = _legend(scene, result, column, base) if main else None
    summary = _summary(scene, result, column, now, base)
    return Chart(column.id, figure, summary, column.label.of(scene.lang), total, aside=aside)


def _summary(scene: Scene, result: SeriesResult, column: Column, now: RunningTotals, base: RunningTotals) -> str:
    text = scene.say(
        i18n.TOTAL_SUMMARY, name=column.label.of(scene.lang), total=scene.show(_last(now), column.unit, short=True)
    )
    if _last(base) is not None:
        text += scene.say(i18n.SERIES_BASE, base=scene.show(_last(base), column.unit, short=True))
    if column.id in result.plans:
        text += scene.say(i18n.TOTAL_PLAN, plan=scene.show(result.plans[column.id][-1], column.unit, short=True))
    return text


def _legend(scene: Scene, result: SeriesResult, column: Column, sums: RunningTotals) -> html.Div:
    """What the lines beside the figure's own are, with their last values, which the eye would have to guess."""
    base, plan = _last(sums), result.plans.get(column.id)
    named: list[tuple[str, str, str]] = []
    if base is not None:
        named.append((scene.say(i18n.BASE_SAME_DAY), scene.show(base, column.unit, short=True), f"2px dotted {BASE}"))
    if plan:
        of = scene.show(plan[-1], column.unit, short=True)
        today = _plan_today(result, column)
        shown = (
            of if today is None else scene.say(i18n.PLAN_OF, now=scene.show(today, column.unit, short=True), plan=of)
        )
        named.append((scene.say(i18n.PLAN if today is None else i18n.PLAN_BY_TODAY), shown, f"2px dashed {BASE}"))
    items = [
        html.Span(
            [
                html.Span(className="legend-line", style={"borderTop": border}, **attrs({"aria-hidden": "true"})),
                f"{name}: {value}",
            ],
            className="legend-item",
        )
        for name, value, border in named
    ]
    if any(row.get("day_off") for row in result.rows):
        items.append(
            html.Span([html.Span(className="swatch day-off"), scene.say(i18n.DAYS_OFF)], className="legend-item")
        )
    return html.Div(items, className="legend")
