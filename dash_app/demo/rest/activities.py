"""Activities, their bindings, timeline comments and the call statistics made of call activities."""

from __future__ import annotations

from typing import Any

from dash_app.demo.rest.clock import SERVER_OFFSET
from dash_app.demo.rest.columns import Column, classic_sql
from dash_app.demo.rest.crm_lists import classic_plan, drop_absent
from dash_app.demo.rest.entities import ACTIVITIES, COMMENTS, TYPE_IDS
from dash_app.demo.rest.filters import Condition, apply_filter
from dash_app.demo.rest.listing import Entity, Paging, fetch_page, listed, order_sql, plan, selected
from dash_app.demo.rest.php import as_list, as_map, intval
from dash_app.demo.rest.protocol import METHODS, Answer, Call, RestError, access_denied, not_found
from dash_app.demo.rest.visibility import only_visible

_UPPER_LOOKUP = ACTIVITIES.columns.get


@METHODS.method("crm.activity.list", "crm")
def activity_list(call: Call) -> Answer:
    """A page of activities, by START_TIME unless told otherwise.

    ``filter[BINDINGS]`` is a list of owner pairs joined by OR; an activity that matches two of them comes twice.
    """
    chosen = classic_plan(call, ACTIVITIES, call.param("select"))
    condition = Condition()
    wanted = dict(as_map(call.param("filter")))
    source = "activities t"
    bindings = wanted.pop("BINDINGS", None)
    if bindings:
        # the portal reads index 0: a single pair given as a map is not understood and filters nothing
        pairs = [as_map(pair) for pair in as_list(bindings) if isinstance(pair, (dict, list))]
        if pairs:
            source = "activity_bindings b JOIN activities t ON t.ID = b.ACTIVITY_ID"
            test = " OR ".join("(b.OWNER_TYPE_ID = ? AND b.OWNER_ID = ?)" for _ in pairs)
            values = [intval(pair.get(name)) for pair in pairs for name in ("OWNER_TYPE_ID", "OWNER_ID")]
            condition.add(f"({test})", *values)
    apply_filter(condition, wanted, _UPPER_LOOKUP, strict=False)
    only_visible(call, condition, "t.RESPONSIBLE_ID")
    order = order_sql(
        ACTIVITIES, call.param("order"), lambda name: _UPPER_LOOKUP(name.upper()), "t.START_TIME ASC, t.ID ASC"
    )
    page = fetch_page(call.db, chosen, source, condition, order, Paging.of(call))
    drop_absent(ACTIVITIES, chosen, page[0])
    return listed(*page, uncounted=0)


@METHODS.method("crm.activity.get", "crm")
def activity_get(call: Call) -> Answer:
    """One activity."""
    chosen = classic_plan(call, ACTIVITIES, ["*"])
    condition = Condition()
    condition.add("t.ID = ?", intval(call.param("id")))
    only_visible(call, condition, "t.RESPONSIBLE_ID")
    rows = chosen.rows(call.db.execute(f"SELECT {chosen.sql} FROM activities t{condition.sql}", condition.values))
    if not rows:
        raise not_found()
    return Answer(rows[0])


@METHODS.method("crm.activity.fields", "crm")
def activity_fields(call: Call) -> Answer:
    """Descriptions of an activity's fields."""
    return Answer(
        {
            name: {
                "type": "datetime" if column.kind == "datetime" else "integer" if column.kind == "id" else "string",
                "isRequired": False,
                "isReadOnly": name in {"ID", "CREATED", "LAST_UPDATED"},
                "isImmutable": False,
                "isMultiple": column.multiple,
                "isDynamic": False,
                "title": name,
            }
            for name, column in ACTIVITIES.columns.items()
        }
    )


@METHODS.method("crm.activity.binding.list", "crm")
def binding_list(call: Call) -> Answer:
    """What one activity is bound to; numbers."""
    identifier = intval(call.param("activityId"))
    if not call.db.execute("SELECT 1 FROM activities WHERE ID = ?", [identifier]).fetchone():
        raise RestError("NOT_FOUND", "Activity not found")
    return Answer(
        [
            {"entityTypeId": kind, "entityId": owner}
            for kind, owner in call.db.execute(
                "SELECT OWNER_TYPE_ID, OWNER_ID FROM activity_bindings WHERE ACTIVITY_ID = ? ORDER BY rowid",
                [identifier],
            )
        ]
    )


@METHODS.method("crm.timeline.comment.list", "crm")
def comment_list(call: Call) -> Answer:
    """Comments of one record; ``ENTITY_ID`` and ``ENTITY_TYPE`` must be in the filter, other filters do nothing."""
    wanted = as_map(call.param("filter"))
    owner = wanted.get("ENTITY_ID", wanted.get("=ENTITY_ID"))
    kind = str(wanted.get("ENTITY_TYPE", wanted.get("=ENTITY_TYPE", ""))).lower()
    if not intval(owner) or not kind:
        raise RestError("", "ENTITY_ID and ENTITY_TYPE are required in filter")
    if kind not in TYPE_IDS:
        raise access_denied()
    condition = Condition()
    condition.add("t.ENTITY_ID = ?", intval(owner))
    condition.add("t.ENTITY_TYPE = ?", kind)
    chosen = plan(
        COMMENTS, "classic", selected(COMMENTS, call.param("select")), lambda c: classic_sql(c, SERVER_OFFSET)
    )
    order = order_sql(COMMENTS, call.param("order"), lambda n: COMMENTS.columns.get(n.upper()), "t.ID ASC")
    page = fetch_page(call.db, chosen, "comments t", condition, order, Paging.of(call))
    return listed(*page, uncounted=0)


_MISSED = "(t.DIRECTION = 1 AND json_extract(t.SETTINGS, '$.MISSED_CALL') = 1)"
_LENGTH = "max(0, coalesce(t.END_TIME, t.START_TIME) - t.START_TIME)"


def _call(name: str, sql: str, kind: Any = "string") -> Column:
    return Column(name, kind, sql=sql)


_CALLS = Entity(
    "voximplant",
    "activities",
    {
        column.name: column
        for column in (
            _call("ID", "t.ID", "id"),
            _call("PORTAL_USER_ID", f"CASE WHEN {_MISSED} THEN 0 ELSE t.RESPONSIBLE_ID END", "integer"),
            _call("PORTAL_NUMBER", "'74950000000'"),
            _call("PHONE_NUMBER", "printf('7900%07d', t.OWNER_ID % 10000000)"),
            _call("CALL_ID", "coalesce(substr(t.ORIGIN_ID, 4), 'call.' || t.ID)"),
            _call("CALL_CATEGORY", "'external'"),
            _call("CALL_DURATION", f"CASE WHEN {_MISSED} THEN 0 ELSE {_LENGTH} END", "integer"),
            _call("CALL_START_DATE", "t.START_TIME", "datetime"),
            _call("CALL_RECORD_URL", "NULL"),
            _call("CALL_VOTE", "NULL"),
            _call("COST", "'0.0000'"),
            _call("COST_CURRENCY", "''"),
            _call("CALL_FAILED_CODE", f"CASE WHEN {_MISSED} THEN '304' ELSE '200' END"),
            _call("CALL_FAILED_REASON", "''"),
            _call(
                "CRM_ENTITY_TYPE",
                "CASE t.OWNER_TYPE_ID WHEN 1 THEN 'LEAD' WHEN 2 THEN 'DEAL' WHEN 3 THEN 'CONTACT' ELSE 'COMPANY' END",
            ),
            _call("CRM_ENTITY_ID", "t.OWNER_ID", "integer"),
            _call("CRM_ACTIVITY_ID", "t.ID", "integer"),
            _call("CALL_TYPE", "CASE t.DIRECTION WHEN 1 THEN '2' ELSE '1' END"),
            _call("TRANSCRIPT_PENDING", "'N'"),
        )
    },
)


@METHODS.method("voximplant.statistic.get", "telephony")
def call_statistics(call: Call) -> Answer:
    """Finished calls; ``SORT`` is a column and ``ORDER`` a direction, both texts."""
    condition = Condition()
    condition.add("t.TYPE_ID = 2")
    condition.add("t.START_TIME <= ?", int(call.portal.clock.now()))
    lookup = _CALLS.columns.get
    apply_filter(condition, call.param("FILTER"), lambda name: lookup(name.upper()), strict=False)
    only_visible(call, condition, "t.RESPONSIBLE_ID")
    chosen = plan(_CALLS, "classic", selected(_CALLS, None), lambda c: classic_sql(c, SERVER_OFFSET))
    sort, direction = call.param("SORT"), call.param("ORDER", "ASC")
    order = order_sql(_CALLS, {str(sort): direction} if sort else {}, lambda n: lookup(n.upper()), "t.START_TIME ASC")
    page = fetch_page(call.db, chosen, "activities t", condition, order, Paging.of(call))
    return listed(*page, uncounted=0)
