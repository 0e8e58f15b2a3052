"""How long a card has lain untouched: the clock chosen, the N in force, the cards put off. SQL over ``deals`` and ``leads``."""

from __future__ import annotations

from typing import Final

from dash_app.record_kinds import RECORD_KINDS

IDLE: Final = (
    "CASE WHEN $clock = 'contact' THEN CASE WHEN $working_days = 'true' THEN contact_idle_workdays ELSE contact_idle_days END "
    "WHEN $working_days = 'true' THEN idle_workdays ELSE idle_days END"
)
"""Whole days since the clock's instant, by the clock and the days chosen."""

TOUCHED_AT: Final = "CASE WHEN $clock = 'contact' THEN last_contact_at ELSE last_activity_at END"
"""The clock's instant; NULL where there was no contact at all: the days count from creation then."""


def norm(entity: str) -> str:
    """SQL of N: the stage's own from settings, unless the page was asked for another number than the settings' common one."""
    stage = RECORD_KINDS[entity].stage_key_sql()
    common = f"${entity}_days"
    return (
        f"CASE WHEN {common} <> $forgotten_{entity}_days OR len($own_stages::VARCHAR[]) = 0 THEN {common} "
        f"ELSE coalesce(($own_days::INTEGER[])[list_position($own_stages::VARCHAR[], {stage})], {common}) END"
    )


def snoozed(entity: str) -> str:
    """SQL: the card is put off."""
    return f"id IN (SELECT unnest($snoozed_{entity}s::BIGINT[]))"


def of_snooze(entity: str, what: str, kind: str) -> str:
    """SQL of what a card's snooze says: ``until`` | ``reason``; NULL where it is not put off."""
    return f"($snoozed_{entity}s_{what}::{kind}[])[list_position($snoozed_{entity}s::BIGINT[], t.id)]"
