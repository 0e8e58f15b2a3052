"""What an answer looks like as plain rows: which columns leave, under which names, with which values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal

from dash_app.engine.blocks import Block
from dash_app.engine.language import Report, Unit
from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult, Column, Money, RecordsPage, Row, Value
from dash_app.record_kinds import is_card
from dash_app.reports.api import GridRequest
from dash_app.reports.session import Session
from dash_app.text import Lang, Text

PAGE = 5_000
MOST_RECORDS = 100_000
"""A list of a workbook or a CSV of the page stops here; the command line prints any number."""

CENT = Decimal("0.01")
_YES = {"ru": ("нет", "да"), "en": ("no", "yes")}
_RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_SUFFIXES = {
    "base": Text("{figure}: база", "{figure}: base"),
    "delta": Text("{figure}: Δ", "{figure}: Δ"),
    "delta_pct": Text("{figure}: Δ %", "{figure}: Δ %"),
    "part": Text("{figure}: {part}", "{figure}: {part}"),
}


@dataclass(frozen=True, slots=True)
class Head:
    """A column as it leaves: id, title in the language of the file, unit, the id of the address its cells link to."""

    id: str
    title: str
    unit: Unit
    link: str | None = None


def heads_of(result: BlockResult, lang: Lang) -> list[Head]:
    """Columns of a block: everything but ids; parts of ratios and the comparison carry their figure's name."""
    names = {c.id: c.named.of(lang) for c in result.columns}
    heads = []
    for column in result.columns:
        if column.hidden and column.role != "part":
            continue
        pattern = _SUFFIXES.get(column.role)
        title = column.named.of(lang)
        if pattern is not None and column.of:
            title = pattern.of(lang).format(figure=names.get(column.of, column.of), part=title)
        heads.append(Head(column.id, title, column.unit))
    return heads


def record_heads(columns: list[Column], lang: Lang) -> list[Head]:
    """Columns of a list; the id links to the card, the manager to the person, own fields where their one value leads."""
    links = {"id": "url", "manager": "manager_url"}
    return [Head(c.id, c.label.of(lang), c.unit, links.get(c.id) or f"{c.id}_urls") for c in columns]


def named(block: Block, column_id: str, value: Value, lang: Lang) -> Value:
    """A value of a closed list by its name; anything else as it is."""
    for dimension in block.dimensions:
        if dimension.id == column_id and dimension.values and isinstance(value, str):
            text = dict(dimension.values).get(value)
            return text.of(lang) if text else value
    return value


Plain = str | int | float | date | datetime | None


def plain(value: Value, unit: Unit, lang: Lang) -> Plain:
    """A cell without anything a file cannot hold: money to kopecks half-even, instants without zone (the portal's wall clock).

    Several values, and money of another currency, are a text.
    """
    if isinstance(value, bool):
        return _YES[lang][value]
    if isinstance(value, Decimal):
        return float(value.quantize(CENT, ROUND_HALF_EVEN)) if unit is Unit.MONEY else float(value)
    if isinstance(value, float) and unit is Unit.MONEY:
        return float(Decimal(str(value)).quantize(CENT, ROUND_HALF_EVEN))
    if isinstance(value, datetime):
        return value.replace(tzinfo=None, microsecond=0)
    if isinstance(value, Money):
        return f"{written(plain(value.amount, Unit.MONEY, lang), Unit.MONEY, lang)} {value.currency}"
    if isinstance(value, list):
        return "; ".join(written(plain(item, unit, lang), unit, lang) for item in value)
    return value


def written(cell: Plain, unit: Unit, lang: Lang) -> str:
    """A plain cell as a spreadsheet of the reader's country writes it."""
    if cell is None:
        return ""
    if isinstance(cell, date):
        day = f"{cell.day:02d}.{cell.month:02d}.{cell.year:04d}" if lang == "ru" else f"{cell:%Y-%m-%d}".zfill(10)
        return f"{day} {cell:%H:%M:%S}" if isinstance(cell, datetime) else day
    if isinstance(cell, str | int):
        return str(cell)
    shown = f"{cell:.2f}" if unit is Unit.MONEY else f"{cell:.6f}".rstrip("0").rstrip(".")
    return shown.replace(".", ",") if lang == "ru" else shown


def guarded(text: str) -> str:
    """A text no spreadsheet takes for a formula: one that begins like one (or like a guarded one) gets an apostrophe in front."""
    return f"'{text}" if _is_risky(text) else text


def unguarded(text: str) -> str:
    """What was guarded."""
    return text[1:] if text.startswith("'") and _is_risky(text[1:]) else text


def _is_risky(text: str) -> bool:
    return text.lstrip("'").startswith(_RISKY)


@dataclass(frozen=True, slots=True)
class ListLook:
    """How a list is looked at on the page. ``columns``: own fields added; ``shown``: ids of the columns chosen, None for all."""

    columns: tuple[str, ...] = ()
    shown: frozenset[str] | None = None
    sort: tuple[tuple[str, str], ...] = ()
    filters: Mapping[str, object] | None = None

    def described(self, page: RecordsPage, lang: Lang) -> str:
        """«Отобрано по столбцам: Сумма. Упорядочено по: Создана.» – '' for a list as it starts."""
        names = {c.id: c.label.of(lang) for c in page.columns}
        filtered = ", ".join(names.get(name, name) for name in self.filters or ())
        ordered = ", ".join(names.get(name, name) for name, _ in self.sort)
        said = [_FILTERED.of(lang).format(names=filtered)] if filtered else []
        return " ".join(said + ([_ORDERED.of(lang).format(names=ordered)] if ordered else []))


AS_IT_STARTS = ListLook()
_FILTERED = Text("Отобрано по столбцам: {names}.", "Filtered by columns: {names}.")
_ORDERED = Text("Упорядочено по: {names}.", "Ordered by: {names}.")
_CLIENTS = {"company_url": Text("Компания", "Company"), "contact_url": Text("Контакт", "Contact")}
CUT = Text("Показаны первые {shown} из {total} записей.", "The first {shown} of {total} records are shown.")


def list_heads(page: RecordsPage, look: ListLook, lang: Lang) -> list[Head]:
    """Columns of a list as the page shows it: those chosen, the title always, the links to the client where records have one."""
    shown = [c for c in page.columns if look.shown is None or c.id in look.shown or c.id in ("title", *look.columns)]
    heads = record_heads(shown, lang)
    if is_card(page.entity) and (look.shown is None or "client" in look.shown):
        heads += [Head(name, label.of(lang), Unit.LINK, name) for name, label in _CLIENTS.items()]
    return heads


def own_fields(reports: Session, report: Report, block_id: str) -> ListLook:
    """A list with every own field of the portal."""
    return ListLook(columns=tuple(name for name, _, _ in reports.list_columns(report, block_id)))


def records(
    reports: Session,
    report: Report,
    block_id: str,
    measure_id: str,
    row: Mapping[str, str],
    query: Query,
    lang: Lang,
    *,
    look: ListLook = AS_IT_STARTS,
    most: int = MOST_RECORDS,
) -> tuple[RecordsPage, Iterator[Row]]:
    """(the first page, all rows up to ``most``). Rows come page by page, so a long list is never held whole."""

    def page(start: int) -> RecordsPage:
        request = GridRequest(start, min(start + PAGE, most), look.sort, look.filters, look.columns)
        return reports.records(report, block_id, measure_id, row, query, request, lang=lang)

    first = page(0)

    def rows() -> Iterator[Row]:
        shown = first
        start = 0
        while shown.rows:
            yield from shown.rows
            start += len(shown.rows)
            if start >= min(shown.total, most):
                return
            shown = page(start)

    return first, rows()
