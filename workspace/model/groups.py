"""Split groups: which prompts share a side of the split.

A group has a name, and the names of groups are words of prompts (``prompt_key``); so words and names are one thing.
A name can be an *alias* of another one; to *resolve* a name is to follow its aliases to the last, its *canonical*
name. ``exports/merging/split.py`` says what the rule is for; ``load`` follows it to write the canonical name into the
records that it adds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from workspace.model.prompts import GROUP_KEY, prompt_key
from workspace.model.records import Record


class Groups:
    """The groups of some prompts, given the words and the group of each.

    Words are an alias of the group that a prompt with them has; of the first by code points, where several have one.
    """

    def __init__(self, held: Iterable[tuple[str, str]]) -> None:
        listed = list(held)
        self._aliases: dict[str, str] = {}
        for words, group in listed:
            if group != words:
                self._aliases[words] = min(group, self._aliases.get(words, group))
        self._canonical: Mapping[str, str] | None = canonical_names(self._aliases)
        self._decided = {name: self._canonical.get(name, name) for pair in listed for name in pair}

    def join(self, words: str, group: str) -> None:
        """Let new words join a group; words that are known keep theirs."""
        if words not in self._decided:
            self._decided[words] = group
            if words != group:
                self._aliases[words] = group
                self._canonical = None

    def find(self, words: str) -> str | None:
        """The group that words are known to have; None for unknown words."""
        return self._decided.get(words)

    def resolve(self, words: str) -> str:
        """The canonical name of the group of words; unknown words are a group of their own."""
        if self._canonical is None:
            self._canonical = canonical_names(self._aliases)
        name = self._decided.get(words, words)
        return self._canonical.get(name, name)


def canonical_names(aliases: Mapping[str, str]) -> dict[str, str]:
    """The canonical name of each alias; in a circle its first name by code points. Each name is visited once."""
    canonical: dict[str, str] = {}
    for name in aliases:
        path: dict[str, int] = {}
        while name in aliases and name not in canonical and name not in path:
            path[name] = len(path)
            name = aliases[name]
        end = min(list(path)[path[name] :]) if name in path else canonical.get(name, name)
        canonical |= dict.fromkeys(path, end)
    return canonical


def stated_group(record: Record) -> str | None:
    """The group that a record's metadata name; None if they name none."""
    group = record.metadata.get(GROUP_KEY)
    return group if isinstance(group, str) and group else None


def record_group(record: Record) -> str:
    """The group of a record by itself: what its metadata say, else the key of its prompt."""
    return stated_group(record) or prompt_key(record.prompt)


def with_group(record: Record, group: str) -> Record:
    """The record in a group, which its metadata name unless it is in it by itself."""
    if group == record_group(record):
        return record
    return replace(record, metadata={**record.metadata, GROUP_KEY: group})


def settle_groups(records: Iterable[Record]) -> tuple[Record, ...]:
    """The records, each in the group that its words resolve to among all of them."""
    listed = tuple(records)
    words = [prompt_key(record.prompt) for record in listed]
    groups = Groups((key, stated_group(record) or key) for key, record in zip(words, listed, strict=True))
    return tuple(with_group(record, groups.resolve(key)) for key, record in zip(words, listed, strict=True))
