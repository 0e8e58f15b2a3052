"""A block is declared with what its view uses; a field of another view and a misspelt one are refused before anything runs."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest
from mypy import api

from dash_app.engine import blocks
from dash_app.text import Text
from dash_app.web.discovery import discover

TYPES = [
    t
    for t in vars(blocks).values()
    if isinstance(t, type) and issubclass(t, blocks.Block) and isinstance(vars(t).get("view"), str)
]
T = Text("т", "t")
WRONG = (
    'blocks.Block("b", T, T)',
    'blocks.RecordList("b", T, T)',
    'blocks.RecordList("b", T, T, fact="deals", figures=(C,))',
    'blocks.Cards("b", T, T, dimensions=(c.MANAGER,))',
    'blocks.Cards("b", T, T, headlines=("deals_created",))',
    'blocks.Series("b", T, T, order=("-deals_created",))',
    'blocks.Table("b", T, T, split=c.MANAGER)',
    'blocks.Matrix("b", T, T, folded=("deals_created",))',
    'blocks.Funnel("b", T, T, totals=True)',
    'blocks.Scatter("b", T, T, figures=(C,))',
    'blocks.Waterfall("b", T, T)',
    'blocks.Waterfall("b", T, T, compute=as_table)',
    'blocks.Bars("b", T, T, finest="month")',
    'blocks.Cards("b", T, T, "cards")',
    'blocks.Cards("b", T, T).headlin',
    'blocks.Table("b", T, T).headline',
    'results.SeriesResult("b", [], [])',
    'results.SeriesResult("b", [], [], grain="day", part=())',
    'results.TableResult("b", [], [], grain="day")',
    'results.CardsResult("b", [], []).across',
    'results.MatrixResult("b", [], []).extra["across"]',
    'Report("s", T, T, "gem", 1, (), as_declare=True)',
)
RIGHT = (
    'blocks.RecordList("b", T, T, fact="deals", where="amount > 0")',
    'blocks.Cards("b", T, T, figures=(C,), headline=("deals_created",))',
    'blocks.Table("b", T, T, figures=(C,), dimensions=(c.MANAGER,), totals=True)',
    'blocks.Scatter("b", T, T, x="a", y="b", cross=("a", "b"), quarters=(T, T, T, T)).x',
    'blocks.Table("b", T, T, compute=as_table)',
    'results.SeriesResult("b", [], [], grain="day", parts=({"manager_id": "1"},)).parts',
    'results.MatrixResult("b", [], []).across',
    'Report("s", T, T, "gem", 1, (), as_declared=True)',
)


def test_the_type_checker_refuses_what_a_view_does_not_use(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(Path(__file__).parents[2])
    lines = [
        "from dash_app.engine import blocks",
        "from dash_app.engine import result as results",
        "from dash_app.engine.context import Context",
        "from dash_app.engine.language import Report",
        "from dash_app.figures import common as c",
        "from dash_app.text import Text",
        'T, C = Text("т", "t"), c.DEALS_CREATED',
        "def as_table(context: Context, block: blocks.Block) -> results.TableResult: ...",
        *WRONG,
        *RIGHT,
    ]
    asked = tmp_path / "declared.py"
    asked.write_text("\n".join(lines), encoding="utf-8")
    said, trouble, _ = api.run(
        [str(asked), "--hide-error-context", "--no-error-summary", "--no-pretty", "--disable-error-code=empty-body"]
    )
    refused = {int(line.split(":")[1]) for line in said.splitlines() if ": error: " in line}
    assert (trouble, [lines[n - 1] for n in sorted(refused)]) == ("", list(WRONG))


@pytest.mark.parametrize("block", TYPES, ids=lambda t: t.__name__)
def test_it_is_refused_at_run_time_too(block: type[blocks.Block]) -> None:
    """Every field of any view, given to a view that has none of that name."""
    known = {f.name for t in TYPES for f in dataclasses.fields(t)}  # type: ignore[arg-type]
    own = {f.name for f in dataclasses.fields(block)}  # type: ignore[arg-type]
    needed = {f.name: "x" for f in dataclasses.fields(block) if f.default is dataclasses.MISSING and f.kw_only}  # type: ignore[arg-type]
    block("b", T, T, **needed)
    for name in known - own:
        with pytest.raises(TypeError, match=name):
            block("b", T, T, **needed, **{name: ()})


def test_a_block_of_no_view_cannot_be_made() -> None:
    for kind in (blocks.Block, blocks.Counted, blocks.Rows):
        with pytest.raises(TypeError, match="abstract"):
            kind("b", T, T)  # type: ignore[abstract]


def test_what_pictures_are_told_is_declared() -> None:
    """No bag of whatever is put in by one name and asked for by another."""
    root = Path(blocks.__file__).parents[1]
    asked = re.compile(r"\.extra\b|\bextra\[")
    found = [
        f"{path.name}: {line.strip()}"
        for room in ("engine", "figures", "reports", "exports", "views", "web")
        for path in (root / room).rglob("*.py")
        for line in path.read_text(encoding="utf-8").splitlines()
        if asked.search(line)
    ]
    assert found == []


def test_every_view_has_one_type_and_every_type_is_declared_somewhere() -> None:
    names = [t.view for t in TYPES]
    assert len(set(names)) == len(names)
    assert {type(b) for report in discover() for b in report.blocks} == set(TYPES)
