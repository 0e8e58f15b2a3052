"""Settings that change facts: part of the function raw -> facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class DeriveConfig:
    """What people chose that decides what is won, what counts as sales and when a day begins.

    ``roles``: pipeline id -> sales | after-sale | other (sales where absent). ``success_stages``: pipeline id -> stage id
    from which a deal counts as won (the portal's success stage where absent). ``loss_reason_field``: list field, or None
    for the final lost stage.
    """

    timezone: str = "Europe/Moscow"
    roles: Mapping[int, str] = field(default_factory=dict)
    success_stages: Mapping[int, str] = field(default_factory=dict)
    loss_reason_field: str | None = None

    def digest(self) -> str:
        """Short stable name of the choice: the same settings, the same digest."""
        text = json.dumps(
            [
                self.timezone,
                sorted((int(k), v) for k, v in self.roles.items()),
                sorted((int(k), v) for k, v in self.success_stages.items()),
                self.loss_reason_field,
            ]
        )
        return hashlib.sha256(text.encode()).hexdigest()[:16]
