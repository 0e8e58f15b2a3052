"""CSV as a spreadsheet of the reader's country opens it – UTF-8 with a mark, ``;`` and decimal commas in Russian –, and as a program reads it."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from dash_app.engine.blocks import Block, RecordList
from dash_app.engine.language import Report, Unit
from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult, Money, Row, Value
from dash_app.exports.cells import (
    AS_IT_STARTS,
    CENT,
    CUT,
    MOST_RECORDS,
    Head,
    ListLook,
    guarded,
    heads_of,
    list_heads,
    named,
    plain,
    records,
    written,
)
from dash_app.reports.session import Session
from dash_app.text import Lang

_MARK = "\ufeff"
_SEPARATOR = {"ru": ";", "en": ","}


def _text(value: Value, unit: Unit, lang: Lang) -> str:
    """One cell. A text a spreadsheet would run as a formula gets an apostrophe; numbers are numbers and do not."""
    cell = plain(value, unit, lang)
    shown = written(cell, unit, lang)
    return guarded(shown) if isinstance(cell, str) else shown


def _document(
    tables: Iterable[tuple[str | None, list[Head], Iterable[Row], Row | None, Block | None]], lang: Lang
) -> bytes:
    """Tables one under another: an optional title, the header, rows, totals."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=_SEPARATOR[lang], lineterminator="\r\n")
    for position, (title, heads, rows, totals, block) in enumerate(tables):
        if position:
            writer.writerow([])
        if title:
            writer.writerow([title])
        writer.writerow([h.title for h in heads])
        for row in rows:
            values = (named(block, h.id, row.get(h.id), lang) if block else row.get(h.id) for h in heads)
            writer.writerow([_text(value, h.unit, lang) for h, value in zip(heads, values, strict=True)])
        if totals is not None:
            total_word = "Всего" if lang == "ru" else "Total"
            cells = [_text(totals.get(h.id), h.unit, lang) for h in heads]
            writer.writerow([cells[0] or total_word, *cells[1:]])
    return (_MARK + out.getvalue()).encode()


def _block(
    block: Block, result: BlockResult, lang: Lang, title: str | None
) -> tuple[str | None, list[Head], list[Row], Row | None, Block]:
    return title, heads_of(result, lang), result.rows, result.totals, block


def block_csv(
    reports: Session, report: Report, block_id: str, query: Query, lang: Lang, *, look: ListLook = AS_IT_STARTS
) -> bytes:
    """One block; a list as it is looked at, up to ``cells.MOST_RECORDS`` rows."""
    block = report.block(block_id)
    if isinstance(block, RecordList):
        return records_csv(reports, report, block_id, "", {}, query, lang, look=look)
    return _document([_block(block, reports.block(report, block_id, query, lang=lang), lang, None)], lang)


def machine_csv(tables: Iterable[tuple[str | None, Sequence[str], Iterable[Row]]]) -> bytes:
    """What the command line prints, for programs: ids as headers, commas, decimal points, ISO dates; the same in every language.

    ``tables``: (name, ids of columns, rows). Tables stand one under another, a line with its name above each.
    """
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    for position, (name, ids, rows) in enumerate(tables):
        if position:
            writer.writerow([])
        if name is not None:
            writer.writerow([name])
        writer.writerow(ids)
        for row in rows:
            writer.writerow([_machine(row.get(name)) for name in ids])
    return (_MARK + out.getvalue()).encode()


def _machine(value: Value) -> str:
    shown = _spelled(value)
    return guarded(shown) if isinstance(value, str | list) else shown


def _spelled(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value.quantize(CENT, ROUND_HALF_EVEN):f}"
    if isinstance(value, Money):
        return f"{_spelled(value.amount)} {value.currency}"
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, list):
        return "; ".join(map(_spelled, value))
    return str(value)


def records_csv(
    reports: Session,
    report: Report,
    block_id: str,
    measure_id: str,
    row: Mapping[str, str],
    query: Query,
    lang: Lang,
    *,
    look: ListLook = AS_IT_STARTS,
) -> bytes:
    """The records behind a number as they are looked at, with the address of each card; a list that is cut says so in its last line."""
    page, rows = records(reports, report, block_id, measure_id, row, query, lang, look=look)
    heads = list_heads(page, look, lang)
    heads.append(Head("url", "Ссылка" if lang == "ru" else "Link", Unit.LINK))
    if page.total > MOST_RECORDS:
        cut = CUT.of(lang).format(shown=MOST_RECORDS, total=page.total)
        rows = itertools.chain(rows, [{heads[0].id: cut}])
    return _document([(None, heads, rows, None, None)], lang)
