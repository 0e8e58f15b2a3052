"""Closing a month: its plan rows, terms, sales and pay are frozen; reopening needs a reason and keeps the sheet in the history."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, InvalidOperation

from pydantic import SecretStr

from dash_app.engine.periods import span_of
from dash_app.engine.query import Period, Query
from dash_app.errors import BadInput
from dash_app.figures.pay.motivation import MonthPay, PaySheet, closing_rows, month_period, sheet_of
from dash_app.motivation.kinds import Closing
from dash_app.plans.grid import Plan
from dash_app.reports.service import ReportService
from dash_app.store.edits import Changed, EntryBook
from dash_app.store.kinds import ENTRY_KINDS
from dash_app.text import Text


@dataclass(frozen=True, slots=True)
class MonthState:
    """A month that was ever closed. ``at``, ``who``: of the last closing or reopening."""

    month: str
    closed: bool
    at: datetime
    who: str
    reason: str
    pay: Decimal  # of the sheet in force; 0 while open
    rows: int


def checked_month(month: str) -> str:
    """``2026-02``; BadInput for anything else."""
    try:
        return ENTRY_KINDS["closing"].value({"month": month, "state": "open"}).key
    except BadInput:
        raise BadInput(
            Text(
                f"Месяца «{month[:20]}» нет. Укажите его так: 2026-02.",
                f"There is no month “{month[:20]}”. Write it like this: 2026-02.",
            )
        ) from None


def checked_threshold(given: object) -> Decimal:
    """0.5 ... 1.5; BadInput for anything else."""
    try:
        value = Decimal(str(given).replace(",", "."))
    except InvalidOperation:
        value = Decimal("NaN")
    if not (value.is_finite() and Decimal("0.5") <= value <= Decimal("1.5")):
        raise BadInput(
            Text(
                f"Порог «{str(given)[:20]}» не подходит. Укажите от 0.5 до 1.5.",
                f"The threshold “{str(given)[:20]}” does not fit. Give 0.5 to 1.5.",
            )
        )
    return value


def sheet(reports: ReportService, month: str, threshold: Decimal = Decimal(1)) -> PaySheet:
    """The rows of a whole month, without filters."""
    query = Query(month_period(checked_month(month)), options=(("threshold", str(threshold)),))
    return sheet_of(reports.context(query))


def close_month(
    reports: ReportService, workspace: EntryBook, month: str, who: str, threshold: Decimal = Decimal(1)
) -> Closing:
    """Freezes a month. BadInput where it has not ended in the data, has no plan, or is closed already."""
    checked_month(month)
    for _ in range(3):
        since = workspace.version_of_all()
        context = reports.context(Query(month_period(month), options=(("threshold", str(threshold)),)))
        if context.as_of < span_of(month_period(month), context.zone).end:
            raise BadInput(
                Text(
                    f"Месяц {month} в данных ещё не закончился. Обновите данные после его конца и закройте тогда.",
                    f"The month {month} has not ended in the data. Refresh after its end and close it then.",
                )
            )
        found = sheet_of(context)
        if found.closed:
            raise BadInput(Text(f"Месяц {month} уже закрыт.", f"The month {month} is closed already."))
        if not any(row.plan is not None for row in found.rows):
            raise BadInput(
                Text(
                    f"За {month} нет ни одного плана, закрывать нечего.",
                    f"There is no plan for {month}, nothing to close.",
                )
            )
        value = Closing(month=month, state="closed", rows=closing_rows(found))
        try:
            workspace.put_entries("closing", {month: value.model_dump(mode="json")}, who, since=since)
        except Changed:
            continue  # somebody typed while the sheet was made: made anew
        return value
    raise BadInput(
        Text(
            "Планы и схемы как раз меняют. Попробуйте ещё раз.",
            "Plans and schemes are being changed right now. Try again.",
        )
    )


def needs_code(code: SecretStr | None) -> bool:
    """Whether reopening is given to some only."""
    return code is not None and bool(code.get_secret_value())


def check_right(code: SecretStr | None, given: object) -> None:
    """Reopening is a right of its own: where the deployment has a code for it, BadInput without that code."""
    if code is None or not needs_code(code):
        return
    if not isinstance(given, str) or not given.strip():
        raise BadInput(
            Text(
                "Чтобы открыть месяц, нужен код. Он у того, кто настраивал приложение.",
                "A code is needed to reopen a month. Whoever set up the application has it.",
            )
        )
    if not hmac.compare_digest(given.strip().encode(), code.get_secret_value().encode()):
        raise BadInput(Text("Код не подошёл. Месяц остался закрытым.", "That is not the code. The month stays closed."))


def reopen_month(workspace: EntryBook, month: str, who: str, reason: str) -> None:
    """Opens a closed month again. BadInput without a reason or where it is not closed."""
    value = {"month": checked_month(month), "state": "open", "reason": reason.strip()[:500]}
    workspace.put_entries("closing", {month: value}, who)


def states(workspace: EntryBook) -> list[MonthState]:
    """Months that were ever closed, the latest first."""
    found = []
    for month, entry in sorted(workspace.entries("closing").items(), reverse=True):
        value = entry.value
        assert isinstance(value, Closing)
        change = workspace.history(f"closing:{month}", most=1)[0]
        closed = value.state == "closed"
        found.append(
            MonthState(
                month,
                closed,
                change.at,
                change.who,
                value.reason,
                sum((r.pay for r in value.rows), Decimal(0)),
                len(value.rows),
            )
        )
    return found


@dataclass(frozen=True, slots=True)
class PayMonth:
    """A month with plans, or ever closed. ``rows``: planned ones; ``changed``: rows whose sales changed since it was closed, ``changed_by``
    their sum; sums in the base currency."""

    month: str
    state: MonthState | None
    ended: bool
    rows: int
    pay: Decimal
    changed: int
    changed_by: Decimal


def pay_months(reports: ReportService, workspace: EntryBook, most: int) -> list[PayMonth]:
    """The latest ``most`` such months; NoData where there are some, but no data yet."""
    known = {s.month: s for s in states(workspace)}
    planned = {e.value.month for e in workspace.entries("plan").values() if isinstance(e.value, Plan)}
    months = sorted({*planned, *known}, reverse=True)[:most]
    if not months:
        return []
    context = reports.context(Query(Period(month_period(months[-1]).start, month_period(months[0]).end)))
    rows: dict[str, list[MonthPay]] = {}
    for row in sheet_of(context).rows:
        rows.setdefault(row.month, []).append(row)
    found = []
    for month in months:
        own = rows.get(month, [])
        changed = [r for r in own if r.changed or r.changed_count]
        found.append(
            PayMonth(
                month,
                known.get(month),
                span_of(month_period(month), context.zone).end <= context.as_of,
                sum(1 for r in own if r.plan_amount is not None),
                sum((r.pay.amount for r in own), Decimal(0)),
                len(changed),
                sum((r.changed for r in changed if r.changed is not None), Decimal(0)),
            )
        )
    return found
