"""Records that reviewers call harmful, false or badly translated: which are taken out, and what is said of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import exports
from exports.formats import FORMATS
from exports.merging.pairs import review_record
from exports.merging.settings import Language
from exports.review.files import Review
from tests.exports.cases import TRANSLATED, confirmed, record
from workspace.model.ballots import Ballot

HARMFUL, FALSE, BAD = ({"problems": (name,)} for name in ("harmful", "false_fact", "bad_translation"))
BETTER = {"answers": (TRANSLATED[0], "Algo de trabajo.", TRANSLATED[2])}


def ballots(*changes: dict[str, Any]) -> list[Ballot]:
    return [confirmed(1, 2, 3, reviewer=f"r{number}", **change) for number, change in enumerate(changes)]


@pytest.mark.parametrize(
    ("changes", "spanish", "english"),
    [
        ([HARMFUL], "1 of 1 submitted ballots say harmful", True),
        ([HARMFUL, {}], "1 of 2 submitted ballots say harmful", True),
        ([HARMFUL, {}, {}], None, False),
        ([HARMFUL, FALSE, {}, {}], "2 of 4 submitted ballots say false_fact or harmful", True),
        ([{"problems": ("harmful", "false_fact")}, {}, {}], None, False),
        ([HARMFUL, {"status": "draft"}, {"status": "discarded"}], "1 of 1 submitted ballots say harmful", True),
        ([{**HARMFUL, "status": "draft"}, {}], None, False),
        ([BAD, {}], "1 of 2 submitted ballots say bad_translation", False),
        ([{**BAD, "prompt": "¿Qué  es el compost 1? "}], "1 of 1 submitted ballots say bad_translation", False),
        ([{**BAD, **BETTER}], None, False),
        ([BAD, BETTER], None, False),
        ([BAD, BAD, BETTER], "2 of 3 submitted ballots say bad_translation", False),
        ([BAD, HARMFUL, BETTER, BETTER], None, False),
        ([{"problems": ("other",)}], None, False),
    ],
)
def test_which_records_are_taken_out(changes: list[dict[str, Any]], spanish: str | None, *, english: bool) -> None:
    def details(language: Language, *, keep: bool = False) -> set[str]:
        merged = review_record(record(), ballots(*changes), language=language, keep_problems=keep)
        assert bool(merged.pairs) != any(pair.reason == "problems" for pair in merged.dropped)
        return {pair.detail for pair in merged.dropped if pair.reason == "problems"}

    assert details("es") == ({spanish} if spanish else set())
    assert bool(details("en")) == english
    assert details("es", keep=True) == details("en", keep=True) == set()


def marked_review() -> Review:
    """Records 1 to 4: badly translated and left so, the same but corrected, harmful, and one without a mark."""
    said = ({**BAD, "prompt": "¿Qué es el compost 1?"}, {**BAD, **BETTER}, HARMFUL, {})
    given = [confirmed(1, 2, 3, record_id=f"h4rmony-{n}", **{"prompt": f"¿Qué es el compost {n}?", **one})
             for n, one in enumerate(said, 1)]  # fmt: skip
    return Review(tuple(record(n) for n in range(1, 5)), tuple(given))


@pytest.mark.parametrize(
    ("options", "spanish", "english", "marked"),
    [
        ({}, {2, 4}, set(), {"kept": 1, "taken_out": 2}),
        ({"keep_problems": True}, {1, 2, 3, 4}, set(), {"kept": 3, "taken_out": 0}),
        ({"language": "both"}, {2, 4}, {1, 2, 4}, {"kept": 2, "taken_out": 2}),
    ],
)
def test_rows_reasons_and_card(
    tmp_path: Path, options: dict[str, Any], spanish: set[int], english: set[int], marked: dict[str, int]
) -> None:
    merged = exports.merge(marked_review(), test_share=0.0, **options)
    for name in FORMATS:
        rows = merged.to_dataset(name)["train"]
        found = {(row["record_id"], row.get("lang", "spa")) for row in rows}
        assert found == {(f"h4rmony-{n}", lang) for lang, ns in (("spa", spanish), ("eng", english)) for n in ns}
    exports.export(merged, tmp_path / "out", list(FORMATS))
    lines = [json.loads(line) for line in (tmp_path / "out" / "dropped.jsonl").read_text().splitlines()]
    out = {(line["record_id"], line["detail"].rpartition(" ")[2]) for line in lines if line["reason"] == "problems"}
    expected = {("h4rmony-1", "bad_translation"), ("h4rmony-3", "harmful")}
    assert out == (set() if options.get("keep_problems") else expected)
    assert json.loads((tmp_path / "out" / "summary.json").read_text())["marked"] == marked
    exports.publish(merged, "equipo/h4rmony", ["dpo"], folder=tmp_path / "hub", home=tmp_path / "home")
    card = " ".join((tmp_path / "hub" / "README.md").read_text(encoding="utf-8").split())
    one = {1: "registro quitado"}.get(marked["taken_out"], "registros quitados")
    assert f"**Con problemas señalados:** {marked['taken_out']} {one}" in card
    assert f"{marked['taken_out']} records taken out" in card
    assert "reviewers changed 1 of 16 translated texts" in card
    assert "from answers until 2024-05-01, by h4rmony-es" in card
    kept = marked["kept"]
    assert f"; {kept} {'conservado' if kept == 1 else 'conservados'}, con lo señalado en `problems`" in card
    assert f"; {kept} {'record' if kept == 1 else 'records'} kept, with what was reported in `problems`" in card
