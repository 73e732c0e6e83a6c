"""Loading a source for review, in one call: what ``h4rmony load`` does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, get_args

from loaders.check.duplicates import THRESHOLD
from loaders.check.enrich import EnrichCounts
from loaders.check.translate import Progress, find_originals, open_run, quiet
from loaders.imploding.source import Source, implode
from loaders.loading.actions import SENT, Action
from loaders.loading.aside import kept_aside
from loaders.loading.datasets import plan_datasets
from loaders.loading.groups import Target, group_prompts, waits_for_translations
from loaders.loading.known import known_records
from loaders.loading.send import Policy, load_records
from loaders.loading.strangers import check_same_source
from loaders.loading.topics import TopicChoice, check_told
from loaders.loading.vanished import Vanished, find_vanished, retired
from loaders.loading.versions import Versions
from loaders.translation.engines.protocol import EngineId, Translator
from loaders.translation.engines.registry import open_translator
from loaders.translation.records import RecordCounts
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.argilla.renew import form_changes
from workspace.argilla.settings import read_guidelines
from workspace.errors import ConfigError, DataError, count_of
from workspace.model.ballots import Mode
from workspace.model.records import MAX_ANSWERS, Record

_STALE = (
    "the screen or the guidelines that reviewers see are others than this command would make; `h4rmony settings` "
    "replaces them, and with --dry-run it shows the difference"
)
_UNTOLD = "loaded all the same, and an export takes for English what no column says to be anything else"


@dataclass(frozen=True)
class Loaded:
    """What a load did, or would do.

    Attributes:
        actions: how many records met each action; ``loaders.loading.actions`` says what each means.
        modes: how many new records there are in each mode.
        notes: one line for each record, and each pair of prompts, that a person should look at.
        shape: how the rows of the source were read (``loaders.shapes``).
        rows_left_out: rows of the source that are in no record.
        counts: texts by where their translation is from, and why some have none.
        checks: flags and adequacy.
        engine, licence: which engine translated, and the licence of what it made.
        adequacy: which embedding model measured it, or why none did.
        near_duplicates: pairs of prompts that say the same, in one language or in two.
        equal_prompts: new prompts that have the words of another one, of any source.
        vanished: records of the same source that the dataset holds and the source no longer has, and that stay.
        retired: those of them that were taken out of the dataset, or would be.
        dry_run: whether nothing was sent.
    """

    actions: Mapping[Action, int]
    modes: Mapping[Mode, int]
    notes: tuple[str, ...]
    shape: str
    rows_left_out: int
    counts: RecordCounts
    checks: EnrichCounts
    engine: str
    licence: str
    adequacy: str
    near_duplicates: int
    equal_prompts: int
    vanished: int
    retired: int
    dry_run: bool

    @property
    def records(self) -> int:
        """All records of the source."""
        return sum(self.actions.values())

    def check_conflicts(self) -> None:
        """Check that no record of the source conflicts with the dataset.

        Raises:
            DataError: some do; the notes name them. All others are loaded.
        """
        if number := self.actions.get(Action.CONFLICT, 0):
            raise DataError(
                f"{count_of(number, 'conflict')} with the dataset, named above, and not sent; the rest is not "
                "affected; --source-name keeps two sources apart, and --allow-conflicts ends with status 0"
            )

    @property
    def changed(self) -> int:
        """The records that were sent or retired, or would be."""
        return sum(self.actions.get(action, 0) for action in SENT) + self.retired

    def to_json(self) -> dict[str, Any]:
        """All counts, as ``h4rmony load --json`` prints them."""
        counts = self.counts
        missing = {"to_translate": counts.untranslated} if self.dry_run else {"translated": counts.translated}
        return {
            "shape": self.shape,
            "records": self.records,
            **{action.value: self.actions.get(action, 0) for action in Action},
            "new_by_mode": {str(mode): number for mode, number in self.modes.items()},
            "source_rows_left_out": self.rows_left_out,
            "engine": self.engine,
            "licence": self.licence,
            "original": counts.original,
            "texts": counts.texts,
            "distinct_texts": counts.distinct,
            "from_memory": counts.from_memory,
            **missing,
            "human": counts.human,
            "tokens": counts.tokens or None,
            **self.checks.to_json(self.adequacy),
            "near_duplicates": self.near_duplicates,
            "equal_prompts": self.equal_prompts,
            "vanished": self.vanished,
            "retired": self.retired,
        }


def load(
    source: Source,
    connection: Connection,
    translator: str | Translator = "auto",
    *,
    target_language: str = "es",
    source_language: str | None = None,
    memory_file: Path | None = None,
    source_name: str | None = None,
    blind_share: float = 0.1,
    answers: int | Literal["all"] | None = None,
    min_submitted: int = 2,
    guidelines: Path | None = None,
    batches: int | None = None,
    topics: TopicChoice | None = None,
    replace_changed: bool = False,
    new_versions: bool = False,
    retire: bool = False,
    embedding_model: str | None = None,
    duplicate_threshold: float = THRESHOLD,
    dry_run: bool = False,
    progress: Progress = quiet,
    **options: Any,
) -> Loaded:
    """Load a source into Argilla for review: implode, translate, check, send.

    Loading again changes nothing, and an interrupted run carries on when it is run again. No response is ever
    touched. Texts that the engine could not translate are loaded without, and ``counts.problems`` says why.

    Args:
        source: whatever ``implode`` takes.
        connection: the server, the workspace and the dataset, which is made if there is none; and the home folder.
        translator: the name of an engine, or an engine.
        target_language: ISO 639 code.
        source_language: that of the records whose language neither a column nor their texts tell.
        memory_file: translations to take into the memory first (JSON Lines).
        source_name: the beginning of every id; by default that of the source's schema.
        blind_share: the share of the records (0 to 1) that are shown without the known ranking.
        answers: how many answers each record shows, from 2 to 26, or "all", which makes one dataset for each number
            that the source has (``h4rmony-es``, beside it ``h4rmony-es-2`` ...). By default what the datasets that
            exist show, else the number that most records of the source have.
        min_submitted: reviewers after whom a record counts as complete; settled when the dataset is made.
        batches: deal the records to so many batches, by which reviewers can filter; None leaves them as they are.
        topics: "ask" makes a dataset whose form also asks for the issue codes; "suggest" also fills them in, with the
            source's or, where it states none, with those that the embedding model finds likely. None asks nothing.
        guidelines: a file with the team's own guidelines (Markdown), for a dataset that is made now.
        replace_changed: replace changed records that nobody has answered.
        new_versions: load changed records that somebody has answered as new versions, beside the old ones.
        retire: take records that have vanished from the source out of the dataset, where nobody has answered.
        embedding_model: a multilingual sentence-transformers model (Hub id or folder) that measures adequacy; "none"
            for none; None for the default, where it can be had.
        duplicate_threshold: the cosine (0.5 to 1) from which two prompts say the same and share a side of the split.
        dry_run: say what would be done; write nothing.
        progress: shows how far it is: called with a stream, a label and the stream's length.
        options: the engine's own: model, base_url, variety, budget, accept_licence.

    Returns:
        The counts that the command prints, and the notes.

    Raises:
        DataError: the source cannot be used, or has no record.
        ConfigError: an option is wrong, or a licence is not accepted; MissingPartError: a program, package or model
            is not there; TranslationError: the engine failed; ArgillaError: the server refuses, or cannot be reached.
            What was sent before stays.

    >>> pairs = [("Keep them.", "Thin them."), ("Thin them.", "Fell them.")]
    >>> rows = [{"prompt": "Trees?", "chosen": better, "rejected": worse} for better, worse in pairs]
    >>> loaded = load(rows, connection, "none", embedding_model="none")
    >>> loaded.records, loaded.changed, loaded.notes
    (1, 1, ())
    """
    _check("blind_share", blind_share, 0, 1)
    if isinstance(answers, int):
        _check("answers", answers, 2, MAX_ANSWERS)
    _check("min_submitted", min_submitted, 1)
    _check("batches", 1 if batches is None else batches, 1)
    _check("duplicate_threshold", duplicate_threshold, 0.5, 1)
    if topics not in (None, *get_args(TopicChoice)):
        raise ConfigError(f"topics is {topics!r}; give ask or suggest")
    own = read_guidelines(guidelines) if guidelines else None
    imploded = implode(source, source_name=source_name).checked()
    home = connection.home
    engine = open_translator(
        translator,
        home,
        source_language=source_language,
        target_language=target_language,
        memory_file=memory_file,
        read_only=dry_run,
        **options,
    )
    told = find_originals(imploded, engine, source_language)
    with (
        Gateway(connection) as gateway,
        open_run(engine, home, memory_file=memory_file, embedding_model=embedding_model, dry_run=dry_run) as run,
        ExitStack() as opened,
    ):
        check_told(imploded, topics, run.vectors, run.adequacy)
        plan = plan_datasets(gateway, imploded, answers)
        datasets = plan.made(min_submitted, own, asks=topics is not None, dry_run=dry_run)
        there = [dataset for dataset in datasets.values() if dataset]
        stale = any(form_changes(gateway, dataset, own) for dataset in there)
        known = known_records(gateway, plan.held)
        check_same_source(imploded, known, source)
        records = Versions(imploded, known, new_versions)
        target = Target(target_language, told.originals)
        made: Iterable[Record] = run.records(records, originals=told.originals)
        compared: Iterable[Record] = records
        if waits_for_translations(records, known, target):
            with progress(made, "translating", len(imploded)) as stream:
                made = compared = opened.enter_context(kept_aside(stream))
        groups = group_prompts(compared, known, run.vectors, duplicate_threshold, target)
        vectors = run.vectors if there else None
        if vectors and not all(gateway.takes_vectors(each, vectors.dimension, make=not dry_run) for each in there):
            vectors = None
        with progress(groups.apply(made), "loading", len(imploded)) as stream:
            report = load_records(
                gateway,
                datasets,
                stream,
                Policy(blind_share, replace_changed, dry_run, batches, topics == "suggest"),
                known=known,
                vectors=vectors,
                classifier=run.vectors,
            )
        found = find_vanished(imploded, known)
        vanished = retired(gateway, datasets, found, dry_run=dry_run) if retire else Vanished(found)
    return Loaded(
        actions=report.counts,
        modes=report.modes,
        notes=(
            *imploded.notes,
            *([_STALE] if stale else []),
            *([f"{told.refusal} ({_UNTOLD})"] if told.refusal else []),
            *report.notes,
            *vanished.notes,
            *groups.notes,
        ),
        shape=imploded.shape,
        rows_left_out=imploded.counts.rows_left_out,
        counts=run.counts,
        checks=run.checks,
        engine=EngineId.of(engine).label,
        licence=str(engine.licence),
        adequacy=run.adequacy,
        near_duplicates=len(groups.duplicates.pairs),
        equal_prompts=len(groups.equal),
        vanished=len(vanished.staying),
        retired=len(vanished.retired),
        dry_run=dry_run,
    )


def _check(name: str, value: float, least: float, most: float | None = None) -> None:
    if value < least or (most is not None and value > most):
        wanted = f"of at least {least}" if most is None else f"from {least} to {most}"
        raise ConfigError(f"{name} is {value}; give a number {wanted}")
