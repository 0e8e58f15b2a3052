"""A mapping of what packages hold, asked for when it is read: importing it imports nothing of theirs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TypeVar

T = TypeVar("T")


class Found(Mapping[str, T]):
    """What ``find`` gives, by name; called at every reading, so it keeps what is dear to find."""

    def __init__(self, find: Callable[[], Mapping[str, T]]) -> None:
        self._find = find

    def __getitem__(self, name: str) -> T:
        return self._find()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._find())

    def __len__(self) -> int:
        return len(self._find())
