"""Checks before a snapshot is published: facts that do not hold together never reach a reader."""

from __future__ import annotations

from pathlib import Path

from dash_app.store.machine import open_database

_MUST_BE_ZERO = {
    "deals lost on the way": "SELECT (SELECT count(*) FROM raw.deals WHERE NOT coalesce(is_recurring, false) AND stage_id IS NOT NULL AND date_create <= (SELECT as_of FROM meta)) - (SELECT count(*) FROM deals)",
    "leads lost on the way": "SELECT (SELECT count(*) FROM raw.leads WHERE stage_id IS NOT NULL AND date_create <= (SELECT as_of FROM meta)) - (SELECT count(*) FROM leads)",
    "deals twice": "SELECT count(*) - count(DISTINCT id) FROM deals",
    "leads twice": "SELECT count(*) - count(DISTINCT id) FROM leads",
    "deals without a pipeline": "SELECT count(*) FROM deals WHERE pipeline_id IS NULL OR pipeline_id NOT IN (SELECT id FROM pipelines)",
    "won deals without a moment": "SELECT count(*) FROM deals WHERE status = 'won' AND won_at IS NULL",
    "lost deals without a moment": "SELECT count(*) FROM deals WHERE status = 'lost' AND lost_at IS NULL",
    "won before created": "SELECT count(*) FROM deals WHERE closed_at < created_at",
    "unknown stages": "SELECT count(*) FROM deals d WHERE NOT EXISTS (SELECT 1 FROM stages s WHERE s.entity = 'deal' AND s.pipeline_id = d.pipeline_id AND s.stage_id = d.stage_id)",
}


class Inconsistent(Exception):
    """Facts contradict the raw data; a bug, never published."""


def validate(raw_path: Path, facts_path: Path) -> None:
    """Raises Inconsistent naming every check that failed."""
    con = open_database(facts_path, "deriving", read_only=True)
    try:
        con.execute(f"ATTACH '{str(raw_path).replace(chr(39), chr(39) * 2)}' AS raw (READ_ONLY)")
        failed = []
        for name, sql in _MUST_BE_ZERO.items():
            row = con.execute(sql).fetchone()
            if row is None or row[0] != 0:
                failed.append(f"{name}: {row[0] if row else '?'}")
        if failed:
            raise Inconsistent("; ".join(failed))
    finally:
        con.close()
