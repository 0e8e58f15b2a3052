"""By an own (user) field that people see as a list: options, dictionaries, people, links to cards, yes or no."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from dash_app.engine.directory import NONE, NOT_SET, YES_NO, Directory, UserField
from dash_app.engine.facts import Fact
from dash_app.engine.filters.base import CARDS, Choice, Clause, Counts, Filter, together
from dash_app.store.own_fields import quoted
from dash_app.text import Lang, Text

PREFIX = "uf."
"""How the ids of these filters begin: ``uf.UF_CRM_X``."""
MOST_CHOICES = 500
"""So many values are offered; of links to thousands of companies those met most often."""


@dataclass(frozen=True, kw_only=True)
class OwnFieldFilter(Filter):
    """The filter of one own field. Deals and leads may each have a field of this name: each asks its own."""

    fields: tuple[UserField, ...] = ()

    def field_of(self, fact: Fact) -> UserField | None:
        """The field as records of a fact have it."""
        if not fact.own_fields:
            return None
        return next((f for f in self.fields if f.entity == fact.entity and f.type.filters), None)

    def knows(self, directory: Directory, value: str) -> bool:
        return any((f.type.kind == "flag" and value in YES_NO) or value in f.options for f in self.fields)

    def name(self, directory: Directory, value: str) -> Text:
        for known in self.fields:
            if known.type.kind == "flag" or value in known.options:
                return known.words(value)
        return Text(value, value)

    def column_of(self, fact: Fact, directory: Directory) -> str | None:
        return quoted(self.column) if self.field_of(fact) else None

    def clause(self, directory: Directory, fact: Fact, values: frozenset[str]) -> Clause | None:
        known, column = self.field_of(fact), quoted(self.column)
        if known is None:
            return None
        if not known.type.directory:
            truth = {"1": column, "0": f"NOT {column}", NONE: f"{column} IS NULL"}
            return "(" + " OR ".join(truth.get(value, "false") for value in sorted(values)) + ")", {}
        # a name of our own: those of a portal may hold anything
        name = f"uf_{hashlib.blake2b(self.column.encode(), digest_size=8).hexdigest()}"
        clause = f"list_has_any({column}, ${name}::VARCHAR[])"
        if NONE in values:
            clause = f"({clause} OR {column} IS NULL OR len({column}) = 0)"
        return clause, {name: sorted(v for v in values if v != NONE)}

    def counts_by(self, fact: Fact, directory: Directory) -> str | None:
        known, column = self.field_of(fact), quoted(self.column)
        if known is None or known != self.fields[0]:
            return None
        return (
            column
            if known.type.kind == "flag"
            else f"unnest(CASE WHEN len({column}) > 0 THEN {column} ELSE [NULL] END)"
        )

    def choices(self, directory: Directory, counts: Counts, lang: Lang) -> list[Choice]:
        number, known = together(counts), self.fields[0]
        if known.type.kind == "flag":
            listed = [Choice(v, text.of(lang), number.get(v == "1", 0)) for v, text in YES_NO.items()]
        else:
            listed = [
                Choice(option, label.of(lang), number.get(option, 0), inactive=option in known.inactive)
                for option, label in known.options.items()
            ]
        if len(listed) > MOST_CHOICES:
            most = {choice.value for choice in sorted(listed, key=lambda c: -(c.count or 0))[:MOST_CHOICES]}
            listed = [choice for choice in listed if choice.value in most]
        return [*listed, Choice(NONE, NOT_SET.of(lang), number.get(None, 0))]


def own_field(name: str, directory: Directory) -> OwnFieldFilter:
    """The filter of an own field; one that no card has applies to nothing."""
    fields = tuple(f for (_, known), f in directory.fields.items() if known == name and f.type.filters)
    label = next((f.label for (_, known), f in directory.fields.items() if known == name), name)
    return OwnFieldFilter(
        id=PREFIX + name,
        title=Text(label, label),
        genitive=Text(f"Значения поля «{label}»", f"value of the field “{label}”"),
        column=name,
        place=1000,
        counted=CARDS,
        fields=fields,
    )
