"""Words the company is named with. All people and firms are invented."""

from __future__ import annotations

from typing import Final

import numpy as np

_MEN: Final = (
    "Александр",
    "Дмитрий",
    "Максим",
    "Сергей",
    "Андрей",
    "Алексей",
    "Артём",
    "Илья",
    "Кирилл",
    "Михаил",
    "Никита",
    "Роман",
    "Егор",
    "Павел",
    "Владимир",
    "Тимур",
    "Олег",
    "Виктор",
    "Глеб",
    "Игорь",
)
_WOMEN: Final = (
    "Анна",
    "Мария",
    "Елена",
    "Ольга",
    "Наталья",
    "Екатерина",
    "Татьяна",
    "Ирина",
    "Светлана",
    "Юлия",
    "Дарья",
    "Ксения",
    "Алина",
    "Вера",
    "Полина",
    "Марина",
    "Людмила",
    "Галина",
    "Софья",
    "Варвара",
)
_SURNAMES: Final = (
    "Иванов",
    "Смирнов",
    "Кузнецов",
    "Попов",
    "Соколов",
    "Лебедев",
    "Козлов",
    "Новиков",
    "Морозов",
    "Петров",
    "Волков",
    "Соловьёв",
    "Васильев",
    "Зайцев",
    "Павлов",
    "Семёнов",
    "Голубев",
    "Виноградов",
    "Богданов",
    "Воробьёв",
    "Фёдоров",
    "Михайлов",
    "Беляев",
    "Тарасов",
    "Белов",
    "Комаров",
    "Орлов",
    "Киселёв",
    "Макаров",
    "Андреев",
    "Ковалёв",
    "Ильин",
    "Гусев",
    "Титов",
    "Кузьмин",
    "Кудрявцев",
    "Баранов",
    "Куликов",
    "Алексеев",
    "Степанов",
    "Яковлев",
    "Сорокин",
    "Сергеев",
    "Романов",
    "Захаров",
    "Борисов",
    "Королёв",
    "Герасимов",
    "Пономарёв",
    "Григорьев",
)
_FATHERS: Final = (
    "Александров",
    "Дмитриев",
    "Сергеев",
    "Андреев",
    "Алексеев",
    "Михайлов",
    "Владимиров",
    "Викторов",
    "Олегов",
    "Павлов",
)
_FORMS: Final = ("ООО", "ООО", "ООО", "АО", "ИП", "ЗАО", "ПК")
_FIRST: Final = (
    "Вектор",
    "Север",
    "Урал",
    "Волга",
    "Альфа",
    "Сталь",
    "Тех",
    "Пром",
    "Агро",
    "Строй",
    "Энерго",
    "Транс",
    "Сибирь",
    "Гранит",
    "Меридиан",
    "Восток",
    "Кама",
    "Дон",
    "Нева",
    "Байкал",
    "Прогресс",
    "Орион",
    "Маяк",
    "Спектр",
    "Феникс",
    "Форум",
    "Титан",
    "Атлант",
    "Горизонт",
    "Квант",
)
_SECOND: Final = (
    "",
    "Пром",
    "Маш",
    "Строй",
    "Сервис",
    "Торг",
    "Снаб",
    "Комплект",
    "Инвест",
    "Групп",
    "Монтаж",
    "Деталь",
    "Пласт",
    "Мет",
    "Пищепром",
    "Лес",
    "Логистик",
    "Техника",
    "Автоматика",
    "Гидро",
)

PRODUCTS: Final = (
    "Компрессор ВК-30",
    "Винтовой компрессор",
    "Токарный станок",
    "Фрезерный станок с ЧПУ",
    "Насосная станция",
    "Гидропресс",
    "Ленточный конвейер",
    "Сварочный комплекс",
    "Система аспирации",
    "Чиллер",
    "Осушитель воздуха",
    "Упаковочная линия",
    "Дробилка",
    "Листогиб",
    "Лазерный раскрой",
)
SERVICES: Final = (
    "Запчасти к компрессору",
    "Плановое ТО",
    "Ремонт шпинделя",
    "Фильтры и масло",
    "Выезд инженера",
    "Годовое обслуживание",
    "Замена подшипников",
    "Пусконаладка",
    "Обучение операторов",
)
CITIES: Final = (
    "Москва",
    "Санкт-Петербург",
    "Казань",
    "Екатеринбург",
    "Нижний Новгород",
    "Самара",
    "Челябинск",
    "Пермь",
    "Уфа",
    "Ростов-на-Дону",
    "Краснодар",
    "Новосибирск",
    "Омск",
    "Тюмень",
    "Воронеж",
)
POSTS: Final = ("Директор", "Главный инженер", "Снабженец", "Начальник цеха", "Закупки", "Технолог", "Собственник")
ODD_TITLES: Final = (
    "🔥 Срочно: {}",
    "<b>{}</b> & партнёры",
    '"{}" <script>alert(1)</script>',
    "=1+1 {}",
    "{} 😀👍",
    "  {}  ",
    "@{}",
    "{}\nвторая строка",
    "Заявка №&nbsp;{}",
    "+7 {} '; DROP TABLE deals; --",
)
"""What people really type: titles that break careless screens and spreadsheets."""
COMMENTS: Final = (
    "Клиент просил перезвонить на следующей неделе",
    "Отправил КП, ждут согласования с бухгалтерией",
    "ЛПР в отпуске до конца месяца",
    "Просят скидку 5 %",
    "[B]Важно:[/B] доставка только до 10 тонн",
    "Конкурент дал цену ниже",
    "Нужен выезд инженера на замер",
    "Договор у юристов",
    "Не берёт трубку",
    "Сравнивают с китайским аналогом 🤔",
    "Согласовали отсрочку 30 дней",
)


def surname(stem: str, woman: bool) -> str:
    """A surname in the right gender."""
    return stem + "а" if woman else stem


def person(number: int) -> tuple[str, str, str, bool]:
    """Name, surname, patronymic and "is a woman" of the n-th possible person; neighbours do not look alike."""
    mixed = (number * 2_654_435_761 + 97) % 2**32 >> 4
    mixed, woman = divmod(mixed, 5)
    names = _WOMEN if woman < 2 else _MEN
    mixed, name = divmod(mixed, len(names))
    mixed, father = divmod(mixed, len(_FATHERS))
    stem = _SURNAMES[(number + mixed) % len(_SURNAMES)]
    return names[name], surname(stem, woman < 2), _FATHERS[father] + ("на" if woman < 2 else "ич"), woman < 2


def companies() -> np.ndarray:
    """All company names there are, an object array."""
    names = []
    for place, first in enumerate(_FIRST):
        for number, second in enumerate(_SECOND):
            form = _FORMS[(place * 3 + number) % len(_FORMS)]
            core = first + (second.lower() if second else "")
            names.append(
                f"ИП {_SURNAMES[(place * 20 + number) % len(_SURNAMES)]} {first[0]}. {(second or 'А')[0]}."
                if form == "ИП"
                else f"{form} «{core}»"
            )
    return np.array(names, dtype=object)


def people() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """A few thousand persons: names, surnames, patronymics (object arrays of equal length)."""
    found = [person(number) for number in range(2000)]
    return tuple(np.array([row[place] for row in found], dtype=object) for place in range(3))  # type: ignore[return-value]
