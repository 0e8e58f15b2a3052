"""Deals of a month: converted leads and those made directly."""

from __future__ import annotations

import numpy as np

from dash_app.demo.company import activities, comments, history, own_fields
from dash_app.demo.company.calendar import DAY, Bools, Floats, Ints
from dash_app.demo.company.clients import add_clients, known_clients
from dash_app.demo.company.names import COMMENTS, ODD_TITLES, PRODUCTS, SERVICES
from dash_app.demo.company.paths import Cards, Walk, walk
from dash_app.demo.company.pipelines import EMPTY_SOURCE, INDUSTRIES, NO_RATE_CURRENCY, PIPELINES, REPEAT_SOURCE
from dash_app.demo.company.structure import ADMIN, UNKNOWN_PERSON
from dash_app.demo.company.world import SOURCE_CODES, SOURCE_QUALITY, World, fill, options, utm_columns
from dash_app.demo.company.write import NONE, Block, or_null
from dash_app.demo.fields import DEAL_USER_FIELDS

_CURRENCIES = np.array(["RUB", "USD", "EUR", NO_RATE_CURRENCY], dtype=object)
_RATES = np.array([1.0, 92.5, 100.15, 12.9])
_MEDIANS = np.array([pipeline.amount[0] for pipeline in PIPELINES])
_SIGMAS = np.array([pipeline.amount[1] for pipeline in PIPELINES])
_TYPES = np.array(["SALE", "SALE", "GOODS", "COMPLEX", "SERVICES", None], dtype=object)
_WORDS = np.array([*PRODUCTS, *SERVICES], dtype=object)
_FIELDS = {field.label_en: field.name for field in DEAL_USER_FIELDS}
_COPIES = 3
"""Number of the after-sale pipeline."""


def _incoming(world: World, low: int, high: int, converted: Block | None, direct: int) -> Block:
    """Deals of the month in order of time: from leads, and ``direct`` ones."""
    rng = world.rng
    shares = np.array([pipeline.share for pipeline in PIPELINES])
    pipeline = rng.choice(len(PIPELINES), size=direct, p=shares / shares.sum()).astype(np.int64)
    moments = world.calendar.arrivals(rng, low, high, direct, np.ones(direct, dtype=bool))
    client = np.where(rng.random(direct) < 0.48, known_clients(world, direct), -1)
    source = world.sources(direct, low, 2.0)
    source = np.where((client >= 0) & (rng.random(direct) < 0.45), REPEAT_SOURCE, source)
    seller = world.staff.draw(rng, low, high, pipeline)
    block: Block = {
        "time": moments,
        "lead": np.zeros(direct, dtype=np.int64),
        "source": source,
        "seller": seller,
        "client": client,
        "pipeline": pipeline,
        "utm": world.utm(source),
        "quality": SOURCE_QUALITY[source] * 0.8 + rng.normal(0, 0.3, direct),
    }
    if converted is not None:
        # the source named on a lead may be cleared or forgotten on its deal
        lost = rng.random(len(converted["time"])) < 0.03
        converted["source"] = np.where(lost, EMPTY_SOURCE, converted["source"])
        # most stay with the seller of the lead, key clients and service go to their own groups
        drawn = world.staff.draw(rng, low, high, converted["pipeline"])
        fits = world.staff.takes[converted["seller"], converted["pipeline"]] > 0.1
        fits &= rng.random(len(fits)) < 0.9
        fits &= (world.staff.left[converted["seller"]] > converted["time"]) & (
            world.staff.hired[converted["seller"]] <= converted["time"]
        )
        converted["seller"] = np.where(fits, converted["seller"], drawn)
        converted["quality"] = converted["quality"] * 0.6 + 0.1
        block = {name: np.concatenate([block[name], converted[name]]) for name in block}
    order = np.argsort(block["time"], kind="stable")
    return {name: column[order] for name, column in block.items()}


def _turns(number: Ints, pipeline: Ints, lead: Ints) -> Ints:
    """Rare turns by the deal's number, so that a small company has them too (see ``paths.Cards``)."""
    turn = np.zeros(len(number), dtype=np.int64)
    for every, rest, kind in ((47, 3, 6), (53, 30, 5), (149, 51, 7), (61, 9, 4), (83, 5, 3), (149, 20, 2)):
        turn = np.where(number % every == rest, kind, turn)
    turn = np.where((pipeline == _COPIES) & ((turn == 2) | (turn == 4)), 0, turn)
    return np.where((number % 97 == 11) & (lead == 0), 1, turn)


def make_deals(world: World, low: int, high: int, room: int, direct: int) -> int:
    """Make and write the deals of [low, high) and return how many.

    direct: how many are due; what conversions of leads do not make up is made directly. room: no more than these.
    """
    converted = world.conversions.take(high)
    if converted is not None:
        converted = {name: column[:room] for name, column in converted.items()}
        direct = direct - len(converted["time"])
    block = _incoming(world, low, high, converted, max(0, min(direct, room)))
    count = len(block["time"])
    world.month_deals = (block["time"], block["time"])
    if not count:
        return 0
    rng, calendar, staff, table = world.rng, world.calendar, world.staff, world.deals
    ids = world.ids["deals"].take(rng, count)
    number = world.ordinal + np.arange(count)
    world.ordinal += count
    world.month_deals = (ids, block["time"])
    moments, lead, source, pipeline = block["time"], block["lead"], block["source"], block["pipeline"]
    seller = block["seller"]
    client = block["client"]
    returned = client >= 0

    # cards without any client, private persons, companies without a contact
    nobody = ~returned & (rng.random(count) < 0.045)
    new = np.flatnonzero(~returned & ~nobody)
    private = rng.random(len(new)) < 0.12
    client[new] = add_clients(world, moments[new], lead[new], staff.ids[seller[new]], source[new], private)
    place = client.clip(0)
    contact = np.where(nobody, 0, world.contact_ids[place])
    company = np.where(nobody, 0, world.contact_companies[place])
    _bind_leads(world, lead, contact, company)

    turn = _turns(number, pipeline, lead)
    quality = block["quality"] + staff.skill[seller] * 0.85 + 0.3 * returned + rng.normal(-0.42, 0.2, count)
    horizon, handed = world.horizon(seller)
    diligence = staff.diligence[seller]
    starts = np.unique(table.first)[pipeline]
    stage = np.where(rng.random(count) < 0.03, table.following[starts], starts)
    stage = np.where((turn == 5) | (turn == 7), starts, stage)
    stage = np.where(turn == 1, table.won[starts], stage)
    # restored from the bin: a new id, the old dates
    restored = (number % 160 == 100) & (lead == 0) & (moments > calendar.begin + 150 * DAY)
    begun = np.where(restored, moments - rng.integers(50, 120, count) * DAY, moments)
    horizon = np.where(restored, moments, horizon)
    speed = staff.speed[seller] * (1.3 - 0.45 * diligence) * rng.lognormal(0, 0.25, count)
    done = walk(
        rng,
        calendar,
        table,
        Cards(begun, stage, horizon, quality, speed, 0.003 + 0.05 * (1 - diligence) ** 2, turn.copy()),
        world.gone_at,
    )
    history.keep(world, False, ids, done)
    semantic = table.semantic[done.final]
    in_work = semantic == 0
    seller = world.hand_over(seller, handed & (in_work | (done.last > staff.left[seller])))
    people = np.where(number % 1500 == 700, UNKNOWN_PERSON, staff.ids[seller])
    kept_alive = in_work & (turn != 6)
    incoming, spoken = activities.live(
        world,
        activities.Cards(
            2, ids, contact, people, diligence, begun, done.last, horizon, kept_alive, np.full(count, -1), 1.0
        ),
    )
    other = comments.live(world, 2, ids, people, begun, done.last, horizon, 0.45)
    _write(
        world,
        ids,
        number,
        block,
        begun,
        done,
        semantic,
        people,
        contact,
        company,
        returned,
        incoming,
        spoken,
        other,
        horizon,
    )
    return count


def _bind_leads(world: World, lead: Ints, contact: Ints, company: Ints) -> None:
    """A converted lead knows the contact and the company made of it."""
    from_lead = (lead > 0) & (contact > 0)
    rows = zip(
        or_null(contact[from_lead], contact[from_lead] == 0),
        or_null(company[from_lead], company[from_lead] == 0),
        lead[from_lead].tolist(),
        strict=True,
    )
    world.writer.execute_many("UPDATE leads SET CONTACT_ID = ?, COMPANY_ID = ? WHERE ID = ?", rows)


def _amounts(world: World, pipeline: Ints, done: Walk, quality: Floats) -> tuple[Ints, Bools, Ints]:
    """Amounts in hundredths, where they are empty, and numbers of currencies."""
    rng, count = world.rng, len(pipeline)
    currency = np.zeros(count, dtype=np.int64)
    chance = rng.random(count)
    foreign = np.where(pipeline == 1, 0.14, np.where(pipeline == 0, 0.035, 0.005))
    currency[chance < foreign] = 1
    currency[chance > 0.992] = 2
    currency[(chance > 0.986) & (chance < 0.99)] = 3
    rubles = _MEDIANS[pipeline] * np.exp(_SIGMAS[pipeline] * rng.standard_normal(count) + 0.12 * quality)
    plain = rubles / _RATES[currency]
    # people type round numbers
    unit = np.where(plain >= 1_000_000, 10_000, np.where(plain >= 100_000, 1000, np.where(plain >= 3000, 100, 10)))
    amount = np.maximum(1, np.round(plain / unit)) * unit * 100
    amount = np.where(rng.random(count) < 0.06, np.round(plain * 100), amount).astype(np.int64)
    semantic = world.deals.semantic[done.final]
    first = done.final == world.deals.first[done.final]
    nothing = rng.random(count)
    zero = nothing < np.where(semantic == 1, 0.012, np.where(first, 0.22, 0.06))
    empty = nothing > np.where(semantic == 1, 0.99, np.where(first, 0.88, 0.965))
    return np.where(zero, 0, amount), empty, currency


def _write(
    world: World,
    ids: Ints,
    number: Ints,
    block: Block,
    begun: Ints,
    done: Walk,
    semantic: Ints,
    people: Ints,
    contact: Ints,
    company: Ints,
    returned: Bools,
    incoming: Ints,
    spoken: Ints,
    other: Ints,
    horizon: Ints,
) -> None:
    rng, calendar, staff, table, count = world.rng, world.calendar, world.staff, world.deals, len(ids)
    pipeline, source = block["pipeline"], block["source"]
    amount, empty, currency = _amounts(world, pipeline, done, block["quality"])
    final = semantic > 0

    # planned while open; the day of closing when closed, unless somebody corrected it
    planned = begun + (rng.lognormal(3.3, 0.5, count) * DAY).astype(np.int64)
    corrected = rng.random(count) < 0.07
    closing = np.where(done.closed >= 0, done.closed, planned)
    closing = np.where(corrected & final, closing + rng.integers(-20, 15, count) * DAY, closing)
    closing = np.where(corrected & ~final, calendar.end + rng.integers(3, 60, count) * DAY, closing)
    close_day = fill(rng, calendar.day_texts(closing), np.where(final, 1.0, 0.94))

    edited = np.where(rng.random(count) < 0.2, done.last + rng.integers(600, 9 * DAY, count), 0)
    edited = np.where(edited < horizon, edited, 0)
    modified = np.maximum(np.maximum(done.last, incoming), edited)
    active = np.maximum(np.maximum(begun, incoming), other)
    automatic = (block["lead"] == 0) & (number % 7 == 0)
    creator = np.where(automatic, ADMIN, staff.ids[block["seller"]])
    one_side = rng.random(count)
    no_contact, no_company = (contact == 0) | (one_side < 0.08), (company == 0) | (one_side > 0.95)
    first = done.final == table.first[done.final]
    lost = semantic == 2
    reason = rng.choice(np.array([45, 46, 47, 48, 49, 50]), size=count, p=[0.28, 0.22, 0.16, 0.09, 0.17, 0.08])
    reason = np.where((done.last < world.gone_at) & (number % 9 == 4), DEAL_USER_FIELDS[0].deleted[0], reason)
    later = table.order[done.final] >= 3
    contract = np.array([f"ТП-{value}/{value % 12 + 1:02d}" for value in ids.tolist()], dtype=object)
    prepaid = np.array([f"{value // 300}.{value % 100:02d}|RUB" for value in amount.tolist()], dtype=object)
    prepaid[number % 17 == 4] = "|RUB"
    more = own_fields.of_deals(calendar, ids, begun, staff.ids, contact, company, block["lead"])
    partner = np.where(contact == 0, NONE, np.array([f"CO_{value}" for value in company.tolist()], dtype=object))
    world.writer.insert(
        "deals",
        count,
        {
            "ID": ids,
            "TITLE": _titles(world, number, pipeline, block["client"], contact > 0),
            "TYPE_ID": np.where(pipeline == 2, "SERVICE", _TYPES[rng.integers(0, 6, count)]),
            "CATEGORY_ID": table.category[done.final],
            "STAGE_ID": table.codes[done.final],
            "STAGE_SEMANTIC_ID": table.letters[done.final],
            "IS_NEW": np.where(first, "Y", "N").astype(object),
            "IS_RETURN_CUSTOMER": np.where(returned, "Y", "N").astype(object),
            "IS_REPEATED_APPROACH": np.where(~returned & (number % 31 == 6), "Y", "N").astype(object),
            "PROBABILITY": fill(rng, rng.integers(1, 10, count) * 10, 0.25),
            "CURRENCY_ID": _CURRENCIES[currency],
            "OPPORTUNITY": or_null(amount, empty),
            "LEAD_ID": or_null(block["lead"], block["lead"] == 0),
            "COMPANY_ID": or_null(company, no_company),
            "CONTACT_ID": or_null(contact, no_contact),
            "BEGINDATE": calendar.day_texts(begun),
            "CLOSEDATE": close_day,
            "ASSIGNED_BY_ID": people,
            "CREATED_BY_ID": creator,
            "MODIFY_BY_ID": np.where(edited > 0, people, creator),
            "DATE_CREATE": begun,
            "DATE_MODIFY": modified,
            "CLOSED": np.where(final, "Y", "N").astype(object),
            "COMMENTS": fill(rng, np.array(COMMENTS, dtype=object)[rng.integers(0, len(COMMENTS), count)], 0.22),
            "SOURCE_ID": SOURCE_CODES[source],
            "MOVED_BY_ID": people,
            "MOVED_TIME": done.last,
            "LAST_ACTIVITY_TIME": active,
            "LAST_ACTIVITY_BY": np.where(active > begun, people, creator),
            "LAST_COMMUNICATION_TIME": or_null(spoken, spoken < 0),
            **utm_columns(block["utm"]),
            _FIELDS["Loss reason"]: or_null(reason, ~lost | (rng.random(count) < 0.22)),
            _FIELDS["Products of interest"]: options(rng, (61, 62, 63, 64, 65, 66), count, 0.66),
            _FIELDS["Installation needed"]: fill(rng, rng.integers(0, 2, count), 0.55),
            _FIELDS["Contract number"]: fill(rng, contract, np.where(later, 0.85, 0.04)),
            _FIELDS["Units"]: fill(rng, rng.geometric(0.35, count), 0.5),
            _FIELDS["Discount, %"]: fill(rng, np.round(rng.gamma(2, 2.4, count).clip(0, 30) * 2) / 2, 0.4),
            _FIELDS["Shipping date"]: fill(rng, calendar.day_texts(closing + 20 * DAY), np.where(later, 0.5, 0.05)),
            _FIELDS["Demonstration"]: fill(rng, begun + rng.integers(2, 30, count) * DAY, 0.12),
            _FIELDS["Prepayment"]: fill(rng, prepaid, np.where(later, 0.6, 0.06)),
            _FIELDS["Engineer"]: fill(rng, staff.office[rng.integers(0, len(staff.office), count)], 0.18),
            _FIELDS["Region"]: fill(rng, 81 + (rng.random(count) ** 1.7 * 7).astype(np.int64), 0.83),
            _FIELDS["Labels"]: fill(
                rng,
                np.array(['["срочно"]', '["VIP","тендер"]', '["тест"]', '["-"]'], dtype=object)[
                    rng.integers(0, 4, count)
                ],
                0.1,
            ),
            _FIELDS["Tender page"]: fill(
                rng,
                np.array(["https://zakupki.example/tender", "-", "нет"], dtype=object)[rng.integers(0, 3, count)],
                np.where(pipeline == 1, 0.6, 0.03),
            ),
            _FIELDS["Partner"]: fill(rng, partner, np.where(company > 0, 0.08, 0.0)),
            _FIELDS["Industry"]: fill(
                rng, np.array(INDUSTRIES, dtype=object)[rng.integers(0, len(INDUSTRIES), count)], 0.4
            ),
            **{_FIELDS[name]: values for name, values in more.items()},
        },
    )


def _titles(world: World, number: Ints, pipeline: Ints, client: Ints, known: Bools) -> list[str]:
    count = len(number)
    goods = world.rng.integers(0, len(PRODUCTS), count)
    work = len(PRODUCTS) + world.rng.integers(0, len(SERVICES), count)
    words = _WORDS[np.where(pipeline == 2, work, goods)].tolist()
    firms = np.where(known, world.company_names[world.contact_titles[client.clip(0)]], NONE).tolist()
    found = [f"{word} для {firm}" if firm else word for word, firm in zip(words, firms, strict=True)]
    for place in np.flatnonzero(number % 53 == 17).tolist():
        found[place] = ODD_TITLES[int(number[place]) // 53 % len(ODD_TITLES)].format(found[place])
    return found


def write_templates(world: World, count: int) -> None:
    """Templates of recurring deals: rows that are not deals. Each has a history row, as the portal keeps it."""
    ids = world.ids["deals"].take(world.rng, count)
    start = world.calendar.begin - 37 * 3600  # older than every deal
    people = world.staff.ids[np.arange(count) % len(world.staff.ids)]
    world.writer.insert(
        "deals",
        count,
        {
            "ID": ids,
            "TITLE": "Ежемесячное обслуживание (шаблон)",
            "CATEGORY_ID": 5,
            "STAGE_ID": "C5:NEW",
            "STAGE_SEMANTIC_ID": "P",
            "IS_RECURRING": "Y",
            "CURRENCY_ID": "RUB",
            "OPPORTUNITY": 4_500_000,
            "ASSIGNED_BY_ID": people,
            "CREATED_BY_ID": people,
            "MODIFY_BY_ID": people,
            "DATE_CREATE": start,
            "DATE_MODIFY": start,
            "MOVED_TIME": start,
            "MOVED_BY_ID": people,
            "LAST_ACTIVITY_TIME": start,
            "LAST_ACTIVITY_BY": people,
            "IS_NEW": "Y",
            "BEGINDATE": str(world.calendar.day_texts(np.array([start]))[0]),
        },
    )
    zero = np.zeros(count, dtype=np.int64)
    history.keep(
        world,
        False,
        ids,
        Walk(np.arange(count), zero + start, zero + 1, zero + int(np.unique(world.deals.first)[2]), zero, zero, zero),
    )
