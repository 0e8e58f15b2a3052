"""A report as a workbook: a page for a board, then a sheet a block with real numbers, dates and links, last what was asked and how each figure is counted.

Texts are written as strings whatever they begin with, so no cell of a portal can become a formula. Lists are streamed row by row
(``constant_memory``), up to ``cells.MOST_RECORDS`` records.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import xlsxwriter

from dash_app.engine.blocks import Block, Cards, RecordList
from dash_app.engine.language import Report, Unit
from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult, Money, Note, Row, Value
from dash_app.exports.cells import (
    AS_IT_STARTS,
    CUT,
    MOST_RECORDS,
    Head,
    ListLook,
    Plain,
    heads_of,
    list_heads,
    named,
    own_fields,
    plain,
    records,
    written,
)
from dash_app.exports.front import Front, SheetPlace, asked
from dash_app.reports.session import Session
from dash_app.text import Lang, Text

Target = str | Path | IO[bytes]

_LINKS_A_SHEET = 65_000
"""Excel keeps at most 65 530 links a sheet; further ones are HYPERLINK formulas of our own making."""
_MOST_LINES = 1_048_576
_MOST_CHARACTERS = 32_767
_HEADER = 3
_FORBIDDEN = str.maketrans(dict.fromkeys("[]:*?/\\'", " "))
_WIDTHS = {
    Unit.TEXT: 26,
    Unit.LINK: 10,
    Unit.DATE: 17,
    Unit.MONEY: 18,
    Unit.COUNT: 12,
    Unit.DAYS: 12,
    Unit.MINUTES: 12,
    Unit.TIMES: 12,
    Unit.RATIO: 12,
    Unit.POINTS: 12,
}
_LONGEST = 255
"""Characters a text inside a formula may have."""
_MONEY = {"RUB": '#,##0" ₽"', "USD": '"$"#,##0', "EUR": '#,##0" €"'}
"""Whole units; a cell holds the kopecks."""

_ABOUT = Text("О выгрузке", "About")
_LABELS = {
    "period": Text("Период", "Period"),
    "compare": Text("Сравнение", "Comparison"),
    "filters": Text("Фильтры", "Filters"),
    "options": Text("Настройки отчёта", "Options"),
    "as_of": Text("Данные на", "Data as of"),
    "as_it_was": Text("Как было", "As it was"),
    "snapshot": Text("Снимок данных", "Snapshot"),
    "portal": Text("Портал", "Portal"),
    "none": Text("нет", "none"),
    "block": Text("Блок", "Block"),
    "figure": Text("Показатель", "Figure"),
    "definition": Text("Как посчитан", "How it is counted"),
    "id": Text("Код", "Id"),
    "total": Text("Всего", "Total"),
    "records": Text("Записи", "Records"),
    "demo": Text("Демо-портал: данные придуманы.", "Demo portal: the data is made up."),
    "long": Text(
        " … (обрезано, всего знаков: {total}; целиком – в CSV)", " … (cut, {total} characters; whole in the CSV)"
    ),
    "full": Text("На листе больше нет места: остальное – в CSV.", "The sheet is full: the rest is in the CSV."),
}

_CARD_PARTS = {
    "": Text("Значение", "Value"),
    "_base": Text("База", "Base"),
    "_delta": Text("Δ", "Δ"),
    "_delta_pct": Text("Δ %", "Δ %"),
    "_num": Text("Числитель", "Numerator"),
    "_den": Text("Знаменатель", "Denominator"),
}


def _money_format(currency: str) -> str:
    """Excel's format of an amount; of a currency code nothing but letters and digits gets into it."""
    sign = "".join(c for c in currency if c.isalnum())[:8]
    return _MONEY.get(currency, f'#,##0" {sign}"')


def fitting(cell: Plain, unit: Unit, lang: Lang) -> Plain:
    """A cell as a workbook can hold it: days before 1900 are texts, a text that is too long is cut and says so."""
    if isinstance(cell, date) and cell.year < 1900:
        return written(cell, unit, lang)
    if isinstance(cell, str) and len(cell.encode("utf-16-le")) // 2 > _MOST_CHARACTERS:
        return cell[: _MOST_CHARACTERS // 2 - 100] + _LABELS["long"].of(lang).format(total=len(cell))
    return cell


class _Book:
    """A workbook being written: its formats and the names of its sheets."""

    def __init__(self, target: Target, lang: Lang, currency: str) -> None:
        where = str(target) if isinstance(target, str | Path) else target
        self.book = xlsxwriter.Workbook(
            where,
            {
                "constant_memory": True,
                "strings_to_formulas": False,
                "strings_to_urls": False,
                "strings_to_numbers": False,
            },
        )
        self.lang = lang
        base = {"valign": "top"}
        money = _money_format(currency)
        self._own_money: dict[str, Any] = {}
        self.numbers: dict[Unit, str] = {
            Unit.MONEY: money,
            Unit.COUNT: "#,##0",
            Unit.DAYS: "#,##0.0",
            Unit.MINUTES: "#,##0",
            Unit.TIMES: '"×"0.0',
            Unit.RATIO: "0.0%",
            Unit.POINTS: "#,##0.##",
        }
        self.formats = {unit: self.book.add_format({**base, "num_format": form}) for unit, form in self.numbers.items()}
        self.total_formats = {
            unit: self.book.add_format({**base, "num_format": form, "bold": True, "top": 1})
            for unit, form in self.numbers.items()
        }
        self.text = self.book.add_format(base)
        self.wrap = self.book.add_format({**base, "text_wrap": True})
        self.total = self.book.add_format({**base, "bold": True, "top": 1})
        self.day = self.book.add_format(
            {**base, "num_format": "dd.mm.yyyy" if lang == "ru" else "yyyy-mm-dd", "align": "left"}
        )
        self.moment = self.book.add_format(
            {**base, "num_format": "dd.mm.yyyy hh:mm" if lang == "ru" else "yyyy-mm-dd hh:mm", "align": "left"}
        )
        self.link = self.book.add_format({**base, "font_color": "#0563C1", "underline": 1})
        self.title = self.book.add_format({"bold": True, "font_size": 14})
        self.quiet = self.book.add_format({"font_color": "#666666"})
        self.header = self.book.add_format(
            {"bold": True, "bottom": 1, "bg_color": "#EEF2F6", "text_wrap": True, "valign": "vcenter"}
        )
        self._names: set[str] = set()

    def sheet(self, title: str) -> Any:
        """A sheet under a name Excel takes: 31 characters, none of its signs, each once."""
        clean = " ".join(title.translate(_FORBIDDEN).split())[:31].strip() or "Sheet"
        name, number = clean, 1
        while name.casefold() in self._names:
            number += 1
            tail = f" {number}"
            name = clean[: 31 - len(tail)] + tail
        self._names.add(name.casefold())
        return self.book.add_worksheet(name)

    def on_paper(self, sheet: Any, *, heads: bool = True) -> None:
        """A sheet as it is printed: A4 landscape, as wide as the paper, the heads of a table on every page."""
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
        sheet.fit_to_pages(1, 0)
        sheet.set_footer("&L&8&A&R&8&P / &N")
        if heads:
            sheet.repeat_rows(0, _HEADER)

    def write(self, sheet: Any, line: int, place: int, value: Value, unit: Unit, *, total: bool = False) -> None:
        """One cell by its type. Unknown stays empty. An amount in a currency of its own is a number in that currency."""
        if isinstance(value, Money):
            known = self._own_money.get(value.currency)
            if known is None:
                known = self.book.add_format({"valign": "top", "num_format": _money_format(value.currency)})
                self._own_money[value.currency] = known
            sheet.write_number(line, place, plain(value.amount, Unit.MONEY, self.lang), known)
            return
        cell = fitting(plain(value, unit, self.lang), unit, self.lang)
        if cell is None:
            if total:
                sheet.write_blank(line, place, None, self.total)
        elif isinstance(cell, datetime):
            sheet.write_datetime(line, place, cell, self.moment)
        elif isinstance(cell, date):
            sheet.write_datetime(line, place, datetime(cell.year, cell.month, cell.day), self.day)
        elif isinstance(cell, str):
            sheet.write_string(line, place, cell, self.total if total else self.text)
        else:
            formats = self.total_formats if total else self.formats
            sheet.write_number(line, place, cell, formats.get(unit, self.total if total else self.text))

    def words(self, value: Value, unit: Unit) -> str:
        """A value as a text."""
        return str(fitting(written(plain(value, unit, self.lang), unit, self.lang), unit, self.lang))

    def write_link(self, sheet: Any, line: int, place: int, url: str, shown: str, nth: int) -> None:
        """A link to a card. Addresses are the portal's host and an integer id, never a text of the portal; what cannot be a link is a text."""
        if len(url) > _LONGEST or len(shown) > _LONGEST:
            sheet.write_string(line, place, shown, self.text)
        elif nth < _LINKS_A_SHEET:
            sheet.write_url(line, place, url, self.link, shown)
            if shown.isascii() and shown.isdigit() and len(shown) < 16:
                sheet.write_number(line, place, int(shown), self.link)  # the number of a card, under the same link
        else:
            sheet.write_formula(
                line,
                place,
                f'=HYPERLINK("{url.replace(chr(34), "")}","{shown.replace(chr(34), "")[:_LONGEST]}")',
                self.link,
                shown,
            )

    def table(
        self,
        sheet: Any,
        heads: Sequence[Head],
        title: str,
        below: str,
        rows: Iterable[Row],
        *,
        block: Block | None,
        totals: Row | None = None,
    ) -> int:
        """Title, header, rows, totals; header frozen and filtered. Returns the line after."""
        self.on_paper(sheet)
        for place, head in enumerate(heads):
            sheet.set_column(place, place, max(_WIDTHS.get(head.unit, 14), min(40, len(head.title) // 2 + 4)))
        sheet.freeze_panes(_HEADER + 1, 1)
        sheet.write_string(0, 0, title, self.title)
        sheet.write_string(1, 0, below, self.quiet)
        sheet.set_row(_HEADER, 32)
        for place, head in enumerate(heads):
            sheet.write_string(_HEADER, place, head.title, self.header)
        line = _HEADER + 1
        links = 0
        for row in rows:
            if line >= _MOST_LINES - 1:
                sheet.write_string(line, 0, _LABELS["full"].of(self.lang), self.quiet)
                line += 1
                break
            for place, head in enumerate(heads):
                value = named(block, head.id, row.get(head.id), self.lang) if block else row.get(head.id)
                url = row.get(head.link) if head.link else None
                if isinstance(url, list):
                    url = url[0] if len(url) == 1 else None
                if isinstance(url, str) and url and value is not None:
                    self.write_link(sheet, line, place, url, self.words(value, head.unit), links)
                    links += 1
                else:
                    self.write(sheet, line, place, value, head.unit)
            line += 1
        sheet.autofilter(_HEADER, 0, max(line - 1, _HEADER), max(0, len(heads) - 1))
        if totals is not None:
            for place, head in enumerate(heads):
                if place == 0 and totals.get(head.id) is None:
                    sheet.write_string(line, 0, _LABELS["total"].of(self.lang), self.total)
                else:
                    self.write(sheet, line, place, totals.get(head.id), head.unit, total=True)
            line += 1
        return line

    def notes(self, sheet: Any, line: int, lines: Iterable[str]) -> None:
        """Lines under a table."""
        for position, text in enumerate(lines, line + 1):
            sheet.write_string(position, 0, text, self.quiet)


def workbook(
    reports: Session,
    report: Report,
    query: Query,
    lang: Lang,
    target: Target,
    blocks: Sequence[str] | None = None,
    *,
    looks: Mapping[str, ListLook] | None = None,
) -> None:
    """Writes a whole report, or some of its blocks. ``target``: a path or a buffer. ``looks``: list block -> how it is looked at; a list
    nobody looks at has all its columns and every own field.

    Raises UserError as the report itself would; nothing is left half-written in a buffer.
    """
    state = reports.state()
    wanted = [b for b in report.blocks if blocks is None or b.id in blocks]
    book = _Book(target, lang, state.currency)
    try:
        answers = {b.id: reports.block(report, b.id, query, lang=lang) for b in wanted if not isinstance(b, RecordList)}
        board = _front(book, reports, report, query, wanted, answers) if blocks is None else None
        places: dict[str, SheetPlace] = {}
        for block in wanted:
            sheet = book.sheet(block.title.of(lang))
            if isinstance(block, RecordList):
                look = (looks or {}).get(block.id) or own_fields(reports, report, block.id)
                _list(book, sheet, reports, report, block, query, look)
            else:
                places[block.id] = _answer(book, sheet, block, answers[block.id])
        if board is not None:
            board.charts(wanted, answers, places)
        _about(book, reports, report, query, wanted, answers)
    finally:
        book.book.close()


def records_workbook(
    reports: Session,
    report: Report,
    block_id: str,
    measure_id: str,
    row: Mapping[str, str],
    query: Query,
    lang: Lang,
    target: Target,
    *,
    look: ListLook = AS_IT_STARTS,
) -> None:
    """Writes the records behind a number: the question, then the list as it is looked at."""
    page, rows = records(reports, report, block_id, measure_id, row, query, lang, look=look)
    book = _Book(target, lang, reports.state().currency)
    try:
        sheet = book.sheet(_LABELS["records"].of(lang))
        book.table(
            sheet,
            list_heads(page, look, lang),
            page.title.of(lang),
            " ".join(
                filter(
                    None, [_cut(page.total, lang), page.base.of(lang) if page.base else "", look.described(page, lang)]
                )
            ),
            rows,
            block=None,
        )
        _about(book, reports, report, query, [], {})
    finally:
        book.book.close()


def _front(
    book: _Book,
    reports: Session,
    report: Report,
    query: Query,
    blocks: Sequence[Block],
    answers: Mapping[str, BlockResult],
) -> Front:
    """The page for a board, without its charts: those stand on sheets that are not there yet."""
    lang = book.lang
    board = Front(book.book, book.sheet(report.title.of(lang)), lang, book.numbers)
    moment = reports.moment(query).replace(tzinfo=None, microsecond=0)
    words = _LABELS["as_it_was" if query.as_of else "as_of"].of(lang)
    lines = asked(reports, report, query, lang, f"{words} {written(moment, Unit.DATE, lang)[:-3]}")
    board.words([*lines, *([_LABELS["demo"].of(lang)] if reports.state().is_demo else [])])
    cards = next((b for b in blocks if isinstance(b, Cards)), None)
    if cards is not None:
        board.figures(cards, answers[cards.id])
    return board


def _cut(total: int, lang: Lang) -> str:
    if total <= MOST_RECORDS:
        return f"{_LABELS['records'].of(lang)}: {total}"
    return CUT.of(lang).format(shown=MOST_RECORDS, total=total)


def _cards(book: _Book, sheet: Any, block: Block, result: BlockResult) -> None:
    """One row of many figures, turned upright: a line a figure."""
    lang = book.lang
    figures = [c for c in result.columns if c.role == "figure" and not c.hidden]
    row = result.rows[0] if result.rows else {}
    compared = any(c.role == "base" for c in result.columns)
    parts = ("", "_base", "_delta", "_delta_pct", "_num", "_den") if compared else ("", "_num", "_den")
    titles = [_LABELS["figure"], *(_CARD_PARTS[p] for p in parts)]
    for place in range(len(titles)):
        sheet.set_column(place, place, 18 if place else 40)
    book.on_paper(sheet)
    sheet.freeze_panes(_HEADER + 1, 1)
    sheet.write_string(0, 0, block.title.of(lang), book.title)
    sheet.write_string(1, 0, block.help.of(lang), book.quiet)
    for place, title in enumerate(titles):
        sheet.write_string(_HEADER, place, title.of(lang), book.header)
    units = {c.id: c.unit for c in result.columns}
    line = _HEADER
    for line, figure in enumerate(figures, _HEADER + 1):
        sheet.write_string(line, 0, figure.label.of(lang), book.text)
        for place, part in enumerate(parts, 1):
            name = f"{figure.id}{part}"
            if name in row:
                book.write(sheet, line, place, row[name], units.get(name, figure.unit))
    sheet.autofilter(_HEADER, 0, line, len(titles) - 1)
    book.notes(sheet, line + 1, _lines(result.notes, lang))


def _answer(book: _Book, sheet: Any, block: Block, result: BlockResult) -> SheetPlace:
    """Writes a block; where its rows stand."""
    if isinstance(block, Cards):
        _cards(book, sheet, block, result)
        return SheetPlace(sheet.get_name(), _HEADER + 1, 0, {})
    heads = heads_of(result, book.lang)
    line = book.table(
        sheet,
        heads,
        block.title.of(book.lang),
        block.help.of(book.lang),
        result.rows,
        block=block,
        totals=result.totals,
    )
    book.notes(sheet, line, _lines(result.notes, book.lang))
    columns = {head.id: place for place, head in enumerate(heads)}
    return SheetPlace(sheet.get_name(), _HEADER + 1, len(result.rows), columns)


def _lines(notes: Iterable[Note], lang: Lang) -> list[str]:
    return [note.text.of(lang) for note in notes]


def _list(
    book: _Book, sheet: Any, reports: Session, report: Report, block: Block, query: Query, look: ListLook
) -> None:
    page, rows = records(reports, report, block.id, "", {}, query, book.lang, look=look)
    below = f"{block.help.of(book.lang)} {_cut(page.total, book.lang)} {look.described(page, book.lang)}".strip()
    book.table(sheet, list_heads(page, look, book.lang), block.title.of(book.lang), below, rows, block=None)


def _about(
    book: _Book,
    reports: Session,
    report: Report,
    query: Query,
    blocks: Sequence[Block],
    answers: Mapping[str, BlockResult],
) -> None:
    """The last sheet: what was asked, of which data, and what every figure means."""
    lang = book.lang
    state = reports.state()
    sheet = book.sheet(_ABOUT.of(lang))
    book.on_paper(sheet, heads=False)
    sheet.set_column(0, 0, 28)
    sheet.set_column(1, 1, 40)
    sheet.set_column(2, 2, 90)
    sheet.write_string(0, 0, report.title.of(lang), book.title)
    sheet.write_string(1, 0, report.question.of(lang), book.quiet)
    line = 3
    for name, value in _asked(reports, report, query, lang):
        sheet.write_string(line, 0, name, book.text)
        sheet.write_string(line, 1, value, book.text)
        line += 1
    sheet.write_string(line, 0, _LABELS["as_it_was" if query.as_of else "as_of"].of(lang), book.text)
    sheet.write_datetime(line, 1, reports.moment(query).replace(tzinfo=None, microsecond=0), book.moment)
    for name, value in (("snapshot", state.snapshot), ("portal", state.address)):
        line += 1
        sheet.write_string(line, 0, _LABELS[name].of(lang), book.text)
        sheet.write_string(line, 1, value, book.text)
    line += 2
    remarks = ([_LABELS["demo"].of(lang)] if state.is_demo else []) + _lines(
        (*state.notes, *reports.remarks(query)), lang
    )
    for remark in remarks:
        sheet.write_string(line, 0, remark, book.quiet)
        line += 1
    if not blocks:
        return
    line += 1
    sheet.set_column(3, 3, 44)
    for place, name in enumerate(("block", "figure", "definition", "id")):
        sheet.write_string(line, place, _LABELS[name].of(lang), book.header)
    for block in blocks:
        for figure, definition, name in _definitions(block, answers.get(block.id), lang):
            line += 1
            for place, text in enumerate((block.title.of(lang), figure, definition, name)):
                sheet.write_string(line, place, text, book.wrap)


def _definitions(block: Block, result: BlockResult | None, lang: Lang) -> list[tuple[str, str, str]]:
    """(name, definition, id as the command line prints it) of a block and its figures."""
    found = [("", block.help.of(lang), block.id)]
    found += [(f.label.of(lang), f.help.of(lang), f"{block.id}.{f.id}") for f in block.figures]
    if not block.figures and result is not None:
        found += [
            (c.label.of(lang), c.help.of(lang), f"{block.id}.{c.id}") for c in result.columns if c.help and not c.hidden
        ]
    return found


def _asked(reports: Session, report: Report, query: Query, lang: Lang) -> list[tuple[str, str]]:
    none, compared = _LABELS["none"].of(lang), reports.base_text(query)
    chips = [chip.text.of(lang) for chip in reports.chips(report, query)]
    options = []
    for option in report.options:
        value = option.values.get(query.option(option.id, option.default))
        if value is not None:
            options.append(f"{option.label.of(lang)}: {value.of(lang)}")
    return [
        (_LABELS["period"].of(lang), reports.period_text(query).of(lang)),
        (_LABELS["compare"].of(lang), compared.of(lang) if compared else none),
        (_LABELS["filters"].of(lang), "; ".join(chips) or none),
        (_LABELS["options"].of(lang), "; ".join(options) or none),
    ]
