"""What a deal is at as-of, by its history. Taken on 20 March 2026, 12:00 in Moscow; each case can be checked by eye."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dash_app.figures.forgotten import WON_STAYS
from tests.store.raw_builder import Raw, at, day


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    return Raw(tmp_path / "raw.duckdb")


def state(row: dict[str, Any]) -> tuple[Any, ...]:
    return row["status"], row["won_at"], row["lost_at"]


def test_a_plain_win(raw: Raw) -> None:
    raw.deal(
        1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("WORK", "2026-01-06 10:00"), ("WON", "2026-01-10 10:00")]
    )
    row = raw.facts().row("deals", 1)
    assert state(row) == ("won", at("2026-01-10 10:00"), None)
    assert (row["cycle_days"], row["won_on"], row["furthest_stage_id"], row["in_sales"]) == (
        5.0,
        day("2026-01-10"),
        "WON",
        True,
    )


def test_a_deal_won_again_after_falling_back_counts_from_the_last_run(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        [
            ("NEW", "2026-01-05 10:00"),
            ("WON", "2026-01-10 10:00"),
            ("WORK", "2026-02-01 10:00"),
            ("WON", "2026-02-20 10:00"),
        ],
    )
    facts = raw.facts()
    row = facts.row("deals", 1)
    assert state(row) == ("won", at("2026-02-20 10:00"), None)
    assert row["reopened"]
    assert facts.rows("SELECT * FROM deal_gaps") == [(1, at("2026-01-10 10:00"), at("2026-02-01 10:00"))]


def test_a_deal_that_fell_back_is_in_work_again(raw: Raw) -> None:
    raw.deal(
        1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("WON", "2026-01-10 10:00"), ("WORK", "2026-02-01 10:00")]
    )
    assert state(raw.facts().row("deals", 1)) == ("in_work", None, None)


def test_lost_at_is_the_entry_into_the_lost_stage_it_is_in_now(raw: Raw) -> None:
    raw.deal(
        1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("LOSE", "2026-01-10 10:00"), ("BAD", "2026-01-12 10:00")]
    )
    facts = raw.facts()
    row = facts.row("deals", 1)
    assert state(row) == ("lost", None, at("2026-01-12 10:00"))
    assert (row["loss_reason"], row["furthest_stage_id"]) == ("BAD", "NEW")
    # between the two it was not in work
    assert facts.rows("SELECT * FROM deal_gaps") == [(1, at("2026-01-10 10:00"), at("2026-01-12 10:00"))]


def test_won_then_lost_without_reopening_is_lost(raw: Raw) -> None:
    raw.deal(
        1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("WON", "2026-01-10 10:00"), ("LOSE", "2026-01-12 10:00")]
    )
    assert state(raw.facts().row("deals", 1)) == ("lost", None, at("2026-01-12 10:00"))


def test_born_in_a_final_stage(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("WON", "2026-01-05 10:00")])
    assert state(raw.facts().row("deals", 1)) == ("won", at("2026-01-05 10:00"), None)


def test_moved_into_a_final_stage_of_another_pipeline(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("WON", "2026-01-07 10:00", 5)])
    row = raw.facts().row("deals", 1)
    assert state(row) == ("won", at("2026-01-07 10:00"), None)
    assert (row["pipeline_id"], row["stage_id"]) == (5, "C5:WON")


def test_a_tunnel_from_success_into_production_stays_won_whatever_happens_there(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        [
            ("NEW", "2026-01-05 10:00"),
            ("WON", "2026-01-10 10:00"),
            ("NEW", "2026-01-11 10:00", 9),
            ("LOSE", "2026-01-20 10:00"),
        ],
    )
    row = raw.facts(roles={9: "after-sale"}).row("deals", 1)
    assert state(row) == ("won", at("2026-01-10 10:00"), None)
    assert (
        row["pipeline_id"],
        row["stage_id"],
        row["current_pipeline_id"],
        row["current_stage_id"],
        row["in_sales"],
    ) == (0, "WON", 9, "C9:LOSE", True)


def test_a_deal_of_another_role_is_no_sale_and_one_moved_there_unwon_neither(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00", 9)])
    raw.deal(
        2,
        "2026-01-05 10:00",
        [("NEW", "2026-01-05 10:00"), ("WORK", "2026-01-06 10:00"), ("NEW", "2026-01-08 10:00", 9)],
    )
    facts = raw.facts(roles={9: "other"})
    assert [facts.row("deals", i)["in_sales"] for i in (1, 2)] == [False, False]
    assert facts.rows("SELECT id, stage_id, moved_out_here FROM deal_stages ORDER BY rank") == [
        (2, "NEW", False),
        (2, "WORK", True),
    ]


def test_an_earlier_success_stage_wins_from_there_on(raw: Raw) -> None:
    raw.deal(
        1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("DOC", "2026-01-10 10:00"), ("WON", "2026-01-15 10:00")]
    )
    raw.deal(2, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("DOC", "2026-01-10 10:00")])
    raw.deal(
        3, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("DOC", "2026-01-10 10:00"), ("WORK", "2026-01-12 10:00")]
    )
    facts = raw.facts(success_stages={0: "DOC"})
    assert [state(facts.row("deals", i))[:2] for i in (1, 2, 3)] == [
        ("won", at("2026-01-10 10:00")),
        ("won", at("2026-01-10 10:00")),
        ("in_work", None),
    ]
    assert facts.row("deals", 2)["semantic"] == "P"
    assert facts.rows("SELECT stage_id FROM stages WHERE in_funnel AND pipeline_id = 0 ORDER BY rank") == [
        ("NEW",),
        ("WORK",),
        ("DOC",),
    ]


@pytest.mark.parametrize(
    ("more", "moment"),
    [({}, "2026-01-08 10:00"), ({"moved_time": None, "closedate": day("2026-01-09")}, "2026-01-09 12:00")],
)
def test_without_history_moved_time_then_closedate(raw: Raw, more: dict[str, Any], moment: str) -> None:
    raw.deal(1, "2026-01-05 10:00", [("WON", "2026-01-08 10:00")], history=False, **more)
    assert state(raw.facts().row("deals", 1)) == ("won", at(moment), None)


def test_a_card_ahead_of_its_history_is_where_the_card_says(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        [("NEW", "2026-01-05 10:00")],
        stage_id="LOSE",
        semantic="F",
        moved_time=at("2026-01-09 10:00"),
    )
    assert state(raw.facts().row("deals", 1)) == ("lost", None, at("2026-01-09 10:00"))


def test_recurring_templates_are_not_deals(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")], is_recurring=True)
    assert raw.facts().rows("SELECT * FROM deals") == []


def test_a_deleted_stage_keeps_its_id(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("GONE", "2026-01-05 10:00")])
    facts = raw.facts()
    assert facts.row("deals", 1)["stage_id"] == "GONE"
    assert facts.rows("SELECT known, semantic, rank FROM stages WHERE stage_id = 'GONE'") == [(False, "P", 7)]


def test_history_rows_of_one_second_follow_their_ids(raw: Raw) -> None:
    raw.deal(
        1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("WORK", "2026-01-05 10:00"), ("WON", "2026-01-05 10:00")]
    )
    facts = raw.facts()
    assert facts.row("deals", 1)["status"] == "won"
    assert facts.rows("SELECT stage_id FROM stage_visits ORDER BY position") == [("NEW",), ("WORK",), ("WON",)]


@pytest.mark.parametrize(
    ("opportunity", "currency", "amount", "no_rate"),
    [
        ("100.10", "RUB", "100.10", False),
        ("10", "USD", "905", False),
        ("1000", "JPY", "601.234", False),
        ("5", "EUR", None, True),
        ("0", "RUB", None, False),
        ("7", None, "7", False),
    ],
)
def test_amounts_in_the_base_currency(
    raw: Raw, opportunity: str, currency: str | None, amount: str | None, no_rate: bool
) -> None:
    raw.deal(
        1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")], opportunity=Decimal(opportunity), currency_id=currency
    )
    row = raw.facts().row("deals", 1)
    assert (row["amount"], row["no_rate"]) == (None if amount is None else Decimal(amount), no_rate)


def test_source_is_the_deals_own_else_its_leads(raw: Raw) -> None:
    raw.lead(7, "2026-01-01 10:00", [("CONVERTED", "2026-01-02 10:00")], source_id="WEB")
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")], lead_id=7)
    raw.deal(2, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")], lead_id=7, source_id="OLD")
    facts = raw.facts()
    assert [facts.row("deals", i)["source_id"] for i in (1, 2)] == ["WEB", "OLD"]
    assert ("OLD", False) in facts.rows("SELECT source_id, known FROM sources")
    assert (
        facts.row("leads", 7)["became_deal"],
        facts.row("leads", 7)["deal_id"],
        facts.row("leads", 7)["status"],
    ) == (True, 1, "won")


def test_a_lead_is_won_when_any_of_its_sales_deals_stands_won(raw: Raw) -> None:
    won = [("NEW", "2026-01-05 10:00"), ("WON", "2026-01-06 10:00")]
    for lead in (7, 8, 9):
        raw.lead(lead, "2026-01-01 10:00", [("CONVERTED", "2026-01-02 10:00")])
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")], lead_id=7)
    raw.deal(2, "2026-01-05 10:00", won, lead_id=7)
    raw.deal(3, "2026-01-05 10:00", [*won, ("NEW", "2026-01-07 10:00")], lead_id=8)  # fell back
    facts = raw.facts()
    assert [facts.row("leads", i)["deal_won"] for i in (7, 8, 9)] == [True, False, False]


def test_days_are_local(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 00:30", [("NEW", "2026-01-05 00:30")])
    assert raw.facts().row("deals", 1)["created_on"] == day("2026-01-05")
    assert raw.facts(timezone="America/New_York").row("deals", 1)["created_on"] == day("2026-01-04")


def test_funnel_reaches_skipped_stages_and_knows_returns_and_stays(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        [
            ("NEW", "2026-01-05 10:00"),
            ("DOC", "2026-01-06 10:00"),
            ("NEW", "2026-01-08 10:00"),
            ("LOSE", "2026-01-11 10:00"),
        ],
    )
    facts = raw.facts()
    assert facts.rows("SELECT stage_id, entered, lost_here, returned, stay_days FROM deal_stages ORDER BY rank") == [
        ("NEW", True, False, False, 4.0),
        ("WORK", False, False, False, None),
        ("DOC", True, True, True, 2.0),
    ]


def test_user_fields_are_typed_and_nonsense_is_empty(raw: Raw) -> None:
    for name, kind, multiple in (
        ("UF_CRM_LIST", "enumeration", True),
        ("UF_CRM_FLAG", "boolean", False),
        ("UF_CRM_NUM", "double", False),
        ("UF_CRM_SUM", "money", False),
        ("UF_CRM_DAY", "date", False),
    ):
        raw.add(
            "user_fields",
            entity="deal",
            field=name,
            type=kind,
            label=name,
            multiple=multiple,
            sort=1,
            items='[{"ID": "3", "VALUE": "Три"}]' if multiple else None,
        )
    uf = {
        "UF_CRM_LIST": [3, 4],
        "UF_CRM_FLAG": "1",
        "UF_CRM_NUM": "1.5",
        "UF_CRM_SUM": "100.50|RUB",
        "UF_CRM_DAY": "2026-08-30T03:00:00+03:00",
        "UF_CRM_NEW": "x",
    }
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")], uf=uf)
    raw.deal(
        2,
        "2026-01-05 10:00",
        [("NEW", "2026-01-05 10:00")],
        uf={"UF_CRM_LIST": 3, "UF_CRM_NUM": "много", "UF_CRM_SUM": "|RUB", "UF_CRM_DAY": "soon"},
    )
    raw.deal(3, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")])
    facts = raw.facts()
    names = ["UF_CRM_LIST", "UF_CRM_FLAG", "UF_CRM_NUM", "UF_CRM_SUM", "UF_CRM_DAY", "UF_CRM_NEW"]
    prepaid = {"amount": Decimal("100.5"), "currency": "RUB", "base": Decimal("100.5")}
    assert [facts.row("deals", 1)[n] for n in names] == [["3", "4"], True, 1.5, prepaid, day("2026-08-30"), "x"]
    assert [facts.row("deals", 2)[n] for n in names] == [["3"], None, None, None, None, None]
    assert [facts.row("deals", 3)[n] for n in names] == [None] * 6
    assert facts.rows("SELECT option_id, label, label_en, active FROM user_field_options ORDER BY 1") == [
        ("3", "Три", "Три", True),
        ("4", "4 (удалено)", "4 (deleted)", False),
    ]


def test_last_touch_is_the_latest_of_everything_known(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("WORK", "2026-02-01 10:00")])
    raw.deal(2, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")])
    raw.add(
        "activities",
        id=1,
        owner_id=2,
        owner_type_id=2,
        type_id=2,
        direction=2,
        created=at("2026-03-01 10:00"),
        last_updated=at("2026-03-10 10:00"),
        completed=True,
    )
    raw.add(
        "activities",
        id=2,
        owner_id=2,
        owner_type_id=2,
        type_id=6,
        provider_id="CRM_TODO",
        created=at("2026-03-02 10:00"),
        deadline=at("2026-03-25 10:00"),
        completed=False,
    )
    facts = raw.facts()
    assert (facts.row("deals", 1)["last_activity_at"], facts.row("deals", 1)["idle_days"]) == (
        at("2026-02-01 10:00"),
        47,
    )
    second = facts.row("deals", 2)
    assert (second["last_activity_at"], second["last_contact_at"]) == (at("2026-03-10 10:00"), at("2026-03-10 10:00"))
    assert (second["next_activity_at"], second["open_activities"]) == (at("2026-03-25 10:00"), 1)


def test_an_earlier_day_is_replayed(raw: Raw) -> None:
    raw.deal(
        1,
        "2026-01-05 10:00",
        [("NEW", "2026-01-05 10:00"), ("WORK", "2026-02-01 10:00"), ("WON", "2026-03-01 10:00")],
        opportunity=Decimal(300),
    )
    raw.deal(2, "2026-02-20 10:00", [("NEW", "2026-02-20 10:00")])
    raw.add(
        "change_log", entity="deal", id=1, field="opportunity", old="200", new="250", seen_at=at("2026-02-15 10:00")
    )
    raw.add(
        "change_log", entity="deal", id=1, field="opportunity", old="250", new="300", seen_at=at("2026-03-05 10:00")
    )
    then = raw.facts(as_of="2026-02-10 10:00")
    assert then.rows("SELECT id, status, stage_id, amount FROM deals") == [(1, "in_work", "WORK", Decimal(200))]
    later = raw.facts(as_of="2026-02-25 10:00")
    assert later.rows("SELECT id, status, amount FROM deals ORDER BY id") == [
        (1, "in_work", Decimal(250)),
        (2, "in_work", Decimal(100)),
    ]


def test_a_portal_with_nothing_has_every_table(raw: Raw) -> None:
    facts = raw.facts()
    assert facts.rows("SELECT count(*) FROM deals") == [(0,)]
    assert facts.rows("SELECT name FROM pipelines ORDER BY id") == [("Продажи",), ("Опт",), ("Производство",)]


def test_departments_reach_up_and_survive_a_cycle(raw: Raw) -> None:
    raw.add("departments", id=1, name="Компания")
    raw.add("departments", id=2, name="Север", parent_id=1)
    raw.add("departments", id=3, name="Круг", parent_id=4)
    raw.add("departments", id=4, name="Круг", parent_id=3)
    raw.add("users", id=1, active=True, name="Анна", last_name="Ли", departments=[2])
    raw.add("users", id=2, active=False, name="", last_name="", email="b@x.ru", departments=[3])
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00")], assigned_by_id=77)
    facts = raw.facts()
    assert facts.rows("SELECT * FROM manager_departments WHERE manager_id = 1 ORDER BY department_id") == [
        (1, 1, False),
        (1, 2, True),
    ]
    assert facts.rows("SELECT id, name, known FROM managers ORDER BY id") == [
        (1, "Анна Ли", True),
        (2, "b@x.ru", True),
        (77, "#77", False),
    ]


def test_what_became_of_deals_that_reached_a_stage_gives_its_chance(raw: Raw) -> None:
    path = [("NEW", "2026-01-05 10:00"), ("WORK", "2026-01-07 10:00"), ("DOC", "2026-01-10 10:00")]
    for deal in range(1, 31):  # 30 reached «Договор», 20 of them were won
        raw.deal(deal, "2026-01-05 10:00", [*path, ("WON" if deal <= 20 else "LOSE", "2026-01-14 10:00")])
    for deal in range(31, 61):  # 30 more were lost at «Новая»
        raw.deal(deal, "2026-01-05 10:00", [path[0], ("LOSE", "2026-01-14 10:00")])
    raw.deal(61, "2026-01-05 10:00", path[:2], opportunity=Decimal(600))  # in work
    raw.deal(
        62, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00", 5)]
    )  # a pipeline that closed nothing: all of them stand for it
    facts = raw.facts()
    norms = {
        (p, s): rest
        for p, s, *rest in facts.rows(
            "SELECT pipeline_id, stage_id, closed, won, chance, stays, stay_p90_won FROM stage_norms"
        )
    }
    assert norms[0, "NEW"] == [60, 20, pytest.approx(1 / 3), 20, pytest.approx(2.0)]
    assert norms[0, "WORK"] == [30, 20, pytest.approx(2 / 3), 20, pytest.approx(3.0)]
    assert norms[5, "C5:NEW"] == [0, 0, pytest.approx(1 / 3), 0, None]
    row = facts.row("deals", 61)
    assert (row["chance"], row["at_risk"]) == (pytest.approx(2 / 3), pytest.approx(Decimal(400)))
    assert facts.row("deals", 1)["chance"] is None


def test_the_number_of_stays_is_that_of_the_won_deals_that_left_the_stage(raw: Raw) -> None:
    ways: list[list[Any]] = [
        [("NEW",), ("WORK",), ("WON",)],
        [("NEW",), ("WORK",), ("NEW",), ("DOC",), ("WON",)],  # there twice, counted once
        [("NEW",), ("WORK",), ("NEW", 5), ("WON", 5)],  # won in another pipeline
        [("NEW",), ("DOC",), ("WON",), ("NEW", 9), ("LOSE", 9)],  # won, then in production
        [("NEW",), ("WON",), ("WORK",)],  # fell back
        [("NEW",), ("WORK",), ("LOSE",)],
        [("NEW", 9), ("WON", 9)],  # no sale
        [("WON",)],
        [("NEW",), ("WORK",), ("NEW", 9)],
    ]
    for deal, way in enumerate(ways * 2, 1):
        path = [(stage, f"2026-01-{5 + day:02d} 10:00", *more) for day, (stage, *more) in enumerate(way)]
        raw.deal(deal, "2026-01-05 10:00", path)
    facts = raw.facts(roles={9: "after-sale"})
    stays = {(p, s): n for p, s, n in facts.rows("SELECT pipeline_id, stage_id, stays FROM stage_norms") if n}
    assert stays == {(0, "NEW"): 8, (0, "WORK"): 6, (0, "DOC"): 4, (5, "C5:NEW"): 2}
    behind = facts.rows(f"SELECT pipeline_id, stage_id, count(*) FROM deal_stages WHERE {WON_STAYS.where} GROUP BY ALL")
    assert {(p, s): n for p, s, n in behind if s != "WON"} == stays  # of stages in work alone is there a norm


def test_few_closed_deals_of_a_stage_lean_on_their_pipeline(raw: Raw) -> None:
    for deal in range(1, 5):
        raw.deal(
            deal,
            "2026-01-05 10:00",
            [("NEW", "2026-01-05 10:00"), ("WON" if deal == 1 else "LOSE", "2026-01-14 10:00")],
        )
    raw.deal(
        5, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00"), ("WORK", "2026-01-06 10:00"), ("WON", "2026-01-14 10:00")]
    )
    chance = dict(raw.facts().rows("SELECT stage_id, chance FROM stage_norms WHERE pipeline_id = 0"))
    assert chance["NEW"] == pytest.approx((2 + 25 * 0.4) / 30)  # 2 of 5, the pipeline's own share is the same
    assert chance["WORK"] == pytest.approx((2 + 28 * 0.4) / 30)  # both won deals passed it


def test_idle_days_by_both_clocks_and_in_working_days(raw: Raw) -> None:
    raw.deal(1, "2026-03-02 10:00", [("NEW", "2026-03-02 10:00")])
    raw.add(
        "activities",
        id=1,
        owner_id=1,
        owner_type_id=2,
        type_id=3,
        created=at("2026-03-13 13:00"),
        last_updated=at("2026-03-13 13:00"),
        completed=False,
    )
    raw.add(
        "activities",
        id=2,
        owner_id=1,
        owner_type_id=2,
        type_id=2,
        direction=2,
        created=at("2026-03-10 11:00"),
        last_updated=at("2026-03-10 11:00"),
        completed=True,
    )
    row = raw.facts().row("deals", 1)
    # 13 March is a Friday, 20 March the Friday after it
    assert (row["idle_days"], row["idle_workdays"]) == (6, 5)
    assert (row["contact_idle_days"], row["contact_idle_workdays"]) == (10, 8)
    raw.deal(2, "2026-03-02 13:00", [("NEW", "2026-03-02 13:00")])
    row = raw.facts().row("deals", 2)
    assert (row["contact_idle_days"], row["contact_idle_workdays"]) == (17, 13)  # from creation; 9 March is a day off


def test_activities_bound_to_a_card_and_its_latest_comment_touch_it(raw: Raw) -> None:
    for deal in (1, 2, 3):
        raw.deal(deal, "2026-02-02 10:00", [("NEW", "2026-02-02 10:00")])
    call = {"type_id": 2, "direction": 2, "completed": True}
    raw.add(
        "activities",
        id=1,
        owner_id=7,
        owner_type_id=3,
        created=at("2026-03-10 12:00"),
        last_updated=at("2026-03-10 12:00"),
        **call,
    )  # of the contact
    raw.add(
        "activities",
        id=2,
        owner_id=2,
        owner_type_id=2,
        created=at("2026-03-01 12:00"),
        last_updated=at("2026-03-01 12:00"),
        type_id=3,
        completed=False,
        deadline=at("2026-04-01 12:00"),
    )
    raw.add("bound_activities", activity_id=1, owner_type_id=2, owner_id=1)
    raw.add("bound_activities", activity_id=2, owner_type_id=2, owner_id=2)  # its own: counted once
    raw.add("card_checks", owner_type_id=2, owner_id=1, checked_at=at("2026-03-20 11:00"))
    raw.add(
        "card_checks",
        owner_type_id=2,
        owner_id=3,
        checked_at=at("2026-03-20 11:00"),
        commented_at=at("2026-03-18 12:00"),
    )
    facts = raw.facts()
    first, second, third = (facts.row("deals", n) for n in (1, 2, 3))
    assert (first["idle_days"], first["last_contact_at"]) == (10, at("2026-03-10 12:00"))
    assert (second["idle_days"], second["open_activities"], second["next_activity_at"]) == (
        19,
        1,
        at("2026-04-01 12:00"),
    )
    assert (third["idle_days"], third["last_contact_at"]) == (2, None)
    before = raw.facts("2026-03-05 12:00")
    assert before.row("deals", 1)["idle_days"] == before.row("deals", 3)["idle_days"] == 31
