"""The first sheet of a report's workbook, one A4 page for a board: what was asked, eight figures with their change, native charts over the sheets behind it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from dash_app.engine.blocks import Bars, Block, Bullet, Cards, Series, Table
from dash_app.engine.language import Measure, Report, Unit
from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult, Column, Value
from dash_app.exports.cells import plain
from dash_app.reports.session import Session
from dash_app.text import Lang, Text

FIGURES = 8
"""So many figures stand on it, four a line."""
MOST_BARS = 12
_ACROSS = 4
_COLUMNS = 2 * _ACROSS
_WIDTH = 17
_LINE_OF_CHARTS = 16
_SIZE = (1010, 250), (500, 250)
"""Of the chart as wide as the sheet, and of one of two side by side, in pixels."""
_COLOURS = ("#0072B2", "#009E73", "#E69F00")
_BASE_COLOUR = "#8A8F98"
_BASE = Text("база", "base")


@dataclass(frozen=True, slots=True)
class SheetPlace:
    """Where the table of a block stands in the workbook: sheet, first line of rows, how many, column of each id."""

    sheet: str
    line: int
    rows: int
    columns: Mapping[str, int]

    def cells(self, column: str, most: int | None = None) -> list[Any]:
        """The cells of a column, as charts name them."""
        rows = self.rows if most is None else min(self.rows, most)
        place = self.columns[column]
        return [self.sheet, self.line, place, self.line + rows - 1, place]


class Front:
    """The sheet being written. ``numbers``: Excel's format of each unit."""

    def __init__(self, book: Any, sheet: Any, lang: Lang, numbers: Mapping[Unit, str]) -> None:
        self._book, self._sheet, self._lang = book, sheet, lang
        self._title = book.add_format({"bold": True, "font_size": 18})
        self._asked = book.add_format({"font_color": "#444444"})
        self._label = book.add_format({"font_color": "#555555", "font_size": 9, "top": 1, "top_color": "#C6CED8"})
        self._values = {
            unit: book.add_format({"bold": True, "font_size": 16, "align": "left", "num_format": form})
            for unit, form in numbers.items()
        }
        self._bases = {
            unit: book.add_format(
                {
                    "font_color": "#666666",
                    "font_size": 9,
                    "align": "left",
                    "num_format": f'"{_BASE.of(lang)} "{form}',
                }
            )
            for unit, form in numbers.items()
        }
        self._changes = {
            kind: book.add_format(
                {"font_color": colour, "font_size": 9, "align": "left", "num_format": '"▲ "0%;"▼ "0%;0%'}
            )
            for kind, colour in (("better", "#00704F"), ("worse", "#B04300"), ("same", "#444444"))
        }
        sheet.hide_gridlines(2)
        sheet.set_landscape()
        sheet.set_paper(9)
        sheet.set_margins(left=0.4, right=0.4, top=0.4, bottom=0.5)
        sheet.fit_to_pages(1, 1)
        sheet.set_column(0, _COLUMNS - 1, _WIDTH)

    def words(self, lines: Sequence[str]) -> None:
        """Title of the report, then what was asked, a line each; four at most."""
        self._sheet.set_row(0, 26)
        for number, line in enumerate(lines[:5]):
            self._sheet.write_string(number, 0, line, self._asked if number else self._title)

    def figures(self, block: Cards, result: BlockResult) -> None:
        """The headline figures of a block of cards: label, value, change and base."""
        row = result.rows[0] if result.rows else {}
        shown = list(_chosen(block, result))[:FIGURES]
        for first in range(0, len(shown), _ACROSS):
            top = 6 + 4 * (first // _ACROSS)
            several = shown[first : first + _ACROSS]
            for place, figure in enumerate(several):  # line by line: rows are written in their order
                self._sheet.write_string(top, 2 * place, figure.label.of(self._lang), self._label)
                self._sheet.write_blank(top, 2 * place + 1, None, self._label)
            self._sheet.set_row(top + 1, 24)
            for place, figure in enumerate(several):
                self._number(top + 1, 2 * place, row.get(figure.id), figure.unit, self._values)
            for place, figure in enumerate(several):
                self._change(top + 2, 2 * place, figure, row)
                self._number(top + 2, 2 * place + 1, row.get(f"{figure.id}_base"), figure.unit, self._bases)

    def _number(self, line: int, place: int, value: Value, unit: Unit, formats: Mapping[Unit, Any]) -> None:
        cell = plain(value, unit, self._lang)
        if isinstance(cell, int | float):
            self._sheet.write_number(line, place, cell, formats.get(unit))
        elif formats is self._values:
            self._sheet.write_string(line, place, "—" if cell is None else str(cell), formats[Unit.COUNT])

    def _change(self, line: int, place: int, figure: Column, row: Mapping[str, Value]) -> None:
        """The change against the base, in per cent; of a share in percentage points."""
        delta, relative = row.get(f"{figure.id}_delta"), row.get(f"{figure.id}_delta_pct")
        if not isinstance(delta, int | float | Decimal):
            return
        kind = "same" if not figure.good or delta == 0 else "better" if (delta > 0) == (figure.good > 0) else "worse"
        if figure.unit is Unit.RATIO:
            points = Text("{sign} {n} п. п.", "{sign} {n} pp").of(self._lang)
            shown = f"{abs(float(delta)) * 100:.1f}".replace(".", "," if self._lang == "ru" else ".")
            sign = "▲" if delta > 0 else "▼" if delta < 0 else ""
            self._sheet.write_string(line, place, points.format(sign=sign, n=shown).strip(), self._changes[kind])
        elif isinstance(relative, int | float | Decimal):
            self._sheet.write_number(line, place, float(relative), self._changes[kind])

    def charts(
        self, blocks: Sequence[Block], answers: Mapping[str, BlockResult], places: Mapping[str, SheetPlace]
    ) -> None:
        """One chart of the course of time, two of break-downs, as far as the report has them."""
        line = _LINE_OF_CHARTS
        course = next((b for b in blocks if isinstance(b, Series) and _course(b, places.get(b.id))), None)
        if course is not None:
            self._insert(self._of_series(course, places[course.id]), line, 0, _SIZE[0])
            line += 13
        halves = 0
        for block in blocks:
            told = _told(block, answers.get(block.id), places.get(block.id))
            if told is not None and halves < 2:
                chart = self._of_bars(block, places[block.id], *told, colour=_COLOURS[halves + 1])
                self._insert(chart, line, halves * _ACROSS, _SIZE[1])
                halves += 1

    def _insert(self, chart: Any, line: int, place: int, size: tuple[int, int]) -> None:
        chart.set_size({"width": size[0], "height": size[1]})
        self._sheet.insert_chart(line, place, chart, {"x_offset": 2, "y_offset": 2})

    def _titled(self, chart: Any, title: str) -> None:
        chart.set_title({"name": title, "name_font": {"size": 11, "bold": True}, "overlay": False})
        chart.set_chartarea({"border": {"color": "#E1E6EC"}})

    def _of_series(self, block: Series, place: SheetPlace) -> Any:
        figure = _course(block, place)
        assert figure is not None
        chart = self._book.add_chart({"type": "column"})
        categories = place.cells("bucket")
        based = f"{figure}_base" in place.columns
        name = next(f.label.of(self._lang) for f in block.figures if f.id == figure)
        if based:
            chart.add_series(
                {
                    "name": _BASE.of(self._lang),
                    "categories": categories,
                    "values": place.cells(f"{figure}_base"),
                    "fill": {"color": "#FFFFFF"},
                    "border": {"color": _BASE_COLOUR},
                }
            )
        chart.add_series(
            {
                "name": name,
                "categories": categories,
                "values": place.cells(figure),
                "fill": {"color": _COLOURS[0]},
                "gap": 60,
            }
        )
        self._titled(chart, f"{block.title.of(self._lang)}: {name}")
        chart.set_legend({"position": "top"} if based else {"none": True})
        chart.set_y_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#E1E6EC"}}})
        chart.set_x_axis({"num_format": "dd.mm" if self._lang == "ru" else "yyyy-mm-dd", "date_axis": False})
        return chart

    def _of_bars(self, block: Block, place: SheetPlace, label: str, figure: Column, *, colour: str) -> Any:
        chart = self._book.add_chart({"type": "bar"})
        name = figure.label.of(self._lang)
        chart.add_series(
            {
                "name": name,
                "categories": place.cells(label, MOST_BARS),
                "values": place.cells(figure.id, MOST_BARS),
                "fill": {"color": colour},
                "gap": 40,
            }
        )
        self._titled(chart, f"{block.title.of(self._lang)}: {name}")
        chart.set_legend({"none": True})
        chart.set_y_axis({"reverse": True, "num_font": {"size": 8}, "interval_unit": 1})
        chart.set_x_axis({"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#E1E6EC"}}})
        return chart


def asked(reports: Session, report: Report, query: Query, lang: Lang, moment: str) -> list[str]:
    """What stands above the figures: title, period and base, filters, the data's time and portal."""
    base, chips = reports.base_text(query), [chip.text.of(lang) for chip in reports.chips(report, query)]
    period = reports.period_text(query).of(lang)
    return [
        report.title.of(lang),
        f"{period}; {_BASE.of(lang)}: {base.of(lang)}" if base else period,
        *(["; ".join(chips)] if chips else []),
        f"{moment} · {reports.state().address}",
    ]


def _chosen(block: Cards, result: BlockResult) -> Iterator[Column]:
    """Figures of a block of cards, those it shows largest first."""
    figures = [c for c in result.columns if c.role == "figure" and not c.hidden]
    first = [c for name in block.headline for c in figures if c.id == name]
    yield from first
    yield from (c for c in figures if c not in first)


def _course(block: Series, place: SheetPlace | None) -> str | None:
    """The figure whose course is drawn; None where a block has none, or too little of it."""
    if place is None or place.rows < 2 or "bucket" not in place.columns or block.split is not None:
        return None
    return next((f.id for f in block.figures if f.id in place.columns), None)


def _told(block: Block, result: BlockResult | None, place: SheetPlace | None) -> tuple[str, Column] | None:
    """(column of names, figure) of a break-down that bars can tell of: rows of one dimension, a sum of money, else a count."""
    if result is None or place is None or place.rows < 2:
        return None
    if not isinstance(block, Table | Bars | Bullet) or len(block.dimensions) != 1:
        return None
    label = block.dimensions[0].name if block.dimensions[0].name in place.columns else block.dimensions[0].id
    sums = {f.id for f in block.figures if isinstance(f, Measure) and f.agg in ("count", "sum")}
    drawn = [c for c in result.columns if c.id in sums and c.id in place.columns]
    if label not in place.columns or not drawn:
        return None
    return label, next((c for c in drawn if c.unit is Unit.MONEY), drawn[0])
