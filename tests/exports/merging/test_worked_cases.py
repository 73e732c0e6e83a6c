"""Three reviewers and twelve cases worked by hand: the exported pairs, and every line of dropped.jsonl."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq

from exports.merging.votes import MergeRules
from exports.review.files import read_review
from exports.write.export import ExportSettings, export_review
from tests.cli import json_lines
from tests.exports.cases import TRANSLATED, record
from workspace.files.jsonl import write_jsonl
from workspace.model.records import Translation

ABC, BCA, CAB = [1, 2, 3], [3, 1, 2], [2, 3, 1]
HALF = Translation("es", "apertium 3.8", "¿Qué?", ("Uno.", "Dos.", ""))


def by(reviewer: str, ranks: list[int | None], **changes: Any) -> dict[str, Any]:
    """A line of ballots.jsonl."""
    texts: dict[str, Any] = {"prompt": "¿Qué?", "answers": list(TRANSLATED)}
    return {"reviewer": reviewer, "status": "submitted", "updated_at": "2026-01-01T00:00:00Z", "ranks": ranks,
            **texts, **changes}  # fmt: skip


def three(ana: Any, eva: Any, leo: Any, **changes: Any) -> list[dict[str, Any]]:
    return [by("ana", ana, **changes), by("eva", eva, **changes), by("leo", leo, **changes)]


ALL = {"0-1", "0-2", "1-2"}
# name: the ballots, the pairs "chosen-rejected" that are written, the reasons of the others
CASES: dict[str, tuple[list[dict[str, Any]], set[str], dict[str, str]]] = {
    "unanimous": (three(ABC, ABC, ABC), ALL, {}),
    "two to one": (three(ABC, ABC, [3, 2, 1]), ALL, {}),
    "tie": (three([1, 2, 2], [2, 1, 3], [1, 1, 2]), {"0-2", "1-2"}, {"0-1": "tie"}),
    "cycle": (three(ABC, BCA, CAB), set(), dict.fromkeys(ALL, "cycle")),
    # leo's draft is not a vote, so one is against one
    "draft": (
        [by("ana", ABC), by("eva", [2, 1, 3]), by("leo", [1, 3, 2], status="draft")],
        {"0-2", "1-2"},
        {"0-1": "tie"},
    ),
    "discard": (
        [by("ana", ABC), by("eva", [None] * 3, status="discarded"), by("leo", [None] * 3, status="discarded")],
        set(),
        dict.fromkeys(ALL, "too_few_reviewers"),
    ),
    # ranks as some tools write them: 1, 3, 3 is 1, 2, 2; and 2, 5, 9 is 1, 2, 3
    "gaps": (three([1, 3, 3], [2, 5, 9], [1, 3, 3]), ALL, {}),
    "not_rankable": (
        [by("ana", ABC), by("eva", ABC, problems=["not_rankable"]), by("leo", ABC, problems=["not_rankable"])],
        set(),
        dict.fromkeys(ALL, "not_rankable"),
    ),
    "one reviewer": ([by("ana", ABC)], set(), dict.fromkeys(ALL, "too_few_reviewers")),
    # all three reviewers made the second answer what the first one is, but for its spaces
    "equal texts": (
        three(ABC, ABC, ABC, answers=["Es  bueno.", "Es bueno. ", "Es malo."]),
        {"0-2", "1-2"},
        {"0-1": "equal_texts"},
    ),
    # the server holds one answer a reviewer: the last one, which turns the first
    "changed mind": (three([3, 2, 1], [3, 2, 1], [3, 2, 1]), {"1-0", "2-0", "2-1"}, {}),
    # the third answer was never translated, and nobody wrote one
    "missing answer": (
        three(ABC, ABC, ABC, answers=["Uno.", "Dos.", None]),
        {"0-1"},
        {"0-2": "missing_text", "1-2": "missing_text"},
    ),
}
NAMES = {f"h4rmony-{number}": name for number, name in enumerate(CASES, start=100)}
BEFORE = {"changed mind": three(ABC, ABC, [3, 2, 1])}


def collected(folder: Path, cases: dict[str, list[dict[str, Any]]]) -> Path:
    records = [
        record(int(key[8:]), **({"translation": HALF} if name == "missing answer" else {}))
        for key, name in NAMES.items()
    ]
    write_jsonl(folder / "records.jsonl", (item.to_json() for item in records))
    lines = ({"record_id": key, **ballot} for key, name in NAMES.items() for ballot in cases[name])
    write_jsonl(folder / "ballots.jsonl", lines)
    return folder


def exported(folder: Path) -> dict[str, tuple[set[str], dict[str, str]]]:
    found: dict[str, tuple[set[str], dict[str, str]]] = {name: (set(), {}) for name in CASES}
    for split in ("train", "test"):
        for row in pq.read_table(folder / "dpo" / f"{split}.parquet").to_pylist():
            found[NAMES[row["record_id"]]][0].add(row["id"].partition(":")[2])
    for dropped in json_lines(folder / "dropped.jsonl"):
        found[NAMES[dropped["record_id"]]][1]["-".join(map(str, dropped["answers"]))] = dropped["reason"]
    return found


def test_the_export_is_the_table(tmp_path: Path) -> None:
    now = {name: case[0] for name, case in CASES.items()}
    settings = ExportSettings(rules=MergeRules(min_reviewers=2))
    export_review(read_review(collected(tmp_path / "before", {**now, **BEFORE})), tmp_path / "out", settings)
    assert exported(tmp_path / "out")["changed mind"] == (ALL, {})
    export_review(read_review(collected(tmp_path / "after", now)), tmp_path / "out", settings)
    assert exported(tmp_path / "out") == {name: case[1:] for name, case in CASES.items()}
