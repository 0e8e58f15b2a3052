"""What an interface works with; made by ``services_factory``, replaced whole in tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from pydantic import SecretStr

from dash_app.access.entries import ADMINISTRATION, NOT_YOURS, OWNERS
from dash_app.access.powers import Asker, Power
from dash_app.errors import UserError
from dash_app.portal.doctor import ConnectionCheck
from dash_app.reports.session import Session
from dash_app.security.sign_in import SignIn
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
    try_webhook: Callable[[str], Sequence[ConnectionCheck]] = lambda _: ()
    """Asks a portal nobody has connected yet the same; UserError for what is no webhook."""
    connect: Callable[[str], None] = lambda _: None
    """Makes a webhook's portal the one that is read, and begins to load it; UserError where the settings name another."""


@dataclass(frozen=True, slots=True)
class Condition:
    """How the application fares, for those who watch over it. No names, no secrets.

    ``reason``: why it is not ready – no_data, data_unreadable, workspace_unreachable –, None where it is. ``data_age``, ``refresh_took``: seconds;
    ``refreshed``: epoch seconds of the last refresh's last word, ``outcome`` what became of it – done, failed, cancelled, running –, '' before the
    first one. ``records``: rows read from the portal, by table.
    """

    reason: str | None = None
    data_age: float | None = None
    outcome: str = ""
    refreshed: float = 0.0
    refresh_took: float = 0.0
    workspace: bool = True
    records: Mapping[str, int] = field(default_factory=dict)


def nobody_is_gone(_: int) -> bool:
    """Where nobody signs in, nobody's dismissal matters."""
    return True


@dataclass(frozen=True, slots=True)
class Services:
    """One portal: ``session`` gives what whoever asks now may ask, anew for every request.

    ``sign_in``: the way in, None where nobody signs in; ``works_here``: whether a user of the portal was not dismissed, as it says;
    ``condition``: what monitors are told.
    """

    settings: Settings
    session: Callable[[], Session]
    refresh: RefreshControl
    administration: Administration
    sign_in: SignIn | None = None
    works_here: Callable[[int], bool] = nobody_is_gone
    condition: Callable[[], Condition] = Condition

    def admin(self) -> Administration:
        """The administration; UserError for whose it is not."""
        session = self.session()
        if session.rights.is_limited or not session.may(Power.SETTINGS):
            raise UserError(NOT_YOURS if self.sign_in is None else ADMINISTRATION)
        return self.administration

    def may(self, power: Power) -> bool:
        """Whether who asks may do something."""
        return self.session().may(power)

    def may_refresh(self) -> bool:
        """Whether who asks may start and stop a refresh: where nobody signs in, whoever reaches the page."""
        return self.sign_in is None or self.may(Power.SETTINGS)

    def signed(self, otherwise: str) -> str:
        """Who a change is said to be of: the person who is signed in, where people sign in."""
        return self.session().signature or otherwise

    @property
    def reopen_code(self) -> SecretStr | None:
        """The code that opens closed months again; where people sign in it is a power of their accounts."""
        return self.settings.reopen_code if self.sign_in is None else None

    def progress(self) -> Progress | None:
        """What the refresh is doing; how many records there are is said to who sees everything."""
        found = self.refresh.progress()
        return found.without_counts() if found is not None and self.session().rights.is_limited else found


__all__ = ["OWNERS", "Administration", "Asker", "Condition", "Power", "RefreshControl", "Services", "nobody_is_gone"]
