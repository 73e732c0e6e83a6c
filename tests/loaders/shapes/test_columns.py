"""Which column is what: names that the field uses, what the user says, what is refused with the option to give."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from loaders import Location, implode, translate
from workspace.cli import main
from workspace.errors import ConfigError, DataError

Q, GOOD, BAD = "Trees?", "Keep them.", "Fell them."
RANKED = {"q": Q, "list": [BAD, GOOD], "n": [1, 5]}


def ranks(source: Any, **options: Any) -> dict[str, int | None]:
    (record,) = implode(source, **options)
    return {answer.text: answer.rank for answer in record.answers}


@pytest.mark.parametrize(
    ("row", "columns", "shape"),
    [
        ({"tema": Q, "sí": GOOD, "no": BAD}, {"prompt": "tema", "chosen": "sí", "rejected": "no"}, "text pairs"),
        (RANKED, {"prompt": "q", "answers": "list", "ratings": "n"}, "ranked answers"),
        (RANKED, {"prompt": "q", "answers": "list", "order": "n2"}, "ranked answers"),
        (
            {"q": Q, "x": BAD, "y": GOOD, "v": "b"},
            {"prompt": "q", "answer_a": "x", "answer_b": "y", "preference": "v"},
            "two answers and a preference",
        ),
        ({"question": Q, "mine": GOOD, "rejected": BAD}, {"chosen": "mine"}, "text pairs"),
        # the names tell of pairs, and the user prefers the ratings
        (
            {"prompt": Q, "chosen": BAD, "rejected": GOOD, "generations": [BAD, GOOD], "ratings": [1, 5]},
            {"answers": "generations"},
            "ranked answers",
        ),
    ],
)
def test_the_user_says_which_column_is_what(row: dict[str, Any], columns: dict[str, str], shape: str) -> None:
    row = {**row, "n2": [1, 0]}
    assert implode([row], columns=columns).shape == shape
    assert ranks([row], columns=columns) == {GOOD: 1, BAD: 2}


def test_every_command_with_a_source_takes_the_map(tmp_path: Any) -> None:
    path, out = tmp_path / "votes.csv", tmp_path / "out.jsonl"
    path.write_text(f"tema,sí,no\n{Q},{GOOD},{BAD}\n")
    told = ["--map", "prompt=tema", "--map", "chosen=sí", "--map", "rejected=no"]
    for command in (["implode"], ["translate", "--translator", "none", "--embedding-model", "none"]):
        done = CliRunner().invoke(main, [*command, str(path), "-o", str(out), *told])
        assert (done.exit_code, "shape" in done.output, "text pairs" in done.output) == (0, True, True), done.output
    for name in ("implode", "translate", "load", "extend"):
        assert "--map PART=COLUMN" in CliRunner().invoke(main, [name, "--help"]).output
    assert ranks(Location(path, columns={"prompt": "tema", "chosen": "sí", "rejected": "no"})) == {GOOD: 1, BAD: 2}
    for wrong, message in (("tema", "write PART=COLUMN"), ("prompt=", "write PART=COLUMN")):
        done = CliRunner().invoke(main, ["implode", str(path), "-o", str(out), "--map", wrong])
        assert (done.exit_code, message in done.output) == (2, True)
    done = CliRunner().invoke(main, ["implode", str(path), "-o", str(out), *told, "--map", "prompt=no"])
    assert (done.exit_code, "prompt is given twice" in done.output) == (2, True)


@pytest.mark.parametrize(
    ("rows", "columns", "message"),
    [
        (
            [{"instruction": Q, "input": "In a town.", "chosen": GOOD, "rejected": BAD}],
            None,
            "the rows: its prompt may be in 'instruction' or in 'input'; give --map prompt=instruction or "
            "--map prompt=input",
        ),
        (
            [{"tema": Q, "chosen": GOOD, "rejected": BAD}],
            None,
            "the rows: it has the columns of pairs, but none that is its prompt; it has 'tema', 'chosen', "
            "'rejected'; give --map prompt=COLUMN",
        ),
        (
            [{"prompt": Q, "answers": [GOOD, BAD], "ranking": [1, 0]}],
            None,
            "the rows: its answers may be ordered in several ways; give --map ranks=ranking or --map order=ranking "
            "(ranks: the place of each answer; order: the answers' places in the list, best first)",
        ),
        (
            [{"prompt": Q, "responses": [GOOD, BAD], "ratings": [1, 2], "ranks": [1, 2]}],
            None,
            "the rows: its answers may be ordered in several ways; give --map ratings=ratings or --map ranks=ranks",
        ),
        (
            [{"prompt": Q, "response_a": GOOD, "response_b": BAD, "winner": 1}],
            None,
            "the rows: 'winner' is 1, which may mean either of 'response_a' and 'response_b'; write a, b or tie into "
            "it",
        ),
        (
            [{"prompt": Q, "response_1": GOOD, "response_2": BAD, "winner": winner} for winner in (0, 1)],
            None,
            "the rows: 'winner' is 0 or 1, which may mean either of 'response_1' and 'response_2'; write a, b or tie",
        ),
        ([{"prompt": Q, "answers": [GOOD, BAD]}], None, "nothing orders them; give --map ratings=COLUMN"),
        ([{"prompt": Q, "answer_a": GOOD, "answer_b": BAD}], None, "nothing prefers one; give --map preference="),
    ],
)
def test_what_can_be_read_in_several_ways_is_refused_with_what_to_give(
    rows: list[dict[str, Any]], columns: dict[str, str] | None, message: str
) -> None:
    with pytest.raises(DataError) as caught:
        implode(rows, columns=columns)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    "row",
    [
        {"output": "Rivers live.", "label": "1"},
        {"answer1": "Rivers live.", "answer2": "Trees live.", "winner": "left"},
        {"question": "Do rivers live?", "answer": "They live.", "label": "1"},
        {"text": "Rivers live.", "label": "river"},
    ],
)
def test_texts_that_nothing_compares_stay_a_table_of_texts(row: dict[str, str], tmp_path: Path) -> None:
    done = translate([row], "none", home=tmp_path, embedding_model="none", source_language="en")
    assert (done.of_records, done.length, done.shape) == (False, 1, None)


@pytest.mark.parametrize(("winners", "firsts"), [((1, 2), (GOOD, BAD)), ((0, 1, 2), (GOOD, BAD)), ((1,), (GOOD,))])
def test_a_number_is_the_end_of_an_answers_name(winners: tuple[int, ...], firsts: tuple[str, ...]) -> None:
    rows = [{"prompt": f"{Q} {n}", "response_1": GOOD, "response_2": BAD, "winner": n} for n in winners]
    assert {record.answers[0].text for record in implode(rows)} == {*firsts}
    assert len(implode(rows)) == len(firsts)


def test_a_blank_column_is_no_candidate_and_a_column_of_the_own_name_is_the_only_one() -> None:
    assert ranks([{"instruction": Q, "input": " ", "chosen": GOOD, "rejected": BAD}]) == {GOOD: 1, BAD: 2}
    row = {"prompt": Q, "question": "?", "chosen": GOOD, "rejected": BAD, "chosen_response": "x"}
    assert implode([row]).shape == "pairs"


@pytest.mark.parametrize(
    ("columns", "message"),
    [
        ({"promt": "prompt"}, "--map promt=prompt: no such part; give one of prompt, system, chosen"),
        ({"prompt": "q"}, "--map prompt=q: the rows has no such column; it has 'prompt', 'chosen', 'rejected'"),
    ],
)
def test_a_part_or_a_column_that_there_is_not_is_named(columns: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigError) as caught:
        implode([{"prompt": Q, "chosen": GOOD, "rejected": BAD}], columns=columns)
    assert str(caught.value).startswith(message)


def test_the_spanish_beside_the_english_is_its_translation() -> None:
    spanish = {"prompt_es": "¿Árboles?", "chosen_es": "Consérvalos.", "rejected_es": "Tálalos."}
    row = {"prompt": Q, "chosen": GOOD, "rejected": BAD, **spanish, "lang": "eng"}
    (record,) = implode([row])
    assert record.translation is not None
    assert (record.translation.engine, record.translation.language) == ("source", "es")
    assert (record.translation.prompt, *record.translation.answers) == tuple(spanish.values())
    (alone,) = implode([{name: cell for name, cell in row.items() if name not in spanish}])
    assert (record.id, record.source_hash) == (alone.id, alone.source_hash)
    done = translate([row], "none", embedding_model="none")
    assert done.counts.kept == 1
    (partly,) = implode([row | {"rejected_es": ""}])
    assert partly.translation is not None
    assert partly.translation.answers == ("Consérvalos.", "")
