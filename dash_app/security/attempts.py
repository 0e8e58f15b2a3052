"""How often somebody may try: five times an account, twenty an address; then he waits, longer every time, a quarter of an hour at most, never for good.

An attempt counts before it is looked at, so that many at once are no way around; one that succeeds is taken back. Kept in the workspace database: all
processes know it, and a restart forgets nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from dash_app.store.workspace import Workspace

WINDOW = timedelta(minutes=15)
"""After so long a silence beyond the delay nothing is remembered."""
PER_ACCOUNT, PER_ADDRESS = 5, 20
_FIRST, _LONGEST = timedelta(seconds=30), timedelta(minutes=15)

_attempts = sa.Table(
    "attempts",
    sa.MetaData(),
    sa.Column("portal", sa.String(200), primary_key=True),
    sa.Column("subject", sa.String(120), primary_key=True),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("last_at", sa.DateTime, nullable=False),
)


def delay(failures: int, allowed: int) -> timedelta:
    """How long nothing is looked at after so many failures."""
    return timedelta(0) if failures < allowed else min(_LONGEST, _FIRST * 2 ** min(failures - allowed, 10))


def of_account(name: str) -> str:
    """What attempts with a name are counted under, whether or not there is such an account."""
    return "account:" + hashlib.sha256(name.encode()).hexdigest()[:40]


def of_address(address: str) -> str:
    """What attempts from an address are counted under."""
    return f"address:{address[:100]}"


class Attempts:
    """Failures by subject. ``allowed`` of each: how many before one waits."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace

    @property
    def _portal(self) -> str:
        return self._workspace.portal.partition("~")[0]

    def begin(self, allowed: Mapping[str, int], now: datetime | None = None) -> timedelta:
        """Counts an attempt of all subjects and gives zero; or counts nothing and says how long to wait yet."""
        now = (now or datetime.now(UTC)).replace(tzinfo=None)
        with self._workspace.writing() as connection:
            known: dict[str, int] = {}
            waits = timedelta(0)
            for subject, most in allowed.items():
                row = connection.execute(
                    sa.select(_attempts.c.failures, _attempts.c.last_at).where(self._is(subject))
                ).first()
                if row is None:
                    continue
                pause = delay(row[0], most)
                waits = max(waits, row[1] + pause - now)
                if now < row[1] + pause + WINDOW:
                    known[subject] = int(row[0])
            if waits > timedelta(0):
                return waits
            for subject in allowed:
                connection.execute(sa.delete(_attempts).where(self._is(subject)))
                connection.execute(
                    sa.insert(_attempts).values(
                        portal=self._portal, subject=subject, failures=known.get(subject, 0) + 1, last_at=now
                    )
                )
            connection.execute(sa.delete(_attempts).where(_attempts.c.last_at < now - timedelta(days=1)))
        return timedelta(0)

    def succeeded(self, account: str, address: str) -> None:
        """The account's failures are forgotten, the address's attempt is taken back: one good account is no way to try others."""
        with self._workspace.writing() as connection:
            connection.execute(sa.delete(_attempts).where(self._is(account)))
            connection.execute(
                sa.update(_attempts)
                .where(self._is(address), _attempts.c.failures > 0)
                .values(failures=_attempts.c.failures - 1)
            )

    def forget(self, account: str) -> None:
        """Whoever was waiting may try at once."""
        with self._workspace.writing() as connection:
            connection.execute(sa.delete(_attempts).where(self._is(account)))

    def _is(self, subject: str) -> sa.ColumnElement[bool]:
        return sa.and_(_attempts.c.portal == self._portal, _attempts.c.subject == subject)
