"""The one way to the Hugging Face Hub: ids, downloads, the client that publishes, and every failure as one line.

- The address is ``HF_ENDPOINT``, the token ``HF_TOKEN`` or that of ``hf auth login``. Both are checked before
  anything is asked, and the token is never printed.
- ``stated`` turns whatever can go wrong on the way (no network, a refusal, half an answer, an answer that is not the
  Hub's) into a ``HubError`` of one line.
- A model that is on this machine is used as it is; a dataset is asked for again, because its branch may have moved.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workspace import __version__
from workspace.config import is_address
from workspace.errors import (
    ConfigError,
    DataError,
    H4rmonyError,
    HubError,
    HubNotFound,
    HubUnreachable,
    MissingPartError,
    one_line,
)
from workspace.files.jsonl import replacing
from workspace.proxies import check_proxies
from workspace.watched import is_watched

if TYPE_CHECKING:
    from huggingface_hub import HfApi

MODELS = "models"  # the folder in the home folder for what is kept of models
DIGESTS = "digests.json"
FIRST_ANSWER = 3.0  # seconds in which the Hub must say whether it is there
TIMEOUT = 10.0  # seconds in which it must go on
WEIGHTS = "weights (model.safetensors)"
_WHOLE = ("model.safetensors", "pytorch_model.bin")
_PART = re.compile(r"(model|pytorch_model)-\d{5}-of-(\d{5})\.(safetensors|bin)")
# the Hub's rule for names, as huggingface_hub.utils.validate_repo_id has it
_HUB_ID = re.compile(
    r"(?!.*(?:--|\.\.))(?=.{3,96}\Z)[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*(?<![.-])(?<!\.git)", re.ASCII
)
_TOKEN = re.compile(r"[!-~]+")
_DENIED = (401, 403)
_CONFLICTS = (409, 412)
_TOO_MANY = 429


def is_hub_id(name: str) -> bool:
    """Whether a name can be an id of the Hub: ``OWNER/NAME``, of at most 96 characters.

    >>> [is_hub_id(name) for name in ("neovalle/H4rmony", "data/../H4rmony", "H4rmony", "a/b.git", "a/b--c")]
    [True, False, False, False, False]
    """
    return bool(_HUB_ID.fullmatch(name))


def check_endpoint() -> None:
    """Refuse an ``HF_ENDPOINT`` that is not an address, which the Hub's packages cannot even be imported with.

    Raises:
        ConfigError: it is not, or the environment names a proxy that is none.
    """
    address = os.environ.get("HF_ENDPOINT", "")
    if address and not is_address(address):
        raise ConfigError(
            f"HF_ENDPOINT is not an address ({one_line(address.rpartition('@')[2])}); unset it, or set it to one "
            "such as https://huggingface.co"
        )
    check_proxies()
    # with it the client first asks the Hub for a list to describe itself by: 3 s more where nobody answers
    os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")


def open_hub(*, need_token: bool = False) -> HfApi:
    """The Hub's client, with the token that is stored on this machine, if there is one.

    Raises:
        ConfigError: the token or the address cannot be one, or ``need_token`` and there is no token.
    """
    check_endpoint()
    from huggingface_hub import HfApi, get_token

    token = get_token()
    if need_token and not token:
        raise ConfigError(
            "no Hugging Face token: run `hf auth login` or set HF_TOKEN to a token with write access, from "
            "https://huggingface.co/settings/tokens; --dry-run -o DIR needs none"
        )
    if token and not _TOKEN.fullmatch(token):
        raise ConfigError(
            "the Hugging Face token holds blanks or characters beyond ASCII, as no token does; run `hf auth login` "
            "again, or copy the whole token to HF_TOKEN"
        )
    endpoint = os.environ.get("HF_ENDPOINT") or None
    return HfApi(endpoint=endpoint, token=token, library_name="h4rmony-es", library_version=__version__)


@contextmanager
def stated(what: str, *, to_write: bool = False) -> Iterator[None]:
    """Turn every failure between here and the Hub into an error of one line that begins with ``what``.

    Args:
        what: the repository, or what else the user knows the request by.
        to_write: whether the token needs write access, for the remedy.

    Raises:
        HubUnreachable: nobody answers, or ``HF_HUB_OFFLINE`` is set.
        HubNotFound: there is no such repository or revision, or the token may not see it.
        HubError: the Hub refuses, or its answer cannot be used.
        DataError: what was downloaded cannot be written.
    """
    check_endpoint()
    from huggingface_hub.utils import logging as hub_logging

    before = hub_logging.get_verbosity()
    hub_logging.set_verbosity(logging.ERROR)  # what it says of its retries would be more lines
    # the client takes answers as they come: of one that is not the Hub's, a key or an attribute is missing
    unusable = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
    failures: tuple[type[Exception], ...] = (*transport_errors(), OSError, *unusable)
    try:
        yield
    except failures as error:
        raise _problem(what, error, to_write) from error
    finally:
        hub_logging.set_verbosity(before)


def transport_errors() -> tuple[type[Exception], ...]:
    """What the Hub's client raises when no answer comes: the errors of its HTTP library, whichever it is.

    huggingface_hub 1 has httpx, 2 has httpx2; both name its root in ``errors``.
    """
    from huggingface_hub import errors

    root: type[Exception] = errors.HTTPError  # type: ignore[attr-defined]  # imported there, not listed
    return root, import_module(root.__module__.partition(".")[0]).InvalidURL


def _problem(what: str, error: Exception, to_write: bool) -> H4rmonyError:
    from huggingface_hub import errors

    chain = [*_chain(error)]
    for cause in chain:
        if isinstance(cause, errors.HfHubHTTPError):
            return _refusal(what, cause, to_write)
        if isinstance(cause, errors.OfflineModeIsEnabled):
            return HubUnreachable(
                f"{what}: the Hub cannot be reached (HF_HUB_OFFLINE is set); unset it and run again"
            )
    for cause in chain:
        if isinstance(cause, (*transport_errors(), ConnectionError, TimeoutError)):
            return HubUnreachable(
                f"{what}: the Hub cannot be reached ({one_line(cause)}); check the network and run again"
            )
    if isinstance(error, OSError) and error.errno and error.filename:
        return DataError(
            f"{what}: {error.filename} cannot be written ({error.strerror}); set HF_HOME to another folder"
        )
    said = f"it lacks {error}" if isinstance(error, KeyError) else one_line(error)
    return HubError(f"{what}: the Hub's answer cannot be used ({said}); run again later")


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error, what it was raised from, and so on."""
    while error:
        yield error
        error = error.__cause__ or error.__context__


def _refusal(what: str, error: Exception, to_write: bool) -> HubError:
    from huggingface_hub import errors

    status = error.response.status_code  # type: ignore[attr-defined]  # every HfHubHTTPError has one
    if isinstance(error, errors.GatedRepoError):
        return HubNotFound(f"{what}: accept its terms on its page on the Hub, and log in with `hf auth login`")
    if isinstance(error, errors.RevisionNotFoundError):
        return HubNotFound(f"{what}: the Hub has no such revision; look at its history there")
    if isinstance(error, errors.RepositoryNotFoundError) or (status == 404 and not to_write):
        return HubNotFound(
            f"{what}: the Hub has no such repository, or it is not open to you; check its name, or log in with "
            "`hf auth login`"
        )
    if status in _DENIED:
        access = "write access there" if to_write else "read access"
        return HubError(
            f"{what}: the Hub refused the token ({status}); it needs {access}: make one at "
            "https://huggingface.co/settings/tokens and run `hf auth login`"
        )
    if status in _CONFLICTS:
        return HubError(f"{what}: somebody else changed the repository meanwhile ({status}); run again")
    if status == _TOO_MANY:
        return HubError(f"{what}: the Hub has had too many requests from here ({status}); run again in some minutes")
    return HubError(f"{what}: the Hub answered {status} ({one_line(error)}); run again later")


def download_dataset(repo_id: str, revision: str | None = None) -> Path:
    """The folder with all files of a dataset on the Hub; where the Hub cannot be reached, as they were last seen.

    Raises:
        HubError: it cannot be had; says why.
        ConfigError: the address or the token cannot be one.
    """
    try:
        with stated(repo_id):
            open_hub().dataset_info(repo_id, revision=revision, timeout=FIRST_ANSWER)  # the rest waits for ever
            return _snapshot(repo_id, revision=revision, repo_type="dataset")
    except HubUnreachable:
        known = _cached(repo_id, revision=revision, repo_type="dataset")
        if known is None:
            raise
        return known


@dataclass(frozen=True)
class Model:
    """A model that can be had.

    Attributes:
        name: its Hub id, or the name of its folder.
        revision: the commit on the Hub, or a hash of the folder's files.
        folder: where its files are; None if they are only on the Hub.
    """

    name: str
    revision: str
    folder: Path | None


def find_model(
    model: str,
    needed: Sequence[str],
    *,
    option: str = "--model",
    pattern: str = "*",
    cache: Path | None = None,
    hub_cache: Path | None = None,
    dry_run: bool = False,
) -> Model:
    """Find a model without downloading it: in a folder, in the Hub's cache, or on the Hub.

    Args:
        model: the folder, or the id on the Hub, with ``@REVISION`` if need be.
        needed: the files that it must have; ``WEIGHTS`` among them means weights, in one file or several.
        option: what the user gave it with, for messages.
        pattern: the files of a folder that its hash is made of.
        cache: where hashes of large files are kept; None keeps none.
        hub_cache: the Hub's cache; by default that of ``huggingface_hub``.
        dry_run: neither ask the Hub nor write to ``cache``.

    Raises:
        ConfigError: there is no such model, or it lacks a file.
        MissingPartError: it is not on this machine, and the Hub cannot be reached.
    """
    check_endpoint()
    folder = Path(model).expanduser()
    if folder.is_dir():
        _check_files(f"{option} {model}", needed, folder)
        digest = folder_digest(folder, pattern, cache, read_only=dry_run)
        return Model(folder.resolve().name, digest, folder)
    name, _, revision = model.partition("@")
    if not is_hub_id(name):
        raise ConfigError(f"{option} {model}: not a folder, nor an id OWNER/NAME of the Hugging Face Hub")
    known = _cached(name, revision=revision or None, cache_dir=hub_cache)
    if known and not missing_files(needed, known):
        return Model(name, known.name, known)
    if dry_run:
        raise MissingPartError(f"{name} is not on this machine, and a dry run downloads nothing")
    try:
        with stated(f"{option} {model}"):
            info = open_hub().model_info(name, revision=revision or None, timeout=FIRST_ANSWER)
            commit, files = str(info.sha), {file.rfilename for file in info.siblings or ()}
    except HubNotFound as error:
        raise ConfigError(str(error)) from error
    except HubUnreachable as error:
        raise MissingPartError(f"{name} is not on this machine and the Hugging Face Hub cannot be reached") from error
    except HubError as error:
        raise MissingPartError(f"{name} is not on this machine and cannot be had ({error})") from error
    _check_files(f"{option} {model}", needed, files)
    return Model(name, commit, None)


def missing_files(needed: Sequence[str], held: Path | Collection[str]) -> list[str]:
    """Those of the files that a model needs that are not among the names, or in the folder."""
    names = [path.name for path in held.iterdir()] if isinstance(held, Path) else held
    return [name for name in needed if not (_has_weights(names) if name == WEIGHTS else name in names)]


def _has_weights(names: Collection[str]) -> bool:
    """True if weights are there whole; each of several files says in its name how many there are."""
    parts = Counter(part.group(1, 2, 3) for part in map(_PART.fullmatch, names) if part)
    return any(name in names for name in _WHOLE) or any(count == int(key[1]) for key, count in parts.items())


def _check_files(what: str, needed: Sequence[str], held: Path | Collection[str]) -> None:
    missing = missing_files(needed, held)
    if missing:
        raise ConfigError(
            f"{what}: it lacks {', '.join(missing)}: a model of another kind, or a download that broke off; give "
            "another model, or download it again"
        )


def download_model(model: Model, patterns: Sequence[str], *, hub_cache: Path | None = None) -> Path:
    """The folder with those of a Hub model's files that match ``patterns``.

    Raises:
        MissingPartError: they cannot be had; says why.
    """
    try:
        with stated(model.name):
            return _snapshot(model.name, revision=model.revision, cache_dir=hub_cache, allow_patterns=[*patterns])
    except HubError as error:
        raise MissingPartError(str(error)) from error


def folder_digest(folder: Path, pattern: str = "*", cache: Path | None = None, *, read_only: bool = False) -> str:
    """A hash of a model's files that match ``pattern``, whatever the folder is called; 12 hexadecimal digits.

    ``README.md`` and hidden folders do not count. What an unchanged file hashes to is remembered in ``cache``.
    """
    known = _read_digests(cache)
    before = dict(known)
    digests = {}
    for path in sorted(folder.glob(pattern)):
        place = path.relative_to(folder)
        if not path.is_file() or path.name == "README.md" or any(part.startswith(".") for part in place.parts[:-1]):
            continue
        status = path.stat()
        key = f"{path.resolve()} {status.st_size} {status.st_mtime_ns}"
        if key not in known:
            with path.open("rb") as file:
                known[key] = hashlib.file_digest(file, "sha256").hexdigest()
        digests[place.as_posix()] = known[key]
    if cache and known != before and not read_only:
        with replacing(cache / DIGESTS) as file:
            file.write(json.dumps(known, indent=1, sort_keys=True).encode())
    return hashlib.sha256(json.dumps(digests, sort_keys=True).encode()).hexdigest()[:12]


def _read_digests(cache: Path | None) -> dict[str, str]:
    try:
        data = json.loads((cache / DIGESTS).read_text(encoding="utf-8")) if cache else {}
    except (OSError, ValueError):
        return {}
    return {str(key): str(value) for key, value in data.items()} if isinstance(data, dict) else {}


def _snapshot(repo_id: str, **options: Any) -> Path:
    """Download a repository. No request waits for ever; there are progress bars only where somebody watches."""
    from huggingface_hub.utils.tqdm import are_progress_bars_disabled, disable_progress_bars, enable_progress_bars

    shown = not are_progress_bars_disabled()
    if not is_watched():
        disable_progress_bars()
    try:
        with _no_endless_wait():
            return Path(open_hub().snapshot_download(repo_id, etag_timeout=TIMEOUT, **options))
    finally:
        if shown:
            enable_progress_bars()


@contextmanager
def _no_endless_wait() -> Iterator[None]:
    """Let no request of the Hub's client wait longer than ``TIMEOUT`` (or ``HF_HUB_DOWNLOAD_TIMEOUT``, if longer).

    By itself it waits for some answers for ever, and for others for a minute, six times.
    """
    from huggingface_hub import constants, get_session

    session, most = get_session(), max(TIMEOUT, constants.HF_HUB_DOWNLOAD_TIMEOUT)
    before = session.event_hooks

    def shorten(request: Any) -> None:
        own = request.extensions["timeout"]
        request.extensions["timeout"] = {step: min(seconds or most, most) for step, seconds in own.items()}

    session.event_hooks = {**before, "request": [*before["request"], shorten]}
    try:
        yield
    finally:
        session.event_hooks = before


def _cached(repo_id: str, **options: Any) -> Path | None:
    """The folder of a repository in the Hub's cache, which is not asked; None if it is not there."""
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    try:
        return _snapshot(repo_id, local_files_only=True, **options)
    except (LocalEntryNotFoundError, HFValidationError):
        return None
