"""Cards to call: five deals to save, five to close. Each once, each for its reason; cards put off are not among them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, datetime
from decimal import Decimal

from dash_app.engine.result import Row
from dash_app.record_kinds import COMPANY, CONTACT, SALE
from dash_app.reports.today.api import CARDS_OF_A_KIND, Call, Said
from dash_app.reports.today.desk import Desk
from dash_app.text import Text

TO_SAVE, TO_CLOSE = ("forgotten", SALE.fact), ("sales-plan", "closing")
"""(report, list block): forgotten deals by what they may cost, deals near their planned close by what they may bring."""

_IDLE = Text(
    "{n:number} {n:~день|дня|дней} без касаний, под угрозой {money:money}",
    "{n:day} untouched, {money:money} at risk",
)
_IDLE_WITHOUT_SUM = Text("{n:number} {n:~день|дня|дней} без касаний, сумма не указана", "{n:day} untouched, no amount")
_DUE = Text("закрытие {day:date}, ожидается {money:money}", "closes on {day:date}, {money:money} expected")
_LATE = Text(
    "должна была закрыться {day:date}, ожидается {money:money}", "was due on {day:date}, {money:money} expected"
)


def calls(desk: Desk) -> tuple[tuple[Call, ...], tuple[Call, ...]]:
    """(to save, to close)."""
    save = tuple(_first(desk, TO_SAVE, "save", _why_save, frozenset()))
    saved = frozenset(call.id for call in save)
    return save, tuple(_first(desk, TO_CLOSE, "close", _why_close, saved))


def _first(
    desk: Desk, place: tuple[str, str], kind: str, why: Callable[[Desk, Row], Said], without: frozenset[str]
) -> Iterator[Call]:
    if not desk.has(*place):
        return
    page = desk.records(desk.ask(place[0], {}), place[1], CARDS_OF_A_KIND + len(without))
    rows = [row for row in page.rows if str(row["id"]) not in without]
    for row in rows[:CARDS_OF_A_KIND]:
        title = str(row["title"] or f"#{row['id']}")
        client = _client(desk, row)
        yield Call(
            kind,
            page.entity,
            str(row["id"]),
            title,
            client or title,
            str(row["url"]),
            _money(row, "amount"),
            _money(row, "at_risk") or _money(row, "expected"),
            str(row["manager"]),
            str(row["stage"]),
            why(desk, row),
        )


def _client(desk: Desk, row: Row) -> str:
    """The name of a card's company or contact, where some own field that links to it has made it known; '' otherwise."""
    fields = [meta for meta in desk.service.directory().fields.values() if meta.type.kind == "links"]
    for kind in (COMPANY, CONTACT):
        number = str(row.get(f"{kind.id}_url") or "").rstrip("/").rpartition("/")[2]
        value = f"{kind.prefix}_{number}"
        name = next((meta.options[value] for meta in fields if value in meta.options), None) if number else None
        if name is not None:
            return name.of(desk.lang)
    return ""


def _money(row: Row, name: str) -> Decimal | None:
    value = row.get(name)
    return value if isinstance(value, Decimal) else None


def _why_save(_: Desk, row: Row) -> Said:
    money = _money(row, "at_risk")
    return Said(_IDLE if money else _IDLE_WITHOUT_SUM, {"n": int(row["idle_days"] or 0), "money": money})  # type: ignore[arg-type]


def _why_close(desk: Desk, row: Row) -> Said:
    day = row["planned_close"]
    if isinstance(day, datetime):
        day = day.date()
    assert isinstance(day, date)
    return Said(_LATE if day < desk.today else _DUE, {"day": day, "money": _money(row, "expected")})
