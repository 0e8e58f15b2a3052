"""Anything senseless in a URL or a command line is answered with a sentence, never with an error or a silent zero."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_app.errors import BadInput, NoData, UserError
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from pages.sales_dynamics import REPORT
from tests.figures.facts_builder import Facts, Published, service_of
from tests.thorough import asked

NASTY = [
    "'; DROP TABLE deals; --",
    '"><script>alert(1)</script>',
    "1 OR 1=1",
    "../../etc/passwd",
    "%00",
    "$start",
    "-1",
    "1e9",
    "½",
    "９",
    "\x00",
]


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> ReportService:
    facts = Facts(tmp_path_factory.mktemp("facts") / "portal.duckdb")
    facts.manager(1, "Анна")
    facts.deal(1, "2026-03-05 10:00")
    return service_of(Published(facts.done()), REPORT)


@pytest.mark.parametrize(
    "name", ["pipeline", "department", "manager", "source", "status", "stage", "customer", "uf.UF_CRM_X"]
)
@pytest.mark.parametrize("value", [*NASTY, "999999"])
def test_unknown_filter_values_are_named(service: ReportService, name: str, value: str) -> None:
    with pytest.raises(BadInput) as error:
        service.parse(REPORT, {name: [value]})
    assert error.value.text.ru.endswith(".")


@pytest.mark.parametrize(
    "params",
    [
        {"from": ["2026-02-10"], "to": ["2026-02-01"]},
        {"from": ["2026-02-30"], "to": ["2026-03-01"]},
        {"from": ["2026-02-01"]},
        {"period": ["вчерашний"]},
        {"compare": ["soon"]},
        {"compare": ["2026-02-30..2026-03-01"]},
        {"grain": ["hour"]},
        {"in_work_only": ["maybe"]},
        {"as_of": ["yesterday"]},
    ],
)
def test_senseless_periods_and_options_are_refused(service: ReportService, params: dict[str, list[str]]) -> None:
    with pytest.raises(BadInput):
        service.parse(REPORT, params)


def test_ten_thousand_ids_are_refused_with_their_number(service: ReportService) -> None:
    with pytest.raises(BadInput) as error:
        service.parse(REPORT, {"manager": [str(i) for i in range(10_000)]})
    assert "10000" in error.value.text.ru


def test_unknown_parameters_are_ignored(service: ReportService) -> None:
    assert service.parse(REPORT, {"utm_source": ["letter"], "fbclid": ["x"]}) == service.parse(REPORT, {})


@settings(max_examples=asked(60), deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(["from", "to", "period", "compare", "pipeline", "stage", "grain", "as_of", "source"]),
        st.lists(st.text(max_size=30), max_size=3),
    )
)
def test_any_text_is_parsed_or_refused_with_a_sentence(service: ReportService, params: dict[str, list[str]]) -> None:
    try:
        query = service.parse(REPORT, params)
    except UserError as error:
        assert error.text.ru and error.text.en
    else:
        assert service.block(REPORT, "summary", query).rows


@pytest.mark.parametrize(
    "row", [{"pipeline_id": v} for v in NASTY] + [{"bucket": v} for v in NASTY] + [{"nonsense": "1"}]
)
def test_rows_of_a_drill_are_values_never_code(service: ReportService, row: dict[str, str]) -> None:
    query = service.parse(REPORT, {})
    block = "dynamics" if "bucket" in row else "deal_stages"
    try:
        page = service.records(
            REPORT, block, "deals_won" if block == "dynamics" else "count", row, query, GridRequest()
        )
    except BadInput:
        return
    assert page.total == (1 if "nonsense" in row else 0)


@pytest.mark.parametrize(
    "model",
    [
        {"amount; DROP": {"type": "equals", "filter": 1}},
        {"amount": {"type": "equals", "filter": "много"}},
        {"title": {"type": "regex", "filter": "x"}},
        {"created": {"type": "equals", "dateFrom": "2026-02-31"}},
        {"title": 5},
    ],
)
def test_grid_filters_are_refused_with_a_sentence(service: ReportService, model: dict[str, object]) -> None:
    with pytest.raises(BadInput):
        service.records(REPORT, "deals", "", {}, service.parse(REPORT, {}), GridRequest(filters=model))


def test_unknown_block_figure_and_report_are_named(service: ReportService) -> None:
    query = service.parse(REPORT, {})
    for call in (
        lambda: service.report("nope"),
        lambda: service.block(REPORT, "nope", query),
        lambda: service.records(REPORT, "summary", "nope", {}, query, GridRequest()),
        lambda: service.records(REPORT, "summary", "deals_won_base", {}, query, GridRequest()),
    ):
        with pytest.raises(BadInput):
            call()


def test_before_the_first_refresh_the_sentence_says_what_to_do() -> None:
    with pytest.raises(NoData) as error:
        ReportService(lambda: None, [REPORT]).parse(REPORT, {})
    assert "Обновить" in error.value.text.ru


@pytest.mark.parametrize("deals", [0, 1])
def test_empty_portal_and_portal_with_one_deal_answer_every_block(tmp_path: Path, deals: int) -> None:
    facts = Facts(tmp_path / "portal.duckdb")
    if deals:
        facts.deal(1, "2026-03-05 10:00", stage="GONE", manager=77, source="OLD")
    service = service_of(Published(facts.done()), REPORT)
    query = service.parse(REPORT, {"compare": ["year"]})
    for block in REPORT.blocks:
        if block.view == "list":
            assert service.records(REPORT, block.id, "", {}, query, GridRequest()).total in (0, 1)
        else:
            service.block(REPORT, block.id, query)
    if deals:
        (row,) = service.block(REPORT, "deal_stages", query).rows
        assert row["stage"] == "C1:GONE (удалена)"


def test_a_list_of_records_has_no_answer(service: ReportService) -> None:
    with pytest.raises(BadInput) as error:
        service.block(REPORT, "deals", service.parse(REPORT, {}))
    assert "list of records" in error.value.text.en
