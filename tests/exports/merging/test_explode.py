"""Explode: the source's rows, the pairs for training, and single rows in H4rmony's columns.

The round trips with implode are in ``tests/loaders/test_implode_properties.py``.
"""

from __future__ import annotations

import csv

import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.merging.explode import SourceRows, compared_ranks, explode_dpo, explode_source, known_pairs, shape_of
from exports.write.tables import write_rows
from workspace.errors import DataError
from workspace.model.records import Answer, Comparison, Record

RECORD = Record(
    id="h4rmony-7",
    prompt="P?",
    answers=(Answer("X", 1), Answer("Y", 2), Answer("Z", 3)),
    comparisons=(
        Comparison(0, 1, {"Id": "10", "ComparedRanks": "R1-R2", "Comments": "!"}),
        Comparison(1, 2, {"Id": "11", "ComparedRanks": "R2-R3", "Comments": ""}),
    ),
    metadata={"issues": ["WA"], "prompt_id": "7", "type": "Question", "own": "q", "flags": ["long"], "adequacy": 0.5},
)
COLUMNS = [
    "Id", "PromptID", "Prompt", "BetterCompletion", "WorseCompletion", "PWM", "CCEU", "NRMB", "WA", "SC", "Type",
    "ComparedRanks", "Comments", "own",
]  # fmt: skip


def unsettled(*comparisons, ranks=None, count=3, **metadata):
    answers = tuple(Answer(text, rank) for text, rank in zip("XYZab", ranks or [None] * count, strict=False))
    return Record("r-1", "P?", answers[:count], tuple(Comparison(*c) for c in comparisons), metadata)


def source_row(record, better, worse, **changes):
    return SourceRows(record).row(better, worse, **changes)


def test_source_rows_have_every_column_in_h4rmonys_order():
    first, second = explode_source(RECORD)
    assert list(first) == list(second) == COLUMNS
    assert list(first.values()) == ["10", "7", "P?", "X", "Y", "0", "0", "0", "1", "0", "Question", "R1-R2", "!", "q"]
    assert list(second.values()) == ["11", "7", "P?", "Y", "Z", "0", "0", "0", "1", "0", "Question", "R2-R3", "", "q"]


def test_a_source_of_pairs_gets_its_columns_back():
    record = unsettled((0, 2, {"Id": "1", "source:better": "b"}), schema="pairs", **{"source:type": "t"})
    assert shape_of(record) == "pairs"
    assert [list(row.items()) for row in explode_source(record)] == [
        [("prompt", "P?"), ("chosen", "X"), ("rejected", "Z"), ("Id", "1"), ("better", "b"), ("type", "t")]
    ]


def test_a_record_without_comparisons_has_a_row_for_each_known_pair():
    record = unsettled(ranks=[1, 1, 2], prompt_id="7")
    assert [
        (row["BetterCompletion"], row["WorseCompletion"], row["ComparedRanks"]) for row in explode_source(record)
    ] == [
        ("X", "Z", "R1-R2"),
        ("Y", "Z", "R1-R2"),
    ]


@pytest.mark.parametrize(
    ("record", "pairs"),
    [
        (RECORD, [(0, 1), (0, 2), (1, 2)]),
        (unsettled(ranks=[1, 1, 2]), [(0, 2), (1, 2)]),
        (unsettled(ranks=[1, 1, 1]), []),
        (unsettled((0, 1), (1, 2)), [(0, 1), (0, 2), (1, 2)]),
        (unsettled((0, 2), (1, 2)), [(0, 2), (1, 2)]),
        (unsettled(), []),
        (unsettled((2, 0, {"ComparedRanks": "R1-R3"}), (1, 0, {"ComparedRanks": "R2-R3"})), [(1, 0), (2, 0), (2, 1)]),
        (unsettled((3, 0), ranks=[1, 2, None, None], count=4), [(0, 1), (3, 0), (3, 1)]),
    ],
)
def test_the_order_is_known_from_ranks_comparisons_and_labels_together(record, pairs):
    assert known_pairs(record) == pairs
    texts = [answer.text for answer in record.answers]
    assert explode_dpo(record) == [
        {"prompt": "P?", "chosen": texts[better], "rejected": texts[worse]} for better, worse in pairs
    ]


def test_labels_that_the_rows_disagree_about_say_nothing():
    ranks = ((0, "R1-R3"), (0, "R2-R3"), (1, "R4-R5"))
    record = unsettled(*((better, 2, {"ComparedRanks": text}) for better, text in ranks))
    assert known_pairs(record) == [(0, 2), (1, 2)]


def test_a_circle_is_an_error():
    with pytest.raises(DataError, match=r"^record 'r-1': its ranks and comparisons put an answer above itself"):
        explode_dpo(unsettled((0, 1), (1, 2), (2, 0)))


def test_a_row_of_a_compared_pair_keeps_its_columns_and_takes_the_reviewed_texts():
    row = source_row(RECORD, 0, 1, texts=("¿P?", "X es", "Y es"), ranks=[1, 3, 2])
    assert list(row) == COLUMNS
    assert (row["Prompt"], row["BetterCompletion"], row["WorseCompletion"]) == ("¿P?", "X es", "Y es")
    assert (row["Id"], row["ComparedRanks"], row["Comments"], row["WA"]) == ("10", "R1-R3", "!", "1")
    assert source_row(RECORD, 0, 1) == explode_source(RECORD)[0]


def test_a_row_of_any_other_pair_has_the_shared_columns_and_blanks():
    row = source_row(RECORD, 1, 0, ranks=[2, 1, 3])
    assert list(row) == COLUMNS
    assert (row["Id"], row["ComparedRanks"], row["Comments"], row["Type"]) == ("", "R1-R2", "", "Question")
    assert source_row(RECORD, 0, 2)["ComparedRanks"] == ""
    assert source_row(RECORD, 0, 2, ranks=[1, 2, None])["ComparedRanks"] == ""


def test_a_row_of_a_source_of_pairs_can_be_written_in_h4rmonys_columns():
    assert source_row(unsettled((0, 1), schema="pairs"), 0, 1, ranks=[1, 2, 2]) == {
        "Prompt": "P?",
        "BetterCompletion": "X",
        "WorseCompletion": "Y",
        "ComparedRanks": "R1-R2",
    }


ORIGINS = ("BetterCompletionOrigin", "WorseCompletionOrigin")


def origins(record, better, worse):
    row = source_row(record, better, worse)
    return tuple(row.get(column) for column in ORIGINS)


def test_an_origin_is_its_answer_s_in_whatever_pair_the_answer_stands():
    shared = dict(zip(ORIGINS, ("Human", "GPT4"), strict=True))
    one = unsettled((0, 2), count=3, **shared)
    assert origins(one, 0, 2) == ("Human", "GPT4")
    assert origins(one, 2, 0) == ("GPT4", "Human")
    assert origins(one, 0, 1) == ("Human", "")
    assert origins(one, 1, 2) == ("", "GPT4")
    own = unsettled((0, 1, {**shared, "Id": "1"}), (1, 2, {ORIGINS[0]: "GPT4", ORIGINS[1]: "Mix", "Id": "2"}))
    assert origins(own, 2, 0) == ("Mix", "Human")
    assert origins(own, 1, 0) == ("GPT4", "Human")


def test_an_origin_that_the_source_contradicts_or_does_not_know_is_blank():
    # all rows say Human for the better and GPT4 for the worse: of the middle answers they say both
    shared = dict(zip(ORIGINS, ("Human", "GPT4"), strict=True))
    chain = unsettled((0, 1), (1, 2), (2, 3), count=4, **shared)
    assert origins(chain, 0, 3) == ("Human", "GPT4")
    assert origins(chain, 0, 2) == ("Human", "")
    assert origins(chain, 3, 1) == ("GPT4", "")
    blank = unsettled((0, 1, {ORIGINS[0]: "Human", ORIGINS[1]: " "}), (1, 2, {ORIGINS[0]: "GPT4", ORIGINS[1]: ""}))
    assert origins(blank, 1, 0) == ("GPT4", "Human")
    assert origins(blank, 0, 2) == ("Human", "")
    # a source with one of the two columns says the origin of those answers on either side; with none, nothing
    assert origins(unsettled((0, 1), **{ORIGINS[0]: "Human"}), 1, 0) == ("", "Human")
    assert origins(unsettled((0, 1)), 1, 0) == (None, None)


def test_a_pair_that_the_source_compared_has_the_origins_of_its_row_whatever_other_rows_say():
    chain = unsettled((0, 1), (1, 2), **dict(zip(ORIGINS, ("Human", "GPT4"), strict=True)))
    assert origins(chain, 0, 1) == origins(chain, 1, 2) == ("Human", "GPT4")
    assert origins(chain, 1, 0) == origins(chain, 2, 1) == ("GPT4", "Human")
    # a row the same way round goes before one the other way round, a blank cell before none
    twice = unsettled(
        (1, 0, {ORIGINS[0]: "Mix", ORIGINS[1]: "Bot"}), (0, 1, {ORIGINS[0]: "Human", ORIGINS[1]: " "}),
        (1, 2, {ORIGINS[0]: "GPT4"}),
    )  # fmt: skip
    assert origins(twice, 0, 1) == ("Human", "Mix")
    assert origins(twice, 1, 0) == ("Mix", "Bot")


@pytest.mark.parametrize("cells", [("GPT4", "GPT4"), ("Human", "GPT4")])
def test_without_comparisons_the_shared_origins_are_those_of_the_better_and_the_worse_answer(cells):
    shared = dict(zip(ORIGINS, cells, strict=True))
    ranked = unsettled(ranks=[1, 2, 3], type="Question", **shared)
    rows = explode_source(ranked)
    assert [(*(row[column] for column in ORIGINS), row["ComparedRanks"]) for row in rows] == [
        (*cells, "R1-R2"), (*cells, "R1-R3"), (*cells, "R2-R3"),
    ]  # fmt: skip
    assert origins(ranked, 2, 0) == cells[::-1]  # a pair that review turned round
    assert origins(unsettled(ranks=[1, 1, 2], **shared), 0, 1) == (cells[0], cells[0])
    assert origins(unsettled(**shared), 1, 0) == cells


def test_the_source_s_rows_keep_the_origins_of_the_row():
    chain = unsettled((0, 1), (1, 2), **dict(zip(ORIGINS, ("Human", "GPT4"), strict=True)))
    assert [tuple(row[column] for column in ORIGINS) for row in explode_source(chain)] == [("Human", "GPT4")] * 2


@pytest.mark.parametrize(
    ("better", "worse", "label"),
    [(0, 1, "R1-R3"), (1, 0, "R3-R1"), (0, 2, "R1-R3"), (2, 0, "R3-R1"), (1, 2, "R2-R3"), (2, 1, "R3-R2")],
)
def test_compared_ranks_are_the_source_s_label_or_else_its_ranks(better, worse, label):
    record = unsettled(
        (0, 1, {"ComparedRanks": " r? "}), (0, 1, {"ComparedRanks": " R1 - R3 "}), (1, 2, {"ComparedRanks": ""}),
        ranks=[1, 2, 3],
    )  # fmt: skip
    assert compared_ranks(record, better, worse) == label


def test_compared_ranks_are_unknown_where_the_source_settles_none():
    record = unsettled((0, 1, {"ComparedRanks": "R1-R2"}), ranks=[1, None, None])
    assert compared_ranks(record, 1, 0) == "R2-R1"
    assert compared_ranks(record, 0, 2) is None


@pytest.mark.parametrize("issues", ["WA", ["WA"]])
def test_an_issue_written_as_a_string_is_one_too(issues):
    (row,) = explode_source(unsettled((0, 1), issues=issues))
    assert [row[code] for code in ("PWM", "CCEU", "NRMB", "WA", "SC")] == ["0", "0", "0", "1", "0"]
    assert "WA" not in explode_source(unsettled((0, 1), issues=" "))[0]


def test_csv_quotes_only_what_needs_it(tmp_path):
    path = tmp_path / "a.csv"
    rows = [{"a": "x,y", "b": 'say "no"'}, {"a": "\r", "b": "\n"}, {"a": " tab\t", "b": "ñ"}, {"a": "absent b"}]
    write_rows(path, rows, ["a", "b"])
    assert path.read_bytes().decode() == 'a,b\n"x,y","say ""no"""\n"\r","\n"\n tab\t,ñ\nabsent b,\n'
    write_rows(tmp_path / "a.tsv", rows[2:], ["a", "b"])
    assert (tmp_path / "a.tsv").read_text() == 'a\tb\n" tab\t"\tñ\nabsent b\t\n'


def test_absent_cells_are_absent_in_json_lines_and_null_in_parquet(tmp_path):
    rows = [{"a": "1", "b": "2"}, {"a": "3"}]
    write_rows(tmp_path / "a.jsonl", rows, ["a", "b"])
    assert (tmp_path / "a.jsonl").read_text() == '{"a": "1", "b": "2"}\n{"a": "3"}\n'
    write_rows(tmp_path / "a.parquet", rows, ["a", "b"])
    assert pq.read_table(tmp_path / "a.parquet").to_pylist() == [{"a": "1", "b": "2"}, {"a": "3", "b": None}]


@pytest.mark.parametrize("suffix", [".csv", ".tsv", ".jsonl", ".parquet"])
def test_a_second_write_has_the_same_bytes(tmp_path, suffix):
    rows = [{"a": str(number)} for number in range(2500)]
    first, second = (tmp_path / f"{name}{suffix}" for name in ("first", "second"))
    write_rows(first, iter(rows), ["a"])
    write_rows(second, iter(rows), ["a"])
    assert first.read_bytes() == second.read_bytes()
    if suffix == ".parquet":
        assert pq.read_table(first).num_rows == 2500
    else:
        assert len(first.read_text().splitlines()) == 2500 + (suffix != ".jsonl")


def test_a_row_that_fails_leaves_the_file_as_it_was(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("old")

    def rows():
        yield {"a": "1"}
        raise DataError("no")

    with pytest.raises(DataError, match=r"^no$"):
        write_rows(path, rows(), ["a"])
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_format_that_is_none_is_refused(tmp_path):
    with pytest.raises(ValueError, match=r"got '\.xlsx'"):
        write_rows(tmp_path / "a.xlsx", [], ["a"])


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_python_reads_back_the_csv(tmp_path_factory, rows):
    path = tmp_path_factory.mktemp("csv") / "a.csv"
    write_rows(path, [dict(zip("ab", row, strict=True)) for row in rows], ["a", "b"])
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file, strict=True)) == [["a", "b"], *rows]
