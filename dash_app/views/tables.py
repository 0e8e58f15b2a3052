"""Tables of blocks: plain semantic HTML, each number a button that opens its records.

A table starts with its first rows and its main columns; a click on a heading sorts all rows, not those on screen, so the server does it. What a
person chose – the order, all rows, all columns – is a ``TableLook``: the heading or button holds the next one, ``assets/blocks/20-clicks.js`` hands it to the
store beside the block, and the block is drawn anew. Lists of records are another thing (``views/records.py``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, urlencode

from dash_app.engine.blocks import Block, Bullet, Table
from dash_app.engine.language import Unit
from dash_app.engine.result import BlockResult, Column, Row, SeriesResult, Value
from dash_app.text import Text
from dash_app.views import acts, i18n
from dash_app.views import format as fmt
from dash_app.views import markup as html
from dash_app.views.columns import ColumnUnit, column_unit
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
FEW_ROWS = 25
"""What a table starts with: more than anybody reads at once, little enough to be there at once."""
_SPARE = 10
"""A button that brings no more rows than this is not worth its place. A table of more rows than both scrolls inside itself."""
_LEAST = 5
"""What every group of rows starts with at least."""
LONG_TEXT = 30
"""Text cells with more letters get room to be read."""
_CLASS_OF_PART = {"": "num group", "_base": "num base", "_delta_pct": "num"}
WIDE = 9
"""With more columns a table takes the width of the page."""


@dataclass(frozen=True, slots=True)
class TableLook:
    """How a person wants a table: by which column it is sorted, all rows or the first, all columns or the main ones."""

    sort: str = ""
    down: bool = True
    all_rows: bool = False
    all_columns: bool = False

    @classmethod
    def of(cls, text: object) -> TableLook:
        """Read from what the browser keeps; anything odd is the table as it starts."""
        given = parse_qs(text) if isinstance(text, str) else {}
        sort = given.get("sort", [""])[-1]
        return cls(sort.removeprefix("-"), sort.startswith("-"), "rows" in given, "columns" in given)

    def __str__(self) -> str:
        chosen = {
            "sort": f"{'-' if self.down else ''}{self.sort}" if self.sort else "",
            "rows": "all" if self.all_rows else "",
            "columns": "all" if self.all_columns else "",
        }
        return urlencode({name: value for name, value in chosen.items() if value})

    def button(self, mark: str, shown: str, **more: Any) -> html.Button:
        """A button that makes a table look so; ``mark`` keeps the focus on it."""
        return html.Button(shown, **attrs({"data-look": str(self), "data-mark": mark}), **more)


AS_IT_STARTS = TableLook()


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


def _heading(
    look: TableLook,
    column_id: str,
    shown: str,
    *,
    cls: str,
    name: bool = False,
    beside: Sequence[Any] = (),
    spoken: str = "",
    **more: Any,
) -> html.Th:
    """A heading that sorts: figures from the largest, names from the first letter; again – the other way round."""
    here = look.sort == column_id
    button = replace(look, sort=column_id, down=not look.down if here else not name).button(
        f"sort.{column_id}", shown, className="sort", **(attrs({"aria-label": spoken}) if spoken else {})
    )
    if here:
        more["aria-sort"] = "descending" if look.down else "ascending"
    return html.Th([button, *beside] if beside else button, scope="col", className=cls, **more)


def _head(
    scene: Scene,
    labels: list[Column],
    figures: list[Column],
    look: TableLook,
    *,
    based: frozenset[str],
    units: Mapping[str, ColumnUnit],
) -> html.Thead:
    compared = bool(based)
    rows = 2 if compared else 1
    first: list[Any] = []
    second: list[Any] = []
    above = _groups(scene, figures, based)
    names = [
        _heading(
            look,
            column.id,
            column.label.of(scene.lang),
            cls="text" if position else "name",
            name=True,
            rowSpan=rows + bool(above),
        )
        for position, column in enumerate(labels)
    ]
    for column in figures:
        named = column.named.of(scene.lang)
        edge = _edge(scene, figures, column)
        unit = units[column.id].head(scene)
        beside = [html.Span(unit, className="unit") if unit else None, explain_button(scene, column)]
        if column.id not in based:
            cls = ("text" if column.unit is Unit.TEXT else "num") + (" group" if compared else "") + edge
            first.append(_heading(look, column.id, named, cls=cls, beside=beside, rowSpan=rows))
            continue
        first.append(html.Th([html.Span(named), *beside], colSpan=3, scope="colgroup", className=f"num group{edge}"))
        for word, part in ((i18n.VALUE, ""), (i18n.BASE, "_base"), (i18n.CHANGE, "_delta_pct")):
            shown = scene.say(word)
            second.append(
                _heading(look, f"{column.id}{part}", shown, cls=_CLASS_OF_PART[part], spoken=f"{named}: {shown}")
            )
    if acts.has_column(scene):
        (above or first).append(
            html.Th(
                html.Span(scene.say(acts.ACTS), className="visually-hidden"), scope="col", rowSpan=rows + bool(above)
            )
        )
    lines = [[*names, *above], first] if above else [[*names, *first]]
    return html.Thead([html.Tr(line) for line in ([*lines, second] if compared else lines)])


def _groups_of(block: Block) -> tuple[tuple[Text, tuple[str, ...]], ...]:
    """Figures under a common heading; none in a block of another view that is shown as a table."""
    return block.groups if isinstance(block, Table) else ()


def _folded_of(block: Block) -> tuple[str, ...]:
    """Figures behind "more columns"."""
    return block.folded if isinstance(block, Table | Bullet) else ()


def _edge(scene: Scene, figures: list[Column], column: Column) -> str:
    """The class of a column that opens a group."""
    known = {c.id for c in figures}
    firsts = [next((i for i in ids if i in known), "") for _, ids in _groups_of(scene.block)]
    return " edge" if column.id in firsts else ""


def _groups(scene: Scene, figures: list[Column], based: frozenset[str]) -> list[html.Th]:
    """Common headings of figures."""
    heads = []
    for title, ids in _groups_of(scene.block):
        width = sum(3 if c.id in based else 1 for c in figures if c.id in ids)
        if width:
            heads.append(html.Th(title.of(scene.lang), scope="colgroup", colSpan=width, className="over edge"))
    return heads


def _more_columns(scene: Scene, figures: list[Column], look: TableLook) -> html.Button | None:
    """The button that unfolds a wide table; None where nothing is folded."""
    folded = _folded_of(scene.block)
    count = sum(c.id in folded for c in figures)
    if not count:
        return None
    shown = scene.say(i18n.FEWER_COLUMNS) if look.all_columns else scene.say(i18n.MORE_COLUMNS, count=count)
    return replace(look, all_columns=not look.all_columns).button(
        "columns", shown, className="tool", **attrs({"aria-expanded": str(look.all_columns).lower()})
    )


def more_rows(scene: Scene, look: TableLook, *, words: str, button: str) -> html.Div:
    """How much is shown, and the button that shows all or only the first again."""
    shown = scene.say(i18n.FIRST_ONLY) if look.all_rows else button
    unfold = replace(look, all_rows=not look.all_rows).button(
        "rows", shown, className="tool", **attrs({"aria-expanded": str(look.all_rows).lower()})
    )
    return html.Div([None if look.all_rows else html.Span(words), unfold], className="table-more")


def _table_class(scene: Scene, figures: list[Column], *, compared: bool, wide: bool) -> str:
    words = ["block-table"]
    words += ["compared"] if compared else []
    words += ["wide"] if wide or any(c.unit is Unit.TEXT for c in figures) else []
    words += ["grouped"] if _groups_of(scene.block) else []
    return " ".join(words)


def _sorted(rows: list[Row], look: TableLook) -> list[Row]:
    """Rows in the order asked for, unknown ones last either way; as they came if nobody asked or nothing is called so."""
    name = "bucket" if look.sort == "bucket_label" else look.sort
    if not rows or name not in rows[0]:
        return rows
    known = [row for row in rows if row.get(name) is not None]
    return sorted(known, key=lambda row: _order(row[name]), reverse=look.down) + [
        row for row in rows if row.get(name) is None
    ]


def _order(value: Value) -> tuple[float, str]:
    """Numbers by size, everything else as a dictionary sorts it."""
    if isinstance(value, Decimal | float | int):
        return float(value), ""
    return 0.0, str(value).casefold().replace("ё", "е")


def number_cell(
    scene: Scene,
    result: BlockResult,
    column: Column,
    row: Row,
    *,
    unit: ColumnUnit,
    largest: float = 0.0,
    group: bool = False,
) -> html.Td:
    """A figure in a table: its records behind a button, a bar for its share, grey when it stands on little."""
    value = row.get(column.id)
    shown, full = unit.text(scene, value), unit.full(scene, value)
    if value is not None:
        shown, full = (("" if unit.estimate else approximately(column, row)) + text for text in (shown, full))
    doubt = small_sample(scene, result, column, row)
    parts = parts_text(scene, result, column, row)
    against = against_target(scene, column, value)
    title = "\n".join(t for t in (full if full != shown else None, parts, against[0] if against else None, doubt) if t)
    content: Any = number_button(scene, column, row, shown, row_keys(result, row), title=title)
    if content is None:
        content = html.Span(shown, title=title) if title else shown
    more: dict[str, Any] = {}
    cls = (
        (
            "text long"
            if column.unit is Unit.TEXT and len(shown) > LONG_TEXT
            else "text"
            if column.unit is Unit.TEXT
            else "num"
        )
        + (" doubtful" if doubt else "")
        + (" group" if group else "")
    )
    if against is not None and against[1]:
        cls += " missed"
    if largest and isinstance(value, int | float | Decimal) and value > 0:
        cls += " share"
        more["style"] = {"--share": f"{float(value) / largest * 100:.1f}%"}
    return html.Td(content, className=cls, **more)


def _cells(
    scene: Scene,
    result: BlockResult,
    figures: list[Column],
    row: Row,
    *,
    based: frozenset[str],
    largest: dict[str, float],
    units: Mapping[str, ColumnUnit],
) -> list[html.Td]:
    cells: list[html.Td] = []
    for column in figures:
        start = len(cells)
        unit = units[column.id]
        cells.append(
            number_cell(scene, result, column, row, unit=unit, largest=largest.get(column.id, 0.0), group=bool(based))
        )
        if column.id in based:
            base = row.get(f"{column.id}_base")
            shown, full = unit.text(scene, base), unit.full(scene, base)
            drills = column.drills and has_records(base)
            title = full if full != shown else None
            content = (
                drill_button(scene, shown, f"{column.id}_base", row_keys(result, row), title=title) if drills else shown
            )
            cells.append(html.Td(content, className="num base"))
            moved = change(scene, column, row)
            cells.append(
                html.Td(
                    moved.text if moved else fmt.DASH,
                    className=f"num delta {moved.cls if moved else ''}".strip(),
                    title=moved.title or None if moved else None,
                )
            )
        cells[start].className = f"{cells[start].className}{_edge(scene, figures, column)}"  # type: ignore[attr-defined]  # Dash sets its arguments as attributes
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
    units: Mapping[str, ColumnUnit],
) -> html.Tr:
    names = [label_of(scene, c, row) for c in labels]
    head = html.Th(names[0] if names else "", scope="row", className="name", style=_indent(row))
    if row.get("is_parent"):
        largest = {}  # a bar of what the bars below it are parts of would say it twice
    others = [html.Td(name, className="text") for name in names[1:]]
    done = [html.Td(acts.of_row(scene, result, row), className="cell-act")] if acts.has_column(scene) else []
    return html.Tr(
        [head, *others, *_cells(scene, result, figures, row, based=based, largest=largest, units=units), *done],
        className="is-parent" if row.get("is_parent") else None,
    )


def _indent(row: Row) -> dict[str, str] | None:
    depth = row.get("depth")
    return {"--depth": str(depth)} if isinstance(depth, int) and depth else None


def _once(result: BlockResult, figures: list[Column], look: TableLook) -> list[Row]:
    """Rows of a tree as they are shown: without a row of everything where the total says it, without depth in an order a person chose."""
    rows, totals = result.rows, result.totals
    if not any(row.get("is_parent") for row in rows):
        return rows
    everything = [
        row
        for row in rows
        if totals and row["is_parent"] and not row["depth"] and all(row.get(c.id) == totals.get(c.id) for c in figures)
    ]
    if len(everything) == 1 == sum(1 for row in rows if not row["depth"] and row["is_parent"]):
        rows = [{**row, "depth": max(int(str(row["depth"])) - 1, 0)} for row in rows if row is not everything[0]]
    return [{**row, "depth": 0} for row in rows] if look.sort else rows


def _series_labels(scene: Scene, result: SeriesResult) -> SeriesResult:
    """Buckets in words."""
    rows: list[Row] = [
        {
            **row,
            "bucket_label": fmt.bucket_long(
                row["bucket"], row["bucket_end"], result.grain, scene.lang, scene.first_month
            ),
        }
        for row in result.rows
    ]
    hidden = [
        Column(c.id, c.label, c.unit, c.role, c.of, c.help, c.drills, c.good, True) if c.id == "bucket" else c
        for c in result.columns
    ]
    label = Column("bucket_label", result.column("bucket").label, Unit.TEXT, "label", "bucket")
    return replace(result, columns=[label, *hidden], rows=rows)


def block_table(scene: Scene, result: BlockResult, look: TableLook = AS_IT_STARTS) -> html.Div:
    """A block as a table: pinned names, value | base | Δ, totals; pipelines as groups of rows, each with rows of its own to start with."""
    if not result.rows:
        return empty(scene)
    if isinstance(result, SeriesResult):
        result = _series_labels(scene, result)
    based = based_columns(result)
    compared = bool(based)
    every, labels = figure_columns(result), label_columns(result)
    folded = _folded_of(scene.block)
    figures = [c for c in every if look.all_columns or c.id not in folded]
    units = {c.id: column_unit(scene, result, c) for c in figures}
    result = replace(result, rows=_once(result, figures, look))
    largest = {
        c.id: max(
            (
                fmt.as_number(r[c.id])
                for r in result.rows
                if not r.get("is_parent") and isinstance(r.get(c.id), int | float | Decimal)
            ),
            default=0.0,
        )
        for c in figures
        if is_additive(scene, c.id) and len(result.rows) > 1
    }
    grouped = len(labels) > 1 and bool(scene.block.dimensions) and scene.block.dimensions[0].directory == "pipelines"
    group_by = labels[0] if grouped else None
    inner = labels[1:] if grouped else labels
    span = len(inner) + sum(3 if c.id in based else 1 for c in figures) + acts.has_column(scene)
    bodies: list[Any] = []
    groups: dict[Value, list[Row]] = {}
    for row in result.rows[:MAX_ROWS] if grouped else _sorted(result.rows, look)[:MAX_ROWS]:
        groups.setdefault(str(row.get(group_by.of or group_by.id)) if group_by else "", []).append(row)
    most = min(len(result.rows), MAX_ROWS)
    few = MAX_ROWS if look.all_rows or most <= FEW_ROWS + _SPARE else max(_LEAST, FEW_ROWS // len(groups))
    shown = sum(min(few, len(rows)) for rows in groups.values())
    for key, members in groups.items():
        rows = (_sorted(members, look) if grouped else members)[:few]
        body = [_row(scene, result, inner, figures, row, based=based, largest=largest, units=units) for row in rows]
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
        cells = _cells(scene, result, figures, result.totals, based=based, largest={}, units=units)
        foot = [
            html.Tfoot(
                html.Tr([html.Th(total, scope="row", className="name"), *[html.Td("") for _ in inner[1:]], *cells])
            )
        ]
    more = _more_columns(scene, every, look)
    table = html.Table(
        [
            html.Caption(scene.block.title.of(scene.lang), className="visually-hidden"),
            _head(scene, inner, figures, look, based=based, units=units),
            *bodies,
            *foot,
        ],
        className=_table_class(scene, figures, compared=compared, wide=span > WIDE),
    )
    children: list[Any] = [html.Div(more, className="table-bar")] if more is not None else []
    children += [
        html.Div(
            table,
            className="table-scroll is-long" if shown > FEW_ROWS + _SPARE else "table-scroll",
            tabIndex="0",
            role="region",
            **attrs({"aria-label": scene.block.title.of(scene.lang)}),
        )
    ]
    if most > FEW_ROWS + _SPARE:
        count, total = (fmt.number(n, scene.lang) for n in (most, len(result.rows)))
        button = scene.say(i18n.ALL_ROWS if most == len(result.rows) else i18n.MOST_ROWS, count=count)
        children.append(
            more_rows(scene, look, words=scene.say(i18n.SHOWN_ROWS, shown=shown, total=total), button=button)
        )
    lines = []
    if look.all_rows and len(result.rows) > MAX_ROWS:
        lines.append(scene.say(i18n.FIRST_ROWS, shown=MAX_ROWS, total=fmt.number(len(result.rows), scene.lang)))
    if any(d.many for d in scene.block.dimensions):
        lines.append(scene.say(i18n.NOT_ADDITIVE))
    children += [html.P(line, className="block-note") for line in lines]
    return html.Div(children)
