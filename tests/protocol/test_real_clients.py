"""Clients written by others read the demo portal whole: ``fast_bitrix24`` and the official ``b24pysdk``."""

from __future__ import annotations

import importlib
import sqlite3
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from b24pysdk import BitrixWebhook  # type: ignore[import-untyped]
from fast_bitrix24 import Bitrix  # type: ignore[import-untyped]

from dash_app.demo.testing import RunningPortal, running_portal

Params = dict[str, Any]

# table, method, parameters; the whole table must come
ENTITIES: list[tuple[str, str, Params]] = [
    ("deals", "crm.deal.list", {"select": ["*", "UF_*"]}),
    ("leads", "crm.lead.list", {"select": ["*", "UF_*"]}),
    ("contacts", "crm.contact.list", {}),
    ("companies", "crm.company.list", {}),
    ("deals", "crm.item.list", {"entityTypeId": 2}),
    ("leads", "crm.item.list", {"entityTypeId": 1}),
    ("deal_history", "crm.stagehistory.list", {"entityTypeId": 2}),
    ("lead_history", "crm.stagehistory.list", {"entityTypeId": 1}),
    ("activities", "crm.activity.list", {}),
    ("tasks", "tasks.task.list", {}),
    ("users", "user.get", {"ADMIN_MODE": True}),
    ("departments", "department.get", {}),
    ("workgroups", "sonet_group.get", {"IS_ADMIN": "Y"}),
    ("statuses", "crm.status.list", {}),
    ("categories", "crm.category.list", {"entityTypeId": 2}),
]
NAMES = [f"{method}:{params.get('entityTypeId', '')}".rstrip(":") for _, method, params in ENTITIES]
BY_ID = [
    (entity, name)
    for entity, name in zip(ENTITIES, NAMES, strict=True)
    if entity[1] not in {"crm.status.list", "crm.category.list", "department.get", "sonet_group.get"}
]


@pytest.fixture(scope="module")
def portal() -> Iterator[RunningPortal]:
    with running_portal(scale=400) as running:
        yield running


def stored(portal: RunningPortal, table: str) -> list[int]:
    db = sqlite3.connect(portal.database)
    try:
        return [row[0] for row in db.execute(f"SELECT ID FROM {table} ORDER BY ID")]
    finally:
        db.close()


def ids(rows: Any) -> list[int]:
    return sorted(int(row["ID"] if "ID" in row else row["id"]) for row in rows)


class Fast:
    """fast_bitrix24, called in a thread of its own: it behaves differently where an event loop runs, as the browser tests' does in this one."""

    def __init__(self, webhook: str) -> None:
        self._client = Bitrix(webhook, verbose=False, respect_velocity_policy=False)
        self._pool = ThreadPoolExecutor(1)

    def get_all(self, method: str, params: Params | None = None) -> Any:
        return self._pool.submit(self._client.get_all, method, params).result()

    def get_by_ID(self, method: str, ids: list[int]) -> Any:
        return self._pool.submit(self._client.get_by_ID, method, ids).result()


@pytest.fixture(scope="module")
def fast(portal: RunningPortal) -> Fast:
    return Fast(portal.webhook)


@pytest.mark.parametrize(("table", "method", "params"), ENTITIES, ids=NAMES)
def test_fast_bitrix24_reads_every_entity_whole(
    portal: RunningPortal, fast: Fast, table: str, method: str, params: Params
) -> None:
    expected = stored(portal, table)
    assert expected, f"the demo company has no {table}"
    assert ids(fast.get_all(method, params)) == expected


def test_fast_bitrix24_reads_values_as_they_are_stored(portal: RunningPortal, fast: Fast) -> None:
    db = sqlite3.connect(portal.database)
    kept = dict(db.execute("SELECT ID, printf('%d.%02d', OPPORTUNITY / 100, OPPORTUNITY % 100) FROM deals").fetchall())
    db.close()
    read = {
        int(row["ID"]): row["OPPORTUNITY"] for row in fast.get_all("crm.deal.list", {"select": ["ID", "OPPORTUNITY"]})
    }
    with_amount = {key: value for key, value in read.items() if value is not None}
    assert with_amount and all(kept[key] == value for key, value in with_amount.items())


def test_fast_bitrix24_gets_cards_by_their_ids(portal: RunningPortal, fast: Fast) -> None:
    wanted = stored(portal, "deals")[:60]
    found = fast.get_by_ID("crm.deal.get", wanted)
    assert sorted(int(row["ID"]) for row in found.values()) == wanted


@pytest.fixture
def official(portal: RunningPortal, monkeypatch: pytest.MonkeyPatch) -> BitrixWebhook:
    """The official client, which knows https only: its scheme is replaced, everything else is its own."""
    caller: Any = importlib.import_module("b24pysdk.api.callers.call_method")._MethodCaller
    monkeypatch.setattr(caller, "_base_url", property(lambda self: f"http://{self._domain}/rest"))
    user, secret = portal.webhook.rstrip("/").split("/")[-2:]
    return BitrixWebhook(domain=portal.address.removeprefix("http://"), webhook_token=f"{user}/{secret}")


def rows_of(result: Any) -> list[dict[str, Any]]:
    """Rows of a list, whatever key the method puts them under."""
    if isinstance(result, dict):
        result = next(iter(result.values()))
    return list(result)


@pytest.mark.parametrize(("table", "method", "params"), ENTITIES, ids=NAMES)
def test_the_official_client_reads_every_entity_whole(
    portal: RunningPortal, official: BitrixWebhook, table: str, method: str, params: Params
) -> None:
    assert ids(rows_of(official.call_list(method, params)["result"])) == stored(portal, table)


@pytest.mark.parametrize(
    ("table", "method", "params"), [entity for entity, _ in BY_ID], ids=[name for _, name in BY_ID]
)
def test_the_official_client_reads_by_keys_without_counting(
    portal: RunningPortal, official: BitrixWebhook, table: str, method: str, params: Params
) -> None:
    read: Callable[..., Any] = official.call_list_fast
    assert ids(rows_of(read(method, params)["result"])) == stored(portal, table)


def test_the_official_client_sees_errors_as_such(official: BitrixWebhook) -> None:
    from b24pysdk.errors import BitrixAPIError  # type: ignore[import-untyped]

    with pytest.raises(BitrixAPIError):
        official.call_method("no.such.method")
