"""A session: somebody's rights, and everything that may be asked with them.

Pages, callbacks, exports, the command line and notebooks get data from here and from nowhere else: figures and the records behind them, choices,
names, cards, what people typed with its history, pay and closed months. An import contract forbids them the rooms below (``pyproject.toml``);
``tests/access/test_exits.py`` has a case for every public method of this class.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from decimal import Decimal
from typing import Any

from dash_app.access.entries import NOT_YOURS, OWNERS, Entries
from dash_app.access.powers import ALL_POWERS, NO_POWERS, Asker, Power, power_over
from dash_app.access.scope import EVERYTHING, NOTHING, Scope
from dash_app.engine import records
from dash_app.engine.blocks import Block
from dash_app.engine.directory import Directory
from dash_app.engine.filters import Choice
from dash_app.engine.language import Report
from dash_app.engine.parsing import Params
from dash_app.engine.query import Query
from dash_app.engine.result import BlockResult, Explanation, Note, RecordsPage
from dash_app.errors import UserError
from dash_app.motivation.kinds import Closing
from dash_app.reports import closing, snoozes
from dash_app.reports.api import Base, Chip, DataState, GridRequest
from dash_app.reports.saved_views import Views
from dash_app.reports.service import ReportService
from dash_app.reports.today import today
from dash_app.reports.today.api import Today
from dash_app.store import cells
from dash_app.store.edits import Change
from dash_app.store.entries import Entry
from dash_app.store.grids.base import MonthlyGrid
from dash_app.store.workspace import Workspace
from dash_app.text import Lang, Text

NO_PERSON = Text(
    "Учётная запись не связана с сотрудником портала: данных не видно. Это поправит владелец отчётов.",
    "The account belongs to no person of the portal: no data is shown. The owner of the reports can mend it.",
)
FOREIGN = Text(
    "Учётная запись связана с сотрудником другой компании: данных не видно. Это поправит владелец отчётов.",
    "The account belongs to a person of another company: no data is shown. The owner of the reports can mend it.",
)


class Session:
    """What somebody may ask. Every method may raise ``UserError`` (NoData, BadInput), a sentence.

    ``person``: who is signed in, None where nobody signs in; what is changed bears his name, whatever name is given. ``powers``: what he may change;
    by default everything for who sees everything, else nothing.
    """

    def __init__(
        self,
        reports: ReportService,
        workspace: Workspace,
        person: Asker | None = None,
        powers: frozenset[Power] | None = None,
    ) -> None:
        self._reports = reports
        self._workspace = workspace
        self._person = person
        self._powers = powers if powers is not None else NO_POWERS if reports.rights.is_limited else ALL_POWERS
        self._typed = Entries(workspace, reports.rights, self._powers, self.cards, lambda: self.directory().departments)

    # -- who asks ----------------------------------------------------------------------------------------------------------

    @property
    def rights(self) -> Scope:
        """Whose records the answers speak of."""
        return self._reports.rights

    @property
    def blind(self) -> Text | None:
        """Why who asks sees nothing; None for who sees something."""
        return self._reports.blind

    @property
    def person(self) -> Asker | None:
        """Who is signed in; None where nobody signs in."""
        return self._person

    @property
    def name(self) -> str:
        """The name of who is signed in, as the portal has it, else the account's; '' where nobody signs in."""
        if self._person is None:
            return ""
        number = self._person.portal_user
        return (
            self._reports.name_of(number) if number is not None and not self._person.foreign else ""
        ) or self._person.account

    @property
    def signature(self) -> str | None:
        """«Анна Смирнова (anna, №17)»: what changes of who is signed in bear; None where nobody signs in."""
        if self._person is None:
            return None
        number = f", №{self._person.portal_user}" if self._person.portal_user is not None else ""
        name = self.name
        return f"{name} ({self._person.account}{number})" if name != self._person.account else f"{name}{number}"

    def may(self, power: Power) -> bool:
        """Whether something may be done."""
        return power in self._powers

    def may_type(self, kind: str) -> bool:
        """Whether entries of a kind may be changed: plans, costs, terms of pay. Cards put off and notes go by the card and the head."""
        return not self.rights.is_limited and power_over(kind) in self._powers

    def of(self, person: Asker) -> Session:
        """The session of who is signed in: an owner's sees and changes everything, anybody else's what the company structure gives him."""
        if self.rights != EVERYTHING:
            raise UserError(NOT_YOURS)
        if person.is_owner:
            return Session(self._reports, self._workspace, person, ALL_POWERS)
        if person.portal_user is None or person.foreign:
            reports = self._reports.seen_by(NOTHING, NO_PERSON if person.portal_user is None else FOREIGN)
        else:
            try:
                reports = self._reports.as_user(str(person.portal_user))
            except UserError as error:  # nothing is loaded yet, or nothing that can be read
                reports = self._reports.seen_by(NOTHING, error.text)
        return Session(reports, self._workspace, person, NO_POWERS)

    def works_here(self, user: int) -> bool:
        """Whether nothing says that a user of the portal was dismissed; asked for everybody, so by who sees everything."""
        if self.rights.is_limited:
            raise UserError(NOT_YOURS)
        return self._reports.works_here(user)

    def sight(self) -> tuple[int, int]:
        """How many departments of how many are seen whole."""
        return self._reports.sight()

    def as_user(self, user: str) -> Session:
        """The session of a user of the portal, by the company structure; BadInput for what is no user's number. Never wider than this one."""
        if self.rights.is_limited:
            raise UserError(NOT_YOURS)
        return Session(self._reports.as_user(user), self._workspace)

    def seen_by(self, rights: Scope) -> Session:
        """The session of somebody of these rights; only who sees everything may ask as another."""
        if self.rights != EVERYTHING:
            raise UserError(NOT_YOURS)
        return Session(self._reports.seen_by(rights), self._workspace)

    # -- the data ----------------------------------------------------------------------------------------------------------

    def state(self) -> DataState:
        """The current snapshot. What its refresh changed and could not read counts records of the whole portal, so it is said to who sees all of it."""
        return self._reports.state()

    def directory(self) -> Directory:
        """Names of people, departments, stages … of the current snapshot, as far as the rights reach."""
        return self._reports.directory()

    def cards(self, entity: str, ids: Sequence[int]) -> dict[int, snoozes.Card]:
        """Deals or leads by id; those the data does not know, or that are not seen, are not there."""
        return self._reports.cards(entity, ids)

    def card(self, entity: str, card_id: str) -> snoozes.Card:
        """A card by its kind and number as an address or a command has them; BadInput for one that is not there, or not seen."""
        return snoozes.card_of(self, entity, card_id)

    def tables(self) -> list[str]:
        """What ``table`` gives: the facts, and the directories beside them."""
        return self._reports.tables()

    def table(self, name: str) -> Any:
        """A fact table or a directory as an Arrow table; BadInput names those there are. Instants are naive UTC."""
        return self._reports.table(name)

    # -- questions ---------------------------------------------------------------------------------------------------------

    def reports(self) -> list[Report]:
        """All reports in navigation order."""
        return self._reports.reports()

    def report(self, slug: str) -> Report:
        """The report of this slug; BadInput names those there are."""
        return self._reports.report(slug)

    def block_of(self, report: Report, block_id: str, query: Query | None = None) -> Block:
        """A block by its id, as the query's options make it; BadInput for an unknown one."""
        return self._reports.block_of(report, block_id, query)

    def parse(self, report: Report, params: Params, *, interface: bool = True) -> Query:
        """Typed query from a query string; BadInput with a sentence for anything senseless, or for somebody unseen. ``interface``: a page asks,
        which has defaults of its own: options, cards against the period before."""
        return replace(self._reports.parse(report, params, interface=interface), cards_compared=interface)

    def query_string(self, report: Report, query: Query) -> str:
        """Canonical query string of a query, '' for the bare address."""
        return self._reports.query_string(report, query)

    def period_text(self, query: Query) -> Text:
        """«Этот месяц, 01.11.2026 – 30.11.2026», «III квартал 2026/27, …»: the period in words, with its dates."""
        return self._reports.period_text(query)

    def dates_text(self, query: Query) -> Text:
        """«февраль 2026», «за всё время»: the period in as few words as it takes."""
        return self._reports.dates_text(query)

    def first_month(self) -> int:
        """First month of the fiscal year, 1 – 12."""
        return self._reports.first_month()

    def moment(self, query: Query) -> datetime:
        """The instant the figures speak of, aware, portal zone: as-of, or that of the data."""
        return self._reports.moment(query)

    def stepped(self, query: Query, steps: int) -> Query:
        """The query of the period before (-1) or after (1): a unit goes to the next one, other dates by their own number of days."""
        return self._reports.stepped(query, steps)

    def base(self, query: Query) -> Base | None:
        """The period compared with, as it is cut; None without a comparison."""
        return self._reports.base(query)

    def base_text(self, query: Query) -> Text | None:
        """«01.10.2026 – 26.10.2026 14:03, столько же времени…»: the exact dates of the base, cut as it is; None without a comparison."""
        return self._reports.base_text(query)

    def remarks(self, query: Query) -> list[Note]:
        """What is to be known of the instant a query speaks of: today's amounts, an instant the data does not reach or the portal did not know."""
        return self._reports.remarks(query)

    def chips(self, report: Report, query: Query) -> list[Chip]:
        """Active filters in words."""
        return self._reports.chips(report, query)

    def field_filters(self, report: Report) -> list[tuple[str, Text]]:
        """Own fields people filter by: (UF_CRM_X, label)."""
        return self._reports.field_filters(report)

    def choices(self, report: Report, filter_id: str, query: Query, *, lang: Lang = "ru") -> list[Choice]:
        """Options of a filter control with counts under the other filters; BadInput for a filter or own field there is not."""
        return self._reports.choices(report, filter_id, query, lang=lang)

    def hidden(self, report: Report, query: Query) -> Text | None:
        """«Показаны 2 менеджера из 14 – из-за фильтра „Отдел“», if a filter hides people with something to show; rights are no filter."""
        return self._reports.hidden(report, query)

    # -- answers -----------------------------------------------------------------------------------------------------------

    def block(self, report: Report, block_id: str, query: Query, *, lang: Lang = "ru") -> BlockResult:
        """One block's answer; names of people, stages, "(not set)" in ``lang``. BadInput for an unknown block, or a list, which has records and no answer."""
        return self._reports.block(report, block_id, query, lang=lang)

    def records(
        self,
        report: Report,
        block_id: str,
        measure_id: str,
        row: Mapping[str, str],
        query: Query,
        request: GridRequest,
        *,
        lang: Lang = "ru",
    ) -> RecordsPage:
        """The records behind a number (``row``: key columns of the row, e.g. {'manager_id': '7'}; empty for totals), or a list block (measure_id '')."""
        return self._reports.records(report, block_id, measure_id, row, query, request, lang=lang)

    def list_columns(self, report: Report, block_id: str, measure_id: str = "") -> list[tuple[str, Text, str]]:
        """Columns a list can show beyond the default ones (own fields): (id, label, kind). ``measure_id``: of the records behind a number."""
        return self._reports.list_columns(report, block_id, measure_id)

    def explain(
        self, report: Report, block_id: str, figure_id: str, row: Mapping[str, str], query: Query, *, lang: Lang = "ru"
    ) -> Explanation:
        """How a number is counted, with its own numbers; BadInput for a block or number there is not."""
        return self._reports.explain(report, block_id, figure_id, row, query, lang=lang)

    @staticmethod
    def keys_of(block: Block) -> tuple[str, ...]:
        """Names of the keys a row of a block has."""
        return records.keys_of(block)

    def today(self, params: Params, *, lang: Lang = "ru") -> Today:
        """The start page under the filters of its address: what stands out, how the plan stands, whom to call. BadInput for a filter that is none."""
        return today(self._reports, params, lang)

    @property
    def views(self) -> Views:
        """Saved views of reports: one's own and everybody's."""
        return Views(self._workspace.views, self.rights, self.parse, self.query_string)

    # -- what people typed -------------------------------------------------------------------------------------------------

    def entries(self, kind: str) -> dict[str, Entry]:
        """Plans, costs, terms of pay … of a kind (``store.kinds``) by key."""
        return self._typed.entries(kind)

    def version_of_all(self) -> int:
        """Grows with every change of anything typed by anybody."""
        return self._typed.version_of_all()

    def history(self, key: str | None = None, most: int = 200, *, kinds: Collection[str] | None = None) -> list[Change]:
        """Changes, the newest first: of one entry (``plan:7:1:2026-02``), or of entries of some ``kinds``."""
        return self._typed.history(key, most, kinds=kinds)

    def put_entries(
        self, kind: str, values: Mapping[str, Any], who: str, *, expected: Mapping[str, int] | None = None
    ) -> list[Change]:
        """Writes entries by key, ``None`` removes one: all or none. BadInput for a senseless value or state, EditConflict where somebody else changed
        an entry since ``expected`` was read (0: it was not there)."""
        return self._typed.put_entries(kind, values, self.signature or who, expected=expected)

    def undo(self, change_id: int, who: str) -> Change | None:
        """Puts back what a change replaced, as a change of its own. BadInput for a change that cannot be undone so, EditConflict if it was changed since."""
        return self._typed.undo(change_id, self.signature or who)

    def undo_all(self, change_ids: Sequence[int], who: str) -> list[Change]:
        """Puts back what several changes replaced, the newest first: all or none. Errors as of ``undo``."""
        return self._typed.undo_all(change_ids, self.signature or who)

    def save_cells(self, grid: MonthlyGrid, edits: Sequence[cells.Edit], who: str) -> cells.Outcome:
        """Cells of a monthly grid: what makes sense is saved, the rest is said beside its cell."""
        return cells.save(grid, self._typed, edits, self.signature or who)

    def put_off(self, entity: str, card_id: str, until: str, reason: str, who: str) -> Change | None:
        """Keeps a card out of the forgotten until a date; None if it was so already. BadInput for a card that is not seen."""
        return snoozes.put_off(self._typed, self, entity, card_id, until, reason, self.signature or who)

    def bring_back(self, entity: str, card_id: str, who: str) -> Change | None:
        """Ends a card's putting off; BadInput if it was not put off."""
        return snoozes.bring_back(self._typed, entity, card_id, self.signature or who)

    def put_off_cards(self) -> list[dict[str, Any]]:
        """Cards put off, the nearest date first."""
        return snoozes.listed(self.entries("snooze"), self)

    # -- pay and closed months ---------------------------------------------------------------------------------------------

    def closed_months(self) -> frozenset[str]:
        """Months whose plans, and whatever else closes with them, do not change any more."""
        return cells.closed_months(self._typed)

    def pay_months(self, most: int) -> list[closing.PayMonth]:
        """Months with plans, or ever closed, the latest first: who closed it when, rows, pay, what sales changed since."""
        return closing.pay_months(self._reports, self._typed, most)

    def close_month(self, month: str, who: str, threshold: Decimal = Decimal(1)) -> Closing:
        """Freezes a month. BadInput where it has not ended in the data, has no plan, or is closed already."""
        if self.rights.is_limited or not self.may(Power.PAY):
            raise UserError(NOT_YOURS if self.rights.is_limited else OWNERS)
        return closing.close_month(self._reports, self._typed, month, self.signature or who, threshold)

    def reopen_month(self, month: str, who: str, reason: str) -> None:
        """Opens a closed month again. BadInput without a reason or where it is not closed."""
        if self.rights.is_limited or not self.may(Power.REOPEN):
            raise UserError(NOT_YOURS if self.rights.is_limited else OWNERS)
        closing.reopen_month(self._typed, month, self.signature or who, reason)
