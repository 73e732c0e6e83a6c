"""Into which dataset a record goes: one dataset shows one number of answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from loaders.imploding.imploded import Imploded
from loaders.loading.known import Datasets
from workspace.argilla.beside import beside_name, find_datasets
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteDataset
from workspace.errors import DataError, count_of


@dataclass(frozen=True)
class Plan:
    """The datasets of a load.

    Attributes:
        gateway: the way to the named one.
        held: those of the review that exist.
        names: what those to load to are called, by the number of answers.
    """

    gateway: Gateway
    held: Sequence[RemoteDataset]
    names: dict[int, str]

    def made(self, min_submitted: int, guidelines: str | None, *, asks: bool, dry_run: bool) -> Datasets:
        """The datasets to load to, made where they do not exist; None in a dry run.

        Raises:
            DatasetMismatch: one exists with another number of answers, or without the question that ``asks`` wants.
        """
        made: dict[int, RemoteDataset | None] = {}
        for count, name in self.names.items():
            with Gateway(replace(self.gateway.connection, dataset=name)) as gateway:
                if not dry_run:
                    made[count] = gateway.create_dataset(count, min_submitted, guidelines, topics=asks)
                    continue
                made[count] = found = gateway.find_dataset()
                if found:
                    found.check_count(count)
                if found and asks:
                    found.check_topics()
        return made


def plan_datasets(gateway: Gateway, imploded: Imploded, answers: int | Literal["all"] | None) -> Plan:
    """Settle which datasets to load to, by ``answers`` as ``load`` takes it; nothing is made yet.

    The named dataset shows what it shows. A new one shows the number that most records have, the lower of two that
    equally many have.

    Raises:
        DataError: none of them shows a number of answers that a record of the source has.
        DatasetMismatch: the named one exists and shows another number than ``answers``.
    """
    held = find_datasets(gateway)
    counts = Counter(len(record.answers) for record in imploded)
    own = gateway.connection.dataset
    named = next((dataset for dataset in held if dataset.name == own), None)
    names = {dataset.count: dataset.name for dataset in held}
    if named and isinstance(answers, int) and answers not in names:
        named.check_count(answers)
    most = max(sorted(counts), key=lambda count: counts[count])
    main = named.count if named else answers if isinstance(answers, int) else most
    names.setdefault(main, own)
    if answers == "all":
        names = {count: names.get(count, beside_name(own, count)) for count in sorted(counts)}
    elif answers is not None:
        names = {answers: names.get(answers, own)}
    if counts.keys().isdisjoint(names):
        have = ", ".join(
            f"{count_of(number, 'record')} of {count} answers" for count, number in sorted(counts.items())
        )
        shown = " or ".join(map(str, sorted(names)))
        raise DataError(
            f"no record has {shown} answers, as dataset {own!r} shows them: the source has {have}; give --answers "
            "all, which makes a dataset for each number, or another --dataset"
        )
    return Plan(gateway, held, names)
