"""The generated company: what must hold in its file, checked by SQL, and the traps it must contain."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from dash_app.demo.company import build
from dash_app.demo.company.calendar import midnight
from dash_app.demo.company.structure import UNKNOWN_PERSON, people_count
from dash_app.demo.fields import ENTITIES, INDICES, NO_DEADLINE

SCALE = 2500
TODAY = date(2026, 11, 24)
NOW = midnight(TODAY)
DAY = 86_400

Company = sqlite3.Connection


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    """A company of 2500 deals."""
    path = tmp_path_factory.mktemp("company") / "company.sqlite"
    build(path, scale=SCALE, seed=7, today=TODAY)
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    yield connection
    connection.close()


def rows(company: Company, sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """All rows of a query."""
    return company.execute(sql, values).fetchall()


def one(company: Company, sql: str, *values: Any) -> Any:
    """The single value of a query."""
    return company.execute(sql, values).fetchone()[0]


def digest(path: Path) -> list[list[tuple[Any, ...]]]:
    """Everything in a file."""
    connection = sqlite3.connect(path)
    try:
        return [connection.execute(f"SELECT * FROM {table}").fetchall() for table in ENTITIES]
    finally:
        connection.close()


# --- size, repeatability, wholeness of the file


def test_the_number_of_deals_and_leads_is_what_was_asked(company: Company) -> None:
    assert one(company, "SELECT count(*) FROM deals WHERE IS_RECURRING = 'N'") == SCALE
    assert one(company, "SELECT count(*) FROM leads") == SCALE * 1.5
    assert one(company, "SELECT count(*) FROM users") == people_count(SCALE)


@pytest.mark.parametrize("scale", [0, 1, 2, 13, 120])
def test_tiny_companies_have_exactly_their_deals(tmp_path: Path, scale: int) -> None:
    build(tmp_path / "c.sqlite", scale=scale, today=TODAY)
    with sqlite3.connect(tmp_path / "c.sqlite") as connection:
        assert one(connection, "SELECT count(*) FROM deals WHERE IS_RECURRING = 'N'") == scale
        assert one(connection, "SELECT count(*) FROM users") >= 18
        assert one(connection, "SELECT count(*) FROM categories") == 4


def test_people_grow_slowly_with_the_company() -> None:
    assert people_count(12_000) == 30
    assert 280 <= people_count(1_000_000) <= 320


def test_the_same_seed_gives_the_same_company_and_another_seed_another(tmp_path: Path) -> None:
    for name, seed in (("a", 3), ("b", 3), ("c", 4)):
        build(tmp_path / name, scale=150, seed=seed, today=TODAY)
    first = digest(tmp_path / "a")
    assert first == digest(tmp_path / "b")
    assert first != digest(tmp_path / "c")


def test_an_interrupted_build_leaves_nothing_behind(tmp_path: Path) -> None:
    def stop(_month: str, done: int, _all: int) -> None:
        if done == 3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "c.sqlite", scale=100, today=TODAY, progress=stop)
    assert list(tmp_path.iterdir()) == []


def test_progress_names_every_month_once(tmp_path: Path) -> None:
    seen: list[tuple[str, int, int]] = []
    build(tmp_path / "c.sqlite", scale=10, today=date(2026, 3, 15), progress=lambda *said: seen.append(said))
    assert [done for _, done, _ in seen] == list(range(1, 26))
    assert seen[0] == ("2024-03", 1, 25)
    assert seen[-1] == ("2026-03", 25, 25)


def test_a_negative_scale_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="scale"):
        build(tmp_path / "c.sqlite", scale=-1, today=TODAY)


def test_every_value_is_stored_as_its_field_says(company: Company) -> None:
    for table, fields in ENTITIES.items():
        for field in fields:
            allowed = {"INTEGER": {"integer"}, "REAL": {"real", "integer"}, "TEXT": {"text"}}[field.storage]
            found = {kind for (kind,) in rows(company, f'SELECT DISTINCT typeof("{field.name}") FROM {table}')} - {
                "null"
            }
            assert found <= allowed, (table, field.name, found)
            if field.type == "flag":
                flags = {value for (value,) in rows(company, f'SELECT DISTINCT "{field.name}" FROM {table}')}
                assert flags <= {"Y", "N", None}, (table, field.name, flags)
            if field.type == "json" or field.multiple:
                query = (
                    f'SELECT count(*) FROM {table} WHERE "{field.name}" IS NOT NULL AND NOT json_valid("{field.name}")'
                )
                assert one(company, query) == 0, (table, field.name)
            if field.type == "date" and not field.multiple:
                query = f'SELECT count(*) FROM {table} WHERE "{field.name}" NOT GLOB ?'
                assert one(company, query, "20[0-9][0-9]-[01][0-9]-[0-3][0-9]") == 0, (table, field.name)


def test_every_user_field_is_filled_on_some_cards_and_empty_on_others(company: Company) -> None:
    for table in ("deals", "leads"):
        for field in ENTITIES[table]:
            if field.is_user_field:
                filled, total = rows(company, f'SELECT count("{field.name}"), count(*) FROM {table}')[0]
                assert 0 < filled < total, (table, field.name)


def test_the_indices_of_the_contract_exist(company: Company) -> None:
    made = {name for (name,) in rows(company, "SELECT name FROM sqlite_master WHERE type = 'index'")}
    wanted = {f"rest_{table}_{'_'.join(cols)}".lower() for table, lists in INDICES.items() for cols in lists}
    assert wanted <= made


# --- stage history


@pytest.mark.parametrize(
    ("table", "history", "stage", "semantic"),
    [
        ("deals", "deal_history", "STAGE_ID", "STAGE_SEMANTIC_ID"),
        ("leads", "lead_history", "STATUS_ID", "STATUS_SEMANTIC_ID"),
    ],
)
class TestHistory:
    """Cards and their history agree."""

    def test_the_last_row_is_where_the_card_stands(
        self, company: Company, table: str, history: str, stage: str, semantic: str
    ) -> None:
        wrong = one(
            company,
            f"""SELECT count(*) FROM {table} c LEFT JOIN {history} h
                ON h.ID = (SELECT max(ID) FROM {history} WHERE OWNER_ID = c.ID)
                WHERE h.{stage} IS NOT c.{stage} OR h.{semantic} IS NOT c.{semantic} OR h.CREATED_TIME IS NOT
        c.MOVED_TIME""",
        )
        assert wrong == 0

    def test_the_first_row_is_the_creation(
        self, company: Company, table: str, history: str, stage: str, semantic: str
    ) -> None:
        wrong = one(
            company,
            f"""SELECT count(*) FROM {table} c LEFT JOIN {history} h
                ON h.ID = (SELECT min(ID) FROM {history} WHERE OWNER_ID = c.ID)
                WHERE h.CREATED_TIME IS NOT c.DATE_CREATE OR h.TYPE_ID <> CASE h.{semantic} WHEN 'P' THEN 1
        ELSE 3 END""",
        )
        assert wrong == 0
        born_once = f"SELECT max(n) FROM (SELECT count(*) n FROM {history} WHERE TYPE_ID = 1 GROUP BY OWNER_ID)"
        assert one(company, born_once) == 1

    def test_time_goes_forward_and_no_stage_is_entered_from_itself(
        self, company: Company, table: str, history: str, stage: str, semantic: str
    ) -> None:
        wrong = one(
            company,
            f"""SELECT count(*) FROM (
                SELECT CREATED_TIME, {stage} s, lag(CREATED_TIME) OVER w before, lag({stage}) OVER w was
                FROM {history} WINDOW w AS (PARTITION BY OWNER_ID ORDER BY ID))
                WHERE CREATED_TIME <= before OR s = was""",
        )
        assert wrong == 0

    def test_types_say_what_happened(
        self, company: Company, table: str, history: str, stage: str, semantic: str
    ) -> None:
        wrong = one(
            company,
            f"""SELECT count(*) FROM {history} WHERE NOT CASE TYPE_ID
                WHEN 1 THEN {semantic} = 'P' WHEN 2 THEN {semantic} = 'P' WHEN 3 THEN {semantic} IN ('S', 'F')
                ELSE TYPE_ID = 5 END""",
        )
        assert wrong == 0

    def test_ids_ascend_with_time_but_for_restored_cards(
        self, company: Company, table: str, history: str, stage: str, semantic: str
    ) -> None:
        late = one(
            company,
            f"""SELECT count(*) FROM (SELECT CREATED_TIME t, lag(CREATED_TIME) OVER (ORDER BY ID) b FROM
        {history}) WHERE t < b""",
        )
        assert late <= (30 if table == "deals" else 0)

    def test_nothing_happened_in_the_future(
        self, company: Company, table: str, history: str, stage: str, semantic: str
    ) -> None:
        latest = f"SELECT max(DATE_CREATE, DATE_MODIFY, MOVED_TIME, LAST_ACTIVITY_TIME) m FROM {table} ORDER BY m DESC"
        assert one(company, latest) < NOW
        assert one(company, f"SELECT max(CREATED_TIME) FROM {history}") < NOW
        assert one(company, f"SELECT count(*) FROM {table} WHERE DATE_MODIFY < MOVED_TIME") == 0

    def test_the_directory_knows_the_semantics(
        self, company: Company, table: str, history: str, stage: str, semantic: str
    ) -> None:
        entity = "LIKE 'DEAL_STAGE%'" if table == "deals" else "= 'STATUS'"
        unlike = rows(
            company,
            f"""SELECT DISTINCT c.{stage} FROM {history} c LEFT JOIN statuses s
                ON s.STATUS_ID = c.{stage} AND s.ENTITY_ID {entity}
                WHERE c.{semantic} IS NOT coalesce(s.SEMANTICS, 'P') OR s.ID IS NULL""",
        )
        assert unlike == ([("UC_OLD8K1",)] if table == "deals" else [])


def test_a_change_of_pipeline_is_a_row_of_type_5_and_the_other_way_round(company: Company) -> None:
    wrong = one(
        company,
        """SELECT count(*) FROM (SELECT TYPE_ID, CATEGORY_ID c, lag(CATEGORY_ID) OVER (PARTITION BY OWNER_ID
        ORDER BY ID) was
           FROM deal_history) WHERE was IS NOT NULL AND (TYPE_ID = 5) <> (c <> was)""",
    )
    assert wrong == 0
    assert one(company, "SELECT count(*) FROM deals WHERE CLOSED <> iif(STAGE_SEMANTIC_ID = 'P', 'N', 'Y')") == 0


# --- links


def test_converted_leads_became_deals_later_than_they_were_converted(company: Company) -> None:
    converted = one(company, "SELECT count(*) FROM leads WHERE STATUS_ID = 'CONVERTED'")
    with_deal = one(
        company,
        """SELECT count(*) FROM leads l WHERE STATUS_ID = 'CONVERTED' AND EXISTS (SELECT 1 FROM deals
        WHERE LEAD_ID = l.ID)""",
    )
    assert 0.25 * SCALE * 1.5 < converted < 0.55 * SCALE * 1.5
    assert 0.95 * converted < with_deal < converted  # a few were converted without a deal
    assert (
        one(
            company,
            "SELECT count(*) FROM deals d LEFT JOIN leads l ON l.ID = d.LEAD_ID WHERE d.LEAD_ID > 0 AND l.ID IS NULL",
        )
        == 0
    )
    assert (
        one(
            company, "SELECT count(*) FROM deals d JOIN leads l ON l.ID = d.LEAD_ID WHERE d.DATE_CREATE < l.DATE_CREATE"
        )
        == 0
    )
    assert one(company, "SELECT max(n) FROM (SELECT count(*) n FROM deals WHERE LEAD_ID > 0 GROUP BY LEAD_ID)") == 2


@pytest.mark.parametrize(
    ("table", "column", "target"),
    [
        ("deals", "CONTACT_ID", "contacts"),
        ("deals", "COMPANY_ID", "companies"),
        ("leads", "CONTACT_ID", "contacts"),
        ("leads", "COMPANY_ID", "companies"),
        ("contacts", "COMPANY_ID", "companies"),
        ("tasks", "GROUP_ID", "workgroups"),
        ("tasks", "PARENT_ID", "tasks"),
        ("leads", "ASSIGNED_BY_ID", "users"),
        ("tasks", "RESPONSIBLE_ID", "users"),
        ("departments", "UF_HEAD", "users"),
        ("departments", "PARENT", "departments"),
        ("activity_bindings", "ACTIVITY_ID", "activities"),
        ("comments", "AUTHOR_ID", "users"),
    ],
)
def test_links_lead_somewhere(company: Company, table: str, column: str, target: str) -> None:
    lost = f"""SELECT DISTINCT {column} FROM {table} WHERE {column} IS NOT NULL AND {column} NOT IN (SELECT ID
        FROM {target})"""
    assert rows(company, lost) in ([], [(UNKNOWN_PERSON,)])
    assert one(company, f"SELECT count({column}) FROM {table}") > 0


def test_every_activity_is_bound_to_its_owner_and_its_owner_exists(company: Company) -> None:
    bound = """SELECT 1 FROM activity_bindings b WHERE b.ACTIVITY_ID = a.ID AND (b.OWNER_TYPE_ID, b.OWNER_ID) =
        (a.OWNER_TYPE_ID, a.OWNER_ID)"""
    assert one(company, f"SELECT count(*) FROM activities a WHERE NOT EXISTS ({bound})") == 0
    for kind, table in ((1, "leads"), (2, "deals"), (3, "contacts")):
        lost = f"""SELECT count(*) FROM activity_bindings WHERE OWNER_TYPE_ID = ? AND OWNER_ID NOT IN (SELECT
        ID FROM {table})"""
        assert one(company, lost, kind) == 0
        assert one(company, "SELECT count(*) FROM activities WHERE OWNER_TYPE_ID = ?", kind) > 50


@pytest.mark.parametrize(("table", "entity", "number"), [("deals", "deal", 2), ("leads", "lead", 1)])
def test_last_activity_knows_only_what_came_in(company: Company, table: str, entity: str, number: int) -> None:
    wrong = one(
        company,
        f"""SELECT count(*) FROM {table} c WHERE LAST_ACTIVITY_TIME <> max(DATE_CREATE,
            coalesce((SELECT max(a.CREATED) FROM activity_bindings b JOIN activities a ON a.ID = b.ACTIVITY_ID
                      WHERE b.OWNER_TYPE_ID = ? AND b.OWNER_ID = c.ID AND a.IS_INCOMING_CHANNEL = 'Y'), 0),
            coalesce((SELECT max(CREATED) FROM comments m
                      WHERE ENTITY_TYPE = ? AND ENTITY_ID = c.ID AND AUTHOR_ID <> c.ASSIGNED_BY_ID), 0))""",
        number,
        entity,
    )
    assert wrong == 0


@pytest.mark.parametrize(("table", "number"), [("deals", 2), ("leads", 1)])
def test_last_communication_is_the_last_talk_in_either_direction(company: Company, table: str, number: int) -> None:
    wrong = one(
        company,
        f"""SELECT count(*) FROM {table} c WHERE LAST_COMMUNICATION_TIME IS NOT
            (SELECT max(a.CREATED) FROM activity_bindings b JOIN activities a ON a.ID = b.ACTIVITY_ID
             WHERE b.OWNER_TYPE_ID = ? AND b.OWNER_ID = c.ID AND a.PROVIDER_ID IN
             ('VOXIMPLANT_CALL', 'CRM_EMAIL', 'IMOPENLINES_SESSION', 'CRM_WEBFORM'))""",
        number,
    )
    assert wrong == 0
    assert one(company, f"SELECT count(*) FROM {table} WHERE LAST_COMMUNICATION_TIME IS NULL") > 0


def test_tasks_agree_with_their_status(company: Company) -> None:
    assert {status for (status,) in rows(company, "SELECT DISTINCT STATUS FROM tasks")} == {2, 3, 4, 5, 6}
    assert one(company, "SELECT count(*) FROM tasks WHERE (CLOSED_DATE IS NOT NULL) <> (STATUS IN (4, 5))") == 0
    assert one(company, "SELECT count(*) FROM tasks WHERE STATUS = 4 AND TASK_CONTROL = 'N'") == 0
    assert one(company, "SELECT count(*) FROM tasks WHERE DATE_START > CLOSED_DATE OR DATE_START < CREATED_DATE") == 0
    assert one(company, "SELECT max(max(CHANGED_DATE), max(ACTIVITY_DATE)) FROM tasks") < NOW
    on_card = """SELECT count(*) FROM tasks t JOIN activities a ON a.PROVIDER_ID = 'CRM_TASKS_TASK' AND
        a.ASSOCIATED_ENTITY_ID = t.ID"""
    assert one(company, on_card) == one(company, "SELECT count(UF_CRM_TASK) FROM tasks") > 100


# --- structure


def test_departments_are_a_tree_of_three_levels_and_all_have_heads(company: Company) -> None:
    depth = one(
        company,
        """WITH RECURSIVE tree(id, depth) AS (SELECT ID, 1 FROM departments WHERE PARENT IS NULL
           UNION ALL SELECT d.ID, depth + 1 FROM departments d JOIN tree t ON t.id = d.PARENT) SELECT
        max(depth) FROM tree""",
    )
    assert depth == 3
    assert one(company, "SELECT count(*) FROM departments WHERE UF_HEAD IS NULL") == 0
    for head, department in rows(company, "SELECT UF_HEAD, ID FROM departments"):
        listed = json.loads(one(company, "SELECT UF_DEPARTMENT FROM users WHERE ID = ?", head))
        assert department in listed


def test_pipelines_share_names_of_stages(company: Company) -> None:
    shared = dict(
        rows(
            company,
            """SELECT NAME, count(DISTINCT ENTITY_ID) FROM statuses WHERE ENTITY_ID LIKE
        'DEAL_STAGE%' GROUP BY 1""",
        )
    )
    assert shared["Новая"] == 4
    assert shared["В работе"] == 4
    assert shared["Договор"] == 3


# --- traps: each query must find something

_REOPENED = """SELECT count(*) FROM (SELECT STAGE_SEMANTIC_ID s, CATEGORY_ID c, lag(STAGE_SEMANTIC_ID) OVER w was,
               lag(CATEGORY_ID) OVER w before FROM deal_history WINDOW w AS (PARTITION BY OWNER_ID ORDER BY ID))
               WHERE s = 'P' AND c = before AND was = """
TRAPS = {
    "recurring templates": "SELECT count(*) FROM deals WHERE IS_RECURRING = 'Y'",
    "junk leads": "SELECT count(*) FROM leads WHERE STATUS_SEMANTIC_ID = 'F'",
    "reopened after a win": _REOPENED + "'S'",
    "reopened after a loss": _REOPENED + "'F'",
    "reopened leads that keep the date of closing": """SELECT count(*) FROM leads WHERE STATUS_SEMANTIC_ID =
        'P' AND DATE_CLOSED > 0""",
    "won through a change of pipeline": """SELECT count(*) FROM deal_history WHERE TYPE_ID = 5 AND
        STAGE_SEMANTIC_ID = 'S'""",
    "born won": """SELECT count(*) FROM deals d WHERE STAGE_SEMANTIC_ID = 'S' AND (SELECT count(*) FROM
        deal_history WHERE OWNER_ID = d.ID) = 1""",
    "moved on into production": "SELECT count(*) FROM deal_history WHERE TYPE_ID = 5 AND STAGE_ID = 'C9:NEW'",
    "moved while in work": "SELECT count(*) FROM deal_history WHERE TYPE_ID = 5 AND STAGE_ID = 'C2:NEW'",
    "copies in production": """SELECT count(*) FROM deal_history WHERE TYPE_ID = 1 AND CATEGORY_ID = 9""",
    "base currency": "SELECT count(*) FROM deals WHERE CURRENCY_ID = 'RUB'",
    "second currency": "SELECT count(*) FROM deals WHERE CURRENCY_ID = 'USD' AND OPPORTUNITY > 0",
    "currency without a rate": "SELECT count(*) FROM deals WHERE CURRENCY_ID NOT IN (SELECT CURRENCY FROM currencies)",
    "no amount": "SELECT count(*) FROM deals WHERE OPPORTUNITY IS NULL",
    "amount 0": "SELECT count(*) FROM deals WHERE OPPORTUNITY = 0",
    "won without an amount": """SELECT count(*) FROM deals WHERE STAGE_SEMANTIC_ID = 'S' AND
        coalesce(OPPORTUNITY, 0) = 0""",
    "empty source": "SELECT count(*) FROM deals WHERE SOURCE_ID IS NULL",
    "deleted source": """SELECT count(*) FROM deals WHERE SOURCE_ID NOT IN (SELECT STATUS_ID FROM statuses
        WHERE ENTITY_ID = 'SOURCE')""",
    "deleted stage in history": "SELECT count(*) FROM deal_history WHERE STAGE_ID = 'UC_OLD8K1'",
    "deleted stage on a card": "SELECT count(*) FROM deals WHERE STAGE_ID = 'UC_OLD8K1'",
    "UTM marks": "SELECT count(*) FROM deals WHERE UTM_SOURCE IS NOT NULL AND UTM_CAMPAIGN IS NOT NULL",
    "repeat customers": "SELECT count(*) FROM deals WHERE IS_RETURN_CUSTOMER = 'Y'",
    "repeated approach": "SELECT count(*) FROM deals WHERE IS_REPEATED_APPROACH = 'Y'",
    "repeat leads": "SELECT count(*) FROM leads WHERE IS_RETURN_CUSTOMER = 'Y' AND CONTACT_ID > 0",
    "open deals of dismissed people": """SELECT count(*) FROM deals JOIN users u ON u.ID = ASSIGNED_BY_ID
                                         WHERE ACTIVE = 'N' AND STAGE_SEMANTIC_ID = 'P'""",
    "a person of nobody's list": f"SELECT count(*) FROM deals WHERE ASSIGNED_BY_ID = {UNKNOWN_PERSON}",
    "a person in two departments": "SELECT count(*) FROM users WHERE json_array_length(UF_DEPARTMENT) = 2",
    "a person without a department": "SELECT count(*) FROM users WHERE UF_DEPARTMENT = '[]' AND ACTIVE = 'Y'",
    "another time zone": "SELECT count(*) FROM users WHERE TIME_ZONE = 'Asia/Yekaterinburg'",
    "rotting cards": f"SELECT count(*) FROM deals WHERE STAGE_SEMANTIC_ID = 'P' AND MOVED_TIME < {NOW - 90 * DAY}",
    "planned close in the past": """SELECT count(*) FROM deals WHERE STAGE_SEMANTIC_ID = 'P' AND CLOSEDATE <
        '2026-11-24'""",
    "edited close date": """SELECT count(*) FROM deals WHERE STAGE_SEMANTIC_ID <> 'P'
                            AND CLOSEDATE <> date(MOVED_TIME + 10800, 'unixepoch')""",
    "restored: a new id, old dates": """SELECT count(*) FROM (SELECT DATE_MODIFY m, max(DATE_CREATE) OVER
                                        (ORDER BY ID ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING) before
        FROM deals)
                                        WHERE m < before - 600""",
    "no contact and no company": "SELECT count(*) FROM deals WHERE CONTACT_ID IS NULL AND COMPANY_ID IS NULL",
    "deleted option": "SELECT count(*) FROM deals WHERE UF_CRM_1698240001 = 44",
    "money without an amount": "SELECT count(*) FROM deals WHERE UF_CRM_1698240009 = '|RUB'",
    "several options": "SELECT count(*) FROM deals WHERE json_array_length(UF_CRM_1698240002) > 1",
    "flag said no": "SELECT count(*) FROM deals WHERE UF_CRM_1698240003 = 0",
    "HTML in titles": "SELECT count(*) FROM deals WHERE TITLE LIKE '%<b>%' OR TITLE LIKE '%<script>%'",
    "emoji in titles": "SELECT count(*) FROM deals WHERE TITLE LIKE '%🔥%' OR TITLE LIKE '%😀%'",
    "formulas in titles": "SELECT count(*) FROM deals WHERE TITLE LIKE '=%'",
    "activity without a deadline": f"""SELECT count(*) FROM activities WHERE PROVIDER_ID = 'CRM_TODO' AND
        DEADLINE = {NO_DEADLINE}""",
    "overdue to-dos": f"""SELECT count(*) FROM activities WHERE PROVIDER_ID = 'CRM_TODO' AND COMPLETED = 'N'
        AND DEADLINE < {NOW}""",
    "to-dos ahead": f"""SELECT count(*) FROM activities WHERE PROVIDER_ID = 'CRM_TODO' AND COMPLETED = 'N' AND
        DEADLINE BETWEEN {NOW} AND {NOW + 30 * DAY}""",
    "missed calls": "SELECT count(*) FROM activities WHERE json_extract(SETTINGS, '$.MISSED_CALL') AND DIRECTION = 1",
    "calls under 10 seconds": """SELECT count(*) FROM activities WHERE TYPE_ID = 2 AND DIRECTION = 2 AND
        END_TIME - START_TIME < 10""",
    "meetings": "SELECT count(*) FROM activities WHERE PROVIDER_ID = 'CRM_MEETING' AND COMPLETED = 'Y'",
    "chats": "SELECT count(*) FROM activities WHERE PROVIDER_ID = 'IMOPENLINES_SESSION'",
    "web forms": "SELECT count(*) FROM activities WHERE PROVIDER_ID = 'CRM_WEBFORM'",
    "unprocessed incoming": "SELECT count(*) FROM activities WHERE IS_INCOMING_CHANNEL = 'Y' AND COMPLETED = 'N'",
    "mail kept by a contact, bound to a deal": """SELECT count(*) FROM activities a JOIN activity_bindings b ON
        b.ACTIVITY_ID = a.ID
        WHERE a.TYPE_ID = 4 AND a.OWNER_TYPE_ID = 3 AND b.OWNER_TYPE_ID = 2""",
    "open deals without a next step": """SELECT count(*) FROM deals d WHERE STAGE_SEMANTIC_ID = 'P' AND NOT EXISTS
        (SELECT 1 FROM activities WHERE OWNER_TYPE_ID = 2 AND OWNER_ID = d.ID AND COMPLETED = 'N')""",
    "tasks without a deadline": "SELECT count(*) FROM tasks WHERE DEADLINE IS NULL",
    "tasks without a planned start": "SELECT count(*) FROM tasks WHERE START_DATE_PLAN IS NULL",
    "plans of a day only": "SELECT count(*) FROM tasks WHERE (START_DATE_PLAN + 10800) % 86400 = 0",
    "overdue tasks": f"SELECT count(*) FROM tasks WHERE STATUS IN (2, 3) AND DEADLINE < {NOW}",
    "passed deferred tasks": f"SELECT count(*) FROM tasks WHERE STATUS = 6 AND DEADLINE < {NOW}",
    "finished without being started": "SELECT count(*) FROM tasks WHERE STATUS = 5 AND DATE_START IS NULL",
    "tasks handed in": "SELECT count(*) FROM tasks WHERE STATUS = 4",
    "tasks for oneself": "SELECT count(*) FROM tasks WHERE CREATED_BY = RESPONSIBLE_ID",
    "subtasks": "SELECT count(*) FROM tasks WHERE PARENT_ID > 0",
    "tags": "SELECT count(*) FROM tasks WHERE json_array_length(TAGS) > 0",
    "comments of the responsible": """SELECT count(*) FROM comments c JOIN deals d ON d.ID = c.ENTITY_ID WHERE
        c.ENTITY_TYPE = 'deal' AND AUTHOR_ID = ASSIGNED_BY_ID""",
    "comments of others": """SELECT count(*) FROM comments c JOIN leads l ON l.ID = c.ENTITY_ID WHERE
        c.ENTITY_TYPE = 'lead' AND AUTHOR_ID <> ASSIGNED_BY_ID""",
    "closed project": "SELECT count(*) FROM workgroups WHERE CLOSED = 'Y'",
    "own legal entity": "SELECT count(*) FROM companies WHERE IS_MY_COMPANY = 'Y'",
    "holes in ids": "SELECT max(ID) - count(*) - 10 FROM deals",
}


@pytest.mark.parametrize("trap", TRAPS)
def test_trap_is_set(company: Company, trap: str) -> None:
    assert one(company, TRAPS[trap]) > 0


# --- rhythm and differences


def _per_day(company: Company, condition: str) -> float:
    """Deals' history rows on an average day that satisfies a condition on ``d`` (its date)."""
    return float(
        one(
            company,
            f"""WITH RECURSIVE days(d) AS (SELECT '2025-01-01' UNION ALL SELECT date(d, '+1 day') FROM days
        WHERE d < '2026-10-31')
                SELECT avg(coalesce(n, 0)) FROM days LEFT JOIN
                (SELECT date(CREATED_TIME + 10800, 'unixepoch') day, count(*) n FROM deal_history GROUP BY 1) ON day = d
                WHERE {condition}""",
        )
    )


def test_weekends_and_holidays_are_quiet(company: Company) -> None:
    work = _per_day(
        company, "strftime('%w', d) BETWEEN '1' AND '5' AND strftime('%m-%d', d) NOT BETWEEN '01-01' AND '01-08'"
    )
    assert _per_day(company, "strftime('%w', d) IN ('0', '6')") < work * 0.1
    assert _per_day(company, "strftime('%m-%d', d) BETWEEN '01-01' AND '01-08'") < work * 0.1
    assert (
        _per_day(company, "strftime('%m-%d', d) IN ('02-23', '03-08', '05-01', '05-09', '06-12', '11-04')") < work * 0.1
    )
    monday, friday = _per_day(company, "strftime('%w', d) = '1'"), _per_day(company, "strftime('%w', d) = '5'")
    assert 0.5 < monday / friday < 2.0


def test_wins_gather_at_the_end_of_the_month(company: Company) -> None:
    wins = """SELECT avg(strftime('%d', CREATED_TIME + 10800, 'unixepoch') BETWEEN ? AND ?) FROM deal_history
              WHERE STAGE_SEMANTIC_ID = 'S' AND CATEGORY_ID < 9"""
    assert one(company, wins, "26", "31") > 1.5 * one(company, wins, "11", "16")


def test_people_work_in_the_daytime_and_requests_come_at_night_too(company: Company) -> None:
    hour = "CAST(strftime('%H', {} + 10800, 'unixepoch') AS INTEGER)"
    at_work = f"SELECT avg({hour.format('CREATED_TIME')} BETWEEN 9 AND 20) FROM deal_history"
    assert one(company, at_work) > 0.98
    night = f"SELECT avg({hour.format('DATE_CREATE')} NOT BETWEEN 8 AND 20) FROM leads"
    assert 0.03 < one(company, night) < 0.4


def test_win_rates_look_like_a_company_and_managers_differ(company: Company) -> None:
    by_person = rows(
        company,
        """SELECT ASSIGNED_BY_ID, count(*), avg(EXISTS (SELECT 1 FROM deal_history h WHERE h.OWNER_ID = d.ID
        AND h.STAGE_SEMANTIC_ID = 'S'))
           FROM deals d WHERE IS_RECURRING = 'N' AND STAGE_SEMANTIC_ID <> 'P' GROUP BY 1 HAVING count(*) >= 40""",
    )
    total = sum(count for _, count, _ in by_person)
    overall = sum(count * rate for _, count, rate in by_person) / total
    assert 0.15 < overall < 0.45
    rates = [rate for _, _, rate in by_person]
    assert max(rates) > 1.8 * min(rates)


def test_sources_differ_in_quality(company: Company) -> None:
    share = dict(
        rows(company, "SELECT SOURCE_ID, avg(STATUS_ID = 'CONVERTED') FROM leads GROUP BY 1 HAVING count(*) > 60")
    )
    assert share["RECOMMENDATION"] > share["CALL"] * 0.9 > share["UC_AVITO1"]


def test_deals_take_weeks_and_key_ones_are_larger(company: Company) -> None:
    cycles = rows(
        company,
        """SELECT CATEGORY_ID, avg(MOVED_TIME - DATE_CREATE) / 86400.0, avg(OPPORTUNITY) / 100 FROM deals
           WHERE STAGE_SEMANTIC_ID = 'S' GROUP BY 1 ORDER BY 1""",
    )
    days = {category: mean for category, mean, _ in cycles}
    money = {category: mean for category, _, mean in cycles}
    assert 20 < days[0] < 90
    assert days[5] < days[0] < days[2]
    assert money[5] < money[0] < money[2]


def test_the_company_grows(company: Company) -> None:
    made = "SELECT count(*) FROM deals WHERE DATE_CREATE BETWEEN ? AND ?"
    first = one(company, made, midnight(date(2025, 1, 1)), midnight(date(2025, 10, 1)))
    second = one(company, made, midnight(date(2026, 1, 1)), midnight(date(2026, 10, 1)))
    assert second > first * 1.05
