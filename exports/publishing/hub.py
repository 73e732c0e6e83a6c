"""The Hugging Face Hub: the one place that pushes, datasets and models alike.

The rules:

- A token comes from ``HF_TOKEN`` or from ``hf auth login``, never from an option; it is never printed or logged. One
  that no HTTP header can hold is refused before anything is asked.
- A push is one commit, on the state that was looked at: if somebody else pushes meanwhile, it is refused.
- Files that an earlier push left and this one lacks are deleted in the same commit; all others stay.
- ``--private`` never ends in something public: an existing public repository is refused.
- The card goes through the Hub's own validation before anything is made there.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from exports.card.check import PUSH_SECONDS, CardCheck, check_by_hub
from exports.card.page import CARD
from exports.publishing.folder import files_in, is_published
from workspace import hub
from workspace.errors import HubError, one_line

if TYPE_CHECKING:
    from huggingface_hub import HfApi

MAIN = "main"
_INVALID_CARD = "Invalid metadata in README.md"  # how `create_commit` begins what the Hub has against a card


@dataclass(frozen=True)
class Kind:
    """Datasets or models.

    Attributes:
        word: what the Hub calls one.
        place: what its addresses have before the id.
        holds: what a repository holds, in words.
        or_else: what can be chosen instead of another name.
        is_ours: whether a file is one that a push makes, and so may be replaced and deleted.
    """

    word: str
    place: str
    holds: str
    or_else: str
    is_ours: Callable[[str], bool]


DATASET = Kind("dataset", "datasets/", "data and card", " or --revision BRANCH", is_published)


@dataclass(frozen=True)
class Existing:
    """A repository that is there already."""

    private: bool
    has_branch: bool


@dataclass(frozen=True)
class Pushed:
    """A commit on the Hub, and what it said of the card; ``changed`` is False if it held the same files before."""

    url: str
    commit: str
    changed: bool
    deleted: tuple[str, ...]
    check: CardCheck


class HubRepository:
    """One repository and the branch to push to."""

    def __init__(self, api: HfApi, repo_id: str, branch: str = MAIN, kind: Kind = DATASET) -> None:
        self._api = api
        self.repo_id = repo_id
        self.branch = branch
        self.kind = kind

    def existing(self) -> Existing | None:
        """The repository of this name on the Hub; None if there is none that the token may see.

        Raises:
            HubError: the Hub cannot be reached, or refuses.
        """
        from huggingface_hub.errors import RepositoryNotFoundError

        with _stated(self.repo_id, self.kind):
            try:
                info = self._api.repo_info(self.repo_id, repo_type=self.kind.word)
            except RepositoryNotFoundError:
                return None
            has_branch = self.branch == MAIN or self._api.revision_exists(
                self.repo_id, self.branch, repo_type=self.kind.word
            )
            return Existing(bool(info.private), has_branch)

    def refuse_public(self, *, private: bool) -> Existing | None:
        """The repository, if it is there.

        Raises:
            HubError: as ``existing``; or it is public, and private is asked for.
        """
        existing = self.existing()
        if existing and private and not existing.private:
            raise HubError(
                f"{self.repo_id}: exists and is public; make it private in its settings on the Hub, or leave out "
                "--private"
            )
        return existing

    def push(self, folder: Path, message: str, *, private: bool = False) -> Pushed:
        """Push a folder as one commit, making the repository and the branch if need be.

        Raises:
            HubError: the Hub cannot be reached, refuses, or what is there is public where private is asked for.
        """
        existing = self.refuse_public(private=private)
        check = self._check((folder / CARD).read_text(encoding="utf-8"))
        with _stated(self.repo_id, self.kind):
            if not existing:
                self._api.create_repo(self.repo_id, repo_type=self.kind.word, private=private, exist_ok=True)
            if self.branch != MAIN:
                self._api.create_branch(self.repo_id, branch=self.branch, repo_type=self.kind.word, exist_ok=True)
            return self._commit(folder, message, check)

    def _check(self, card: str) -> CardCheck:
        token = self._api.token if isinstance(self._api.token, str) else None
        check = check_by_hub(
            self.repo_id, card, kind=self.kind.word, endpoint=self._api.endpoint, token=token, timeout=PUSH_SECONDS
        )
        if check.why_not:
            raise HubError(
                f"{self.repo_id}: the {self.kind.word} card was not checked, because {check.why_not}; run again later"
            )
        return check

    def _commit(self, folder: Path, message: str, check: CardCheck) -> Pushed:
        from huggingface_hub import CommitOperationAdd, CommitOperationDelete

        before = self._api.repo_info(self.repo_id, repo_type=self.kind.word, revision=self.branch).sha
        made = files_in(folder)
        held = self._api.list_repo_files(self.repo_id, repo_type=self.kind.word, revision=self.branch)
        stale = tuple(sorted(path for path in held if self.kind.is_ours(path) and path not in made))
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", "Warnings while validating metadata")  # they are in the check already
            commit = self._api.create_commit(
                self.repo_id,
                operations=[
                    *(CommitOperationDelete(path) for path in stale),
                    *(CommitOperationAdd(path, folder / path) for path in made),
                ],
                commit_message=message,
                repo_type=self.kind.word,
                revision=self.branch,
                parent_commit=before,
            )
        url = f"{self._api.endpoint}/{self.kind.place}{self.repo_id}"
        return Pushed(
            url=url if self.branch == MAIN else f"{url}/tree/{self.branch}",
            commit=commit.oid,
            changed=commit.oid != before,
            deleted=stale,
            check=check,
        )


@contextmanager
def _stated(repo_id: str, kind: Kind) -> Iterator[None]:
    """State what the Hub or the way to it has against a request in one line; it validates the card once more."""
    with hub.stated(repo_id, to_write=True):
        try:
            yield
        except ValueError as error:
            if str(error).startswith(_INVALID_CARD):
                raise HubError(
                    f"{repo_id}: the Hub does not take the {kind.word} card ({one_line(error)})"
                ) from error
            raise
