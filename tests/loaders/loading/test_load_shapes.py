"""Data of any shape in a review: loaded twice it changes nothing, and it comes back with its rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from exports import collect, explode
from loaders import implode, load
from loaders.loading.actions import Action
from loaders.source.read import read_table
from tests.reviews import connection_to
from workspace.config import Credentials

ROWS: dict[str, list[dict[str, Any]]] = {
    "conversations": [
        {
            "prompt": [{"role": "system", "content": "Sé amable."}, {"role": "user", "content": "¿Árboles?"}],
            "chosen": [{"role": "assistant", "content": "Consérvalos."}],
            "rejected": [{"role": "assistant", "content": "Tálalos."}],
            "score_chosen": 8.5,
        },
        # the same without its context, which is another record
        {"prompt": "¿Árboles?", "chosen": "Consérvalos.", "rejected": "Tálalos."},
    ],
    "votes": [
        {"prompt": "¿Ríos?", "response_a": "Viven.", "response_b": "Son agua.", "winner": winner, "judge": judge}
        for judge, winner in (("1", "a"), ("2", "b"))
    ],
    "labels": [
        {"prompt": "¿Setos?", "completion": text, "label": label}
        for text, label in (("Dan sombra.", True), ("Estorban.", False))
    ],
}


@pytest.mark.parametrize("name", ROWS)
def test_loading_twice_changes_nothing_and_the_rows_come_back(name: str, server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path / "home")
    given: dict[str, Any] = {"translator": "none", "embedding_model": "none", "source_language": "es", "answers": 2}
    imploded = implode(ROWS[name])
    first = load(imploded, connection, **given)
    assert (first.shape, first.actions) == (imploded.shape, {Action.NEW: len(imploded)})
    assert first.modes == ({"blind": 1} if name == "votes" else first.modes)
    assert load(ROWS[name], connection, **given).actions == {Action.UNCHANGED: len(imploded)}
    review = collect(connection)
    assert [record.source_hash for record in review.records] == [record.source_hash for record in imploded]
    assert [record.context for record in review.records] == [record.context for record in imploded]

    def cells(rows: Any) -> list[list[tuple[str, str]]]:
        return sorted(sorted((c, cell) for c, cell in row.cells.items() if cell) for row in read_table(rows).rows)

    assert cells(explode(review)) == cells(ROWS[name])
