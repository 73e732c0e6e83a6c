"""Bring a dataset under review up to date with this version: what ``h4rmony settings`` does.

Titles, templates, the texts of the problems, guidelines and the metadata of the records are replaced where they
differ; no answer depends on them, and no response is written. What answers depend on (the names of fields and
questions, the number of answers, the values of the options) is never changed: a dataset that has others is refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from difflib import unified_diff
from pathlib import Path

from workspace.argilla import settings
from workspace.argilla.beside import all_datasets
from workspace.argilla.codec import renewed_metadata
from workspace.argilla.foreign import read_ours
from workspace.argilla.gateway import BULK, Gateway
from workspace.argilla.listing import Json, RemoteDataset
from workspace.config import DatasetAddress
from workspace.errors import DatasetMismatch
from workspace.files.batches import batched


@dataclass(frozen=True)
class Change:
    """One text of the form that is replaced; ``place`` and ``body`` are the request that does it."""

    what: str
    before: str
    after: str
    place: str
    body: Json

    def __str__(self) -> str:
        """The change in one line, or the lines that differ."""
        if "\n" not in self.before + self.after:
            return f"{self.what}: {self.before or 'none'} -> {self.after or 'none'}"
        before, after = self.before.splitlines(), self.after.splitlines()
        return "\n".join(unified_diff(before, after, f"{self.what}, now", f"{self.what}, new", n=0, lineterm=""))


@dataclass(frozen=True)
class Renewed:
    """What was replaced, or would be: texts of the form, and the metadata of so many ``records``.

    ``kept`` is True if the guidelines are a team's own and were left as they are.
    """

    changes: tuple[Change, ...]
    records: int
    kept: bool


def renew(connection: DatasetAddress, *, guidelines: Path | None = None, dry_run: bool = False) -> Renewed:
    """Replace what differs from this version in a dataset that ``load`` or ``evaluate sample`` made.

    Guidelines that a team wrote, here or in Argilla, are left alone unless others are given.

    Args:
        connection: the dataset; the key must be an owner's or admin's.
        guidelines: a file with a team's own guidelines (Markdown, 10,000 characters at most).
        dry_run: say what would be replaced; write nothing.

    Raises:
        DatasetMismatch: answers depend on what differs; nothing was changed.
        DataError: the file cannot be used; ArgillaError: there is no such dataset.
    """
    own = settings.read_guidelines(guidelines) if guidelines else None
    with Gateway(connection) as gateway:
        datasets = all_datasets(gateway, None)
        changes = tuple(change for dataset in datasets for change in form_changes(gateway, dataset, own))
        kept = own is None and any(
            not settings.has_our_guidelines(gateway.read(f"datasets/{dataset.id}"), dataset.kind)
            for dataset in datasets
        )
        if not dry_run:
            for change in changes:
                gateway.change(change.place, change.body)
        reviews = [dataset for dataset in datasets if dataset.kind == "review"]
        records = sum(_renew_records(gateway, dataset, dry_run=dry_run) for dataset in reviews)
        return Renewed(changes, records, kept)


def form_changes(gateway: Gateway, dataset: RemoteDataset, guidelines: str | None) -> tuple[Change, ...]:
    """What of a dataset's form differs from this version's, with these guidelines or ours.

    Raises:
        DatasetMismatch: answers depend on what differs.
    """
    return (*_guidelines_change(gateway, dataset, guidelines), *_part_changes(gateway, dataset))


def _guidelines_change(gateway: Gateway, dataset: RemoteDataset, own: str | None) -> Iterator[Change]:
    place = f"datasets/{dataset.id}"
    about = gateway.read(place)
    before, after = about["guidelines"] or "", own or settings.guidelines(dataset.kind)
    if before != after and (own or settings.has_our_guidelines(about, dataset.kind)):
        body = settings.guidelines_part(own, dataset.kind)
        body["metadata"] = (about["metadata"] or {}) | body["metadata"]
        yield Change("guidelines", before, after, place, body)


def _part_changes(gateway: Gateway, dataset: RemoteDataset) -> Iterator[Change]:
    vectors = [{"name": settings.VECTOR, "title": settings.PROMPT_TITLE}]
    properties = [settings.metadata_property(name) for name in settings.METADATA]
    wanted = {**dataset.form.parts(), "metadata-properties": properties, "vectors-settings": vectors}
    for kind, parts in wanted.items():
        ours = {part["name"]: part for part in parts}
        for part in gateway.parts(dataset, kind):
            if new := ours.get(part["name"]):
                yield from _text_changes(dataset, kind, part, new)


def _text_changes(dataset: RemoteDataset, kind: str, part: Json, new: Json) -> Iterator[Change]:
    before, after = _texts(part), _texts(new)
    if before.keys() != after.keys():
        raise DatasetMismatch(
            f"dataset {dataset.name!r}: {part['name']!r} has {', '.join(before)}, and not {', '.join(after)}; "
            "answers depend on them, so choose another --dataset"
        )
    body: Json = {name: new[name] for name in ("title", "settings", "visible_for_annotators") if name in new}
    if kind == "metadata-properties" or new.get("settings", {}).get("type") == "ranking":
        del body["settings"]  # Argilla settles it when the part is made
    for text in after:
        if before[text] != after[text]:
            yield Change(f"{text} of {part['name']}", before[text], after[text], f"{kind}/{part['id']}", body)


def _texts(part: Mapping[str, Json]) -> dict[str, str]:
    """What reviewers see of a field, a question or a property, by what it is."""
    about = part.get("settings", {})
    found = {"title": str(part["title"])}
    if "template" in about:
        found["template"] = about["template"]
    if about.get("type") in ("multi_label_selection", "label_selection"):
        found |= {f"option {option['value']}": option["text"] for option in about["options"]}
    return found


def _renew_records(gateway: Gateway, dataset: RemoteDataset, *, dry_run: bool) -> int:
    """Replace the metadata of the records where it differs; returns of how many. Filters follow what records have."""
    names: set[str] = set()
    items: list[Json] = []
    for remote, metadata in read_ours(
        gateway.records(dataset, suggestions=False), lambda remote: (remote, renewed_metadata(remote))
    ):
        names |= metadata.keys()
        if metadata != remote.metadata:
            items.append({"external_id": remote.external_id, "metadata": metadata})
    if not dry_run:
        gateway.declare(dataset, names)
        for part in gateway.parts(dataset, "metadata-properties"):
            if names and part["name"] in settings.METADATA and part["name"] not in names:
                gateway.remove(f"metadata-properties/{part['id']}")
        for batch in batched(items, BULK):
            gateway.upsert(dataset, batch)
    return len(items)
