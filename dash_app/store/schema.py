"""Tables of a snapshot: what the portal said (``raw``) and what the reports ask (``facts``).

A snapshot is a folder of two DuckDB files and a manifest. ``raw.duckdb`` holds the portal's
records as they came, typed but not interpreted. ``facts.duckdb`` is a pure function of
(raw, as-of, DeriveConfig): dimensions joined, amounts in the base currency, moments of winning found.
Rules for every table:

* instants are ``TIMESTAMP`` without zone, always UTC; a ``*_on`` column is the same instant's
  calendar day in the portal's time zone (setting), for grouping into buckets;
* ids of people, records and pipelines are integers, stage and source ids the portal's strings;
* an empty link, date or text is NULL, never 0 or '';
* ``uf`` is a JSON object {FIELD_NAME: value} of user fields as sent, empty ones left out, of files the ids alone.
"""

from __future__ import annotations

import hashlib
from typing import Final

from dash_app.portal.entities import ENTITIES, NAMED, NAMES, user_fields

FACTS_VERSION: Final = 11
"""Grows with every change of ``FACTS``: facts of an older version are derived anew at the first start."""

ColumnTypes = dict[str, str]
"""Column name -> DuckDB type, in table order."""

ACTIVITY_KINDS: Final = (
    "call_out",
    "call_in",
    "email_out",
    "email_in",
    "message_out",
    "message_in",
    "meeting",
    "todo",
    "task",
    "form",
    "other",
)
"""Kinds of activities."""
ACTIVITY_CLASS: Final = (
    f"(list_position({list(ACTIVITY_KINDS)}, kind) * 4 + completed::INTEGER * 2 + missed::INTEGER)::UTINYINT"
)
"""SQL of ``activities.class``: what most figures ask of an activity as one small number, so that counting by it is cheap."""
OF_ACTIVITY_CLASS: Final = {
    "kind": f"{list(ACTIVITY_KINDS)}[class // 4]",
    "completed": "class % 4 >= 2",
    "missed": "class % 2 = 1",
}
"""Column of activities -> SQL that reads it out of their class."""

RAW: Final[dict[str, ColumnTypes]] = {
    # what is read of the portal's lists: columns and types are declared with the wire fields (``portal.entities``)
    **{table: entity.raw for table, entity in ENTITIES.items()},
    "user_fields": dict(user_fields.COLUMNS),
    # names of contacts and companies that links of own fields lead to; read by id as they are met
    **{entity.table: entity.raw for entity in NAMED.values()},
    # one row: host ('https://portal.bitrix24.ru'), base_currency, utc_offset ('+03:00'), is_admin, user_id, taken_at
    "portal": {
        "address": "VARCHAR",
        "base_currency": "VARCHAR",
        "utc_offset": "VARCHAR",
        "is_admin": "BOOLEAN",
        "user_id": "BIGINT",
        "crm_mode": "INTEGER",
        "taken_at": "TIMESTAMP",
    },
    # cards that seemed forgotten, asked by themselves: activities bound to them whoever owns these, and the latest comment. A deal is
    # of owner type 2, a lead of 1
    "bound_activities": {"activity_id": "BIGINT", "owner_type_id": "INTEGER", "owner_id": "BIGINT"},
    "card_checks": {
        "owner_type_id": "INTEGER",
        "owner_id": "BIGINT",
        "checked_at": "TIMESTAMP",
        "commented_at": "TIMESTAMP",
    },
    # values and records of an answer that could not be taken as they came: unreadable | too_long | no_id (id 0)
    "odd_values": {"entity": "VARCHAR", "id": "BIGINT", "field": "VARCHAR", "why": "VARCHAR"},
    # metrics.md section 11: what each refresh saw change; entity in (deal, lead, activity, task)
    "change_log": {
        "entity": "VARCHAR",
        "id": "BIGINT",
        "field": "VARCHAR",
        "old": "VARCHAR",
        "new": "VARCHAR",
        "seen_at": "TIMESTAMP",
    },
}
"""Tables of ``raw.duckdb``. Key: ``id`` (deals, leads, ... ), ``currency``, (entity, field)."""

RAW_VERSIONS: Final[dict[str, int]] = {table: entity.version for table, entity in ENTITIES.items()}
"""Version of what the columns of a portal list mean (``Entity.version``)."""

RAW_FORMAT: Final = hashlib.sha256(
    repr(sorted((t, RAW_VERSIONS.get(t, 1), sorted(c.items())) for t, c in RAW.items())).encode()
).hexdigest()[:12]
"""Version of ``RAW``: another one with every column added, removed, retyped or read anew (``raw.adopt``)."""

_PERSON_AND_MARKS: Final[ColumnTypes] = {
    "manager_id": "INTEGER",  # current responsible; NULL only if the portal gave none
    "source_id": "VARCHAR",  # NULL = not given. A deal's own source, else its lead's
    "customer": "VARCHAR",  # new | repeat
    "utm_source": "VARCHAR",
    "utm_medium": "VARCHAR",
    "utm_campaign": "VARCHAR",
    "utm_content": "VARCHAR",
    "utm_term": "VARCHAR",
}

_CARD_FACT: Final[ColumnTypes] = {
    "id": "BIGINT",
    "title": "VARCHAR",
    "pipeline_id": "INTEGER",  # leads: NULL
    "stage_id": "VARCHAR",
    "semantic": "VARCHAR",
    "status": "VARCHAR",  # in_work | won | lost
    **_PERSON_AND_MARKS,
    "created_at": "TIMESTAMP",
    "created_on": "DATE",
    "won_at": "TIMESTAMP",
    "won_on": "DATE",  # NULL unless status = won
    "lost_at": "TIMESTAMP",
    "lost_on": "DATE",  # NULL unless status = lost
    "closed_at": "TIMESTAMP",  # won_at or lost_at
    "stage_entered_at": "TIMESTAMP",  # when it entered the stage it is in now
    "amount": "DECIMAL(28,8)",  # base currency; NULL = no amount (empty or 0) or no rate
    "opportunity": "DECIMAL(20,4)",
    "currency_id": "VARCHAR",  # as typed
    "no_rate": "BOOLEAN",  # has an amount in a currency the portal has no rate for
    "last_activity_at": "TIMESTAMP",  # metrics.md section 6, clock = touched
    "last_contact_at": "TIMESTAMP",  # clock = contact: calls, e-mails, messages, meetings only; NULL = never
    "next_activity_at": "TIMESTAMP",  # nearest deadline in the future of an open activity
    "open_activities": "INTEGER",
    "contact_id": "BIGINT",
    "company_id": "BIGINT",
    "created_by_id": "INTEGER",
    "modified_at": "TIMESTAMP",
    "cycle_days": "DOUBLE",  # closed_at - created_at; NULL while in work
    "stage_days": "DOUBLE",  # as-of - stage_entered_at
    "duration_days": "DOUBLE",  # cycle_days, or as-of - created_at while in work
    "idle_days": "INTEGER",  # whole 24-hour days, as-of - last_activity_at
    "idle_workdays": "INTEGER",  # working days between the local days of last_activity_at and of as-of
    "contact_idle_days": "INTEGER",
    "contact_idle_workdays": "INTEGER",  # the same from last_contact_at, else from created_at
}

FACTS: Final[dict[str, ColumnTypes]] = {
    # every deal but recurring templates. Sales columns (pipeline_id, stage_id, semantic, status, won_at ...) follow
    # metrics.md section 0.7: a deal moved from its success run in a sales pipeline to another role keeps
    # the sales pipeline, its success stage and won_at; current_* say where it stands now.
    # in_sales: counts in sales figures. User fields follow as extra columns named as in the portal (UF_CRM_...).
    # Sorted by created_at.
    "deals": {
        **_CARD_FACT,
        "in_sales": "BOOLEAN",
        "current_pipeline_id": "INTEGER",
        "current_stage_id": "VARCHAR",
        "lead_id": "BIGINT",
        "reopened": "BOOLEAN",  # has rows in deal_gaps
        "planned_close_on": "DATE",
        "type_id": "VARCHAR",
        "loss_reason": "VARCHAR",  # final F stage id, or the option id of the field chosen in settings; NULL = empty
        "furthest_stage_id": "VARCHAR",  # latest non-lost stage of pipeline_id it ever entered, by sort order; NULL = none
        "chance": "DOUBLE",  # of being won, by its stage (stage_norms); NULL unless in work in a sales pipeline
        "at_risk": "DECIMAL(28,8)",  # amount x chance; NULL without either
    },
    # leads: won = converted, lost = failed status. User fields follow likewise. Sorted by created_at
    "leads": {
        **_CARD_FACT,
        "became_deal": "BOOLEAN",
        "deal_id": "BIGINT",  # deal_id: first deal with LEAD_ID = id
        "deal_won": "BOOLEAN",  # any deal with LEAD_ID = id that counts in sales figures stands won
    },
    # closed spells that ended by reopening: the record stood in a final state from closed_at to reopened_at
    # (section 2, "worked": open at an instant unless not yet created, closed for good, or inside a gap)
    "deal_gaps": {"id": "BIGINT", "closed_at": "TIMESTAMP", "reopened_at": "TIMESTAMP"},
    "lead_gaps": {"id": "BIGINT", "closed_at": "TIMESTAMP", "reopened_at": "TIMESTAMP"},
    # one row per stay of a record in a stage, in order; left_at NULL = still there at as-of
    "stage_visits": {
        "entity": "VARCHAR",
        "id": "BIGINT",
        "position": "INTEGER",
        "pipeline_id": "INTEGER",
        "stage_id": "VARCHAR",
        "semantic": "VARCHAR",
        "rank": "INTEGER",
        "entered_at": "TIMESTAMP",
        "left_at": "TIMESTAMP",
        "next_pipeline_id": "INTEGER",
        "next_stage_id": "VARCHAR",
        "next_semantic": "VARCHAR",
        "next_rank": "INTEGER",
    },
    # the funnel, one row per deal x pipeline x stage of that pipeline in work up to and with the success stage that it
    # reached; deal columns joined in. Only pipelines of role sales. Sorted by created_at
    "deal_stages": {
        "id": "BIGINT",
        "pipeline_id": "INTEGER",
        "stage_id": "VARCHAR",
        "rank": "INTEGER",
        "entered": "BOOLEAN",
        "reached": "BOOLEAN",  # reached is always true here: kept for readable predicates
        "lost_here": "BOOLEAN",
        "moved_out_here": "BOOLEAN",
        "returned": "BOOLEAN",
        "stay_days": "DOUBLE",  # total of completed stays; NULL = none completed
        "status": "VARCHAR",
        "created_at": "TIMESTAMP",
        "created_on": "DATE",
        "amount": "DECIMAL(28,8)",
        **_PERSON_AND_MARKS,
    },
    # what became of deals that reached each stage in work of each sales pipeline: the chance to be won from here on (under 30
    # closed deals shrunk to the pipeline's own), and how long won deals stayed
    "stage_norms": {
        "pipeline_id": "INTEGER",
        "stage_id": "VARCHAR",
        "closed": "INTEGER",
        "won": "INTEGER",
        "chance": "DOUBLE",
        "stays": "INTEGER",  # won deals with completed stays here
        "stay_p90_won": "DOUBLE",  # days, total of a deal's completed stays
    },
    # CRM activities; owner columns joined for deals and leads. Sorted by (completed, happened_at): open ones are few and together
    "activities": {
        "id": "BIGINT",
        "owner_type": "VARCHAR",  # deal | lead | contact | company | other
        "owner_id": "BIGINT",
        "pipeline_id": "INTEGER",
        "in_sales": "BOOLEAN",  # in_sales: NULL where the owner is no deal
        "owner_status": "VARCHAR",
        "owner_stage_id": "VARCHAR",
        "source_id": "VARCHAR",
        "customer": "VARCHAR",  # the owner's
        "kind": "VARCHAR",  # one of ACTIVITY_KINDS
        "missed": "BOOLEAN",
        "class": "UTINYINT",  # ACTIVITY_CLASS: kind, completed and missed as one
        "manager_id": "INTEGER",
        "author_id": "INTEGER",
        "subject": "VARCHAR",
        "created_at": "TIMESTAMP",
        "happened_at": "TIMESTAMP",
        "happened_on": "DATE",  # start time, else creation
        "weekday": "INTEGER",
        "hour": "INTEGER",  # of happened_at on the portal's clock; 1 = Monday
        "updated_at": "TIMESTAMP",
        "deadline": "TIMESTAMP",
        "completed": "BOOLEAN",
        "incoming": "BOOLEAN",
        "duration_seconds": "INTEGER",
    },
    # the first answer: one row per lead, and per sales deal that has no lead. Sorted by created_at
    "responses": {
        "entity": "VARCHAR",
        "id": "BIGINT",  # deal | lead, and the card's id
        "title": "VARCHAR",
        "pipeline_id": "INTEGER",
        "stage_id": "VARCHAR",
        "status": "VARCHAR",
        **_PERSON_AND_MARKS,
        "created_at": "TIMESTAMP",
        "created_on": "DATE",
        "answered_at": "TIMESTAMP",  # first call of 10 s or more, outgoing e-mail or message on the card; NULL = none
        "answer_kind": "VARCHAR",  # that activity's kind
        "response_minutes": "DOUBLE",  # working minutes between the two
        "self_made": "BOOLEAN",  # created by the person responsible for it
    },
    # what is missing on a card and what is wrong with it (derive/audit.py): deals that count in sales figures, and leads. Sorted by
    # created_at within each kind
    "audits": {
        "entity": "VARCHAR",
        "id": "BIGINT",  # deal | lead, and the card's id
        "title": "VARCHAR",
        "pipeline_id": "INTEGER",
        "stage_id": "VARCHAR",
        "status": "VARCHAR",
        **_PERSON_AND_MARKS,
        "created_at": "TIMESTAMP",
        "created_on": "DATE",
        "closed_at": "TIMESTAMP",
        "amount": "DECIMAL(28,8)",
        "contact_id": "BIGINT",
        "company_id": "BIGINT",
        "stage_days": "DOUBLE",
        "recent": "BOOLEAN",  # created within the last 90 local days
        "filled": "BIT",  # a bit a field of its kind, at the place of audit_fields
        "empty_required": "VARCHAR[]",  # ids of required fields that are empty
        "violated": "VARCHAR[]",  # ids of checks (card_fields.CHECKS)
    },
    "audit_fields": {"of_entity": "VARCHAR", "field": "VARCHAR", "place": "INTEGER"},
    "tasks": {
        "id": "BIGINT",
        "title": "VARCHAR",
        "status": "INTEGER",
        "manager_id": "INTEGER",
        "created_by_id": "INTEGER",
        "project_id": "INTEGER",
        "created_at": "TIMESTAMP",
        "created_on": "DATE",
        "deadline": "TIMESTAMP",
        "deadline_on": "DATE",
        "planned_start": "TIMESTAMP",
        "planned_start_on": "DATE",
        "plan_is_date_only": "BOOLEAN",
        "start_until": "TIMESTAMP",  # the last instant that is a start on time: planned_start, or the end of its local day without a time
        "started_at": "TIMESTAMP",
        "began_at": "TIMESTAMP",  # started_at; of a task finished without a start, finished_at
        "finished_at": "TIMESTAMP",
        "finished_on": "DATE",
        "tags": "VARCHAR[]",
        # of the change log; a deadline set for the first time has not moved
        "deadline_original": "TIMESTAMP",
        "deadline_original_on": "DATE",  # the earliest known deadline
        "deadline_moves": "INTEGER",
        "deadline_moved_at": "TIMESTAMP[]",  # refreshes that saw it move; NULL = never
        "deadline_moved_late_at": "TIMESTAMP[]",  # of these, those that saw it move when it had passed and the task was not finished
    },
    # a task or an activity that a head of a department promised for an ISO week: open at its start with a deadline in it, or created in
    # it with one (derive/commitments.py). Sorted by week
    "commitments": {
        "kind": "VARCHAR",
        "id": "BIGINT",  # task | activity, and its id
        "title": "VARCHAR",
        "week": "VARCHAR",  # 2026-W06
        "week_start": "DATE",  # its Monday
        "manager_id": "INTEGER",  # whose it was that week
        "created_at": "TIMESTAMP",
        "deadline": "TIMESTAMP",  # at the week's end
        "finished_at": "TIMESTAMP",
        "promised": "BOOLEAN",
        "added": "BOOLEAN",
        "done": "BOOLEAN",  # finished in the week
        "on_time": "BOOLEAN",  # done at or before the deadline
        "slipped": "BOOLEAN",  # not finished by the end of a week that is over, or the deadline moved beyond it
        "owner_type": "VARCHAR",
        "owner_id": "BIGINT",  # of activities: whose card it is on
    },
    # the working calendar: every day records may speak of. worked_before: working days before it, for distances between days
    "workdays": {"day": "DATE", "working": "BOOLEAN", "worked_before": "INTEGER"},
    # what a forecast stands on (derive/forecast.py), as of as-of; sales pipelines
    "win_chances": {  # every stage in work x age group x horizon
        "pipeline_id": "INTEGER",
        "stage_id": "VARCHAR",
        "age": "INTEGER",
        "horizon": "DOUBLE",  # days ahead
        "observed": "INTEGER",  # visits behind it; under 30 it leans on the pipeline's
        "chance": "DOUBLE",
    },
    # won_days: per created deal, the part of the horizon that is left after its winning; times new deals a day: wins to come
    "new_deal_wins": {"pipeline_id": "INTEGER", "horizon": "DOUBLE", "created": "INTEGER", "won_days": "DOUBLE"},
    "usual_amounts": {
        "pipeline_id": "INTEGER",
        "won": "INTEGER",
        "median": "DOUBLE",
        "mean": "DOUBLE",
        "deviation": "DOUBLE",
    },  # won in the last year
    # the same forecast made in past months, at as-of's position in the month; forecast = fact_then + expected
    "forecast_tests": {
        "month": "DATE",
        "made_at": "TIMESTAMP",
        "manager_id": "INTEGER",
        "pipeline_id": "INTEGER",
        "fact_then": "DECIMAL(28,8)",
        "expected": "DECIMAL(28,6)",
        "fact": "DECIMAL(28,8)",
    },
    # dimensions
    "managers": {
        "id": "INTEGER",
        "name": "VARCHAR",
        "active": "BOOLEAN",
        "position": "VARCHAR",
        "known": "BOOLEAN",  # known=false: id met only in records
    },
    # a person's departments with every ancestor; direct: named in the person's own card
    "manager_departments": {"manager_id": "INTEGER", "department_id": "INTEGER", "direct": "BOOLEAN"},
    "departments": {
        "id": "INTEGER",
        "name": "VARCHAR",
        "parent_id": "INTEGER",
        "head_id": "INTEGER",
        "depth": "INTEGER",
        "sort": "INTEGER",
    },
    "pipelines": {
        "id": "INTEGER",
        "name": "VARCHAR",
        "sort": "INTEGER",
        "role": "VARCHAR",
        "success_stage_id": "VARCHAR",
        "known": "BOOLEAN",
    },
    # entity deal | lead; rank = order within the pipeline by (sort, id); deleted stages have known = false
    "stages": {
        "entity": "VARCHAR",
        "pipeline_id": "INTEGER",
        "stage_id": "VARCHAR",
        "name": "VARCHAR",
        "semantic": "VARCHAR",
        "rank": "INTEGER",
        "color": "VARCHAR",
        "known": "BOOLEAN",
        "in_funnel": "BOOLEAN",  # deals: in work up to and with the success stage
    },
    "sources": {"source_id": "VARCHAR", "name": "VARCHAR", "sort": "INTEGER", "known": "BOOLEAN"},
    "user_fields": {
        "entity": "VARCHAR",
        "field": "VARCHAR",
        "label": "VARCHAR",
        "type": "VARCHAR",
        "multiple": "BOOLEAN",
        "kind": "VARCHAR",  # a kind of store.own_fields.TYPES: it says what the column of the fact is
        "sort": "INTEGER",
    },
    # what ids of a field's values are called, those met on cards among them
    "user_field_options": {
        "entity": "VARCHAR",
        "field": "VARCHAR",
        "option_id": "VARCHAR",
        "label": "VARCHAR",
        "label_en": "VARCHAR",
        "sort": "INTEGER",
        "active": "BOOLEAN",  # false: deleted from the directory, or dismissed
        "owner": "INTEGER",  # whose record or name it is, 0 of nobody; NULL = no secret
        "plain": "VARCHAR",
        "plain_en": "VARCHAR",  # what it is called where the owner's records may not be seen
    },
    # directories whose ids are shown by name (``portal.entities``), projects among them
    **{
        table: {"id": "INTEGER", "name": "VARCHAR", **{c: ENTITIES[table].raw[c] for c in names.also}}
        for table, names in NAMES.items()
    },
    # what is odd about records, at the present: kept with a mark, or left out. entity: a raw table's name
    "odd": {
        "entity": "VARCHAR",
        "id": "BIGINT",  # 0 where the record has none
        "field": "VARCHAR",  # its wire name; NULL = the record as such
        "why": "VARCHAR",  # no_stage | no_date | future | contradicting, or of odd_values: unreadable | too_long | no_id
        "kept": "BOOLEAN",
    },
    # one row
    "meta": {
        "as_of": "TIMESTAMP",
        "address": "VARCHAR",
        "base_currency": "VARCHAR",
        "timezone": "VARCHAR",
        "loss_reason_field": "VARCHAR",
        "log_since": "TIMESTAMP",  # the first change the change log knows of; NULL = none yet
    },
}
"""Tables of ``facts.duckdb``. A person, pipeline, stage or source met in records but missing from its directory has
a row with ``known = false``, so joins never drop a record."""
