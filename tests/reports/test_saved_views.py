"""Saved views: mine and everybody's, durable, honest about what is there no more; saving one keeps the answers."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest

from dash_app.access.scope import Scope
from dash_app.engine.language import Report
from dash_app.errors import UserError
from dash_app.reports import saved_views
from dash_app.reports.saved_views import Views
from dash_app.reports.session import Session
from dash_app.store import backup
from dash_app.store.paths import PortalPaths
from dash_app.store.workspace import Workspace
from pages.sales_dynamics import REPORT
from tests.figures.facts_builder import Facts, Published, service_of

ANNA, BORIS = "a" * 22, "b" * 22
COLUMNS = {"list": ("created", "amount")}


@dataclass(frozen=True)
class Kept:
    """Two people's portal without a record, and what is typed beside it."""

    session: Session
    workspace: Workspace


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    folder = tmp_path_factory.mktemp("views")
    facts = Facts(folder / "facts.duckdb")
    for number in (1, 2):
        facts.manager(number, f"Менеджер {number}")
    workspace = Workspace(f"sqlite:///{folder / 'workspace.sqlite'}", portal="p")
    return Kept(Session(service_of(Published(facts.done()), REPORT), workspace), workspace)


@pytest.fixture
def report() -> Report:
    return REPORT


@pytest.fixture
def views(kept: Kept) -> Views:
    for view in kept.workspace.views.all():
        kept.workspace.views.remove(view.id)
    return kept.session.views


def names(views: Views, report: Report, owner: str) -> list[str]:
    return [view.name for view in views.of(report, owner)]


def test_a_view_is_its_owners_until_he_opens_it_to_everybody(views: Views, report: Report) -> None:
    number = views.save(report, ANNA, "  Мой   отдел ", {"manager": ["1"], "period": ["last_month"]}, COLUMNS)
    assert names(views, report, ANNA) == ["Мой отдел"] and names(views, report, BORIS) == []
    with pytest.raises(UserError, match="is gone"):
        views.rename(number, report, BORIS, "Чужой")
    views.share(number, report, ANNA, shared=True)
    seen = views.of(report, BORIS)[0]
    assert (seen.mine, seen.shared, seen.search, seen.columns) == (False, True, "period=last_month&manager=1", COLUMNS)
    views.rename(number, report, ANNA, "Отдел")
    views.share(number, report, ANNA, shared=False)
    assert names(views, report, ANNA) == ["Отдел"] and names(views, report, BORIS) == []


def test_names_are_taken_once_and_a_removed_view_comes_back(views: Views, report: Report) -> None:
    number = views.save(report, ANNA, "Отдел", {}, {})
    for name in ("отдел", " ", "я" * 81):
        with pytest.raises(UserError):
            views.save(report, ANNA, name, {}, {})
    views.save(report, BORIS, "Отдел", {}, {})
    assert views.remove(number, report, ANNA) == "Отдел" and names(views, report, ANNA) == []
    views.restore(number, report, ANNA)
    assert names(views, report, ANNA) == ["Отдел"]
    with pytest.raises(UserError, match="cookies"):
        views.save(report, "", "Ничей", {}, {})


def test_who_sees_a_part_changes_no_view_of_everybody(views: Views, report: Report, kept: Kept) -> None:
    number = views.save(report, ANNA, "Общий", {}, {}, shared=True)
    limited = kept.session.seen_by(Scope.of({1})).views
    assert not limited.of(report, BORIS)[0].may_change
    with pytest.raises(UserError, match="Only who saved"):
        limited.remove(number, report, BORIS)
    views.remove(number, report, BORIS)  # whoever sees everything: its owner may be gone


def test_the_view_a_report_is_opened_with_is_each_ones_own(views: Views, report: Report) -> None:
    number = views.save(report, ANNA, "Прошлый", {"period": ["last_month"]}, {}, shared=True)
    views.put_first(number, report, BORIS)
    assert views.first(BORIS) == {"sales-dynamics": "period=last_month"} and views.first(ANNA) == {}
    views.remove(number, report, ANNA)
    assert views.first(BORIS) == {}


def test_what_is_on_screen_is_the_view_or_it_is_not(views: Views, report: Report) -> None:
    number = views.save(report, ANNA, "В", {"manager": ["2", "1"]}, {"list": ("a",), "other": ("b",)})
    view = views.of(report, ANNA)[0]
    assert views.is_shown(report, view, {"manager": ["1", "2"], "utm": ["x"]})
    assert not views.is_shown(report, view, {"manager": ["1"]})
    views.put(number, report, ANNA, {"manager": ["1"]}, {"list": ("c",)})
    view = views.of(report, ANNA)[0]
    assert view.search == "manager=1" and view.columns == {"list": ("c",), "other": ("b",)}


@pytest.mark.parametrize(
    ("search", "said"),
    [("pipeline=777", "Воронки «777» нет"), ("colour=red", "«colour»"), ("uf.UF_CRM_GONE=1", "UF_CRM_GONE")],
)
def test_an_old_view_says_what_is_there_no_more(
    views: Views, report: Report, kept: Kept, search: str, said: str
) -> None:
    kept.workspace.views.add(report.slug, ANNA, "Старый", search, {}, shared=False)
    trouble = views.trouble(report, views.of(report, ANNA)[0])
    assert trouble is not None and said in trouble.ru


def test_everybodys_view_is_found_by_its_name(views: Views, report: Report) -> None:
    views.save(report, ANNA, "Мой", {}, {})
    views.save(report, ANNA, "Для планёрки", {"manager": ["1"]}, {}, shared=True)
    assert views.of_everybody(report, "для ПЛАНЁРКИ").search == "manager=1"
    with pytest.raises(UserError, match="There are: Для планёрки"):
        views.of_everybody(report, "Мой")


def test_a_view_that_is_saved_leaves_kept_answers(views: Views, report: Report, kept: Kept) -> None:
    before = kept.workspace.version_of_all()
    views.save(report, ANNA, "В", {}, {})
    assert kept.workspace.version_of_all() == before


def test_too_many_views_are_refused(views: Views, report: Report, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(saved_views, "MOST_VIEWS", 2)
    for name in "аб":
        views.save(report, ANNA, name, {}, {})
    with pytest.raises(UserError, match="views of this report already"):
        views.save(report, ANNA, "в", {}, {})


def test_views_are_in_a_backup_of_the_workspace(tmp_path: Path) -> None:
    """Views alone are something typed: what is replaced by a restored copy is kept aside."""
    paths = PortalPaths.of(tmp_path / "data", "crm.example-0a1b2c3d")
    url = f"sqlite:///{paths.workspace}"
    workspace = Workspace(url, portal=paths.root.name)
    number = workspace.views.add("sales-dynamics", ANNA, "В", "manager=1", COLUMNS, shared=True)
    workspace.views.put_first(BORIS, "sales-dynamics", number)
    with (tmp_path / "copy.zip").open("wb") as file:
        backup.make(paths, url, file)
    workspace.views.remove(number)
    done = backup.restore(paths, url, tmp_path / "copy.zip")
    assert any("replaced" in name for name in done.aside)
    again = Workspace(url, portal=paths.root.name)
    assert [(v.name, v.columns) for v in again.views.all()] == [("В", COLUMNS)]
    assert again.views.first(BORIS) == {"sales-dynamics": number}
    with sqlite3.connect(paths.workspace) as database:
        assert database.execute("SELECT version_num FROM alembic_version").fetchone()[0] >= "0003"
