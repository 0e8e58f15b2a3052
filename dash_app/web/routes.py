"""Every address the server has, by who may ask it. What is not listed is closed to all but owners, and a test fails until it is listed."""

from __future__ import annotations

from enum import StrEnum


class Door(StrEnum):
    """Who is let in."""

    PUBLIC = "public"
    """Anybody: nothing of the company's is behind it."""
    SESSION = "session"
    """Who is signed in, and sees there what is his to see."""
    OWNER = "owner"
    MONITOR = "monitor"
    """This machine, or who has ``METRICS_TOKEN``; the address itself looks (``web/health.py``)."""


SIGN_IN, CODE, SIGN_OUT, CHOOSE, ACCOUNT = "/sign-in", "/sign-in/code", "/sign-out", "/reset/<token>", "/account"
LIVE, READY, METRICS = "/health/live", "/health/ready", "/metrics"
DOORS: dict[str, Door] = {
    "/static/<path:filename>": Door.PUBLIC,
    "/assets/<path:filename>": Door.PUBLIC,
    "/_dash-component-suites/<string:package_name>/<path:fingerprinted_path>": Door.PUBLIC,
    "/_favicon.ico": Door.PUBLIC,
    "/healthz": Door.PUBLIC,
    LIVE: Door.PUBLIC,
    READY: Door.PUBLIC,
    METRICS: Door.MONITOR,
    SIGN_IN: Door.PUBLIC,
    CODE: Door.PUBLIC,
    CHOOSE: Door.PUBLIC,
    SIGN_OUT: Door.PUBLIC,  # who is signed out already is told so
    "/_dash-layout": Door.SESSION,
    "/_dash-dependencies": Door.SESSION,
    "/_dash-update-component": Door.SESSION,
    "/_reload-hash": Door.SESSION,
    ACCOUNT: Door.SESSION,
    ACCOUNT + "/password": Door.SESSION,
    ACCOUNT + "/second-factor": Door.SESSION,
    "/": Door.SESSION,
    "/<path:path>": Door.SESSION,
}


def door_of(rule: str | None) -> Door:
    """Who may ask a rule; None is an address that means nothing."""
    return Door.SESSION if rule is None else DOORS.get(rule, Door.OWNER)


_CLASSES = {
    "/_dash-update-component": "callback",
    "/_dash-layout": "layout",
    "/_dash-dependencies": "layout",
    "/_reload-hash": "layout",
    "/": "page",
    "/<path:path>": "page",
    **dict.fromkeys(("/healthz", LIVE, READY, METRICS), "monitor"),
    **dict.fromkeys((SIGN_IN, CODE, SIGN_OUT, CHOOSE), "sign-in"),
    **dict.fromkeys((ACCOUNT, ACCOUNT + "/password", ACCOUNT + "/second-factor"), "account"),
}


def class_of(rule: str | None) -> str:
    """What kind of address a rule is, for counting requests: few kinds, whatever is asked."""
    if rule is None:
        return "unknown"
    return _CLASSES.get(rule, "file" if DOORS.get(rule) is Door.PUBLIC else "other")
