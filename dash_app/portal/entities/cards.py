"""Fields that deals and leads share."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import same

CARD = (
    *same("ID ASSIGNED_BY_ID CREATED_BY_ID MODIFY_BY_ID MOVED_BY_ID CONTACT_ID COMPANY_ID", wire.link),
    *same("TITLE CURRENCY_ID SOURCE_ID UTM_SOURCE UTM_MEDIUM UTM_CAMPAIGN UTM_CONTENT UTM_TERM", wire.text),
    *same("OPPORTUNITY", wire.money),
    *same("DATE_CREATE DATE_MODIFY MOVED_TIME LAST_ACTIVITY_TIME LAST_COMMUNICATION_TIME", wire.instant),
    *same("IS_RETURN_CUSTOMER", wire.flag),
)
