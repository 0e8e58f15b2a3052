"""A data folder as an earlier version left it: the program starts on it, and nothing of what was typed or observed is lost."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest
from pydantic import SecretStr

from dash_app.engine.context import connect
from dash_app.portal.credentials import Webhook
from dash_app.services_factory import services_of
from dash_app.settings import Settings
from dash_app.store.derive import DeriveConfig
from dash_app.store.files import read_json, write_json
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh
from dash_app.store.snapshots import Snapshots
from tests.store.fake_portal import FakePortal

WEBHOOK = "https://crm.example.ru/rest/1/abcdefabcdefabcd/"
NEW_IN_MANIFEST = ("company", "raw")
NEW_IN_WATERMARKS = ("told", "local")
NEW_IN_RAW = ("companies", "contacts", "odd_values", "shapes", "fresh")

WORKSPACE_OF_0001 = """
CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
INSERT INTO alembic_version VALUES ('0001');
CREATE TABLE settings (portal VARCHAR(200) NOT NULL, "key" VARCHAR(100) NOT NULL, value JSON NOT NULL, version INTEGER NOT NULL, PRIMARY KEY (portal, "key"));
CREATE TABLE changes (id INTEGER NOT NULL, portal VARCHAR(200) NOT NULL, at DATETIME NOT NULL, who VARCHAR(200) NOT NULL, what VARCHAR(100) NOT NULL,
    "before" JSON, "after" JSON, undoes INTEGER, PRIMARY KEY (id));
CREATE INDEX ix_changes_portal ON changes (portal);
INSERT INTO settings VALUES (:portal, 'work_hours', '[8, 17]', 1);
INSERT INTO settings VALUES (:portal, 'a_setting_that_is_no_more', '1', 1);
INSERT INTO changes VALUES (1, :portal, '2026-01-01 10:00:00.000000', 'Анна', 'work_hours', NULL, '[8, 17]', NULL);
"""
WORKSPACE_OF_0002 = (
    WORKSPACE_OF_0001.replace("VARCHAR(100) NOT NULL,\n", "VARCHAR(200) NOT NULL,\n").replace("'0001'", "'0002'")
    + """
CREATE TABLE entries (portal VARCHAR(200) NOT NULL, kind VARCHAR(30) NOT NULL, "key" VARCHAR(100) NOT NULL, value JSON NOT NULL, version INTEGER NOT NULL,
    PRIMARY KEY (portal, kind, "key"));
INSERT INTO entries VALUES (:portal, 'plan', '1:all:2026-03',
    '{"manager_id": "1", "pipeline_id": "", "month": "2026-03", "plan_amount": "1500000", "plan_count": null, "bonus": null}', 1);
INSERT INTO changes VALUES (2, :portal, '2026-01-02 10:00:00.000000', 'Олег', 'plan:1:all:2026-03', NULL, '{"plan_amount": "1500000"}', NULL);
"""
)


def as_version_8_left_it(paths: PortalPaths, workspace: str) -> None:
    """Raw tables, manifests, files and the workspace as they were before observations lay beside it."""
    for folder in paths.snapshots.iterdir():
        con = duckdb.connect(str(folder / "raw.duckdb"))
        for table in NEW_IN_RAW:
            con.execute(f"DROP TABLE {table}")
        con.execute("ALTER TABLE user_fields DROP COLUMN settings")
        con.close()
        con = duckdb.connect(str(folder / "facts.duckdb"))
        con.execute("DROP TABLE odd")
        con.close()
        document: dict[str, Any] = read_json(folder / "manifest.json") or {}
        old = {k: v for k, v in document.items() if k not in NEW_IN_MANIFEST} | {"facts": 8}
        old["watermarks"] = {k: v for k, v in old["watermarks"].items() if k not in NEW_IN_WATERMARKS}
        write_json(folder / "manifest.json", old)
    for file in (paths.history, paths.companies, paths.workspace, paths.progress):
        file.unlink(missing_ok=True)
    shutil.rmtree(paths.cache, ignore_errors=True)
    paths.cache.mkdir()
    (paths.cache / "2029240f6d1128be89ddc32729463129").write_bytes(b"\x80\x05N.")  # an answer, pickled
    with closing(sqlite3.connect(paths.workspace)) as con, con:
        con.executescript(workspace.replace(":portal", f"'{paths.root.name}'"))


def nothing_more(paths: PortalPaths) -> None:
    pass


def an_unfinished_load(paths: PortalPaths) -> None:
    """As a version without ``raw`` in its state left it."""
    paths.building.mkdir()
    con = duckdb.connect(str(paths.building / "raw.duckdb"))
    con.execute("CREATE TABLE deals (id BIGINT)")
    con.close()
    write_json(
        paths.building / "state.json",
        {"address": "https://fake.bitrix24.ru", "user_id": 1, "full": True, "started": "2026-03-01T09:00:00"},
    )


@pytest.mark.parametrize("more", [nothing_more, an_unfinished_load])
@pytest.mark.parametrize("workspace", [WORKSPACE_OF_0001, WORKSPACE_OF_0002], ids=["0001", "0002"])
def test_the_program_starts_on_what_an_earlier_version_left(
    tmp_path: Path, workspace: str, more: Callable[[PortalPaths], None]
) -> None:
    settings = Settings(data_dir=tmp_path, b24_webhook_url=SecretStr(WEBHOOK), timezone="Europe/Moscow")
    paths = PortalPaths.of(tmp_path, Webhook.parse(WEBHOOK).portal_key)
    portal, config = FakePortal(), DeriveConfig()
    deal = portal.add_deal(100)
    portal.add_deal(40)
    Refresh(paths, portal, config).run()
    then = portal.now + timedelta(minutes=10)
    portal.tick()
    portal.change("deals", deal, opportunity=Decimal(250))
    Refresh(paths, portal, config).run()
    as_version_8_left_it(paths, workspace)
    more(paths)

    services = services_of(settings)
    typed = services.admin().workspace
    assert typed.values().work_hours == (8, 17)
    assert [change.who for change in typed.history()][-1] == "Анна"
    if workspace is WORKSPACE_OF_0002:
        assert typed.entries("plan")["1:all:2026-03"].value.plan_amount == 1_500_000
    assert services.session().card("deal", str(deal)).title

    def amounts() -> tuple[list[Any], list[Any]]:
        current = Snapshots(paths).current()
        assert current is not None
        sql = "SELECT CAST(amount AS INTEGER) FROM deals ORDER BY id"
        now, before = current.facts_path, current.facts_as_of(then)
        return connect(now).execute(sql).fetchall(), connect(before).execute(sql).fetchall()

    assert amounts() == ([(250,), (40,)], [(100,), (40,)]), "what it was before the change, after the upgrade"
    shutil.rmtree(paths.snapshots)
    portal.tick()
    portal.add_deal(7)
    Refresh(paths, portal, config).run()
    assert amounts() == ([(250,), (40,), (7,)], [(100,), (40,)]), "and without the snapshots of the earlier version"
