"""What machines ask: ``/health/live``, ``/health/ready`` and ``/metrics``. Neither names nor secrets: ages, outcomes, counts."""

from __future__ import annotations

import hmac
from collections.abc import Iterator

from flask import Flask, Response, jsonify, request
from prometheus_client import CONTENT_TYPE_LATEST
from prometheus_client.core import GaugeMetricFamily, Metric

from dash_app.services import Condition, Services
from dash_app.text import Text
from dash_app.web import metering
from dash_app.web.doors import Doors
from dash_app.web.guard import said
from dash_app.web.routes import LIVE, METRICS, READY

OUTCOMES = ("done", "failed", "cancelled", "running")
CLOSED = Text(
    "Показатели отвечают этому компьютеру или с токеном METRICS_TOKEN.",
    "Metrics answer this machine, or a request with METRICS_TOKEN.",
)


def answer_machines(server: Flask, services: Services, doors: Doors) -> None:
    """Adds the three addresses. Strangers are refused before them (``web/doors.py``)."""

    @server.get(LIVE)
    def live() -> Response:
        return _fresh(jsonify(live=True))

    @server.get(READY)
    def ready() -> Response:
        condition = services.condition()
        response = jsonify(
            ready=condition.reason is None,
            reason=condition.reason,
            data_age_seconds=_whole(condition.data_age),
            last_refresh={"outcome": condition.outcome, "at": _whole(condition.refreshed)}
            if condition.outcome
            else None,
            workspace=condition.workspace,
        )
        response.status_code = 200 if condition.reason is None else 503
        return _fresh(response)

    @server.get(METRICS)
    def metrics() -> Response:
        if not _may_read(services, doors):
            response = said(CLOSED, 401)
            response.headers["WWW-Authenticate"] = "Bearer"
            return _fresh(response)
        return _fresh(Response(metering.written(_Conditions(services.condition())), content_type=CONTENT_TYPE_LATEST))


def _may_read(services: Services, doors: Doors) -> bool:
    """A peer on this machine that is no proxy – behind one everybody would be –, or whoever has the token."""
    if doors.is_this_machine(request.environ.get("REMOTE_ADDR") or ""):
        return True
    token = services.settings.metrics_token
    wanted = token.get_secret_value() if token is not None else ""
    given = request.headers.get("Authorization", "").partition("Bearer ")[2]
    return bool(wanted) and hmac.compare_digest(given.encode(), wanted.encode())


def _fresh(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response


def _whole(seconds: float | None) -> int | None:
    return None if seconds is None else int(seconds)


class _Conditions:
    """What lies on disk, as Prometheus asks for it: the same whichever worker answers."""

    def __init__(self, condition: Condition) -> None:
        self._condition = condition

    def collect(self) -> Iterator[Metric]:
        """One gauge a fact; what is not known is left out."""
        of = self._condition
        yield GaugeMetricFamily("reports_ready", "1 where /health/ready says 200.", value=float(of.reason is None))
        yield GaugeMetricFamily("reports_workspace_up", "1 where the workspace database answers.", float(of.workspace))
        if of.data_age is not None:
            yield GaugeMetricFamily("reports_data_age_seconds", "Since the moment the data speaks of.", of.data_age)
        if of.outcome:
            yield GaugeMetricFamily("reports_last_refresh_duration_seconds", "How long it took.", of.refresh_took)
            yield GaugeMetricFamily(
                "reports_last_refresh_timestamp_seconds", "When it last said something.", of.refreshed
            )
            outcome = GaugeMetricFamily("reports_last_refresh_outcome", "1 at what became of it.", labels=["outcome"])
            for name in OUTCOMES:
                outcome.add_metric([name], float(name == of.outcome))
            yield outcome
        records = GaugeMetricFamily("reports_records", "Rows read from the portal, by table.", labels=["kind"])
        for kind, rows in sorted(of.records.items()):
            records.add_metric([kind], rows)
        yield records
