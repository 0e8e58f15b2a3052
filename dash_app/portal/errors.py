"""What can go wrong between us and a portal, as sentences a person can act on. Secrets never reach a message.

Four kinds matter to whoever reads a portal:

* ``Busy`` – come back later; the client and the reader wait by themselves. ``Broken`` – no usable answer; perhaps too much was asked at once;
* ``Refused`` – a definite no to this one method; other entities can still be read;
* ``Unusable`` – the portal as a whole: unknown host, revoked secret, REST off. Nothing can be read, now or next;
* ``Inconsistent`` – answers contradict what was asked; going on would publish holes.
"""

from __future__ import annotations

import re
from typing import Final

from dash_app.errors import UserError
from dash_app.logs.redact import redact
from dash_app.portal.rights import right_of
from dash_app.text import Text


class PortalError(UserError):
    """The portal could not or would not answer. ``code``: Bitrix24's error code, upper case, '' if none."""

    def __init__(self, text: Text, code: str = "") -> None:
        super().__init__(text)
        self.code = code


class Busy(PortalError):
    """The portal asks to come back later. ``wait``: seconds it asks for, if it says."""

    def __init__(self, text: Text, code: str = "", wait: float | None = None) -> None:
        super().__init__(text, code)
        self.wait = wait


class Broken(Busy):
    """No usable answer: a time-out, a cut connection, a page instead of data, an internal error."""


class Refused(PortalError):
    """A definite no to one method: asking again gives the same answer, other methods may work.

    ``final``: the portal said why in words that no repetition changes – rights, plan, an unknown method.
    """

    def __init__(self, text: Text, code: str = "", *, final: bool = False) -> None:
        super().__init__(text, code)
        self.final = final


class MissingScope(Refused):
    """The webhook lacks a right; other entities can still be read."""


class Unusable(PortalError):
    """Nothing can be read from this portal with this webhook. ``alone``: what the same answer means where other methods still answer."""

    def __init__(self, text: Text, code: str = "", *, alone: Refused | None = None) -> None:
        super().__init__(text, code)
        self.alone = alone


class Inconsistent(PortalError):
    """Answers contradict each other or what was asked; the refresh must not go on."""


class Cancelled(PortalError):
    """Somebody pressed cancel."""


EMPTY_ANSWER: Final = "EMPTY_ANSWER"
LIMIT_CODES: Final = frozenset({"QUERY_LIMIT_EXCEEDED", "OPERATION_TIME_LIMIT"})
_TROUBLE_CODES: Final = frozenset(
    {"INTERNAL_SERVER_ERROR", "ERROR_UNEXPECTED_ANSWER", "CONNECTION_ERROR", "ERROR_OAUTH"}
)

_PLAN: Final = Text(
    "REST на этом портале закрыт: нужен платный тариф с подпиской на Маркет (или её пробный период).",
    "REST is closed on this portal: it needs a paid plan with a Market subscription (or its trial).",
)
_REVOKED: Final = Text(
    "Портал не принимает вебхук: секрет отозван, введён с ошибкой или истёк его срок. Создайте входящий вебхук заново и обновите B24_WEBHOOK_URL.",
    "The portal rejects the webhook: its secret is revoked, mistyped or past its end date. Create the incoming webhook anew and update B24_WEBHOOK_URL.",
)
_WHOLE_PORTAL: Final = {
    "INVALID_CREDENTIALS": _REVOKED,
    "INVALID_TOKEN": _REVOKED,
    "APPLICATION_NOT_FOUND": _REVOKED,
    "NO_AUTH_FOUND": Text(
        "Портал не узнал вебхук. Проверьте адрес: https://портал/rest/номер/секрет/.",
        "The portal does not recognise the webhook. Check the address: https://portal/rest/number/secret/.",
    ),
    "EXPIRED_TOKEN": Text(
        "Срок действия доступа истёк. Создайте вебхук заново и обновите B24_WEBHOOK_URL.",
        "The access has expired. Create the webhook anew and update B24_WEBHOOK_URL.",
    ),
    "AUTHORIZATION_ERROR": Text(
        "Вебхук не действует: истёк его срок или его владелец уволен. Создайте вебхук под действующим администратором.",
        "The webhook is not in force: it is past its end date or its owner is inactive. Create a webhook under an active administrator.",
    ),
    "USER_ACCESS_ERROR": Text(
        "Приложению запрещён доступ для этого сотрудника. Попросите администратора портала.",
        "The application is not allowed for this user. Ask the portal's administrator.",
    ),
    "OVERLOAD_LIMIT": Text(
        "Битрикс24 закрыл REST этого портала из-за нагрузки. Напишите в поддержку Битрикс24.",
        "Bitrix24 has blocked this portal's REST because of load. Write to Bitrix24 support.",
    ),
    "PAYMENT_REQUIRED": Text(
        "Тариф портала не оплачен: REST не отвечает.", "The portal's plan is not paid: REST does not answer."
    ),
    "PORTAL_DELETED": Text(
        "Портал удалён. Проверьте адрес вебхука.", "The portal has been deleted. Check the webhook's address."
    ),
    "VERIFICATION_NEEDED": Text(
        "Портал не прошёл проверку лицензии, поэтому REST не отвечает. Администратору портала нужно проверить лицензию.",
        "The portal did not pass its licence check, so REST does not answer. The portal's administrator has to check the licence.",
    ),
    "INVALID_REQUEST": Text(
        "Портал требует https. Укажите адрес вебхука с https://.",
        "The portal requires https. Begin the webhook's address with https://.",
    ),
}
_SPEAKS_OF_PLAN = re.compile(r"subscription|commercial|\bplans?\b|тариф|подписк", re.IGNORECASE)
_SPEAKS_OF_RIGHTS = re.compile(
    r"access\s+(is\s+)?denied|not enough rights|no permission|доступ\w* запрещ|нет (прав|доступа)", re.IGNORECASE
)
OPEN_METHODS: Final = frozenset({"batch", "profile", "scope", "server.time", "methods", "user.admin"})
"""Methods every webhook may call: a refusal of these is a refusal of REST itself. Of any other method it may be that one's alone."""


def missing_scope(method: str) -> MissingScope:
    """The webhook has no right for a method."""
    right = right_of(method)
    return MissingScope(
        Text(
            f"Вебхуку не хватает прав на {method}. Добавьте право «{right.ru}» в настройках вебхука на портале.",
            f"The webhook lacks the right for {method}. Add the right “{right.en}” in the webhook's settings.",
        ),
        "INSUFFICIENT_SCOPE",
        final=True,
    )


def no_list(method: str) -> Refused:
    """The answer of a list is none: null, a number, a text."""
    return Refused(
        Text(
            f"Портал ответил на {method} не списком.", f"The portal answered {method} with something that is no list."
        ),
        "NO_LIST",
    )


def empty_answer() -> Broken:
    """A batch was answered with nothing at all."""
    return Broken(
        Text(
            "Портал отвечает на запросы пустотой вместо данных. Повторите позже; если не пройдёт, покажите это администратору портала.",
            "The portal answers requests with nothing instead of data. Try again later; if it does not pass, show this to the portal's administrator.",
        ),
        EMPTY_ANSWER,
    )


def page_instead(status: int) -> Broken:
    """The answer was no JSON."""
    return Broken(
        Text(
            f"Портал ответил не данными, а страницей (HTTP {status}). Проверьте адрес вебхука или повторите позже.",
            f"The portal answered with a page instead of data (HTTP {status}). Check the webhook's address or try again later.",
        ),
        f"HTTP_{status}",
    )


def of_answer(
    method: str, error: object, description: object, status: int = 200, wait: float | None = None
) -> PortalError:
    """The exception for an error envelope; by code first, the HTTP status only as a hint: docs, SDKs and code disagree on statuses."""
    code = str(error if error is not None else "").strip().upper()
    said = redact(str(description or "")).strip()[:300]
    if code in LIMIT_CODES or (status == 429 and code not in _WHOLE_PORTAL):
        return Busy(
            Text(f"Портал занят ({code or status}): {said}", f"The portal is busy ({code or status}): {said}"),
            code,
            wait,
        )
    if code in _WHOLE_PORTAL:
        return Unusable(_WHOLE_PORTAL[code], code, alone=_own_reason(method, code, said, status, final=True))
    if code in _TROUBLE_CODES or status >= 500:
        return Broken(
            Text(
                f"Портал не справился с запросом ({code or status}): {said}",
                f"The portal failed to answer ({code or status}): {said}",
            ),
            code,
        )
    if code == "INSUFFICIENT_SCOPE":
        return missing_scope(method)
    if code == "ACCESS_DENIED" and (method.lower() in OPEN_METHODS or _SPEAKS_OF_PLAN.search(said)):
        return Unusable(_PLAN, code, alone=_own_reason(method, code, said, status, final=True))
    if code in ("ACCESS_DENIED", "ALLOWED_ONLY_INTRANET_USER"):
        return Refused(
            Text(
                f"У владельца вебхука нет прав на {method}. Создайте вебхук под администратором.",
                f"The webhook's owner has no rights for {method}. Create the webhook under an administrator.",
            ),
            code,
            final=True,
        )
    if code in ("METHOD_CONFIRM_WAITING", "METHOD_CONFIRM_DENIED"):
        waits = code == "METHOD_CONFIRM_WAITING"
        return Refused(
            Text(
                f"Метод {method} ждёт подтверждения. Администратору портала нужно разрешить его этому вебхуку."
                if waits
                else f"Администратор портала запретил этому вебхуку метод {method}. Попросите разрешить его.",
                f"The method {method} waits to be confirmed. The portal's administrator has to allow it to this webhook."
                if waits
                else f"The portal's administrator has denied {method} to this webhook. Ask to allow it.",
            ),
            code,
            final=True,
        )
    if code == "ERROR_METHOD_NOT_FOUND":
        return Refused(
            Text(
                f"Портал не знает метода {method}: модуль выключен.",
                f"The portal does not know {method}: the module is off.",
            ),
            code,
            final=True,
        )
    return _own_reason(method, code, said, status, final=bool(_SPEAKS_OF_RIGHTS.search(said)))


def _own_reason(method: str, code: str, said: str, status: int, *, final: bool) -> Refused:
    """A refusal in the portal's own words."""
    reason = (said or code or str(status)).rstrip(" .!")
    return Refused(
        Text(f"Портал отказал в {method}: {reason}.", f"The portal refused {method}: {reason}."), code, final=final
    )
