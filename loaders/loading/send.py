"""Send records to the Argilla dataset: add new ones, leave known ones alone, report what differs.

``loaders.loading.actions`` says what happens to a record. No action sends a response, and none changes the texts of
an answered record. A run keeps what an earlier one settled. The group for the split always stays. Adequacy and the
prompt's vector stay where this run has no model, and adequacy also where the same translation was measured again and
differs by at most 0.01.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace

from loaders.check.embeddings import KeptVectors
from loaders.loading.actions import SENT, Action, LoadReport, Outgoing, decide
from loaders.loading.known import Datasets, Known, known_records
from loaders.loading.topics import suggested_topics
from workspace.argilla.codec import PromptVector, Topics, as_it_was, encode, translation_hash
from workspace.argilla.gateway import BULK, Gateway
from workspace.argilla.listing import Json, RemoteDataset
from workspace.argilla.settings import TOPICS, question_names
from workspace.errors import DataError
from workspace.files.batches import batched
from workspace.model.prompts import GROUP_KEY
from workspace.model.records import Record
from workspace.model.slots import batch_of, review_mode

SAME = 0.01  # adequacies that differ by no more are the same: models differ so much between machines


@dataclass(frozen=True)
class Policy:
    """How to load.

    ``blind_share`` of the records (0 to 1) come without the known ranking; a conflict is replaced where nobody has
    answered if ``replace_changed``; with ``dry_run`` nothing is sent. Records are dealt to so many ``batches``; where
    that is None, each stays in the batch that it is in. With ``suggest_topics`` the issue codes are filled in: the
    source's, else the embedding model's.
    """

    blind_share: float = 0.1
    replace_changed: bool = False
    dry_run: bool = False
    batches: int | None = None
    suggest_topics: bool = False


def load_records(
    gateway: Gateway,
    datasets: Datasets,
    records: Iterable[Record],
    policy: Policy,
    *,
    known: Mapping[str, Known] | None = None,
    vectors: KeptVectors | None = None,
    classifier: KeptVectors | None = None,
) -> LoadReport:
    """Load a stream of records, in batches; an interrupted run carries on when it is run again.

    Args:
        gateway: the way to Argilla.
        datasets: where to load to.
        records: what to load, translated; each id once.
        policy: how to load.
        known: what the datasets hold, if the caller has read it (``known_records``).
        vectors: what makes the prompts' vectors, if the datasets have a place for them.
        classifier: the embedding model that tells the issues of records without codes, if they are to be suggested.

    Raises:
        DataError: an id occurs twice in ``records``; ArgillaError: the server refuses or is gone. What was sent
            before stays.
    """
    if known is None:
        known = known_records(gateway, [dataset for dataset in datasets.values() if dataset])
    report = LoadReport()
    prepared = _prepared(datasets, records, policy, known, vectors, classifier)
    if policy.dry_run:
        for outgoing in prepared:
            report.add(outgoing, known, datasets)
        return report
    with ThreadPoolExecutor(1, thread_name_prefix="sending") as pool:  # a batch is made while the last one is sent
        sending: Future[list[Outgoing]] | None = None
        for outgoing in prepared:
            if sending:
                report.add(sending.result(), known, datasets)
            sending = pool.submit(_send, gateway, datasets, outgoing, known)
        if sending:
            report.add(sending.result(), known, datasets)
    return report


def _prepared(
    datasets: Datasets,
    records: Iterable[Record],
    policy: Policy,
    known: Mapping[str, Known],
    vectors: KeptVectors | None,
    classifier: KeptVectors | None,
) -> Iterator[list[Outgoing]]:
    """What to do with each record, in batches."""
    seen = set[str]()
    for batch in batched(records, BULK):
        outgoing: list[Outgoing] = []
        topics = suggested_topics(batch, classifier) if policy.suggest_topics else {}
        for record in batch:
            if record.id in seen:
                raise DataError(f"record {record.id!r} occurs twice in the source; remove one of them")
            seen.add(record.id)
            before = known.get(record.id)
            record = _settle(record, before)
            dataset = datasets.get(len(record.answers))
            payload = _payload(record, before, dataset, policy, vectors, topics.get(record.id))
            action = decide(record, known, payload, datasets, replace_changed=policy.replace_changed)
            outgoing.append((action, record, payload))
        yield outgoing


def _settle(record: Record, known: Known | None) -> Record:
    """The record with what an earlier run settled; see the module's docstring."""
    if known is None or known.source_hash != record.source_hash:
        return record
    metadata = {key: value for key, value in record.metadata.items() if key != GROUP_KEY}
    if known.settled.group is not None:
        metadata[GROUP_KEY] = known.settled.group
    translation = record.translation
    if translation and known.translation_hash == translation_hash(record):
        ours, theirs = translation.adequacy, known.settled.adequacy
        close = len(ours) == len(theirs) and all(abs(a - b) <= SAME for a, b in zip(ours, theirs, strict=True))
        if theirs and (close or not ours):
            translation = replace(translation, adequacy=theirs)
    return replace(record, metadata=metadata, translation=translation)


def _payload(
    record: Record,
    known: Known | None,
    dataset: RemoteDataset | None,
    policy: Policy,
    vectors: KeptVectors | None,
    topics: Topics | None,
) -> Json:
    fresh = review_mode(record.id, record.is_ranked, policy.blind_share)
    mode = known.mode if known and record.is_ranked else fresh
    questions = question_names(len(record.answers), topics=True)  # a dry run may know no dataset, and so no ids
    names = dataset.question_ids if dataset else {name: name for name in questions}
    kept = known.batch if known else None
    batch = batch_of(record.id, policy.batches) if policy.batches else kept
    return encode(record, mode, names, _vector(record, known, vectors), batch, topics)


def _vector(record: Record, known: Known | None, vectors: KeptVectors | None) -> PromptVector | None:
    """The prompt's vector, without its values where the server has them."""
    held = known.settled.vector_model if known and known.source_hash == record.source_hash else None
    if vectors is None or held == vectors.key:
        return PromptVector(held) if held else None
    return PromptVector(vectors.key, tuple(float(value) for value in vectors.encode([record.prompt])[0]))


def _send(
    gateway: Gateway,
    datasets: Datasets,
    outgoing: list[Outgoing],
    known: Mapping[str, Known],
) -> list[Outgoing]:
    """Send a batch: what changes texts that are shown one by one, the rest at once."""
    names: defaultdict[int, set[str]] = defaultdict(set)
    for action, record, payload in outgoing:
        if action in SENT:
            names[len(record.answers)] |= payload["metadata"].keys()
    for count, dataset in datasets.items():
        if dataset and names[count]:
            gateway.declare(dataset, names[count])
    checked: list[Outgoing] = []
    waiting: defaultdict[int, list[Json]] = defaultdict(list)
    for action, record, payload in outgoing:
        dataset = datasets.get(len(record.answers))
        items = waiting[len(record.answers)]
        if dataset and action in (Action.SUGGESTIONS, Action.REPLACED):
            if not _replace(gateway, dataset, known[record.id].id, payload, keeps=action is Action.SUGGESTIONS):
                action = Action.KEPT if action is Action.SUGGESTIONS else Action.CONFLICT
        elif action is Action.METADATA:
            items.append(_without_texts(payload, record))
        elif action in (Action.NEW, Action.NEW_VERSION):
            items.append(payload)
        checked.append((action, record, payload))
    for count, dataset in datasets.items():
        if dataset and waiting[count]:
            gateway.upsert(dataset, waiting[count])
    return checked


def _replace(gateway: Gateway, dataset: RemoteDataset, remote_id: str, payload: Json, *, keeps: bool) -> bool:
    """Replace a record's texts if nobody has answered it; False if somebody has.

    With ``keeps`` the prompt is the same, and the topics that were suggested stay if none are sent.
    It is looked at before and after. An answer that came in between was given to the old texts: they are put back,
    and the answer stays as it was given.
    """
    before = gateway.record(dataset, remote_id)
    if before.is_answered:
        return False
    gateway.upsert(dataset, [payload])
    if gateway.record(dataset, remote_id).is_answered:
        gateway.upsert(dataset, [as_it_was(before, dataset.question_ids)])
        return False
    wanted = {suggestion["question_id"] for suggestion in payload["suggestions"]}
    wanted |= {dataset.question_ids[TOPICS]} if keeps and dataset.asks_topics else set()
    stale = [s.id for name, s in before.suggestions.items() if dataset.question_ids[name] not in wanted]
    gateway.delete_suggestions(remote_id, stale)
    return True


def _without_texts(payload: Json, record: Record) -> Json:
    """What is sent where only metadata differs; the suggestions stay as they are, maybe with other scores."""
    scored = bool(record.translation and record.translation.adequacy)
    wanted = ("external_id", "metadata", "vectors", *(("suggestions",) if scored else ()))
    return {name: payload[name] for name in wanted if name in payload}
