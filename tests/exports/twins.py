"""A review of counterfactual twins, for the tests of the exports."""

from __future__ import annotations

from collections.abc import Sequence

from exports.review.files import Review
from tests.exports.cases import vote
from workspace.model.ballots import Ballot
from workspace.model.records import Answer, Record, Translation
from workspace.model.twins import twin_id

BASE, TWIN = "Las ranas cantan junto al arroyo del barrio.", "Hay actividad junto al arroyo del barrio."


def twin(prompt: int, feature: str) -> Record:
    """The twin of the answer to a prompt, loaded as its own translation."""
    base, question = f"h4rmony-{prompt}", f"¿Qué hacemos con el arroyo {prompt}?"
    return Record(
        twin_id(base, feature),
        question,
        (Answer(BASE, 1), Answer(TWIN, 2)),
        metadata={
            "prompt_id": str(prompt), "language": "es", "group": f"what about stream {prompt}",
            "twin_of": base, "feature": feature, "origins": [{"by": "source"}] * 2 + [{"by": "model"}],
        },
        translation=Translation("es", "original", question, (BASE, TWIN)),
    )  # fmt: skip


def ballots(record: Record, *rankings: Sequence[int]) -> list[Ballot]:
    """One submitted ballot a ranking on a twin, each by another reviewer."""
    texts = {"prompt": record.prompt, "answers": (BASE, TWIN)}
    return [
        vote(*ranks, reviewer=f"persona-{number}", record_id=record.id, **texts)
        for number, ranks in enumerate(rankings)
    ]


def twins_review() -> Review:
    """Twins of three prompts: the base is preferred on the first, and on the second by one of two; the third ties."""
    records, found = [], list[Ballot]()
    for prompt, rankings in ((1, [(1, 2), (1, 2)]), (2, [(1, 2), (2, 1)]), (3, [(1, 1)])):
        records += [twin(prompt, "erasure"), twin(prompt, "framing")]
        for record in records[-2:][: 2 if prompt < 3 else 1]:
            found += ballots(record, *rankings)
    return Review(tuple(records), tuple(found))
