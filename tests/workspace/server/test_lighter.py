"""A start imports neither what this server never uses nor, before it is needed, what transfers to the Hub use."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

PROGRAM = """
import json, os, sys
from pathlib import Path
from workspace.server import start
from workspace.server.home import ServerHome

place = ServerHome(Path(sys.argv[1]))
place.create()
start.prepare_environment(place, os.environ)
start.load_argilla(place)
before = sorted({"datasets", "pandas", "elasticsearch8", "opensearchpy"} & set(sys.modules))

from argilla_server.contexts import hub

source = hub.load_dataset(path=sys.argv[2], split="train", streaming=True)
importer = hub.HubDataset.__new__(hub.HubDataset)
label = importer._cast_feature_value(hub.features.ClassLabel(names=["no", "sí"]), 1)
made = hub.HFDataset.from_generator(lambda: iter([{"texto": "dos"}]), split=hub.NamedSplit("test"))
print(json.dumps([before, list(source), label, list(made), str(made.split)]))
"""


def test_the_hub_s_library_is_imported_when_a_transfer_uses_it(tmp_path: Path) -> None:
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
    assert json.loads(done.stdout.splitlines()[-1]) == [[], [{"texto": "uno"}], "sí", [{"texto": "dos"}], "test"]
