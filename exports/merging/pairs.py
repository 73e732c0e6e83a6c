"""Combine merged votes and final texts: each record with the pairs that are written and those that are not.

A record is merged once for each language: ``es`` with the texts after review, ``en`` with the source's own. The votes
are the same in both; the texts decide for each language separately whether a pair can be written.

A record that is its own translation (the engine "original", see ``loaders/translation/records.py``) has words in one
language only. If both languages are asked for, it is merged once, with the texts after review. If only ``en`` is, and
its words are in another language, its pairs are withheld (``not_in_english``). Its texts are ``original``, unless a
reviewer's version differs. The pairs of a record whose metadata name a language other than English ("ca", "Spanish")
are withheld from ``en`` too, but its translation is written. If the metadata name no known language, the source is
taken to be in English, as H4rmony is.

A record that nobody reviewed (no submitted ballot) has no pairs, unless unreviewed records are asked for. Then it has
the pairs whose order its source settles (``exports.merging.explode.known_pairs``), with the source's ranks, the
machine's texts and no votes, and is marked ``from_source``. A record that reviewers answered never takes pairs from
its source. If reviewers submitted only white space for a text, its pairs have the machine's text, and are written
only if unreviewed ones are asked for. ``exports.merging.problems`` says which records are taken out for what
reviewers report of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Literal

from exports.merging.explode import known_pairs
from exports.merging.problems import MARKS, why_taken_out
from exports.merging.provenance import own_language, source_language
from exports.merging.settings import ENGLISH, SPANISH, Language, MergeSettings
from exports.merging.split import DEFAULT_TEST_SHARE, Split, split_of
from exports.merging.texts import FinalText, FinalTexts, final_texts, normal_space, source_texts
from exports.merging.topics import with_topics
from exports.merging.versions import other_versions
from exports.merging.votes import (
    DroppedPair,
    MergedBallots,
    MergeRules,
    Method,
    Pair,
    Ranking,
    Tally,
    drop,
    merge_ballots,
)
from exports.review.files import Review
from workspace.errors import DataError
from workspace.model.ballots import Ballot
from workspace.model.conversations import Message
from workspace.model.groups import record_group
from workspace.model.records import Record

Withheld = Literal["not_in_english"]


@dataclass(frozen=True)
class ReviewedRecord:
    """A record after review, in one language: its pairs, its final texts and its side of the split.

    Every two of its answers are in ``pairs`` or in ``dropped``, unless its pairs are withheld.

    Attributes:
        record: the record as it was collected, with the issue codes that its reviewers settled.
        ballots: all on it, without those of weight 0.
        texts: the final texts.
        split: the side of the split.
        votes: how many reviewers ranked the answers.
        ranks: the reviewers' (see ``MergedBallots``), or the source's if the pairs are.
        pairs: those that are written.
        dropped: those that are not, with the reasons.
        language: the texts' language.
        method: how the votes were merged; "source" if there were none and the pairs are the source's.
        problems: what submitted ballots report, each problem once, sorted.
        withheld: why none of its pairs is written in this language.
    """

    record: Record
    ballots: tuple[Ballot, ...]
    texts: FinalTexts
    split: Split
    votes: int
    ranks: Ranking
    pairs: tuple[Pair, ...]
    dropped: tuple[DroppedPair, ...]
    language: Language = SPANISH
    method: Method | Literal["source"] = "margins"
    problems: tuple[str, ...] = ()
    withheld: Withheld | None = None

    @property
    def from_source(self) -> bool:
        """True if nobody reviewed the record, and its pairs are its source's."""
        return self.method == "source"

    @property
    def is_marked(self) -> bool:
        """True if a submitted ballot calls it harmful, false or badly translated."""
        return not MARKS.isdisjoint(self.problems)

    @property
    def best(self) -> int | None:
        """The answer that wins a written pair against every other one; None if no answer does."""
        for answer in range(len(self.texts.answers)):
            if sum(pair.chosen == answer for pair in self.pairs) == len(self.texts.answers) - 1:
                return answer
        return None

    def is_reviewed(self, pair: Pair) -> bool:
        """True if people ranked the answers, and submitted each text of the pair or it is the source's own."""
        return not self.from_source and all(text.is_settled for text in self.pair_texts(pair))

    def is_changed(self, place: int) -> bool:
        """True if reviewers changed a text, the prompt's at place 0, beyond its white space."""
        text, translated = self.all_texts[place], self.record.translation
        if self.language != SPANISH:
            shown = self.record.texts[place]
        else:
            shown = (translated.prompt, *translated.answers)[place] if translated else ""
        return text.is_reviewed and normal_space(text.text) != normal_space(shown)

    @property
    def all_texts(self) -> tuple[FinalText, ...]:
        """The final texts, the prompt's first."""
        return self.texts.prompt, *self.texts.answers

    @property
    def context(self) -> tuple[Message, ...]:
        """What came before the prompt, in the language of the texts; a message that is not translated as it is."""
        record, translated = self.record, self.record.translation
        if self.language != SPANISH or not translated or not translated.context:
            return record.context
        return tuple(
            replace(message, content=text or message.content)
            for message, text in zip(record.context, translated.context, strict=True)
        )

    def pair_texts(self, pair: Pair) -> tuple[FinalText, FinalText, FinalText]:
        """The final texts of a pair: the prompt, the chosen and the rejected answer."""
        return self.texts.prompt, self.texts.answers[pair.chosen], self.texts.answers[pair.rejected]


def review_record(
    record: Record,
    ballots: Sequence[Ballot],
    rules: MergeRules | None = None,
    test_share: float = DEFAULT_TEST_SHARE,
    *,
    language: Language = SPANISH,
    unreviewed: bool = False,
    keep_problems: bool = False,
) -> ReviewedRecord:
    """Merge one record's ballots and texts.

    Beyond the rules of the merge, a pair is dropped as ``problems`` if the record is taken out, as ``missing_text``
    if its prompt or one of its answers has neither a reviewer's text nor a translation, as ``equal_texts`` if its two
    answers are equal after white space is normalised, and as ``unreviewed_text`` if one of its texts is the machine's
    and no reviewer submitted it.

    Args:
        record, ballots: the record, and all ballots on it.
        rules: when a pair has enough votes.
        test_share: the share of prompts in ``test``.
        language: which texts to take.
        unreviewed: whether to take the source's order if nobody submitted a ballot, and the machine's text if
            nobody submitted one.
        keep_problems: whether to keep a record that would be taken out for what reviewers report of it.
    """
    rules = rules or MergeRules()
    ballots = rules.counted(ballots)
    from_source = unreviewed and not any(ballot.is_vote or ballot.is_refusal for ballot in ballots)
    merged = _source_order(record) if from_source else merge_ballots(len(record.answers), ballots, rules)
    texts = _reviewed_texts(record, ballots) if language == SPANISH else source_texts(record)
    spaced = tuple(normal_space(text.text) for text in texts.answers)
    out = None if keep_problems else why_taken_out(record, ballots, texts, language)
    outcomes = [
        *merged.dropped,
        *(
            drop(pair, "problems", out) if out else _with_texts(pair, texts, spaced, unreviewed=unreviewed)
            for pair in merged.pairs
        ),
    ]
    pairs = tuple(outcome for outcome in outcomes if isinstance(outcome, Pair))
    dropped = [outcome for outcome in outcomes if isinstance(outcome, DroppedPair)]
    withheld = withheld_in(record, language) if pairs else None
    return ReviewedRecord(
        record=with_topics(record, ballots),
        ballots=tuple(ballots),
        texts=texts,
        split=split_of(record_group(record), test_share),
        votes=merged.votes,
        ranks=merged.ranks,
        pairs=() if withheld else pairs,
        dropped=tuple(sorted(dropped, key=lambda pair: (pair.first, pair.second))),
        language=language,
        method="source" if from_source else rules.method,
        problems=tuple(sorted({problem for ballot in ballots if ballot.is_vote for problem in ballot.problems})),
        withheld=withheld,
    )


def review_records(review: Review, settings: MergeSettings | None = None) -> Iterator[ReviewedRecord]:
    """Merge every record of a review, in the order of their ids, once for each language.

    A record that is its own translation comes once, with its final texts, if Spanish is asked for. Of several
    versions of a prompt one has pairs (``exports.merging.versions``).
    """
    settings = settings or MergeSettings()
    others = other_versions(review, settings.rules)
    for record, ballots in review:
        once = SPANISH in settings.languages and own_language(record) is not None
        for language in (SPANISH,) if once else settings.languages:
            reviewed = review_record(
                record,
                ballots,
                settings.rules,
                settings.test_share,
                language=language,
                unreviewed=settings.unreviewed,
                keep_problems=settings.keep_problems,
            )
            yield _without_pairs(reviewed, others[record.id]) if record.id in others else reviewed


def _without_pairs(reviewed: ReviewedRecord, giving: str) -> ReviewedRecord:
    """The record with its pairs dropped, because ``giving``, another version of its prompt, gives the rows."""
    told = f"{giving} gives the rows of this prompt"
    dropped = [drop(pair, "other_version", told) for pair in reviewed.pairs]
    dropped += [replace(pair, reason="other_version", detail=told) for pair in reviewed.dropped]
    return replace(reviewed, pairs=(), dropped=tuple(sorted(dropped, key=lambda pair: (pair.first, pair.second))))


def _reviewed_texts(record: Record, ballots: Sequence[Ballot]) -> FinalTexts:
    """The texts after review.

    A text of a record that is its own translation is ``original``, unless a reviewer's version differs from it.
    """
    texts = final_texts(record, ballots)
    if own_language(record) is None:
        return texts
    given = [(ballot.prompt, *ballot.answers) for ballot in ballots if ballot.is_vote]
    prompt, *answers = (
        replace(text, choice="original") if _is_own(text.text, own, [versions[place] for versions in given]) else text
        for place, (text, own) in enumerate(zip((texts.prompt, *texts.answers), record.texts, strict=True))
    )
    return FinalTexts(prompt, tuple(answers))


def _is_own(text: str, own: str, versions: Sequence[str | None]) -> bool:
    """True if the text is the source's own, and so is every version that is not blank, but for white space."""
    spaced = {normal_space(version or "") for version in versions}
    return text == own.rstrip("\r\n") and spaced <= {"", normal_space(own)}


def withheld_in(record: Record, language: Language) -> Withheld | None:
    """Why no pair of the record can be written in this language, whatever its votes say."""
    known = own_language(record) or source_language(record) or ENGLISH
    return "not_in_english" if language == ENGLISH and known != ENGLISH else None


def _source_order(record: Record) -> MergedBallots:
    """The source's order of the answers, as a merge without votes."""
    detail = "no reviewer submitted a ballot, and the source does not settle the order"
    try:
        known = set(known_pairs(record))
    except DataError:
        known = set()
        detail = "no reviewer submitted a ballot, and the source puts an answer above itself"
    pairs = tuple(Pair(better, worse, Tally()) for better, worse in sorted(known))
    dropped = tuple(
        DroppedPair(first, second, "no_votes", Tally(), detail)
        for first, second in combinations(range(len(record.answers)), 2)
        if not known & {(first, second), (second, first)}
    )
    return MergedBallots(0, record.ranks, pairs, dropped)


def _with_texts(pair: Pair, texts: FinalTexts, spaced: Sequence[str], *, unreviewed: bool) -> Pair | DroppedPair:
    """The pair, or why its texts keep it out; ``spaced`` are the answers with white space normalised."""
    involved = (texts.prompt, texts.answers[pair.chosen], texts.answers[pair.rejected])
    names = ("the prompt", f"answer {pair.chosen}", f"answer {pair.rejected}")
    unsettled = [(name, text) for name, text in zip(names, involved, strict=True) if not text.is_settled]
    missing = [name for name, text in unsettled if text.choice == "missing"]
    if missing:
        return drop(pair, "missing_text", f"{' and '.join(missing)}: no reviewer's text and no translation")
    if spaced[pair.chosen] == spaced[pair.rejected]:
        return drop(pair, "equal_texts", "both answers read the same after review")
    if unsettled and not unreviewed:
        machine = " and ".join(name for name, _ in unsettled)
        return drop(pair, "unreviewed_text", f"{machine}: the machine's text, no reviewer submitted one")
    return pair
