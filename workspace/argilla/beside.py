"""The datasets of one review: the named one, and one beside it for each other number of answers.

A dataset of Argilla shows one number of answers. ``load --answers all`` makes the others: beside ``h4rmony-es``, the
one for two answers is ``h4rmony-es-2``. Whatever reads a review reads them all.
"""

from __future__ import annotations

import re
from dataclasses import replace

from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteDataset
from workspace.argilla.settings import Kind
from workspace.errors import DatasetMismatch


def beside_name(name: str, count: int) -> str:
    """What the dataset for so many answers is called, beside the one of this name.

    >>> beside_name("h4rmony-es", 2)
    'h4rmony-es-2'
    """
    return f"{name}-{count}"


def find_datasets(gateway: Gateway, kind: Kind | None = "review") -> list[RemoteDataset]:
    """The datasets of a review, the named one first, then by number of answers; an empty list if there is none.

    Raises:
        DatasetMismatch: the named one is of the other kind, or has other fields or questions.
    """
    own = gateway.find_dataset(kind)
    found = [own] if own else []
    if own and own.kind != "review":
        return found
    beside = re.compile(re.escape(gateway.connection.dataset) + r"-(\d{1,2})")
    counts = sorted(int(name[1]) for name in map(beside.fullmatch, gateway.dataset_names()) if name)
    for count in counts:
        name = beside_name(gateway.connection.dataset, count)
        with Gateway(replace(gateway.connection, dataset=name)) as other:
            try:
                dataset = other.find_dataset()
            except DatasetMismatch:
                continue  # somebody else's, of a like name
        if dataset and dataset.count == count and not (own and own.count == count):
            found.append(dataset)
    return found


def all_datasets(gateway: Gateway, kind: Kind | None = "review") -> list[RemoteDataset]:
    """The datasets of a review, of which there must be one.

    Raises:
        ArgillaError: there is none.
        DatasetMismatch: as for ``find_datasets``.
    """
    return find_datasets(gateway, kind) or [gateway.dataset(kind)]
