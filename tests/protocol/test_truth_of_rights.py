"""``--as USER`` against an independent reading of docs/rights.md over the portal's own records, whose structure is as odd as portals are."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from dash_app.__main__ import main
from dash_app.demo.testing import running_portal
from tests.protocol.test_truth import AFTER_SALE, Reference, instant

PERIOD = (date(2026, 9, 1), date(2026, 10, 31))
DATES = ["--from", PERIOD[0].isoformat(), "--to", PERIOD[1].isoformat()]


@dataclass
class Company:
    """The portal's tables, and people of each sort by what they are."""

    database: Path
    units: dict[int, tuple[int | None, int | None]]
    people: dict[int, tuple[list[int], bool]]
    sorts: dict[str, int]

    def sees(self, user: int) -> set[int] | None:
        """Whose records: of every person, walk up from his departments; None: everybody's."""
        if user not in self.people or not self.people[user][1]:
            return set()
        headed = {unit for unit, (_, head) in self.units.items() if head == user}
        if any(self.units[unit][0] is None for unit in headed):
            return None
        return {user, *(person for person, (own, _) in self.people.items() if any(headed & self.above(u) for u in own))}

    def above(self, unit: int | None) -> set[int]:
        """A department and those above it."""
        way: set[int] = set()
        while unit is not None and unit in self.units and unit not in way:
            way.add(unit)
            unit = self.units[unit][0]
        return way


def odd_structure(con: sqlite3.Connection) -> dict[str, int]:
    """Heads of several departments, from outside, dismissed, none at all; a head in three departments."""
    of: dict[int, list[int]] = {}
    for user, own in con.execute("SELECT ID, UF_DEPARTMENT FROM users WHERE ACTIVE = 'Y' ORDER BY ID"):
        for unit in json.loads(own or "[]"):
            of.setdefault(unit, []).append(user)
    first, second = sorted((unit for unit in of if unit > 20), key=lambda unit: -len(of[unit]))[:2]  # of sellers
    several, twice, plain, *_ = of[first]
    outside, fired, *_ = [user for user in of[second] if user not in of[first]]
    for head, unit in (("0", 3), (several, first), (several, 9), (outside, 5), (fired, second)):
        con.execute("UPDATE departments SET UF_HEAD = ? WHERE ID = ?", [head, unit])
    con.execute("UPDATE departments SET UF_HEAD = ? WHERE ID = 7", [twice])
    con.execute("UPDATE users SET UF_DEPARTMENT = ? WHERE ID = ?", [json.dumps([first, second, 11]), twice])
    con.execute("UPDATE users SET ACTIVE = 'N' WHERE ID = ?", [fired])
    con.commit()
    director = con.execute("SELECT UF_HEAD FROM departments WHERE PARENT IS NULL").fetchone()[0]
    return {
        "director": int(director),
        "several": several,
        "outside": outside,
        "twice": twice,
        "plain": plain,
        "fired": fired,
        "nobody": 987_654,
    }


@pytest.fixture(scope="module")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    with running_portal(scale=600, seed=9, today=date(2026, 11, 20)) as portal, pytest.MonkeyPatch.context() as patch:
        with sqlite3.connect(portal.database) as con:
            sorts = odd_structure(con)
            units = {
                int(row[0]): (
                    int(row[1]) if row[1] else None,
                    int(row[2]) if row[2] not in (None, "", "0", 0) else None,
                )
                for row in con.execute("SELECT ID, PARENT, UF_HEAD FROM departments")
            }
            people = {
                int(row[0]): (json.loads(row[1] or "[]"), row[2] == "Y")
                for row in con.execute("SELECT ID, UF_DEPARTMENT, ACTIVE FROM users")
            }
        patch.setenv("B24_WEBHOOK_URL", portal.webhook)
        patch.setenv("DATA_DIR", str(tmp_path_factory.mktemp("data")))
        patch.setenv("REQUESTS_PER_SECOND", "10000")
        patch.setenv("REQUEST_BURST", "10000")
        assert main(["workspace", "set", "pipeline_roles", json.dumps({str(AFTER_SALE): "after-sale"})]) == 0
        assert main(["sync"]) == 0
        yield Company(Path(portal.database), units, people, sorts)


def printed(capfdbinary: Any, *args: str) -> dict[str, Any]:
    assert main([*args]) == 0
    found: dict[str, Any] = json.loads(capfdbinary.readouterr().out)
    return found


def within(moment: float | None) -> bool:
    return moment is not None and instant(PERIOD[0]) <= moment < instant(PERIOD[1] + timedelta(days=1))


@pytest.mark.parametrize("sort", ["director", "several", "outside", "twice", "plain", "fired", "nobody"])
def test_a_user_is_answered_about_what_an_independent_reading_says_is_his(
    company: Company, sort: str, capfdbinary: Any
) -> None:
    user = company.sorts[sort]
    people = company.sees(user)
    assert (people is None) == (sort == "director") and (people == set()) == (sort in ("fired", "nobody"))
    asked = [*DATES, "--as", str(user)]
    report = printed(capfdbinary, "report", "sales-dynamics", *asked)
    reference = Reference(company.database, datetime.fromisoformat(report["as_of"]))
    with sqlite3.connect(company.database) as con:
        owner = {table: dict(con.execute(f"SELECT ID, {column} FROM {table}")) for table, column in (
            ("deals", "ASSIGNED_BY_ID"), ("leads", "ASSIGNED_BY_ID"), ("activities", "RESPONSIBLE_ID"), ("tasks", "RESPONSIBLE_ID"))}  # fmt: skip

    def mine(table: str, record: int) -> bool:
        return people is None or owner[table][record] in people

    sales = [d for d in reference.deals if d["sales"] and mine("deals", d["id"])]
    created = {str(d["id"]) for d in sales if within(d["created"])}
    won = {str(d["id"]) for d in sales if within(d["won"])}
    leads = {str(lead["ID"]) for lead in reference.leads if within(lead["DATE_CREATE"]) and mine("leads", lead["ID"])}
    blocks = report["blocks"]
    (row,) = blocks["summary"]["rows"]
    assert {r["id"] for r in blocks["deals"]["rows"]} == created
    assert {r["id"] for r in blocks["leads"]["rows"]} == leads
    assert (row["deals_created"], row["deals_won"], row["leads_created"]) == (len(created), len(won), len(leads))
    assert row["deals_won_amount"] == pytest.approx(
        float(sum(d["amount"] or 0 for d in sales if within(d["won"]))), abs=0.01
    )
    drilled = printed(capfdbinary, "records", "sales-dynamics", *asked, "summary", "deals_won")
    assert {r["id"] for r in drilled["rows"]} == won
    tasks = printed(capfdbinary, "report", "team-performance", *asked)["blocks"]["tasks"]["rows"]
    everything = printed(capfdbinary, "report", "team-performance", *DATES)["blocks"]["tasks"]["rows"]
    assert {r["id"] for r in tasks} == {r["id"] for r in everything if mine("tasks", int(r["id"]))}
    overdue, all_overdue = (
        printed(capfdbinary, "report", "overdue-activities", *args)["blocks"]["activities"]["rows"]
        for args in (asked, DATES)
    )
    assert {r["id"] for r in overdue} == {r["id"] for r in all_overdue if mine("activities", int(r["id"]))}
    managers = printed(capfdbinary, "report", "manager-effectiveness", *asked)["blocks"]["managers"]["rows"]
    assert people is None or {int(r["manager_id"]) for r in managers if r["manager_id"]} <= people
