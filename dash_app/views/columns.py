"""One unit a column of a table: whole roubles, or thousands where every amount is large; estimates in the digits they deserve.

The unit stands in the heading, the cells hold bare numbers, the exact amount is on hover and in Excel.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from dash_app.engine.language import Unit
from dash_app.engine.result import BlockResult, Column, Row, Value
from dash_app.text import Lang
from dash_app.views import format as fmt
from dash_app.views.scene import Scene

THOUSAND = 1000
LARGE = 100_000
"""A column speaks in thousands where no amount but zero is smaller."""
_THOUSANDS: dict[Lang, str] = {"ru": f"тыс.{fmt.NBSP}", "en": "K"}


@dataclass(frozen=True, slots=True)
class ColumnUnit:
    """How a column's values are written. ``scale``: what amounts are divided by. ``estimate``: two digits are enough."""

    unit: Unit
    scale: int = 1
    estimate: bool = False

    def text(self, scene: Scene, value: Value) -> str:
        """A cell: amounts of the base currency without their sign, all else as anywhere."""
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            return scene.show(value, self.unit)
        number = fmt.two_digits(value) if self.estimate else value
        if self.unit is not Unit.MONEY:
            return scene.show(number, self.unit, short=self.unit is Unit.POINTS)
        return fmt.number(Decimal(str(number)) / self.scale, scene.lang)

    def full(self, scene: Scene, value: Value) -> str:
        """The exact value, for hover: kopecks, tenths of a day."""
        if self.unit is Unit.DAYS and isinstance(value, int | float):
            return fmt.days_exactly(value, scene.lang)
        return scene.with_unit(value, self.unit)

    def head(self, scene: Scene) -> str:
        """What stands in the heading: «₽», «тыс. ₽»; '' where the values say it themselves."""
        if self.unit is not Unit.MONEY:
            return ""
        about = f"≈{fmt.NBSP}" if self.estimate else ""
        sign = fmt.currency_sign(scene.currency)
        if self.scale == 1:
            return about + sign
        thousands = _THOUSANDS[scene.lang]
        return about + (f"{thousands}{sign}" if scene.lang == "ru" else f"{sign}{thousands}")


def column_unit(scene: Scene, result: BlockResult, column: Column) -> ColumnUnit:
    """The unit that fits all values of a column, those of its base and its total among them."""
    estimate = column.estimate
    if column.unit is not Unit.MONEY:
        return ColumnUnit(column.unit, estimate=estimate)
    rows = [*result.rows, *([result.totals] if result.totals else [])]
    large = all(abs(amount) >= LARGE for amount in _amounts(rows, (column.id, f"{column.id}_base")))
    known = any(True for _ in _amounts(rows, (column.id,)))
    return ColumnUnit(Unit.MONEY, THOUSAND if large and known else 1, estimate)


def _amounts(rows: Iterable[Row], names: Iterable[str]) -> Iterable[float]:
    """Amounts other than zero."""
    wanted = tuple(names)
    for row in rows:
        for name in wanted:
            value = row.get(name)
            if isinstance(value, int | float | Decimal) and value:
                yield float(value)
