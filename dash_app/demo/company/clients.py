"""Contacts and companies of the customers."""

from __future__ import annotations

import numpy as np

from dash_app.demo.company.calendar import DAY, Bools, Ints
from dash_app.demo.company.names import POSTS
from dash_app.demo.company.pipelines import INDUSTRIES
from dash_app.demo.company.structure import ADMIN
from dash_app.demo.company.world import SOURCE_CODES, World, fill, has, phones
from dash_app.demo.company.write import NONE


def known_clients(world: World, count: int) -> Ints:
    """Positions of clients who bought before; recent ones more often. All -1 while there are none."""
    if not world.contacts_made:
        return np.full(count, -1, dtype=np.int64)
    return np.asarray((world.contacts_made * world.rng.random(count) ** 0.7).astype(np.int64))


def write_own_company(world: World) -> None:
    """The company's own legal entity, which is no client."""
    ids = world.ids["companies"].take(world.rng, 1)
    made = world.calendar.begin - 30 * DAY
    world.writer.insert(
        "companies",
        1,
        {
            "ID": ids,
            "TITLE": "АО «ТехноПром»",
            "COMPANY_TYPE": "OTHER",
            "CURRENCY_ID": "RUB",
            "IS_MY_COMPANY": "Y",
            "ASSIGNED_BY_ID": ADMIN,
            "CREATED_BY_ID": ADMIN,
            "MODIFY_BY_ID": ADMIN,
            "DATE_CREATE": made,
            "DATE_MODIFY": made,
            "LAST_ACTIVITY_TIME": made,
        },
    )


def add_clients(world: World, moments: Ints, leads: Ints, people: Ints, sources: Ints, private: Bools) -> Ints:
    """Write a contact, and mostly a company, for each card in order of time; positions of the clients.

    leads: 0 = none. people: user ids. private: a person without a company.
    """
    rng, count = world.rng, len(moments)
    ids = world.ids["contacts"].take(rng, count)
    first = world.contacts_made
    place = np.arange(first, first + count)
    names = rng.integers(0, len(world.first_names), count)
    titles = rng.integers(0, len(world.company_names), count)
    # some contacts are new people of a company known already
    known = known_clients(world, count)
    shared = (known >= 0) & (rng.random(count) < 0.12) & ~private
    fresh = ~private & ~shared
    companies = np.zeros(count, dtype=np.int64)
    companies[fresh] = world.ids["companies"].take(rng, int(fresh.sum()))
    companies[shared] = world.contact_companies[known[shared]]
    titles[shared] = world.contact_titles[known[shared]]
    world.contact_ids[place], world.contact_companies[place] = ids, companies
    world.contact_names[place], world.contact_titles[place] = names, titles
    world.contacts_made += count

    def none(values: Ints) -> np.ndarray:
        return np.where(values == 0, NONE, values.astype(object))

    phone = phones(rng, count, 0.86)
    email = fill(rng, np.array([f"client{number}@example.com" for number in ids.tolist()], dtype=object), 0.62)
    world.writer.insert(
        "contacts",
        count,
        {
            "ID": ids,
            "NAME": world.first_names[names],
            "SECOND_NAME": fill(rng, world.fathers[names], 0.4),
            "LAST_NAME": fill(rng, world.last_names[names], 0.93),
            "POST": fill(rng, np.array(POSTS, dtype=object)[rng.integers(0, len(POSTS), count)], 0.4),
            "COMPANY_ID": none(companies),
            "TYPE_ID": "CLIENT",
            "SOURCE_ID": SOURCE_CODES[sources],
            "LEAD_ID": none(leads),
            "HAS_PHONE": has(phone),
            "HAS_EMAIL": has(email),
            "PHONE": phone,
            "EMAIL": email,
            "ASSIGNED_BY_ID": people,
            "CREATED_BY_ID": people,
            "MODIFY_BY_ID": people,
            "DATE_CREATE": moments,
            "DATE_MODIFY": moments,
            "LAST_ACTIVITY_TIME": moments,
        },
    )
    made = int(fresh.sum())
    phone = phones(rng, made, 0.7)
    email = fill(
        rng, np.array([f"info{number}@example.com" for number in companies[fresh].tolist()], dtype=object), 0.45
    )
    world.writer.insert(
        "companies",
        made,
        {
            "ID": companies[fresh],
            "TITLE": world.company_names[titles[fresh]],
            "COMPANY_TYPE": "CUSTOMER",
            "INDUSTRY": fill(rng, np.array(INDUSTRIES, dtype=object)[rng.integers(0, len(INDUSTRIES), made)], 0.7),
            "EMPLOYEES": fill(
                rng,
                np.array(["EMPLOYEES_1", "EMPLOYEES_2", "EMPLOYEES_3", "EMPLOYEES_4"], dtype=object)[
                    rng.integers(0, 4, made)
                ],
                0.5,
            ),
            "CURRENCY_ID": "RUB",
            "LEAD_ID": none(leads[fresh]),
            "HAS_PHONE": has(phone),
            "HAS_EMAIL": has(email),
            "PHONE": phone,
            "EMAIL": email,
            "ASSIGNED_BY_ID": people[fresh],
            "CREATED_BY_ID": people[fresh],
            "MODIFY_BY_ID": people[fresh],
            "DATE_CREATE": moments[fresh],
            "DATE_MODIFY": moments[fresh],
            "LAST_ACTIVITY_TIME": moments[fresh],
        },
    )
    return place
