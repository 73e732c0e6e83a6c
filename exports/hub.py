"""The Hugging Face Hub: the one place that pushes a publication.

The rules:

- A token comes from ``HF_TOKEN`` or from ``hf auth login``, never from an option; it is never printed or logged.
- A publication is one commit, on the state that was looked at: if somebody else pushes meanwhile, it is refused.
- Files of a publication that are not in the new one are deleted in the same commit; all others stay.
- ``--private`` never ends in public data: an existing public repository is refused.
- The card goes through the Hub's own validation before anything is made there.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from exports.card import CARD
from exports.publish import is_published
from workspace import __version__
from workspace.errors import ConfigError, HubError

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi

MAIN = "main"
_DATASET = "dataset"
_DENIED = (401, 403)
_CONFLICTS = (409, 412)


@dataclass(frozen=True)
class Existing:
    """A dataset repository that is there already."""

    private: bool
    has_branch: bool


@dataclass(frozen=True)
class Pushed:
    """A commit on the Hub; ``changed`` is False if the Hub held the same files before."""

    url: str
    commit: str
    changed: bool
    deleted: tuple[str, ...]


class HubDataset:
    """One dataset repository and the branch to push to."""

    def __init__(self, api: HfApi, repo_id: str, branch: str = MAIN) -> None:
        self._api = api
        self._repo_id = repo_id
        self._branch = branch

    def existing(self) -> Existing | None:
        """What stands on the Hub under this name; None if there is nothing that the token may see.

        Raises:
            HubError: the Hub cannot be reached, or refuses.
        """
        from huggingface_hub.errors import RepositoryNotFoundError

        with _stated(self._repo_id):
            try:
                info = self._api.dataset_info(self._repo_id)
            except RepositoryNotFoundError:
                return None
            has_branch = self._branch == MAIN or self._api.revision_exists(
                self._repo_id, self._branch, repo_type=_DATASET
            )
            return Existing(bool(info.private), has_branch)

    def push(self, folder: Path, message: str, *, private: bool = False) -> Pushed:
        """Push a publication as one commit, making the repository and the branch if need be.

        Raises:
            HubError: the Hub cannot be reached, refuses, or holds public data where private is asked for.
        """
        from huggingface_hub import DatasetCard

        existing = self.existing()
        if existing and private and not existing.private:
            raise HubError(
                f"{self._repo_id}: exists and is public; make it private in its settings on the Hub, or leave out "
                "--private"
            )
        with _stated(self._repo_id):
            DatasetCard((folder / CARD).read_text(encoding="utf-8")).validate(repo_type=_DATASET)
            if not existing:
                self._api.create_repo(self._repo_id, repo_type=_DATASET, private=private, exist_ok=True)
            if self._branch != MAIN:
                self._api.create_branch(self._repo_id, branch=self._branch, repo_type=_DATASET, exist_ok=True)
            return self._commit(folder, message)

    def _commit(self, folder: Path, message: str) -> Pushed:
        before = self._api.dataset_info(self._repo_id, revision=self._branch).sha
        additions, deletions = self._operations(folder)
        commit = self._api.create_commit(
            self._repo_id,
            operations=[*deletions, *additions],
            commit_message=message,
            repo_type=_DATASET,
            revision=self._branch,
            parent_commit=before,
        )
        url = f"{self._api.endpoint}/datasets/{self._repo_id}"
        return Pushed(
            url=url if self._branch == MAIN else f"{url}/tree/{self._branch}",
            commit=commit.oid,
            changed=commit.oid != before,
            deleted=tuple(deletion.path_in_repo for deletion in deletions),
        )

    def _operations(self, folder: Path) -> tuple[list[CommitOperationAdd], list[CommitOperationDelete]]:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
        remote = self._api.list_repo_files(self._repo_id, repo_type=_DATASET, revision=self._branch)
        stale = sorted(path for path in remote if is_published(path) and path not in files)
        return (
            [CommitOperationAdd(name, files[name]) for name in sorted(files)],
            [CommitOperationDelete(name) for name in stale],
        )


def open_hub() -> HfApi:
    """The Hub's client with the token that is stored on this machine.

    Raises:
        ConfigError: there is none.
    """
    from huggingface_hub import HfApi, get_token

    token = get_token()
    if not token:
        raise ConfigError(
            "no Hugging Face token: run `hf auth login` or set HF_TOKEN to a token with write access, from "
            "https://huggingface.co/settings/tokens; --dry-run -o DIR needs none"
        )
    return HfApi(token=token, library_name="h4rmony-es", library_version=__version__)


@contextmanager
def _stated(repo_id: str) -> Iterator[None]:
    """State what the Hub or the way to it has against a request in one line."""
    from huggingface_hub.errors import HfHubHTTPError

    transport: type[BaseException] = HfHubHTTPError.__mro__[1]  # the root of the errors of the client's HTTP library
    try:
        yield
    except HfHubHTTPError as error:
        raise HubError(_refusal(repo_id, error.response.status_code, str(error))) from error
    except ValueError as error:  # the Hub's validation of the card
        raise HubError(f"{repo_id}: the Hub does not take the dataset card ({_line(error)})") from error
    except (transport, OSError) as error:
        problem = f"{repo_id}: the Hub cannot be reached ({_line(error)}); check the network and run again"
        raise HubError(problem) from error


def _refusal(repo_id: str, status: int, message: str) -> str:
    if status in _DENIED:
        return (
            f"{repo_id}: the Hub refused the token ({status}); it needs write access there: make one at "
            "https://huggingface.co/settings/tokens and run `hf auth login`"
        )
    if status in _CONFLICTS:
        return f"{repo_id}: somebody else changed the repository meanwhile ({status}); run again"
    return f"{repo_id}: the Hub answered {status} ({_line(message)}); run again later"


def _line(error: object) -> str:
    """An error's message on one line."""
    return " ".join(str(error).split())[:200] or type(error).__name__
