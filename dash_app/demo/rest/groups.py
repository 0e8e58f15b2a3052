"""Workgroups and projects: ``sonet_group.get`` (texts) and ``socialnetwork.api.workgroup.list`` (camel case)."""

from __future__ import annotations

from dash_app.demo.rest.clock import SERVER_OFFSET
from dash_app.demo.rest.columns import classic_sql
from dash_app.demo.rest.entities import WORKGROUPS
from dash_app.demo.rest.filters import Condition, apply_filter
from dash_app.demo.rest.listing import Paging, fetch_page, order_sql, plan
from dash_app.demo.rest.php import as_list
from dash_app.demo.rest.protocol import METHODS, Answer, Call
from dash_app.demo.rest.tasks import camel


def _only_mine(call: Call, condition: Condition) -> None:
    settings = call.portal.settings
    if not settings.admin:
        condition.add("t.OWNER_ID = ?", settings.user_id)


@METHODS.method("sonet_group.get", "sonet_group")
def group_get(call: Call) -> Answer:
    """A page of groups; parameters ``ORDER``, ``FILTER``, ``start``."""
    lookup = WORKGROUPS.columns.get
    condition = Condition()
    apply_filter(condition, call.param("FILTER"), lambda name: lookup(name.upper()), strict=False)
    _only_mine(call, condition)
    chosen = plan(WORKGROUPS, "classic", list(WORKGROUPS.columns.items()), lambda c: classic_sql(c, SERVER_OFFSET))
    order = order_sql(WORKGROUPS, call.param("ORDER"), lambda name: lookup(name.upper()), "t.ID ASC")
    rows, total, following = fetch_page(call.db, chosen, "workgroups t", condition, order, Paging.of(call))
    return Answer(rows, 0 if total is None else total, following)


@METHODS.method("socialnetwork.api.workgroup.list", "sonet_group")
def workgroup_list(call: Call) -> Answer:
    """A page of groups; without ``select`` only their ids; ``type`` tells a project from a group."""
    lookup = WORKGROUPS.columns.get
    condition = Condition()
    apply_filter(condition, call.param("filter"), lambda name: lookup(name.upper()), strict=False)
    _only_mine(call, condition)
    asked = [str(name).upper() for name in as_list(call.param("select"))] or ["ID"]
    names = [(camel(n), c) for n, c in WORKGROUPS.columns.items() if n in asked or "*" in asked or n == "ID"]
    chosen = plan(WORKGROUPS, "workgroup", names, lambda c: classic_sql(c, SERVER_OFFSET))
    order = order_sql(WORKGROUPS, call.param("order"), lambda name: lookup(name.upper()), "t.ID ASC")
    rows, total, following = fetch_page(call.db, chosen, "workgroups t", condition, order, Paging.of(call))
    return Answer({"workgroups": rows}, total, following)
