"""Of what people typed, what somebody may see: a value whole, cut to the people seen, or not at all."""

from __future__ import annotations

from collections.abc import Container

from dash_app.access.scope import Scope
from dash_app.motivation.kinds import ClosedRow, Closing, Scheme
from dash_app.store.entry_kind import EntryValue
from dash_app.store.grids import grid_of
from dash_app.store.grids.base import MANAGER, MonthlyValue


def seen(value: EntryValue, rights: Scope, departments: Container[int] | None = None) -> EntryValue | None:
    """The value as the rights leave it; None where nothing of it is theirs. ``departments``: those of the people seen, with all above.

    An absence, a grade, a first day are those of their person, and so is what a monthly grid has in a person's row, like a plan; a grid whose rows
    are no people, like what sources cost, is the company's; of a closed month the rows of people seen; a motivation scheme is of the people
    and departments it is for, and of those it names the ones that are seen (without ``departments`` all of them stay: figures decide by them).
    Coefficients of grades and the ramp are terms everybody works by. Cards put off go by the card (``access.entries``).
    """
    if not rights.is_limited:
        return value
    match value:
        case MonthlyValue():
            owners = [part for row, part in zip(grid_of(value).rows, value.row, strict=True) if row.of == MANAGER]
            return value if owners and all(rights.sees(person(owner)) for owner in owners) else None
        case Closing():
            return value.model_copy(
                update={"rows": tuple(_row(row, rights) for row in value.rows if rights.sees(person(row.manager_id)))}
            )
        case Scheme():
            found = _scheme(value, rights, departments)
            is_for_some = value.managers or value.departments
            return None if is_for_some and not (found.managers or found.departments) else found
    owner = getattr(value, "manager_id", None)
    return value if owner is None or rights.sees(person(owner)) else None


def person(manager_id: str) -> int | None:
    """The number of a person as entries spell it; '' is nobody."""
    return int(manager_id) if manager_id else None


def _scheme(scheme: Scheme, rights: Scope, departments: Container[int] | None = None) -> Scheme:
    managers = tuple(m for m in scheme.managers if rights.sees(person(m)))
    units = tuple(d for d in scheme.departments if departments is None or int(d) in departments)
    return scheme.model_copy(update={"managers": managers, "departments": units})


def _row(row: ClosedRow, rights: Scope) -> ClosedRow:
    if row.scheme is None:
        return row
    return row.model_copy(update={"scheme": _scheme(row.scheme, rights)})
