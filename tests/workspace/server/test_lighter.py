"""A start imports neither what this server never uses nor, before it is needed, what transfers to the Hub use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import gc, json, os, sys
from pathlib import Path
from workspace.server import start
from workspace.server.home import ServerHome
from workspace.server.lighter import Later

place = ServerHome(Path(sys.argv[1]))
place.create()
start.prepare_environment(place, os.environ)
start.load_argilla(place)
before = sorted({"datasets", "pandas", "elasticsearch8", "opensearchpy"} & set(sys.modules))
validators = {"_made" in vars(found) for found in gc.get_objects() if isinstance(found, Later)}

from argilla_server.contexts import accounts, hub

dummy = accounts._DUMMY_HASH
alike = accounts.verify_password("dummy_secret", dummy), dummy[:7] == accounts.hash_password("another")[:7]

source = hub.load_dataset(path=sys.argv[2], split="train", streaming=True)
importer = hub.HubDataset.__new__(hub.HubDataset)
label = importer._cast_feature_value(hub.features.ClassLabel(names=["no", "sí"]), 1)
made = hub.HFDataset.from_generator(lambda: iter([{"texto": "dos"}]), split=hub.NamedSplit("test"))
print(json.dumps([before, list(validators), alike]))
print(json.dumps([list(source), label, list(made), str(made.split)]))
"""


def test_what_is_left_out_or_made_later_is_there_when_it_is_used(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "train.csv").write_text("texto\nuno\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "home"), str(source)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    start, transfer = map(json.loads, done.stdout.splitlines()[-2:])
    assert start == [[], [False], [True, True]]  # a dummy hash of the same cost as that of a password
    assert transfer == [[{"texto": "uno"}], "sí", [{"texto": "dos"}], "test"]
