"""Addresses of cards inside the portal. Ids are integers and the host is the portal's own: nothing of a card's text."""

from __future__ import annotations

_PATHS = {
    "deal": "/crm/deal/details/{id}/",
    "lead": "/crm/lead/details/{id}/",
    "contact": "/crm/contact/details/{id}/",
    "company": "/crm/company/details/{id}/",
    "task": "/company/personal/user/{user}/tasks/task/view/{id}/",
    "user": "/company/personal/user/{id}/",
    "workgroup": "/workgroups/group/{id}/",
    "activity": "/crm/activity/?ID={id}&open_view={id}",
}


def card_url(address: str, entity: str, record_id: int, *, user_id: int | None = None) -> str:
    """``https://portal/crm/deal/details/410/``; a task opens under its responsible person (``user_id``)."""
    return address + _PATHS[entity].format(id=int(record_id), user=int(user_id or 0))
