"""Tables of blocks: plain semantic HTML, sorted in the browser, each number a button that opens its records.

A block's table has tens of rows; a grid component would cost more to load than all of them. Lists of records are another thing
(``views/records.py``).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash import html

from dash_app.metrics.language import Unit
from dash_app.metrics.result import BlockResult, Column, Row, Value
from dash_app.views import acts, i18n
from dash_app.views import format as fmt
from dash_app.views.scene import (
    Scene,
    against_target,
    approximately,
    attrs,
    change,
    drill_button,
    empty,
    explain_button,
    has_records,
    is_additive,
    label_of,
    number_button,
    parts_text,
    row_keys,
    small_sample,
)
from dash_app.views.theme import pipeline_colour

MAX_ROWS = 300
LONG_TEXT = 30
"""Text cells with more letters get room to be read."""
WIDE = 9
"""With more columns a table takes the width of the page."""


def figure_columns(result: BlockResult) -> list[Column]:
    """Columns of figures in order, without parts and comparison."""
    return [c for c in result.columns if c.role == "figure" and not c.hidden]


def based_columns(result: BlockResult) -> frozenset[str]:
    """Figures whose base and change are shown."""
    return frozenset(c.of for c in result.columns if c.role == "base" and c.of and not c.hidden)


def label_columns(result: BlockResult) -> list[Column]:
    """Columns that name a row."""
    return [c for c in result.columns if c.role in ("label", "key") and not c.hidden]


def is_compared(result: BlockResult) -> bool:
    """Whether the answer carries a base."""
    return bool(based_columns(result))


def _sortable(scene: Scene, label: str, index: int, **more: Any) -> html.Button:
    return html.Button(label, className="sort", **attrs({"data-sort": str(index)}), **more)


def _head(scene: Scene, labels: list[Column], figures: list[Column], *, based: frozenset[str]) -> html.Thead:
    compared = bool(based)
    rows = 2 if compared else 1
    first: list[Any] = []
    second: list[Any] = []
    above = _groups(scene, figures, based)
    index = 0
    names: list[Any] = []
    for position, column in enumerate(labels):
        names.append(
            html.Th(
                _sortable(scene, column.label.of(scene.lang), index),
                scope="col",
                rowSpan=rows + bool(above),
                className="name" if position == 0 else "text",
            )
        )
        index += 1
    for column in figures:
        named = column.label.of(scene.lang)
        extra = _extra(scene, column) + _edge(scene, figures, column)
        if column.id not in based:
            content: list[Any] = [_sortable(scene, named, index), explain_button(scene, column)]
            first.append(html.Th(content, scope="col", rowSpan=rows, className=("text" if column.unit is Unit.TEXT else "num") + (" group" if compared else "") + extra))
            index += 1
            continue
        content = [html.Span(named), explain_button(scene, column)]
        first.append(html.Th(content, colSpan=3, scope="colgroup", className=f"num group{extra}"))
        for word in (i18n.VALUE, i18n.BASE, i18n.CHANGE):
            shown = scene.say(word)
            second.append(
                html.Th(
                    _sortable(scene, shown, index, **attrs({"aria-label": f"{named}: {shown}"})),
                    scope="col",
                    className="num" + (" group" if word is i18n.VALUE else "") + _extra(scene, column),
                )
            )
            index += 1
    if acts.has_column(scene):
        (above or first).append(html.Th(html.Span(scene.say(acts.ACTS), className="visually-hidden"), scope="col", rowSpan=rows + bool(above)))
    lines = [[*names, *above], first] if above else [[*names, *first]]
    return html.Thead([html.Tr(line) for line in ([*lines, second] if compared else lines)])


def _extra(scene: Scene, column: Column) -> str:
    """The class of a column that stands behind "more columns"."""
    return " extra" if column.id in scene.block.folded else ""


def _edge(scene: Scene, figures: list[Column], column: Column) -> str:
    """The class of a column that opens a group."""
    known = {c.id for c in figures}
    firsts = [next((i for i in ids if i in known), "") for _, ids in scene.block.groups]
    return " edge" if column.id in firsts else ""


def _groups(scene: Scene, figures: list[Column], based: frozenset[str]) -> list[html.Th]:
    """Common headings of figures; how wide each is with and without the columns folded away."""
    heads = []
    for title, ids in scene.block.groups:
        here = [c.id for c in figures if c.id in ids]
        if here:
            widths = {name: 3 if name in based else 1 for name in here}
            few = sum(width for name, width in widths.items() if name not in scene.block.folded)
            wide = sum(widths.values())
            heads.append(
                html.Th(
                    title.of(scene.lang), scope="colgroup", colSpan=max(1, few), className="over edge" + ("" if few else " extra"),
                    **attrs({"data-other-span": str(wide)}),
                )  # fmt: skip
            )
    return heads


def _more_columns(scene: Scene, figures: list[Column]) -> html.Button | None:
    """The button that unfolds a wide table; None where nothing is folded."""
    count = sum(1 for c in figures if c.id in scene.block.folded)
    if not count:
        return None
    return html.Button(
        scene.say(i18n.MORE_COLUMNS, count=count), className="tool more-columns",
        **attrs({"data-columns": scene.say(i18n.FEWER_COLUMNS), "aria-expanded": "false"}),
    )  # fmt: skip


def _table_class(scene: Scene, figures: list[Column], *, compared: bool, wide: bool, folds: bool) -> str:
    words = ["block-table"]
    words += ["compared"] if compared else []
    words += ["wide"] if wide or any(c.unit is Unit.TEXT for c in figures) else []
    words += ["grouped"] if scene.block.groups else []
    words += ["foldable", "folded"] if folds else []
    return " ".join(words)


def _order(value: Value) -> str:
    """What the browser sorts by."""
    if value is None:
        return ""
    if isinstance(value, Decimal | float | int):
        return f"{float(value):.6g}"
    return str(value)


def number_cell(
    scene: Scene, result: BlockResult, column: Column, row: Row, *, largest: float = 0.0, group: bool = False
) -> html.Td:
    """A figure in a table: its records behind a button, a bar for its share, grey when it stands on little."""
    value = row.get(column.id)
    shown, full = scene.show(value, column.unit, short=bool(scene.block.groups)), scene.show(value, column.unit)
    if value is not None:
        shown, full = (approximately(result, column, row) + text for text in (shown, full))
    doubt = small_sample(scene, result, column, row)
    parts = parts_text(scene, result, column, row)
    against = against_target(scene, column, value)
    title = "\n".join(t for t in (full if full != shown else None, parts, against[0] if against else None, doubt) if t)
    content: Any = number_button(scene, column, row, shown, row_keys(result, row), title=title)
    if content is None:
        content = html.Span(shown, title=title) if title else shown
    more: dict[str, Any] = {"data-v": _order(value)}
    cls = ("text long" if column.unit is Unit.TEXT and len(shown) > LONG_TEXT else "text" if column.unit is Unit.TEXT else "num") + (" doubtful" if doubt else "") + (" group" if group else "")
    if against is not None and against[1]:
        cls += " missed"
    if largest and isinstance(value, int | float | Decimal) and value > 0:
        cls += " share"
        more["style"] = {"--share": f"{float(value) / largest * 100:.1f}%"}
    return html.Td(content, className=cls, **more)


def _cells(
    scene: Scene, result: BlockResult, figures: list[Column], row: Row, *, based: frozenset[str], largest: dict[str, float]
) -> list[html.Td]:
    cells: list[html.Td] = []
    for column in figures:
        start = len(cells)
        cells.append(number_cell(scene, result, column, row, largest=largest.get(column.id, 0.0), group=bool(based)))
        if column.id in based:
            base = row.get(f"{column.id}_base")
            shown, full = scene.show(base, column.unit, short=bool(scene.block.groups)), scene.show(base, column.unit)
            drills = column.drills and has_records(base)
            title = full if full != shown else None
            content = drill_button(scene, shown, f"{column.id}_base", row_keys(result, row), title=title) if drills else shown
            cells.append(html.Td(content, className="num base", **attrs({"data-v": _order(base)})))
            moved = change(scene, column, row)
            more: dict[str, Any] = {"data-v": _order(row.get(f"{column.id}_delta_pct"))}
            if moved is not None and moved.title:
                more["title"] = moved.title
            cells.append(
                html.Td(
                    moved.text if moved else fmt.DASH,
                    className=f"num delta {moved.cls if moved else ''}".strip(),
                    **more,
                )
            )
        cells[start].className += _edge(scene, figures, column)
        for cell in cells[start:]:
            cell.className += _extra(scene, column)
    return cells


def _row(
    scene: Scene,
    result: BlockResult,
    labels: list[Column],
    figures: list[Column],
    row: Row,
    *,
    based: frozenset[str],
    largest: dict[str, float],
) -> html.Tr:
    names = [label_of(scene, c, row) for c in labels]
    head = (
        html.Th(names[0], scope="row", className="name", **attrs({"data-v": names[0]}))
        if names
        else html.Th("", scope="row", className="name")
    )
    others = [html.Td(name, className="text", **attrs({"data-v": name})) for name in names[1:]]
    done = [html.Td(acts.of_row(scene, result, row), className="cell-act")] if acts.has_column(scene) else []
    return html.Tr([head, *others, *_cells(scene, result, figures, row, based=based, largest=largest), *done])


def _series_labels(scene: Scene, result: BlockResult) -> BlockResult:
    """Buckets in words."""
    grain = str(result.extra.get("grain", "day"))
    rows = [
        {**row, "bucket_label": fmt.bucket_long(row["bucket"], row["bucket_end"], grain, scene.lang)}
        for row in result.rows
    ]
    hidden = [
        Column(c.id, c.label, c.unit, c.role, c.of, c.help, c.drills, c.good, True) if c.id == "bucket" else c
        for c in result.columns
    ]
    label = Column("bucket_label", result.column("bucket").label, Unit.TEXT, "label", "bucket")
    return BlockResult(result.block, result.view, [label, *hidden], rows, result.totals, result.notes, result.extra)


def block_table(scene: Scene, result: BlockResult) -> html.Div:
    """A block as a table: pinned names, value | base | Δ, totals; pipelines as groups of rows."""
    if not result.rows:
        return empty(scene)
    if "bucket" in result.rows[0]:
        result = _series_labels(scene, result)
    based = based_columns(result)
    compared = bool(based)
    figures, labels = figure_columns(result), label_columns(result)
    largest = {
        c.id: max((float(r[c.id]) for r in result.rows if isinstance(r.get(c.id), int | float | Decimal)), default=0.0)
        for c in figures
        if is_additive(scene, c.id) and len(result.rows) > 1
    }
    shown = result.rows[:MAX_ROWS]
    grouped = len(labels) > 1 and bool(scene.block.dimensions) and scene.block.dimensions[0].directory == "pipelines"
    group_by = labels[0] if grouped else None
    inner = labels[1:] if grouped else labels
    span = len(inner) + sum(3 if c.id in based else 1 for c in figures) + acts.has_column(scene)
    bodies: list[Any] = []
    groups: dict[Value, list[Row]] = {}
    for row in shown:
        groups.setdefault(str(row.get(group_by.of or group_by.id)) if group_by else "", []).append(row)
    for key, rows in groups.items():
        body = [_row(scene, result, inner, figures, row, based=based, largest=largest) for row in rows]
        if group_by is not None:
            dot = html.Span(className="dot", style={"background": pipeline_colour(str(key))})
            title = html.Th(
                [html.Span([dot, label_of(scene, group_by, rows[0])], className="group-title")],
                colSpan=span,
                scope="rowgroup",
                className="group-name",
            )
            body.insert(0, html.Tr(title, className="group-row"))
        bodies.append(html.Tbody(body))
    foot: list[Any] = []
    if result.totals is not None and figures:
        total = scene.say(i18n.TOTAL)
        cells = _cells(scene, result, figures, result.totals, based=based, largest={})
        foot = [
            html.Tfoot(
                html.Tr([html.Th(total, scope="row", className="name"), *[html.Td("") for _ in inner[1:]], *cells])
            )
        ]
    more = _more_columns(scene, figures)
    table = html.Table(
        [
            html.Caption(scene.block.title.of(scene.lang), className="visually-hidden"),
            _head(scene, inner, figures, based=based),
            *bodies,
            *foot,
        ],
        className=_table_class(scene, figures, compared=compared, wide=span > WIDE, folds=more is not None),
    )
    children: list[Any] = [html.Div(more, className="table-bar")] if more is not None else []
    children += [
        html.Div(
            table,
            className="table-scroll",
            tabIndex="0",
            role="region",
            **attrs({"aria-label": scene.block.title.of(scene.lang)}),
        )
    ]
    lines = []
    if len(result.rows) > MAX_ROWS:
        lines.append(scene.say(i18n.FIRST_ROWS, shown=MAX_ROWS, total=fmt.number(len(result.rows), scene.lang)))
    if any(d.many for d in scene.block.dimensions):
        lines.append(scene.say(i18n.NOT_ADDITIVE))
    children += [html.P(line, className="block-note") for line in lines]
    return html.Div(children)
