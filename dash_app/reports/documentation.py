"""``docs/metrics.md``: the rules in prose (``definitions.md`` beside this module), each report's followed by its measures themselves.

So the definition on paper cannot drift from the one that counts, and code can name a section that exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from dash_app.engine.blocks import Block, Series, Table
from dash_app.engine.filters import of_report
from dash_app.engine.language import Figure, Formula, Given, Measure, PerDay, Product, Ratio, Relative, Report, parts_of

_HEAD = """# Figures: ids and definitions

Generated from the code by `python -m dash_app docs`; a test fails when it is out of date. The ids are what the command line
prints, Excel sheets name and the page explains under `?`. Predicates are SQL over one fact table
(`dash_app/store/schema.py`); the records behind a number are exactly those that satisfy its predicate, the row and the filters.

| parameter | meaning |
|---|---|
| `$start`, `$end` | the period as instants, `[from 00:00, to + 1 day 00:00)` in the portal's time zone |
| `$as_of` | the moment the data was taken from the portal, or `--as-of` |
| other names | options of the report (`$deal_days`), settings (`$weight_call`) |

Sections are numbered for good: code names them ("docs/metrics.md, section 0.15"). A number that is missing belongs to a report that is not there.
"""
_PROSE = Path(__file__).with_name("definitions.md")


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _formula(figure: Figure) -> str:
    if isinstance(figure, Measure):
        what = figure.agg if figure.agg == "count" else f"{figure.agg}({figure.of})"
        return f"{what} of {figure.fact} where `{_cell(figure.where)}`"
    if isinstance(figure, Ratio):
        return f"`{figure.num.id}` / `{figure.den.id}`"
    if isinstance(figure, PerDay):
        return f"`{figure.num.id}` / days that have passed (section 0.10)"
    if isinstance(figure, Given):
        return "given, not counted from records"
    if isinstance(figure, Product):
        return " × ".join(f"`{r.id}`" for r in figure.factors)
    if isinstance(figure, Formula):
        return _cell(figure.words.en)
    assert isinstance(figure, Relative)
    return f"`{figure.of.id}` / `{figure.of.id}` of the {figure.to} row"


def _figures(block: Block) -> Iterable[Figure]:
    shown: dict[str, Figure] = {f.id: f for f in block.figures}
    for figure in block.figures:
        if not isinstance(figure, Relative):
            for part in parts_of(figure):
                shown.setdefault(part.id, part)
    for measure in (*block.sources, *(n.measure for n in block.notes)):
        shown.setdefault(measure.id, measure)
    return shown.values()


def _block(block: Block) -> list[str]:
    lines = [f"### `{block.id}` – {block.title.ru}", "", block.help.ru, ""]
    if block.dimensions:
        lines += ["Rows by " + ", ".join(f"`{d.id}`" for d in block.dimensions) + ".", ""]
    if isinstance(block, Series) and block.split:
        lines += [f"Each bucket by `{block.split.id}`: the largest {block.split_top} and `other`.", ""]
    if isinstance(block, Table) and block.by_option:
        option, known = block.by_option
        lines += [f"Rows by option `{option}`: " + ", ".join(f"`{value}` – `{d.id}`" for value, d in known) + ".", ""]
    if block.where:
        lines += [f"Only records where `{block.where}`.", ""]
    figures = list(_figures(block))
    if figures:
        lines += ["| id | name | unit | how it is counted | in words |", "|---|---|---|---|---|"]
        lines += [
            f"| `{f.id}` | {_cell(f.label.ru)} | {f.unit.value} | {_formula(f)} | {_cell(f.help.ru)} |" for f in figures
        ]
        lines.append("")
    return lines


def metrics_markdown(reports: Iterable[Report]) -> str:
    """The whole page: numbered sections in their order, those of reports with what is generated; then reports without a number."""
    lines = [_HEAD]
    known = {report.slug: report for report in reports}
    for number, title, prose in sections():
        report = known.pop(title, None)
        if report is not None:
            lines += _report(report, f"{number}. ", prose)
        else:
            lines += [f"## {number}. {title}", "", prose, ""]
    for report in known.values():
        lines += _report(report, "", "")
    return "\n".join(lines).rstrip() + "\n"


def sections() -> list[tuple[str, str, str]]:
    """(number, title – a report's slug where it is one –, text) of the prose."""
    parts = re.split(r"^## (\d+)\. (.+)$", _PROSE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return [(parts[i], parts[i + 1], parts[i + 2].strip()) for i in range(0, len(parts), 3)]


def _report(report: Report, number: str, prose: str) -> list[str]:
    """A report's section: its prose, then filters, options and blocks."""
    lines = [f"## {number}{report.slug} – {report.title.ru}", "", report.question.ru, ""]
    if prose:
        lines += [prose, ""]
    filters = ", ".join(f"`{name}`" for name in of_report(report))
    lines += [f"Filters: {filters}." if filters else "No filters.", ""]
    for option in report.options:
        values = ", ".join(f"`{v}`" for v in option.values if v)
        if option.number:
            least, most, _ = option.number
            values = f"{least:g} … {most:g}, `{option.default}` by default"
        lines += [f"Option `{option.id}` ({option.label.ru}): {values}.", ""]
    for block in report.blocks:
        lines += _block(block)
    return lines
