"""Who sees what: an administrator everything, anybody else the records of his department's people, without a word."""

from __future__ import annotations

from dash_app.demo.rest.filters import Condition
from dash_app.demo.rest.protocol import Call

_COLLEAGUES = (
    "(SELECT u.ID FROM users u, json_each(u.UF_DEPARTMENT) d WHERE d.value IN "
    "(SELECT o.value FROM users me, json_each(me.UF_DEPARTMENT) o WHERE me.ID = ?) UNION SELECT ?)"
)


def only_visible(call: Call, condition: Condition, responsible: str) -> None:
    """Cut the rows down to those whose responsible person works in a department of the caller."""
    settings = call.portal.settings
    if not settings.admin:
        condition.add(f"{responsible} IN {_COLLEAGUES}", settings.user_id, settings.user_id)


def only_visible_owners(call: Call, condition: Condition, owner: str, table: str) -> None:
    """Cut rows that hang on a card down to those whose card the caller sees."""
    settings = call.portal.settings
    if not settings.admin:
        condition.add(
            f"{owner} IN (SELECT ID FROM {table} WHERE ASSIGNED_BY_ID IN {_COLLEAGUES})",
            settings.user_id,
            settings.user_id,
        )
