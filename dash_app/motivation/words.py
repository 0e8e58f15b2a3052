"""Words of the page «Мотивация». Short sentences, no exclamation marks."""

from __future__ import annotations

from dash_app.text import Text

TITLE = Text("Мотивация", "Motivation")
QUESTION = Text(
    "За что и сколько платим: лестница, грейды, разгон, отсутствия и закрытие месяца.",
    "What is paid for: ladder, grades, ramp, absences and the closing of a month.",
)

OPEN = Text("Открыть мотивацию", "Open motivation")

# the ladder
LADDER = Text("Лестница", "Ladder")
LADDER_TEXT = Text(
    "С какого выполнения плана сколько платится. Без ступеней действует порог отчёта: выполнил – премия целиком.",
    "What is paid from which attainment on. Without steps the report's threshold holds: reached – the whole bonus.",
)
WHICH = Text("Схема", "Scheme")
NEW_SCHEME = Text("Новая схема", "A new scheme")
NAME = Text("Название", "Name")
FROM_MONTH = Text("С месяца", "From month")
MODE = Text("Как считать", "How it counts")
MODES: dict[str, Text] = {
    "highest": Text("По высшей ступени", "Highest step"),
    "marginal": Text("Каждая часть по своей ступени", "Each part at its own step"),
}
MODE_HELP: dict[str, Text] = {
    "highest": Text("Платит последняя достигнутая ступень.", "The last step reached pays."),
    "marginal": Text(
        "Часть факта между двумя ступенями оплачивается по нижней из них.",
        "The part of the fact between two steps is paid by the lower one.",
    ),
}
FOR_WHOM = Text("Для кого", "For whom")
FOR_WHOM_HELP = Text(
    "Пусто – для всех. Схема сотрудника важнее схемы отдела, схема отдела – общей.",
    "Empty: for all. A person's scheme goes before a department's, a department's before the general one.",
)
DEPARTMENTS = Text("Отделы", "Departments")
MANAGERS = Text("Сотрудники", "People")
STEP_FROM = Text("От выполнения", "From attainment")
STEP_PAY = Text("Платим", "Pays")
STEP_VALUE = Text("Сколько", "How much")
PAYS: dict[str, Text] = {
    "share": Text("% от премии", "% of the bonus"),
    "fixed": Text("сумма", "a sum"),
    "of_fact": Text("% от факта", "% of the fact"),
    "of_excess": Text("% от факта сверх плана", "% of the fact above plan"),
}
ADD_STEP = Text("Ступень", "Step")
REMOVE_STEP = Text("Убрать ступень", "Remove the step")
CAP = Text("Потолок", "Cap")
CAPS: dict[str, Text] = {
    "none": Text("без потолка", "no cap"),
    "fixed": Text("сумма", "a sum"),
    "share": Text("% от премии", "% of the bonus"),
}
SAVE_SCHEME = Text("Сохранить схему", "Save the scheme")
DELETE_SCHEME = Text("Удалить схему", "Delete the scheme")
VERSION_HELP = Text(
    "Новый месяц начала – новая версия: прежние месяцы считаются по старой.",
    "A new first month is a new version: earlier months keep the old one.",
)
EVERYBODY = Text("для всех", "for all")
SCHEME_SAVED = Text("Схема сохранена.", "The scheme is saved.")
SCHEME_DELETED = Text(
    "Схема удалена. Вернуть её можно в истории.", "The scheme is deleted. The history can bring it back."
)

# the example
EXAMPLE = Text("Живой пример", "Live example")
EXAMPLE_TEXT = Text(
    "Подвигайте цифры: премия считается по лестнице рядом, ещё до сохранения.",
    "Move the numbers: the bonus follows the ladder beside, even before it is saved.",
)
ATTAINMENT = Text("Выполнение, %", "Attainment, %")
PLAN = Text("План", "Plan")
FACT = Text("Факт", "Fact")
BONUS = Text("Премия по плану", "Bonus of the plan")
THRESHOLD = Text("Порог, %", "Threshold, %")
SERVICE_MONTH = Text("Месяц работы", "Month of service")
AWAY = Text("Дней отсутствия из 20", "Days away of 20")
GRADE = Text("Грейд", "Grade")
NO_GRADE = Text("без грейда", "no grade")
PAID = Text("Премия", "Bonus")
NEXT_STEP = Text("Дальше: {what}, премия {pay}", "Next: {what}, bonus {pay}")
FALLS = Text(
    "На {at} премия падает с {was} до {now}. Проверьте ступень.",
    "At {at} the bonus falls from {was} to {now}. Check that step.",
)
NO_CURVE = Text("Без плана премии нет.", "Without a plan there is no bonus.")

# lists
GRADES = Text("Грейды", "Grades")
GRADES_TEXT = Text(
    "Коэффициент умножает премию, а если отмечено – и план. Действует с даты; в месяц смены считается по рабочим дням.",
    "The coefficient multiplies the bonus and, if ticked, the plan. It holds from its date; in the month of a change by working days.",
)
PEOPLE_GRADES = Text("Кто на каком грейде", "Who has which grade")
RAMP = Text("Разгон", "Ramp")
RAMP_TEXT = Text(
    "Какую часть плана спрашиваем в первые месяцы работы. Дальше – план целиком. Первый месяц – календарный месяц первого дня.",
    "What part of the plan is asked in the first months of service; after them the whole. The first one is the calendar month of the first day.",
)
RAMP_MONTH = Text("{n}-й месяц, %", "Month {n}, %")
HIRES = Text("Первый рабочий день", "First working day")
ABSENCES = Text("Отсутствия", "Absences")
ABSENCES_TEXT = Text(
    "Отпуск, больничный. План сотрудника уменьшается на долю этих рабочих дней.",
    "Holidays, illness. The person's plan shrinks by the share of these working days.",
)
COEFFICIENT = Text("Коэффициент", "Coefficient")
ON_PLAN = Text("и на план", "on the plan too")
MANAGER = Text("Сотрудник", "Person")
SINCE = Text("С даты", "From")
TILL = Text("По дату", "To")
REASON = Text("Причина", "Reason")
ADD = Text("Добавить", "Add")
REMOVE = Text("Удалить: {what}", "Delete: {what}")
NOBODY = Text("Пока пусто.", "Nothing yet.")
SAVE_RAMP = Text("Сохранить разгон", "Save the ramp")
FILL = Text("Заполните поле «{field}».", "Fill in “{field}”.")
CONFLICT = Text(
    "Пока вы меняли, {who} уже изменил это: теперь «{theirs}», у вас «{yours}». На странице теперь его значение; решите, что оставить.",
    "While you were changing it, {who} changed it: now “{theirs}”, yours is “{yours}”. The page shows that value now; decide which to keep.",
)
REMOVED = Text("удалено", "removed")

# closing
CLOSING = Text("Закрытие месяца", "Closing of a month")
CLOSING_TEXT = Text(
    "Закрытый месяц хранит планы, схемы, грейды, факт и премии такими, какими они были. Планы за него не меняются; правки в CRM видны отдельно.",
    "A closed month keeps plans, schemes, grades, sales and pay as they were. Its plans do not change; later edits in the CRM are shown apart.",
)
MONTH = Text("Месяц", "Month")
ROWS = Text("Планов", "Plans")
PAY_TOTAL = Text("Премии", "Pay")
STATE = Text("Состояние", "State")
CLOSED_BY = Text("Закрыт {when}, {who}", "Closed {when}, {who}")
OPENED_BY = Text("Открыт снова {when}, {who}: {reason}", "Reopened {when}, {who}: {reason}")
IS_OPEN = Text("Открыт", "Open")
RUNNING = Text("Идёт", "Running")
CHANGED = Text("Изменилось после закрытия: {n}, {delta}", "Changed after closing: {n}, {delta}")
CLOSE_MONTH = Text("Закрыть месяц", "Close the month")
REOPEN = Text("Открыть снова", "Reopen")
REOPEN_REASON = Text("Причина, чтобы открыть {month}", "Reason to reopen {month}")
CODE = Text("Код", "Code")
MONTH_CLOSED = Text("Месяц {month} закрыт.", "The month {month} is closed.")
MONTH_OPENED = Text(
    "Месяц {month} снова открыт, прежний лист остался в истории.",
    "The month {month} is open again; its sheet stays in the history.",
)
NO_PLANS = Text("Планов ещё нет, закрывать нечего.", "There are no plans yet, nothing to close.")
CLOSING_THRESHOLD = Text("Порог там, где нет лестницы, %", "Threshold where there is no ladder, %")

HISTORY = Text("История", "History")
NO_HISTORY = Text("Здесь ещё ничего не меняли.", "Nothing has been changed here yet.")
ON_PAGE = Text("со страницы мотивации", "from the motivation page")
NO_DATA = Text("Имена сотрудников появятся после первой загрузки данных.", "Names appear after the first load of data.")
