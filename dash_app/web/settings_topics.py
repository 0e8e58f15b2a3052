"""What the settings are about: topics, each with an address of its own, and finding a setting by words of its title and help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dash_app.motivation import words as motivation_words
from dash_app.motivation.kinds import MOTIVATION
from dash_app.store.grids import known_grids
from dash_app.store.preferences import Preferences, description, title
from dash_app.text import Text
from dash_app.web import words
from dash_app.web.pages import SETTINGS
from dash_app.web.state import slug_of

HISTORY = "history"
FILE = "file"
TYPED = "typed"


@dataclass(frozen=True, slots=True)
class Topic:
    """Settings that belong together. ``links``: pages where more of the same is typed; ``kinds``: of entries whose history belongs here."""

    id: str
    title: Text
    text: Text
    icon: str
    keys: tuple[str, ...] = ()
    links: tuple[tuple[str, Text], ...] = ()
    kinds: tuple[str, ...] = ()

    @property
    def path(self) -> str:
        """Its address."""
        return f"/{SETTINGS}/{self.id}"


_OF_SETTINGS: tuple[Topic, ...] = (
    Topic(
        "pipelines",
        words.PIPELINES_TITLE,
        words.PIPELINES_TEXT,
        "funnel",
        ("pipeline_roles", "success_stages", "margins", "loss_reason_field"),
        (("/expenses", words.TO_EXPENSES),),
    ),
    Topic(
        "activity",
        words.ACTIVITY_TITLE,
        words.ACTIVITY_TEXT,
        "telephone",
        ("activity_weights", "conversion"),
        (("/manager-effectiveness", words.TO_REPORT),),
    ),
    Topic(
        "forgotten",
        words.FORGOTTEN_TITLE,
        words.FORGOTTEN_TEXT,
        "flower1",
        ("forgotten_lead_days", "forgotten_deal_days", "forgotten_days_by_stage"),
        (("/forgotten", words.TO_REPORT),),
        ("snooze",),
    ),
    Topic(
        "audit",
        words.AUDIT_TITLE,
        words.AUDIT_TEXT,
        "ui-checks-grid",
        ("required_fields",),
        (("/card-audit", words.TO_REPORT),),
    ),
    Topic(
        "time",
        words.TIME_TITLE,
        words.TIME_TEXT,
        "calendar3",
        ("work_hours", "time_zone", "fiscal_year_month", "calendar"),
        (("/plans", words.TO_PLANS), ("/motivation", words.TO_MOTIVATION)),
        ("absence",),
    ),
    Topic("data", words.DATA_TITLE, words.DATA_TEXT, "arrow-repeat", ("refresh_minutes", "reconcile_hours")),
)


def topics() -> list[Topic]:
    """All topics. A setting nobody put into one stands in that of the data, a kind of entries among what is typed."""
    placed = {key for topic in _OF_SETTINGS for key in topic.keys}
    rest = tuple(key for key in Preferences.model_fields if key not in placed)
    last = _OF_SETTINGS[-1]
    kinds = (*known_grids(), *(kind.name for kind in MOTIVATION), "leader_note")
    return [
        *_OF_SETTINGS[:-1],
        replace(last, keys=(*last.keys, *rest)),
        Topic(TYPED, words.TYPED_TITLE, words.TYPED_TEXT, "table", kinds=tuple(dict.fromkeys(kinds))),
        Topic(HISTORY, words.HISTORY, words.HISTORY_TEXT, "clock-history"),
        Topic(FILE, words.FILE_TITLE, words.FILE_TEXT, "file-earmark-arrow-down"),
    ]


def topic_at(pathname: object) -> Topic | None:
    """The topic of an address; the first for that of the settings themselves, None for any other."""
    slug = slug_of(pathname)
    if slug == SETTINGS:
        return topics()[0]
    return next((topic for topic in topics() if slug == topic.path.strip("/")), None)


@dataclass(frozen=True, slots=True)
class FoundSetting:
    """A setting that was looked for, or a topic (``key`` '')."""

    topic: Topic
    key: str
    title: Text
    help: Text


def _plain(text: str) -> str:
    return text.casefold().replace("ё", "е")


def _stem(word: str) -> str:
    """A word without its ending: «конверсии» finds «конверсию»."""
    return word[: max(4, len(word) - 2)] if len(word) > 4 else word


def found(asked: str) -> Sequence[FoundSetting]:
    """Settings and topics whose title and help have all the words asked for, those with them in the title first."""
    stems = [_stem(word) for word in _plain(asked[:200]).split()]
    if not stems:
        return []
    hits: list[tuple[int, FoundSetting]] = []
    for topic in topics():
        entries = [
            FoundSetting(topic, "", topic.title, topic.text),
            *(FoundSetting(topic, key, title(key), description(key)) for key in topic.keys),
        ]
        if topic.id == TYPED:
            entries[0] = replace(
                entries[0],
                help=Text(
                    f"{topic.text.ru} {motivation_words.QUESTION.ru}", f"{topic.text.en} {motivation_words.QUESTION.en}"
                ),
            )
        for entry in entries:
            head = _plain(f"{entry.title.ru} {entry.title.en}")
            whole = f"{head} {_plain(f'{entry.help.ru} {entry.help.en}')}"
            if all(stem in whole for stem in stems):
                hits.append((0 if all(stem in head for stem in stems) else 1, entry))
    return [entry for _, entry in sorted(hits, key=lambda hit: hit[0])]
