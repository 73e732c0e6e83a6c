"""What Argilla is sent decodes to what was loaded, and reveals nothing that reviewers must not know."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.words.wording import catalogue
from tests.strategies import records
from workspace.argilla.codec import Topics, decode, encode, form_values
from workspace.argilla.listing import RemoteRecord, RemoteResponse, RemoteSuggestion
from workspace.argilla.names import NAMES
from workspace.argilla.settings import METADATA, guidelines, question_names
from workspace.errors import DataError, ForeignRecord
from workspace.model.ballots import Ballot
from workspace.model.h4rmony import ISSUES
from workspace.model.records import Answer, Record, Translation
from workspace.model.slots import slot_order

RECORD = Record(
    "h4rmony-2",
    "Why?",
    (Answer("best", 1), Answer("middle", 2), Answer("worst", 3)),
    metadata={"issues": ["PWM"], "type": "Question", "Comments": "</script>"},
    translation=Translation("es", "apertium 3.8", "¿Por qué?", ("mejor", "medio", "peor")),
)


def listed(payload: dict[str, Any], responses: tuple[RemoteResponse, ...] = ()) -> RemoteRecord:
    """The payload as the server would list it."""
    sent = json.loads(json.dumps(payload))
    return RemoteRecord(
        id="uuid",
        external_id=sent["external_id"],
        fields=sent["fields"],
        metadata=sent["metadata"],
        suggestions={s["question_id"]: RemoteSuggestion("s", s["value"]) for s in sent["suggestions"]},
        responses=responses,
    )


def encoded(record: Record, mode: Any = "blind") -> dict[str, Any]:
    return encode(record, mode, {name: name for name in question_names(len(record.answers))})


@given(records(), st.sampled_from(["verify", "blind"]))
def test_a_record_comes_back_from_argilla_unchanged(record: Record, mode: Any) -> None:
    mode = mode if record.is_ranked else "blind"
    assert decode(listed(encoded(record, mode)), {}) == (record, ())


def test_verify_sends_the_ranking_with_ranks_and_blind_does_not() -> None:
    order = slot_order(RECORD.id, 3)
    suggestions = {s["question_id"]: s for s in encoded(RECORD, "verify")["suggestions"]}
    ranking = {item["value"]: item["rank"] for item in suggestions["ranking"]["value"]}
    assert ranking == {letter: order[position] + 1 for position, letter in enumerate("abc")}
    assert "score" not in suggestions["ranking"]
    assert "ranking" not in {s["question_id"] for s in encoded(RECORD, "blind")["suggestions"]}


def test_problems_are_never_suggested_and_empty_texts_neither() -> None:
    record = Record("x", "p", RECORD.answers, translation=Translation("es", "e", "p", ("", "b", "c")))
    questions = {s["question_id"] for s in encoded(record, "blind")["suggestions"]}
    assert "problemas" not in questions
    assert len(questions & {"answer_a_text", "answer_b_text", "answer_c_text"}) == 2


def test_nothing_shown_tells_the_rank() -> None:
    """The same texts in another order of merit give the same fields, id and agents, slots apart."""
    payload = encoded(RECORD, "blind")
    shown = json.dumps([payload["external_id"], payload["fields"], payload["suggestions"]])
    assert "rank" not in shown
    hidden = {name for name, (_, visible) in METADATA.items() if not visible} | {"record"}
    assert {"slots", "mode", "source_hash", "translation_hash"} < hidden
    assert set(payload["metadata"]) - hidden == {"issues", "type"}


def test_reviewers_read_names_for_codes_and_the_record_keeps_its_codes() -> None:
    codes = {"issues": "NRMB", "type": "Prompt", "flags": ["missing_inverted", "</script>"]}
    record = replace(RECORD, prompt="Why wetlands?", metadata=codes)
    payload = encoded(record)
    shown = {name: payload["metadata"][name] for name in ("issues", "type", "flags", "glossary")}
    assert shown == {
        "issues": ["Recursos naturales y biodiversidad"],
        "type": ["Instrucción"],
        "flags": ["Falta ¿ o ¡", "<\u2060/script>"],
        "glossary": ["wetland → humedal"],
    }
    assert decode(listed(payload), {}) == (record, ())
    assert record.translation
    asturian = replace(record, translation=replace(record.translation, language="ast"))
    assert "glossary" not in encoded(asturian)["metadata"], "the glossary is Spanish"


def test_every_name_is_explained_to_reviewers_and_the_report_uses_the_same() -> None:
    text, words = guidelines(), catalogue("es")
    assert len(text) <= 10_000  # characters that the server accepts
    for name in (*NAMES["issues"].values(), *NAMES["flags"].values()):
        assert f"**{name}" in text
        assert not set(".,") & set(name), "they have a meaning in the address of a filter"
    for table, kind in (("issues", "issue"), ("type", "type")):
        ours = {f"{kind}_{code}": name.casefold() for code, name in NAMES[table].items()}
        assert ours.items() >= {key: text.casefold() for key, text in words.items() if key in ours}.items()
    assert set(NAMES["issues"]) == set(ISSUES)


def response(status: str, ranks: dict[str, Any], **values: Any) -> RemoteResponse:
    ranking = [{"value": letter, "rank": rank} for letter, rank in ranks.items()]
    return RemoteResponse("u1", status, "2026-01-02T03:04:05", {"ranking": ranking, **values})


def test_topics_are_suggested_with_their_scores_and_come_back_from_a_dataset_that_asks_for_them() -> None:
    questions = {name: name for name in question_names(3, topics=True)}
    assert list(questions) == [*question_names(3)[:2], "temas", *question_names(3)[2:]]

    def suggested(topics: Topics) -> list[dict[str, Any]]:
        sent = encode(RECORD, "blind", questions, topics=topics)["suggestions"]
        return [each for each in sent if each["question_id"] == "temas"]

    own = {"question_id": "temas", "value": ["PWM"], "type": "human", "agent": "source"}
    assert suggested(Topics(("PWM",), "source")) == [own]
    (scored,) = suggested(Topics(("WA", "SC"), "modelo ñ", (0.7, 0.4)))
    assert (scored["type"], scored["agent"], scored["score"]) == ("model", "modelo -", [0.7, 0.4])
    assert suggested(Topics((), "source")) == []

    answers = (response("submitted", dict.fromkeys("abc", 1), temas=["SC", "PWM"]), response("discarded", {}))
    asked, plain = (replace(listed(encoded(RECORD), answers), asks_topics=asks) for asks in (True, False))
    assert [ballot.issues for ballot in decode(asked, {})[1]] == [("PWM", "SC"), ()]
    assert [ballot.issues for ballot in decode(plain, {})[1]] == [None, None]

    ballot = Ballot("h4rmony-2", "ana", ranks=(1, 2, 3), issues=("SC",))
    assert form_values(ballot, asked)["temas"] == {"value": ["SC"]}
    assert "temas" not in form_values(replace(ballot, issues=()), asked)
    with pytest.raises(DataError, match="the dataset does not ask for them"):
        form_values(ballot, plain)
    with pytest.raises(DataError, match="the issue code 'XX'; it must be one of PWM, CCEU"):
        form_values(replace(ballot, issues=("XX",)), asked)


def test_a_ballot_is_aligned_with_the_answers_and_keeps_the_tie() -> None:
    order = slot_order(RECORD.id, 3)
    texts = {f"answer_{letter}_text": f"texto {order[i]}\n" for i, letter in enumerate("abc")}
    answer = response(
        "submitted", {"a": 3, "b": 1, "c": 1}, prompt_text="¿Por qué?\n", **texts, problemas=["harmful"]
    )
    _, (ballot,) = decode(listed(encoded(RECORD, "verify"), (answer,)), {"u1": "ana"})
    expected = {order[0]: 2, order[1]: 1, order[2]: 1}
    assert ballot.ranks == tuple(expected[index] for index in range(3))
    assert ballot.answers == ("texto 0", "texto 1", "texto 2")
    assert (ballot.reviewer, ballot.prompt, ballot.mode) == ("ana", "¿Por qué?", "verify")
    assert (ballot.problems, ballot.comment, ballot.updated_at) == (("harmful",), None, "2026-01-02T03:04:05.000000Z")


@pytest.mark.parametrize("ranks", [{"a": None, "b": 1, "c": None}, {"b": 1}, {}])
def test_a_draft_may_lack_ranks_and_texts(ranks: dict[str, Any]) -> None:
    _, (ballot,) = decode(listed(encoded(RECORD), (response("draft", ranks),)), {})
    assert sum(rank is not None for rank in ballot.ranks) == (1 if ranks else 0)
    assert ballot.answers == (None, None, None)
    assert ballot.reviewer == "u1"
    assert not ballot.is_vote


@pytest.mark.parametrize(
    "change",
    [
        {"metadata": {}},
        {"metadata": {**encoded(RECORD)["metadata"], "slots": "0,0,1"}},
        {"metadata": {**encoded(RECORD)["metadata"], "record": "{"}},
        {"fields": {"prompt": {"en": "x"}}},
        {"external_id": None},
    ],
)
def test_a_foreign_record_is_named(change: dict[str, Any]) -> None:
    with pytest.raises(ForeignRecord, match="cannot be read back"):
        decode(listed({**encoded(RECORD), **change}), {})
