"""Fields of a card that the audit looks at, and its checks: one declaration each (metrics.md section 8).

Own fields of the portal follow the system ones; a field's id is what the portal calls it (``OPPORTUNITY``, ``UF_CRM_KIND``).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from dash_app.text import Text


@dataclass(frozen=True, slots=True)
class SystemField:
    """A field every portal has. ``filled``: SQL of whether it is, over the fact (``d``) and the raw record (``c``); ``entities``: whose it is."""

    id: str
    label: Text
    filled: str
    entities: tuple[str, ...] = ("deal", "lead")


def _there(column: str) -> str:
    return f"{column} IS NOT NULL"


def _said(column: str) -> str:
    return f"NOT says_nothing({column})"


SYSTEM_FIELDS: Final = (
    SystemField("TITLE", Text("Название", "Title"), _said("c.title")),
    SystemField("OPPORTUNITY", Text("Сумма", "Amount"), "coalesce(c.opportunity, 0) <> 0"),
    SystemField("CURRENCY_ID", Text("Валюта", "Currency"), _there("c.currency_id")),
    SystemField("CONTACT_ID", Text("Контакт", "Contact"), _there("c.contact_id")),
    SystemField("COMPANY_ID", Text("Компания", "Company"), _there("c.company_id")),
    SystemField("HAS_PHONE", Text("Телефон", "Phone"), "coalesce(c.has_phone, false)", ("lead",)),
    SystemField("HAS_EMAIL", Text("E-mail", "E-mail"), "coalesce(c.has_email, false)", ("lead",)),
    SystemField("SOURCE_ID", Text("Источник", "Source"), _there("c.source_id")),
    SystemField("ASSIGNED_BY_ID", Text("Ответственный", "Responsible"), _there("c.assigned_by_id")),
    SystemField("TYPE_ID", Text("Тип сделки", "Deal type"), _there("c.type_id"), ("deal",)),
    SystemField("BEGINDATE", Text("Дата начала", "Start date"), _there("c.begindate"), ("deal",)),
    SystemField("CLOSEDATE", Text("Плановая дата закрытия", "Planned close date"), _there("c.closedate"), ("deal",)),
    *(
        SystemField(f"UTM_{mark}", Text(f"UTM {mark.lower()}", f"UTM {mark.lower()}"), _said(f"c.utm_{mark.lower()}"))
        for mark in ("SOURCE", "MEDIUM", "CAMPAIGN", "CONTENT", "TERM")
    ),
)
"""System fields that are read of the portal and that people fill."""

CLIENT: Final = "CLIENT"
"""A required "field" that either a contact or a company fills."""
CLIENT_LABEL: Final = Text("Контакт или компания", "Contact or company")
LABELS: Final[Mapping[str, Text]] = {**{f.id: f.label for f in SYSTEM_FIELDS}, CLIENT: CLIENT_LABEL}

REQUIRED: Final = ("OPPORTUNITY", CLIENT, "SOURCE_ID")
"""Required from the second stage on where settings say nothing of a pipeline."""
NOTHING: Final = "-"
"""How a setting says that nothing is required from a stage on."""

CHECKS: Final[Mapping[str, Text]] = {
    "required_empty": Text("Не заполнены обязательные поля", "Required fields are empty"),
    "no_amount": Text("Нет суммы", "No amount"),
    "planned_close_past": Text("Плановая дата закрытия прошла", "Planned close date has passed"),
    "no_client": Text("Нет контакта и компании", "No contact and no company"),
    "owner_gone": Text("Ответственный уволен или без отдела", "Responsible dismissed or without a department"),
    "stuck": Text("Застряла на стадии", "Stuck in its stage"),
    "converted_without_deal": Text("Лид закрыт успешно, сделки нет", "Lead converted without a deal"),
    "duplicate": Text("Похоже на дубль", "Looks like a duplicate"),
    "closed_at_once": Text("Выиграна сразу после создания", "Won at once after creation"),
}
"""What is checked of a card, in order: id and its name."""

PLACEHOLDERS: Final = ("", "-", ".", "тест", "test", "нет", "xxx")
"""Texts that fill nothing, in lower case; so does any text of one character repeated."""


def system_fields(entity: str) -> list[SystemField]:
    """Those of one kind of cards, in order."""
    return [f for f in SYSTEM_FIELDS if entity in f.entities]


def ids_of(text: str) -> tuple[str, ...]:
    """Fields a setting names: «OPPORTUNITY, CLIENT»; none for ``NOTHING``."""
    return tuple(dict.fromkeys(name for part in text.split(",") if (name := part.strip()) and name != NOTHING))


def written(ids: Iterable[str]) -> str:
    """The same back as a setting's text."""
    listed = list(ids)
    return ", ".join([name for name in listed if name != NOTHING] or listed[:1])
