"""Queries in words: chips, the title of a drawer, "how is this counted"."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal

from dash_app.engine.answer import OTHERS
from dash_app.engine.blocks import Block
from dash_app.engine.directory import NONE, NOT_SET, Directory
from dash_app.engine.entered import NOTHING, Entered
from dash_app.engine.filters import filter_of, ordered
from dash_app.engine.language import Report, Unit
from dash_app.engine.parsing import query_string
from dash_app.engine.periods import ALL_START, PRESETS
from dash_app.engine.query import Period, Query
from dash_app.engine.result import OTHER, UNTIL, Note, Value
from dash_app.engine.units import month_name, named, title_of, whole
from dash_app.record_kinds import SALE
from dash_app.reports.api import Chip
from dash_app.text import Text


def value_text(directory: Directory, name: str, value: str) -> Text:
    """A filter's value as a person knows it."""
    return filter_of(name, directory).word(directory, value)


def filter_title(directory: Directory, name: str) -> Text:
    """«Воронка», or the label of a user field."""
    return filter_of(name, directory).title


def active(query: Query) -> list[tuple[str, str]]:
    """(filter, value) of every value set."""
    return [(name, value) for name in ordered(query.filters.ids) for value in sorted(query.filters.of(name))]


def without(query: Query, name: str, value: str) -> Query:
    """The query with one filter value taken away."""
    return replace(query, filters=query.filters.with_(name, query.filters.of(name) - {value}))


def chips(report: Report, query: Query, directory: Directory, typed: Entered = NOTHING) -> list[Chip]:
    """Every active filter with the address that removes it."""
    found = []
    for name, value in active(query):
        title, text = filter_title(directory, name), value_text(directory, name, value)
        found.append(
            Chip(
                name,
                value,
                Text(f"{title.ru}: {text.ru}", f"{title.en}: {text.en}"),
                query_string(report, without(query, name, value), typed),
            )
        )
    return found


def day(value: date) -> Text:
    """One day: 03.02.2026 / 2026-02-03."""
    return Text(f"{value:%d.%m.%Y}", value.isoformat())


def too_late(asked: datetime, known: datetime) -> Note:
    """Both local: the instant asked for, and that of the data."""
    return Note(
        Text(
            f"Спрошено {asked:%d.%m.%Y, %H:%M}, а данные взяты {known:%d.%m.%Y, %H:%M}. Цифры – на момент данных.",
            f"{asked:%Y-%m-%d, %H:%M} was asked for, the data was taken on {known:%Y-%m-%d, %H:%M}. The figures speak of the data.",
        ),
        "warning",
    )


def too_early(asked: datetime, first: datetime | None) -> Note:
    """Both local: the instant asked for, and the creation of the first record; None without records."""
    if first is None:
        return Note(Text("На портале ещё нет ни одной записи.", "The portal has no records yet."), "warning")
    return Note(
        Text(
            f"На {asked:%d.%m.%Y, %H:%M} на портале ещё ничего не было: первая запись создана {first:%d.%m.%Y, %H:%M}.",
            f"On {asked:%Y-%m-%d, %H:%M} the portal was still empty: its first record was created on {first:%Y-%m-%d, %H:%M}.",
        ),
        "warning",
    )


def preset_text(preset: str, period: Period, first_month: int = 1) -> Text:
    """«Этот месяц», «Февраль 2026», «Этот квартал (III квартал 2026/27)»: which one is said where the fiscal year has quarters of its own."""
    title = title_of(period, first_month)
    name = PRESETS.get(preset) or title or Text(preset, preset)
    if preset in PRESETS and title and first_month != 1 and preset.endswith(("_quarter", "_year")):
        return Text(f"{name.ru} ({title.ru})", f"{name.en} ({title.en})")
    return name


def period_text(period: Period, preset: str | None = None, first_month: int = 1) -> Text:
    """«Этот месяц, 01.11.2026 – 30.11.2026»."""
    start, end = day(period.start), day(period.end)
    dates = start if period.start == period.end else Text(f"{start.ru} – {end.ru}", f"{start.en} – {end.en}")
    if preset:
        name = preset_text(preset, period, first_month)
        if preset == "all":
            return name
        return Text(f"{name.ru}, {dates.ru}", f"{name.en}, {dates.en}")
    return dates


def dates_text(period: Period, first_month: int = 1) -> Text:
    """«февраль 2026», «III квартал 2026», «январь – апрель 2026», «03.02.2026», «за всё время»: dates in as few words as they take."""
    start, end = period.start, period.end
    if start == ALL_START:
        return Text("за всё время", "all time")
    title = title_of(period, first_month)
    if title is not None:
        is_roman = not title.ru[1:2].islower()
        return title if is_roman else Text(title.ru[0].lower() + title.ru[1:], title.en)
    if whole("month", start).start != start or whole("month", end).end != end:
        return period_text(period)
    first, last = month_name(start.month), month_name(end.month)
    year = "" if start.year == end.year else f" {start.year}"
    return Text(f"{first.ru.lower()}{year} – {last.ru.lower()} {end.year}", f"{first.en}{year} – {last.en} {end.year}")


def filters_text(query: Query, directory: Directory) -> Text:
    """All active filters in one line, '' if none."""
    ru, en = [], []
    for name, value in active(query):
        title, text = filter_title(directory, name), value_text(directory, name, value)
        ru.append(f"{title.ru}: {text.ru}")
        en.append(f"{title.en}: {text.en}")
    return Text("; ".join(ru), "; ".join(en))


def row_text(directory: Directory, block: Block, row: Mapping[str, str]) -> Text:
    """The row of a number in words: «Воронка: Продажи; Стадия: Договор»."""
    ru, en = [], []
    pipeline: int | None = None
    for dimension in (*block.dimensions, *((block.split,) if block.split else ())):
        if dimension.id not in row:
            continue
        value = row[dimension.id]
        unset = value in ("", NONE)
        if dimension.directory == "pipelines" and not unset and value.isdigit():
            pipeline = int(value)
        entity = dimension.entity or row.get("entity")
        text = _dimension_text(directory, dimension.directory, entity, pipeline, value, unset=unset)
        if dimension is block.split and value == OTHER:
            text = OTHERS
        if dimension.values:
            text = dict(dimension.values).get(value, text)
        if unset and dimension.whole is not None:
            text = dimension.whole
        ru.append(f"{dimension.label.ru}: {text.ru}")
        en.append(f"{dimension.label.en}: {text.en}")
    for name, words in _EDGES.items():
        if name in row:
            try:
                edge = day(date.fromisoformat(row[name][:10]))
            except ValueError:
                edge = Text("—", "—")  # the records themselves say what is wrong with it
            ru.append(words.ru.format(edge.ru))
            en.append(words.en.format(edge.en))
    return Text("; ".join(ru), "; ".join(en))


_EDGES = {
    "bucket": Text("Отрезок с {}", "Bucket from {}"),
    UNTIL: Text("С начала периода по {} включительно", "From the beginning of the period to {}, that day included"),
}


def _dimension_text(
    directory: Directory, kind: str | None, entity: str | None, pipeline: int | None, value: str, *, unset: bool
) -> Text:
    number = int(value) if not unset and value.isdigit() else None
    match kind:
        case "pipelines":
            return directory.pipeline(number)
        case "managers":
            return directory.manager(number)
        case "departments":
            return directory.department(number)
        case "sources":
            return directory.source(None if unset else value)
        case str(table) if table in directory.names:
            return directory.called(table, number)
        case "stages":
            return directory.stage(entity or SALE.id, pipeline, None if unset else value)
        case "weeks":
            week = named(value)
            return dates_text(week) if week else Text(value, value)
        case "fields":
            return directory.field(entity or SALE.id, value)
        case "loss_reasons":
            if unset:
                return NOT_SET
            if directory.loss_reason_field is None:
                return directory.stage(SALE.id, pipeline, value)
            return value_text(directory, f"uf.{directory.loss_reason_field}", value)
    return NOT_SET if unset else Text(value, value)


def number_text(value: Value, unit: Unit) -> Text:
    """A plain number inside a formula, the field's separators of each language."""
    if value is None:
        return Text("—", "—")
    if unit is Unit.RATIO:
        shown = f"{float(value) * 100:,.1f}".removesuffix(".0") + " %"  # type: ignore[arg-type]
    elif unit is Unit.TIMES:
        shown = f"×{float(value):,.1f}"  # type: ignore[arg-type]
    elif unit is Unit.COUNT:
        whole = isinstance(value, float) and not value.is_integer()
        shown = f"{value:,.1f}" if whole else f"{int(value):,}"  # type: ignore[arg-type]
    elif isinstance(value, Decimal | float | int):
        shown = f"{value:,.2f}" if unit is Unit.MONEY else f"{value:,.1f}"
    else:
        shown = str(value)
    return Text(shown.replace(",", "\u00a0").replace(".", ",").replace(" %", "\u00a0%"), shown)
