"""Динамика продаж: leads and deals by stage, in work / won / lost, over time (metrics.md section 1)."""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction
from itertools import permutations

from dash_app.engine import aggregate
from dash_app.engine.blocks import Block, Cards, Funnel, Matrix, Series, Table, Waterfall
from dash_app.engine.context import Context
from dash_app.engine.course import TOTAL
from dash_app.engine.language import Aggregate, Dimension, Measure, Option, PerDay, Relative, Unit
from dash_app.engine.result import Column, Note, Row, WaterfallResult
from dash_app.figures import common as c
from dash_app.figures.plan_rows import planned_by
from dash_app.text import Text

VELOCITY = PerDay(
    "velocity",
    c.DEALS_WON_AMOUNT,
    Text("Выручка в день", "Won per day"),
    Text(
        "Сумма выигранных / прошедшие дни периода: оконченный считается целиком, идущий – по часам, база – так же.",
        "Amount won / days of the period that have passed: one that is over counts whole, a running one by the hour, its base alike.",
    ),
)

SUMMARY = Cards(
    "summary",
    Text("Главное", "Summary"),
    Text(
        "Сколько пришло, сколько в работе, сколько выиграно и проиграно.",
        "What came, what is in work, what was won and lost.",
    ),
    figures=(
        c.DEALS_WON_AMOUNT,
        c.DEALS_WON,
        c.CONVERSION_WORKED,
        c.AVERAGE_CHECK,
        c.CYCLE_MEDIAN,
        c.DEALS_IN_WORK,
        c.DEALS_IN_WORK_AMOUNT,
        c.LEADS_CREATED,
        c.DEALS_CREATED,
        c.DEALS_CREATED_AMOUNT,
        c.DEALS_LOST,
        c.DEALS_LOST_AMOUNT,
        c.WIN_RATE,
        c.CONVERSION_COHORT,
        c.MEDIAN_CHECK,
        c.CYCLE_MEAN,
        c.CYCLE_P90,
        VELOCITY,
    ),
    headline=(
        "deals_won_amount",
        "deals_won",
        "conversion_worked",
        "average_check",
        "cycle_median",
        "deals_in_work",
        "deals_in_work_amount",
        "deals_created",
        "leads_created",
        "deals_lost",
    ),
    notes=(c.WON_WITHOUT_AMOUNT, c.WITHOUT_RATE),
)

DYNAMICS = Series(
    "dynamics",
    Text("Динамика", "Dynamics"),
    Text(
        "Каждое событие – в своём отрезке: созданная сделка – в дне создания, выигранная – в дне выигрыша.",
        "Each event falls into its own bucket: a deal is created on one day and won on another.",
    ),
    figures=(c.DEALS_WON_AMOUNT, c.DEALS_WON, c.DEALS_LOST, c.DEALS_CREATED, c.DEALS_CREATED_AMOUNT, c.LEADS_CREATED),
    options=("grain", "course"),
    course="course",
    planned=(("deals_won_amount", planned_by),),
)
COURSE = Option(
    "course",
    Text("Вид", "Shape"),
    {
        "": Text("Авто", "Auto"),
        TOTAL: Text("Нарастающим итогом", "Running total"),
        "step": Text("По шагам", "By step"),
    },
    default="",
)

_IN_STAGE_DAYS = "CASE WHEN status = 'in_work' THEN stage_days ELSE cycle_days END"
_DAYS_HELP = Text(
    "На стадиях в работе – дни с входа на неё; на конечных – цикл от создания до закрытия.",
    "In stages of work, days since entering it; in final ones, the cycle from creation to closing.",
)


_OVER_HELP = Text(
    "В работе и на стадии дольше нормы: заданной, или срока, за который её прошли 9 из 10 выигранных сделок. У лидов – только заданной.",
    "In work and longer in the stage than the norm: the one given, or what nine won deals in ten stayed there. Of leads the one given alone.",
)
_NORM = {
    "deals": "id IN (SELECT d.id FROM deals AS d JOIN stage_norms AS n USING (pipeline_id, stage_id) WHERE d.stage_days > n.stay_p90_won)",
    "leads": "false",
}
"""SQL: longer in its stage than nine won deals in ten stayed there; of leads nothing of the kind is known."""


def _standing(fact: str) -> tuple[Measure, ...]:
    """Records where they stand; which records, the option ``cards`` says."""
    over = f"{c.IN_WORK} AND CASE WHEN $stuck_days > 0 THEN stage_days > $stuck_days ELSE {_NORM[fact]} END"

    def days(agg: Aggregate, ru: str, en: str) -> Measure:
        label = Text(f"Дней, {ru}", f"Days, {en}")
        return Measure(
            f"days_{agg}", fact, "true", label, _DAYS_HELP, agg=agg, of=_IN_STAGE_DAYS, unit=Unit.DAYS, good=-1
        )

    return (
        Measure(
            "count",
            fact,
            "true",
            Text("Количество", "Count"),
            Text("Карточки, которые стоят здесь.", "Cards that stand here."),
        ),
        Measure(
            "amount",
            fact,
            "true",
            Text("Сумма", "Amount"),
            Text("Их сумма в базовой валюте.", "Their amount, base currency."),
            agg="sum",
            of="amount",
            unit=Unit.MONEY,
        ),
        days("mean", "среднее", "mean"),
        days("median", "медиана", "median"),
        days("p90", "9 из 10 быстрее", "p90"),
        Measure(
            "over",
            fact,
            over,
            Text("Дольше нормы", "Longer than the norm"),
            _OVER_HELP,
            good=-1,
        ),
        Measure(
            "over_amount",
            fact,
            over,
            Text("Сумма дольше нормы", "Amount longer than the norm"),
            Text("Сумма застрявших.", "Amount of those."),
            agg="sum",
            of="amount",
            unit=Unit.MONEY,
            good=-1,
        ),
    )


_WHICH = (("cards", "created", c.CREATED), ("cards", "open", c.IN_WORK), ("in_work_only", "true", c.IN_WORK))
_STANDING_OPTIONS = ("cards", "in_work_only", "stuck_days")

DEAL_STAGES = Table(
    "deal_stages",
    Text("Сделки по стадиям", "Deals by stage"),
    Text(
        "Где стоят сделки и как долго: все открытые или созданные в периоде. Период прошёл – на его конец.",
        "Where deals stand and for how long: all open ones, or those created in the period. Of a period that is over, at its end.",
    ),
    figures=_standing("deals"),
    dimensions=(c.PIPELINE, c.DEAL_STAGE),
    totals=True,
    when=_WHICH,
    options=_STANDING_OPTIONS,
)
LEAD_STAGES = Table(
    "lead_stages",
    Text("Лиды по статусам", "Leads by status"),
    Text(
        "Где стоят лиды и как долго: все открытые или созданные в периоде. Период прошёл – на его конец.",
        "Where leads stand and for how long: all open ones, or those created in the period. Of a period that is over, at its end.",
    ),
    figures=_standing("leads"),
    dimensions=(c.LEAD_STAGE,),
    totals=True,
    when=_WHICH,
    options=_STANDING_OPTIONS,
)

_REACHED = Measure(
    "reached",
    "deal_stages",
    f"reached AND {c.CREATED}",
    Text("Дошли", "Reached"),
    Text(
        "Созданные в периоде сделки, побывавшие на этой стадии или дальше; перескочившие её тоже.",
        "Deals created in the period that entered this stage or a later one; those that skipped it count too.",
    ),
    moment="created",
    good=1,
    says="cohort",
)
FUNNEL = Funnel(
    "funnel",
    Text("Воронка", "Funnel"),
    Text(
        "Путь сделок, созданных в периоде: сколько дошли, где потеряны и сколько стоят.",
        "The way of deals created in the period: how many got here, where they are lost, how long they stay.",
    ),
    dimensions=(c.PIPELINE, c.DEAL_STAGE),
    figures=(
        _REACHED,
        Relative(
            "from_previous",
            _REACHED,
            "previous",
            "pipeline_id",
            Text("От предыдущей", "From previous"),
            Text("Дошли сюда / дошли до предыдущей стадии.", "Reached this / reached the previous stage."),
        ),
        Relative(
            "from_first",
            _REACHED,
            "first",
            "pipeline_id",
            Text("От первой", "From first"),
            Text("Дошли сюда / дошли до первой стадии.", "Reached this / reached the first stage."),
        ),
        Measure(
            "entered",
            "deal_stages",
            f"entered AND {c.CREATED}",
            Text("Были на стадии", "Entered"),
            Text("Действительно стояли на этой стадии.", "Really stood in this stage."),
            moment="created",
            says="cohort",
        ),
        Measure(
            "lost_here",
            "deal_stages",
            f"lost_here AND {c.CREATED}",
            Text("Потеряны здесь", "Lost here"),
            Text("Проиграны, и дальше этой стадии не зашли.", "Lost, with this as the furthest stage."),
            moment="created",
            good=-1,
            says="cohort",
        ),
        Measure(
            "moved_out_here",
            "deal_stages",
            f"moved_out_here AND {c.CREATED}",
            Text("Ушли в другую воронку", "Moved out"),
            Text(
                "Отсюда хотя бы раз ушли в другую воронку, вернулись потом или нет.",
                "Moved from here to another pipeline at least once, back again or not.",
            ),
            moment="created",
            says="cohort",
        ),
        Measure(
            "returned",
            "deal_stages",
            f"returned AND {c.CREATED}",
            Text("Возвращались назад", "Returned"),
            Text(
                "Хотя бы раз ушли отсюда на более раннюю стадию.",
                "Went from here back to an earlier stage at least once.",
            ),
            moment="created",
            good=-1,
            says="cohort",
        ),
        Measure(
            "stage_days_median",
            "deal_stages",
            f"stay_days IS NOT NULL AND {c.CREATED}",
            Text("Дней на стадии, медиана", "Days in stage, median"),
            Text(
                "Общее время завершённых стоянок сделки на стадии.",
                "Total time of a deal's completed stays in the stage.",
            ),
            agg="median",
            of="stay_days",
            unit=Unit.DAYS,
            moment="created",
            good=-1,
            says="cohort",
        ),
    ),
    complete=True,
)

_REASON = Dimension("reason_id", "loss_reason", Text("Причина", "Reason"), "loss_reasons")
_FINAL = Dimension("stage_id", "stage_id", Text("Итоговая стадия", "Final stage"), "stages", entity="deal")
_FURTHEST = Dimension(
    "furthest_stage_id", "furthest_stage_id", Text("Дальше всего дошли", "Furthest stage"), "stages", entity="deal"
)
LOSSES = Matrix(
    "losses",
    Text("Потери", "Losses"),
    Text(
        "Проигранные в периоде: почему и до какой стадии дошли.",
        "Deals lost in the period: why, and how far they had come.",
    ),
    dimensions=(c.PIPELINE, _REASON, _FINAL, _FURTHEST),
    order=("-count",),
    totals=True,
    figures=(
        Measure(
            "count",
            "deals",
            c.LOST,
            Text("Проиграно", "Lost"),
            Text("Сделки, проигранные в периоде.", "Deals lost in the period."),
            moment="lost",
            good=-1,
        ),
        Measure(
            "amount",
            "deals",
            c.LOST,
            Text("Сумма", "Amount"),
            Text("Сумма проигранных сделок.", "Amount of lost deals."),
            agg="sum",
            of="amount",
            unit=Unit.MONEY,
            moment="lost",
            good=-1,
        ),
        Measure(
            "days_median",
            "deals",
            c.LOST,
            Text("Дней до потери, медиана", "Days to loss, median"),
            Text("От создания до проигрыша.", "From creation to loss."),
            agg="median",
            of="cycle_days",
            unit=Unit.DAYS,
            moment="lost",
        ),
    ),
)

CUSTOMERS = Table(
    "customers",
    Text("Новые и повторные клиенты", "New and repeat customers"),
    Text(
        "Повторный – сделка с признаком повторной у Битрикс24.",
        "Repeat: Bitrix24 marks the deal as a return or repeated one.",
    ),
    dimensions=(c.CUSTOMER,),
    figures=(c.DEALS_CREATED, c.DEALS_WON, c.DEALS_WON_AMOUNT),
    totals=True,
)

_FACTORS = {
    "worked": Text("Сделок в работе", "Deals worked"),
    "conversion_worked": Text("Конверсия", "Conversion"),
    "average": Text("Средняя выигранная сделка", "Average won deal"),
}
_CENT = Decimal("0.01")


def shapley(now: tuple[Fraction, ...], before: tuple[Fraction, ...]) -> tuple[Fraction, ...]:
    """Splits ``prod(now) − prod(before)`` among the factors: each one's mean effect over all orders of change.

    The parts sum exactly to the difference, whatever the order, because the arithmetic is rational.
    """
    size = len(now)
    parts = [Fraction(0)] * size
    orders = list(permutations(range(size)))
    for order in orders:
        current = list(before)
        value = _product(current)
        for position in order:
            current[position] = now[position]
            after = _product(current)
            parts[position] += after - value
            value = after
    return tuple(part / len(orders) for part in parts)


def _product(factors: list[Fraction]) -> Fraction:
    result = Fraction(1)
    for factor in factors:
        result *= factor
    return result


def _factors(values: aggregate.Values) -> tuple[Fraction | None, Fraction | None, Fraction | None]:
    worked, won, amount = (Fraction(values[m.id]) for m in (c.DEALS_WORKED, c.DEALS_WON, c.DEALS_WON_AMOUNT))
    return worked, (won / worked if worked else None), (amount / won if won else None)


def why_changed(context: Context, block: Block) -> WaterfallResult:
    """Rows ``factor, value, base, part`` (money): won amount = worked × conversion × average, the difference split."""
    columns = [
        Column("factor", Text("Множитель", "Factor"), Unit.TEXT, "key", hidden=True),
        Column("factor_name", Text("Множитель", "Factor"), Unit.TEXT, "label", "factor"),
        Column("value", Text("Стало", "Value"), Unit.POINTS),
        Column("base", Text("Было", "Base"), Unit.POINTS),
        Column("part", Text("Вклад в разницу", "Part of the difference"), Unit.MONEY, good=1),
    ]
    result = WaterfallResult(block.id, columns, [])
    base = context.base()
    if base is None:
        result.notes.append(
            Note(
                Text(
                    "Включите сравнение, чтобы увидеть, что изменило выручку.",
                    "Switch a comparison on to see what changed the won amount.",
                )
            )
        )
        return result
    measures = (c.DEALS_WORKED, c.DEALS_WON, c.DEALS_WON_AMOUNT)
    values_now, values_base = (aggregate.evaluate(asked, measures)[()] for asked in (context, base))
    now, before = _factors(values_now), _factors(values_base)
    # a factor unknown on one side (nothing worked, nothing won) takes the other's value, so no effect is put on it
    filled = [(n if n is not None else b, b if b is not None else n) for n, b in zip(now, before, strict=True)]
    parts = shapley(tuple(n or Fraction(0) for n, _ in filled), tuple(b or Fraction(0) for _, b in filled))
    difference = Decimal(str(values_now[c.DEALS_WON_AMOUNT.id])) - Decimal(str(values_base[c.DEALS_WON_AMOUNT.id]))
    rounded = [_money(part) for part in parts[:-1]]
    rounded.append(difference - sum(rounded, Decimal(0)))
    for (factor, name), value, was, part in zip(_FACTORS.items(), now, before, rounded, strict=True):
        row: Row = {
            "factor": factor,
            "factor_name": name.of(context.lang),
            "value": None if value is None else float(value),
            "base": None if was is None else float(was),
            "part": part,
        }
        result.rows.append(row)
    result.totals = {
        "factor": None,
        "factor_name": None,
        "value": values_now[c.DEALS_WON_AMOUNT.id],
        "base": values_base[c.DEALS_WON_AMOUNT.id],
        "part": difference,
    }
    result.units = {"worked": Unit.COUNT, "conversion_worked": Unit.RATIO, "average": Unit.MONEY}
    result.drills = {
        "worked": c.DEALS_WORKED.id,
        "conversion_worked": c.DEALS_WON.id,
        "average": c.DEALS_WON_AMOUNT.id,
    }
    result.whole = c.DEALS_WON_AMOUNT.id
    return result


def _money(value: Fraction) -> Decimal:
    """Half-even to 0.01, exactly."""
    return (Decimal(value.numerator) / Decimal(value.denominator)).quantize(_CENT, ROUND_HALF_EVEN)


CHANGE = Waterfall(
    "change",
    Text("Почему изменилась сумма", "Why the amount changed"),
    Text(
        "Сумма выигранных = сделок в работе × конверсия × средняя сделка. Разница с базой поделена между множителями по Шепли; части в сумме дают её точно.",
        "Amount won = deals worked × conversion × average deal. The difference from the base is split by Shapley values; the parts sum to it exactly.",
    ),
    compute=why_changed,
    sources=(c.DEALS_WORKED, c.DEALS_WON, c.DEALS_WON_AMOUNT),
)

BLOCKS = (SUMMARY, DYNAMICS, FUNNEL, DEAL_STAGES, LEAD_STAGES, LOSSES, CHANGE, CUSTOMERS, c.DEALS_LIST, c.LEADS_LIST)
