"""How soon each card got its first answer, in working minutes."""

from __future__ import annotations

import duckdb

from dash_app.store.derive.config import DeriveConfig
from dash_app.store.schema import FACTS

_CARDS = """
    SELECT 'lead' AS entity, l.*, false AS deal FROM ({lead}) l
    UNION ALL
    SELECT 'deal' AS entity, d.*, true AS deal FROM ({deal}) d
"""


def worked_minutes(moment: str, day: str, hours: tuple[int, int]) -> str:
    """SQL: working minutes from the calendar's beginning to a local ``moment`` on the calendar row ``day``."""
    first, last = (hour * 60 for hour in hours)
    of_day = f"epoch({moment} - date_trunc('day', {moment})) / 60"
    return f"({day}.worked_before * {last - first} + CASE WHEN {day}.working THEN least(greatest({of_day} - {first}, 0), {last - first}) ELSE 0 END)"


def fill(con: duckdb.DuckDBPyConnection, config: DeriveConfig) -> None:
    """Fills ``responses``: every lead, and every sales deal whose lead is not there to be answered. Deals, leads and ``touch`` must be made before.

    A call that made the card began before it: answered at once. Who answered outside working hours took no working time.
    """
    shared = [
        n
        for n in FACTS["responses"]
        if n not in ("entity", "answered_at", "answer_kind", "response_minutes", "self_made")
    ]
    picked = ", ".join([*shared, "created_by_id"])
    cards = _CARDS.format(
        lead=f"SELECT {picked} FROM leads",
        deal=f"SELECT {picked} FROM deals WHERE in_sales AND (lead_id IS NULL OR lead_id NOT IN (SELECT id FROM leads))",
    )
    values = {
        "self_made": "coalesce(created_by_id = manager_id, false)",
        "response_minutes": f"CASE WHEN answered_at IS NOT NULL THEN greatest(0, {worked_minutes('answered_local', 'b', config.work_hours)} - {worked_minutes('created_local', 'a', config.work_hours)}) END",
    }
    columns = ", ".join(f"{values[n]} AS {n}" if n in values else f"c.{n}" for n in FACTS["responses"])
    con.execute(
        f"""
        INSERT INTO responses
        SELECT {columns}
        FROM (
            SELECT *, local_time(created_at) AS created_local, local_time(answered_at) AS answered_local
            FROM (
                SELECT c.*, greatest(t.answered_at, CASE WHEN t.answered_at IS NOT NULL THEN c.created_at END) AS answered_at, t.answer_kind
                FROM ({cards}) c LEFT JOIN touch t ON t.deal = c.deal AND t.owner_id = c.id
            )
        ) c
        LEFT JOIN workdays a ON a.day = CAST(c.created_local AS DATE)
        LEFT JOIN workdays b ON b.day = CAST(c.answered_local AS DATE)
        ORDER BY c.created_at, c.entity, c.id
        """
    )
