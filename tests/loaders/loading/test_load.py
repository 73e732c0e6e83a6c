"""``loaders.load``: what the command does, in one call, on the real server."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from click.testing import CliRunner

from loaders import Imploded, implode, load
from loaders.loading.actions import Action
from tests.reviews import connection_to, options, record
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteDataset
from workspace.cli import main
from workspace.config import Credentials
from workspace.errors import ConfigError, DataError

SMALL = Path(__file__).parents[2] / "data" / "h4rmony_small.csv"
NONE: dict[str, Any] = {"translator": "none", "embedding_model": "none"}


@pytest.fixture
def connection(server: Credentials, tmp_path: Path) -> Connection:
    return connection_to(server, tmp_path / "home")


def test_a_frame_is_loaded_as_its_file_is_by_the_command(connection: Connection) -> None:
    dry = load(pd.read_csv(SMALL), connection, dry_run=True, **NONE)
    assert (dry.dry_run, dry.changed) == (True, 3)
    with Gateway(connection) as gateway:
        assert gateway.find_dataset() is None
    first = load(pd.read_csv(SMALL), connection, **NONE)
    assert (first.records, first.changed, first.actions) == (3, 3, {Action.NEW: 3})
    assert first.rows_left_out == 1
    again = load(implode(SMALL), connection, **NONE)
    arguments = ["load", str(SMALL), "--translator", "none", "--embedding-model", "none", "--json"]
    result = CliRunner().invoke(main, [*arguments, *options(connection)])
    assert json.loads(result.stdout) == again.to_json() | {"notes": []}
    assert (again.actions, again.changed) == ({Action.UNCHANGED: 3}, 0)


def test_the_records_of_the_dataset_are_fetched_once(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """By what finds near-duplicates and what compares, together."""
    records = Imploded.from_records([record(1), record(2)])
    load(records, connection, **NONE)
    fetched = []
    read = Gateway.records

    def counted(self: Gateway, dataset: RemoteDataset, **given: Any) -> Iterator[Any]:
        fetched.append(dataset.name)
        return read(self, dataset, **given)

    monkeypatch.setattr(Gateway, "records", counted)
    assert load(records, connection, **NONE).actions == {Action.UNCHANGED: 2}
    assert fetched == [connection.dataset]


def test_notes_problems_and_progress_are_told(connection: Connection) -> None:
    load([record(1), record(2)], connection, **NONE)
    seen: list[tuple[str, int]] = []

    def progress(items: Any, label: str, length: int) -> Any:
        seen.append((label, length))
        return nullcontext(items)

    changed = load([record(1, prompt="Another?"), record(2)], connection, progress=progress, **NONE)
    assert changed.actions == {Action.CONFLICT: 1, Action.UNCHANGED: 1}
    assert [note.split(",")[0] for note in changed.notes] == ["h4rmony-1: conflict"]
    assert seen == [("loading", 2)]
    replaced = load([record(1, prompt="Another?")], connection, replace_changed=True, **NONE)
    assert replaced.actions == {Action.REPLACED: 1}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"blind_share": 1.5}, "blind_share is 1.5; give a number from 0 to 1"),
        ({"answers": 1}, "answers is 1; give a number from 2 to 26"),
        ({"min_submitted": 0}, "min_submitted is 0; give a number of at least 1"),
        ({"duplicate_threshold": 0.2}, "duplicate_threshold is 0.2; give a number from 0.5 to 1"),
    ],
)
def test_options_out_of_range_are_named_before_anything_is_made(
    connection: Connection, given: dict[str, Any], message: str
) -> None:
    with pytest.raises(ConfigError) as caught:
        load(SMALL, connection, **given)
    assert str(caught.value) == message


def test_a_source_without_a_record_is_refused(connection: Connection) -> None:
    with pytest.raises(DataError, match="the rows: 1 row, of which none can be used"):
        load(
            [{"Prompt": "P?", "BetterCompletion": "X", "WorseCompletion": "Y", "ComparedRanks": "R2-R1"}], connection
        )
