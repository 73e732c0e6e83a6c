"""A record as Argilla holds it, and the way back: pure rules, no I/O.

``encode`` turns a record into the JSON that Argilla's bulk endpoint takes. ``decode`` turns what the server lists
into the record, byte for byte what ``encode`` was given, and its ballots. ``form_values`` turns a ballot into a
response.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from workspace.argilla import settings
from workspace.argilla.listing import Json, RemoteRecord, RemoteResponse
from workspace.argilla.names import NAMES
from workspace.argilla.verbatim import embed, escape, final_text, guard, unembed, unescape, unguard
from workspace.errors import ArgillaError, DataError, ForeignRecord, count_of
from workspace.memory.glossary import LANGUAGE, Term, found_terms, load_glossary
from workspace.model.ballots import Ballot, Mode, Status
from workspace.model.conversations import Message
from workspace.model.h4rmony import UNSUGGESTED_KEY, stated_language
from workspace.model.prompts import GROUP_KEY
from workspace.model.records import ORIGINAL, Answer, Comparison, Record, Translation, content_hash
from workspace.model.slots import from_slots, letters, slot_order, to_slots
from workspace.model.sources import SOURCE_KEY
from workspace.model.twins import TWIN_OF_KEY
from workspace.model.versions import FOLLOWS_KEY, follows

# Holds what fields and suggestions cannot: ranks, comparisons, metadata. Not declared, so reviewers never get it.
SOURCE = "record"
VECTOR_MODEL = "vector"  # in SOURCE: which model made the prompt's vector
_ABOUT_SOURCE = ("prompt_id", SOURCE_KEY, FOLLOWS_KEY, TWIN_OF_KEY)
_NOT_IN_AGENT = re.compile(r"[^A-Za-z0-9_:./ -]")


@dataclass(frozen=True)
class PromptVector:
    """The vector of a record's prompt and the model that made it; no values if the server has them already."""

    model: str
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Topics:
    """The issue codes that the form is filled in with, and whose they are; ``scores`` are the model's, 0 to 1."""

    codes: tuple[str, ...]
    agent: str
    scores: tuple[float, ...] = ()


@dataclass(frozen=True)
class Settled:
    """What a loaded record holds beside its texts; loading keeps it where it has nothing better.

    ``prompt`` and ``language`` are the source's ("" if nothing says which), ``group`` is that of the split,
    ``vector_model`` made its vector; ``metadata`` are those that say which source and version it is of;
    ``translation`` is the prompt's, "" where it has none.
    """

    prompt: str
    language: str
    group: str | None
    adequacy: tuple[float, ...]
    vector_model: str | None
    metadata: Mapping[str, Any] = field(default_factory=dict)
    translation: str = ""


def settled(remote: RemoteRecord) -> Settled:
    """Read what a listed record holds; a record that holds none of it is accepted."""
    try:
        source = unembed(remote.metadata[SOURCE])
        metadata = source["metadata"]
        group = metadata.get(GROUP_KEY)
        language, engine, adequacy = source.get("translation") or ("", "", ())
        return Settled(
            prompt=unescape(remote.fields[settings.PROMPT]["en"]),
            language=stated_language(metadata) or (language if engine == ORIGINAL else ""),
            group=group if isinstance(group, str) else None,
            adequacy=tuple(adequacy),
            vector_model=source.get(VECTOR_MODEL),
            metadata={name: metadata[name] for name in _ABOUT_SOURCE if name in metadata},
            translation="" if engine == ORIGINAL else unescape(remote.fields[settings.PROMPT]["es"]),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return Settled("", "", None, (), None)


def as_it_was(remote: RemoteRecord, question_ids: Mapping[str, str]) -> Json:
    """What to send to restore the texts and suggestions that a record had."""
    return {
        "external_id": remote.external_id,
        "fields": dict(remote.fields),
        "metadata": dict(remote.metadata),
        "suggestions": [
            {"question_id": question_ids[name], "value": suggestion.value, **suggestion.about}
            for name, suggestion in remote.suggestions.items()
        ],
    }


def translation_hash(record: Record) -> str:
    """A hash of the Spanish that reviewers are shown, and of which texts the form is not filled in with."""
    translation, unsuggested = record.translation, record.metadata.get(UNSUGGESTED_KEY)
    if translation is None:
        return "none"
    shown = [translation.prompt, list(translation.answers), *([unsuggested] if unsuggested else ())]
    return content_hash([*shown, {"context": list(translation.context)}] if translation.context else shown)


def encode(
    record: Record,
    mode: Mode,
    question_ids: Mapping[str, str],
    vector: PromptVector | None = None,
    batch: str | None = None,
    topics: Topics | None = None,
) -> Json:
    """The record for Argilla: fields, metadata and suggestions, answers shuffled over the slots.

    Args:
        record: what to show; in mode ``verify`` it must be fully ranked.
        mode: ``verify`` pre-fills the known ranking, ``blind`` does not.
        question_ids: the server's id of each question by name.
        vector: the prompt's, for a dataset that has a place for it.
        batch: the batch that it is in, if there are any.
        topics: the issue codes to fill in, for a dataset that asks for them.
    """
    order = slot_order(record.id, len(record.answers))
    return {
        "external_id": record.id,
        "fields": _fields(record, order),
        "metadata": _metadata(record, mode, order, vector, batch),
        **({"vectors": {settings.VECTOR: list(vector.values)}} if vector and vector.values else {}),
        "suggestions": [
            {"question_id": question_ids[name], **suggestion}
            for name, suggestion in (_suggestions(record, mode, order) | _topic_suggestion(topics)).items()
        ],
    }


def _fields(record: Record, order: Sequence[int]) -> Json:
    spanish = record.translation
    answers = [
        {"en": escape(answer.text), "es": escape(spanish.answers[index]) if spanish else ""}
        for index, answer in enumerate(record.answers)
    ]
    context = _context(record)
    return {
        settings.PROMPT: {
            "en": escape(record.prompt),
            "es": escape(spanish.prompt) if spanish else "",
            **({settings.CONTEXT: context} if context else {}),
        },
        settings.ANSWERS: to_slots(answers, order),
    }


def _context(record: Record) -> list[Json]:
    """What came before the prompt: whose turn it is, in Spanish too, and what is said."""
    told = record.translation.context if record.translation else ()
    spanish = told or ("",) * len(record.context)
    return [
        {
            "role": message.role,
            "name": settings.ROLE_TITLES[message.role],
            "en": escape(message.content),
            "es": escape(text),
        }
        for message, text in zip(record.context, spanish, strict=True)
    ]


def renewed_metadata(remote: RemoteRecord) -> Json:
    """The metadata that this version gives to a record which the server has.

    Raises:
        ForeignRecord: the record was not made by ``load``, or was changed by hand.
    """
    record, _ = decode(remote, {})
    model = settled(remote).vector_model
    mode = cast(Mode, remote.metadata.get("mode", "verify"))
    vector = PromptVector(model) if model else None
    return _metadata(record, mode, _order(remote), vector, remote.metadata.get(settings.BATCH))


def _metadata(
    record: Record, mode: Mode, order: Sequence[int], vector: PromptVector | None, batch: str | None
) -> Json:
    translation = record.translation
    shown: Json = {name: _named(name, record.metadata.get(name)) for name in NAMES}
    shown["glossary"] = [guard(f"{term.source} → {term.target}") for term in _glossary(record)]
    shown["unsuggested"] = _unsuggested(record, order)
    if translation and translation.adequacy:
        shown["adequacy"] = min(translation.adequacy)
    return {
        **{name: value for name, value in shown.items() if value not in (None, [])},
        **({FOLLOWS_KEY: before} if (before := follows(record.metadata)) else {}),
        **({settings.BATCH: batch} if batch else {}),
        "slots": ",".join(map(str, order)),
        "mode": mode,
        "source_hash": record.source_hash,
        "translation_hash": translation_hash(record),
        SOURCE: embed(
            {
                "ranks": record.ranks,
                "comparisons": [[c.better, c.worse, dict(c.columns)] for c in record.comparisons],
                "metadata": dict(record.metadata),
                "translation": translation and [translation.language, translation.engine, translation.adequacy],
                **({VECTOR_MODEL: vector.model} if vector else {}),
            }
        ),
    }


def _named(table: str, value: Any) -> list[str]:
    """Metadata that reviewers read and filter by, in Spanish and harmless in the page; empty if it is not text."""
    values = [value] if isinstance(value, str) and value else value
    if not isinstance(values, list) or not all(isinstance(code, str) for code in values):
        return []
    return [guard(NAMES[table].get(code) or code) for code in values]


def _unsuggested(record: Record, order: Sequence[int]) -> list[str]:
    """What reviewers call the texts that the form is not filled in with, because they are doubtful."""
    places = record.metadata.get(UNSUGGESTED_KEY) or ()
    answers = to_slots([place in places for place in range(1, len(record.texts))], order)
    prompt = [settings.PROMPT_TITLE] if 0 in places else []
    return [*prompt, *(settings.answer_title(slot) for slot, is_empty in answers.items() if is_empty)]


def _glossary(record: Record) -> list[Term]:
    """The terms of the glossary that occur in a record which is, or will be, in the glossary's language."""
    if record.translation and record.translation.language != LANGUAGE:
        return []
    return found_terms("\n".join(record.texts), load_glossary())


def _suggestions(record: Record, mode: Mode, order: Sequence[int]) -> dict[str, Json]:
    suggestions: dict[str, Json] = {}
    if mode == "verify":
        ranks = to_slots(record.ranks, order)
        suggestions[settings.RANKING] = {
            "value": [{"value": slot, "rank": rank} for slot, rank in ranks.items()],
            "type": "human",
            "agent": "H4rmony",
        }
    if record.translation:
        agent = _agent(record.translation.engine) or "translation"
        scores = record.translation.adequacy or (None,) * len(record.texts)
        unsuggested = record.metadata.get(UNSUGGESTED_KEY) or ()  # the box stays empty: nobody approves it by a key
        shown = (record.translation.prompt, *record.translation.answers)
        prompt, *answers = (
            ("" if place in unsuggested else text, score)
            for place, (text, score) in enumerate(zip(shown, scores, strict=True))
        )
        texts = {settings.PROMPT_TEXT: prompt}
        texts |= {settings.answer_text(slot): scored for slot, scored in to_slots(answers, order).items()}
        for name, (text, score) in texts.items():
            if text:
                suggestions[name] = {"value": guard(text), "type": "model", "agent": agent, "score": score}
    return suggestions


def _topic_suggestion(topics: Topics | None) -> dict[str, Json]:
    if topics is None or not topics.codes:
        return {}
    suggestion: Json = {"value": list(topics.codes), "type": "human", "agent": _agent(topics.agent)}
    return {settings.TOPICS: suggestion | ({"type": "model", "score": list(topics.scores)} if topics.scores else {})}


def _agent(name: str) -> str:
    return _NOT_IN_AGENT.sub("-", name)[:200]


def decode(remote: RemoteRecord, usernames: Mapping[str, str]) -> tuple[Record, tuple[Ballot, ...]]:
    """The record that ``encode`` was given, with the translation that it shows now, and every ballot on it.

    Args:
        remote: the record with its responses.
        usernames: the server's user ids and their names; a user who is gone is named by the id.

    Raises:
        ForeignRecord: the record was not made by ``load``, or was changed by hand; names the record.
    """
    try:
        order = _order(remote)
        ballots = tuple(_ballot(remote, response, order, usernames) for response in remote.responses)
        return _record(remote, order), ballots
    except (KeyError, TypeError, ValueError, AttributeError, DataError) as error:
        raise ForeignRecord(remote.external_id, remote.id, len(remote.responses), error) from error


def _order(remote: RemoteRecord) -> tuple[int, ...]:
    """Which answer is in each slot."""
    order = tuple(int(index) for index in str(remote.metadata["slots"]).split(","))
    if sorted(order) != list(range(len(order))):
        raise ValueError(f"slots {remote.metadata['slots']!r} are not a permutation")
    return order


def _record(remote: RemoteRecord, order: Sequence[int]) -> Record:
    source = unembed(remote.metadata[SOURCE])
    turns = remote.fields[settings.PROMPT].get(settings.CONTEXT) or ()
    texts = _shown(remote, "en", order)
    translation = None
    if source["translation"] is not None:
        language, engine, adequacy = source["translation"]
        spanish = _shown(remote, "es", order)
        told = tuple(unescape(turn["es"]) for turn in turns)
        translation = Translation(
            language, engine, spanish[0], spanish[1:], tuple(adequacy), told if any(told) else ()
        )
    return Record(
        id=cast(str, remote.external_id),
        prompt=texts[0],
        answers=tuple(Answer(text, rank) for text, rank in zip(texts[1:], source["ranks"], strict=True)),
        comparisons=tuple(Comparison(*comparison) for comparison in source["comparisons"]),
        metadata=source["metadata"],
        translation=translation,
        context=tuple(Message(turn["role"], unescape(turn["en"])) for turn in turns),
    )


def _shown(remote: RemoteRecord, language: str, order: Sequence[int]) -> tuple[str, ...]:
    """The prompt that the record shows, then its answers in the record's order."""
    prompt, answers = remote.fields[settings.PROMPT], remote.fields[settings.ANSWERS]
    texts = from_slots({slot: unescape(answers[slot][language]) for slot in letters(len(order))}, order)
    return (unescape(prompt[language]), *cast(tuple[str, ...], texts))


def _ballot(
    remote: RemoteRecord, response: RemoteResponse, order: Sequence[int], usernames: Mapping[str, str]
) -> Ballot:
    values = response.values
    # the server checks the ranks of what is submitted, not of drafts and discards
    ranks = {
        item["value"]: rank if isinstance(rank := item.get("rank"), int) and rank >= 1 else None
        for item in values.get(settings.RANKING) or ()
    }
    written = {slot: values.get(settings.answer_text(slot)) for slot in letters(len(order))}
    texts = (values.get(settings.PROMPT_TEXT), *from_slots(written, order))
    # The Spanish that the form was pre-filled with: a text box may change its line ends, which is not a correction.
    prefilled = _shown(remote, "es", order)
    prompt, *answers = (
        None if text is None else final_text(text, shown or None)
        for text, shown in zip(texts, prefilled, strict=True)
    )
    comment = values.get(settings.COMMENT)
    return Ballot(
        record_id=cast(str, remote.external_id),
        reviewer=usernames.get(response.user_id, response.user_id),
        status=cast(Status, response.status),
        updated_at=utc_time(response.updated_at),
        ranks=from_slots(ranks, order),
        prompt=prompt,
        answers=tuple(answers),
        problems=tuple(sorted(values.get(settings.PROBLEMS) or ())),
        comment=unguard(comment).rstrip("\n") or None if comment else None,
        mode=cast(Mode, remote.metadata.get("mode", "verify")),
        issues=tuple(sorted(values.get(settings.TOPICS) or ())) if remote.asks_topics else None,
    )


def form_values(ballot: Ballot, remote: RemoteRecord) -> Json:
    """A ballot as the web UI would post it; ``decode`` makes the same ballot of it.

    The ranking is in the order of the slots. A text of None is sent as the form is pre-filled with it, else as the
    record shows it.

    Raises:
        DataError: the ballot has another number of answers than the record, an unknown problem, issue codes that are
            unknown or that the dataset does not ask for, or a text that cannot be stored.
        ArgillaError: the record was not made by ``load``.
    """
    where = f"the ballot of {ballot.reviewer!r} on record {ballot.record_id!r}"
    try:
        order = _order(remote)
        ballot.check_storable()
    except (KeyError, ValueError) as error:
        raise ArgillaError(f"{where}: the record was not loaded by `h4rmony load` ({error!r})") from error
    except DataError as error:
        raise DataError(f"{where}: {error}") from error
    if not len(ballot.ranks) == len(ballot.answers) == len(order):
        raise DataError(
            f"{where} has {count_of(len(ballot.ranks), 'rank')} and {count_of(len(ballot.answers), 'text')} for "
            f"{len(order)} answers"
        )
    for what, given, known in (
        ("problem", ballot.problems, settings.PROBLEM_TITLES),
        ("issue code", ballot.issues or (), NAMES["issues"]),
    ):
        if unknown := sorted(set(given).difference(known)):
            raise DataError(f"{where} has the {what} {unknown[0]!r}; it must be one of {', '.join(known)}")
    if ballot.issues and not remote.asks_topics:
        raise DataError(f"{where} has issue codes, and the dataset does not ask for them; `load --topics` makes one")
    values: Json = {
        settings.RANKING: [{"value": slot, "rank": rank} for slot, rank in to_slots(ballot.ranks, order).items()]
    }
    prompt, *answers = zip((ballot.prompt, *ballot.answers), _shown(remote, "es", order), strict=True)
    texts = {settings.PROMPT_TEXT: prompt}
    texts |= {settings.answer_text(slot): both for slot, both in to_slots(answers, order).items()}
    for name, (text, shown) in texts.items():
        if text is not None:
            values[name] = guard(text)
        elif name in remote.suggestions:
            values[name] = remote.suggestions[name].value
        elif shown:
            values[name] = guard(shown)
    if ballot.problems:
        values[settings.PROBLEMS] = list(ballot.problems)
    if ballot.issues:
        values[settings.TOPICS] = list(ballot.issues)
    if ballot.comment:
        values[settings.COMMENT] = guard(ballot.comment)
    return {name: {"value": value} for name, value in values.items()}


def utc_time(stamp: str) -> str:
    """The server's naive UTC time stamp as ISO 8601 with its zone, always to the microsecond."""
    moment = datetime.fromisoformat(stamp)
    moment = moment.astimezone(UTC) if moment.tzinfo else moment
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
