"""Run the embedded server as a child process, for as long as a ``with`` block lasts."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from workspace.argilla.connection import Connection, connect
from workspace.config import Credentials
from workspace.errors import ConfigError, ServerError
from workspace.extras import require_packages
from workspace.files.private import private_opener
from workspace.server.home import PACKAGES, ServerHome
from workspace.server.soundness import stated

STOP_SECONDS = 20.0
WITH_PARENT = "H4RMONY_SERVER_WITH_PARENT"
PROGRAM = ("-m", "workspace.cli")


@contextmanager
def serve(
    home: str | Path, port: int = 0, *, workspace: str | None = None, dataset: str | None = None
) -> Iterator[Connection]:
    """Run Argilla, server and web UI, for as long as a ``with`` block lasts.

    The first start on a folder makes an owner with random secrets; later ones keep all data. The server answers on
    this machine only.

    Args:
        home: folder of all local state; made where it is missing.
        port: where to listen; 0 takes a free port.
        workspace: name of the Argilla workspace; else ``H4RMONY_WORKSPACE``, else ``h4rmony``.
        dataset: name of the dataset; else ``H4RMONY_DATASET``, else ``h4rmony-es``.

    Yields:
        The connection to the dataset, as the owner.

    Raises:
        MissingPartError: the extra ``server`` is not installed.
        ConfigError: ``port`` cannot be one.
        ServerError: the server could not start; with the end of its log, which is ``home/server.log``.

    Example:
        >>> from workspace import serve
        >>> with serve("review") as connection:
        ...     print(connection.workspace, connection.dataset)
        h4rmony h4rmony-es
    """
    require_packages("the embedded server", PACKAGES, "server")
    if port not in range(65536):
        raise ConfigError(f"port must be from 0 to 65535, got {port}")
    home = Path(home).expanduser()
    with running_server(home, port) as credentials:
        yield connect(
            api_url=credentials.api_url,
            api_key=credentials.api_key,
            workspace=workspace,
            dataset=dataset,
            home=home,
        )


@contextmanager
def running_server(home: Path, port: int = 0, timeout: float = 60) -> Iterator[Credentials]:
    """Start ``h4rmony serve`` on ``home``, wait until it answers, stop it at the end.

    What it prints goes to ``home/server.log``. Port 0 is any free one.

    Raises:
        ServerError: it ended early, or did not answer within ``timeout`` seconds; with the end of its log.
    """
    place = ServerHome(home)
    place.create()
    child = start_child(place, port)
    try:
        yield wait_until_ready(child, place, timeout)
    finally:
        stop_child(child)


def start_child(place: ServerHome, port: int, program: Sequence[str] = PROGRAM) -> subprocess.Popen[bytes]:
    """Start the server process; its output replaces the log, which only its owner can read.

    ``program`` is how Python is to start the command line.
    """
    with stated(place.root), open(place.log, "wb", opener=private_opener) as log:
        command = [sys.executable, *program, "serve", "--json"]
        return subprocess.Popen(
            [*command, "--home", str(place.root), "--port", str(port)],
            env={**os.environ, WITH_PARENT: "1"},
            stdin=subprocess.PIPE,
            stdout=log,
            stderr=subprocess.STDOUT,
        )


def end_with_parent() -> None:
    """End this process when the one that started it is gone, however it ended: that closes our stdin.

    Do nothing in a server that a person started.
    """
    if not os.environ.pop(WITH_PARENT, None):
        return

    def watch() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="parent", daemon=True).start()


def wait_until_ready(child: subprocess.Popen[bytes], place: ServerHome, timeout: float) -> Credentials:
    """Wait for the line that the server prints when it answers."""
    deadline = time.monotonic() + timeout
    while time.monotonic() < deadline:
        if child.poll() is not None:
            raise ServerError(f"the embedded server ended with status {child.returncode}: {_tail(place.log)}")
        is_ready = any(line.startswith('{"api_url"') and line.endswith("}") for line in _lines(place.log))
        if is_ready and (credentials := Credentials.read(place.root)):
            return credentials
        time.sleep(0.05)
    raise ServerError(f"the embedded server did not answer within {timeout:g} s: {_tail(place.log)}")


def stop_child(child: subprocess.Popen[bytes]) -> int:
    """Ask the server to end, and kill it if it does not; returns its exit status."""
    if child.poll() is None:
        child.terminate()
    if child.stdin:
        child.stdin.close()
    try:
        return child.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        child.kill()
        return child.wait()


def _lines(log: Path) -> list[str]:
    return [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]


def _tail(log: Path) -> str:
    return " / ".join(_lines(log)[-5:]) or "it printed nothing"
