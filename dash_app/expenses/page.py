"""The page of expenses: cells of source by month."""

from __future__ import annotations

from dash_app.expenses.grid import GRID
from dash_app.text import Text
from dash_app.web.monthly_page import MonthlyPage

PAGE = MonthlyPage(
    GRID,
    slug="expenses",
    prefix="cost",
    file="expenses",
    icon="cash-coin",
    title=Text("Расходы", "Expenses"),
    question=Text("Сколько стоил каждый источник по месяцам?", "What did each source cost by month?"),
    about=Text(
        "Расходы на источники по месяцам: из них цена лида, цена продажи и ROMI.",
        "What sources cost by month: cost per lead, per sale and ROMI come from it.",
    ),
    open=Text("Открыть расходы", "Open the expenses"),
    find=Text("Найти источник", "Find a source"),
    from_page=Text("со страницы расходов", "from the expenses page"),
)
