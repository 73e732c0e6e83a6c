"""What the embedded server keeps in ``HOME``: where things are, the lock, the session key, and its port."""

from __future__ import annotations

import os
import secrets
import socket
from contextlib import AbstractContextManager, suppress
from ipaddress import ip_address
from pathlib import Path

from workspace.errors import ConfigError, ServerError
from workspace.files.locks import locked
from workspace.files.private import make_home, write_private

PACKAGES = ("argilla_server", "fakeredis", "uvicorn")  # of the extra "server"
# Argilla puts the database's path into a URL and that URL into an ini file: these two characters change its meaning.
UNSAFE_IN_PATHS = "?%"


class ServerHome:
    """The folder of one embedded server, at an absolute path.

    ``folder`` is Argilla's own, readable by its owner alone: ``database`` holds everything, into ``web_ui`` Argilla
    unpacks its web UI at each start. ``log`` is what a server that runs as a child process prints; ``deletions`` says
    who deleted what.

    Raises:
        ConfigError: the path holds a character that Argilla's database URL cannot carry.
    """

    def __init__(self, home: Path) -> None:
        self.root = home.expanduser().resolve()
        found = [character for character in UNSAFE_IN_PATHS if character in str(self.root)]
        if found:
            raise ConfigError(
                f"{self.root}: the embedded server cannot live in a path with {found[0]!r}; choose another --home"
            )
        self.log = self.root / "server.log"
        self.deletions = self.root / "deletions.jsonl"
        self.folder = self.root / "server"
        self.database = self.folder / "argilla.db"
        self.web_ui = self.folder / "web-ui"

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
        """The key that signs the sessions of the web UI: random, made once, mode 0600.

        Raises:
            ServerError: the file holds something else.
        """
        path = self.folder / "secret-key"
        key = path.read_text(encoding="utf-8", errors="replace").strip() if path.exists() else ""
        if not (key.isascii() and key.isprintable()):
            raise ServerError(f"{path}: not a key; delete it and a new one is made, with which all sign in again")
        if key:
            return key
        key = secrets.token_hex(32)
        write_private(path, key + "\n")
        return key


def listen(host: str, port: int) -> socket.socket:
    """Take the port first, so that nothing is written to disk if it is in use; 0 takes any free port.

    A client that connects before the server is ready waits in the socket's queue.

    Raises:
        ServerError: the address does not belong to this machine, is not allowed, or is in use.
    """
    try:
        family, *_, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise ServerError(f"{host} is not an address of this machine ({error.strerror}); check --host") from error
    try:
        is_both = family == socket.AF_INET6
        return socket.create_server(address, family=family, backlog=2048, dualstack_ipv6=is_both)
    except OSError as error:
        reason = os.strerror(error.errno or 0)
        raise ServerError(f"{host}:{port} cannot be used ({reason}); choose another --port") from error


def address_for_clients(server: socket.socket) -> str:
    """The URL at which this machine reaches ``server``; a wildcard address becomes the loopback one."""
    host, port = server.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def address_for_others(host: str, port: int) -> str | None:
    """The URL at which other machines reach a server that listens at ``host``; None if none does."""
    address = ip_address(socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][4][0])
    if address.is_loopback:
        return None
    shown = _own_address() if address.is_unspecified else str(address)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def _own_address() -> str:
    """The address from which this machine reaches others; its name if it reaches none."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as unsent, suppress(OSError):
        unsent.connect(("192.0.2.1", 9))  # of no machine; nothing is sent
        return str(unsent.getsockname()[0])
    return socket.gethostname()
