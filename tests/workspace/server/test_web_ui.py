"""The changes to Argilla's web UI: each is made in the version that is installed, and said where it cannot be."""

from __future__ import annotations

import importlib.util
import logging
import re
import shutil
import urllib.request
from pathlib import Path

import pytest

from workspace.config import Credentials
from workspace.server.web_ui import CHANGES, OWN_SCRIPTS, change_web_ui


def test_every_change_is_made_in_the_installed_version_once(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    spec = importlib.util.find_spec("argilla_server")
    assert spec and spec.origin
    shutil.copytree(Path(spec.origin).parent / "static" / "_nuxt", tmp_path / "ui")
    change_web_ui(tmp_path / "ui")
    assert caplog.text == ""
    changed = {path.name: path.read_bytes() for path in (tmp_path / "ui").iterdir() if path.is_file()}
    assert not [name for name, content in changed.items() if b"fonts.googleapis.com" in content]
    assert not [name for name, content in changed.items() if b'_v("of "+' in content]


def test_another_version_of_the_web_ui_is_left_alone_and_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = tmp_path / "app.js"
    script.write_text("const rankWithKeyboard = 'something new';", encoding="utf-8")
    with caplog.at_level(logging.WARNING):
        change_web_ui(tmp_path)
    assert script.read_text(encoding="utf-8") == "const rankWithKeyboard = 'something new';"
    assert {record.args for record in caplog.records} == {(change.purpose,) for change in CHANGES}


def test_a_browser_that_has_kept_another_version_gets_this_one(server: Credentials) -> None:
    for page in ("/", "/sign-in", "/dataset/any/annotation-mode"):
        with urllib.request.urlopen(server.api_url + page) as answer:
            assert answer.headers["cache-control"] == "no-cache"
            folders = set(re.findall(r'(?:src|href)="/([^"/]+)/[^"/]+\.(?:js|css)"', answer.read().decode()))
        assert folders == {OWN_SCRIPTS}, page
