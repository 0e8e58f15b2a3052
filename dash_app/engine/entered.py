"""What people typed, as the figures see it: settings, and entries of the workspace (plans, costs, cards put off)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from typing import Any

from dash_app.access.scope import Scope
from dash_app.access.typed_values import seen
from dash_app.record_kinds import CARDS
from dash_app.store.entries import Entry
from dash_app.store.kinds import Snooze
from dash_app.store.preferences import ACTIVITY_WEIGHTS, Preferences
from dash_app.store.workdays import Workdays


def _no_entries() -> Mapping[str, Mapping[str, Entry]]:
    return {}


@dataclass(frozen=True, slots=True)
class Entered:
    """One consistent reading of the workspace. ``version`` changes with every change: a part of every cache key.

    ``entries``: kind -> key -> entry, e.g. ``entries["plan"]["7:1:2026-02"]``.
    """

    version: str = ""
    preferences: Preferences = field(default_factory=Preferences)
    entries: Mapping[str, Mapping[str, Entry]] = field(default_factory=_no_entries)

    @property
    def workdays(self) -> Workdays:
        """The working calendar of the settings."""
        return Workdays(self.preferences.calendar, self.preferences.work_hours)

    def of(self, kind: str) -> Mapping[str, Entry]:
        """Entries of a kind by key."""
        return self.entries.get(kind, {})

    def seen_by(self, rights: Scope) -> Entered:
        """Of what is typed about people, that of the people seen; costs of the company only with every right (``access.typed_values``). Settings and
        cards put off stay: they decide figures, and whatever shows them asks for its own rights."""
        if not rights.is_limited:
            return self
        kept: dict[str, dict[str, Entry]] = {}
        for kind, entries in self.entries.items():
            shown = {key: seen(entry.value, rights) for key, entry in entries.items()}
            kept[kind] = {key: replace(entries[key], value=v) for key, v in shown.items() if v is not None}
        return replace(self, entries=kept)

    def params(self, today: date | None = None) -> dict[str, Any]:
        """Settings and entries as parameters of predicates: ``$weight_call`` ... Lists that belong together have the same order.

        ``today``: the local day of as-of; without it nothing is put off. ``$snoozed_deals``, ``$snoozed_leads``: ids put off on that day, with ``..._until`` and
        ``..._reason``; ``$own_stages`` (``deal:PIPELINE:STAGE``, ``lead::STATUS``) with ``$own_days``.
        """
        weights: dict[str, float] = ACTIVITY_WEIGHTS | {
            str(kind): weight for kind, weight in self.preferences.activity_weights.items()
        }
        chosen = self.preferences
        margins = sorted((int(pipeline), Decimal(str(share))) for pipeline, share in chosen.margins.items())
        found: dict[str, Any] = {f"weight_{kind}": weight for kind, weight in weights.items()}
        found |= {
            "margin_pipelines": [pipeline for pipeline, _ in margins],
            "margin_shares": [share for _, share in margins],
            **{f"forgotten_{k.id}_days": float(getattr(chosen, f"forgotten_{k.id}_days")) for k in CARDS},
            "own_stages": list(chosen.forgotten_days_by_stage),
            "own_days": list(chosen.forgotten_days_by_stage.values()),
        }
        snoozes = [
            e.value
            for e in self.of("snooze").values()
            if isinstance(e.value, Snooze) and today is not None and e.value.holds(today)
        ]
        for entity in (kind.id for kind in CARDS):
            own = [s for s in snoozes if s.entity == entity]
            found[f"snoozed_{entity}s"] = [int(s.id) for s in own]
            found[f"snoozed_{entity}s_until"] = [s.until for s in own]
            found[f"snoozed_{entity}s_reason"] = [s.reason for s in own]
        return found


NOTHING = Entered()
"""Nobody typed anything."""
