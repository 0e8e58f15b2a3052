"""The URL is the only memory of filters; the bar shows it, and a wrong address is a sentence on a usable page."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote

import pytest

from tests.web.conftest import Call

SYNC = "url.search"
FILTERS = ("pipeline", "department", "manager", "status", "source", "stage", "customer", "uf.UF_CRM_KIND")
OPTIONS = ("grain", "in_work_only")
F_VALUE, F_ID = '{"name":["ALL"],"type":"filter"}.value', '{"name":["ALL"],"type":"filter"}.id'
O_VALUE, O_ID = '{"name":["ALL"],"type":"option"}.value', '{"name":["ALL"],"type":"option"}.id'


def wild(kind: str, names: tuple[str, ...], prop: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    return [{"id": {"name": n, "type": kind}, "property": prop, "value": values.get(n)} for n in names]


def bar(search: str = "", **controls: Any) -> dict[str, Any]:
    """What the browser sends: the address and every control."""
    filters = {**dict.fromkeys(FILTERS, []), **controls.pop("filters", {})}
    options = {"grain": "auto", "in_work_only": "true", **controls.pop("options", {})}
    return {
        "url.search": search,
        "url.pathname": "/sales-dynamics",
        "filter-preset.value": "this_month",
        "filter-dates.value": ["2026-03-01", "2026-03-31"],
        "filter-compare.value": "cards",
        "filter-base-dates.value": [None, None],
        "filter-whole-base.checked": False,
        "filter-align.checked": False,
        F_VALUE: wild("filter", FILTERS, "value", filters),
        F_ID: [{**d, "value": d["id"]} for d in wild("filter", FILTERS, "id", {})],
        O_VALUE: wild("option", OPTIONS, "value", options),
        O_ID: [{**d, "value": d["id"]} for d in wild("option", OPTIONS, "id", {})],
        "outputs " + F_VALUE.rpartition(".")[0] + ".value": wild("filter", FILTERS, "value", {}),
        "outputs " + O_VALUE.rpartition(".")[0] + ".value": wild("option", OPTIONS, "value", {}),
        **controls,
    }


def had(given: dict[str, Any]) -> dict[str, Any]:
    """What the controls showed before: those the answer does not name show it still."""
    plain = {name.partition(".")[0]: value for name, value in given.items() if name.startswith("filter-")}
    return {**plain, **{d["id"]["name"]: d["value"] for d in given[F_VALUE] + given[O_VALUE]}}


def controls(answer: Any, before: dict[str, Any] | None = None) -> dict[str, Any]:
    found: dict[str, Any] = dict(before or {})
    for name, props in (answer or {"response": {}})["response"].items():
        key = json.loads(name)["name"] if name.startswith("{") else name
        found[key] = next(iter(props.values()))
    return found


def test_the_controls_show_what_the_address_says(call: Call) -> None:
    given = bar("?from=2026-02-01&to=2026-02-28&compare=year&pipeline=2&status=won&uf.UF_CRM_KIND=1&grain=week")
    answer = call(SYNC, given, "url.search")
    shown = controls(answer, had(given))
    assert not {"manager", "in_work_only", "filter-whole-base"} & set(
        controls(answer)
    )  # what they show already is not told again
    assert "url" not in shown  # the address stays as it is
    assert (shown["filter-preset"], shown["filter-dates"], shown["filter-compare"]) == (
        "custom",
        ["2026-02-01", "2026-02-28"],
        "year",
    )
    assert (shown["pipeline"], shown["status"], shown["uf.UF_CRM_KIND"], shown["manager"]) == (
        ["2"],
        ["won"],
        ["1"],
        [],
    )
    assert (shown["grain"], shown["in_work_only"]) == ("week", "true")


@pytest.mark.parametrize(
    ("changed", "given", "search"),
    [
        ("filter-preset.value", {"filter-preset.value": "last_quarter"}, "?period=last_quarter"),
        ("filter-dates.value", {"filter-dates.value": ["2026-02-01", "2026-02-10"]}, "?from=2026-02-01&to=2026-02-10"),
        ("filter-compare.value", {"filter-compare.value": "previous"}, "?compare=previous"),
        ("filter-compare.value", {"filter-compare.value": "none"}, "?compare=none"),
        ("filter-compare.value", {"filter-compare.value": "cards", "url.search": "?compare=none"}, ""),
        ("filter-compare.value", {"filter-compare.value": "custom"}, "?compare=2025-03-01..2025-03-31"),
        ('{"name":"pipeline","type":"filter"}.value', {"filters": {"pipeline": ["2", "1"]}}, "?pipeline=1&pipeline=2"),
        ('{"name":"grain","type":"option"}.value', {"options": {"grain": "day"}}, "?grain=day"),
        ("filter-preset.value", {"filter-preset.value": "2026-02"}, "?period=2026-02"),
        (
            "filter-align.checked",
            {"filter-align.checked": True, "filter-compare.value": "previous"},
            "?compare=previous&align=working_days",
        ),
        ("filter-align.checked", {"filter-align.checked": True}, "?align=working_days"),  # of the cards' base
        (
            "filter-align.checked",
            {"filter-align.checked": True, "filter-compare.value": "none"},
            "?compare=none",
        ),  # nothing is compared: nothing is cut
        (
            "filter-as-of-show.n_clicks",
            {"filter-as-of.value": "2026-02-10 18:30:00"},
            "?as_of=2026-02-10T15:30:00+00:00",
        ),
        ("filter-as-of-show.n_clicks", {"url.search": "?as_of=2026-02-10", "filter-as-of.value": None}, ""),
        ("filter-preset.value", {"url.search": "?as_of=2026-02-10T00:00:00+03:00"}, "?as_of=2026-02-09T21:00:00+00:00"),
        ("filter-earlier.n_clicks", {}, "?period=2026-02"),
        ("filter-later.n_clicks", {"filter-preset.value": "2026-02"}, ""),  # the running month is the default again
        ("filter-earlier.n_clicks", {"filter-preset.value": "last_quarter"}, "?period=2025-Q3"),
        ("filter-later.n_clicks", {"filter-preset.value": "last_year"}, "?period=this_year"),
        ("filter-earlier.n_clicks", {"filter-preset.value": "2026-W01"}, "?period=2025-W52"),
        ("filter-earlier.n_clicks", {"filter-preset.value": "last_7"}, "?from=2026-03-07&to=2026-03-13"),
        (
            "filter-earlier.n_clicks",
            {"filter-preset.value": "custom", "filter-dates.value": ["2026-01-29", "2026-02-02"]},
            "?from=2026-01-24&to=2026-01-28",
        ),
        ("filter-earlier.n_clicks", {"filter-preset.value": "all"}, "?period=all"),
        ("filter-earlier.n_clicks", {"filter-preset.value": "1990-01"}, "?period=1990-01"),
        (
            "filter-earlier.n_clicks",
            {
                "filter-preset.value": "2026-02",
                "filter-compare.value": "previous",
                "url.search": "?drill=summary.deals_won",
            },
            "?period=2026-01&compare=previous",
        ),
    ],
)
def test_a_control_writes_the_address(call: Call, changed: str, given: dict[str, Any], search: str) -> None:
    assert (
        controls(call(SYNC, bar(**given), changed))
        .get("url", given.get("url.search", ""))
        .replace("%2E", ".")
        .replace("%3A", ":")
        .replace("%2B", "+")
        == search
    )


def test_the_controls_show_the_instant_and_the_alignment_of_the_address(call: Call) -> None:
    given = bar("?compare=previous&align=working_days&as_of=2026-02-10T18:30:00%2B03:00")
    shown = controls(call(SYNC, given, "url.search"), had(given))
    assert (shown["filter-align"], shown["filter-as-of"]) == (True, "2026-02-10 18:30:00")
    assert shown["filter-dates"] == ["2026-02-01", "2026-02-28"]  # this month was February then


def test_a_half_chosen_range_changes_nothing(call: Call) -> None:
    assert "url" not in controls(
        call(SYNC, bar(**{"filter-dates.value": ["2026-02-01", None]}), "filter-dates.value") or {"response": {}}
    )


DESCRIBE = "chips.children"
BOXES = {
    '{"name":["ALL"],"type":"filter-box"}.id': [{**d, "value": d["id"]} for d in wild("filter-box", FILTERS, "id", {})],
    'outputs {"name":["ALL"],"type":"filter-box"}.hidden': wild("filter-box", FILTERS, "hidden", {}),
}


def described(call: Call, search: str) -> str:
    return json.dumps(
        call(DESCRIBE, {"url.search": search, "url.pathname": "/sales-dynamics", **BOXES}, "url.search"),
        ensure_ascii=False,
    )


def test_active_filters_are_chips_with_a_way_back(call: Call) -> None:
    said = described(call, "?pipeline=2&manager=1")
    assert "Воронка: Опт" in said and "Менеджер: Менеджер 1" in said and "Сбросить всё" in said
    assert "/sales-dynamics?manager=1" in said  # without the pipeline
    assert "Показаны" in said
    assert "Сбросить всё" not in described(call, "")


@pytest.mark.parametrize(
    "search",
    [
        "?pipeline=999",
        "?from=2026-02-30&to=2026-03-01",
        "?from=2026-03-02&to=2026-03-01",
        "?period=never",
        "?compare=x",
        "?manager=" + quote("1 OR 1=1"),
        "?stage=" + quote("<script>alert(1)</script>"),
        "?uf.UF_CRM_X=1",
        "?source=" + quote("'; DROP TABLE deals; --"),
        "?grain=eon",
        "?as_of=yesterday",
        "?" + "&".join(f"manager={n}" for n in range(10_000)),
        "?pipeline=%ff%fe",
    ],
)
def test_a_wrong_address_is_a_sentence_on_a_usable_page(call: Call, search: str) -> None:
    said = described(call, search)
    assert "notice-warning" in said and "Сбросить фильтры" in said and "Traceback" not in said
    given = bar(search, **{"filter-preset.value": "last_year"})
    shown = controls(call(SYNC, given, "url.search"), had(given))
    assert shown["filter-preset"] == "this_month"


def filled(call: Call, block: str, search: str) -> str:
    """What a block of the report shows."""
    at = {"report": "sales-dynamics", "id": block}
    values = {
        f'{{"id":["MATCH"],"report":["MATCH"],"type":"{kind}"}}.{prop}': {
            "id": {**at, "type": kind},
            "property": prop,
            "value": value,
        }
        for kind, prop, value in (
            ("block-query", "data", search),
            ("block-shape", "n_clicks", None),
            ("block-look", "data", None),
            ("block", "id", {**at, "type": "block"}),
        )
    }
    output = '{"id":["MATCH"],"report":["MATCH"],"type":"block"}.children'
    given = {**values, f"outputs {output}": {"id": {**at, "type": "block"}, "property": "children"}}
    return json.dumps(call(output, given), ensure_ascii=False)


def test_cards_are_compared_until_it_is_switched_off_and_tables_only_when_asked(call: Call) -> None:
    based = "summary.deals_won_base"
    assert based in filled(call, "summary", "") and based in filled(call, "summary", "?compare=previous")
    assert based not in filled(call, "summary", "?compare=none")
    assert "deal_stages.count_base" not in filled(call, "deal_stages", "")
    assert "deal_stages.count_base" in filled(call, "deal_stages", "?compare=previous")


def test_the_dates_compared_with_stand_beside_the_switch(call: Call) -> None:
    assert "к 01.02–20.02.2026" in described(call, "")  # cut at the day of the data
    assert "к 01.03–20.03.2025" in described(call, "?compare=year")
    assert "к 01.02" not in described(call, "?compare=none")


def test_the_number_of_a_base_nobody_chose_opens_its_records(call: Call) -> None:
    asked = {"drawer-query.data": "?drill=summary.deals_won_base", "url.pathname": "/sales-dynamics"}
    said = json.dumps(call("drawer-title.children", asked, "drawer-query.data"), ensure_ascii=False)
    assert "records-line" in said and "01.02.2026" in said


def test_options_stand_in_their_block_or_behind_the_settings_as_the_address_says(call: Call) -> None:
    shown = call(
        "page.children",
        {"url.pathname": "/sales-dynamics", "url.search": "?grain=week&state=now&stuck_days=14"},
        "url.pathname",
    )["response"]
    page, settings = (json.dumps(shown[name]["children"]) for name in ("page", "report-settings"))
    for name, value, here, elsewhere in (
        ("grain", '"week"', page, settings),
        ("stuck_days", "14.0", page, settings),
        ("state", '"now"', settings, page),
    ):
        assert f'"name": "{name}"' in here and value in here
        assert f'"name": "{name}"' not in elsewhere


@pytest.mark.parametrize("search", ["?pipeline=2&manager=1", "?pipeline=999"])
def test_controls_that_come_with_the_page_leave_the_address_alone(call: Call, search: str) -> None:
    """The filters' controls do not show the address yet: they must not overwrite it."""
    given = bar(search)
    shown = controls(call(SYNC, given, '{"name":"grain","type":"option"}.value'), had(given))
    assert "url" not in shown
    assert shown["pipeline"] == (["2"] if "manager" in search else [])


def test_an_option_of_the_address_stays_while_its_control_is_not_there_yet(call: Call) -> None:
    given = bar("?state=now&grain=week", **{"filter-compare.value": "year", "options": {"grain": "week"}})
    assert controls(call(SYNC, given, "filter-compare.value"))["url"] == "?compare=year&grain=week&state=now"


def test_markup_in_the_address_stays_text(call: Call) -> None:
    assert '"namespace": "dash_html_components", "type": "Script"' not in described(call, "?stage=<script>1</script>")


def test_an_earlier_instant_is_said_with_a_way_back_to_now(call: Call) -> None:
    said = described(call, "?as_of=2026-02-10T18:30:00%2B03:00&pipeline=2")
    assert "Как было 10.02.2026, 18:30" in said and "сегодняшние" in said
    assert '"href": "/sales-dynamics?pipeline=2"' in said and "К текущим данным" in said
    assert "Как было" not in described(call, "?pipeline=2")
    late = described(call, "?as_of=2026-04-10T18:30:00%2B03:00")
    assert "а данные взяты 20.03.2026, 12:00" in late and "К текущим данным" in late


def test_a_period_that_the_grid_does_not_hold_is_offered_beside_it(call: Call) -> None:
    assert "Неделя 5, 2026" in described(call, "?period=2026-W05")
    assert "Неделя 5, 2026" not in described(call, "?period=2026-02")
    assert "Февраль 2011" in described(call, "?period=2011-02")


def test_the_start_page_speaks_of_an_earlier_instant_too(call: Call) -> None:
    search = "?as_of=2026-02-10T18:30:00%2B03:00"
    given = {"url.search": search, "url.pathname": "/", **BOXES}
    assert "Как было 10.02.2026, 18:30" in json.dumps(call(DESCRIBE, given, "url.search"), ensure_ascii=False)
    page = json.dumps(call("page.children", {"url.pathname": "/", "url.search": search}, "url.pathname"))
    assert '"href": "/sales-dynamics?as_of=2026-02-10T18%3A30%3A00%2B03%3A00"' in page


def test_a_drawer_says_that_it_speaks_of_an_earlier_instant(call: Call) -> None:
    def drawer(search: str) -> str:
        asked = {"drawer-query.data": search, "url.pathname": "/sales-dynamics"}
        return json.dumps(call("drawer-title.children", asked, "drawer-query.data"), ensure_ascii=False)

    assert "Как было 10.02.2026, 18:30" in drawer("?drill=summary.deals_won&as_of=2026-02-10T18:30:00%2B03:00")
    assert "Как было" not in drawer("?drill=summary.deals_won")


def test_a_kept_link_to_a_renamed_figure_opens_it(call: Call) -> None:
    for search in ("?drill=sources.deals_won&row.source_id=WEB", "?explain=sources.deals_won&row.source_id=WEB"):
        asked = {"drawer-query.data": search, "url.pathname": "/marketing"}
        said = json.dumps(call("drawer-title.children", asked, "drawer-query.data"), ensure_ascii=False)
        assert "Выиграно из созданных" in said and "в этом блоке нет" not in said
