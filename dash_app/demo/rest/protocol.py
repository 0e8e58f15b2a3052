"""What a REST method is: its name, the rights it needs, a function from a call to an answer or an error."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import sqlite3

    from dash_app.demo.rest.portal import Portal

PAGE = 50
"""Rows of a page. The portal knows no other number."""
BATCH = 50
"""Commands of a batch."""


class RestError(Exception):
    """An error answer: ``{"error": code, "error_description": description}`` with an HTTP status.

    Old ``crm.*`` methods put an empty string into ``error``: only the description tells.
    """

    def __init__(self, code: str, description: str, status: int = 400) -> None:
        super().__init__(f"{code}: {description}")
        self.code = code
        self.description = description
        self.status = status

    def body(self) -> dict[str, Any]:
        """The error as it goes on the wire."""
        return {"error": self.code, "error_description": self.description}


def not_found() -> RestError:
    """What the old methods say about an id that is not there (or that the caller may not see)."""
    return RestError("", "Not found")


def access_denied() -> RestError:
    """What the old methods say about a thing the caller may not do."""
    return RestError("", "Access denied.")


@dataclass(slots=True)
class Answer:
    """Result of a method. ``total`` and ``next`` are None where the method's answer has no such key."""

    result: Any
    total: int | None = None
    next: int | None = None


@dataclass(slots=True)
class Call:
    """One execution of a method: by itself or as a command of a batch."""

    portal: Portal
    db: sqlite3.Connection
    method: str
    params: dict[str, Any] = field(default_factory=dict)
    application: bool = False
    """Whether an application calls with a token, not a webhook."""

    def param(self, name: str, default: Any = None) -> Any:
        """A top-level parameter, whatever the case of its name (the last one wins)."""
        if name in self.params:
            return self.params[name]
        wanted = name.lower()
        for key, value in self.params.items():
            if key.lower() == wanted:
                return value
        return default


Handler = Callable[[Call], Answer]


@dataclass(frozen=True, slots=True)
class Method:
    """A method and the scopes of which one is needed (none: everybody may call it)."""

    name: str
    scopes: tuple[str, ...]
    run: Handler


class Registry:
    """The methods a portal has, by lower-case name."""

    def __init__(self) -> None:
        self._methods: dict[str, Method] = {}

    def method(self, name: str, *scopes: str) -> Callable[[Handler], Handler]:
        """Decorator that adds a method."""

        def add(run: Handler) -> Handler:
            self.add(name, run, *scopes)
            return run

        return add

    def add(self, name: str, run: Handler, *scopes: str) -> None:
        """Add a method."""
        self._methods[name.lower()] = Method(name, scopes, run)

    def find(self, name: str) -> Method | None:
        """The method of that name in any case."""
        return self._methods.get(name.lower())

    def __iter__(self) -> Iterator[Method]:
        return iter(self._methods.values())


METHODS = Registry()
"""All methods of the demo portal; the modules of this package fill it when they are imported."""
