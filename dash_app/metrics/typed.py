"""What people typed, as the figures see it: settings, and entries of the workspace (plans, costs, cards put off)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from dash_app.store.entries import Entry
from dash_app.store.preferences import ACTIVITY_WEIGHTS, Preferences


def _no_entries() -> Mapping[str, Mapping[str, Entry]]:
    return {}


@dataclass(frozen=True, slots=True)
class Typed:
    """One consistent reading of the workspace. ``version`` changes with every change: a part of every cache key.

    ``entries``: kind -> key -> entry, e.g. ``entries["plan"]["7:1:2026-02"]``.
    """

    version: str = ""
    preferences: Preferences = field(default_factory=Preferences)
    entries: Mapping[str, Mapping[str, Entry]] = field(default_factory=_no_entries)

    def of(self, kind: str) -> Mapping[str, Entry]:
        """Entries of a kind by key."""
        return self.entries.get(kind, {})

    def params(self) -> dict[str, Any]:
        """Settings as parameters of predicates: ``$weight_call`` ... Values of lists of ids are lists."""
        weights: dict[str, float] = ACTIVITY_WEIGHTS | {str(kind): weight for kind, weight in self.preferences.activity_weights.items()}
        margins = sorted((int(pipeline), Decimal(str(share))) for pipeline, share in self.preferences.margins.items())
        return {
            **{f"weight_{kind}": weight for kind, weight in weights.items()},
            "margin_pipelines": [pipeline for pipeline, _ in margins],
            "margin_shares": [share for _, share in margins],
        }


NOTHING = Typed()
"""Nobody typed anything."""
