"""A query string (or command line) as a typed Query, and back. Anything senseless is answered with a sentence."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from dash_app.engine.directory import Directory
from dash_app.engine.entered import NOTHING, Entered
from dash_app.engine.filters import PREFIX, Filter, known_filters, ordered, own_field
from dash_app.engine.language import Option, Report
from dash_app.engine.periods import PRESETS, base_period, parse_date, period_of, preset_period, to_local
from dash_app.engine.query import Filters, Period, Query
from dash_app.engine.units import named
from dash_app.errors import BadInput
from dash_app.text import Text

Params = Mapping[str, Sequence[str]]
"""A parsed query string: name -> values."""

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


def parse(
    report: Report, params: Params, directory: Directory, *, interface: bool = True, typed: Entered = NOTHING
) -> Query:
    """Typed query of a report. Unknown names are ignored (a link may carry marks of its own), wrong values are BadInput with a sentence.

    ``interface``: a page asks, which has defaults of its own. Dates are local days of the data's time zone.
    """
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
        compare_mode=mode,
        whole_base=_one(params, "whole_base") in ("1", "true"),
        align=_align(params),
        filters=_filters(params, directory),
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


def default_of(option: Option, typed: Entered, *, interface: bool) -> str:
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


def _options(report: Report, params: Params, typed: Entered, *, interface: bool) -> tuple[tuple[str, str], ...]:
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


def _values(params: Params, name: str, what: Text) -> frozenset[str]:
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
            raise _not_found(what, value)
    return values


def _filters(params: Params, directory: Directory) -> Filters:
    chosen: dict[str, frozenset[str]] = {}
    for known in known_filters().values():
        chosen[known.id] = _checked(known, _values(params, known.id, known.genitive), directory)
    for name in sorted(n for n in params if n.startswith(PREFIX)):
        values = _values(params, name, Text("Значения", "value"))
        if values:
            field = own_field(name.removeprefix(PREFIX), directory)
            if not field.fields:
                shown = _shown(field.column)
                raise BadInput(
                    Text(
                        f"Поля «{shown}», по значениям которого можно отобрать, нет на портале. Уберите этот фильтр.",
                        f"There is no field “{shown}” in the portal whose values can filter. Remove this filter.",
                    )
                )
            chosen[name] = _checked(field, values, directory)
    return Filters.by(chosen)


def _checked(known: Filter, values: frozenset[str], directory: Directory) -> frozenset[str]:
    """The values of a filter; BadInput where the portal has no such one."""
    for value in sorted(values):
        if not known.takes(directory, value):
            raise _not_found(known.genitive, value, hidden=directory.is_limited and not known.id.startswith(PREFIX))
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


def query_string(report: Report, query: Query, typed: Entered = NOTHING) -> str:
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
    for name in ordered(query.filters.ids):
        pairs += [(name, value) for value in sorted(query.filters.of(name))]
    for option in report.options:
        default = default_of(option, typed, interface=True)
        value = query.option(option.id, default)
        if value != default:
            pairs.append((option.id, value))
    if query.as_of or query.too_late:
        pairs.append(("as_of", f"{query.as_of or query.too_late}+00:00"))
    return urlencode(pairs)


__all__ = ["ALIGNMENTS", "PRESETS", "parse", "query_string"]
