"""What a run of ``extend`` asks a model for: answers to prompts, prompts too, or twins of a source's best answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from typing import Any, Protocol

from loaders.extending import answers
from loaders.extending.outcome import Refused, Written
from loaders.extending.per_issue import Inventing
from loaders.extending.prompts.from_file import choose_new, read_known, read_prompts
from loaders.extending.settings import ExtendSettings
from loaders.extending.there import There
from loaders.extending.twins import write as twins
from loaders.imploding.source import Source, implode
from loaders.source.location import Location, Place
from workspace.chat.remembered import Remembered
from workspace.errors import ConfigError
from workspace.giveaways.measure import Verdict
from workspace.model.records import Record
from workspace.model.twins import twin_of

READERS = {"prompts": read_prompts, "complete": read_known}  # the ways of finding prompts
MOST_PER_ISSUE = 10_000  # prompts for each issue code in one output
_IN_ROLES = ("prompts", "complete", "per_issue")
_ONLY_FOR = {  # a setting -> the ways that it is for, where it is not for all
    **dict.fromkeys(("against", "variety", "source_name"), _IN_ROLES),
    **dict.fromkeys(("country", "cognitive_structures", "embedding_model", "duplicate_threshold"), ("per_issue",)),
    **dict.fromkeys(("features", "per_record"), ("twins",)),
}
_OPTIONS = {"features": "feature", "cognitive_structures": "cognitive_structure"}  # those with another name


class Item(Protocol):
    """What becomes a record."""

    @property
    def id(self) -> str:
        """The id of the record."""


@dataclass(frozen=True)
class Work:
    """What is to be written.

    Attributes:
        items: each becomes a record, or is refused.
        refused: what of the source gives no record.
        write: asks a model for some items.
        rehearse: asks only what the model said before, which counts what is still to be asked.
        codes: the issue code of each item's id, where a model writes the prompts.
        gates: what refuses a run that gives its ranks away.
        notes: what a person should know of how the source was read.
    """

    items: Sequence[Any]
    refused: Sequence[Refused]
    write: Callable[[Sequence[Any], Any], Written]
    rehearse: Callable[[Sequence[Any], Remembered], object]
    codes: Mapping[str, str] = field(default_factory=dict)
    gates: Sequence[Verdict] = ("length", "surface")
    notes: Sequence[str] = ()


def work_of(way: str, source: Any, settings: ExtendSettings, there: There) -> Work:
    """What there is to do in one of the ways.

    Raises:
        DataError: the source cannot be read.
        ConfigError: a setting is given that is not for the way, or the output has other records.
    """
    given = [each.name for each in fields(settings) if getattr(settings, each.name) != each.default]
    if wrong := [name for name in given if way not in _ONLY_FOR.get(name, (way,))]:
        option, given_way = (each.replace("_", "-") for each in (_OPTIONS.get(wrong[0], wrong[0]), way))
        raise ConfigError(f"--{option} is not for --{given_way}")
    if way == "twins":
        return twins_work(source, settings, there.kept.values())
    if way == "per_issue":
        return prompts_work(source, settings, there)
    return answers_work(way, source, settings, there.known)


def answers_work(way: str, source: Place | Location, settings: ExtendSettings, known: Mapping[str, str]) -> Work:
    """The answers to the prompts that one of ``READERS`` finds in a source, unless their words are ``known``.

    Raises:
        DataError: the source cannot be read.
    """
    notes: list[str] = []
    read = READERS[way](source, settings.source_name, settings.language, notes)
    new, refused = choose_new(read, known, settings.language)
    writing = _writing(settings)
    write = partial(answers.write_answers, writing=writing)
    return Work(new, refused, write, rehearse=write, notes=notes)


def prompts_work(per_issue: int, settings: ExtendSettings, there: There) -> Work:
    """So many prompts for each issue code, that a model is to write and to answer.

    Raises:
        ConfigError: there is none, or too many.
    """
    if not 1 <= per_issue <= MOST_PER_ISSUE:
        raise ConfigError(f"--per-issue {per_issue}: give a number of prompts from 1 to {MOST_PER_ISSUE}")
    inventing = Inventing(there, settings, _writing(settings))
    items = inventing.items(per_issue)
    codes = {item.id: item.wanted.code for item in items}
    return Work(items, [], inventing.write, inventing.rehearse, codes)


def twins_work(source: Source, settings: ExtendSettings, kept: Iterable[Record]) -> Work:
    """The twins of the best answers in a source.

    Raises:
        DataError: the source cannot be read, or has no record.
        ConfigError: the output ``kept`` other records than twins.
    """
    if others := [record.id for record in kept if not twin_of(record.metadata)]:
        raise ConfigError(f"the output has records that are no twins, as {others[0]}; give twins a file of their own")
    imploded = implode(source).checked()
    found, refused = twins.find_twins(
        imploded, settings.language, settings.features, settings.per_record, settings.seed
    )
    rewriting = twins.Rewriting(settings.writer, settings.language, settings.seed)
    write = partial(twins.write_twins, rewriting=rewriting)
    return Work(found, refused, write, rehearse=write, gates=("length",), notes=imploded.notes)


def _writing(settings: ExtendSettings) -> answers.Writing:
    return answers.Writing(settings.writer, settings.language, settings.told_variety, settings.seed)
