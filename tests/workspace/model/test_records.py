"""The record: what it accepts, what it refuses and why, and its way through JSON Lines."""

import copy
import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.strategies import records
from tests.workspace.model.test_ballots import LINE as BALLOT
from workspace.errors import DataError
from workspace.files.jsonl import dumps, read_jsonl, write_jsonl
from workspace.model.ballots import Ballot
from workspace.model.records import Answer, Comparison, Record, Translation

GOOD: dict[str, Any] = {
    "id": "h4rmony-1",
    "prompt": "Why do wetlands matter?",
    "answers": [{"text": "They filter water.", "rank": 1}, {"text": "It depends.", "rank": 2}],
    "comparisons": [{"better": 0, "worse": 1, "Id": "7", "ComparedRanks": "R1-R2"}],
    "metadata": {"prompt_id": "1", "issues": ["NRMB"]},
    "translation": {"language": "es", "engine": "apertium", "prompt": "¿?", "answers": ["Filtran.", "Depende."]},
}


def changed(**changes: Any) -> dict[str, Any]:
    return {**GOOD, **changes}


def test_a_record_goes_through_json_unchanged() -> None:
    record = Record.from_json(GOOD)
    assert record.to_json() == GOOD
    assert record.comparisons == (Comparison(0, 1, {"Id": "7", "ComparedRanks": "R1-R2"}),)
    assert record.is_ranked
    assert record.texts == ("Why do wetlands matter?", "They filter water.", "It depends.")


@given(records())
def test_every_record_goes_through_json_unchanged(record: Record) -> None:
    assert Record.from_json(json.loads(json.dumps(record.to_json()))) == record


ONE, TWO = GOOD["answers"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ([], "a JSON object is needed, got list"),
        ({"id": "x"}, "key 'prompt' is missing; it has 'id'"),
        (changed(id=7), "'id' must be str, got int"),
        (changed(id="a b"), "its id must be 1 to 200 letters"),
        (changed(prompt=" "), "a text is blank"),
        (changed(prompt="a\x00b"), "a NUL character"),
        (changed(prompt="\ud83c"), "half a surrogate pair"),
        (changed(answers=[ONE]), "it has 1 answer; a record has 2 to 26"),
        (changed(answers=[{"text": f"t{i:02}", "rank": None} for i in range(27)]), "it has 27 answers"),
        (changed(answers=[ONE, {**ONE, "rank": 2}]), "two of its answers are equal"),
        (changed(answers=[ONE, {"text": "x", "rank": 3}]), "its ranks must be from 1 to 2 or null, got [1, 3]"),
        (changed(answers=[ONE, {"text": "x", "rank": True}]), "'rank' must be int, got bool"),
        (changed(answers=[TWO, ONE]), "not sorted by rank"),
        (changed(answers=["x", "y"]), "answer: a JSON object is needed, got str"),
        (changed(comparisons=[{"better": 0, "worse": 2}]), "comparison [0, 2] does not name two of its 2 answers"),
        (changed(comparisons=[{"better": 1, "worse": 0}]), "comparison [1, 0] contradicts the ranks [1, 2]"),
        (changed(comparisons=[{"better": 0, "worse": 1, "Id": 7}]), "column 'Id' must be str, got int"),
        (changed(translation={"language": "es"}), "key 'engine' is missing"),
        # every string, wherever it is, keys too
        (changed(translation={**GOOD["translation"], "engine": "a\ud800"}), "its translation's engine holds half"),
        (changed(translation={**GOOD["translation"], "language": "\udc00"}), "its translation's language holds half"),
        (changed(translation={**GOOD["translation"], "prompt": "\udc00"}), "half a surrogate pair"),
        (changed(metadata={"type": "\ud83c"}), "its metadata 'type' holds half a surrogate pair"),
        (changed(metadata={"\ud83c": 1}), "its metadata '\\ud83c' holds half a surrogate pair"),
        (changed(metadata={"x": [1, {"deep": ["\ud83c"]}]}), "its metadata 'x' holds half a surrogate pair"),
        (changed(metadata={"x": {"\ud83c": None}}), "its metadata 'x' holds half a surrogate pair"),
        (changed(comparisons=[{"better": 0, "worse": 1, "Id": "\ud83c"}]), "its column 'Id' holds half a surrogate"),
        (changed(comparisons=[{"better": 0, "worse": 1, "\ud83c": ""}]), "its column '\\ud83c' holds half a"),
        # every field has its type, also where it may be left out
        (changed(comparisons=5), "'comparisons' must be list, got int"),
        (changed(comparisons="ab"), "'comparisons' must be list, got str"),
        (changed(comparisons={}), "'comparisons' must be list, got dict"),
        (changed(metadata=[]), "'metadata' must be dict, got list"),
        (changed(translation=[]), "a JSON object is needed, got list"),
        (changed(translation=5), "a JSON object is needed, got int"),
        (changed(translation={**GOOD["translation"], "adequacy": 5}), "'adequacy' must be list, got int"),
        (changed(translation={**GOOD["translation"], "adequacy": [2, 0, 0]}), "score must be a number from 0 to 1"),
        (changed(translation={**GOOD["translation"], "adequacy": [10**400, 0, 0]}), "must be a number from 0 to 1"),
        (changed(translation={**GOOD["translation"], "adequacy": [float("nan"), 0, 0]}), "from 0 to 1"),
        (changed(answers=[ONE, {"text": "x", "rank": "2"}]), "'rank' must be int, got str"),
        (changed(translation={**GOOD["translation"], "answers": ["x"]}), "its translation has 1 answer for 2"),
        (changed(translation={**GOOD["translation"], "adequacy": [0.5]}), "1 adequacy score for 3 texts"),
        (changed(translation={**GOOD["translation"], "adequacy": ["a"]}), "every adequacy score must be a number"),
    ],
)
def test_what_breaks_a_rule_is_refused_with_the_rule(data: Any, message: str) -> None:
    with pytest.raises(DataError) as error:
        Record.from_json(data)
    assert message in str(error.value)


def test_what_may_be_left_out_may_be_null() -> None:
    bare = {name: GOOD[name] for name in ("id", "prompt", "answers")}
    empty = {**bare, "comparisons": None, "metadata": None, "translation": None}
    assert Record.from_json(bare) == Record.from_json(empty) == Record.from_json({**bare, "translation": {}})
    told = {**GOOD, "translation": {**GOOD["translation"], "adequacy": None}}
    assert Record.from_json(told) == Record.from_json(GOOD)


ANY_TEXT = st.sampled_from(["\ud800", "a\x00"]) | st.text(st.characters(), max_size=4)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.just(10**400) | ANY_TEXT,
    lambda values: st.lists(values, max_size=3) | st.dictionaries(ANY_TEXT, values, max_size=3),
    max_leaves=6,
)


@st.composite
def broken(draw: st.DrawFn, good: dict[str, Any]) -> Any:
    """A good JSON object with any value, at any depth, in the place of one or more of its values."""
    data = copy.deepcopy(good)
    for _ in range(draw(st.integers(1, 3))):
        place: Any = data
        while True:
            keys = list(place) if isinstance(place, dict) else list(range(len(place)))
            key = draw(st.sampled_from(keys)) if keys else None
            if key is None or not isinstance(place[key], dict | list) or draw(st.booleans()):
                break
            place = place[key]
        new = draw(JSON_VALUES)
        if isinstance(place, dict):
            place[draw(ANY_TEXT) if key is None or draw(st.booleans()) else key] = new
        elif key is None:
            place.append(new)
        else:
            place[key] = new
    return data


def read_or_refused(parse: Any, data: Any) -> None:
    """Whatever is accepted can be written as a line; all else is a stated error that can be printed."""
    try:
        value = parse(data)
    except DataError as error:
        str(error).encode()
    else:
        line = dumps(value.to_json())
        assert dumps(parse(json.loads(line.encode())).to_json()) == line


@settings(max_examples=400)
@given(JSON_VALUES | broken({**GOOD, "translation": {**GOOD["translation"], "adequacy": [0.5, 1, 0]}}))
def test_any_json_is_a_record_or_a_stated_error(data: Any) -> None:
    read_or_refused(Record.from_json, data)


@settings(max_examples=400)
@given(JSON_VALUES | broken(BALLOT))
def test_any_json_is_a_ballot_or_a_stated_error(data: Any) -> None:
    read_or_refused(Ballot.from_json, data)


def test_the_hash_follows_the_texts_and_ranks_only() -> None:
    record = Record.from_json(GOOD)
    assert record.source_hash == Record.from_json(changed(metadata={}, translation=None)).source_hash
    assert record.source_hash != Record.from_json(changed(prompt="Why?")).source_hash
    unranked = [{**ONE, "rank": None}, {**TWO, "rank": None}]
    assert record.source_hash != Record.from_json(changed(answers=unranked[::-1], comparisons=[])).source_hash


def test_jsonl_names_the_file_and_the_line(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    good = json.dumps(GOOD).encode()
    for line, message in [
        (b"{", "line 3: not JSON (Expecting property name enclosed in double quotes at column 2)"),
        (b'{"id', "line 3: not JSON (Unterminated string starting at column 2)"),
        (b'{"id": "\xe1"}', "line 3: not UTF-8 text"),
        (b'{"id": "x"}', "line 3: record: key 'prompt' is missing"),
    ]:
        file.write_bytes(b"\xef\xbb\xbf" + good + b"\r\n\n" + line + b"\n")
        reading = read_jsonl(file, Record.from_json)
        assert next(reading).id == "h4rmony-1"
        with pytest.raises(DataError) as error:
            next(reading)
        assert str(error.value).startswith(f"{file}, {message}")


def test_a_missing_file_is_a_stated_error(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read \\(No such file or directory\\)"):
        next(read_jsonl(tmp_path / "none.jsonl", Record.from_json))


def test_a_failed_write_leaves_the_old_file_and_no_other(tmp_path: Path) -> None:
    file = tmp_path / "records.jsonl"
    write_jsonl(file, [{"a": "ñ"}])

    def broken() -> Any:
        yield {"a": 1}
        raise DataError("row 2 is bad")

    with pytest.raises(DataError, match="row 2"):
        write_jsonl(file, broken())
    assert file.read_text(encoding="utf-8") == '{"a": "ñ"}\n'
    assert list(tmp_path.iterdir()) == [file]


def test_only_a_file_is_replaced_and_a_link_stays(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    for name in ("folder", "pipe"):
        with pytest.raises(DataError, match="not a regular file"):
            write_jsonl(tmp_path / name, [{}])
    link = tmp_path / "link.jsonl"
    link.symlink_to(tmp_path / "target.jsonl")
    write_jsonl(link, [{"a": 1}])
    assert link.is_symlink()
    assert (tmp_path / "target.jsonl").read_text() == '{"a": 1}\n'


def test_a_file_where_a_folder_is_needed_is_a_stated_error(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("mine")
    for path in (file / "x.jsonl", file / "deep" / "x.jsonl"):
        with pytest.raises(DataError) as error:
            write_jsonl(path, [{}])
        assert str(error.value) == f"{path}: cannot be written, because {file} is not a folder; choose another place"
    assert file.read_text() == "mine"


def test_a_link_to_itself_and_a_name_that_is_too_long_are_stated_errors(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    for path in (tmp_path / "loop", tmp_path / "loop" / "x.jsonl", tmp_path / ("x" * 300)):
        with pytest.raises(DataError, match=f"{path}: cannot be written"):
            write_jsonl(path, [{}])


def test_a_record_cannot_be_changed() -> None:
    record = Record.from_json(GOOD)
    with pytest.raises(TypeError):
        record.metadata["x"] = 1  # type: ignore[index]


def test_translation_may_lack_single_texts() -> None:
    Record("a", "p", (Answer("x", 1), Answer("y", 2)), translation=Translation("es", "e", "", ("", "y")))


HUGE = "k" * 10_000_000


@pytest.mark.parametrize(
    "changes",
    [
        {"id": HUGE},
        {"metadata": {HUGE: "\ud800"}},
        {"comparisons": [{"better": 0, "worse": 1, HUGE: "\ud800"}]},
        {"comparisons": [{"better": 0, "worse": 1, HUGE: 1}]},
        {"comparisons": [{"better": 0, HUGE: 1}]},
        {"comparisons": [{"better": 0, "worse": 10**4000}]},
        {"comparisons": [{"better": 0, **{f"{number}": "" for number in range(100_000)}}]},
        {"answers": [{"text": "x", "rank": 10**4000}, {"text": "y", "rank": None}]},
        {"answers": [{"text": "x", HUGE: 1}, {"rank": 1}]},
    ],
)
def test_what_is_wrong_is_said_in_one_short_line(changes: dict[str, Any]) -> None:
    with pytest.raises(DataError) as error:
        Record.from_json({**GOOD, **changes})
    assert len(str(error.value)) < 700
    assert "…" in str(error.value) or "answer: key 'text' is missing" in str(error.value)
