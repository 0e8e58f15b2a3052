"""CRM activities and tasks as reports ask them."""

from __future__ import annotations

import duckdb

_INCOMING = "coalesce(a.is_incoming_channel, false) OR a.direction = 1"

KIND = f"""
    CASE
        WHEN a.type_id = 2 OR a.provider_id IN ('VOXIMPLANT_CALL', 'CRM_CALL_TRACKER') THEN CASE WHEN {_INCOMING} THEN 'call_in' ELSE 'call_out' END
        WHEN a.type_id = 4 OR a.provider_id = 'CRM_EMAIL' THEN CASE WHEN {_INCOMING} THEN 'email_in' ELSE 'email_out' END
        WHEN a.type_id = 1 OR a.provider_id IN ('CRM_MEETING', 'ZOOM', 'VISIT_TRACKER', 'CRM_CALENDAR_SHARING') THEN 'meeting'
        WHEN a.provider_id IN ('IMOPENLINES_SESSION', 'CRM_SMS', 'CRM_WHATSAPP', 'CRM_TELEGRAM', 'CRM_NOTIFICATION')
            THEN CASE WHEN {_INCOMING} THEN 'message_in' ELSE 'message_out' END
        WHEN a.provider_id = 'CRM_TODO' THEN 'todo'
        WHEN a.type_id = 3 OR a.provider_id IN ('TASKS', 'CRM_TASKS_TASK', 'CRM_TASKS_TASK_COMMENT') THEN 'task'
        WHEN a.provider_id = 'CRM_WEBFORM' THEN 'form'
        ELSE 'other'
    END
"""
"""How kinds are told apart: crm.activity.list TYPE_ID, PROVIDER_ID, DIRECTION; an unknown provider is ``other``."""


def activities(con: duckdb.DuckDBPyConnection) -> None:
    """Fills ``activities`` with those created by as-of. The portal keeps no completion time: one completed now but changed
    after as-of is taken as open then (its last change is the best known moment of completion)."""
    con.execute(
        f"""
        INSERT INTO activities
        SELECT a.id,
               CASE a.owner_type_id WHEN 1 THEN 'lead' WHEN 2 THEN 'deal' WHEN 3 THEN 'contact' WHEN 4 THEN 'company' ELSE 'other' END,
               a.owner_id, r.pipeline_id, r.kind <> 'X', CASE coalesce(r.kind, l.kind) WHEN 'W' THEN 'won' WHEN 'F' THEN 'lost' WHEN 'P' THEN 'in_work' WHEN 'X' THEN 'in_work' END,
               {KIND}, coalesce(a.missed_call, false),
               CASE WHEN a.responsible_id BETWEEN 1 AND 2147483647 THEN a.responsible_id::INTEGER END,
               CASE WHEN a.author_id BETWEEN 1 AND 2147483647 THEN a.author_id::INTEGER END, a.subject,
               a.created, coalesce(a.start_time, a.created), local_day(coalesce(a.start_time, a.created)), a.last_updated, a.deadline,
               coalesce(a.completed, false) AND NOT (coalesce(a.last_updated, a.created) > b.as_of), coalesce(a.is_incoming_channel, false),
               CASE WHEN a.end_time >= a.start_time AND a.type_id = 2 THEN CAST(epoch(a.end_time - a.start_time) AS INTEGER) END
        FROM raw.activities a
        CROSS JOIN asked b
        LEFT JOIN runs_deal r ON a.owner_type_id = 2 AND r.id = a.owner_id
        LEFT JOIN runs_lead l ON a.owner_type_id = 1 AND l.id = a.owner_id
        WHERE a.created <= b.as_of
        """
    )


def tasks(con: duckdb.DuckDBPyConnection) -> None:
    """Fills ``tasks`` with those created by as-of; starts and finishes after it have not happened."""
    con.execute(
        """
        INSERT INTO tasks
        SELECT t.id, t.title, t.status,
               CASE WHEN t.responsible_id BETWEEN 1 AND 2147483647 THEN t.responsible_id::INTEGER END,
               CASE WHEN t.created_by BETWEEN 1 AND 2147483647 THEN t.created_by::INTEGER END,
               nullif(t.group_id, 0)::INTEGER, t.created_date, local_day(t.created_date), t.deadline, local_day(t.deadline),
               t.start_date_plan, local_day(t.start_date_plan), local_time(t.start_date_plan) = date_trunc('day', local_time(t.start_date_plan)),
               CASE WHEN t.date_start <= b.as_of THEN t.date_start END, CASE WHEN t.closed_date <= b.as_of THEN t.closed_date END,
               CASE WHEN t.closed_date <= b.as_of THEN local_day(t.closed_date) END, t.tags
        FROM raw.tasks t CROSS JOIN asked b
        WHERE t.created_date <= b.as_of ORDER BY t.created_date, t.id
        """
    )
