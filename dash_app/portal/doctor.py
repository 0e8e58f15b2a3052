"""What is wrong with the connection to a portal, in sentences: for ``python -m dash_app doctor`` and for the page."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from dash_app.portal import wire
from dash_app.portal.client import Client
from dash_app.portal.errors import PortalError, Refused
from dash_app.portal.reader import PortalInfo, Reader
from dash_app.portal.rights import RIGHTS
from dash_app.text import Text

Level = Literal["ok", "warning", "error"]


@dataclass(frozen=True, slots=True)
class ConnectionCheck:
    """One line of a diagnosis."""

    level: Level
    text: Text


def diagnose(client: Client, timezone: str | None = None) -> list[ConnectionCheck]:
    """Asks the portal a few questions; never raises for what a person can mend. ``timezone``: the setting to compare with the portal's clock."""
    reader = Reader(client)
    findings: list[ConnectionCheck] = []
    try:
        info = reader.info()
        findings.append(
            _ok(
                f"Портал {info.address} отвечает, его время {info.utc_offset}."
                if info.utc_offset
                else f"Портал {info.address} отвечает, но времени не называет.",
                f"The portal {info.address} answers, its time is {info.utc_offset}."
                if info.utc_offset
                else f"The portal {info.address} answers, but tells no time.",
            )
        )
        findings += _move(client, info)
        findings += _clock(info, timezone)
        scopes = reader.scopes()
        findings += _rights(scopes, info)
        if scopes is None or "crm" in scopes:
            findings += _deals(client)
    except PortalError as error:
        findings.append(ConnectionCheck("error", error.text))
        return findings
    if not info.base_currency:
        findings.append(
            _warning(
                "Портал не назвал базовую валюту: считаются рубли.",
                "The portal named no base currency: roubles are assumed.",
            )
        )
    return findings


def _ok(ru: str, en: str) -> ConnectionCheck:
    return ConnectionCheck("ok", Text(ru, en))


def _warning(ru: str, en: str) -> ConnectionCheck:
    return ConnectionCheck("warning", Text(ru, en))


def _move(client: Client, info: PortalInfo) -> Iterator[ConnectionCheck]:
    if info.address != client.webhook.address:
        yield _warning(
            f"Портал переехал на {info.address}. Обновите B24_WEBHOOK_URL.",
            f"The portal has moved to {info.address}. Update B24_WEBHOOK_URL.",
        )


def _clock(info: PortalInfo, timezone: str | None) -> Iterator[ConnectionCheck]:
    """Days, weeks and months begin by our setting; people compare them with what the portal shows."""
    if timezone is None or not info.utc_offset:
        return
    try:
        ours = info.taken_at.replace(tzinfo=UTC).astimezone(ZoneInfo(timezone)).utcoffset() or timedelta(0)
    except (KeyError, ValueError, OSError):
        yield ConnectionCheck(
            "error",
            Text(
                f"Часового пояса {timezone} нет. Исправьте TIMEZONE.",
                f"There is no time zone {timezone}. Mend TIMEZONE.",
            ),
        )
        return
    if _written(ours) != info.utc_offset:
        yield _warning(
            f"Портал живёт по {info.utc_offset}, а отчёты – по {timezone} ({_written(ours)}): границы дней и месяцев разойдутся. Проверьте TIMEZONE.",
            f"The portal lives by {info.utc_offset}, the reports by {timezone} ({_written(ours)}): days and months will begin at different moments. Check TIMEZONE.",
        )
    drift = abs(info.taken_at - datetime.now(UTC).replace(tzinfo=None))
    if (
        timedelta(minutes=5) < drift < timedelta(hours=20)
    ):  # days apart are meant: a demo portal lives on a day of its own
        yield _warning(
            f"Часы этого компьютера и портала расходятся на {int(drift.total_seconds() // 60)} мин.",
            f"The clocks of this machine and of the portal differ by {int(drift.total_seconds() // 60)} min.",
        )


def _written(offset: timedelta) -> str:
    minutes = int(offset.total_seconds() // 60)
    return f"{'-' if minutes < 0 else '+'}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"


def _rights(scopes: set[str] | None, info: PortalInfo) -> Iterator[ConnectionCheck]:
    if info.is_admin:
        yield _ok("Владелец вебхука – администратор.", "The webhook's owner is an administrator.")
    else:
        yield _warning(
            "Владелец вебхука – не администратор: портал молча скрывает от него записи, и цифры будут неполны. Создайте вебхук под администратором.",
            "The webhook's owner is not an administrator: the portal silently hides records from him and figures will be incomplete. Create the webhook under an administrator.",
        )
    for right in RIGHTS:
        if scopes is not None and not right.is_given(scopes):
            yield ConnectionCheck(
                "error" if right.required else "warning",
                Text(
                    f"Вебхуку не дано право {right.id} – {right.without.ru}. Добавьте его в настройках вебхука.",
                    f"The webhook lacks the right {right.id} – {right.without.en}. Add it in the webhook's settings.",
                ),
            )


def _deals(client: Client) -> Iterator[ConnectionCheck]:
    try:
        total = wire.integer(client.call("crm.deal.list", {"select": ["ID"], "start": 0}).get("total"))
    except Refused as error:
        yield ConnectionCheck("error", error.text)
        return
    if not total:
        yield _warning(
            "Сделок не видно: портал пуст или владелец вебхука не имеет прав на них.",
            "No deals are visible: the portal is empty or the webhook's owner has no rights to them.",
        )
    else:
        yield _ok(f"Сделок видно: {total}.", f"Deals visible: {total}.")


__all__ = ["ConnectionCheck", "diagnose"]
