"""``python -m dash_app today``: the start page on the command line – what stands out, how the plan stands, whom to call."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from typing import Any

from dash_app.cli.report import asked_by, dump
from dash_app.engine.filters import known_filters
from dash_app.reports.today.api import Call, Said, Sentence, Today
from dash_app.settings import Settings
from dash_app.text import Lang
from dash_app.views import format as fmt
from dash_app.views import today as views
from dash_app.views.saying import say


def add_today(parser: argparse.ArgumentParser) -> None:
    """The filters that go along to every report, whose page it is, how it is printed."""
    for known in known_filters().values():
        if known.carried:
            parser.add_argument(
                f"--{known.id}", dest=known.id, action="append", default=[], metavar="ID", help="repeatable"
            )
    parser.add_argument(
        "--as", dest="as_user", metavar="USER", help="as this user of the portal, by number: only what is his to see"
    )
    parser.add_argument("--as-of", metavar="ISO8601", help="an earlier instant: state is replayed")
    parser.add_argument("--format", choices=("text", "json"), default="text")


def run_today(args: argparse.Namespace, settings: Settings) -> int:
    """Prints the page."""
    from dash_app.services_factory import session_of

    lang = settings.language
    session = asked_by(args, session_of(settings), lang)
    params = {f.id: getattr(args, f.id) for f in known_filters().values() if f.carried and getattr(args, f.id)}
    page = session.today({**params, **({"as_of": [args.as_of]} if args.as_of else {})}, lang=lang)
    currency = session.state().currency
    if args.format == "json":
        sys.stdout.buffer.write(dump(document(page, lang, currency)))
    else:
        sys.stdout.buffer.write(("\n".join(lines(page, lang, currency)) + "\n").encode())
    return 0


def document(page: Today, lang: Lang, currency: str) -> dict[str, Any]:
    """The page as JSON: sentences with the figure each opens, the plan, cards."""
    plan = page.plan

    def words(said: Said) -> str:
        return say(said, lang, currency)

    def sentence(s: Sentence) -> dict[str, Any]:
        o = s.opened
        return {
            "id": s.id,
            "text": words(s.said),
            "money": s.shown,
            "estimated": s.estimated,
            "at_stake": s.money,
            "distance": s.distance,
            "report": o.report,
            "search": o.search,
            "block": o.block,
            "measure": o.figure,
            "row": dict(o.row),
            "options": dict(o.options),
            "count": o.count,
            "amount": o.amount,
            "why": [words(line) for line in s.why],
        }

    def call(c: Call) -> dict[str, Any]:
        return {
            "entity": c.entity,
            "id": c.id,
            "client": c.client,
            "title": c.title,
            "reason": words(c.reason),
            "amount": c.amount,
            "expected": c.expected,
            "manager": c.manager,
            "stage": c.stage,
            "url": c.url,
        }

    return {
        "day": page.day.isoformat(),
        "as_of": page.moment.isoformat(),
        "filters": {name: values for name, values in page.carried.items() if name != "as_of"},
        "plan": None
        if plan is None
        else {
            "text": " ".join(filter(None, views.plan_words(plan, lang, currency))),
            "plan_amount": plan.plan,
            "fact_amount": plan.fact,
            "attainment": plan.attainment,
            "expected_by_now": plan.expected,
            "pace": plan.pace,
            "forecast": plan.forecast,
            "forecast_p10": plan.low,
            "forecast_p90": plan.high,
            "p_plan": plan.chance,
        },
        "looked": page.looked,
        "sentences": [sentence(s) for s in page.sentences],
        "save": [call(c) for c in page.save],
        "close": [call(c) for c in page.close],
    }


def lines(page: Today, lang: Lang, currency: str) -> Iterator[str]:
    """The page as text, in the order of the screen."""
    yield views.title_of(page.moment).of(lang)
    yield from (narrowed.text.of(lang) for narrowed in page.filters)
    if page.plan is not None and page.blind is None:
        yield from filter(None, views.plan_words(page.plan, lang, currency))
    yield ""
    yield views.STANDS_OUT.of(lang)
    for place, s in enumerate(page.sentences, 1):
        money = views.money_of(s, lang, currency)
        yield f"{place}. {say(s.said, lang, currency)}" + (f" – {money}" if money else "")
        yield f"   {views.href(s.opened)}"
        yield from (f"   {say(line, lang, currency)}" for line in s.why)
    if not page.sentences:
        yield views.calm_of(page).of(lang)
    for title, found in ((views.TO_SAVE, page.save), (views.TO_CLOSE, page.close)):
        if found:
            yield ""
            yield f"{views.CALLS.of(lang)}: {title.of(lang).lower()}"
        for place, c in enumerate(found, 1):
            amount = f", {fmt.money_short(c.amount, lang, currency)}" if c.amount else ""
            yield f"{place}. {c.client}{amount} – {say(c.reason, lang, currency)} ({c.stage}, {c.manager})"
            yield f"   {c.url}"
