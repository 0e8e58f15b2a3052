"""What is read from a portal: one module an entity, each with its ``ENTITY``; nothing else is registered (CONTRIBUTING, "Add a portal entity")."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from typing import Final

from dash_app.portal.entities import (
    activities,
    companies,
    contacts,
    currencies,
    deal_history,
    deals,
    departments,
    lead_history,
    leads,
    pipelines,
    statuses,
    tasks,
    user_fields,
    users,
    workgroups,
)
from dash_app.portal.entities.base import Columns, Entity, Field, Names, Odd, PortalTable, Tally, listed

# those that the protocol or the refresh treats in a way of their own
DEALS: Final = deals.ENTITY
LEADS: Final = leads.ENTITY
DEAL_HISTORY: Final = deal_history.ENTITY
LEAD_HISTORY: Final = lead_history.ENTITY
ACTIVITIES: Final = activities.ENTITY
TASKS: Final = tasks.ENTITY
USERS: Final = users.ENTITY
DEPARTMENTS: Final = departments.ENTITY
PIPELINES: Final = pipelines.ENTITY
STATUSES: Final = statuses.ENTITY
CURRENCIES: Final = currencies.ENTITY
WORKGROUPS: Final = workgroups.ENTITY
CONTACTS: Final = contacts.ENTITY
COMPANIES: Final = companies.ENTITY


def _declared() -> list[Entity]:
    modules = [importlib.import_module(f"{__name__}.{m.name}") for m in pkgutil.iter_modules(__path__)]
    return sorted((m.ENTITY for m in modules if hasattr(m, "ENTITY")), key=lambda e: (e.place, e.table))


_DECLARED: Final = _declared()
BIG: Final = tuple(e for e in _DECLARED if e.reading == "list")
"""Read by id, page by page; the longest first."""
SMALL: Final = tuple(e for e in _DECLARED if e.reading == "directory")
"""Read whole at every refresh."""
NAMED: Final[Mapping[str, Entity]] = {e.record.prefix: e for e in _DECLARED if e.reading == "names" and e.record}
"""Records read for their names alone, those that links of user fields lead to; by the prefix of such a link."""
ENTITIES: Final = {entity.table: entity for entity in (*BIG, *SMALL)}
"""By raw table."""
TABLES: Final[Mapping[str, PortalTable]] = {
    t.table: t for t in sorted((*ENTITIES.values(), user_fields.TABLE), key=lambda t: (t.said, t.table))
}
"""What a refresh reads, by raw table, in the order sentences name it."""
NAMES: Final[Mapping[str, Names]] = {e.table: e.names for e in ENTITIES.values() if e.names is not None}
"""Directories whose ids are shown by name, by raw table, which is also the table of the facts."""
COUNTED: Final[Mapping[str, tuple[PortalTable, Tally]]] = {
    counted.name: (table, counted) for table in TABLES.values() for counted in table.counted
}
"""Records a refresh counts, by their name in ``Manifest.changes``."""

__all__ = [
    "ACTIVITIES",
    "BIG",
    "COMPANIES",
    "CONTACTS",
    "COUNTED",
    "CURRENCIES",
    "DEALS",
    "DEAL_HISTORY",
    "DEPARTMENTS",
    "ENTITIES",
    "LEADS",
    "LEAD_HISTORY",
    "NAMED",
    "NAMES",
    "PIPELINES",
    "SMALL",
    "STATUSES",
    "TABLES",
    "TASKS",
    "USERS",
    "WORKGROUPS",
    "Columns",
    "Tally",
    "Entity",
    "Field",
    "Names",
    "Odd",
    "PortalTable",
    "listed",
]
