"""The URL and the filter controls say the same. One circular callback; the URL alone remembers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from dash import ALL, Dash, Input, Output, State, ctx, no_update

from dash_app.engine.language import Report
from dash_app.engine.query import Query
from dash_app.errors import BadInput, NoData
from dash_app.reports.session import Session
from dash_app.services import Services
from dash_app.web import ids
from dash_app.web.pages import report_at
from dash_app.web.period_choices import CUSTOM
from dash_app.web.state import AddressParams, params_of
from dash_app.web.words import IN_CARDS

Controls = tuple[Any, ...]
PLAIN = 7
"""Single controls: preset, dates, comparison, base dates, whole base, alignment, as-of; lists of filters and options follow."""
STEPS = {ids.EARLIER: -1, ids.LATER: 1}


def controls_of(
    query: Query,
    filters: list[str],
    options: list[str],
    numbers: Mapping[str, float] | None = None,
    moment: datetime | None = None,
) -> Controls:
    """What the controls show for a query: preset, dates, compare, base dates, whole base, alignment, as-of, filters, options.

    ``numbers``: options that are numbers, with what their controls show on reports that do not have them. ``moment``: local as-of.
    """
    mode = query.compare_mode
    return (
        query.preset or CUSTOM,
        [None, None] if query.preset == "all" else [query.period.start.isoformat(), query.period.end.isoformat()],
        IN_CARDS if mode is None else mode if mode in ("none", "previous", "year") else CUSTOM,
        [query.compare.start.isoformat(), query.compare.end.isoformat()] if query.compare else [None, None],
        query.whole_base,
        query.align == "working_days",
        f"{moment:%Y-%m-%d %H:%M:%S}" if moment and query.as_of else None,
        [sorted(query.filters.of(name)) for name in filters],
        [
            float(query.option(name) or numbers[name]) if numbers and name in numbers else query.option(name) or "auto"
            for name in options
        ],
    )


def params_from(controls: Controls, filters: list[str], options: list[str], changed: object) -> AddressParams | None:
    """The query string's parameters the controls mean; None while a date range is half chosen."""
    preset, dates, compare, base_dates, whole_base, align, as_of, values, chosen = controls
    params: AddressParams = {}
    if changed == ids.DATES or preset == CUSTOM or not preset:
        days = _range(dates)
        if days is None:
            return None
        params.update({"from": [days[0]], "to": [days[1]]})
    else:
        params["period"] = [str(preset)]
    if compare == CUSTOM:
        days = _range(base_dates)
        if days is None:
            return None
        params["compare"] = [f"{days[0]}..{days[1]}"]
    elif compare in ("none", "previous", "year"):
        params["compare"] = [compare]
    if whole_base is True and compare != "none":
        params["whole_base"] = ["1"]
    if align is True and compare != "none":
        params["align"] = ["working_days"]
    if changed == ids.AS_OF_SHOW and isinstance(as_of, str) and as_of:
        params["as_of"] = [as_of[:40]]
    for name, picked in zip(filters, values, strict=False):
        if isinstance(picked, list) and picked:
            params[name] = [str(value) for value in picked]
    for name, value in zip(options, chosen, strict=False):
        params[name] = ["" if value == "auto" else str(value)]
    return params


def _range(value: object) -> tuple[str, str] | None:
    if not (isinstance(value, list) and len(value) == 2 and all(isinstance(v, str) and v for v in value)):
        return None
    return value[0][:10], value[1][:10]


def register(app: Dash, services: Services) -> None:
    """URL <-> controls."""

    def query_or_bare(reports: Session, report: Report, params: AddressParams) -> Query:
        try:
            return reports.parse(report, params)
        except BadInput:  # the page says so (callbacks.filters); the controls show what a bare address means
            return reports.parse(report, {})

    @app.callback(
        Output(ids.URL, "search"),
        Output(ids.PRESET, "value"),
        Output(ids.DATES, "value"),
        Output(ids.COMPARE, "value"),
        Output(ids.BASE_DATES, "value"),
        Output(ids.WHOLE_BASE, "checked"),
        Output(ids.ALIGN, "checked"),
        Output(ids.AS_OF, "value"),
        Output(ids.filter_(ALL), "value"),
        Output(ids.option(ALL), "value"),
        Input(ids.URL, "search"),
        Input(ids.URL, "pathname"),
        Input(ids.PRESET, "value"),
        Input(ids.DATES, "value"),
        Input(ids.COMPARE, "value"),
        Input(ids.BASE_DATES, "value"),
        Input(ids.WHOLE_BASE, "checked"),
        Input(ids.ALIGN, "checked"),
        Input(ids.filter_(ALL), "value"),
        Input(ids.option(ALL), "value"),
        Input(ids.AS_OF_SHOW, "n_clicks"),
        Input(ids.EARLIER, "n_clicks"),
        Input(ids.LATER, "n_clicks"),
        State(ids.AS_OF, "value"),
        State(ids.filter_(ALL), "id"),
        State(ids.option(ALL), "id"),
    )
    def synchronise(search: Any, pathname: Any, *rest: Any) -> tuple[Any, ...]:
        *single, filter_values, option_values, _show, _earlier, _later, as_of, filter_ids, option_ids = rest
        controls = [*single, as_of, filter_values, option_values]
        filters = [str(i["name"]) for i in filter_ids]
        options = [str(i["name"]) for i in option_ids]
        silent = (no_update,) * (PLAIN + 1) + ([no_update] * len(filters), [no_update] * len(options))
        reports = services.session()
        report = report_at(reports, pathname)
        if report is None:
            return silent
        numbers = {o.id: float(o.default) for other in reports.reports() for o in other.options if o.number}
        given = params_of(search)
        changed = _changed()
        try:
            bare = query_or_bare(reports, report, given)
            shown = controls_of(bare, filters, options, numbers, reports.moment(bare))
            if changed in (None, ids.URL) or _came_with_the_page(changed, option_values, shown[-1]):
                return (no_update, *_told(shown, controls), *map(_news, shown[PLAIN:], controls[PLAIN:]))
            values = list(controls)
            if changed == ids.COMPARE and values[2] == CUSTOM and _range(values[3]) is None:
                values[3] = _year_before(values[1])
            params = params_from(tuple(values), filters, options, changed)
            if params is None:
                return silent
            params = {
                name: given_values
                for name, given_values in params.items()
                if name not in options or name in _own(report)
            }
            missing = {name for name in _own(report) if name not in options and name in given}
            params.update({name: given[name] for name in missing})  # their controls are not there yet
            if "as_of" in given and changed != ids.AS_OF_SHOW:
                params["as_of"] = given["as_of"]
            query = reports.parse(report, params)
            if isinstance(changed, str) and changed in STEPS:
                query = reports.stepped(query, STEPS[changed])
        except NoData:
            return silent
        text = reports.query_string(report, query)
        shown = controls_of(query, filters, options, numbers, reports.moment(query))
        target = f"?{text}" if text else ""
        same = target == (search or "")
        return (
            no_update if same else target,
            *_told(shown, controls),
            [no_update] * len(filters),
            [no_update] * len(options),
        )

    def _own(report: Report) -> set[str]:
        return {option.id for option in report.options}


def _changed() -> object:
    """What asks. The address before controls that changed with it: after Back and Forward controls that were just drawn ask in the same request, while
    the others still show the address before."""
    return ids.URL if ids.URL in ctx.triggered_prop_ids.values() else ctx.triggered_id


def _came_with_the_page(changed: object, values: list[Any], shown: list[Any]) -> bool:
    """Whether what changed are options' controls that were just drawn, at the values of the address: nobody chose anything, and the other controls
    may not show the address yet."""
    return isinstance(changed, Mapping) and changed.get("type") == ids.option("")["type"] and values == shown


def _told(shown: Controls, known: Sequence[Any]) -> tuple[Any, ...]:
    """Values of the single controls that do not show them yet."""
    return tuple(no_update if value == had else value for value, had in zip(shown[:PLAIN], known[:PLAIN], strict=True))


def _news(shown: list[Any], known: Any) -> list[Any]:
    """Values of controls that do not show them yet; a control that is told what it shows is drawn anew all the same."""
    return [
        no_update if isinstance(known, list) and i < len(known) and value == known[i] else value
        for i, value in enumerate(shown)
    ]


def _year_before(dates: object) -> list[str] | list[None]:
    days = _range(dates)
    if days is None:
        return [None, None]
    moved = []
    for text in days:
        day = date.fromisoformat(text)
        moved.append(day.replace(year=day.year - 1, day=28 if (day.month, day.day) == (2, 29) else day.day).isoformat())
    return moved
