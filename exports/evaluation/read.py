"""Read scores and judges' cards from their JSON: each value must be what its dataclass says."""

from __future__ import annotations

import json
import types
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import MISSING, fields, is_dataclass, replace
from math import isfinite
from pathlib import Path
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

from exports.evaluation.likelihood.likelihood import Likelihood
from exports.evaluation.scores.card import Card, read_matrix
from exports.evaluation.scores.compare import Anchored
from exports.evaluation.scores.linear import TOP
from exports.evaluation.scores.score import Score
from workspace.errors import DataError, shown

SCORE_KEYS, CARD_KEYS = {"method", "overall"}, {"judge", "answers", "ranked"}  # what tells them from other JSON
_ROUNDED = 1e-3  # what is lost of a sum of shares with four decimals
_MOST = 1e6  # points; no influence comes near
_LATE = {"Anchored": Anchored}  # imported for type checkers alone where it is named


def read_json(path: str | Path, what: str) -> Any:
    """A JSON file.

    Raises:
        DataError: it cannot be read or is no JSON; ``what`` says what it should be.
    """
    try:
        return json.loads(Path(path).read_bytes())
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except (ValueError, RecursionError) as error:
        raise DataError(f"{path}: not JSON; give {what}") from error


def read_score(path: str | Path) -> Score:
    """The score in a file that ``h4rmony evaluate score -o`` wrote.

    Raises:
        DataError: it is none; names the file and the key.
    """
    data = read_json(path, "the score that `h4rmony evaluate score -o` wrote")
    if isinstance(data, dict) and not data.keys() >= SCORE_KEYS:
        raise DataError(f"{path}: not a score; give what `h4rmony evaluate score -o` wrote")
    try:
        found: Score = built(Score, data, "score")
        _check(found)
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    return found


def check_output(path: Path, keys: set[str], what: str) -> None:
    """Refuse to write JSON over a file of another kind, such as grades that were paid for or that people gave.

    Args:
        path: the file to write.
        keys: what an earlier one has.
        what: what it is.

    Raises:
        DataError: the file is there, and is something else.
    """
    try:
        data = json.loads(path.read_bytes()) if path.is_file() else dict.fromkeys(keys)
    except (OSError, ValueError, RecursionError):
        data = None
    if not isinstance(data, dict) or not keys <= data.keys():
        raise DataError(f"{path}: is there, and is no {what}; give -o another file")


def _check(score: Score) -> None:
    """Refuse what no score can be: other files are written by hand."""
    figures = [score.overall, score.raw, *score.issues.values(), *score.types.values(), *score.languages.values()]
    for each in figures:
        if not 0 <= each.low <= each.high <= TOP or not 0 <= (each.score or 0) <= TOP:
            raise DataError(f"score: a score and its interval are from 0 to {TOP:g}, got {each}")
    parts = score.influence and (score.influence.value, score.influence.guard, *score.influence.prompts.values())
    if parts and max(map(abs, parts)) > _MOST:
        raise DataError(f"score: influence: a number is beyond {_MOST:g} points")
    for name, shares in score.shares.items():
        if not all(0 <= share <= 1 for share in shares) or abs(sum(shares) - 1) > _ROUNDED:
            raise DataError(f"score: shares: {shown(name, 20)}: three shares are from 0 to 1 and add up to 1")


def read_card(path: str | Path) -> Card:
    """The judge's card in a file that ``h4rmony evaluate validate`` wrote.

    Raises:
        DataError: it is none; names the file and the key.
    """
    data = read_json(path, "the card that `h4rmony evaluate validate` wrote")
    if isinstance(data, dict) and not data.keys() >= CARD_KEYS:
        raise DataError(f"{path}: not a judge's card; give what `h4rmony evaluate validate` wrote")
    try:
        _, _, matrix, _ = read_matrix(data)
        found: Card = built(Card, {**data, "matrix": None}, "judge's card")
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    return replace(found, matrix=matrix)


def read_likelihood(path: str | Path) -> Likelihood:
    """The score without a judge in a file that ``h4rmony evaluate likelihood`` wrote.

    Raises:
        DataError: it is none; names the file and the key.
    """
    data = read_json(path, "what `h4rmony evaluate likelihood` wrote")
    if not isinstance(data, dict) or "tasks" not in data:
        raise DataError(f"{path}: not a score by likelihood; give what `h4rmony evaluate likelihood` wrote")
    try:
        found: Likelihood = built(Likelihood, data, "likelihood")
    except DataError as error:
        raise DataError(f"{path}: {error}") from error
    return found


def built(kind: Any, data: Any, what: str) -> Any:
    """The value of a type hint that JSON data say; other keys than a dataclass has are not read.

    Raises:
        DataError: it is of another type, or lacks a key; ``what`` says which value.
    """
    origin, args = get_origin(kind), get_args(kind)
    if kind is Any:
        return data
    if is_dataclass(kind):
        return _object(kind, data, what)
    if origin in (Union, types.UnionType):
        return None if data is None and type(None) in args else _one_of(args, data, what)
    if origin is Literal:
        return _known(data, data in args, f"one of {', '.join(map(str, args))}", what)
    if origin is tuple:
        if not isinstance(data, list) or (args[-1] is not Ellipsis and len(data) != len(args)):
            raise DataError(f"{what}: a list is needed, got {shown(str(data))}")
        each = [args[0]] * len(data) if args[-1] is Ellipsis else args
        return tuple(built(one, value, what) for one, value in zip(each, data, strict=True))
    if origin is Mapping or (isinstance(origin, type) and issubclass(origin, Mapping)):
        _known(data, isinstance(data, dict), "an object", what)
        return {name: built(args[1], value, f"{what}: {shown(name, 20)}") for name, value in data.items()}
    if kind is float:
        return float(_known(data, type(data) in (int, float) and isfinite(data), "a number", what))
    return _known(data, type(data) is kind, kind.__name__, what)


def _one_of(kinds: Iterable[Any], data: Any, what: str) -> Any:
    """The value of the first of several type hints that the data fit."""
    *others, last = [kind for kind in kinds if kind is not type(None)]
    for kind in others:
        with suppress(DataError):
            return built(kind, data, what)
    return built(last, data, what)


def _object(kind: Any, data: Any, what: str) -> Any:
    _known(data, isinstance(data, dict), "an object", what)
    hints = get_type_hints(kind, localns=_LATE)
    found = {}
    for each in fields(kind):
        if each.name in data:
            found[each.name] = built(hints[each.name], data[each.name], f"{what}: {each.name}")
        elif each.default is MISSING and each.default_factory is MISSING:
            raise DataError(f"{what}: key {each.name!r} is missing")
    return kind(**found)


def _known(data: Any, holds: bool, needed: str, what: str) -> Any:
    if not holds:
        raise DataError(f"{what}: {needed} is needed, got {shown(str(data))}")
    return data
