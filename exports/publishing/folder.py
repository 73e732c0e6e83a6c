"""The files of a publication, and how one folder is made the same publication as another.

::

    DIR/README.md                                    the dataset card
    DIR/<format>/train.parquet  test.parquet         the rows of each format; no file for a split without rows
    DIR/lm-eval/task.yaml  ...                       its tasks, if the split ``test`` has rows
    DIR/ballots/train.parquet                        every ballot with what its reviewer was shown
    DIR/eval.yaml                                    the evaluation for Inspect AI, if a grader is named
    DIR/benchmark/test.parquet                       the prompts that it reads, without answers
    DIR/ballots.jsonl  dropped.jsonl  left_out.jsonl  summary.json     as ``h4rmony export`` writes them

Only files of these names (``is_published``) are ever replaced or deleted, on the Hub and in a folder; and in a folder
only if it is empty or holds an earlier publication.
"""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path, PurePosixPath

from exports.card.page import CARD, MARK
from exports.evaluation.judging.eval_yaml import CONFIG, EVAL_FILE
from exports.formats import FORMATS
from exports.formats.lm_eval import LM_EVAL, TASK_FILES
from exports.review.files import BALLOTS
from exports.write.export import DROPPED, LEFT_OUT, SUMMARY
from workspace.errors import DataError
from workspace.files.jsonl import part_name, replacing, sweep

BALLOTS_CONFIG = "ballots"
CONFIGS = (*FORMATS, CONFIG, BALLOTS_CONFIG)
ROOT_FILES = (CARD, EVAL_FILE, BALLOTS, DROPPED, LEFT_OUT, SUMMARY)


def is_published(path: str) -> bool:
    """True for the path of a file that a publication may hold, relative to its folder."""
    parts = PurePosixPath(path).parts
    if len(parts) == 2:
        tasks = TASK_FILES if parts[0] == LM_EVAL.name else ()
        return parts[0] in CONFIGS and parts[1] in ("train.parquet", "test.parquet", *tasks)
    return path in ROOT_FILES


def files_in(folder: Path) -> list[str]:
    """The files of a folder as sorted relative paths."""
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def sync_folder(source: Path, target: Path) -> bool:
    """Make ``target`` the same publication as ``source``; returns False if it was that already.

    Raises:
        DataError: ``target`` holds something else than a publication, or cannot be written.
    """
    _check_target(target)
    for path in files_in(target):
        if part_of := _part_of(path):  # what killed publications left
            sweep(target / part_of)
    wanted = files_in(source)
    stale = [path for path in files_in(target) if is_published(path) and path not in wanted]
    changed = [path for path in wanted if not _same(source / path, target / path)]
    for path in sorted(changed, key=lambda path: path != CARD):  # the card first: it marks the folder as ours
        with replacing(target / path) as file, (source / path).open("rb") as made:
            shutil.copyfileobj(made, file)
    for path in stale:
        (target / path).unlink()
        if not any((target / path).parent.iterdir()):
            (target / path).parent.rmdir()
    return bool(changed or stale)


def _check_target(target: Path) -> None:
    card = target / CARD
    try:
        empty = not target.exists() or not any(_part_of(path.name) is None for path in target.iterdir())
        ours = empty or MARK in card.read_text(encoding="utf-8")
    except FileNotFoundError:
        ours = False
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{card}: cannot be read; choose an empty folder") from error
    if not ours:
        raise DataError(f"{target}: holds files that are not a publication; choose an empty folder")


def _part_of(path: str) -> str | None:
    """The published file that a temporary file was to replace; None for every other file."""
    name = part_name(Path(path))
    file = PurePosixPath(path).with_name(name).as_posix() if name else ""
    return file if is_published(file) else None


def _same(one: Path, other: Path) -> bool:
    return other.is_file() and filecmp.cmp(one, other, shallow=False)
