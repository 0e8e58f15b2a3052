"""What the filter bar says of the query: chips, hidden people, a wrong address, the options of each control."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dash import ALL, ClientsideFunction, Dash, Input, Output, State, dcc, html, no_update

from dash_app.engine.filters import Choice, is_offered, known_filters
from dash_app.engine.periods import ALL_START
from dash_app.engine.query import Query
from dash_app.engine.result import Note
from dash_app.errors import BadInput, NoData
from dash_app.reports.api import Base, Chip
from dash_app.services import Services
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.web import ids, language, words
from dash_app.web.errors import notice
from dash_app.web.filterbar import MAIN, choice_data
from dash_app.web.frame import chip_link, icon
from dash_app.web.pages import HOME, report_at
from dash_app.web.period_choices import Offer
from dash_app.web.state import AddressParams, params_of, search_of, slug_of, without_drawer


def chips_of(
    chips: list[Chip], params: AddressParams, path: str, lang: Lang, *, anything: bool, moment: datetime | None = None
) -> list[Any]:
    """Chips of all active filters and «Сбросить всё» when anything is set. ``moment``: the earlier local instant shown."""
    found: list[Any] = [chip_link(c.text.of(lang), f"{path}?{c.without}" if c.without else path, lang) for c in chips]
    if moment is not None:
        shown = words.AS_IT_WAS_AT.of(lang).format(when=fmt.instant(moment, lang))
        found.append(chip_link(shown, path + search_of(at_present(params)), lang))
    if anything:
        found.append(dcc.Link(words.RESET.of(lang), href=path, className="reset"))
    return found


def at_present(params: AddressParams) -> AddressParams:
    """The same page without an earlier instant."""
    return {name: values for name, values in params.items() if name != "as_of"}


def as_of_line(query: Query, moment: datetime, remarks: Sequence[Note], back: str, lang: Lang) -> html.Div | None:
    """«Как было 15.10.2026, 12:00», what is to be known of it, and the way back to the data's own moment; None where the page speaks of that."""
    if query.as_of is None and not remarks:
        return None
    said = words.AS_IT_WAS_AT.of(lang).format(when=fmt.instant(moment, lang)) if query.as_of else None
    return html.Div(
        [
            icon("clock-history"),
            html.Div(
                [html.Strong(said) if said else None, *(html.Span(note.text.of(lang)) for note in remarks)],
                className="as-of-words",
            ),
            dcc.Link(words.BACK_TO_NOW.of(lang), href=back, className="button button-quiet button-small"),
        ],
        className="as-of-line",
    )


def base_line(base: Base | None, lang: Lang) -> str | None:
    """«к 01.10–20.10.2026»: the days compared with; None without a comparison."""
    if base is None:
        return None
    last = min(base.until.date(), base.period.end)
    if base.period.start == ALL_START:
        return words.BASE_LINE.of(lang).format(dates=fmt.day(last, lang))
    return words.BASE_LINE.of(lang).format(dates=fmt.days_short(base.period.start, last, lang))


def changed(new: list[Any], known: list[Any]) -> list[Any]:
    """Only what differs from what the browser has: a control that is told what it knows is drawn anew all the same."""
    return [no_update if i < len(known) and value == known[i] else value for i, value in enumerate(new)]


def register(app: Dash, services: Services) -> None:
    """Chips, lines and options."""

    def of_home(params: AddressParams, lang: Lang) -> html.Div | None:
        """The start page speaks of an earlier instant like any other."""
        reports = services.session()
        try:
            query = reports.parse(reports.reports()[0], {"as_of": params.get("as_of", [])})
            return as_of_line(query, reports.moment(query), reports.remarks(query), "/", lang)
        except (NoData, BadInput, IndexError):
            return None

    @app.callback(
        Output(ids.FILTERS, "className"),
        Output(ids.CHIPS, "children"),
        Output(ids.HIDDEN, "children"),
        Output(ids.FILTER_ALERT, "children"),
        Output("period-line", "children"),
        Output("filter-sheet-label", "children"),
        Output(ids.AS_OF_LINE, "children"),
        Output(ids.PRESET, "data"),
        Output(ids.PERIODS, "data"),
        Output(ids.EARLIER, "disabled"),
        Output(ids.LATER, "disabled"),
        Output("base-dates-box", "hidden"),
        Output("whole-base-box", "hidden"),
        Output(ids.BASE_LINE, "children"),
        Output(ids.BASE_LINE, "title"),
        Output(ids.filter_box(ALL), "hidden"),
        Input(ids.URL, "search"),
        Input(ids.URL, "pathname"),
        Input(ids.SNAPSHOT, "data"),
        State(ids.filter_box(ALL), "id"),
        State(ids.filter_box(ALL), "hidden"),
        State(ids.PERIODS, "data"),
    )
    def describe(
        search: Any,
        pathname: Any,
        _: Any,
        boxes: list[dict[str, str]],
        hidden_boxes: list[Any],
        offered: Any,
    ) -> tuple[Any, ...]:
        lang, reports = language.current(), services.session()
        report = report_at(reports, pathname)
        nothing = (
            "filters is-off",
            None,
            None,
            None,
            None,
            words.FILTERS.of(lang),
            None,
            no_update,
            no_update,
            False,
            False,
            True,
            True,
            None,
            "",
            [no_update] * len(boxes),
        )
        if report is None:
            line = of_home(params_of(search), lang) if slug_of(pathname) == HOME else None
            return (*nothing[:6], line, *nothing[7:])
        params = without_drawer(params_of(search))
        shown = changed([not is_offered(report, box["name"]) for box in boxes], hidden_boxes)
        try:
            query = reports.parse(report, params)
            chips = reports.chips(report, query)
            hidden = reports.hidden(report, query)
            anything = reports.query_string(report, query) != ""
            offer = Offer.of(reports, query)
        except NoData:
            return nothing
        except BadInput as error:
            path = f"/{report.slug}"
            way_out = dcc.Link(words.RESET_BAD.of(lang), href=path, className="button button-quiet")
            return (
                "filters",
                None,
                None,
                notice(error.text, lang, more=way_out),
                None,
                words.FILTERS.of(lang),
                None,
                no_update,
                no_update,
                False,
                False,
                True,
                True,
                None,
                "",
                shown,
            )
        here, moment = f"/{report.slug}", reports.moment(query)
        base_words = reports.base_text(query)
        label = words.FILTERS_OF.of(lang).format(n=len(chips)) if chips else words.FILTERS.of(lang)
        return (
            "filters",
            chips_of(chips, params, here, lang, anything=anything, moment=moment if query.as_of else None),
            [icon("eye-slash"), html.Span(hidden.of(lang))] if hidden else None,
            None,
            _period_line(query, reports.period_text(query), lang),
            label,
            as_of_line(query, moment, reports.remarks(query), here + search_of(at_present(params)), lang),
            no_update if offer.key == offered else offer.choices(lang),
            no_update if offer.key == offered else offer.key,
            query.preset == "all",
            query.preset == "all",
            query.compare_mode in (None, "none", "previous", "year"),
            query.compare_mode == "none",
            base_line(reports.base(query), lang),
            base_words.of(lang) if base_words else "",
            shown,
        )

    @app.callback(
        Output(ids.filter_(ALL), "data"),
        Output(ids.filter_(ALL), "placeholder"),
        Input(ids.FILLED, "data"),
        Input(ids.URL, "pathname"),
        Input(ids.SNAPSHOT, "data"),
        Input(ids.MORE, "is_open"),
        State(ids.filter_(ALL), "id"),
        State(ids.filter_(ALL), "placeholder"),
        State(ids.URL, "search"),
    )
    def offer(
        _: Any,
        pathname: Any,
        __: Any,
        more: Any,
        controls: list[dict[str, str]],
        known_placeholders: list[Any],
        search: Any,
    ) -> tuple[list[Any], list[Any]]:
        lang, reports = language.current(), services.session()
        names = [str(control["name"]) for control in controls]
        silent = [no_update] * len(names)
        report = report_at(reports, pathname)
        if report is None:
            return silent, silent
        try:
            query = reports.parse(report, without_drawer(params_of(search)))
        except NoData:
            return silent, silent
        except BadInput:
            query = reports.parse(report, {})
        titles = {
            **{f.id: f.title.of(lang) for f in known_filters().values()},
            **{f"uf.{f}": t.of(lang) for f, t in reports.field_filters(report)},
        }
        chips = reports.chips(report, query)
        data: list[Any] = []
        placeholders: list[Any] = []
        for name in names:
            chosen = [chip for chip in chips if chip.filter == name]
            title = titles.get(name, name)
            placeholders.append(f"{title}: {len(chosen)}" if chosen else title)
            if not is_offered(report, name) or not (more is True or name in MAIN or chosen):
                data.append(no_update)
                continue
            choices = reports.choices(report, name, query, lang=lang)
            known = {choice.value for choice in choices}
            choices += [
                Choice(chip.value, chip.text.of(lang).partition(": ")[2], 0, inactive=True)
                for chip in chosen
                if chip.value not in known
            ]  # a chosen value never goes missing from its own list
            data.append(choice_data(choices, lang))
        return data, changed(placeholders, known_placeholders)

    app.clientside_callback(
        ClientsideFunction("shell", "shares"),
        Output(ids.option_shown(ALL), "children"),
        Input(ids.option(ALL), "value"),
        State(ids.option(ALL), "id"),
        State(ids.option_shown(ALL), "id"),
    )


def _period_line(query: Query, period: Text, lang: Lang) -> str:
    line = period.of(lang)
    if query.compare is not None:
        line += (
            " · " + words.COMPARE_MODES.get(query.compare_mode or "", words.COMPARE_MODES["custom"]).of(lang).lower()
        )
    return line
