"""The folder of all local state, and the credentials in it."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from workspace.errors import ConfigError, shown
from workspace.files.private import make_home, write_private

CREDENTIALS = "credentials.json"
LONGEST_NAME = 190  # of a workspace or a dataset; Argilla takes 200, and `load --answers all` adds a number


def default_home() -> Path:
    """The folder of all local state: ``H4RMONY_HOME``, else ``~/.h4rmony``."""
    return Path(os.environ.get("H4RMONY_HOME") or "~/.h4rmony").expanduser()


def is_address(text: str) -> bool:
    """Whether a text is an HTTP address that can be asked."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port or 1) > 0
    except ValueError:
        return False


@dataclass(frozen=True)
class Credentials:
    """What ``credentials.json`` holds: address and secrets of one Argilla server; ``repr`` hides the secrets."""

    api_url: str
    username: str
    password: str = field(repr=False)
    api_key: str = field(repr=False)

    @classmethod
    def read(cls, home: Path) -> Credentials | None:
        """Read ``home/credentials.json``; None if it does not exist.

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
            raise ConfigError(f"{path}: not a JSON object with {names}; repair it or give the options") from error

    def write(self, home: Path) -> Path:
        """Write ``home/credentials.json`` in one step, readable by its owner alone (mode 0600)."""
        make_home(home)
        path = home / CREDENTIALS
        write_private(path, json.dumps(asdict(self), indent=1) + "\n")
        return path


@dataclass(frozen=True)
class DatasetAddress:
    """Where one Argilla dataset is, and the key to it, which never shows in ``repr``.

    Raises:
        ConfigError: a name is blank, too long, or holds what cannot be printed.
    """

    api_url: str
    api_key: str = field(repr=False)
    workspace: str
    dataset: str
    home: Path

    def __post_init__(self) -> None:
        for what, name in (("workspace", self.workspace), ("dataset", self.dataset)):
            if not name.strip() or len(name) > LONGEST_NAME or not name.isprintable():
                raise ConfigError(
                    f"{shown(name)} cannot be the name of a {what}: 1 to {LONGEST_NAME} characters that can be seen"
                )
