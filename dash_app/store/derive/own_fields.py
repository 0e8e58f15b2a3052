"""Own fields of deals and leads: their definitions, their values out of a card's JSON, and what ids among these are called."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import duckdb

from dash_app.store.own_fields import LINKED, OF_PREFIX, OwnField, at, literal, quoted

_NAMED = "coalesce(starts_with(field, 'UF_'), false)"
"""SQL: whether a definition is one; any other name might be that of a column of ours."""
Fields = dict[str, dict[str, OwnField]]
"""Entity (deal, lead) -> its fields by name, in order."""


def create_macros(con: duckdb.DuckDBPyConnection, base: str) -> None:
    """``linked``, ``sent_number``, ``sent_money``, ``sent_instant``, ``sent_day``: values as kept (``store.own_fields``), NULL for what is none.

    Money is converted by ``rates``. Numbers and dates are read as the portal documents them and as people and portals write them besides: «1 200,50»,
    «05.03.2026 10:00» in the time zone of the reports. What may be two numbers (1,200) is none.
    """
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
    # the documented form first and cheaply: expressions that search texts take twenty times as long
    con.execute(
        """CREATE TEMP MACRO sent_number(x) AS CASE
            WHEN TRY_CAST(x AS DOUBLE) IS NOT NULL AND NOT contains(x, '_') THEN x
            WHEN regexp_full_match(x, '\\s*[+-]?([0-9]{1,3}([ \\x{00a0}\\x{202f}''][0-9]{3})+([.,][0-9]+)?|[0-9]+,([0-9]{1,2}|[0-9]{4,}))\\s*')
            THEN replace(regexp_replace(x, '[^0-9.,+-]', '', 'g'), ',', '.') END"""
    )
    con.execute(
        """CREATE TEMP MACRO as_written(x) AS CASE
            WHEN regexp_matches(x, '^\\s*[0-9]{4}-') THEN TRY_CAST(trim(x) AS TIMESTAMP)
            WHEN regexp_matches(x, '(?i)[ap]m\\s*$') THEN try_strptime(trim(x), '%m/%d/%Y %I:%M:%S %p')
            ELSE try_strptime(replace(trim(x), '/', '.'), ['%d.%m.%Y %H:%M:%S', '%d.%m.%Y %H:%M', '%d.%m.%Y']) END"""
    )
    # epoch_us: the same instant whatever the session's time zone
    con.execute(
        """CREATE TEMP MACRO with_offset(x) AS
            CASE WHEN isfinite(TRY_CAST(x AS TIMESTAMPTZ)) THEN make_timestamp(epoch_us(TRY_CAST(x AS TIMESTAMPTZ))) END"""
    )
    offset = r"regexp_matches(x, ':[0-9]{2}([.,][0-9]+)?\s*([+-][0-9]{2}:?[0-9]{2}|[Zz])\s*$')"
    # what a lambda is given is computed once, whatever uses it
    con.execute(
        f"""CREATE TEMP MACRO sent_instant(x) AS TRY(CASE
            WHEN length(x) = 25 THEN with_offset(x) WHEN {offset} THEN with_offset(x)
            ELSE list_transform([as_written(x)], lambda t: CASE WHEN isfinite(t) THEN utc_of(t) END)[1] END)"""
    )
    # a day is midnight shifted by the server's offset: twelve hours on, it is right in any zone
    con.execute(
        f"""CREATE TEMP MACRO sent_day(x) AS TRY(CAST(CASE
            WHEN length(x) = 25 THEN with_offset(x) + INTERVAL 12 HOUR WHEN {offset} THEN with_offset(x) + INTERVAL 12 HOUR
            ELSE list_transform([as_written(x)], lambda t: CASE WHEN isfinite(t) THEN t END)[1] END AS DATE))"""
    )
    amount = "TRY_CAST(sent_number(split_part(x, '|', 1)) AS DECIMAL(20,4))"
    currency = f"coalesce(nullif(trim(split_part(x, '|', 2)), ''), {literal(base)})"
    con.execute(
        f"""CREATE TEMP MACRO sent_money(x) AS
            list_transform([{{'amount': {amount}, 'currency': {currency}}}], lambda m: CASE WHEN m.amount <> 0 THEN
            {{'amount': m.amount, 'currency': m.currency, 'base': in_base(m.amount, m.currency)}} END)[1]"""
    )


def definitions(con: duckdb.DuckDBPyConnection) -> Fields:
    """Fills ``user_fields``; returns the fields, those met only in data among them. What is not called as own fields are (``UF_…``) is none."""
    fields: Fields = {"deal": {}, "lead": {}}
    for entity, name, type_id, label, multiple, sort, given in con.execute(
        "SELECT entity, field, type, label, multiple, sort, settings FROM raw.user_fields "
        f"WHERE {_NAMED} ORDER BY entity, sort, field"
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


def unreadable(con: duckdb.DuckDBPyConnection, fields: Fields) -> None:
    """Adds to ``odd`` the cards one of whose values is none of its field's type, and definitions that are none."""
    con.execute(
        f"INSERT INTO odd SELECT 'user_fields', 0, NULL, 'no_id', false FROM raw.user_fields WHERE NOT {_NAMED}"
    )
    for entity, known in fields.items():
        asked = {name: field for name, field in known.items() if field.unreadable("")}
        if not asked:
            continue
        wrong = ", ".join(
            f"CASE WHEN {field.unreadable(f'ufs[{number}]')} THEN {literal(name)} END"
            for number, (name, field) in enumerate(asked.items(), 1)
        )
        con.execute(
            f"""
            INSERT INTO odd
            SELECT '{entity}s', id, field, 'unreadable', true FROM (
                SELECT id, unnest(list_filter([{wrong}], lambda name: name IS NOT NULL)) AS field
                FROM (SELECT c.id, {at_once(asked)} AS ufs FROM cards_{entity}s c WHERE c.uf IS NOT NULL)
            ) ORDER BY id, field
            """
        )


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
