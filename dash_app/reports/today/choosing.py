"""Which of what was found is said: by money, weighed by how far it is from its usual. The rule says itself."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from dash_app.reports.today.api import MOST_SENTENCES, Said, Sentence
from dash_app.reports.today.candidates import ALIKE, Pile
from dash_app.reports.today.finding import Finding
from dash_app.text import Text

MOST_WEIGHT = 5.0
"""Beyond so many spreads farther is no worse."""

_PLACE = Text(
    "Место {place:number} из {n:number}: {money:money} × {weight:tenth} (отклонение, от 1 до {most:number}). Говорится не больше {said:number}.",
    "Place {place:number} of {n:number}: {money:money} × {weight:tenth} (how far, 1 to {most:number}). At most {said:number} are said.",
)


def weight_of(finding: Finding) -> float:
    """How much being far from its usual weighs: 1 for what has no usual."""
    return 1.0 if finding.distance is None else min(max(finding.distance, 1.0), MOST_WEIGHT)


def choose(findings: Sequence[Finding]) -> tuple[Sentence, ...]:
    """The sentences of the page, the weightiest first; of what says nearly the same, the weightiest alone."""
    ranked = sorted(findings, key=lambda f: (-(f.money * Decimal(str(weight_of(f)))), f.candidate.id, f.opened.row))
    said: list[Sentence] = []
    taken: dict[str, int] = {}
    for place, found in enumerate(ranked, 1):
        kind = ALIKE.get(found.candidate.id, found.candidate.id)
        most = found.candidate.most if isinstance(found.candidate, Pile) else 1
        if taken.get(kind, 0) >= most:
            continue
        taken[kind] = taken.get(kind, 0) + 1
        values = {
            "place": place,
            "n": len(ranked),
            "money": found.money,
            "weight": weight_of(found),
            "most": MOST_WEIGHT,
            "said": MOST_SENTENCES,
        }
        said.append(
            Sentence(
                found.candidate.id,
                found.more() or found.said,
                found.opened,
                found.money,
                found.shown,
                found.estimated,
                found.distance,
                (*found.why, Said(_PLACE, values)),
            )
        )
        if len(said) == MOST_SENTENCES:
            break
    return tuple(said)
