"""Names of contacts and companies that links of own fields lead to are read as they are met."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import pytest

from dash_app.portal.entities import Columns, Entity, user_fields
from dash_app.portal.errors import missing_scope
from dash_app.portal.reader import PortalPage
from dash_app.store.derive import DeriveConfig
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh
from dash_app.store.snapshots import Snapshots
from tests.store.fake_portal import FakePortal


class Linked(FakePortal):
    """A portal whose deals have a link of any kind and one to contacts alone."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[tuple[str, list[int]]] = []
        self.tables["companies"] = {3: {"title": "Ромашка"}, 4: {"title": "Юг"}}
        self.tables["contacts"] = {12: {"name": "Анна", "last_name": "Ли"}}

    def named(self, entity: Entity, ids: Sequence[int]) -> PortalPage:
        self.asked.append((entity.table, sorted(ids)))
        return super().named(entity, ids)

    def user_fields(self, entity: str) -> Columns:
        rows: list[dict[str, Any]] = [
            {
                "FIELD_NAME": "UF_CRM_ANY",
                "USER_TYPE_ID": "crm",
                "MULTIPLE": "Y",
                "SETTINGS": {"COMPANY": "Y", "CONTACT": "Y"},
            },
            {"FIELD_NAME": "UF_CRM_WHO", "USER_TYPE_ID": "crm", "SETTINGS": {"CONTACT": "Y", "COMPANY": "N"}},
        ]
        return user_fields.columns_of(entity, rows if entity == "deal" else [])


@pytest.fixture
def paths(tmp_path: Path) -> PortalPaths:
    return PortalPaths.of(tmp_path, "portal")


def words(paths: PortalPaths) -> dict[str, str]:
    current = Snapshots(paths).current()
    assert current is not None
    con = duckdb.connect(str(current.facts_path), read_only=True)
    found = dict(con.execute("SELECT option_id, label FROM user_field_options").fetchall())
    con.close()
    return found


def test_names_are_read_once_and_those_of_the_gone_not_again(paths: PortalPaths) -> None:
    portal = Linked()
    deal = portal.add_deal()
    portal.change("deals", deal, uf=json.dumps({"UF_CRM_ANY": ["CO_3", "CO_9", f"D_{deal}", "77"], "UF_CRM_WHO": "12"}))
    Refresh(paths, portal, DeriveConfig()).run()
    assert portal.asked == [("contacts", [12]), ("companies", [3, 9])]
    assert words(paths) == {
        "CO_3": "Ромашка",
        "CO_9": "Компания 9",
        f"D_{deal}": f"Сделка {deal}",
        "77": "77",  # of which kind it is nobody says
        "C_12": "Анна Ли",
    }
    portal.tick()
    portal.change("deals", portal.add_deal(), uf=json.dumps({"UF_CRM_ANY": ["CO_4", "CO_9"]}))
    portal.asked.clear()
    Refresh(paths, portal, DeriveConfig()).run()
    assert portal.asked == [("companies", [4])]
    assert words(paths)["CO_4"] == "Юг"


def test_a_portal_that_refuses_names_leaves_numbers_and_a_note(paths: PortalPaths) -> None:
    portal = Linked()
    portal.broken["companies"] = missing_scope("crm")
    portal.change("deals", portal.add_deal(), uf=json.dumps({"UF_CRM_ANY": "CO_3"}))
    manifest = Refresh(paths, portal, DeriveConfig()).run()
    assert words(paths) == {"CO_3": "Компания 3"}
    assert any("Имена контактов и компаний" in note["ru"] for note in manifest.notes)


class Refusing(Linked):
    """A portal that refuses one company alone."""

    def named(self, entity: Entity, ids: Sequence[int]) -> PortalPage:
        page = super().named(entity, [i for i in ids if i != 4])
        return replace(page, odd=((4, None, "refused"),)) if 4 in ids else page


def test_a_name_that_is_refused_is_said_and_asked_again(paths: PortalPaths) -> None:
    portal = Refusing()
    portal.change("deals", portal.add_deal(), uf=json.dumps({"UF_CRM_ANY": ["CO_3", "CO_4"]}))
    manifest = Refresh(paths, portal, DeriveConfig()).run()
    assert words(paths) == {"CO_3": "Ромашка", "CO_4": "Компания 4"}
    assert [note["ru"] for note in manifest.notes] == [
        "Имена в своих полях не прочитаны (компании): 1 (№ 4). Портал отказал, вместо них номера."
    ]
    portal.tick()
    portal.asked.clear()
    Refresh(paths, portal, DeriveConfig()).run()
    assert portal.asked == [("companies", [])]  # 3 is known, 4 was asked and refused again


def test_a_name_no_link_leads_to_is_forgotten(paths: PortalPaths) -> None:
    portal = Linked()
    deal, other = portal.add_deal(), portal.add_deal()
    portal.change("deals", deal, uf=json.dumps({"UF_CRM_ANY": ["CO_3", "CO_4", "C_12"]}))
    Refresh(paths, portal, DeriveConfig()).run()
    portal.tick()
    portal.change("deals", deal, uf=json.dumps({"UF_CRM_ANY": ["CO_4"]}))
    portal.change("deals", other, uf=json.dumps({"UF_CRM_ANY": ["CO_4"]}))
    Refresh(paths, portal, DeriveConfig()).run()
    current = Snapshots(paths).current()
    assert current is not None and not current.manifest.full
    con = duckdb.connect(str(current.raw_path), read_only=True)
    assert con.execute("SELECT id FROM companies UNION ALL SELECT id FROM contacts").fetchall() == [(4,)]
    con.close()
