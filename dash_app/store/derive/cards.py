"""Deals and leads as reports ask them: state at as-of, amounts in the base currency, last touch, user fields."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb

from dash_app.store.derive.amounts import AMOUNT
from dash_app.store.derive.own_fields import at_once
from dash_app.store.own_fields import OwnField, quoted
from dash_app.store.schema import FACTS

REPLAYED = {
    "deal": {
        "opportunity": "DECIMAL(20,4)",
        "currency_id": "VARCHAR",
        "assigned_by_id": "BIGINT",
        "closedate": "DATE",
        "stage_id": "VARCHAR",
        "category_id": "INTEGER",
    },
    "lead": {
        "opportunity": "DECIMAL(20,4)",
        "currency_id": "VARCHAR",
        "assigned_by_id": "BIGINT",
        "stage_id": "VARCHAR",
    },
    "activity": {"deadline": "TIMESTAMP", "responsible_id": "BIGINT", "completed": "BOOLEAN"},
    "task": {"deadline": "TIMESTAMP", "responsible_id": "BIGINT", "status": "INTEGER", "start_date_plan": "TIMESTAMP"},
}
"""Fields the portal keeps no past of but the change log does, with their types. A card's stage is asked of it only where the
stage history knows nothing."""

ANSWER = """
    happened_at <= as_of AND (kind IN ('email_out', 'message_out')
    OR (NOT missed AND duration_seconds >= 10 AND (kind = 'call_in' OR (kind = 'call_out' AND completed))))
"""
"""An activity by which somebody answered: a conversation of ten seconds, an e-mail or a message. An outgoing call that is not completed is only
planned; an incoming one may wait to be handled long after it was talked."""

CHUNK = 61_440
"""Cards sorted and written at a time: half a row group, so that a wide table fits a small memory."""


def then(con: duckdb.DuckDBPyConnection, entity: str, table: str, *, replay: bool) -> str:
    """SQL: rows of a raw table with the values of as-of where the change log reaches."""
    if not replay:
        return f"SELECT * FROM raw.{table}"
    known = {row[0] for row in con.execute("SELECT DISTINCT field FROM log_then WHERE entity = ?", [entity]).fetchall()}
    fields = {name: kind for name, kind in REPLAYED[entity].items() if name in known}
    if not fields:
        return f"SELECT * FROM raw.{table}"
    values = ", ".join(
        f"CASE WHEN log_{n}.id IS NULL THEN r.{n} ELSE TRY_CAST(nullif(log_{n}.old, '') AS {kind}) END AS {n}"
        for n, kind in fields.items()
    )
    joins = " ".join(
        f"LEFT JOIN log_then log_{n} ON log_{n}.entity = '{entity}' AND log_{n}.field = '{n}' AND log_{n}.id = r.id"
        for n in fields
    )
    return f"SELECT r.* REPLACE ({values}) FROM raw.{table} r {joins}"


def existing(con: duckdb.DuckDBPyConnection, *, replay: bool) -> None:
    """``cards_deals``, ``cards_leads``: records that exist at as-of. ``log_then``: the value before the first change seen after it."""
    con.execute(
        """
        CREATE TEMP TABLE log_then AS
        SELECT entity, id, field, arg_min(coalesce(old, ''), seen_at) AS old FROM raw.change_log
        WHERE seen_at > (SELECT as_of FROM asked) GROUP BY 1, 2, 3
        """
        if replay
        else "CREATE TEMP TABLE log_then (entity VARCHAR, id BIGINT, field VARCHAR, old VARCHAR)"
    )
    for entity, table, extra in (("deal", "deals", "AND NOT coalesce(is_recurring, false)"), ("lead", "leads", "")):
        con.execute(
            f"CREATE TEMP VIEW cards_{table} AS SELECT * FROM ({then(con, entity, table, replay=replay)}) "
            f"WHERE id IS NOT NULL AND date_create <= (SELECT as_of FROM asked) {extra} "
            f"AND id NOT IN (SELECT id FROM contradicting WHERE entity = '{entity}')"
        )


def _has(con: duckdb.DuckDBPyConnection, table: str) -> bool:
    """Whether the raw data has a table with rows: what an older version read has not all of them."""
    known = con.execute(
        "SELECT count(*) FROM duckdb_tables() WHERE database_name = 'raw' AND table_name = ?", [table]
    ).fetchall()[0][0]
    return bool(known and con.execute(f"SELECT count(*) FROM raw.{table}").fetchall()[0][0])


def touches(con: duckdb.DuckDBPyConnection) -> None:
    """``touch``: what activities owned by a card say of it – last touch, last contact, the next step, the first answer –, and, but for the
    answer, those known to be bound to it. ``commented``: its latest comment, where it was asked for."""
    source = "SELECT *, true AS own FROM activity_rows"
    if _has(con, "bound_activities"):
        card = "CASE b.owner_type_id WHEN 2 THEN 'deal' ELSE 'lead' END"
        source += (
            f" UNION ALL SELECT a.* REPLACE ({card} AS owner_type, b.owner_id AS owner_id), false FROM activity_rows a "
            f"JOIN raw.bound_activities b ON b.activity_id = a.id WHERE a.owner_type <> {card} OR a.owner_id <> b.owner_id"
        )
    asked = (
        "SELECT owner_type_id = 2, owner_id, commented_at FROM raw.card_checks"
        if _has(con, "card_checks")
        else "SELECT true, 0, NULL WHERE false"
    )
    con.execute("CREATE TEMP TABLE commented (deal BOOLEAN, id BIGINT, commented_at TIMESTAMP)")
    con.execute(f"INSERT INTO commented {asked}")
    con.execute(
        f"""
        CREATE TEMP TABLE touch AS
        SELECT owner_type = 'deal' AS deal, owner_id,
               max(CASE WHEN completed THEN greatest(created_at, updated_at) ELSE created_at END) AS last_at,
               max(CASE WHEN completed THEN greatest(created_at, updated_at) ELSE created_at END) FILTER (WHERE contact) AS contact_at,
               min(deadline) FILTER (WHERE NOT completed AND deadline > as_of) AS next_at,
               count(*) FILTER (WHERE NOT completed)::INTEGER AS open_ones,
               min(happened_at) FILTER (WHERE answer) AS answered_at, arg_min(kind, happened_at) FILTER (WHERE answer) AS answer_kind
        FROM (SELECT owner_type, owner_id, kind, happened_at, created_at, least(updated_at, as_of) AS updated_at, deadline, completed, as_of,
                     kind IN ('call_out', 'call_in', 'email_out', 'email_in', 'message_out', 'message_in', 'meeting') AS contact,
                     own AND ({ANSWER}) AS answer
              FROM ({source}), asked WHERE owner_type IN ('deal', 'lead'))
        GROUP BY 1, 2
        """
    )


def chunks(con: duckdb.DuckDBPyConnection, cards: str, created: str) -> Iterator[str]:
    """SQL conditions that cut ``cards`` into pieces of ``CHUNK`` by (creation, id), in order: sorting pieces sorts the whole."""
    edges = con.execute(
        f"""
        SELECT {created}, id FROM (SELECT {created}, id, row_number() OVER (ORDER BY {created}, id) AS n FROM {cards})
        WHERE n % {CHUNK} = 1 ORDER BY 1, 2
        """
    ).fetchall()

    def after(edge: tuple[object, int]) -> str:
        at = f"TIMESTAMP '{edge[0]}'"
        return f"(c.{created} > {at} OR (c.{created} = {at} AND c.id >= {edge[1]}))"

    for first, following in zip(edges, [*edges[1:], None][: len(edges)], strict=True):
        # the plain bounds first: they let whole row groups be passed over
        low = f"c.{created} >= TIMESTAMP '{first[0]}' AND {after(first)}"
        yield (
            low
            if following is None
            else f"{low} AND c.{created} <= TIMESTAMP '{following[0]}' AND NOT {after(following)}"
        )


def _small(column: str) -> str:
    return f"CASE WHEN {column} BETWEEN 1 AND 2147483647 THEN {column}::INTEGER END"


def _reason(fields: dict[str, OwnField], chosen: str | None) -> str:
    if chosen is None or chosen not in fields:
        return "CASE WHEN status = 'lost' THEN stage_id END"
    value = f"CAST({quoted(chosen)}{'[1]' if fields[chosen].is_list else ''} AS VARCHAR)"
    return f"CASE WHEN status = 'lost' THEN {value} END"


def fill(
    con: duckdb.DuckDBPyConnection, entity: str, fields: dict[str, OwnField], loss_reason_field: str | None
) -> None:
    """Fills ``deals`` or ``leads``, sorted by (creation, id), user fields behind the fixed columns."""
    deal = entity == "deal"
    table = f"{entity}s"
    for name, own_field in fields.items():
        con.execute(f"ALTER TABLE {table} ADD COLUMN {quoted(name)} {own_field.column}")
    closed = "coalesce(won_at, lost_at)"
    values = {
        "manager_id": _small("assigned_by_id"),
        "created_by_id": _small("created_by_id"),
        "source_id": "source_of",
        "created_at": "date_create",
        "created_on": "local_day(date_create)",
        "won_on": "local_day(won_at)",
        "lost_on": "local_day(lost_at)",
        "closed_at": closed,
        "no_rate": "coalesce(opportunity, 0) <> 0 AND amount IS NULL",
        "last_activity_at": "touched_at",
        "last_contact_at": "contact_at",
        "next_activity_at": "next_at",
        "open_activities": "coalesce(open_ones, 0)",
        "modified_at": "date_modify",
        "cycle_days": f"epoch({closed} - date_create) / 86400",
        "stage_days": "epoch(as_of - stage_entered_at) / 86400",
        "duration_days": f"epoch(coalesce({closed}, as_of) - date_create) / 86400",
        "idle_days": "CAST(floor(epoch(as_of - touched_at) / 86400) AS INTEGER)",
        "idle_workdays": "today_worked - touched_worked",
        "contact_idle_days": "CAST(floor(epoch(as_of - coalesce(contact_at, date_create)) / 86400) AS INTEGER)",
        "contact_idle_workdays": "today_worked - contacted_worked",
        "at_risk": "TRY_CAST(amount * chance AS DECIMAL(28,8))",
        "planned_close_on": "closedate",
        "loss_reason": _reason(fields, loss_reason_field),
        "became_deal": "deal_id IS NOT NULL",
        "deal_won": "coalesce(deal_won, false)",
    }
    columns = ", ".join(f"{values[n]} AS {n}" if n in values else n for n in FACTS[table])
    names = "".join(f", {quoted(name)}" for name in fields)
    typed = "".join(
        f", {own_field.expression(f'ufs[{number}]')} AS {quoted(name)}"
        for number, (name, own_field) in enumerate(fields.items(), 1)
    )
    repeat = "coalesce(c.is_return_customer, false)" + (" OR coalesce(c.is_repeated_approach, false)" if deal else "")
    if deal:
        own = """, r.in_sales, coalesce(m.pipeline_id, pipeline_of(c.category_id, c.stage_id)) AS current_pipeline_id, coalesce(m.stage_id, c.stage_id) AS current_stage_id,
                 c.lead_id, c.closedate, c.type_id, coalesce(c.source_id, l.source_id) AS source_of, f.stage_id AS furthest_stage_id, g.id IS NOT NULL AS reopened,
                 CASE WHEN r.status = 'in_work' THEN n.chance END AS chance"""
        joins = """LEFT JOIN raw.leads l ON l.id = c.lead_id LEFT JOIN furthest_stage f ON f.id = c.id AND f.pipeline_id = s.pipeline_id
                   LEFT JOIN (SELECT DISTINCT id FROM deal_gaps) g ON g.id = c.id
                   LEFT JOIN stage_norms n ON n.pipeline_id = s.pipeline_id AND n.stage_id = s.stage_id"""
        pipeline = "coalesce(s.pipeline_id, pipeline_of(c.category_id, c.stage_id))"
    else:
        own, pipeline = ", c.source_id AS source_of, w.deal_id, w.deal_won", "CAST(NULL AS INTEGER)"
        joins = "LEFT JOIN lead_deals w ON w.lead_id = c.id"
        con.execute(
            """
            CREATE TEMP TABLE lead_deals AS
            SELECT c.lead_id, min(c.id) AS deal_id, bool_or(r.in_sales AND r.status = 'won') AS deal_won
            FROM cards_deals c LEFT JOIN runs_deal r ON r.id = c.id WHERE c.lead_id IS NOT NULL GROUP BY 1
            """
        )
    ufs = at_once(fields) if fields else "NULL"
    for piece in chunks(con, f"cards_{table}", "date_create"):
        con.execute(
            f"""
            INSERT INTO {table}
            WITH card AS (
                SELECT c.id, c.title, c.assigned_by_id, c.created_by_id, c.date_create, c.date_modify, c.contact_id, c.company_id,
                       c.utm_source, c.utm_medium, c.utm_campaign, c.utm_content, c.utm_term, c.opportunity, c.currency_id,
                       {pipeline} AS pipeline_id, coalesce(s.stage_id, c.stage_id) AS stage_id, coalesce(s.semantic, CASE WHEN c.semantic IN ('S', 'F') THEN c.semantic END, 'P') AS semantic,
                       r.status, r.entered_at AS stage_entered_at, b.as_of,
                       CASE WHEN r.status = 'won' THEN r.closed_at END AS won_at, CASE WHEN r.status = 'lost' THEN r.closed_at END AS lost_at,
                       CASE WHEN {repeat} THEN 'repeat' ELSE 'new' END AS customer, {AMOUNT} AS amount,
                       greatest(c.date_create, r.moved_at, CASE WHEN c.moved_time <= b.as_of THEN c.moved_time END, h.last_at, CASE WHEN x.commented_at <= b.as_of THEN x.commented_at END, CASE WHEN c.last_activity_time <= b.as_of THEN c.last_activity_time END,
                                CASE WHEN c.last_communication_time <= b.as_of THEN c.last_communication_time END) AS touched_at,
                       greatest(h.contact_at, CASE WHEN c.last_communication_time <= b.as_of THEN c.last_communication_time END) AS contact_at,
                       h.next_at, h.open_ones, {ufs} AS ufs {own}
                FROM cards_{table} c
                JOIN runs_{entity} r ON r.id = c.id
                CROSS JOIN asked b
                LEFT JOIN stage_kinds s ON s.sid = r.sid
                LEFT JOIN stage_kinds m ON m.sid = r.current_sid
                LEFT JOIN rates q ON q.currency = coalesce(nullif(c.currency_id, ''), b.base)
                LEFT JOIN touch h ON h.deal = {deal} AND h.owner_id = c.id
                LEFT JOIN commented x ON x.deal = {deal} AND x.id = c.id
                {joins}
                WHERE {piece}
            ), typed AS (
                SELECT card.*, wt.worked_before AS touched_worked, wc.worked_before AS contacted_worked,
                       (SELECT w.worked_before FROM workdays w, asked b WHERE w.day = local_day(b.as_of)) AS today_worked {typed}
                FROM card LEFT JOIN workdays wt ON wt.day = local_day(touched_at)
                LEFT JOIN workdays wc ON wc.day = local_day(coalesce(contact_at, date_create))
            )
            SELECT {columns}{names} FROM typed ORDER BY date_create, id
            """
        )
