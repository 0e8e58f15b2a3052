"""Of what people typed, what somebody may see: a value whole, cut to the people seen, or not at all."""

from __future__ import annotations

from collections.abc import Container

from dash_app.access.scope import Scope
from dash_app.store.kinds import ClosedRow, Closing, Expense, Scheme, Typed


def seen(value: Typed, rights: Scope, departments: Container[int] | None = None) -> Typed | None:
    """The value as the rights leave it; None where nothing of it is theirs. ``departments``: those of the people seen, with all above.

    A plan, an absence, a grade, a first day are those of their person; of a closed month the rows of people seen; a motivation scheme is of the people
    and departments it is for, and of those it names the ones that are seen (without ``departments`` all of them stay: figures decide by them); costs
    are the company's. Coefficients of grades and the ramp are terms everybody works by. Cards put off go by the card (``access.entries``).
    """
    if not rights.is_limited:
        return value
    match value:
        case Expense():
            return None
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
