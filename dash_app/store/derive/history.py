"""Stage history as stays: where each card stood, from when to when, and what that made of it (metrics.md, ground rules).

Steps, for deals and leads alike:

1. ``hist_*``: history rows up to as-of in order; the card's own stage is appended when the history lags behind it, and stands alone
   when there is no history at all (entered at movedTime, else closedate, else creation).
2. ``stage_visits``: repeats of one stage joined, each with the next one.
3. ``kinds``: P in work, W at or after the success stage, F lost, X in a pipeline of another role.
4. The run: a deal that left a sales pipeline from W into X stays won there, whatever follows; otherwise the last row decides.
"""

from __future__ import annotations

import duckdb

from dash_app.store.derive.zones import utc_noon


def stays(con: duckdb.DuckDBPyConnection, entity: str, timezone: str, *, replay: bool) -> None:
    """Fills ``stage_visits`` of an entity and ``runs_<entity>``: the state each card is in at as-of.

    ``replay``: as-of lies before the portal was read, so a card's present stage says nothing when it has a history.
    """
    deal = entity == "deal"
    history, cards = ("raw.deal_history", "cards_deals") if deal else ("raw.lead_history", "cards_leads")
    category = "coalesce(h.category_id, 0)" if deal else "CAST(NULL AS INTEGER)"
    own_category = "coalesce(c.category_id, 0)" if deal else "CAST(NULL AS INTEGER)"
    closed = utc_noon("c.closedate", timezone) if deal else "c.date_closed"
    final = "c.semantic IN ('S', 'F')"
    entered_alone = f"least($as_of, CASE WHEN {final} THEN coalesce(c.moved_time, greatest({closed}, c.date_create), c.date_create) ELSE coalesce(c.moved_time, c.date_create) END)"
    con.execute(
        f"""
        CREATE TEMP TABLE hist AS
        SELECT h.owner_id AS id, {category} AS pipeline_id, h.stage_id, h.created_time AS t, h.id AS hid
        FROM {history} h JOIN {cards} c ON c.id = h.owner_id
        WHERE h.created_time <= $as_of AND h.stage_id IS NOT NULL
        """,
        {"as_of": con.execute("SELECT as_of FROM asked").fetchone()[0]},  # type: ignore[index]
    )
    as_of = {"as_of": con.execute("SELECT as_of FROM asked").fetchone()[0]}  # type: ignore[index]
    if replay:
        # before its first row a card stood at that row's stage
        con.execute(
            f"""
            INSERT INTO hist
            SELECT h.owner_id, {category}, arg_min(h.stage_id, (h.created_time, h.id)), any_value(c.date_create), -1
            FROM {history} h JOIN {cards} c ON c.id = h.owner_id
            WHERE h.stage_id IS NOT NULL AND c.id NOT IN (SELECT id FROM hist)
            GROUP BY h.owner_id, {category}
            QUALIFY row_number() OVER (PARTITION BY h.owner_id ORDER BY min(h.created_time), min(h.id)) = 1
            """
        )
    else:
        con.execute(
            f"""
            INSERT INTO hist
            SELECT c.id, {own_category}, c.stage_id, greatest(l.t, least($as_of, coalesce(c.moved_time, c.date_modify, l.t))), 9223372036854775807
            FROM {cards} c JOIN (
                SELECT id, max(t) AS t, arg_max(stage_id, (t, hid)) AS stage_id, arg_max(pipeline_id, (t, hid)) AS pipeline_id FROM hist GROUP BY id
            ) l ON l.id = c.id
            WHERE c.stage_id IS NOT NULL AND (l.stage_id <> c.stage_id OR l.pipeline_id IS DISTINCT FROM {own_category})
            """,
            as_of,
        )
    con.execute(
        f"""
        INSERT INTO hist
        SELECT c.id, {own_category}, c.stage_id, {entered_alone}, 0
        FROM {cards} c WHERE c.stage_id IS NOT NULL AND c.id NOT IN (SELECT id FROM hist)
        """,
        as_of,
    )
    con.execute(
        f"""
        CREATE TEMP TABLE visits AS
        WITH distinct_rows AS (
            SELECT *, lag(stage_id) OVER w AS before_stage, lag(pipeline_id) OVER w AS before_pipeline
            FROM hist WINDOW w AS (PARTITION BY id ORDER BY t, hid)
        ), kept AS (
            SELECT id, pipeline_id, stage_id, t, hid FROM distinct_rows
            WHERE before_stage IS NULL OR before_stage <> stage_id OR before_pipeline IS DISTINCT FROM pipeline_id
        )
        SELECT k.id, row_number() OVER w AS position, k.pipeline_id, k.stage_id, s.kind, s.step, s.rank, s.semantic, k.t AS entered_at,
               lead(k.t) OVER w AS left_at, lead(k.pipeline_id) OVER w AS next_pipeline_id, lead(k.stage_id) OVER w AS next_stage_id,
               lead(s.semantic) OVER w AS next_semantic, lead(s.rank) OVER w AS next_rank, lead(s.step) OVER w AS next_step, lead(s.kind) OVER w AS next_kind
        FROM kept k
        JOIN stage_kinds s ON s.entity = '{entity}' AND s.pipeline_id IS NOT DISTINCT FROM k.pipeline_id AND s.stage_id = k.stage_id
        WINDOW w AS (PARTITION BY k.id ORDER BY k.t, k.hid)
        """
    )
    con.execute("DROP TABLE hist")
    con.execute(
        f"""
        INSERT INTO stage_visits
        SELECT '{entity}', id, position::INTEGER, pipeline_id, stage_id, semantic, rank, entered_at, left_at, next_pipeline_id, next_stage_id, next_semantic, next_rank
        FROM visits ORDER BY id, position
        """
    )
    _runs(con, entity)


def _runs(con: duckdb.DuckDBPyConnection, entity: str) -> None:
    """``runs_<entity>``: one row a card; ``<entity>_gaps``: closed spells that ended."""
    # frozen: the first time a card left W straight into another role; what follows does not matter for sales
    con.execute(
        """
        CREATE TEMP TABLE effective AS
        SELECT v.*, f.frozen IS NOT NULL AS is_frozen
        FROM visits v LEFT JOIN (
            SELECT id, min(position) AS frozen FROM visits WHERE kind = 'W' AND next_kind = 'X' GROUP BY id
        ) f ON f.id = v.id
        WHERE f.frozen IS NULL OR v.position <= f.frozen
        """
    )
    # spells: runs of one state, closed (W, F) or open (P, X); within closed ones the trailing W or the last F decides the moment
    con.execute(
        f"""
        CREATE TEMP TABLE runs_{entity} AS
        WITH last AS (
            SELECT id, max(position) AS position, max(position) FILTER (WHERE kind <> 'W') AS before_run,
                   max(position) FILTER (WHERE kind IN ('P', 'X')) AS last_open
            FROM effective GROUP BY id
        )
        SELECT e.id, e.pipeline_id, e.stage_id, e.semantic, e.kind, e.entered_at AS stage_entered_at, e.is_frozen,
               CASE WHEN e.kind = 'W' THEN r.entered_at END AS won_at,
               CASE WHEN e.kind = 'F' THEN e.entered_at END AS lost_at,
               CASE WHEN e.kind IN ('W', 'F') THEN o.entered_at END AS spell_start
        FROM last l
        JOIN effective e ON e.id = l.id AND e.position = l.position
        LEFT JOIN effective r ON r.id = l.id AND r.position = coalesce(l.before_run, 0) + 1
        LEFT JOIN effective o ON o.id = l.id AND o.position = coalesce(l.last_open, 0) + 1
        """
    )
    con.execute(
        f"""
        INSERT INTO {entity}_gaps
        WITH flagged AS (
            SELECT id, position, kind, entered_at, kind IN ('W', 'F') AS closed,
                   lag(kind IN ('W', 'F')) OVER (PARTITION BY id ORDER BY position) AS before
            FROM effective WHERE id IN (SELECT id FROM effective WHERE kind IN ('W', 'F') GROUP BY id)
        ), starts AS (
            SELECT id, entered_at, closed, lead(entered_at) OVER (PARTITION BY id ORDER BY position) AS ended
            FROM flagged WHERE before IS NULL OR before <> closed
        )
        SELECT id, entered_at, ended FROM starts WHERE closed AND ended IS NOT NULL
        UNION ALL
        -- a card closed one way and then another without reopening was not in work between the two
        SELECT id, spell_start, coalesce(won_at, lost_at) FROM runs_{entity} WHERE spell_start < coalesce(won_at, lost_at)
        """
    )
    con.execute("DROP TABLE effective")
    if entity == "deal":
        con.execute("ALTER TABLE visits RENAME TO visits_deal")
    else:
        con.execute("DROP TABLE visits")
