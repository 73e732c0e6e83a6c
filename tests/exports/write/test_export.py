"""The files of an export: what is in them, that they are the same each time, and that they are whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest.mock import ANY

import pytest

from exports.formats import FORMATS
from exports.merging.votes import MergeRules
from exports.review.files import Gone, Review, write_review
from exports.review.weights import read_weights
from exports.write.export import Exported, ExportSettings, export_review
from tests.cli import json_lines
from tests.exports.cases import TRANSLATED, record, vote
from workspace.errors import DataError
from workspace.files.locks import locked
from workspace.model.ballots import Ballot
from workspace.model.records import Answer, Comparison

BOTH = ExportSettings(("h4rmony", "dpo"))
FILES = ["ballots.jsonl", "dpo/test.parquet", "dpo/train.parquet", "dropped.jsonl", "h4rmony/test.parquet",
         "h4rmony/train.parquet", "left_out.jsonl", "summary.json"]  # fmt: skip


def full(number: int, *ranks: int, **changes: Any) -> Ballot:
    """A ballot with all texts."""
    texts = {"prompt": f"¿Qué es el compost {number}?", "answers": TRANSLATED}
    return vote(*ranks, **{"record_id": f"h4rmony-{number}", **texts, **changes})


def review_of(count: int = 12) -> Review:
    """Records in train and test, with ballots of all kinds: 1 is tied below, 2 a draft, 3 nobody opened."""
    special = [
        full(1, 3, 1, 1, problems=("bad_translation",), prompt="¿Qué es el compost?"),  # marked, and corrected
        full(2, 1, 2, 3, status="draft", reviewer="leo", problems=("false_fact",)),
        full(2, 1, 2, 3, status="discarded", reviewer="eva"),
    ]
    rest = [full(n, 1, 2, 3, reviewer=name) for n in range(4, count + 1) for name in ("ana", "eva")]
    return Review(tuple(record(n) for n in range(1, count + 1)), (*special, *rest))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def rows_of(folder: Path, name: str) -> dict[str, list[dict[str, Any]]]:
    """The rows as trainers get them; `datasets` refuses a split without rows, so such a one is not loaded."""
    import datasets
    import pyarrow.parquet as pq

    datasets.disable_progress_bars()
    files = {split: str(folder / name / f"{split}.parquet") for split in ("train", "test")}
    full = {split: path for split, path in files.items() if pq.read_metadata(path).num_rows}
    loaded = datasets.load_dataset("parquet", data_files=full, cache_dir=str(folder.parent / "cache")) if full else {}
    return {split: list(loaded[split]) if split in full else [] for split in files}


def test_the_files_and_their_rows(tmp_path: Path) -> None:
    exported = export_review(review_of(), tmp_path / "out", BOTH)
    assert exported == Exported(exported.counts, changed=True, stale=())
    assert sorted(contents(tmp_path / "out")) == FILES
    dpo, source = rows_of(tmp_path / "out", "dpo"), rows_of(tmp_path / "out", "h4rmony")
    assert [len(dpo["train"]), len(dpo["test"])] == [23, 6]
    assert [row["id"] for row in dpo["train"][:5]] == [
        "h4rmony-1:1-0", "h4rmony-1:2-0", "h4rmony-10:0-1", "h4rmony-10:0-2", "h4rmony-10:1-2",
    ]  # fmt: skip
    assert dpo["train"][0]["chosen"] == [{"role": "assistant", "content": TRANSLATED[1]}]
    assert [len(rows) for rows in source.values()] == [len(rows) for rows in dpo.values()]
    assert {row["PromptID"] for row in source["test"]} == {row["record_id"][8:] for row in dpo["test"]}


def test_all_ballots_and_all_dropped_pairs_are_there(tmp_path: Path) -> None:
    review = review_of()
    export_review(review, tmp_path, BOTH)
    assert [Ballot.from_json(line) for line in json_lines(tmp_path / "ballots.jsonl")] == list(review.ballots)
    dropped = json_lines(tmp_path / "dropped.jsonl")
    assert dropped[0] == {
        "record_id": "h4rmony-1",
        "answers": [1, 2],
        "reason": "tie",
        "wins": 0,
        "losses": 0,
        "ties": 1,
        "reviewers": 1,
        "detail": "",
    }
    assert [(line["record_id"], line["answers"], line["reason"]) for line in dropped[1:]] == [
        (name, pair, "no_votes") for name in ("h4rmony-2", "h4rmony-3") for pair in ([0, 1], [0, 2], [1, 2])
    ]


def test_the_summary_counts_everything(tmp_path: Path) -> None:
    exported = export_review(review_of(), tmp_path, ExportSettings(("dpo", "dpo"), rules=MergeRules(1, 0.25)))
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary == {
        "records": {"total": 12, "unreviewed": 2, "with_pairs": 10},
        "ballots": {"discarded": 1, "draft": 1, "submitted": 19},
        "ballots_of_weight_0": 0,
        "reviewers": 2,
        "votes": 19,
        "pairs": {"train": 23, "test": 6},
        "added_unreviewed": {},
        "rows": {"dpo/train": 23, "dpo/test": 6},
        "dropped": {"no_votes": 6, "tie": 1},
        "left_out": {},
        "texts": {"agreed": 40},
        "problems": {"bad_translation": 1},
        "marked": {"kept": 1, "taken_out": 0},
        "prompts_on_both_sides": 0,
        "sources": {
            "h4rmony": {
                "records": 12,
                "pairs": {"es": {"test": 6, "train": 23}},
                "rows": {"es": {"dpo/test": 6, "dpo/train": 23}},
            }
        },
        "settings": {
            "formats": ["dpo"],
            "jsonl": False,
            "keep_problems": False,
            "languages": ["es"],
            "method": "margins",
            "min_margin": 0.25,
            "min_reviewers": 1,
            "sources": [],
            "test_share": 0.1,
            "unreviewed": False,
            "weights": None,
        },
        "made_from": {"dpo/parquet": ANY},
    }
    assert summary.items() > exported.counts.to_json().items()


def test_the_same_review_has_the_same_bytes(tmp_path: Path) -> None:
    review = review_of(40)
    mixed = Review(review.records[::-1], review.ballots[::-1])
    export_review(review, tmp_path / "one", ExportSettings(tuple(FORMATS), jsonl=True))
    export_review(mixed, tmp_path / "other", ExportSettings((*reversed(FORMATS), "dpo"), jsonl=True))
    assert contents(tmp_path / "one") == contents(tmp_path / "other")


def test_a_second_run_touches_nothing(tmp_path: Path) -> None:
    export_review(review_of(), tmp_path, BOTH)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")}
    assert not export_review(review_of(), tmp_path, BOTH).changed
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.*")} == before


def test_more_records_move_no_prompt(tmp_path: Path) -> None:
    def sides(count: int) -> dict[str, str]:
        export_review(review_of(count), tmp_path / str(count), ExportSettings(test_share=0.3))
        found = rows_of(tmp_path / str(count), "dpo")
        return {row["prompt"][0]["content"]: split for split, rows in found.items() for row in rows}

    few, many = sides(30), sides(40)
    assert len(many) - len(few) == 10
    assert set(few.values()) == {"train", "test"}
    assert many | few == many


def test_near_duplicate_prompts_are_on_one_side(tmp_path: Path) -> None:
    records = [
        record(1, id=f"h4rmony-{n}", prompt=text) for n, text in enumerate(["Is  it ok?", "is it OK", "Is it ok!"])
    ]
    for share in range(11):
        export_review(Review(tuple(records), tuple(full(n, 1, 2, 3) for n in range(3))), tmp_path,
                      ExportSettings(test_share=share / 10))  # fmt: skip
        pairs = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["pairs"]
        assert sorted(pairs.values()) == [0, 9]


def test_an_empty_export_has_tables_of_the_same_types(tmp_path: Path) -> None:
    import pyarrow.parquet as pq

    export_review(review_of(), tmp_path / "full", BOTH)
    export_review(Review((), ()), tmp_path / "none", BOTH)
    for name in (name for name in FILES if name.endswith(".parquet")):
        table = pq.read_table(tmp_path / "none" / name)
        assert table.num_rows == 0
        assert table.schema == pq.read_table(tmp_path / "full" / name).schema
    assert rows_of(tmp_path / "none", "dpo") == {"train": [], "test": []}
    assert (tmp_path / "none" / "dropped.jsonl").read_bytes() == b""


def test_more_rows_than_a_batch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    export_review(review_of(), tmp_path / "one", BOTH)
    monkeypatch.setattr("exports.write.arrow.ROWS_A_BATCH", 2)
    export_review(review_of(), tmp_path / "many", BOTH)
    assert rows_of(tmp_path / "one", "dpo") == rows_of(tmp_path / "many", "dpo")


def test_a_dry_run_writes_nothing_and_knows_what_would_change(tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert export_review(review_of(), out, BOTH, dry_run=True).changed
    assert not out.exists()
    export_review(review_of(), out, BOTH)
    before = contents(out)
    assert not export_review(review_of(), out, BOTH, dry_run=True).changed
    assert export_review(review_of(13), out, BOTH, dry_run=True).changed
    assert contents(out) == before


def test_foreign_files_stay_and_older_formats_are_named(tmp_path: Path) -> None:
    export_review(review_of(), tmp_path, BOTH)
    (tmp_path / "notes.txt").write_text("mine")
    old = (tmp_path / "h4rmony" / "train.parquet").read_bytes()
    exported = export_review(review_of(14), tmp_path, ExportSettings(("dpo",)))
    assert (exported.changed, exported.stale) == (True, ("h4rmony",))
    assert (tmp_path / "h4rmony" / "train.parquet").read_bytes() == old
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_formats_written_one_by_one_are_stale_only_if_they_would_be_others(tmp_path: Path) -> None:
    for name in FORMATS:
        exported = export_review(review_of(), tmp_path / "one", ExportSettings((name,), jsonl=True))
        assert exported.stale == ()
    export_review(review_of(), tmp_path / "all", ExportSettings(tuple(FORMATS), jsonl=True))
    whole, one = contents(tmp_path / "all"), contents(tmp_path / "one")
    tables = {name for name in whole if "/" in name}
    assert {name: one[name] for name in tables} == {name: whole[name] for name in tables}
    # what is left of the export before the last one is named as well
    export_review(review_of(14), tmp_path / "one", ExportSettings(("kto",)))
    exported = export_review(review_of(14), tmp_path / "one", ExportSettings(("sft",)))
    assert exported.stale == (*sorted({*FORMATS} - {"sft"}), "sft/train.jsonl", "sft/test.jsonl")
    # and what is made from the review of now again is not
    every = replace(BOTH, formats=tuple(FORMATS))
    export_review(review_of(14), tmp_path / "one", every)
    stale = export_review(review_of(14), tmp_path / "one", ExportSettings(("sft",))).stale
    assert stale == (*sorted({*FORMATS} - {"sft"}), "sft/train.jsonl", "sft/test.jsonl")
    export_review(review_of(14), tmp_path / "one", replace(every, jsonl=True))
    assert export_review(review_of(14), tmp_path / "one", ExportSettings(("sft",))).stale == ()


@pytest.mark.parametrize(
    "change",
    [
        {"test_share": 0.2},
        {"rules": MergeRules(min_reviewers=2)},
        {"languages": ("en",)},
        {"unreviewed": True},
    ],
)
def test_what_other_settings_made_is_stale_and_what_the_same_made_is_not(
    tmp_path: Path, change: dict[str, Any]
) -> None:
    export_review(review_of(), tmp_path, BOTH)
    assert export_review(review_of(), tmp_path, ExportSettings(("kto",))).stale == ()
    assert export_review(review_of(), tmp_path, ExportSettings(("sft",), **change)).stale == ("dpo", "h4rmony", "kto")
    assert export_review(review_of(), tmp_path, ExportSettings(("sft",))).stale == ()


@pytest.mark.parametrize("summary", [None, b"[]", b"{}", b'{"made_from": [1]}', b"not JSON", b"\xff"])
def test_what_no_summary_speaks_for_is_stale(tmp_path: Path, summary: bytes | None) -> None:
    export_review(review_of(), tmp_path, BOTH)
    (tmp_path / "summary.json").unlink()
    if summary is not None:
        (tmp_path / "summary.json").write_bytes(summary)
    exported = export_review(review_of(), tmp_path, ExportSettings(("dpo",)))
    assert exported.stale == ("h4rmony",)
    assert export_review(review_of(), tmp_path, ExportSettings(("dpo",))).stale == ("h4rmony",)
    export_review(review_of(), tmp_path, BOTH)
    assert export_review(review_of(), tmp_path, ExportSettings(("dpo",))).stale == ()


def test_one_export_at_a_time(tmp_path: Path) -> None:
    with locked(tmp_path / ".export.part.lock"), pytest.raises(DataError, match="another export is writing here"):
        export_review(review_of(), tmp_path, BOTH)
    assert not contents(tmp_path)
    assert export_review(review_of(), tmp_path, BOTH).changed


def test_a_folder_that_cannot_be_written_is_a_stated_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match="cannot be written"):
        export_review(review_of(), tmp_path / "file" / "out", BOTH)
    (tmp_path / "dpo").write_text("in the way")
    with pytest.raises(DataError, match=r"dpo.* cannot be written"):
        export_review(review_of(), tmp_path, BOTH)
    assert sorted(contents(tmp_path)) == ["dpo", "file"]


KILLED = """
import os, signal, sys
from pathlib import Path
from exports.write.export import ExportSettings, export_review
from exports.review.files import read_review

moved, replace = [], Path.replace
def dying(self, target):
    if len(moved) == int(sys.argv[3]):
        os.kill(os.getpid(), signal.SIGKILL)
    if ".export.part" in str(self) and ".export.part" not in str(target):
        moved.append(target)
    return replace(self, target)
Path.replace = dying
export_review(read_review(Path(sys.argv[1])), Path(sys.argv[2]), ExportSettings(("h4rmony", "dpo")))
"""


@pytest.mark.parametrize("moves", [0, 1, 3])
def test_a_killed_export_leaves_whole_files_and_can_be_run_again(tmp_path: Path, moves: int) -> None:
    out, wanted = tmp_path / "out", tmp_path / "wanted"
    export_review(review_of(8), out, BOTH)
    export_review(review_of(30), wanted, BOTH)
    write_review(review_of(30), tmp_path / "review")
    old, new = contents(out), contents(wanted)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "review"), str(out), str(moves)]
    assert subprocess.run(command, check=False, cwd=Path(__file__).parents[3]).returncode == -9
    left = {name: data for name, data in contents(out).items() if not name.startswith(".export.part")}
    assert sorted(left) == FILES
    assert sum(left[name] == new[name] != old[name] for name in FILES) == moves
    assert all(left[name] in (old[name], new[name]) for name in FILES)
    assert export_review(review_of(30), out, BOTH).changed
    assert contents(out) == new


@pytest.mark.parametrize("moves", [0, 1, 2])
def test_a_kill_never_loses_a_ballot_that_is_gone(tmp_path: Path, moves: int) -> None:
    out, review = tmp_path / "out", review_of(8)
    export_review(review, out, BOTH)
    write_review(Review(review.records, review.ballots[:3]), tmp_path / "review")
    command = [sys.executable, "-c", KILLED, str(tmp_path / "review"), str(out), str(moves)]
    assert subprocess.run(command, check=False, cwd=Path(__file__).parents[3]).returncode == -9
    export_review(Review(review.records, review.ballots[:3]), out, BOTH)
    kept = [Ballot.from_json(line) for line in json_lines(out / "ballots-gone.jsonl")]
    assert kept == list(review.ballots[3:])


def test_a_single_export_with_two_languages_keeps_a_prompt_on_one_side(tmp_path: Path) -> None:
    settings = ExportSettings(tuple(FORMATS), test_share=0.4, languages=("es", "en"))
    counts = export_review(review_of(), tmp_path / "out", settings).counts
    assert sum(counts.pairs.values()) == 2 * 29
    assert (counts.records["total"], counts.votes, counts.ballots["submitted"]) == (12, 19, 19)
    for name in sorted({*FORMATS} - {"h4rmony"}):
        rows = rows_of(tmp_path / "out", name)
        sides = {split: {(row["record_id"], row["lang"]) for row in rows[split]} for split in rows}
        for split, other in (("train", "test"), ("test", "train")):
            records = {record_id for record_id, _ in sides[split]}
            assert sides[split] == {(record_id, lang) for record_id in records for lang in ("spa", "eng")}
            assert not records & {record_id for record_id, _ in sides[other]}
        ids = [row["id"] for split in rows for row in rows[split]]
        assert len(set(ids)) == len(ids)
    assert {line["lang"] for line in json_lines(tmp_path / "out" / "dropped.jsonl")} == {"spa", "eng"}
    assert {line["lang"] for line in json_lines(tmp_path / "out" / "left_out.jsonl")} == {"spa", "eng"}


def test_unreviewed_records_are_added_and_counted_apart(tmp_path: Path) -> None:
    half = record(20, answers=(Answer("Good.", 1), Answer("Bad.", None), Answer("Some.", None)),
                  comparisons=(Comparison(0, 1), Comparison(0, 2)))  # fmt: skip
    refused = full(21, 1, 2, 3, problems=("not_rankable",))
    review = review_of()
    review = Review((*review.records, half, record(21)), (*review.ballots, refused))
    plain = export_review(review, tmp_path / "plain", ExportSettings()).counts
    more = export_review(review, tmp_path / "more", ExportSettings(unreviewed=True)).counts
    assert plain.to_json()["added_unreviewed"] == {}
    assert (more.pairs, more.records, more.votes) == (plain.pairs, plain.records, plain.votes)
    added = more.to_json()["added_unreviewed"]
    # 2 (a draft and a discard), 3 (nobody) and 20, whose source settles two of three pairs; 21 is reviewed
    assert added["records"] == 3
    assert added.get("train", 0) + added.get("test", 0) == 3 + 3 + 2
    assert (more.dropped["no_votes"], plain.dropped["no_votes"]) == (1, 9)
    (left,) = [line for line in json_lines(tmp_path / "more" / "dropped.jsonl") if line["reason"] == "no_votes"]
    assert (left["record_id"], left["answers"]) == ("h4rmony-20", [1, 2])
    assert left["detail"] == "no reviewer submitted a ballot, and the source does not settle the order"
    rows = [row for found in rows_of(tmp_path / "more", "dpo").values() for row in found]
    assert {row["record_id"] for row in rows if row["method"] == "source"} == {"h4rmony-2", "h4rmony-3", "h4rmony-20"}
    assert not any(row["reviewed"] for row in rows if row["method"] == "source")


@pytest.mark.parametrize("problem", ["not_rankable", "harmful"])
def test_what_was_discarded_as_unfit_is_not_added(tmp_path: Path, problem: str) -> None:
    unfit = full(3, 1, 2, 3, status="discarded", problems=(problem,))
    review = review_of(4)
    review = Review(review.records, (*review.ballots, unfit))
    counts = export_review(review, tmp_path, ExportSettings(unreviewed=True)).counts.to_json()
    assert (counts["dropped"], counts["added_unreviewed"]["records"]) == ({"discarded": 3, "tie": 1}, 1)
    (detail,) = {line["detail"] for line in json_lines(tmp_path / "dropped.jsonl") if line["reason"] == "discarded"}
    assert detail == "a discarded ballot says not_rankable or harmful"


def test_a_problem_that_a_ballot_names_twice_counts_once(tmp_path: Path) -> None:
    ballot = full(1, 1, 2, 3, problems=("false_fact", "false_fact", "harmful"))
    counts = export_review(Review((record(1),), (ballot,)), tmp_path, ExportSettings()).counts
    assert counts.to_json()["problems"] == {"false_fact": 1, "harmful": 1}


def test_different_prompts_that_reviewers_made_the_same_are_counted_if_they_are_on_both_sides(
    tmp_path: Path,
) -> None:
    def both_sides(prompt: str, **changes: Any) -> int:
        ballots = [full(n, 1, 2, 3, prompt=prompt.format(n)) for n in range(4, 13)]
        export_review(Review(tuple(record(n) for n in range(4, 13)), tuple(ballots)), tmp_path,
                      ExportSettings(test_share=0.4, **changes))  # fmt: skip
        summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
        assert min(summary["pairs"].values()) > 0
        return int(summary["prompts_on_both_sides"])

    assert both_sides("¿Qué es {}?") == 0
    assert both_sides("¿Qué es?") == 1
    assert both_sides("¿Qué  ES?", languages=("es", "en")) == 1
    assert both_sides("¿Qué es?", languages=("en",)) == 0


def test_equal_prompts_with_and_without_a_group_are_on_one_side(tmp_path: Path) -> None:
    for number in range(40):
        prompt = f"What is number {number}?"
        old = record(1, prompt=prompt, metadata={"group": f"another prompt {number}"})
        new = record(2, prompt=prompt.upper(), metadata={})
        review = Review((old, new), tuple(full(n, 1, 2, 3, prompt=f"¿{n}?") for n in (1, 2)))
        export_review(review, tmp_path, ExportSettings(test_share=0.5))
        summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
        assert sorted(summary["pairs"].values()) == [0, 6]


def test_ballots_that_are_no_longer_there_are_kept(tmp_path: Path) -> None:
    out, review = tmp_path / "out", review_of(6)
    assert export_review(review, out, BOTH).gone == Gone((), ())
    assert not (out / "ballots-gone.jsonl").exists()
    left = Review(review.records, tuple(ballot for ballot in review.ballots if ballot.reviewer != "eva"))
    eva = tuple(ballot for ballot in review.ballots if ballot.reviewer == "eva")
    assert export_review(left, out, BOTH, dry_run=True).gone == Gone(eva, eva)
    assert not (out / "ballots-gone.jsonl").exists()
    assert export_review(left, out, BOTH).gone == Gone(eva, eva)
    for _ in range(2):
        kept = [Ballot.from_json(line) for line in json_lines(out / "ballots-gone.jsonl")]
        assert (kept, [b.reviewer for b in kept]) == ([*eva], ["eva"] * 4)
        again = export_review(left, out, BOTH)
        assert (again.changed, again.gone) == (False, Gone((), eva))
    assert not any("gone" in name for name in json.loads((out / "summary.json").read_text(encoding="utf-8")))


def test_a_newer_ballot_of_a_folder_is_kept_from_an_export_of_an_older_collection(tmp_path: Path) -> None:
    out, review = tmp_path / "out", review_of(6)
    first = review.ballots[0]
    newer = replace(first, updated_at="2031-01-01T00:00:00Z", comment="later")
    export_review(replace(review, ballots=(newer, *review.ballots[1:])), out, BOTH)
    assert export_review(review, out, BOTH, dry_run=True).gone == Gone((), (newer,), (newer,))
    assert export_review(review, out, BOTH).gone == Gone((), (newer,), (newer,))
    before = contents(out)
    again = export_review(review, out, BOTH)
    assert (again.changed, again.gone, contents(out)) == (False, Gone((), (newer,)), before)
    assert [Ballot.from_json(line) for line in json_lines(out / "ballots-gone.jsonl")] == [newer]


def test_an_export_sweeps_what_a_killed_collection_left_in_its_folder(tmp_path: Path) -> None:
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = [tmp_path / f".{name}.jsonl.{dead.pid}-0a.part" for name in ("records", "ballots", "ballots-gone")]
    living = tmp_path / f".ballots.jsonl.{os.getppid()}-0a.part"
    for path in (*left, living):
        path.touch()
    export_review(review_of(6), tmp_path, BOTH, dry_run=True)
    assert all(path.exists() for path in left)
    export_review(review_of(6), tmp_path, BOTH)
    assert [path.exists() for path in (*left, living)] == [False, False, False, True]


def test_ballots_of_a_collected_review_are_kept_and_what_cannot_be_read_is_not_overwritten(tmp_path: Path) -> None:
    review = review_of(6)
    write_review(review, tmp_path)
    left = Review(review.records, tuple(ballot for ballot in review.ballots if ballot.reviewer != "eva"))
    export_review(left, tmp_path, BOTH)
    assert {line["reviewer"] for line in json_lines(tmp_path / "ballots-gone.jsonl")} == {"eva"}
    (tmp_path / "ballots.jsonl").write_text("{}\n")
    with pytest.raises(DataError, match=r"ballots\.jsonl, line 1: .*correct it, or write to another folder"):
        export_review(left, tmp_path, ExportSettings(test_share=0.7))
    assert (tmp_path / "ballots.jsonl").read_text() == "{}\n"


@pytest.mark.parametrize("name", ["dpo/train.parquet", "dpo/test.jsonl", "summary.json", "dropped.jsonl"])
@pytest.mark.parametrize("dry_run", [False, True])
def test_a_folder_in_the_place_of_a_file_is_named_and_nothing_is_written(
    tmp_path: Path, name: str, dry_run: bool
) -> None:
    (tmp_path / name).mkdir(parents=True)
    with pytest.raises(DataError) as error:
        export_review(review_of(), tmp_path, ExportSettings(jsonl=True), dry_run=dry_run)
    assert str(error.value) == f"{tmp_path / name}: not a regular file, so it cannot be replaced; move it away"
    assert contents(tmp_path) == {}


def test_pairs_with_a_text_that_nobody_submitted_are_counted_apart(tmp_path: Path) -> None:
    review = Review((record(1),), (full(1, 1, 2, 3, answers=(" ", *TRANSLATED[1:])),))
    plain = export_review(review, tmp_path / "plain", ExportSettings()).counts.to_json()
    assert (sum(plain["pairs"].values()), plain["dropped"]) == (1, {"unreviewed_text": 2})
    more = export_review(review, tmp_path / "more", ExportSettings(unreviewed=True)).counts.to_json()
    assert (more["pairs"], more["records"], more["dropped"]) == (plain["pairs"], plain["records"], {})
    assert more["added_unreviewed"]["records"] == 1
    assert sum(more["added_unreviewed"].values()) == 1 + 2


def test_an_unreviewed_record_that_contradicts_itself_has_no_pair(tmp_path: Path) -> None:
    ring = record(1, answers=(Answer("A", None), Answer("B", None), Answer("C", None)),
                  comparisons=(Comparison(0, 1), Comparison(1, 2), Comparison(2, 0)))  # fmt: skip
    export_review(Review((ring,), ()), tmp_path, ExportSettings(unreviewed=True))
    dropped = json_lines(tmp_path / "dropped.jsonl")
    assert [line["answers"] for line in dropped] == [[0, 1], [0, 2], [1, 2]]
    assert {line["detail"] for line in dropped} == {
        "no reviewer submitted a ballot, and the source puts an answer above itself"
    }


def test_json_lines_hold_the_rows_of_the_tables(tmp_path: Path) -> None:
    settings = ExportSettings(tuple(FORMATS), test_share=0.4, jsonl=True)
    export_review(review_of(), tmp_path, settings)
    before = contents(tmp_path)
    for name in FORMATS:
        for split, rows in rows_of(tmp_path, name).items():
            assert json_lines(tmp_path / name / f"{split}.jsonl") == rows
    assert not export_review(review_of(), tmp_path, settings).changed
    assert export_review(review_of(), tmp_path, replace(settings, jsonl=False)).stale == ()
    exported = export_review(review_of(), tmp_path, replace(settings, jsonl=False, test_share=0.6))
    assert exported.stale == tuple(f"{name}/{split}.jsonl" for name in sorted(FORMATS) for split in ("train", "test"))
    assert {name for name in before if name.endswith(".jsonl")} <= set(contents(tmp_path))


def test_what_a_format_cannot_hold_is_listed(tmp_path: Path) -> None:
    counts = export_review(review_of(4), tmp_path, ExportSettings(("kto", "sft"))).counts
    # 1 ranks the first answer last and ties the others; 4 has a middle answer
    assert json_lines(tmp_path / "left_out.jsonl") == [
        {"record_id": "h4rmony-1", "format": "sft", "answer": None, "reason": "no_single_best"},
        {"record_id": "h4rmony-4", "format": "kto", "answer": 1, "reason": "mixed"},
    ]
    assert counts.to_json()["left_out"] == {"kto/mixed": 1, "sft/no_single_best": 1}


def test_weights_are_stated_and_must_fit(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("reviewer,weight\nana,1\neva,0.5\nleo,1\n")
    settings = ExportSettings(weights=read_weights(path))
    export_review(review_of(), tmp_path / "out", settings)
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert summary["settings"]["weights"] == {"file": "people.csv", "sha256": ANY, "reviewers": 3}
    rows = [row for found in rows_of(tmp_path / "out", "dpo").values() for row in found]
    assert {(row["reviewers"], row["wins"], row["weighted_margin"]) for row in rows} == {(1, 1, 1.0), (2, 2, 1.5)}
    assert json_lines(tmp_path / "out" / "dropped.jsonl")[0]["weighted_margin"] == 0.0
    path.write_text("reviewer,weight\nana,1\n")
    with pytest.raises(DataError, match="no row for reviewer 'eva'"):
        export_review(review_of(), tmp_path / "other", ExportSettings(weights=read_weights(path)))
    assert not (tmp_path / "other").exists()


def test_a_split_without_rows_does_not_keep_the_other_from_loading(tmp_path: Path) -> None:
    """What `datasets` does with such a file; the documentation says the same."""
    import datasets
    import pyarrow.parquet as pq

    export_review(review_of(), tmp_path / "out", ExportSettings(tuple(FORMATS), test_share=0))
    for name in FORMATS:
        files = {split: str(tmp_path / "out" / name / f"{split}.parquet") for split in ("train", "test")}
        cache = str(tmp_path / "cache")
        train = datasets.load_dataset("parquet", data_files={"train": files["train"]}, cache_dir=cache)["train"]
        assert len(train) > 0
        with pytest.raises(ValueError, match='"test" corresponds to no data'):
            datasets.load_dataset("parquet", data_files=files, features=train.features, cache_dir=cache)
        both = datasets.load_dataset("parquet", data_files=files, streaming=True)
        assert (len(list(both["train"])), list(both["test"])) == (len(train), [])
        empty = datasets.Dataset(pq.read_table(files["test"]))
        assert (len(empty), empty.features) == (0, train.features)
