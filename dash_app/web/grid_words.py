"""Words of the pages of monthly grids. Short sentences, no exclamation marks. ``{ru}``, ``{en}``: words of the grid in either language."""

from __future__ import annotations

from dash_app.text import Text

TOTAL = Text("Итого", "Total")
YEAR = Text("Год", "Year")
HALVES: dict[str, Text] = {
    "": Text("Весь год", "Whole year"),
    "1": Text("I полугодие", "First half"),
    "2": Text("II полугодие", "Second half"),
}
PART = Text("Часть года", "Part of the year")
MEASURE = Text("Что правим", "What is edited")
NOTHING_HERE = Text("Здесь ничего нет.", "There is nothing here.")
WHOLE_COMPANY = Text(
    "Это цифры всей компании: их видит тот, кому видна она вся.",
    "These are figures of the whole company: who sees all of it sees them.",
)
WHO = Text("Кто правит", "Edited by")
WHO_HINT = Text("Ваше имя для истории", "Your name, for the history")
GRID = Text("{ru} по месяцам", "{en} by month")
KEYS = Text(
    "Пишите прямо в ячейку, Enter – вниз, Tab – вправо. Shift и стрелки выделяют, Delete очищает, Ctrl+C и Ctrl+V – как в Excel, Ctrl+D – вниз, Ctrl+R – вправо, Ctrl+Z – отменить, Ctrl+Y – вернуть.",
    "Type right into a cell, Enter goes down, Tab right. Shift and arrows select, Delete clears, Ctrl+C and Ctrl+V work as in Excel, Ctrl+D fills down, Ctrl+R right, Ctrl+Z undoes, Ctrl+Y does again.",
)

# actions
NEXT_MONTH = Text("Месяц дальше", "Month to the next")
NEXT_MONTH_LONG = Text(
    "Скопировать месяц выбранной ячейки на следующий: все строки",
    "Copy the chosen cell's month to the next one: all rows",
)
ALL_NEXT = Text("Месяц до конца", "To all following")
ALL_NEXT_LONG = Text(
    "Скопировать месяц выбранной ячейки на все следующие", "Copy the chosen cell's month to all following ones"
)
FILL = Text("Вниз", "Fill down")
FILL_LONG = Text(
    "Заполнить вниз: выделенное верхней строкой, одну ячейку – до последней строки",
    "Fill down: a selection with its top row, a single cell to the last row",
)
UNDO = Text("Отменить", "Undo")
UNDO_LONG = Text("Отменить моё последнее изменение", "Undo my last change")
REDO = Text("Вернуть", "Redo")
REDO_LONG = Text("Вернуть отменённое", "Do again what was undone")
HISTORY = Text("История", "History")
HISTORY_LONG = Text("История ячейки", "History of the cell")
DOWNLOAD = Text("Скачать", "Download")
DOWNLOAD_LONG = Text("Скачать {ru} в Excel", "Download {en} as Excel")
UPLOAD = Text("Загрузить", "Upload")
UPLOAD_LONG = Text("Загрузить {ru} из Excel или CSV", "Upload {en} from Excel or CSV")
CLOSE = Text("Закрыть", "Close")

# history
NO_HISTORY = Text("Эту ячейку ещё никто не менял.", "Nobody has changed this cell yet.")
EMPTY_VALUE = Text("пусто", "empty")
UNDONE = Text("отмена", "undo")

# files
IMPORTED = Text(
    "Загружено: {lines}. Изменено {ru}: {changed}. Передумали – нажмите «Отменить».",
    "Imported: {lines}. {en} changed: {changed}. Changed your mind? Press “Undo”.",
)
SAME = Text(
    "Файл прочитан: {lines}. Всё уже было так, ничего не изменено.",
    "The file was read: {lines}. All of it was so already, nothing has changed.",
)
NOT_IMPORTED = Text(
    "Ничего не загружено, ошибок: {n}. Исправьте их в файле и загрузите его снова.",
    "Nothing was imported, errors: {n}. Correct them in the file and upload it again.",
)
MORE_ERRORS = Text("И ещё {n}.", "And {n} more.")
LINE = Text("Строка", "Line")
WHERE = Text("Где", "Where")
COLUMN = Text("Столбец", "Column")
WRONG = Text("Что не так", "What is wrong")
TOO_LARGE = Text("Файл больше 5 МБ. Разделите его.", "The file is larger than 5 MB. Split it.")

# answers to the browser
UNDONE_OK = Text("Отменено.", "Undone.")
REDONE_OK = Text("Возвращено.", "Done again.")
UNDO_CONFLICT = Text(
    "Отменить нельзя: {who} изменил это после вас. Посмотрите историю ячейки.",
    "Cannot undo: {who} has changed it since. See the history of the cell.",
)
BAD_CELL = Text("Такой ячейки нет. Обновите страницу.", "There is no such cell. Reload the page.")

# said by the browser itself; {} are filled in by assets/grid/20-store.js
CLOSED = Text(
    "Месяц закрыт. Чтобы изменить {ru}, откройте месяц на странице «Мотивация».",
    "The month is closed. To change {en} reopen it on the page “Motivation”.",
)
BROWSER: dict[str, Text] = {
    "saved": Text("Всё сохранено", "All saved"),
    "saved_at": Text("Сохранено в {time}", "Saved at {time}"),
    "saving": Text("Сохраняется…", "Saving…"),
    "stuck": Text(
        "Не сохранено: нет связи. Набранное на месте, повторяю сам.",
        "Not saved: no connection. What you typed is kept and will be tried again.",
    ),
    "retry": Text("Повторить сейчас", "Try now"),
    "attention": Text("Не сохранено ячеек: {n}", "Cells not saved: {n}"),
    "conflict": Text("{who} сохранил здесь {theirs}, у вас {yours}.", "{who} saved {theirs} here, yours is {yours}."),
    "nothing": Text("пусто", "empty"),
    "mine": Text("Оставить моё", "Keep mine"),
    "theirs": Text("Взять чужое", "Take theirs"),
    "mend": Text("Исправить", "Correct"),
    "back": Text("Вернуть прежнее", "Put back"),
    "more_notes": Text("И ещё {n}.", "And {n} more."),
    "choose_cell": Text("Сначала выберите ячейку.", "Choose a cell first."),
    "no_next": Text(
        "Следующего месяца на экране нет. Выберите весь год.",
        "There is no next month on screen. Choose the whole year.",
    ),
    "no_below": Text("Ниже строк нет.", "There are no rows below."),
    "nothing_to_copy": Text("Здесь пусто, копировать нечего.", "There is nothing here to copy."),
    "cut": Text(
        "Не поместилось: строк {rows}, столбцов {columns}. Добавьте строки или выберите весь год и вставьте ещё раз.",
        "Did not fit: {rows} rows, {columns} columns. Add rows or choose the whole year and paste again.",
    ),
    "there": Text("Такая строка уже есть.", "This row is already there."),
    "copy_of": Text("Копировать строку: {row}", "Copy the row: {row}"),
    "empty": Text("Строк нет.", "There are no rows."),
    "not_found": Text("Ничего не нашлось.", "Nothing found."),
    "undoing": Text("Отменяется…", "Undoing…"),
    "redoing": Text("Возвращается…", "Doing again…"),
}
