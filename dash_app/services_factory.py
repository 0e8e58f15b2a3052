"""Everything an interface needs, made from settings: the reports, the workspace, the refresh."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from dash_app import disk, portal_choice
from dash_app.engine.entered import Entered
from dash_app.engine.language import Report
from dash_app.engine.result import Note
from dash_app.portal.client import Client
from dash_app.portal.credentials import Webhook
from dash_app.portal.doctor import diagnose
from dash_app.portal.pacing import Pacing
from dash_app.portal.reader import Reader
from dash_app.portal_choice import effective_webhook, is_demo
from dash_app.reports.cache import AnswerCache
from dash_app.reports.service import ReportService
from dash_app.reports.session import Session
from dash_app.security.accounts import Accounts, Lifetime
from dash_app.security.attempts import Attempts
from dash_app.security.sign_in import SignIn
from dash_app.services import Administration, Condition, Services, nobody_is_gone
from dash_app.settings import Settings
from dash_app.store import machine
from dash_app.store import progress as progresses
from dash_app.store.companies import Companies
from dash_app.store.control import RefreshProcess
from dash_app.store.derive import DeriveConfig
from dash_app.store.derive.apart import derive_apart
from dash_app.store.kinds import ENTRY_KINDS
from dash_app.store.paths import PortalPaths
from dash_app.store.refresh import Refresh, bring_up_to_date, rederive
from dash_app.store.schema import FACTS_VERSION
from dash_app.store.snapshots import Snapshot, Snapshots
from dash_app.store.workspace import Workspace
from dash_app.text import Text
from dash_app.web import person
from dash_app.web.discovery import discover
from dash_app.web.shared_answers import answers_of


class PublishedSnapshot:
    """A snapshot as the reports see it."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self.id = snapshot.id
        self.facts_path = snapshot.facts_path
        self.notes = [
            Note(Text(line["ru"], line["en"]), line.get("level", "warning")) for line in snapshot.manifest.notes
        ]
        self.changes = dict(snapshot.manifest.changes)

    def facts_as_of(self, instant: datetime) -> Path:
        """Facts of an earlier instant."""
        return self._snapshot.facts_as_of(instant)


def webhook_and_paths(settings: Settings) -> tuple[Webhook, PortalPaths]:
    """Whose portal, and where its data lies."""
    machine.configure(settings)
    webhook = effective_webhook(settings)
    return webhook, PortalPaths.of(settings.data_dir, webhook.portal_key)


def workspace_url(settings: Settings, paths: PortalPaths) -> str:
    """Where what people type is kept."""
    return settings.workspace_url or f"sqlite:///{paths.workspace}"


def workspace_of(settings: Settings, paths: PortalPaths) -> Workspace:
    """What people typed for the company whose data is published (``store.companies``)."""
    companies = Companies(paths)

    def whose() -> str:
        key = companies.current()
        return f"{paths.root.name}~{key}" if key else paths.root.name

    return Workspace(workspace_url(settings, paths), portal=whose)


def derive_config(settings: Settings, workspace: Workspace) -> DeriveConfig:
    """Settings that change facts: what people chose, else the deployment's defaults."""
    chosen = workspace.values()
    return DeriveConfig(
        timezone=chosen.time_zone or settings.timezone,
        roles={int(k): v for k, v in chosen.pipeline_roles.items()},
        success_stages={int(k): v for k, v in chosen.success_stages.items()},
        loss_reason_field=chosen.loss_reason_field or None,
        work_hours=chosen.work_hours,
        calendar=chosen.calendar,
        required_fields=chosen.required_fields,
    )


def apply_settings(settings: Settings, paths: PortalPaths, workspace: Workspace) -> bool:
    """Derives the facts anew if they were derived with other settings than those in force; whether they were. AlreadyRunning while a
    refresh holds the portal: what it publishes is brought up to date when it ends (``cli.sync``)."""
    current = Snapshots(paths).current()
    wanted = derive_config(settings, workspace)
    if current is None or current.manifest.derive_config().document() == wanted.document():
        return False
    rederive(paths, wanted, derive_facts=derive_apart)
    return True


def typed_of(workspace: Workspace) -> Callable[[], Entered]:
    """What people typed, read again only after a change."""
    last: list[Entered] = [Entered(version="never read")]

    def read() -> Entered:
        version = f"{workspace.portal} {workspace.version_of_all()}"
        if last[0].version != version:
            last[0] = Entered(version, workspace.values(), {kind: workspace.entries(kind) for kind in ENTRY_KINDS})
        return last[0]

    return read


def least_idle(workspace: Workspace) -> int:
    """The least N of Незабудка anywhere: a card silent for less is forgotten nowhere."""
    chosen = workspace.values()
    return min(chosen.forgotten_lead_days, chosen.forgotten_deal_days, *chosen.forgotten_days_by_stage.values())


def refresh_of(
    settings: Settings, *, full: bool = False, started_by: str = "cli", accept: str | None = None
) -> Refresh:
    """A refresh of the configured portal, ready to run. ``accept``: see ``Refresh``. The demo portal may be generated anew at will."""
    webhook, paths = webhook_and_paths(settings)
    workspace = workspace_of(settings, paths)
    pacing = Pacing(settings.requests_per_second, settings.request_burst, memory=paths.pacing)
    client = Client(webhook, pacing)
    hours = workspace.values().reconcile_hours
    return Refresh(
        paths,
        Reader(client),
        derive_config(settings, workspace),
        full=full,
        started_by=started_by,
        accept=accept,
        trusts=is_demo(settings),
        reconcile_after=timedelta(hours=hours) if hours else None,
        idle_after=timedelta(days=least_idle(workspace)),
        cancelled=pacing.cancelled,
        requests=lambda: pacing.requests,
        derive=partial(derive_apart, cancelled=pacing.cancelled),
    )


def services_of(settings: Settings, extra: Sequence[Report] = ()) -> Services:
    """Everything the pages need. Raises UserError when the webhook makes no sense."""
    _, paths = webhook_and_paths(settings)
    workspace = workspace_of(settings, paths)
    everything = Session(
        _reports(settings, paths, workspace, [*discover(), *extra], answers_of(settings, paths)), workspace
    )
    sign_in = sign_in_of(settings, workspace) if settings.sign_in != "none" else None
    return Services(
        settings=settings,
        session=asked_by(everything, sign_in),
        refresh=RefreshProcess(paths),
        administration=Administration(
            workspace,
            rederive=lambda: rederive(paths, derive_config(settings, workspace), derive_facts=derive_apart),
            doctor=lambda: diagnose(
                Client(
                    effective_webhook(settings),
                    Pacing(settings.requests_per_second, settings.request_burst),
                    patience=10,
                )
            ),
            try_webhook=lambda given: diagnose(
                Client(
                    Webhook.parse(given, portal_choice.PAGE),
                    Pacing(settings.requests_per_second, settings.request_burst),
                    patience=10,
                ),
                settings.timezone,
            ),
            connect=lambda given: _connect(settings, given),
        ),
        sign_in=sign_in,
        condition=partial(condition_of, paths, workspace),
        works_here=nobody_is_gone if sign_in is None else everything.works_here,
    )


def condition_of(paths: PortalPaths, workspace: Workspace) -> Condition:
    """How a portal's data and database fare now, of what is on disk: any process says the same."""
    snapshots = Snapshots(paths)
    current = snapshots.current()
    progress = progresses.read(paths)
    try:
        workspace.version_of_all()
        answers = True
    except (
        Exception
    ):  # whatever it is, a monitor is told that the database does not answer; who looks for why finds it in the log
        answers = False
    reason = None if answers else "workspace_unreachable"
    if current is None:
        reason = reason or ("no_data" if snapshots.trouble() is None else "data_unreadable")
    known = progress is not None and progress.phase != ""
    return Condition(
        reason=reason,
        data_age=None
        if current is None
        else (datetime.now(UTC) - current.manifest.moment.replace(tzinfo=UTC)).total_seconds(),
        outcome="" if progress is None or not known else "running" if progress.running else progress.phase,
        refreshed=progress.updated if progress is not None else 0.0,
        refresh_took=max(0.0, progress.updated - progress.started) if progress is not None else 0.0,
        workspace=answers,
        records=dict(current.manifest.rows) if current is not None else {},
    )


def asked_by(everything: Session, sign_in: SignIn | None) -> Callable[[], Session]:
    """The session of whoever asks: where nobody signs in, of everybody who reaches the pages; else of who is signed in."""
    if sign_in is None:
        return lambda: everything
    return partial(person.session_of, everything, sign_in)


def sign_in_of(settings: Settings, workspace: Workspace) -> SignIn:
    """The way in by local accounts, kept in the workspace's database."""
    life = Lifetime(idle=timedelta(hours=settings.sign_in_idle_hours), whole=timedelta(days=settings.sign_in_days))
    return SignIn(Accounts(workspace), Attempts(workspace), life)


def _connect(settings: Settings, given: str) -> None:
    portal_choice.keep(settings, Webhook.parse(given, portal_choice.PAGE))
    _, paths = webhook_and_paths(settings)
    RefreshProcess(paths).start("connect")


def session_of(settings: Settings) -> Session:
    """The session of who runs a command: everything; ``Session.as_user`` narrows it. Answers are kept in memory only."""
    _, paths = webhook_and_paths(settings)
    workspace = workspace_of(settings, paths)
    return Session(_reports(settings, paths, workspace, discover(), AnswerCache()), workspace)


def _reports(
    settings: Settings, paths: PortalPaths, workspace: Workspace, reports: Sequence[Report], cache: AnswerCache
) -> ReportService:
    try:
        bring_up_to_date(paths, derive_config(settings, workspace), derive_facts=derive_apart)
    except Exception as error:
        if not isinstance(disk.foreseen(error), disk.Damaged):
            raise  # what is damaged is said where it is asked for, beside the button that makes it anew
    snapshots = Snapshots(paths)

    def current() -> PublishedSnapshot | None:
        found = snapshots.current()
        if found is None:
            if (why := snapshots.trouble()) is not None:
                raise why
            return None
        if found.manifest.facts > FACTS_VERSION:  # of a version that was installed while this process ran
            raise disk.newer_data(found.path / "manifest.json")
        if (
            found.manifest.facts < FACTS_VERSION
        ):  # its raw data cannot be read, so no facts of this version could be made
            raise disk.damaged(found.raw_path)
        return PublishedSnapshot(found)

    return ReportService(current, reports, cache, is_demo=is_demo(settings), typed=typed_of(workspace))
