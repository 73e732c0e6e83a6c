"""The groups of the prompts that are loaded: by their words, their translations' words, and near-duplicates.

A prompt may be in Spanish from the start and say what an English one says. So a Spanish prompt is compared with the
translations of the others; near-duplicates need a model, the same words do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace

from loaders.check.duplicates import THRESHOLD, Duplicates, Prompt, Similar, find_duplicates
from loaders.check.embeddings import KeptVectors
from loaders.loading.known import Known
from workspace.argilla.codec import Settled
from workspace.model.groups import Groups, stated_group, with_group
from workspace.model.h4rmony import stated_language
from workspace.model.prompts import prompt_key
from workspace.model.records import ORIGINAL, Record
from workspace.model.twins import twin_of
from workspace.model.versions import first_id, follows


@dataclass(frozen=True)
class Target:
    """The language of the translations; ``originals`` are the ids of records that are in it without saying so."""

    language: str
    originals: Set[str] = frozenset()

    def has(self, record: Record) -> bool:
        """True if the record is in this language from the start."""
        return (
            not self.originals.isdisjoint((record.id, first_id(record.id, record.metadata)))
            or stated_language(record.metadata) == self.language
            or (record.translation is not None and record.translation.engine == ORIGINAL)
        )


TO_SPANISH = Target("es")


@dataclass(frozen=True)
class PromptGroups:
    """The near-duplicates among a source's prompts and a dataset's, and the group of each of these prompts.

    ``new`` has the groups of the new prompts and ``loaded`` those of the dataset's prompts, by record id. ``equal``
    names each new prompt that has the words of another one, and that one. ``twins`` have the words of another one on
    purpose, and no note says so.
    """

    duplicates: Duplicates = field(default_factory=Duplicates)
    new: Mapping[str, str] = field(default_factory=dict)
    loaded: Mapping[str, str] = field(default_factory=dict)
    equal: Sequence[tuple[str, str]] = ()
    twins: Set[str] = frozenset()

    def apply(self, records: Iterable[Record]) -> Iterator[Record]:
        """Each record; a new one has ``metadata["group"]`` unless its own words already name that group."""
        for record in records:
            group = self.new.get(record.id)
            yield record if group is None else with_group(record, group)

    @property
    def notes(self) -> list[str]:
        """One line for each pair of prompts that say the same."""
        groups = {**self.loaded, **self.new}
        return [
            f"{name} and {other}: one prompt, in the same words; each is reviewed by itself, and they share their "
            "side of the split"
            for name, other in self.equal
        ] + [
            _note(pair, is_apart=groups[pair.first.id] != groups[pair.second.id])
            for pair in self.duplicates.pairs
            if not {(pair.first.id, pair.second.id), (pair.second.id, pair.first.id)}.intersection(self.equal)
            and not (pair.cosine == 1 and self.twins & {pair.first.id, pair.second.id})
        ]


def group_prompts(
    records: Iterable[Record],
    known: Mapping[str, Known],
    vectors: KeptVectors | None,
    threshold: float = THRESHOLD,
    target: Target = TO_SPANISH,
) -> PromptGroups:
    """Find the groups of the new prompts.

    A group is decided for words, once: prompts with the same words share it, in one load and in any later one.

    - Words that the dataset knows, as a loaded prompt's or as a group's name, are of the group that they have there,
      with an embedding model or without (``exports/merging/split.py`` says why no prompt may bring another).
    - Other words are of the group that the source says of the first id with them for which it says one.
    - Else they are of the group of a similar prompt (``loaders.check.duplicates``): one that a translation has the
      words of, or that the model finds; else their own.

    What is written is the last group of such a chain, so that no record points on to another's group.

    Args:
        records: the source, translated or not; it is read once.
        known: what the dataset holds.
        vectors: the embedding model.
        threshold: the least cosine of prompts that say the same.
        target: the language of the translations, and the records that are in it.
    """
    loaded = [_loaded(name, held.settled) for name, held in known.items() if held.settled.prompt]
    hashes = {name: held.source_hash for name, held in known.items()}
    changed = [record for record in records if hashes.get(record.id) != record.source_hash]
    versions = {record.id for record in changed if follows(record.metadata)}
    twins = {record.id for record in changed if twin_of(record.metadata)}
    twins |= {name for name, held in known.items() if twin_of(held.settled.metadata)}
    fresh = sorted((_new(record, target) for record in changed), key=lambda prompt: prompt.id)
    groups = Groups((prompt_key(prompt.text), prompt.own_group) for prompt in loaded)
    for prompt in fresh:
        if prompt.group:
            groups.join(prompt_key(prompt.text), prompt.group)
    listed = [replace(prompt, group=groups.find(prompt_key(prompt.text))) for prompt in (*loaded, *fresh)]
    prompts = {prompt.id: prompt for prompt in listed}
    duplicates = find_duplicates(prompts.values(), vectors.encode if vectors else None, threshold)
    for name, group in duplicates.groups:
        groups.join(prompt_key(prompts[name].text), group)
    first_with: dict[str, str] = {}
    equal = []
    for prompt in (each for each in (*loaded, *fresh) if each.id not in twins):
        first = first_with.setdefault(prompt_key(prompt.text), prompt.id)
        if first != prompt.id and prompt.id not in known and prompt.id not in versions:
            equal.append((first, prompt.id))
    new, old = ({each.id: groups.resolve(prompt_key(each.text)) for each in part} for part in (fresh, loaded))
    return PromptGroups(duplicates, new, old, equal, twins)


def waits_for_translations(records: Iterable[Record], known: Mapping[str, Known], target: Target) -> bool:
    """True if new prompts need their translation before they are grouped: without it they cannot be compared.

    So it is where some have none yet, and others, loaded or new, are in the language of the translations.
    """
    lacking = is_there = False
    for record in records:
        if target.has(record):
            is_there = True
        elif record.translation is None:
            held = known.get(record.id)
            lacking |= held is None or held.source_hash != record.source_hash
    return lacking and (is_there or any(held.settled.language == target.language for held in known.values()))


def _new(record: Record, target: Target) -> Prompt:
    own = target.has(record)
    return Prompt(
        id=record.id,
        text=record.prompt,
        language=target.language if own else stated_language(record.metadata) or "en",
        group=stated_group(record),
        translation=record.translation.prompt if record.translation and not own else "",
    )


def _loaded(name: str, held: Settled) -> Prompt:
    return Prompt(name, held.prompt, held.language or "en", held.group, is_loaded=True, translation=held.translation)


def _note(pair: Similar, *, is_apart: bool) -> str:
    if not is_apart:
        split = "they share their side of the split"
    elif pair.first.is_loaded and pair.second.is_loaded:
        split = "both were loaded before, so each keeps its side of the split"
    else:
        split = "they are in two groups, so they may be on both sides of the split"
    return f"{pair.first.id} and {pair.second.id}: their prompts say the same ({pair.cosine:.2f}); {split}"
