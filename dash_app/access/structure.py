"""Default rights by the company structure of the portal (``department.get``, ``user.get``).

The head of the root department sees everything, the head of another department its people – with those of every department below it – and
himself, anybody else himself. Who is dismissed or not among the portal's people sees nothing, and is told why.

The root is the department without one above it. A department whose parent the portal does not name, or that stands above itself, is none: its
head sees its people. A head need not be of his department; one of several departments sees the people of each; a person in several is seen
by the heads of each.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from dash_app.access.scope import EVERYTHING, NOTHING, Scope
from dash_app.text import Text

NOBODY = Text(
    "Сотрудника №{id} на портале нет: ему ничего не видно.", "The portal has no user #{id}: nothing is his to see."
)
DISMISSED = Text("Сотрудник №{id} уволен: ему ничего не видно.", "User #{id} is dismissed: nothing is his to see.")


class Person(Protocol):
    """Of ``engine.directory.Manager``: ``within`` names every department a person belongs to, with those above."""

    @property
    def active(self) -> bool:
        """Not dismissed."""
        ...

    @property
    def known(self) -> bool:
        """Among the portal's people, not only met in its records."""
        ...

    @property
    def within(self) -> frozenset[int]:
        """Departments, own and above."""
        ...


class OrgUnit(Protocol):
    """Of ``engine.directory.Department``."""

    @property
    def id(self) -> int:
        """Number of the department."""
        ...

    @property
    def parent_id(self) -> int | None:
        """The department above; None for the root."""
        ...

    @property
    def head_id(self) -> int | None:
        """``UF_HEAD``."""
        ...


def nothing_because(user: int, people: Mapping[int, Person]) -> Text | None:
    """Why a user sees nothing; None for who sees something."""
    person = people.get(user)
    if person is None or not person.known:
        return NOBODY.format(id=user)
    return None if person.active else DISMISSED.format(id=user)


def scope_of(user: int, people: Mapping[int, Person], departments: Iterable[OrgUnit]) -> Scope:
    """What a portal's user sees when nobody granted anything else."""
    if nothing_because(user, people) is not None:
        return NOTHING
    headed = [d for d in departments if d.head_id == user]
    if any(d.parent_id is None for d in headed):
        return EVERYTHING
    ids = {d.id for d in headed}
    return Scope.of({user, *(number for number, other in people.items() if other.within & ids)})
