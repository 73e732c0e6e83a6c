"""``h4rmony export`` as users call it, on a collected review."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

import exports
from exports.formats import FORMATS
from exports.formats.merged import merge
from exports.review.files import Review, read_review, write_review
from tests.cli import json_lines, run
from tests.exports.cases import TRANSLATED, record, small_review, spanish_vote, vote
from workspace.cli import main


@pytest.fixture
def review(tmp_path: Path) -> Path:
    folder = small_review(tmp_path / "review")
    read = read_review(folder)
    ballots = (replace(ballot, prompt=f"¿Qué es {ballot.record_id}?") for ballot in read.ballots)
    write_review(Review(read.records, tuple(ballots)), folder)
    return folder


def export(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["export", *map(str, arguments)])


def test_counts_at_the_end(review: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = export("-o", out, "--review", review, "--test-share", "0.4", "--format", "h4rmony", "--format", "dpo")
    assert result.exit_code == 0, result.output
    assert (
        result.stdout
        == f"""wrote {out}
  records           total 4, unreviewed 1, with_pairs 3
  ballots           submitted 4
  reviewers         2
  votes             4
  pairs             test 3, train 4
  rows              dpo/test 3, dpo/train 4, h4rmony/test 3, h4rmony/train 4
  dropped           no_votes 3, tie 2
  texts             agreed 12
  marked            kept 0, taken_out 0
"""
    )
    assert result.stderr == ""
    assert sorted(path.name for path in out.iterdir()) == [
        "ballots.jsonl", "dpo", "dropped.jsonl", "h4rmony", "left_out.jsonl", "summary.json",
    ]  # fmt: skip


def test_the_python_function_finds_nothing_to_change_after_the_command(review: Path, tmp_path: Path) -> None:
    options = ("--format", "kto", "--jsonl", "--min-reviewers", "2", "--language", "both", "--unreviewed")
    assert export("-o", tmp_path / "out", "--review", review, *options).exit_code == 0
    merged = merge(read_review(review), min_reviewers=2, language="both", unreviewed=True)
    assert not exports.export(merged, tmp_path / "out", ["kto"], jsonl=True).changed
    assert exports.export(merged, tmp_path / "out", ["kto", "dpo"], jsonl=True).changed


def test_a_second_run_says_unchanged(review: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first, second = (export("-o", out, "--review", review) for _ in range(2))
    assert (first.stdout.splitlines()[0], second.stdout.splitlines()[0]) == (f"wrote {out}", f"{out} is unchanged")
    assert first.stdout.splitlines()[1:] == second.stdout.splitlines()[1:]


def test_prompts_that_reviewers_made_the_same_are_warned_about_in_one_line(tmp_path: Path) -> None:
    result = export("-o", tmp_path / "out", "--review", small_review(tmp_path / "review"), "--test-share", "0.4")
    assert "  prompts on both sides  1\n" in result.stdout
    (line,) = result.stderr.splitlines()
    assert line.startswith(
        "Warning: 1 final prompt is in train and in test (h4rmony-1 and h4rmony-10 share one): different source"
    )


def test_ballots_that_the_folder_had_and_the_review_has_not_are_kept(review: Path, tmp_path: Path) -> None:
    """The account of a reviewer was deleted, and Argilla's answers with it; the folder held the last copy."""
    out = tmp_path / "out"
    export("-o", out, "--review", review)
    before = (out / "ballots.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    read = read_review(review)
    write_review(Review(read.records, tuple(b for b in read.ballots if b.reviewer != "ana")), review)
    warning = f"Warning: 3 ballots of ana are no longer in {review}; they {{}} kept in {out / 'ballots-gone.jsonl'}"
    dry = export("-o", out, "--review", review, "--dry-run")
    assert dry.stderr.splitlines()[0] == warning.format("would be")
    assert not (out / "ballots-gone.jsonl").exists()
    result = export("-o", out, "--review", review)
    assert result.stderr.splitlines()[0] == warning.format("are")
    assert "\n  gone              3\n" in result.stdout
    again = export("-o", out, "--review", review, "--json")
    assert (json.loads(again.stdout)["gone"], "ana" in again.stderr) == (3, False)
    gone = (out / "ballots-gone.jsonl").read_text(encoding="utf-8")
    assert gone == "".join(line for line in before if '"ana"' in line)


@pytest.mark.parametrize("count", [1, 2])
def test_ballots_that_are_newer_here_than_in_the_review_are_kept(review: Path, tmp_path: Path, count: int) -> None:
    out, old = tmp_path / "out", tmp_path / "old"
    export("-o", old, "--review", review)
    read = read_review(review)
    of_ana = [ballot for ballot in read.ballots if ballot.reviewer == "ana"][:count]
    newer = {b.sort_key: replace(b, updated_at="2031-01-01T00:00:00Z", comment="later") for b in of_ana}
    later = tmp_path / "later"
    write_review(replace(read, ballots=tuple(newer.get(b.sort_key, b) for b in read.ballots)), later)
    export("-o", out, "--review", later)
    kept = out / "ballots-gone.jsonl"
    said = (
        f"Warning: 1 ballot of ana is newer here than in {review}; it {{}} kept in {kept}"
        if count == 1
        else f"Warning: 2 ballots of ana are newer here than in {review}; they {{}} kept in {kept}"
    )
    dry = export("-o", out, "--review", review, "--dry-run")
    assert dry.stderr.splitlines()[0] == said.format("would be")
    assert not kept.exists()
    result = export("-o", out, "--review", review, "--json")
    assert result.stderr.splitlines()[0] == said.format("is" if count == 1 else "are")
    assert json.loads(result.stdout)["gone"] == count
    again = export("-o", out, "--review", review)
    assert "newer here" not in again.stderr
    assert again.stdout.startswith(f"{out} is unchanged\n")
    assert len(kept.read_text(encoding="utf-8").splitlines()) == count


def test_a_dry_run_says_what_would_be_done(review: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    result = export("-o", out, "--review", review, "--dry-run")
    assert (result.exit_code, result.stdout.splitlines()[0]) == (0, f"would write {out}")
    assert not out.exists()


def test_json_for_machines(review: Path, tmp_path: Path) -> None:
    result = export("-o", tmp_path / "out", "--review", review, "--json", "--min-reviewers", "2")
    counts = json.loads(result.stdout)
    assert counts["dropped"] == {"no_votes": 3, "too_few_reviewers": 6}
    assert (counts["changed"], counts["dry_run"], counts["stale"]) == (True, False, [])
    assert sum(counts["pairs"].values()) == sum(counts["rows"].values()) == 3
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    written = {name: value for name, value in summary.items() if name not in ("settings", "made_from")}
    assert counts.items() > written.items()


def test_the_margin_is_above_and_not_at_the_option(tmp_path: Path) -> None:
    review = small_review(tmp_path / "review", spanish_vote(10, 3, 2, 1, reviewer="leo"))
    written = {}
    for margin in ("0.33", "0.34"):
        result = export("-o", tmp_path / margin, "--review", review, "--min-margin", margin, "--json")
        written[margin] = json.loads(result.stdout)["dropped"].get("margin_too_small", 0)
    assert written == {"0.33": 0, "0.34": 3}


def test_an_empty_split_and_an_older_format_are_warned_about(review: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    export("-o", out, "--review", review, "--format", "h4rmony", "--test-share", "0.4")
    result = export("-o", out, "--review", review, "--test-share", "0")
    assert result.exit_code == 0
    older, empty = result.stderr.splitlines()
    assert older.startswith(f"Warning: {out / 'h4rmony'} is from another export") and "--format h4rmony" in older
    assert empty.startswith(f"Warning: {out / 'dpo' / 'test'}.parquet has no rows")


def test_no_server_is_needed_for_a_collected_review_and_one_is_named_without(review: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    assert export("-o", tmp_path / "out", "--review", review, "--home", home).exit_code == 0
    result = export("-o", tmp_path / "other", "--home", home)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: no Argilla server is known")
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize("option", ["--min-margin", "--test-share"])
@pytest.mark.parametrize("value", ["abc", "nan", "", "0,5"])
def test_what_is_not_a_number_is_said_plainly(review: Path, tmp_path: Path, option: str, value: str) -> None:
    result = export("-o", tmp_path / "out", "--review", review, option, value)
    assert result.exit_code == 2
    assert f"Invalid value for '{option}': {value!r} is not a number from 0 to 1\n" in result.stderr


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"metadata": {"type": "\ud83c"}}, "its metadata 'type' holds half a surrogate pair"),
        ({"comparisons": 5}, "record: 'comparisons' must be list, got int"),
        ({"comparisons": [{"better": 0, "worse": 1, "Id": "\udc00"}]}, "its column 'Id' holds half a surrogate pair"),
    ],
)
def test_a_record_that_cannot_be_stored_is_named(
    review: Path, tmp_path: Path, change: dict[str, object], message: str
) -> None:
    path = review / "records.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[1] = json.dumps(json.loads(lines[1]) | change)
    path.write_text("\n".join(lines), encoding="utf-8")
    result = export("-o", tmp_path / "out", "--review", review)
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert result.stderr.startswith(f"Error: {path}, line 2: ")
    assert message in result.stderr


@pytest.mark.extras
@pytest.mark.parametrize(
    "command",
    [
        ("export", "-o", "{file}/x", "--review", "{review}"),
        ("report", "-o", "{file}/x.html", "--review", "{review}"),
        ("publish", "a/b", "--dry-run", "-o", "{file}/x", "--review", "{review}", "--home", "{home}"),
        ("explode", "{review}/records.jsonl", "-o", "{file}/x.csv", "--schema", "h4rmony"),
        ("explode", "{review}/records.jsonl", "-o", "{file}/x.parquet", "--schema", "dpo"),
    ],
)
def test_a_file_where_a_folder_is_needed_is_a_stated_error(
    review: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    places = {"file": file, "review": review, "home": tmp_path / "home"}
    result = CliRunner().invoke(main, [argument.format(**places) for argument in command])
    assert (result.exit_code, type(result.exception)) == (1, SystemExit), result.output
    (line,) = result.stderr.splitlines()
    assert line.startswith(f"Error: {file}")
    assert "cannot be written" in line
    assert file.read_text() == "mine"


@pytest.mark.parametrize(
    "wrong",
    [
        ("--min-reviewers", "0"),
        ("--min-margin", "1"),
        ("--min-margin", "-0.1"),
        ("--min-margin", "nan"),
        ("--test-share", "1.1"),
        ("--test-share", "nan"),
        ("--format", "csv"),
        ("--review", "nowhere"),
        ("--method", "borda"),
        ("--language", "fr"),
        ("--weights", "nowhere"),
    ],
)
def test_wrong_options_are_wrong_usage(review: Path, tmp_path: Path, wrong: tuple[str, str]) -> None:
    result = export("-o", tmp_path / "out", "--review", review, *wrong)
    assert result.exit_code == 2
    assert f"Invalid value for '{wrong[0]}'" in result.stderr
    assert not (tmp_path / "out").exists()


def test_a_broken_review_is_a_stated_error(review: Path, tmp_path: Path) -> None:
    (review / "ballots.jsonl").write_text("{}\n")
    result = export("-o", tmp_path / "out", "--review", review)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {review / 'ballots.jsonl'}, line 1: ")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        ('"\\ud83c"', "ballot: answers[0]: a text holds half a surrogate pair"),
        ('"a\\u0000b"', "ballot: answers[0]: a text holds a NUL character"),
        ("7", "ballot: answers[0] must be a text or null, got int"),
    ],
)
def test_a_ballot_whose_text_cannot_be_stored_is_named(review: Path, tmp_path: Path, bad: str, message: str) -> None:
    path = review / "ballots.jsonl"
    lines = path.read_text(encoding="utf-8").splitlines()
    lines[2] = lines[2].replace(json.dumps(TRANSLATED[0], ensure_ascii=False), bad)
    path.write_text("\n".join(lines), encoding="utf-8")
    result = export("-o", tmp_path / "out", "--review", review)
    assert result.exit_code == 1
    assert result.stderr.startswith(f"Error: {path}, line 3: {message}")
    assert len(result.stderr.splitlines()) == 1


def test_every_format_in_both_languages_with_json_lines(review: Path, tmp_path: Path) -> None:
    formats = [option for name in FORMATS for option in ("--format", name)]
    both = export("-o", tmp_path / "out", "--review", review, *formats, "--language", "both", "--jsonl", "--json")
    counts = json.loads(both.stdout)
    assert counts["pairs"] == {"train": 14, "test": 0}
    assert counts["rows"]["dpo/train"] == counts["rows"]["h4rmony/train"] == 14
    first = json.loads((tmp_path / "out" / "dpo" / "train.jsonl").read_text(encoding="utf-8").splitlines()[0])
    assert (first["lang"], first["id"]) == ("spa", "h4rmony-1:1-0")
    assert (tmp_path / "out" / "lm-eval" / "task.yaml").is_file()
    one = export("-o", tmp_path / "out", "--review", review, "--format", "dpo", "--language", "en")
    assert f"{tmp_path / 'out' / 'dpo' / 'train.jsonl'} is from another export" in one.stderr
    assert "add --jsonl to renew it" in one.stderr


@pytest.mark.parametrize("suffix", ["parquet", "jsonl"])
def test_h4rmony_s_table_marks_its_rows_and_is_a_source_again(tmp_path: Path, suffix: str) -> None:
    ballots = [
        vote(1, 2, 3, record_id=f"h4rmony-{number}", prompt=f"¿Qué es {number}?", answers=TRANSLATED)
        for number in (1, 2)
    ]
    review = tmp_path / "review"
    write_review(Review(tuple(record(number) for number in (1, 2, 3)), tuple(ballots)), review)
    arguments = ("--format", "h4rmony", "--unreviewed", "--jsonl", "--test-share", "0")
    assert export("-o", tmp_path / "out", "--review", review, *arguments).exit_code == 0
    rows = json_lines(tmp_path / "out" / "h4rmony" / "train.jsonl")
    assert {(row["record_id"], row["method"]) for row in rows if not row["reviewed"]} == {("h4rmony-3", "source")}
    records = tmp_path / "records.jsonl"
    table = tmp_path / "out" / "h4rmony" / f"train.{suffix}"
    run("implode", str(table), "-o", str(records), "--json")
    imploded = json_lines(records)
    assert sum(len(record["comparisons"]) for record in imploded) == len(rows) == 9
    assert all(len(record["answers"]) == 3 for record in imploded)


def test_what_nobody_reviewed_is_counted_apart(review: Path, tmp_path: Path) -> None:
    result = export("-o", tmp_path / "out", "--review", review, "--unreviewed", "--test-share", "0.4")
    assert "  pairs             test 3, train 4\n  added unreviewed  records 1, train 3\n" in result.stdout
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert (summary["added_unreviewed"], summary["settings"]["unreviewed"]) == ({"records": 1, "train": 3}, True)


def test_methods(tmp_path: Path) -> None:
    review = small_review(tmp_path / "review", spanish_vote(10, 3, 2, 1, reviewer="leo"))
    dropped = {}
    for method in ("margins", "unanimous", "kemeny"):
        result = export("-o", tmp_path / "out", "--review", review, "--method", method, "--json")
        dropped[method] = json.loads(result.stdout)["dropped"]
        summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
        assert summary["settings"]["method"] == method
    assert dropped == {
        "margins": {"no_votes": 3, "tie": 2},
        "unanimous": {"no_votes": 3, "not_unanimous": 3, "tie": 2},
        "kemeny": {"no_votes": 3, "tie": 2},
    }


def test_weights_are_read_from_a_file(review: Path, tmp_path: Path) -> None:
    path = tmp_path / "reviewers.csv"
    path.write_text("reviewer,weight\nana,2\neva,1\n")
    assert export("-o", tmp_path / "out", "--review", review, "--weights", path).exit_code == 0
    path.write_text("reviewer,weight\nana,2\n\neva,one\n")
    result = export("-o", tmp_path / "out", "--review", review, "--weights", path)
    assert (result.exit_code, result.stderr) == (
        1,
        f"Error: {path}, row 3: a weight must be a number such as 1 or 0.5, got 'one'\n",
    )
