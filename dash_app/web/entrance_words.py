"""Words of the pages people sign in on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash_app.text import Text

SIGN_IN = Text("Вход", "Sign in")
NAME = Text("Имя", "Name")
PASSWORD = Text("Пароль", "Password")
ENTER = Text("Войти", "Sign in")
SHOW = Text("Показать пароль", "Show the password")
FORGOT = Text(
    "Забыли пароль? Владелец отчётов даст ссылку, по которой задают новый.",
    "Forgotten the password? The owner of the reports gives a link to set a new one.",
)
FIRST = Text(
    "Учётных записей ещё нет. Создайте первую на сервере отчётов – команда напечатает ссылку, по которой задают пароль:",
    "There are no accounts yet. Make the first on the reports' server: the command prints a link to set its password.",
)
FIRST_COMMAND = "python -m dash_app user add anna --role owner"
LEFT = Text("Вы вышли.", "You are signed out.")
ENDED = Text("Войдите, чтобы открыть страницу.", "Sign in to open the page.")
STALE = Text("Страница устарела. Повторите, пожалуйста.", "The page was out of date. Please repeat.")

CODE = Text("Код из приложения", "Code of the authenticator")
CODE_TEXT = Text(
    "Откройте приложение с одноразовыми кодами и введите шесть цифр, которые оно показывает.",
    "Open the authenticator and enter the six digits it shows.",
)
CODE_LOST = Text(
    "Нет телефона под рукой? Второй шаг снимет тот, у кого есть доступ к серверу: python -m dash_app user reset ИМЯ --second-factor.",
    "No telephone at hand? Whoever has the server takes the second step away: python -m dash_app user reset NAME --second-factor.",
)
GO_ON = Text("Продолжить", "Continue")
BACK = Text("Назад ко входу", "Back to signing in")

CHOOSE = Text("Новый пароль", "New password")
CHOOSE_TEXT = Text(
    "Для входа под именем {name}. Не короче 12 знаков; лучше всего фраза из нескольких слов.",
    "To sign in as {name}. At least 12 characters; a phrase of several words is best.",
)
AGAIN = Text("Ещё раз", "Once more")
DIFFERENT = Text("Пароли не совпали.", "The passwords differ.")
SAVE = Text("Сохранить", "Save")
CHOSEN = Text("Пароль сохранён. Войдите с ним.", "The password is saved. Sign in with it.")
VOID = Text("Ссылка не действует", "The link is void")

ACCOUNT = Text("Учётная запись", "Account")
OWNER = Text("Владелец: видит всё и меняет настройки", "Owner: sees everything and changes settings")
BY_STRUCTURE = Text("Видит данные по структуре портала", "Sees data by the portal's structure")
PORTAL_USER = Text("сотрудник №{id} портала", "user #{id} of the portal")
CHANGE_PASSWORD = Text("Сменить пароль", "Change the password")
CURRENT = Text("Нынешний пароль", "Present password")
SECOND = Text("Вход в два шага", "Signing in by two steps")
SECOND_TEXT = Text(
    "После пароля спрашивается код из приложения (Яндекс Ключ, Google Authenticator, Aegis …). Владельцам он нужнее всех: им видно всё.",
    "After the password a code of an authenticator (Google Authenticator, Aegis, 1Password …) is asked. Owners need it most: they see everything.",
)
SECOND_ON = Text(
    "Включён: после пароля спрашивается код. Чтобы перенести его на другой телефон, включите заново.",
    "It is on: after the password a code is asked. To move it to another telephone, set it up anew.",
)
SECRET = Text("Ключ для приложения", "Key for the authenticator")
OPEN_APP = Text("Открыть в приложении на этом устройстве", "Open in the authenticator of this device")
TYPE_CODE = Text("Код, который оно показывает", "The code it shows")
SWITCH_ON = Text("Включить", "Switch on")
SET_ANEW = Text("Включить заново", "Set up anew")
SWITCHED_ON = Text("Вход в два шага включён.", "Signing in by two steps is on.")
TO_REPORTS = Text("К отчётам", "To the reports")
SIGN_OUT = Text("Выйти", "Sign out")
OTHER_LANGUAGE = Text("English", "Русский")

_ROLES = {"owner": Text("владелец", "owner"), "structure": Text("по структуре портала", "by the portal's structure")}
NO_ACCOUNT = Text("нет", "none")


def of_account(value: Mapping[str, Any] | None) -> Text:
    """What a history says of an account."""
    if value is None:
        return NO_ACCOUNT
    parts = [_ROLES.get(str(value["role"]), Text(str(value["role"]), str(value["role"])))]
    if value["portal_user"] is not None:
        parts.append(PORTAL_USER.format(id=value["portal_user"]))
    if value["disabled"]:
        parts.append(Text("отключена", "disabled"))
    if value["second_factor"]:
        parts.append(Text("вход в два шага", "signing in by two steps"))
    return Text(", ".join(p.ru for p in parts), ", ".join(p.en for p in parts))
