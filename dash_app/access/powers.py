"""What somebody may do beyond looking: type plans and costs, set terms of pay, reopen months, change settings.

A scope says whose records are seen (``access.scope``), powers what is changed. Where nobody signs in, whoever sees everything may do everything; who
signs in has the powers of his account.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Power(StrEnum):
    """One thing that may be done."""

    SETTINGS = "settings"
    """Settings, their files, refreshing, the check of the connection."""
    PLANS = "plans"
    EXPENSES = "expenses"
    PAY = "pay"
    """Schemes, grades, absences, first days; closing a month."""
    REOPEN = "reopen"
    """Opening a closed month again."""


ALL_POWERS = frozenset(Power)
NO_POWERS: frozenset[Power] = frozenset()

_OF_KINDS = {"plan": Power.PLANS, "expense": Power.EXPENSES}
_OF_PAY = frozenset({"scheme", "grade", "grade_coefficient", "hire", "ramp", "absence", "closing"})


def power_over(kind: str) -> Power:
    """The power that changing entries of a kind takes; of a kind nobody thought of that over settings."""
    return Power.PAY if kind in _OF_PAY else _OF_KINDS.get(kind, Power.SETTINGS)


@dataclass(frozen=True, slots=True)
class Asker:
    """Who is signed in: the name of the account, and whose number in Bitrix24 it is. ``foreign``: the number is one of another company than the one shown."""

    account: str
    portal_user: int | None = None
    is_owner: bool = False
    foreign: bool = False
