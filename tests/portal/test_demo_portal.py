"""The reader against a whole portal: everything comes, typed as the raw tables want it, whatever goes wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pyarrow as pa
import pytest

from dash_app.demo.testing import RunningPortal, running_portal
from dash_app.portal.client import Client
from dash_app.portal.credentials import Webhook
from dash_app.portal.doctor import diagnose
from dash_app.portal.entities import (
    BIG,
    DEAL_HISTORY,
    DEALS,
    DEPARTMENTS,
    LEADS,
    PIPELINES,
    SMALL,
    STATUSES,
    TASKS,
    USERS,
    Entity,
)
from dash_app.portal.errors import MissingScope, Unusable
from dash_app.portal.pacing import Pacing
from dash_app.portal.reader import Reader
from dash_app.store.schema import RAW


def client_of(portal: RunningPortal, **options: Any) -> Client:
    return Client(Webhook.parse(portal.webhook), Pacing(1e6, 10**6), **options)


def reader_of(portal: RunningPortal) -> Reader:
    return Reader(client_of(portal))


@pytest.fixture(scope="module")
def shared() -> Iterator[RunningPortal]:
    with running_portal(scale=250) as portal:
        yield portal


@pytest.fixture
def portal(shared: RunningPortal) -> RunningPortal:
    shared.reset()
    return shared


def whole(reader: Reader, entity: Entity) -> dict[str, list[Any]]:
    """All columns of an entity."""
    table: dict[str, list[Any]] = {column: [] for column in RAW[entity.table]}
    for page in reader.read(entity):
        assert page.columns.keys() == table.keys()
        for column, values in page.columns.items():
            assert len(values) == page.rows
            table[column] += values
    return table


@pytest.mark.parametrize("entity", BIG, ids=lambda e: e.table)
def test_everything_the_portal_counts_comes_once_and_in_order(portal: RunningPortal, entity: Entity) -> None:
    reader = reader_of(portal)
    ids = whole(reader, entity)["id"]
    assert len(ids) == reader.expected(entity)
    assert len(ids) > 100
    assert ids == sorted(set(ids))
    assert [i for chunk in reader.ids(entity) for i in chunk] == ids


_ARROW = {
    "BIGINT": pa.int64(),
    "INTEGER": pa.int32(),
    "VARCHAR": pa.string(),
    "BOOLEAN": pa.bool_(),
    "TIMESTAMP": pa.timestamp("us"),
    "DATE": pa.date32(),
    "DECIMAL(20,4)": pa.decimal128(20, 4),
    "DECIMAL(20,8)": pa.decimal128(20, 8),
    "VARCHAR[]": pa.list_(pa.string()),
    "BIGINT[]": pa.list_(pa.int64()),
}


@pytest.mark.parametrize("entity", (*BIG, *SMALL), ids=lambda e: e.table)
def test_columns_are_those_of_the_raw_table(portal: RunningPortal, entity: Entity) -> None:
    reader = reader_of(portal)
    table = (
        whole(reader, entity)
        if entity in BIG
        else (reader.users() if entity is USERS else reader.directory(entity)).columns
    )
    assert table.keys() == RAW[entity.table].keys()
    for column, kind in RAW[entity.table].items():
        array = pa.array(table[column], _ARROW[kind])
        assert len(array) > 0
        if column not in ("utm_content", "utm_term", "parent_id", "mark", "second_name"):
            assert array.null_count < len(array), f"{column} is always empty"


def test_user_fields_as_columns_of_the_raw_table(portal: RunningPortal) -> None:
    reader = reader_of(portal)
    for owner in ("deal", "lead"):
        table = reader.user_fields(owner)
        assert table.keys() == RAW["user_fields"].keys()
        assert set(table["entity"]) == {owner}
        assert any(label and any("а" <= letter <= "я" for letter in label.lower()) for label in table["label"])
    assert any(reader.user_fields("deal")["items"])


def test_a_deal_as_the_portal_keeps_it(portal: RunningPortal) -> None:
    """One deal through the whole coercion, against the wire values."""
    reader = reader_of(portal)
    reader.info()
    row = reader.client.call(
        "crm.deal.list", {"select": ["*", "UF_*"], "filter": {">ID": 100}, "order": {"ID": "ASC"}, "start": -1}
    )["result"][0]
    page = next(iter(reader.read(DEALS, after_id=int(row["ID"]) - 1, upto_id=int(row["ID"]))))
    mine = {column: values[0] for column, values in page.columns.items()}
    assert (
        mine["id"] == int(row["ID"])
        and mine["title"] == row["TITLE"]
        and mine["category_id"] == int(row["CATEGORY_ID"])
    )
    assert mine["date_create"] == datetime.fromisoformat(row["DATE_CREATE"]).replace(tzinfo=None) - timedelta(hours=3)
    assert mine["closedate"] == date.fromisoformat(row["CLOSEDATE"][:10])  # Moscow: the printed day is the right one
    assert mine["opportunity"] == Decimal(row["OPPORTUNITY"])
    assert mine["closed"] is (row["CLOSED"] == "Y")


def test_the_default_pipeline_has_its_number_in_every_table(portal: RunningPortal) -> None:
    reader = reader_of(portal)
    assert 0 in reader.directory(PIPELINES).columns["id"]
    assert 0 in whole(reader, DEALS)["category_id"]
    assert 0 in whole(reader, DEAL_HISTORY)["category_id"]


def test_old_portals_tell_their_pipelines_by_the_old_methods(portal: RunningPortal) -> None:
    expected = reader_of(portal).directory(PIPELINES).columns
    client = client_of(portal)
    asked = client.call

    def old(method: str, params: Any = None) -> Any:
        if method == "crm.category.list":
            return asked("no.such.method")
        return asked(method, params)

    client.call = old  # type: ignore[method-assign]
    found = Reader(client).directory(PIPELINES).columns
    assert sorted(found["id"]) == sorted(expected["id"])
    assert found["is_default"].count(True) == 1


def test_stages_say_what_they_mean(portal: RunningPortal) -> None:
    table = reader_of(portal).directory(STATUSES).columns
    meaning = dict(zip(zip(table["entity_id"], table["status_id"], strict=True), table["semantic"], strict=True))
    assert meaning["STATUS", "CONVERTED"] == "S" and meaning["STATUS", "JUNK"] == "F"
    assert meaning["DEAL_STAGE", "WON"] == "S" and meaning["DEAL_STAGE", "LOSE"] == "F"
    assert sum(1 for (entity, _), semantic in meaning.items() if entity == "DEAL_STAGE" and semantic == "S") == 1


def test_dismissed_people_come_too(portal: RunningPortal) -> None:
    reader = reader_of(portal)
    page = reader.users()
    assert {True, False} == set(page.columns["active"])
    some = page.columns["id"][:3]
    assert reader.people([*some, 987_654]).columns["id"] == some
    assert reader.people([]).rows == 0


def test_the_portal_introduces_itself(portal: RunningPortal) -> None:
    info = reader_of(portal).info()
    assert (info.address, info.base_currency, info.utc_offset, info.is_admin, info.user_id) == (
        portal.address,
        "RUB",
        "+03:00",
        True,
        1,
    )
    assert info.taken_at.date() in (date(2026, 11, 19), date(2026, 11, 20))


FAULTS = [
    ["503:rate=0.2"],
    ["html:rate=0.2", "cut:rate=0.1"],
    ["500:next=3", "close:next=2"],
    ["command:method=crm.deal.list,after=5,next=2"],
    ["missing:method=crm.deal.list,after=3,next=4", "missing:method=crm.stagehistory.list,after=3,next=4"],
    ["html:next=4,status=504", "cut:next=1,part=0.2"],
]


@pytest.mark.parametrize("faults", FAULTS, ids=" ".join)
def test_troubles_of_a_portal_change_nothing(portal: RunningPortal, faults: list[str]) -> None:
    expected = {entity: whole(reader_of(portal), entity) for entity in (DEALS, DEAL_HISTORY)}
    client = client_of(portal)
    client.call("server.time")
    client.pacing.sleep = lambda seconds: None  # type: ignore[method-assign]
    for fault in faults:
        portal.faults.add(fault)
    for entity, table in expected.items():
        assert whole(Reader(client), entity) == table


def test_a_record_that_vanishes_between_two_pages_takes_no_other_with_it() -> None:
    with running_portal(scale=250) as portal:
        before = whole(reader_of(portal), DEALS)["id"]
        portal.faults.add(f"delete:entity=deal,id={before[10]},method=crm.deal.list,after=1,next=1")
        after = whole(reader_of(portal), DEALS)["id"]
        assert set(before) - set(after) <= {before[10]}
        assert after == sorted(set(after))


def test_an_increment_brings_what_was_changed_by_hand() -> None:
    with running_portal(scale=250) as portal:
        reader = reader_of(portal)
        since = reader.info().taken_at
        ids = whole(reader, DEALS)["id"]
        reader.client.call("crm.deal.update", {"id": ids[7], "fields": {"TITLE": "Новое имя"}})
        pages = list(reader.read(DEALS, changed_since=since - timedelta(seconds=1)))
        changed = dict(
            zip(
                (i for p in pages for i in p.columns["id"]), (t for p in pages for t in p.columns["title"]), strict=True
            )
        )
        assert changed[ids[7]] == "Новое имя"
        assert len(changed) < 20


def test_a_renamed_portal_is_read_on_under_its_new_name() -> None:
    with running_portal(scale=250) as portal:
        other = portal.address.replace("127.0.0.1", "localhost")
        portal.faults.add({"kind": "renamed", "to": other})
        reader = reader_of(portal)
        assert len(whole(reader, DEALS)["id"]) >= 250
        assert reader.info().address == other


def test_without_the_right_only_that_entity_is_lost() -> None:
    with running_portal(scale=250, scopes=["crm", "user"]) as portal:
        reader = reader_of(portal)
        with pytest.raises(MissingScope):
            list(reader.read(TASKS))
        with pytest.raises(MissingScope):
            reader.directory(DEPARTMENTS)
        assert whole(reader, LEADS)["id"]


def test_cards_of_the_forgotten_report_can_be_looked_into(portal: RunningPortal) -> None:
    reader = reader_of(portal)
    deals = whole(reader, DEALS)["id"][:120]
    bound = reader.bound_activities(2, deals)
    assert set(bound) == set(deals)
    assert any(bound.values())
    assert set(reader.latest_comments(2, deals)) <= set(deals)


def test_the_request_rate_is_the_limit_and_a_healthy_portal_never_says_no() -> None:
    rate, burst = 12.0, 7
    with running_portal(scale=250, limits={"rate": rate, "burst": burst}) as portal:
        reader = Reader(Client(Webhook.parse(portal.webhook), Pacing(rate, burst)))
        started = time.monotonic()
        with ThreadPoolExecutor(6) as pool:
            for _ in range(3):
                for pages in pool.map(lambda entity: list(reader.read(entity)), BIG):
                    assert pages
        spent, asked = time.monotonic() - started, portal.stats["requests"]
        assert portal.stats["refused_503"] == 0
        assert asked > 30
        assert spent <= 1.15 * (asked - burst) / rate + 1.5


# -- the doctor ------------------------------------------------------------------------------------------------------


def levels(portal: RunningPortal, timezone: str | None = "Europe/Moscow") -> dict[str, str]:
    return {finding.text.ru: finding.level for finding in diagnose(client_of(portal), timezone)}


def test_a_healthy_connection(portal: RunningPortal) -> None:
    assert set(levels(portal).values()) == {"ok"}


def test_another_time_zone_is_told(portal: RunningPortal) -> None:
    assert any(
        "Asia/Vladivostok" in text and level == "warning" for text, level in levels(portal, "Asia/Vladivostok").items()
    )
    assert any("нет" in text and level == "error" for text, level in levels(portal, "Mars/Olympus").items())


def test_no_administrator_and_missing_rights_are_told() -> None:
    with running_portal(scale=250, scopes=["crm", "user", "department"], admin=False) as portal:
        told = levels(portal)
        assert any("не администратор" in text and level == "warning" for text, level in told.items())
        assert any("право task" in text and level == "warning" for text, level in told.items())
        assert any("право sonet_group" in text for text in told)
    with running_portal(scale=250, scopes=["user"]) as portal:
        assert any("право crm" in text and level == "error" for text, level in levels(portal).items())


def test_a_revoked_secret_is_told(portal: RunningPortal) -> None:
    client = Client(Webhook.parse(f"{portal.address}/rest/1/wrongsecret/"))
    findings = diagnose(client)
    assert [f.level for f in findings] == ["error"]
    assert "вебхук" in findings[0].text.ru and "wrongsecret" not in findings[0].text.ru
    with pytest.raises(Unusable):
        Reader(client).info()


def test_a_portal_that_moved_is_told() -> None:
    with running_portal(scale=250) as portal:
        portal.faults.add({"kind": "renamed", "to": portal.address.replace("127.0.0.1", "localhost")})
        assert any("переехал" in text for text in levels(portal))
