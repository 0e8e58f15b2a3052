"""Companies of hard cases through the protocol, ``sync`` and the command line against a plain reading of metrics.md."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dash_app.__main__ import main
from dash_app.demo.testing import running_portal
from tests.protocol.nasty import ROLES, SUCCESS, TODAY, Company
from tests.protocol.plain_reading import Filters, Reading, Record

WORLDS = {
    "moscow": (1, "Europe/Moscow", False),
    "replayed": (2, "Europe/Moscow", True),
    "berlin": (3, "Europe/Berlin", False),
    "new_york": (4, "America/New_York", True),
}
"""name -> (seed, zone of the portal's days, whether every card has its history)."""
EVERYTHING = (date(2024, 1, 1), date(2026, 12, 31))
PERIODS = (
    (date(2026, 10, 1), date(2026, 10, 31)),
    (date(2026, 11, 1), date(2026, 11, 30)),
    (date(2024, 2, 29), date(2024, 2, 29)),
    (date(2025, 12, 29), date(2026, 1, 4)),
    EVERYTHING,
    (date(2028, 1, 1), date(2028, 1, 31)),
)
CARD_FILTERS: tuple[Filters, ...] = (
    {"pipeline": ["5"]},
    {"department": ["5"]},
    {"department": ["none"]},
    {"manager": ["7", "77"]},
    {"source": ["none"]},
    {"source": ["WEB", "GONE"]},
    {"status": ["in_work"]},
    {"status": ["won"]},
    {"status": ["lost"]},
    {"stage": ["NEW"]},
    {"customer": ["repeat"], "pipeline": ["0", "5"], "department": ["1"]},
)
PEOPLE_FILTERS: tuple[Filters, ...] = ({}, {"department": ["5"]}, {"department": ["none"]}, {"manager": ["7", "8"]})
ABOUT_DEALS = ("pipeline", "stage")
"""Filters that say nothing of leads, or not what they say of deals."""


class World:
    """One loaded company and the two ways to ask about it."""

    def __init__(self, database: Path, environment: dict[str, str], zone: str, histories: bool, output: Path) -> None:
        self.database, self.environment, self.zone, self.histories, self.output = (
            database,
            environment,
            zone,
            histories,
            output,
        )

    def report(
        self, slug: str, period: tuple[date, date] | None = None, filters: Filters | None = None, **options: Any
    ) -> Record:
        dates = ["--from", period[0].isoformat(), "--to", period[1].isoformat()] if period else []
        chosen = [part for name, values in (filters or {}).items() for value in values for part in (f"--{name}", value)]
        for name, value in options.items():
            chosen += (
                [f"--{name.replace('_', '-')}", value]
                if name in ("as_of", "compare")
                else ["--option", f"{name}={value}"]
            )
        with pytest.MonkeyPatch.context() as patch:
            for name, value in self.environment.items():
                patch.setenv(name, value)
            assert main(["report", slug, *dates, *chosen, "--output", str(self.output)]) == 0
        found: Record = json.loads(self.output.read_text())
        return found

    def knows_states(self, reading: Reading, end: float) -> bool:
        """Where a card without history stood before, nobody knows."""
        return self.histories or end >= reading.as_of

    def reading(self, document: Record) -> Reading:
        return Reading(self.database, datetime.fromisoformat(document["as_of"]).timestamp(), ROLES, SUCCESS, self.zone)


@pytest.fixture(scope="module", params=list(WORLDS))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    seed, zone, histories = WORLDS[request.param]
    folder = tmp_path_factory.mktemp("nasty")
    Company(folder / "company.sqlite", seed, histories=histories)
    with running_portal(database=folder / "company.sqlite", today=TODAY + timedelta(days=1)) as portal:
        environment = {
            "B24_WEBHOOK_URL": portal.webhook,
            "DATA_DIR": str(folder / "data"),
            "REQUESTS_PER_SECOND": "10000",
            "REQUEST_BURST": "10000",
        }
        with pytest.MonkeyPatch.context() as patch:
            for name, value in environment.items():
                patch.setenv(name, value)
            for name, setting in (
                ("pipeline_roles", json.dumps(ROLES)),
                ("success_stages", json.dumps(SUCCESS)),
                ("time_zone", zone),
            ):
                assert main(["workspace", "set", name, setting]) == 0
            assert main(["sync"]) == 0
        yield World(folder / "company.sqlite", environment, zone, histories, folder / "answer.json")


def without_states(figures: Record) -> Record:
    return {name: value for name, value in figures.items() if not name.startswith("deals_in_work")}


def agrees(expected: Record, printed: Record, *where: Any) -> None:
    for name, value in expected.items():
        close = 0.0051 if any(word in name for word in ("amount", "check", "velocity")) else 1e-6
        assert printed[name] == (value if value is None else pytest.approx(value, rel=1e-9, abs=close)), (*where, name)


def rows_agree(expected: dict[Any, Record], printed: list[Record], key: Callable[[Record], Any], *where: Any) -> None:
    found = {key(row): row for row in printed}
    assert found.keys() == expected.keys() and len(found) == len(printed), where
    for name, row in expected.items():
        agrees(row, found[name], *where, name)


def check_sales(world: World, period: tuple[date, date], filters: Filters, **options: Any) -> None:
    document = world.report("sales-dynamics", period, filters, **options)
    reading, blocks = world.reading(document), document["blocks"]
    start, end = reading.span(*period)
    summary = reading.summary(start, end, filters)
    for name in ABOUT_DEALS:
        if name in filters:
            summary.pop("leads_created", None)
    states_known = world.knows_states(reading, end)
    agrees(summary if states_known else without_states(summary), blocks["summary"]["rows"][0], filters)
    if states_known:
        rows_agree(
            reading.deal_stages(start, end, filters),
            blocks["deal_stages"]["rows"],
            lambda r: (r["pipeline_id"], r["stage_id"]),
            filters,
        )
    rows_agree(
        reading.losses(start, end, filters),
        blocks["losses"]["rows"],
        lambda r: (r["pipeline_id"], r["stage_id"], r["furthest_stage_id"]),
        filters,
    )
    listed = {str(d["id"]) for d in reading.sales(filters) if start <= d["created"] < end}
    assert [r["id"] for r in blocks["deals"]["rows"]] == list(dict.fromkeys(r["id"] for r in blocks["deals"]["rows"]))
    assert {r["id"] for r in blocks["deals"]["rows"]} == listed
    if not filters:
        rows_agree(reading.funnel(start, end), blocks["funnel"]["rows"], lambda r: (r["pipeline_id"], r["stage_id"]))
        if states_known:
            rows_agree(reading.lead_stages_of(start, end), blocks["lead_stages"]["rows"], lambda r: r["stage_id"])


@pytest.mark.parametrize("period", PERIODS, ids=lambda p: p[0].isoformat())
def test_sales_of_a_period(world: World, period: tuple[date, date]) -> None:
    check_sales(world, period, {})


@pytest.mark.parametrize("filters", CARD_FILTERS, ids=str)
def test_sales_under_a_filter(world: World, filters: Filters) -> None:
    check_sales(world, EVERYTHING, filters)


def test_sales_as_of_an_earlier_moment(world: World) -> None:
    if world.histories:  # where a card without history stood before nobody knows
        for moment in ("2026-10-15T12:00:00+03:00", "2026-11-01T00:00:00+03:00", "2025-06-01T00:00:00+03:00"):
            for period in (PERIODS[0], EVERYTHING):
                check_sales(world, period, {}, as_of=moment)


@pytest.mark.parametrize(
    ("period", "base"),
    [
        ((date(2026, 10, 1), date(2026, 10, 31)), (date(2026, 9, 1), date(2026, 9, 30))),
        ((date(2026, 11, 1), date(2026, 11, 30)), (date(2026, 10, 1), date(2026, 10, 31))),
        ((date(2026, 9, 1), date(2026, 9, 30)), (date(2025, 9, 1), date(2025, 9, 30))),
    ],
    ids=lambda p: p[0].isoformat(),
)
def test_both_sides_of_a_comparison_are_equally_old(
    world: World, period: tuple[date, date], base: tuple[date, date]
) -> None:
    if not world.histories:
        return  # where a card without history stood before nobody knows
    sales, marketing = (
        world.report(slug, period, compare=f"{base[0]}..{base[1]}") for slug in ("sales-dynamics", "marketing")
    )
    reading = world.reading(sales)
    (start, _), (first, last) = reading.span(*period), reading.span(*base)
    if sales["compare"]["cut"]:
        last = datetime.fromisoformat(sales["compare"]["until"]).timestamp()
    ended, ripe = reading.at(last), reading.at(reading.as_ripe(start, first, last))
    based = {f"{name}_base": value for name, value in reading.summary(first, last, {}).items()}
    cohort = ripe.summary(first, last, {})
    based["conversion_cohort_base"] = cohort["conversion_cohort"]
    row = sales["blocks"]["summary"]["rows"][0]
    agrees({name: value for name, value in based.items() if name in row and not name.startswith("velocity")}, row)
    stood = {key: value["count"] for key, value in ended.deal_stages(first, last, {}).items()}
    printed = {(r["pipeline_id"], r["stage_id"]): r["count_base"] for r in sales["blocks"]["deal_stages"]["rows"]}
    assert {key: count for key, count in printed.items() if count} == stood
    ways = ripe.funnel(first, last)
    for step in sales["blocks"]["funnel"]["rows"]:
        expected = ways[step["pipeline_id"], step["stage_id"]]
        agrees({f"{name}_base": value for name, value in expected.items()}, step, step["stage_id"])
    sources, kept = ripe.sources(first, last), ("created_won", "won_amount", "lead_to_won", "deal_to_won")
    for source in marketing["blocks"]["sources"]["rows"]:
        expected = sources.get(source["source_id"])
        if expected is not None:
            agrees({f"{name}_base": expected[name] for name in kept}, source, source["source_id"])


@pytest.mark.parametrize(
    "period",
    [
        (date(2025, 12, 20), date(2026, 1, 20)),
        (date(2024, 2, 20), date(2024, 3, 10)),
        (date(2026, 10, 20), date(2026, 11, 5)),
    ],
    ids=lambda p: p[0].isoformat(),
)
def test_buckets_of_local_days(world: World, period: tuple[date, date]) -> None:
    first_days: dict[str, Callable[[date], date]] = {
        "day": lambda d: d,
        "week": lambda d: d - timedelta(days=d.weekday()),
        "month": lambda d: d.replace(day=1),
        "quarter": lambda d: date(d.year, 3 * ((d.month - 1) // 3) + 1, 1),
    }
    for grain, first_day in first_days.items():
        document = world.report("sales-dynamics", period, grain=grain)
        reading, rows = world.reading(document), document["blocks"]["dynamics"]["rows"]
        start, end = reading.span(*period)
        days = (period[0] + timedelta(days=n) for n in range((period[1] - period[0]).days + 1))
        assert [r["bucket"] for r in rows] == [d.isoformat() for d in dict.fromkeys(map(first_day, days))]
        for row in rows:
            for name, cards, moment in (
                ("leads_created", reading.leads, "created"),
                ("deals_created", reading.deals, "created"),
                ("deals_won", reading.deals, "won"),
                ("deals_lost", reading.deals, "lost"),
            ):
                moments = (c[moment] for c in cards.values() if c.get("sales", True) and c[moment] is not None)
                assert row[name] == sum(
                    start <= m < end and first_day(reading.local_day(m)).isoformat() == row["bucket"] for m in moments
                ), (grain, row["bucket"], name)


@pytest.mark.parametrize("period", PERIODS[:2] + PERIODS[4:5], ids=lambda p: p[0].isoformat())
def test_managers_and_sources(world: World, period: tuple[date, date]) -> None:
    document = world.report("manager-effectiveness", period)
    reading = world.reading(document)
    start, end = reading.span(*period)
    printed = {r["manager_id"]: r for r in document["blocks"]["managers"]["rows"]}
    for manager, row in reading.activity(start, end).items():
        agrees(row, printed[manager], manager)
    for manager, row in printed.items():
        figures = reading.summary(start, end, {"manager": [manager]})
        if not world.knows_states(reading, end):
            figures = without_states(figures)
        agrees({k: v for k, v in figures.items() if k in row}, row, manager)
    sources = world.report("marketing", period)["blocks"]["sources"]["rows"]
    rows_agree(
        reading.sources(start, end),
        [r for r in sources if r["leads_created"] or r["deals_created"]],
        lambda r: r["source_id"],
    )


@pytest.mark.parametrize("period", PERIODS[:2] + PERIODS[4:5], ids=lambda p: p[0].isoformat())
def test_tasks(world: World, period: tuple[date, date]) -> None:
    document = world.report("team-performance", period)
    reading, blocks = world.reading(document), document["blocks"]
    start, end = reading.span(*period)
    agrees(reading.team(start, end, reading.tasks), blocks["summary"]["rows"][0])
    for row in blocks["employees"]["rows"]:
        agrees(
            reading.team(start, end, [t for t in reading.tasks if str(t["RESPONSIBLE_ID"]) == row["manager_id"]]),
            row,
            row["manager_id"],
        )
    for row in blocks["projects"]["rows"]:
        agrees(
            reading.team(
                start,
                end,
                [t for t in reading.tasks if (str(t["GROUP_ID"]) if t["GROUP_ID"] else None) == row["project_id"]],
            ),
            row,
            row["project_id"],
        )
    others = [t for t in reading.tasks if t["CREATED_BY"] != t["RESPONSIBLE_ID"]]
    agrees(
        reading.team(start, end, others),
        world.report("team-performance", period, self_tasks="exclude")["blocks"]["summary"]["rows"][0],
    )
    urgent = [t for t in reading.tasks if "срочно" in (t["TAGS"] or "")]
    agrees(
        reading.team(start, end, urgent),
        world.report("team-performance", period, {"tag": ["срочно"]})["blocks"]["summary"]["rows"][0],
    )


@pytest.mark.parametrize("filters", PEOPLE_FILTERS, ids=str)
def test_cards_left_alone_and_activities_left_undone(world: World, filters: Filters) -> None:
    for lead_days, deal_days in ((7, 14), (2, 3), (30, 60)):
        document = world.report("forgotten", filters=filters, lead_days=lead_days, deal_days=deal_days)
        reading = world.reading(document)
        agrees(reading.forgotten(filters, lead_days, deal_days), document["blocks"]["summary"]["rows"][0], lead_days)
        idle = reading.idle()
        assert all(r["idle_days"] == idle[2, int(r["id"])] for r in document["blocks"]["deals"]["rows"])
    document = world.report("overdue-activities", filters=filters)
    agrees(world.reading(document).overdue(filters), document["blocks"]["summary"]["rows"][0])
