"""Deals and leads as reports ask them: state at as-of, amounts in the base currency, last touch, user fields."""

from __future__ import annotations

import duckdb

from dash_app.store.derive.dimensions import KIND_TYPES, field_expression

REPLAYED = {"deal": ("opportunity", "currency_id", "assigned_by_id", "closedate"), "lead": ("opportunity", "currency_id", "assigned_by_id")}
"""Fields the portal keeps no past of; the change log does."""


def existing(con: duckdb.DuckDBPyConnection, *, replay: bool) -> None:
    """``cards_deals``, ``cards_leads``: records that exist at as-of, with values of then where the change log reaches."""
    for entity, table, extra in (("deal", "deals", "AND NOT coalesce(is_recurring, false)"), ("lead", "leads", "")):
        columns = "*"
        source = f"raw.{table} c"
        if replay:
            then = []
            for field in REPLAYED[entity]:
                kind = {"opportunity": "DECIMAL(20,4)", "assigned_by_id": "BIGINT", "closedate": "DATE", "currency_id": "VARCHAR"}[field]
                source += (
                    f" LEFT JOIN (SELECT id AS {field}_of, arg_min(coalesce(old, ''), seen_at) AS {field}_old FROM raw.change_log"
                    f" WHERE entity = '{entity}' AND field = '{field}' AND seen_at > (SELECT as_of FROM asked) GROUP BY id) AS log_{field}"
                    f" ON log_{field}.{field}_of = c.id"
                )
                then.append(f"CASE WHEN {field}_of IS NULL THEN c.{field} ELSE TRY_CAST(nullif({field}_old, '') AS {kind}) END AS {field}")
            columns = f"c.* REPLACE ({', '.join(then)})"
        con.execute(
            f"CREATE TEMP TABLE cards_{table} AS SELECT {columns} FROM {source} "
            f"WHERE c.id IS NOT NULL AND c.date_create <= (SELECT as_of FROM asked) {extra}"
        )


def touches(con: duckdb.DuckDBPyConnection) -> None:
    """``touch``: what activities owned by a card say of it – last touch, last contact, the next step."""
    con.execute(
        """
        CREATE TEMP TABLE touch AS
        SELECT owner_type, owner_id,
               greatest(max(created_at), max(updated_at) FILTER (WHERE completed)) AS last_at,
               greatest(max(created_at) FILTER (WHERE contact), max(updated_at) FILTER (WHERE contact AND completed)) AS contact_at,
               min(deadline) FILTER (WHERE NOT completed AND deadline > (SELECT as_of FROM asked)) AS next_at,
               count(*) FILTER (WHERE NOT completed)::INTEGER AS open_ones
        FROM (SELECT *, kind IN ('call_out', 'call_in', 'email_out', 'email_in', 'message_out', 'message_in', 'meeting') AS contact FROM activities)
        WHERE owner_type IN ('deal', 'lead') GROUP BY 1, 2
        """
    )


def _fields(fields: dict[str, str]) -> tuple[str, str]:
    names = "".join(f', "{name}"' for name in fields)
    values = "".join(f', {field_expression(name, kind)} AS "{name}"' for name, kind in fields.items())
    return names, values


def add_field_columns(con: duckdb.DuckDBPyConnection, table: str, fields: dict[str, str]) -> None:
    """User-field columns behind the fixed ones."""
    for name, kind in fields.items():
        con.execute(f'ALTER TABLE {table} ADD COLUMN "{name}" {KIND_TYPES[kind]}')


_AMOUNT = """
    CASE WHEN c.opportunity IS NULL OR c.opportunity = 0 THEN NULL
         WHEN coalesce(nullif(c.currency_id, ''), b.base) = b.base THEN CAST(c.opportunity AS DECIMAL(28,8))
         WHEN q.amount IS NULL OR coalesce(q.amount_cnt, 1) = 0 THEN NULL
         ELSE CAST(CAST(CAST(c.opportunity AS DECIMAL(20,4)) * CAST(q.amount AS DECIMAL(18,8)) AS DECIMAL(38,12)) / coalesce(q.amount_cnt, 1) AS DECIMAL(28,8)) END
"""


def fill(con: duckdb.DuckDBPyConnection, entity: str, fields: dict[str, str], loss_reason_field: str | None) -> None:
    """Fills ``deals`` or ``leads``, sorted by creation."""
    deal = entity == "deal"
    table = "deals" if deal else "leads"
    add_field_columns(con, table, fields)
    names, values = _fields(fields)
    present = [d[0] for d in con.execute(f"SELECT * FROM {table} LIMIT 0").description]
    reason = "CASE WHEN status = 'lost' THEN stage_id END"
    if deal and loss_reason_field and loss_reason_field in fields:
        column = f'"{loss_reason_field}"'
        reason = f"CASE WHEN status = 'lost' THEN {column + '[1]' if fields[loss_reason_field] == 'list' else f'CAST({column} AS VARCHAR)'} END"
    own = (
        """
        , r.kind <> 'X' AS in_sales, coalesce(c.category_id, 0) AS own_pipeline, c.stage_id AS own_stage, c.lead_id, c.closedate AS planned_close_on, c.type_id,
        coalesce(c.source_id, l.source_id) AS source_of
        """
        if deal
        else ", c.source_id AS source_of"
    )
    customer = "coalesce(c.is_return_customer, false)" + (" OR coalesce(c.is_repeated_approach, false)" if deal else "")
    extra_join = "LEFT JOIN raw.leads l ON l.id = c.lead_id" if deal else ""
    select = {
        "id": "id", "title": "title", "pipeline_id": "pipeline_id" if deal else "NULL", "stage_id": "stage_id", "semantic": "semantic",
        "status": "status", "manager_id": "CASE WHEN assigned_by_id BETWEEN 1 AND 2147483647 THEN assigned_by_id::INTEGER END",
        "source_id": "source_of", "customer": "customer",
        "utm_source": "utm_source", "utm_medium": "utm_medium", "utm_campaign": "utm_campaign", "utm_content": "utm_content", "utm_term": "utm_term",
        "created_at": "date_create", "created_on": "local_day(date_create)", "won_at": "won_at", "won_on": "local_day(won_at)",
        "lost_at": "lost_at", "lost_on": "local_day(lost_at)", "closed_at": "coalesce(won_at, lost_at)", "stage_entered_at": "stage_entered_at",
        "amount": "amount", "opportunity": "opportunity", "currency_id": "currency_id",
        "no_rate": "coalesce(opportunity, 0) <> 0 AND amount IS NULL", "last_activity_at": "touched_at", "last_contact_at": "contact_at",
        "next_activity_at": "next_at", "open_activities": "coalesce(open_ones, 0)", "contact_id": "contact_id", "company_id": "company_id",
        "created_by_id": "CASE WHEN created_by_id BETWEEN 1 AND 2147483647 THEN created_by_id::INTEGER END", "modified_at": "date_modify",
        "cycle_days": "epoch(coalesce(won_at, lost_at) - date_create) / 86400", "stage_days": "epoch(as_of - stage_entered_at) / 86400",
        "duration_days": "epoch(coalesce(won_at, lost_at, as_of) - date_create) / 86400",
        "idle_days": "CAST(floor(epoch(as_of - touched_at) / 86400) AS INTEGER)",
        "in_sales": "in_sales", "current_pipeline_id": "own_pipeline", "current_stage_id": "own_stage", "lead_id": "lead_id",
        "reopened": "id IN (SELECT id FROM deal_gaps)", "planned_close_on": "planned_close_on", "type_id": "type_id", "loss_reason": reason,
        "furthest_stage_id": "furthest_stage_id", "became_deal": "deal_id IS NOT NULL", "deal_id": "deal_id",
    }  # fmt: skip
    columns = ", ".join(f'{select[n]} AS "{n}"' for n in present if n in select)
    furthest = "LEFT JOIN furthest f ON f.id = c.id AND f.pipeline_id = r.pipeline_id" if deal else ""
    con.execute(
        f"""
        INSERT INTO {table}
        WITH card AS (
            SELECT c.* EXCLUDE (stage_id, semantic, source_id, uf{', lead_id, closedate, type_id, category_id' if deal else ''}),
                   r.pipeline_id, r.stage_id, r.semantic, r.stage_entered_at, b.as_of,
                   CASE r.kind WHEN 'W' THEN 'won' WHEN 'F' THEN 'lost' WHEN 'P' THEN 'in_work'
                        ELSE CASE r.semantic WHEN 'S' THEN 'won' WHEN 'F' THEN 'lost' ELSE 'in_work' END END AS status,
                   CASE WHEN r.kind = 'X' THEN CASE WHEN r.semantic = 'S' THEN r.stage_entered_at END WHEN r.won_at IS NOT NULL THEN greatest(r.won_at, c.date_create) END AS won_at,
                   CASE WHEN r.kind = 'X' THEN CASE WHEN r.semantic = 'F' THEN r.stage_entered_at END WHEN r.lost_at IS NOT NULL THEN greatest(r.lost_at, c.date_create) END AS lost_at,
                   CASE WHEN {customer} THEN 'repeat' ELSE 'new' END AS customer,
                   {_AMOUNT} AS amount,
                   greatest(c.date_create, r.stage_entered_at, h.last_at,
                            CASE WHEN c.last_activity_time <= b.as_of THEN c.last_activity_time END,
                            CASE WHEN c.last_communication_time <= b.as_of THEN c.last_communication_time END) AS touched_at,
                   greatest(h.contact_at, CASE WHEN c.last_communication_time <= b.as_of THEN c.last_communication_time END) AS contact_at,
                   h.next_at, h.open_ones
                   {own}
                   {', f.stage_id AS furthest_stage_id' if deal else ', w.deal_id'}
                   {values}
            FROM cards_{table} c
            JOIN runs_{entity} r ON r.id = c.id
            CROSS JOIN asked b
            LEFT JOIN raw.currencies q ON q.currency = nullif(c.currency_id, '')
            LEFT JOIN touch h ON h.owner_type = '{entity}' AND h.owner_id = c.id
            {extra_join} {furthest}
            {'' if deal else 'LEFT JOIN (SELECT lead_id, min(id) AS deal_id FROM cards_deals WHERE lead_id IS NOT NULL GROUP BY 1) w ON w.lead_id = c.id'}
        )
        SELECT {columns}{names} FROM card ORDER BY date_create, id
        """
    )
