"""Records of a dataset that are not ours: somebody else made them, or changed ours by hand."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from workspace.argilla.listing import RemoteRecord
from workspace.errors import ForeignRecord, H4rmonyWarning, count_of

Value = TypeVar("Value")


def read_ours(remotes: Iterable[RemoteRecord], read: Callable[[RemoteRecord], Value]) -> Iterator[Value]:
    """What ``read`` makes of each record. Those that it cannot read are left out, with one warning at the end.

    So nobody's answers are lost because somebody else added a record to the dataset.
    """
    first, number = "", 0
    for remote in remotes:
        try:
            value = read(remote)
        except ForeignRecord as error:
            first, number = first or str(error), number + 1
        else:
            yield value
    if number:
        more = f" (and {count_of(number - 1, 'more such record')})" if number > 1 else ""
        warnings.warn(f"left out: {first}{more}", H4rmonyWarning, stacklevel=2)
