"""Pseudonyms: what reviewers are called in data that leaves the team.

The rules:

- A pseudonym is ``reviewer-`` and the first hexadecimal digits of HMAC-SHA-256 of the user name, under a random key.
  Without the key nobody can find the name by trying names. With it anybody can: keep it as private as a password.
- The key is made once and kept in ``HOME/pseudonyms.key`` (mode 0600), so a reviewer has the same pseudonym in every
  later publication. If the file is lost, all pseudonyms change.
- A pseudonym has six digits, or as many more as it takes to tell two names apart.
- In a pseudonymous review the name is also replaced where a cell of the source's columns of people
  (``PERSON_COLUMNS``) is exactly that name; ballots have the day instead of the time; and comments are left out
  unless they are asked for, because they may hold personal data. Corrected texts are not changed: they are the data.
- A record's ``source`` that is an address is only its host there, and one that is somebody's handle is left out
  (``public_source``).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from exports.review.files import Review
from workspace.errors import ConfigError
from workspace.files.private import make_home, write_private
from workspace.model.ballots import Ballot
from workspace.model.h4rmony import METADATA_NAMES
from workspace.model.records import Comparison, Record
from workspace.model.sources import SOURCE_KEY

KEY_FILE = "pseudonyms.key"
PREFIX = "reviewer-"
DIGITS = 6
PERSON_COLUMNS = ("PromptOriginator", "BetterCompletionOrigin", "WorseCompletionOrigin", "Contributor")
_KEY_BYTES = 32
_HOST = re.compile(
    r"(?:[a-z][a-z0-9+.-]*:)?//(?:[^/@?#]*@)?([^/:?#@\s]+)|((?:[\w-]+\.)+[a-z]{2,})(?=[/:?#]|$)", re.IGNORECASE
)
_HANDLE = re.compile(r"@|(?:^|[\s/])(?:u|users?)/|[?&]\w+=", re.IGNORECASE)
_DAY = len("2024-05-01")
_PERSON_KEYS = frozenset({*PERSON_COLUMNS, *(METADATA_NAMES.get(column, column) for column in PERSON_COLUMNS)})


def pseudonym_key(home: Path) -> bytes:
    """Read the key in ``home``, or make it; afterwards only its owner can read the file.

    Raises:
        ConfigError: the file cannot be read or written, or what it holds is not a key.
    """
    path = home / KEY_FILE
    try:
        if not path.exists():
            make_home(home)
            write_private(path, secrets.token_hex(_KEY_BYTES) + "\n", replace=False)
        path.chmod(0o600)
        key = bytes.fromhex(path.read_text(encoding="ascii"))
    except OSError as error:
        raise ConfigError(f"{path}: the key of the pseudonyms cannot be kept there ({error.strerror})") from error
    except ValueError:
        key = b""
    if len(key) != _KEY_BYTES:
        raise ConfigError(
            f"{path}: not a key of pseudonyms; restore it from a copy, or delete it and all pseudonyms change"
        )
    return key


def pseudonyms(names: Iterable[str], key: bytes) -> dict[str, str]:
    """The pseudonym of each name; no two are equal."""
    digests = {name: hmac.new(key, name.encode(), hashlib.sha256).hexdigest() for name in set(names)}
    return {name: PREFIX + digest[: _digits(digest, digests.values())] for name, digest in sorted(digests.items())}


def pseudonymous(review: Review, names: Mapping[str, str], *, comments: bool = False) -> Review:
    """The review as it may be published, by the rules at the top of this module.

    Args:
        review: what was collected.
        names: the pseudonym of every reviewer.
        comments: True to keep the reviewers' comments.
    """
    return Review(
        tuple(_record(record, names) for record in review.records),
        tuple(_ballot(ballot, names, comments) for ballot in review.ballots),
    )


def public_source(name: str) -> str:
    """A source's name as it may be published: of an address only the host, of a handle nothing.

    >>> public_source("https://www.foro.example/u/@ana/hilo/7"), public_source("@ana"), public_source("owner/name")
    ('foro.example', '', 'owner/name')
    """
    if host := _HOST.match(name.strip()):
        return (host[1] or host[2]).casefold().removeprefix("www.")
    return "" if _HANDLE.search(name) else name


def _digits(digest: str, digests: Iterable[str]) -> int:
    others = [other for other in digests if other != digest]
    digits = DIGITS
    while any(other.startswith(digest[:digits]) for other in others):
        digits += 1
    return digits


def _ballot(ballot: Ballot, names: Mapping[str, str], comments: bool) -> Ballot:
    return replace(
        ballot,
        reviewer=names[ballot.reviewer],
        updated_at=ballot.updated_at[:_DAY],
        comment=ballot.comment if comments else None,
    )


def _record(record: Record, names: Mapping[str, str]) -> Record:
    return replace(
        record,
        metadata=_without_names(record.metadata, names),
        comparisons=tuple(
            Comparison(comparison.better, comparison.worse, _without_names(comparison.columns, names))
            for comparison in record.comparisons
        ),
    )


def _without_names(columns: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    public = {
        name: names.get(value, value) if name in _PERSON_KEYS and isinstance(value, str) else value
        for name, value in columns.items()
    }
    if isinstance(source := public.get(SOURCE_KEY), str):
        public[SOURCE_KEY] = public_source(source)
    return public
