"""Methods about the portal and the caller: profile, scope, methods, server.time, batch and the like."""

from __future__ import annotations

from dash_app.demo.rest.batch import run_batch
from dash_app.demo.rest.clock import SERVER_OFFSET, iso
from dash_app.demo.rest.php import truth
from dash_app.demo.rest.portal import ALL_SCOPES
from dash_app.demo.rest.protocol import METHODS, Answer, Call, RestError

_OTHER_SCOPES = ("bizproc", "catalog", "disk", "entity", "im", "lists", "placement", "sale", "timeman")

METHODS.add("batch", run_batch)


@METHODS.method("server.time")
def server_time(call: Call) -> Answer:
    """The server's moment with its zone's offset."""
    return Answer(iso(call.portal.clock.now(), SERVER_OFFSET))


@METHODS.method("profile")
def profile(call: Call) -> Answer:
    """The caller; ``ADMIN`` is a real boolean."""
    settings = call.portal.settings
    row = call.db.execute(
        "SELECT NAME, LAST_NAME, coalesce(PERSONAL_GENDER, ''), coalesce(TIME_ZONE, '') FROM users WHERE ID = ?",
        [settings.user_id],
    ).fetchone() or ("", "", "", "")
    return Answer(
        {
            "ID": str(settings.user_id),
            "ADMIN": settings.admin,
            "NAME": row[0],
            "LAST_NAME": row[1],
            "PERSONAL_GENDER": row[2],
            "TIME_ZONE": row[3],
        }
    )


@METHODS.method("user.admin")
def user_admin(call: Call) -> Answer:
    """Whether the caller is an administrator."""
    return Answer(call.portal.settings.admin)


@METHODS.method("scope")
def scope(call: Call) -> Answer:
    """The webhook's scopes; with ``full`` all a portal knows."""
    if truth(call.param("full")):
        return Answer(sorted({*ALL_SCOPES, *_OTHER_SCOPES}))
    return Answer(list(call.portal.settings.scopes))


@METHODS.method("methods")
def methods(call: Call) -> Answer:
    """Names of the methods the webhook may call; with ``full`` all; with ``scope`` those of one scope."""
    full, wanted = truth(call.param("full")), call.param("scope")
    mine = set(call.portal.settings.scopes)
    return Answer(
        sorted(
            method.name
            for method in METHODS
            if (wanted in method.scopes if wanted else full or not method.scopes or mine & set(method.scopes))
        )
    )


@METHODS.method("method.get")
def method_get(call: Call) -> Answer:
    """Whether a method exists and whether the webhook may call it."""
    method = METHODS.find(str(call.param("name", "")))
    available = bool(method and (not method.scopes or set(method.scopes) & set(call.portal.settings.scopes)))
    return Answer({"isExisting": method is not None, "isAvailable": available})


@METHODS.method("feature.get")
def feature_get(call: Call) -> Answer:
    """Whether a feature of the plan is there."""
    code = str(call.param("CODE", ""))
    if not code:
        raise RestError("ERROR_ARGUMENT", "Argument 'CODE' is null or empty")
    return Answer({"value": "Y" if code in {"rest_offline_extended"} else "N"})


@METHODS.method("app.info")
def app_info(call: Call) -> Answer:
    """Only applications may ask."""
    if not call.application:
        raise RestError("ACCESS_DENIED", "Application context required", 403)
    return Answer(
        {
            "ID": 5,
            "CODE": call.portal.tokens.application.client_id,
            "VERSION": 1,
            "STATUS": "L",
            "INSTALLED": True,
            "PAYMENT_EXPIRED": "N",
            "DAYS": None,
            "LANGUAGE_ID": "ru",
            "LICENSE": "ru_pro100",
            "LICENSE_TYPE": "pro100",
            "LICENSE_FAMILY": "pro",
        }
    )


@METHODS.method("crm.settings.mode.get", "crm")
def settings_mode(call: Call) -> Answer:
    """1: the classic CRM, with leads."""
    return Answer(1)


@METHODS.method("calendar.settings.get", "calendar")
def calendar_settings(call: Call) -> Answer:
    """Working hours and holidays (``d.mm``, without a year) of the company."""
    return Answer(
        {
            "work_time_start": "9",
            "work_time_end": "18",
            "year_holidays": "1.01,2.01,3.01,4.01,5.01,6.01,7.01,8.01,23.02,8.03,1.05,9.05,12.06,4.11",
            "year_workdays": "",
            "week_holidays": ["SA", "SU"],
            "week_start": "MO",
            "user_name_template": "#LAST_NAME# #NAME#",
            "sync_by_push": True,
            "user_show": True,
            "path_to_user": "/company/personal/user/#user_id#/",
        }
    )
