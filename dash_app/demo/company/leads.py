"""Leads of a month: where from, who took them, what became of them."""

from __future__ import annotations

import numpy as np

from dash_app.demo.company import activities, comments, history, own_fields
from dash_app.demo.company.calendar import DAY, Ints
from dash_app.demo.company.clients import known_clients
from dash_app.demo.company.names import CITIES, ODD_TITLES, PRODUCTS
from dash_app.demo.company.paths import Cards, walk
from dash_app.demo.company.structure import ADMIN
from dash_app.demo.company.world import (
    SOURCE_CODES,
    SOURCE_OFFICE,
    SOURCE_QUALITY,
    World,
    fill,
    has,
    options,
    phones,
    utm_columns,
)
from dash_app.demo.company.write import or_null
from dash_app.demo.fields import LEAD_USER_FIELDS

_FIRST_KIND = np.array(
    [
        activities.CALL_IN,
        -1,
        activities.FORM,
        activities.FORM,
        activities.CHAT,
        activities.MAIL_IN,
        -1,
        -1,
        -1,
        activities.CHAT,
        -1,
        -1,
        -1,
    ]
)
"""What a lead of each source begins with."""
_PRODUCTS = np.array(PRODUCTS, dtype=object)
_CITIES = np.array(CITIES, dtype=object)


def make_leads(world: World, low: int, high: int, count: int) -> None:
    """Make and write ``count`` leads of [low, high); those that convert wait in ``world.conversions``."""
    if not count:
        return
    rng, calendar, staff, table = world.rng, world.calendar, world.staff, world.leads
    source = world.sources(count, low, 0.4)
    moments = np.sort(calendar.arrivals(rng, low, high, count, np.zeros(count, dtype=bool)))
    by_hand = SOURCE_OFFICE[source]
    moments = np.sort(np.where(by_hand, calendar.arrivals(rng, low, high, count, np.ones(count, dtype=bool)), moments))
    ids = world.ids["leads"].take(rng, count)
    number = world.lead_ordinal + np.arange(count)
    world.lead_ordinal += count
    pipeline = rng.choice(3, size=count, p=[0.6, 0.11, 0.29])
    seller = staff.draw(rng, low, high, pipeline)
    client = np.where(rng.random(count) < 0.13, known_clients(world, count), -1)
    known = client >= 0
    client0 = client.clip(0)

    quality = SOURCE_QUALITY[source] * 0.9 + staff.skill[seller] * 0.6 + 0.35 * known + rng.normal(0, 0.35, count)
    horizon, handed = world.horizon(seller)
    diligence = staff.diligence[seller]
    start = np.where(number % 71 == 13, table.lost[0], table.first[0])  # spam closed at once
    cards = Cards(
        moments,
        start,
        horizon,
        quality,
        staff.speed[seller] * (1.35 - 0.5 * diligence),
        0.004 + 0.045 * (1 - diligence) ** 2,
        np.where(number % 59 == 3, 6, 0),
    )
    done = walk(rng, calendar, table, cards, -1)
    history.keep(world, True, ids, done)
    semantic = table.semantic[done.final]
    seller = world.hand_over(seller, handed & ((semantic == 0) | (done.last > staff.left[seller])))
    people = staff.ids[seller]

    contact = np.where(known, world.contact_ids[client0], 0)
    company = np.where(known, world.contact_companies[client0], 0)
    in_work = semantic == 0
    incoming, spoken = activities.live(
        world,
        activities.Cards(
            1, ids, contact, people, diligence, moments, done.last, horizon, in_work, _FIRST_KIND[source], 0.55
        ),
    )
    other = comments.live(world, 1, ids, people, moments, done.last, horizon, 0.12)

    # converted ones become deals at that moment: mostly one, now and then two, rarely none
    title = np.where(known, world.contact_titles[client0], rng.integers(0, len(world.company_names), count))
    won = (semantic == 1) & (number % 67 != 5)
    utm = world.utm(source)
    for chosen in (won, won & (number % 43 == 8)):
        world.conversions.add(
            {
                "time": done.closed[chosen],
                "lead": ids[chosen],
                "source": source[chosen],
                "seller": seller[chosen],
                "client": client[chosen],
                "pipeline": pipeline[chosen],
                "utm": utm[chosen],
                "quality": quality[chosen],
            }
        )

    edited = np.where(rng.random(count) < 0.15, done.last + rng.integers(600, 5 * DAY, count), 0)
    edited = np.where(edited < horizon, edited, 0)
    modified = np.maximum(np.maximum(done.last, incoming), edited)
    active = np.maximum(np.maximum(moments, incoming), other)
    name = np.where(known, world.contact_names[client0], rng.integers(0, len(world.first_names), count))
    phone = phones(rng, count, 0.78)
    email = fill(rng, np.array([f"lead{value}@example.com" for value in ids.tolist()], dtype=object), 0.5)
    amount = np.where(rng.random(count) < 0.3, (rng.lognormal(11.8, 1.0, count) / 1000).astype(np.int64) * 100_000, 0)
    closed = done.closed >= 0
    who = np.where(by_hand, people, ADMIN)
    utms = utm_columns(utm)
    marks = {field.label_en: field.name for field in LEAD_USER_FIELDS}
    junk_reason = np.where(semantic == 2, rng.integers(101, 106, count), 0)
    world.writer.insert(
        "leads",
        count,
        {
            "ID": ids,
            "TITLE": _titles(world, number, source, title),
            "NAME": fill(rng, world.first_names[name], 0.9),
            "LAST_NAME": fill(rng, world.last_names[name], 0.55),
            "COMPANY_TITLE": fill(rng, world.company_names[title], 0.6),
            "COMPANY_ID": or_null(company, company == 0),
            "CONTACT_ID": or_null(contact, contact == 0),
            "IS_RETURN_CUSTOMER": np.where(known, "Y", "N").astype(object),
            "SOURCE_ID": SOURCE_CODES[source],
            "STATUS_ID": table.codes[done.final],
            "STATUS_SEMANTIC_ID": table.letters[done.final],
            "CURRENCY_ID": "RUB",
            "OPPORTUNITY": amount,
            "HAS_PHONE": has(phone),
            "HAS_EMAIL": has(email),
            "HAS_IMOL": np.where(_FIRST_KIND[source] == activities.CHAT, "Y", "N").astype(object),
            "PHONE": phone,
            "EMAIL": email,
            "ASSIGNED_BY_ID": people,
            "CREATED_BY_ID": who,
            "MODIFY_BY_ID": np.where(edited > 0, people, who),
            "DATE_CREATE": moments,
            "DATE_MODIFY": modified,
            "DATE_CLOSED": or_null(done.closed, ~closed),
            "MOVED_BY_ID": np.where(done.last > moments, people, who),
            "MOVED_TIME": done.last,
            "LAST_ACTIVITY_TIME": active,
            "LAST_ACTIVITY_BY": np.where(active > moments, people, who),
            "LAST_COMMUNICATION_TIME": or_null(spoken, spoken < 0),
            **utms,
            marks["Junk reason"]: or_null(junk_reason, (junk_reason == 0) | (rng.random(count) < 0.25)),
            marks["Interested in"]: options(rng, (111, 112, 113, 114), count, 0.55),
            marks["Mailing consent"]: fill(rng, rng.integers(0, 2, count), 0.6),
            marks["City"]: fill(rng, _CITIES[rng.integers(0, len(_CITIES), count)], 0.5),
            marks["Staff of the company"]: fill(rng, rng.integers(1, 900, count), 0.2),
            marks["Lead score"]: fill(rng, np.round(rng.normal(55, 18, count).clip(0, 100), 1), 0.35),
            marks["Call back after"]: fill(rng, calendar.day_texts(moments + rng.integers(2, 40, count) * DAY), 0.12),
            marks["Convenient time"]: fill(rng, moments + rng.integers(3600, 6 * DAY, count), 0.08),
            marks["Budget"]: _budgets(rng, count),
            marks["Qualified by"]: fill(rng, staff.ids[rng.integers(0, len(staff.ids), count)], 0.25),
            **{marks[name]: values for name, values in own_fields.of_leads(ids, contact).items()},
        },
    )


def _titles(world: World, number: Ints, source: Ints, title: Ints) -> list[str]:
    products = _PRODUCTS[world.rng.integers(0, len(_PRODUCTS), len(number))].tolist()
    found = [
        f"{product}: {company}" if place % 3 else f"Заявка с сайта: {product}"
        for place, (product, company) in enumerate(zip(products, world.company_names[title].tolist(), strict=True))
    ]
    for place in np.flatnonzero(number % 61 == 17).tolist():
        found[place] = ODD_TITLES[int(number[place]) // 61 % len(ODD_TITLES)].format(found[place])
    return found


def _budgets(rng: np.random.Generator, count: int) -> np.ndarray:
    texts = np.array(["|RUB", "100000|RUB", "250000.50|RUB", "500000|RUB", "1500000|RUB", "20000|USD"], dtype=object)
    return fill(rng, texts[rng.integers(0, len(texts), count)], 0.22)
