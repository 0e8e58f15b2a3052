"""What is missing on each card and what is wrong with it (metrics.md section 8): decided once, when facts are made."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from dash_app.card_fields import CHECKS, CLIENT, PLACEHOLDERS, REQUIRED, ids_of, system_fields
from dash_app.store.derive.own_fields import Fields
from dash_app.store.own_fields import OwnField, literal, quoted
from dash_app.store.schema import FACTS

SECOND = 2
"""Rank of the stage from which on the usual fields are required."""
RECENT_DAYS = 90
"""Local days, as-of's own the last, whose cards say whether a field is used at all."""
NEAR = "INTERVAL 7 DAY"
AT_ONCE = "INTERVAL 5 MINUTE"


def fill(con: duckdb.DuckDBPyConnection, fields: Fields, required: Mapping[str, str]) -> None:
    """Fills ``audits`` and ``audit_fields``. Deals, leads and ``stage_norms`` must be there. ``required``: the setting of that name."""
    _macro(con)
    con.execute(
        """
        CREATE TEMP TABLE at_work AS SELECT id FROM managers m WHERE coalesce(active, true)
        AND (NOT EXISTS (SELECT 1 FROM manager_departments) OR id IN (SELECT manager_id FROM manager_departments))
        """
    )
    for entity in ("deal", "lead"):
        _fill(con, entity, fields[entity], required)


def own_filled(field: OwnField) -> str:
    """SQL: whether an own field of the fact (``d``) is filled. Numbers and booleans say something by being there, 0 and "no" too; money of 0 is not kept."""
    column = f"d.{quoted(field.name)}"
    if field.type.column != "VARCHAR" or field.type.directory or field.type.cell == "file":
        return f"{column} IS NOT NULL"
    if field.is_list:
        return f"coalesce(len(list_filter({column}, lambda v: NOT says_nothing(v))) > 0, false)"
    return f"NOT says_nothing({column})"


def _macro(con: duckdb.DuckDBPyConnection) -> None:
    """``says_nothing(x)``: whether a text is none – blanks, a placeholder, one character repeated."""
    listed = ", ".join(map(literal, PLACEHOLDERS))
    con.execute(
        f"""CREATE TEMP MACRO says_nothing(x) AS x IS NULL OR list_transform([lower(trim(x, ' ' || chr(9) || chr(10) || chr(13) || chr(160)))],
            lambda t: t IN ({listed}) OR (length(t) > 1 AND t[1] = t[2] AND replace(t, t[1], '') = ''))[1]"""
    )


def _required(con: duckdb.DuckDBPyConnection, entity: str, known: set[str], chosen: Mapping[str, str]) -> list[str]:
    """``required_here``: a row a pipeline, from which rank on each field is required; returns the fields, in the order of columns.

    A pipeline of which the setting names a stage takes what it says; any other the usual fields from its second stage on.
    """
    pipelines = (
        [None] if entity == "lead" else [r[0] for r in con.execute("SELECT id FROM pipelines ORDER BY id").fetchall()]
    )
    ranks = {
        (r[0], r[1]): r[2]
        for r in con.execute("SELECT pipeline_id, stage_id, rank FROM stages WHERE entity = ?", [entity]).fetchall()
    }
    found: dict[int | None, dict[str, int]] = {}
    for pipeline in pipelines:
        prefix = f"{entity}:{'' if pipeline is None else pipeline}:"
        said = [
            (rank, ids_of(text))
            for key, text in chosen.items()
            if key.startswith(prefix) and (rank := ranks.get((pipeline, key.removeprefix(prefix)))) is not None
        ]
        from_rank: dict[str, int] = {}
        for rank, ids in said if said else [(SECOND, REQUIRED)]:
            for name in ids:
                if name in known:
                    from_rank[name] = min(rank, from_rank.get(name, rank))
        found[pipeline] = from_rank
    names = list(dict.fromkeys(name for ranks_of in found.values() for name in ranks_of))
    columns = "".join(f", r{i} INTEGER" for i in range(len(names)))
    con.execute(f"CREATE OR REPLACE TEMP TABLE required_here (pipeline INTEGER{columns})")
    for pipeline, ranks_of in found.items():
        con.execute(
            f"INSERT INTO required_here VALUES ({', '.join('?' * (len(names) + 1))})",
            [pipeline, *(ranks_of.get(name) for name in names)],
        )
    return names


def _twins(con: duckdb.DuckDBPyConnection, entity: str) -> None:
    """``twins``: cards beside which another of the same client and amount was created within a week. The client is the contact, else the company."""
    sales = "in_sales AND " if entity == "deal" else ""
    con.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE twins AS
        SELECT id FROM (
            SELECT id, created_at, lag(created_at) OVER same AS before, lead(created_at) OVER same AS after
            FROM {entity}s
            WHERE {sales}coalesce(contact_id, company_id) IS NOT NULL AND CASE WHEN no_rate THEN opportunity ELSE amount END > 0
            WINDOW same AS (PARTITION BY contact_id IS NOT NULL, coalesce(contact_id, company_id), amount,
                            CASE WHEN no_rate THEN currency_id || opportunity END ORDER BY created_at, id)
        ) WHERE created_at - before <= {NEAR} OR after - created_at <= {NEAR}
        """
    )


def _fill(
    con: duckdb.DuckDBPyConnection, entity: str, own: Mapping[str, OwnField], required: Mapping[str, str]
) -> None:
    deal = entity == "deal"
    filled = {f.id: f.filled for f in system_fields(entity)} | {f.name: own_filled(f) for f in own.values()}
    for place, name in enumerate(filled):
        con.execute("INSERT INTO audit_fields VALUES (?, ?, ?)", [entity, name, place])
    wanted = _required(con, entity, {*filled, CLIENT}, required)
    _twins(con, entity)
    places = {name: f"f{place}" for place, name in enumerate(filled)}
    is_filled = {**places, CLIENT: f"({places['CONTACT_ID']} OR {places['COMPANY_ID']})"}
    empty = ", ".join(
        f"CASE WHEN rank >= r{i} AND NOT {is_filled[name]} THEN {literal(name)} END" for i, name in enumerate(wanted)
    )
    in_work = "status = 'in_work'"
    broken = {
        "required_empty": "len(empty_required) > 0",
        "no_amount": f"rank > 1 AND NOT {places['OPPORTUNITY']}",
        "planned_close_past": f"{in_work} AND planned_close_on < today" if deal else "false",
        "no_client": f"NOT {is_filled[CLIENT]}",
        "owner_gone": "manager_id IS NULL OR manager_id NOT IN (SELECT id FROM at_work)",
        "stuck": f"{in_work} AND stage_days > norm" if deal else "false",
        "converted_without_deal": "false" if deal else "status = 'won' AND deal_id IS NULL",
        "duplicate": "id IN (SELECT id FROM twins)",
        "closed_at_once": f"status = 'won' AND won_at - created_at <= {AT_ONCE}",
    }
    checks = ", ".join(f"CASE WHEN {broken[check]} THEN {literal(check)} END" for check in CHECKS)
    norm = "LEFT JOIN stage_norms n ON n.pipeline_id = d.pipeline_id AND n.stage_id = d.stage_id" if deal else ""
    bits = ", ".join(f"CASE WHEN {place} THEN '1' ELSE '0' END" for place in places.values())
    values = {
        "entity": literal(entity),
        "recent": f"created_on > today - {RECENT_DAYS} AND created_on <= today",
        "filled": f"CAST(concat({bits}) AS BIT)",
        "violated": f"list_filter([{checks}], lambda v: v IS NOT NULL)",
    }
    columns = ", ".join(f"{values[n]} AS {n}" if n in values else n for n in FACTS["audits"])
    shared = ", ".join(f"d.{n}" for n in FACTS[f"{entity}s"] if n in FACTS["audits"] or n in ("stage_days", "won_at"))
    own_columns = "d.planned_close_on, n.stay_p90_won AS norm" if deal else "d.deal_id"
    flags = ", ".join(f"{sql} AS f{place}" for place, sql in enumerate(filled.values()))
    ranks = "".join(f", q.r{i}" for i in range(len(wanted)))
    con.execute(
        f"""
        INSERT INTO audits
        WITH card AS (
            SELECT {shared}, {own_columns}, s.rank{ranks}, (SELECT local_day(as_of) FROM asked) AS today, {flags}
            FROM {entity}s d JOIN cards_{entity}s c ON c.id = d.id
            LEFT JOIN stages s ON s.entity = {literal(entity)} AND s.pipeline_id IS NOT DISTINCT FROM d.pipeline_id AND s.stage_id = d.stage_id
            LEFT JOIN required_here q ON q.pipeline IS NOT DISTINCT FROM d.pipeline_id
            {norm}
            {"WHERE d.in_sales" if deal else ""}
        ), known AS (
            SELECT *, {f"list_filter([{empty}], lambda v: v IS NOT NULL)" if wanted else "CAST([] AS VARCHAR[])"} AS empty_required FROM card
        )
        SELECT {columns} FROM known ORDER BY created_at, id
        """
    )
