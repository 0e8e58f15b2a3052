"""Fields against pipelines: the share of cards on which each is filled, darker the more often it is empty."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from dash_app.engine.language import Unit
from dash_app.engine.result import Column, FillResult, Row
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.scene import Scene, attrs, drill_button, empty, parts_text, row_keys, small_sample
from dash_app.views.tables import AS_IT_STARTS, FEW_ROWS, TableLook, figure_columns, more_rows

EMPTY = "empty"
"""The figure of a row a number opens: the cards to be filled."""
FillColumn = tuple[str, ...]
"""Whose column it is: entity, pipeline, stage."""


def _place(row: Row) -> FillColumn:
    return tuple(str(row.get(name) or "") for name in ("entity", "pipeline_id", "stage_id"))


def _head(row: Row) -> list[Any]:
    """The pipeline, and below it the stage where rows are by stage."""
    stage = row.get("stage")
    return [str(row["pipeline"]), html.Span(str(stage), className="matrix-ratio")] if stage else [str(row["pipeline"])]


def _cell(scene: Scene, result: FillResult, column: Column, row: Row | None) -> html.Td:
    value = row.get(column.id) if row else None
    if row is None or not isinstance(value, int | float | Decimal):
        return html.Td("", className="num")
    shown = _percent(scene, column, float(value))
    doubt = small_sample(scene, result, column, row)
    title = "\n".join(line for line in (parts_text(scene, result, column, row), doubt) if line)
    number: Any = html.Span(shown, title=title)
    if row.get(EMPTY):
        title = f"{title}\n{scene.say(i18n.EMPTY_ON, count=scene.show(row[EMPTY], Unit.COUNT))}"
        number = drill_button(scene, shown, EMPTY, row_keys(result, row), title=title)
    cls = "num heat" + (" doubtful" if doubt else "")
    return html.Td(number, className=cls, style={"--heat": f"{1 - float(value):.2f}"})


def _percent(scene: Scene, column: Column, value: float) -> str:
    """Whole per cent, but never all of it where something is empty, and never nothing where something is filled."""
    whole = round(value, 2)
    return scene.show(whole if whole not in (0, 1) or whole == value else round(value, 3), column.unit)


def fill(scene: Scene, result: FillResult, look: TableLook = AS_IT_STARTS) -> html.Div:
    """One table: a field a line, a pipeline – or a kind of cards that has none – a column. A field of both kinds is one line."""
    column = figure_columns(result)[0]
    columns: dict[FillColumn, Row] = {}
    lines: dict[tuple[str, str], dict[FillColumn, Row]] = {}
    for row in result.rows:
        if row.get(column.id) is not None:
            columns.setdefault(_place(row), row)
            lines.setdefault((str(row["field_id"]), str(row["field"])), {})[_place(row)] = row
    if not lines:
        return empty(scene)
    head = html.Thead(
        html.Tr(
            [
                html.Th(scene.say(i18n.FIELD), scope="col", className="name"),
                *[html.Th(_head(row), scope="col", className="num") for row in columns.values()],
            ]
        )
    )
    body = [
        html.Tr(
            [
                html.Th(name, scope="row", className="name", title=field),
                *[_cell(scene, result, column, members.get(place)) for place in columns],
            ]
        )
        for (field, name), members in list(lines.items())[: len(lines) if look.all_rows else FEW_ROWS]
    ]
    table = html.Table(
        [html.Caption(scene.block.title.of(scene.lang), className="visually-hidden"), head, html.Tbody(body)],
        className="block-table matrix fill",
    )
    parts: list[Any] = [
        html.Div(
            table,
            className="table-scroll",
            tabIndex="0",
            role="region",
            **attrs({"aria-label": scene.block.title.of(scene.lang)}),
        )
    ]
    if len(lines) > FEW_ROWS:
        said = scene.say(i18n.SHOWN_PART, what=scene.say(i18n.ROWS, shown=FEW_ROWS, total=len(lines)))
        parts.append(more_rows(scene, look, words=said, button=scene.say(i18n.SHOW_WHOLE)))
    return html.Div(parts)
