"""Projects and tasks: planned or not, with a deadline or not, done in time, late, handed in, put off."""

from __future__ import annotations

import json

import numpy as np

from dash_app.demo.company import activities
from dash_app.demo.company.calendar import DAY, OFFSET, Ints, rounded
from dash_app.demo.company.structure import ADMIN
from dash_app.demo.company.world import World, fill
from dash_app.demo.company.write import NONE, Writer, or_null
from dash_app.demo.fields import NO_DEADLINE

_GROUPS = (
    ("Запуск линии «Вектор»", "project"),
    ("Отдел продаж", "group"),
    ("Маркетинг 2026", "group"),
    ("Внедрение CRM", "project"),
    ("Склад: инвентаризация", "project"),
    ("Сайт", "scrum"),
    ("Выставка «Металлообработка»", "project"),
    ("Партнёры", "collab"),
    ("Переезд офиса", "project"),
)
_TITLES = (
    "Подготовить коммерческое предложение",
    "Согласовать договор",
    "Собрать документы для тендера",
    "Отчёт за неделю",
    "Проверить оплату",
    "Сверка с бухгалтерией",
    "Обзвонить базу",
    "Обновить прайс",
    "Отгрузить заказ",
    "Выезд на замер",
    "Ответить на претензию",
    "Заказать пропуск",
    "Настроить рекламу",
    "Провести обучение",
    "<i>Проверить</i> спецификацию & чертежи",
    "🚚 Организовать доставку",
)
_TAGS = ('["срочно"]', '["договор"]', '["реклама","сайт"]', '["отчёт"]', '["логистика"]')


def write_projects(writer: Writer, world: World) -> Ints:
    """Write the workgroups; their ids."""
    ids = 1 + 4 * np.arange(len(_GROUPS))
    for place, (name, kind) in enumerate(_GROUPS):
        made = world.calendar.begin + place * 20 * DAY
        writer.insert(
            "workgroups",
            1,
            {
                "ID": [int(ids[place])],
                "NAME": name,
                "DATE_CREATE": made,
                "DATE_UPDATE": made,
                "DATE_ACTIVITY": made,
                "CLOSED": "Y" if place == len(_GROUPS) - 1 else "N",
                "OWNER_ID": int(world.staff.office[place % 4]),
                "NUMBER_OF_MEMBERS": 3 + place,
                "PROJECT": "Y" if kind == "project" else "N",
                "TYPE": kind,
            },
        )
    return ids


def make_tasks(world: World, low: int, high: int, count: int, groups: Ints, deals: tuple[Ints, Ints]) -> None:
    """Make and write ``count`` tasks of [low, high).

    deals: ids and moments of the month's deals, to bind tasks to; moments ascend.
    """
    if not count:
        return
    rng, calendar, staff, now = world.rng, world.calendar, world.staff, world.now
    ids = world.ids["tasks"].take(rng, count)
    created = np.sort(calendar.arrivals(rng, low, high, count, np.ones(count, dtype=bool)))
    sells = rng.random(count) < 0.62
    seller = staff.draw(rng, low, high, rng.choice(3, size=count, p=[0.45, 0.25, 0.3]))
    worker = rng.integers(0, len(staff.office), count)
    person = np.where(sells, staff.ids[seller], staff.office[worker])
    # office people differ too, in a way that lasts
    zeal = np.where(sells, staff.diligence[seller], 0.45 + 0.5 * (staff.office[worker] * 37 % 11) / 11)
    heads = np.array([staff.heads[number] for number in range(len(staff.heads))])
    boss = np.where(sells, heads[staff.group[seller]], ADMIN)
    chance = rng.random(count)
    author = np.where(chance < 0.34, person, np.where(chance < 0.86, boss, staff.office[rng.integers(0, 4, count)]))

    # plans
    plan = created + (rng.exponential(2.4, count) * DAY).astype(np.int64)
    plan = rounded(calendar.at_work(rng, created, plan), 15)
    day_only = rng.random(count) < 0.3
    plan = np.where(day_only, (plan + OFFSET) // DAY * DAY - OFFSET, plan)
    has_plan = rng.random(count) < 0.56
    due = calendar.at_work(
        rng,
        np.maximum(created, plan),
        np.maximum(created, plan) + (rng.lognormal(1.25, 0.75, count) * DAY).astype(np.int64),
    )
    due = np.where(rng.random(count) < 0.5, (due + OFFSET) // DAY * DAY - OFFSET + 19 * 3600, due)
    due = rounded(due, 15)
    has_due = rng.random(count) < 0.84

    # what really happened
    wait = np.where(has_plan, np.maximum(created, plan) - created, (rng.exponential(1.2, count) * DAY).astype(np.int64))
    lag = rng.normal(-0.75 + 1.9 * (1 - zeal) ** 1.2, 0.55 + 0.6 * (1 - zeal), count)
    begun = created + wait + (lag * DAY).astype(np.int64)
    begun = calendar.at_work(rng, created + 120, np.maximum(created + 600, begun))
    begun = np.where(day_only & (lag < 0.5), np.maximum(created + 900, plan + 10 * 3600), begun)
    slack = rng.normal(1.15 - 2.1 * (1 - zeal) ** 1.2, 0.75 + 0.7 * (1 - zeal), count)
    work = due - (slack * DAY).astype(np.int64)
    work = np.where(has_due, work, begun + (rng.lognormal(1.0, 0.9, count) * DAY).astype(np.int64))
    finished = calendar.at_work(rng, begun + 300, np.maximum(begun + 1800, work), 0.03)
    dropped = rng.random(count) < 0.015 + 0.09 * (1 - zeal)
    put_off = rng.random(count) < 0.025
    skips = rng.random(count) < 0.07  # finished without pressing "start"
    is_done = (finished < now) & ~dropped & ~put_off
    started = (begun < now) & ~(dropped & (rng.random(count) < 0.6)) & ~skips
    begun = np.where(is_done, np.minimum(begun, finished - 60), begun)
    control = rng.random(count) < 0.24
    accepted = finished + (rng.exponential(1.6, count) * DAY).astype(np.int64)
    handed_in = is_done & control & ((accepted >= now) | (rng.random(count) < 0.03))
    status = np.where(started, 3, 2)
    status = np.where(put_off, 6, status)
    status = np.where(is_done, np.where(handed_in, 4, 5), status)
    accepted = np.where(is_done & control & ~handed_in, accepted, 0)
    moved = np.where(is_done, np.maximum(finished, accepted), np.where(started, begun, created))
    touched = np.where(rng.random(count) < 0.2, moved + rng.integers(600, 4 * DAY, count), moved)
    touched = np.where(touched < now, touched, moved)

    # a good part belongs to deals of the month
    link = np.full(count, 0, dtype=np.int64)
    deal_ids, deal_times = deals
    if len(deal_ids):
        where = np.searchsorted(deal_times, created) - 1
        where = np.maximum(0, where - rng.integers(0, 30, count))
        fits = sells & (rng.random(count) < 0.5) & (deal_times[where] <= created)
        link = np.where(fits, deal_ids[where], 0)
    uf = np.where(link > 0, np.array([f'["D_{value}"]' for value in link.tolist()], dtype=object), NONE)
    parent = np.where((rng.random(count) < 0.06) & (np.arange(count) > 0), np.roll(ids, 1), 0)
    group = np.where(rng.random(count) < 0.62, groups[(rng.random(count) ** 1.5 * len(groups)).astype(np.int64)], 0)
    estimate = np.where(rng.random(count) < 0.3, rng.integers(1, 24, count) * 1800, 0)
    tracked = estimate > 0
    spent = (estimate * rng.lognormal(0.05, 0.4, count)).astype(np.int64)
    auditors = np.array([json.dumps([str(value)]) for value in boss.tolist()], dtype=object)
    world.writer.insert(
        "tasks",
        count,
        {
            "ID": ids,
            "TITLE": np.array(_TITLES, dtype=object)[rng.integers(0, len(_TITLES), count)],
            "STATUS": status,
            "PRIORITY": rng.choice(3, size=count, p=[0.05, 0.8, 0.15]),
            "MARK": np.where(
                status == 5, fill(rng, np.where(rng.random(count) < 0.4 + 0.55 * zeal, "P", "N"), 0.2), NONE
            ),
            "PARENT_ID": or_null(parent, parent == 0),
            "GROUP_ID": or_null(group, group == 0),
            "CREATED_BY": author,
            "CREATED_DATE": created,
            "RESPONSIBLE_ID": person,
            "CHANGED_BY": person,
            "CHANGED_DATE": touched,
            "STATUS_CHANGED_BY": np.where(accepted > 0, author, person),
            "STATUS_CHANGED_DATE": moved,
            "CLOSED_BY": or_null(np.where(accepted > 0, author, person), ~is_done),
            "CLOSED_DATE": or_null(finished, ~is_done),
            "ACTIVITY_DATE": touched,
            "DATE_START": or_null(begun, ~started),
            "DEADLINE": or_null(due, ~has_due),
            "START_DATE_PLAN": or_null(plan, ~has_plan),
            "END_DATE_PLAN": or_null(due, ~(has_plan & has_due & (rng.random(count) < 0.7))),
            "TIME_ESTIMATE": estimate,
            "TIME_SPENT_IN_LOGS": or_null(spent, ~(tracked & started)),
            "ALLOW_TIME_TRACKING": np.where(tracked, "Y", "N").astype(object),
            "TASK_CONTROL": np.where(control, "Y", "N").astype(object),
            "AUDITORS": fill(rng, auditors, 0.2),
            "UF_CRM_TASK": uf,
            "TAGS": fill(rng, np.array(_TAGS, dtype=object)[rng.integers(0, len(_TAGS), count)], 0.28),
        },
    )
    bound = link > 0
    activities.of_tasks(
        world,
        {
            "created": created[bound],
            "updated": np.where(is_done, finished, created)[bound],
            "deadline": np.where(has_due, due, NO_DEADLINE)[bound],
            "owner_type": np.full(int(bound.sum()), 2),
            "owner": link[bound],
            "responsible": person[bound],
            "completed": is_done[bound],
            "task": ids[bound],
        },
    )
