"""A block's answer: numbers of the period and of its base, put into rows with labels, parts and deltas."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import product
from typing import Any

from dash_app.engine import aggregate
from dash_app.engine.aggregate import Values
from dash_app.engine.blocks import (
    Bars,
    Block,
    Bullet,
    Cards,
    Counted,
    Funnel,
    Matrix,
    Rows,
    Scatter,
    Series,
    Steps,
    Table,
)
from dash_app.engine.context import Context
from dash_app.engine.course import is_total
from dash_app.engine.directory import NOT_SET
from dash_app.engine.facts import FACTS
from dash_app.engine.filters import filter_of
from dash_app.engine.language import (
    Dimension,
    Figure,
    Formula,
    Given,
    Measure,
    Part,
    PerDay,
    Product,
    Ratio,
    Relative,
    Unit,
    givens_of,
    measures_of,
    parts_of,
)
from dash_app.engine.moments import Speaking, instant_of
from dash_app.engine.page_plan import Key
from dash_app.engine.periods import ALL_START, buckets, grain_of, to_local
from dash_app.engine.result import (
    OTHER,
    BarsResult,
    BlockResult,
    BulletResult,
    CardsResult,
    Column,
    FunnelResult,
    MatrixResult,
    Note,
    Row,
    ScatterResult,
    SeriesResult,
    StepsResult,
    TableResult,
    Value,
)
from dash_app.engine.tree import as_tree
from dash_app.record_kinds import SALE
from dash_app.text import Text


def divide(numerator: Value, denominator: Value) -> float | Decimal | None:
    """A ratio: null over 0 or over nothing, never an error. Money over a count stays decimal."""
    if numerator is None or not denominator:
        return None
    if isinstance(numerator, Decimal) and not isinstance(denominator, float):
        if isinstance(denominator, Decimal):
            return float(numerator / denominator)
        return numerator / Decimal(int(denominator))  # type: ignore[arg-type]
    return float(numerator) / float(denominator)  # type: ignore[arg-type]


def delta(value: Value, base: Value) -> tuple[Value, float | None]:
    """``value − base`` and the same over |base|: null where base is 0 or unknown."""
    if value is None or base is None:
        return None, None
    if not isinstance(value, int | float | Decimal) or not isinstance(base, int | float | Decimal):
        return None, None
    exact = Fraction(value) - Fraction(base)
    both_decimal = isinstance(value, Decimal) or isinstance(base, Decimal)
    difference: Value
    if both_decimal:
        difference = Decimal(str(value)) - Decimal(str(base))
    else:
        difference = value - base  # type: ignore[operator]
    return difference, float(exact / abs(Fraction(base))) if base else None


@dataclass(slots=True)
class Numbers:
    """Numbers of one row: of the period, and of the base where there is one."""

    value: Values
    base: Values | None = None
    previous: Numbers | None = None  # Relative figures
    first: Numbers | None = None


def figure_parts(
    figure: Figure, values: Values | None, row: Numbers, *, base: bool, days: Fraction | None
) -> tuple[Value, Value, Value]:
    """(value, numerator, denominator) of a figure from its measures; parts are None for plain measures."""
    if values is None:
        return None, None, None
    if isinstance(figure, Measure | Given):
        return values.get(figure.id), None, None
    if isinstance(figure, Ratio):
        num, den = values.get(figure.num.id), values.get(figure.den.id)
        return divide(num, den), num, den
    if isinstance(figure, Product):
        return _product(figure, values)
    if isinstance(figure, Formula):
        if any(aggregate.is_unknown(part, values.get(part.id)) for part in figure.parts if isinstance(part, Measure)):
            return None, None, None
        computed = figure.compute({part.id: values.get(part.id) for part in figure.parts})
        if not figure.fraction:
            return computed, None, None
        num, den = computed or (None, None)
        return divide(num, den), num, den
    if isinstance(figure, PerDay):
        num = values.get(figure.num.id)
        return (num * days.denominator / days.numerator if num is not None and days else None), None, None
    other = row.first if figure.to == "first" else row.previous
    if other is None:
        return None, None, None
    against = other.base if base else other.value
    num, den = values.get(figure.of.id), (against or {}).get(figure.of.id)
    return divide(num, den), num, den


def _product(figure: Product, values: Values) -> tuple[Value, Value, Value]:
    num: float = 1
    den: float = 1
    for factor in figure.factors:
        above, below = values.get(factor.num.id), values.get(factor.den.id)
        if above is None or not below:
            return None, None, None
        num, den = num * above, den * below
    return float(num) / float(den), num, den


def opens_records(figure: Figure) -> bool:
    """Whether the number itself stands for records; of others only their parts do."""
    match figure:
        case Ratio():
            return opens_records(figure.num)
        case Formula():
            return figure.adds
        case Given():
            return figure.people is not None
    return isinstance(figure, Measure | Relative)


def columns_of(figures: Iterable[Figure], *, compared: bool) -> list[Column]:
    """Columns of figures: the value, its parts, and the comparison."""
    columns: list[Column] = []
    figures = tuple(figures)
    shown = {figure.id for figure in figures}
    for figure in figures:
        good = figure.good
        unit = figure.unit
        drills = opens_records(figure)
        columns.append(Column(figure.id, figure.label, unit, "figure", None, figure.help, drills, good))
        num, den = Text("числитель", "numerator"), Text("знаменатель", "denominator")
        if isinstance(figure, Ratio | Relative):
            above: Part = figure.num if isinstance(figure, Ratio) else figure.of
            below: Part = figure.den if isinstance(figure, Ratio) else figure.of
            for tail, name, part in (("num", num, above), ("den", den, below)):
                opens = opens_records(part)
                columns.append(
                    Column(f"{figure.id}_{tail}", name, part.unit, "part", figure.id, drills=opens, hidden=True)
                )
        elif isinstance(figure, Product) or (isinstance(figure, Formula) and figure.fraction):
            kind = Unit.COUNT if isinstance(figure, Product) else parts_of(figure)[0].unit
            columns.append(Column(f"{figure.id}_num", num, kind, "part", figure.id, hidden=True))
            columns.append(Column(f"{figure.id}_den", den, kind, "part", figure.id, hidden=True))
        if isinstance(figure, Product | Formula):
            for part in parts_of(figure):
                if part.id not in shown:
                    shown.add(part.id)
                    opens = opens_records(part)
                    columns.append(
                        Column(part.id, part.label, part.unit, "part", figure.id, part.help, opens, hidden=True)
                    )
        if compared:
            label = figure.label
            columns.append(
                Column(
                    f"{figure.id}_base",
                    Text(f"{label.ru}: база", f"{label.en}: base"),
                    unit,
                    "base",
                    figure.id,
                    drills=drills,
                )
            )
            columns.append(Column(f"{figure.id}_delta", Text("Δ", "Δ"), unit, "delta", figure.id, good=good))
            columns.append(
                Column(f"{figure.id}_delta_pct", Text("Δ %", "Δ %"), Unit.RATIO, "delta_pct", figure.id, good=good)
            )
    return columns


def fill(row: Row, figures: Iterable[Figure], numbers: Numbers, context: Context, base: Context | None) -> Row:
    """Adds figures, parts and comparison of one row."""
    return filler(figures, context, base)(row, numbers)


def filler(figures: Iterable[Figure], context: Context, base: Context | None) -> Callable[[Row, Numbers], Row]:
    """What adds figures, parts and comparison to a row; made once for the rows of a block."""
    steps = [(figure, *_step(figure)) for figure in figures]
    days, days_of_base = context.days_passed, base.days_passed if base else None

    def add(row: Row, numbers: Numbers) -> Row:
        values = numbers.value
        for figure, kind, above, below in steps:
            name = figure.id
            if kind == "value":
                row[name] = values.get(name)
            elif kind == "ratio":
                num, den = values.get(above), values.get(below)
                row[name], row[f"{name}_num"], row[f"{name}_den"] = divide(num, den), num, den
            else:
                row[name], num, den = figure_parts(figure, values, numbers, base=False, days=days)
                if kind == "fraction":
                    row[f"{name}_num"], row[f"{name}_den"] = num, den
                if isinstance(figure, Product | Formula):
                    for part in parts_of(figure):
                        row.setdefault(part.id, values.get(part.id))
            if base is not None:
                before, _, _ = figure_parts(figure, numbers.base, numbers, base=True, days=days_of_base)
                row[f"{name}_base"] = before
                row[f"{name}_delta"], row[f"{name}_delta_pct"] = delta(row[name], before)
        return row

    return add


def _step(figure: Figure) -> tuple[str, str, str]:
    """(how a figure is made of the values, the two it is made of)."""
    if isinstance(figure, Measure | Given):
        return "value", "", ""
    if isinstance(figure, Ratio):
        return "ratio", figure.num.id, figure.den.id
    has_parts = isinstance(figure, Relative | Product) or (isinstance(figure, Formula) and figure.fraction)
    return "fraction" if has_parts else "other", "", ""


def block_predicate(block: Block, context: Context) -> str | None:
    """The block's own predicate with those its options switch on."""
    return block.predicate(context.query.option)


def answer(context: Context, block: Counted) -> BlockResult:
    """Answers a block: by its own function, or cards, series and tables by one scan of each fact. A table by department is a tree."""
    result = _answer(context, block)
    if isinstance(block, Table) and [d.directory for d in block.dimensions] == ["departments"]:
        result.rows = as_tree(result.rows, block.dimensions[0].id, context.directory.departments)
    return result


def _answer(context: Context, block: Counted) -> BlockResult:
    if block.compute is not None:
        return block.compute(context, block)
    base = context.base() if block.compared else None
    if isinstance(block, Series):
        return _series(context, base, block)
    where = block_predicate(block, context)
    now = values_by(context, block.figures, block.dimensions, where)
    before = values_by(base, block.figures, block.dimensions, where) if base else {}
    columns = [
        *key_columns(block.dimensions),
        *_on_page(context, block, columns_of(block.figures, compared=base is not None)),
    ]
    columns = dated(context, block, columns)
    blank = _blank(context, block.figures)
    blank_base = _blank(base, block.figures) if base else {}
    rows: list[Row] = []
    chains: dict[Any, list[Numbers]] = {}
    add = filler(block.figures, context, base)
    for key in _keys(context, block, now, before):
        numbers = Numbers(now.get(key, dict(blank)), before.get(key, dict(blank_base)) if base else None)
        labels = key_cells(context, block.dimensions, key)
        within = [f.within for f in block.figures if isinstance(f, Relative)]
        if within:
            chain = chains.setdefault(labels.get(within[0]), [])
            numbers.first = chain[0] if chain else numbers
            numbers.previous = chain[-1] if chain else None
            chain.append(numbers)
        rows.append(add(labels, numbers))
    if isinstance(block, Rows) and block.order:
        rows = ordered(rows, block.order)
    result = _made(context, block, columns, rows)
    if block.totals and block.dimensions:
        now_total = values_by(context, block.figures, (), where)[()]
        base_total = values_by(base, block.figures, (), where)[()] if base else None
        figures = tuple(f for f in block.figures if not isinstance(f, Relative))
        result.totals = fill({}, figures, Numbers(now_total, base_total), context, base)
        untotalled = block.untotalled if isinstance(block, Table) else ()
        for name in [c.id for c in columns if c.id in untotalled or (c.of in untotalled and c.role != "part")]:
            result.totals[name] = None
    result.notes = notes_with_base(context, base, block)
    return result


def _made(context: Context, block: Counted, columns: list[Column], rows: list[Row]) -> BlockResult:
    """The answer of a block as the type of its view."""
    match block:
        case Cards():
            return CardsResult(block.id, columns, rows)
        case Matrix():
            return MatrixResult(block.id, columns, rows, across=_across(context, block.dimensions[-1]))
        case Bars():
            return BarsResult(block.id, columns, rows)
        case Bullet():
            return BulletResult(block.id, columns, rows)
        case Steps():
            return StepsResult(block.id, columns, rows)
        case Funnel():
            return FunnelResult(block.id, columns, rows)
        case Scatter():
            return ScatterResult(block.id, columns, rows)
    return TableResult(block.id, columns, rows)


def _across(context: Context, dimension: Dimension) -> tuple[str, ...]:
    """Columns of a matrix in the order of stages or of a closed list."""
    if dimension.directory == "stages":
        entity = dimension.entity or SALE.id
        stages = sorted((s for s in context.directory.stages.values() if s.entity == entity), key=lambda s: s.rank)
        return tuple(dict.fromkeys(s.stage_id for s in stages))
    return tuple(value for value, _ in dimension.values)


def _on_page(context: Context, block: Counted, columns: list[Column]) -> list[Column]:
    """Columns with those hidden that the page leaves out, always or under the options chosen."""
    away = {*(block.unshown if isinstance(block, Cards | Table | Scatter) else ())}
    for option, value, figures in block.only if isinstance(block, Cards | Table) else ():
        if context.query.option(option) != value:
            away |= {*figures}
    return [replace(c, hidden=True) if c.id in away or (c.of in away and c.role != "part") else c for c in columns]


def dated(context: Context, block: Block, columns: list[Column]) -> list[Column]:
    """Columns of states with the day they speak of, where that is not as-of's and others of the block speak of something else."""
    instant = instant_of(context, "state")
    spoken = {f.id: {m.speaking for m in measures_of((f,))} for f in block.figures}
    states = {name for name, what in spoken.items() if "state" in what}
    if not is_past(context, instant) or not states or all(what == {"state"} for what in spoken.values()):
        return columns
    assert instant is not None
    day = day_of(context, instant)
    on = Text(f"на {day.ru}", f"as of {day.en}")
    return [replace(c, on=on) if c.role == "figure" and c.id in states else c for c in columns]


def constants(context: Context, figures: tuple[Figure, ...]) -> Values:
    """Given values that are the same in every row."""
    return {given.id: given.values(context, ()).get(()) for given in givens_of(figures) if given.everywhere}


def _blank(context: Context, figures: tuple[Figure, ...]) -> Values:
    """A row no record and nobody's typing fills."""
    return aggregate.blank_of(context, measures_of(figures)) | constants(context, figures)


def values_by(
    context: Context, figures: tuple[Figure, ...], dimensions: tuple[Dimension, ...] = (), where: str | None = None
) -> dict[Key, Values]:
    """Key of a row -> part id -> value: measures by one scan of each fact, given values beside them."""
    measures = measures_of(figures)
    found = aggregate.evaluate(context, measures, dimensions, where) if measures else {}
    same = constants(context, figures)
    for values in found.values():
        values.update(same)
    for given in givens_of(figures):
        if given.everywhere:
            continue
        for key, value in given.values(context, dimensions).items():
            if key not in found:
                if dimensions and not given.makes_rows:
                    continue
                found[key] = aggregate.blank_of(context, measures) | same
            found[key][given.id] = value
    if not dimensions:
        found.setdefault((), dict(same))
    return found


def _series(context: Context, base: Context | None, block: Series) -> SeriesResult:
    """Rows by bucket, and by the block's split within each; every bucket has its row."""
    grain = grain_of(context.query.option("grain"), context.query.period, block.finest)
    measures = measures_of(block.figures)
    where = block_predicate(block, context)
    split = aggregate.split_of(context, block, where) if block.split else None
    now = aggregate.evaluate_buckets(context, measures, grain, where, split)
    before = aggregate.evaluate_buckets(base, measures, grain, where, split) if base else {}
    spans = list(buckets(context.span.period, grain, context.first_month))
    base_spans = list(buckets(base.span.period, grain, context.first_month)) if base else []
    if context.span.period.start == ALL_START:  # all of time begins where the records do
        first = min((key[0] for key in (*now, *before)), default=spans[-1].start)
        skipped = sum(span.end < first for span in spans)
        spans, base_spans = spans[skipped:], base_spans[skipped:]
    blank = aggregate.blank_of(context, measures)
    blank_base = aggregate.blank_of(base, measures) if base else {}
    today, workdays = _today(context), context.typed.workdays
    total = is_total(context, block)
    rows: list[Row] = []
    parts: tuple[tuple[Any, ...], ...] = tuple((value,) for value in split.values) if split else ((),)
    for position, bucket in enumerate(spans):
        cells: Row = {
            "bucket": bucket.start,
            "bucket_end": bucket.end,
            "running": bucket.start <= today <= bucket.end,
            "future": bucket.start > today,
            "day_off": grain == "day" and not workdays.is_working(bucket.start),
        }
        of_base = base_spans[position].start if position < len(base_spans) else None
        if base is not None and of_base is not None and not _starts_before(of_base, base.span.end, base):
            of_base = None
        if base is not None:
            cells["bucket_base"] = of_base
        for part in parts:
            numbers = Numbers(now.get((bucket.start, *part), dict(blank)))
            if of_base is not None:
                numbers.base = before.get((of_base, *part), dict(blank_base))
            row: Row = {**cells, **(split_cells(context, split, part[0]) if split else {})}
            rows.append(fill(row, block.figures, numbers, context, base))
    keys = [
        Column("bucket", Text("Период", "Bucket"), Unit.DATE, "key"),
        Column("bucket_end", Text("По", "To"), Unit.DATE, "key", hidden=True),
        *(key_columns((split.source,)) if split else []),
    ]
    if base is not None:
        keys.append(Column("bucket_base", Text("Период базы", "Base bucket"), Unit.DATE, "key", hidden=True))
    columns = dated(context, block, columns_of(block.figures, compared=base is not None))
    return SeriesResult(
        block.id,
        [*keys, *columns],
        rows,
        notes=notes_with_base(context, base, block),
        grain=grain,
        first_month=context.first_month,
        parts=tuple(split_cells(context, split, value) for value in split.values) if split else (),
        running_total=total,
        plans=_plans(context, block, [span.end for span in spans]) if total else {},
    )


def _plans(context: Context, block: Series, days: Sequence[date]) -> dict[str, tuple[Decimal, ...]]:
    """What was to be reached by the end of each day, of the figures that have a plan."""
    found = {figure: planned(context, days) for figure, planned in block.planned}
    return {figure: values for figure, values in found.items() if values is not None}


def _today(context: Context) -> date:
    """The local day of as-of."""
    return to_local(context.as_of, context.zone).date()


def _starts_before(day: date, instant: datetime, base: Context) -> bool:
    return bool(day <= to_local(instant, base.zone).date())


def ordered(rows: list[Row], order: Sequence[str]) -> list[Row]:
    """Rows by column ids, ``-`` in front for descending; unknown values last."""
    for name in reversed(order):
        descending, column = name.startswith("-"), name.removeprefix("-")
        known = [r for r in rows if r.get(column) is not None]
        rest = [r for r in rows if r.get(column) is None]
        rows = sorted(known, key=lambda r: r[column], reverse=descending) + rest  # type: ignore[arg-type,return-value]
    return rows


def _keys(context: Context, block: Counted, now: dict[Key, Values], before: dict[Key, Values]) -> list[Key]:
    keys = dict.fromkeys([*now, *before])
    if isinstance(block, Funnel) and block.complete:
        wanted = step_keys(context, block)
        return [*wanted, *(k for k in keys if k not in set(wanted))]
    if block.dimensions and all(d.values for d in block.dimensions):
        closed = list(product(*((value for value, _ in d.values) for d in block.dimensions)))
        return [*closed, *(k for k in keys if k not in set(closed))]
    stage = next((d for d in block.dimensions if d.directory == "stages"), None)
    if stage is not None:
        return sorted(keys, key=lambda k: _stage_order(context, block.dimensions, k))
    return sorted(keys, key=_steady)


def _steady(key: Key) -> tuple[tuple[bool, str], ...]:
    """An order of rows that does not depend on how they were read: rows that a block's own order leaves equal stand by their ids."""
    return tuple((value is None, f"{value:012d}" if isinstance(value, int) else str(value)) for value in key)


def _stage_order(context: Context, dimensions: Sequence[Dimension], key: Key) -> tuple[Any, ...]:
    """Pipelines in their order, stages in theirs."""
    order: list[Any] = []
    pipelines = list(context.directory.pipelines)
    pipeline = None
    for dimension, value in zip(dimensions, key, strict=True):
        if dimension.directory == "pipelines":
            pipeline = value
            order.append(pipelines.index(value) if value in pipelines else len(pipelines))
        elif dimension.directory == "stages":
            found = context.directory.stages.get((dimension.entity or SALE.id, pipeline, value))
            order.append((found.rank if found else 10_000, str(value or "")))
        else:
            order.append(str(value))
    return tuple(order)


def step_keys(context: Context, block: Block) -> list[Key]:
    """(pipeline id, stage id) of every funnel stage of the sales pipelines the filter leaves, in order."""
    chosen = context.query.filters.of("pipeline")
    keys = []
    pipelines = context.directory.pipelines
    for stage in sorted(
        (s for s in context.directory.stages.values() if s.entity == SALE.id and s.in_funnel),
        key=lambda s: (list(pipelines).index(s.pipeline_id) if s.pipeline_id in pipelines else -1, s.rank),
    ):
        pipeline = pipelines.get(stage.pipeline_id) if stage.pipeline_id is not None else None
        if pipeline is None or pipeline.role != "sales" or not pipeline.known:
            continue
        if not chosen or str(stage.pipeline_id) in chosen:
            keys.append((stage.pipeline_id, stage.stage_id))
    return keys


def key_columns(dimensions: Sequence[Dimension]) -> list[Column]:
    """Ids of a row and their names."""
    columns = []
    for dimension in dimensions:
        columns.append(Column(dimension.id, dimension.label, Unit.TEXT, "key", hidden=dimension.name != dimension.id))
        if dimension.name != dimension.id:
            columns.append(Column(dimension.name, dimension.label, Unit.TEXT, "label", dimension.id))
    return columns


def key_cells(context: Context, dimensions: Sequence[Dimension], key: Key) -> Row:
    """Ids as the portal prints them, and their names."""
    row: Row = {}
    pipeline = None
    for dimension, value in zip(dimensions, key, strict=True):
        row[dimension.id] = None if value is None else str(value)
        if dimension.directory == "pipelines":
            pipeline = value
        if dimension.name != dimension.id:
            row[dimension.name] = label(context, dimension, value, pipeline).of(context.lang)
    return row


def cells_of(context: Context, dimensions: Sequence[Dimension], keys: Sequence[Key]) -> list[Row]:
    """``key_cells`` of many rows: a name is looked up once, not in each of them."""
    if any(
        d.directory in ("stages", "loss_reasons") for d in dimensions
    ):  # a name that depends on the pipeline beside it
        return [key_cells(context, dimensions, key) for key in keys]
    rows: list[Row] = [{} for _ in keys]
    for position, dimension in enumerate(dimensions):
        known: dict[Any, Row] = {}
        for row, key in zip(rows, keys, strict=True):
            value = key[position]
            cells = known.get(value)
            if cells is None:
                cells = known[value] = key_cells(context, (dimension,), (value,))
            row.update(cells)
    return rows


OTHERS = Text("Остальные", "Other")


def split_cells(context: Context, split: aggregate.Split, value: Any) -> Row:
    """Id and name of one part of a split series."""
    dimension = split.source
    if value == OTHER:
        return {dimension.id: value, dimension.name: OTHERS.of(context.lang)}
    return key_cells(context, (dimension,), (value,))


def label(context: Context, dimension: Dimension, value: Any, pipeline: int | None = None) -> Text:
    """What a row of this dimension is called."""
    names = context.directory
    if value is None and dimension.whole is not None:
        return dimension.whole
    if dimension.values:
        return dict(dimension.values).get(value, NOT_SET)
    match dimension.directory:
        case "pipelines":
            return names.pipeline(value)
        case "stages":
            return names.stage(dimension.entity or SALE.id, pipeline, value)
        case "managers":
            return names.manager(value)
        case "departments":
            return names.department(value)
        case "sources":
            return names.source(value)
        case str(table) if table in names.names:
            return names.called(table, value)
        case "loss_reasons":
            if value is None:
                return NOT_SET
            if names.loss_reason_field is None:
                return names.stage(SALE.id, pipeline, value)
            known = names.fields.get((SALE.id, names.loss_reason_field))
            return known.words(value) if known else Text(value, value)
    return NOT_SET if value is None else Text(str(value), str(value))


def notes_of(context: Context, block: Block, known: Mapping[str, int] | None = None) -> list[Note]:
    """What the block leaves out, and filters that mean nothing to it. ``known``: measures counted already, by id."""
    notes: list[Note] = []
    facts = list(dict.fromkeys([m.fact for m in measures_of(block.figures)] + ([block.fact] if block.fact else [])))
    without = {fact: context.meaningless(FACTS[fact]) for fact in facts}
    for fact, names in without.items():
        for name in names:
            title = filter_of(name, context.directory).title
            which = FACTS[fact].label
            notes.append(
                Note(
                    Text(
                        f"Фильтр «{title.ru}» здесь не действует на {which.ru}.",
                        f"The filter “{title.en}” has no meaning for {which.en} here.",
                    ),
                    "warning",
                )
            )
        for name, text in FACTS[fact].partial.items():
            if context.query.filters.of(name):
                notes.append(Note(text))
        for name, having in context.partly(FACTS[fact]):
            notes.append(Note(_through_cards(FACTS[fact].label, filter_of(name, context.directory).title, having)))
    if block.notes:
        asked = {m.id: m for n in block.notes for m in (n.measure, n.of) if m is not None}
        counted: Values = {**(known or {})}
        if rest := [m for m in asked.values() if m.id not in counted]:
            counted.update(aggregate.evaluate(context, rest, (), block_predicate(block, context))[()])
        for left in block.notes:
            number = counted[left.measure.id]
            if number:
                whole = counted[left.of.id] if left.of else number
                text = left.text.format(n=number, all=whole, share=f"{number / whole * 100:.0f}" if whole else "")
                notes.append(Note(text, "info", left.measure.id))
    if isinstance(block, Counted) and block.remarks is not None:
        notes += block.remarks(context)
    return notes


def _through_cards(label: Text, title: Text, having: tuple[str, ...]) -> Text:
    """Under a filter by an own field, what belongs to cards is that of cards which have the field."""
    ru = " и ".join(FACTS[cards].label.ru for cards in having)
    en = " and ".join(FACTS[cards].label.en for cards in having)
    return Text(
        f"{label.ru.capitalize()} под фильтром «{title.ru}» – только по карточкам, у которых есть это поле: {ru}.",
        f"Under the filter “{title.en}” {label.en} are those of cards that have this field: {en}.",
    )


def notes_with_base(context: Context, base: Context | None, block: Block) -> list[Note]:
    """Notes of a block, the dates of its base, and what of an earlier state is today's."""
    notes = [*notes_of(context, block), *said_of_instants(context, block)]
    if base is not None:
        notes += [*base_notes(base), *said_of_instants(base, block)]
    return [*notes, *todays_notes(block, context, *([base] if base else []))]


def log_reaches(context: Context, instant: datetime) -> bool:
    """Whether the change log knows what amounts and owners were at an instant (metrics.md section 11)."""
    known = context.directory.log_since
    return known is not None and known <= instant


def is_past(context: Context, instant: datetime | None) -> bool:
    """Whether an instant lies before the question's own as-of."""
    return instant is not None and instant < context.directory.as_of


def day_of(context: Context, instant: datetime) -> Text:
    """An instant (naive UTC) in words: «28.02.2026» at the end of a local day, «17.02.2026, 12:00» within one."""
    moment = to_local(instant, context.zone)
    if moment.time() == time.min:
        day = moment.date() - timedelta(days=1)
        return Text(f"{day:%d.%m.%Y}", f"{day}")
    return moment_in_words(moment)


def moment_in_words(moment: datetime) -> Text:
    """A local instant by its day and time."""
    return Text(f"{moment:%d.%m.%Y, %H:%M}", f"{moment:%Y-%m-%d, %H:%M}")


def instants_in_words(context: Context, figure: Figure) -> Text | None:
    """«Значение – на 28.02.2026, в базе – на 31.01.2026»: which earlier instants a figure speaks of; None where only of as-of."""
    spoken = {m.speaking for m in measures_of((figure,))} - {"events"}
    said = []
    for asked, name in ((context, Text("значение", "the value")), (context.base(), Text("база", "the base"))):
        instants = {instant_of(asked, what) for what in spoken} if asked else set()
        for instant in sorted(i for i in instants if i is not None and is_past(context, i)):
            day = day_of(context, instant)
            said.append(Text(f"{name.ru} – на {day.ru}", f"{name.en} is as of {day.en}"))
    if not said:
        return None
    ru, en = ", ".join(t.ru for t in said), ", ".join(t.en for t in said)
    return Text(f"{ru[0].upper()}{ru[1:]}.", f"{en[0].upper()}{en[1:]}.")


def replay_notes(context: Context, block: Block) -> list[Note]:
    """Which earlier instants figures speak of, and what of them is today's."""
    return [*said_of_instants(context, block), *todays_notes(block, context)]


def _instants(context: Context, block: Block) -> dict[Speaking, datetime | None]:
    return {what: instant_of(context, what) for what in {m.speaking for m in measures_of(block.figures)}}


def todays_notes(block: Block, *contexts: Context) -> list[Note]:
    """That figures of earlier instants are made of today's amounts and owners, where the change log does not reach these: one note for all."""
    past = {
        instant: day_of(context, instant)
        for context in contexts
        for instant in _instants(context, block).values()
        if instant is not None and is_past(context, instant) and not log_reaches(context, instant)
    }
    days = list(dict.fromkeys(past[instant] for instant in sorted(past)))
    if not days:
        return []
    first, last = [d.ru for d in days], [d.en for d in days]
    ru = " и ".join(filter(None, (", ".join(first[:-1]), first[-1])))
    en = " and ".join(filter(None, (", ".join(last[:-1]), last[-1])))
    return [Note(todays(Text(ru, en)))]


def said_of_instants(context: Context, block: Block) -> list[Note]:
    """Which earlier instants figures speak of."""
    instants = _instants(context, block)
    notes = []
    if "state" in instants and (said := _of_states(context, instants["state"])):
        notes.append(Note(said))
    ripe = {instants[what] for what in ("cohort", "present") if what in instants}
    if ripe and context.is_base and (said := _of_cohorts(context, *ripe)):
        notes.append(Note(said))
    return notes


def _of_states(context: Context, instant: datetime | None) -> Text | None:
    """What is to be said of the instant of states; None where it is that of as-of, or a base's own end, which is said with its dates."""
    if context.is_base:
        if instant is not None:
            return None
        return Text(
            "Состояние – сегодняшнее: сравнить его не с чем.",
            "States are today's: there is nothing to compare them with.",
        )
    if instant is None or not is_past(context, instant):
        return None
    day = day_of(context, instant)
    return Text(f"Состояние – на {day.ru}: период прошёл.", f"States are those of {day.en}: the period is over.")


def _of_cohorts(base: Context, ripe: datetime | None) -> Text | None:
    """What is to be said of the instant a base's cohort is asked of; None where it is the base's end."""
    if ripe is None:
        return Text(
            "Что стало с созданными в базе, сравнить нельзя: она моложе периода.",
            "What became of those created in the base cannot be compared: it is younger than the period.",
        )
    if not base.span.end < ripe < base.directory.as_of:
        return None
    day = day_of(base, ripe)
    return Text(
        f"Созданные в базе – на {day.ru}: столько же времени от её начала, сколько прошло от начала периода.",
        f"Those created in the base are as of {day.en}: as far from its start as the period's are from its own.",
    )


def todays(when: Text) -> Text:
    """What is not known of an instant the change log does not reach."""
    return Text(
        f"На {when.ru} известны стадии. Суммы, ответственные и сроки – сегодняшние: журнал изменений начат позже.",
        f"Of {when.en} stages are known. Amounts, owners and deadlines are today's: the change log began later.",
    )


def base_dates(base: Context) -> Text:
    """The exact dates of a base in words, cut as it is; of all of time the instant it ends."""
    period, end = base.span.period, to_local(base.span.end, base.zone)
    if period.start == ALL_START:
        return Text(f"состояние на {end:%d.%m.%Y %H:%M}", f"the state as of {end:%Y-%m-%d %H:%M}")
    if not base.span.cut:
        return Text(f"{period.start:%d.%m.%Y} – {period.end:%d.%m.%Y}", f"{period.start} – {period.end}")
    if base.query.align == "working_days":
        why = Text("столько же рабочих дней, сколько прошло в периоде", "cut at the same number of working days")
    else:
        why = Text("столько же времени, сколько прошло в периоде", "cut at the same elapsed time")
    return Text(
        f"{period.start:%d.%m.%Y} – {end:%d.%m.%Y %H:%M}, {why.ru}",
        f"{period.start} – {end:%Y-%m-%d %H:%M}, {why.en}",
    )


def base_notes(base: Context) -> list[Note]:
    """The dates a comparison is made with."""
    dates = base_dates(base)
    return [Note(Text(f"База сравнения: {dates.ru}.", f"Compared with {dates.en}."))]
