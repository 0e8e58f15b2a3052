"""Who sees whom by the company structure, when nobody granted anything else."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dash_app.access.scope import EVERYTHING, NOTHING, Scope
from dash_app.access.structure import scope_of
from dash_app.engine.directory import Department, Directory, Manager
from dash_app.portal import wire
from tests.store.raw_builder import Raw
from tests.thorough import asked

#       1 company (head 10)
#       ├── 2 sales (head 20)
#       │   └── 4 small deals (head 40)
#       └── 3 service (no head)
DEPARTMENTS = [
    Department(1, "Компания", None, 10, 0, 1),
    Department(2, "Продажи", 1, 20, 1, 2),
    Department(3, "Сервис", 1, None, 1, 3),
    Department(4, "Мелкие", 2, 40, 2, 4),
]
PEOPLE = {
    number: Manager(number, f"Сотрудник {number}", active, known, (), frozenset(within))
    for number, active, known, within in (
        (10, True, True, {1}),
        (20, True, True, {1, 2}),
        (21, True, True, {1, 2}),
        (22, False, True, {1, 2}),
        (30, True, True, {1, 3}),
        (40, True, True, {1, 2, 4}),
        (41, True, True, {1, 2, 4}),
        (50, True, True, set()),
        (60, True, False, set()),
    )
}


@dataclass
class Case:
    user: int
    sees: Scope


@pytest.mark.parametrize(
    "case",
    [
        Case(10, EVERYTHING),
        Case(20, Scope.of({20, 21, 22, 40, 41})),  # dismissed people too, and all below
        Case(40, Scope.of({40, 41})),
        Case(41, Scope.of({41})),
        Case(30, Scope.of({30})),
        Case(50, Scope.of({50})),  # in no department
        Case(22, NOTHING),  # dismissed
        Case(60, NOTHING),  # met in records only
        Case(99, NOTHING),  # nobody knows him
    ],
    ids=lambda case: str(case.user),
)
def test_the_structure_decides_who_sees_whom(case: Case) -> None:
    assert scope_of(case.user, PEOPLE, DEPARTMENTS) == case.sees


def test_a_head_outside_his_department_sees_it_and_himself() -> None:
    departments = [*DEPARTMENTS[:2], Department(3, "Сервис", 1, 50, 1, 3)]
    assert scope_of(50, PEOPLE, departments) == Scope.of({30, 50})


def test_a_head_of_two_departments_sees_both() -> None:
    departments = [*DEPARTMENTS[:2], Department(3, "Сервис", 1, 40, 1, 3), DEPARTMENTS[3]]
    assert scope_of(40, PEOPLE, departments) == Scope.of({30, 40, 41})


def test_a_department_whose_parent_is_not_known_is_no_root() -> None:
    departments = [DEPARTMENTS[0], Department(2, "Продажи", 77, 20, 0, 2)]
    assert scope_of(20, PEOPLE, departments) == Scope.of({20, 21, 22, 40, 41})


def test_a_dismissed_head_sees_nothing() -> None:
    assert scope_of(22, PEOPLE, [Department(1, "Компания", None, 22, 0, 1)]) == NOTHING


def test_equal_scopes_have_equal_fingerprints_and_others_not() -> None:
    assert Scope.of([1, 2]).fingerprint == Scope.of([2, 1]).fingerprint
    assert len({s.fingerprint for s in (EVERYTHING, NOTHING, Scope.of([1]), Scope.of([12]), Scope.of([1, 2]))}) == 5


# -- odd structures, from what the portal sends to what is seen -----------------------------------------------------------

Units = Mapping[int, tuple[int | None, object]]
"""Number of a department -> (the one above, ``UF_HEAD`` as the portal sends it)."""


def directory_of(folder: Path, units: Units, people: Mapping[int, tuple[tuple[int, ...], bool]]) -> Directory:
    """The directory of a company: ``people`` are number -> (departments, works here)."""
    raw = Raw(folder / "raw.duckdb")
    raw.con = duckdb.connect(str(raw.path))
    for number, (parent, head) in units.items():
        raw.add("departments", id=number, name=f"Отдел {number}", parent_id=parent, head_id=wire.link(head), sort=1)
    for number, (departments, active) in people.items():
        raw.add("users", id=number, name="Сотрудник", last_name=str(number), active=active, departments=[*departments])
    return Directory.load(raw.facts().con)


def seen(found: Directory, user: int) -> Scope:
    return scope_of(user, found.managers, found.departments.values())


def test_odd_structures(tmp_path: Path) -> None:
    found = directory_of(
        tmp_path,
        {
            1: (None, "0"),  # a root without a head, as the portal writes it
            2: (1, "20"),
            3: (1, 20),  # one head of two departments
            4: (2, "99"),  # a head nobody knows
            5: (2, "50"),  # a head of another department
            6: (7, "60"),  # two departments above each other
            7: (6, ""),
            8: (8, "80"),  # a department above itself
            9: (900, "90"),  # above it one the portal does not name
            10: (1, "22"),  # a dismissed head
        },
        {
            20: ((2,), True),
            21: ((2, 6), True),  # in two departments
            22: ((10,), False),
            30: ((3,), True),
            40: ((4,), True),
            50: ((3,), True),
            51: ((5,), False),
            60: ((1,), True),
            70: ((7,), True),
            80: ((), True),
            81: ((8,), True),
            90: ((9, 900), True),
            91: ((9,), True),
            100: ((10,), True),
            110: ((777,), True),  # in a department the portal does not name
        },
    )
    expected = {
        20: {20, 21, 30, 40, 50, 51},
        21: {21},
        22: set(),  # dismissed, though a head
        30: {30},
        40: {40},
        50: {50, 51},
        51: set(),
        60: {60, 21, 70},  # the circle is walked once
        70: {70},
        80: {80, 81},  # a circle is no root
        81: {81},
        90: {90, 91},  # nor is a department that hangs in the air
        100: {100},
        110: {110},
        99: set(),
    }
    assert {user: set(seen(found, user).people or ()) for user in expected} == expected
    assert all(seen(found, user).is_limited for user in expected)


def plain_reading(user: int, units: Units, people: Mapping[int, tuple[tuple[int, ...], bool]]) -> set[int] | None:
    """The definition once more, walking up from every person; None: everything."""
    if user not in people or not people[user][1]:
        return set()
    seen_people = {user}
    for unit, (parent, head) in units.items():
        if str(head) != str(user):
            continue
        if parent is None:
            return None
        for other, (own, _) in people.items():
            for start in own:
                way: list[int] = []
                at: int | None = start
                while at is not None and at in units and at not in way:
                    way.append(at)
                    at = units[at][0]
                if unit in way:
                    seen_people.add(other)
    return seen_people


NUMBERS = st.integers(1, 6)


@settings(max_examples=asked(6), deadline=None)
@given(
    units=st.dictionaries(
        NUMBERS,
        st.tuples(st.one_of(st.none(), NUMBERS, st.just(77)), st.sampled_from(["0", "", None, "1", "2", 3, "4", "9"])),
    ),
    people=st.dictionaries(
        NUMBERS, st.tuples(st.lists(st.integers(1, 7), max_size=3).map(tuple), st.booleans()), min_size=1
    ),
)
def test_any_structure_is_read_as_it_is_defined(
    tmp_path_factory: pytest.TempPathFactory, units: Units, people: Mapping[int, tuple[tuple[int, ...], bool]]
) -> None:
    found = directory_of(tmp_path_factory.mktemp("company"), units, people)
    for user in range(1, 8):
        told = seen(found, user).people
        assert (None if told is None else set(told)) == plain_reading(user, units, people)
