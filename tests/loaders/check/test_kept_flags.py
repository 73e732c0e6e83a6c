"""Flags kept on disk are those that a check finds; other rules know nothing of them."""

from __future__ import annotations

import ast
import sqlite3
from contextlib import closing
from importlib import import_module
from pathlib import Path

import pytest

from loaders.check.flags import check_text
from loaders.check.kept_flags import RULES, KeptFlags
from tests.loaders.check.test_flags import CASES, GLOSSARY
from workspace.errors import DataError
from workspace.memory.glossary import Term

TEXTS = [(source, text, language) for source, text, _ in CASES for language in ("es", "ca")]


def kept(path: Path) -> int:
    with closing(sqlite3.connect(path)) as database:
        return int(database.execute("SELECT count(*) FROM flags").fetchone()[0])


def test_what_is_kept_is_what_a_check_finds(tmp_path: Path) -> None:
    path, right = tmp_path / "flags.sqlite", [check_text(*pair, GLOSSARY) for pair in TEXTS]
    with closing(KeptFlags(path, GLOSSARY)) as flags:
        assert flags.check([*TEXTS, *reversed(TEXTS)]) == [*right, *reversed(right)]
    assert kept(path) == len(set(TEXTS))
    for read_only in (False, True):
        with closing(KeptFlags(path, GLOSSARY, read_only=read_only)) as flags:
            assert flags.check(TEXTS) == right
    assert {each.doubtful for each in right} == {True, False}


def test_what_was_kept_is_asked_and_not_found_again(tmp_path: Path) -> None:
    path = tmp_path / "flags.sqlite"
    with closing(KeptFlags(path, GLOSSARY)) as flags:
        flags.check(TEXTS)
    with closing(sqlite3.connect(path)) as database:
        database.execute("UPDATE flags SET flags = 'repeated truncated', doubtful = 1")
        database.commit()
    with closing(KeptFlags(path, GLOSSARY)) as flags:
        assert {(each.flags, each.doubtful) for each in flags.check(TEXTS)} == {(("repeated", "truncated"), True)}


def test_other_rules_check_anew_and_remove_what_the_old_ones_found(tmp_path: Path) -> None:
    path, pair = tmp_path / "flags.sqlite", ("A wetland.", "Un pantano de allí.", "es")
    with closing(KeptFlags(path, ())) as flags:
        flags.check(TEXTS)
    with closing(KeptFlags(path, (Term("wetland", ("humedal",)),))) as flags:
        (found,) = flags.check([pair])
        assert found.flags == ("glossary_missed",)
    assert kept(path) == 1


def test_what_is_hashed_is_all_that_the_rules_are_made_of() -> None:
    without_rules = {
        *("loaders.translation.engines.none", "loaders.translation.engines.protocol", "workspace.errors"),
        *("workspace.model.h4rmony", "workspace.model.records"),
    }
    imported = {
        node.module
        for module in RULES
        for node in ast.walk(ast.parse(Path(str(import_module(module).__file__)).read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith(("loaders", "workspace"))
    }
    assert imported - without_rules == {*RULES} - {"loaders.check.flags"}


def test_a_dry_run_writes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "flags.sqlite"
    with closing(KeptFlags(path, GLOSSARY, read_only=True)) as flags:
        assert flags.check(TEXTS[:3]) == [check_text(*pair, GLOSSARY) for pair in TEXTS[:3]]
    assert not path.exists()


def test_another_file_of_this_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "flags.sqlite"
    path.write_text("no database")
    with pytest.raises(DataError, match=r"flags\.sqlite"):
        KeptFlags(path, GLOSSARY)
    assert path.read_text() == "no database"
