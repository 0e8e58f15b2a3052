"""A block of any report: its view, its notes. The one place that knows which view draws what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dash import dcc

from dash_app.engine.blocks import Cards
from dash_app.engine.result import (
    BarsResult,
    BlockResult,
    BulletResult,
    CardsResult,
    FillResult,
    FunnelResult,
    MatrixResult,
    Note,
    ScatterResult,
    SeriesResult,
    StepsResult,
    WaterfallResult,
)
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html
from dash_app.views.bars import bars
from dash_app.views.bullet import bullet
from dash_app.views.cards import Sparks, cards
from dash_app.views.fill import fill
from dash_app.views.funnel import funnel
from dash_app.views.heat import heat, is_heat
from dash_app.views.matrix import matrix
from dash_app.views.scatter import scatter
from dash_app.views.scene import Scene, attrs
from dash_app.views.series import series
from dash_app.views.split import split_series
from dash_app.views.steps import steps
from dash_app.views.tables import AS_IT_STARTS, TableLook, block_table
from dash_app.views.waterfall import waterfall


def note_line(scene: Scene, note: Note) -> html.P:
    """One line under a block; its number opens the records left out."""
    shown = note.text.of(scene.lang)
    content: Any = shown
    if note.measure:
        content = html.Button(shown, className="drill", **attrs({"data-drill": f"{scene.block.id}.{note.measure}"}))
    elif note.href:
        content = dcc.Link(shown, href=note.href, className="note-link")
    return html.P(content, className="block-note" + (" note-warning" if note.level == "warning" else ""))


def _body(
    scene: Scene,
    result: BlockResult,
    *,
    as_table: bool,
    sparks: Sparks | None,
    look: TableLook,
    hero: str,
) -> Any:
    match result:
        case CardsResult():
            folded = folded_notes(scene, result.notes, least=1)
            return cards(scene, result, sparks, hero=hero, notes=folded)
        case _ if as_table:
            return block_table(scene, result, look)
        case SeriesResult():
            if is_heat(scene.block):
                return heat(scene, result)
            return (split_series if scene.block.split else series)(scene, result)
        case FunnelResult():
            return funnel(scene, result)
        case StepsResult():
            return steps(scene, result)
        case BarsResult():
            return bars(scene, result)
        case BulletResult():
            return bullet(scene, result)
        case MatrixResult():
            return matrix(scene, result, look)
        case FillResult():
            return fill(scene, result, look)
        case ScatterResult():
            return scatter(scene, result)
        case WaterfallResult():
            return waterfall(scene, result)
    return block_table(scene, result, look)


def folded_notes(scene: Scene, notes: Sequence[Note], *, least: int) -> list[Any]:
    """Warnings in full; other notes behind «ⓘ 4 оговорки» from ``least`` on."""
    calm = [note_line(scene, note) for note in notes if note.level != "warning"]
    loud: list[Any] = [note_line(scene, note) for note in notes if note.level == "warning"]
    if len(calm) < least:
        return [*calm, *loud]
    summary = html.Summary(
        [
            html.Span(className="bi bi-info-circle", **attrs({"aria-hidden": "true"})),
            " ",
            fmt.plural(len(calm), "note", scene.lang),
        ]
    )
    return [html.Details([summary, html.Div(calm, className="notes-list")], className="notes-fold"), *loud]


def block_view(
    scene: Scene,
    result: BlockResult,
    *,
    as_table: bool = False,
    sparks: Sparks | None = None,
    look: TableLook = AS_IT_STARTS,
    hero: str = "",
) -> html.Div:
    """The content of a block's container. ``hero``: of cards, the figure that answers the page's question."""
    if isinstance(result, SeriesResult):
        scene = replace(scene, first_month=result.first_month)
    body = _body(scene, result, as_table=as_table, sparks=sparks, look=look, hero=hero)
    in_foot = isinstance(scene.block, Cards) and bool(result.rows)
    notes = [] if in_foot else folded_notes(scene, result.notes, least=2)
    return html.Div(
        [body, html.Div(notes, className="block-notes") if notes else None], className=f"view view-{scene.block.view}"
    )


def message(text: Text, lang: str, *, kind: str = "calm") -> html.Div:
    """A sentence instead of a block."""
    return html.Div(text.ru if lang == "ru" else text.en, className=f"block-message block-{kind}", role="status")


def broken(lang: Lang, pointer: Text | None = None) -> html.Div:
    """What is said when a block failed for a reason nobody foresaw; ``pointer``: where to read about it."""
    said = i18n.BROKEN
    if pointer is not None:
        said = Text(f"{said.ru} {pointer.ru}", f"{said.en} {pointer.en}")
    return message(said, lang, kind="broken")
