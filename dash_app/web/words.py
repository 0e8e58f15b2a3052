"""Words of the shell. Short sentences, no exclamation marks."""

from __future__ import annotations

from dash_app.engine.units import month_name
from dash_app.portal.entities import TABLES
from dash_app.store.preferences import ROLES
from dash_app.text import Text
from dash_app.views.today import HEADING

SKIP = Text("К содержанию", "Skip to content")
MENU = Text("Меню", "Menu")
REPORTS = Text("Отчёты", "Reports")
HOME = HEADING
HOME_QUESTION = Text(
    "Что выбивается из обычного, как идёт план и кому позвонить?",
    "What is out of the ordinary, how does the plan stand, and whom to call?",
)
SETTINGS = Text("Настройки", "Settings")
SETTINGS_QUESTION = Text(
    "Что считать продажей, успехом и началом дня?", "What counts as a sale, as success, as the start of a day?"
)
THEME = Text("Светлая или тёмная тема", "Light or dark theme")
OTHER_LANGUAGE = Text("Switch to English", "Перейти на русский")
OTHER_LANGUAGE_SHORT = Text("EN", "RU")
DEMO = Text("Демо-портал", "Demo portal")
NOT_FOUND = Text("Такой страницы нет", "There is no such page")
NOT_FOUND_WHY = Text(
    "Возможно, отчёт переименован. Откройте его в меню слева.",
    "The report may have been renamed. Open it from the menu.",
)

READ_ONLY = Text(
    "Вы можете смотреть, но не менять: это делает владелец отчётов.",
    "You can look here and change nothing: the owner of the reports does.",
)
FIRST_BY_OWNER = Text("Данные загружает владелец отчётов.", "The owner of the reports loads the data.")

# refresh
REFRESH = Text("Обновить", "Refresh")
REFRESHING = Text("Обновляется", "Refreshing")
CANCEL = Text("Отменить", "Cancel")
ACCEPT = Text("Принять новые данные", "Accept the new data")
DATA_AT = Text("Данные на {when}", "Data as of {when}")
NO_DATA_YET = Text("Данных ещё нет", "No data yet")
PHASES: dict[str, Text] = {
    "": Text("Начинаю", "Starting"),
    "connect": Text("Подключаюсь к порталу", "Connecting to the portal"),
    "read": Text("Читаю", "Reading"),
    "derive": Text("Считаю показатели", "Working out the figures"),
    "publish": Text("Публикую новые данные", "Publishing the new data"),
}
BEING_READ: dict[str, Text] = {
    "bound_activities": Text("молчащие карточки", "silent cards"),
    **{name: table.being_read or table.title for name, table in TABLES.items()},
}
"""What «Читаю» stands before."""
ROWS_OF = Text("{rows} из {expected}", "{rows} of {expected}")
SECONDS_LEFT = Text("осталось около {n} с", "about {n} s left")
MINUTES_LEFT = Text("осталось около {n} мин", "about {n} min left")
OLD_USABLE = Text("Прежние цифры остаются на странице.", "The figures on the page stay usable.")
PROGRESS_LABEL = Text("Ход обновления", "Refresh progress")
CANCELLED = Text(
    "Обновление отменено. Прежние данные на месте.", "The refresh was cancelled. The old data is in place."
)
FAILED = Text("Обновление не удалось. Прежние данные на месте.", "The refresh failed. The old data is in place.")
KEPT = Text("Прежние данные на месте.", "The old data is in place.")
FRESH = Text("Данные обновлены.", "The data is fresh.")
NOTHING_CHANGED = Text("Изменений нет.", "Nothing has changed.")
FRESH_WITH = Text("Данные обновлены – {what}.", "The data is fresh – {what}.")
CHANGED_RECORDS = Text("изменилось: {what}", "changed: {what}")
DELETED_RECORDS = Text("удалено: {what}", "deleted: {what}")
# first load
FIRST_TITLE = Text("Загрузим данные портала", "Let us load the portal's data")
FIRST_TEXT = Text(
    "Сделки, лиды, их история, дела и задачи читаются один раз целиком, дальше – только изменения. Тысяча сделок – несколько секунд, сто тысяч – несколько минут.",
    "Deals, leads, their history, activities and tasks are read whole once, afterwards only what changed. A thousand deals take seconds, a hundred thousand some minutes.",
)
DATA_UNREADABLE = Text("Данные не читаются", "The data cannot be read")
FIRST_RUNNING = Text("Первая загрузка идёт", "The first load is running")
FIRST_RUNNING_TEXT = Text(
    "Отчёт откроется сам, как только данные будут готовы. Страницу можно закрыть.",
    "The report opens by itself when the data is ready. You may close the page.",
)
DEMO_TITLE = Text("Портал не подключён", "No portal is connected")
DEMO_TEXT = Text(
    "Подключите свой портал ниже или посмотрите отчёты на придуманной компании: загрузить её – полминуты.",
    "Connect your portal below, or look at the reports of a made-up company: it loads in half a minute.",
)
DEMO_RUNNING = Text("Загружается придуманная компания", "A made-up company is being loaded")
DEMO_RUNNING_TEXT = Text(
    "Это около полминуты, отчёты откроются сами. Чтобы увидеть свои цифры, подключите портал ниже – не дожидаясь.",
    "It takes about half a minute, the reports open by themselves. To see your own figures connect your portal below – there is no need to wait.",
)
DEMO_BUTTON = Text("Посмотреть на придуманной компании", "Look at a made-up company")
FIRST_BUTTON = Text("Загрузить данные", "Load the data")
CHECK_CONNECTION = Text("Проверить подключение", "Check the connection")

# filters
FILTERS = Text("Фильтры", "Filters")
FILTERS_OF = Text("Фильтры: {n}", "Filters: {n}")
PERIOD = Text("Период", "Period")
OWN_DATES = Text("Свои даты", "Own dates")
DATES = Text("Даты периода", "Dates of the period")
COMPARISON = Text("Сравнение", "Comparison")
IN_CARDS = "cards"
"""Comparison when nobody chose one: the cards against the period before, tables and charts without a base."""
COMPARE_MODES: dict[str, Text] = {
    IN_CARDS: Text("Сравнение в карточках", "Compared in cards"),
    "none": Text("Без сравнения", "No comparison"),
    "previous": Text("С прошлым периодом", "Previous period"),
    "year": Text("С прошлым годом", "A year earlier"),
    "custom": Text("Со своими датами", "Own dates"),
}
BASE_DATES = Text("Даты для сравнения", "Dates to compare with")
EARLIER = Text("Предыдущий период", "Earlier period")
LATER = Text("Следующий период", "Later period")
ALIGN = Text("База по рабочим дням", "Base by working days")
ALIGN_HELP = Text(
    "База неоконченного периода обрезается на том же числе оконченных рабочих дней, а не по календарю.",
    "The base of an unfinished period is cut at the same number of finished working days, not by the calendar.",
)
AS_IT_WAS = Text("Как было", "As it was")
AS_IT_WAS_AT = Text("Как было {when}", "As it was on {when}")
AS_IT_WAS_HELP = Text("Дата и время, на которые показать отчёт", "Date and time to show the report as of")
AS_OF_SHOW = Text("Показать, как было", "Show as it was")
BACK_TO_NOW = Text("К текущим данным", "Back to now")
WHOLE_BASE = Text("База целиком", "Whole base")
WHOLE_BASE_HELP = Text(
    "Неоконченный период сравнивается с такой же частью базы. Включите, чтобы сравнить со всей базой.",
    "An unfinished period is compared with the same part of the base. Switch on to compare with the whole base.",
)
MORE = Text("Ещё", "More")
ADD_FILTER = Text("Фильтр", "Filter")
REPORT_SETTINGS = Text("Настройки отчёта", "Report settings")
BASE_LINE = Text("к {dates}", "vs {dates}")
LESS = Text("Свернуть", "Less")
RESET = Text("Сбросить всё", "Reset all")
RESET_BAD = Text("Сбросить фильтры", "Reset the filters")
REMOVE = Text("Убрать: {what}", "Remove: {what}")
NOTHING_FOUND = Text("Ничего не нашлось", "Nothing found")
CLEAR = Text("Очистить", "Clear")
CLOSE = Text("Закрыть", "Close")
SHOW = Text("Показать", "Show")
DISMISSED = Text("уволен", "dismissed")
DELETED = Text("удалена", "deleted")
NEXT = Text("Дальше", "Next")
PREVIOUS = Text("Назад", "Back")

# blocks
HELP = Text("Как это посчитано: {block}", "How this is counted: {block}")
AS_TABLE = Text("Таблицей", "As a table")
AS_TABLE_OF = Text("Показать таблицей: {block}", "Show as a table: {block}")
EXPORT = Text("Скачать: {block}", "Download: {block}")
EXCEL = Text("Excel", "Excel")
CSV = Text("CSV", "CSV")
PNG = Text("Картинка PNG", "Picture, PNG")
LOADING = Text("Загружается", "Loading")
OPEN = Text("Открыть отчёт", "Open the report")

# settings
SAVE = Text("Сохранить", "Save")
SAVED = Text("Сохранено.", "Saved.")
NOT_CHANGED = Text("Ничего не изменено.", "Nothing was changed.")
EFFECT = Text("Как это изменило цифры", "What this did to the figures")
NO_EFFECT = Text("Главные цифры отчётов не изменились.", "The first figures of the reports have not changed.")
WAS_BECAME = Text("было {was}, стало {became}", "was {was}, now {became}")
HISTORY = Text("История изменений", "History of changes")
HISTORY_TEXT = Text(
    "Кто и когда что поменял, что из этого вышло с цифрами – и путь обратно.",
    "Who changed what and when, what came of it in the figures – and the way back.",
)
TYPED_TITLE = Text("Планы и расходы", "Plans and expenses")
TYPED_TEXT = Text(
    "Что вводят люди по месяцам: планы, расходы, мотивация, закрытие месяцев.",
    "What people type by months: plans, expenses, motivation, closing of months.",
)
TOPICS = Text("Темы настроек", "Topics of the settings")
TOPIC = Text("тема", "topic")
FIND_SETTING = Text("Найти настройку", "Find a setting")
NO_SETTING = Text("По словам «{asked}» настроек нет.", "No setting has the words “{asked}”.")
NO_HISTORY = Text("Настройки ещё никто не менял.", "Nobody has changed the settings yet.")
UNDO = Text("Вернуть", "Undo")
UNDO_OF = Text("Вернуть как было: {what}, {when}", "Undo: {what}, {when}")
UNDONE = Text("отмена изменения", "undoes a change")
EXPORT_SETTINGS = Text("Скачать настройки", "Download settings")
IMPORT_SETTINGS = Text("Загрузить из файла", "Upload from a file")
WHEN = Text("Когда", "When")
WHO = Text("Кто", "Who")
WHAT = Text("Что", "What")
BEFORE = Text("Было", "Before")
AFTER = Text("Стало", "After")
PIPELINE = Text("Воронка", "Pipeline")
ROLE = Text("Роль", "Role")
SUCCESS_STAGE = Text("Стадия успеха", "Success stage")
MARGIN = Text("Маржа", "Margin")
BY_PORTAL = Text("Как на портале", "As in the portal")
DEFAULT = Text("по умолчанию", "default")
WORKING_AS_CALENDAR = Text("как в календаре", "as the calendar says")
ON_PAGE = Text("со страницы настроек", "from the settings page")
PIPELINES_TITLE = Text("Воронки", "Pipelines")
PIPELINES_TEXT = Text(
    "Цифры продаж считаются по воронкам с ролью «Продажи». Стадия успеха – та, с которой сделка считается выигранной. Маржа – доля выручки, которая остаётся вам: с нею считается ROMI.",
    "Sales figures use pipelines of the role “Sales”. The success stage is the one from which a deal counts as won. The margin is the share of revenue you keep: ROMI is counted with it.",
)
ACTIVITY_TITLE = Text("Активность и конверсия", "Activity and conversion")
ACTIVITY_TEXT = Text(
    "Сколько весит каждое дело в индексе активности и какую конверсию показывать первой.",
    "What each activity weighs in the index, and which conversion is shown first.",
)
FORGOTTEN_TITLE = Text("Незабудка", "Forget-me-not")
FORGOTTEN_TEXT = Text(
    "Через сколько дней без касаний карточка забыта. На странице отчёта N можно менять, не трогая настройку.",
    "After how many days without a touch a card is forgotten. The report's own N can be changed without touching the setting.",
)
AUDIT_TITLE = Text("Аудит карточек", "Card audit")
AUDIT_TEXT = Text(
    "Что должно быть заполнено в карточке и с какой стадии.",
    "What must be filled on a card, and from which stage on.",
)
REQUIRE_NOTHING = Text("Ничего не требовать", "Require nothing")
TIME_TITLE = Text("Рабочее время", "Working time")
TIME_TEXT = Text(
    "По нему считаются темп плана, рабочие дни и время первого ответа.",
    "The pace of a plan, working days and first-response times follow it.",
)
DATA_TEXT = Text("Как часто данные обновляются с портала.", "How often the data is refreshed from the portal.")
TO_REPORT = Text("К отчёту", "To the report")
TO_PLANS = Text("Планы", "Plans")
TO_MOTIVATION = Text("Мотивация и отсутствия", "Motivation and absences")
TO_EXPENSES = Text("Расходы", "Expenses")
FROM_HOUR = Text("с", "from")
TO_HOUR = Text("до", "to")
DAYS_OFF = Text("Выходные", "Days off")
DAYS_ON = Text("Рабочие", "Working days")
WORKING = Text("рабочий", "working")
DAY_OFF = Text("выходной", "day off")
ACTIVITY_KINDS: dict[str, Text] = {
    "call": Text("Звонок", "Call"),
    "email": Text("Письмо", "E-mail"),
    "message": Text("Сообщение", "Message"),
    "meeting": Text("Встреча", "Meeting"),
    "todo": Text("Дело", "To-do"),
}
VALUES: dict[tuple[str, str], Text] = {
    **{("pipeline_roles", role): text for role, text in ROLES.items()},
    **{("fiscal_year_month", str(month)): month_name(month) for month in range(1, 13)},
    ("conversion", "worked"): Text("От бывших в работе", "Of deals worked"),
    ("conversion", "cohort"): Text("Из созданных", "Of deals created"),
    ("conversion", "win_rate"): Text("Из закрытых", "Of deals closed"),
}
"""(setting, its value) -> what it is called."""
DATA_TITLE = Text("Данные", "Data")
FILE_TITLE = Text("Перенос настроек", "Moving settings")
FILE_TEXT = Text(
    "Файл содержит все настройки портала. Загрузка проверяет каждую строку: либо принимаются все, либо ни одна.",
    "The file holds all settings of the portal. Every line is checked at upload: all are taken or none.",
)
BAD_FILE = Text("Файл не прочитался. Выберите его ещё раз.", "The file could not be read. Choose it again.")
