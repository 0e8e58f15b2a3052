"""What somebody of limited rights is answered is what the data reduced to these rights answers to everybody: block, drill, list, choice, line."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import orjson
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dash_app.access.scope import EVERYTHING, NOTHING, Scope
from dash_app.cli.report import document
from dash_app.engine.filters import of_report
from dash_app.engine.language import Report
from dash_app.engine.result import BlockResult, RecordsPage
from dash_app.engine.typed import Typed
from dash_app.errors import BadInput
from dash_app.reports.api import GridRequest
from dash_app.reports.cache import AnswerCache
from dash_app.reports.service import ReportService
from dash_app.web.discovery import discover
from tests.figures.facts_builder import Facts, Published, random_portal, typed_entries
from tests.figures.test_invariants import keys_of
from tests.figures.test_invariants import params as query_params
from tests.figures.test_sales_plan_invariants import plans

PEOPLE = (1, 2, 3, 4)
OF_PEOPLE = (
    "deals",
    "leads",
    "deal_stages",
    "activities",
    "responses",
    "tasks",
    "forecast_tests",
    "manager_departments",
)
YARDSTICKS = {"activity_index", "activity_yardstick", "won_yardstick"}
"""Said of everybody at once: a median of at least five people, whoever asks."""
COSTS = {"cost", "cost_per_lead", "cost_per_won", "romi"}
"""Of the whole company: shown to those who see all of it."""

REPORTS = tuple(discover())


def typed_of(seed: int, people: frozenset[int] | None) -> Typed:
    """What was typed, of these people only; costs only where everybody is seen."""

    def theirs(values: list[dict[str, Any]]) -> list[dict[str, Any]]:
        return [v for v in values if people is None or int(v["manager_id"]) in people]

    rows = [
        {"manager_id": str(n), "pipeline_id": "", "plan_amount": "500", "fact_amount": "7777.77", "fact_count": 3,
         "threshold": "1", "pay": f"{n}00.50", "working_ru": f"расчёт {n}", "working_en": f"working {n}"}
        for n in PEOPLE
    ]  # fmt: skip
    return typed_entries(
        plan=[v for v in theirs(plans(seed)) if v["month"] != "2026-01"],
        absence=theirs([{"manager_id": str(n), "start": "2026-02-02", "end": "2026-02-06"} for n in (1, 2)]),
        grade=theirs([{"manager_id": "3", "grade": "старший", "start": "2025-11-01"}]),
        grade_coefficient=[{"grade": "старший", "start": "2025-11-01", "coefficient": "1.5"}],
        closing=[{"month": "2026-01", "state": "closed", "rows": theirs(rows)}],
        expense=[{"source_id": "WEB", "month": "2026-02", "amount": "987654.32"}] if people is None else [],
        snooze=[
            {"entity": entity, "id": str(n), "until": "2026-04-10", "since": "2026-03-01", "reason": "ждёт"}
            for entity in ("deal", "lead")
            for n in range(1, 160, 9)
        ],
    )


def reduced(whole: Path, path: Path, people: frozenset[int]) -> Path:
    """A copy of the data in which only these people's records were ever kept."""
    shutil.copy(whole, path)
    listed = ", ".join(map(str, people)) or "NULL"
    with duckdb.connect(str(path)) as con:
        for table in OF_PEOPLE:
            con.execute(
                f"DELETE FROM {table} WHERE manager_id IS NULL OR NOT coalesce(manager_id IN ({listed}), false)"
            )
        con.execute(f"DELETE FROM managers WHERE NOT coalesce(id IN ({listed}), false)")
        con.execute("DELETE FROM departments WHERE id NOT IN (SELECT department_id FROM manager_departments)")
        con.execute(
            "DELETE FROM workgroups WHERE id NOT IN (SELECT project_id FROM tasks WHERE project_id IS NOT NULL)"
        )
    return path


class Both:
    """The whole data asked with rights, and the data reduced to them asked without."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.whole = random_portal(folder / f"whole{seed}.duckdb", seed)
        with duckdb.connect(str(self.whole)) as con:
            con.execute("UPDATE activities SET subject = 'Дело м' || coalesce(manager_id, 0) WHERE true")
            con.execute("UPDATE deals SET title = 'Сделка м' || coalesce(manager_id, 0) WHERE true")
            con.execute("UPDATE leads SET title = 'Лид м' || coalesce(manager_id, 0) WHERE true")
        self.folder, self.seed = folder, seed
        everything = typed_of(seed, None)
        self.asked = ReportService(lambda: Published(self.whole), REPORTS, AnswerCache(), typed=lambda: everything)
        self._reduced: dict[Scope, ReportService] = {}

    def limited(self, scope: Scope) -> ReportService:
        """The whole data, with rights."""
        return self.asked.seen_by(scope)

    def alone(self, scope: Scope) -> ReportService:
        """The reduced data, without."""
        if scope not in self._reduced:
            assert scope.people is not None
            path = reduced(self.whole, self.folder / f"{self.seed}-{scope.fingerprint}.duckdb", scope.people)
            typed = typed_of(self.seed, scope.people)
            self._reduced[scope] = ReportService(lambda: Published(path), REPORTS, AnswerCache(), typed=lambda: typed)
        return self._reduced[scope]


@pytest.fixture(scope="module", params=[3, 4])
def both(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    yield Both(tmp_path_factory.mktemp("rights"), request.param)


SCOPES = st.sampled_from([NOTHING, Scope.of({1}), Scope.of({2}), Scope.of({4}), Scope.of({1, 3}), Scope.of(PEOPLE)])


def comparable(result: BlockResult) -> dict[str, Any]:
    """What of an answer must agree: everything but the yardsticks and the costs, and notes about them."""
    out = {c.id for c in result.columns if {c.id, c.of or ""} & (YARDSTICKS | COSTS)}
    rows = [{k: _steady(v) for k, v in row.items() if k not in out} for row in result.rows]
    totals = None if result.totals is None else {k: _steady(v) for k, v in result.totals.items() if k not in out}
    notes = [
        n.text.ru
        for n in result.notes
        if not any(word in n.text.ru for word in ("Индекс", "асход", "себестоимост", "ROMI"))
    ]
    return {"columns": [c.id for c in result.columns], "rows": rows, "totals": totals, "notes": notes}


def _steady(value: Any) -> Any:
    """Means of floats depend in their last bits on the order in which records are read."""
    return float(f"{value:.9g}") if isinstance(value, float) else value


def _rows(page: RecordsPage) -> list[dict[str, Any]]:
    return [{k: _steady(v) for k, v in row.items()} for row in page.rows]


def parsed(service: ReportService, report: Report, given_params: dict[str, list[str]]) -> Any:
    try:
        return service.parse(report, given_params)
    except BadInput:
        return None


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.slug)
@settings(
    max_examples=5, deadline=None, phases=(Phase.explicit, Phase.generate)
)  # shrinking asks two portals hundreds of times
@given(st.data())
def test_rights_answer_as_reduced_data(both: Both, report: Report, data: st.DataObject) -> None:
    scope = data.draw(SCOPES)
    chosen = data.draw(query_params())
    chosen = {n: v for n, v in chosen.items() if n in {"from", "to", "compare"} | {o.id for o in report.options}} | {
        n: v for n, v in chosen.items() if data.draw(st.booleans())
    }
    here, there = both.limited(scope), both.alone(scope)
    query = parsed(here, report, chosen)
    assert (query is None) == (parsed(there, report, chosen) is None)
    if query is None:
        return
    assert here.query_string(report, query) == there.query_string(report, there.parse(report, chosen))
    assert here.chips(report, query) == there.chips(report, query)
    for block in (b.settled(query.option) for b in report.blocks):
        if block.view == "list":
            for sort in ((), (("manager", "asc"),), (("title", "desc"),)):
                request = GridRequest(0, 50, sort=sort)
                page, alone = (s.records(report, block.id, "", {}, query, request) for s in (here, there))
                assert (page.total, page.amount) == (alone.total, alone.amount)
                assert _rows(page) == _rows(alone)
            continue
        result, expected = here.block(report, block.id, query), there.block(report, block.id, query)
        assert comparable(result) == comparable(expected), block.id
        keys = [keys_of(result, row) for row in result.rows[:2]] + [{}]
        figure = next((c.id for c in result.columns if c.drills and c.role == "figure"), None)
        for key in keys:
            if figure is not None and block.compute is None:
                page, alone = (
                    s.records(report, block.id, figure, key, query, GridRequest(0, 20)) for s in (here, there)
                )
                assert (page.total, page.amount, _rows(page)) == (alone.total, alone.amount, _rows(alone))
    for name in of_report(report):
        if name != "fields":
            assert here.choices(report, name, query) == there.choices(report, name, query), name
    assert here.hidden(report, query) == there.hidden(report, query)


def test_names_and_sums_of_others_are_in_no_byte(both: Both) -> None:
    scope = Scope.of({2})
    service = both.limited(scope)
    for report in REPORTS:
        query = service.parse(
            report, {"from": ["2025-11-01"], "to": ["2026-03-31"], "compare": ["previous"]}, interface=False
        )
        told = orjson.dumps(document(service, report, query, "ru"), default=str).decode()
        for foreign in (1, 3, 4, 0):
            for canary in (
                f"Менеджер {foreign}",
                f"Сделка м{foreign}",
                f"Лид м{foreign}",
                f"Дело м{foreign}",
                f"расчёт {foreign}",
            ):
                assert canary not in told, (report.slug, canary)
        assert "987654" not in told
        if report.slug == "sales-plan":
            assert "расчёт 2" in told
        choices = {c.value for name in ("manager",) for c in service.choices(report, name, query)}
        assert choices <= {"2", "none"}


def test_a_person_of_no_rights_gets_no_record(both: Both) -> None:
    service = both.limited(NOTHING)
    for report in REPORTS:
        query = service.parse(report, {"from": ["2025-11-01"], "to": ["2026-03-31"]}, interface=False)
        for block in (b for b in report.blocks if b.view == "list"):
            assert service.records(report, block.id, "", {}, query, GridRequest(0, 10)).total == 0


def test_kept_answers_of_one_are_not_anothers(both: Both) -> None:
    report = next(r for r in REPORTS if r.slug == "sales-dynamics")
    query = both.asked.parse(report, {"from": ["2025-11-01"], "to": ["2026-03-31"]})
    told = [
        both.limited(scope).block(report, "summary", query).rows[0]["deals_created"]
        for scope in (EVERYTHING, Scope.of({1}), EVERYTHING, Scope.of({2}), NOTHING)
    ]
    assert told[0] == told[2] and told[4] == 0
    assert told[0] > told[1] != told[3]
    plan = next(r for r in REPORTS if r.slug == "sales-plan")
    query = both.asked.parse(plan, {"from": ["2026-02-01"], "to": ["2026-02-28"]})
    people = [
        {row["manager_id"] for row in both.limited(scope).block(plan, "managers", query).rows}
        for scope in (Scope.of({1}), EVERYTHING, Scope.of({2}))
    ]
    assert people[0] <= {"1"} and people[2] <= {"2"} and len(people[1]) > 2


def test_a_filter_of_somebody_unseen_is_refused_in_words(both: Both) -> None:
    report = REPORTS[0]
    with pytest.raises(BadInput) as refused:
        both.limited(Scope.of({2})).parse(report, {"manager": ["1"]})
    assert "не видно" in refused.value.text.ru


def test_cards_by_number_are_those_seen(both: Both) -> None:
    every = both.asked.cards("deal", range(1, 161))
    own = both.limited(Scope.of({2})).cards("deal", range(1, 161))
    assert own and set(own) == {i for i, card in every.items() if card.title == "Сделка м2"}


@pytest.mark.parametrize(("sellers", "told"), [(4, False), (5, True)])
def test_a_yardstick_needs_five_people_for_somebody_of_limited_rights(tmp_path: Path, sellers: int, told: bool) -> None:
    facts = Facts(tmp_path / "facts.duckdb")
    for person in range(1, sellers + 1):
        facts.manager(person, f"Менеджер {person}")
        facts.deal(person, "2026-03-01 10:00", manager=person)
        for n in range(person):
            facts.activity(100 * person + n, "call_out", "2026-03-05 10:00", owner=person, manager=person)
    path = facts.done()
    report = next(r for r in REPORTS if r.slug == "manager-effectiveness")
    service = ReportService(lambda: Published(path), REPORTS, AnswerCache())
    query = service.parse(report, {"from": ["2026-03-01"], "to": ["2026-03-31"]})
    row = service.seen_by(Scope.of({1})).block(report, "managers", query).rows[0]
    assert row["activity_index"] == (pytest.approx(100 / 3) if told else None)
    notes = " ".join(n.text.ru for n in service.seen_by(Scope.of({1})).block(report, "managers", query).notes)
    assert ("меньше 5" in notes) == (not told)
