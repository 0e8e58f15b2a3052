"""An id means one definition over all reports, in what they declare and in what they print (docs/metrics.md, section 0.1)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from dash_app.engine.blocks import Block
from dash_app.engine.language import Figure, Measure, Report, parts_of
from dash_app.reports.service import ReportService
from dash_app.web.discovery import discover
from tests.figures.facts_builder import Published, random_portal, service_of

OF_THE_ROWS = frozenset({"count", "amount", "days_mean", "days_median", "days_p90"})
"""Ids of break-downs that speak of the rows of their own block."""
OF_A_KIND = {"overdue": {"tasks", "activities"}, "over": {"deals", "leads"}, "over_amount": {"deals", "leads"}}
"""Ids that say the same of several kinds of records: open, its deadline before as-of (sections 5 and 7); longer in its stage than the norm."""
REPORTS = discover()


def declared(block: Block) -> Iterator[Figure]:
    """Every figure of a block: shown, a part of one, opened from a note, said of a note's number, counted by its own code."""
    for figure in block.figures:
        yield figure
        yield from parts_of(figure)
    yield from block.sources
    for left in block.notes:
        yield left.measure
        if left.of is not None:
            yield left.of


def meaning(block: Block, figure: Figure) -> tuple[object, ...]:
    """Predicate, value, what it speaks of and its words; of what the block adds to the predicate, all that narrows it."""
    adds = tuple(sorted(block.when))
    if block.where and not (isinstance(figure, Measure) and block.where in figure.where):
        adds += (block.where,)
    return figure, adds


def kind_of(figure: Figure) -> str:
    parts = [part for part in parts_of(figure) if isinstance(part, Measure)]
    return parts[0].fact if parts else ""


def test_what_is_declared_under_one_id_is_one_definition() -> None:
    found: dict[tuple[str, str], dict[object, set[str]]] = {}
    for report in REPORTS:
        for block in report.blocks:
            for figure in declared(block):
                if figure.id in OF_THE_ROWS:
                    continue
                kind = kind_of(figure) if figure.id in OF_A_KIND else ""
                meanings = found.setdefault((figure.id, kind), {})
                meanings.setdefault(meaning(block, figure), set()).add(f"{report.slug}.{block.id}")
    several = {name: list(meanings.values()) for name, meanings in found.items() if len(meanings) > 1}
    assert several == {}
    assert {name: {kind for known, kind in found if known == name} for name in OF_A_KIND} == OF_A_KIND
    assert len(found) > 100


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> ReportService:
    return service_of(Published(random_portal(tmp_path_factory.mktemp("ids") / "facts.duckdb", 4)), *REPORTS)


def test_what_is_printed_under_one_id_says_the_same_everywhere(service: ReportService) -> None:
    """Columns made by a block's own code too: unit, name and words of an id are the same in every block."""
    found: dict[str, dict[object, set[str]]] = {}
    for report in REPORTS:
        query = service.parse(report, {"from": ["2026-02-01"], "to": ["2026-02-28"], "compare": ["previous"]})
        for block in report.blocks:
            if block.view == "list":
                continue
            for column in service.block(report, block.id, query).columns:
                if column.role not in ("figure", "part") or column.id in {*OF_THE_ROWS, *OF_A_KIND}:
                    continue
                said = (column.unit, column.label, column.help)
                found.setdefault(column.id, {}).setdefault(said, set()).add(f"{report.slug}.{block.id}")
    several = {name: sorted(map(sorted, places.values())) for name, places in found.items() if len(places) > 1}
    assert several == {}


@pytest.mark.parametrize("report", REPORTS, ids=lambda report: report.slug)
def test_a_renamed_id_is_no_id_of_the_report_and_leads_to_one_that_is(report: Report) -> None:
    known = {figure.id for block in report.blocks for figure in declared(block)}
    assert not set(report.renamed) & known
    assert set(report.renamed.values()) <= known


CONTRACT = (
    (
        "sales-dynamics",
        "summary",
        "leads_created deals_created deals_created_amount deals_won deals_won_amount deals_lost deals_lost_amount deals_in_work deals_in_work_amount "
        "average_check median_check cycle_mean cycle_median cycle_p90 conversion_cohort conversion_worked win_rate velocity",
    ),
    (
        "sales-dynamics",
        "dynamics",
        "leads_created deals_created deals_created_amount deals_won deals_won_amount deals_lost",
    ),
    ("sales-dynamics", "deal_stages lead_stages", "count amount days_mean days_median days_p90 over over_amount"),
    (
        "sales-dynamics",
        "funnel",
        "entered reached from_first from_previous lost_here moved_out_here stage_days_median returned",
    ),
    ("sales-dynamics", "losses", "count amount days_median"),
    ("sales-dynamics", "customers", "deals_created deals_won deals_won_amount"),
    (
        "manager-effectiveness",
        "managers team departments",
        "calls_out calls_in emails_out messages meetings todos calls_missed activity_points activity_index deals_created deals_created_amount deals_won "
        "deals_won_amount deals_lost deals_in_work deals_in_work_amount average_check cycle_mean cycle_median cycle_p90 conversion_cohort conversion_worked "
        "win_rate win_rate_amount maturity first_response_median first_response_p90 within_15m no_response",
    ),
    (
        "sales-plan",
        "plan departments total",
        "plan_amount fact_amount attainment remaining plan_count fact_count elapsed expected_by_now pace run_rate forecast forecast_p10 forecast_p90 "
        "p_plan coverage needed_pipeline bonus_earned",
    ),
    (
        "marketing",
        "sources utm",
        "leads_created lead_to_deal deals_created created_won deal_to_won lead_to_won won_amount created_average_check created_cycle_median junk_share "
        "first_response_median",
    ),
    ("marketing", "sources", "cost cost_per_lead cost_per_won romi"),
    ("marketing", "source_managers", "deals_created created_won"),
    (
        "team-performance",
        "summary dynamics projects departments employees department_dynamics",
        "set completed completed_on_time completed_late overdue not_started in_progress start_on_time finish_on_time execution",
    ),
    ("forgotten", "summary", "leads_forgotten deals_forgotten deals_forgotten_amount snoozed at_risk"),
    (
        "overdue-activities",
        "summary managers departments",
        "open overdue overdue_today overdue_share overdue_days_median oldest_days on_closed_cards no_next_step incoming_unprocessed",
    ),
    (
        "leaders-week",
        "leaders",
        "department_id manager_id week promised added done on_time slipped tasks_promised tasks_done activities_slipped execution execution_base execution_delta "
        "attainment attainment_base overdue overdue_base overdue_delta forgotten_deals forgotten_deals_delta forgotten_leads forgotten_leads_base note",
    ),
    (
        "card-audit",
        "fields",
        "entity field_id field pipeline_id pipeline filled total fill_rate fill_rate_num fill_rate_den",
    ),
    ("card-audit", "checks", "check violations share share_num share_den"),
    ("card-audit", "managers departments weeks", "cards violations clean_share clean_share_num clean_share_den"),
    ("card-audit", "unused", "entity field_id recent_filled recent_total recent_fill_rate"),
)
"""Report, blocks, ids of their columns that programs may count on."""


@pytest.mark.parametrize(("slug", "blocks", "ids"), CONTRACT)
def test_ids_that_programs_read_are_printed(service: ReportService, slug: str, blocks: str, ids: str) -> None:
    report = service.report(slug)
    query = service.parse(report, {"from": ["2026-02-01"], "to": ["2026-02-28"]}, interface=False)
    for block in blocks.split():
        printed = {column.id for column in service.block(report, block, query).columns}
        assert set(ids.split()) <= printed, block
