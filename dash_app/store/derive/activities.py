"""CRM activities and tasks as reports ask them."""

from __future__ import annotations

import duckdb

from dash_app.store.derive.cards import then
from dash_app.store.schema import ACTIVITY_CLASS, FACTS

# DIRECTION 1 in, 2 out; 0 says nothing, then the channel does
_SIDE = "CASE WHEN a.direction = 1 OR (coalesce(a.direction, 0) <> 2 AND coalesce(a.is_incoming_channel, false)) THEN '_in' ELSE '_out' END"

KIND = f"""
    CASE
        WHEN a.type_id = 2 OR a.provider_id = 'VOXIMPLANT_CALL' THEN 'call' || {_SIDE}
        WHEN a.type_id = 4 OR a.provider_id = 'CRM_EMAIL' THEN 'email' || {_SIDE}
        WHEN a.type_id = 1 OR a.provider_id = 'CRM_MEETING' THEN 'meeting'
        WHEN a.provider_id IN ('IMOPENLINES_SESSION', 'CRM_SMS', 'CRM_WHATSAPP', 'CRM_TELEGRAM', 'CRM_NOTIFICATION') THEN 'message' || {_SIDE}
        WHEN a.provider_id = 'CRM_TODO' THEN 'todo'
        WHEN a.type_id = 3 OR a.provider_id IN ('TASKS', 'CRM_TASKS_TASK') THEN 'task'
        WHEN a.provider_id = 'CRM_WEBFORM' THEN 'form'
        ELSE 'other'
    END
"""
"""How kinds are told apart: crm.activity.list TYPE_ID, PROVIDER_ID, DIRECTION; a comment in a task and an unknown provider are ``other``."""


def _small(column: str) -> str:
    return f"CASE WHEN {column} BETWEEN 1 AND 2147483647 THEN {column}::INTEGER END"


def rows(con: duckdb.DuckDBPyConnection, *, replay: bool) -> None:
    """``activity_rows``: what activities say without their owners' own columns, those created by as-of.

    The portal keeps no completion time. At an earlier as-of the change log decides where it reaches; else one completed now but
    changed after as-of is taken as open then: its last change is the best known moment of completion.
    """
    source = then(con, "activity", "activities", replay=replay)
    done = "coalesce(a.completed, false)"
    if replay:
        known = "a.id IN (SELECT id FROM log_then WHERE entity = 'activity' AND field = 'completed')"
        done += f" AND ({known} OR coalesce(a.last_updated, a.created) <= b.as_of)"
    con.execute(
        f"""
        CREATE TEMP VIEW activity_rows AS
        SELECT a.id,
               CASE a.owner_type_id WHEN 1 THEN 'lead' WHEN 2 THEN 'deal' WHEN 3 THEN 'contact' WHEN 4 THEN 'company' ELSE 'other' END AS owner_type,
               a.owner_id, k.pipeline_id, r.in_sales, coalesce(r.status, l.status) AS owner_status,
               {KIND} AS kind, coalesce(a.missed_call, false) AS missed,
               {_small("a.responsible_id")} AS manager_id, {_small("a.author_id")} AS author_id, a.subject,
               a.created AS created_at, coalesce(a.start_time, a.created) AS happened_at,
               a.last_updated AS updated_at, a.deadline, {done} AS completed, coalesce(a.is_incoming_channel, false) AS incoming,
               CASE WHEN a.end_time >= a.start_time AND a.type_id = 2 THEN TRY_CAST(epoch(a.end_time - a.start_time) AS INTEGER) END AS duration_seconds
        FROM ({source}) a
        CROSS JOIN asked b
        LEFT JOIN runs_deal r ON a.owner_type_id = 2 AND r.id = a.owner_id
        LEFT JOIN stage_kinds k ON k.sid = r.sid
        LEFT JOIN runs_lead l ON a.owner_type_id = 1 AND l.id = a.owner_id
        WHERE a.created <= b.as_of
        """
    )


def fill(con: duckdb.DuckDBPyConnection) -> None:
    """Fills ``activities``: rows with what their owner card says of itself. Deals and leads must be filled before."""
    columns = ", ".join(_OWNED.get(name, f"a.{name}") for name in FACTS["activities"])
    con.execute(
        f"""
        INSERT INTO activities
        SELECT {columns}
        FROM (SELECT *, local_time(happened_at) AS local, {ACTIVITY_CLASS} AS class FROM activity_rows) a
        LEFT JOIN deals d ON a.owner_type = 'deal' AND d.id = a.owner_id
        LEFT JOIN leads l ON a.owner_type = 'lead' AND l.id = a.owner_id
        ORDER BY a.completed, a.happened_at, a.id
        """
    )


_OWNED = {
    "owner_stage_id": "coalesce(d.stage_id, l.stage_id)",
    "source_id": "coalesce(d.source_id, l.source_id)",
    "customer": "coalesce(d.customer, l.customer)",
    "happened_on": "CAST(a.local AS DATE)",
    "weekday": "isodow(a.local)::INTEGER",
    "hour": "hour(a.local)::INTEGER",
}


def tasks(con: duckdb.DuckDBPyConnection, *, replay: bool) -> None:
    """Fills ``tasks`` with those created by as-of. At an earlier one starts and finishes after it have not happened: the status is the
    change log's where it reaches, else what the dates say. A planned start at local midnight is a date without a time."""
    source = then(con, "task", "tasks", replay=replay)
    status = "t.status"
    if replay:
        known = "t.id IN (SELECT id FROM log_then WHERE entity = 'task' AND field = 'status')"
        status = f"""
            CASE WHEN {known} THEN t.status
                 WHEN t.closed_date > b.as_of THEN CASE WHEN t.date_start <= b.as_of THEN 3 ELSE 2 END
                 WHEN t.status = 3 AND t.date_start > b.as_of THEN 2 ELSE t.status END"""
    values = {
        "status": "status_then",
        "manager_id": _small("responsible_id"),
        "created_by_id": _small("created_by"),
        "project_id": _small("group_id"),
        "created_at": "created_date",
        "created_on": "local_day(created_date)",
        "deadline_on": "local_day(deadline)",
        "planned_start": "start_date_plan",
        "planned_start_on": "planned_day",
        "plan_is_date_only": "date_only",
        "start_until": "CASE WHEN date_only THEN utc_midnight(planned_day + 1) - INTERVAL 1 MICROSECOND ELSE start_date_plan END",
        "began_at": "coalesce(started_at, finished_at)",
        "finished_on": "local_day(finished_at)",
        "deadline_original": "coalesce(first_deadline, deadline)",
        "deadline_original_on": "local_day(coalesce(first_deadline, deadline))",
        "deadline_moves": "coalesce(moves, 0)",
        "deadline_moved_at": "list_transform(changes, lambda x: x.seen_at)",
        "deadline_moved_late_at": "nullif(list_transform(list_filter(changes, lambda x: x.was < x.seen_at AND x.was < coalesce(finished_at, TIMESTAMP 'infinity')), "
        "lambda x: x.seen_at), [])",
    }
    columns = ", ".join(values.get(name, name) for name in FACTS["tasks"])
    con.execute(
        f"""
        INSERT INTO tasks
        WITH moved AS (
            SELECT id, arg_min(was, seen_at) AS first_deadline, count(*)::INTEGER AS moves, list(struct_pack(seen_at := seen_at, was := was) ORDER BY seen_at) AS changes
            FROM (SELECT id, seen_at, TRY_CAST(nullif(old, '') AS TIMESTAMP) AS was FROM raw.change_log
                  WHERE entity = 'task' AND field = 'deadline' AND seen_at <= (SELECT as_of FROM asked))
            WHERE was IS NOT NULL GROUP BY id
        )
        SELECT {columns} FROM (
            SELECT t.*, {status} AS status_then, local_day(t.start_date_plan) AS planned_day,
                   local_time(t.start_date_plan) = date_trunc('day', local_time(t.start_date_plan)) AS date_only,
                   CASE WHEN t.date_start <= b.as_of THEN t.date_start END AS started_at,
                   CASE WHEN t.closed_date <= b.as_of THEN t.closed_date END AS finished_at,
                   m.first_deadline, m.moves, m.changes
            FROM ({source}) t CROSS JOIN asked b LEFT JOIN moved m ON m.id = t.id
            WHERE t.created_date <= b.as_of
        ) ORDER BY created_date, id
        """
    )
