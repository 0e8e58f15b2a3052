"""A text in both languages of the interface. Everything a person reads is one of these, never a bare string."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Lang = Literal["ru", "en"]


@dataclass(frozen=True, slots=True)
class Text:
    """The same sentence or label in Russian and English."""

    ru: str
    en: str

    def of(self, lang: Lang) -> str:
        """The text in ``lang``."""
        return self.ru if lang == "ru" else self.en

    @property
    def capitalized(self) -> Text:
        """As it begins a sentence."""
        return Text(self.ru[:1].upper() + self.ru[1:], self.en[:1].upper() + self.en[1:])

    def format(self, **values: object) -> Text:
        """Both languages with ``{name}`` placeholders filled in."""
        return Text(self.ru.format(**values), self.en.format(**values))
