"""Settings people change in the interface: each declared once, with its default and meaning.

``affects``: ``facts`` – facts are derived anew; ``metrics`` – answers change, facts do not; ``work`` – how the application works. ``figures``: what of
the reports' first figures it moves, ``report.figure``, said with every change of it; ``report.one|other``: whichever of them the report shows.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from typing import Annotated, Any, Literal, get_args, get_origin
from zoneinfo import available_timezones

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from dash_app.errors import BadInput
from dash_app.text import Text

Role = Literal["sales", "after-sale", "other"]
ROLES: dict[str, Text] = {
    "sales": Text("Продажи", "Sales"),
    "after-sale": Text("После продажи", "After sale"),
    "other": Text("Другое", "Other"),
}


def _zone(value: Any) -> Any:
    if value and (not isinstance(value, str) or value not in available_timezones()):
        raise ValueError("unknown time zone")
    return value


def _forward(value: tuple[int, int]) -> tuple[int, int]:
    if value[0] >= value[1]:
        raise ValueError("the day ends before it begins")
    return value


def _whole(value: Any) -> Any:
    """A number as a form or a file spells it; yes and no are none."""
    if isinstance(value, bool):
        raise ValueError("not a number")
    return int(value) if isinstance(value, str) and value.isascii() and value.isdigit() else value


Weight = Annotated[float, Field(ge=0, le=1000)]
Day = Annotated[
    str, Field(pattern=r"^(19|20|21)\d\d-\d\d-\d\d$"), AfterValidator(lambda text: date.fromisoformat(text).isoformat())
]
ForgottenDays = Annotated[int, Field(ge=1, le=3650)]
StageKey = Annotated[str, Field(pattern=r"^(deal:\d{1,9}|lead:):\S.{0,79}$")]
"""``deal:PIPELINE:STAGE`` or ``lead::STATUS``."""
FieldIds = Annotated[str, Field(pattern=r"^[^,]+(,[^,]+)*$", max_length=2000)]
"""Fields by the portal's names with commas between them; ``-`` for none (``card_fields.ids_of``)."""
ACTIVITY_WEIGHTS: dict[str, float] = {"call": 1.0, "email": 0.5, "message": 0.2, "meeting": 5.0, "todo": 1.0}
"""Points of one activity where nobody chose otherwise."""


class Preferences(BaseModel):
    """All settings of a portal with their defaults."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    pipeline_roles: dict[Annotated[str, Field(pattern=r"^\d{1,9}$")], Role] = Field(
        default_factory=dict,
        title="Роль воронки|Pipeline role",
        json_schema_extra={
            "affects": "facts",
            "figures": [
                "sales-dynamics.deals_won_amount",
                "sales-dynamics.deals_won",
                "sales-dynamics.conversion_worked",
            ],
        },
        description="Цифры продаж считаются по воронкам с ролью «Продажи».|Sales figures use pipelines of the role “sales”.",
    )
    success_stages: dict[Annotated[str, Field(pattern=r"^\d{1,9}$")], Annotated[str, Field(max_length=100)]] = Field(
        default_factory=dict,
        title="Стадия успеха|Success stage",
        json_schema_extra={
            "affects": "facts",
            "figures": [
                "sales-dynamics.deals_won_amount",
                "sales-dynamics.deals_won",
                "sales-dynamics.conversion_worked",
            ],
        },
        description="С этой стадии сделка считается выигранной. Пусто – стадия успеха портала.|From this stage on a deal counts as won. Empty: the portal's own success stage.",
    )
    loss_reason_field: Annotated[str, Field(pattern=r"^(UF_[A-Z0-9_]+)?$", max_length=100)] = Field(
        default="",
        title="Поле причины потери|Loss-reason field",
        json_schema_extra={"affects": "facts"},
        description="Список, в котором менеджеры пишут причину отказа. Пусто – проигрышная стадия.|The list in which managers note why a deal was lost. Empty: the lost stage.",
    )
    time_zone: Annotated[str, BeforeValidator(_zone)] = Field(
        default="",
        title="Часовой пояс|Time zone",
        json_schema_extra={
            "affects": "facts",
            "figures": ["sales-dynamics.deals_won_amount", "sales-dynamics.deals_created"],
        },
        description="В нём начинаются дни, недели и месяцы. Пусто – из настроек запуска.|In which days, weeks and months begin. Empty: the deployment's own.",
    )
    fiscal_year_month: Annotated[Literal[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], BeforeValidator(_whole)] = Field(
        default=1,
        title="Первый месяц финансового года|First month of the fiscal year",
        json_schema_extra={"affects": "metrics"},
        description="С него начинаются кварталы и годы в периодах, сравнениях и шагах графиков. 1 – январь, как в календаре.|Quarters and years of periods, comparisons and charts begin with it. 1: January, as in the calendar.",
    )
    activity_weights: dict[Literal["call", "email", "message", "meeting", "todo"], Weight] = Field(
        default_factory=dict,
        title="Веса индекса активности|Weights of the activity index",
        json_schema_extra={
            "affects": "metrics",
            "report": "manager-effectiveness",
            "figures": ["manager-effectiveness.activity_points"],
        },
        description="Сколько баллов даёт одно дело. Пусто – звонок 1, письмо 0,5, сообщение 0,2, встреча 5, дело 1.|Points of one activity. Empty: call 1, e-mail 0.5, message 0.2, meeting 5, to-do 1.",
    )
    margins: dict[Annotated[str, Field(pattern=r"^\d{1,9}$")], Annotated[float, Field(ge=0, le=1)]] = Field(
        default_factory=dict,
        title="Маржа воронки|Margin of a pipeline",
        json_schema_extra={"affects": "metrics", "report": "marketing", "figures": ["marketing.romi"]},
        description="Доля выручки, которая остаётся вам, от 0 до 1. С ней считается ROMI. Пусто – по выручке.|The share of revenue you keep, 0 to 1; ROMI is counted with it. Empty: by revenue.",
    )
    conversion: Literal["worked", "cohort", "win_rate"] = Field(
        default="worked",
        title="Какую конверсию показывать|Conversion shown",
        json_schema_extra={
            "affects": "metrics",
            "report": "manager-effectiveness",
            "figures": ["manager-effectiveness.conversion_worked|conversion_cohort|win_rate"],
        },
        description="Выигранные от бывших в работе (worked), из созданных в периоде (cohort) или из закрытых (win_rate). На странице её можно сменить.|Won of the deals worked, of those created in the period (cohort) or of those closed (win_rate). The page can switch it.",
    )
    work_hours: Annotated[
        tuple[Annotated[int, Field(ge=0, le=23)], Annotated[int, Field(ge=1, le=24)]], AfterValidator(_forward)
    ] = Field(
        default=(9, 18),
        title="Рабочие часы|Working hours",
        json_schema_extra={
            "affects": "facts",
            "report": "sales-plan",
            "figures": ["manager-effectiveness.first_response_median"],
        },
        description="Начало и конец рабочего дня.|Beginning and end of a working day.",
    )
    calendar: dict[Day, bool] = Field(
        default_factory=dict,
        title="Исключения календаря|Calendar exceptions",
        json_schema_extra={"affects": "facts", "report": "sales-plan", "figures": ["sales-plan.pace"]},
        description="Дни, которые у вас рабочие или выходные вопреки производственному календарю России.|Days that are working or days off against the Russian production calendar.",
    )
    forgotten_lead_days: ForgottenDays = Field(
        default=7,
        title="Незабудка: лид забыт через, дней|Forget-me-not: a lead is forgotten after, days",
        json_schema_extra={"affects": "metrics", "report": "forgotten", "figures": ["forgotten.leads_forgotten"]},
        description="Столько дней без касаний – и лид считается забытым.|So many days without a touch, and a lead counts as forgotten.",
    )
    forgotten_deal_days: ForgottenDays = Field(
        default=14,
        title="Незабудка: сделка забыта через, дней|Forget-me-not: a deal is forgotten after, days",
        json_schema_extra={
            "affects": "metrics",
            "report": "forgotten",
            "figures": ["forgotten.deals_forgotten", "forgotten.deals_forgotten_amount"],
        },
        description="Столько дней без касаний – и сделка считается забытой.|So many days without a touch, and a deal counts as forgotten.",
    )
    forgotten_days_by_stage: dict[StageKey, ForgottenDays] = Field(
        default_factory=dict,
        title="Незабудка: свой срок стадии, дней|Forget-me-not: a stage's own days",
        json_schema_extra={
            "affects": "metrics",
            "report": "forgotten",
            "figures": ["forgotten.deals_forgotten", "forgotten.leads_forgotten"],
        },
        description="Срок отдельной стадии вместо общего. Пусто – общий.|Days of a single stage instead of the common ones. Empty: the common ones.",
    )
    required_fields: dict[StageKey, FieldIds] = Field(
        default_factory=dict,
        title="Аудит: обязательные поля|Audit: required fields",
        json_schema_extra={
            "affects": "facts",
            "report": "card-audit",
            "figures": ["card-audit.clean_share", "card-audit.violations"],
        },
        description="Какие поля должны быть заполнены с этой стадии и дальше. Воронка, для которой не выбрано ничего, требует суммы, контакта или компании и источника со второй стадии.|Which fields must be filled from this stage on. A pipeline for which nothing is chosen requires the amount, a contact or company, and the source from its second stage on.",
    )
    refresh_minutes: Annotated[int, Field(ge=0, le=10_080)] = Field(
        default=0,
        title="Обновлять каждые, минут|Refresh every, minutes",
        json_schema_extra={"affects": "work"},
        description="0 – только кнопкой.|0: only by the button.",
    )
    reconcile_hours: Annotated[int, Field(ge=0, le=720)] = Field(
        default=24,
        title="Полная сверка каждые, часов|Full reconcile every, hours",
        json_schema_extra={"affects": "work"},
        description="Раз в столько часов всё читается заново. 0 – никогда.|Every so many hours everything is read again. 0: never.",
    )


def affects(key: str) -> str:
    """What a setting changes: facts | metrics | work. Entries (plans, costs) change figures, never facts."""
    if ":" in key:
        return "metrics"
    field = Preferences.model_fields.get(key)
    extra = field and field.json_schema_extra
    return str(extra.get("affects", "work")) if isinstance(extra, dict) else "work"


def figures_of(key: str) -> tuple[str, ...]:
    """Figures a setting moves, as its declaration names them."""
    field = Preferences.model_fields.get(key)
    extra = field and field.json_schema_extra
    found = extra.get("figures", ()) if isinstance(extra, dict) else ()
    return tuple(map(str, found)) if isinstance(found, list | tuple) else ()


def report_of(key: str) -> str:
    """Slug of the report whose figures show best what a setting or an entry changes."""
    if ":" in key:
        return _ENTRY_REPORTS.get(key.partition(":")[0], "sales-plan")
    field = Preferences.model_fields.get(key)
    extra = field and field.json_schema_extra
    return str(extra.get("report", "sales-dynamics")) if isinstance(extra, dict) else "sales-dynamics"


_ENTRY_REPORTS = {"expense": "marketing", "snooze": "forgotten", "leader_note": "leaders-week"}

Form = Literal["choice", "number", "text", "by_kind", "by_pipeline", "by_stage", "fields_by_stage", "hours", "days"]
"""What a setting's control looks like: one of a few values, a number, a text (a choice the portal gives), a number a kind, a value a
pipeline, a number a stage, fields a stage, two hours, days working or not."""


@dataclass(frozen=True, slots=True)
class SettingShape:
    """A setting's declared shape. ``choices``: values of a choice or kinds; ``least``, ``most``, ``whole``: of its numbers."""

    form: Form
    choices: tuple[str, ...] = ()
    least: float | None = None
    most: float | None = None
    whole: bool = False


def shape(key: str) -> SettingShape:
    """A setting's shape, read off its declaration."""
    field = Preferences.model_fields[key]
    kind, arguments = get_origin(field.annotation), get_args(field.annotation)
    if kind is Literal:
        return SettingShape("choice", tuple(str(value) for value in arguments))
    if kind is tuple:
        return SettingShape("hours", least=0, most=24, whole=True)
    if kind is dict:
        index, value = arguments
        if index == Day:
            return SettingShape("days")
        numbers = _numbers(value)
        if get_origin(index) is Literal:
            return replace(numbers, form="by_kind", choices=tuple(str(name) for name in get_args(index)))
        if index == StageKey and value == FieldIds:
            return SettingShape("fields_by_stage")
        if index == StageKey:
            return replace(numbers, form="by_stage")
        given = tuple(str(name) for name in get_args(value)) if get_origin(value) is Literal else ()
        return replace(numbers, form="by_pipeline", choices=given)
    if field.annotation in (int, float):
        return _bounded(field.annotation, field.metadata)
    return SettingShape("text")


def _numbers(value: Any) -> SettingShape:
    """Bounds of the values of a dict; a text has none."""
    if get_origin(value) is not Annotated:
        return SettingShape("text")
    base, *more = get_args(value)
    if base not in (int, float):
        return SettingShape("text")
    return _bounded(base, [rule for given in more for rule in getattr(given, "metadata", [])])


def _bounded(base: Any, rules: Iterable[Any]) -> SettingShape:
    found = list(rules)
    least = next((float(rule.ge) for rule in found if hasattr(rule, "ge")), None)
    most = next((float(rule.le) for rule in found if hasattr(rule, "le")), None)
    return SettingShape("number", least=least, most=most, whole=base is int)


def title(key: str) -> Text:
    """Its name; of a setting another version had, its key."""
    field = Preferences.model_fields.get(key)
    ru, _, en = ((field and field.title) or f"{key}|{key}").partition("|")
    return Text(ru, en)


def description(key: str) -> Text:
    """What it does."""
    ru, _, en = (Preferences.model_fields[key].description or "|").partition("|")
    return Text(ru, en)


def checked(key: str, value: Any) -> Any:
    """The value as JSON if it makes sense for the setting; BadInput with a sentence otherwise."""
    if key not in Preferences.model_fields:
        raise BadInput(Text(f"Настройки «{key[:40]}» нет.", f"There is no setting “{key[:40]}”."))
    try:
        model = Preferences.model_validate({key: value})
    except ValidationError as error:
        name = title(key)
        said = error.errors()[0]["msg"]
        shown = str(value)[:60]
        raise BadInput(
            Text(
                f"Настройка «{name.ru}» не принимает значение «{shown}». Проверьте его и сохраните снова.",
                f"The setting “{name.en}” does not take “{shown}” ({said}). Correct it and save again.",
            )
        ) from None
    return model.model_dump(mode="json")[key]
