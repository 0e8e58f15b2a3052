"""What heads of departments promised for each ISO week, and what became of it (metrics.md section 9).

A head's own tasks and CRM activities with a deadline. Deadlines, responsible people and completions are those of the week where the change log
reaches, else the present ones.
"""

from __future__ import annotations

import duckdb

_ITEMS = {
    "task": """
        SELECT 'task' AS kind, id, title, created_date AS created_at, deadline, responsible_id AS responsible, closed_date AS finished_at,
               CAST(NULL AS INTEGER) AS owner_type_id, CAST(NULL AS BIGINT) AS owner_id FROM raw.tasks""",
    "activity": """
        SELECT 'activity' AS kind, a.id, a.subject AS title, a.created AS created_at, a.deadline, a.responsible_id AS responsible,
               CASE WHEN coalesce(a.completed, false) THEN least(coalesce(a.last_updated, a.created), l.seen_at) END AS finished_at,
               a.owner_type_id, a.owner_id
        FROM raw.activities a LEFT JOIN completions l ON l.id = a.id""",
}
"""Kind -> its items as they are now. The portal keeps no moment of completion of an activity: its last change, or the refresh that saw it completed if
that was earlier, is the best known."""


def _then(field: str, now: str, instant: str, kind: str) -> str:
    """SQL: a value at an instant: what the first change seen after it changed, else the present one."""
    old = (
        f"(SELECT arg_min(coalesce(g.old, ''), g.seen_at) FROM promised_log g WHERE g.entity = c.kind AND g.id = c.id "
        f"AND g.field = '{field}' AND g.seen_at > {instant})"
    )
    return f"CASE WHEN {old} IS NULL THEN {now} ELSE TRY_CAST(nullif({old}, '') AS {kind}) END"


def fill(con: duckdb.DuckDBPyConnection) -> None:
    """Fills ``commitments``: a row for an item and a week in which a head promised it, from the first such week to as-of's."""
    con.execute(
        """
        CREATE TEMP TABLE completions AS
        SELECT id, max(seen_at) AS seen_at FROM raw.change_log WHERE entity = 'activity' AND field = 'completed' AND lower(new) IN ('true', '1', 'y') GROUP BY id
        """
    )
    con.execute(
        """
        CREATE TEMP TABLE promised_log AS SELECT entity, id, field, old, seen_at FROM raw.change_log
        WHERE entity IN ('task', 'activity') AND field IN ('deadline', 'responsible_id', 'completed')
        """
    )
    con.execute("CREATE TEMP TABLE heads AS SELECT DISTINCT head_id AS id FROM departments WHERE head_id IS NOT NULL")
    led = """responsible IN (SELECT id FROM heads) OR id IN (SELECT g.id FROM promised_log g
             WHERE g.entity = kind AND g.field = 'responsible_id' AND TRY_CAST(g.old AS BIGINT) IN (SELECT id FROM heads))"""
    con.execute(
        f"""
        CREATE TEMP TABLE led_items AS SELECT * FROM ({" UNION ALL ".join(_ITEMS.values())})
        WHERE created_at <= (SELECT as_of FROM asked) AND ({led})
        """
    )
    deadline, responsible = ("c.deadline", "TIMESTAMP"), ("c.responsible", "BIGINT")
    con.execute(
        f"""
        INSERT INTO commitments
        WITH due AS (
            SELECT kind, id, deadline AS moment FROM led_items
            UNION ALL
            SELECT g.entity, g.id, TRY_CAST(nullif(g.old, '') AS TIMESTAMP) FROM promised_log g WHERE g.field = 'deadline'
        ), weeks AS (
            SELECT DISTINCT kind, id, date_trunc('week', local_day(moment))::DATE AS monday FROM due WHERE moment IS NOT NULL AND year(moment) < 9000
        ), candidates AS (
            SELECT i.*, w.monday, utc_midnight(w.monday) AS since, utc_midnight((w.monday + 7)::DATE) AS until, b.as_of,
                   least(utc_midnight((w.monday + 7)::DATE), b.as_of) AS judged
            FROM led_items i JOIN weeks w ON w.kind = i.kind AND w.id = i.id CROSS JOIN asked b
            WHERE utc_midnight(w.monday) <= b.as_of
        ), placed AS (
            SELECT c.*, {_then("deadline", deadline[0], "c.since", deadline[1])} AS due_before,
                   {_then("deadline", deadline[0], "c.created_at", deadline[1])} AS due_first,
                   {_then("deadline", deadline[0], "c.judged", deadline[1])} AS due_after,
                   {_then("responsible_id", responsible[0], "c.since", responsible[1])} AS whose_before,
                   {_then("responsible_id", responsible[0], "c.judged", responsible[1])} AS whose_after
            FROM candidates c
        ), told AS (
            SELECT *, created_at < since AND (finished_at IS NULL OR finished_at >= since) AND due_before >= since AND due_before < until AS promised,
                   created_at >= since AND created_at < until
                   AND ((due_first >= since AND due_first < until) OR (due_after >= since AND due_after < until)) AS added
            FROM placed
        ), kept AS (
            SELECT *, CASE WHEN promised THEN whose_before ELSE whose_after END AS whose,
                   coalesce(finished_at >= since AND finished_at < until AND finished_at <= as_of, false) AS done
            FROM told WHERE coalesce(promised, false) OR coalesce(added, false)
        )
        SELECT kind, id, title, strftime(monday, '%G-W%V'), monday, whose::INTEGER, created_at, due_after,
               CASE WHEN finished_at <= as_of THEN finished_at END, coalesce(promised, false), coalesce(added, false), done,
               done AND coalesce(finished_at <= due_after, false),
               coalesce(due_after >= until, false) OR (until <= as_of AND NOT coalesce(finished_at < until, false)),
               CASE owner_type_id WHEN 1 THEN 'lead' WHEN 2 THEN 'deal' WHEN 3 THEN 'contact' WHEN 4 THEN 'company' ELSE 'other' END, owner_id
        FROM kept WHERE whose IN (SELECT id FROM heads) ORDER BY monday, kind, id
        """
    )
