"""A way in steps, one row each: counts as bars of one scale, the share that went on written between them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash_app.engine.language import Unit
from dash_app.engine.result import Column, Row, StepsResult, Value
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.scene import (
    Scene,
    attrs,
    change,
    drill_button,
    empty,
    explain_button,
    has_records,
    label_of,
    parts_text,
    row_keys,
    small_sample,
)
from dash_app.views.tables import figure_columns, is_compared, label_columns
from dash_app.views.theme import figure_colour

MOST = 12


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float | Decimal) else 0.0


def _bar(scene: Scene, result: StepsResult, column: Column, row: Row, largest: float) -> html.Td:
    """A count with its bar; the base as an outline behind it."""
    value = row.get(column.id)
    shown = scene.show(value, column.unit)
    keys = row_keys(result, row)
    named = f"{column.label.of(scene.lang)}"
    number: Any = (
        drill_button(scene, shown, column.id, keys, name=named)
        if column.drills and has_records(value)
        else html.Span(shown)
    )
    width = _number(value) / largest * 100 if largest else 0.0
    bars: list[Any] = []
    base = row.get(f"{column.id}_base")
    if base is not None and largest:
        bars.append(html.Span(className="step-base", style={"width": f"{_number(base) / largest * 100:.1f}%"}))
    bars.append(
        html.Span(className="step-bar", style={"width": f"{width:.1f}%", "background": figure_colour(column.id)})
    )
    moved = change(scene, column, row)
    words: list[Any] = [number]
    if moved is not None:
        title = f"{scene.say(i18n.BASE)}: {scene.show(base, column.unit)}"
        words.append(html.Span(moved.text, className=moved.cls, title=title))
    return html.Td(
        [
            html.Span(bars, className="step-track", **attrs({"aria-hidden": "true"})),
            html.Span(words, className="step-words"),
        ],
        className="step",
    )


def _share(scene: Scene, result: StepsResult, column: Column, row: Row, *, last: bool) -> html.Td:
    """A ratio between two counts."""
    value = row.get(column.id)
    doubt = small_sample(scene, result, column, row)
    title = "\n".join(t for t in (column.label.of(scene.lang), parts_text(scene, result, column, row), doubt) if t)
    shown = scene.show(value, column.unit)
    content: Any = html.Span(shown, title=title)
    if column.drills and has_records(value):
        content = drill_button(
            scene, shown, column.id, row_keys(result, row), name=column.label.of(scene.lang), title=title
        )
    arrow = [] if last else [html.Span("→", className="step-arrow", **attrs({"aria-hidden": "true"}))]
    return html.Td([content, *arrow], className="num step-share" + (" doubtful" if doubt else ""))


def steps(scene: Scene, result: StepsResult) -> html.Div:
    """The rows that have most; the rest are in the table."""
    rows = [r for r in result.rows if any(_number(r.get(c.id)) for c in figure_columns(result))]
    if not rows:
        return empty(scene)
    figures, names = figure_columns(result), label_columns(result)
    counts = [c for c in figures if c.unit is Unit.COUNT]
    shown = rows[:MOST]
    parts = [f"{c.id}_base" for c in counts] if is_compared(result) else []
    largest = max((_number(r.get(name)) for r in shown for name in (*(c.id for c in counts), *parts)), default=0.0)
    head: list[Any] = [html.Th(" · ".join(c.label.of(scene.lang) for c in names), scope="col", className="name")]
    for column in figures:
        kind = "step-head" if column.unit is Unit.COUNT else "num"
        head.append(
            html.Th(
                [html.Span(column.label.of(scene.lang)), explain_button(scene, column)], scope="col", className=kind
            )
        )
    body = []
    for row in shown:
        cells: list[Any] = [html.Th(", ".join(label_of(scene, c, row) for c in names), scope="row", className="name")]
        for column in figures:
            if column.unit is Unit.COUNT:
                cells.append(_bar(scene, result, column, row, largest))
            else:
                cells.append(_share(scene, result, column, row, last=column is figures[-1]))
        body.append(html.Tr(cells))
    table = html.Table(
        [
            html.Caption(scene.block.title.of(scene.lang), className="visually-hidden"),
            html.Thead(html.Tr(head)),
            html.Tbody(body),
        ],
        className="block-table steps",
    )
    scroll = html.Div(
        table,
        className="table-scroll",
        tabIndex="0",
        role="region",
        **attrs({"aria-label": scene.block.title.of(scene.lang)}),
    )
    children: list[Any] = [scroll]
    if len(rows) > MOST:
        children.append(
            html.P(
                scene.say(i18n.FIRST_BARS, shown=MOST, total=fmt.number(len(rows), scene.lang)), className="block-note"
            )
        )
    return html.Div(children)
