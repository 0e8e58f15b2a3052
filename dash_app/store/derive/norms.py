"""What usually becomes of deals at each stage: the chance to be won from there on, and how long won deals stayed."""

from __future__ import annotations

import duckdb

ENOUGH = 30
"""With fewer closed deals a stage's own share is mixed with its pipeline's."""


def fill(con: duckdb.DuckDBPyConnection) -> None:
    """Fills ``stage_norms``: a row for every stage in work of every sales pipeline. ``furthest`` must be there.

    Counted are sales closed by as-of that reached the stage, by the furthest they came or by being won there. A stage deleted from the
    directory has no place in the order: it takes its pipeline's share. Where a pipeline has closed nothing, all pipelines stand for it.
    """
    con.execute(
        f"""
        INSERT INTO stage_norms
        WITH ended AS (
            SELECT r.id, r.status = 'won' AS won, k.pipeline_id FROM runs_deal r JOIN stage_kinds k ON k.sid = r.sid
            WHERE r.in_sales AND r.status IN ('won', 'lost')
        ), ways AS (
            SELECT f.pipeline_id, f.step, e.won, e.won AND e.pipeline_id = f.pipeline_id AS won_here, count(*) AS n
            FROM ended e JOIN furthest f ON f.id = e.id GROUP BY ALL
        ), pipeline AS (
            SELECT pipeline_id, coalesce(sum(n) FILTER (won), 0) / sum(n) AS share FROM ways GROUP BY 1
        ), everywhere AS (SELECT count(*) FILTER (won) / nullif(count(*), 0) AS share FROM ended),
        counted AS (
            SELECT s.pipeline_id, s.stage_id, coalesce(sum(w.n), 0) AS closed, coalesce(sum(w.n) FILTER (w.won), 0) AS won
            FROM stage_kinds s
            LEFT JOIN ways w ON w.pipeline_id = s.pipeline_id AND s.step IS NOT NULL AND (w.step >= s.step OR w.won_here)
            WHERE s.entity = 'deal' AND s.kind = 'P' GROUP BY 1, 2
        ), stays AS (
            SELECT v.id, k.pipeline_id, k.stage_id, sum(epoch(v.left_at - v.entered_at)) / 86400 AS days
            FROM visits_deal v JOIN stage_kinds k ON k.sid = v.sid JOIN ended e ON e.id = v.id
            WHERE k.kind = 'P' AND e.won AND v.left_at IS NOT NULL GROUP BY 1, 2, 3
        ), stayed AS (
            SELECT pipeline_id, stage_id, count(*) AS n, quantile_cont(days, 0.9) AS p90 FROM stays GROUP BY 1, 2
        )
        SELECT c.pipeline_id, c.stage_id, c.closed, c.won,
               CASE WHEN c.closed >= {ENOUGH} THEN c.won / c.closed
                    ELSE (c.won + ({ENOUGH} - c.closed) * coalesce(p.share, e.share)) / {ENOUGH} END,
               coalesce(d.n, 0), d.p90
        FROM counted c CROSS JOIN everywhere e
        LEFT JOIN pipeline p ON p.pipeline_id = c.pipeline_id
        LEFT JOIN stayed d ON d.pipeline_id = c.pipeline_id AND d.stage_id = c.stage_id
        ORDER BY c.pipeline_id, c.stage_id
        """
    )
