"""The filter bar: the same controls on every page. They show what the URL says and remember nothing themselves."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import dash_bootstrap_components as dbc
import dash_mantine_components as dmc
from dash import html

from dash_app.engine.filters import Choice, known_filters
from dash_app.text import Lang, Text
from dash_app.views.scene import attrs
from dash_app.web import ids, words
from dash_app.web.frame import icon

MAIN = tuple(f.id for f in known_filters().values() if f.main)
"""Filters whose choices are there at once; those of the others come when «Фильтр» is opened."""


def choice_data(choices: Sequence[Choice], lang: Lang) -> list[dict[str, Any]]:
    """Choices for a multi-select: groups keep their order, departments their depth; counts and inactivity are drawn by
    ``renderChoice`` of ``assets/shell/40-choices.js``. No two items share a value (mantine breaks on that)."""
    by_id = {c.value: c for c in choices}
    items: list[dict[str, Any]] = []
    groups: dict[str, dict[str, Any]] = {}
    seen: set[str] = set()
    for choice in _as_tree(choices):
        if choice.value in seen:
            continue
        seen.add(choice.value)
        item = {
            "value": choice.value,
            "label": choice.label,
            "count": choice.count,
            "depth": _depth(choice, by_id),
            "inactive": choice.inactive,
        }
        if choice.group is None:
            items.append(item)
        else:
            group = groups.get(choice.group)
            if group is None:
                group = groups[choice.group] = {"group": choice.group, "items": []}
                items.append(group)
            group["items"].append(item)
    return items


def _depth(choice: Choice, by_id: dict[str, Choice]) -> int:
    depth, parent = 0, choice.parent
    while parent is not None and parent in by_id and depth < 12:
        depth, parent = depth + 1, by_id[parent].parent
    return depth


def _as_tree(choices: Sequence[Choice]) -> list[Choice]:
    """Children right under their parent, however they came."""
    if all(c.parent is None for c in choices):
        return list(choices)
    known = {c.value for c in choices}
    children: dict[str | None, list[Choice]] = {}
    for choice in choices:
        children.setdefault(choice.parent if choice.parent in known else None, []).append(choice)
    ordered: list[Choice] = []

    def walk(parent: str | None, depth: int) -> None:
        for choice in children.get(parent, ()):
            ordered.append(choice)
            if depth < 12:
                walk(choice.value, depth + 1)

    walk(None, 0)
    return ordered


def filter_bar(
    fields: Sequence[tuple[str, Text]],
    periods: list[dict[str, Any]],
    today: date,
    lang: Lang,
) -> html.Section:
    """The bar for all reports, one row: the period, what it is compared with, the way to the filters, the chosen ones. What does not apply to
    the report on screen is hidden by a callback. ``periods``: what the period control offers, ``today``: the local day of the data.
    """
    main = [_filter(f.id, f.title, lang) for f in known_filters().values() if f.main]
    rest = [_filter(f.id, f.title, lang) for f in known_filters().values() if not f.main] + [
        _filter(f"uf.{f}", label, lang) for f, label in fields
    ]
    rest += [_as_of(today, lang), _of_base(lang)]
    more = html.Button(
        [icon("plus-lg"), html.Span(words.ADD_FILTER.of(lang))],
        id=ids.MORE_BUTTON,
        className="button button-quiet more-button",
        type="button",
        n_clicks=0,
        **attrs({"aria-expanded": "false", "aria-controls": ids.MORE}),
    )
    sheet = html.Div(
        [
            html.Div(
                [
                    html.H2(words.FILTERS.of(lang)),
                    html.Button(
                        icon("x-lg"),
                        id=ids.FILTER_SHEET_CLOSE,
                        className="tool",
                        type="button",
                        **attrs({"aria-label": words.CLOSE.of(lang)}),
                    ),
                ],
                className="sheet-head",
            ),
            html.Div(
                [
                    _period(periods, lang),
                    html.Div(
                        [_comparison(lang), html.Span("\u00a0", id=ids.BASE_LINE, className="base-line")],
                        className="compared-with",
                    ),
                    more,
                    html.Div(id=ids.REPORT_SETTINGS, className="settings-slot"),
                ],
                className="controls",
            ),
            dbc.Collapse(
                [
                    html.Div(main, className="controls controls-main"),
                    html.Div(rest, className="controls controls-rest"),
                ],
                id=ids.MORE,
                is_open=False,
                className="more-filters",
            ),
            html.Button(
                words.SHOW.of(lang),
                className="button button-primary sheet-done",
                type="button",
                **attrs({"data-close-sheet": "true"}),
            ),
        ],
        id=ids.FILTER_SHEET,
        className="sheet",
    )
    opener = html.Button(
        [icon("sliders"), html.Span(words.FILTERS.of(lang), id="filter-sheet-label")],
        id=ids.FILTER_SHEET_BUTTON,
        className="button button-quiet sheet-button",
        type="button",
        **attrs({"aria-expanded": "false", "aria-controls": ids.FILTER_SHEET}),
    )
    return html.Section(
        [
            opener,
            html.Div(id="period-line", className="period-line"),
            sheet,
            html.Div(id=ids.CHIPS, className="chips", **attrs({"aria-live": "polite"})),
            html.Div(id=ids.HIDDEN, className="hidden-line"),
            html.Div(id=ids.FILTER_ALERT),
        ],
        id=ids.FILTERS,
        className="filters is-waiting",
        **attrs({"aria-label": words.FILTERS.of(lang)}),
    )


def _step(name: str, sign: str, label: Text, lang: Lang) -> html.Button:
    """An arrow to the period before or after."""
    return html.Button(
        icon(sign),
        id=name,
        className="button button-quiet period-step",
        type="button",
        n_clicks=0,
        title=label.of(lang),
        **attrs({"aria-label": label.of(lang)}),
    )


def _period(periods: list[dict[str, Any]], lang: Lang) -> html.Div:
    return html.Div(
        [
            _step(ids.EARLIER, "chevron-left", words.EARLIER, lang),
            dmc.Select(
                id=ids.PRESET,
                data=periods,
                value=None,
                allowDeselect=False,
                size="sm",
                maxDropdownHeight=470,
                className="control control-preset",
                classNames={"dropdown": "period-dropdown"},
                renderOption={"function": "renderPeriod"},
                withCheckIcon=False,
                attributes={"input": {"aria-label": words.PERIOD.of(lang)}},
                comboboxProps={"width": "min(380px, calc(100vw - 24px))", "position": "bottom-start"},
                placeholder=words.PERIOD.of(lang),
            ),
            _dates(ids.DATES, words.DATES, lang),
            _step(ids.LATER, "chevron-right", words.LATER, lang),
        ],
        className="joined joined-period",
        role="group",
        **attrs({"aria-label": words.PERIOD.of(lang)}),
    )


def _dates(name: str, label: Text, lang: Lang) -> dmc.DatePickerInput:
    return dmc.DatePickerInput(
        id=name,
        type="range",
        value=[None, None],
        allowSingleDateInRange=True,
        size="sm",
        labelSeparator="–",
        className="control control-dates",
        valueFormat="DD.MM.YYYY" if lang == "ru" else "YYYY-MM-DD",
        numberOfColumns=2,
        columnsToScroll=1,
        placeholder=label.of(lang),
        attributes={"input": {"aria-label": label.of(lang)}},
        ariaLabels={"previousMonth": words.PREVIOUS.of(lang), "nextMonth": words.NEXT.of(lang)},
        popoverProps={"position": "bottom-start", "attributes": {"dropdown": {"aria-label": label.of(lang)}}},
    )


def _comparison(lang: Lang) -> html.Div:
    return html.Div(
        [
            dmc.Select(
                id=ids.COMPARE,
                data=[{"value": mode, "label": text.of(lang)} for mode, text in words.COMPARE_MODES.items()],
                value=words.IN_CARDS,
                allowDeselect=False,
                size="sm",
                className="control control-compare",
                attributes={"input": {"aria-label": words.COMPARISON.of(lang)}},
                comboboxProps={"width": 220, "position": "bottom-start"},
            ),
            html.Div(_dates(ids.BASE_DATES, words.BASE_DATES, lang), id="base-dates-box", hidden=True),
        ],
        className="joined",
        role="group",
        **attrs({"aria-label": words.COMPARISON.of(lang)}),
    )


def _of_base(lang: Lang) -> html.Div:
    """How the base of an unfinished period is cut."""
    switches = (
        (ids.WHOLE_BASE, words.WHOLE_BASE, words.WHOLE_BASE_HELP),
        (ids.ALIGN, words.ALIGN, words.ALIGN_HELP),
    )
    return html.Div(
        [
            html.Div(
                dmc.Switch(id=name, label=label.of(lang), description=help_.of(lang), checked=False, size="sm"),
                className="control-switch",
            )
            for name, label, help_ in switches
        ],
        id="whole-base-box",
        className="control-switches",
        hidden=True,
    )


def _as_of(today: date, lang: Lang) -> html.Div:
    """An earlier instant to show the report as of: chosen, then shown, for each instant is worked out anew."""
    return html.Div(
        [
            dmc.DateTimePicker(
                id=ids.AS_OF,
                value=None,
                defaultDate=today.isoformat(),
                size="sm",
                className="control control-as-of",
                valueFormat="DD.MM.YYYY, HH:mm" if lang == "ru" else "YYYY-MM-DD, HH:mm",
                placeholder=words.AS_IT_WAS.of(lang),
                leftSection=icon("clock-history"),
                clearable=True,
                attributes={"input": {"aria-label": words.AS_IT_WAS_HELP.of(lang)}},
                clearButtonProps={"aria-label": words.CLEAR.of(lang)},
                ariaLabels={"previousMonth": words.PREVIOUS.of(lang), "nextMonth": words.NEXT.of(lang)},
                popoverProps={
                    "position": "bottom-start",
                    "attributes": {"dropdown": {"aria-label": words.AS_IT_WAS_HELP.of(lang)}},
                },
            ),
            html.Button(
                words.AS_OF_SHOW.of(lang),
                id=ids.AS_OF_SHOW,
                className="button button-quiet as-of-show",
                type="button",
                n_clicks=0,
            ),
        ],
        className="joined joined-as-of",
        role="group",
        title=words.AS_IT_WAS_HELP.of(lang),
        **attrs({"aria-label": words.AS_IT_WAS.of(lang)}),
    )


def _filter(name: str, label: Text, lang: Lang) -> html.Div:
    shown = label.of(lang)
    return html.Div(
        dmc.MultiSelect(
            id=ids.filter_(name),
            data=[],
            value=[],
            placeholder=shown,
            searchable=True,
            clearable=False,
            size="sm",
            maxDropdownHeight=380,
            nothingFoundMessage=words.NOTHING_FOUND.of(lang),
            hidePickedOptions=False,
            className="control control-filter",
            renderOption={"function": "renderChoice"},
            attributes={"inputField": {"aria-label": shown}},
            comboboxProps={"width": 320, "position": "bottom-start"},
            withCheckIcon=False,
            clearSearchOnChange=False,
        ),
        id=ids.filter_box(name),
        className="control-box",
    )
