"""Settings that change facts: part of the function raw -> facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from dash_app.store.workdays import Workdays


@dataclass(frozen=True, slots=True)
class DeriveConfig:
    """What people chose that decides what is won, what counts as sales and when a day begins.

    ``roles``: pipeline id -> sales | after-sale | other (sales where absent). ``success_stages``: pipeline id -> stage id
    from which a deal counts as won (the portal's success stage where absent). ``loss_reason_field``: list field, or None
    for the final lost stage. ``work_hours``, ``calendar``: see ``store.workdays``. ``required_fields``: a stage as settings name it
    (``RecordKind.stage_key``) -> fields that must be filled from it on (``card_fields``).
    """

    timezone: str = "Europe/Moscow"
    roles: Mapping[int, str] = field(default_factory=dict)
    success_stages: Mapping[int, str] = field(default_factory=dict)
    loss_reason_field: str | None = None
    work_hours: tuple[int, int] = (9, 18)
    calendar: Mapping[str, bool] = field(default_factory=dict)
    required_fields: Mapping[str, str] = field(default_factory=dict)

    @property
    def workdays(self) -> Workdays:
        """The working calendar."""
        return Workdays(self.calendar, self.work_hours)

    def document(self) -> dict[str, Any]:
        """As JSON: what a manifest keeps and a process of its own is told."""
        return {
            "timezone": self.timezone,
            "roles": {str(k): v for k, v in sorted(self.roles.items())},
            "success_stages": {str(k): v for k, v in sorted(self.success_stages.items())},
            "loss_reason_field": self.loss_reason_field,
            "work_hours": list(self.work_hours),
            "calendar": dict(sorted(self.calendar.items())),
            "required_fields": dict(sorted(self.required_fields.items())),
        }

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> DeriveConfig:
        """Back from JSON; what an older version did not know takes its default."""
        first, last = document.get("work_hours", (9, 18))
        return cls(
            timezone=document["timezone"],
            roles={int(k): v for k, v in document["roles"].items()},
            success_stages={int(k): v for k, v in document["success_stages"].items()},
            loss_reason_field=document["loss_reason_field"],
            work_hours=(first, last),
            calendar=dict(document.get("calendar", {})),
            required_fields=dict(document.get("required_fields", {})),
        )

    def digest(self) -> str:
        """Short stable name of the choice: the same settings, the same digest."""
        return hashlib.sha256(json.dumps(self.document()).encode()).hexdigest()[:16]
