"""Default rights by the company structure of the portal (``department.get``, ``user.get``).

The head of the root department sees everything, the head of another department its people – with those of every department below it – and
himself, anybody else himself. Who is dismissed or not among the portal's people sees nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Protocol

from dash_app.access.scope import EVERYTHING, NOTHING, Scope


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


class Unit(Protocol):
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


def scope_of(user: int, people: Mapping[int, Person], departments: Iterable[Unit]) -> Scope:
    """What a portal's user sees when nobody granted anything else."""
    person = people.get(user)
    if person is None or not person.known or not person.active:
        return NOTHING
    headed = [d for d in departments if d.head_id == user]
    if any(d.parent_id is None for d in headed):
        return EVERYTHING
    ids = {d.id for d in headed}
    return Scope.of({user, *(number for number, other in people.items() if other.within & ids)})
