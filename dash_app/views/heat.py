"""A series split by a dimension as a heat table: values down, buckets across, the first figure in each cell."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash_app.engine.blocks import Block, Series
from dash_app.engine.language import Measure, Product
from dash_app.engine.result import Column, Row, SeriesResult
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.scene import (
    Scene,
    against_target,
    attrs,
    empty,
    figure_of,
    number_button,
    parts_text,
    row_keys,
    small_sample,
)
from dash_app.views.tables import figure_columns, label_columns


def is_heat(block: Block) -> bool:
    """Whether a block is shown so: a split series of a share has no parts to stack."""
    return isinstance(block, Series) and block.split is not None and not isinstance(block.figures[0], Measure)


def _strength(scene: Scene, column: Column, row: Row, largest: float) -> float:
    """How far a value is from its target, else how large it is: 0..1."""
    value = row.get(column.id)
    if not isinstance(value, int | float | Decimal):
        return 0.0
    figure = figure_of(scene, column.id)
    if isinstance(figure, Product) and figure.target:
        return max(0.0, (figure.target - float(value)) / figure.target)
    return float(value) / largest if largest > 0 else 0.0


def _cell(scene: Scene, result: SeriesResult, column: Column, row: Row, largest: float) -> html.Td:
    shown = scene.show(row.get(column.id), column.unit)
    against = against_target(scene, column, row.get(column.id))
    doubt = small_sample(scene, result, column, row)
    lines = [parts_text(scene, result, column, row), against[0] if against else None, doubt]
    title = "\n".join(line for line in lines if line)
    content: Any = number_button(scene, column, row, shown, row_keys(result, row), title=title)
    if content is None:
        content = html.Span(shown, title=title) if title and row.get(column.id) is not None else shown
    cls = "num heat" + (" doubtful" if doubt else "") + (" missed" if against and against[1] else "")
    return html.Td(content, className=cls, style={"--heat": f"{_strength(scene, column, row, largest):.2f}"})


def heat(scene: Scene, result: SeriesResult) -> html.Div:
    """Buckets to come and rows with nothing known are left out; the running bucket says so."""
    assert scene.block.split
    split = scene.block.split
    column = figure_columns(result)[0]
    grain = result.grain
    if all(row.get(column.id) is None for row in result.rows):
        return empty(scene)
    names = [c for c in label_columns(result) if c.id != "bucket"]
    rows = [row for row in result.rows if not row.get("future")]
    spans: dict[Any, Row] = {row["bucket"]: row for row in rows}
    lines: dict[str, list[Row]] = {}
    for row in rows:
        lines.setdefault(str(row.get(split.id)), []).append(row)
    largest = max((float(v) for row in rows if isinstance(v := row.get(column.id), int | float | Decimal)), default=0.0)
    heads = []
    for row in spans.values():
        words = fmt.bucket_long(row["bucket"], row["bucket_end"], grain, scene.lang, scene.first_month)
        short: list[Any] = [fmt.bucket_short(row["bucket"], grain, scene.lang, scene.first_month)]
        if row.get("running"):
            short.append(html.Span(scene.say(i18n.RUNNING), className="running"))
        heads.append(html.Th(short, scope="col", className="num", title=words))
    head = html.Thead(
        html.Tr([*[html.Th(c.label.of(scene.lang), scope="col", className="name") for c in names], *heads])
    )
    body = []
    for members in lines.values():
        first = members[0]
        if all(row.get(column.id) is None for row in members):
            continue
        titles = [html.Th(scene.show(first.get(c.id), c.unit), scope="row", className="name") for c in names]
        body.append(html.Tr([*titles, *[_cell(scene, result, column, row, largest) for row in members]]))
    table = html.Table(
        [html.Caption(scene.block.title.of(scene.lang), className="visually-hidden"), head, html.Tbody(body)],
        className="block-table matrix buckets",
    )
    children: list[Any] = [
        html.Div(
            table,
            className="table-scroll",
            tabIndex="0",
            role="region",
            **attrs({"aria-label": scene.block.title.of(scene.lang)}),
        )
    ]
    if split.many:
        children.append(html.P(scene.say(i18n.NOT_ADDITIVE), className="block-note"))
    return html.Div(children)
