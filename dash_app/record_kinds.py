"""Kinds of records of the portal: what each is called, where its cards are, which facts tell of it. One declaration a kind."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from dash_app.text import Lang, Text

Forms = dict[str, str]
"""CLDR plural category -> word."""


@dataclass(frozen=True, slots=True)
class RecordKind:
    """A kind of records.

    ``entity_type``: the portal's entityTypeId, 0 where it has none. ``fact``: its fact, also the name of its raw table; '' for kinds that are only
    linked to. ``path``: of its card, with ``{id}`` and, for tasks, ``{user}``. ``prefix``: how links of own fields begin (``D_410``).
    ``is_card``: a CRM card with a client, an amount and a status: listed on sales reports, may be put off. ``has_pipelines``: its stages are
    those of its pipeline. ``is_sale``: what sales figures are about; one kind is. ``plural``: several of them in Russian where it is not the form
    that goes with two («два лида» are «лиды»).
    """

    id: str
    word: Text
    forms: Mapping[Lang, Forms]
    entity_type: int = 0
    fact: str = ""
    path: str = ""
    prefix: str = ""
    is_card: bool = False
    has_pipelines: bool = False
    is_sale: bool = False
    plural: str = ""

    @property
    def many(self) -> Text:
        """«сделки», «лиды», “deals”."""
        return Text(self.plural or self.forms["ru"]["few"], self.forms["en"]["other"])

    def stage_key(self, pipeline: int | None, stage: str) -> str:
        """How settings name a stage: ``deal:1:C1:NEW``, ``lead::NEW``."""
        return f"{self.id}:{pipeline if self.has_pipelines else ''}:{stage}"

    def stage_key_sql(self) -> str:
        """SQL of the same over its fact."""
        pipeline = "pipeline_id" if self.has_pipelines else "''"
        return f"'{self.id}:' || {pipeline} || ':' || stage_id"


DEAL: Final = RecordKind(
    "deal",
    Text("Сделка", "Deal"),
    {
        "ru": {"one": "сделка", "few": "сделки", "many": "сделок", "other": "сделки"},
        "en": {"one": "deal", "other": "deals"},
    },
    entity_type=2,
    fact="deals",
    path="/crm/deal/details/{id}/",
    prefix="D",
    is_card=True,
    has_pipelines=True,
    is_sale=True,
)
LEAD: Final = RecordKind(
    "lead",
    Text("Лид", "Lead"),
    {"ru": {"one": "лид", "few": "лида", "many": "лидов", "other": "лида"}, "en": {"one": "lead", "other": "leads"}},
    entity_type=1,
    fact="leads",
    path="/crm/lead/details/{id}/",
    prefix="L",
    is_card=True,
    plural="лиды",
)
ACTIVITY: Final = RecordKind(
    "activity",
    Text("Дело", "Activity"),
    {
        "ru": {"one": "дело", "few": "дела", "many": "дел", "other": "дела"},
        "en": {"one": "activity", "other": "activities"},
    },
    entity_type=6,
    fact="activities",
    path="/crm/activity/?ID={id}&open_view={id}",
)
TASK: Final = RecordKind(
    "task",
    Text("Задача", "Task"),
    {
        "ru": {"one": "задача", "few": "задачи", "many": "задач", "other": "задачи"},
        "en": {"one": "task", "other": "tasks"},
    },
    fact="tasks",
    path="/company/personal/user/{user}/tasks/task/view/{id}/",
)
CONTACT: Final = RecordKind(
    "contact",
    Text("Контакт", "Contact"),
    {
        "ru": {"one": "контакт", "few": "контакта", "many": "контактов", "other": "контакта"},
        "en": {"one": "contact", "other": "contacts"},
    },
    entity_type=3,
    path="/crm/contact/details/{id}/",
    prefix="C",
)
COMPANY: Final = RecordKind(
    "company",
    Text("Компания", "Company"),
    {
        "ru": {"one": "компания", "few": "компании", "many": "компаний", "other": "компании"},
        "en": {"one": "company", "other": "companies"},
    },
    entity_type=4,
    path="/crm/company/details/{id}/",
    prefix="CO",
)

RECORD_KINDS: Final[dict[str, RecordKind]] = {k.id: k for k in (DEAL, LEAD, ACTIVITY, TASK, CONTACT, COMPANY)}
"""Every kind by its id."""
LOADED: Final = tuple(k for k in RECORD_KINDS.values() if k.fact)
"""Kinds whose records are read from the portal."""
CARDS: Final = tuple(k for k in RECORD_KINDS.values() if k.is_card)
"""Kinds of cards sales reports are about."""
SALE: Final = next(k for k in RECORD_KINDS.values() if k.is_sale)
"""What sales figures count."""


TOGETHER: Final = "card"
"""How a list of all kinds of cards together says what its records are."""


def is_card(kind_id: str) -> bool:
    """Whether records are such cards, of one kind or of all together."""
    return kind_id == TOGETHER or (kind_id in RECORD_KINDS and RECORD_KINDS[kind_id].is_card)


def has_pipelines(kind_id: str) -> bool:
    """Whether stages of a kind are those of a pipeline."""
    return kind_id in RECORD_KINDS and RECORD_KINDS[kind_id].has_pipelines
