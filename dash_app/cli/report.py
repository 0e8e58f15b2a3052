"""``python -m dash_app report`` and ``records``: the figures and the records behind them, as other programs read them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import orjson

from dash_app.cli.files import written
from dash_app.engine.blocks import RecordList
from dash_app.engine.directory import NONE
from dash_app.engine.filters import known_filters, ordered
from dash_app.engine.language import Report, Unit
from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult, Money
from dash_app.errors import BadInput, UserError
from dash_app.reports.api import GridRequest
from dash_app.reports.session import Session
from dash_app.settings import Settings
from dash_app.text import Lang, Text
from dash_app.web.report_files import REPORT_FILES

PAGE = 5_000
OF_COMPARISON = ("align", "whole_base")
"""Options of every report: how the base of a comparison is cut."""
DATES = ("period", "from", "to")


def add_filters(parser: argparse.ArgumentParser) -> None:
    """Period, comparison, filters and options: the same for every report."""
    parser.add_argument("slug", metavar="REPORT", help="report, e.g. sales-dynamics")
    parser.add_argument("--from", dest="start", metavar="DATE", help="first day, 2026-02-01")
    parser.add_argument("--to", dest="end", metavar="DATE", help="last day, inclusive")
    parser.add_argument(
        "--period", metavar="PRESET", help="this_month, last_quarter, 2026-02, 2026-Q1, 2026 ... instead of dates"
    )
    parser.add_argument("--compare", metavar="BASE", help="previous, year or 2025-02-01..2025-02-28")
    parser.add_argument("--whole-base", action="store_true", help="do not cut the base at the elapsed position")
    for name in known_filters():
        parser.add_argument(f"--{name}", dest=name, action="append", default=[], metavar="ID", help="repeatable")
    parser.add_argument(
        "--field",
        action="append",
        default=[],
        metavar="UF_CRM_X=ID",
        help="value of a user field (an option, a person, CO_3, 1 or 0, none), repeatable",
    )
    parser.add_argument(
        "--option",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="option of the report, or align=working_days | calendar: how the base of a running period is cut; repeatable",
    )
    parser.add_argument(
        "--as",
        dest="as_user",
        metavar="USER",
        help="ask as this user of the portal, by number: only what is his to see",
    )
    parser.add_argument(
        "--view",
        metavar="NAME",
        help="a saved view for everybody: its filters and options, over which those given here stand",
    )
    parser.add_argument("--as-of", metavar="ISO8601", help="an earlier instant: state is replayed")
    parser.add_argument("--output", metavar="PATH", help="file to write instead of standard output")


def add_report(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``report``."""
    add_filters(parser)
    parser.add_argument(
        "--format",
        choices=("json", "csv", *REPORT_FILES, "parquet"),
        default="json",
        help="csv: the tables of the json one under another, ids as headers; parquet: a folder, one file a block; "
        + "; ".join(f"{file.id}: {file.about}" for file in REPORT_FILES.values()),
    )


def add_records(parser: argparse.ArgumentParser) -> None:
    """Arguments of ``records``."""
    add_filters(parser)
    parser.add_argument("block", metavar="BLOCK")
    parser.add_argument(
        "measure", metavar="MEASURE", nargs="?", default="", help="column of the block; none for a list"
    )
    parser.add_argument(
        "--row",
        action="append",
        default=[],
        metavar="KEY=VALUE",
        help="key of the row, repeatable; none where the row has no id",
    )
    parser.add_argument(
        "--column", action="append", default=[], metavar="UF_CRM_X", help="user field to add, repeatable"
    )
    parser.add_argument("--limit", type=int, default=None, help="at most so many rows (all by default)")
    parser.add_argument("--format", choices=("json", "csv", "parquet"), default="json")


def _pairs(given: list[str], what: Text) -> list[tuple[str, str]]:
    pairs = []
    for item in given:
        name, equals, value = item.partition("=")
        if not equals or not name:
            raise BadInput(
                Text(
                    f"{what.ru} задаётся как имя=значение, а не «{item[:40]}».",
                    f"{what.en} is given as name=value, not “{item[:40]}”.",
                )
            )
        pairs.append((name, value))
    return pairs


def params_of(args: argparse.Namespace, report: Report) -> dict[str, list[str]]:
    """The command line as the query string a page would have."""
    if args.period and (args.start or args.end):
        raise BadInput(Text("Укажите или даты, или --period.", "Give either dates or --period."))
    params: dict[str, list[str]] = {name: getattr(args, name) for name in known_filters() if getattr(args, name)}
    single = {"from": args.start, "to": args.end, "period": args.period, "compare": args.compare, "as_of": args.as_of}
    params.update({name: [value] for name, value in single.items() if value})
    if args.whole_base:
        params["whole_base"] = ["1"]
    for name, value in _pairs(args.field, Text("Поле", "A field")):
        params.setdefault(f"uf.{name}", []).append(value)
    known = {option.id for option in report.options}
    for name, value in _pairs(args.option, Text("Настройка", "An option")):
        if name in OF_COMPARISON or name in known:
            params[name] = [value]
        else:
            listed = ", ".join(sorted({*known, *OF_COMPARISON}))
            raise BadInput(
                Text(
                    f"Настройки «{name[:40]}» у отчёта нет. Есть: {listed}.",
                    f"The report has no option “{name[:40]}”. There are: {listed}.",
                )
            )
    return params


def asked_of(args: argparse.Namespace, service: Session, report: Report) -> Query:
    """What a command asks. A saved view asks as its page does."""
    given = params_of(args, report)
    if args.view is None:
        return service.parse(report, given, interface=False)
    view = service.views.of_everybody(report, args.view)
    wrong = service.views.trouble(report, view)
    if wrong is not None:
        raise UserError(wrong)
    own = {name: values for name, values in view.params.items() if name not in DATES or given.keys().isdisjoint(DATES)}
    return service.parse(report, {**own, **given})


def _json(value: Any) -> Any:
    """Decimals as numbers; instants and days as ISO texts."""
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Money):
        return {"amount": float(round(value.amount, 2)), "currency": value.currency}
    raise TypeError(f"{type(value).__name__} in an answer")


_LOOK = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE | orjson.OPT_PASSTHROUGH_DATACLASS


def dump(document: Any) -> bytes:
    """A document as UTF-8 JSON with a final line end."""
    return orjson.dumps(_plain(document), default=_json, option=_LOOK)


def _plain(value: Any) -> Any:
    """Money rounded half-even to kopecks where it is shown."""
    if isinstance(value, Mapping):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v) for v in value]
    return float(round(value, 2)) if isinstance(value, Decimal) else value


def block_document(result: BlockResult, lang: Lang) -> dict[str, Any]:
    """One block as JSON: columns, rows, totals, notes."""
    columns = [{"id": c.id, "label": c.label.of(lang), "unit": c.unit.value} for c in result.columns]
    money = {c.id: c.unit is Unit.MONEY for c in result.columns}

    def shown(row: Mapping[str, Any]) -> dict[str, Any]:
        # a median of money is a float already: kopecks all the same
        return {
            name: round(value, 2) if is_money and isinstance(value := row.get(name), float) else row.get(name)
            for name, is_money in money.items()
        }

    document: dict[str, Any] = {"columns": columns, "rows": [shown(row) for row in result.rows]}
    if result.totals is not None:
        document["totals"] = result.totals
    if result.notes:
        document["notes"] = [n.text.of(lang) for n in result.notes]
    return document


def document(service: Session, report: Report, query: Query, lang: Lang) -> dict[str, Any]:
    """A whole report as the contract prints it."""
    base = service.base(query)
    blocks: dict[str, Any] = {}
    notes = [n.text.of(lang) for n in (*service.state().notes, *service.remarks(query))]
    for block in report.blocks:
        if isinstance(block, RecordList):
            blocks[block.id] = _list_document(service, report, block.id, query, lang)
            continue
        result = service.block(report, block.id, query, lang=lang)
        blocks[block.id] = block_document(result, lang)
        notes += [n.text.of(lang) for n in result.notes]
    return {
        "report": report.slug,
        "title": report.title.of(lang),
        "as_of": service.moment(query).isoformat(),
        "snapshot": service.state().snapshot,
        "period": {"from": query.period.start, "to": query.period.end},
        "compare": None
        if base is None
        else {
            "from": base.period.start,
            "to": base.period.end,
            "until": base.until.isoformat(),
            "cut": base.cut,
            "align": query.align,
        },
        "filters": {name: sorted(query.filters.of(name)) for name in ordered(query.filters.ids)},
        "options": dict(query.options),
        "blocks": blocks,
        "notes": list(dict.fromkeys(notes)),
    }


def _list_document(service: Session, report: Report, block_id: str, query: Query, lang: Lang) -> dict[str, Any]:
    columns, rows, total, amount = all_records(service, report, block_id, "", {}, query, lang)
    return {
        "columns": [{"id": c.id, "label": c.label.of(lang), "unit": c.unit.value} for c in columns],
        "rows": rows,
        "total": total,
        "amount": amount,
    }


def all_records(
    service: Session,
    report: Report,
    block: str,
    measure: str,
    row: Mapping[str, str],
    query: Query,
    lang: Lang,
    *,
    extra: tuple[str, ...] = (),
    limit: int | None = None,
) -> tuple[list[Any], list[dict[str, Any]], int, Decimal | None]:
    """(columns, rows, total, amount) of a whole list, read page by page."""
    rows: list[dict[str, Any]] = []
    while True:
        end = len(rows) + PAGE if limit is None else min(len(rows) + PAGE, limit)
        page = service.records(
            report, block, measure, row, query, GridRequest(len(rows), end, columns=extra), lang=lang
        )
        rows += page.rows
        if not page.rows or len(rows) >= page.total or len(rows) == limit:
            return page.columns, rows, page.total, page.amount


def _write(output: str | None, content: bytes) -> None:
    if output:
        with written(output) as file:
            file.write(content)
    else:
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()


def asked_by(args: argparse.Namespace, service: Session, lang: Lang) -> Session:
    """The reports as ``--as`` sees them; everything without it. Who sees nothing is told why on standard error, beside what is printed."""
    if args.as_user is None:
        return service
    seen = service.as_user(args.as_user)
    if seen.blind is not None:
        print(seen.blind.of(lang), file=sys.stderr)
    return seen


def run_report(args: argparse.Namespace, settings: Settings) -> int:
    """Prints or writes a whole report."""
    from dash_app.services_factory import session_of

    service = asked_by(args, session_of(settings), settings.language)
    report = service.report(args.slug)
    query = asked_of(args, service, report)
    lang = settings.language
    if args.format == "json":
        _write(args.output, dump(document(service, report, query, lang)))
        return 0
    if args.format in REPORT_FILES:
        if not args.output:
            from dash_app.exports.names import file_name

            name = file_name(service, report, query, args.format, lang)
            raise UserError(
                Text(
                    f'Файл {args.format} не печатается на экран. Добавьте --output "{name}".',
                    f'A file of {args.format} is not printed to the screen. Add --output "{name}".',
                )
            )
        content = REPORT_FILES[args.format].made(service, report, query, lang, settings)
        with written(args.output) as file:
            file.write(content)
        return 0
    if args.format == "parquet":
        from dash_app.exports.parquet import write_folder

        if not args.output:
            raise UserError(Text("Укажите папку: --output отчёт/.", "Name the folder: --output report/."))
        write_folder(_typed_tables(service, report, query, lang), Path(args.output))
        return 0
    from dash_app.exports.csv import machine_csv

    _write(args.output, machine_csv(_tables(document(service, report, query, lang)["blocks"])))
    return 0


def _typed_tables(service: Session, report: Report, query: Query, lang: Lang) -> dict[str, Any]:
    """Blocks and lists as Arrow tables, by id."""
    from dash_app.exports.frames import table_of, tables_of

    found: dict[str, Any] = {}
    for block in report.blocks:
        if isinstance(block, RecordList):
            columns, rows, _, _ = all_records(service, report, block.id, "", {}, query, lang)
            found[block.id] = table_of(columns, rows)
        else:
            found[block.id] = tables_of(service.block(report, block.id, query, lang=lang))
    return found


def _tables(blocks: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, list[str], list[dict[str, Any]]]]:
    """Blocks of a printed report as tables; totals are one of their own."""
    for name, block in blocks.items():
        ids = _ids(block["columns"], block["rows"])
        yield name, ids, block["rows"]
        if block.get("totals") is not None:
            yield f"{name}.totals", ids, [block["totals"]]


def _ids(columns: Sequence[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> list[str]:
    """Columns of a table: those of the block, then ids and addresses its rows carry beside."""
    return list(dict.fromkeys([*(c["id"] for c in columns), *(rows[0] if rows else ())]))


def run_records(args: argparse.Namespace, settings: Settings) -> int:
    """Prints the records behind a number."""
    from dash_app.services_factory import session_of

    service = asked_by(args, session_of(settings), settings.language)
    report = service.report(args.slug)
    query = asked_of(args, service, report)
    row = {
        name: NONE if value.lower() in ("null", NONE) else value
        for name, value in _pairs(args.row, Text("Строка", "A row"))
    }
    if args.limit is not None and args.limit < 0:
        raise BadInput(Text("--limit – сколько строк показать, от 0.", "--limit is how many rows to show, from 0."))
    block = service.block_of(report, args.block, query)
    keys = service.keys_of(block)
    for name in row:
        if name not in keys:
            listed = ", ".join(keys) or "—"
            raise BadInput(
                Text(
                    f"У строк этого блока нет ключа «{name[:40]}». Есть: {listed}.",
                    f"Rows of this block have no key “{name[:40]}”. There are: {listed}.",
                )
            )
    columns, rows, total, amount = all_records(
        service,
        report,
        args.block,
        args.measure,
        row,
        query,
        settings.language,
        extra=tuple(args.column),
        limit=args.limit,
    )
    if args.format == "csv":
        from dash_app.exports.csv import machine_csv

        _write(args.output, machine_csv([(None, _ids([{"id": c.id} for c in columns], rows), rows)]))
        return 0
    if args.format == "parquet":
        from dash_app.exports.frames import table_of
        from dash_app.exports.parquet import write_table

        if not args.output:
            raise UserError(Text("Укажите файл: --output записи.parquet.", "Name the file: --output records.parquet."))
        write_table(table_of(columns, rows), Path(args.output))
        return 0
    document: dict[str, Any] = {"rows": rows, "total": total}
    if amount is not None:
        document["amount"] = amount
    _write(args.output, dump(document))
    return 0
