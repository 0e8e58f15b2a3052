"""Figures made of counts by a few columns: told apart from those that need the records themselves."""

from __future__ import annotations

import pytest

from dash_app.engine.facts import FACTS
from dash_app.engine.language import Measure
from dash_app.engine.page_plan import cube_of
from dash_app.engine.predicates import conjuncts, words_of
from dash_app.figures import activity as a
from dash_app.figures import common as c
from dash_app.text import Text

T = Text("т", "t")


@pytest.mark.parametrize(
    ("predicate", "parts"),
    [
        ("true", ()),
        ("a = 1 AND b", ("a = 1", "b")),
        ("a = 1 OR b", ("(a = 1 OR b)",)),
        ("a AND (b OR c AND d) AND kind IN ('x AND y', 'z')", ("a", "(b OR c AND d)", "kind IN ('x AND y', 'z')")),
        ("day BETWEEN 1 AND 2", ("(day BETWEEN 1 AND 2)",)),
        ("CASE WHEN a AND b THEN c END", ("(CASE WHEN a AND b THEN c END)",)),
    ],
)
def test_a_predicate_is_cut_at_its_own_ands_only(predicate: str, parts: tuple[str, ...]) -> None:
    assert conjuncts(predicate) == parts


def test_columns_of_an_expression() -> None:
    assert words_of("floor(epoch($as_of - created_at) / 86400) > 'kind'") == {"created_at"}


def test_counts_and_points_of_activities_come_from_one_cube() -> None:
    measures = [a.CALLS_OUT, a.CALLS_IN, a.MESSAGES, a.CALLS_MISSED, a.ACTIVITY_POINTS]
    assert cube_of(FACTS["activities"], measures, ("manager_id",)) == (
        {"happened_at >= $start", "happened_at < $end"},
        measures,
    )
    window, _ = cube_of(FACTS["activities"], measures[:3], ())
    assert "completed" in window  # true of all of them: the engine passes over the others


def test_what_needs_the_records_is_asked_of_them() -> None:
    late = Measure(
        "late", "activities", "NOT completed AND deadline < $as_of", T, T, agg="median", of="epoch(deadline)"
    )
    assert cube_of(FACTS["activities"], (a.CALLS_OUT, late), ())[1] == [a.CALLS_OUT]
    assert (
        cube_of(FACTS["activities"], (a.CALLS_OUT,), ("CASE WHEN deadline < $as_of THEN 'late' ELSE 'not' END",))[1]
        == []
    )
    assert cube_of(FACTS["deals"], (c.DEALS_WON,), ("manager_id",))[1] == []
