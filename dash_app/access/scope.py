"""Whose records an answer may speak of.

A scope is a required part of a question (``engine.context.Context.rights``): it narrows every fact to the records its people are responsible
for, and its fingerprint is a part of every key of kept answers. Filters choose among what a scope leaves; nothing widens it but
``Context.as_yardstick``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scope:
    """The people whose records may be seen. ``people`` None: everybody's, and those nobody is responsible for."""

    people: frozenset[int] | None = None

    @classmethod
    def of(cls, people: Iterable[int]) -> Scope:
        """The scope of these people."""
        return cls(frozenset(people))

    @property
    def is_limited(self) -> bool:
        """Whether anything is hidden."""
        return self.people is not None

    @property
    def fingerprint(self) -> str:
        """Equal for equal scopes: a part of every key of kept answers."""
        if self.people is None:
            return "everything"
        return hashlib.sha256(",".join(map(str, sorted(self.people))).encode()).hexdigest()[:24]

    def sees(self, person: int | None) -> bool:
        """Whether records of a person (None: of nobody) may be seen."""
        return self.people is None or person in self.people

    def condition(self, column: str) -> str:
        """SQL: records whose responsible person, in ``column``, may be seen. Ids are integers, so they are written out."""
        if self.people is None:
            return "true"
        if not self.people:
            return "false"
        return f"{column} IN ({', '.join(map(str, sorted(self.people)))})"


EVERYTHING = Scope()
"""The whole portal: the only scope in use where nobody signs in."""
NOTHING = Scope(frozenset())
"""Of people who are unknown or dismissed."""
