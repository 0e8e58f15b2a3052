"""What somebody of limited rights is answered is what the data reduced to these rights answers to everybody.

Blocks, drills, list pages under every sort and column, choices, lines, explanations, names, tables, files, what people typed with its history.
"""

from __future__ import annotations

import io
import random
import re
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from dash_app.access.scope import EVERYTHING, NOTHING, Scope
from dash_app.cli.report import _typed_tables
from dash_app.engine.filters import OWN_FIELDS, of_report
from dash_app.engine.language import Report
from dash_app.engine.result import BlockResult, RecordsPage
from dash_app.errors import BadInput, UserError
from dash_app.exports.csv import block_csv
from dash_app.exports.excel import workbook
from dash_app.reports.api import GridRequest
from dash_app.reports.cache import AnswerCache
from dash_app.reports.service import ReportService
from dash_app.reports.session import Session
from dash_app.store.kinds import ENTRY_KINDS
from tests.access.company import LINK, PEOPLE, REPORTS, WHO, Company
from tests.figures.facts_builder import Facts, Published
from tests.figures.test_invariants import keys_of
from tests.figures.test_invariants import params as query_params
from tests.thorough import asked

YARDSTICKS = {"activity_index", "activity_yardstick", "won_yardstick"}
"""Said of everybody at once: a median of at least five people, whoever asks."""
COSTS = {"cost", "cost_per_lead", "cost_per_won", "romi"}
"""Of the whole company: shown to those who see all of it."""
WINTER = {"from": ["2025-11-01"], "to": ["2026-03-31"], "compare": ["previous"]}


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


def told(page: RecordsPage) -> Any:
    """Everything a page of a list says."""
    rows = [{k: _steady(v) for k, v in row.items()} for row in page.rows]
    return page.total, page.amount, [c.id for c in page.columns], rows


def parsed(session: Session, report: Report, given_params: dict[str, list[str]]) -> Any:
    try:
        return session.parse(report, given_params)
    except BadInput:
        return None


def request_of(dice: random.Random, columns: list[str], own: tuple[str, ...] = ()) -> GridRequest:
    """A page of a list under any sort and filter a browser may send."""
    text = dice.choice(["Менеджер 1", "Менеджер 2", "м3", "№", "Лид м", "1"])
    narrowed = dice.choice([None, "title", "manager", "department", *own])
    model = None if narrowed is None else {narrowed: {"filterType": "text", "type": "contains", "filter": text}}
    start = dice.choice([0, 0, 7])
    sort = ((dice.choice([*columns, *own]), dice.choice(["asc", "desc"])),)
    return GridRequest(start, start + 40, sort=sort, filters=model, columns=own)


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: r.slug)
@settings(
    max_examples=asked(4), deadline=None, phases=(Phase.explicit, Phase.generate)
)  # shrinking asks two portals hundreds of times
@given(st.data())
def test_rights_answer_as_reduced_data(company: Company, report: Report, data: st.DataObject) -> None:
    scope = data.draw(SCOPES)
    chosen = data.draw(query_params())
    chosen |= data.draw(
        st.sampled_from(
            [{}, {}, {f"uf.{WHO}": ["1"]}, {f"uf.{WHO}": ["2", "none"]}, {f"uf.{LINK}": ["L_3", "L_12", "L_30"]}]
        )
    )
    chosen = {n: v for n, v in chosen.items() if n in {"from", "to", "compare"} | {o.id for o in report.options}} | {
        n: v for n, v in chosen.items() if data.draw(st.booleans())
    }
    here, there, dice = company.limited(scope), company.alone(scope), random.Random(data.draw(st.integers(0, 10**6)))
    query = parsed(here, report, chosen)
    assert (query is None) == (parsed(there, report, chosen) is None)
    if query is None:
        return
    assert here.query_string(report, query) == there.query_string(report, there.parse(report, chosen))
    assert here.chips(report, query) == there.chips(report, query)
    for block in (b.settled(query.option) for b in report.blocks):
        if block.view == "list":
            own = tuple(name for name, _, _ in here.list_columns(report, block.id))
            usual = here.records(report, block.id, "", {}, query, GridRequest(0, 0))
            asked = request_of(dice, [c.id for c in usual.columns], own)
            page, alone = (s.records(report, block.id, "", {}, query, asked, lang="en") for s in (here, there))
            assert told(page) == told(alone)
            continue
        result, expected = here.block(report, block.id, query), there.block(report, block.id, query)
        assert comparable(result) == comparable(expected), block.id
        keys = [keys_of(result, row) for row in result.rows[:2]] + [{}]
        figure = next((c.id for c in result.columns if c.drills and c.role == "figure"), None)
        for key in keys if figure is not None and block.compute is None else ():
            asked = request_of(dice, ["title", "manager", "created"])
            page, alone = (s.records(report, block.id, figure or "", key, query, asked) for s in (here, there))
            assert told(page) == told(alone)
            if figure not in YARDSTICKS | COSTS:
                how, why = (s.explain(report, block.id, figure or "", key, query) for s in (here, there))
                assert (how.formula, how.parts) == (why.formula, why.parts)
    for name in (*(n for n in of_report(report) if n != OWN_FIELDS), f"uf.{WHO}", f"uf.{LINK}"):
        assert here.choices(report, name, query) == there.choices(report, name, query), name
    assert here.hidden(report, query) == there.hidden(report, query)


@settings(max_examples=asked(6), deadline=None, phases=(Phase.explicit, Phase.generate))
@given(scope=SCOPES)
def test_names_tables_and_typed_things_are_those_of_reduced_data(company: Company, scope: Scope) -> None:
    here, there = company.limited(scope), company.alone(scope)
    assert replace(here.directory(), is_limited=False) == there.directory()
    for name in here.tables():
        found, expected = (sorted(map(str, s.table(name).to_pylist())) for s in (here, there))
        assert found == expected, name
    for entity in ("deal", "lead"):
        assert here.cards(entity, range(1, 161)) == there.cards(entity, range(1, 161))
    for kind in ENTRY_KINDS:
        assert here.entries(kind) == there.entries(kind), kind
        changes, expected_changes = (
            [(c.who, c.what, c.before, c.after) for c in s.history(most=10_000, kinds={kind})] for s in (here, there)
        )
        assert changes == expected_changes, kind
    assert here.history(most=10**6) == here.history(most=10**6, kinds=set(ENTRY_KINDS))
    assert here.closed_months() == there.closed_months()
    months, expected_months = (
        [replace(m, state=m.state and replace(m.state, at=None)) for m in s.pay_months(24)] for s in (here, there)
    )
    assert months == expected_months
    assert here.put_off_cards() == there.put_off_cards()
    query = here.parse(REPORTS[0], {"as_of": ["2025-06-01T00:00:00"]})
    assert here.remarks(query) == there.remarks(query)


@pytest.mark.parametrize(
    "slug", ["sales-dynamics", "sales-plan", "team-performance", "forgotten", "overdue-activities"]
)
def test_files_are_those_of_reduced_data(company: Company, slug: str) -> None:
    scope = Scope.of({2})
    here, there = company.limited(scope), company.alone(scope)
    report = here.report(slug)
    query = here.parse(report, WINTER)
    books = []
    for session in (here, there):
        target = io.BytesIO()
        workbook(session, report, query, "ru", target)
        with zipfile.ZipFile(target) as book:
            books.append({n: book.read(n) for n in book.namelist() if n.startswith("xl/")})
    assert books[0] == books[1]
    for block in report.blocks[:3]:
        assert block_csv(here, report, block.id, query, "ru") == block_csv(there, report, block.id, query, "ru")
    tables, expected = (_typed_tables(s, report, query, "ru") for s in (here, there))
    assert {n: t.to_pylist() for n, t in tables.items()} == {n: t.to_pylist() for n, t in expected.items()}


def test_a_person_of_no_rights_gets_no_record(company: Company) -> None:
    session = company.limited(NOTHING)
    for report in REPORTS:
        query = session.parse(report, {"from": ["2025-11-01"], "to": ["2026-03-31"]}, interface=False)
        for block in (b for b in report.blocks if b.view == "list"):
            assert session.records(report, block.id, "", {}, query, GridRequest(0, 10)).total == 0


def test_a_filter_of_somebody_unseen_is_refused_in_words(company: Company) -> None:
    with pytest.raises(BadInput) as refused:
        company.limited(Scope.of({2})).parse(REPORTS[0], {"manager": ["1"]})
    assert "не видно" in refused.value.text.ru


# -- what may be changed ---------------------------------------------------------------------------------------------------


def test_limited_rights_change_nothing_but_the_putting_off_of_cards_seen(company: Company) -> None:
    session = company.limited(Scope.of({2}))
    mine = next(i for i, whose in company.cards["deal"].items() if whose == 2 and i % 9 != 1)
    foreign = next(i for i, whose in company.cards["deal"].items() if whose == 1 and i % 9 == 1)
    plan = {"manager_id": "2", "pipeline_id": "", "month": "2026-12", "plan_amount": "1"}
    off = {"entity": "deal", "until": "2026-04-01", "reason": "ждём", "since": "2026-03-20"}
    change = max(c.id for c in company.asked.history(kinds={"plan"}))
    refused: list[Any] = [
        lambda: session.put_entries("plan", {"2:all:2026-12": plan}, "м2"),
        lambda: session.put_entries("plan", {next(iter(session.entries("plan"))): None}, "м2"),
        lambda: session.put_entries("snooze", {f"deal:{foreign}": {**off, "id": str(foreign)}}, "м2"),
        lambda: session.put_entries("snooze", {f"deal:{foreign}": None}, "м2"),
        lambda: session.put_off("deal", str(foreign), "2026-04-01", "ждём", "м2"),
        lambda: session.bring_back("deal", str(foreign), "м2"),
        lambda: session.undo(change, "м2"),
        lambda: session.undo_all([10**6], "м2"),
        lambda: session.close_month("2026-02", "м2"),
        lambda: session.reopen_month("2026-01", "м2", "причина"),
        lambda: session.card("deal", str(foreign)),
        lambda: session.as_user("1"),
        lambda: session.seen_by(EVERYTHING),
    ]
    before = company.asked.version_of_all()
    for act in refused:
        with pytest.raises(UserError):
            act()
    assert company.asked.version_of_all() == before
    done = session.put_entries("snooze", {f"deal:{mine}": {**off, "id": str(mine)}}, "м2")
    assert f"deal:{mine}" in session.entries("snooze")
    session.undo(done[0].id, "м2")
    assert f"deal:{mine}" not in company.asked.entries("snooze")


# -- what a yardstick may tell ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("sellers", "told_of"), [(4, False), (5, True)])
def test_a_yardstick_needs_five_people_for_somebody_of_limited_rights(
    tmp_path: Path, sellers: int, told_of: bool
) -> None:
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
    limited = service.seen_by(Scope.of({1}))
    result = limited.block(report, "managers", query)
    assert [row["manager_id"] for row in result.rows] == ["1"]  # no rank: nobody else has a row
    assert result.rows[0]["activity_index"] == (pytest.approx(100 / 3) if told_of else None)
    notes = " ".join(n.text.ru for n in result.notes)
    assert ("меньше 5" in notes) == (not told_of)
    assert re.findall(r"\b[45]\b", notes.replace("меньше 5", "")) == []  # nor how many there are
    shown = {
        value for row in (*result.rows, result.totals or {}) for value in row.values() if isinstance(value, float | int)
    }
    assert not shown & {2, 4, 5}, "neither the least nor the most nor anybody's own"
