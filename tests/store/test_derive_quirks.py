"""Odd portals: what history, cards and directories get wrong, and what the facts make of it. Checked by eye; taken on 20 March 2026, 12:00."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest

from dash_app.store.derive import DeriveConfig, cards, derive
from dash_app.store.derive.zones import create_macros
from dash_app.store.schema import FACTS
from tests.store.raw_builder import TAKEN, Raw, at


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    return Raw(tmp_path / "raw.duckdb")


def test_history_read_after_the_card_waits_for_the_next_refresh(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        [("NEW", "2026-01-05 10:00"), ("WORK", "2026-01-06 10:00"), ("WON", "2026-03-20 11:59")],
        stage_id="WORK",
        semantic="P",
        moved_time=at("2026-01-06 10:00"),
    )
    facts = raw.facts()
    row = facts.row("deals", 1)
    assert (row["status"], row["stage_id"], row["stage_entered_at"]) == ("in_work", "WORK", at("2026-01-06 10:00"))
    assert facts.rows("SELECT stage_id FROM stage_visits ORDER BY position") == [("NEW",), ("WORK",)]


def test_a_move_back_the_history_does_not_know_is_a_move(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        [("NEW", "2026-01-05 10:00"), ("WORK", "2026-01-06 10:00")],
        stage_id="NEW",
        semantic="P",
        moved_time=at("2026-02-01 10:00"),
    )
    facts = raw.facts()
    assert facts.rows("SELECT stage_id, entered_at FROM stage_visits ORDER BY position")[-1] == (
        "NEW",
        at("2026-02-01 10:00"),
    )
    assert facts.rows("SELECT stage_id FROM deal_stages WHERE returned") == [("WORK",)]


def test_history_of_records_that_are_no_more_is_nobodys(raw: Raw) -> None:
    raw.add(
        "deal_history",
        id=1,
        type_id=1,
        owner_id=77,
        created_time=at("2026-01-05 10:00"),
        category_id=3,
        stage_id="C3:X",
        semantic="P",
    )
    facts = raw.facts()
    assert [facts.rows(f"SELECT count(*) FROM {t}") for t in ("deals", "stage_visits", "deal_stages")] == [[(0,)]] * 3
    assert facts.rows("SELECT id FROM pipelines ORDER BY id") == [(0,), (5,), (9,)]


def test_a_pipeline_met_only_in_deals_has_a_row(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00", 33)])
    facts = raw.facts()
    assert facts.rows("SELECT name, role, known FROM pipelines WHERE id = 33") == [("#33", "sales", False)]
    assert facts.row("deals", 1)["pipeline_id"] == 33


def test_a_deleted_lost_stage_is_still_a_loss(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("GONE", "2026-01-08 10:00")], semantic="F")
    row = raw.facts().row("deals", 1)
    assert (row["status"], row["lost_at"], row["loss_reason"], row["furthest_stage_id"]) == (
        "lost",
        at("2026-01-08 10:00"),
        "GONE",
        "NEW",
    )


def test_a_card_that_names_no_stage_is_kept(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")], history=False, stage_id=None, semantic=None)
    row = raw.facts().row("deals", 1)
    assert (row["status"], row["stage_id"], row["in_sales"], row["pipeline_id"]) == ("in_work", None, True, 0)


def test_history_older_than_the_card_begins_with_the_card(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2025-12-01 10:00"), ("WON", "2025-12-05 10:00")])
    row = raw.facts().row("deals", 1)
    assert (row["won_at"], row["stage_entered_at"], row["cycle_days"]) == (
        at("2026-01-05 10:00"),
        at("2026-01-05 10:00"),
        0.0,
    )


def test_a_deal_moved_between_sales_pipelines_belongs_to_its_present_one(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        [
            ("NEW", "2026-01-05 10:00"),
            ("WORK", "2026-01-06 10:00"),
            ("NEW", "2026-01-08 10:00", 5),
            ("LOSE", "2026-01-09 10:00"),
        ],
    )
    facts = raw.facts()
    assert (facts.row("deals", 1)["pipeline_id"], facts.row("deals", 1)["furthest_stage_id"]) == (5, "C5:NEW")
    assert facts.rows("SELECT pipeline_id, stage_id, moved_out_here, lost_here FROM deal_stages ORDER BY ALL") == [
        (0, "NEW", False, False),
        (0, "WORK", True, False),
        (5, "C5:NEW", False, True),
    ]


def test_a_deal_that_came_back_had_moved_out_all_the_same(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        [("NEW", "2026-01-05 10:00"), ("NEW", "2026-01-08 10:00", 5), ("WORK", "2026-01-09 10:00", 0)],
    )
    assert raw.facts().rows("SELECT pipeline_id, stage_id FROM deal_stages WHERE moved_out_here ORDER BY 1") == [
        (0, "NEW"),
        (5, "C5:NEW"),
    ]


def test_a_won_deal_gone_to_production_left_its_success_stage(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        [("NEW", "2026-01-05 10:00"), ("WON", "2026-01-10 10:00"), ("NEW", "2026-01-11 10:00", 9)],
    )
    raw.add("activities", id=1, owner_id=1, owner_type_id=2, type_id=2, created=at("2026-01-12 10:00"))
    facts = raw.facts(roles={9: "after-sale"})
    assert facts.rows("SELECT stage_id, reached, entered FROM deal_stages ORDER BY rank") == [
        ("NEW", True, True),
        ("WORK", True, False),
        ("DOC", True, False),
        ("WON", True, True),
    ]
    assert facts.rows("SELECT stage_id FROM deal_stages WHERE moved_out_here") == [("WON",)]
    assert facts.rows("SELECT pipeline_id, in_sales, owner_status FROM activities") == [(0, True, "won")]


def test_time_in_production_does_not_reopen_a_lost_sale(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        [
            ("NEW", "2026-01-05 10:00"),
            ("LOSE", "2026-01-10 10:00"),
            ("NEW", "2026-01-11 10:00", 9),
            ("WORK", "2026-01-20 10:00", 0),
        ],
    )
    facts = raw.facts(roles={9: "other"})
    assert facts.rows("SELECT * FROM deal_gaps") == [(1, at("2026-01-10 10:00"), at("2026-01-20 10:00"))]
    assert facts.row("deals", 1)["status"] == "in_work"


def test_lost_after_going_beyond_an_early_success_is_lost_at_it(raw: Raw) -> None:
    raw.deal(
        1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("WON", "2026-01-10 10:00"), ("LOSE", "2026-01-12 10:00")]
    )
    facts = raw.facts(success_stages={0: "DOC"})
    assert facts.rows("SELECT stage_id FROM deal_stages WHERE lost_here") == [("DOC",)]


def test_a_lost_stage_chosen_as_success_is_not_listened_to(raw: Raw) -> None:
    assert raw.facts(success_stages={0: "LOSE"}).rows("SELECT success_stage_id FROM pipelines WHERE id = 0") == [
        ("WON",)
    ]


def test_closing_day_stands_for_its_own_noon_in_summer_and_winter(raw: Raw) -> None:
    for number, day in ((1, "2025-07-01"), (2, "2026-01-15")):
        raw.deal(
            number, "2025-06-01 10:00", [("WON", "2025-06-01 10:00")], history=False, moved_time=None, closedate=day
        )
    facts = raw.facts(timezone="America/New_York")
    assert [facts.row("deals", n)["won_at"] for n in (1, 2)] == [datetime(2025, 7, 1, 16), datetime(2026, 1, 15, 17)]


def test_before_a_move_without_history_a_deal_was_in_work(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("WON", "2026-03-01 10:00")], history=False)
    row = raw.facts(as_of="2026-02-01 10:00").row("deals", 1)
    assert (row["status"], row["stage_id"], row["won_at"]) == ("in_work", "NEW", None)


def test_where_a_deal_stands_is_replayed_too(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        [("NEW", "2026-01-05 10:00"), ("WON", "2026-02-01 10:00"), ("WORK", "2026-03-01 10:00", 9)],
    )
    row = raw.facts(as_of="2026-02-10 10:00", roles={9: "other"}).row("deals", 1)
    assert (row["current_pipeline_id"], row["current_stage_id"]) == (0, "WON")


@pytest.mark.parametrize("zone", ["Europe/Moscow", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe", "UTC"])
def test_local_days_are_those_of_the_time_zone_database(zone: str) -> None:
    con = duckdb.connect()
    create_macros(con, zone)
    instants = [datetime(2009, 1, 1) + timedelta(hours=37 * n, minutes=11 * n) for n in range(4000)]
    con.execute("CREATE TABLE t (i TIMESTAMP)")
    con.execute(f"INSERT INTO t VALUES {', '.join(f'({chr(39)}{i}{chr(39)})' for i in instants)}")
    expected = [(i, i.replace(tzinfo=UTC).astimezone(ZoneInfo(zone)).replace(tzinfo=None)) for i in instants]
    assert con.execute("SELECT i, local_time(i) FROM t ORDER BY i").fetchall() == expected
    assert con.execute("SELECT local_day(i) FROM t ORDER BY i").fetchall() == [(local.date(),) for _, local in expected]


def columns(path: Path, table: str) -> dict[str, str]:
    con = duckdb.connect(str(path), read_only=True)
    return {name: kind for name, kind, *_ in con.execute(f"DESCRIBE {table}").fetchall()}


@pytest.mark.parametrize("bare", [True, False])
def test_a_portal_with_nothing_has_every_table_and_column(raw: Raw, bare: bool) -> None:
    if bare:
        for table in ("portal", "currencies", "pipelines", "statuses"):
            raw.con.execute(f"DELETE FROM {table}")
    facts = raw.facts()
    for table, expected in FACTS.items():
        assert list(columns(facts.path, table).items()) == list(expected.items()), table
    assert facts.rows("SELECT timezone FROM meta") == [("Europe/Moscow",)]


def test_pieces_sorted_one_by_one_are_sorted_as_a_whole(raw: Raw, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cards, "CHUNK", 3)
    for number in range(1, 21):
        moment = f"2026-01-{1 + number * 7 % 5:02d} 10:00"
        raw.deal(number, moment, [("NEW", moment), ("WORK", "2026-02-01 10:00")])
    facts = raw.facts()
    order = facts.rows("SELECT created_at, id FROM deals")
    assert order == sorted(order)
    assert {number for _, number in order} == set(range(1, 21))
    assert facts.rows("SELECT created_at, id, rank FROM deal_stages") == sorted(
        facts.rows("SELECT created_at, id, rank FROM deal_stages")
    )
    assert facts.rows("SELECT count(*) FROM deal_stages") == [(40,)]


def test_facts_left_out_change_nothing_in_the_others(raw: Raw, tmp_path: Path) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("WON", "2026-01-06 10:00")])
    raw.add("activities", id=1, owner_id=1, owner_type_id=2, type_id=2, created=at("2026-01-12 10:00"))
    whole = raw.facts()
    raw.con.close()
    moment = at(TAKEN)
    assert moment is not None
    derive(raw.path, tmp_path / "part.duckdb", moment, DeriveConfig(), tables={"deals"})
    part = duckdb.connect(str(tmp_path / "part.duckdb"), read_only=True)
    assert part.execute("SELECT * FROM deals").fetchall() == whole.rows("SELECT * FROM deals")
    assert part.execute("SELECT (SELECT count(*) FROM activities), (SELECT count(*) FROM deal_stages)").fetchall() == [
        (0, 0)
    ]


def test_a_failure_leaves_the_old_file_and_nothing_else(raw: Raw, tmp_path: Path) -> None:
    raw.con.execute("DROP TABLE tasks")
    raw.con.close()
    target = tmp_path / "facts.duckdb"
    target.write_bytes(b"old")
    with pytest.raises(duckdb.Error):
        derive(raw.path, target, datetime(2026, 3, 20), DeriveConfig())
    assert target.read_bytes() == b"old"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["facts.duckdb", "raw.duckdb"]


def test_the_same_choice_has_the_same_digest() -> None:
    assert (
        DeriveConfig(roles={1: "other", 2: "sales"}).digest() == DeriveConfig(roles={2: "sales", 1: "other"}).digest()
    )
    assert (
        len(
            {
                DeriveConfig().digest(),
                DeriveConfig(timezone="UTC").digest(),
                DeriveConfig(loss_reason_field="UF_X").digest(),
            }
        )
        == 3
    )
