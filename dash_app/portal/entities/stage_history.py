"""Fields that the stage histories of deals and of leads share."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import same

HISTORY = (
    *same("ID OWNER_ID", wire.link),
    *same("TYPE_ID", wire.integer),
    *same("CREATED_TIME", wire.instant),
)
