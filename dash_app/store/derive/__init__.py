"""Facts out of raw tables: a pure function of (raw, as-of, settings that change facts).

The same derivation makes the present at refresh and any earlier day: records created after as-of do not exist, stages are
replayed from the stage history, amounts, owners and dates from the change log as far as it reaches, else present values.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path

import duckdb

from dash_app.store.derive import (
    activities,
    amounts,
    audit,
    cards,
    commitments,
    dimensions,
    forecast,
    funnel,
    history,
    norms,
    odd,
    own_fields,
    responses,
)
from dash_app.store.derive.config import DeriveConfig
from dash_app.store.derive.zones import create_macros
from dash_app.store.files import sync_folder
from dash_app.store.machine import Limits, open_database
from dash_app.store.own_fields import quoted
from dash_app.store.schema import FACTS

__all__ = ["DeriveConfig", "derive"]


def derive(
    raw_path: Path,
    facts_path: Path,
    as_of: datetime,
    config: DeriveConfig,
    *,
    use: Limits | None = None,
    tables: Collection[str] | None = None,
) -> None:
    """Writes ``facts_path`` whole or not at all (a temporary file, then rename).

    ``as_of``: naive UTC. ``tables``: facts wanted, with what they depend on; ``None`` is all. The rest exist, empty;
    dimensions and gaps are always filled. ``use``: memory and threads other than this machine's usual (``store.machine``).
    Raises duckdb errors as they are: the caller keeps the last snapshot.
    A record whose facts contradict each other is left out and named in the fact ``odd``: facts are then derived once more without it.
    ``timezone`` must be a zone of the IANA database (ZoneInfoNotFoundError otherwise).
    """
    folder = Path(tempfile.mkdtemp(prefix=".deriving-", dir=facts_path.parent))
    work = folder / "facts.duckdb"
    wanted = set(FACTS) if tables is None else set(tables)
    try:
        con = _opened(work, raw_path, use)
        try:
            _derive(con, as_of, config, wanted, {})
            broken = odd.contradicting(con) if wanted >= {"deals", "leads"} else {}
            if broken:
                con.close()
                work.unlink()
                con = _opened(work, raw_path, use)
                _derive(con, as_of, config, wanted, broken)
            con.execute("DETACH raw")
            con.execute("CHECKPOINT")
        finally:
            con.close()
        with work.open("rb") as written:
            os.fsync(written.fileno())
        os.replace(work, facts_path)
        sync_folder(facts_path.parent)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _opened(work: Path, raw_path: Path, use: Limits | None) -> duckdb.DuckDBPyConnection:
    """A new facts database with the raw one attached."""
    con = open_database(work, "deriving", spill=work.parent / "spill", use=use)
    con.execute("SET preserve_insertion_order = false")
    # nothing is ever downloaded; where the time-zone extension is not built in, UTC is the only zone there is
    con.execute("SET autoinstall_known_extensions = false")
    con.execute("SET autoload_known_extensions = false")
    with contextlib.suppress(duckdb.CatalogException):
        con.execute("SET TimeZone = 'UTC'")
    con.execute(f"ATTACH '{str(raw_path).replace(chr(39), chr(39) * 2)}' AS raw (READ_ONLY)")
    return con


def _derive(
    con: duckdb.DuckDBPyConnection,
    as_of: datetime,
    config: DeriveConfig,
    wanted: set[str],
    left_out: Mapping[str, Collection[int]],
) -> None:
    for table, columns in FACTS.items():
        con.execute(f"CREATE TABLE {table} ({', '.join(f'{quoted(n)} {t}' for n, t in columns.items())})")
    create_macros(con, config.timezone)
    dimensions.create_macros(con)
    portal = con.execute("SELECT address, base_currency, taken_at FROM raw.portal LIMIT 1").fetchone() or (
        None,
        None,
        None,
    )
    listed = con.execute("SELECT currency FROM raw.currencies WHERE base LIMIT 1").fetchone()
    base = portal[1] or (listed[0] if listed else None) or "RUB"
    replay = portal[2] is not None and as_of < portal[2]
    con.execute(
        "CREATE TEMP TABLE asked AS SELECT CAST(? AS TIMESTAMP) AS as_of, CAST(? AS VARCHAR) AS base", [as_of, base]
    )
    odd.leave_out(con, left_out)
    amounts.rates(con, base)
    cards.existing(con, replay=replay)
    dimensions.managers(con)
    dimensions.pipelines_and_stages(con, config)
    dimensions.sources(con)
    dimensions.named(con)
    dimensions.workdays(con, config, as_of)
    own_fields.create_macros(con, base)
    fields = own_fields.definitions(con)
    reason = config.loss_reason_field if config.loss_reason_field in fields["deal"] else None
    con.execute(
        "INSERT INTO meta SELECT ?, ?, ?, ?, ?, (SELECT min(seen_at) FROM raw.change_log)",
        [as_of, portal[0], base, config.timezone, reason],
    )
    for entity in ("deal", "lead"):
        history.stays(con, entity, replay=replay)
    if "stage_visits" in wanted:
        history.fill_visits(con)
    activities.rows(con, replay=replay)
    if wanted & {"deals", "leads", "deal_stages", "activities", "responses"}:
        cards.touches(con)
        funnel.furthest(con)
        norms.fill(con)
        cards.fill(con, "deal", fields["deal"], reason)
        cards.fill(con, "lead", fields["lead"], None)
        own_fields.options(con, fields)
    if wanted >= {"audits", "audit_fields", "deals", "leads"}:
        audit.fill(con, fields, config.required_fields)
    if "activities" in wanted:
        activities.fill(con)
    if "deal_stages" in wanted:
        funnel.fill(con)
    if "responses" in wanted:
        responses.fill(con, config)
    if "tasks" in wanted:
        activities.tasks(con, replay=replay)
    if "commitments" in wanted:
        commitments.fill(con)
    if wanted >= {"deals", "stage_visits", *forecast.TABLES}:
        forecast.fill(con, as_of, config.timezone)
    if "odd" in wanted:
        odd.fill(con, replay=replay)
        if not replay:
            own_fields.unreadable(con, fields)
