"""No byte that leaves through any exit holds a name, a title, a reason or a sum of somebody unseen.

Exits are the public methods of a session, the files, the command line, notebooks, and every callback of the pages. A new one has to be listed here.
Each is asked by somebody who sees one person of four, and, so that a canary is known to sing, by somebody who sees everything.
"""

from __future__ import annotations

import base64
import inspect
import io
import json
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pyarrow as pa
import pytest
from dash._callback_context import context_value
from dash._utils import AttributeDict, to_json

from dash_app.access.entries import NOT_YOURS
from dash_app.access.powers import Asker, Power
from dash_app.access.scope import EVERYTHING, Scope
from dash_app.analysis import Portal
from dash_app.app import create_app
from dash_app.cli.report import _typed_tables, document, dump
from dash_app.engine.filters import OWN_FIELDS, of_report
from dash_app.engine.language import Report
from dash_app.errors import UserError
from dash_app.exports.csv import block_csv, records_csv
from dash_app.exports.excel import records_workbook, workbook
from dash_app.exports.monthly_file import values_of as expenses_of
from dash_app.exports.monthly_file import values_of as plans_of
from dash_app.exports.names import file_name
from dash_app.exports.parquet import write_folder
from dash_app.motivation import page as motivation
from dash_app.reports.api import GridRequest
from dash_app.reports.session import Session
from dash_app.services import Administration, Services
from dash_app.store.cells import Cell, Edit
from dash_app.store.grids import known_grids
from dash_app.store.grids.base import MonthlyGrid
from dash_app.store.kinds import ENTRY_KINDS
from dash_app.store.progress import Progress
from dash_app.views.tables import AS_IT_STARTS
from dash_app.web import ids
from dash_app.web.index import ReportsApp
from dash_app.web.paper import document as on_paper
from tests.access.company import LINK, LOUD, REPORTS, WHO, Company
from tests.fakes import FakeRefresh, fake_settings
from tests.grids import expenses_csv, expenses_xlsx, plans_csv, plans_xlsx

MINE = Scope.of({2})
WINTER = {"from": ["2025-11-01"], "to": ["2026-03-31"], "compare": ["previous"]}
SEARCH = "?from=2025-11-01&to=2026-03-31&compare=previous"

CANARIES = re.compile(
    r"м[0134](?!\d)"  # of titles, subjects, reasons, grades, authors
    r"|Менеджер [134]|Север"  # names, and a department of theirs alone
    r"|(?<![\d.,])\d{15,}|\d[eE]\+?1[4-9]|\d{6,}(?:,\d+)?\s?млрд"  # a sum with theirs in it
)
_GROUPED = re.compile(r"(?<=\d)[ \u00a0\u202f,](?=\d{3}(?!\d))")


def canaries(said: str) -> set[str]:
    """The canaries that sing in a text, however its numbers are grouped."""
    return set(CANARIES.findall(_GROUPED.sub("", said)))


def said(value: Any) -> str:
    """Everything a value says, files unpacked."""
    match value:
        case bytes() if value.startswith(b"PK"):
            with zipfile.ZipFile(io.BytesIO(value)) as packed:
                return "\n".join(packed.read(name).decode() for name in packed.namelist())
        case bytes():
            return value.decode()
        case pa.Table():
            return repr(value.to_pylist())
        case Mapping():
            if "bdata" in value:  # Plotly packs arrays of numbers
                return repr(np.frombuffer(base64.b64decode(value["bdata"]), dtype=value["dtype"]).tolist())
            if value.get("base64") is True:
                return f"{value['filename']} {said(base64.b64decode(value['content']))}"
            return "\n".join(f"{key}: {said(part)}" for key, part in value.items())
        case list() | tuple() | Iterator():
            return "\n".join(map(said, value))
    return str(value) if isinstance(value, str) else repr(value)


Exit = Callable[[Session], Any]


def winter(session: Session, report: Report) -> Any:
    return session.parse(report, WINTER, interface=False)


def tried(act: Callable[[], Any]) -> Any:
    """What an act gives, or the sentence it is refused with."""
    try:
        return act()
    except UserError as error:
        return error.text


def of_reports(ask: Callable[[Session, Report, Any], Any]) -> Exit:
    """An exit asked for every report."""
    return lambda s: [ask(s, report, winter(s, report)) for report in REPORTS]


def of_blocks(ask: Callable[[Session, Report, Any, Any], Any]) -> Exit:
    """An exit asked for every block of every report."""
    return of_reports(lambda s, report, query: [ask(s, report, block, query) for block in report.blocks])


TOGETHER = ("people", "people_reached", "points_per_seller_den", "no_next_step", "snoozed")
"""What opens people, or deals and leads in one list."""


def lists(session: Session, report: Report, block: Any, query: Any) -> Any:
    """A list, or the records behind the first number of a block, and those behind numbers of people and of cards of both kinds."""

    def opened(measure: str, own: tuple[str, ...] = ()) -> Any:
        return session.records(report, block.id, measure, {}, query, GridRequest(0, 500, columns=own))

    if block.view == "list":
        return opened("", tuple(name for name, _, _ in session.list_columns(report, block.id)))
    shown = [c.id for c in session.block(report, block.id, query).columns if c.drills]
    first = [] if block.compute is not None else shown[:1]
    return [opened(measure) for measure in (*first, *(name for name in shown if name in TOGETHER))]


def numbers(session: Session, report: Report, block: Any, query: Any) -> Any:
    if block.view == "list":
        return None
    result = session.block(report, block.id, query)
    return [tried(lambda c=c: session.explain(report, block.id, c.id, {}, query)) for c in result.columns[:6]]  # type: ignore[misc]


def choices(session: Session, report: Report, query: Any) -> Any:
    names = [name for name in of_report(report) if name != OWN_FIELDS]
    return [session.choices(report, name, query) for name in (*names, f"uf.{WHO}", f"uf.{LINK}")]


def foreign_card(entity: str = "deal") -> Exit:
    return lambda s: [tried(lambda n=n: s.card(entity, str(n))) for n in range(1, 30)]  # type: ignore[misc]


def a_cell(grid: MonthlyGrid) -> Cell:
    """A cell somebody unseen may have something in: of another person, of a source."""
    return Cell(
        tuple({"manager": "1", "source": "WEB"}.get(row.of, "") for row in grid.rows), "2026-02", grid.main.field
    )


PLAN = {"manager_id": "1", "pipeline_id": "", "month": "2026-02", "plan_amount": "5"}
SESSION: dict[str, Exit] = {
    "rights": lambda s: s.rights,
    "blind": lambda s: s.blind,
    "person": lambda s: s.person,
    "name": lambda s: s.name,
    "signature": lambda s: s.signature,
    "may": lambda s: [s.may(power) for power in Power],
    "may_type": lambda s: [s.may_type(kind) for kind in ENTRY_KINDS],
    "of": lambda s: [tried(lambda p=p: s.of(p).state()) for p in (Asker("м1", 1), Asker("owner", None, True))] if s.rights.is_limited else None,  # type: ignore[misc]
    "works_here": lambda s: tried(lambda: s.works_here(1)),
    "sight": lambda s: s.sight(),
    "as_user": lambda s: tried(lambda: s.as_user("1").state()) if s.rights.is_limited else None,
    "seen_by": lambda s: tried(lambda: s.seen_by(EVERYTHING).state()) if s.rights.is_limited else None,
    "state": lambda s: s.state(),
    "directory": lambda s: s.directory(),
    "cards": lambda s: [s.cards(entity, range(1, 161)) for entity in ("deal", "lead")],
    "card": foreign_card(),
    "tables": lambda s: s.tables(),
    "table": lambda s: [s.table(name) for name in s.tables()],
    "reports": lambda s: [report.title for report in s.reports()],
    "report": lambda s: tried(lambda: s.report("x")),
    "block_of": of_reports(lambda s, r, q: tried(lambda: s.block_of(r, "x"))),
    "parse": of_reports(lambda s, r, q: [tried(lambda p=p: s.parse(r, p)) for p in ({"manager": ["1"]}, {"department": ["2"]}, {f"uf.{LINK}": ["L_1"]})]),  # type: ignore[misc]
    "query_string": of_reports(lambda s, r, q: s.query_string(r, q)),
    "period_text": of_reports(lambda s, r, q: s.period_text(q)),
    "dates_text": of_reports(lambda s, r, q: s.dates_text(q)),
    "first_month": lambda s: s.first_month(),
    "moment": of_reports(lambda s, r, q: s.moment(q)),
    "stepped": of_reports(lambda s, r, q: s.stepped(q, 1)),
    "base": of_reports(lambda s, r, q: s.base(q)),
    "base_text": of_reports(lambda s, r, q: s.base_text(q)),
    "remarks": of_reports(lambda s, r, q: s.remarks(s.parse(r, {"as_of": ["2025-06-01T00:00:00"]}))),
    "chips": of_reports(lambda s, r, q: s.chips(r, s.parse(r, {**WINTER, "manager": ["2"]}))),
    "field_filters": of_reports(lambda s, r, q: s.field_filters(r)),
    "choices": of_reports(choices),
    "hidden": of_reports(lambda s, r, q: s.hidden(r, s.parse(r, {**WINTER, "manager": ["2"]}))),
    "block": of_blocks(lambda s, r, b, q: s.block(r, b.id, q) if b.view != "list" else None),
    "records": of_blocks(lists),
    "list_columns": of_blocks(lambda s, r, b, q: s.list_columns(r, b.id)),
    "explain": of_blocks(numbers),
    "keys_of": of_blocks(lambda s, r, b, q: s.keys_of(b)),
    "today": lambda s: [s.today(asked, lang=lang) for asked in ({}, {"pipeline": ["1"]}, {"as_of": ["2026-03-10T12:00:00"]}) for lang in ("ru", "en")],
    "views": of_reports(lambda s, r, q: [(v, s.views.trouble(r, v)) for v in s.views.of(r, "м" * 22)]),
    "entries": lambda s: [s.entries(kind) for kind in ENTRY_KINDS],
    "version_of_all": lambda s: s.version_of_all(),
    "history": lambda s: [s.history(most=10_000), s.history("plan:1:all:2026-02"), s.history("closing:2026-01")],
    "put_entries": lambda s: tried(lambda: s.put_entries("plan", {"1:all:2026-02": PLAN}, "м2", expected={"1:all:2026-02": 77})),
    "undo": lambda s: tried(lambda: s.undo(1, "м2")) if s.rights.is_limited else None,
    "undo_all": lambda s: tried(lambda: s.undo_all([1, 2], "м2")) if s.rights.is_limited else None,
    "save_cells": lambda s: [tried(lambda g=g: s.save_cells(g, [Edit(a_cell(g), "7", "1")], "м2")) for g in known_grids().values()] if s.rights.is_limited else None,  # type: ignore[misc]
    "put_off": lambda s: [tried(lambda n=n: s.put_off("deal", str(n), "2026-04-01", "", "м2")) for n in range(1, 30)],  # type: ignore[misc]
    "bring_back": lambda s: [tried(lambda n=n: s.bring_back("deal", str(n), "м2")) for n in (10, 19, 28)] if s.rights.is_limited else None,  # type: ignore[misc]
    "put_off_cards": lambda s: s.put_off_cards(),
    "closed_months": lambda s: s.closed_months(),
    "pay_months": lambda s: s.pay_months(24),
    "close_month": lambda s: tried(lambda: s.close_month("2026-02", "м2")) if s.rights.is_limited else None,
    "reopen_month": lambda s: tried(lambda: s.reopen_month("2026-01", "м2", "причина")) if s.rights.is_limited else None,
}  # fmt: skip
"""Every public method of ``Session``."""
TELLS = {
    "state",
    "directory",
    "cards",
    "card",
    "table",
    "choices",
    "block",
    "records",
    "explain",
    "today",
    "entries",
    "history",
    "put_off",
    "put_off_cards",
    "pay_months",
}
"""Those of them whose canaries sing for who sees everything."""


def test_every_method_of_a_session_has_a_case() -> None:
    public = {name for name in vars(Session) if not name.startswith("_")}
    assert public == set(SESSION)


@pytest.mark.parametrize("name", SESSION)
def test_no_method_tells_of_somebody_unseen(loud: Company, name: str) -> None:
    assert canaries(said(SESSION[name](loud.limited(MINE)))) == set()
    if name in TELLS:
        assert canaries(said(SESSION[name](loud.asked))), "the canary is mute"


# -- files, the command line, notebooks ------------------------------------------------------------------------------------


def written(write: Callable[[io.BytesIO], None]) -> bytes:
    target = io.BytesIO()
    write(target)
    return target.getvalue()


def parquet(session: Session, report: Report, query: Any, folder: Path) -> Any:
    write_folder(_typed_tables(session, report, query, "ru"), folder / report.slug)
    return [pa.parquet.read_table(file) for file in sorted((folder / report.slug).glob("*.parquet"))]


def files(folder: Path) -> dict[str, Exit]:
    """Every function of ``dash_app.exports`` that writes, and the two commands."""
    deals = ("sales-dynamics", "summary", "deals_created")
    return {
        "workbook": of_reports(lambda s, r, q: written(lambda t: workbook(s, r, q, "ru", t))),
        "document": of_reports(lambda s, r, q: on_paper(s, r, q, "ru")),
        "records_workbook": lambda s: written(
            lambda t: records_workbook(s, s.report(deals[0]), *deals[1:], {}, winter(s, s.report(deals[0])), "ru", t)
        ),
        "block_csv": of_blocks(lambda s, r, b, q: block_csv(s, r, b.id, q, "ru")),
        "records_csv": lambda s: records_csv(
            s, s.report(deals[0]), *deals[1:], {}, winter(s, s.report(deals[0])), "ru"
        ),
        "file_name": of_reports(lambda s, r, q: file_name(s, r, q, "csv", "ru")),
        "plans_xlsx": lambda s: written(
            lambda t: plans_xlsx(list(plans_of(s.entries("plan")).values()), s.directory(), "ru", t)
        ),
        "plans_csv": lambda s: plans_csv(list(plans_of(s.entries("plan")).values()), s.directory(), "ru"),
        "expenses_xlsx": lambda s: written(
            lambda t: expenses_xlsx(list(expenses_of(s.entries("expense")).values()), s.directory(), "ru", t)
        ),
        "expenses_csv": lambda s: expenses_csv(
            list(expenses_of(s.entries("expense")).values()), s.directory(), "ru"
        ).replace(b",", b";"),
        "write_folder": of_reports(lambda s, r, q: parquet(s, r, q, folder)),
        "report": of_reports(lambda s, r, q: dump(document(s, r, q, "ru"))),
        "analysis": lambda s: [
            *(Portal(s).facts(name).to_csv() for name in Portal(s).tables),
            *(
                frame.to_csv()
                for report in REPORTS
                for frame in Portal(s).report(report.slug, start="2025-11-01", end="2026-03-31").values()
            ),
            Portal(s).records(*deals, start="2025-11-01", end="2026-03-31").to_csv(),
        ],
    }


FILES = tuple(files(Path()))


@pytest.mark.parametrize("name", FILES)
def test_no_file_tells_of_somebody_unseen(loud: Company, name: str, tmp_path: Path) -> None:
    for who in ("limited", "asked"):
        (tmp_path / who).mkdir()
    assert canaries(said(files(tmp_path / "limited")[name](loud.limited(MINE)))) == set()
    if name != "file_name":
        assert canaries(said(files(tmp_path / "asked")[name](loud.asked))), "the canary is mute"


# -- the pages -------------------------------------------------------------------------------------------------------------


class Site:
    """The application as somebody has it; ``run`` calls the function behind a callback, ``cause`` being what was clicked."""

    def __init__(self, company: Company, scope: Scope, folder: Path) -> None:
        session = company.limited(scope)
        refresh = FakeRefresh()
        refresh.doing = Progress(
            running=True,
            phase="read",
            entity="deals",
            rows=LOUD,
            expected=LOUD * 2,
            entities={"deals": [LOUD, LOUD * 2]},
        )
        settings = fake_settings(folder)
        workspace = company.workspaces["whole"]
        self.services = Services(
            settings, lambda: session, refresh, Administration(workspace, lambda: None, lambda: ())
        )
        self.app: ReportsApp = create_app(settings, self.services)
        self.functions = {
            name: function
            for spec in self.app.callback_map.values()
            if "callback" in spec
            for name, function in [named(spec["callback"])]
        }

    def run(self, name: str, *given: Any, cause: Any = None, value: Any = 1) -> Any:
        """What is sent to the browser, as JSON reads it; a refusal is its sentence."""
        identity = cause if isinstance(cause, str) else json.dumps(cause, sort_keys=True, separators=(",", ":"))
        triggered = [] if cause is None else [{"prop_id": f"{identity}.n_clicks", "value": value}]
        with self.app.server.test_request_context("/"):
            token = context_value.set(AttributeDict(triggered_inputs=triggered))
            try:
                return orjson.loads(to_json(self.functions[name](*given)))
            except UserError as error:
                return error.text.ru
            finally:
                context_value.reset(token)


def named(callback: Any) -> tuple[str, Any]:
    """``blocks.fill``, ``cell_editor.load plan``."""
    function = inspect.unwrap(callback)
    editor = inspect.getclosurevars(function).nonlocals.get("editor")
    name = f"{function.__module__.removeprefix('callbacks.')}.{function.__name__}"
    return (f"{name} {editor.kind}" if editor is not None else name), function


def each_block(site: Site, name: str, *more: Any) -> list[Any]:
    return [
        site.run(name, SEARCH, *more, {"type": "block", "report": report.slug, "id": block.id})
        for report in REPORTS
        for block in report.blocks
    ]


def grids(site: Site) -> list[Any]:
    asked = {"startRow": 0, "endRow": 100, "sortModel": [{"colId": "amount", "sort": "desc"}], "filterModel": {}}
    found = []
    for report in REPORTS:
        for block in report.blocks:
            if block.view == "list":
                at = {"type": "grid", "report": report.slug, "id": block.id}
                found.append(site.run("lists.rows", asked, SEARCH, at, [WHO, LINK]))
    drawer = {"type": "grid", "report": "sales-dynamics", "id": ids.DRAWER_GRID}
    for manager in ("1", "none"):
        found.append(
            site.run(
                "lists.rows", asked, f"{SEARCH}&drill=summary.deals_won&row.manager_id={manager}", drawer, [WHO, LINK]
            )
        )
    return found


def drawers(site: Site) -> list[Any]:
    wanted = (
        "drill=summary.deals_won",
        "drill=deal_stages.deals_in_work&row.pipeline_id=1&manager=1",
        "explain=summary.deals_won_amount",
    )
    return [site.run("drill.open_drawer", f"{SEARCH}&{drawer}", None, "/sales-dynamics") for drawer in wanted]


def pages(site: Site) -> list[Any]:
    addresses = (
        "/",
        "/settings",
        "/settings/history",
        "/settings/typed",
        "/connect",
        "/plans",
        "/expenses",
        "/motivation",
        "/nothing",
        *(f"/{r.slug}" for r in REPORTS),
    )
    return [site.run("nav.show", path, SEARCH) for path in addresses]


def described(site: Site) -> list[Any]:
    boxes = [{"type": "filter-box", "name": name} for name in ("manager", "department", f"uf.{WHO}")]
    return [
        site.run("filters.describe", f"{SEARCH}{more}", f"/{r.slug}", None, boxes, [None] * 3, None)
        for r in REPORTS
        for more in ("", "&manager=2", "&manager=1", "&department=2", f"&uf.{LINK}=L_1")
    ]


def offered(site: Site) -> list[Any]:
    controls = [
        {"type": "filter", "name": n} for n in ("manager", "department", "source", "project", f"uf.{WHO}", f"uf.{LINK}")
    ]
    return [
        site.run("filters.offer", None, f"/{r.slug}", None, True, controls, [None] * len(controls), SEARCH)
        for r in REPORTS
    ]


def block_files(site: Site) -> list[Any]:
    found = []
    for report in REPORTS[:2]:
        for kind in ("csv", "xlsx"):
            pressed = {"type": "block-export", "report": report.slug, "id": report.blocks[0].id, "format": kind}
            found.append(site.run("export.one_block", [1], SEARCH, [], [], [], [], cause=pressed))
    return found


def synchronised(site: Site) -> Any:
    return site.run(
        "url.synchronise",
        f"{SEARCH}&manager=1",
        "/sales-dynamics",
        *([None] * 6),
        [],
        [],
        None,
        None,
        None,
        None,
        [],
        [],
    )


def motivated(site: Site) -> Any:
    return [
        site.run("motivation.choose", key)
        for key in ("Лично м4:2026-02", "Двоим:2026-02", "Югу:2026-02", "Общая:2026-03", "-")
    ]


def scheme_saved(site: Site) -> Any:
    """Somebody else's scheme deleted at a version it does not have: of two editors the second reads what the first wrote."""
    given = [[], [], {"key": "Лично м4:2026-02", "version": 9}, "Лично", "2026-02", "highest", [], [], "none", ""]
    return site.run("motivation.save", None, 1, *given, cause=motivation.DELETE)


def list_changed(site: Site) -> Any:
    found = []
    for kind, key in (("grade", "3:2025-11-01"), ("absence", "1:2026-02-02"), ("hire", "1")):
        cause = {"type": "motivation-remove", "kind": kind, "key": key}
        found.append(site.run("motivation.change", None, [1], [], [], [], {key: 9}, cause=cause))
    return found


def months_acted(site: Site) -> Any:
    found = []
    for cause in (
        {"type": "motivation-undo", "change": 10**6},
        {"type": "motivation-reopen", "month": "2026-01"},
        {"type": "motivation-close", "month": "2026-01"},
    ):
        found.append(site.run("motivation.act", [1], [1], [1], [""], [{"month": "2026-01"}], [""], 100, cause=cause))
    return found


def edited(site: Site, kind: str) -> Any:
    row = ["1", "", "2026-02", "plan_amount"] if kind == "plan" else ["WEB", "", "2026-02", "amount"]
    asks: list[Any] = [{"kind": "undo", "changes": [10**6], "n": 1}]
    if site.services.session().rights.is_limited:  # who sees everything would change them
        asks.append({"kind": "save", "cells": [[*row, "5", "1"]], "n": 2})
    return [site.run(f"cell_editor.answer {kind}", ask, "?year=2026") for ask in asks]


def acted(site: Site) -> Any:
    cards = [f"deal:{n}" for n in range(1, 20)]
    found = [site.run("acts.act", {"name": "snooze", "key": key, "value": ""}, None) for key in cards]
    if site.services.session().rights.is_limited:
        found += [
            site.run("acts.act", {"name": name, "key": key, "value": "5"}, None)
            for name, key in (("unsnooze", "deal:10"), ("take_days", "deal:1:C1:NEW"), ("undo", "1"))
        ]
    return found


PAGES: dict[str, Callable[[Site], Any]] = {
    "acts.act": acted,
    "acts.save": lambda site: [site.run("acts.save", 1, {"entity": "deal", "id": str(n)}, "2026-04-01", "") for n in range(1, 20)],
    "acts.term": lambda site: site.run("acts.term", "7", {"today": date(2026, 3, 20).isoformat()}),
    "blocks.fill": lambda site: each_block(site, "blocks.fill", None, None, AS_IT_STARTS),
    "blocks.start_list": lambda site: each_block(site, "blocks.start_list"),
    "cell_editor.answer expense": lambda site: edited(site, "expense"),
    "cell_editor.answer plan": lambda site: edited(site, "plan"),
    "cell_editor.export expense": lambda site: site.run("cell_editor.export expense", 1, "?year=2026"),
    "cell_editor.export plan": lambda site: site.run("cell_editor.export plan", 1, "?year=2026"),
    "cell_editor.history expense": lambda site: site.run("cell_editor.history expense", {"key": "WEB:all:2026-02"}),
    "cell_editor.history plan": lambda site: [site.run("cell_editor.history plan", {"key": f"{m}:{p}:2026-02"}) for m in (1, 3) for p in ("all", "1", "2")],
    "cell_editor.load expense": lambda site: site.run("cell_editor.load expense", "?year=2026", 0, "/expenses", None),
    "cell_editor.load plan": lambda site: site.run("cell_editor.load plan", "?year=2026", 0, "/plans", None),
    "cell_editor.take expense": lambda site: site.run("cell_editor.take expense", "data:;base64,0Y8=", "", "?year=2026"),
    "cell_editor.take plan": lambda site: site.run("cell_editor.take plan", "data:;base64,0Y8=", "", "?year=2026"),
    "connect.connect_portal": lambda site: site.run("connect.connect_portal", 1, None, "https://x.bitrix24.ru/rest/1/secret/", cause=ids.CONNECT_CHECK),
    "drill.open_drawer": drawers,
    "export.drawer_records": lambda site: [
        site.run(
            "export.drawer_records", [1], f"{SEARCH}&drill=summary.deals_won", "/sales-dynamics", [], [],
            [[WHO, LINK]], [ids.grid_columns("sales-dynamics", ids.DRAWER_GRID)], cause={"type": "drawer-export", "format": kind},
        )
        for kind in ("csv", "xlsx")
    ],
    "export.one_block": block_files,
    "export.picture": lambda site: site.run("export.picture", [1], f"{SEARCH}&manager=1", cause={"type": "block-export", "report": "sales-dynamics", "id": "dynamics", "format": "png"}),
    "export.whole_report": lambda site: site.run("export.whole_report", [1], SEARCH, cause={"type": "report-export", "report": "sales-dynamics", "format": "xlsx"}),
    "filters.describe": described,
    "filters.offer": offered,
    "home.headline": lambda site: [site.run("home.headline", None, "", {"type": "headline", "report": r.slug}) for r in REPORTS],
    "home.today": lambda site: [site.run("home.today", None, search) for search in ("", "?pipeline=1", "?manager=1", "?department=2")],
    "lists.rows": grids,
    "motivation.act": months_acted,
    "motivation.change": list_changed,
    "motivation.change_steps": lambda site: site.run("motivation.change_steps", 1, [], [], [], cause=motivation.ADD_STEP),
    "motivation.choose": motivated,
    "motivation.move": lambda site: site.run("motivation.move", 50, 5, 10, cause=motivation.SLIDER),
    "motivation.note": lambda site: site.run("motivation.note", []),
    "motivation.save": scheme_saved,
    "motivation.show": lambda site: site.run("motivation.show", [], "highest", "none", "", [], None, [], []),
    "nav.show": pages,
    "notes.save": lambda site: site.run("notes.save", 1, {"key": "9:9:2026-W08"}, "", ""),
    "notes.show": lambda site: [site.run("notes.show", {"name": "note", "key": f"{key}:2026-W08"}, None) for key in ("1:3", "2:1", "3:2")],
    "refresh.check": lambda site: site.run("refresh.check", 1),
    "refresh.details": lambda site: site.run("refresh.details", 0, 0),
    "refresh.watch": lambda site: site.run("refresh.watch", None, None, None, [], 0, 0, "an earlier one", False),
    "settings_page.export": lambda site: site.run("settings_page.export", 1),
    "settings_page.find": lambda site: site.run("settings_page.find", "конверсия"),
    "settings_page.narrow": lambda site: [site.run("settings_page.narrow", topic, "-") for topic in ("-", "typed", "forgotten", "time")],
    "settings_page.put_back": lambda site: site.run("settings_page.put_back", [1], "/settings/history", cause={"type": "undo", "change": 10**6}),
    "settings_page.save": lambda site: site.run("settings_page.save", 1, [], [], {}, "/settings/data", []),
    "settings_page.take": lambda site: site.run("settings_page.take", "data:;base64,0Y8="),
    "url.synchronise": synchronised,
    "views.act": lambda site: site.run("views.act", [1], "Вид", SEARCH, "/sales-dynamics", None, [], [], cause=ids.view_act("rename", 10**6)),
    "views.bring_back": lambda site: site.run("views.bring_back", {"name": "view_back", "key": "sales-dynamics:1000000"}, None),
    "views.show": lambda site: [site.run("views.show", f"{SEARCH}&manager=1", None, f"/{r.slug}") for r in REPORTS],
}  # fmt: skip
"""Every callback that the server answers."""
MUTE = {
    "acts.term", "cell_editor.answer expense", "cell_editor.answer plan", "cell_editor.take expense", "cell_editor.take plan",
    "motivation.change_steps", "motivation.move", "motivation.show", "notes.save", "refresh.check", "url.synchronise", "settings_page.find", "settings_page.save", "settings_page.take",
    "connect.connect_portal", "views.act", "views.bring_back", "views.show",
}  # fmt: skip
"""Those that tell of nobody, whoever asks: arithmetic of what is on the page, refusals, an address, a list before it asks for its rows."""


@pytest.fixture(scope="module")
def site(loud: Company, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(loud, MINE, tmp_path_factory.mktemp("site"))


@pytest.fixture(scope="module")
def whole_site(loud: Company, tmp_path_factory: pytest.TempPathFactory) -> Site:
    return Site(loud, EVERYTHING, tmp_path_factory.mktemp("whole"))


def test_every_callback_has_a_case(site: Site) -> None:
    assert set(site.functions) == set(PAGES)


@pytest.mark.parametrize("name", PAGES)
def test_no_callback_tells_of_somebody_unseen(site: Site, whole_site: Site, name: str) -> None:
    assert canaries(said(PAGES[name](site))) == set()
    if name not in MUTE:
        assert canaries(said(PAGES[name](whole_site))), "the canary is mute"


def test_what_is_asked_of_an_administrator_is_answered_by_one(site: Site, whole_site: Site) -> None:
    """Confirming another company's data, settings and their file."""
    asked = (
        ("refresh.watch", None, None, None, [1], 0, 0, None, False, ids.accept("q1")),
        ("settings_page.export", 1, None),
        ("acts.act", {"name": "take_days", "key": "deal:1:C1:NEW", "value": "5"}, None, None),
    )
    for name, *given, cause in asked:
        assert NOT_YOURS.ru in said(site.run(name, *given, cause=cause)), name
    whole_site.run(*asked[0][:-1], cause=asked[0][-1])
    calls = [s.services.refresh.calls for s in (site, whole_site)]  # type: ignore[attr-defined]
    assert calls == [[], ["accept q1"]]
