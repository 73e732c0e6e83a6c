"""Where the settings come from: the option, then the environment, then ``HOME/credentials.json``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from workspace.errors import ConfigError
from workspace.files.private import make_home, write_private

DEFAULT_WORKSPACE = "h4rmony"
DEFAULT_DATASET = "h4rmony-es"
CREDENTIALS = "credentials.json"


def default_home(environ: Mapping[str, str] = os.environ) -> Path:
    """The folder of all local state: ``H4RMONY_HOME``, else ``~/.h4rmony``."""
    return Path(environ.get("H4RMONY_HOME") or "~/.h4rmony").expanduser()


@dataclass(frozen=True)
class Credentials:
    """What ``credentials.json`` holds: the way into one Argilla server. Its secrets never show in ``repr``."""

    api_url: str
    username: str
    password: str = field(repr=False)
    api_key: str = field(repr=False)

    @classmethod
    def read(cls, home: Path) -> Credentials | None:
        """Read ``home/credentials.json``; None if there is none.

        Raises:
            ConfigError: the file is not what ``h4rmony serve`` writes.
        """
        path = home / CREDENTIALS
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            return cls(**{name: str(data[name]) for name in cls.__dataclass_fields__})
        except FileNotFoundError:
            return None
        except OSError as error:
            raise ConfigError(f"{path}: cannot be read ({error.strerror})") from error
        except (ValueError, KeyError, TypeError) as error:
            names = ", ".join(cls.__dataclass_fields__)
            raise ConfigError(f"{path}: not a JSON object with {names}; mend it or give the options") from error

    def write(self, home: Path) -> Path:
        """Write ``home/credentials.json`` in one step, readable by its owner alone (mode 0600)."""
        make_home(home)
        path = home / CREDENTIALS
        write_private(path, json.dumps(asdict(self), indent=1) + "\n")
        return path


@dataclass(frozen=True)
class Connection:
    """Everything a command needs to reach one Argilla dataset."""

    api_url: str
    api_key: str = field(repr=False)
    workspace: str
    dataset: str
    home: Path


def resolve_connection(
    *,
    api_url: str | None = None,
    api_key: str | None = None,
    workspace: str | None = None,
    dataset: str | None = None,
    home: Path | None = None,
    environ: Mapping[str, str] = os.environ,
) -> Connection:
    """Settle each value by the order option, environment, ``HOME/credentials.json``, default.

    Raises:
        ConfigError: no address or no key was found anywhere; the message says how to give one.
    """
    home = home or default_home(environ)
    stored = Credentials.read(home)
    url = api_url or environ.get("ARGILLA_API_URL") or (stored.api_url if stored else None)
    if not url:
        raise ConfigError(
            f"no Argilla server is known: start one with `h4rmony serve --home {home}`, or give --api-url and "
            "--api-key (or ARGILLA_API_URL and ARGILLA_API_KEY)"
        )
    # A stored key belongs to the stored address: it is never sent to another server.
    stored_key = stored.api_key if stored and stored.api_url.rstrip("/") == url.rstrip("/") else None
    key = api_key or environ.get("ARGILLA_API_KEY") or stored_key
    key = (key or "").strip()
    if not key:
        raise ConfigError(f"no API key for {url}: give --api-key or set ARGILLA_API_KEY")
    if not (key.isascii() and key.isprintable()):
        raise ConfigError(f"the API key for {url} holds characters that no key has; copy it anew")
    return Connection(
        api_url=url.rstrip("/"),
        api_key=key,
        workspace=workspace or environ.get("H4RMONY_WORKSPACE") or DEFAULT_WORKSPACE,
        dataset=dataset or environ.get("H4RMONY_DATASET") or DEFAULT_DATASET,
        home=home,
    )
