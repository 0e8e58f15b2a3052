"""What an interface works with; made by ``services_factory``, replaced whole in tests."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from dash_app.portal.doctor import Finding
from dash_app.reports.service import ReportService
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
class Services:
    """One portal's reports, what people typed, and its refresh. ``rederive``: facts anew after a setting changed."""

    settings: Settings
    reports: ReportService
    workspace: Workspace
    refresh: RefreshControl
    rederive: Callable[[], object]
    doctor: Callable[[], Sequence[Finding]] = tuple
    """Asks the portal what is wrong with the connection."""
