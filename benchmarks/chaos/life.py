"""A company at work between two refreshes: what people of the demo portal change, by seed.

Everything changed has a new date of change, so that an increment sees what a load of everything sees, and any difference is a fault's.
"""

from __future__ import annotations

import random
from typing import Any

from dash_app.demo.rest.clock import Clock, iso
from dash_app.demo.rest.portal import Portal
from dash_app.demo.rest.protocol import METHODS, Call, RestError


class Hands(Clock):
    """The portal's clock, moved by hand. ``at``: epoch seconds; ``lie``: by how much the portal shows another time than it is."""

    def __init__(self, at: float) -> None:
        super().__init__()
        self.at = at
        self.lie = 0.0

    def now(self) -> float:
        """What the portal shows."""
        return self.at + self.lie


class Life:
    """Changes of every kind a portal knows, through the methods its own pages call."""

    def __init__(self, portal: Portal, clock: Hands, seed: int) -> None:
        self._portal = portal
        self._clock = clock
        self._dice = random.Random(seed)

    def call(self, method: str, **params: Any) -> Any:
        """A REST method without the way to it. A record that is gone by now is nobody's mistake."""
        found = METHODS.find(method)
        assert found is not None, method
        with self._portal.database.reader() as db:
            try:
                return found.run(Call(self._portal, db, found.name, params)).result
            except RestError:
                return None

    def _any(self, table: str, column: str = "ID") -> Any:
        with self._portal.database.reader() as db:
            values = [row[0] for row in db.execute(f"SELECT {column} FROM {table} ORDER BY ID")]
        # what is new is touched more often than what is old
        return self._dice.choice(values[-200:] if self._dice.random() < 0.7 else values) if values else 0

    def goes_on(self, changes: int) -> None:
        """So many changes, a few seconds apart."""
        for _ in range(changes):
            self._clock.at += self._dice.randint(1, 40)
            self._dice.choice(self._WAYS)(self)

    # -- what people do ----------------------------------------------------------------------------------------------------

    def _new_card(self) -> None:
        kind = self._dice.choice(["deal", "lead"])
        fields: dict[str, Any] = {
            "TITLE": f"Новая {self._dice.randrange(10**6)}",
            "OPPORTUNITY": self._dice.choice([0, 1000, 250_000.55]),
            "ASSIGNED_BY_ID": self._any("users"),
        }
        if kind == "deal":
            fields["CATEGORY_ID"] = self._any("categories")
        self.call(f"crm.{kind}.add", fields=fields)

    def _edited_card(self) -> None:
        kind = self._dice.choice(["deal", "lead"])
        fields = self._dice.choice(
            [
                {"OPPORTUNITY": self._dice.randrange(10**6)},
                {"ASSIGNED_BY_ID": self._any("users")},
                {"TITLE": f"Другая &amp; {self._dice.randrange(99)}"},
                {"OPPORTUNITY": 0, "UTM_SOURCE": "chaos"},
            ]
        )
        self.call(f"crm.{kind}.update", id=self._any(f"{kind}s"), fields=fields)

    def _moved_card(self) -> None:
        kind = self._dice.choice(["deal", "lead"])
        number = self._any(f"{kind}s")
        with self._portal.database.reader() as db:
            if kind == "deal":
                row = db.execute("SELECT CATEGORY_ID FROM deals WHERE ID = ?", [number]).fetchone()
                directory = f"DEAL_STAGE_{row[0]}" if row and row[0] else "DEAL_STAGE"
            else:
                directory = "STATUS"
            stages = [r[0] for r in db.execute("SELECT STATUS_ID FROM statuses WHERE ENTITY_ID = ?", [directory])]
        stage = self._dice.choice(stages)
        self.call(f"crm.{kind}.update", id=number, fields={"STAGE_ID" if kind == "deal" else "STATUS_ID": stage})

    def _moved_pipeline(self) -> None:
        self.call(
            "crm.item.update",
            entityTypeId=2,
            id=self._any("deals"),
            fields={"categoryId": self._any("categories")},
        )

    def _deleted(self) -> None:
        kind = self._dice.choice(["deal", "lead", "activity", "task"])
        number = self._any({"activity": "activities"}.get(kind, f"{kind}s"))
        if kind == "task":
            self.call("tasks.task.delete", taskId=number)
            return
        with self._portal.database.reader() as db:
            bound = db.execute(
                "SELECT ACTIVITY_ID FROM activity_bindings WHERE OWNER_TYPE_ID = ? AND OWNER_ID = ?",
                [{"deal": 2, "lead": 1}.get(kind, 0), number],
            ).fetchall()
        self.call(f"crm.{kind}.delete", id=number)
        for (activity,) in bound:
            self.call(
                "crm.activity.update", id=activity, fields={}
            )  # else its other owner is told with no date of change

    def _new_activity(self) -> None:
        owner = self._dice.choice([(2, "deals"), (1, "leads")])
        long_ago = self._dice.choice([600, 86_400, 30 * 86_400])
        fields: dict[str, Any] = {
            "OWNER_TYPE_ID": owner[0],
            "OWNER_ID": self._any(owner[1]),
            "TYPE_ID": self._dice.choice([1, 2, 4, 6]),
            "SUBJECT": "Дело",
            "RESPONSIBLE_ID": self._any("users"),
            "START_TIME": iso(self._clock.at - long_ago),
            "COMPLETED": self._dice.choice("YN"),
        }
        self.call("crm.activity.add", fields=fields)
        # the card's time of the last communication rises with no date of change, which only a load of everything would see
        self.call(f"crm.{owner[1][:-1]}.update", id=fields["OWNER_ID"], fields={})

    def _edited_activity(self) -> None:
        fields = self._dice.choice([{"COMPLETED": "Y"}, {"DEADLINE": iso(self._clock.at + 86_400)}, {"COMPLETED": "N"}])
        self.call("crm.activity.update", id=self._any("activities"), fields=fields)

    def _comment(self) -> None:
        kind = self._dice.choice(["deal", "lead"])
        self.call(
            "crm.timeline.comment.add",
            fields={"ENTITY_TYPE": kind, "ENTITY_ID": self._any(f"{kind}s"), "COMMENT": "…", "AUTHOR_ID": 1},
        )

    def _task(self) -> None:
        if self._dice.random() < 0.3:
            fields = {"TITLE": "Задача", "RESPONSIBLE_ID": self._any("users"), "DEADLINE": iso(self._clock.at + 86_400)}
            self.call("tasks.task.add", fields=fields)
            return
        changes = [
            {"DEADLINE": iso(self._clock.at + self._dice.randint(1, 20) * 86_400)},
            {"STATUS": self._dice.choice([2, 3, 4, 5])},
            {"RESPONSIBLE_ID": self._any("users")},
        ]
        self.call("tasks.task.update", taskId=self._any("tasks"), fields=self._dice.choice(changes))

    def _directory(self) -> None:
        self._dice.choice(
            [
                lambda: self.call(
                    "crm.status.update",
                    id=self._any("statuses"),
                    fields={"NAME": f"Стадия {self._dice.randrange(99)}"},
                ),
                lambda: self.call("user.update", ID=self._any("users"), LAST_NAME=f"Фамилия{self._dice.randrange(99)}"),
                lambda: self.call("department.add", NAME=f"Отдел {self._dice.randrange(99)}", PARENT=1),
                lambda: self.call("crm.currency.update", id="USD", fields={"AMOUNT": self._dice.randint(70, 110)}),
            ]
        )()

    _WAYS = (
        _new_card,
        _edited_card,
        _edited_card,
        _moved_card,
        _moved_card,
        _moved_card,
        _moved_pipeline,
        _deleted,
        _new_activity,
        _new_activity,
        _edited_activity,
        _comment,
        _task,
        _task,
        _directory,
    )
