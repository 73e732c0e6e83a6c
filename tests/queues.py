"""A reviewer's queue as Argilla's web UI keeps it, over the API: what it asks for, and when."""

from __future__ import annotations

from collections.abc import Sequence

from tests.workspace.server.conftest import Api, Dataset

PAGE = 10
BUFFER = PAGE // 2
PENDING = ("pending",)


class Queue:
    """The records that a page has, by their place; it asks for more before the reviewer is through.

    An answered record stays on its place, and is taken off the offset of what is asked for next.

    Args:
        dataset: what is reviewed.
        api: the reviewer's client.
        statuses: the statuses of the reviewer's own answers to ask for; the page asks for pending ones.
    """

    def __init__(self, dataset: Dataset, api: Api, statuses: Sequence[str] = PENDING) -> None:
        self._dataset, self._api = dataset, api
        scopes = {"response": list(statuses), "record": ["pending"]}
        terms = [
            {"type": "terms", "scope": {"entity": entity, "property": "status"}, "values": values}
            for entity, values in scopes.items()
        ]
        self._body = {"filters": {"and": terms}}
        self.places: dict[int, str] = {}
        self.answered: set[str] = set()
        self.place = 1
        self.total = self._ask(1, 0)

    @property
    def record(self) -> str | None:
        """The server's id of the record that is shown; None at the end."""
        return self.places.get(self.place)

    @property
    def waiting(self) -> list[str]:
        """What the page has and the reviewer has not answered, in order."""
        return [record for _, record in sorted(self.places.items()) if record not in self.answered]

    def answer(self, status: str = "submitted") -> str:
        """Answer the shown record and go on to the next; returns the answered one."""
        record = self.record
        assert record
        values = {"nota": {"value": "x"}}
        self._api.post(f"/records/{record}/responses", {"status": status, "values": values})
        self.answered.add(record)
        self.forward()
        return record

    def forward(self) -> None:
        """Go to the next record, and ask for more when few are left."""
        self.place += 1
        last = max(self.places)
        if self.place > last:
            self._ask(self.place, last - len(self.answered))
        elif self.total != last and last - self.place <= BUFFER:
            self._ask(last + 1, last - len(self.answered))

    def _ask(self, place: int, offset: int) -> int:
        found = self._dataset.search_raw(self._body, api=self._api, mine=True, offset=offset, limit=PAGE)
        for number, item in enumerate(found["items"]):
            record = item["record"]["id"]
            self.places = {known: other for known, other in self.places.items() if other != record}
            self.places[place + number] = record
        return int(found["total"])
