"""A query string (or command line) as a typed Query, and back. Anything senseless is answered with a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dash_app.engine.directory import NONE, YES_NO, Directory
from dash_app.engine.language import Option, Report
from dash_app.engine.periods import PRESETS, base_period, parse_date, period_of, preset_period, to_local
from dash_app.engine.query import FILTERS, Filters, Period, Query
from dash_app.engine.typed import NOTHING, Typed
from dash_app.engine.units import named
from dash_app.errors import BadInput
from dash_app.text import Text

Params = Mapping[str, Sequence[str]]

STATUSES: dict[str, Text] = {
    "in_work": Text("В работе", "In work"),
    "won": Text("Выиграна", "Won"),
    "lost": Text("Проиграна", "Lost"),
}
CUSTOMERS: dict[str, Text] = {"new": Text("Новый", "New"), "repeat": Text("Повторный", "Repeat")}

ALIGNMENTS: dict[str, Text] = {
    "calendar": Text("По календарю", "By the calendar"),
    "working_days": Text("По рабочим дням", "By working days"),
}
"""How the base of a running period is cut."""

MOST_VALUES = 500
MOST_TEXT = 200


def _one(params: Params, name: str) -> str | None:
    values = params.get(name)
    return values[-1].strip() or None if values else None


def _shown(value: str) -> str:
    """A person's own value inside a sentence, short."""
    return value if len(value) <= 40 else value[:40] + "…"


def _not_found(what: Text, value: str, *, hidden: bool = False) -> BadInput:
    """``hidden``: it may be there, but not for who asks; which of the two it is, is not said."""
    shown = _shown(value)
    unseen = Text(" или вам не видно", " that you may see") if hidden else Text("", "")
    return BadInput(
        Text(
            f"{what.ru} «{shown}» нет на портале{unseen.ru}. Уберите этот фильтр или выберите значение из списка.",
            f"There is no {what.en} “{shown}” in the portal{unseen.en}. Remove this filter or choose a value from the list.",
        )
    )


_WHAT = {
    "pipeline": Text("Воронки", "pipeline"),
    "department": Text("Отдела", "department"),
    "manager": Text("Менеджера", "manager"),
    "source": Text("Источника", "source"),
    "status": Text("Статуса", "status"),
    "stage": Text("Стадии", "stage"),
    "customer": Text("Вида клиента", "customer kind"),
    "project": Text("Проекта", "project"),
    "tag": Text("Метки", "tag"),
}


def parse(
    report: Report, params: Params, directory: Directory, *, interface: bool = True, typed: Typed = NOTHING
) -> Query:
    """Typed query of a report. Unknown names are ignored (a link may carry marks of its own), wrong values are not."""
    as_of, too_late = _instant(params, directory)
    zone, first_month = ZoneInfo(directory.timezone), typed.preferences.fiscal_year_month
    today = to_local(directory.as_of if as_of is None else datetime.fromisoformat(as_of), zone).date()
    period, preset = _period(report, params, today, first_month)
    mode = _one(params, "compare")
    compare = None
    if mode and mode != "none":
        compare = base_period(period, mode, first_month)
    options = _options(report, params, typed, interface=interface)
    return Query(
        period=period,
        preset=preset,
        compare=compare,
        compare_mode=mode if compare else None,
        whole_base=_one(params, "whole_base") in ("1", "true"),
        align=_align(params),
        filters=_filters(report, params, directory),
        options=options,
        as_of=as_of,
        too_late=too_late,
    )


def _align(params: Params) -> str:
    value = _one(params, "align") or "calendar"
    if value not in ALIGNMENTS:
        raise BadInput(
            Text(
                f"Выравнивание «{_shown(value)}» неизвестно. Есть: {', '.join(ALIGNMENTS)}.",
                f"There is no alignment “{_shown(value)}”. There are: {', '.join(ALIGNMENTS)}.",
            )
        )
    return value


def _period(report: Report, params: Params, today: date, first_month: int) -> tuple[Period, str | None]:
    start, end, preset = _one(params, "from"), _one(params, "to"), _one(params, "period")
    if start or end:
        if not (start and end):
            raise BadInput(
                Text(
                    "У периода указан только один край. Задайте обе даты: from и to.",
                    "Only one end of the period is given. Give both dates: from and to.",
                )
            )
        return period_of(parse_date(start), parse_date(end)), None
    preset = preset or report.default_period
    if preset not in PRESETS and named(preset.upper(), first_month):
        preset = preset.upper()
    return preset_period(preset, today, first_month), preset


def default_of(option: Option, typed: Typed, *, interface: bool) -> str:
    """What an option is when nobody chooses: a setting where it names one, else the page's or the contract's default."""
    if option.of_settings:
        chosen = getattr(typed.preferences, option.of_settings)
        return f"{chosen:g}" if isinstance(chosen, int | float | Decimal) else str(chosen)
    return option.interface if interface and option.interface is not None else option.default


def _number(option: Option, value: str) -> str:
    """A number inside the option's bounds, spelled one way; BadInput otherwise."""
    assert option.number
    least, most, _ = option.number
    try:
        number = float(value.replace(",", "."))
    except ValueError:
        number = float("nan")
    if not least <= number <= most:
        raise BadInput(
            Text(
                f"Настройка «{option.label.ru}» – число от {least:g} до {most:g}, а не «{_shown(value)}».",
                f"The option “{option.label.en}” is a number from {least:g} to {most:g}, not “{_shown(value)}”.",
            )
        )
    return f"{number:g}"


def _options(report: Report, params: Params, typed: Typed, *, interface: bool) -> tuple[tuple[str, str], ...]:
    chosen = []
    for option in report.options:
        value = _one(params, option.id)
        if value is None:
            value = default_of(option, typed, interface=interface)
        elif option.number:
            value = _number(option, value)
        elif option.values and value not in option.values:
            known = ", ".join(v for v in option.values if v)
            raise BadInput(
                Text(
                    f"У настройки «{option.label.ru}» нет значения «{_shown(value)}». Есть: {known}.",
                    f"The option “{option.label.en}” has no value “{_shown(value)}”. There are: {known}.",
                )
            )
        chosen.append((option.id, value))
    return tuple(chosen)


def _values(params: Params, name: str) -> frozenset[str]:
    given = params.get(name, ())
    if len(given) > MOST_VALUES:
        raise BadInput(
            Text(
                f"В фильтре «{name}» {len(given)} значений, а можно не больше {MOST_VALUES}. Выберите отдел или воронку целиком.",
                f"The filter “{name}” has {len(given)} values, at most {MOST_VALUES} are possible. Choose a whole department or pipeline.",
            )
        )
    values = frozenset(v.strip() for v in given if v.strip())
    for value in values:
        if len(value) > MOST_TEXT:
            raise _not_found(_WHAT.get(name, Text("Значения", "value")), value)
    return values


def _filters(report: Report, params: Params, directory: Directory) -> Filters:
    found: dict[str, frozenset[str]] = {}
    known: dict[str, object] = {
        "pipeline": directory.pipelines,
        "department": directory.departments,
        "manager": directory.managers,
        "source": directory.sources,
        "status": STATUSES,
        "stage": {stage_id for _, _, stage_id in directory.stages},
        "customer": CUSTOMERS,
        "project": directory.workgroups,
        "tag": directory.tags,
    }
    for name in FILTERS:
        values = _values(params, name)
        for value in sorted(values):
            if not _is_known(name, value, known[name]):
                raise _not_found(_WHAT[name], value, hidden=directory.is_limited)
        found[name] = values
    fields = []
    for name in sorted(n for n in params if n.startswith("uf.")):
        values = _values(params, name)
        if values:
            fields.append((name.removeprefix("uf."), _field_values(name.removeprefix("uf."), values, directory)))
    return Filters(**found, fields=tuple(fields))


def _is_known(name: str, value: str, known: object) -> bool:
    if name in ("pipeline", "department", "manager", "project"):
        if value == NONE:
            return name != "pipeline"
        return value.isascii() and value.isdigit() and len(value) < 10 and int(value) in known  # type: ignore[operator]
    return (name in ("source", "stage", "tag") and value == NONE) or value in known  # type: ignore[operator]


def _field_values(field: str, values: frozenset[str], directory: Directory) -> frozenset[str]:
    metas = [meta for (_, known), meta in directory.fields.items() if known == field and meta.type.filters]
    if not metas:
        raise BadInput(
            Text(
                f"Поля «{_shown(field)}», по значениям которого можно отобрать, нет на портале. Уберите этот фильтр.",
                f"There is no field “{_shown(field)}” in the portal whose values can filter. Remove this filter.",
            )
        )
    for value in values:
        flag = any(m.type.kind == "flag" for m in metas) and value in YES_NO
        if value != NONE and not flag and not any(value in m.options for m in metas):
            raise _not_found(Text(f"Значения поля «{metas[0].label}»", f"value of the field “{metas[0].label}”"), value)
    return values


def _instant(params: Params, directory: Directory) -> tuple[str | None, str | None]:
    """(the earlier instant asked for, one asked for that lies after the data): naive UTC, ISO."""
    text = _one(params, "as_of")
    if text is None:
        return None, None
    try:
        # an offset typed into an address by hand: its plus reads as a space
        moment = datetime.fromisoformat(text.replace(" ", "+") if "T" in text else text)
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(directory.timezone))
        moment = moment.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise BadInput(
            Text(
                f"Момента «{_shown(text)}» не существует. Укажите его так: 2026-02-28T18:00:00+03:00.",
                f"There is no instant “{_shown(text)}”. Write it like this: 2026-02-28T18:00:00+03:00.",
            )
        ) from None
    if moment >= directory.as_of:
        return None, moment.isoformat() if moment > directory.as_of else None
    return moment.isoformat(), None


def query_string(report: Report, query: Query, typed: Typed = NOTHING) -> str:
    """Canonical query string: parse(query_string(q)) == q; the bare address gives ''."""
    pairs: list[tuple[str, str]] = []
    if query.preset:
        if query.preset != report.default_period:
            pairs.append(("period", query.preset))
    else:
        pairs += [("from", query.period.start.isoformat()), ("to", query.period.end.isoformat())]
    if query.compare_mode:
        pairs.append(("compare", query.compare_mode))
    if query.whole_base:
        pairs.append(("whole_base", "1"))
    if query.align != "calendar":
        pairs.append(("align", query.align))
    for name in FILTERS:
        pairs += [(name, value) for value in sorted(getattr(query.filters, name))]
    for field, values in query.filters.fields:
        pairs += [(f"uf.{field}", value) for value in sorted(values)]
    for option in report.options:
        default = default_of(option, typed, interface=True)
        value = query.option(option.id, default)
        if value != default:
            pairs.append((option.id, value))
    if query.as_of or query.too_late:
        pairs.append(("as_of", f"{query.as_of or query.too_late}+00:00"))
    return urlencode(pairs)


__all__ = ["ALIGNMENTS", "CUSTOMERS", "FILTERS", "PRESETS", "STATUSES", "parse", "query_string"]
