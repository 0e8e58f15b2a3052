"""The funnel: which stages of which sales pipeline each deal reached, and what happened to it there (metrics.md ``funnel``)."""

from __future__ import annotations

import duckdb


def furthest(con: duckdb.DuckDBPyConnection) -> None:
    """``furthest``: the latest known stage that is not lost, by order, of each deal in each pipeline it visited."""
    con.execute(
        """
        CREATE TEMP TABLE furthest AS
        SELECT id, pipeline_id, max(step) AS step, arg_max(stage_id, step) FILTER (WHERE step IS NOT NULL) AS stage_id
        FROM visits_deal GROUP BY 1, 2
        """
    )


def fill(con: duckdb.DuckDBPyConnection) -> None:
    """Fills ``deal_stages``: a row for every funnel stage up to the furthest one, or to the end if the deal is won there."""
    con.execute(
        """
        CREATE TEMP TABLE stands AS
        SELECT id, pipeline_id, stage_id, sum(epoch(left_at - entered_at)) / 86400 AS stay_days,
               bool_or(next_pipeline_id IS NOT NULL AND next_pipeline_id <> pipeline_id) AS moved_out,
               bool_or(next_pipeline_id = pipeline_id AND next_step < step) AS went_back
        FROM visits_deal GROUP BY 1, 2, 3
        """
    )
    con.execute(
        """
        INSERT INTO deal_stages
        SELECT d.id, f.pipeline_id, s.stage_id, s.rank, v.id IS NOT NULL, true,
               d.status = 'lost' AND d.in_sales AND d.pipeline_id = f.pipeline_id AND s.stage_id = f.stage_id,
               coalesce(v.moved_out, false), coalesce(v.went_back, false), v.stay_days,
               d.status, d.created_at, d.created_on, d.amount, d.manager_id, d.source_id, d.customer,
               d.utm_source, d.utm_medium, d.utm_campaign, d.utm_content, d.utm_term
        FROM furthest f
        JOIN deals d ON d.id = f.id
        JOIN pipelines p ON p.id = f.pipeline_id AND p.role = 'sales'
        JOIN stages s ON s.entity = 'deal' AND s.pipeline_id = f.pipeline_id AND s.in_funnel
             AND (s.rank <= f.step OR (d.status = 'won' AND d.in_sales AND d.pipeline_id = f.pipeline_id))
        LEFT JOIN stands v ON v.id = f.id AND v.pipeline_id = f.pipeline_id AND v.stage_id = s.stage_id
        ORDER BY d.created_at, d.id, s.rank
        """
    )
