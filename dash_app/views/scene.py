"""What every view of a block is told: the block, the language, the currency, and how a number opens its records.

A number drills by an attribute, not by a callback of its own: ``data-drill`` holds the piece of the address that opens the drawer, and one
listener in ``assets/blocks/20-clicks.js`` puts it there. So a table of hundreds of numbers costs no callbacks and a few bytes each.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from dash_app.engine import units
from dash_app.engine.blocks import Block, Table
from dash_app.engine.directory import NONE, NOT_SET
from dash_app.engine.language import Figure, Formula, Measure, Product, Ratio, Unit
from dash_app.engine.result import BlockResult, Column, Row, Value
from dash_app.reports.api import Chip
from dash_app.text import Lang, Text
from dash_app.views import format as fmt
from dash_app.views import i18n
from dash_app.views import markup as html

SMALL = 10
"""A ratio of counts with fewer in its denominator is shown grey."""


@dataclass(frozen=True, slots=True)
class Scene:
    """One block on one page. ``chips``: active filters, for the way out of an empty block. ``first_month``: of the fiscal year."""

    report: str
    block: Block
    lang: Lang = "ru"
    currency: str = "RUB"
    chips: Sequence[Chip] = field(default=())
    first_month: int = 1

    def say(self, text: Text, **values: object) -> str:
        """A text in the page's language."""
        return text.format(**values).of(self.lang) if values else text.of(self.lang)

    def show(self, value: Value, unit: Unit, *, short: bool = False) -> str:
        """A cell as text."""
        return fmt.show(value, unit, self.lang, self.currency, short=short)

    def with_unit(self, value: Value, unit: Unit, *, short: bool = False) -> str:
        """A number outside a labelled column."""
        return fmt.with_unit(value, unit, self.lang, self.currency, short=short)


def attrs(given: dict[str, Any]) -> dict[str, Any]:
    """``data-*`` and ``aria-*`` attributes, whose names are no Python names."""
    return given


def row_keys(result: BlockResult, row: Row) -> dict[str, str]:
    """The key columns of a row as the address spells them; unknown is ``none``."""
    keys = (c.id for c in result.columns if c.role == "key" and c.id not in ("bucket_end", "bucket_base"))
    return {k: NONE if row.get(k) is None else str(row[k]) for k in keys if k in row}


def target(block_id: str, figure_id: str, keys: dict[str, str]) -> str:
    """The piece of the address that opens a number: ``summary.deals_won&row.manager_id=7``."""
    pairs = {f"row.{name}": value for name, value in keys.items()}
    return f"{block_id}.{figure_id}" + (f"&{urlencode(pairs)}" if pairs else "")


def drill_button(
    scene: Scene,
    shown: str,
    figure_id: str,
    keys: dict[str, str],
    *,
    name: str = "",
    title: str | None = None,
    cls: str = "",
    opens: str = "drill",
) -> html.Button:
    """A number that opens its records (or, ``opens="explain"``, how it is counted); ``name`` says what it is where no header of a column does."""
    more: dict[str, Any] = {f"data-{opens}": target(scene.block.id, figure_id, keys)}
    if title:
        more["title"] = title
    if name:
        more["aria-label"] = f"{shown}. {scene.say(i18n.OPEN_RECORDS, name=name)}"
    return html.Button(shown, className=f"drill {cls}".strip(), **more)


def explain_button(scene: Scene, column: Column) -> html.Button:
    """``?``: how the figure is counted."""
    label = scene.say(i18n.HOW_COUNTED_OF, name=column.label.of(scene.lang))
    return html.Button(
        "?",
        className="explain",
        title=label,
        **attrs({"data-explain": f"{scene.block.id}.{column.id}", "aria-label": label}),
    )


def figure_of(scene: Scene, column_id: str) -> Figure | None:
    """The figure a column shows; None for columns of blocks that compute their own."""
    return next((f for f in scene.block.figures if f.id == column_id), None)


def number_button(
    scene: Scene, column: Column, row: Row, shown: str, keys: dict[str, str], **more: Any
) -> html.Button | None:
    """What a number opens: its records, or for what is made of several what it is made of, whose parts open theirs. None where nothing stands behind it."""
    if column.drills and has_records(row.get(column.id)):
        return drill_button(scene, shown, column.id, keys, **more)
    figure = figure_of(scene, column.id)
    made_of = figure.parts if isinstance(figure, Formula) and not figure.fraction else ()
    value = row.get(column.id)
    counted = bool(made_of) and all(isinstance(part, Measure) for part in made_of) and has_records(value)
    if counted or (isinstance(figure, Product) and value is not None):  # a product of 0 still stands on its bases
        return drill_button(scene, shown, column.id, keys, opens="explain", **more)
    return None


def product_of(scene: Scene, column: Column) -> Product | None:
    """The product a column shows, if it is one."""
    figure = figure_of(scene, column.id)
    return figure if isinstance(figure, Product) else None


def against_target(scene: Scene, column: Column, value: Value) -> tuple[str, bool] | None:
    """Where a value stands against its figure's target, in words, and whether it is missed. None without a target or a value."""
    product = product_of(scene, column)
    if product is None or product.target is None or not isinstance(value, int | float | Decimal):
        return None
    missed = value < product.target
    word = i18n.TARGET_MISSED if missed else i18n.TARGET_MET
    return scene.say(word, target=scene.show(product.target, column.unit)), missed


def is_additive(scene: Scene, figure_id: str) -> bool:
    """Whether values of rows are parts of a whole: counts and sums."""
    return any(isinstance(f, Measure) and f.id == figure_id and f.agg in ("count", "sum") for f in scene.block.figures)


def approximately(column: Column, row: Row) -> str:
    """``≈ `` before an estimate, and before a figure that is only a share of what was meant for longer."""
    shared = column.approximate and row.get("approximate")
    return f"≈{fmt.NBSP}" if shared or (column.estimate and row.get(column.id) is not None) else ""


def in_digits(column: Column, value: Value) -> Value:
    """A value as it is shown: an estimate in two or three digits, anything else as it is."""
    number = isinstance(value, int | float | Decimal) and not isinstance(value, bool)
    return fmt.two_digits(value) if number and column.estimate else value  # type: ignore[arg-type]


def has_records(value: Value) -> bool:
    """Whether a number stands for any record at all."""
    return value is not None and value != 0


def tone(delta: Value, good: int) -> str:
    """``better``, ``worse`` or ``same``: the meaning of a change, not its sign."""
    if not isinstance(delta, str | bool | list) and delta is not None and good:
        if delta == 0:
            return "same"
        return "better" if (delta > 0) == (good > 0) else "worse"  # type: ignore[operator]
    return "same"


def arrow(delta: Value) -> str:
    """Direction of a change, so that colour never speaks alone."""
    if delta is None or isinstance(delta, str | list) or delta == 0:
        return ""
    return "▲" if delta > 0 else "▼"  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Delta:
    """``▲ +14 %``, its CSS class by meaning, and the absolute change in words for hover."""

    text: str
    cls: str
    title: str


def change(scene: Scene, column: Column, row: Row) -> Delta | None:
    """How a figure moved against its base; ratios in percentage points. None without a comparison."""
    if f"{column.id}_delta" not in row:
        return None
    difference = row.get(f"{column.id}_delta")
    relative = row.get(f"{column.id}_delta_pct")
    if column.unit in (Unit.RATIO, Unit.DAYS, Unit.MINUTES, Unit.TIMES) or relative is None:
        shown = fmt.delta(difference, column.unit, scene.lang, scene.currency, short=True)
    else:
        shown = fmt.delta_pct(relative, scene.lang)
    kind = tone(difference, column.good)
    meaning = {"better": i18n.BETTER, "worse": i18n.WORSE, "same": i18n.CHANGED}[kind]
    direction = arrow(difference)
    title = (
        f"{fmt.delta(difference, column.unit, scene.lang, scene.currency)}, {scene.say(meaning)}"
        if difference is not None
        else ""
    )
    return Delta(f"{direction}{fmt.NBSP}{shown}" if direction else shown, f"change change-{kind}", title)


def small_sample(scene: Scene, result: BlockResult, column: Column, row: Row) -> str | None:
    """Why a ratio is grey: its Wilson interval, or the few records behind a ratio of sums; None if it is not."""
    if column.unit is not Unit.RATIO:
        return None
    figure = figure_of(scene, column.id)
    if isinstance(figure, Ratio | Formula) and figure.counted:
        count = row.get(figure.counted)
        few = row.get(column.id) is not None and isinstance(count, int) and count < SMALL
        return scene.say(i18n.FEW_RECORDS, n=count) if few else None
    product = product_of(scene, column)
    if product is not None:
        bases = [row.get(factor.den.id) for factor in product.factors]
        few = row.get(column.id) is not None and any(isinstance(b, int) and b < SMALL for b in bases)
        return scene.say(i18n.SMALL_FACTOR) if few else None
    num, den = row.get(f"{column.id}_num"), row.get(f"{column.id}_den")
    if not isinstance(den, int) or not isinstance(num, int) or not 0 < den < SMALL:
        return None
    low, high = fmt.wilson(min(num, den), den)
    return scene.say(i18n.SMALL_SAMPLE, low=fmt.ratio(low, scene.lang), high=fmt.ratio(high, scene.lang))


def parts_text(scene: Scene, result: BlockResult, column: Column, row: Row) -> str | None:
    """«304 из 1 660», or «126,9 млн ₽ / 297» where the parts are of different kinds. None for what is no ratio."""
    product = product_of(scene, column)
    if product is not None:
        return "\n".join(
            f"{f.label.of(scene.lang)}: {scene.show(row.get(f.num.id), f.num.unit)} {scene.say(i18n.OF)} {scene.show(row.get(f.den.id), f.den.unit)}"
            for f in product.factors
        )
    if f"{column.id}_den" not in row or row.get(f"{column.id}_den") is None:
        return None
    num, den = result.column(f"{column.id}_num"), result.column(f"{column.id}_den")
    a, b = scene.show(row[num.id], num.unit, short=True), scene.show(row[den.id], den.unit, short=True)
    return f"{a} {scene.say(i18n.OF)} {b}" if num.unit is den.unit and column.drills else f"{a} / {b}"


def empty(scene: Scene) -> html.Div:
    """Why a block is empty, and the way out: one button a filter."""
    if isinstance(scene.block, Table) and scene.block.nothing is not None:
        return html.Div(scene.say(scene.block.nothing), className="block-empty", role="status")
    if not scene.chips:
        return html.Div(scene.say(i18n.EMPTY_PERIOD), className="block-empty", role="status")
    buttons = [
        html.Button(
            scene.say(i18n.RESET_FILTER, name=chip.text.of(scene.lang)),
            className="way-out",
            **attrs({"data-search": chip.without}),
        )
        for chip in scene.chips[:4]
    ]
    if len(scene.chips) > 1:
        buttons.append(html.Button(scene.say(i18n.RESET_ALL), className="way-out", **attrs({"data-reset": "1"})))
    return html.Div(
        [html.P(scene.say(i18n.EMPTY_FILTERED)), html.Div(buttons, className="ways-out")],
        className="block-empty",
        role="status",
    )


def label_of(scene: Scene, column: Column, row: Row) -> str:
    """A label cell; values of a closed list are named here, since the answer carries their ids."""
    value = row.get(column.id)
    for dimension in scene.block.dimensions:
        if dimension.id == column.id and dimension.values and isinstance(value, str):
            named = dict(dimension.values).get(value)
            if named:
                return named.of(scene.lang)
        if dimension.id == column.id and value is None:
            return NOT_SET.of(scene.lang)
        if dimension.id == column.id and dimension.directory == "weeks" and (week := units.named(str(value))):
            return fmt.bucket_long(week.start, week.end, "week", scene.lang)
    return scene.show(value, column.unit)
