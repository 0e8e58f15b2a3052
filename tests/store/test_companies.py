"""A portal that is not what it was: the old snapshot stays until a person confirms what was seen; what was typed stays with its company."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from dash_app.portal.reader import PortalInfo
from dash_app.store import clock
from dash_app.store import progress as progresses
from dash_app.store.clock import ClockReading, Last
from dash_app.store.companies import Companies, Unconfirmed
from dash_app.store.control import RefreshProcess
from dash_app.store.files import read_json, write_json
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh
from dash_app.store.snapshots import Snapshot, Snapshots
from dash_app.store.workspace import Workspace
from tests.store.fake_portal import START, FakePortal
from tests.store.test_refresh import CONFIG, facts, refresh


@pytest.fixture
def paths(tmp_path: Path) -> PortalPaths:
    return PortalPaths.of(tmp_path, "portal")


def company(name: str, deals: int = 12, days: int = 0) -> FakePortal:
    portal = FakePortal(page=50)
    for number in range(deals):
        portal.now = START - timedelta(days=200 + days, seconds=-number * (7001 + days))
        deal = portal.add_deal()
        portal.tables["deals"][deal]["title"] = f"{name} {number}"
    portal.now = START
    return portal


def shown(paths: PortalPaths) -> list[Any]:
    current = Snapshots(paths).current()
    assert current is not None
    return facts(current, "SELECT title FROM deals ORDER BY id")


@pytest.mark.parametrize("full", [False, True])
def test_another_company_waits_for_a_person_and_brings_none_of_the_old_one(paths: PortalPaths, full: bool) -> None:
    workspace = Workspace(f"sqlite:///{paths.workspace}", portal=lambda: f"p~{Companies(paths).current()}")
    refresh(paths, company("Первая"))
    workspace.set("work_hours", [8, 17], "Анна")
    before, other = shown(paths), company("Вторая", deals=9, days=40)
    for _ in range(2):
        other.tick()
        with pytest.raises(Unconfirmed) as asked:
            Refresh(paths, other, CONFIG, full=full).run()
    assert "другая компания" in asked.value.text.ru and "под номером 1 другая сделка: создана" in asked.value.text.ru
    assert shown(paths) == before and not paths.building.exists()
    progress = RefreshProcess(paths).progress()
    assert progress is not None and progress.question == asked.value.question and progress.error == asked.value.text
    assert not RefreshProcess(paths).due(5), "what waits for a person is not read again every five minutes"

    accepted = refresh(paths, other, accept=asked.value.question)
    assert [t for (t,) in shown(paths)] == [f"Вторая {n}" for n in range(9)]
    assert accepted.manifest.changes == {} and "приняты" in str(accepted.manifest.notes)
    progress = RefreshProcess(paths).progress()
    assert progress is not None and progress.question is None
    assert workspace.values().work_hours == (9, 18) and workspace.history() == []
    workspace.set("work_hours", [10, 19], "Олег")
    other.tick()
    assert refresh(paths, other).manifest.company == "2"

    with pytest.raises(Unconfirmed):  # the first company comes back: asked again, and what was typed for it is there
        refresh(paths, company("Первая"))
    refresh(paths, company("Первая"), accept="")
    assert shown(paths) == before and workspace.values().work_hours == (8, 17)


def test_an_emptied_portal_keeps_what_is_shown_and_the_confirmation_is_for_what_was_seen(paths: PortalPaths) -> None:
    portal = company("Первая")
    refresh(paths, portal)
    before, deals = shown(paths), dict(portal.tables["deals"])
    portal.tables["deals"].clear()
    portal.tick()
    with pytest.raises(Unconfirmed) as asked:
        refresh(paths, portal)
    assert (
        "сделок было 12, стало 0" in asked.value.text.ru
        and "there were 12 deals, now there are 0" in asked.value.text.en
    )
    assert shown(paths) == before
    portal.tables["deals"] = dict(list(deals.items())[-5:])
    with pytest.raises(Unconfirmed) as again:
        refresh(paths, portal, accept=asked.value.question)
    assert "сделок было 12, стало 5" in again.value.text.ru, "five is not the nothing that was confirmed"
    portal.tables["deals"] = deals
    assert refresh(paths, portal).manifest.company == ""  # as it was: nothing is asked
    assert Companies(paths).question() is None
    portal.tables["deals"] = {}
    with pytest.raises(Unconfirmed):
        refresh(paths, portal)
    assert refresh(paths, portal, accept="").manifest.rows["deals"] == 0
    assert Companies(paths).current() == "", "an emptied portal is the same company"


def test_without_snapshots_the_company_is_still_known(paths: PortalPaths) -> None:
    refresh(paths, company("Первая"))
    for folder in paths.snapshots.iterdir():
        for file in folder.iterdir():
            file.unlink()
        folder.rmdir()
    with pytest.raises(Unconfirmed):
        refresh(paths, company("Вторая", days=40))
    assert refresh(paths, company("Первая")).manifest.company == ""


def test_a_load_begun_with_another_company_is_not_taken_up(paths: PortalPaths) -> None:
    first = company("Первая")
    first.broken["leads"] = progresses.AlreadyRunning()  # type: ignore[assignment]
    with pytest.raises(progresses.AlreadyRunning):
        refresh(paths, first)
    assert paths.building.exists()
    snapshot = refresh(paths, company("Вторая", deals=9, days=40))
    assert {t.split()[0] for (t,) in facts(snapshot, "SELECT title FROM deals")} == {"Вторая"}


def test_a_generated_portal_may_be_generated_anew(paths: PortalPaths) -> None:
    refresh(paths, company("Первая"), trusts=True)
    again = refresh(paths, company("Вторая", days=40), trusts=True)
    assert again.manifest.company == "2" and {t.split()[0] for (t,) in shown(paths)} == {"Вторая"}


# -- the clock ----------------------------------------------------------------------------------------------------


class Timed(FakePortal):
    """A portal whose clock may lie; this machine's clock is told beside."""

    lie: datetime | None = None
    machine: timedelta = timedelta(0)

    def info(self) -> PortalInfo:
        found = super().info()
        return replace(found, taken_at=self.lie or self.now, local=self.now + self.machine)


@pytest.mark.parametrize("lie", [datetime(2090, 1, 1), datetime(1990, 1, 1), START + timedelta(hours=5)])
def test_a_clock_that_jumps_is_not_believed_and_loses_nothing(paths: PortalPaths, lie: datetime) -> None:
    portal = Timed()
    deals = [portal.add_deal() for _ in range(4)]
    refresh(paths, portal)
    portal.tick()
    portal.lie = lie
    portal.change("deals", deals[0], opportunity=Decimal(700))
    snapshot = refresh(paths, portal)
    assert snapshot.manifest.moment == portal.now and "Часы портала" in snapshot.manifest.notes[0]["ru"]
    portal.lie = None
    portal.change("deals", deals[1], opportunity=Decimal(800))
    portal.tick()
    snapshot = refresh(paths, portal)
    assert not snapshot.manifest.full and snapshot.manifest.moment == portal.now
    assert [int(a) for (a,) in facts(snapshot, "SELECT amount FROM deals ORDER BY id LIMIT 2")] == [700, 800]
    assert not snapshot.manifest.notes
    portal.tick(24 * 60)
    assert refresh(paths, portal).manifest.full, "the reconcile is not put off"


@pytest.mark.parametrize(
    "machine", [timedelta(days=3650), timedelta(hours=7), timedelta(hours=-7), timedelta(days=-9000)]
)
def test_this_machines_clock_may_jump_without_the_data(paths: PortalPaths, machine: timedelta) -> None:
    portal = Timed()
    deal = portal.add_deal()
    refresh(paths, portal)
    portal.tick(180)
    portal.change("deals", deal, opportunity=Decimal(700))
    portal.machine = machine
    snapshot = refresh(paths, portal)
    assert snapshot.manifest.moment == portal.now and not snapshot.manifest.notes
    assert facts(snapshot, "SELECT CAST(amount AS INTEGER) FROM deals") == [(700,)]
    portal.tick(180)
    portal.machine = timedelta(0)
    assert refresh(paths, portal).manifest.moment == portal.now


def test_a_portal_clock_that_fell_behind_is_overruled_by_what_was_changed_since(paths: PortalPaths) -> None:
    portal = Timed()
    deal = portal.add_deal()
    refresh(paths, portal)
    portal.tick(20 * 60)
    portal.change("deals", deal, opportunity=Decimal(700))
    portal.tick()
    portal.lie = portal.now - timedelta(hours=5)
    snapshot = refresh(paths, portal)
    assert snapshot.manifest.moment == portal.now and "Часы портала" in snapshot.manifest.notes[0]["ru"]
    assert facts(snapshot, "SELECT CAST(amount AS INTEGER) FROM deals") == [(700,)]


def _poison(snapshot: Snapshot, moment: str) -> None:
    document: Any = read_json(snapshot.path / "manifest.json")
    document |= {"as_of": f"{moment}+00:00", "reconciled": f"{moment}+00:00"}
    document["watermarks"] = {k: v for k, v in document["watermarks"].items() if k not in ("told", "local")}
    document["watermarks"]["changed"] = moment
    write_json(snapshot.path / "manifest.json", document)


@pytest.mark.parametrize("timed", [True, False])
def test_a_snapshot_an_earlier_version_dated_2090_heals(paths: PortalPaths, timed: bool) -> None:
    portal = Timed() if timed else FakePortal()
    deal = portal.add_deal()
    _poison(refresh(paths, portal), "2090-01-01T00:00:00")
    portal.tick()
    portal.change("deals", deal, opportunity=Decimal(700))
    snapshot = refresh(paths, portal)
    assert snapshot.manifest.full and snapshot.manifest.moment == portal.now
    assert [int(a) for (a,) in facts(snapshot, "SELECT amount FROM deals")] == [700]


def test_a_first_refresh_asks_the_records_what_time_it_is(paths: PortalPaths) -> None:
    portal = Timed()
    for _ in range(5):
        portal.add_deal()
    portal.tick()
    portal.lie = datetime(2090, 1, 1)
    assert refresh(paths, portal).manifest.moment == portal.now


A, B = datetime(2026, 3, 1), datetime(2026, 3, 1, 6)
HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("told", "local", "last", "now"),
    [
        (A, A + 9 * HOUR, None, A),
        (B, B, Last(A, A), B),
        (B + 59 * timedelta(minutes=1), B, Last(A, A), B + 59 * timedelta(minutes=1)),
        (B + 2 * HOUR, B, Last(A, A), B),
        (B - 200 * HOUR, B, Last(A, A), B),
        (B - 2000 * HOUR, B, Last(A - 2000 * HOUR, A), B - 2000 * HOUR),  # always behind, steadily
        (B, B, Last(datetime(2090, 1, 1), A), B),
        (B - 30 * HOUR, B, Last(datetime(2090, 1, 1), A), B - 30 * HOUR),  # nearer than the last one was
        (B - 30 * HOUR, B, Last(A, A, A - 30 * HOUR), B - 30 * HOUR),  # twice the same: it was set right
        (datetime(2090, 1, 1, 6), B, Last(A, A, datetime(2090, 1, 1)), B),  # twice ahead: still not
        (B, A - 50 * HOUR, Last(A, A), B),  # this machine's clock went back, the portal's went on
        (B, B + 9000 * HOUR, Last(A, A, A), B),  # it went on less than this machine's
        (A - 2 * HOUR, B, Last(A, A, A), B),
    ],
)
def test_which_clock_is_believed(told: datetime, local: datetime, last: Last | None, now: datetime) -> None:
    found = clock.judge(told, local, last)
    assert found.now == now and found.believed == (found.now == told) and found.since == min(now, told)


def test_what_was_changed_tells_which_of_two_clocks_is_behind() -> None:
    doubtful = clock.judge(B, B + 9 * HOUR, Last(A, A, A))
    assert doubtful == ClockReading(B, B, unless=B + 9 * HOUR)
    assert clock.by_changes(doubtful, [B, B + 900 * HOUR]) == doubtful
    assert clock.by_changes(doubtful, [B + 2 * HOUR]) == ClockReading(B + 9 * HOUR, B, believed=False)


def test_records_do_not_overrule_a_portal_whose_day_is_another() -> None:
    for told in (A - 400 * 24 * HOUR, A + 400 * 24 * HOUR):
        moment = ClockReading(told, told)
        assert clock.by_records(moment, A, told - HOUR) == moment
    assert clock.by_records(ClockReading(A, A), A, None).believed
