"""A demo portal inside a test: started in a thread on a free port, over its own copy of a company made once."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

from dash_app.demo import cli
from dash_app.demo.rest.faults import Faults
from dash_app.demo.rest.limits import LimitSettings
from dash_app.demo.rest.portal import ALL_SCOPES, Portal, PortalSettings, secret_of
from dash_app.demo.server import DemoServer, limits_of

TODAY = date(2026, 11, 20)
"""The day test companies are made for."""


@dataclass(slots=True)
class RunningPortal:
    """A portal that answers now."""

    server: DemoServer
    database: Path
    """The company's SQLite file; read it with a connection of your own, change it through REST."""

    @property
    def portal(self) -> Portal:
        """The portal behind the server, for whatever the properties below do not reach."""
        return self.server.portal

    @property
    def webhook(self) -> str:
        """Webhook address, with a slash at the end."""
        return self.server.webhook

    @property
    def address(self) -> str:
        """Scheme, host and port."""
        return self.server.address

    @property
    def faults(self) -> Faults:
        """Switch troubles on and off: ``faults.add("503:next=3")``, ``faults.clear()``."""
        return self.server.portal.faults

    @property
    def stats(self) -> dict[str, Any]:
        """Counters: ``requests``, ``commands``, ``refused_503``, ``rows``, ``methods``, ``errors``, ``seconds``."""
        return self.server.portal.stats.as_dict()

    def reset(self) -> None:
        """Counters, limits and faults as at the start."""
        self.server.portal.reset()

    def restart(self) -> None:
        """Stop and start again on the same port, as a portal that was away."""
        port, settings = self.server.server_port, self.server.portal.settings
        self.server.stop()
        self.server = DemoServer(Portal(self.database, settings), port=port)
        self.server.start()

    def stop(self) -> None:
        """Stop answering."""
        self.server.stop()


@lru_cache(maxsize=8)
def company(scale: int = 300, seed: int = 1, today: date = TODAY) -> Path:
    """A company made once per process. Do not change this file: take a copy, as ``running_portal`` does."""
    from dash_app.demo.company import build  # tests that bring their own company do without

    folder = Path(tempfile.mkdtemp(prefix="demo-company-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    path = folder / "company.sqlite"
    build(path, scale=scale, seed=seed, today=today)
    return path


@contextmanager
def running_portal(
    *,
    scale: int = 300,
    seed: int = 1,
    today: date = TODAY,
    limits: str | dict[str, Any] | LimitSettings | None = "off",
    faults: Iterable[str | Mapping[str, Any]] = (),
    scopes: Iterable[str] = ALL_SCOPES,
    admin: bool = True,
    database: Path | None = None,
    port: int = 0,
) -> Iterator[RunningPortal]:
    """A portal of ``scale`` deals for the length of a ``with`` block.

    limits: "off", "real", or numbers of LimitSettings. admin=False: the webhook of a manager who sees his department.
    database: serve this file itself (changes stay in it) instead of a copy of a generated one.
    """
    folder = Path(tempfile.mkdtemp(prefix="demo-portal-"))
    try:
        path = database or folder / "company.sqlite"
        if database is None:
            shutil.copyfile(company(scale, seed, today), path)
        settings = PortalSettings(
            secret=secret_of(seed),
            user_id=1 if admin else cli.manager_of(path),
            admin=admin,
            scopes=tuple(scopes),
            limits=limits_of(limits),
            today=today,
            seed=seed,
        )
        running = RunningPortal(DemoServer(Portal(path, settings, faults), port=port), path)
        running.server.start()
        try:
            yield running
        finally:
            running.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
