"""Looking at candidates: what each of them says today, and how far that is from its usual."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from dateutil.relativedelta import relativedelta

from dash_app.engine.query import Period
from dash_app.engine.result import BlockResult, Row
from dash_app.figures.overdue_weeks import then
from dash_app.reports.today import history
from dash_app.reports.today.api import Opened, Said
from dash_app.reports.today.candidates import (
    BY_SOURCE,
    COMING,
    EVENTS,
    FAR,
    LEAST_RECORDS,
    LEAST_WEEKS,
    Candidate,
    Pile,
    Run,
    Share,
    ToDate,
)
from dash_app.reports.today.desk import Asked, Desk, dates, days_before
from dash_app.text import Text

RATES_OVER = 90
"""Finished days over which «what a newcomer brings» and «which share is won» are counted."""

_WEEKDAYS = (
    Text("по понедельникам", "on Mondays"),
    Text("по вторникам", "on Tuesdays"),
    Text("по средам", "on Wednesdays"),
    Text("по четвергам", "on Thursdays"),
    Text("по пятницам", "on Fridays"),
    Text("по субботам", "on Saturdays"),
    Text("по воскресеньям", "on Sundays"),
)
_NO_USUAL = Text(
    "Обычного у этого нет: не должно быть ни одной записи. Выбрано по деньгам.",
    "It has no usual: there should be none. Chosen by money.",
)
_EARLIER = Text(
    "Обычно {middle:number} – середина из {n:number} прежних: {values:numbers}. Отклонение – {distance:spreads}.",
    "Usually {middle:number}, the middle of {n:number} earlier ones: {values:numbers}. It is {distance:spreads} away.",
)
_EARLIER_SUMS = Text(
    "Обычно {middle:money} – середина из {n:number} прежних: {values:moneys}. Отклонение – {distance:spreads}.",
    "Usually {middle:money}, the middle of {n:number} earlier ones: {values:moneys}. It is {distance:spreads} away.",
)
_EARLIER_SHARES = Text(
    "Обычно {middle:ratio} – середина из {n:number} прежних отрезков: {values:ratios}. Отклонение – {distance:spreads}.",
    "Usually {middle:ratio}, the middle of {n:number} earlier stretches: {values:ratios}. It is {distance:spreads} away.",
)
_FAR_SHARE = Text("Отклонение – {distance:spreads}.", "It is {distance:spreads} away.")
_OF_CHANCE = Text(
    "На кону {money:money}: сумма {amount:money} × {share:ratio} – такая доля закрытых за {days:number} дней сделок выиграна.",
    "At stake: {money:money}, the amount of {amount:money} × {share:ratio}, the share won of deals closed in {days:number} days.",
)
_OF_RISK = Text(
    "На кону {money:money}: сумма каждой сделки × доля выигранных среди дошедших до её стадии.",
    "At stake: {money:money}, each deal's amount × the share won of those that reached its stage.",
)
_OF_COMING = Text(
    "На кону {money:money}: {n:number} × {each:money} – столько за {days:number} дней в среднем приходится продаж на {what}.",
    "At stake: {money:money}, {n:number} × {each:money}, what {what} brought in sales on average in {days:number} days.",
)
_OF_WINS = Text(
    "На кону {money:money}: не хватает выигранных {n:tenth} × {each:money} – средняя выигранная сделка.",
    "At stake: {money:money}, {n:tenth} wins missing × {each:money}, the average won deal.",
)
_OF_SUM = Text("На кону {money:money}: столько не хватает до обычного.", "At stake: {money:money}, what is missing.")


@dataclass(frozen=True, slots=True)
class Finding:
    """A candidate as it is today. ``distance``: usual spreads from its usual, None where it has none. ``more``: said once it is chosen."""

    candidate: Candidate
    said: Said
    opened: Opened
    money: Decimal
    shown: Decimal | None
    estimated: bool
    distance: float | None
    why: tuple[Said, ...]
    more: Callable[[], Said | None] = lambda: None


@dataclass(frozen=True, slots=True)
class Rates:
    """What things are worth, over the last finished days. None where under ten records say it."""

    won_share: float | None
    won_each: Decimal | None
    coming: Mapping[str, Decimal]  # figure of ``COMING`` -> what one of them brings; only those that can be said


class Finder:
    """Looks at candidates through one desk; what several of them need is asked once. ``looked``: how many numbers were looked at."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.looked = 0
        self._yesterday = days_before(desk.today, 1)

    def find(self, candidate: Candidate) -> Iterator[Finding]:
        """What of a candidate is out of the ordinary."""
        if self.desk.since is None:
            return
        block, figure = (
            (candidate.block, candidate.count) if isinstance(candidate, Pile) else (candidate.opens, candidate.figure)
        )
        if not self.desk.speaks_of(candidate.report, block, figure):
            return
        match candidate:
            case Pile():
                yield from self._piles(candidate)
            case Run():
                yield from self._runs(candidate)
            case Share():
                yield from self._shares(candidate)
            case ToDate():
                yield from self._to_date(candidate)

    # -- what happened on each day ---------------------------------------------------------------------------------------

    @cached_property
    def _days(self) -> Mapping[str, Mapping[date, Any]]:
        """Figure -> day -> what happened: seven months up to yesterday, by one kept answer."""
        if not self.desk.has(*EVENTS):
            return {}
        first = self._yesterday.replace(day=1) - relativedelta(months=6)
        asked = self.desk.ask(EVENTS[0], {**dates(first, self._yesterday), "grain": ["day"]})
        result = self.desk.block(asked, EVENTS[1])
        names = [c.id for c in result.columns if c.role == "figure"]
        return {name: {row["bucket"]: row[name] or 0 for row in result.rows} for name in names}  # type: ignore[misc]

    def _sum(self, figure: str, period: Period) -> Any:
        return history.summed(self._days.get(figure, {}), period)

    @cached_property
    def rates(self) -> Rates:
        """What a lead, a won deal and an open amount are worth here."""
        span = Period(days_before(self._yesterday, RATES_OVER - 1), self._yesterday)
        won, lost = self._sum("deals_won", span), self._sum("deals_lost", span)
        amount = Decimal(self._sum("deals_won_amount", span))
        coming = {name: int(self._sum(name, span)) for name in COMING if self.desk.speaks_of(*EVENTS, name)}
        return Rates(
            won / (won + lost) if won + lost >= LEAST_RECORDS else None,
            amount / int(won) if won >= LEAST_RECORDS else None,
            {name: amount / number for name, number in coming.items() if number >= LEAST_RECORDS},
        )

    # -- piles -------------------------------------------------------------------------------------------------------------

    def _piles(self, pile: Pile) -> Iterator[Finding]:
        asked = self.desk.ask(pile.report, pile.params)
        result = self.desk.block(asked, pile.block)
        norms = self._norms(pile)
        for row in result.rows:
            self.looked += 1
            count = int(row.get(pile.count) or 0)  # type: ignore[arg-type]
            norm = norms.get(_key(row)) if pile.norms else None
            if not count or (pile.norms and norm is None):
                continue
            distance, why = self._of_weeks(pile, count) if pile.weeks else self._of_all(pile, row, count)
            if distance is not None and distance < FAR:
                continue
            amount = row.get(pile.money) if pile.money else None
            money, worth = self._worth(pile, count, Decimal(str(row.get(pile.risk or pile.money) or 0)))
            opened = self.desk.opened(
                asked,
                result.block,
                pile.count,
                count,
                amount if isinstance(amount, Decimal) else None,
                self.desk.keys_of(result, row),
            )
            words = {"n": count, "stage": _stage(result, row), "norm": norm}
            shown = amount if isinstance(amount, Decimal) and amount else money if money else None
            yield Finding(
                pile,
                Said(pile.says, words),
                opened,
                money,
                shown,
                not isinstance(amount, Decimal),
                distance,
                (*why, *worth),
            )

    def _norms(self, pile: Pile) -> Mapping[tuple[object, ...], int]:
        """Norms in days by row; only those that rest on enough records are there."""
        if pile.norms is None or not self.desk.has(*pile.norms[:2]):
            return {}
        report, block, figure = pile.norms
        rows = self.desk.block(self.desk.ask(report, {}), block).rows
        return {_key(row): int(row[figure]) for row in rows if row.get(figure) is not None}  # type: ignore[arg-type]

    def _of_weeks(self, pile: Pile, count: int) -> tuple[float | None, tuple[Said, ...]]:
        """How far a pile lies above what it was in the weeks before, where there are enough of both to say."""
        assert pile.weeks is not None
        since = self.desk.since
        if not self.desk.has(*pile.weeks) or since is None:
            return None, (Said(_NO_USUAL),)
        rows = self.desk.block(self.desk.ask(pile.weeks[0], {}), pile.weeks[1]).rows[1:]
        earlier = [float(row[then(pile.count)]) for row in rows if row["week"] > since]  # type: ignore[arg-type, operator]
        if len(earlier) < LEAST_WEEKS:
            return None, (Said(_NO_USUAL),)
        usual = history.usual(earlier, of_counts=True)
        if max(usual.middle, count) < LEAST_RECORDS:
            return None, (Said(_NO_USUAL),)
        distance = usual.distance(count)
        return distance, (_earlier(_EARLIER, usual, distance),)

    def _of_all(self, pile: Pile, row: Row, count: int) -> tuple[float | None, tuple[Said, ...]]:
        """How far a pile lies from its usual part of all, where there are enough to say; else it has no usual."""
        everything = int(row.get(pile.of_all[0]) or 0) if pile.of_all else 0  # type: ignore[arg-type]
        if pile.of_all is None or pile.usual is None or everything < LEAST_RECORDS:
            return None, (Said(_NO_USUAL),)
        distance = history.of_share(count / everything, pile.of_all[1], everything)
        said = Said(pile.usual, {"all": everything, "share": count / everything})
        return distance, (said, Said(_FAR_SHARE, {"distance": distance}))

    def _worth(self, pile: Pile, count: int, amount: Decimal) -> tuple[Decimal, tuple[Said, ...]]:
        """The money a pile stands for, and how it was made; none where too few records tell."""
        rates = self.rates
        match pile.worth:
            case "risk":
                return amount, (Said(_OF_RISK, {"money": amount}),)
            case "coming" if rates.coming:
                name, each = next(iter(rates.coming.items()))
                money = each * count
                values = {"n": count, "each": each, "what": COMING[name], "days": RATES_OVER}
                return money, (Said(_OF_COMING, {"money": money, **values}),)
            case "chance" if rates.won_share is not None:
                money = amount * Decimal(str(rates.won_share))
                values = {"amount": amount, "share": rates.won_share, "days": RATES_OVER}
                return money, (Said(_OF_CHANCE, {"money": money, **values}),)
        return Decimal(0), ()

    # -- runs ----------------------------------------------------------------------------------------------------------------

    def _runs(self, run: Run) -> Iterator[Finding]:
        now, *before = history.windows(self._yesterday, run.days, run.weeks + 1)
        if run.days < 7 and not self.desk.is_working(self._yesterday):
            return
        earlier = history.alike(before, now, self.desk.is_working, self.desk.since)
        if len(earlier) < run.least:
            return
        for source, name, by_day in (
            self._sources(run) if run.by_source else [(None, "", self._days.get(run.figure, {}))]
        ):
            self.looked += 1
            usual = history.usual([float(history.summed(by_day, p)) for p in earlier], of_counts=True)
            count = int(history.summed(by_day, now))
            distance = -usual.distance(count)
            if usual.middle < LEAST_RECORDS or distance < FAR:
                continue
            yield self._run(run, now, count, usual, distance, source, name)

    def _run(
        self, run: Run, now: Period, count: int, usual: history.Usual, distance: float, source: str | None, name: str
    ) -> Finding:
        asked = self.desk.ask(run.report, dates(now.start, now.end))
        each = self.rates.coming.get(run.figure)
        missing = Decimal(str(usual.middle)) - count
        money = missing * each if each is not None else Decimal(0)
        row = (("source_id", source),) if source is not None else ()
        opened = self.desk.opened(asked, run.opens, run.figure, count, None, row)
        words = {
            "n": count,
            "usual": usual.middle,
            "day": now.end,
            "weekdays": _WEEKDAYS[now.end.weekday()],
            "days": run.days,
            "source": name,
        }
        why = [_earlier(_EARLIER, usual, distance)]
        if each is not None:
            values = {"n": missing, "each": each, "what": COMING[run.figure], "days": RATES_OVER}
            why.append(Said(_OF_COMING, {"money": money, **values}))
        return Finding(run, Said(run.says, words), opened, money, money or None, True, distance, tuple(why))

    def _sources(self, run: Run) -> Iterator[tuple[str, str, Mapping[date, float]]]:
        """(id, name, day -> events) of the largest sources of nine weeks."""
        if not self.desk.has(*BY_SOURCE):
            return
        first = days_before(self._yesterday, 7 * (run.weeks + 1) - 1)
        asked = self.desk.ask(BY_SOURCE[0], {**dates(first, self._yesterday), "grain": ["day"]})
        result = self.desk.block(asked, BY_SOURCE[1])
        by_source: dict[str, dict[date, float]] = {}
        names: dict[str, str] = {}
        for row in result.rows:
            source = row.get("source_id")
            if source is None or source == "other":
                continue
            names[str(source)] = str(row.get("source"))
            by_source.setdefault(str(source), {})[row["bucket"]] = row[run.figure] or 0  # type: ignore[index, assignment]
        for source, days in by_source.items():
            yield source, names[source], days

    # -- shares --------------------------------------------------------------------------------------------------------------

    def _shares(self, share: Share) -> Iterator[Finding]:
        now, *before = history.windows(self._yesterday, share.days, share.stretches + 1)
        since = self.desk.since
        earlier = [p for p in before if since is not None and p.start > since]
        parts = [self._parts(share, p) for p in earlier]
        known = [num / den for num, den in parts if den >= LEAST_RECORDS]
        num, den = self._parts(share, now)
        self.looked += 1
        if len(known) < share.least or den < LEAST_RECORDS:
            return
        usual = history.usual(known, of_counts=False)
        gap = usual.middle - num / den
        distance = -history.of_share(num / den, usual.middle, den)
        if distance < FAR or num / den >= min(known):
            return
        asked = self.desk.ask(share.report, dates(now.start, now.end))
        missing = Decimal(str(gap * den))
        each = self.rates.won_each
        money = missing * each if each is not None else Decimal(0)
        why = [_earlier(_EARLIER_SHARES, usual, distance)]
        if each is not None:
            why.append(Said(_OF_WINS, {"money": money, "n": missing, "each": each}))
        values = {"won": num, "closed": den, "share": num / den, "gap": gap, "days": share.days}
        said = Said(share.says, values)
        opened = self.desk.opened(asked, share.opens, share.figure, num)
        yield Finding(
            share, said, opened, money, money or None, True, distance, tuple(why),
            lambda: self._who(share, said, asked, usual.middle, gap * den),
        )  # fmt: skip

    def _parts(self, share: Share, period: Period) -> tuple[int, int]:
        return int(self._sum(share.num, period)), sum(int(self._sum(name, period)) for name in share.den)

    def _who(self, share: Share, said: Said, asked: Asked, usual: float, missing: float) -> Said | None:
        """The person with whom most of what is missing lies: at least half of it, of at least ten records."""
        if share.by_person is None or not self.desk.has(*share.people):
            return None
        report, block = share.people
        period = asked.query.period
        rows = self.desk.block(self.desk.ask(report, {**dates(period.start, period.end), "state": ["now"]}), block).rows
        found = None
        for row in rows:
            won, closed = int(row.get(f"{share.figure}_num") or 0), int(row.get(f"{share.figure}_den") or 0)  # type: ignore[arg-type]
            lacking = usual * closed - won
            if closed >= LEAST_RECORDS and lacking >= missing / 2 and (found is None or lacking > found[0]):
                found = (lacking, row, won, closed)
        if found is None or len(rows) < 2:
            return None
        _, row, won, closed = found
        return Said(share.by_person, {"said": said, "manager": row.get("manager"), "won": won, "closed": closed})

    # -- the month so far ----------------------------------------------------------------------------------------------------

    def _to_date(self, candidate: ToDate) -> Iterator[Finding]:
        if self._yesterday.month != self.desk.today.month:
            return
        now, *before = history.months_to_date(self._yesterday, candidate.months + 1)
        since = self.desk.since
        counted = [p for p in before if since is not None and p.start > since]
        earlier = [p for p in counted if self._sum(candidate.count, p) >= LEAST_RECORDS]
        self.looked += 1
        if len(earlier) < candidate.least:
            return
        usual = history.usual([float(self._sum(candidate.figure, p)) for p in earlier], of_counts=False)
        amount = Decimal(self._sum(candidate.figure, now))
        distance = -usual.distance(float(amount))
        if distance < FAR:
            return
        asked = self.desk.ask(candidate.report, dates(now.start, now.end))
        count = int(self._sum(candidate.count, now))
        gap = Decimal(str(usual.middle)) - amount
        why = (_earlier(_EARLIER_SUMS, usual, distance), Said(_OF_SUM, {"money": gap}))
        said = Said(candidate.says, {"period": now, "amount": amount, "usual": Decimal(str(usual.middle))})
        opened = self.desk.opened(asked, candidate.opens, candidate.figure, count, amount)
        yield Finding(candidate, said, opened, gap, -gap, False, distance, why)


def _earlier(words: Text, usual: history.Usual, distance: float) -> Said:
    values = {"middle": usual.middle, "n": len(usual.values), "values": usual.values, "distance": distance}
    return Said(words, values)


def _key(row: Row) -> tuple[object, ...]:
    """Pipeline and stage of a row."""
    return row.get("pipeline_id"), row.get("stage_id")


def _stage(result: BlockResult, row: Row) -> str:
    """A stage, with its pipeline where there are several."""
    if "stage" not in row:
        return ""
    several = len({r.get("pipeline_id") for r in result.rows}) > 1
    return f"{row.get('pipeline')}: {row['stage']}" if several else str(row["stage"])
