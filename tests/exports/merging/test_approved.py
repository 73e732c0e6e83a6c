from __future__ import annotations

import random
from dataclasses import replace

from exports.merging.approved import Approvals, approved_texts
from exports.review.files import Review
from tests.reviews import record
from workspace.memory.store import Approved
from workspace.model.ballots import Ballot
from workspace.model.records import Record

MACHINE = ("¿Por qué los ríos? (1)", "Viven.", "Depende.", "Son útiles.")
ENGINE = "apertium 3.8"


def ballot(about: Record, reviewer: str, *texts: str | None, status: str = "submitted", **more: object) -> Ballot:
    """A ballot; texts are the prompt's and the answers', by default the suggestions."""
    given = (*texts, *MACHINE[len(texts) :])
    return Ballot(about.id, reviewer, status, "2026-01-01T00:00:00Z", (1, 2, 3), given[0], given[1:], **more)  # type: ignore[arg-type]


ONE = record(1, spanish=MACHINE)


def learn(*ballots: Ballot, records: tuple[Record, ...] = (ONE,), **options: int) -> Approvals:
    return approved_texts(Review(records, ballots), **options)


def test_a_submitted_ballot_approves_what_it_changed_and_what_it_kept() -> None:
    found = learn(ballot(ONE, "ana", MACHINE[0], "Están vivos."))
    assert found.texts == {
        ONE.prompt: Approved(MACHINE[0], ENGINE),
        "They live.": Approved("Están vivos.", ENGINE),
        "It depends.": Approved("Depende.", ENGINE),
        "They are useful.": Approved("Son útiles.", ENGINE),
    }
    assert (found.changed, found.kept, found.disputed, found.below_support) == (1, 3, 0, 0)


def test_drafts_discards_and_bad_translations_approve_nothing() -> None:
    assert learn().texts == {}
    assert learn(ballot(ONE, "ana", status="draft"), ballot(ONE, "bea", status="discarded")).texts == {}
    assert learn(ballot(ONE, "ana", problems=("bad_translation",))).texts == {}
    assert len(learn(ballot(ONE, "ana", problems=("false_fact",))).texts) == 4


def test_the_version_of_most_wins_and_a_correction_wins_a_tie() -> None:
    fixed = ballot(ONE, "ana", MACHINE[0], "Están vivos.")
    kept = ballot(ONE, "bea")
    tie = learn(fixed, kept)
    assert tie.texts["They live."].target == "Están vivos."
    assert tie.disputed == 1
    assert learn(fixed, kept, ballot(ONE, "eva")).texts["They live."].target == "Viven."


def test_too_little_support_approves_nothing_and_is_counted() -> None:
    found = learn(ballot(ONE, "ana", MACHINE[0], "Están vivos."), ballot(ONE, "bea"), min_support=2)
    assert set(found.texts) == {ONE.prompt, "It depends.", "They are useful."}
    assert found.below_support == 1


def test_a_text_of_several_records_is_settled_over_all_their_ballots_in_any_order() -> None:
    two = record(2, spanish=("¿Por qué? (2)", *MACHINE[1:]))
    ballots = [
        ballot(ONE, "ana", MACHINE[0], "Están vivos."),
        ballot(two, "ana", "¿Por qué? (2)", "Tienen vida."),
        ballot(two, "bea", "¿Por qué? (2)", "Tienen vida."),
    ]
    expected = learn(*ballots, records=(ONE, two))
    assert expected.texts["They live."].target == "Tienen vida."
    for seed in range(5):
        random.Random(seed).shuffle(ballots)
        assert learn(*ballots, records=(two, ONE)).texts == expected.texts


def test_the_origin_is_the_engine_without_the_people_and_empty_where_there_was_none() -> None:
    assert ONE.translation
    again = replace(ONE, translation=replace(ONE.translation, engine="human + opus 1"))
    assert learn(ballot(ONE, "ana"), records=(again,)).texts["They live."].origin == "opus 1"
    bare = replace(ONE, translation=None)
    found = learn(ballot(ONE, "ana"), records=(bare,))
    assert found.texts["They live."] == Approved("Viven.", "")
    assert (found.changed, found.kept) == (4, 0)


def test_other_languages_and_records_that_are_their_own_translation_are_passed_over() -> None:
    assert ONE.translation
    for changed in (replace(ONE.translation, language="ca"), replace(ONE.translation, engine="original")):
        assert learn(ballot(ONE, "ana"), records=(replace(ONE, translation=changed),)).texts == {}
