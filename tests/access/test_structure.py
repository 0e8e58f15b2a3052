"""Who sees whom by the company structure, when nobody granted anything else."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from dash_app.access.scope import EVERYTHING, NOTHING, Scope
from dash_app.access.structure import scope_of
from dash_app.engine.directory import Department, Manager

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
