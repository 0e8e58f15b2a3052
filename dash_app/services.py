"""What an interface works with; made by ``services_factory``, replaced whole in tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from dash_app.access.entries import NOT_YOURS
from dash_app.errors import UserError
from dash_app.portal.doctor import ConnectionCheck
from dash_app.reports.session import Session
from dash_app.settings import Settings
from dash_app.store.progress import Progress
from dash_app.store.workspace import Workspace


class RefreshControl(Protocol):
    """The one refresh of the portal."""

    def start(self, started_by: str, *, full: bool = False, accept: str | None = None) -> bool:
        """Starts it or joins the running one. ``accept``: id of the question a person confirmed (``Progress.question``)."""
        ...

    def progress(self) -> Progress | None:
        """What it is doing."""
        ...

    def cancel(self) -> None:
        """Asks it to stop."""
        ...


@dataclass(frozen=True, slots=True)
class Administration:
    """The door of who looks after the whole: settings with their history and files, facts anew after a setting changed, the connection."""

    workspace: Workspace
    rederive: Callable[[], object]
    doctor: Callable[[], Sequence[ConnectionCheck]] = tuple
    """Asks the portal what is wrong with the connection."""


@dataclass(frozen=True, slots=True)
class Services:
    """One portal: ``session`` gives what whoever asks now may ask, anew for every request."""

    settings: Settings
    session: Callable[[], Session]
    refresh: RefreshControl
    administration: Administration

    def admin(self) -> Administration:
        """The administration; UserError for who does not see everything."""
        if self.session().rights.is_limited:
            raise UserError(NOT_YOURS)
        return self.administration

    def progress(self) -> Progress | None:
        """What the refresh is doing; how many records there are is said to who sees everything."""
        found = self.refresh.progress()
        return found.without_counts() if found is not None and self.session().rights.is_limited else found
