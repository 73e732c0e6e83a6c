"""Several sources in one review: which records an export takes, and that the choice moves no prompt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from hypothesis import given
from hypothesis import strategies as st

from exports import export, merge, pairs, publish, report
from exports.formats import FORMATS
from exports.merging.settings import MergeSettings
from exports.merging.split import split_of
from exports.review.files import Review, read_review, write_review
from tests.cli import json_lines
from tests.exports.cases import TRANSLATED, confirmed, record, vote
from workspace.cli import main
from workspace.errors import ConfigError, DataError
from workspace.model.prompts import prompt_key
from workspace.model.records import Answer, Record, Translation

SPANISH = ("Cuidarlo entre todos.", "Depende del precio.", "Da igual.")
PROMPTS = ("¿Qué hacemos con el arroyo?", "¿Y con la sequía?")


def own(number: int, prompt: str, source: str = "extended", **metadata: Any) -> Record:
    """A record that was written in Spanish."""
    answers = tuple(Answer(text, rank) for rank, text in enumerate(SPANISH, 1))
    spanish = Translation("es", "original", prompt, SPANISH)
    name = f"{source}-{number:016x}"
    return Record(name, prompt, answers, (), {"language": "es", **metadata}, spanish)


def two_sources() -> Review:
    """Three records of H4rmony's, of which one says what one of the two Spanish ones says."""
    spanish = [own(number, prompt) for number, prompt in enumerate(PROMPTS)]
    grouped = own(7, "¿Qué es el compost 3?", group=prompt_key(record(3).prompt))
    ballots = [confirmed(1, 2, 3, record_id=f"h4rmony-{number}") for number in (1, 2, 3)]
    ballots += [
        vote(1, 2, 3, record_id=each.id, prompt=each.prompt, answers=SPANISH, reviewer="eva")
        for each in (*spanish, grouped)
    ]
    return Review((*map(record, (1, 2, 3)), *spanish, grouped), tuple(ballots))


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, list(map(str, arguments)))


def ids(folder: Path, name: str = "dpo") -> dict[str, list[str]]:
    """The records of a format's rows, by split."""
    read = {split: pq.read_table(folder / name / f"{split}.parquet") for split in ("train", "test")}
    return {split: sorted(set(table["record_id"].to_pylist())) for split, table in read.items()}


@pytest.mark.parametrize("name", FORMATS)
def test_each_row_of_each_format_says_its_source(name: str, tmp_path: Path) -> None:
    export(merge(two_sources(), language="both", test_share=0.5), tmp_path, [name])
    rows = [
        row for split in ("train", "test") for row in pq.read_table(tmp_path / name / f"{split}.parquet").to_pylist()
    ]
    assert {row["source"] for row in rows} == {"h4rmony", "extended"}
    assert all(row["record_id"].startswith(f"{row['source']}-") for row in rows)


@pytest.mark.parametrize("sources", [["h4rmony"], ["extended"], ["h4rmony", "extended"]])
def test_a_choice_of_sources_writes_their_rows_alone_and_moves_none(sources: list[str], tmp_path: Path) -> None:
    review = two_sources()
    whole, part = (merge(review, sources=chosen, test_share=0.5) for chosen in ((), sources))
    exported = export(part, tmp_path)
    export(whole, tmp_path / "whole")
    assert set(exported.counts.sources) == set(sources)
    for split, found in ids(tmp_path / "whole").items():
        assert ids(tmp_path)[split] == [name for name in found if name.rpartition("-")[0] in sources]
    assert set(pairs(part)["source"]) == set(sources)
    assert exported.counts.to_json()["records"]["total"] == 3 * len(sources)
    assert len(json_lines(tmp_path / "ballots.jsonl")) == 6, "no ballot is lost to a choice of sources"


def test_the_summary_has_the_pairs_and_rows_of_each_source_in_each_language(tmp_path: Path) -> None:
    exported = export(merge(two_sources(), language="both", test_share=1), tmp_path, ["dpo", "sft"])
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    rows = {"dpo/test": 9, "sft/test": 3}
    assert summary["sources"] == {
        "extended": {"records": 3, "pairs": {"es": {"test": 9}}, "rows": {"es": rows}},
        "h4rmony": {
            "records": 3,
            "pairs": {"en": {"test": 9}, "es": {"test": 9}},
            "rows": {"en": rows, "es": rows},
        },
    }
    assert exported.counts.left_out == {}, "what was written in Spanish is written once, as Spanish"


def test_english_leaves_out_what_has_none_with_its_reason(tmp_path: Path) -> None:
    export(merge(two_sources(), language="en", test_share=1), tmp_path, ["dpo"])
    summary = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))
    assert summary["left_out"] == {"dpo/not_in_english": 3}
    assert [(line["record_id"][:8], line["reason"]) for line in json_lines(tmp_path / "left_out.jsonl")] == [
        ("extended", "not_in_english")
    ] * 3
    assert summary["sources"]["extended"] == {"records": 3, "pairs": {}, "rows": {}}
    table = pq.read_table(tmp_path / "dpo" / "test.parquet")
    assert set(table["source"].to_pylist()) == {"h4rmony"}
    assert not any(text in str(table["prompt"].to_pylist()) for text in PROMPTS)


def test_a_choice_of_one_source_after_another_takes_no_ballot_out_of_a_folder(tmp_path: Path) -> None:
    """Not even out of the folder of the review itself."""
    write_review(two_sources(), tmp_path)
    for source in ("extended", "h4rmony"):
        done = run("export", "--review", tmp_path, "-o", tmp_path, "--source", source)
        assert done.exit_code == 0
        assert "ballot" not in done.stderr
    assert not (tmp_path / "ballots-gone.jsonl").exists()
    assert read_review(tmp_path).ballots == two_sources().ballots
    again = run("export", "--review", tmp_path, "-o", tmp_path, "--source", "h4rmony")
    assert again.stdout.startswith(f"{tmp_path} is unchanged")


def test_the_command_says_the_pairs_of_each_source_where_there_are_several(tmp_path: Path) -> None:
    write_review(two_sources(), tmp_path / "review")
    command = ("export", "--review", tmp_path / "review", "-o", tmp_path / "out", "--language", "both")
    assert "  pairs by source   extended (es) 9, h4rmony (en) 9, h4rmony (es) 9\n" in run(*command).stdout
    assert "source" not in run(*command, "--source", "h4rmony").stdout


@pytest.mark.parametrize("command", ["export", "report", "publish"])
def test_an_unknown_source_is_an_error_that_lists_those_that_there_are(command: str, tmp_path: Path) -> None:
    write_review(two_sources(), tmp_path / "review")
    where = ["us/er", "--dry-run"] if command == "publish" else []
    done = run(command, *where, "--review", tmp_path / "review", "-o", tmp_path / "out", "--source", "harmony")
    assert done.exit_code == 1
    assert done.stderr == "Error: --source harmony: the review has no such source; it has extended, h4rmony\n"
    assert not (tmp_path / "out").exists()


def test_a_translation_in_the_words_of_a_spanish_prompt_on_the_other_side_is_warned_of(tmp_path: Path) -> None:
    """As in a dataset that was loaded before its groups went across languages."""
    share = 0.5
    number, spanish = next(
        (number, name)
        for number in range(50)
        if split_of(prompt_key(record(number).prompt), share)
        != split_of(prompt_key(name := f"¿Qué es el compost {number}?"), share)
    )
    ballots = (
        confirmed(1, 2, 3, record_id=f"h4rmony-{number}", prompt=spanish),
        vote(1, 2, 3, record_id=own(0, spanish).id, prompt=spanish, answers=SPANISH, reviewer="eva"),
    )
    write_review(Review((record(number), own(0, spanish)), ballots), tmp_path / "review")
    done = run("export", "--review", tmp_path / "review", "-o", tmp_path / "out", "--test-share", str(share))
    assert "Warning: 1 final prompt is in train and in test" in done.stderr
    assert "share one): different source prompts ended in the same words; correct one of each" in done.stderr
    alone = run("export", "--review", tmp_path / "review", "-o", tmp_path / "out", "--test-share", str(share),
                "--source", "extended")  # fmt: skip
    assert "final prompt" not in alone.stderr


@pytest.mark.extras
def test_a_report_of_one_source_is_about_its_records_alone(tmp_path: Path) -> None:
    review = two_sources()
    whole, part = (
        report(review, tmp_path / "report.html", sources=sources, home=tmp_path) for sources in ((), ("extended",))
    )
    assert [(each.records, each.votes, each.reviewers, each.pairs) for each in (whole, part)] == [
        (6, 6, 2, 18),
        (3, 3, 1, 9),
    ]


def test_sources_are_a_list_of_names() -> None:
    with pytest.raises(ConfigError, match="sources must be a list of names"):
        merge(two_sources(), sources="h4rmony")
    with pytest.raises(DataError, match="no such source"):
        merge(two_sources(), sources=["none"])


def test_a_publication_of_one_source_holds_nothing_of_another(tmp_path: Path) -> None:
    folder = tmp_path / "out"
    settings = MergeSettings(sources=("extended",), test_share=1)
    published = publish(two_sources(), "us/er", ["dpo"], folder=folder, settings=settings, home=tmp_path / "home")
    assert published.counts()["rows"] == {"dpo/test": 9, "ballots/train": 3}
    written = [path.read_bytes() for path in folder.iterdir() if path.suffix == ".jsonl"]
    assert len(written) == 3
    assert not any(b"h4rmony-" in text for text in written)
    assert set(pq.read_table(folder / "ballots" / "train.parquet")["record_id"].to_pylist()) == {
        record.id for record in two_sources().records if record.id.startswith("extended-")
    }


an_id = st.tuples(st.sampled_from(["h4rmony", "extended", "ours"]), st.integers(0, 30))
some = st.dictionaries(an_id, st.tuples(st.sampled_from("abcdef"), st.sampled_from([None, *"abcdefg"])), max_size=12)


@given(some, st.sets(st.sampled_from(["h4rmony", "extended", "ours"]), min_size=1), st.booleans())
def test_no_group_is_on_both_sides_and_no_choice_of_sources_moves_a_prompt(
    drawn: dict[tuple[str, int], tuple[str, str | None]], chosen: set[str], both: bool
) -> None:
    records = [
        own(number, f"¿{prompt}?", source, **({"group": group} if group else {}))
        if source != "h4rmony"
        else Record(
            f"h4rmony-{number:016x}",
            prompt,
            record().answers,
            (),
            {"group": group} if group else {},
            Translation("es", "apertium 3.8", f"¿{prompt.upper()}?", TRANSLATED),
        )
        for (source, number), (prompt, group) in drawn.items()
    ]
    review = Review(tuple(records), ())
    settings: dict[str, Any] = {"test_share": 0.5, "unreviewed": True, "language": "both" if both else "es"}
    known: Sequence[str] = sorted(chosen & {source for source, _ in drawn})
    sides = {each.record.id: each.split for each in merge(review, **settings).records}
    part = merge(review, sources=known, **settings).records
    assert {each.record.id: each.split for each in part} == {
        name: side for name, side in sides.items() if not known or name.rpartition("-")[0] in known
    }
    by_words: dict[str, set[str]] = {}
    for each in merge(review, **settings).records:
        by_words.setdefault(prompt_key(each.record.prompt), set()).add(each.split)
    assert all(len(found) == 1 for found in by_words.values())
