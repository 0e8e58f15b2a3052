"""Values of own fields as portals and people write them: read, or counted by name. Taken on 20 March 2026, 12:00 in Moscow."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dash_app.store import oddities
from tests.store.raw_builder import Facts, Raw, at

NEW = [("NEW", "2026-01-05 10:00")]
TEN = at("2026-03-05 10:00")


@pytest.fixture
def raw(tmp_path: Path) -> Raw:
    return Raw(tmp_path / "raw.duckdb")


def said(facts: Facts) -> list[str]:
    """What the manifest will say of odd records."""
    facts.con.close()
    return [line["ru"] for line in oddities.notes(facts.path)]


def field(raw: Raw, name: str, kind: str, *, several: bool = False) -> None:
    raw.add("user_fields", entity="deal", field=name, type=kind, label=name, multiple=several, sort=1)


READ: list[tuple[str, str, Any]] = [
    ("datetime", "2026-03-05T10:00:00+03:00", TEN),
    ("datetime", "2026-03-05T07:00:00Z", TEN),
    ("datetime", "2026-03-05T10:00:00.250+03:00", TEN),
    ("datetime", "05.03.2026 10:00:00", TEN),
    ("datetime", "5.3.2026 10:00", TEN),
    ("datetime", "2026-03-05 10:00:00", TEN),
    ("datetime", "03/05/2026 10:00:00 am", TEN),
    ("datetime", "05/03/2026 10:00:00", TEN),
    ("date", "2026-03-05T03:00:00+03:00", date(2026, 3, 5)),
    ("date", "2026-03-04T19:00:00-05:00", date(2026, 3, 5)),
    ("date", "05.03.2026", date(2026, 3, 5)),
    ("date", "2026-03-05", date(2026, 3, 5)),
    ("date", "2026-03-05 23:00:00", date(2026, 3, 5)),
    ("double", "1,5", 1.5),
    ("double", "1 200\u00a0000,25", 1200000.25),
    ("double", "1e3", 1000.0),
    ("integer", "68477.0", 68477),
    ("integer", "68 477", 68477),
    ("money", "100,50|RUB", Decimal("100.5")),
    ("money", "1 200 000.5|RUB", Decimal("1200000.5")),
]


def test_a_value_is_read_however_it_is_written(raw: Raw) -> None:
    for number, (kind, _, _) in enumerate(READ):
        field(raw, f"UF_{number}", kind)
    raw.deal(1, "2026-01-05 10:00", NEW, uf={f"UF_{n}": sent for n, (_, sent, _) in enumerate(READ)})
    facts = raw.facts()
    row = facts.row("deals", 1)
    for number, (kind, sent, kept) in enumerate(READ):
        got = row[f"UF_{number}"]
        got = got["amount"] if kind == "money" else got.replace(microsecond=0) if kind == "datetime" else got
        assert got == kept, (kind, sent)
    assert said(facts) == []


WRONG = [
    ("datetime", "вчера"),
    ("date", "2026-02-30"),
    ("date", "03/15/2026"),
    ("double", "1,200"),
    ("double", "nan"),
    ("integer", "9" * 30),
    ("integer", "1_000"),
    ("money", "много|RUB"),
    ("boolean", "может быть"),
]


def test_a_value_that_is_none_of_its_type_is_counted_by_name(raw: Raw) -> None:
    for number, (kind, sent) in enumerate(WRONG):
        for several in (False, True):
            name = f"UF_{number}_{several}"
            field(raw, name, kind, several=several)
            raw.deal(2 * number + several + 1, "2026-01-05 10:00", NEW, uf={name: [sent, ""] if several else sent})
    raw.deal(100, "2026-01-05 10:00", NEW, uf={"UF_2_False": "2026-03-05"})
    facts = raw.facts()
    assert facts.rows("SELECT id, field, why, kept FROM odd ORDER BY id") == [
        (2 * number + several + 1, f"UF_{number}_{several}", "unreadable", True)
        for number in range(len(WRONG))
        for several in (False, True)
    ]
    (line,) = said(facts)
    assert line.startswith("Сделок со значением поля, которое не прочитать: 18 (№ 1, 2, 3…; поля UF_0_False,")


def test_what_says_nothing_is_nothing_odd(raw: Raw) -> None:
    silent: list[Any] = [None, False, "", "0", [], ["", "0"], "0000-00-00", " "]
    money: list[Any] = [None, False, "", [], "0|RUB", "|RUB", "0.00|USD", ["|RUB", "0,00|RUB"]]
    for kind in ("datetime", "date", "double", "integer", "money", "boolean"):
        for several in (False, True):
            field(raw, f"UF_{kind}_{several}", kind, several=several)
    for number, (sent, amount) in enumerate(zip(silent, money, strict=True)):
        uf = {
            f"UF_{kind}_{several}": amount if kind == "money" else sent
            for kind in ("datetime", "date", "double", "integer", "money", "boolean")
            for several in (False, True)
        }
        raw.deal(number, "2026-01-05 10:00", NEW, uf={**uf, "UF_Y": "x"})
    assert said(raw.facts()) == []


def test_a_deal_that_names_no_pipeline_is_in_that_of_its_stage(raw: Raw) -> None:
    raw.deal(1, "2026-01-05 10:00", [("NEW", "2026-01-05 10:00", 5), ("WON", "2026-01-06 10:00", 5)], category_id=None)
    raw.con.execute("UPDATE deal_history SET category_id = NULL")
    row = raw.facts().row("deals", 1)
    assert (row["pipeline_id"], row["stage_id"], row["won_at"]) == (5, "C5:WON", at("2026-01-06 10:00"))


@pytest.mark.parametrize("name", ["ID", "title", "AMOUNT", "", None, "uf_x"])
def test_a_definition_not_called_as_own_fields_are_is_none_and_is_counted(raw: Raw, name: str | None) -> None:
    field(raw, "UF_Y", "string")
    raw.add("user_fields", entity="deal", field=name, type="string", label="Чужое", multiple=False, sort=1)
    raw.deal(1, "2026-01-05 10:00", NEW, uf={"UF_Y": "да", "ID": "7"})
    facts = raw.facts()
    assert facts.rows("SELECT field FROM user_fields") == [("UF_Y",)] and facts.row("deals", 1)["UF_Y"] == "да"
    assert said(facts) == ["Своих полей без номера: 1. В отчёты не вошли."]
