from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import threading
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from workspace.errors import DataError
from workspace.files.database import CHUNK
from workspace.memory.store import Approved, EngineId, MemoryEntry, TranslationMemory, joined_label, split_label

APERTIUM = EngineId("apertium", "3.8.3/eng-spa 0.8.1", "en", "es")
OTHER = EngineId("apertium", "3.9.0/eng-spa 0.8.1", "en", "es")


def run_sql(path, script):
    with closing(sqlite3.connect(path)) as database:
        database.executescript(script)


@pytest.fixture
def path(tmp_path):
    return tmp_path / "home" / "memory.sqlite"


def test_what_is_put_is_found_again_after_reopening(path):
    with TranslationMemory(path) as memory:
        assert memory.get_many(APERTIUM, ["trees"]) == {}
        assert memory.put_many(APERTIUM, {"trees": "árboles", "a\x00b": "un\x00b", "🌳": "🌳"}) == 3
    with TranslationMemory(path) as memory:
        assert memory.count() == 3
        assert memory.get_many(APERTIUM, ["a\x00b", "trees", "birds"]) == {"a\x00b": "un\x00b", "trees": "árboles"}


def test_the_key_is_engine_version_languages_and_the_exact_text(path):
    with TranslationMemory(path) as memory:
        memory.put_many(APERTIUM, {"trees": "árboles"})
        for other in (
            OTHER,
            EngineId("opus", APERTIUM.version, "en", "es"),
            EngineId(APERTIUM.engine, APERTIUM.version, "en", "ca"),
            EngineId(APERTIUM.engine, APERTIUM.version, "fr", "es"),
        ):
            assert memory.get_many(other, ["trees"]) == {}
        assert memory.get_many(APERTIUM, ["Trees", "trees ", "trees\x00"]) == {}


def test_the_first_translation_stays_and_blanks_are_not_kept(path):
    with TranslationMemory(path) as memory:
        assert memory.put_many(APERTIUM, {"trees": "árboles", "gap": " ", " ": "x"}) == 1
        assert memory.put_many(APERTIUM, {"trees": "otros", "birds": "pájaros"}) == 1
        assert memory.get_many(APERTIUM, ["trees", "gap", " "]) == {"trees": "árboles"}


def test_more_texts_than_one_query_takes(path):
    texts = {f"text {number}": f"texto {number}" for number in range(2 * CHUNK + 1)}
    with TranslationMemory(path) as memory:
        assert memory.put_many(APERTIUM, texts) == len(texts)
        assert memory.get_many(APERTIUM, texts) == texts
        assert memory.get_many(APERTIUM, iter([*texts, *texts])) == texts


def test_a_batch_is_kept_whole_or_not_at_all(path):
    with TranslationMemory(path) as memory:
        with pytest.raises(DataError, match="half a surrogate pair"):
            memory.put_many(APERTIUM, {"trees": "árboles", "\ud800": "x"})
        assert memory.count() == 0
        assert memory.put_many(APERTIUM, {"trees": "árboles"}) == 1


def test_export_and_import_give_the_same_memory_and_bytes(path, tmp_path):
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    with TranslationMemory(path) as memory:
        memory.put_many(OTHER, {"trees": "los árboles"})
        memory.put_many(APERTIUM, {"trees": "árboles", "birds": "pájaros\n"})
        assert memory.export_jsonl(first) == 3
        entries = list(memory.entries())
    assert json.loads(first.read_text(encoding="utf-8").splitlines()[0]) == {
        "engine": "apertium",
        "version": "3.8.3/eng-spa 0.8.1",
        "source_language": "en",
        "target_language": "es",
        "source": "birds",
        "target": "pájaros\n",
    }
    with TranslationMemory(tmp_path / "other.sqlite") as memory:
        memory.put_many(APERTIUM, {"trees": "mine"})
        assert memory.import_jsonl(first) == 2
        assert memory.import_jsonl(first) == 0
        assert memory.get_many(APERTIUM, ["trees"]) == {"trees": "mine"}
    with TranslationMemory(tmp_path / "third.sqlite") as memory:
        assert memory.import_jsonl(first) == 3
        assert list(memory.entries()) == entries == sorted(entries, key=lambda entry: (entry.engine, entry.source))
        memory.export_jsonl(second)
    assert first.read_bytes() == second.read_bytes()


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"target": " "}, "'target' must be text, not blank"),
        ({"source": "\ud800"}, "'source' must be text, not blank, in valid UTF-8"),
        ({"version": None}, "'version' must be str"),
    ],
)
def test_an_entry_that_cannot_be_used_is_named_by_its_line(path, tmp_path, change, problem):
    good = MemoryEntry(APERTIUM, "trees", "árboles").to_json()
    file = tmp_path / "memory.jsonl"
    file.write_text(f"{json.dumps(good)}\n{json.dumps({**good, **change})}\n", encoding="utf-8")
    with TranslationMemory(path) as memory, pytest.raises(DataError, match=f"memory.jsonl, line 2: .*{problem}"):
        memory.import_jsonl(file)


def test_a_file_that_is_no_memory_is_refused_and_left_as_it_is(tmp_path):
    text = tmp_path / "text.sqlite"
    text.write_bytes(b"these are notes of mine, and no database" * 100)
    foreign = tmp_path / "foreign.sqlite"
    run_sql(foreign, "CREATE TABLE mine (id INTEGER)")
    for path, problem in ((text, "not a translation memory, or damaged"), (foreign, "but not a translation memory")):
        before = path.read_bytes()
        for read_only in (False, True):
            with pytest.raises(DataError, match=rf"^{path}: .*{problem}.*move it away and run again"):
                TranslationMemory(path, read_only=read_only)
        assert path.read_bytes() == before


def test_a_damaged_memory_is_refused_and_left_as_it_is(path):
    with TranslationMemory(path) as memory:
        memory.put_many(APERTIUM, {f"text {number}": "x" * 200 for number in range(200)})
    damaged = path.read_bytes()[:4096] + b"\xff" * (path.stat().st_size - 4096)
    path.write_bytes(damaged)
    with pytest.raises(DataError, match="damaged"), TranslationMemory(path) as memory:
        memory.get_many(APERTIUM, ["text 1"])
    assert path.read_bytes()[4096:] == damaged[4096:]


def test_a_newer_format_is_refused(path):
    TranslationMemory(path).close()
    run_sql(path, "PRAGMA user_version = 99")
    with pytest.raises(DataError, match="of format 99, and this version reads format 2; update h4rmony-es"):
        TranslationMemory(path)


def test_a_place_that_cannot_be_written_is_stated(tmp_path):
    (tmp_path / "file").write_text("")
    for path in (tmp_path / "file" / "memory.sqlite", tmp_path):
        with pytest.raises(DataError, match=r"cannot be used .*choose another --home"):
            TranslationMemory(path)


def test_read_only_writes_nothing(path):
    with TranslationMemory(path, read_only=True) as memory:
        assert memory.get_many(APERTIUM, ["trees"]) == {}
        assert memory.count() == 0
    assert not path.parent.exists()
    with TranslationMemory(path) as memory:
        memory.put_many(APERTIUM, {"trees": "árboles"})
    with TranslationMemory(path, read_only=True) as memory:
        assert memory.get_many(APERTIUM, ["trees"]) == {"trees": "árboles"}
        with pytest.raises(DataError):
            memory.put_many(APERTIUM, {"birds": "pájaros"})


def test_opening_waits_for_a_process_that_reads_a_memory_not_yet_in_wal_mode(path):
    TranslationMemory(path).close()
    reader = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
    reader.execute("PRAGMA journal_mode = DELETE").fetchone()
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM translations").fetchone()
    release = threading.Timer(0.3, reader.close)
    release.start()
    with TranslationMemory(path) as memory:
        assert memory.put_many(APERTIUM, {"trees": "árboles"}) == 1
    release.join()


WRITER = """
import sys, time
from pathlib import Path
from workspace.memory.store import EngineId, TranslationMemory

engine = EngineId("upper", "1", "en", "es")
path, gate, name = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
print("ready", flush=True)
while not gate.exists():
    pass
for number in range(100):  # all make the same new files at about the same time
    TranslationMemory(path.with_name(f"{number}.sqlite")).close()
with TranslationMemory(path) as memory:
    for start in range(20):
        memory.put_many(engine, {f"{name} {start} {number}": "x" for number in range(10)})
        memory.put_many(engine, {f"both {start}": name})
"""


def test_several_processes_may_open_and_write_at_once(path, tmp_path):
    environ = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    gate = tmp_path / "gate"
    with ExitStack() as stack:
        commands = [[sys.executable, "-c", WRITER, path, gate, name] for name in "abcd"]
        processes = [
            stack.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE, env=environ))
            for command in commands
        ]
        assert [process.stdout.readline() for process in processes] == [b"ready\n"] * 4
        gate.touch()
    assert [process.returncode for process in processes] == [0] * 4
    with TranslationMemory(path) as memory:
        assert memory.count() == 4 * 20 * 10 + 20


# -- approved texts ----------------------------------------------------------------------------------------------

FORMAT_1 = f"""
CREATE TABLE engines (id INTEGER PRIMARY KEY, engine TEXT NOT NULL, version TEXT NOT NULL, source_language TEXT NOT
 NULL, target_language TEXT NOT NULL, UNIQUE (engine, version, source_language, target_language));
CREATE TABLE translations (engine_id INTEGER NOT NULL REFERENCES engines (id), source TEXT NOT NULL, target TEXT NOT
 NULL, PRIMARY KEY (engine_id, source)) WITHOUT ROWID;
INSERT INTO engines VALUES (1, 'apertium', '3.8.3/eng-spa 0.8.1', 'en', 'es');
INSERT INTO translations VALUES (1, 'trees', 'árboles');
PRAGMA application_id = {int.from_bytes(b"H4tm")};
PRAGMA user_version = 1;
"""


def user_version(path):
    with closing(sqlite3.connect(path)) as database:
        return database.execute("PRAGMA user_version").fetchone()[0]


def test_a_memory_of_format_1_becomes_one_of_format_2_and_keeps_all(path):
    path.parent.mkdir()
    run_sql(path, FORMAT_1)
    with TranslationMemory(path, read_only=True) as memory:
        assert memory.get_many(APERTIUM, ["trees"]) == {"trees": "árboles"}
        assert memory.approved("en", "es", ["trees"]) == {}
        assert memory.count() == 1
    assert user_version(path) == 1, "reading alone changes nothing"
    for _ in range(2):
        with TranslationMemory(path) as memory:
            assert memory.get_many(APERTIUM, ["trees"]) == {"trees": "árboles"}
            memory.approve("en", "es", {"birds": Approved("aves")})
            assert memory.approved("en", "es", ["birds", "trees"]) == {"birds": Approved("aves")}
        assert user_version(path) == 2


def test_approved_texts_are_replaced_when_people_change_their_minds(path):
    with TranslationMemory(path) as memory:
        first = {"trees": Approved("árboles", "apertium 3.8.3"), "birds": Approved("aves"), " ": Approved("x")}
        assert memory.approve("en", "es", first) == (2, 0)
        assert memory.approve("en", "es", first) == (0, 0)
        assert memory.approve("en", "es", {"trees": Approved("los árboles", "apertium 3.8.3")}) == (0, 1)
        assert memory.approved("en", "es", ["trees", "fish"]) == {"trees": Approved("los árboles", "apertium 3.8.3")}
        assert memory.approved("en", "ca", ["trees"]) == {}
    with TranslationMemory(path, read_only=True) as memory:
        assert memory.approve("en", "es", {"trees": Approved("x"), "fish": Approved("peces")}) == (1, 1)
        assert memory.approved("en", "es", ["trees", "fish"])["trees"].target == "los árboles"


def test_approved_texts_go_out_and_in_as_the_engine_human(path, tmp_path):
    file = tmp_path / "memory.jsonl"
    with TranslationMemory(path) as memory:
        memory.put_many(APERTIUM, {"trees": "arboles"})
        memory.approve("en", "es", {"trees": Approved("árboles", "apertium 3.8.3"), "birds": Approved("aves")})
        assert memory.export_jsonl(file) == 3
        assert memory.counts() == {
            APERTIUM: 1,
            EngineId("human", "", "en", "es"): 1,
            EngineId("human", "apertium 3.8.3", "en", "es"): 1,
        }
        assert [entry.target for entry in memory.entries(human_only=True)] == ["aves", "árboles"]
    with TranslationMemory(tmp_path / "other.sqlite") as memory:
        memory.approve("en", "es", {"birds": Approved("pájaros")})
        assert memory.import_jsonl(file) == 2
        assert memory.approved("en", "es", ["trees", "birds"]) == {
            "trees": Approved("árboles", "apertium 3.8.3"),
            "birds": Approved("pájaros"),
        }
        assert memory.get_many(APERTIUM, ["trees"]) == {"trees": "arboles"}


def test_labels_are_joined_and_taken_apart():
    assert joined_label(["opus 1", "human", "apertium 3", "opus 1"]) == "human + apertium 3 + opus 1"
    assert split_label("human + apertium 3") == ("human", "apertium 3")
    assert (joined_label([]), split_label("")) == ("", ())
