"""Words of the interface that belong to no report. Short sentences, the user's own words, no exclamation marks."""

from __future__ import annotations

from dash_app.text import Text

BASE = Text("база", "base")
VALUE = Text("период", "period")
CHANGE = Text("Δ", "Δ")
FIELD = Text("Поле", "Field")
EMPTY_ON = Text("Пусто: {count}. Открыть.", "Empty: {count}. Open.")
TOTAL = Text("Всего", "Total")
OF = Text("из", "of")
HOW_COUNTED = Text("Как посчитано", "How is this counted")
HOW_COUNTED_OF = Text("Как посчитано: {name}", "How is this counted: {name}")
FORMULA = Text("Формула", "Formula")
MADE_OF = Text("Из чего сложено", "What it is made of")
LEFT_OUT = Text("Что учтено особо", "Worth knowing")
CLOSE = Text("Закрыть", "Close")
OPEN_RECORDS = Text("Открыть записи: {name}", "Open the records: {name}")
OPEN_CARD = Text("Открыть карточку в Битрикс24", "Open the card in Bitrix24")
MORE_FIGURES = Text("Ещё показатели", "More figures")
NO_COMPARISON = Text("без сравнения", "no comparison")
SMALL_SAMPLE = Text(
    "Мало данных: знаменатель меньше 10. С вероятностью 90 % настоящая доля – от {low} до {high}.",
    "Little data: under 10 in the denominator. With 90 % confidence the true share is between {low} and {high}.",
)
FEW_RECORDS = Text(
    "Мало данных: за этой долей стоит сделок – {n}.", "Little data: the deals behind this share number {n}."
)
SMALL_FACTOR = Text(
    "Мало данных: в одном из множителей знаменатель меньше 10.",
    "Little data: one of the factors has under 10 in its denominator.",
)
TARGET = Text("цель {target}", "target {target}")
TARGET_MET = Text("цель {target} достигнута", "target {target} is met")
TARGET_MISSED = Text("ниже цели {target}", "below the target of {target}")
BETTER = Text("лучше базы", "better than the base")
WORSE = Text("хуже базы", "worse than the base")
CHANGED = Text("изменение к базе", "change against the base")
RUNNING = Text("неполная", "incomplete")
TODAY = Text("сегодня", "today")
DAYS_OFF = Text("Выходные", "Days off")
PLAN = Text("План", "Plan")
PLAN_BY_TODAY = Text("План к концу дня", "Plan by the end of today")
PLAN_BY_THEN = Text("План к концу дня", "Plan by the end of the day")
PLAN_OF = Text("{now} из {plan}", "{now} of {plan}")
TOTAL_BY = Text("С начала периода по {when}", "From the beginning of the period to {when}")
OF_THESE = Text("Из них в этот день", "Of these on that day")
BASE_SAME_DAY = Text("База на тот же день", "Base by the same day")
TOTAL_SUMMARY = Text("{name} нарастающим итогом: {total}.", "{name}, running total: {total}.")
TOTAL_PLAN = Text(" План на период: {plan}.", " Plan of the period: {plan}.")
COUNTED_TO = Text("неполный отрезок", "incomplete bucket")
RECORD = Text("Запись", "Record")
ORDER = Text("Порядок", "Order")
USUAL_ORDER = Text("обычный", "the usual one")
AS_TABLE = Text("Показать таблицей", "Show as a table")
AS_CHART = Text("Показать картинкой", "Show as a chart")
EMPTY = Text("Здесь пусто", "Nothing here")
EMPTY_FILTERED = Text(
    "За этот период с такими фильтрами записей нет.", "No records in this period under these filters."
)
EMPTY_PERIOD = Text(
    "За этот период записей нет. Выберите другой период.", "No records in this period. Choose another one."
)
RESET_FILTER = Text("Сбросить фильтр «{name}»", "Remove the filter “{name}”")
RESET_ALL = Text("Сбросить все фильтры", "Remove all filters")
BROKEN = Text(
    "Этот блок сейчас не открылся. Остальные работают. Обновите страницу или нажмите «Обновить».",
    "This block could not be shown just now. The others work. Reload the page or refresh the data.",
)
SHOWN_ROWS = Text("Показаны {shown} из {total}", "{shown} of {total} are shown")
ALL_ROWS = Text("Показать все {count}", "Show all {count}")
MOST_ROWS = Text("Показать первые {count}", "Show the first {count}")
FIRST_ONLY = Text("Только первые", "The first only")
SHOW_WHOLE = Text("Показать все", "Show all")
SHOWN_PART = Text("Показано {what}", "Shown: {what}")
ROWS = Text("строк {shown} из {total}", "rows {shown} of {total}")
COLUMNS_SHOWN = Text("столбцов {shown} из {total}", "columns {shown} of {total}")
FIRST_ROWS = Text(
    "Показаны первые {shown} из {total}. Целиком – в Excel.",
    "The first {shown} of {total} are shown. All are in Excel.",
)
SORT_BY = Text("Сортировать: {name}", "Sort by {name}")
NOT_ADDITIVE = Text(
    "Строки не складываются в итог: запись может быть в нескольких.", "Rows do not add up: a record may be in several."
)

# the funnel
STAGE_DAYS = Text("медиана на стадии", "median in stage")
CONVERSION = Text("{share} дальше", "{share} go on")
PASSED = Text("Прошли дальше", "Went on")
LOST_HERE = Text("Потеряны здесь", "Lost here")
MOVED_OUT = Text("Ушли в другую воронку", "Moved to another pipeline")
STANDING = Text("Стоят здесь", "Standing here")
PREVIOUS_STAGE = Text("Дошли до предыдущей стадии", "Reached the previous stage")
FUNNEL_PIPELINE = Text("Воронка", "Pipeline")

# the drawer
DRAWER = Text("Записи за числом", "Records behind the number")
FILTER_PAGE = Text("Отфильтровать страницу", "Filter the page")
WHOSE = Text("Чьи записи", "Whose records")
MORE_PEOPLE = Text("ещё человек: {people}, у них {count}", "{people} more people: {count}")
NUMERATOR = Text("Числитель", "Numerator")
DENOMINATOR = Text("Знаменатель", "Denominator")
WITH_FILTERS = Text("Фильтры: {filters}", "Filters: {filters}")
EXPORT_EXCEL = Text("Excel", "Excel")
EXPORT_CSV = Text("CSV", "CSV")
SHOWN_OF = Text("после фильтра столбцов: {line}", "under the column filters: {line}")

# lists
COLUMNS = Text("Столбцы", "Columns")
USER_FIELDS = Text("Поля портала", "Fields of the portal")
STANDARD_COLUMNS = Text("Основные", "Standard")
LIST_OF = Text("Список: {name}", "List: {name}")

# aria summaries of charts
SERIES_SUMMARY = Text(
    "{name}: {total} за период, больше всего – {top}: {value}.",
    "{name}: {total} in the period, most in {top}: {value}.",
)
SPLIT_SUMMARY = Text(
    "{name}: {total} за период, больше всего – {top}: {value}.",
    "{name}: {total} in the period, most from {top}: {value}.",
)
SERIES_BASE = Text(" База: {base}.", " Base: {base}.")
LINES_SUMMARY = Text(
    "{name} по отрезкам: последнее значение – {last} ({when}), лучшее – {best}, худшее – {worst}.",
    "{name} by bucket: last {last} ({when}), best {best}, worst {worst}.",
)
FUNNEL_SUMMARY = Text(
    "Воронка «{name}»: из {first} дошли до конца {last}, {share}. Больше всего потеряно на стадии «{worst}»: {lost}.",
    "Pipeline “{name}”: of {first}, {last} reached the end, {share}. Most are lost at “{worst}”: {lost}.",
)
BARS_SUMMARY = Text("{name}: больше всего – {top}, {value}.", "{name}: most in {top}, {value}.")
WATERFALL_SUMMARY = Text(
    "Было {base}, стало {value}, разница {delta}. {parts}.", "From {base} to {value}, a difference of {delta}. {parts}."
)
BETWEEN = Text("от {low} до {high}", "{low} to {high}")
NO_PLAN = Text("нет плана", "no plan")
BULLET_SUMMARY = Text("План {plan}, факт {fact}, прогноз {forecast}.", "Plan {plan}, fact {fact}, forecast {forecast}.")
BULLET_MOST = Text("Больше всего осталось: {name}, {value}.", "Most remains with {name}: {value}.")
SCATTER_SUMMARY = Text(
    "По горизонтали {x}, по вертикали {y}, точек {count}. Выше всех – {top}, {value}. {parts}.",
    "Across: {x}, up: {y}, {count} points. Highest: {top}, {value}. {parts}.",
)
MORE_COLUMNS = Text("Ещё столбцы ({count})", "More columns ({count})")
FEWER_COLUMNS = Text("Главные столбцы", "Main columns")
WAS = Text("Было", "Before")
BECAME = Text("Стало", "Now")
FIRST_BARS = Text(
    "Показаны первые {shown} из {total}. Остальные – в таблице.",
    "The first {shown} of {total} are shown. The rest are in the table.",
)
