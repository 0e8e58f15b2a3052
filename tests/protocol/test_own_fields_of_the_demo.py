"""The demo company read over REST: its own fields as people see them, and no token of a file anywhere."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest

from dash_app.cli.report import all_records, dump
from dash_app.demo.fields import DEAL_USER_FIELDS
from dash_app.demo.testing import running_portal
from dash_app.portal.client import Client
from dash_app.portal.credentials import Webhook
from dash_app.portal.pacing import Pacing
from dash_app.portal.reader import Reader
from dash_app.store.derive import DeriveConfig
from dash_app.store.own_fields import TYPES
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh
from dash_app.store.snapshots import Snapshots
from pages.sales_dynamics import REPORT
from tests.figures.facts_builder import Published, service_of


def test_every_type_is_in_the_demo_and_no_token_stays(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with running_portal(scale=300, limits="off") as portal:
        client = Client(Webhook.parse(portal.webhook), Pacing(1e6, 10**6))
        paths = PortalPaths.of(tmp_path, "demo")
        Refresh(paths, Reader(client), DeriveConfig()).run()
    current = Snapshots(paths).current()
    assert current is not None
    service = service_of(Published(current.facts_path), REPORT)
    names = tuple(field.name for field in DEAL_USER_FIELDS)
    query = service.parse(REPORT, {"period": ["all"]})
    _, rows, _, _ = all_records(service, REPORT, "deals", "", {}, query, "ru", extra=names)
    shown = json.loads(dump(rows))
    for field in DEAL_USER_FIELDS:
        assert any(row[field.name] is not None for row in shown), field.label
    told = json.dumps(shown, ensure_ascii=False)
    for words in ("файлов: ", "(удалено)", "Смарт-процесс 128", "Элемент №", "Гранатный пер., 10"):
        assert words in told, words
    assert not any("CO_" in str(row["UF_CRM_PARTNER"]) for row in shown)  # companies by name
    kinds = {meta.type.kind for meta in service.directory().fields.values()}
    assert kinds >= {kind.kind for kind in TYPES} - {"flags"}
    left = [told.encode(), caplog.text.encode(), *(f.read_bytes() for f in tmp_path.rglob("*") if f.is_file())]
    for content in left:
        assert b"auth=" not in content and b"demo7f3a90c1e5" not in content
