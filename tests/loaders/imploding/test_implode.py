"""The rules of implode, one by one; ``test_implode_properties`` has the round trips."""

from __future__ import annotations

import hashlib
from itertools import permutations

import pytest

from exports.merging.explode import explode_source
from loaders import Imploded, Table, implode
from loaders.imploding.audit import LeftOut, Note, count_findings
from loaders.source.table import Row
from workspace.errors import ConfigError, DataError
from workspace.model.records import Comparison, Record

COLUMNS = ("PromptID", "Prompt", "BetterCompletion", "WorseCompletion", "ComparedRanks")
PAIRS = ("prompt", "chosen", "rejected")


def table(*rows, columns=COLUMNS):
    return [dict(zip(columns, row, strict=True)) for row in rows]


def labelled(*rows):
    """Rows of prompt 131, written ``"X>Y R1-R2"``."""
    cells = []
    for row in rows:
        pair, _, ranks = row.partition(" ")
        better, worse = pair.split(">")
        cells.append(("131", "Trees?", better, worse, ranks))
    return implode(table(*cells))


def plain(*rows):
    return implode(table(*(("Trees?", *row.split(">")) for row in rows), columns=PAIRS))


def only(imploded: Imploded) -> Record:
    (record,) = imploded.records
    return record


def ranking(record: Record):
    return {answer.text: answer.rank for answer in record.answers}


def findings(imploded: Imploded):
    return [(entry.finding.value, entry.rows, entry.message) for entry in imploded.audit]


def kinds(imploded: Imploded):
    return [entry.finding for entry in imploded.audit]


def test_a_complete_prompt_is_one_record_and_needs_no_finding():
    imploded = labelled("Y>Z R2-R3", "X>Z R1-R3", "X>Y R1-R2")
    record = only(imploded)
    assert record.id == "h4rmony-131"
    assert record.prompt == "Trees?"
    assert [(answer.text, answer.rank) for answer in record.answers] == [("X", 1), ("Y", 2), ("Z", 3)]
    assert record.comparisons == (
        Comparison(0, 1, {"ComparedRanks": "R1-R2"}),
        Comparison(0, 2, {"ComparedRanks": "R1-R3"}),
        Comparison(1, 2, {"ComparedRanks": "R2-R3"}),
    )
    assert dict(record.metadata) == {"prompt_id": "131"}
    assert imploded.audit == ()
    assert (imploded.counts.rows, imploded.counts.rows_left_out) == (3, 0)
    assert (imploded.counts.fully_ranked, imploded.counts.unknown_ranks) == (1, 0)
    assert imploded.refusal is None


@pytest.mark.parametrize("order", list(permutations(("X>Y R1-R2", "Y>Z R1-R3", "Y>Z R2-R3"))))
def test_prompt_131_loses_the_row_that_contradicts_the_other_two(order):
    imploded = labelled(*order)
    assert ranking(only(imploded)) == {"X": 1, "Y": 2, "Z": 3}
    row = order.index("Y>Z R1-R3") + 1
    assert [(kind, rows) for kind, rows, _ in findings(imploded) if kind != "incomplete"] == [
        ("contradicted", (row,))
    ]
    message = next(entry.message for entry in imploded.audit if entry.finding is LeftOut.CONTRADICTED)
    assert message == '"Y" is R1 in 1 row and R2 in 2 rows; R1 names "X" and "Y"; left out'
    assert [entry.message for entry in imploded.audit if entry.finding is Note.INCOMPLETE] == ["R1-R3 missing"]
    assert imploded.counts.rows_left_out == 1


def test_the_fewest_contradicted_cells_decide_between_equally_few_rows():
    # either row could go: W as R1 contradicts one cell (W is R2), W as R2 two (W is R1, and so X cannot be R2)
    imploded = labelled("W>X R1-R2", "W>Y R2-R3")
    assert ranking(only(imploded)) == {"W": 1, "X": 2}
    assert (LeftOut.CONTRADICTED, (2,)) in [(entry.finding, entry.rows) for entry in imploded.audit]


def test_equally_good_readings_of_the_labels_keep_the_prompt_out_with_all_its_rows():
    imploded = labelled("X>Y R1-R2", "W>Z R1-R3", "Y>Z R2-R3")
    assert list(imploded.records) == []
    assert findings(imploded) == [
        (
            "labels_tied",
            (1, 2, 3),
            'R1 names "W" and "X"; 2 readings contradict equally few rows; kept out',
        )
    ]
    assert imploded.counts.rows_left_out == 3
    assert imploded.refusal == ("the rows: 3 rows, of which none can be used (labels_tied 1); --audit FILE lists why")


@pytest.mark.slow
def test_too_many_readings_of_the_labels_keep_the_prompt_out():
    names = "abcdefgh"
    imploded = labelled(
        *(f"{x}>{y} R{i}-R{j}" for x, y in permutations(names, 2) for i in (1, 2, 3) for j in (4, 5, 6))
    )
    assert kinds(imploded) == [LeftOut.LABELS_TIED]
    assert "too many ways to read the labels" in imploded.audit[0].message


def test_the_labels_order_answers_that_no_row_compares():
    imploded = labelled("X>Z R1-R3", "Y>Z R2-R3")
    assert ranking(only(imploded)) == {"X": 1, "Y": 2, "Z": 3}
    assert findings(imploded) == [("incomplete", (1, 2), "R1-R2 missing")]


def test_a_missing_answer_is_named_with_its_rows_and_the_ranks_begin_at_1():
    imploded = labelled("Y>Z R2-R3")
    assert ranking(only(imploded)) == {"Y": 1, "Z": 2}
    assert findings(imploded) == [("incomplete", (1,), "answer R1 missing (R1-R2, R1-R3)")]


def test_unlabelled_pairs_settle_what_they_can():
    imploded = plain("X>Z", "Y>Z")
    assert ranking(only(imploded)) == {"Z": 3, "X": None, "Y": None}
    assert [answer.text for answer in only(imploded).answers] == ["Z", "X", "Y"]
    assert imploded.counts.unknown_ranks == 1
    assert findings(imploded) == [("incomplete", (1, 2), '"X" and "Y" are not compared')]


def test_a_chain_settles_every_place():
    imploded = plain("X>Y", "Y>Z")
    assert ranking(only(imploded)) == {"X": 1, "Y": 2, "Z": 3}
    assert findings(imploded) == [("incomplete", (1, 2), '"X" and "Z" are not compared')]


@pytest.mark.parametrize(
    ("row", "kind", "message"),
    [
        (("131", "", "X", "Y", "R1-R2"), "blank", "prompt blank; left out"),
        (("131", "Trees?", " \n", "Y", "R1-R2"), "blank", "better answer blank; left out"),
        (("131", "Trees?", "X", "", "R1-R2"), "blank", "worse answer blank; left out"),
        (("131", "", "", "", ""), "blank", "prompt and better answer and worse answer blank; left out"),
        (("131", "Trees?", "X", "X", "R1-R2"), "equal_answers", "both answers are equal; left out"),
        (("131", "Trees?", "X", " X", "R1-R2"), "equal_answers", "both answers are equal; left out"),
        (
            ("131", "Trees?", "X", "Y", "R2-R1"),
            "reversed_ranks",
            "ComparedRanks R2-R1 does not put the better answer first; left out",
        ),
        (
            ("131", "Trees?", "X", "Y", "R2-R2"),
            "reversed_ranks",
            "ComparedRanks R2-R2 does not put the better answer first; left out",
        ),
        (
            ("131", "Woods?", "X", "Y", "R1-R2"),
            "prompt_texts",
            'its rows have several prompt texts ("Trees?" in 3, "Woods?" in 1); the rarer left out',
        ),
        (
            ("131", "Trees?", "Y", "X", ""),
            "against_labels",
            "it puts R2 above R1; left out",
        ),
    ],
)
def test_a_row_that_cannot_be_used_is_left_out_and_the_prompt_stays(row, kind, message):
    good = [("131", "Trees?", *cells) for cells in (("X", "Y", "R1-R2"), ("X", "Z", "R1-R3"), ("Y", "Z", "R2-R3"))]
    imploded = implode(table(*good, row))
    assert ranking(only(imploded)) == {"X": 1, "Y": 2, "Z": 3}
    assert (kind, (4,), message) in findings(imploded)
    assert imploded.counts.rows_left_out == 1
    assert len(only(imploded).comparisons) == 3


@pytest.mark.parametrize("text", ["", "R1", "R0-R2", "R1-R27", "best-worst", "r1-r2"])
def test_unreadable_ranks_leave_an_edge(text):
    imploded = implode(table(("131", "Trees?", "X", "Y", text)))
    assert ranking(only(imploded)) == {"X": 1, "Y": 2}
    said = f"ComparedRanks {text!r} is not two labels like R1-R2" if text else "ComparedRanks is blank"
    assert findings(imploded) == [("unreadable_ranks", (1,), f"{said}; the row counts without labels")]
    assert only(imploded).comparisons[0].columns == {"ComparedRanks": text}


def test_the_strict_majority_of_unlabelled_rows_wins():
    imploded = plain("X>Y", "Y>X", "X>Y")
    assert ranking(only(imploded)) == {"X": 1, "Y": 2}
    assert findings(imploded) == [
        ("repeated", (1, 3), '2 rows compare "X" and "Y"; all kept'),
        ("outvoted", (2,), '2 rows against 1 put "X" first of "X" and "Y"; left out'),
    ]


def test_a_tie_between_rows_is_left_open_for_the_reviewers():
    imploded = plain("X>Y", "Y>X", "X>Z")
    assert ranking(only(imploded)) == {"X": None, "Y": None, "Z": None}
    assert only(imploded).comparisons == (Comparison(0, 2),)
    told = 'rankings differ about "X" and "Y"; what most say holds, else reviewers decide'
    assert findings(imploded) == [("judges_differ", (1, 2, 3), told)]
    assert imploded.counts.rows_left_out == 0
    assert sorted(row["chosen"] + row["rejected"] for row in explode_source(only(imploded))) == ["XY", "XZ", "YX"]


def test_a_cycle_is_left_open_for_the_reviewers():
    imploded = plain("X>Y", "Y>Z", "Z>X")
    assert ranking(only(imploded)) == {"X": None, "Y": None, "Z": None}
    assert only(imploded).comparisons == ()
    assert findings(imploded) == [("open_order", (1, 2, 3), 'the rankings go round in a circle among "X", "Y", "Z"')]
    assert len(explode_source(only(imploded))) == 3


def test_beside_labels_a_tie_between_rows_keeps_the_prompt_out():
    imploded = labelled("X>Y R1-R2", "X>Z ", "Z>X ")
    assert list(imploded.records) == []
    assert findings(imploded)[:1] == [("pair_tied", (1, 2, 3), '1 row each way between "X" and "Z"; kept out')]


def test_an_unlabelled_row_can_close_a_cycle_with_the_labels():
    imploded = labelled("X>Y R1-R2", "Y>W ", "W>X ")
    assert kinds(imploded).count(LeftOut.CYCLE) == 1
    assert list(imploded.records) == []


def test_prompt_texts_that_tie_keep_the_prompt_out():
    imploded = implode(table(("131", "Trees?", "X", "Y", "R1-R2"), ("131", "Woods?", "X", "Z", "R1-R3")))
    assert findings(imploded) == [
        (
            "prompt_texts_tied",
            (1, 2),
            'its rows have several prompt texts ("Trees?" in 1, "Woods?" in 1); kept out',
        )
    ]
    assert list(imploded.records) == []


def test_the_same_prompt_under_several_ids_makes_records_apart():
    imploded = implode(table(("7", "Trees?", "X", "Y", "R1-R2"), ("131", "Trees?", "X", "Y", "R1-R2")))
    assert [record.id for record in imploded.records] == ["h4rmony-131", "h4rmony-7"]
    assert ("same_prompt", (1, 2), '"Trees?" is the prompt of h4rmony-131, h4rmony-7; all kept') in findings(imploded)


def test_repeated_rows_are_all_kept():
    imploded = plain("X>Y", "X>Y")
    assert len(only(imploded).comparisons) == 2
    assert findings(imploded) == [("repeated", (1, 2), '2 rows compare "X" and "Y"; all kept')]


def test_one_answer_a_prompt_is_refused_and_every_row_is_listed():
    imploded = implode(
        table(("Trees?", "X"), ("Seas?", "Y"), ("Trees?", "X"), columns=("Prompt", "BetterCompletion")),
    )
    assert sorted(findings(imploded)) == [
        ("one_answer", (1, 3), "it has one answer, nothing to compare it with; kept out"),
        ("one_answer", (2,), "it has one answer, nothing to compare it with; kept out"),
    ]
    assert imploded.refusal == (
        "the rows: 3 rows with 2 distinct prompts and no two answers to compare, so it is not preference data (a row "
        "has Prompt, BetterCompletion, WorseCompletion, or prompt, chosen, rejected); `h4rmony translate` accepts it "
        "as a table of texts"
    )


def test_answers_without_a_comparison_are_no_record():
    imploded = implode(table(("Trees?", "X"), ("Trees?", "Y"), columns=("prompt", "chosen")))
    assert findings(imploded) == [("one_answer", (1, 2), "its 2 answers are not compared with each other; kept out")]


def test_a_prompt_whose_rows_are_all_useless_is_listed():
    imploded = plain("X>X")
    assert findings(imploded) == [
        ("equal_answers", (1,), "both answers are equal; left out"),
        ("one_answer", (1,), "it has one answer, nothing to compare it with; kept out"),
    ]
    imploded = labelled("X>Y R3-R1")
    assert kinds(imploded) == [LeftOut.NOTHING_LEFT, LeftOut.REVERSED_RANKS]
    assert imploded.counts.rows_left_out == 1


def test_26_answers_are_a_record_and_27_are_not():
    assert len(only(plain(*(f"a{n:02}>a{n + 1:02}" for n in range(25)))).answers) == 26
    imploded = plain(*(f"a{n:02}>a{n + 1:02}" for n in range(26)))
    assert kinds(imploded) == [LeftOut.TOO_MANY_ANSWERS]
    assert imploded.audit[0].rows == tuple(range(1, 27))


def test_texts_stay_as_they_are_but_for_their_line_ends_which_are_lf():
    imploded = implode(table(("239.0", " Trees? ", "\tX\r\n  x", "Y\ry\n", "R1-R2")))
    assert only(imploded).texts == (" Trees? ", "\tX\n  x", "Y\ny\n")
    assert only(imploded).id == "h4rmony-239"
    assert only(imploded).metadata["prompt_id"] == "239"
    assert findings(imploded)[1] == (
        "trimmed",
        (1,),
        "line ends changed in BetterCompletion, WorseCompletion, PromptID",
    )


def test_what_an_office_program_made_of_ids_and_labels_is_read():
    rows = [
        ("239", "T?", "X", "Y", "R1\u2013R2"),
        ("2.39E+02", "T?", "X", "Z", "R1 > R3"),
        ("239,0", "T?", "Y", "Z", "R2-R3"),
        ("2.39E+05", "U?", "X", "Z", ""),
        ("239.05", "V?", "X", "Z", ""),
    ]
    first, second, third = sorted(implode(table(*rows)).records, key=lambda record: record.prompt)
    assert (first.id, first.ranks, len(first.comparisons)) == ("h4rmony-239", (1, 2, 3), 3)
    assert (second.metadata["prompt_id"], third.metadata["prompt_id"]) == ("2.39E+05", "239.05")


def test_code_keeps_its_indentation_and_answers_that_differ_in_it_are_two():
    code = ("def area(r):\n", "    return 3 * r\n", "return 3 * r\n")
    assert only(implode([dict(zip(("prompt", "chosen", "rejected"), code, strict=True))])).texts == code


def test_answers_that_show_nothing_are_blank():
    for nothing in ("\u200b", "&nbsp;", "<p></p>", "N/A", "\u3164"):
        imploded = implode([{"prompt": "P?", "chosen": "X", "rejected": text} for text in (nothing, "Y")])
        assert (only(imploded).texts, kinds(imploded)) == (("P?", "X", "Y"), [LeftOut.BLANK]), nothing


def test_texts_that_look_the_same_are_one_by_the_version_that_most_rows_have():
    rows = [
        ("T?", "S\u00ed", "No"),
        ("T?", "Si\u0301", "Tal vez"),
        (" T?\u200b", "S\u00ed", "Nunca"),
        ("T?", "No", "No "),
    ]
    imploded = implode([dict(zip(("prompt", "chosen", "rejected"), row, strict=True)) for row in rows])
    assert only(imploded).texts == ("T?", "S\u00ed", "No", "Nunca", "Tal vez")
    found = [(entry.finding, entry.rows, entry.message) for entry in imploded.audit if entry.finding == Note.ALIKE]
    assert found == [
        (Note.ALIKE, (2,), "looks the same as, and is taken for, 'S\u00ed'"),
        (Note.ALIKE, (3,), "looks the same as, and is taken for, 'T?'"),
        (Note.ALIKE, (4,), "looks the same as, and is taken for, 'No'"),
    ]
    assert [entry.rows for entry in imploded.audit if entry.finding == LeftOut.EQUAL_ANSWERS] == [(4,)]
    again = implode([dict(zip(("question", "chosen", "rejected"), row, strict=True)) for row in rows])
    assert (only(again).texts, only(again).id) == (only(imploded).texts, only(imploded).id)


def test_a_column_that_differs_in_case_or_spaces_is_known_and_listed():
    imploded = implode(
        table(("7", "T?", "X", "Y"), columns=("promptid", " Prompt ", "BETTERCOMPLETION", "WorseCompletion"))
    )
    assert only(imploded).id == "h4rmony-7"
    assert [entry.message for entry in imploded.audit if entry.finding is Note.RENAMED_COLUMN] == [
        "column ' Prompt ' is read and written as 'Prompt'",
        "column 'BETTERCOMPLETION' is read and written as 'BetterCompletion'",
        "column 'promptid' is read and written as 'PromptID'",
    ]


def test_two_columns_that_are_alike_are_not_guessed_between():
    with pytest.raises(
        DataError, match=r"^the rows: no columns Prompt.*it has 'PROMPT', 'prompt ', 'BetterCompletion'"
    ):
        implode(table(("a", "b", "c"), columns=("PROMPT", "prompt ", "BetterCompletion")))


def test_ids_without_prompt_id_are_a_hash_of_the_prompt():
    digest = hashlib.sha256(b"Trees?").hexdigest()[:16]
    assert only(plain("X>Y")).id == f"pairs-{digest}"
    rows = table(("Trees?", "X", "Y"), columns=PAIRS)
    assert only(implode(rows, source_name="mine")).id == f"mine-{digest}"
    blank_id = implode(table(("", "Trees?", "X", "Y", "R1-R2")))
    assert only(blank_id).id == f"h4rmony-{digest}.prompt"
    assert Note.NO_PROMPT_ID in kinds(blank_id)


def test_odd_prompt_ids_give_valid_ids_of_their_own():
    odd = ["a b", "a/b", "ñ", "x" * 101, "a.id", "a.prompt", "..", "-", "a", "ab"]
    imploded = implode(table(*((name, "Trees?", "X", "Y", "R1-R2") for name in odd)))
    ids = {record.metadata["prompt_id"]: record.id for record in imploded.records}
    assert len(set(ids.values())) == len(odd)
    assert (ids["a"], ids[".."], ids["-"]) == ("h4rmony-a", "h4rmony-..", "h4rmony--")
    assert ids["a b"] == f"h4rmony-{hashlib.sha256(b'a b').hexdigest()[:16]}.id"


@pytest.mark.parametrize("name", ["", "a b", "-a", "x" * 81])
def test_a_source_name_that_cannot_begin_an_id_is_refused(name):
    with pytest.raises(ConfigError, match=r"^source name .*: use 1 to 80 letters"):
        implode(table(("Trees?", "X", "Y"), columns=PAIRS), source_name=name)


def test_no_rows_are_an_error():
    with pytest.raises(DataError, match=r"^the rows: it has no rows$"):
        implode([])


def full(**cells):
    codes = dict.fromkeys(("PWM", "CCEU", "NRMB", "WA", "SC"), "0")
    return {"Id": "1", "PromptID": "7", "Prompt": "P?", "Type": "Question", **codes, **cells}


def test_shared_columns_stand_once_and_the_others_in_their_row():
    rows = [
        full(BetterCompletion="X", WorseCompletion="Y", ComparedRanks="R1-R2", PWM="1", SC="1", Comments="", own="q"),
        full(
            BetterCompletion="Y", WorseCompletion="Z", ComparedRanks="R2-R3", PWM="1", SC="1", Comments="!", own="q"
        ),
    ]
    record = only(implode(rows))
    assert dict(record.metadata) == {"issues": ["PWM", "SC"], "prompt_id": "7", "type": "Question", "own": "q"}
    assert [dict(c.columns) for c in record.comparisons] == [
        {"Id": "1", "ComparedRanks": "R1-R2", "Comments": ""},
        {"Id": "1", "ComparedRanks": "R2-R3", "Comments": "!"},
    ]


def test_issue_codes_that_are_not_all_0_or_1_stay_as_they_are():
    cells = full(BetterCompletion="X", WorseCompletion="Y", ComparedRanks="R1-R2", PWM="")
    assert dict(only(implode([cells])).metadata) == {
        "prompt_id": "7",
        "PWM": "",
        "CCEU": "0",
        "NRMB": "0",
        "WA": "0",
        "SC": "0",
        "type": "Question",
    }


def test_foreign_columns_never_take_a_known_name():
    cells = {"prompt": "P?", "chosen": "X", "rejected": "Y", "type": "a", "Type": "b", "issues": "c", "better": "d"}
    record = only(implode([cells, {**cells, "better": "e"}]))
    assert dict(record.metadata) == {
        "schema": "pairs",
        "type": "b",
        "source:type": "a",
        "source:issues": "c",
    }
    assert [dict(c.columns) for c in record.comparisons] == [{"source:better": "d"}, {"source:better": "e"}]


def test_audit_file_holds_every_entry(tmp_path):
    row = Row(1, {"prompt": "P?", "chosen": "X", "rejected": "X"}, line=2)
    imploded = implode(Table("s.csv", tuple(row.cells), (row,)), source_name="s")
    with pytest.raises(DataError, match="no two answers to compare"):
        imploded.write(tmp_path / "records.jsonl", tmp_path / "audit.jsonl")
    assert (tmp_path / "audit.jsonl").read_text().splitlines()[0] == (
        '{"kind": "equal_answers", "source": "s.csv", "record_id": "' + imploded.audit[0].record_id + '", '
        '"rows": [1], "lines": [2], "rows_left_out": true, "message": "both answers are equal; left out"}'
    )
    assert count_findings(imploded.audit) == {"equal_answers": 1, "one_answer": 1}


def test_an_audit_entry_reads_as_one_line():
    imploded = plain(*["X>Y"] * 11)
    assert str(imploded.audit[0]) == (
        f"repeated: {imploded.audit[0].record_id}, rows 1, 2, 3, 4, 5, 6, 7, 8 and 3 more: "
        '11 rows compare "X" and "Y"; all kept'
    )


def test_every_finding_is_documented():
    from loaders.imploding import audit

    for finding in (*Note, *LeftOut):
        assert f"``{finding.value}``" in audit.__doc__
