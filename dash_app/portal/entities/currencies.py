"""Currencies with their rates."""

from __future__ import annotations

from dash_app.portal import wire
from dash_app.portal.entities.base import Entity, Tally, forms, same
from dash_app.text import Text

ENTITY = Entity(
    table="currencies",
    method="crm.currency.list",
    fields=(
        *same("CURRENCY FULL_NAME", wire.text),
        *same("AMOUNT_CNT", wire.integer),
        *same("AMOUNT", wire.rate),
        *same("BASE", wire.flag),
    ),
    reading="directory",
    title=Text("валюты", "currencies"),
    several=Text("валют", "currencies"),
    lost=Text(
        "Валюты не прочитаны: суммы в других валютах не пересчитаны.",
        "Currencies could not be read: amounts in other currencies are not converted.",
    ),
    counted=(
        Tally(
            "currencies",
            forms(("валюта", "валюты", "валют"), ("currency", "currencies")),
            forms(("новая валюта", "новые валюты", "новых валют"), ("new currency", "new currencies")),
            ("currency",),
        ),
    ),
    place=3,
    said=12,
)
