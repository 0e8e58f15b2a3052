"""Services over a small portal made in a moment: real reports over made-up facts, a real workspace, a refresh that only pretends.

For tests of the interface. The data speaks of 20 March 2026, 12:00 in Moscow (``facts_builder.AS_OF``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from argon2 import PasswordHasher
from pydantic import SecretStr

from dash_app.access.scope import Scope
from dash_app.engine.language import Report
from dash_app.reports.cache import AnswerCache
from dash_app.reports.service import ReportService
from dash_app.reports.session import Session
from dash_app.security.passwords import Passwords
from dash_app.services import Administration, Services
from dash_app.services_factory import asked_by, condition_of, sign_in_of, typed_of
from dash_app.settings import Settings
from dash_app.store.paths import PortalPaths
from dash_app.store.progress import Progress
from dash_app.store.workspace import Workspace
from dash_app.text import Text
from dash_app.web.discovery import discover
from tests.figures.facts_builder import Published, random_portal

QUICK = Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
"""argon2 that costs nothing."""


class FakeRefresh:
    """A refresh that runs until told otherwise. ``doing`` is what it says of itself; every call is kept in ``calls``."""

    def __init__(self) -> None:
        self.doing: Progress | None = None
        self.calls: list[str] = []

    def start(self, started_by: str, *, full: bool = False, accept: str | None = None) -> bool:
        """Begins reading deals, or joins."""
        self.calls.append(f"start {started_by}" if accept is None else f"accept {accept}")
        if self.doing is not None and self.doing.running:
            return False
        self.doing = Progress(
            running=True,
            phase="read",
            entity="deals",
            rows=4200,
            expected=12000,
            seconds_left=25,
            started_by=started_by,
        )
        return True

    def progress(self) -> Progress | None:
        """What it is doing."""
        return self.doing

    def cancel(self) -> None:
        """Stops at once."""
        self.calls.append("cancel")
        if self.doing is not None:
            self.doing = Progress(running=False, phase="cancelled", entity="deals", rows=4200, expected=12000)

    def fail(self) -> None:
        """Ends with a sentence."""
        self.doing = Progress(
            running=False, phase="failed", error=Text("Портал не отвечает.", "The portal does not answer.")
        )


class FakePortal:
    """The published snapshot of a test: none at all until ``publish`` when ``empty``."""

    def __init__(self, folder: Path, *, seed: int = 7, empty: bool = False) -> None:
        self.folder = folder
        self.seed = seed
        self.published: Published | None = None
        self._number = 0
        if not empty:
            self.publish()

    def publish(self) -> Published:
        """A new snapshot; its figures differ from the last one's."""
        self._number += 1
        path = self.folder / f"facts{self._number}.duckdb"
        self.published = Published(random_portal(path, self.seed + self._number, deals=300, leads=200))
        return self.published

    def current(self) -> Published | None:
        """What the report service reads."""
        return self.published


def fake_settings(folder: Path, **more: object) -> Settings:
    """Settings of a test; nothing of the environment decides."""
    given: dict[str, object] = {
        "data_dir": folder,
        "secret_key": SecretStr("test"),
        "b24_webhook_url": None,
        "language": "ru",
        **more,
    }
    return Settings(_env_file=None, **given)  # type: ignore[arg-type, call-arg]


@dataclass(frozen=True, kw_only=True)
class FakeServices(Services):
    """The services, and what lies behind their session, to look at."""

    reports: ReportService
    workspace: Workspace


def fake_services(
    folder: Path,
    *,
    reports: Sequence[Report] | None = None,
    portal: FakePortal | None = None,
    rights: Scope | None = None,
    **settings: object,
) -> FakeServices:
    """Everything the application needs, in ``folder`` alone. ``portal``: to publish later; by default one with records. ``rights``: of whoever
    asks."""
    source = portal or FakePortal(folder)
    workspace = Workspace(f"sqlite:///{folder / 'workspace.sqlite'}", portal="test")
    service = ReportService(
        source.current, discover() if reports is None else reports, AnswerCache(), typed=typed_of(workspace)
    )
    session = Session(service, workspace)
    given = fake_settings(folder, **settings)
    sign_in = replace(sign_in_of(given, workspace), passwords=QUICK) if given.sign_in != "none" else None
    asked = asked_by(session, sign_in)
    return FakeServices(
        settings=given,
        session=asked if rights is None else lambda: session.seen_by(rights),
        sign_in=sign_in,
        works_here=session.works_here,
        refresh=FakeRefresh(),
        condition=partial(condition_of, PortalPaths.of(folder, "test"), workspace),
        administration=Administration(workspace, rederive=source.publish),
        reports=service,
        workspace=workspace,
    )
