"""Every response of a dataset that anybody made, as files and DataFrames."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from exports.review.anybody.dataset import AnyDataset, AnyRecord, AnyResponse, listed
from exports.review.anybody.review import PairsOf, review_of
from exports.review.files import Review, gone_ballots, write_gone, write_review
from workspace.argilla.connection import Connection
from workspace.errors import DataError
from workspace.files.jsonl import file_digest, read_jsonl, replacing, write_jsonl

if TYPE_CHECKING:
    import pandas as pd

DATASET, RESPONSES, TABLE, GONE = "dataset.jsonl", "responses.jsonl", "responses.parquet", "responses-gone.jsonl"


@dataclass(frozen=True)
class Responses:
    """All that a dataset holds of people's answers.

    Attributes:
        dataset: its questions and fields.
        records: sorted by id.
        responses: of every status, sorted by record and reviewer.
        review: the same as records and ballots, if a ranking question was chosen for pairs.
        gone: responses that the folder had of an earlier collection, and that Argilla no longer has.
        changed: whether a file was not the same before.
    """

    dataset: AnyDataset
    records: tuple[AnyRecord, ...]
    responses: tuple[AnyResponse, ...]
    review: Review | None = None
    gone: tuple[AnyResponse, ...] = ()
    changed: bool = field(default=False, compare=False)

    def to_pandas(self) -> pd.DataFrame:
        """One row a response: record_id, reviewer, status, updated_at, and ``values.QUESTION`` for each question.

        A ranking is a list of ``{"value", "rank"}`` in the order of its options.
        """
        frame: pd.DataFrame = response_table(self).to_pandas()
        return frame

    def to_json(self) -> dict[str, Any]:
        """The counts, as ``h4rmony collect --any-dataset --json`` prints them."""
        return {
            "records": len(self.records),
            "responses": len(self.responses),
            "status": dict(Counter(response.status for response in self.responses)),
            "reviewers": len({response.reviewer for response in self.responses}),
            "gone": len(self.gone),
            **({"ballots": len(self.review.ballots)} if self.review else {}),
        }


def collect_responses(
    connection: Connection, folder: str | Path | None = None, *, pairs: PairsOf | None = None, dry_run: bool = False
) -> Responses:
    """Fetch every user's responses from any Argilla 2 dataset with a ranking question, as they are stored.

    Ranks come with their ties and gaps, and drafts and discards with their status, which Argilla's SDK does not give.

    Args:
        connection: the dataset, from ``workspace.connect``.
        folder: where to write ``dataset.jsonl`` (a line a record), ``responses.jsonl`` and ``responses.parquet``, and
            with ``pairs`` the review too, as ``collect`` does. Responses that the folder had and Argilla no longer
            has are kept in ``responses-gone.jsonl``.
        pairs: which question ranks which fields, to get a review that ``merge`` and ``export`` take.
        dry_run: True to write nothing.

    Raises:
        ArgillaError: there is no such dataset, or the server cannot be reached.
        DatasetMismatch: it has no ranking question, or not the one or the fields that ``pairs`` names.
        DataError: a file cannot be read or written.

    Example:
        >>> found = collect_responses(connection)
        >>> list(found.dataset.options), found.to_pandas().columns[:2].tolist()
        (['ranking'], ['record_id', 'reviewer'])
    """
    dataset, records, responses = listed(connection)
    review = review_of(dataset, records, responses, pairs) if pairs else None
    found = Responses(dataset, records, responses, review)
    if folder is None:
        return found
    folder = Path(folder)
    gone = _gone(folder, {response.place: response for response in responses})
    changed = False if dry_run else _write(folder, found, gone)
    return Responses(dataset, records, responses, review, gone, changed)


def response_table(found: Responses) -> Any:
    """The responses as an Arrow table; the type of a column follows from its question, not from the answers."""
    import pyarrow as pa

    text = pa.string()
    ranking = pa.list_(pa.struct([("value", text), ("rank", pa.int32())]))
    types = {"ranking": ranking, "rating": pa.int64(), "multi_label_selection": pa.list_(text)}
    columns = {
        name: pa.array([getattr(response, name) for response in found.responses], text)
        for name in ("record_id", "reviewer", "status", "updated_at")
    }
    for name, kind in found.dataset.questions.items():
        values = [response.values.get(name) for response in found.responses]
        if kind == "ranking":
            values = [
                value and [{"value": one["value"], "rank": one.get("rank")} for one in value] for value in values
            ]
        elif kind == "span":
            values = [None if value is None else json.dumps(value, ensure_ascii=False) for value in values]
        columns[f"values.{name}"] = pa.array(values, types.get(kind, text))
    return pa.table(columns)


def _gone(folder: Path, present: Mapping[tuple[str, str], AnyResponse]) -> tuple[AnyResponse, ...]:
    """The newest state of each response that the folder has and Argilla lacks, or has in an older state."""
    newest: dict[tuple[str, str], AnyResponse] = {}
    for path in (folder / GONE, folder / RESPONSES):
        if not path.exists():
            continue
        try:
            for response in read_jsonl(path, _response):
                known = newest.get(response.place)
                if known is None or response.updated_at >= known.updated_at:
                    newest[response.place] = response
        except DataError as error:
            raise DataError(f"{error}; it may hold answers that are nowhere else: write to another folder") from error
    lost = [
        held
        for place, held in sorted(newest.items())
        if (now := present.get(place)) is None or (now != held and now.updated_at < held.updated_at)
    ]
    return tuple(lost)


def _response(data: Any) -> AnyResponse:
    try:
        return AnyResponse(**data)
    except TypeError as error:
        raise DataError("not a response that `h4rmony collect --any-dataset` wrote") from error


def _write(folder: Path, found: Responses, gone: Sequence[AnyResponse]) -> bool:
    import pyarrow.parquet as pq

    paths = [folder / name for name in (GONE, DATASET, RESPONSES, TABLE)]
    before = [file_digest(path) for path in paths]
    if gone or paths[0].exists():
        write_jsonl(paths[0], (response.to_json() for response in gone))  # before the last copy is overwritten
    write_jsonl(paths[1], (record.to_json() for record in found.records))
    write_jsonl(paths[2], (response.to_json() for response in found.responses))
    with replacing(paths[3]) as file:
        pq.write_table(response_table(found), file)
    changed = before != [file_digest(path) for path in paths]
    if found.review:
        write_gone(gone_ballots(found.review.ballot, folder), folder)
        changed = write_review(found.review, folder) or changed
    return changed
