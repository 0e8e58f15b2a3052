"""Pipelines, stages, sources, currencies and the other directories of the company."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from dash_app.demo.company.calendar import Bools, Floats, Ints
from dash_app.demo.company.write import Writer
from dash_app.demo.fields import DEAL_USER_FIELDS, LEAD_USER_FIELDS, UserField


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage in work: code, name, median stay in days, chance to be lost from here."""

    code: str
    name: str
    days: float
    lose: float


@dataclass(frozen=True, slots=True)
class Pipeline:
    """A pipeline.

    amount: median in rubles and sigma of its logarithm; share: of deals made directly; tunnel: chance that a won deal
    moves on into production.
    """

    id: int
    name: str
    sort: int
    work: tuple[Stage, ...]
    won: str
    lost: tuple[tuple[str, str], ...]
    amount: tuple[float, float]
    share: float
    tunnel: float


PIPELINES: Final[tuple[Pipeline, ...]] = (
    Pipeline(
        0,
        "Продажа оборудования",
        100,
        (
            Stage("NEW", "Новая", 1.0, 0.25),
            Stage("PREPARATION", "В работе", 2.5, 0.24),
            Stage("UC_KP7Q2A", "Коммерческое предложение", 4.5, 0.22),
            Stage("PREPAYMENT_INVOICE", "Согласование", 4.5, 0.15),
            Stage("EXECUTING", "Договор", 4.0, 0.09),
            Stage("FINAL_INVOICE", "Предоплата получена", 4.0, 0.03),
        ),
        "Сделка успешна",
        (("LOSE", "Отказ"), ("APOLOGY", "Анализ причины провала")),
        (240_000, 0.85),
        0.5,
        0.45,
    ),
    Pipeline(
        2,
        "Ключевые клиенты",
        200,
        (
            Stage("NEW", "Новая", 2.0, 0.22),
            Stage("PREPARATION", "В работе", 8.0, 0.22),
            Stage("UC_TZ41XF", "Техническое задание", 9.0, 0.18),
            Stage("PREPAYMENT_INVOICE", "Тендер", 16.0, 0.3),
            Stage("EXECUTING", "Договор", 10.0, 0.1),
            Stage("FINAL_INVOICE", "Предоплата получена", 7.0, 0.03),
        ),
        "Контракт исполнен",
        (("LOSE", "Проигран тендер"), ("APOLOGY", "Заморожено заказчиком")),
        (1_900_000, 0.95),
        0.12,
        0.6,
    ),
    Pipeline(
        5,
        "Сервис и запчасти",
        300,
        (
            Stage("NEW", "Новая", 0.7, 0.34),
            Stage("PREPARATION", "В работе", 3.0, 0.36),
            Stage("EXECUTING", "Договор", 3.5, 0.12),
        ),
        "Оплачено",
        (("LOSE", "Отказ"),),
        (38_000, 0.8),
        0.36,
        0.03,
    ),
    Pipeline(
        9,
        "Производство и доставка",
        400,
        (
            Stage("NEW", "Новая", 1.5, 0.005),
            Stage("PREPARATION", "В работе", 17.0, 0.012),
            Stage("UC_SHIP90", "Отгрузка", 3.0, 0.004),
            Stage("EXECUTING", "Доставка", 5.0, 0.004),
            Stage("FINAL_INVOICE", "Пусконаладка", 4.0, 0.006),
        ),
        "Сдано заказчику",
        (("LOSE", "Договор расторгнут"),),
        (260_000, 0.8),
        0.02,
        0.0,
    ),
)

DELETED_STAGE: Final = "UC_OLD8K1"
"""A stage of pipeline 0 between its first two that was deleted; cards and history still name it."""

LEAD_WORK: Final = (
    Stage("NEW", "Не обработан", 0.25, 0.2),
    Stage("IN_PROCESS", "В работе", 2.0, 0.25),
    Stage("UC_WAIT5T", "Ждём ответа", 4.0, 0.28),
    Stage("PROCESSED", "Квалифицирован", 1.2, 0.06),
)
_COLORS: Final = ("#39A8EF", "#2FC6F6", "#55D0E0", "#47E4C2", "#FFA900", "#C3E36B")


@dataclass(frozen=True)
class StageTable:
    """Stages by number. ``semantic``: 0 in work, 1 won, 2 lost. Pipelines are numbered too (-1: leads)."""

    codes: np.ndarray
    semantic: Ints
    pipeline: Ints
    category: Ints
    order: Ints
    """place among the pipeline's stages in work"""
    days: Floats
    lose: Floats
    following: Ints
    """the next stage in work, or the won one"""
    first: Ints
    won: Ints
    lost: Ints
    """main lost stage of the stage's pipeline"""
    lost_other: Ints
    tunnel: Floats
    deleted: Bools

    @property
    def letters(self) -> np.ndarray:
        """P, S, F of each stage."""
        return np.array(["P", "S", "F"], dtype=object)[self.semantic]


def _table(groups: list[tuple[int, int, list[Stage], str, list[str], float, int]]) -> StageTable:
    rows: list[tuple[Any, ...]] = []
    for number, category, work, won, lost, tunnel, gone in groups:
        base = len(rows)
        count = len(work)
        won_at, lost_at = base + count, base + count + 1
        of_all = (base, won_at, lost_at, lost_at + len(lost) - 1, tunnel)
        for place, stage in enumerate(work):
            following = base + place + 1
            if gone >= 0 and place == 0:
                following = base + 2  # ordinary deals step over the deleted stage
            rows.append(
                (stage.code, 0, number, category, place, stage.days, stage.lose, following, *of_all, place == gone)
            )
        rows.append((won, 1, number, category, count, 6.0, 0.0, won_at, *of_all, False))
        for code in lost:
            rows.append((code, 2, number, category, count, 25.0, 0.0, lost_at, *of_all, False))
    turned: list[tuple[Any, ...]] = list(zip(*rows, strict=True))

    def whole(place: int) -> Ints:
        return np.array(turned[place], dtype=np.int64)

    return StageTable(
        codes=np.array(turned[0], dtype=object),
        semantic=whole(1),
        pipeline=whole(2),
        category=whole(3),
        order=whole(4),
        days=np.array(turned[5], dtype=np.float64),
        lose=np.array(turned[6], dtype=np.float64),
        following=whole(7),
        first=whole(8),
        won=whole(9),
        lost=whole(10),
        lost_other=whole(11),
        tunnel=np.array(turned[12], dtype=np.float64),
        deleted=np.array(turned[13], dtype=bool),
    )


def prefix(category: int) -> str:
    """``C5:`` of a pipeline; the default one has none."""
    return f"C{category}:" if category else ""


def deal_stages() -> StageTable:
    """Stages of all pipelines, the deleted one included."""
    groups = []
    for number, pipeline in enumerate(PIPELINES):
        mark = prefix(pipeline.id)
        work = [Stage(mark + stage.code, stage.name, stage.days, stage.lose) for stage in pipeline.work]
        gone = -1
        if pipeline.id == 0:
            gone = 1
            work.insert(1, Stage(DELETED_STAGE, "Первичный контакт", 2.5, 0.3))
        lost = [mark + code for code, _ in pipeline.lost]
        groups.append((number, pipeline.id, work, f"{mark}WON", lost, pipeline.tunnel, gone))
    return _table(groups)


def lead_stages() -> StageTable:
    """Lead statuses."""
    return _table([(-1, 0, list(LEAD_WORK), "CONVERTED", ["JUNK", "UC_DUBL3"], 0.0, -1)])


@dataclass(frozen=True, slots=True)
class Source:
    """A source. quality shifts the chance to win; office: entered by people (else it comes round the clock)."""

    code: str
    name: str
    weight: float
    quality: float
    office: bool
    utm: tuple[str, str] | None = None
    listed: bool = True


SOURCES: Final[tuple[Source, ...]] = (
    Source("CALL", "Входящий звонок", 16, 0.15, True),
    Source("WEB", "Сайт", 18, 0.0, False, ("yandex", "organic")),
    Source("WEBFORM", "CRM-форма", 11, 0.02, False, ("site", "form")),
    Source("ADVERTISING", "Яндекс Директ", 17, -0.3, False, ("yandex", "cpc")),
    Source("UC_AVITO1", "Авито", 7, -0.5, False, ("avito", "board")),
    Source("EMAIL", "Электронная почта", 6, 0.05, True),
    Source("RECOMMENDATION", "Рекомендация", 5, 0.65, True),
    Source("TRADE_SHOW", "Выставка", 4, -0.1, True),
    Source("PARTNER", "Партнёр", 5, 0.4, True),
    Source("UC_TGCHAN", "Телеграм", 4, -0.15, False, ("telegram", "social")),
    Source("REPEAT_SALE", "Повторные продажи", 5, 0.45, True),
    Source("UC_OLDRAD", "Радио", 4, -0.6, True, None, listed=False),
    Source("", "", 5, -0.1, True, None, listed=False),
)
"""The one before the last was deleted and is still named by cards; the last stands for an empty source."""
DELETED_SOURCE: Final = 11
EMPTY_SOURCE: Final = 12
REPEAT_SOURCE: Final = 10

CURRENCIES: Final = (
    ("RUB", "1.0000", "Российский рубль", "Y", "# &#8381;"),
    ("USD", "92.5000", "Доллар США", "N", "$#"),
    ("EUR", "100.1500", "Евро", "N", "&euro;#"),
)
NO_RATE_CURRENCY: Final = "CNY"
"""Deals name it, the portal's list of currencies does not."""

_DIRECTORIES: Final[dict[str, tuple[tuple[str, str], ...]]] = {
    "DEAL_TYPE": (
        ("SALE", "Продажа"),
        ("COMPLEX", "Комплексная продажа"),
        ("GOODS", "Продажа товара"),
        ("SERVICES", "Продажа услуги"),
        ("SERVICE", "Сервисное обслуживание"),
    ),
    "CONTACT_TYPE": (("CLIENT", "Клиенты"), ("SUPPLIER", "Поставщики"), ("PARTNER", "Партнёры"), ("OTHER", "Другое")),
    "COMPANY_TYPE": (
        ("CUSTOMER", "Клиент"),
        ("SUPPLIER", "Поставщик"),
        ("COMPETITOR", "Конкурент"),
        ("PARTNER", "Партнёр"),
        ("OTHER", "Другое"),
    ),
    "INDUSTRY": (
        ("MANUFACTURING", "Производство"),
        ("CONSTRUCTION", "Строительство"),
        ("AGRICULTURE", "Сельское хозяйство"),
        ("ENERGY", "Энергетика"),
        ("FOOD", "Пищевая промышленность"),
        ("OTHER", "Другое"),
    ),
    "EMPLOYEES": (
        ("EMPLOYEES_1", "менее 50"),
        ("EMPLOYEES_2", "50-250"),
        ("EMPLOYEES_3", "250-500"),
        ("EMPLOYEES_4", "более 500"),
    ),
    "HONORIFIC": (("HNR_RU_1", "г-н"), ("HNR_RU_2", "г-жа")),
}
INDUSTRIES: Final = tuple(code for code, _ in _DIRECTORIES["INDUSTRY"])


def _status_rows() -> list[tuple[Any, ...]]:
    rows: list[tuple[Any, ...]] = []

    def add(
        entity: str,
        code: str,
        name: str,
        sort: int,
        system: bool,
        category: int | None,
        color: str | None,
        semantics: str | None,
        extra: str | None,
    ) -> None:
        said = json.dumps({"SEMANTICS": extra, "COLOR": color}) if extra else None
        rows.append(
            (
                0,
                entity,
                code,
                name,
                name if system else None,
                sort,
                "Y" if system else "N",
                category,
                color,
                semantics,
                said,
            )
        )

    def stages(
        entity: str, category: int | None, work: list[Stage], won: tuple[str, str], lost: list[tuple[str, str]]
    ) -> None:
        for place, stage in enumerate(work):
            add(
                entity,
                stage.code,
                stage.name,
                10 * (place + 1),
                "UC_" not in stage.code,
                category,
                _COLORS[place % 6],
                None,
                "process",
            )
        sort = 10 * (len(work) + 1)
        add(entity, *won, sort, True, category, "#7BD500", "S", "success")
        for place, (code, name) in enumerate(lost):
            add(
                entity,
                code,
                name,
                sort + 10 * (place + 1),
                place == 0,
                category,
                "#FF5752",
                "F",
                "apology" if place else "failure",
            )

    stages(
        "STATUS",
        None,
        list(LEAD_WORK),
        ("CONVERTED", "Качественный лид"),
        [("JUNK", "Некачественный лид"), ("UC_DUBL3", "Дубль")],
    )
    for source_sort, source in enumerate(source for source in SOURCES if source.listed):
        add(
            "SOURCE",
            source.code,
            source.name,
            10 * (source_sort + 1),
            not source.code.startswith("UC_"),
            None,
            None,
            None,
            None,
        )
    for pipeline in PIPELINES:
        mark = prefix(pipeline.id)
        stages(
            f"DEAL_STAGE_{pipeline.id}" if pipeline.id else "DEAL_STAGE",
            pipeline.id or None,
            [Stage(mark + stage.code, stage.name, 0, 0) for stage in pipeline.work],
            (f"{mark}WON", pipeline.won),
            [(mark + code, name) for code, name in pipeline.lost],
        )
    for entity, entries in _DIRECTORIES.items():
        for place, (code, name) in enumerate(entries):
            add(entity, code, name, 10 * (place + 1), True, None, None, None, None)
    return [(101 + 2 * number, *row[1:]) for number, row in enumerate(rows)]


def _user_field_row(entity: str, field: UserField) -> tuple[Any, ...]:
    label = json.dumps({"ru": field.label, "en": field.label_en}, ensure_ascii=False)
    listed = None
    if field.options:
        listed = json.dumps(
            [
                {"ID": str(option), "SORT": str(100 * (place + 1)), "VALUE": text, "DEF": "N", "XML_ID": f"opt{option}"}
                for place, (option, text) in enumerate(field.options)
            ],
            ensure_ascii=False,
        )
    return (
        field.id,
        entity,
        field.name,
        field.user_type,
        None,
        field.sort,
        "Y" if field.multiple else "N",
        "Y" if field.mandatory else "N",
        "E",
        "Y",
        "Y",
        "N",
        field.settings,
        label,
        label,
        label,
        listed,
    )


def write_directories(writer: Writer, now: int) -> None:
    """Write pipelines, statuses, currencies and definitions of user fields."""

    def put(table: str, names: str, rows: list[tuple[Any, ...]]) -> None:
        columns = {name: [row[place] for row in rows] for place, name in enumerate(names.split())}
        writer.insert(table, len(rows), columns)

    put("categories", "ID NAME SORT IS_DEFAULT", [(p.id, p.name, p.sort, "N" if p.id else "Y") for p in PIPELINES])
    put(
        "statuses",
        "ID ENTITY_ID STATUS_ID NAME NAME_INIT SORT SYSTEM CATEGORY_ID COLOR SEMANTICS EXTRA",
        _status_rows(),
    )
    put(
        "currencies",
        "CURRENCY AMOUNT_CNT AMOUNT SORT BASE FULL_NAME LID FORMAT_STRING DEC_POINT THOUSANDS_SEP DECIMALS DATE_UPDATE",
        [
            (code, 1, rate, 100 * (place + 1), base, name, "ru", pattern, ".", "&nbsp;", 2, now - 86_400)
            for place, (code, rate, name, base, pattern) in enumerate(CURRENCIES)
        ],
    )
    put(
        "userfields",
        "ID ENTITY_ID FIELD_NAME USER_TYPE_ID XML_ID SORT MULTIPLE MANDATORY SHOW_FILTER SHOW_IN_LIST EDIT_IN_LIST "
        "IS_SEARCHABLE SETTINGS EDIT_FORM_LABEL LIST_COLUMN_LABEL LIST_FILTER_LABEL LIST",
        [_user_field_row("CRM_DEAL", field) for field in DEAL_USER_FIELDS]
        + [_user_field_row("CRM_LEAD", field) for field in LEAD_USER_FIELDS],
    )
