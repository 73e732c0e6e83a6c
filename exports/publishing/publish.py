"""The review on the Hugging Face Hub in one call: what ``h4rmony publish`` does."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from exports.card.check import CardCheck, check_by_hub
from exports.card.licences import what_binds
from exports.card.page import CARD, CardFacts
from exports.formats import FORMATS
from exports.formats.merged import Merged
from exports.measure.agreement import PACKAGES
from exports.merging.settings import MergeSettings
from exports.publishing.build import Publication, PublishSettings, build_publication
from exports.publishing.consent import Ask, confirm_licence, confirm_replacing
from exports.publishing.folder import sync_folder
from exports.publishing.hub import MAIN, HubRepository, Pushed
from exports.publishing.profile import Missing, check_profile, missing
from exports.review.collect import collect
from exports.review.files import Review
from exports.review.pseudonyms import pseudonym_key
from exports.write.export import ExportSettings
from workspace.argilla.connection import Connection
from workspace.config import default_home
from workspace.errors import ConfigError, RulesNotMet, count_of
from workspace.extras import require_packages
from workspace.giveaways.measure import PACKAGES as GIVEAWAY_PACKAGES
from workspace.hub import is_hub_id, open_hub

_INSTEAD = "translate or write with another model, or leave those records out"
_BRANCH = re.compile(r"[A-Za-z0-9][\w./-]*", re.ASCII)


@dataclass(frozen=True)
class Published:
    """What was published.

    Attributes:
        publication: the facts of the card, and the files.
        check: who checked the card, and what the Hub warns of.
        changed: whether the folder or the repository held something else before.
        pushed: the commit on the Hub; None if a folder was written instead.
        missing: what it lacks of the profile's rules, each with its remedy; None without a profile.
    """

    publication: Publication
    check: CardCheck
    changed: bool
    pushed: Pushed | None = None
    missing: tuple[Missing, ...] | None = None

    @property
    def facts(self) -> CardFacts:
        """What the card says."""
        return self.publication.facts

    def counts(self) -> dict[str, Any]:
        """The counts that the command prints."""
        facts = self.facts
        names = ("reviewers", "ballots", "ballots_of_weight_0", "votes", "dropped", "prompts_on_both_sides")
        return {
            "repo_id": facts.repo_id,
            "prompts": facts.prompts,
            "rows": {f"{one.name}/{split}": one.rows[split] for one in facts.all_configs for split in one.splits},
            **{name: facts.counts[name] for name in names},
            "columns": [f"{name}={value}" for name, value in facts.constants.items()],
            "files": len(self.publication.files),
            "licence": facts.terms.label,
            "varieties": [line.code for line in facts.varieties if line.code],
            **({} if self.missing is None else {"missing": [str(one) for one in self.missing]}),
        }


def publish(
    review: Review | Merged | Connection,
    repo_id: str,
    formats: Sequence[str] = tuple(FORMATS),
    *,
    folder: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    comments: bool = False,
    private: bool = False,
    grader: str | None = None,
    source_licences: Mapping[str, str] | None = None,
    reviewers: str | Path | None = None,
    variety: str | None = None,
    profile: str | None = None,
    revision: str = MAIN,
    settings: MergeSettings | None = None,
    home: Path | None = None,
    yes: bool = False,
    ask: Ask | None = None,
) -> Published:
    """Publish a review on the Hugging Face Hub, or write the same files to a folder.

    There is one configuration per format, one of the ballots, and a dataset card in Spanish and English. Reviewers
    have pseudonyms, whose key stays in the home folder. A push is one commit; the Hub checks the card before it.

    Args:
        review: a review; or what ``merge`` returned, whose settings then hold; or a connection, whose review is
            collected first.
        repo_id: the dataset, as OWNER/NAME.
        formats: names in ``exports.formats.FORMATS``.
        folder: write the files there and push nothing. It needs no token, and the Hub checks the card if it answers.
        columns: constant columns that every format gets.
        comments: publish the reviewers' comments too.
        private: make the repository private; an existing public one is refused.
        grader: the model that grades in ``eval.yaml``, as Inspect AI names it (``openai/gpt-4.1-mini``); without it
            there is no such file, because Inspect would let the evaluated model grade itself.
        source_licences: the licences of sources that state none themselves: ``{"foro": "CC-BY-4.0"}``.
        reviewers: a CSV file with the columns reviewer and variety: whose Spanish is which. Only counts and figures
            of each variety are published.
        variety: that of the records which state none, such as "es-419" for what a machine translated.
        profile: "somosnlp" checks the hackathon's rules (``exports.publishing.profile``) before anything is sent.
        revision: the branch to push to.
        settings: how votes make pairs; by default as ``merge`` has it by default.
        home: the folder with the key of the pseudonyms; by default the connection's, else ``~/.h4rmony``.
        yes: replace what the repository holds, and publish under a licence that binds the data, without asking.
        ask: gets the question, and returns the answer; without it, what needs a yes is an error.

    Returns:
        The facts of the card, the counts that the command prints, who checked the card, and the commit.

    Raises:
        MissingPartError: a package of the extra ``report`` is not installed.
        ConfigError: there is no token, or a name cannot be.
        RulesNotMet: the data lack what the profile asks for, and were to be pushed; nothing was sent.
        HubError: the Hub cannot be reached or refuses, or something was not confirmed.
        DataError: there is nothing to publish, or the folder cannot be written.

    Example:
        >>> published = publish(review, "somosnlp/h4rmony-es", ["dpo"], folder="hub/", home=Path("home"))
        >>> published.counts()["rows"], published.changed
        ({'dpo/train': 50, 'dpo/test': 6, 'ballots/train': 43}, True)
    """
    require_packages("the dataset card", (*PACKAGES, *GIVEAWAY_PACKAGES), "report")
    check_names(repo_id, revision)
    if profile:
        check_profile(profile)
    if isinstance(review, Merged):
        settings = settings or review.settings
        review = review.review
    export = ExportSettings.of(settings or MergeSettings(), formats)
    table = Path(reviewers) if reviewers else None
    what = PublishSettings(repo_id, export, columns or {}, comments, grader, source_licences or {}, table, variety)
    home = home or (review.home if isinstance(review, Connection) else default_home())
    hub = None if folder else HubRepository(open_hub(need_token=True), repo_id, revision)
    if hub and not yes:
        confirm_replacing(hub, ask)
    with tempfile.TemporaryDirectory(prefix="h4rmony-publish-") as made:
        collected = collect(review) if isinstance(review, Connection) else review
        publication = build_publication(collected, pseudonym_key(home), what, Path(made))
        lacking = missing(publication.facts, profile) if profile else None
        if hub:
            if lacking:
                raise _not_met(repo_id, profile, lacking)
            if not yes:
                bound = "; ".join(what_binds(publication.facts))
                confirm_licence(repo_id, bound, publication.facts.terms.label, _INSTEAD, ask)
            pushed = hub.push(Path(made), "Publish with h4rmony", private=private)
            return Published(publication, pushed.check, pushed.changed, pushed, lacking)
        check = check_by_hub(repo_id, (Path(made) / CARD).read_text(encoding="utf-8"))
        return Published(publication, check, sync_folder(Path(made), Path(str(folder))), missing=lacking)


def _not_met(repo_id: str, profile: str | None, lacking: Sequence[Missing]) -> RulesNotMet:
    many = count_of(len(lacking), "thing is", "things are")
    rules = ", ".join(dict.fromkeys(one.rule for one in lacking))
    return RulesNotMet(
        f"{repo_id}: {many} missing by the rules of {profile} ({rules}); nothing was sent", tuple(map(str, lacking))
    )


def check_names(repo_id: str, revision: str = MAIN) -> None:
    """Refuse names that the Hub does not take.

    Raises:
        ConfigError: the dataset or the branch cannot have this name.
    """
    if not is_hub_id(repo_id):
        raise ConfigError(f"{repo_id!r} is not a name of a dataset on the Hub; write it as user/name")
    if not _BRANCH.fullmatch(revision) or ".." in revision:
        raise ConfigError(f"{revision!r} is not a name of a branch")
