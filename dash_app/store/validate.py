"""Checks before a snapshot is published: facts that do not hold together never reach a reader.

Two kinds. ``RECORDS`` name the cards that break a rule; derivation leaves a few such cards out and says so (``derive.odd``), so a finished
facts database holds none. ``_MUST_BE_ZERO`` is about the whole. What derivation keeps with a mark – a card without a stage – breaks no rule.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

from dash_app.store.machine import open_database


def _lost(table: str, extra: str) -> str:
    return (
        f"SELECT r.id FROM raw.{table} r WHERE r.date_create <= (SELECT as_of FROM meta) {extra} AND r.id IS NOT NULL "
        f"AND NOT EXISTS (SELECT 1 FROM {table} f WHERE f.id = r.id) "
        f"AND NOT EXISTS (SELECT 1 FROM odd o WHERE o.entity = '{table}' AND o.id = r.id AND NOT o.kept)"
    )


RECORDS: Final = {
    "deals lost on the way": ("deal", _lost("deals", "AND NOT coalesce(r.is_recurring, false)")),
    "leads lost on the way": ("lead", _lost("leads", "")),
    "deals twice": ("deal", "SELECT id FROM deals GROUP BY id HAVING count(*) > 1"),
    "leads twice": ("lead", "SELECT id FROM leads GROUP BY id HAVING count(*) > 1"),
    "deals without a pipeline": (
        "deal",
        "SELECT id FROM deals WHERE pipeline_id IS NULL OR pipeline_id NOT IN (SELECT id FROM pipelines)",
    ),
    "won deals without a moment": ("deal", "SELECT id FROM deals WHERE status = 'won' AND won_at IS NULL"),
    "lost deals without a moment": ("deal", "SELECT id FROM deals WHERE status = 'lost' AND lost_at IS NULL"),
    "won before created": ("deal", "SELECT id FROM deals WHERE closed_at < created_at"),
    "unknown stages": (
        "deal",
        "SELECT id FROM deals d WHERE d.stage_id IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM stages s WHERE s.entity = 'deal' AND s.pipeline_id = d.pipeline_id AND s.stage_id = d.stage_id)",
    ),
}
"""Rule -> (``deal`` | ``lead``, SQL of the ids that break it). Facts in the main database, raw data attached as ``raw``."""

_MUST_BE_ZERO: Final = {
    "deals nobody has": "SELECT count(*) FROM deals WHERE id NOT IN (SELECT id FROM raw.deals WHERE id IS NOT NULL)",
    "leads nobody has": "SELECT count(*) FROM leads WHERE id NOT IN (SELECT id FROM raw.leads WHERE id IS NOT NULL)",
    "stages twice": "SELECT count(*) - count(DISTINCT (entity, pipeline_id, stage_id)) FROM stages",
    "pipelines twice": "SELECT count(*) - count(DISTINCT id) FROM pipelines",
    "people twice": "SELECT count(*) - count(DISTINCT id) FROM managers",
}


class ContradictingFacts(Exception):
    """Facts contradict the raw data; a bug, never published."""


def validate(raw_path: Path, facts_path: Path) -> None:
    """Checks facts against the raw data they were derived of. Raises ContradictingFacts naming every check that failed."""
    con = open_database(facts_path, "deriving", read_only=True)
    try:
        con.execute(f"ATTACH '{str(raw_path).replace(chr(39), chr(39) * 2)}' AS raw (READ_ONLY)")
        failed = []
        checks = {name: f"SELECT count(*) FROM ({sql})" for name, (_, sql) in RECORDS.items()} | _MUST_BE_ZERO
        for name, sql in checks.items():
            row = con.execute(sql).fetchone()
            if row is None or row[0] != 0:
                failed.append(f"{name}: {row[0] if row else '?'}")
        if failed:
            raise ContradictingFacts("; ".join(failed))
    finally:
        con.close()
