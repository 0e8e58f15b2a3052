"""Calls, letters, chats, meetings, to-dos on cards: done, missed, overdue, without a deadline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from dash_app.demo.company.calendar import DAY, Bools, Floats, Ints, rounded
from dash_app.demo.company.paths import touched
from dash_app.demo.company.world import World
from dash_app.demo.company.write import NONE, Block
from dash_app.demo.fields import NO_DEADLINE

CALL_OUT, CALL_IN, MISSED, MAIL_OUT, MAIL_IN, CHAT, SMS, MEETING, TODO, FORM, TASK = range(11)

_KINDS: Final = (
    # TYPE_ID, PROVIDER_ID, PROVIDER_TYPE_ID, DIRECTION, comes in, is communication, subjects
    (2, "VOXIMPLANT_CALL", "CALL", 2, False, True, ("Исходящий звонок", "Звонок клиенту", "Обсудили условия")),
    (2, "VOXIMPLANT_CALL", "CALL", 1, True, True, ("Входящий звонок", "Клиент уточнил сроки")),
    (2, "VOXIMPLANT_CALL", "CALL", 1, True, True, ("Пропущенный звонок",)),
    (
        4,
        "CRM_EMAIL",
        "EMAIL",
        2,
        False,
        True,
        ("Коммерческое предложение", "Договор на согласование", "Счёт на оплату"),
    ),
    (
        4,
        "CRM_EMAIL",
        "EMAIL",
        1,
        True,
        True,
        ("Re: Коммерческое предложение", "Вопрос по срокам", "Fwd: <заявка> & реквизиты"),
    ),
    (6, "IMOPENLINES_SESSION", "3", 1, True, True, ("Чат с сайта", "Диалог в Телеграме 💬")),
    (6, "CRM_SMS", "SMS", 2, False, False, ("SMS клиенту",)),
    (1, "CRM_MEETING", "MEETING", 0, False, False, ("Встреча у клиента", "Показ оборудования", "Переговоры")),
    (
        6,
        "CRM_TODO",
        "TODO",
        0,
        False,
        False,
        ("Перезвонить", "Отправить КП", "Уточнить решение", "Напомнить об оплате", "Согласовать договор"),
    ),
    (6, "CRM_WEBFORM", "12", 1, True, True, ("Заполнена CRM-форма",)),
    (6, "CRM_TASKS_TASK", "TASKS_TASK", 0, False, False, ("Задача по сделке",)),
)
_TYPE: Final = np.array([kind[0] for kind in _KINDS])
_PROVIDER: Final = np.array([kind[1] for kind in _KINDS], dtype=object)
_PROVIDER_TYPE: Final = np.array([kind[2] for kind in _KINDS], dtype=object)
_DIRECTION: Final = np.array([kind[3] for kind in _KINDS])
_INCOMING: Final = np.array([kind[4] for kind in _KINDS])
_COMMUNICATION: Final = np.array([kind[5] for kind in _KINDS])
_WIDTH: Final = max(len(kind[6]) for kind in _KINDS)
_SUBJECTS: Final = np.array([[kind[6][n % len(kind[6])] for n in range(_WIDTH)] for kind in _KINDS], dtype=object)
_MISSED: Final = np.array('{"MISSED_CALL":true}', dtype=object)
_MIX: Final = np.cumsum(
    # callers, writers: call out, in, missed, mail out, in, chat, sms, meeting, todo
    np.array([[34, 13, 4, 10, 7, 5, 3, 5, 19], [17, 8, 3, 22, 15, 11, 3, 4, 17]]) / 100,
    axis=1,
)


@dataclass
class Cards:
    """Cards to live on, arrays of equal length.

    type: 1 leads, 2 deals; contact: 0 = none; people: user ids; first: kind of what opened the card, -1 = nothing;
    last: its last stage change; rate: multiplier of the number of activities.
    """

    type: int
    ids: Ints
    contact: Ints
    people: Ints
    diligence: Floats
    start: Ints
    last: Ints
    horizon: Ints
    open: Bools
    first: Ints
    rate: float


def live(world: World, cards: Cards) -> tuple[Ints, Ints]:
    """Make the activities of cards; the latest incoming one and the latest communication of each card, -1 = none."""
    count = len(cards.ids)
    if not count:
        return np.full(0, -1), np.full(0, -1)
    rng, calendar, now = world.rng, world.calendar, world.now
    parts: list[tuple[Ints, Ints, Ints]] = []  # card, created, kind

    opened = np.flatnonzero(cards.first >= 0)
    parts.append((opened, cards.start[opened], cards.first[opened]))
    # the first answer: soon or late, or never
    answered = rng.random(count) < 0.72 + 0.26 * cards.diligence
    minutes = rng.lognormal(np.log(9 + 260 * (1 - cards.diligence) ** 1.6), 0.9)
    who = np.flatnonzero(answered)
    when = calendar.response(rng, cards.start[who], minutes[who].clip(1, 2400))
    kind = np.array([CALL_OUT, CALL_OUT, CALL_OUT, MAIL_OUT, SMS])[rng.integers(0, 5, len(who))]
    parts.append((who, when, kind))
    # the rest of its life
    tail = (3 + 18 * cards.diligence * rng.random(count)) * DAY
    end = np.where(cards.open, cards.last + tail.astype(np.int64), cards.last)
    end = np.maximum(np.minimum(end, cards.horizon), cards.start + 3600)
    days = (end - cards.start) / DAY
    mean = cards.rate * world.density * (0.55 + 0.9 * cards.diligence) * (0.5 + 0.36 * np.sqrt(days.clip(0, 90)))
    owner = np.repeat(np.arange(count), rng.poisson(mean))
    spread = rng.random(len(owner))
    moments = cards.start[owner] + (spread * (end - cards.start)[owner]).astype(np.int64)
    moments = calendar.at_work(rng, cards.start[owner] + 300, moments)
    style = cards.people[owner] % 2
    kind = (rng.random(len(owner))[:, None] > _MIX[style]).sum(axis=1).clip(0, TODO)
    parts.append((owner, moments, kind))
    # what is to be done next, on cards that are open and not abandoned
    step = cards.open & (cards.horizon >= now) & (rng.random(count) < 0.12 + 0.78 * cards.diligence)
    step &= (cards.last > now - 120 * DAY) | (rng.random(count) < 0.3)
    who = np.flatnonzero(step)
    latest = np.maximum(cards.last[who], now - np.where(rng.random(len(who)) < 0.5, 9, 70) * DAY)
    when = calendar.at_work(
        rng, cards.start[who] + 600, latest + (rng.random(len(who)) * (now - latest)).astype(np.int64)
    )
    parts.append((who, when, np.full(len(who), TODO)))

    card = np.concatenate([part[0] for part in parts])
    created = np.concatenate([part[1] for part in parts])
    kind = np.concatenate([part[2] for part in parts])
    following = np.zeros(len(card), dtype=bool)
    following[len(card) - len(who) :] = True
    early = created < cards.horizon[card]
    card, created, kind, following = card[early], created[early], kind[early], following[early]
    _keep(world, cards, card, created, kind, following)
    return (
        touched(card, created, count, _INCOMING[kind]),
        touched(card, created, count, _COMMUNICATION[kind]),
    )


def _keep(world: World, cards: Cards, card: Ints, created: Ints, kind: Ints, following: Bools) -> None:
    """Work out deadlines and completion and put the rows aside until their month is written."""
    rng, calendar, now, size = world.rng, world.calendar, world.now, len(card)
    diligence = cards.diligence[card]
    start, chance = created.copy(), rng.random(size)
    planned = (kind == TODO) | (kind == MEETING)
    ahead = calendar.at_work(rng, created, created + (rng.exponential(2.6, size) * DAY).astype(np.int64))
    late = rng.random(size) < 0.12 + 0.62 * (1 - diligence)
    near = now + ((rng.random(size) * 12 + 0.05) * DAY).astype(np.int64)
    past = created + ((now - created) * rng.random(size) ** 1.6).astype(np.int64)
    past = calendar.at_work(rng, created, past)
    due = np.where(following, np.where(late, past, calendar.at_work(rng, created, near)), ahead)
    due = rounded(due, 5)
    start = np.where(planned, due, start)
    call = kind <= MISSED
    talk = np.where(kind == MISSED, 0, rng.lognormal(4.5, 1.2, size).clip(2, 5400).astype(np.int64))
    talk = np.where((kind == CALL_OUT) & (rng.random(size) < 0.16), rng.integers(0, 10, size), talk)
    end = np.where(call, created + talk, np.where(kind == MEETING, start + 3600, start))
    deadline = np.where(_INCOMING[kind], NO_DEADLINE, np.where(planned, due, end))
    deadline = np.where((kind == TODO) & (chance < 0.05), NO_DEADLINE, deadline)

    age = (now - created) / DAY
    # a call is stored when it starts; incoming things wait until somebody handles them
    waiting = np.where(age < 30, 0.02 + 0.2 * (1 - diligence), 0.003)
    waiting = np.where(kind == MISSED, waiting * 2.5, waiting)
    undone = np.where(age < 75, 0.03 + 0.4 * (1 - diligence) ** 1.5, 0.012)
    undone = np.where(cards.open[card], undone, undone * 0.2)
    passed = due < now
    completed = np.where(
        planned, passed & (rng.random(size) >= undone), ~_INCOMING[kind] | (rng.random(size) >= waiting)
    )
    completed &= ~(planned & (following | (due >= cards.horizon[card])))
    slip = rng.normal(0.1, 0.8, size) * (1.5 - diligence) * DAY
    done_at = np.maximum(created + 120, due + slip.astype(np.int64)).clip(None, now - 60)
    handled = created + rng.lognormal(6.5, 1.5, size).astype(np.int64)
    updated = np.where(planned & completed, np.maximum(done_at, created), created)
    updated = np.where(_INCOMING[kind] & completed & ~call, np.minimum(handled, now - 60), updated)
    updated = np.maximum(updated, created)

    contact = cards.contact[card]
    owner_type = np.full(size, cards.type)
    owner = cards.ids[card]
    # letters and calls are often kept by the contact and only bound to the card
    kept = (contact > 0) & ((kind == MAIL_IN) | (kind == MAIL_OUT) | (kind == CALL_IN)) & (rng.random(size) < 0.3)
    beside = (contact > 0) & ~kept & (rng.random(size) < 0.3) & _COMMUNICATION[kind]
    world.activities.add(
        {
            "created": created,
            "updated": updated,
            "start": start,
            "end": end,
            "deadline": deadline,
            "owner_type": np.where(kept, 3, owner_type),
            "owner": np.where(kept, contact, owner),
            "bound_type": np.where(kept, owner_type, np.where(beside, 3, 0)),
            "bound": np.where(kept, owner, np.where(beside, contact, 0)),
            "kind": kind,
            "responsible": cards.people[card],
            "completed": completed,
            "task": np.zeros(size, dtype=np.int64),
            "subject": rng.integers(0, _WIDTH, size),
        }
    )


def of_tasks(world: World, block: Block) -> None:
    """Keep the activities that stand on cards for their tasks.

    Keys: created, updated, deadline (or the sentinel), owner_type, owner, responsible, completed, task.
    """
    size = len(block["created"])
    zero = np.zeros(size, dtype=np.int64)
    world.activities.add(
        {
            "created": block["created"],
            "updated": block["updated"],
            "start": block["created"],
            "end": block["created"],
            "deadline": block["deadline"],
            "owner_type": block["owner_type"],
            "owner": block["owner"],
            "bound_type": zero,
            "bound": zero,
            "kind": np.full(size, TASK),
            "responsible": block["responsible"],
            "completed": block["completed"],
            "task": block["task"],
            "subject": zero,
        }
    )


def flush(world: World, before: int) -> None:
    """Write the activities created before an instant."""
    block = world.activities.take(before)
    if block is None:
        return
    size, kind = len(block["created"]), block["kind"]
    ids = world.ids["activities"].take(world.rng, size)
    completed = block["completed"]
    missed = kind == MISSED
    call = kind <= MISSED
    origin = np.full(size, None, dtype=object)
    origin[call] = np.array([f"VI_externalCall.{number:08x}" for number in ids[call].tolist()], dtype=object)
    automatic = completed & _INCOMING[kind] & (ids % 5 == 0)
    world.writer.insert(
        "activities",
        size,
        {
            "ID": ids,
            "OWNER_ID": block["owner"],
            "OWNER_TYPE_ID": block["owner_type"],
            "TYPE_ID": _TYPE[kind],
            "PROVIDER_ID": _PROVIDER[kind],
            "PROVIDER_TYPE_ID": _PROVIDER_TYPE[kind],
            "ASSOCIATED_ENTITY_ID": block["task"],
            "SUBJECT": _SUBJECTS[kind, block["subject"]],
            "CREATED": block["created"],
            "LAST_UPDATED": block["updated"],
            "START_TIME": block["start"],
            "END_TIME": block["end"],
            "DEADLINE": block["deadline"],
            "COMPLETED": np.where(completed, "Y", "N").astype(object),
            "STATUS": np.where(automatic, 3, np.where(completed, 2, 1)),
            "RESPONSIBLE_ID": block["responsible"],
            "AUTHOR_ID": block["responsible"],
            "EDITOR_ID": block["responsible"],
            "DIRECTION": _DIRECTION[kind],
            "SETTINGS": np.where(missed, _MISSED, NONE),
            "ORIGIN_ID": origin,
            "IS_INCOMING_CHANNEL": np.where(_INCOMING[kind], "Y", "N").astype(object),
        },
    )
    names = ("ACTIVITY_ID", "OWNER_TYPE_ID", "OWNER_ID")
    world.writer.insert(
        "activity_bindings", size, dict(zip(names, (ids, block["owner_type"], block["owner"]), strict=True))
    )
    also = block["bound"] > 0
    second = (ids[also], block["bound_type"][also], block["bound"][also])
    world.writer.insert("activity_bindings", int(also.sum()), dict(zip(names, second, strict=True)))
