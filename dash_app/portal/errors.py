"""What can go wrong between us and a portal, as sentences a person can act on. Secrets never reach a message."""

from __future__ import annotations

import re

from dash_app.errors import UserError
from dash_app.text import Text

_SECRET = re.compile(r"(/rest/(?:api/)?\d+/)[^/\s\"'?&]+")
_TOKEN = re.compile(r"((?:auth|access_token|refresh_token)=)[^&\s\"']+")


def redact(text: str) -> str:
    """Text without webhook secrets and tokens."""
    return _TOKEN.sub(r"\1***", _SECRET.sub(r"\1***", text))


class PortalError(UserError):
    """The portal could not or would not answer. ``code``: Bitrix24's error code, upper case, '' if none."""

    def __init__(self, text: Text, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class Busy(PortalError):
    """The portal asks to come back later; retried inside the client. ``wait``: seconds it asks for, if it says."""

    def __init__(self, text: Text, code: str = "", wait: float | None = None) -> None:
        super().__init__(text, code)
        self.wait = wait


class Refused(PortalError):
    """A definite no: retrying the same call gives the same answer."""


class MissingScope(Refused):
    """The webhook lacks a right; other entities can still be read."""


class Cancelled(PortalError):
    """Somebody pressed cancel."""


BUSY_CODES = {"QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT", "INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER"}

_SENTENCES = {
    "INVALID_CREDENTIALS": Text(
        "Портал не принимает вебхук: секрет отозван или введён с ошибкой. Создайте входящий вебхук заново и обновите B24_WEBHOOK_URL.",
        "The portal rejects the webhook: its secret is revoked or mistyped. Create the incoming webhook anew and update B24_WEBHOOK_URL.",
    ),
    "NO_AUTH_FOUND": Text(
        "Портал не узнал вебхук. Проверьте адрес: https://портал/rest/номер/секрет/.",
        "The portal does not recognise the webhook. Check the address: https://portal/rest/number/secret/.",
    ),
    "EXPIRED_TOKEN": Text(
        "Срок действия доступа истёк. Создайте вебхук заново и обновите B24_WEBHOOK_URL.",
        "The access has expired. Create the webhook anew and update B24_WEBHOOK_URL.",
    ),
    "ACCESS_DENIED": Text(
        "REST на этом портале закрыт: нужен платный тариф с подпиской на Маркет, а у владельца вебхука – права.",
        "REST is closed on this portal: it needs a paid plan with a Market subscription, and the webhook's owner needs rights.",
    ),
    "AUTHORIZATION_ERROR": Text(
        "Владелец вебхука уволен или неактивен. Создайте вебхук под действующим администратором.",
        "The webhook's owner is inactive. Create a webhook under an active administrator.",
    ),
    "USER_ACCESS_ERROR": Text(
        "Приложению запрещён доступ для этого сотрудника. Попросите администратора портала.",
        "The application is not allowed for this user. Ask the portal's administrator.",
    ),
    "OVERLOAD_LIMIT": Text(
        "Битрикс24 закрыл REST этого портала из-за нагрузки. Напишите в поддержку Битрикс24.",
        "Bitrix24 has blocked this portal's REST because of load. Write to Bitrix24 support.",
    ),
    "PAYMENT_REQUIRED": Text("Тариф портала не оплачен: REST не отвечает.", "The portal's plan is not paid: REST does not answer."),
    "PORTAL_DELETED": Text("Портал удалён. Проверьте адрес вебхука.", "The portal has been deleted. Check the webhook's address."),
}  # fmt: skip

INVALID_WEBHOOK_CODES = {"INVALID_CREDENTIALS", "NO_AUTH_FOUND", "EXPIRED_TOKEN", "INVALID_TOKEN", "AUTHORIZATION_ERROR"}


def missing_scope(method: str) -> MissingScope:
    """The webhook has no right for a method."""
    return MissingScope(
        Text(
            f"Вебхуку не хватает прав на {method}. Добавьте право в настройках вебхука на портале.",
            f"The webhook lacks the right for {method}. Add it in the webhook's settings in the portal.",
        ),
        "INSUFFICIENT_SCOPE",
    )


def of_answer(method: str, error: object, description: object, status: int = 200, wait: float | None = None) -> PortalError:
    """The exception for an error envelope; by code first, HTTP status only as a hint."""
    code = str(error if error is not None else "").upper()
    said = redact(str(description or ""))[:300]
    if code in BUSY_CODES or (status >= 500 and code not in _SENTENCES):
        return Busy(
            Text(f"Портал занят ({code or status}): {said}", f"The portal is busy ({code or status}): {said}"), code, wait
        )
    if code == "INSUFFICIENT_SCOPE":
        return missing_scope(method)
    if code in _SENTENCES:
        return Refused(_SENTENCES[code], code)
    if code in INVALID_WEBHOOK_CODES:
        return Refused(_SENTENCES["INVALID_CREDENTIALS"], code)
    if code == "ERROR_METHOD_NOT_FOUND":
        return Refused(
            Text(f"Портал не знает метода {method}: модуль выключен.", f"The portal does not know {method}: the module is off."), code
        )
    return Refused(
        Text(f"Портал отказал в {method}: {said or code or status}.", f"The portal refused {method}: {said or code or status}."), code
    )
