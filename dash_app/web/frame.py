"""The frame of a report's page: titles, toolbars and empty bodies of reserved height. No data; filled block by block."""

from __future__ import annotations

from typing import Any

import dash_bootstrap_components as dbc
import dash_mantine_components as dmc
from dash import dcc, html

from dash_app.engine.blocks import (
    Bars,
    Block,
    Bullet,
    Cards,
    Fill,
    Funnel,
    Matrix,
    RecordList,
    Scatter,
    Series,
    Steps,
    Table,
    Waterfall,
)
from dash_app.engine.language import Option, Report, Unit
from dash_app.text import Lang, Text
from dash_app.views.cards import MOST_SMALL, hero_and_small
from dash_app.views.heat import is_heat
from dash_app.views.scene import attrs
from dash_app.web import ids, words
from dash_app.web.options import Chosen, are_changed, in_head, panel, placed
from dash_app.web.report_files import REPORT_FILES

HALF = 4
"""Columns a table of half the page's width has at most."""
_PICTURES = (Series, Funnel, Steps, Bars, Bullet, Waterfall, Scatter, Matrix, Fill)
_WIDE = (Cards, Series, Scatter, Funnel, Steps, Bullet, Matrix, Fill, RecordList)
_CHARTS = (Series, Funnel, Bars, Bullet, Waterfall, Scatter)


def icon(name: str) -> html.I:
    """A decorative icon of the vendored bootstrap-icons."""
    return html.I(className=f"bi bi-{name}", **attrs({"aria-hidden": "true"}))


def _place(block: Block) -> int:
    return 0 if isinstance(block, Cards) else 2 if isinstance(block, RecordList) else 1


def blocks_in_order(report: Report) -> list[Block]:
    """Cards first, lists last, the rest as declared; all of them as declared where the report says so."""
    if report.as_declared:
        return list(report.blocks)
    return sorted(report.blocks, key=_place)


def _takes_the_row(block: Block) -> bool:
    """Whether a block is as wide as the page: one that says so, and a table with more than a few columns."""
    if isinstance(block, Table):
        figures = {f.id for f in block.figures} - {*block.folded, *block.unshown}
        return block.wide or len(block.dimensions) + len(figures) > HALF
    return isinstance(block, _WIDE)


def _widths(blocks: list[Block]) -> list[bool]:
    """Which blocks are as wide as the page: those that are so themselves, and one of a half that has no other half beside it."""
    wide = [_takes_the_row(block) for block in blocks]
    place = 0
    while place < len(blocks):
        if wide[place]:
            place += 1
        elif place + 1 < len(blocks) and not wide[place + 1]:
            place += 2
        else:
            wide[place] = True
            place += 1
    return wide


def report_page(report: Report, lang: Lang, chosen: Chosen) -> html.Div:
    """Every block of a report, empty; ``chosen`` gives the values of its options."""
    blocks = blocks_in_order(report)
    heads, _ = placed(report, blocks)
    sections = [
        _section(report, block, lang, options=in_head(heads.get(block.id, []), chosen, lang), wide=wide)
        for block, wide in zip(blocks, _widths(blocks), strict=True)
    ]
    return html.Div(sections, className="blocks", key=report.slug)


def chip_link(text: str, href: str, lang: Lang) -> html.Span:
    """One active filter and the link that removes it."""
    cross = dcc.Link(
        [icon("x"), html.Span(words.REMOVE.of(lang).format(what=text), className="visually-hidden")],
        href=href,
        className="chip-x",
        title=words.REMOVE.of(lang).format(what=text),
    )
    return html.Span([html.Span(text, className="chip-text", title=text), cross], className="chip")


def head(title: Text, question: Text, lang: Lang, beside: Any = None) -> html.Div:
    """Title of a page, what stands ``beside`` it, and the line on what it answers."""
    name: Any = html.H1(title.of(lang))
    if beside is not None:
        name = html.Div([name, beside], className="title-row")
    return html.Div([name, html.P(question.of(lang), className="question")], className="page-head")


def report_settings(options: list[Option], chosen: Chosen, lang: Lang) -> html.Details | None:
    """The options of the whole report behind one control; None where it has none."""
    if not options:
        return None
    button = "button button-quiet" + (" is-changed" if are_changed(options, chosen) else "")
    return html.Details(
        [
            html.Summary([icon("gear"), html.Span(words.REPORT_SETTINGS.of(lang))], className=button),
            html.Div(panel(options, chosen, lang), className="settings-panel"),
        ],
        className="report-settings",
    )


def report_actions(report: Report, lang: Lang) -> list[Any]:
    """What can be done with a whole report: the pages where its figures are typed, its Excel."""
    links = [
        dcc.Link(
            [icon(link.icon), html.Span(link.text.of(lang))],
            href=link.path,
            className="button button-quiet action",
            title=link.text.of(lang),
        )
        for link in report.links
    ]
    files = [
        html.Button(
            [icon(file.icon), html.Span(file.name.of(lang))],
            id=ids.report_export(report.slug, file.id),
            className="button button-quiet action",
            type="button",
            title=file.title.of(lang),
            n_clicks=0,
            **attrs({"aria-label": file.title.of(lang)}),
        )
        for file in REPORT_FILES.values()
    ]
    return [*links, *files]


def skeleton(block: Block, lang: Lang) -> html.Div:
    """What stands in a block until its answer comes: the same height, no movement of the page."""
    shapes: list[Any]
    if isinstance(block, Cards):
        count = len(block.headline or block.figures)
        shapes = [
            hero_and_small(
                dmc.Skeleton(className="skeleton-hero"),
                [dmc.Skeleton(className="skeleton-card") for _ in range(min(count - 1, MOST_SMALL))],
            ),
            html.Div(className="cards-foot"),
        ]
    elif isinstance(block, Series) and not is_heat(block):
        lines = sum(1 for f in block.figures if f.unit is Unit.RATIO) > 1 and block.figures[0].unit is Unit.RATIO
        shapes = [dmc.Skeleton(className="skeleton-chart skeleton-lines" if lines else "skeleton-chart")]
        small = sum(1 for f in block.figures[1:] if f.unit is not block.figures[0].unit or f.unit is not Unit.RATIO)
        if small and not block.split:
            shapes.append(
                html.Div([dmc.Skeleton(className="skeleton-small") for _ in range(small)], className="small-multiples")
            )
    elif isinstance(block, _CHARTS):
        shapes = [dmc.Skeleton(className="skeleton-chart")]
    else:
        shapes = [dmc.Skeleton(className="skeleton-row") for _ in range(12)]
    return html.Div(
        [html.Span(words.LOADING.of(lang), className="visually-hidden"), *shapes],
        className=f"skeleton skeleton-{block.view}",
    )


def _section(report: Report, block: Block, lang: Lang, *, options: html.Div | None, wide: bool) -> html.Section:
    title = block.title.of(lang)
    heading = f"title-{report.slug}-{block.id}"
    return html.Section(
        [
            html.Div([html.H2(title, id=heading), options, _toolbar(report, block, lang)], className="block-head"),
            html.Div(
                skeleton(block, lang),
                id=(ids.list_body if isinstance(block, RecordList) else ids.block)(report.slug, block.id),
                className="block-body",
            ),
            *_kept(report, block),
        ],
        id=ids.block_section(report.slug, block.id),
        className=f"block block-{block.view} {'block-wide' if wide else 'block-half'}",
        **attrs({"aria-labelledby": heading}),
    )


def _kept(report: Report, block: Block) -> list[dcc.Store]:
    """What the browser remembers of a block while the page is."""
    look = [dcc.Store(id=ids.block_look(report.slug, block.id))] if isinstance(block, (Table, *_PICTURES)) else []
    return [dcc.Store(id=ids.block_query(report.slug, block.id)), *look]


def _toolbar(report: Report, block: Block, lang: Lang) -> html.Div:
    title = block.title.of(lang)
    items: list[Any] = []
    if isinstance(block, _PICTURES):
        items.append(
            html.Button(
                [icon("table"), html.Span(words.AS_TABLE.of(lang))],
                id=ids.block_shape(report.slug, block.id),
                className="tool tool-toggle",
                type="button",
                n_clicks=0,
                **attrs({"aria-pressed": "false", "aria-label": words.AS_TABLE_OF.of(lang).format(block=title)}),
            )
        )
    kinds = [
        ("xlsx", words.EXCEL),
        ("csv", words.CSV),
        *([("png", words.PNG)] if isinstance(block, _CHARTS) and not is_heat(block) else []),
    ]
    items.append(
        dbc.DropdownMenu(
            [
                dbc.DropdownMenuItem(text.of(lang), id=ids.block_export(report.slug, block.id, kind), n_clicks=0)
                for kind, text in kinds
            ],
            label=html.Span(
                [icon("download"), html.Span(words.EXPORT.of(lang).format(block=title), className="visually-hidden")]
            ),
            className="tool-menu",
            toggleClassName="tool",
            align_end=True,
            caret=False,
            color="link",
        )
    )
    items.append(
        html.Button(
            icon("question-circle"),
            id=ids.block_help(report.slug, block.id),
            className="tool",
            type="button",
            n_clicks=0,
            title=words.HELP.of(lang).format(block=title),
            **attrs({"aria-label": words.HELP.of(lang).format(block=title)}),
        )
    )
    return html.Div(items, className="toolbar")
