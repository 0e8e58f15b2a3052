"""What is wrong with the connection to a portal, in sentences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dash_app.portal.client import Client, as_map
from dash_app.portal.errors import PortalError, Refused
from dash_app.portal.reader import Reader
from dash_app.text import Text


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of a diagnosis."""

    level: Literal["ok", "warning", "error"]
    text: Text


SCOPES: dict[str, tuple[tuple[str, ...], bool, Text]] = {
    "crm": (("crm",), True, Text("CRM: без него нет сделок", "CRM: without it there are no deals")),
    "user": (("user", "user_brief", "user_basic"), False, Text("Пользователи: без него нет имён менеджеров", "Users: without it there are no names")),
    "department": (("department",), False, Text("Структура компании: без него нет отделов", "Structure: without it there are no departments")),
    "task": (("task", "tasks"), False, Text("Задачи: без него пуст отчёт о команде", "Tasks: without it the team report is empty")),
    "sonet_group": (("sonet_group",), False, Text("Рабочие группы: без него нет имён проектов", "Workgroups: without it projects have no names")),
}


def diagnose(client: Client) -> list[Finding]:
    """Asks the portal a few questions; never raises for what a person can mend."""
    findings: list[Finding] = []
    reader = Reader(client)
    try:
        info = reader.info()
    except PortalError as error:
        return [Finding("error", error.text)]
    findings.append(Finding("ok", Text(f"Портал {info.address} отвечает, его время {info.utc_offset}.", f"The portal {info.address} answers, its time is {info.utc_offset}.")))
    if info.is_admin:
        findings.append(Finding("ok", Text("Владелец вебхука – администратор.", "The webhook's owner is an administrator.")))
    else:
        findings.append(
            Finding(
                "warning",
                Text(
                    "Владелец вебхука – не администратор: портал молча скрывает от него записи, цифры будут неполны. Создайте вебхук под администратором.",
                    "The webhook's owner is not an administrator: the portal silently hides records from him. Create it under an administrator.",
                ),
            )
        )
    scopes = reader.scopes()
    if scopes is not None:
        for name, (accepted, required, meaning) in SCOPES.items():
            if not scopes & set(accepted):
                level: Literal["warning", "error"] = "error" if required else "warning"
                findings.append(
                    Finding(level, Text(f"Вебхуку не дано право {name} – {meaning.ru}.", f"The webhook lacks the right {name} – {meaning.en}."))
                )
    try:
        rows = client.call("crm.deal.list", {"select": ["ID"], "start": 0})
        total = rows.get("total")
        findings.append(Finding("ok", Text(f"Сделок видно: {total}.", f"Deals visible: {total}.")))
    except Refused as error:
        findings.append(Finding("error", error.text))
    currency = as_map({"currency": info.base_currency})["currency"]
    if not currency:
        findings.append(Finding("warning", Text("Портал не назвал базовую валюту: считаю рубли.", "The portal named no base currency: roubles are assumed.")))
    return findings
