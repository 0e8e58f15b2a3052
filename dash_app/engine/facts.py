"""The facts reports may ask: base predicate, which filter is which column, what their lists show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dash_app.store.schema import FACTS as TABLES
from dash_app.store.schema import OF_ACTIVITY_CLASS
from dash_app.text import Text


@dataclass(frozen=True, slots=True)
class Fact:
    """One fact table as the language sees it.

    ``columns``: what a column of cards is called here where the name differs; '' – there is no such thing here, whatever has that name.
    ``own_fields``: its records have the own fields of their entity as columns.
    ``without``: column -> when a record lacks its value; NULL otherwise.
    ``partial``: filters under which a part of the fact drops out because it knows no such thing: said under its numbers.
    ``coarse``: columns of few values that decide most of its figures: records are counted by them once and the figures made of the counts;
    each with the SQL that reads it out of ``packed``, one column that says all of them.
    ``first``: the one of them by which the table is sorted before anything else.
    ``few``: other columns of few values, by which rows of such figures may be split.
    ``person``: the column of the person responsible, by whom rights are decided.
    ``through``: filters that reach it by its owner card: (column of this fact, fact that knows the filter).
    ``card``: column of the id of the card it belongs to, ``cards``: fact of such cards -> SQL that says it is one of these: own fields
    reach it so.
    """

    id: str
    entity: str  # deal | lead | activity | response | task: whose card its records open
    label: Text
    base: str = "true"
    columns: Mapping[str, str] = field(default_factory=dict)
    own_fields: bool = False
    without: Mapping[str, str] = field(default_factory=dict)
    through: tuple[str, str] | None = None
    card: str = ""
    cards: Mapping[str, str] = field(default_factory=dict)
    amount: str | None = None
    partial: Mapping[str, Text] = field(default_factory=dict)
    coarse: Mapping[str, str] = field(default_factory=dict)
    packed: str = ""
    first: str = ""
    few: tuple[str, ...] = ()
    person: str = "manager_id"

    @property
    def table(self) -> str:
        """Its table in facts.duckdb."""
        return self.id

    def column(self, name: str) -> str | None:
        """What a column is called here; None if there is no such thing."""
        own = self.columns.get(name, name)
        return own if own in TABLES[self.table] else None

    def is_unset(self, column: str) -> str:
        """SQL: a record has no value there."""
        return self.without.get(column, f"{column} IS NULL")


FACTS: dict[str, Fact] = {
    fact.id: fact
    for fact in (
        Fact(
            "deals",
            "deal",
            Text("сделки", "deals"),
            base="in_sales",
            amount="amount",
            own_fields=True,
        ),
        Fact(
            "leads",
            "lead",
            Text("лиды", "leads"),
            amount="amount",
            columns={"pipeline_id": ""},
            own_fields=True,
        ),
        Fact(
            "deal_stages",
            "deal",
            Text("сделки", "deals"),
            amount="amount",
            columns={"stage_id": ""},  # its own is a stage the deal has been at
            through=("id", "deals"),
        ),
        Fact(
            "activities",
            "activity",
            Text("дела", "activities"),
            base="in_sales IS NOT FALSE",
            coarse=OF_ACTIVITY_CLASS,
            packed="class",
            first="completed",
            few=("manager_id", "pipeline_id", "weekday", "hour", "owner_type", "owner_status"),
            card="owner_id",
            cards={"deals": "owner_type = 'deal'", "leads": "owner_type = 'lead'"},
            columns={"status": "owner_status", "stage_id": "owner_stage_id"},
            # a client's own activity has no card that could lack a stage
            without={"owner_stage_id": "(owner_status IS NOT NULL AND owner_stage_id IS NULL)"},
            partial={
                "pipeline": Text(
                    "Дела под фильтром «Воронка» – только дела сделок: у лидов, контактов и компаний воронки нет.",
                    "Under the filter “Pipeline” activities are those of deals: leads, contacts and companies have no pipeline.",
                )
            },
        ),
        Fact(
            "responses",
            "response",
            Text("первый ответ", "first responses"),
            card="id",
            cards={"deals": "entity = 'deal'", "leads": "entity = 'lead'"},
            partial={
                "pipeline": Text(
                    "Первый ответ под фильтром «Воронка» – только по сделкам без лида: у лида воронки нет.",
                    "Under the filter “Pipeline” first responses are those of deals without a lead: a lead has no pipeline.",
                )
            },
        ),
        Fact(
            "audits",
            "audit",
            Text("карточки", "cards"),
            amount="amount",
            card="id",
            cards={"deals": "entity = 'deal'", "leads": "entity = 'lead'"},
            partial={
                "pipeline": Text(
                    "Под фильтром «Воронка» – только сделки: у лидов воронки нет.",
                    "Under the filter “Pipeline” only deals are counted: leads have no pipeline.",
                )
            },
        ),
        Fact(
            "commitments",
            "commitment",
            Text("обещания руководителей", "what heads promised"),
        ),
        Fact(
            "tasks",
            "task",
            Text("задачи", "tasks"),
            columns={"status": ""},  # its own is how far the task is
        ),
    )
}
"""Facts by id. A recurring-deal template is in none of them."""
