"""A report as a document for A4 landscape: what the page shows, laid out anew. ``exports.printing`` makes a PDF of it.

The same answers drawn by the same views; buttons, ``?`` and folds are gone, charts are drawn to the width of the sheet, tables are whole with
repeated heads, of lists the first ``LIST_ROWS`` stand there and the rest is counted. The document needs no network: styles and fonts are this
application's own files.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from html import escape
from pathlib import Path
from typing import Any

import orjson

from dash_app.engine.blocks import Block, RecordList, Scatter, Series, Waterfall
from dash_app.engine.language import Report, Unit
from dash_app.engine.query import Query
from dash_app.engine.result import Column, RecordsPage
from dash_app.reports.api import GridRequest
from dash_app.reports.session import Session
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views import markup as html
from dash_app.views.charts import Plot
from dash_app.views.records import column_defs, grid_rows
from dash_app.views.tables import TableLook
from dash_app.web import contents
from dash_app.web.caption import asked, moment, source
from dash_app.web.frame import blocks_in_order
from dash_app.web.index import PLOTLY

LIST_ROWS = 30
"""Records of a list that stand on paper."""
LIST_COLUMNS = 9
"""Columns of a list an A4 sheet has room for."""
_ASSETS = Path(__file__).parents[2] / "assets"
_STYLES = ("05-fonts.css", "30-tokens.css", "50-blocks.css")
_WHOLE = TableLook(all_rows=True)
_LOWER: tuple[type[Block], ...] = (Series, Waterfall, Scatter)
"""Charts whose height says nothing, lower on a sheet that is wide; others have a height for each row."""

_PAGE = Text("стр. {page} из {pages}", "page {page} of {pages}")
_REST = Text("Ещё {count} – в Excel.", "{count} more are in Excel.")

_DRAW = """
for (const place of document.querySelectorAll(".paper-chart")) {
  const {data, layout} = JSON.parse(place.querySelector("script").textContent);
  const font = {...(layout.font || {}), color: getComputedStyle(document.body).color};
  Plotly.newPlot(place, data, {...layout, font, width: place.clientWidth, height: place.clientHeight}, {staticPlot: true, displayModeBar: false, locale: document.documentElement.lang});
}
for (const table of document.querySelectorAll("table")) {  // a table wider than the sheet goes without its base, then is made smaller; it is not cut
  const room = table.parentElement.clientWidth;
  if (table.scrollWidth > room && table.querySelector("td.base")) {
    table.classList.add("without-base");
    for (const head of table.querySelectorAll("thead th[colspan]")) head.colSpan = Math.round(head.colSpan / 3) * 2;
    for (const name of table.querySelectorAll("tr.group-row > th")) name.colSpan = 99;
  }
  if (table.scrollWidth > room) table.style.zoom = Math.max(0.4, room / table.scrollWidth);
}
"""


def document(reports: Session, report: Report, query: Query, lang: Lang) -> str:
    """The whole document as HTML. UserError as the report itself raises it."""
    sections = [_section(reports, report, block, query, lang) for block in blocks_in_order(report)]
    title, dates = report.title.of(lang), reports.dates_text(query).of(lang)
    foot = [title, dates, moment(reports, query, lang)]
    return "\n".join(
        [
            "<!doctype html>",
            f'<html lang="{lang}" data-bs-theme="light" class="on-paper"><head><meta charset="utf-8"><title>{escape(f"{title}, {dates}")}</title>',
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src file: 'unsafe-inline'; font-src file:; "
            "script-src file: 'unsafe-inline'; img-src data:\">",
            *(f'<link rel="stylesheet" href="{(_ASSETS / name).as_uri()}">' for name in _STYLES),
            f"<style>{_margins(' · '.join(foot), lang)}</style>",
            f'<link rel="stylesheet" href="{Path(__file__).with_name("paper.css").as_uri()}">',
            f'<script src="{(_ASSETS / PLOTLY).as_uri()}"></script><script src="{(_ASSETS / "20-plotly-ru.js").as_uri()}"></script></head><body>',
            _head(reports, report, query, lang),
            *sections,
            f"<script>{_DRAW}</script></body></html>",
        ]
    )


def _margins(foot: str, lang: Lang) -> str:
    """What stands in the margin of every sheet: the report, its dates, the data's time, the number of the page."""
    before, between, after = _PAGE.of(lang).replace("{page}", "\0").replace("{pages}", "\0").split("\0")
    number = f"{_css(before)} counter(page) {_css(between)} counter(pages) {_css(after)}"
    return f"@page {{ @bottom-left {{ content: {_css(foot)}; }} @bottom-right {{ content: {number}; }} }}"


def _css(text: str) -> str:
    """A text as CSS quotes it; whatever is no letter, digit or space by its code."""
    return '"' + "".join(c if c.isalnum() or c == " " else f"\\{ord(c):06x}" for c in text) + '"'


def _head(reports: Session, report: Report, query: Query, lang: Lang) -> str:
    lines, about = asked(reports, report, query, lang), source(reports, query, lang)
    notes = [note.text.of(lang) for note in (*reports.state().notes, *reports.remarks(query))]
    return (
        f'<header class="paper-head"><div><h1>{escape(report.title.of(lang))}</h1>{_paragraphs(lines, "asked")}</div>'
        f'<div class="paper-about">{_paragraphs(about, "")}</div></header>{_paragraphs(notes, "block-note")}'
    )


def _paragraphs(lines: Sequence[str], cls: str) -> str:
    return "".join(f'<p class="{cls}">{escape(line)}</p>' for line in lines if line)


def _section(reports: Session, report: Report, block: Block, query: Query, lang: Lang) -> str:
    if isinstance(block, RecordList):
        page = reports.records(report, block.id, "", {}, query, GridRequest(0, LIST_ROWS), lang=lang)
        inside = html.text(_list(page, lang, reports.state().currency), _component)
    else:
        drawn = contents.view(reports, report, block, query, lang, look=_WHOLE)
        inside = html.text(drawn, partial(_component, scale=0.8 if isinstance(block, _LOWER) else 1.0))
    return f'<section class="block block-{block.view}"><h2>{escape(block.title.of(lang))}</h2>{inside}</section>'


def _component(node: Any, scale: float = 1.0) -> str:
    """What a view gives to the browser: a chart is drawn by the document's own script, ``scale`` times as high, a link is its words."""
    if isinstance(node, Plot):
        figure = node.figure
        drawn = orjson.dumps(figure, option=orjson.OPT_NON_STR_KEYS).decode().replace("<", "\\u003c")
        height = figure["layout"]["height"] * scale
        return f'<div class="chart paper-chart" style="height:{int(height)}px"><script type="application/json">{drawn}</script></div>'
    return html.text(getattr(node, "children", None), partial(_component, scale=scale))


def _list(page: RecordsPage, lang: Lang, currency: str) -> html.Div:
    """The first records of a list, in the order of the grid."""
    by_id = {column.id: column for column in page.columns}
    shown = [by_id[d["field"]] for d in column_defs(page, lang) if d["field"] in by_id][:LIST_COLUMNS]
    rows = [html.Tr([_cell(row, column) for column in shown]) for row in grid_rows(page, lang, currency)]
    heads = [html.Th(c.label.of(lang), scope="col", className=_class(c)) for c in shown]
    rest = page.total - len(page.rows)
    line = fmt.records_line(page.total, page.amount, page.entity, lang, currency)
    return html.Div(
        [
            html.P(line, className="records-line"),
            html.Table([html.Thead(html.Tr(heads)), html.Tbody(rows)], className="block-table") if rows else None,
            html.P(_REST.of(lang).format(count=fmt.number(rest, lang)), className="block-note") if rest > 0 else None,
        ]
    )


def _class(column: Column) -> str:
    return "text" if column.unit in (Unit.TEXT, Unit.LINK, Unit.DATE) else "num"


def _cell(row: dict[str, Any], column: Column) -> html.Td:
    return html.Td(str(row.get(column.id) or ""), className=_class(column))
