"""The groups of prompts: where words lead, and where that ends.

Names of groups are words of prompts, so words and names are one thing. ``exports/merging/split.py`` says what the
rule is for; ``load`` follows it to write the end into the records that it adds.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping


def leads_of(held: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Where words lead, given the words and the group of each record: to the first group by code points that a record
    with these words holds, if it is another name."""
    leads: dict[str, str] = {}
    for words, group in held:
        if group != words:
            leads[words] = min(group, leads.get(words, group))
    return leads


def ends_of(leads: Mapping[str, str]) -> dict[str, str]:
    """Where each name ends that leads on; in a circle at its first name by code points. Each name is visited once."""
    ends: dict[str, str] = {}
    for name in leads:
        path: dict[str, int] = {}
        while name in leads and name not in ends and name not in path:
            path[name] = len(path)
            name = leads[name]
        end = min(list(path)[path[name] :]) if name in path else ends.get(name, name)
        ends |= dict.fromkeys(path, end)
    return ends
