"""What loading does with each record, and what it says of it.

By what the dataset holds under the record's id:

==================== ===================================================================================
``new``              nothing: it is added
``new_version``      nothing, but the version that it follows: it is added, and the server offers that one no more
``unchanged``        the same texts, ranks, translation and metadata: nothing is sent
``suggestions``      another translation, and nobody has answered: shown text and suggestions are replaced
``kept``             another translation, but somebody has answered: nothing is sent
``metadata``         only metadata differs: the metadata is replaced, which no response depends on
``conflict``         another prompt, answers, ranks or source: nothing is sent, and it is reported
``replaced``         a conflict that was asked to be replaced, and nobody has answered
``left_out``         there is no dataset for its number of answers: nothing is sent, and it is reported
==================== ===================================================================================
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from loaders.loading.known import Datasets, Known, about_hash
from workspace.argilla.codec import translation_hash
from workspace.argilla.listing import Json
from workspace.model.ballots import Mode
from workspace.model.records import Record
from workspace.model.sources import source_name, source_of
from workspace.model.versions import FOLLOWS_KEY, follows, next_id


class Action(StrEnum):
    """What loading does with one record; see the module's table."""

    NEW = "new"
    NEW_VERSION = "new_version"
    UNCHANGED = "unchanged"
    SUGGESTIONS = "suggestions"
    KEPT = "kept"
    METADATA = "metadata"
    CONFLICT = "conflict"
    REPLACED = "replaced"
    LEFT_OUT = "left_out"


Outgoing = tuple[Action, Record, Json]  # what to do with a record, and what would be sent
SENT = frozenset({Action.NEW, Action.NEW_VERSION, Action.SUGGESTIONS, Action.METADATA, Action.REPLACED})
REPORTED = frozenset({Action.NEW_VERSION, Action.KEPT, Action.CONFLICT, Action.REPLACED, Action.LEFT_OUT})


@dataclass
class LoadReport:
    """How many records met each action, and one line for each that a person should look at."""

    counts: Counter[Action] = field(default_factory=Counter)
    modes: Counter[Mode] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, outgoing: Iterable[Outgoing], known: Mapping[str, Known], datasets: Datasets) -> None:
        """Count what was done with some records, or would be."""
        for action, record, payload in outgoing:
            self.counts[action] += 1
            if action in (Action.NEW, Action.NEW_VERSION):
                self.modes[payload["metadata"]["mode"]] += 1
            if action in REPORTED:
                self.notes.append(f"{record.id}: {_note(action, record, known.get(record.id), datasets)}")


def decide(
    record: Record, held: Mapping[str, Known], payload: Json, datasets: Datasets, *, replace_changed: bool
) -> Action:
    """What to do with ``record``, which would be sent as ``payload``; ``held`` is what the datasets hold, by id."""
    if len(record.answers) not in datasets:
        return Action.LEFT_OUT
    known = held.get(record.id)
    if known is None:
        return Action.NEW_VERSION if follows(record.metadata) in held else Action.NEW
    if known.count != len(record.answers) or source_name(record.id, known.settled.metadata) != source_of(record):
        return Action.CONFLICT
    if known.source_hash != record.source_hash:
        return Action.REPLACED if replace_changed and not known.is_answered else Action.CONFLICT
    if known.translation_hash != translation_hash(record):
        if record.translation is None:
            return Action.UNCHANGED  # a run without an engine takes no translation away
        return Action.KEPT if known.is_answered else Action.SUGGESTIONS
    return Action.UNCHANGED if known.about_hash == about_hash(payload["metadata"]) else Action.METADATA


def _note(action: Action, record: Record, known: Known | None, datasets: Datasets) -> str:
    match action:
        case Action.LEFT_OUT:
            shown = " or ".join(map(str, sorted(datasets)))
            has = f"it has {len(record.answers)} answers and the dataset shows {shown}"
            return f"left out, {has}; --answers all makes one for it"
        case Action.NEW_VERSION:
            return f"new version of {record.metadata[FOLLOWS_KEY]}, which keeps its text and its answers"
        case Action.REPLACED:
            return "replaced, its prompt, answers or ranks had changed and nobody had answered"
        case Action.KEPT:
            return "kept as it was translated before, since somebody has answered it"
        case _:
            return f"conflict, {_conflict(record, known)}"


def _conflict(record: Record, known: Known | None) -> str:
    """In what a record conflicts with the one that the dataset holds, and what can be done."""
    if known and (held := source_name(record.id, known.settled.metadata)) != source_of(record):
        return f"the dataset has it of the source {held or 'no name'}; --source-name keeps two sources apart"
    if known and known.count != len(record.answers) and not known.is_answered:
        counts = f"it had {known.count} answers and has {len(record.answers)}"
        return f"{counts}; nobody has answered it, so delete it in Argilla and load again"
    remedy = (
        f"somebody has answered it, so --new-versions would load it as {next_id(record.id, record.metadata)}"
        if known and known.is_answered
        else "nobody has answered it, so --replace-changed would replace it"
    )
    return f"its prompt, answers or ranks are not those of the dataset; {remedy}"
