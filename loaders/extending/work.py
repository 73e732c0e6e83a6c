"""What a run of ``extend`` asks a model for: answers to new prompts, or twins of a source's best answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from loaders.extending import answers, twins
from loaders.extending.prompts import Refused, choose_new, read_known, read_prompts
from loaders.extending.settings import ExtendSettings
from loaders.imploding.source import Source, implode
from workspace.chat import Request
from workspace.errors import ConfigError
from workspace.model.records import Record
from workspace.model.twins import twin_of

READERS = {"prompts": read_prompts, "complete": read_known}  # the ways of finding prompts
_NOT_FOR_TWINS = ("against", "variety", "source_name")


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
        requests: what is asked for some items if each answer is good at once.
        write: asks a model for some items.
    """

    items: Sequence[Any]
    refused: Sequence[Refused]
    requests: Callable[[Iterable[Any]], Iterable[Request]]
    write: Callable[[Sequence[Any], Any], answers.Written]


def answers_work(way: str, source: str | Path, settings: ExtendSettings, known: Mapping[str, str]) -> Work:
    """The answers to the prompts that one of ``READERS`` finds in a source, unless their words are ``known``."""
    read = READERS[way](source, settings.source_name, settings.language)
    new, refused = choose_new(read, known, settings.language)
    writing = answers.Writing(settings.writer, settings.language, settings.told_variety, settings.seed)
    return Work(
        new,
        refused,
        partial(answers.requests_for, writing=writing),
        partial(answers.write_answers, writing=writing),
    )


def twins_work(source: Source, settings: ExtendSettings, kept: Iterable[Record]) -> Work:
    """The twins of the best answers in a source.

    Raises:
        DataError: the source cannot be read.
        ConfigError: a setting is given that twins do not have, or the output ``kept`` other records than twins.
    """
    given = [each.name for each in fields(settings) if getattr(settings, each.name) != each.default]
    if wrong := [name for name in _NOT_FOR_TWINS if name in given]:
        raise ConfigError(f"--{wrong[0].replace('_', '-')} is not for --twins, whose prompts are the source's")
    if others := [record.id for record in kept if not twin_of(record.metadata)]:
        raise ConfigError(f"the output has records that are no twins, as {others[0]}; give twins a file of their own")
    found, refused = twins.find_twins(
        implode(source), settings.language, settings.features, settings.per_record, settings.seed
    )
    rewriting = twins.Rewriting(settings.writer, settings.language, settings.seed)
    return Work(
        found,
        refused,
        partial(twins.requests_for, rewriting=rewriting),
        partial(twins.write_twins, rewriting=rewriting),
    )
