"""What an own field names – people, other cards – is hidden where their records are: in lists, their filters, choices and addresses."""

from __future__ import annotations

from pathlib import Path

import pytest

from dash_app.access.scope import Scope
from dash_app.engine.context import connect
from dash_app.engine.directory import Directory
from dash_app.engine.lists import own_column
from tests.store.raw_builder import Raw


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    raw = Raw(tmp_path_factory.mktemp("rights") / "raw.duckdb")
    for name, kind in (("UF_CRM_WHO", "employee"), ("UF_CRM_CARD", "crm")):
        raw.add("user_fields", entity="deal", field=name, type=kind, label=name, multiple=True, sort=1)
    for person in (1, 2):
        raw.add("users", id=person, active=True, name=f"Тайна{person}")
    new = [("NEW", "2026-03-05 10:00")]
    raw.deal(1, "2026-03-05 10:00", new, uf={"UF_CRM_WHO": ["1", "2"], "UF_CRM_CARD": ["D_1", "D_2"]})
    raw.deal(2, "2026-03-05 10:00", new, title="Чужая", assigned_by_id=2, uf={"UF_CRM_CARD": ["D_3"]})
    raw.deal(3, "2026-03-05 10:00", new, title="Третья", assigned_by_id=3)
    found = raw.facts()
    found.con.close()
    raw.con.close()
    return found.path


def words(facts: Path, rights: Scope) -> dict[str, dict[str, str]]:
    fields = Directory.load(connect(facts), rights).fields
    return {name: {k: v.ru for k, v in meta.options.items()} for (_, name), meta in fields.items()}


def test_limited_rights_leave_numbers_and_only_what_is_met_on_cards_seen(facts: Path) -> None:
    assert words(facts, Scope.of([1])) == {
        "UF_CRM_WHO": {"1": "Тайна1", "2": "Сотрудник №2"},
        "UF_CRM_CARD": {"D_1": "Сделка 1", "D_2": "Сделка 2"},
    }
    everything = words(facts, Scope())
    assert everything["UF_CRM_WHO"]["2"] == "Тайна2"
    assert everything["UF_CRM_CARD"] == {"D_1": "Сделка 1", "D_2": "Чужая", "D_3": "Третья"}


@pytest.mark.parametrize(("rights", "seen"), [(Scope.of([1]), 0), (Scope(), 1)])
def test_a_filter_of_a_list_cannot_ask_for_hidden_words(facts: Path, rights: Scope, seen: int) -> None:
    con = connect(facts)
    fields = Directory.load(con, rights).fields
    for name, secret in (("UF_CRM_WHO", "Тайна2"), ("UF_CRM_CARD", "Чужая")):
        asked = own_column(fields[("deal", name)], rights).read("ru")
        sql = f"SELECT count(*) FROM deals AS t WHERE t.id = 1 AND contains({asked}, '{secret}')"
        assert con.execute(sql).fetchall() == [(seen,)], name
