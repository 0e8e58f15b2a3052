"""Rights a webhook is given in the portal ("scopes"): what each opens, and what is missing without it. One declaration a right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from dash_app.text import Text


@dataclass(frozen=True, slots=True)
class Right:
    """A right of a webhook.

    ``title``: its name in the webhook's settings. ``without``: what it is for, and what is missing without it. ``methods``: first words of the
    methods it opens, its own id if empty. ``spellings``: rights that do as well, its own id if empty. ``required``: without it nothing works.
    """

    id: str
    title: Text
    without: Text
    methods: tuple[str, ...] = ()
    spellings: tuple[str, ...] = ()
    required: bool = False

    def opens(self, method: str) -> bool:
        """Whether a method needs it."""
        return method.partition(".")[0].lower() in (self.methods or (self.id,))

    def is_given(self, scopes: set[str]) -> bool:
        """Whether it is among the rights a webhook has, lower case."""
        return bool(scopes & set(self.spellings or (self.id,)))


CRM: Final = Right(
    "crm",
    Text("CRM (crm)", "CRM (crm)"),
    Text("CRM: без него нет сделок", "CRM: without it there are no deals"),
    required=True,
)
USER: Final = Right(
    "user",
    Text("Пользователи (user)", "Users (user)"),
    Text("Пользователи: без него нет имён менеджеров", "Users: without it there are no names"),
    spellings=("user", "user_brief", "user_basic"),
)
DEPARTMENT: Final = Right(
    "department",
    Text("Структура компании (department)", "Company structure (department)"),
    Text("Структура компании: без него нет отделов", "Structure: without it there are no departments"),
)
TASK: Final = Right(
    "task",  # "tasks" is of REST 3.0 and opens no list
    Text("Задачи (task)", "Tasks (task)"),
    Text("Задачи: без него пуст отчёт о команде", "Tasks: without it the team report is empty"),
    methods=("tasks",),
)
WORKGROUP: Final = Right(
    "sonet_group",
    Text("Рабочие группы (sonet_group)", "Workgroups (sonet_group)"),
    Text("Рабочие группы: без него нет имён проектов", "Workgroups: without it projects have no names"),
)

RIGHTS: Final = (CRM, USER, DEPARTMENT, TASK, WORKGROUP)
"""All of them, in the order they are checked."""


def right_of(method: str) -> Text:
    """The right to grant for a method, by its name in the webhook's settings; the method itself where none is known."""
    return next((right.title for right in RIGHTS if right.opens(method)), Text(method, method))
