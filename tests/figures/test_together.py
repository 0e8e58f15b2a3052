"""What blocks of a page ask together is what each measure says when it is asked alone, of the records themselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_app.engine.aggregate import Ask, Key, blank_of, evaluate, run
from dash_app.engine.blocks import Block, Counted, Series
from dash_app.engine.context import Context
from dash_app.engine.language import Dimension, Measure, Report, measures_of
from dash_app.engine.page_plan import NO_PAGE, PagePlan, quantiles
from dash_app.figures.common import DEALS_CREATED, DEALS_WON, DEALS_WON_AMOUNT, DEPARTMENT, MANAGER, SOURCE
from dash_app.reports.api import GridRequest
from dash_app.reports.service import ReportService
from tests.figures.facts_builder import Facts, Published, service_of
from tests.figures.test_invariants import REPORTS, params, service
from tests.thorough import asked

__all__ = ["service"]  # the fixture
EXACT = ("count", "sum", "max")


def alone(
    context: Context, measures: tuple[Measure, ...], dimensions: tuple[Dimension, ...], where: str | None
) -> dict[Key, dict[str, Any]]:
    """The same, a statement for each measure."""
    found: dict[Key, dict[str, Any]] = {} if dimensions else {(): {}}
    for measure in measures:
        asked = context.speaking(measure.speaking)
        if asked is None:
            continue
        for key, values in run(
            asked, Ask(measure.fact, (measure,), dimensions, where=f"({where or 'true'}) AND ({measure.where})")
        ).items():
            found.setdefault(key, {}).update(values)
    return {key: blank_of(context, measures) | values for key, values in found.items()}


def same(measure: Measure, value: Any, expected: Any) -> bool:
    if measure.agg in EXACT or value is None or expected is None:
        return bool(value == expected and type(value) is type(expected))
    return bool(value == pytest.approx(float(expected), rel=1e-9, abs=1e-9))


def check(context: Context, block: Block) -> None:
    measures = measures_of(block.figures)
    where = block.predicate(context.query.option)
    for dimensions in dict.fromkeys((block.dimensions, ())):
        together, expected = evaluate(context, measures, dimensions, where), alone(context, measures, dimensions, where)
        assert set(together) == set(expected)
        for key, values in expected.items():
            assert set(together[key]) == set(values)
            for measure in measures:
                assert same(measure, together[key][measure.id], values[measure.id]), (
                    block.id,
                    key,
                    measure.id,
                    together[key][measure.id],
                    values[measure.id],
                )


@pytest.mark.parametrize("report", REPORTS, ids=lambda r: str(r.slug))
@settings(max_examples=asked(5), deadline=None)
@given(given_params=params(), compared=st.booleans())
def test_figures_of_a_page_are_those_of_each_alone(
    service: ReportService, report: Report, given_params: dict[str, list[str]], compared: bool
) -> None:
    query = service.parse(report, given_params | ({"compare": ["previous"]} if compared else {}))
    blocks = [b.settled(query.option) for b in report.blocks]
    for page in (PagePlan.of(report.blocks, query.option), NO_PAGE):
        context = replace(service.context(query), page=page)
        for question in (context, context.base()):
            for block in blocks:
                if (
                    question is not None
                    and isinstance(block, Counted)
                    and not isinstance(block, Series)
                    and block.compute is None
                ):
                    check(question, block)


def test_a_page_asks_the_records_once(service: ReportService, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody, people and departments of a report are as many statements as people alone."""
    report = next(r for r in REPORTS if r.slug == "manager-effectiveness")
    query = service.parse(report, {"from": ["2025-12-03"], "to": ["2026-02-11"]})
    context = replace(service.context(query), page=PagePlan.of(report.blocks, query.option))
    statements: list[str] = []
    execute, arrow = Context.execute, Context.arrow
    monkeypatch.setattr(
        Context, "execute", lambda self, sql, *more: statements.append(sql) or execute(self, sql, *more)
    )
    monkeypatch.setattr(Context, "arrow", lambda self, sql, *more: statements.append(sql) or arrow(self, sql, *more))
    figures = measures_of(report.block("managers").figures)
    evaluate(context, figures, (MANAGER,))
    first = len(statements)
    assert first <= 9
    evaluate(context, figures, ())
    evaluate(context, figures, (DEPARTMENT,))
    evaluate(context, (DEALS_WON, DEALS_WON_AMOUNT), (MANAGER,))
    assert len(statements) == first
    evaluate(context, (DEALS_WON,), (SOURCE,))
    assert len(statements) == first + 1


def test_a_row_of_another_block_is_no_row_of_this(tmp_path: Any) -> None:
    """Somebody who only created deals stands in no table of what was won, though both are asked together."""
    facts = Facts(tmp_path / "facts.duckdb")
    for person in (1, 2):
        facts.manager(person, f"Менеджер {person}", 1)
    facts.deal(1, "2026-02-03", won="2026-02-05", manager=1, amount=None)
    facts.deal(2, "2026-02-04", manager=2)
    report = next(r for r in REPORTS if r.slug == "manager-effectiveness")
    found = service_of(Published(facts.done()), report)
    query = found.parse(report, {"from": ["2026-02-01"], "to": ["2026-02-28"]})
    context = replace(found.context(query), page=PagePlan.of(report.blocks, query.option))
    assert set(evaluate(context, (DEALS_CREATED,), (MANAGER,))) == {(1,), (2,)}
    assert evaluate(context, (DEALS_WON_AMOUNT,), (MANAGER,)) == {
        (1,): {"deals_won_amount": 0}
    }  # won without an amount is won
    assert set(evaluate(context, (DEALS_WON,), (DEPARTMENT,))) == {(1,)}


def test_a_list_has_as_many_records_as_its_page_counts(service: ReportService) -> None:
    for report in REPORTS:
        query = service.parse(
            report, {"from": ["2025-12-03"], "to": ["2026-02-11"]} if report.default_period != "all" else {}
        )
        for block in report.blocks:
            if block.view == "list":
                listed = service.records(report, block.id, "", {}, query, GridRequest(start=0, end=1000))
                assert listed.total == len(listed.rows)


@given(st.lists(st.lists(st.floats(0, 1e6), max_size=30), max_size=6))
def test_quantiles_of_several_lists_are_those_of_all_values(lists: list[list[float]]) -> None:
    found = quantiles([np.array(values, dtype=float) for values in lists], (0.5, 0.9))
    values = [v for several in lists for v in several]
    expected = (
        {q: pytest.approx(float(np.quantile(values, q)), rel=1e-9, abs=1e-9) for q in (0.5, 0.9)} if values else {}
    )
    assert found == expected
