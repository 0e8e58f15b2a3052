"""The application over a made-up portal, and a way to call one of its callbacks as the browser does."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from flask.testing import FlaskClient

from dash_app.app import create_app
from dash_app.services import Services
from dash_app.web.index import ReportsApp
from tests.fakes import FakePortal, fake_services


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory) -> FakePortal:
    return FakePortal(tmp_path_factory.mktemp("portal"))


@pytest.fixture(scope="module")
def services(portal: FakePortal) -> Services:
    return fake_services(portal.folder, portal=portal)


@pytest.fixture(scope="module")
def app(services: Services) -> ReportsApp:
    return create_app(services.settings, services)


@pytest.fixture
def client(app: ReportsApp) -> FlaskClient:
    return app.server.test_client()


Call = Callable[..., Any]


@pytest.fixture
def call(app: ReportsApp, client: FlaskClient) -> Call:
    return caller(app, client)


def _listens(dependency: dict[str, Any], changed: str) -> bool:
    """Whether an input is the one that changed, wildcards by their type."""
    if not dependency["id"].startswith("{"):
        return f"{dependency['id']}.{dependency['property']}" == changed
    return changed.startswith("{") and json.loads(dependency["id"]).get("type") == json.loads(
        changed.rpartition(".")[0]
    ).get("type")


def caller(app: ReportsApp, client: FlaskClient) -> Call:
    """``call("page.children", {"url.pathname": "/x"}, changed="url.pathname")``: the callback with this output, by its inputs' values.

    Inputs not named are None, wildcard ones empty. Gives the parsed answer, None for "no update".
    """

    def call(output: str, values: dict[str, Any], changed: str | None = None) -> Any:
        found = [
            (k, s)
            for k, s in app.callback_map.items()
            if output in [n.partition("@")[0] for n in k.strip(".").split("...")]
        ]
        key, spec = next(
            ((k, s) for k, s in found if len(found) > 1 and changed and any(_listens(d, changed) for d in s["inputs"])),
            found[0],
        )

        def others(pattern: str, prop: str, *, valued: bool = True) -> list[dict[str, Any]]:
            """A property nobody named, of the components that another property of the same pattern names: None."""
            named = next((v for k, v in values.items() if k.rpartition(".")[0] == pattern and isinstance(v, list)), [])
            return [{"id": n["id"], "property": prop, **({"value": None} if valued else {})} for n in named]

        def filled(dependency: dict[str, Any]) -> Any:
            name = f"{dependency['id']}.{dependency['property']}"
            if dependency["id"].startswith("{"):
                return values[name] if name in values else others(dependency["id"], dependency["property"])
            return {"id": dependency["id"], "property": dependency["property"], "value": values.get(name)}

        names = key.strip(".").split("...") if key.startswith("..") else [key]
        outputs: list[Any] = []
        for name in names:
            name = name.partition("@")[0]
            identity, _, prop = name.rpartition(".")
            outputs.append(
                values.get(f"outputs {name}", others(identity, prop, valued=False))
                if identity.startswith("{")
                else {"id": identity, "property": prop}
            )
        body = {
            "output": key,
            "outputs": outputs if key.startswith("..") else outputs[0],
            "inputs": [filled(d) for d in spec["inputs"]],
            "state": [filled(d) for d in spec["state"]],
            "changedPropIds": [changed] if changed else [],
        }
        response = client.post("/_dash-update-component", json=body)
        assert response.status_code in (200, 204), response.status_code
        return response.get_json(silent=True)

    return call
