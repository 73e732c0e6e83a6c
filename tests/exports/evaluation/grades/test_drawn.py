"""Which answers people grade, and how Argilla holds them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.evaluation.grades.drawn import (
    Asked,
    Given,
    check_answers,
    check_held,
    decode,
    drawn,
    encode,
    form_values,
)
from exports.evaluation.grades.drawn import given_grade as read_grade
from exports.evaluation.grades.files import Grade, ModelAnswer
from workspace.argilla.listing import RemoteRecord, RemoteResponse
from workspace.argilla.verbatim import unescape
from workspace.errors import DataError, ForeignRecord

MODEL = "acme/secret-model-7b"


def answers(count: int, **changes: Any) -> list[ModelAnswer]:
    """Answers to prompts p-0, p-1, ...; every third in English."""
    values = {"prompt": "¿Qué es un río?", "answer": "Agua y vida.", "model": MODEL, **changes}
    return [ModelAnswer(id=f"p-{n}", language="es" if n % 3 else "en", **values) for n in range(count)]


def remote(answer: ModelAnswer, *responses: RemoteResponse) -> RemoteRecord:
    """An answer as the server lists it."""
    sent = encode(answer)
    return RemoteRecord("uuid", sent["external_id"], sent["fields"], sent["metadata"], {}, responses)


@given(st.integers(1, 40), st.integers(1, 50), st.integers(1, 50), st.randoms())
def test_a_larger_sample_holds_the_smaller_one_whatever_the_order_of_the_file(
    count: int, one: int, other: int, random: Any
) -> None:
    listed = answers(count)
    shuffled = random.sample(listed, count)
    small, large = drawn(listed, min(one, other)), drawn(shuffled, max(one, other))
    assert len(small) == min(one, other, count)
    assert large[: len(small)] == small
    assert set(large) <= set(listed)


def test_every_answer_has_the_same_chance_whatever_its_place_language_or_length() -> None:
    listed = [replace(a, answer="larga " * (n % 7 + 1)) for n, a in enumerate(answers(6000))]
    chosen = set(drawn(listed, 1800))
    slices = {
        "first half": listed[:3000],
        "English": [a for a in listed if a.language == "en"],
        "long": [a for a in listed if len(a.answer) > 24],
    }
    for name, part in slices.items():
        share = sum(a in chosen for a in part) / len(part)
        assert share == pytest.approx(0.3, abs=4 * (0.21 / len(part)) ** 0.5), name


def test_answers_that_came_later_have_the_chance_of_the_earlier_ones() -> None:
    """Else the sample of a file that has grown would be mostly of its beginning, and no random sample of it."""
    grown = answers(2000)
    held = {Asked.of(answer).external_id for answer in drawn(grown[:1000], 100)}
    chosen = drawn(grown, 100, held)
    assert held <= {Asked.of(answer).external_id for answer in chosen}
    older = sum(int(answer.id[2:]) < 1000 for answer in chosen)
    assert older == 100
    assert 60 < len(chosen) - older < 140
    assert drawn(grown, 1, held) == chosen, "nothing is taken back"


def test_models_that_answered_the_same_prompts_have_the_same_prompts_drawn() -> None:
    one, two = (drawn(answers(50, model=model), 20) for model in ("one", "two"))
    assert [answer.key for answer in one] == [answer.key for answer in two]
    assert not {Asked.of(a).external_id for a in one} & {Asked.of(a).external_id for a in two}


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=40)


@given(TEXTS.filter(str.strip), TEXTS, st.sampled_from(["es", "en", "es-MX"]))
def test_what_is_sent_shows_the_texts_exactly_and_says_nothing_of_the_model(
    prompt: str, text: str, language: str
) -> None:
    answer = ModelAnswer("p-1", prompt, language, text, MODEL)
    sent = encode(answer)
    assert {name: unescape(field["text"]) for name, field in sent["fields"].items()} == {
        "prompt": prompt,
        "answer": text,
    }
    assert not any(mark in field["text"] for field in sent["fields"].values() for mark in ("<", "$", "#TEMPLATE#"))
    assert "acme" not in str({**sent, "fields": {}}) and "secret" not in str({**sent, "fields": {}})
    assert sent.keys() == {"external_id", "fields", "metadata"}, "no suggestion fills the form in"
    assert decode(remote(answer)) == Asked.of(answer)


def response(status: str = "submitted", **values: Any) -> RemoteResponse:
    """A response of the user u-1."""
    return RemoteResponse("u-1", status, "2026-01-02T03:04:05", values)


@pytest.mark.parametrize("level", ["bad", "regular", "good", None])
def test_a_grade_that_is_posted_comes_back(level: Any) -> None:
    grade = Grade("p-1", "es", level, "Porque </script> sí.\nY no.", reviewer="ana", model=MODEL)
    values = {name: each["value"] for name, each in form_values(grade).items()}
    assert "</script>" not in values["reason"]
    found = read_grade(Asked.of(answers(2)[1]), response(**values), {"u-1": "ana"}, MODEL)
    assert found == Given(grade, "submitted", "2026-01-02T03:04:05.000000Z")
    assert Given.from_json(found.to_json()) == found


def test_a_draft_may_have_no_grade_and_keeps_its_status() -> None:
    found = read_grade(Asked.of(answers(2)[1]), response("draft", reason="hm\n"), {})
    assert found.to_json() == {
        "id": "p-1",
        "language": "es",
        "grade": None,
        "reason": "hm",
        "reviewer": "u-1",
        "status": "draft",
        "updated_at": "2026-01-02T03:04:05.000000Z",
    }


@pytest.mark.parametrize(
    ("given_answers", "message"),
    [
        ([], "there is no answer to draw from"),
        ([*answers(1), *answers(1, model="other")], "these answers are by acme/secret-model-7b, other"),
        (answers(2, place=0), "2 answers have a place, so the dataset has them, not the model"),
        ([*answers(1), *answers(1)], "two answers are to one prompt in one language"),
        (answers(1, answer="a\0b"), r"the answer to 'p-0' \(en\): a text holds a NUL character"),
        (answers(1, answer="\ud800"), "half a surrogate pair"),
    ],
)
def test_what_cannot_be_sampled_is_refused(given_answers: list[ModelAnswer], message: str) -> None:
    with pytest.raises(DataError, match=message):
        check_answers(given_answers)


def test_an_answer_that_says_nothing_is_sampled_too() -> None:
    check_answers(answers(1, answer=""))


def test_other_answers_than_those_that_people_got_are_a_conflict() -> None:
    held = [Asked.of(answer) for answer in answers(3)]
    check_held(answers(5), held)
    check_held(answers(2, model="other"), held)
    with pytest.raises(DataError, match=r"conflict: 3 answers of this model are .* such as that to 'p-0' \(en\)"):
        check_held(answers(5, answer="Otra."), held)
    with pytest.raises(DataError, match=r"conflict: 1 answer of this model is .* or no longer here.* 'p-2'"):
        check_held(answers(2), held)


@pytest.mark.parametrize("metadata", [{}, {"answer": "{}"}, {"answer": "[1]"}, {"answer": 3}])
def test_a_record_that_was_changed_by_hand_is_named(metadata: dict[str, Any]) -> None:
    with pytest.raises(ForeignRecord, match=r"record 'answer-1' .* cannot be read back"):
        decode(RemoteRecord("uuid", "answer-1", {}, metadata))
