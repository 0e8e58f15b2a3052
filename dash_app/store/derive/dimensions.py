"""Dimensions: people, departments, pipelines, stages, sources. Whatever records name has a row, and no id has two.

A row of a directory without an id, or with one no column can hold, is left out: it names nothing records could mean.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

import duckdb
import pyarrow as pa

from dash_app.portal.entities import ENTITIES, NAMES
from dash_app.store.derive.config import DeriveConfig


def managers(con: duckdb.DuckDBPyConnection) -> None:
    """``managers``, ``departments`` (depth from the root, cycles cut), ``manager_departments`` with every ancestor."""
    con.execute(
        """
        INSERT INTO managers
        WITH met AS (
            SELECT DISTINCT id::INTEGER AS id FROM (
                SELECT assigned_by_id AS id FROM cards_deals UNION ALL SELECT assigned_by_id FROM cards_leads
                UNION ALL SELECT created_by_id FROM cards_deals UNION ALL SELECT created_by_id FROM cards_leads
                UNION ALL SELECT responsible_id FROM raw.activities UNION ALL SELECT author_id FROM raw.activities
                UNION ALL SELECT responsible_id FROM raw.tasks UNION ALL SELECT created_by FROM raw.tasks
            ) WHERE id IS NOT NULL AND id BETWEEN 1 AND 2147483647
        )
        SELECT id::INTEGER,
               coalesce(nullif(trim(concat_ws(' ', name, last_name)), ''), nullif(email, ''), '#' || id),
               coalesce(active, true), work_position, true
        FROM (SELECT * FROM raw.users WHERE id BETWEEN 1 AND 2147483647 QUALIFY row_number() OVER (PARTITION BY id ORDER BY last_name, name, email) = 1)
        UNION ALL
        SELECT id, '#' || id, true, NULL, false FROM met WHERE id NOT IN (SELECT id FROM raw.users WHERE id IS NOT NULL)
        """
    )
    con.execute(
        """
        CREATE TEMP TABLE listed_departments AS
        SELECT id, name, CASE WHEN parent_id BETWEEN 1 AND 2147483647 THEN parent_id END AS parent_id,
               CASE WHEN head_id BETWEEN 1 AND 2147483647 THEN head_id END AS head_id, sort
        FROM raw.departments WHERE id BETWEEN 1 AND 2147483647 QUALIFY row_number() OVER (PARTITION BY id ORDER BY name, parent_id) = 1
        """
    )
    con.execute(
        """
        INSERT INTO departments
        WITH RECURSIVE tree AS (
            SELECT d.id, 0 AS depth, [d.id] AS path FROM listed_departments d
            WHERE d.parent_id IS NULL OR d.parent_id NOT IN (SELECT id FROM listed_departments) OR d.parent_id = d.id
            UNION ALL
            SELECT d.id, tree.depth + 1, list_append(tree.path, d.id)
            FROM listed_departments d JOIN tree ON d.parent_id = tree.id WHERE NOT list_contains(tree.path, d.id)
        )
        SELECT d.id::INTEGER, coalesce(d.name, '#' || d.id), d.parent_id::INTEGER, nullif(d.head_id, 0)::INTEGER,
               coalesce((SELECT min(depth) FROM tree WHERE tree.id = d.id), 0)::INTEGER, coalesce(d.sort, 500)
        FROM listed_departments d
        """
    )
    con.execute(
        """
        INSERT INTO manager_departments
        WITH RECURSIVE own AS (
            SELECT DISTINCT u.id::INTEGER AS manager_id, m.department::INTEGER AS department_id
            FROM (SELECT id, unnest(departments) AS department FROM raw.users) m JOIN managers u ON u.id = m.id
            WHERE m.department IN (SELECT id FROM listed_departments)
        ), up AS (
            SELECT manager_id, department_id FROM own
            UNION
            SELECT up.manager_id, d.parent_id::INTEGER FROM up JOIN listed_departments d ON d.id = up.department_id
            WHERE d.parent_id IS NOT NULL AND d.parent_id IN (SELECT id FROM listed_departments)
        )
        SELECT up.manager_id, up.department_id,
               EXISTS (SELECT 1 FROM own WHERE own.manager_id = up.manager_id AND own.department_id = up.department_id)
        FROM up
        """
    )


def create_macros(con: duckdb.DuckDBPyConnection) -> None:
    """``pipeline_of(category_id, stage_id)``: a deal's pipeline; where it does not say, the one its stage is of (``C5:NEW``), else the default one."""
    con.execute(
        "CREATE TEMP MACRO pipeline_of(category_id, stage_id) AS "
        "coalesce(category_id, TRY_CAST(nullif(regexp_extract(stage_id, '^C([0-9]{1,9}):', 1), '') AS INTEGER), 0)"
    )


def pipelines_and_stages(con: duckdb.DuckDBPyConnection, config: DeriveConfig) -> None:
    """``pipelines`` with role and success stage, ``stages`` ranked within their pipeline, deleted ones last.

    A stage met only in cards or history keeps its id and the semantic last seen with it, and ranks after the known ones.
    """
    con.execute("CREATE TEMP TABLE chosen_roles (id INTEGER, role VARCHAR)")
    con.execute("CREATE TEMP TABLE chosen_stages (id INTEGER, stage_id VARCHAR)")
    for pipeline, role in config.roles.items():
        con.execute("INSERT INTO chosen_roles VALUES (?, ?)", [int(pipeline), role])
    for pipeline, stage in config.success_stages.items():
        con.execute("INSERT INTO chosen_stages VALUES (?, ?)", [int(pipeline), stage])
    con.execute(
        """
        INSERT INTO stages
        WITH known AS (
            SELECT 'deal' AS entity,
                   CASE WHEN entity_id = 'DEAL_STAGE' THEN 0 ELSE TRY_CAST(replace(entity_id, 'DEAL_STAGE_', '') AS INTEGER) END AS pipeline_id,
                   status_id AS stage_id, name, CASE WHEN semantic IN ('S', 'F') THEN semantic ELSE 'P' END AS semantic,
                   coalesce(sort, 0) AS sort, color
            FROM raw.statuses WHERE entity_id = 'DEAL_STAGE' OR entity_id LIKE 'DEAL\\_STAGE\\_%' ESCAPE '\\'
            UNION ALL
            SELECT 'lead', NULL, status_id, name, CASE WHEN semantic IN ('S', 'F') THEN semantic ELSE 'P' END, coalesce(sort, 0), color
            FROM raw.statuses WHERE entity_id = 'STATUS'
        ), met AS (
            SELECT 'deal' AS entity, pipeline_of(category_id, stage_id) AS pipeline_id, stage_id, semantic, TIMESTAMP '9999-01-01' AS seen FROM raw.deals
            UNION ALL SELECT 'deal', pipeline_of(h.category_id, h.stage_id), h.stage_id, h.semantic, h.created_time
                      FROM raw.deal_history h JOIN cards_deals c ON c.id = h.owner_id
            UNION ALL SELECT 'lead', NULL, stage_id, semantic, TIMESTAMP '9999-01-01' FROM raw.leads
            UNION ALL SELECT 'lead', NULL, h.stage_id, h.semantic, h.created_time FROM raw.lead_history h JOIN cards_leads c ON c.id = h.owner_id
        ), missing AS (
            SELECT entity, pipeline_id, stage_id,
                   CASE arg_max(semantic, seen) FILTER (WHERE semantic IS NOT NULL) WHEN 'S' THEN 'S' WHEN 'F' THEN 'F' ELSE 'P' END AS semantic
            FROM met WHERE stage_id IS NOT NULL GROUP BY 1, 2, 3
        ), every AS (
            SELECT *, true AS known FROM known WHERE stage_id IS NOT NULL AND (entity = 'lead' OR pipeline_id IS NOT NULL)
            QUALIFY row_number() OVER (PARTITION BY entity, pipeline_id, stage_id ORDER BY sort, name, color, semantic) = 1
            UNION ALL
            SELECT m.entity, m.pipeline_id, m.stage_id, m.stage_id, m.semantic, 1000000, NULL, false FROM missing m
            WHERE NOT EXISTS (SELECT 1 FROM known k WHERE k.entity = m.entity AND k.pipeline_id IS NOT DISTINCT FROM m.pipeline_id AND k.stage_id = m.stage_id)
        )
        SELECT entity, pipeline_id, stage_id, coalesce(name, stage_id), semantic,
               row_number() OVER (PARTITION BY entity, pipeline_id ORDER BY known DESC, semantic = 'F', sort, stage_id)::INTEGER,
               color, known, false
        FROM every
        """
    )
    con.execute(
        """
        INSERT INTO pipelines
        WITH every AS (
            SELECT id, coalesce(name, '#' || id) AS name, coalesce(sort, 500) AS sort, true AS known FROM raw.pipelines
            WHERE id IS NOT NULL QUALIFY row_number() OVER (PARTITION BY id ORDER BY sort, name) = 1
            UNION ALL
            SELECT id, '#' || id, 1000000, false FROM (
                SELECT DISTINCT pipeline_of(category_id, stage_id) AS id FROM cards_deals
                UNION SELECT DISTINCT pipeline_of(h.category_id, h.stage_id) FROM raw.deal_history h JOIN cards_deals c ON c.id = h.owner_id
            ) WHERE id NOT IN (SELECT id FROM raw.pipelines WHERE id IS NOT NULL)
        )
        SELECT e.id, e.name, e.sort, coalesce(r.role, 'sales'),
               coalesce(
                   (SELECT s.stage_id FROM stages s JOIN chosen_stages c ON c.id = e.id AND c.stage_id = s.stage_id
                    WHERE s.entity = 'deal' AND s.pipeline_id = e.id AND s.known AND s.semantic <> 'F'),
                   (SELECT arg_min(stage_id, rank) FROM stages s WHERE s.entity = 'deal' AND s.pipeline_id = e.id AND s.semantic = 'S')),
               e.known
        FROM every e LEFT JOIN chosen_roles r ON r.id = e.id
        """
    )
    # the success rank: with the portal's own success stage only that semantic wins, with an earlier one everything from it on
    con.execute(
        """
        CREATE TEMP TABLE stage_kinds AS
        SELECT row_number() OVER (ORDER BY s.entity, s.pipeline_id, s.rank)::INTEGER AS sid, s.entity, s.pipeline_id, s.stage_id, s.rank, s.semantic, s.known,
               CASE WHEN s.known AND s.semantic <> 'F' THEN s.rank END AS step,
               CASE WHEN s.entity = 'deal' AND p.role <> 'sales' THEN 'X'
                    WHEN s.semantic = 'F' THEN 'F'
                    WHEN s.semantic = 'S' THEN 'W'
                    WHEN s.entity = 'deal' AND s.known AND w.semantic = 'P' AND s.rank >= w.rank THEN 'W'
                    ELSE 'P' END AS kind
        FROM stages s
        LEFT JOIN pipelines p ON s.entity = 'deal' AND p.id = s.pipeline_id
        LEFT JOIN stages w ON s.entity = 'deal' AND w.entity = 'deal' AND w.pipeline_id = s.pipeline_id AND w.stage_id = p.success_stage_id
        """
    )
    con.execute(
        """
        UPDATE stages SET in_funnel = true
        FROM pipelines p, stages w
        WHERE stages.entity = 'deal' AND stages.known AND p.id = stages.pipeline_id AND w.entity = 'deal' AND w.pipeline_id = p.id
          AND w.stage_id = p.success_stage_id
          AND (stages.stage_id = w.stage_id
               OR (stages.semantic = 'P' AND (w.semantic = 'S' OR stages.rank < w.rank)))
        """
    )
    con.execute(
        """
        UPDATE stages SET in_funnel = true
        FROM pipelines p
        WHERE stages.entity = 'deal' AND stages.known AND stages.semantic = 'P' AND p.id = stages.pipeline_id AND p.success_stage_id IS NULL
        """
    )


def sources(con: duckdb.DuckDBPyConnection) -> None:
    """``sources``: the directory and whatever records name beside it."""
    con.execute(
        """
        INSERT INTO sources
        SELECT status_id, coalesce(name, status_id), coalesce(sort, 0), true FROM raw.statuses WHERE entity_id = 'SOURCE' AND status_id IS NOT NULL
        QUALIFY row_number() OVER (PARTITION BY status_id ORDER BY sort, id) = 1
        UNION ALL
        SELECT DISTINCT source_id, source_id, 1000000, false
        FROM (SELECT source_id FROM cards_deals UNION ALL SELECT source_id FROM cards_leads)
        WHERE source_id IS NOT NULL AND source_id NOT IN (SELECT status_id FROM raw.statuses WHERE entity_id = 'SOURCE' AND status_id IS NOT NULL)
        """
    )


def named(con: duckdb.DuckDBPyConnection) -> None:
    """Directories whose ids are shown by name (``portal.entities.Names``), as the portal names them."""
    for table, names in NAMES.items():
        kept = [
            f"coalesce({column}, false)" if ENTITIES[table].raw[column] == "BOOLEAN" else column
            for column in names.also
        ]
        columns = ("id::INTEGER", f"coalesce({names.column}, '#' || id)", *kept)
        order = ", ".join((names.column, *names.also))
        con.execute(
            f"INSERT INTO {table} SELECT {', '.join(columns)} FROM raw.{table} "
            f"WHERE id BETWEEN 1 AND 2147483647 QUALIFY row_number() OVER (PARTITION BY id ORDER BY {order}) = 1"
        )


def workdays(con: duckdb.DuckDBPyConnection, config: DeriveConfig, as_of: datetime) -> None:
    """Fills ``workdays`` from the year of the oldest card to the year after as-of; at most forty years."""
    oldest = con.execute(
        "SELECT year(min(date_create)) FROM (SELECT date_create FROM cards_deals UNION ALL SELECT date_create FROM cards_leads)"
    ).fetchall()[0][0]
    last = as_of.year + 1
    first = max(last - 40, min(oldest or last, last))
    calendar = config.workdays
    rows, worked = [], 0
    day = date(first - 1, 1, 1)
    while day.year <= last:
        working = calendar.is_working(day)
        rows.append((day, working, worked))
        worked += working
        day += timedelta(days=1)
    days = pa.table(
        {
            "day": [r[0] for r in rows],
            "working": [r[1] for r in rows],
            "worked_before": pa.array([r[2] for r in rows], pa.int32()),
        }
    )
    con.register("calendar_days", days)
    con.execute("INSERT INTO workdays SELECT day, working, worked_before FROM calendar_days")
    con.unregister("calendar_days")
