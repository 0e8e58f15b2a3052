"""By the stage of a deal or the status of a lead. A stage of one kind of cards alone says nothing of the other."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from dash_app.engine.directory import NO_STAGE, NONE, Directory, Stage
from dash_app.engine.facts import FACTS, Fact
from dash_app.engine.filters.base import CARDS, Choice, Clause, Counts, OfTexts
from dash_app.text import Lang, Text


class _Stages(OfTexts):
    def knows(self, directory: Directory, value: str) -> bool:
        return any(stage_id == value for _, _, stage_id in directory.stages)

    def name(self, directory: Directory, value: str) -> Text:
        """A stage with its pipeline in front: same-named stages of two pipelines are two stages."""
        for entity, pipeline, known in directory.stages:
            if known == value:
                name, owner = directory.stage(entity, pipeline, value), _owner(directory, entity, pipeline)
                return Text(f"{owner.ru}: {name.ru}", f"{owner.en}: {name.en}")
        return Text(value, value)

    def clause(self, directory: Directory, fact: Fact, values: frozenset[str]) -> Clause | None:
        entities = [FACTS[cards].entity for cards in fact.cards] or [fact.entity]
        meant = values & frozenset({NONE}).union(*(directory.stage_ids(entity) for entity in entities))
        return super().clause(directory, fact, meant) if meant else None

    def choices(self, directory: Directory, counts: Counts, lang: Lang) -> list[Choice]:
        listed: list[Choice] = []
        order = {pipeline: place for place, pipeline in enumerate(directory.pipelines)}
        for fact, number in counts.items():
            stages = [s for s in directory.stages.values() if s.entity == FACTS[fact].entity]
            for stage in sorted(stages, key=lambda s: (order.get(s.pipeline_id or 0, -1), s.rank)):
                if _is_offered(directory, FACTS[fact], stage, number):
                    group = _owner(directory, stage.entity, stage.pipeline_id)
                    name = directory.stage(stage.entity, stage.pipeline_id, stage.stage_id)
                    held = number.get(stage.stage_id, 0)
                    choice = Choice(stage.stage_id, name.of(lang), held, group=group.of(lang), inactive=not stage.known)
                    listed.append(choice)
        without = sum(number.get(None, 0) for number in counts.values())
        if without:  # the portal gives nearly every card one, so the choice is there only where it leads to something
            listed.append(Choice(NONE, NO_STAGE.of(lang), without))
        return listed


def _is_offered(directory: Directory, fact: Fact, stage: Stage, number: Mapping[Any, int]) -> bool:
    """Stages of sales pipelines, or of cards that have none; a deleted one only where it leads to something."""
    if fact.column("pipeline_id") is not None:
        pipeline = directory.pipelines.get(stage.pipeline_id) if stage.pipeline_id is not None else None
        if pipeline is None or pipeline.role != "sales":
            return False
    return stage.known or bool(number.get(stage.stage_id))


def _owner(directory: Directory, entity: str, pipeline: int | None) -> Text:
    """Whose stages these are: the pipeline's, or those of all cards of a kind that has none."""
    if pipeline is not None:
        return directory.pipeline(pipeline)
    label = next(fact.label for fact in FACTS.values() if fact.entity == entity)
    return Text(label.ru.capitalize(), label.en.capitalize())


FILTER = _Stages(
    id="stage",
    title=Text("Стадия", "Stage"),
    genitive=Text("Стадии", "stage"),
    column="stage_id",
    place=60,
    row_key="stage_id",
    unset=NO_STAGE,
    counted=CARDS,
)
