"""Hypothesis strategies for the record model."""

from hypothesis import strategies as st

from workspace.model.ballots import Ballot, dense_ranks
from workspace.model.conversations import ROLES, Message
from workspace.model.records import Answer, Comparison, Record, Translation, answer_order, text_problem

TEXTS = st.text(min_size=1, max_size=20).filter(lambda text: text_problem(text) is None)
COLUMNS = st.dictionaries(
    st.text(min_size=1, max_size=8).filter(lambda name: name not in ("better", "worse")),
    st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=8),
    max_size=3,
)
CONTEXTS = st.lists(st.builds(Message, st.sampled_from(ROLES), TEXTS), max_size=3).map(tuple)
IDS = st.from_regex(r"[a-z0-9][a-z0-9._-]{0,11}", fullmatch=True)


@st.composite
def records(draw: st.DrawFn, min_answers: int = 2, max_answers: int = 6) -> Record:
    """Any record: ranks known, tied or unknown, comparisons that fit them, with or without a translation."""
    texts = draw(st.lists(TEXTS, min_size=min_answers, max_size=max_answers, unique=True))
    ranks = [draw(st.none() | st.integers(1, len(texts))) for _ in texts]
    answers = sorted((Answer(text, rank) for text, rank in zip(texts, ranks, strict=True)), key=answer_order)
    pairs = [
        (better, worse)
        for better in range(len(answers))
        for worse in range(len(answers))
        if better != worse and _fits(answers[better].rank, answers[worse].rank)
    ]
    context = draw(st.just(()) | CONTEXTS)
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=4)) if pairs else []
    return Record(
        id=draw(IDS),
        prompt=draw(TEXTS),
        answers=tuple(answers),
        comparisons=tuple(Comparison(better, worse, draw(COLUMNS)) for better, worse in chosen),
        metadata=draw(st.dictionaries(st.sampled_from(["type", "issues", "x"]), TEXTS | st.lists(TEXTS), max_size=3)),
        translation=draw(st.none() | translations(len(answers), len(context))),
        context=context,
    )


@st.composite
def translations(draw: st.DrawFn, count: int, turns: int = 0) -> Translation:
    """A translation of a record with ``count`` answers after so many ``turns``; some of its texts may be empty."""
    scores = st.floats(0, 1, allow_nan=False)
    return Translation(
        language="es",
        engine=draw(st.sampled_from(["apertium 3.8/eng-spa 0.8.1", "original", "motor ñ <b>"])),
        prompt=draw(TEXTS | st.just("")),
        answers=tuple(draw(st.lists(TEXTS | st.just(""), min_size=count, max_size=count))),
        adequacy=tuple(draw(st.just([]) | st.lists(scores, min_size=count + 1, max_size=count + 1))),
        context=tuple(draw(st.just([]) | st.lists(TEXTS, min_size=turns, max_size=turns))),
    )


@st.composite
def ballots(draw: st.DrawFn, record: Record, reviewer: str) -> Ballot:
    """Any ballot on a record: submitted ones rank every answer, drafts and discards some or none."""
    count = len(record.answers)
    status = draw(st.sampled_from(["submitted", "draft", "discarded"]))
    rank = st.integers(1, count) if status == "submitted" else st.none() | st.integers(1, count)
    text = st.none() | TEXTS
    return Ballot(
        record_id=record.id,
        reviewer=reviewer,
        status=status,
        updated_at=draw(st.sampled_from(["2026-01-01T00:00:00Z", "2026-01-02", ""])),
        ranks=dense_ranks(draw(st.lists(rank, min_size=count, max_size=count))),
        prompt=draw(text),
        answers=tuple(draw(st.lists(text, min_size=count, max_size=count))),
        problems=tuple(draw(st.lists(st.sampled_from(["harmful", "not_rankable"]), unique=True))),
        comment=draw(text),
        mode=draw(st.sampled_from(["verify", "blind"])),
    )


def _fits(better: int | None, worse: int | None) -> bool:
    return better is None or worse is None or better < worse
