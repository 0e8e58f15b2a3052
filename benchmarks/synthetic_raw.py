"""A portal's raw tables of any size, made by DuckDB itself in seconds: the ground every benchmark stands on.

Nothing is random in the usual sense: every value is a hash of (record, purpose, seed), so the same call gives the same
tables on every machine. Shapes follow a busy trading company: 4 sales pipelines of 8 stages, 300 people in 30 departments,
20 sources, 24 months. ``python -m benchmarks.synthetic_raw PATH [DEALS [ACTIVITIES]]`` writes one and derives its facts.
"""

from __future__ import annotations

import resource
import sys
import time
from datetime import datetime, timedelta
from pathlib import Path

import duckdb

from dash_app.store.schema import RAW

TAKEN = datetime(2026, 3, 20, 9, 0)
"""When the portal was read, naive UTC."""
PIPELINES = {0: "Продажи", 2: "Опт", 4: "Партнёры", 6: "Сервисные договоры"}
STAGES = (
    ("NEW", "Новая", None),
    ("QUALIFIED", "Квалификация", None),
    ("OFFER", "Предложение", None),
    ("TALKS", "Переговоры", None),
    ("CONTRACT", "Договор", None),
    ("WON", "Успех", "S"),
    ("LOSE", "Отказ", "F"),
    ("APOLOGY", "Не наш клиент", "F"),
)
_MONTHS_DAYS = 730
_PEOPLE, _DEPARTMENTS, _SOURCES = 300, 30, 20


def make_raw(
    path: Path,
    *,
    deals: int,
    history_per_deal: int = 4,
    activities: int,
    leads: int | None = None,
    tasks: int | None = None,
    seed: int = 1,
    memory_limit: str = "1GB",
) -> None:
    """Writes ``path`` (must not exist) with the RAW schema: ``deals`` deals with about ``history_per_deal`` history rows
    each, ``activities`` activities, ``leads`` leads (a third of the deals if not said) and ``tasks`` tasks (a twentieth)."""
    con = duckdb.connect(
        str(path), config={"memory_limit": memory_limit, "temp_directory": str(path.with_suffix(".spill"))}
    )
    try:
        for table, columns in RAW.items():
            con.execute(f"CREATE TABLE {table} ({', '.join(f'{n} {t}' for n, t in columns.items())})")
        # u: a fraction in [0, 1) of a record and a purpose
        con.execute(f"CREATE TEMP MACRO u(i, purpose) AS (hash(i, purpose, {int(seed)}) % 1000003) / 1000003.0")
        con.execute(f"CREATE TEMP MACRO taken() AS TIMESTAMP '{TAKEN}'")
        con.execute(f"CREATE TEMP MACRO opened() AS TIMESTAMP '{TAKEN - timedelta(days=_MONTHS_DAYS)}'")
        con.execute(
            "CREATE TEMP MACRO later(t, days) AS date_trunc('second', t + to_microseconds(CAST((days) * 86400000000 AS BIGINT)))"
        )
        # a few people do much: squaring leans to low numbers
        con.execute(
            f"CREATE TEMP MACRO person(i, purpose) AS 1 + CAST(floor(pow(u(i, purpose), 1.4) * {_PEOPLE}) AS BIGINT)"
        )
        _directories(con)
        lead_count = deals // 3 if leads is None else leads
        _leads(con, lead_count)
        _deals(con, deals, history_per_deal, lead_count)
        _activities(con, activities, deals, lead_count)
        _tasks(con, deals // 20 if tasks is None else tasks)
        con.execute("CHECKPOINT")
    finally:
        con.close()


def _directories(con: duckdb.DuckDBPyConnection) -> None:
    con.execute("INSERT INTO portal VALUES ('https://synthetic.example', 'RUB', '+03:00', true, 1, 2, taken())")
    con.execute(
        "INSERT INTO currencies VALUES ('RUB', 1, 1, true, 'Рубль'), ('USD', 1, 90.5, false, 'Доллар'), ('KZT', 100, 17.95, false, 'Тенге')"
    )
    number = 0
    for pipeline, name in PIPELINES.items():
        con.execute("INSERT INTO pipelines VALUES (?, ?, ?, ?)", [pipeline, name, pipeline * 10, pipeline == 0])
        for position, (code, title, semantic) in enumerate(STAGES):
            number += 1
            entity, stage = (f"DEAL_STAGE_{pipeline}", f"C{pipeline}:{code}") if pipeline else ("DEAL_STAGE", code)
            con.execute(
                "INSERT INTO statuses VALUES (?, ?, ?, ?, ?, ?, NULL)",
                [number, entity, stage, title, position * 10, semantic],
            )
    for position, (code, title, semantic) in enumerate(
        (
            ("NEW", "Новый", None),
            ("IN_PROCESS", "В работе", None),
            ("CONVERTED", "Сделка", "S"),
            ("JUNK", "Некачественный", "F"),
        )
    ):
        number += 1
        con.execute(
            "INSERT INTO statuses VALUES (?, 'STATUS', ?, ?, ?, ?, NULL)",
            [number, code, title, position * 10, semantic],
        )
    con.execute(
        f"INSERT INTO statuses SELECT 1000 + i, 'SOURCE', 'SRC' || i, 'Источник ' || i, i * 10, NULL, NULL FROM range(1, {_SOURCES + 1}) t(i)"
    )
    con.execute(
        f"""
        INSERT INTO departments
        SELECT i, 'Отдел ' || i, CASE WHEN i = 1 THEN NULL WHEN i <= 6 THEN 1 ELSE 2 + i % 5 END, 10 * i, i * 10
        FROM range(1, {_DEPARTMENTS + 1}) t(i)
        """
    )
    con.execute(
        f"""
        INSERT INTO users
        SELECT i, u(i, 'active') < 0.85, 'Имя' || i, 'Фамилия' || i, NULL, 'p' || i || '@synthetic.example', 'Менеджер', 'employee',
               CASE WHEN u(i, 'none') < 0.03 THEN [] WHEN u(i, 'two') < 0.05 THEN [7 + i % 24, 7 + (i + 5) % 24] ELSE [7 + i % 24] END
        FROM range(1, {_PEOPLE + 1}) t(i)
        """
    )
    con.execute(
        """
        INSERT INTO user_fields (entity, field, type, label, multiple, sort, items) VALUES
            ('deal', 'UF_CRM_REASON', 'enumeration', 'Причина отказа', false, 10, '[{"ID":"1","VALUE":"Дорого"},{"ID":"2","VALUE":"Сроки"},{"ID":"3","VALUE":"Конкурент"}]'),
            ('deal', 'UF_CRM_PRODUCTS', 'enumeration', 'Продукты', true, 20, '[{"ID":"11","VALUE":"Окна"},{"ID":"12","VALUE":"Двери"},{"ID":"13","VALUE":"Фасады"}]'),
            ('deal', 'UF_CRM_AREA', 'double', 'Площадь', false, 30, NULL),
            ('deal', 'UF_CRM_VISIT', 'date', 'Дата замера', false, 40, NULL),
            ('deal', 'UF_CRM_NOTE', 'string', 'Пометка', false, 50, NULL)
        """
    )
    con.execute("INSERT INTO workgroups SELECT i, 'Проект ' || i, i % 9 = 0, true FROM range(1, 41) t(i)")


_CARD_TAIL = """
    CASE WHEN u(i, 'utm') < 0.4 THEN 'src' || hash(i, 'us') % 8 END, CASE WHEN u(i, 'utm') < 0.4 THEN 'cpc' END,
    CASE WHEN u(i, 'utm') < 0.4 THEN 'campaign' || hash(i, 'uc') % 40 END, NULL, NULL
"""


def _leads(con: duckdb.DuckDBPyConnection, count: int) -> None:
    con.execute(
        f"""
        CREATE TEMP TABLE lead_plan AS
        SELECT i, later(opened(), (i + u(i, 'at')) * {_MONTHS_DAYS - 1} / {max(count, 1)}) AS created,
               CASE WHEN u(i, 'fate') < 0.4 THEN 'CONVERTED' WHEN u(i, 'fate') < 0.85 THEN 'JUNK' END AS fate
        FROM range(1, {count + 1}) t(i)
        """
    )
    con.execute(
        """
        INSERT INTO lead_history
        SELECT row_number() OVER (ORDER BY t, i, j), CASE WHEN j = 0 THEN 1 WHEN stage IN ('CONVERTED', 'JUNK') THEN 3 ELSE 2 END, i, t, stage,
               CASE stage WHEN 'CONVERTED' THEN 'S' WHEN 'JUNK' THEN 'F' ELSE 'P' END
        FROM (
            SELECT i, j, CASE j WHEN 0 THEN 'NEW' WHEN 1 THEN 'IN_PROCESS' ELSE fate END AS stage,
                   CASE j WHEN 0 THEN created WHEN 1 THEN later(created, u(i, 'first')) ELSE later(created, 1 - 6 * ln(1 - u(i, 'end'))) END AS t
            FROM lead_plan, range(0, 3) s(j)
        ) WHERE stage IS NOT NULL AND t <= taken()
        """
    )
    con.execute(
        f"""
        INSERT INTO leads
        WITH now AS (SELECT owner_id, arg_max(stage_id, id) AS stage, arg_max(semantic, id) AS semantic, max(created_time) AS moved FROM lead_history GROUP BY 1)
        SELECT i, 'Лид ' || i, stage, semantic, CASE WHEN u(i, 'sum') < 0.3 THEN round(5000 + u(i, 'sum') * 300000, 2) END, 'RUB',
               person(i, 'lead'), person(i, 'lead by'), NULL, NULL, created, moved, moved,
               CASE WHEN u(i, 'src?') < 0.93 THEN 'SRC' || (1 + CAST(floor(pow(u(i, 'src'), 2) * {_SOURCES}) AS INTEGER)) END,
               i, NULL, u(i, 'again') < 0.15, {_CARD_TAIL}, created, NULL,
               CASE WHEN semantic <> 'P' THEN moved END, true, false, NULL
        FROM lead_plan JOIN now ON owner_id = i ORDER BY i
        """
    )


def _deals(con: duckdb.DuckDBPyConnection, count: int, history: int, leads: int) -> None:
    pipelines = list(PIPELINES)
    codes = [code for code, _, _ in STAGES]
    con.execute(
        f"""
        CREATE TEMP TABLE plan AS
        SELECT i, later(opened(), (i + u(i, 'at')) * {_MONTHS_DAYS - 1} / {max(count, 1)}) AS created,
               {pipelines}[1 + CAST(floor(pow(u(i, 'pipe'), 1.5) * {len(pipelines)}) AS INTEGER)] AS pipeline,
               1 + CAST(floor(u(i, 'steps') * {2 * history - 1}) AS INTEGER) AS steps, -8 * ln(1 - u(i, 'pace')) AS pace, u(i, 'fate') AS fate
        FROM range(1, {count + 1}) t(i)
        """
    )
    # step 0 is NEW; then forward, now and then back; the last is the fate: won, lost one way or the other, still in work
    con.execute(
        f"""
        CREATE TEMP TABLE path AS
        SELECT i, j, pipeline, t, (CASE WHEN pipeline = 0 THEN '' ELSE 'C' || pipeline || ':' END) || {codes}[1 + step] AS stage,
               CASE step WHEN 5 THEN 'S' WHEN 6 THEN 'F' WHEN 7 THEN 'F' ELSE 'P' END AS semantic
        FROM (
            SELECT i, j, pipeline, later(created, CASE WHEN j = 0 THEN 0 ELSE pace * (j - 1 + u(i * 16 + j, 'when')) END) AS t,
                   CASE WHEN j = 0 AND steps > 1 THEN 0
                        WHEN j = steps - 1 AND fate < 0.28 THEN 5 WHEN j = steps - 1 AND fate < 0.65 THEN 6 WHEN j = steps - 1 AND fate < 0.75 THEN 7
                        WHEN u(i * 16 + j, 'back') < 0.04 THEN 0 ELSE least(j, 2 + CAST(floor(u(i, 'skip') * 3) AS INTEGER)) END AS step
            FROM (SELECT *, unnest(range(0, steps)) AS j FROM plan)
        ) WHERE t <= taken()
        """
    )
    con.execute(
        """
        INSERT INTO deal_history
        SELECT row_number() OVER (ORDER BY t, i, j), CASE WHEN j = 0 THEN 1 WHEN semantic <> 'P' THEN 3 ELSE 2 END, i, t, pipeline, stage, semantic
        FROM path
        """
    )
    con.execute(
        f"""
        INSERT INTO deals
        WITH now AS (SELECT i AS owner, arg_max(stage, j) AS stage, arg_max(semantic, j) AS semantic, max(t) AS moved FROM path GROUP BY 1)
        SELECT i, 'Сделка ' || i, stage, semantic,
               CASE WHEN u(i, 'no sum') < 0.08 THEN 0 ELSE round(exp(11 + 2.4 * (u(i, 'sum') + u(i, 'sum2') - 1)), 2) END,
               CASE WHEN u(i, 'cur') < 0.97 THEN 'RUB' WHEN u(i, 'cur') < 0.99 THEN 'USD' ELSE 'KZT' END,
               person(i, 'deal'), person(i, 'deal by'), person(i, 'deal'), person(i, 'deal'), created, moved, moved,
               CASE WHEN u(i, 'src?') < 0.9 THEN 'SRC' || (1 + CAST(floor(pow(u(i, 'src'), 2) * {_SOURCES}) AS INTEGER)) END,
               i, CASE WHEN u(i, 'firm') < 0.6 THEN 1 + hash(i, 'firm') % 200000 END, u(i, 'again') < 0.3,
               {_CARD_TAIL}, created, CASE WHEN u(i, 'talk') < 0.5 THEN later(created, u(i, 'talk')) END,
               pipeline, 'SALE', CASE WHEN {leads} > 0 AND u(i, 'lead?') < 0.3 THEN 1 + hash(i, 'lead') % {max(leads, 1)} END, false, false,
               CAST(created AS DATE), CAST(later(created, 10 + 60 * u(i, 'close')) AS DATE), semantic <> 'P',
               CASE WHEN u(i, 'uf') < 0.7 THEN
                   '{{"UF_CRM_PRODUCTS":[' || (11 + i % 3) || CASE WHEN i % 4 = 0 THEN ',' || (11 + (i + 1) % 3) ELSE '' END || '],"UF_CRM_AREA":"'
                   || round(u(i, 'area') * 100, 1) || '","UF_CRM_VISIT":"' || strftime(created, '%Y-%m-%d') || 'T03:00:00+03:00"'
                   || CASE WHEN semantic = 'F' THEN ',"UF_CRM_REASON":"' || (1 + i % 3) || '"' ELSE '' END
                   || CASE WHEN i % 10 = 0 THEN ',"UF_CRM_NOTE":"Перезвонить ' || i || '"' ELSE '' END || '}}' END
        FROM plan JOIN now ON owner = i ORDER BY i
        """
    )
    con.execute("DROP TABLE path")
    con.execute("DROP TABLE plan")


def _activities(con: duckdb.DuckDBPyConnection, count: int, deals: int, leads: int) -> None:
    con.execute(
        f"""
        INSERT INTO activities
        WITH owned AS (
            SELECT i, CASE WHEN u(i, 'whose') < 0.8 AND {deals} > 0 THEN 2 WHEN u(i, 'whose') < 0.9 AND {leads} > 0 THEN 1 ELSE 3 END AS owner_type,
                   later(opened(), (i + u(i, 'at')) * {_MONTHS_DAYS - 1} / {max(count, 1)}) AS created, u(i, 'kind') AS kind, u(i, 'done') < 0.93 AS done
            FROM range(1, {count + 1}) t(i)
        )
        SELECT i,
               CASE owner_type -- cards of about the activity's own days: ids grow with time
                    WHEN 2 THEN greatest(1, CAST(({deals} * i / {max(count, 1)}) - floor(pow(u(i, 'card'), 2) * {deals} / 12.0) AS BIGINT))
                    WHEN 1 THEN greatest(1, CAST(({leads} * i / {max(count, 1)}) - floor(pow(u(i, 'card'), 2) * {leads} / 40.0) AS BIGINT))
                    ELSE 1 + hash(i, 'contact') % 500000 END,
               owner_type,
               CASE WHEN kind < 0.45 THEN 2 WHEN kind < 0.6 THEN 4 WHEN kind < 0.64 THEN 1 ELSE 6 END,
               CASE WHEN kind < 0.45 THEN 'VOXIMPLANT_CALL' WHEN kind < 0.6 THEN 'CRM_EMAIL' WHEN kind < 0.64 THEN 'CRM_MEETING' WHEN kind < 0.85 THEN 'CRM_TODO'
                    WHEN kind < 0.93 THEN 'IMOPENLINES_SESSION' WHEN kind < 0.97 THEN 'CRM_TASKS_TASK' ELSE 'CRM_WEBFORM' END,
               NULL, 'Дело ' || i, created, CASE WHEN done THEN least(taken(), later(created, u(i, 'end') * 3)) ELSE created END,
               created, later(created, u(i, 'long') / 100), CASE WHEN kind BETWEEN 0.6 AND 0.85 OR kind BETWEEN 0.93 AND 0.97 THEN later(created, u(i, 'due') * 9) END,
               done, CASE WHEN done THEN 2 ELSE 1 END, person(i, 'act'), person(i, 'act by'),
               CASE WHEN kind < 0.6 THEN CASE WHEN u(i, 'in') < 0.4 THEN 1 ELSE 2 END WHEN kind >= 0.85 AND kind < 0.93 OR kind >= 0.97 THEN 1 ELSE 0 END,
               (kind < 0.6 AND u(i, 'in') < 0.4) OR (kind >= 0.85 AND kind < 0.93) OR kind >= 0.97, kind < 0.45 AND u(i, 'in') < 0.06, NULL, NULL
        FROM owned
        """
    )


def _tasks(con: duckdb.DuckDBPyConnection, count: int) -> None:
    con.execute(
        f"""
        INSERT INTO tasks
        WITH made AS (
            SELECT i, later(opened(), (i + u(i, 'task at')) * {_MONTHS_DAYS - 1} / {max(count, 1)}) AS created, u(i, 'task done') < 0.85 AS done
            FROM range(1, {count + 1}) t(i)
        )
        SELECT i, 'Задача ' || i, CASE WHEN done THEN 5 ELSE 2 END, 1, person(i, 'task by'), person(i, 'task'), created, created,
               CASE WHEN u(i, 'due?') < 0.8 THEN later(created, 1 + 10 * u(i, 'task due')) END, CASE WHEN u(i, 'plan?') < 0.5 THEN later(created, u(i, 'task plan')) END, NULL,
               CASE WHEN done THEN least(taken(), later(created, u(i, 'task start') * 2)) END, CASE WHEN done THEN least(taken(), later(created, 2 + 9 * u(i, 'task end'))) END,
               created, created, CASE WHEN u(i, 'project') < 0.5 THEN 1 + i % 40 END, NULL, 3600, 3600, NULL, NULL, CASE WHEN i % 5 = 0 THEN ['отчёт'] END
        FROM made
        """
    )


def main(arguments: list[str]) -> None:
    """Writes raw tables to the path given, derives their facts beside it and prints seconds and megabytes."""
    from dash_app.store.derive import DeriveConfig, derive

    path = Path(arguments[0])
    deals = int(arguments[1]) if len(arguments) > 1 else 1_000_000
    activities = int(arguments[2]) if len(arguments) > 2 else 5 * deals
    if not path.exists():
        started = time.perf_counter()
        make_raw(path, deals=deals, activities=activities)
        sys.stdout.write(f"raw    {time.perf_counter() - started:6.1f} s  {path.stat().st_size >> 20} MB\n")
    facts = path.with_name(path.stem + "-facts.duckdb")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    started = time.perf_counter()
    derive(path, facts, TAKEN, DeriveConfig())
    seconds, peak = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    sys.stdout.write(
        f"facts  {seconds:6.1f} s  {facts.stat().st_size >> 20} MB, resident at most {peak} MB ({before} MB before)\n"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
