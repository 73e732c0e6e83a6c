"""``h4rmony implode`` and ``h4rmony explode`` as a user runs them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests import cli
from tests.cli import DATA, json_lines

SMALL = str(DATA / "h4rmony_small.csv")
PAIRS = str(DATA / "pairs_small.csv")


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return cli.run


def test_implode_writes_records_and_lists_every_finding(run):
    assert run("implode", SMALL, "-o", "out.jsonl", "--audit", "audit.jsonl") == (
        'contradicted: h4rmony-131, row 5: "Keep some of them, where they are not i…" is R1 in 1 row and R2 in 2 '
        'rows; R1 names "Keep some of them, where they are not i…" and "Keep them: they are home to many lives."; '
        "left out\n"
        "incomplete: h4rmony-131, rows 2, 7: R1-R3 missing\n"
        "incomplete: h4rmony-8, rows 3, 8: R1-R3 missing\n"
        "\n"
        "out.jsonl: written\n"
        "  shape                H4rmony\n"
        "  rows                 8\n"
        "  records              3\n"
        "  fully ranked         3\n"
        "  unknown ranks        0\n"
        "  rows left out        1\n"
        "  audit: contradicted  1\n"
        "  audit: incomplete    2\n"
        "  longer wins          77.8% (23.4% to 97.6%) of 9 pairs, 3 prompts\n"
        "  surface tells        not measured: it needs 10 prompts with a ranking, and there are 3\n"
        "  giveaways            length gives the rank away: the longer answer is the better one in 77.8% of 9 pairs "
        "(at most 60% passes); give all answers of a prompt one length, whatever their rank\n"
    )
    assert [record["id"] for record in json_lines("out.jsonl")] == ["h4rmony-131", "h4rmony-7", "h4rmony-8"]
    assert json_lines("out.jsonl")[0] == {
        "id": "h4rmony-131",
        "prompt": "How should a town treat its old trees?",
        "answers": [
            {"text": "Keep them: they are home to many lives.", "rank": 1},
            {"text": "Keep some of them, where they are not in the way.", "rank": 2},
            {"text": "Fell them for parking space.", "rank": 3},
        ],
        "comparisons": [
            {"better": 0, "worse": 1, "Id": "2", "ComparedRanks": "R1-R2"},
            {"better": 1, "worse": 2, "Id": "7", "ComparedRanks": "R2-R3"},
        ],
        "metadata": {
            "issues": ["WA"],
            "prompt_id": "131",
            "reward": "[1,0]",
            "cognitive_structure": "",
            "type": "Question",
            "language": "en-gb",
            "prompt_originator": "Human",
            "BetterCompletionOrigin": "GPT4-PromptEngineered",
            "WorseCompletionOrigin": "GPT4-PromptEngineered",
            "contributor": "JKH",
            "comments": "",
        },
    }
    audit = json_lines("audit.jsonl")
    assert [(entry["kind"], entry["rows"], entry["lines"], entry["rows_left_out"]) for entry in audit] == [
        ("incomplete", [2, 7], [3, 9], False),
        ("contradicted", [5], [7], True),
        ("incomplete", [3, 8], [4, 10], False),
    ]
    assert {entry["source"] for entry in audit} == {SMALL}


def test_a_second_implode_says_unchanged(run):
    run("implode", SMALL, "-o", "out.jsonl")
    before = Path("out.jsonl").read_bytes()
    assert "out.jsonl: unchanged\n" in run("implode", SMALL, "-o", "out.jsonl")
    assert Path("out.jsonl").read_bytes() == before
    assert "out.jsonl: written\n" in run("implode", PAIRS, "-o", "out.jsonl")


def test_imploded_records_can_be_imploded_again(run):
    run("implode", SMALL, "-o", "out.jsonl")
    Path("again.jsonl").write_bytes(Path("out.jsonl").read_bytes())
    assert run("implode", "out.jsonl", "-o", "again.jsonl").startswith(
        "again.jsonl: unchanged\n  shape          records\n  rows           7\n"
    )


@pytest.mark.extras
def test_implode_says_that_nothing_gives_the_ranks_away(run):
    Path("pairs.csv").write_text("prompt,chosen,rejected\n" + "".join(f"P {n}?,X{n},Y{n}\n" for n in range(60)))
    output = run("implode", "pairs.csv", "-o", "out.jsonl")
    assert "  longer wins    50.0% (37.5% to 62.5%) of 60 pairs, 60 prompts\n" in output
    assert "  surface tells  50.0% (37.5% to 62.5%) of 60 pairs, 60 prompts\n" in output
    assert "  giveaways      none\n" in output


def test_implode_json(run):
    printed = json.loads(run("implode", SMALL, "-o", "out.jsonl", "--json"))
    giveaways = printed.pop("giveaways")
    assert (giveaways["pairs"], giveaways["prompts"], giveaways["verdict"]) == (9, 3, "length")
    assert set(giveaways["longer_wins"]) == {"value", "low", "high"}
    assert giveaways["surface"]["accuracy"] is None
    assert printed == {
        "shape": "H4rmony",
        "rows": 8,
        "records": 3,
        "fully_ranked": 3,
        "unknown_ranks": 0,
        "rows_left_out": 1,
        "audit": {"contradicted": 1, "incomplete": 2},
        "output": "out.jsonl",
        "state": "written",
    }


def test_implode_dry_run_writes_nothing(run):
    output = run("implode", SMALL, "-o", "out.jsonl", "--audit", "audit.jsonl", "--dry-run")
    assert "out.jsonl: not written (dry run)\n" in output
    assert list(Path().iterdir()) == []


def test_implode_pairs_under_a_name_of_ones_own(run):
    output = run("implode", PAIRS, "-o", "out.jsonl", "--source-name", "mine")
    assert "  records            2\n  fully ranked       1\n  unknown ranks      1\n" in output
    assert all(record["id"].startswith("mine-") for record in json_lines("out.jsonl"))


def test_a_long_audit_is_cut_short_on_the_terminal(run):
    Path("t.csv").write_text("prompt,chosen,rejected\nP?,X,Y\n" + "P?,X,X\n" * 25)
    output = run("implode", "t.csv", "-o", "out.jsonl")
    assert output.count("both answers are equal; left out\n") == 20
    assert "... and 5 more; --audit FILE lists all\n" in output
    assert "... and 5 more; a.jsonl lists all\n" in run("implode", "t.csv", "-o", "out.jsonl", "--audit", "a.jsonl")
    assert len(json_lines("a.jsonl")) == 25


def test_a_table_of_single_answers_is_refused_and_its_audit_written(run):
    texts = str(DATA / "texts_small.csv")
    assert run("implode", texts, "-o", "out.jsonl", "--audit", "audit.jsonl", code=1) == (
        f"Error: {texts}: 3 rows with 2 distinct prompts and no two answers to compare, so it is not preference data "
        "(a row has Prompt, BetterCompletion, WorseCompletion, or prompt, chosen, rejected); `h4rmony translate` "
        "accepts it as a table of texts\n"
    )
    assert not Path("out.jsonl").exists()
    assert sorted(row for entry in json_lines("audit.jsonl") for row in entry["rows"]) == [1, 2, 3]
    assert all(entry["rows_left_out"] for entry in json_lines("audit.jsonl"))


def test_implode_errors_are_one_line(run):
    assert run("implode", "none.csv", "-o", "out.jsonl", code=1) == (
        "Error: none.csv: no such file; give a path, or owner/name of a dataset on the Hugging Face Hub\n"
    )
    assert (
        run("implode", SMALL, "-o", "x", "--audit", "./x", code=1) == "Error: x: the audit needs a file of its own\n"
    )
    run("implode", SMALL, code=2)


@pytest.mark.parametrize("suffix", ["csv", "tsv", "jsonl", "parquet"])
@pytest.mark.parametrize("source", [SMALL, PAIRS])
def test_explode_and_implode_again_is_the_same(run, source, suffix):
    run("implode", source, "-o", "one.jsonl")
    run("explode", "one.jsonl", "-o", f"rows.{suffix}", "--schema", "h4rmony")
    run("implode", f"rows.{suffix}", "-o", "two.jsonl")
    assert Path("two.jsonl").read_bytes() == Path("one.jsonl").read_bytes()


def test_explode_gives_the_source_rows_back(run):
    run("implode", SMALL, "-o", "records.jsonl")
    assert run("explode", "records.jsonl", "-o", "rows.csv", "--schema", "h4rmony") == (
        "rows.csv: written\n  records  3\n  rows     7\n"
    )
    source, exploded = Path(SMALL).read_text(), Path("rows.csv").read_text()
    assert exploded.splitlines()[0] == source.splitlines()[0]
    contradicted = next(line for line in source.splitlines() if line.startswith("5,"))
    assert sorted(exploded.splitlines()) == sorted(set(source.splitlines()) - {contradicted})
    assert run("explode", "records.jsonl", "-o", "rows.csv", "--schema", "h4rmony").startswith(
        "rows.csv: unchanged\n"
    )


def test_explode_dpo_gives_every_known_pair(run):
    run("implode", PAIRS, "-o", "records.jsonl")
    assert run("explode", "records.jsonl", "-o", "pairs.jsonl", "--schema", "dpo") == (
        "pairs.jsonl: written\n"
        "  records                 2\n"
        "  rows                    3\n"
        "  pairs of unknown order  1\n"
    )
    assert [list(pair) for pair in json_lines("pairs.jsonl")] == [["prompt", "chosen", "rejected"]] * 3
    run("implode", SMALL, "-o", "records.jsonl")
    summary = json.loads(run("explode", "records.jsonl", "-o", "p.csv", "--schema", "dpo", "--json"))
    assert summary == {
        "records": 3,
        "rows": 9,
        "pairs_of_unknown_order": 0,
        "output": "p.csv",
        "state": "written",
    }
    assert Path("p.csv").read_text().splitlines()[1] == (
        "How should a town treat its old trees?,Keep them: they are home to many lives.,"
        '"Keep some of them, where they are not in the way."'
    )


def test_explode_dry_run_writes_nothing(run):
    run("implode", PAIRS, "-o", "records.jsonl")
    assert "p.csv: not written (dry run)\n" in run(
        "explode", "records.jsonl", "-o", "p.csv", "--schema", "dpo", "--dry-run"
    )
    assert not Path("p.csv").exists()


def test_explode_errors_are_stated(run):
    run("implode", SMALL, "-o", "a.jsonl")
    run("implode", PAIRS, "-o", "b.jsonl")
    Path("both.jsonl").write_text(Path("a.jsonl").read_text() + Path("b.jsonl").read_text())
    Path("empty.jsonl").write_text("")
    assert "Invalid value for -o: p.xlsx: must end in .csv, .tsv, .jsonl, .parquet" in run(
        "explode", "a.jsonl", "-o", "p.xlsx", "--schema", "dpo", code=2
    )
    assert run("explode", "a.jsonl", "-o", "./a.jsonl", "--schema", "dpo", code=1) == (
        "Error: a.jsonl: this file is read and would be replaced; write to another one\n"
    )
    first_pair = json_lines("b.jsonl")[0]["id"]
    assert run("explode", "both.jsonl", "-o", "p.csv", "--schema", "h4rmony", code=1) == (
        f"Error: both.jsonl: 'h4rmony-131' has H4rmony's columns and '{first_pair}' prompt, chosen, rejected; "
        "explode them from two files, or use --schema dpo\n"
    )
    run("explode", "both.jsonl", "-o", "p.csv", "--schema", "dpo")
    assert run("explode", "empty.jsonl", "-o", "q.csv", "--schema", "dpo", code=1) == (
        "Error: empty.jsonl: no record found; give at least one\n"
    )
    assert run("explode", SMALL, "-o", "q.csv", "--schema", "dpo", code=1).startswith(
        f"Error: {SMALL}, line 1: not JSON"
    )
    assert not Path("q.csv").exists()
