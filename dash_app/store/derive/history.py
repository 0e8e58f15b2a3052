"""Stage history as stays: where each card stood, from when to when, and what that made of it (metrics.md section 0.8).

Steps, for deals and leads alike:

1. ``ordered``: history rows up to as-of by (time, id), never before the card's creation. At the present the card itself has the last word:
   rows that came after the card was read are left off, a stage the history does not know of yet is appended. A card without
   history stands where it stands since movedTime, else noon of closedate (final stages), else its creation.
2. ``visits_<entity>``: repeats of one stage joined, each with the next one. Stages are numbers here (``sid`` of ``stage_kinds``): four
   million rows are sorted within a small memory.
3. ``stage_kinds.kind``: P in work, W at or after the success stage, F lost, X in a pipeline of another role.
4. ``runs_<entity>``: one row a card. A deal that left a sales pipeline from W into X stays won there, whatever follows;
   otherwise its last stay decides.
"""

from __future__ import annotations

import duckdb

_AFTER_READING = "INTERVAL 2 SECOND"
"""movedTime and the history row of one move may differ by this much."""


def stays(con: duckdb.DuckDBPyConnection, entity: str, *, replay: bool) -> None:
    """Fills ``visits_<entity>``, ``runs_<entity>`` and the gaps of an entity.

    ``replay``: as-of lies before the portal was read, so a card's present stage says nothing when it has a history.
    """
    _order(con, entity)
    if replay:
        _before_the_first_row(con, entity)
    else:
        _present_wins(con, entity)
    _alone(con, entity, replay=replay)
    con.execute(
        f"""
        CREATE TEMP TABLE visits_{entity} AS
        WITH kept AS (
            SELECT id, sid, t, n FROM ordered
            QUALIFY lag(sid) OVER (PARTITION BY id ORDER BY n) IS DISTINCT FROM sid
        )
        SELECT id, sid, t AS entered_at, row_number() OVER w::INTEGER AS position, lead(t) OVER w AS left_at, lead(sid) OVER w AS next_sid
        FROM kept WINDOW w AS (PARTITION BY id ORDER BY n)
        """
    )
    con.execute("DROP TABLE ordered")
    _runs(con, entity, replay=replay)
    _gaps(con, entity)


def fill_visits(con: duckdb.DuckDBPyConnection) -> None:
    """Fills the fact ``stage_visits`` of both entities."""
    for entity in ("deal", "lead"):
        con.execute(
            f"""
            INSERT INTO stage_visits
            SELECT '{entity}', v.id, v.position, s.pipeline_id, s.stage_id, s.semantic, s.rank, v.entered_at, v.left_at,
                   x.pipeline_id, x.stage_id, x.semantic, x.rank
            FROM visits_{entity} v JOIN stage_kinds s ON s.sid = v.sid LEFT JOIN stage_kinds x ON x.sid = v.next_sid
            """
        )


def _stage_join(entity: str, row: str) -> str:
    """SQL condition: the stage ``k`` of a card or history row."""
    pipeline = f" AND k.pipeline_id = pipeline_of({row}.category_id, {row}.stage_id)" if entity == "deal" else ""
    return f"k.entity = '{entity}' AND k.stage_id = {row}.stage_id{pipeline}"


def _order(con: duckdb.DuckDBPyConnection, entity: str) -> None:
    con.execute(
        f"""
        CREATE TEMP TABLE ordered AS
        SELECT h.owner_id AS id, k.sid, greatest(h.created_time, c.date_create) AS t,
               row_number() OVER (PARTITION BY h.owner_id ORDER BY greatest(h.created_time, c.date_create), h.id)::INTEGER AS n
        FROM raw.{entity}_history h JOIN cards_{entity}s c ON c.id = h.owner_id JOIN stage_kinds k ON {_stage_join(entity, "h")}
        WHERE h.created_time <= (SELECT as_of FROM asked)
        """
    )


def _present_wins(con: duckdb.DuckDBPyConnection, entity: str) -> None:
    con.execute(
        f"""
        CREATE TEMP TABLE differing AS
        SELECT c.id, k.sid, l.n, l.t, c.moved_time, c.date_modify, {_closing(entity)} AS closing
        FROM cards_{entity}s c JOIN stage_kinds k ON {_stage_join(entity, "c")}
        JOIN (SELECT id, max(n) AS n, arg_max(sid, n) AS sid, max(t) AS t FROM ordered GROUP BY id) l ON l.id = c.id
        WHERE l.sid <> k.sid
        """
    )
    # history read after the card: what happened in between belongs to the next refresh
    con.execute(
        f"""
        CREATE TEMP TABLE ahead AS
        WITH rows AS (SELECT d.id, d.moved_time, o.n, o.t, max(o.n) FILTER (WHERE o.sid = d.sid) OVER (PARTITION BY d.id) AS stood
                      FROM differing d JOIN ordered o ON o.id = d.id WHERE d.moved_time IS NOT NULL)
        SELECT id, any_value(stood) AS stood FROM rows WHERE n > stood GROUP BY id HAVING min(t) > any_value(moved_time) + {_AFTER_READING}
        """
    )
    con.execute("DELETE FROM ordered USING ahead WHERE ordered.id = ahead.id AND ordered.n > ahead.stood")
    con.execute(
        """
        INSERT INTO ordered
        SELECT id, sid, greatest(t, least((SELECT as_of FROM asked), coalesce(moved_time, closing, date_modify, t))), n + 1
        FROM differing WHERE id NOT IN (SELECT id FROM ahead)
        """
    )
    con.execute("DROP TABLE differing")
    con.execute("DROP TABLE ahead")


def _closing(entity: str) -> str:
    """SQL: when a card in a final stage was closed as far as the card alone tells; edited by people, so only the last resort."""
    day = "utc_noon(c.closedate)" if entity == "deal" else "c.date_closed"
    return f"CASE WHEN k.semantic IN ('S', 'F') AND {day} IS NOT NULL THEN greatest({day}, c.date_create) END"


def _before_the_first_row(con: duckdb.DuckDBPyConnection, entity: str) -> None:
    """Before its first row a card stood at that row's stage."""
    con.execute(
        f"""
        INSERT INTO ordered
        SELECT c.id, k.sid, c.date_create, 0
        FROM raw.{entity}_history h JOIN cards_{entity}s c ON c.id = h.owner_id JOIN stage_kinds k ON {_stage_join(entity, "h")}
        WHERE c.id NOT IN (SELECT id FROM ordered)
        QUALIFY row_number() OVER (PARTITION BY c.id ORDER BY h.created_time, h.id) = 1
        """
    )


def _alone(con: duckdb.DuckDBPyConnection, entity: str, *, replay: bool) -> None:
    """Cards no history row speaks of. One whose last known move lies after an earlier as-of stood somewhere before it: taken
    to be the first stage of its pipeline since its creation, unless the change log knows better."""
    moment = f"coalesce(c.moved_time, {_closing(entity)}, c.date_create)"
    logged = (
        f"c.id IN (SELECT id FROM log_then WHERE entity = '{entity}' AND field = 'stage_id')" if replay else "false"
    )
    unknown = f"({moment} > (SELECT as_of FROM asked) AND NOT {logged})" if replay else "false"
    con.execute(
        f"""
        INSERT INTO ordered
        SELECT c.id, CASE WHEN {unknown} THEN coalesce(f.sid, k.sid) ELSE k.sid END,
               CASE WHEN {moment} > (SELECT as_of FROM asked) AND {"true" if replay else "false"} THEN c.date_create
                    ELSE least(greatest({moment}, c.date_create), (SELECT as_of FROM asked)) END, 0
        FROM cards_{entity}s c JOIN stage_kinds k ON {_stage_join(entity, "c")}
        LEFT JOIN (SELECT pipeline_id, arg_min(sid, rank) AS sid FROM stage_kinds WHERE entity = '{entity}' AND known AND semantic = 'P' GROUP BY 1) f
               ON f.pipeline_id IS NOT DISTINCT FROM k.pipeline_id
        WHERE c.id NOT IN (SELECT id FROM ordered)
        """
    )


def _runs(con: duckdb.DuckDBPyConnection, entity: str, *, replay: bool) -> None:
    con.execute(
        f"""
        CREATE TEMP TABLE frozen AS
        SELECT v.id, min(v.position) AS position
        FROM visits_{entity} v JOIN stage_kinds k ON k.sid = v.sid JOIN stage_kinds x ON x.sid = v.next_sid
        WHERE k.kind = 'W' AND x.kind = 'X' GROUP BY v.id
        """
    )
    con.execute(
        f"""
        CREATE TEMP VIEW effective_{entity} AS
        SELECT v.id, v.sid, v.position, v.entered_at, CASE WHEN f.position IS NULL OR v.position < f.position THEN v.left_at END AS left_at, k.kind
        FROM visits_{entity} v JOIN stage_kinds k ON k.sid = v.sid LEFT JOIN frozen f ON f.id = v.id
        WHERE f.position IS NULL OR v.position <= f.position
        """
    )
    # stays follow each other without holes, so the trailing run of W begins where the last stay of another kind ended
    con.execute(
        f"""
        CREATE TEMP TABLE runs_{entity} AS
        WITH last AS (
            SELECT id, arg_max(sid, position) AS sid, max(entered_at) AS entered_at,
                   coalesce(max(left_at) FILTER (WHERE kind <> 'W'), min(entered_at)) AS run_start
            FROM effective_{entity} GROUP BY id
        ), current AS (SELECT id, sid, entered_at FROM visits_{entity} WHERE left_at IS NULL),
        state AS (
            SELECT l.*, c.sid AS current_sid, c.entered_at AS moved_at, k.kind,
                   CASE WHEN k.kind = 'W' THEN 'won' WHEN k.kind = 'F' THEN 'lost' WHEN k.kind = 'P' THEN 'in_work'
                        WHEN k.semantic = 'S' THEN 'won' WHEN k.semantic = 'F' THEN 'lost' ELSE 'in_work' END AS status
            FROM last l JOIN current c ON c.id = l.id JOIN stage_kinds k ON k.sid = l.sid
        )
        SELECT id, sid, current_sid, entered_at, moved_at, kind <> 'X' AS in_sales, status,
               CASE WHEN status = 'won' THEN CASE WHEN kind = 'W' THEN run_start ELSE entered_at END WHEN status = 'lost' THEN entered_at END AS closed_at
        FROM state
        """
    )
    if (
        not replay
    ):  # a card that names no stage now has left the one its history knows, unless both say that it is closed
        con.execute(
            f"""
            DELETE FROM runs_{entity} USING cards_{entity}s c
            WHERE c.id = runs_{entity}.id AND c.stage_id IS NULL
              AND (runs_{entity}.status = 'in_work' OR runs_{entity}.status IS DISTINCT FROM CASE c.semantic WHEN 'S' THEN 'won' WHEN 'F' THEN 'lost' END)
            """
        )
    # a card that names no stage is kept all the same
    own = (
        "NOT coalesce((SELECT p.role <> 'sales' FROM pipelines p WHERE p.id = pipeline_of(c.category_id, c.stage_id)), false)"
        if entity == "deal"
        else "true"
    )
    con.execute(
        f"""
        INSERT INTO runs_{entity}
        SELECT c.id, NULL, NULL, c.date_create, c.date_create, {own},
               CASE c.semantic WHEN 'S' THEN 'won' WHEN 'F' THEN 'lost' ELSE 'in_work' END,
               CASE WHEN c.semantic IN ('S', 'F') THEN least((SELECT as_of FROM asked), greatest(coalesce(c.moved_time, c.date_create), c.date_create)) END
        FROM cards_{entity}s c WHERE c.id NOT IN (SELECT id FROM runs_{entity})
        """
    )


def _gaps(con: duckdb.DuckDBPyConnection, entity: str) -> None:
    """Closed spells that ended. Only cards that ever left a closed stay are looked at; stays in other roles do not reopen a sale.

    A card closed one way and then another without reopening was not in work in between: that spell up to its present closing is a
    gap too, so that "open at an instant" stays one comparison.
    """
    con.execute(
        f"""
        INSERT INTO {entity}_gaps
        WITH flagged AS (
            SELECT id, position, entered_at, kind <> 'P' AS closed FROM effective_{entity}
            WHERE kind <> 'X' AND id IN (SELECT id FROM effective_{entity} WHERE kind IN ('W', 'F') AND left_at IS NOT NULL)
        ), starts AS (
            SELECT * FROM flagged QUALIFY lag(closed) OVER (PARTITION BY id ORDER BY position) IS DISTINCT FROM closed
        ), spells AS (
            SELECT id, closed, entered_at, lead(entered_at) OVER (PARTITION BY id ORDER BY position) AS ended FROM starts
        )
        SELECT s.id, s.entered_at, coalesce(s.ended, r.closed_at) FROM spells s JOIN runs_{entity} r ON r.id = s.id
        WHERE s.closed AND (s.ended IS NOT NULL OR (r.in_sales AND s.entered_at < r.closed_at))
        ORDER BY s.id, s.entered_at
        """
    )
    con.execute(f"DROP VIEW effective_{entity}")
    con.execute("DROP TABLE frozen")
