"""Where a source is, and how it is to be read where that does not show."""

from __future__ import annotations

import codecs
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from workspace.errors import ConfigError

SEPARATORS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
STDIN = "-"
_ON_THE_HUB = "a dataset on the Hub"
_OF_PARTS = f"a folder or {_ON_THE_HUB}"
_FOR = {  # what each option is for
    "revision": _ON_THE_HUB,
    "config": _OF_PARTS,
    "split": _OF_PARTS,
    "encoding": "a text file",
    "separator": "a CSV or TSV file",
    "sheet": "a workbook of Excel or LibreOffice",
}

Place: TypeAlias = str | Path


@dataclass(frozen=True)
class Location:
    """Where a source is, and how it is read. Every function that takes a source takes one.

    Attributes:
        place: a file, a folder, ``owner/name`` of a dataset on the Hub, "-" for standard input; or several of them.
        revision: the commit, branch or tag of a dataset on the Hub.
        config: which configuration of a folder or a dataset on the Hub.
        split: which split of it; by default all are read, one after another.
        encoding: that of a text file that is neither UTF-8 nor UTF-16, such as cp1252.
        separator: what is between the columns of a CSV file: comma, semicolon, tab or pipe; by default what its
            header and its first rows show.
        sheet: which sheet of a workbook.
        columns: which column is what, where its name does not tell: part -> column (``loaders.shapes.columns``).

    Raises:
        ConfigError: there is no such encoding or separator.

    >>> Location("encuesta.csv", encoding="cp1252").encoding
    'cp1252'
    """

    place: Place | Sequence[Place]
    revision: str | None = None
    config: str | None = None
    split: str | None = None
    encoding: str | None = None
    separator: str | None = None
    sheet: str | None = None
    columns: Mapping[str, str] | None = None

    def __post_init__(self) -> None:
        if self.separator is not None and self.separator not in SEPARATORS:
            raise ConfigError(f"--separator {self.separator}: give {', '.join(SEPARATORS)}")
        if self.encoding is not None:
            try:
                is_text = codecs.lookup(self.encoding)._is_text_encoding
            except (LookupError, ValueError):
                is_text = False
            if not is_text:
                raise ConfigError(
                    f"--encoding {self.encoding}: there is no such encoding of text; give cp1252, latin-1 or another"
                )

    @property
    def given(self) -> list[str]:
        """The names of the options that are given and do not fit every source."""
        return [name for name in _FOR if getattr(self, name) is not None]

    def check(self, name: str, what: str, fitting: Collection[str]) -> None:
        """Refuse an option that does not fit the source.

        Raises:
            ConfigError: one that is not ``fitting`` is given.
        """
        for option in self.given:
            if option not in fitting:
                raise ConfigError(f"{name}: --{option} is for {_FOR[option]}, and this is {what}")
