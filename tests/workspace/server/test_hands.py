"""Which pending records reviewers are given, over the API as the web UI asks; and what is in whose hand."""

from __future__ import annotations

import random
from itertools import combinations

from tests.queues import PAGE, Queue
from tests.workspace.server.conftest import Api, Dataset
from workspace.server.hands import SECONDS, Hands


def team(api: Api, records: int, reviewers: int) -> tuple[Dataset, list[Api]]:
    dataset = api.dataset(min_submitted=2)
    dataset.load_texts(*map(str, range(records)))
    return dataset, [api.user(workspace=dataset.workspace)[0] for _ in range(reviewers)]


def test_a_record_that_has_a_vote_comes_before_one_that_has_none(api: Api) -> None:
    dataset, (ana, ben, eva) = team(api, 60, 3)
    first = Queue(dataset, ana)
    voted = {first.answer() for _ in range(12)}
    second = Queue(dataset, ben)
    assert {second.answer() for _ in range(12)} == voted
    assert api.get(f"/datasets/{dataset.id}/progress")["completed"] == 12
    third = Queue(dataset, eva)  # what is complete is not pending, and the rest of both hands is taken
    assert not {*third.waiting} & {*voted, *first.waiting, *second.waiting}


def test_no_two_have_the_same_record_while_they_work_at_once_and_none_comes_twice(api: Api) -> None:
    dataset, users = team(api, 120, 4)
    queues = [Queue(dataset, user) for user in users]
    seen: list[list[str]] = [[] for _ in users]
    turns = [number for number in range(4) for _ in range(14)]
    random.Random(4).shuffle(turns)
    for turn in turns:
        status = ("submitted", "submitted", "discarded", "draft")[len(seen[turn]) % 4]
        seen[turn].append(queues[turn].answer(status))
        assert not any({*one.waiting} & {*other.waiting} for one, other in combinations(queues, 2))
    assert all(len(each) == len({*each}) == 14 for each in seen)


def test_arrows_show_every_record_once_and_opening_again_begins_with_the_same(api: Api) -> None:
    dataset, (ana, ben) = team(api, 3 * PAGE + 2, 2)
    queue, other = Queue(dataset, ana), Queue(dataset, ben)
    shown = list(queue.places.values())
    for number in range(2 * PAGE):
        queue.forward()
        if number % 4 == 0:
            other.answer()  # what others do moves nothing that was given
    assert len(queue.places) >= 2 * PAGE + 1
    assert len({*queue.places.values()}) == len(queue.places)
    assert sorted(queue.places) == list(range(1, len(queue.places) + 1))
    assert list(Queue(dataset, ana).places.values()) == shown


def test_the_last_records_are_shared_from_both_ends(api: Api) -> None:
    dataset, (ana, ben) = team(api, 6, 2)
    first, second = Queue(dataset, ana), Queue(dataset, ben)
    assert second.waiting == first.waiting[::-1]
    while first.record or second.record:
        for queue in (first, second):
            if queue.record:
                queue.answer()
    assert api.get(f"/datasets/{dataset.id}/progress")["completed"] == 6


def test_a_hand_is_kept_for_an_hour() -> None:
    now = 0.0
    hands = Hands(lambda: now)
    hands.give("ana", ["1", "2"])
    assert sorted(hands.ranks("ana", anew=True), key=hands.ranks("ana", anew=True).__getitem__) == ["1", "2"]
    mine, theirs = hands.ranks("ana", anew=False), hands.ranks("ben", anew=True)
    assert mine["1"] < mine["2"] < 0 < theirs["2"] < theirs["1"]
    hands.give("ben", ["2"])
    assert hands.ranks("eva", anew=True)["2"] > hands.ranks("eva", anew=True)["1"]  # two others have it
    hands.answered("ana", "1")
    assert hands.ranks("ana", anew=False).keys() == {"2"}
    now = SECONDS
    assert hands.ranks("eva", anew=True) == {}
    assert hands.ranks("ana", anew=False).keys() == {"2"}  # a page that is open still shows it
    assert hands.ranks("ana", anew=True) == {}


def test_who_reads_more_than_a_page_is_given_nothing(api: Api) -> None:
    dataset, (ana, ben) = team(api, 20, 2)
    pending = {"type": "terms", "scope": {"entity": "response", "property": "status"}, "values": ["pending"]}
    dataset.search_raw({"filters": {"and": [pending]}}, api=ana, mine=True, limit=1000)
    mine = Queue(dataset, ben).waiting
    assert {*Queue(dataset, ana).waiting}.isdisjoint(mine)
