"""What is asked before a push: may what is there be replaced, and may this licence be stated."""

from __future__ import annotations

from collections.abc import Callable

from exports.publishing.hub import HubRepository
from workspace.errors import HubError

Ask = Callable[[str], bool]


def confirm_replacing(hub: HubRepository, ask: Ask | None) -> None:
    """Ask before what a repository holds is replaced.

    Raises:
        HubError: nobody can be asked, or the answer is no.
    """
    existing = hub.existing()
    if not existing or not existing.has_branch:
        return
    what = hub.kind.holds
    if not ask:
        raise HubError(f"{hub.repo_id}: exists on the Hub; add --yes to replace its {what}")
    seen = "private" if existing.private else "public"
    if not ask(f"{hub.repo_id} exists on the Hub ({seen}). Replace its {what} on {hub.branch}?"):
        raise HubError(f"{hub.repo_id}: left as it is; choose another name{hub.kind.or_else}")


def confirm_licence(repo_id: str, bound: str, label: str, instead: str, ask: Ask | None) -> None:
    """Ask before something is published under another licence than the data's; nothing is asked if nothing ``bound``.

    Args:
        repo_id: the repository.
        bound: what binds it, in words.
        label: the licence that the card states.
        instead: what else can be done.
        ask: gets the question.

    Raises:
        HubError: nobody can be asked, or the answer is no.
    """
    if not bound:
        return
    if not ask:
        raise HubError(f"{repo_id}: {bound}; add --yes to publish it as license: {label}")
    if not ask(f"{bound[0].upper()}{bound[1:]}. Publish {repo_id} as license: {label}?"):
        raise HubError(f"{repo_id}: not published; {instead}")
