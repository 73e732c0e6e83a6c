"""Which issue codes the form is filled in with: the source's, else those that an embedding model finds likely."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

from loaders.check.embeddings import KeptVectors
from loaders.check.topics import likely_topics, topic_scores
from workspace.argilla.codec import Topics
from workspace.errors import MissingPartError, count_of
from workspace.model.h4rmony import stated_issues
from workspace.model.records import Record

TopicChoice = Literal["ask", "suggest"]
SOURCE = "source"  # the agent of what the source states


def suggested_topics(records: Sequence[Record], classifier: KeptVectors | None) -> dict[str, Topics]:
    """The codes to suggest, by record id. What the source states is never asked again, also that there are none."""
    stated = {record.id: stated_issues(record.metadata) for record in records}
    found = {record_id: Topics(codes, SOURCE) for record_id, codes in stated.items() if codes is not None}
    unknown = [record for record in records if record.id not in found]
    if classifier and unknown:
        for record, scores in zip(unknown, topic_scores(unknown, classifier), strict=True):
            likely = likely_topics(scores)
            found[record.id] = Topics(tuple(likely), classifier.model.name, tuple(likely.values()))
    return found


def check_told(
    records: Iterable[Record], choice: TopicChoice | None, classifier: KeptVectors | None, why: str
) -> None:
    """Check that there are codes, or a model that tells them, for every record whose codes are to be suggested.

    Args:
        records: the records of the source.
        choice: what was asked for.
        classifier: the model, if there is one.
        why: which model it is, or why there is none.

    Raises:
        MissingPartError: a record has none.
    """
    if choice != "suggest" or classifier is not None:
        return
    if without := [record.id for record in records if stated_issues(record.metadata) is None]:
        raise MissingPartError(
            f"--topics suggest: {count_of(len(without), 'record has', 'records have')} no issue codes (the first is "
            f"{without[0]}), and the embedding model is {why}; give --embedding-model, or --topics ask"
        )
