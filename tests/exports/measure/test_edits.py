"""Edit rates: sacrebleu's figures, and which texts count."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from sacrebleu.metrics import CHRF, TER

from exports.measure.edits import Distances, EditRates, Reviewed, edit_rate, edit_rates
from exports.review.files import Review
from tests.exports.cases import TRANSLATED, record, vote
from workspace.model.ballots import Ballot
from workspace.model.records import Record, Translation

PROMPT = "¿Qué es el compost 1?"


def ballot(reviewer: str, prompt: str | None = PROMPT, answers: Any = TRANSLATED, **changes: Any) -> Ballot:
    return vote(1, 2, 3, reviewer=reviewer, prompt=prompt, answers=answers, **changes)


def rates(*ballots: Ballot, records: tuple[Record, ...] = (record(1),)) -> EditRates:
    return edit_rates(Review(records, ballots))


def test_ter_of_snover_s_example() -> None:
    """Snover et al. 2006, section 2.1: one shift, two substitutions and one insertion, 4 edits of 13 words (31 %)."""
    reference = "SAUDI ARABIA denied THIS WEEK information published in the AMERICAN new york times"
    hypothesis = "THIS WEEK THE SAUDIS denied information published in the new york times"
    found = Distances().of(hypothesis, reference)
    assert (found.edits, found.words) == (4, 13)


def test_untouched_texts() -> None:
    (found,) = rates(ballot("ana")).engines.values()
    assert (found.untouched.value, found.ter.value, found.chrf.value) == (1, 0, 1)
    assert (found.texts, found.records, found.ter.reason) == (4, 1, "one_record")


def test_a_corrected_text_by_engine_and_by_reviewer() -> None:
    corrected = ("Es bueno para la tierra.", *TRANSLATED[1:])
    found = rates(ballot("ana"), ballot("eva", answers=corrected), ballot("luis", answers=corrected))
    assert list(found.reviewers) == ["ana", "eva", "luis"]
    assert list(found.engines) == ["apertium 3.8"]
    assert [found.reviewers[name].untouched.value for name in ("ana", "eva", "luis")] == [1, 0.75, 0.75]
    final = found.engines["apertium 3.8"]
    texts = [PROMPT, *corrected]
    suggestions = [PROMPT, *TRANSLATED]
    assert final.ter.value == pytest.approx(TER().corpus_score(suggestions, [texts]).score / 100)
    chrf = [CHRF().sentence_score(one, [two]).score / 100 for one, two in zip(suggestions, texts, strict=True)]
    assert final.chrf.value == pytest.approx(sum(chrf) / 4)
    assert final.untouched.value == 0.75


def test_white_space_is_not_an_edit() -> None:
    (found,) = rates(ballot("ana", prompt=f"  {PROMPT}\n\n".replace(" es ", "\nes  "))).engines.values()
    assert (found.untouched.value, found.ter.value) == (1, 0)


def test_a_text_counts_only_where_there_is_a_suggestion() -> None:
    half = record(1, translation=Translation("es", "m", "", (TRANSLATED[0], "", TRANSLATED[2])))
    found = rates(ballot("ana"), records=(half,))
    assert found.engines["m"].texts == found.reviewers["ana"].texts == 2
    none = rates(ballot("ana"), records=(record(1, translation=None),))
    assert none == EditRates({}, {})


def test_only_submitted_texts_count_and_blank_ones_are_none() -> None:
    found = rates(
        ballot("ana", prompt="Otro texto", status="draft"),
        ballot("eva", prompt=" ", answers=(None, *TRANSLATED[1:]), problems=("not_rankable",)),
    )
    assert list(found.reviewers) == ["eva"]
    assert found.reviewers["eva"].texts == found.engines["apertium 3.8"].texts == 2
    assert rates(ballot("ana", status="discarded")) == EditRates({}, {})


def test_no_texts_have_no_rate() -> None:
    found = edit_rate([[]])
    assert {found.untouched.reason, found.ter.reason, found.chrf.reason} == {"no_texts"}
    assert (found.texts, found.records) == (0, 0)


def test_each_engine_has_its_rate_and_its_interval() -> None:
    records = tuple(
        replace(record(n), translation=Translation("es", engine, "hola mundo", TRANSLATED))
        for n, engine in enumerate(["uno", "uno", "otro"])
    )
    ballots = tuple(
        ballot("ana", prompt=text, record_id=f"h4rmony-{n}")
        for n, text in enumerate(["hola mundo", "hola a todo el mundo", "hola mundo"])
    )
    found = rates(*ballots, records=records).engines
    assert list(found) == ["otro", "uno"]
    assert found["uno"].records == 2
    assert found["uno"].ter.low == 0
    assert found["uno"].ter.high is not None
    assert found["uno"].ter.high > (found["uno"].ter.value or 0) > 0
    seen: list[Reviewed] = []
    edit_rates(Review(records, ballots), lambda items: (seen.append(item) or item for item in items))
    assert [item.id for item, _ in seen] == ["h4rmony-0", "h4rmony-1", "h4rmony-2"]
