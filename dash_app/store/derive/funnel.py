"""The funnel: which stages of which sales pipeline each deal reached, and what happened to it there (metrics.md section 1, ``funnel``)."""

from __future__ import annotations

import duckdb

from dash_app.store.derive.cards import chunks


def furthest(con: duckdb.DuckDBPyConnection) -> None:
    """``furthest``: the highest rank among known stages that are not lost each deal ever entered in each pipeline it visited
    (NULL: none); ``furthest_stage``: the same with the stage's id."""
    con.execute(
        """
        CREATE TEMP TABLE furthest AS
        SELECT v.id, k.pipeline_id, max(k.step) AS step FROM visits_deal v JOIN stage_kinds k ON k.sid = v.sid GROUP BY 1, 2
        """
    )
    con.execute(
        """
        CREATE TEMP VIEW furthest_stage AS
        SELECT f.id, f.pipeline_id, k.stage_id FROM furthest f
        JOIN stage_kinds k ON k.entity = 'deal' AND k.pipeline_id = f.pipeline_id AND k.step = f.step
        """
    )


def fill(con: duckdb.DuckDBPyConnection) -> None:
    """Fills ``deal_stages``, sorted by creation: a row for every funnel stage up to the furthest, or for all if the deal is won there.

    ``lost_here``: at the last of these rows (the furthest stage; the success stage if it had gone beyond). ``moved_out_here``: at
    every stage from which it ever went to another pipeline, back again or not – a won deal that went on to production left its success stage too.
    """
    con.execute(
        "CREATE TEMP TABLE funnel_stages AS SELECT pipeline_id, stage_id, rank FROM stages JOIN pipelines p ON p.id = pipeline_id "
        "WHERE entity = 'deal' AND in_funnel AND p.role = 'sales'"
    )
    for piece in chunks(con, "deals", "created_at"):
        con.execute(
            f"""
            INSERT INTO deal_stages
            WITH d AS (SELECT c.* FROM deals c WHERE {piece}),
            stays AS (
                SELECT v.id, k.pipeline_id, k.stage_id, k.step, v.position, v.entered_at, v.left_at, x.pipeline_id AS next_pipeline, x.step AS next_step
                FROM visits_deal v SEMI JOIN d ON d.id = v.id JOIN stage_kinds k ON k.sid = v.sid LEFT JOIN stage_kinds x ON x.sid = v.next_sid
            ), stands AS (
                SELECT id, pipeline_id, stage_id, sum(epoch(left_at - entered_at)) / 86400 AS stay_days, coalesce(bool_or(next_pipeline <> pipeline_id), false) AS moved_out,
                       coalesce(bool_or(next_pipeline = pipeline_id AND next_step < step), false) AS went_back
                FROM stays GROUP BY 1, 2, 3
            ), visited AS (
                SELECT id, pipeline_id, max(step) AS step FROM stays GROUP BY 1, 2
            ), reached AS (
                SELECT v.*, s.stage_id, s.rank, max(s.rank) FILTER (WHERE s.rank <= v.step) OVER (PARTITION BY v.id, v.pipeline_id) AS last_rank
                FROM visited v JOIN d ON d.id = v.id JOIN funnel_stages s ON s.pipeline_id = v.pipeline_id
                WHERE s.rank <= v.step OR (d.status = 'won' AND d.in_sales AND d.pipeline_id = v.pipeline_id)
            )
            SELECT r.id, r.pipeline_id, r.stage_id, r.rank, a.id IS NOT NULL, true,
                   d.status = 'lost' AND d.in_sales AND d.pipeline_id = r.pipeline_id AND r.rank IS NOT DISTINCT FROM r.last_rank,
                   coalesce(a.moved_out, false),
                   coalesce(a.went_back, false), a.stay_days,
                   d.status, d.created_at, d.created_on, d.amount, d.manager_id, d.source_id, d.customer,
                   d.utm_source, d.utm_medium, d.utm_campaign, d.utm_content, d.utm_term
            FROM reached r JOIN d ON d.id = r.id
            LEFT JOIN stands a ON a.id = r.id AND a.pipeline_id = r.pipeline_id AND a.stage_id = r.stage_id
            ORDER BY d.created_at, r.id, r.pipeline_id, r.rank
            """
        )
