"""What a forecast of won amounts stands on: chances of open deals, wins of deals yet to come, usual amounts, and its own past errors.

A chance is a share of time: a deal standing in a stage at some age, looked at in a random moment of the last twelve months whose outcome is
known, was won within the horizon in so much of the moments. Summed over visits it needs no sampling of moments; visits themselves are thinned
where there are very many, by id, so the answer is always the same. Everything is known at ``as_of`` already: the same statements make the
forecasts of past months, from stage history (amounts and managers are those of today).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import duckdb

AGES: Final = (0, 1, 3, 7, 14, 30, 60, 120)
"""Days in a stage from which an age group begins."""
HORIZONS: Final = (1, 2, 3, 5, 7, 10, 14, 21, 31, 46, 62, 92, 183, 366)
"""Days ahead chances are known for; between them they are interpolated."""
FEW: Final = 30
"""With fewer visits behind it a chance leans on that of the whole pipeline."""
RECENT_DAYS: Final = 90
"""The rate of new deals is that of so many days."""
TESTED_MONTHS: Final = 6
_YEAR: Final = 365
_MOST_VISITS: Final = 120_000

AGE_SQL: Final = (
    "CASE "
    + " ".join(f"WHEN {{days}} < {most} THEN {i}" for i, most in enumerate(AGES[1:]))
    + f" ELSE {len(AGES) - 1} END"
)
"""Number of the age group of ``{days}`` in a stage."""

TABLES: Final = ("win_chances", "new_deal_wins", "usual_amounts", "forecast_tests")


def _thinned(con: duckdb.DuckDBPyConnection, most: int) -> int:
    """Every n-th deal is looked at, so that about ``most`` visits are."""
    visits = con.execute("SELECT count(*) FROM stage_visits WHERE entity = 'deal'").fetchone()
    return max(1, -(-int(visits[0] if visits else 0) // most))


def _chances(
    con: duckdb.DuckDBPyConnection, as_of: datetime, horizons: tuple[float, ...], most: int = _MOST_VISITS
) -> None:
    """Temporary tables ``chances``, ``newcomers`` and ``amounts`` as they would have been known at ``as_of``."""
    given = {
        "as_of": as_of,
        "every": _thinned(con, most),
        "oldest": as_of - timedelta(days=_YEAR + max(horizons)),
        "year": as_of - timedelta(days=_YEAR),
    }
    ages = ", ".join(
        f"({i}, {least}, {most})" for i, (least, most) in enumerate(zip(AGES, (*AGES[1:], 100_000), strict=True))
    )
    days = ", ".join(f"({h:.9f})" for h in horizons)

    def run(sql: str) -> None:
        con.execute(sql, {name: value for name, value in given.items() if f"${name}" in sql})

    run(
        f"""
        CREATE OR REPLACE TEMP TABLE seen_stays AS
        WITH stays AS (
            SELECT v.pipeline_id, v.stage_id, epoch(v.entered_at) / 86400 AS came, epoch(least(coalesce(v.left_at, $as_of), $as_of)) / 86400 AS went,
                   epoch(d.won_at) / 86400 AS won
            FROM stage_visits v JOIN working_stages s ON s.pipeline_id = v.pipeline_id AND s.stage_id = v.stage_id JOIN deals d ON d.id = v.id
            WHERE v.entity = 'deal' AND d.in_sales AND v.id % $every = 0 AND v.entered_at < $as_of AND coalesce(v.left_at, $as_of) > $oldest
        ), aged AS (
            SELECT s.pipeline_id, s.stage_id, s.won, a.age, s.came + a.least AS since, least(s.went, s.came + a.most) AS till
            FROM stays s JOIN (VALUES {ages}) a(age, least, most) ON s.came + a.least < s.went
        ), known AS (
            SELECT g.pipeline_id, g.stage_id, g.age, h.days AS horizon, g.won, epoch($as_of) / 86400 AS now,
                   greatest(g.since, epoch($as_of) / 86400 - {_YEAR} - h.days) AS since, least(g.till, epoch($as_of) / 86400 - h.days) AS till
            FROM aged g, (VALUES {days}) h(days)
        )
        SELECT pipeline_id, stage_id, age, horizon, count(*) AS observed, sum(till - since) AS days,
               sum(CASE WHEN won IS NULL THEN 0 ELSE greatest(0, least(till, won) - greatest(since, won - horizon)) END) AS won_days
        FROM known WHERE since < till GROUP BY ALL
        """
    )
    run(
        f"""
        CREATE OR REPLACE TEMP TABLE chances AS
        WITH everywhere AS (SELECT horizon, sum(won_days) / sum(days) AS chance FROM seen_stays GROUP BY ALL),
        pipelines AS (SELECT pipeline_id, horizon, sum(won_days) / sum(days) AS chance FROM seen_stays GROUP BY ALL)
        SELECT s.pipeline_id, s.stage_id, a.age::INTEGER AS age, h.days::DOUBLE AS horizon, coalesce(o.observed, 0)::INTEGER AS observed,
               round((coalesce(o.observed * (o.won_days / o.days), 0) + greatest({FEW} - coalesce(o.observed, 0), 0) * coalesce(p.chance, e.chance, 0))
                     / greatest(coalesce(o.observed, 0), {FEW}), 9) AS chance
        FROM working_stages s CROSS JOIN (VALUES {ages}) a(age, least, most) CROSS JOIN (VALUES {days}) h(days)
        LEFT JOIN seen_stays o ON o.pipeline_id = s.pipeline_id AND o.stage_id = s.stage_id AND o.age = a.age AND o.horizon = h.days
        LEFT JOIN pipelines p ON p.pipeline_id = s.pipeline_id AND p.horizon = h.days LEFT JOIN everywhere e ON e.horizon = h.days
        """
    )
    run(
        f"""
        CREATE OR REPLACE TEMP TABLE newcomers AS
        SELECT d.pipeline_id, h.days::DOUBLE AS horizon, count(*)::INTEGER AS created,
               round(avg(CASE WHEN d.won_at IS NULL THEN 0 ELSE greatest(0, h.days - d.cycle_days) END), 9) AS won_days
        FROM deals d, (VALUES {days}) h(days)
        WHERE d.in_sales AND d.id % $every = 0
          AND d.created_at >= $as_of - to_seconds((({_YEAR} + h.days) * 86400)::BIGINT) AND d.created_at < $as_of - to_seconds((h.days * 86400)::BIGINT)
        GROUP BY ALL
        """
    )
    run(
        """
        CREATE OR REPLACE TEMP TABLE amounts AS
        SELECT pipeline_id, count(*)::INTEGER AS won, round(quantile_cont(CAST(amount AS DOUBLE), 0.5), 2) AS median,
               round(avg(CAST(amount AS DOUBLE)), 2) AS mean, round(coalesce(stddev_samp(CAST(amount AS DOUBLE)), 0), 2) AS deviation
        FROM deals WHERE in_sales AND amount IS NOT NULL AND won_at >= $year AND won_at < $as_of GROUP BY pipeline_id
        """
    )


def _months_before(as_of: datetime, zone: ZoneInfo) -> list[tuple[datetime, datetime, datetime]]:
    """(first instant, the same elapsed position as as-of's in its month, end) of the months before that of as-of, the nearest first; naive UTC."""
    now = as_of.replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
    end = now.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    elapsed = now - end

    def instant(local: datetime) -> datetime:
        return local.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)

    found = []
    for _ in range(TESTED_MONTHS):
        start = (end - timedelta(days=1)).replace(day=1)
        found.append((instant(start), instant(min(start + elapsed, end)), instant(end)))
        end = start
    return found


def _test(con: duckdb.DuckDBPyConnection, start: datetime, made_at: datetime, end: datetime, zone: ZoneInfo) -> None:
    """One past month: what the forecast of that day would have said, a row a manager and pipeline."""
    horizon = (end - made_at) / timedelta(days=1)
    if horizon > 0:
        _chances(con, made_at, (horizon,), _MOST_VISITS // 3)
        open_then = f"""
            SELECT d.manager_id, d.pipeline_id, sum(CAST(c.chance * coalesce(CAST(d.amount AS DOUBLE), a.median, 0) AS DECIMAL(28, 6))) AS expected
            FROM stage_visits v JOIN deals d ON d.id = v.id AND d.in_sales
            JOIN chances c ON c.pipeline_id = v.pipeline_id AND c.stage_id = v.stage_id
                 AND c.age = {AGE_SQL.format(days="date_diff('second', v.entered_at, $made_at) / 86400.0")}
            LEFT JOIN amounts a ON a.pipeline_id = d.pipeline_id
            WHERE v.entity = 'deal' AND v.entered_at <= $made_at AND (v.left_at IS NULL OR v.left_at > $made_at) GROUP BY ALL"""
        created = f"""
            SELECT d.manager_id, d.pipeline_id,
                   CAST(count(*) / {RECENT_DAYS}.0 * any_value(n.won_days) * any_value(a.mean) AS DECIMAL(28, 6)) AS expected
            FROM deals d JOIN newcomers n ON n.pipeline_id = d.pipeline_id JOIN amounts a ON a.pipeline_id = d.pipeline_id
            WHERE d.in_sales AND d.created_at >= $made_at - INTERVAL {RECENT_DAYS} DAY AND d.created_at < $made_at GROUP BY ALL"""
    else:
        open_then = created = (
            "SELECT manager_id, pipeline_id, CAST(0 AS DECIMAL(28, 6)) AS expected FROM deals WHERE false"
        )
    won = """
        SELECT manager_id, pipeline_id, sum(amount) AS fact, sum(amount) FILTER (WHERE won_at < $made_at) AS fact_then
        FROM deals WHERE in_sales AND won_at >= $start AND won_at < $end GROUP BY ALL"""
    sql = f"""
        INSERT INTO forecast_tests
        SELECT $month::DATE, $made_at, manager_id, pipeline_id, coalesce(sum(fact_then), 0), coalesce(sum(expected), 0), coalesce(sum(fact), 0)
        FROM (
            SELECT manager_id, pipeline_id, fact_then, NULL AS expected, fact FROM ({won})
            UNION ALL BY NAME SELECT manager_id, pipeline_id, expected FROM ({open_then})
            UNION ALL BY NAME SELECT manager_id, pipeline_id, expected FROM ({created})
        ) GROUP BY manager_id, pipeline_id"""
    month = start.replace(tzinfo=UTC).astimezone(zone).date()
    con.execute(sql, {"month": month, "made_at": made_at, "start": start, "end": end})


def fill(con: duckdb.DuckDBPyConnection, as_of: datetime, timezone: str) -> None:
    """Fills ``TABLES`` from the facts ``deals`` and ``stage_visits``. ``as_of``: naive UTC."""
    con.execute(
        """
        CREATE OR REPLACE TEMP TABLE working_stages AS
        SELECT s.pipeline_id, s.stage_id FROM stages s JOIN pipelines p ON p.id = s.pipeline_id AND p.role = 'sales'
        LEFT JOIN stages w ON w.entity = 'deal' AND w.pipeline_id = s.pipeline_id AND w.stage_id = p.success_stage_id
        WHERE s.entity = 'deal' AND s.semantic = 'P' AND s.stage_id IS DISTINCT FROM p.success_stage_id AND coalesce(s.rank < w.rank, true)
        """
    )
    _chances(con, as_of, HORIZONS)
    con.execute(
        "INSERT INTO win_chances SELECT pipeline_id, stage_id, age, horizon, observed, chance FROM chances ORDER BY ALL"
    )
    con.execute("INSERT INTO new_deal_wins SELECT pipeline_id, horizon, created, won_days FROM newcomers ORDER BY ALL")
    con.execute("INSERT INTO usual_amounts SELECT pipeline_id, won, median, mean, deviation FROM amounts ORDER BY ALL")
    oldest = con.execute("SELECT min(created_at) FROM deals WHERE in_sales").fetchone()
    for start, made_at, end in _months_before(as_of, ZoneInfo(timezone)):
        if oldest and oldest[0] is not None and oldest[0] <= made_at - timedelta(days=RECENT_DAYS):
            _test(con, start, made_at, end, ZoneInfo(timezone))
    for table in ("working_stages", "seen_stays", "chances", "newcomers", "amounts"):
        con.execute(f"DROP TABLE IF EXISTS {table}")
