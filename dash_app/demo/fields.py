"""Columns of the demo company's SQLite file: the contract between the generator and the REST server.

One table per REST entity, columns named like the classic REST fields. ``ENTITIES`` gives for each table the ordered
fields, ``INDICES`` the indices the generator makes, ``DEAL_USER_FIELDS`` and ``LEAD_USER_FIELDS`` the user fields,
which are ordinary columns of ``deals`` and ``leads``.

How a value is stored, by ``Field.type``:

=================  ==========================================================================================
id, int            INTEGER
link, employee     INTEGER, NULL = none
string, text       TEXT, NULL = empty
crm_status         TEXT, a STATUS_ID
datetime           INTEGER, epoch seconds UTC
culture_datetime   the same; the old list methods print it as ``31.08.2026 09:00:05`` in the caller's zone
date               TEXT ``YYYY-MM-DD``
money              INTEGER, hundredths of the record's currency
double             REAL
flag               TEXT ``Y`` / ``N``
boolean            INTEGER 1 / 0, NULL = never set (user fields only)
enumeration        INTEGER, the option's id
money_text         TEXT ``100.50|RUB`` or ``|RUB`` (user fields only)
crm                TEXT ``CO_3``, or ``3`` where one kind alone is allowed (user fields only)
file               INTEGER, the file's id; printed with addresses that carry a token (user fields only)
multifield         TEXT, one value (telephone, e-mail); NULL = the key is absent. Its own id: 2 x ID (PHONE), 2 x ID + 1
json               TEXT, a JSON list or object, NULL = empty
=================  ==========================================================================================

A user field with ``multiple`` holds a JSON list of values whatever its type, NULL = empty; dates in it are as printed.
``no deadline`` of an activity is stored as the portal writes it: the epoch of 9999-12-31T00:00:00+03:00.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

FieldType = Literal[
    "id",
    "int",
    "link",
    "employee",
    "string",
    "text",
    "crm_status",
    "datetime",
    "culture_datetime",
    "date",
    "money",
    "double",
    "flag",
    "boolean",
    "enumeration",
    "money_text",
    "crm",
    "url",
    "file",
    "multifield",
    "json",
]

Empty = Literal["null", "zero", "blank", "false", "absent"]

_INTEGER_TYPES: Final = frozenset(
    {"id", "int", "link", "employee", "datetime", "culture_datetime", "money", "boolean", "enumeration", "file"}
)

VERSION: Final = 2
"""Grows with the columns, or when the same seed begins to give another company: a file of another version is made anew."""

NO_DEADLINE: Final = 253_402_203_600
"""9999-12-31T00:00:00+03:00, what the portal writes for "no deadline"."""


@dataclass(frozen=True, slots=True)
class Field:
    """One column.

    name: classic REST field and SQL column. item_name: its name in ``crm.item.*`` (tasks: in ``tasks.task.list``),
    None = not there. empty: what the old methods print for NULL. star: comes with ``*`` (user fields: ``UF_*``).
    filterable: may stand in a filter of the list methods. status_type: directory of a crm_status field.
    title: the label of ``*.fields``, in Russian. default: stored when the writer gives none.
    """

    name: str
    type: FieldType
    item_name: str | None = None
    title: str = ""
    empty: Empty = "null"
    multiple: bool = False
    star: bool = True
    filterable: bool = True
    read_only: bool = False
    status_type: str | None = None
    default: str | int | None = None

    @property
    def is_user_field(self) -> bool:
        """Whether it is a user field."""
        return self.name.startswith("UF_CRM_") and self.name != "UF_CRM_TASK"

    @property
    def storage(self) -> str:
        """SQLite type of the column."""
        if self.multiple or self.type == "json":
            return "TEXT"
        if self.type in _INTEGER_TYPES:
            return "INTEGER"
        return "REAL" if self.type == "double" else "TEXT"


@dataclass(frozen=True, slots=True)
class UserField:
    """Definition of a user field of deals or leads, as ``crm.*.userfield.list`` tells it.

    user_type: USER_TYPE_ID. options: (id, label) of an enumeration. deleted: option ids that cards still hold.
    """

    id: int
    name: str
    user_type: str
    label: str
    label_en: str
    sort: int
    multiple: bool = False
    mandatory: bool = False
    options: tuple[tuple[int, str], ...] = ()
    deleted: tuple[int, ...] = ()
    settings: str = "{}"

    @property
    def field(self) -> Field:
        """The column it makes."""
        kinds: dict[str, FieldType] = {
            "integer": "int",
            "double": "double",
            "boolean": "boolean",
            "enumeration": "enumeration",
            "date": "date",
            "datetime": "datetime",
            "money": "money_text",
            "employee": "employee",
            "crm": "crm",
            "url": "url",
            "crm_status": "crm_status",
            "file": "file",
            "iblock_element": "int",
        }
        is_file = self.user_type == "file"
        return Field(
            self.name,
            kinds.get(self.user_type, "string"),
            item_name=_item_uf_name(self.name),
            title=self.label,
            empty="false" if self.multiple else "absent" if is_file else "null",
            multiple=self.multiple,
            filterable=not is_file,
            status_type="INDUSTRY" if self.user_type == "crm_status" else None,
        )


def _item_uf_name(name: str) -> str:
    """Name of a user field in ``crm.item.*`` by default: ``UF_CRM_1747309879`` -> ``ufCrm_1747309879``."""
    tail = name.removeprefix("UF_CRM_")
    if tail.isdigit():
        return f"ufCrm_{tail}"
    return "ufCrm" + "".join(part.capitalize() for part in tail.split("_"))


DEAL_USER_FIELDS: Final[tuple[UserField, ...]] = (
    UserField(
        301,
        "UF_CRM_1698240001",
        "enumeration",
        "Причина отказа",
        "Loss reason",
        100,
        options=(
            (45, "Дорого"),
            (46, "Выбрали конкурента"),
            (47, "Нет бюджета"),
            (48, "Долгие сроки"),
            (49, "Не отвечает"),
            (50, "Передумали"),
        ),
        deleted=(44,),
    ),
    UserField(
        302,
        "UF_CRM_1698240002",
        "enumeration",
        "Интересующие продукты",
        "Products of interest",
        110,
        multiple=True,
        options=(
            (61, "Станки"),
            (62, "Компрессоры"),
            (63, "Насосы"),
            (64, "Запчасти"),
            (65, "Монтаж"),
            (66, "Обучение"),
        ),
    ),
    UserField(303, "UF_CRM_1698240003", "boolean", "Нужен монтаж", "Installation needed", 120),
    UserField(304, "UF_CRM_1698240004", "string", "Номер договора", "Contract number", 130),
    UserField(305, "UF_CRM_1698240005", "integer", "Количество единиц", "Units", 140),
    UserField(306, "UF_CRM_1698240006", "double", "Скидка, %", "Discount, %", 150),
    UserField(307, "UF_CRM_1698240007", "date", "Дата отгрузки", "Shipping date", 160),
    UserField(308, "UF_CRM_1698240008", "datetime", "Показ оборудования", "Demonstration", 170),
    UserField(309, "UF_CRM_1698240009", "money", "Предоплата", "Prepayment", 180),
    UserField(310, "UF_CRM_1698240010", "employee", "Инженер проекта", "Engineer", 190),
    UserField(
        311,
        "UF_CRM_REGION",
        "enumeration",
        "Регион",
        "Region",
        200,
        options=(
            (81, "Москва и область"),
            (82, "Северо-Запад"),
            (83, "Поволжье"),
            (84, "Урал"),
            (85, "Сибирь"),
            (86, "Юг"),
            (87, "Дальний Восток"),
        ),
    ),
    UserField(312, "UF_CRM_LABELS", "string", "Метки", "Labels", 210, multiple=True),
    UserField(313, "UF_CRM_SITE", "url", "Сайт закупки", "Tender page", 220),
    UserField(314, "UF_CRM_PARTNER", "crm", "Партнёр", "Partner", 230, settings='{"COMPANY":"Y","CONTACT":"Y"}'),
    UserField(
        315,
        "UF_CRM_INDUSTRY",
        "crm_status",
        "Отрасль клиента",
        "Industry",
        240,
        settings='{"ENTITY_TYPE":"INDUSTRY"}',
    ),
    UserField(316, "UF_CRM_CONTRACT_FILE", "file", "Скан договора", "Contract scan", 250),
    UserField(317, "UF_CRM_PHOTOS", "file", "Фото объекта", "Photos", 260, multiple=True),
    UserField(318, "UF_CRM_TEAM", "employee", "Команда проекта", "Team", 270, multiple=True),
    UserField(
        319,
        "UF_CRM_RELATED",
        "crm",
        "Связанные карточки",
        "Related cards",
        280,
        multiple=True,
        settings='{"LEAD":"Y","DEAL":"Y","CONTACT":"Y","COMPANY":"Y"}',
    ),
    UserField(320, "UF_CRM_ADDRESS", "address", "Адрес доставки", "Delivery address", 290),
    UserField(321, "UF_CRM_STAGES_PAY", "money", "Платежи по этапам", "Payments by stage", 300, multiple=True),
    UserField(322, "UF_CRM_VISITS", "date", "Даты визитов", "Visits", 310, multiple=True),
    UserField(323, "UF_CRM_CALLS", "datetime", "Созвоны", "Calls agreed", 320, multiple=True),
    UserField(324, "UF_CRM_STORE", "iblock_element", "Склад", "Store", 330),
    UserField(
        325,
        "UF_CRM_MARKETS",
        "crm_status",
        "Рынки сбыта",
        "Markets",
        340,
        multiple=True,
        settings='{"ENTITY_TYPE":"INDUSTRY"}',
    ),
    UserField(326, "UF_CRM_SERIALS", "integer", "Заводские номера", "Serial numbers", 350, multiple=True),
)

LEAD_USER_FIELDS: Final[tuple[UserField, ...]] = (
    UserField(
        351,
        "UF_CRM_1698250001",
        "enumeration",
        "Причина брака",
        "Junk reason",
        100,
        options=((101, "Спам"), (102, "Не наш профиль"), (103, "Дубль"), (104, "Не дозвонились"), (105, "Ищет работу")),
    ),
    UserField(
        352,
        "UF_CRM_1698250002",
        "enumeration",
        "Интересует",
        "Interested in",
        110,
        multiple=True,
        options=((111, "Станки"), (112, "Компрессоры"), (113, "Насосы"), (114, "Запчасти")),
    ),
    UserField(353, "UF_CRM_1698250003", "boolean", "Согласие на рассылку", "Mailing consent", 120),
    UserField(354, "UF_CRM_1698250004", "string", "Город", "City", 130),
    UserField(355, "UF_CRM_1698250005", "integer", "Сотрудников в компании", "Staff of the company", 140),
    UserField(356, "UF_CRM_1698250006", "double", "Оценка лида", "Lead score", 150),
    UserField(357, "UF_CRM_1698250007", "date", "Перезвонить после", "Call back after", 160),
    UserField(358, "UF_CRM_1698250008", "datetime", "Удобное время", "Convenient time", 170),
    UserField(359, "UF_CRM_1698250009", "money", "Бюджет", "Budget", 180),
    UserField(360, "UF_CRM_1698250010", "employee", "Кто квалифицировал", "Qualified by", 190),
    UserField(361, "UF_CRM_ADVISER", "crm", "Кто рекомендовал", "Recommended by", 200, settings='{"CONTACT":"Y"}'),
    UserField(362, "UF_CRM_REQUEST_FILE", "file", "Техническое задание", "Specification", 210, multiple=True),
)


def _utm(item: bool = True) -> tuple[Field, ...]:
    names = ("SOURCE", "MEDIUM", "CAMPAIGN", "CONTENT", "TERM")
    return tuple(
        Field(f"UTM_{name}", "string", f"utm{name.capitalize()}" if item else None, f"UTM {name.lower()}")
        for name in names
    )


_TAIL: Final[tuple[Field, ...]] = (
    Field("ORIGINATOR_ID", "string", "originatorId", "Внешний источник"),
    Field("ORIGIN_ID", "string", "originId", "Идентификатор во внешнем источнике"),
    Field("MOVED_BY_ID", "link", "movedBy", "Кто сменил стадию", read_only=True),
    Field("MOVED_TIME", "datetime", "movedTime", "Стадия изменена", read_only=True),
    Field("LAST_ACTIVITY_TIME", "datetime", "lastActivityTime", "Последняя активность", read_only=True),
    Field("LAST_ACTIVITY_BY", "link", "lastActivityBy", "Кем последняя активность", read_only=True),
    Field(
        "LAST_COMMUNICATION_TIME", "culture_datetime", "lastCommunicationTime", "Последняя коммуникация", read_only=True
    ),
    *_utm(),
)

_MADE: Final[tuple[Field, ...]] = (
    Field("ASSIGNED_BY_ID", "employee", "assignedById", "Ответственный"),
    Field("CREATED_BY_ID", "employee", "createdBy", "Кем создан", read_only=True),
    Field("MODIFY_BY_ID", "employee", "updatedBy", "Кем изменён", read_only=True),
    Field("DATE_CREATE", "datetime", "createdTime", "Создан", read_only=True),
    Field("DATE_MODIFY", "datetime", "updatedTime", "Изменён", read_only=True),
)

DEALS: Final[tuple[Field, ...]] = (
    Field("ID", "id", "id", "ID", read_only=True),
    Field("TITLE", "string", "title", "Название"),
    Field("TYPE_ID", "crm_status", "typeId", "Тип", status_type="DEAL_TYPE"),
    Field("CATEGORY_ID", "int", "categoryId", "Направление", default=0),
    Field("STAGE_ID", "crm_status", "stageId", "Стадия сделки", status_type="DEAL_STAGE"),
    Field("STAGE_SEMANTIC_ID", "string", "stageSemanticId", "Группа стадии", read_only=True),
    Field("IS_NEW", "flag", "isNew", "Новая", read_only=True, default="N"),
    Field("IS_RECURRING", "flag", "isRecurring", "Регулярная", read_only=True, default="N"),
    Field("IS_RETURN_CUSTOMER", "flag", "isReturnCustomer", "Повторная", read_only=True, default="N"),
    Field("IS_REPEATED_APPROACH", "flag", "isRepeatedApproach", "Повторное обращение", read_only=True, default="N"),
    Field("PROBABILITY", "int", "probability", "Вероятность"),
    Field("CURRENCY_ID", "string", "currencyId", "Валюта"),
    Field("OPPORTUNITY", "money", "opportunity", "Сумма"),
    Field("IS_MANUAL_OPPORTUNITY", "flag", "isManualOpportunity", "Ручной режим суммы", default="Y"),
    Field("TAX_VALUE", "money", "taxValue", "Налог", default=0),
    Field("LEAD_ID", "link", "leadId", "Лид", read_only=True),
    Field("COMPANY_ID", "link", "companyId", "Компания", empty="zero"),
    Field("CONTACT_ID", "link", "contactId", "Контакт"),
    Field("QUOTE_ID", "link", "quoteId", "Предложение", read_only=True),
    Field("BEGINDATE", "date", "begindate", "Дата начала", empty="blank"),
    Field("CLOSEDATE", "date", "closedate", "Дата завершения", empty="blank"),
    *_MADE,
    Field("OPENED", "flag", "opened", "Доступна всем", default="Y"),
    Field("CLOSED", "flag", "closed", "Закрыта", read_only=True, default="N"),
    Field("COMMENTS", "text", "comments", "Комментарий"),
    Field("ADDITIONAL_INFO", "text", "additionalInfo", "Дополнительно"),
    Field("LOCATION_ID", "string", "locationId", "Местоположение"),
    Field("SOURCE_ID", "crm_status", "sourceId", "Источник", status_type="SOURCE"),
    Field("SOURCE_DESCRIPTION", "text", "sourceDescription", "Об источнике"),
    *_TAIL,
    *(field.field for field in DEAL_USER_FIELDS),
)

LEADS: Final[tuple[Field, ...]] = (
    Field("ID", "id", "id", "ID", read_only=True),
    Field("TITLE", "string", "title", "Название"),
    Field("HONORIFIC", "crm_status", "honorific", "Обращение", status_type="HONORIFIC"),
    Field("NAME", "string", "name", "Имя"),
    Field("SECOND_NAME", "string", "secondName", "Отчество"),
    Field("LAST_NAME", "string", "lastName", "Фамилия"),
    Field("COMPANY_TITLE", "string", "companyTitle", "Название компании"),
    Field("COMPANY_ID", "link", "companyId", "Компания", empty="zero"),
    Field("CONTACT_ID", "link", "contactId", "Контакт"),
    Field("IS_RETURN_CUSTOMER", "flag", "isReturnCustomer", "Повторный", read_only=True, default="N"),
    Field("BIRTHDATE", "date", "birthdate", "День рождения", empty="blank"),
    Field("SOURCE_ID", "crm_status", "sourceId", "Источник", status_type="SOURCE"),
    Field("SOURCE_DESCRIPTION", "text", "sourceDescription", "Об источнике"),
    Field("STATUS_ID", "crm_status", "stageId", "Стадия", status_type="STATUS"),
    Field("STATUS_SEMANTIC_ID", "string", "stageSemanticId", "Группа стадии", read_only=True),
    Field("STATUS_DESCRIPTION", "text", "statusDescription", "О стадии"),
    Field("POST", "string", "post", "Должность"),
    Field("COMMENTS", "text", "comments", "Комментарий"),
    Field("CURRENCY_ID", "string", "currencyId", "Валюта"),
    Field("OPPORTUNITY", "money", "opportunity", "Сумма"),
    Field("IS_MANUAL_OPPORTUNITY", "flag", "isManualOpportunity", "Ручной режим суммы", default="N"),
    Field("HAS_PHONE", "flag", "hasPhone", "Есть телефон", read_only=True, default="N"),
    Field("HAS_EMAIL", "flag", "hasEmail", "Есть e-mail", read_only=True, default="N"),
    Field("HAS_IMOL", "flag", "hasImol", "Есть открытая линия", read_only=True, default="N"),
    Field("PHONE", "multifield", None, "Телефон", empty="absent", star=False),
    Field("EMAIL", "multifield", None, "E-mail", empty="absent", star=False),
    *_MADE,
    Field("DATE_CLOSED", "datetime", "dateClosed", "Завершён", empty="blank", read_only=True),
    Field("OPENED", "flag", "opened", "Доступен всем", default="Y"),
    Field("ADDRESS", "string", "address", "Адрес"),
    Field("ADDRESS_CITY", "string", None, "Город"),
    *_TAIL,
    *(field.field for field in LEAD_USER_FIELDS),
)

CONTACTS: Final[tuple[Field, ...]] = (
    Field("ID", "id", "id", "ID", read_only=True),
    Field("HONORIFIC", "crm_status", "honorific", "Обращение", status_type="HONORIFIC"),
    Field("NAME", "string", "name", "Имя"),
    Field("SECOND_NAME", "string", "secondName", "Отчество"),
    Field("LAST_NAME", "string", "lastName", "Фамилия"),
    Field("POST", "string", "post", "Должность"),
    Field("COMPANY_ID", "link", "companyId", "Компания"),
    Field("TYPE_ID", "crm_status", "typeId", "Тип", status_type="CONTACT_TYPE"),
    Field("SOURCE_ID", "crm_status", "sourceId", "Источник", status_type="SOURCE"),
    Field("LEAD_ID", "link", "leadId", "Лид"),
    Field("EXPORT", "flag", "export", "Участвует в экспорте", default="Y"),
    Field("OPENED", "flag", "opened", "Доступен всем", default="Y"),
    Field("HAS_PHONE", "flag", "hasPhone", "Есть телефон", default="N"),
    Field("HAS_EMAIL", "flag", "hasEmail", "Есть e-mail", default="N"),
    Field("PHONE", "multifield", None, "Телефон", empty="absent", star=False),
    Field("EMAIL", "multifield", None, "E-mail", empty="absent", star=False),
    *_MADE,
    Field("LAST_ACTIVITY_TIME", "datetime", "lastActivityTime", "Последняя активность", read_only=True),
)

COMPANIES: Final[tuple[Field, ...]] = (
    Field("ID", "id", "id", "ID", read_only=True),
    Field("TITLE", "string", "title", "Название"),
    Field("COMPANY_TYPE", "crm_status", "typeId", "Тип", status_type="COMPANY_TYPE"),
    Field("INDUSTRY", "crm_status", "industry", "Отрасль", status_type="INDUSTRY"),
    Field("EMPLOYEES", "crm_status", "employees", "Сотрудников", status_type="EMPLOYEES"),
    Field("REVENUE", "money", "revenue", "Годовой оборот", default=0),
    Field("CURRENCY_ID", "string", "currencyId", "Валюта"),
    Field("IS_MY_COMPANY", "flag", "isMyCompany", "Моя компания", default="N"),
    Field("LEAD_ID", "link", "leadId", "Лид"),
    Field("OPENED", "flag", "opened", "Доступна всем", default="Y"),
    Field("HAS_PHONE", "flag", "hasPhone", "Есть телефон", default="N"),
    Field("HAS_EMAIL", "flag", "hasEmail", "Есть e-mail", default="N"),
    Field("PHONE", "multifield", None, "Телефон", empty="absent", star=False),
    Field("EMAIL", "multifield", None, "E-mail", empty="absent", star=False),
    *_MADE,
    Field("LAST_ACTIVITY_TIME", "datetime", "lastActivityTime", "Последняя активность", read_only=True),
)

DEAL_HISTORY: Final[tuple[Field, ...]] = (
    Field("ID", "id"),
    Field("TYPE_ID", "int"),
    Field("OWNER_ID", "int"),
    Field("CREATED_TIME", "datetime"),
    Field("CATEGORY_ID", "int"),
    Field("STAGE_SEMANTIC_ID", "string"),
    Field("STAGE_ID", "string"),
)

LEAD_HISTORY: Final[tuple[Field, ...]] = (
    Field("ID", "id"),
    Field("TYPE_ID", "int"),
    Field("OWNER_ID", "int"),
    Field("CREATED_TIME", "datetime"),
    Field("STATUS_SEMANTIC_ID", "string"),
    Field("STATUS_ID", "string"),
)

ACTIVITIES: Final[tuple[Field, ...]] = (
    Field("ID", "id"),
    Field("OWNER_ID", "int"),
    Field("OWNER_TYPE_ID", "int"),
    Field("TYPE_ID", "int"),
    Field("PROVIDER_ID", "string"),
    Field("PROVIDER_TYPE_ID", "string"),
    Field("PROVIDER_GROUP_ID", "string"),
    Field("ASSOCIATED_ENTITY_ID", "int", default=0),
    Field("SUBJECT", "string", empty="blank"),
    Field("CREATED", "datetime"),
    Field("LAST_UPDATED", "datetime"),
    Field("START_TIME", "datetime", empty="blank"),
    Field("END_TIME", "datetime", empty="blank"),
    Field("DEADLINE", "datetime", empty="blank"),
    Field("COMPLETED", "flag", default="N"),
    Field("STATUS", "int", default=1),
    Field("RESPONSIBLE_ID", "employee"),
    Field("PRIORITY", "int", default=2),
    Field("NOTIFY_TYPE", "int", default=0),
    Field("NOTIFY_VALUE", "int", default=0),
    Field("DESCRIPTION", "text", empty="blank"),
    Field("DESCRIPTION_TYPE", "int", default=1),
    Field("DIRECTION", "int", default=0),
    Field("LOCATION", "string", empty="blank"),
    Field("SETTINGS", "json"),
    Field("ORIGINATOR_ID", "string"),
    Field("ORIGIN_ID", "string"),
    Field("AUTHOR_ID", "employee"),
    Field("EDITOR_ID", "employee"),
    Field("PROVIDER_PARAMS", "json"),
    Field("PROVIDER_DATA", "string"),
    Field("RESULT_MARK", "int", default=0),
    Field("RESULT_VALUE", "string"),
    Field("RESULT_SUM", "string"),
    Field("RESULT_CURRENCY_ID", "string"),
    Field("RESULT_STATUS", "int", default=0),
    Field("RESULT_STREAM", "int", default=0),
    Field("RESULT_SOURCE_ID", "string"),
    Field("AUTOCOMPLETE_RULE", "int", default=0),
    Field("IS_INCOMING_CHANNEL", "flag", star=False, default="N"),
)
"""SETTINGS holds ``{"MISSED_CALL":true}`` for a missed call. COMMUNICATIONS and FILES are not stored."""

ACTIVITY_BINDINGS: Final[tuple[Field, ...]] = (
    Field("ACTIVITY_ID", "int"),
    Field("OWNER_TYPE_ID", "int"),
    Field("OWNER_ID", "int"),
)
"""All bindings of an activity, the owner's among them."""

TASKS: Final[tuple[Field, ...]] = (
    Field("ID", "id", "id"),
    Field("TITLE", "string", "title"),
    Field("DESCRIPTION", "text", "description"),
    Field("STATUS", "int", "status"),
    Field("PRIORITY", "int", "priority", default=1),
    Field("MARK", "string", "mark"),
    Field("PARENT_ID", "link", "parentId", empty="zero"),
    Field("GROUP_ID", "link", "groupId", empty="zero"),
    Field("STAGE_ID", "link", "stageId", empty="zero"),
    Field("CREATED_BY", "employee", "createdBy"),
    Field("CREATED_DATE", "datetime", "createdDate"),
    Field("RESPONSIBLE_ID", "employee", "responsibleId"),
    Field("CHANGED_BY", "employee", "changedBy"),
    Field("CHANGED_DATE", "datetime", "changedDate"),
    Field("STATUS_CHANGED_BY", "employee", "statusChangedBy"),
    Field("STATUS_CHANGED_DATE", "datetime", "statusChangedDate"),
    Field("CLOSED_BY", "link", "closedBy", empty="zero"),
    Field("CLOSED_DATE", "datetime", "closedDate"),
    Field("ACTIVITY_DATE", "datetime", "activityDate"),
    Field("DATE_START", "datetime", "dateStart"),
    Field("DEADLINE", "datetime", "deadline"),
    Field("START_DATE_PLAN", "datetime", "startDatePlan"),
    Field("END_DATE_PLAN", "datetime", "endDatePlan"),
    Field("TIME_ESTIMATE", "int", "timeEstimate", default=0),
    Field("TIME_SPENT_IN_LOGS", "int", "timeSpentInLogs"),
    Field("ALLOW_TIME_TRACKING", "flag", "allowTimeTracking", default="N"),
    Field("ALLOW_CHANGE_DEADLINE", "flag", "allowChangeDeadline", default="Y"),
    Field("TASK_CONTROL", "flag", "taskControl", default="N"),
    Field("MULTITASK", "flag", "multitask", default="N"),
    Field("ACCOMPLICES", "json", "accomplices"),
    Field("AUDITORS", "json", "auditors"),
    Field("UF_CRM_TASK", "json", "ufCrmTask", star=False),
    Field("TAGS", "json", "tags", star=False),
)
"""STATUS is the real status (2..6). UF_CRM_TASK: ["D_410"]; TAGS: ["срочно"]; ACCOMPLICES, AUDITORS: ["13"]."""

USERS: Final[tuple[Field, ...]] = (
    Field("ID", "id"),
    Field("ACTIVE", "flag"),
    Field("NAME", "string", empty="blank"),
    Field("LAST_NAME", "string", empty="blank"),
    Field("SECOND_NAME", "string", empty="blank"),
    Field("EMAIL", "string", empty="blank"),
    Field("LAST_LOGIN", "datetime", empty="blank"),
    Field("DATE_REGISTER", "datetime", empty="blank"),
    Field("TIME_ZONE", "string", empty="blank"),
    Field("IS_ONLINE", "flag", default="N"),
    Field("PERSONAL_GENDER", "string", empty="blank"),
    Field("PERSONAL_PHOTO", "string", empty="blank"),
    Field("PERSONAL_MOBILE", "string", empty="blank"),
    Field("WORK_POSITION", "string", empty="blank"),
    Field("UF_EMPLOYMENT_DATE", "date", empty="blank"),
    Field("UF_DEPARTMENT", "json"),
    Field("USER_TYPE", "string", default="employee"),
    Field("IS_ADMIN", "flag", star=False, default="N"),
)
"""UF_DEPARTMENT: [1, 5]. IS_ADMIN is not printed by user.get: ``profile`` and ``user.admin`` ask it."""

DEPARTMENTS: Final[tuple[Field, ...]] = (
    Field("ID", "id"),
    Field("NAME", "string"),
    Field("SORT", "int"),
    Field("PARENT", "link", empty="absent"),
    Field("UF_HEAD", "link", empty="absent"),
)
"""Rows are in tree order (left margin)."""

CATEGORIES: Final[tuple[Field, ...]] = (
    Field("ID", "id", "id"),
    Field("NAME", "string", "name"),
    Field("SORT", "int", "sort"),
    Field("IS_DEFAULT", "flag", "isDefault"),
)
"""Deal pipelines (entityTypeId 2). ID 0 is the default one."""

STATUSES: Final[tuple[Field, ...]] = (
    Field("ID", "id"),
    Field("ENTITY_ID", "string"),
    Field("STATUS_ID", "string"),
    Field("NAME", "string"),
    Field("NAME_INIT", "string", empty="blank"),
    Field("SORT", "int"),
    Field("SYSTEM", "flag", default="N"),
    Field("CATEGORY_ID", "link"),
    Field("COLOR", "string"),
    Field("SEMANTICS", "string"),
    Field("EXTRA", "json", empty="absent"),
)

CURRENCIES: Final[tuple[Field, ...]] = (
    Field("CURRENCY", "string"),
    Field("AMOUNT_CNT", "int"),
    Field("AMOUNT", "string"),
    Field("SORT", "int"),
    Field("BASE", "flag"),
    Field("FULL_NAME", "string"),
    Field("LID", "string"),
    Field("FORMAT_STRING", "string"),
    Field("DEC_POINT", "string"),
    Field("THOUSANDS_SEP", "string"),
    Field("DECIMALS", "int"),
    Field("DATE_UPDATE", "datetime"),
)
"""AMOUNT is the rate as printed, ``92.5000``."""

USERFIELDS: Final[tuple[Field, ...]] = (
    Field("ID", "id"),
    Field("ENTITY_ID", "string"),
    Field("FIELD_NAME", "string"),
    Field("USER_TYPE_ID", "string"),
    Field("XML_ID", "string"),
    Field("SORT", "int"),
    Field("MULTIPLE", "flag"),
    Field("MANDATORY", "flag"),
    Field("SHOW_FILTER", "string"),
    Field("SHOW_IN_LIST", "flag"),
    Field("EDIT_IN_LIST", "flag"),
    Field("IS_SEARCHABLE", "flag"),
    Field("SETTINGS", "json"),
    Field("EDIT_FORM_LABEL", "json"),
    Field("LIST_COLUMN_LABEL", "json"),
    Field("LIST_FILTER_LABEL", "json"),
    Field("LIST", "json", empty="absent"),
)
"""ENTITY_ID: CRM_DEAL | CRM_LEAD. Labels are {"ru": "...", "en": "..."}: printed only with filter LANG."""

WORKGROUPS: Final[tuple[Field, ...]] = (
    Field("ID", "id"),
    Field("SITE_ID", "string", default="s1"),
    Field("NAME", "string"),
    Field("DESCRIPTION", "string"),
    Field("DATE_CREATE", "datetime"),
    Field("DATE_UPDATE", "datetime"),
    Field("DATE_ACTIVITY", "datetime"),
    Field("ACTIVE", "flag", default="Y"),
    Field("VISIBLE", "flag", default="Y"),
    Field("OPENED", "flag", default="N"),
    Field("CLOSED", "flag", default="N"),
    Field("SUBJECT_ID", "int", default=1),
    Field("OWNER_ID", "employee"),
    Field("NUMBER_OF_MEMBERS", "int"),
    Field("PROJECT", "flag", default="N"),
    Field("IS_EXTRANET", "flag", default="N"),
    Field("TYPE", "string", default="group"),
)

COMMENTS: Final[tuple[Field, ...]] = (
    Field("ID", "id"),
    Field("ENTITY_ID", "int"),
    Field("ENTITY_TYPE", "string"),
    Field("CREATED", "datetime"),
    Field("COMMENT", "text"),
    Field("AUTHOR_ID", "employee"),
    Field("FILES", "json"),
)

META: Final[tuple[Field, ...]] = (Field("KEY", "string"), Field("VALUE", "string"))
"""Facts of the file: scale, seed, today, now (epoch seconds of the last instant of the company's data), version."""

ENTITIES: Final[Mapping[str, tuple[Field, ...]]] = {
    "deals": DEALS,
    "leads": LEADS,
    "contacts": CONTACTS,
    "companies": COMPANIES,
    "deal_history": DEAL_HISTORY,
    "lead_history": LEAD_HISTORY,
    "activities": ACTIVITIES,
    "activity_bindings": ACTIVITY_BINDINGS,
    "tasks": TASKS,
    "users": USERS,
    "departments": DEPARTMENTS,
    "categories": CATEGORIES,
    "statuses": STATUSES,
    "currencies": CURRENCIES,
    "userfields": USERFIELDS,
    "workgroups": WORKGROUPS,
    "comments": COMMENTS,
    "meta": META,
}
"""Table -> its fields in column order."""

INDICES: Final[Mapping[str, tuple[tuple[str, ...], ...]]] = {
    "deals": (("DATE_MODIFY",), ("ASSIGNED_BY_ID",), ("LEAD_ID",)),
    "leads": (("DATE_MODIFY",), ("ASSIGNED_BY_ID",)),
    "contacts": (("DATE_MODIFY",),),
    "companies": (("DATE_MODIFY",),),
    "deal_history": (("OWNER_ID",),),
    "lead_history": (("OWNER_ID",),),
    "activities": (("LAST_UPDATED",), ("OWNER_TYPE_ID", "OWNER_ID"), ("START_TIME",)),
    "activity_bindings": (("OWNER_TYPE_ID", "OWNER_ID", "ACTIVITY_ID"), ("ACTIVITY_ID",)),
    "tasks": (("CHANGED_DATE",),),
    "comments": (("ENTITY_TYPE", "ENTITY_ID"),),
}
"""Table -> columns of each index beside the primary key; an index is called ``rest_<table>_<columns>``."""


def _literal(value: str | int) -> str:
    return str(value) if isinstance(value, int) else "'" + value.replace("'", "''") + "'"


def table_sql(table: str) -> str:
    """``CREATE TABLE`` of one entity; ``ID`` is the primary key where there is one."""
    parts = []
    for field in ENTITIES[table]:
        part = f'"{field.name}" {field.storage}'
        if field.type == "id":
            part += " PRIMARY KEY"
        elif field.default is not None:
            part += f" DEFAULT {_literal(field.default)}"
        parts.append(part)
    return f"CREATE TABLE {table} ({', '.join(parts)})"


def index_sql() -> Iterable[str]:
    """``CREATE INDEX`` of every index."""
    for table, indices in INDICES.items():
        for columns in indices:
            name = f"rest_{table}_{'_'.join(columns)}".lower()
            yield f"CREATE INDEX IF NOT EXISTS {name} ON {table}({', '.join(columns)})"
