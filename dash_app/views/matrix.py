"""Rows against columns: the last dimension across, the others down, a count in each cell with its weight as the colour's strength."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dash_app.engine.directory import NONE
from dash_app.engine.language import Dimension, Unit
from dash_app.engine.result import MatrixResult, Row
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.scene import Scene, attrs, drill_button, empty, is_additive
from dash_app.views.tables import AS_IT_STARTS, FEW_ROWS, TableLook, figure_columns, more_rows
from dash_app.views.theme import pipeline_colour

MOST_CELLS = 300
FEW_COLUMNS = 12
"""As many as a screen holds; columns of a closed list (hours of the day) are all there from the start."""
"""Rows and columns when all are asked for."""


@dataclass(frozen=True, slots=True)
class CellCounts:
    """How large a whole table is."""

    rows: int
    columns: int


def _key(row: Row, dimension: Dimension) -> str:
    return NONE if row.get(dimension.id) is None else str(row[dimension.id])


def _name(scene: Scene, row: Row, dimension: Dimension) -> str:
    named = dict(dimension.values).get(str(row.get(dimension.id)))
    return named.of(scene.lang) if named else scene.show(row.get(dimension.name), Unit.TEXT)


def _names(scene: Scene, row: Row, dimensions: list[Dimension]) -> str:
    """Names of a row, each once: a loss reason and its final stage are often the same."""
    return " · ".join(dict.fromkeys(_name(scene, row, d) for d in dimensions))


def _number(row: Row, figure: str) -> int:
    value = row.get(figure)
    return int(value) if isinstance(value, int | float | Decimal) else 0


def _cell(
    scene: Scene,
    count: int,
    figure: str,
    keys: dict[str, str],
    *,
    largest: int,
    title: str = "",
    cls: str = "",
    below: str = "",
) -> html.Td:
    if not count:
        return html.Td("", className=f"num {cls}".strip())
    share = f"{count / largest:.2f}" if largest else "0"
    button = drill_button(scene, fmt.number(count, scene.lang), figure, keys, title=title)
    content: Any = [button, html.Span(below, className="matrix-ratio")] if below else button
    return html.Td(content, className=f"num heat {cls}".strip(), style={"--heat": share})


def _table(
    scene: Scene,
    result: MatrixResult,
    figure: str,
    rows: list[Row],
    group: Dimension | None,
    down: list[Dimension],
    across: Dimension,
    largest: int,
    most: int,
) -> tuple[html.Div, CellCounts]:
    """One table, ``most`` rows and columns of it, and how many of each there are; totals are of all."""

    def order(row: Row) -> int:
        return -_number(row, figure)

    outer = {group.id: _key(rows[0], group)} if group else {}
    columns: dict[str, str] = {}
    for row in rows:
        columns.setdefault(_key(row, across), _name(scene, row, across))
    lines: dict[tuple[str, ...], list[Row]] = {}
    for row in sorted(rows, key=order):
        lines.setdefault(tuple(_key(row, d) for d in down), []).append(row)
    closed = [[value for value, _ in d.values] for d in down]
    if all(closed):  # weekdays stand in their own order
        ordered = sorted(lines.items(), key=lambda item: [v.index(k) for v, k in zip(closed, item[0], strict=True)])
    else:
        ordered = sorted(lines.items(), key=lambda item: -sum(_number(r, figure) for r in item[1]))
    totals = dict.fromkeys(columns, 0)
    for row in rows:
        totals[_key(row, across)] += _number(row, figure)
    if across.values:
        columns = _stretch(columns, totals, across)
    places = {row_id: i for i, row_id in enumerate(result.across)}
    shown = list(columns) if across.values else sorted(columns, key=lambda c: (places.get(c, len(places)), -totals[c]))
    counts = CellCounts(len(ordered), len(shown))
    shown = shown[: _columns(most, across)]
    total_word = scene.say(i18n.TOTAL)
    head = html.Thead(
        html.Tr(
            [
                html.Th(" · ".join(dict.fromkeys(d.label.of(scene.lang) for d in down)), scope="col", className="name"),
                *[html.Th(columns[c], scope="col", className="num") for c in shown],
                html.Th(total_word, scope="col", className="num"),
            ]
        )
    )
    body = []
    for values, members in ordered[:most]:
        name = _names(scene, members[0], down)
        keys = {**outer, **{d.id: v for d, v in zip(down, values, strict=True)}}
        by_column = {_key(r, across): r for r in members}
        cells = []
        for c in shown:
            found = by_column.get(c)
            title = _title(scene, result, found) if found else ""
            cells.append(
                _cell(
                    scene,
                    _number(found, figure) if found else 0,
                    figure,
                    {**keys, across.id: c},
                    largest=largest,
                    title=title,
                    below=_ratio(scene, result, found) if found else "",
                )
            )
        line_total = sum(_number(r, figure) for r in members)
        cells.append(_cell(scene, line_total, figure, keys, largest=0, cls="sum"))
        body.append(html.Tr([html.Th(name, scope="row", className="name"), *cells]))
    foot = []
    if len(ordered) > 1:
        cells = [_cell(scene, totals[c], figure, {**outer, across.id: c}, largest=0, cls="sum") for c in shown]
        cells.append(_cell(scene, sum(totals.values()), figure, outer, largest=0, cls="sum"))
        foot = [html.Tfoot(html.Tr([html.Th(total_word, scope="row", className="name"), *cells]))]
    parts: list[Any] = []
    if group:
        dot = html.Span(className="dot", style={"background": pipeline_colour(_key(rows[0], group))})
        parts.append(html.Div([dot, _name(scene, rows[0], group)], className="group-title"))
    table = html.Table(
        [html.Caption(scene.block.title.of(scene.lang), className="visually-hidden"), head, html.Tbody(body), *foot],
        className="block-table matrix"
        + (" calm" if result.column(figure).good >= 0 else "")
        + (" narrow" if across.values else ""),
    )
    parts.append(
        html.Div(
            table,
            className="table-scroll",
            tabIndex="0",
            role="region",
            **attrs({"aria-label": scene.block.title.of(scene.lang)}),
        )
    )
    return html.Div(parts, className="matrix-group"), counts


def _ratio(scene: Scene, result: MatrixResult, row: Row) -> str:
    """The first ratio of a cell, written under its count; '' without one."""
    column = next((c for c in figure_columns(result) if c.unit is Unit.RATIO), None)
    return scene.show(row.get(column.id), column.unit) if column else ""


def _stretch(columns: dict[str, str], totals: dict[str, int], across: Dimension) -> dict[str, str]:
    """Closed columns in their own order, from the first to the last that has anything."""
    known = [value for value, _ in across.values if value in columns]
    full = [i for i, value in enumerate(known) if totals[value]]
    return {value: columns[value] for value in known[full[0] : full[-1] + 1]} if full else columns


def _title(scene: Scene, result: MatrixResult, row: Row) -> str:
    return "\n".join(f"{c.label.of(scene.lang)}: {scene.show(row.get(c.id), c.unit)}" for c in figure_columns(result))


def _columns(most: int, across: Dimension) -> int:
    return FEW_COLUMNS if most == FEW_ROWS and not across.values else most


def matrix(scene: Scene, result: MatrixResult, look: TableLook = AS_IT_STARTS) -> html.Div:
    """A heat table, one a pipeline. The first additive figure is shown; the others on hover and in the table. It starts with its fullest rows and columns."""
    figure = next(c.id for c in figure_columns(result) if is_additive(scene, c.id))
    if not any(_number(row, figure) for row in result.rows):
        return empty(scene)
    dimensions = list(scene.block.dimensions)
    across = dimensions[-1]
    group = dimensions[0] if len(dimensions) > 2 and dimensions[0].directory == "pipelines" else None
    down = [d for d in dimensions[:-1] if d is not group]
    groups: dict[str, list[Row]] = {}
    for row in result.rows:
        groups.setdefault(_key(row, group) if group else "", []).append(row)
    largest = max(_number(r, figure) for r in result.rows)
    ordered = sorted(groups.values(), key=lambda rows: -sum(_number(r, figure) for r in rows))
    most = MOST_CELLS if look.all_rows else FEW_ROWS
    tables = [_table(scene, result, figure, rows, group, down, across, largest, most) for rows in ordered]
    view = html.Div([table for table, _ in tables], className="matrices")
    return html.Div([view, _more(scene, look, [counts for _, counts in tables])])


def _more(scene: Scene, look: TableLook, tables: list[CellCounts]) -> html.Div | None:
    """Says how many rows and columns are left out, and brings them."""
    kinds = (
        (i18n.ROWS, FEW_ROWS, [t.rows for t in tables]),
        (i18n.COLUMNS_SHOWN, _columns(FEW_ROWS, scene.block.dimensions[-1]), [t.columns for t in tables]),
    )
    words = [
        scene.say(word, shown=sum(min(n, few) for n in numbers), total=fmt.number(sum(numbers), scene.lang))
        for word, few, numbers in kinds
        if max(numbers) > few
    ]
    return (
        more_rows(
            scene, look, words=scene.say(i18n.SHOWN_PART, what=", ".join(words)), button=scene.say(i18n.SHOW_WHOLE)
        )
        if words
        else None
    )
