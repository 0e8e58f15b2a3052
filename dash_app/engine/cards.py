"""Addresses of cards inside the portal. Ids are integers and the host is the portal's own: nothing of a card's text."""

from __future__ import annotations

from dash_app.record_kinds import RECORD_KINDS

_PATHS = {
    **{kind.id: kind.path for kind in RECORD_KINDS.values()},
    "user": "/company/personal/user/{id}/",
    "person": "/company/personal/user/{id}/",
    "workgroup": "/workgroups/group/{id}/",
}
_LINKS = {kind.prefix: kind.id for kind in RECORD_KINDS.values() if kind.prefix}
_TYPES = {"SI": 31, "Q": 7}


def linked_url(address: str, link: str) -> str | None:
    """The card a link of an own field leads to: ``CO_3``, ``T80_5`` (a smart process of type 128); None where it has none."""
    prefix, _, number = link.partition("_")
    if not number.isdigit():
        return None
    if prefix in _LINKS:
        return card_url(address, _LINKS[prefix], int(number))
    kind = _TYPES.get(prefix)
    if kind is None and prefix.startswith("T"):
        try:
            kind = int(prefix[1:], 16)
        except ValueError:
            return None
    return f"{address}/crm/type/{kind}/details/{int(number)}/" if kind else None


def card_url(address: str, entity: str, record_id: int, *, user_id: int | None = None) -> str:
    """``https://portal/crm/deal/details/410/``; a task opens under its responsible person (``user_id``)."""
    return address + _PATHS[entity].format(id=int(record_id), user=int(user_id or 0))
