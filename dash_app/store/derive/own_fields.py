"""Own fields of deals and leads: their definitions, their values out of a card's JSON, and what ids among these are called."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import duckdb

from dash_app.store.own_fields import LINKED, OF_PREFIX, OwnField, at, literal, quoted

Fields = dict[str, dict[str, OwnField]]
"""Entity (deal, lead) -> its fields by name, in order."""


def create_macros(con: duckdb.DuckDBPyConnection, base: str) -> None:
    """``linked``, ``sent_money``: values of links and money as kept (``store.own_fields``). Money is converted by ``rates``."""
    rates = con.execute("SELECT currency, up, down FROM rates ORDER BY currency").fetchall()

    def of(number: int) -> str:
        cases = " ".join(f"WHEN {literal(rate[0])} THEN {rate[number]}::HUGEINT" for rate in rates)
        return f"(CASE currency {cases} END)"

    con.execute(f"CREATE TEMP MACRO linked(x, prefix) AS {LINKED}")
    con.execute(
        f"""CREATE TEMP MACRO in_base(amount, currency) AS TRY(CAST(CAST(
            (2 * CAST(amount * 10000 AS HUGEINT) * {of(1)} + sign(amount)::HUGEINT * {of(2)}) // (2 * {of(2)}) AS DECIMAL(38,0))
            * CAST(0.00000001 AS DECIMAL(9,8)) AS DECIMAL(28,8)))"""
    )
    amount = "TRY_CAST(split_part(x, '|', 1) AS DECIMAL(20,4))"
    currency = f"coalesce(nullif(trim(split_part(x, '|', 2)), ''), {literal(base)})"
    con.execute(
        f"""CREATE TEMP MACRO sent_money(x) AS CASE WHEN {amount} <> 0 THEN
            {{'amount': {amount}, 'currency': {currency}, 'base': in_base({amount}, {currency})}} END"""
    )


def definitions(con: duckdb.DuckDBPyConnection) -> Fields:
    """Fills ``user_fields``; returns the fields, those met only in data among them."""
    fields: Fields = {"deal": {}, "lead": {}}
    for entity, name, type_id, label, multiple, sort, given in con.execute(
        "SELECT entity, field, type, label, multiple, sort, settings FROM raw.user_fields WHERE field IS NOT NULL ORDER BY entity, sort, field"
    ).fetchall():
        if entity not in fields or name.upper() in {known.upper() for known in fields[entity]}:
            continue  # column names know no case
        found = OwnField.of(name, type_id, several=bool(multiple), settings=given)
        fields[entity][name] = found
        _define(con, entity, found, label or name, sort or 0)
    for entity, known in fields.items():
        # every card is asked: a sample would make the columns a matter of luck
        met = con.execute(
            f"SELECT DISTINCT unnest(json_keys(uf)) AS field FROM raw.{entity}s WHERE json_valid(uf) ORDER BY 1"
        ).fetchall()
        taken = {name.upper() for name in known}
        for (name,) in met:
            if name.startswith("UF_") and name.upper() not in taken:
                taken.add(name.upper())
                known[name] = OwnField.of(name, None, several=False)
                _define(con, entity, known[name], name, 1_000_000)
    return fields


def _define(con: duckdb.DuckDBPyConnection, entity: str, field: OwnField, label: str, sort: int) -> None:
    con.execute(
        "INSERT INTO user_fields VALUES (?, ?, ?, ?, ?, ?, ?)",
        [entity, field.name, label, field.user_type, field.several, field.type.kind, sort],
    )


def at_once(fields: dict[str, OwnField]) -> str:
    """SQL: the values of all fields of a card as one JSON[]: the document is read once, however many fields there are."""
    return f"json_extract(CASE WHEN json_valid(c.uf) THEN c.uf END, [{', '.join(map(at, fields))}])"


# -- what ids are called ------------------------------------------------------------------------------------------

_Words = Callable[[duckdb.DuckDBPyConnection, str, OwnField], None]


def options(con: duckdb.DuckDBPyConnection, fields: Fields) -> None:
    """``user_field_options``: words of every id that a directory or a card names, in both languages, once the cards are there."""
    for entity, known in fields.items():
        for field in known.values():
            if field.type.directory:
                con.execute(
                    "CREATE OR REPLACE TEMP TABLE named (id VARCHAR, ru VARCHAR, en VARCHAR, active BOOLEAN, owner INTEGER, plain VARCHAR, plain_en VARCHAR)"
                )
                con.execute(
                    f"CREATE OR REPLACE TEMP TABLE met AS SELECT DISTINCT unnest({quoted(field.name)}) AS id FROM {entity}s"
                )
                _WORDS[field.type.kind](con, entity, field)
                con.execute(
                    """
                    INSERT INTO user_field_options
                    SELECT $entity, $field, id, ru, en, row_number() OVER (ORDER BY position)::INTEGER, active, owner, plain, plain_en
                    FROM (SELECT *, rowid AS position FROM named WHERE rowid IN (SELECT min(rowid) FROM named WHERE id IS NOT NULL GROUP BY id))
                    """,
                    {"entity": entity, "field": field.name},
                )


_GONE = """
    INSERT INTO named (id, ru, en, active) SELECT id, id || ' (удалено)', id || ' (deleted)', false FROM met
    WHERE id NOT IN (SELECT id FROM named) ORDER BY TRY_CAST(id AS BIGINT), id
"""


def _listed(con: duckdb.DuckDBPyConnection, entity: str, field: OwnField) -> None:
    """Options of a list, or a directory of the CRM; what cards hold and the list lost is «99 (удалено)»."""
    if field.user_type == "crm_status":
        con.execute(
            """
            INSERT INTO named (id, ru, en, active) SELECT status_id, coalesce(name, status_id), coalesce(name, status_id), true FROM raw.statuses
            WHERE entity_id = ? AND status_id IS NOT NULL ORDER BY sort, id
            """,
            [field.directory_id or ""],
        )
        if not con.execute("SELECT count(*) FROM named").fetchall()[0][0]:  # which directory it is is not known
            con.execute("INSERT INTO named (id, ru, en, active) SELECT id, id, id, true FROM met ORDER BY id")
    else:
        items = con.execute(
            "SELECT items FROM raw.user_fields WHERE entity = ? AND field = ?", [entity, field.name]
        ).fetchall()
        for item in _items(items[0][0] if items else None):
            option = str(item.get("ID") or "")
            if option:
                label = str(item.get("VALUE", option))
                con.execute("INSERT INTO named (id, ru, en, active) VALUES (?, ?, ?, true)", [option, label, label])
    con.execute(_GONE)


def _items(text: str | None) -> list[dict[str, Any]]:
    try:
        found = json.loads(text or "[]")
    except json.JSONDecodeError:
        return []
    return [item for item in found if isinstance(item, dict)] if isinstance(found, list) else []


def _people(con: duckdb.DuckDBPyConnection, entity: str, field: OwnField) -> None:
    """People by name, dismissed ones marked; as ``engine.directory.Directory.manager`` names them."""
    con.execute(
        """
        INSERT INTO named
        SELECT met.id, CASE WHEN m.id IS NULL THEN 'Сотрудник №' || met.id WHEN NOT m.active THEN m.name || ' (уволен)' ELSE m.name END,
               CASE WHEN m.id IS NULL THEN 'User #' || met.id WHEN NOT m.active THEN m.name || ' (dismissed)' ELSE m.name END,
               coalesce(m.active, true), coalesce(m.id, 0), 'Сотрудник №' || met.id, 'User #' || met.id
        FROM met LEFT JOIN managers m ON m.known AND m.id = TRY_CAST(met.id AS INTEGER) WHERE met.id IS NOT NULL ORDER BY m.name NULLS LAST, met.id
        """
    )


def _links(con: duckdb.DuckDBPyConnection, entity: str, field: OwnField) -> None:
    """Cards by name; where it is not known by kind and number, «Компания 3»."""
    names = (
        "SELECT 'D_' || id AS id, title AS name, coalesce(assigned_by_id, 0) AS owner FROM raw.deals",
        "SELECT 'L_' || id, title, coalesce(assigned_by_id, 0) FROM raw.leads",
        "SELECT 'CO_' || id, title, NULL FROM raw.companies",
        "SELECT 'C_' || id, trim(concat_ws(' ', name, last_name)), NULL FROM raw.contacts",
    )
    kind, number = "split_part(met.id, '_', 1)", "split_part(met.id, '_', 2)"

    def called(place: int) -> str:
        cases = " ".join(
            f"WHEN '{prefix}' THEN {literal(words[place])} || ' ' || {number}" for prefix, words in OF_PREFIX.items()
        )
        smart = literal(("Смарт-процесс ", "Smart process ")[place])
        return (
            f"CASE {kind} {cases} ELSE CASE WHEN regexp_full_match(met.id, 'T[0-9a-fA-F]{{1,8}}_[0-9]+') "
            f"THEN {smart} || CAST(('0x' || substr({kind}, 2))::BIGINT AS VARCHAR) || ': ' || {number} ELSE met.id END END"
        )

    con.execute(
        f"""
        INSERT INTO named
        WITH known AS (SELECT met.id, nullif(n.name, '') AS name, n.owner FROM met JOIN ({" UNION ALL ".join(names)}) n ON n.id = met.id)
        SELECT met.id, coalesce(k.name, {called(0)}), coalesce(k.name, {called(1)}), true, TRY_CAST(k.owner AS INTEGER), {called(0)}, {called(1)}
        FROM met LEFT JOIN known k ON k.id = met.id WHERE met.id IS NOT NULL ORDER BY k.name NULLS LAST, met.id
        """
    )


def _elements(con: duckdb.DuckDBPyConnection, entity: str, field: OwnField) -> None:
    """Ids of directories whose names the CRM does not tell: «Элемент №15»."""
    ru, en = (field.type.label or {}).get(field.user_type or "", ("{id}", "{id}"))
    con.execute(
        "INSERT INTO named (id, ru, en, active) SELECT id, replace($ru, '{id}', id), replace($en, '{id}', id), true FROM met WHERE id IS NOT NULL "
        "ORDER BY TRY_CAST(id AS BIGINT), id",
        {"ru": ru, "en": en},
    )


def _flags(con: duckdb.DuckDBPyConnection, entity: str, field: OwnField) -> None:
    con.execute("INSERT INTO named (id, ru, en, active) VALUES ('1', 'да', 'yes', true), ('0', 'нет', 'no', true)")


_WORDS: dict[str, _Words] = {
    "list": _listed,
    "people": _people,
    "links": _links,
    "elements": _elements,
    "flags": _flags,
}
