"""A report leads to the pages where what it shows is typed."""

from __future__ import annotations

import json
from pathlib import Path

from dash_app.app import create_app
from tests.fakes import fake_services
from tests.web.conftest import caller


def test_the_sales_plan_leads_to_its_plans_and_to_motivation(tmp_path: Path) -> None:
    services = fake_services(tmp_path)
    app = create_app(services.settings, services)
    shown = json.dumps(caller(app, app.server.test_client())("page.children", {"url.pathname": "/sales-plan"}))
    assert '"/plans"' in shown and '"/motivation"' in shown
