"""Reading an entity whole, whatever the portal does in between: every row once, in order, or an error."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Any

import pytest

from dash_app.portal.chain import Chain, answers
from dash_app.portal.client import Command
from dash_app.portal.entities import ACTIVITIES, DEAL_HISTORY, DEALS, TASKS, Entity
from dash_app.portal.errors import Broken, Inconsistent, MissingScope, Refused
from dash_app.portal.reader import Reader
from tests.portal.fake import MISSING, Fake, Served, error, serving

HTML = b"<html>504</html>"


def rows_of(ids: list[int], **more: Any) -> list[dict[str, Any]]:
    return [{"ID": str(i), **more} for i in ids]


def scattered(number: int, seed: int = 1) -> list[int]:
    """Ids with holes."""
    return sorted(random.Random(seed).sample(range(1, number * 3), number))


@contextmanager
def deals(ids: list[int]) -> Iterator[Served]:
    with serving(Fake(rows_of(ids))) as served:
        yield served


def read(served: Served, entity: Entity = DEALS, **options: Any) -> list[int]:
    chain = Chain(served.client(), entity, ("ID",), **options)
    return [entity.id_of(row) for rows in chain.read() for row in rows]


@pytest.mark.parametrize("number", [0, 1, 49, 50, 51, 100, 2499, 2500, 2501, 6000])
@pytest.mark.parametrize("told", [True, False])
def test_every_row_once_and_in_order(number: int, told: bool) -> None:
    ids = scattered(number)
    with deals(ids) as served:
        assert read(served, rest=number if told else None) == ids


def test_fifty_pages_a_request() -> None:
    with deals(list(range(1, 10_001))) as served:
        read(served, rest=10_000)
        assert len(served.fake.calls) == 5  # 4 full ones; the last page was full, so one more asks whether that was all
    with deals(list(range(1, 10_000))) as served:
        read(served, rest=9_999)
        assert len(served.fake.calls) == 4


def test_an_increment_asks_for_little() -> None:
    with deals([5, 6]) as served:
        assert read(served) == [5, 6]
        assert served.fake.batches == [["c0"]]


def test_commands_after_a_short_page_start_over_and_are_ignored() -> None:
    ids = list(range(1, 131))
    with deals(ids) as served:
        assert read(served, rest=2500) == ids
        assert [len(b) for b in served.fake.batches] == [50, 1]  # the second because more had been counted


@pytest.mark.parametrize("entity", [DEAL_HISTORY, TASKS])
def test_rows_inside_a_named_list(entity: Entity) -> None:
    key = entity.id_key
    with serving(Fake([{key: i} for i in range(1, 301)], shape=entity.path)) as served:
        assert read(served, entity, rest=300) == list(range(1, 301))
        assert len(served.fake.batches) == 1


def test_a_count_that_is_too_small_does_not_end_the_reading() -> None:
    ids = list(range(1, 8001))
    with deals(ids) as served:
        assert read(served, rest=50) == ids
        assert len(served.fake.calls) < 8


def test_a_page_that_is_short_because_of_hidden_rows_is_not_the_end() -> None:
    ids = list(range(1, 1001))
    with deals(ids) as served:
        hide = {"0": 3, "600": 1}  # rows left out of the pages after these ids

        def hidden(key: str, method: str, params: dict[str, str]) -> Any:
            left_out = hide.get(params["filter[>ID]"], 0)
            return served.fake.rows[int(params["filter[>ID]"]) :][: 50 - left_out] if left_out else None

        served.fake.command = hidden
        assert read(served, rest=1000) == ids


@pytest.mark.parametrize("unresolved", ["starts over", "error"])
def test_a_portal_that_does_not_resolve_references_is_read_by_windows(unresolved: str) -> None:
    ids = scattered(1500)
    with deals(ids) as served:
        served.fake.resolves = False
        if unresolved == "error":
            served.fake.command = lambda key, method, params: (
                ValueError("INVALID_ARG_VALUE") if "$" in params["filter[>ID]"] else None
            )
        assert read(served, rest=1500) == ids


# -- faults --------------------------------------------------------------------------------------------------------


def failing(at: set[int], what: Any) -> Callable[[str, str, dict[str, str]], Any]:
    """Fails the n-th commands of the whole reading."""
    count = iter(range(10**9))
    return lambda key, method, params: what if next(count) in at else None


@pytest.mark.parametrize(
    "what",
    [
        ValueError("ERROR_CORE"),
        ValueError("INTERNAL_SERVER_ERROR"),
        ValueError("OPERATION_TIME_LIMIT"),
        ValueError(""),
        MISSING,
    ],
)
@pytest.mark.parametrize("at", [{0}, {1}, {7}, {49}, {3, 4, 5}, {0, 1}])
def test_a_failing_command_is_asked_again_and_never_skipped(what: Any, at: set[int]) -> None:
    ids = scattered(4000)
    with deals(ids) as served:
        served.fake.command = failing(at, what)
        assert read(served, rest=4000) == ids


@pytest.mark.parametrize(
    "trouble", [(502, HTML), (200, None), (200, {"result": 1}, {"cut": "1"}), error("QUERY_LIMIT_EXCEEDED", "", 503)]
)
def test_a_broken_answer_in_the_middle_loses_nothing(trouble: Any) -> None:
    ids = scattered(6000)
    with deals(ids) as served:
        served.fake.scripts = [None, trouble, None, trouble, trouble, None, trouble]
        assert read(served, rest=6000) == ids


def test_troubles_at_random_lose_nothing() -> None:
    ids = scattered(9000, seed=7)
    dice = random.Random(7)
    with deals(ids) as served:
        served.fake.script = lambda method, body: (
            dice.choice([(502, HTML), (200, None), error("QUERY_LIMIT_EXCEEDED", "", 503)])
            if dice.random() < 0.3
            else None
        )
        served.fake.command = lambda key, method, params: (
            dice.choice([MISSING, ValueError("ERROR_CORE")]) if dice.random() < 0.01 else None
        )
        assert read(served, rest=9000) == ids


def test_a_portal_that_chokes_on_heavy_batches_is_asked_for_less() -> None:
    ids = list(range(1, 3001))
    with deals(ids) as served:
        served.fake.script = lambda method, body: (504, HTML) if len(body.get("cmd", ())) > 10 else None
        assert read(served, rest=3000) == ids
        assert max(len(b) for b in served.fake.batches) == 10


def test_an_answer_that_never_comes_fails_in_the_end() -> None:
    with deals([1]) as served:
        served.fake.script = lambda method, body: (504, HTML) if method == "batch" else None
        with pytest.raises(Broken):
            read(served)


def test_a_command_that_always_fails_fails_the_reading() -> None:
    with deals(list(range(1, 500))) as served:
        served.fake.command = lambda key, method, params: (
            ValueError("ERROR_CORE") if params["filter[>ID]"] == "250" else None
        )
        with pytest.raises(Refused):
            read(served, rest=500)


def test_an_ignored_id_filter_is_noticed() -> None:
    with deals(list(range(1, 200))) as served:
        served.fake.ignores = {"ID"}
        with pytest.raises(Inconsistent):
            list(Chain(served.client(), DEALS, ("ID",)).read(after_id=120))


def test_rows_out_of_order_are_noticed() -> None:
    with deals([1, 3, 2]) as served, pytest.raises(Inconsistent):
        read(served)


# -- what the reader adds --------------------------------------------------------------------------------------------


def dated(count: int) -> list[dict[str, Any]]:
    """Rows that changed on the first of January, the last ten in November."""
    return [
        {"ID": str(i), "DATE_MODIFY": f"2026-{'11' if i > count - 10 else '01'}-01T12:00:00+03:00"}
        for i in range(1, count + 1)
    ]


def test_an_increment_brings_what_changed() -> None:
    with serving(Fake(dated(300))) as served:
        pages = list(Reader(served.client()).read(DEALS, changed_since=datetime(2026, 10, 1)))
        assert [i for page in pages for i in page.columns["id"]] == list(range(291, 301))


def test_a_portal_that_drops_the_filter_brings_no_more_than_what_changed(caplog: pytest.LogCaptureFixture) -> None:
    with serving(Fake(dated(300))) as served:
        served.fake.ignores = {"DATE_MODIFY"}
        pages = list(Reader(served.client()).read(DEALS, changed_since=datetime(2026, 10, 1)))
        assert [i for page in pages for i in page.columns["id"]] == list(range(291, 301))
        assert "ignores the filter on DATE_MODIFY" in caplog.text


def test_the_filter_is_written_with_the_portals_offset() -> None:
    with serving(Fake()) as served:
        assert Reader(served.client()).stamp(datetime(2026, 10, 1, 22, 30)) == "2026-10-02T01:30:00+03:00"


def test_no_right_is_told_as_that() -> None:
    with deals([1]) as served:
        served.fake.command = lambda key, method, params: ValueError("insufficient_scope")
        with pytest.raises(MissingScope):
            list(Reader(served.client()).read(DEALS))


def test_a_right_lost_in_the_middle_is_no_missing_right() -> None:
    with deals(list(range(1, 500))) as served:
        served.fake.command = lambda key, method, params: (
            ValueError("insufficient_scope")
            if "$" not in params["filter[>ID]"] and params["filter[>ID]"] != "0"
            else None
        )
        reader = Reader(served.client())
        reader.client.call("server.time")
        pages = reader.read(DEALS)
        assert next(pages).rows == 50
        with pytest.raises(Inconsistent):
            list(pages)


def test_a_page_says_where_it_begins_and_ends() -> None:
    with deals(list(range(11, 141))) as served:
        reader = Reader(served.client())
        assert reader.expected(DEALS) == 130
        pages = list(reader.read(DEALS))
        assert [(p.rows, p.first_id, p.last_id, len(p.columns["title"])) for p in pages] == [(130, 11, 140, 130)]
        assert [p.last_id for p in reader.read(DEALS, after_id=100, upto_id=120)] == [120]


def test_people_of_a_portal_that_knows_no_filter_by_id_come_by_pages() -> None:
    people = rows_of(list(range(1, 121)))
    with serving(Fake(people)) as served:
        served.fake.ignores = {"ID"}

        def paged(method: str, body: dict[str, Any]) -> Any:
            if method != "user.get":
                return None
            start = max(0, body["start"])
            return 200, {
                "result": people[start : start + 50],
                "total": 120,
                **({"next": start + 50} if start + 50 < 120 else {}),
            }

        served.fake.script = paged
        assert Reader(served.client()).users().columns["id"] == list(range(1, 121))


def test_independent_commands_are_asked_again_one_by_one() -> None:
    with deals([]) as served:
        failures = iter([True] * 3)
        served.fake.command = lambda key, method, params: MISSING if key == "k7" and next(failures, False) else [key]
        commands = [Command(f"k{i}", "crm.activity.list", {}) for i in range(120)]
        found = answers(served.client(), commands)
        assert found == {f"k{i}": [f"k{i}"] for i in range(120)}
        assert [len(b) for b in served.fake.batches] == [50, 1, 1, 1, 50, 20]


def test_cards_of_bound_activities_newest_first() -> None:
    row = {
        "ID": "7",
        "CREATED": "2026-11-01T10:00:00+03:00",
        "LAST_UPDATED": "2026-11-02T10:00:00+03:00",
        "DEADLINE": "9999-12-31T00:00:00+03:00",
        "COMPLETED": "N",
    }
    with deals([]) as served:
        served.fake.command = lambda key, method, params: (
            [{**row, "ID": "5"}, row, row] if params["filter[BINDINGS][0][OWNER_ID]"] == "410" else []
        )
        found = Reader(served.client()).bound_activities(2, [410, 411, 410])
        assert [a.id for a in found[410]] == [7, 5] and found[411] == []
        assert (
            found[410][0].created == datetime(2026, 11, 1, 7)
            and found[410][0].deadline is None
            and not found[410][0].completed
        )


def test_the_latest_comment_of_each_card() -> None:
    with deals([]) as served:
        served.fake.command = lambda key, method, params: (
            [{"ID": "2", "CREATED": "2026-11-02T10:00:00+03:00"}, {"ID": "1", "CREATED": "2026-11-01T10:00:00+03:00"}]
            if params["filter[ENTITY_ID]"] == "410" and params["filter[ENTITY_TYPE]"] == "deal"
            else []
        )
        assert Reader(served.client()).latest_comments(2, [410, 411]) == {410: datetime(2026, 11, 2, 7), 411: None}


def test_activities_come_without_their_long_texts() -> None:
    assert ACTIVITIES.select is not None and "SETTINGS" in ACTIVITIES.select
    assert not {"DESCRIPTION", "COMMUNICATIONS", "FILES", "*"} & set(ACTIVITIES.select)
