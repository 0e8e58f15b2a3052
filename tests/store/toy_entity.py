"""Loads a portal whose new directory nothing but its declaration knows, and prints as JSON what is said of it (``test_toy_entity``)."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import duckdb

from dash_app.engine.directory import Directory
from dash_app.portal.entities import COUNTED, ENTITIES, Entity
from dash_app.portal.errors import missing_scope
from dash_app.portal.reader import PortalPage
from dash_app.store.companies import Unconfirmed
from dash_app.store.derive import DeriveConfig, derive
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh
from dash_app.store.snapshots import Snapshot, Snapshots
from dash_app.views import format as fmt
from tests.store.fake_portal import FakePortal

TOY = "product_sections"


class Portal(FakePortal):
    """Answers the toy's method with rows as they go over the wire."""

    rows: tuple[Mapping[str, Any], ...] = ()

    def directory(self, entity: Entity) -> PortalPage:
        if entity.table != TOY:
            return super().directory(entity)
        self._check(TOY)
        known = entity.known(self.rows)
        nameless = ((0, None, "no_id"),) * (len(self.rows) - len(known))
        return PortalPage(entity, entity.columns(known), len(known), 0, 0, nameless)


def _refreshed(paths: PortalPaths, portal: Portal) -> Snapshot:
    portal.tick()
    Refresh(paths, portal, DeriveConfig(), derive=partial(derive, tables=("odd",))).run()
    current = Snapshots(paths).current()
    assert current is not None
    return current


def main(folder: Path) -> None:
    paths, portal = PortalPaths.of(folder, "portal"), Portal()
    portal.broken[TOY] = missing_scope(ENTITIES[TOY].method)
    found: dict[str, Any] = {"refused": [note["ru"] for note in _refreshed(paths, portal).manifest.notes]}
    portal.broken.clear()
    portal.rows = (*({"ID": str(n), "NAME": f"Section {n}"} for n in range(1, 8)), {"ID": "8"}, {"NAME": "Nobody"})
    read = _refreshed(paths, portal)
    with duckdb.connect(str(read.raw_path), read_only=True) as con:
        found["raw"] = con.execute(f"SELECT * FROM {TOY} ORDER BY id LIMIT 1").fetchall()
    with duckdb.connect(str(read.facts_path), read_only=True) as con:
        directory = Directory.load(con)
    found["names"] = [directory.called(TOY, number).en for number in (5, 8, 99, None)]
    found["odd"] = [note["ru"] for note in read.manifest.notes]
    found["new"] = fmt.counted(read.manifest.changes[f"{TOY}_new"], COUNTED[TOY][1].new, "ru")
    portal.rows = ()
    try:
        _refreshed(paths, portal)
    except Unconfirmed as asked:
        found["question"] = asked.text.ru
    json.dump(found, sys.stdout, ensure_ascii=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
