"""The portal's clock, believed only where something bears it out.

As-of, what "changed since" means and when everything is read again hang on it, so one answer of 2090 would lose changes for decades. A clock that
jumps by more than an hour against the time that passed on this machine since the last refresh is not believed, unless this machine's own clock
bears it out; the refresh goes on with the last as-of plus the time that passed.

This machine's clock may jump as well, and is no witness then: where it went back, or says that more time passed than the portal's clock went on,
the portal is believed as long as none of its records was changed later than it says.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

JUMP = timedelta(hours=1)
UNJUDGED = timedelta(days=366)
"""Allowed where nobody says what this machine's clock showed when the portal answered, and by a first refresh, which knows of no other."""
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Last:
    """The last refresh: its as-of, what the portal's clock told, and this machine's clock then. Naive UTC."""

    as_of: datetime
    local: datetime
    told: datetime | None = None


@dataclass(frozen=True, slots=True)
class ClockReading:
    """``now``: the believed present. ``told``: what the portal said. ``believed``: whether they are the same. ``unless``: the present by this
    machine, where it says so much more time passed that the records have to be asked (``by_changes``). Naive UTC."""

    now: datetime
    told: datetime
    believed: bool = True
    unless: datetime | None = None

    @property
    def since(self) -> datetime:
        """From when the next increment has to ask: the earliest of both, so that nothing stamped by a wrong clock is lost."""
        return min(self.now, self.told)


def local_now() -> datetime:
    """This machine's clock, naive UTC."""
    return datetime.now(UTC).replace(tzinfo=None)


def judge(told: datetime, local: datetime, last: Last | None, jump: timedelta = JUMP) -> ClockReading:
    """The present by the portal's clock ``told`` while this machine's shows ``local``. Without a last refresh it is believed for now
    (``by_records``)."""
    if last is None or abs(told - local) <= jump:
        return ClockReading(told, told)
    passed = local - last.local
    if passed < -JUMP:
        return ClockReading(told, told)  # time does not go back: this machine knows nothing
    expected = last.as_of + max(timedelta(0), passed)
    if abs(told - expected) <= jump:
        return ClockReading(told, told)
    if told < expected:
        steady = last.told is not None and abs((told - last.told) - passed) <= jump
        nearer = abs(told - local) + jump < abs(last.as_of - last.local)
        if steady or nearer:  # it was the last refresh that had a wrong clock
            return ClockReading(told, told)
        if last.told is not None and abs(last.told - last.as_of) <= jump and told >= last.told - jump:
            return ClockReading(told, told, unless=expected)  # it went on, only less than this machine's
    return ClockReading(expected, told, believed=False)


def by_changes(moment: ClockReading, changed: Sequence[datetime]) -> ClockReading:
    """Where the portal's clock went on less than this machine's: records that were changed later than it says, though not later than this
    machine says, tell that it is the portal's that is wrong. ``changed``: moments of change the portal itself wrote."""
    if moment.unless is None or not any(moment.told + JUMP < one <= moment.unless + JUMP for one in changed):
        return moment
    return ClockReading(moment.unless, moment.told, believed=False)


def by_records(moment: ClockReading, local: datetime, newest: datetime | None) -> ClockReading:
    """A first refresh, which has nothing to compare with: the records bear the portal's clock out, or this machine's does.

    ``newest``: about the latest moment records tell, None without records.
    """
    told = moment.told
    ahead = told - local > UNJUDGED and (newest is None or told - newest > UNJUDGED)
    behind = newest is not None and newest - told > UNJUDGED and newest - local <= _DAY
    if not moment.believed or not (ahead or behind):
        return moment
    # ahead of this machine and of every record, or behind records that are not in this machine's future
    if ahead and newest is not None and newest > local:
        return ClockReading(newest, told, believed=False)
    return ClockReading(local, told, believed=False)
