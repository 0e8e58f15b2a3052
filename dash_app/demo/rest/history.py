"""``crm.stagehistory.list``: all moves of all deals (entityTypeId 2) or leads (1); names upper case, ids numbers."""

from __future__ import annotations

from dash_app.demo.rest.columns import item_sql
from dash_app.demo.rest.entities import DEAL_HISTORY, LEAD_HISTORY
from dash_app.demo.rest.filters import Condition, apply_filter
from dash_app.demo.rest.listing import Paging, fetch_page, order_sql, plan, selected
from dash_app.demo.rest.php import as_map, intval
from dash_app.demo.rest.protocol import METHODS, Answer, Call, RestError
from dash_app.demo.rest.visibility import only_visible_owners


@METHODS.method("crm.stagehistory.list", "crm")
def stage_history(call: Call) -> Answer:
    """A page of moves; filters on exactly the columns of the answer, anything else is an error."""
    kind = intval(call.param("entityTypeId"))
    if kind not in (1, 2):
        raise RestError("", f"Entity type {kind} is not supported")
    entity, cards = (LEAD_HISTORY, "leads") if kind == 1 else (DEAL_HISTORY, "deals")
    chosen = plan(entity, "history", selected(entity, call.param("select")), item_sql)
    condition = Condition()
    apply_filter(condition, call.param("filter"), entity.columns.get, strict=True)
    for name in as_map(call.param("order")):
        if name not in entity.columns:
            raise RestError("INVALID_ARG_VALUE", f"Invalid order: field '{name}' is not allowed in order")
    only_visible_owners(call, condition, "t.OWNER_ID", cards)
    order = order_sql(entity, call.param("order"), entity.columns.get, "t.ID ASC")
    rows, total, following = fetch_page(call.db, chosen, f"{entity.table} t", condition, order, Paging.of(call))
    return Answer({"items": rows}, total, following)
