"""What stands in a block that is no list, on the page and on paper: its answer, drawn."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from dash_app.engine.blocks import Block, Cards, Series
from dash_app.engine.language import Report
from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult
from dash_app.reports.session import Session
from dash_app.text import Lang
from dash_app.views import blocks as views
from dash_app.views.cards import Sparks, sparks_of
from dash_app.views.scene import Scene
from dash_app.views.tables import AS_IT_STARTS, TableLook
from dash_app.web.home import headline_figure


def sparks(reports: Session, report: Report, block: Cards, query: Query, lang: Lang) -> Sparks:
    """The course of the headline figures, out of the report's own series block (a kept answer: it is on the page anyway)."""
    series = next((b for b in report.blocks if isinstance(b, Series)), None)
    if series is None:
        return {}
    return sparks_of(
        reports.block(report, series.id, query, lang=lang), block.headline or tuple(f.id for f in block.figures)
    )


def without_repeated_notes(
    reports: Session, report: Report, block: Block, query: Query, lang: Lang, result: BlockResult
) -> BlockResult:
    """What the cards at the top of the page say already (the base's dates) is not said under every block again."""
    cards = next((b for b in report.blocks if isinstance(b, Cards)), None)
    if cards is None or cards is block or not result.notes or not result.rows:
        return result
    uncompared = replace(query, cards_compared=False)  # no block waits for the base of the cards
    said = {
        n.text
        for n in reports.block(report, cards.id, uncompared, lang=lang).notes
        if n.measure is None and n.level == "info"
    }
    return replace(result, notes=[n for n in result.notes if n.text not in said])


def view(
    reports: Session,
    report: Report,
    block: Block,
    query: Query,
    lang: Lang,
    *,
    as_table: bool = False,
    look: TableLook = AS_IT_STARTS,
) -> Any:
    """The answer of a block as its view draws it."""
    block = block.settled(query.option)
    result = reports.block(report, block.id, query, lang=lang)
    result = without_repeated_notes(reports, report, block, query, lang, result)
    chips = () if result.rows else reports.chips(report, query)
    scene = Scene(report.slug, block, lang, reports.state().currency, chips)
    course = sparks(reports, report, block, query, lang) if isinstance(block, Cards) else None
    hero = headline_figure(report, block) if isinstance(block, Cards) else ""
    return views.block_view(scene, result, as_table=as_table, sparks=course, look=look, hero=hero)
