"""What the embedded server keeps in ``HOME``: where things are, the lock, the session key, and its port."""

from __future__ import annotations

import secrets
import shutil
import socket
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from workspace.errors import ConfigError, ServerError
from workspace.files.locks import locked
from workspace.files.private import make_home, write_private

PACKAGES = ("argilla_server", "fakeredis", "uvicorn")  # of the extra "server"
# Argilla puts the database's path into a URL and that URL into an ini file: these two characters change its meaning.
UNSAFE_IN_PATHS = "?%"


@dataclass(frozen=True)
class ServerHome:
    """The folder of one embedded server: ``root/server`` is Argilla's, readable by its owner alone."""

    root: Path

    @classmethod
    def at(cls, home: Path) -> ServerHome:
        """The home at an absolute path.

        Raises:
            ConfigError: the path holds a character that Argilla's database URL cannot carry.
        """
        root = home.expanduser().resolve()
        found = [character for character in UNSAFE_IN_PATHS if character in str(root)]
        if found:
            raise ConfigError(
                f"{root}: the embedded server cannot live in a path with {found[0]!r}; choose another --home"
            )
        return cls(root)

    @property
    def folder(self) -> Path:
        """Where Argilla keeps its own files."""
        return self.root / "server"

    @property
    def database(self) -> Path:
        """The SQLite database that holds everything."""
        return self.folder / "argilla.db"

    @property
    def web_ui(self) -> Path:
        """Where Argilla unpacks its web UI at each start."""
        return self.folder / "web-ui"

    @property
    def log(self) -> Path:
        """What a server that runs as a child process prints."""
        return self.root / "server.log"

    def create(self) -> None:
        """Make the folders.

        Raises:
            ServerError: one cannot be made; names it.
        """
        try:
            make_home(self.root)
            self.folder.mkdir(mode=0o700, exist_ok=True)
        except OSError as error:
            raise ServerError(f"{self.folder}: cannot be made ({error.strerror}); choose another --home") from error

    def locked(self) -> AbstractContextManager[None]:
        """Hold the home for one server; the kernel lets go when the process ends, however it ends.

        Raises:
            ServerError: another server holds it.
        """
        self.create()
        busy = ServerError(f"{self.root}: another server runs on this home; stop it first, or choose another --home")
        return locked(self.folder / "lock", busy)

    def secret_key(self) -> str:
        """The key that signs the sessions of the web UI: random, made once, mode 0600."""
        path = self.folder / "secret-key"
        if path.exists() and (key := path.read_text(encoding="ascii").strip()):
            return key
        key = secrets.token_hex(32)
        write_private(path, key + "\n")
        return key

    def empty_web_ui(self) -> Path:
        """The web UI's folder, emptied of what an earlier start left."""
        self.remove_web_ui()
        self.web_ui.mkdir()
        return self.web_ui

    def remove_web_ui(self) -> None:
        """Remove the unpacked web UI."""
        shutil.rmtree(self.web_ui, ignore_errors=True)


def listen(host: str, port: int) -> socket.socket:
    """Take the port first, so that nothing is written to disk if it is in use; 0 takes any free port.

    A client that connects before the server is ready waits in the socket's queue.

    Raises:
        ServerError: the address does not belong to this machine, is not allowed, or is in use.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        server = socket.socket(family, kind, protocol)
    except OSError as error:
        raise ServerError(f"{host} is not an address of this machine ({error.strerror}); check --host") from error
    try:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        server.bind(address)
        server.listen(2048)
    except OSError as error:
        server.close()
        raise ServerError(f"{host}:{port} cannot be used ({error.strerror}); choose another --port") from error
    return server


def address_for_clients(server: socket.socket) -> str:
    """The URL at which this machine reaches ``server``; a wildcard address becomes the loopback one."""
    host, port = server.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
