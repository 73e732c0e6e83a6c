"""A record as Argilla holds it, and the way back: pure rules, no I/O.

``encode`` makes the JSON of one record for Argilla's bulk endpoint; ``decode`` and ``decode_ballots`` read what the
server's record listing answers. ``decode(encode(record))`` is the record, byte for byte.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, cast

from workspace.argilla import settings
from workspace.argilla.verbatim import embed, escape, final_text, guard, unembed, unescape, unguard
from workspace.errors import ArgillaError, DataError
from workspace.model.ballots import Ballot, Mode, Status, dense_ranks
from workspace.model.prompts import GROUP_KEY
from workspace.model.records import Answer, Comparison, Record, Translation, content_hash
from workspace.model.slots import from_slots, letters, slot_order, to_slots

# Holds what the fields and suggestions cannot: ranks, comparisons, metadata. Undeclared, so reviewers never get it.
SOURCE = "record"
VECTOR_MODEL = "vector"  # in SOURCE: which model made the prompt's vector
_NOT_IN_AGENT = re.compile(r"[^A-Za-z0-9_:./ -]")
Json = dict[str, Any]


@dataclass(frozen=True)
class RemoteResponse:
    """One user's response to one record; ``values`` maps a question's name to its value."""

    id: str
    user_id: str
    status: str
    updated_at: str
    values: Mapping[str, Any]


@dataclass(frozen=True)
class RemoteSuggestion:
    """What the form is pre-filled with for one question."""

    id: str
    value: Any
    about: Mapping[str, Any] = field(default_factory=dict)  # its type, agent and score


@dataclass(frozen=True)
class RemoteRecord:
    """One record of the dataset as the server lists it; suggestions by the name of their question."""

    id: str
    external_id: str | None
    fields: Mapping[str, Any]
    metadata: Mapping[str, Any]
    suggestions: Mapping[str, RemoteSuggestion] = field(default_factory=dict)
    responses: tuple[RemoteResponse, ...] = ()

    @property
    def is_answered(self) -> bool:
        """True if anybody began to answer: submitted, draft and discarded responses all count as human work."""
        return bool(self.responses)


@dataclass(frozen=True)
class PromptVector:
    """The vector of a record's prompt and the model that made it; without values the server has them already."""

    model: str
    values: tuple[float, ...] = ()


@dataclass(frozen=True)
class Settled:
    """What a loaded record holds beyond its texts; loading keeps it where it has nothing better.

    ``prompt`` and ``language`` are the source's, ``group`` is that of the split, ``vector_model`` made its vector.
    """

    prompt: str
    language: str
    group: str | None
    adequacy: tuple[float, ...]
    vector_model: str | None


def settled(remote: RemoteRecord) -> Settled:
    """Read what a listed record holds; nothing is wrong with a record that holds none of it."""
    try:
        source = unembed(remote.metadata[SOURCE])
        metadata = source["metadata"]
        group = metadata.get(GROUP_KEY)
        return Settled(
            prompt=unescape(remote.fields[settings.PROMPT]["en"]),
            language=str(metadata.get("language") or ""),
            group=group if isinstance(group, str) else None,
            adequacy=tuple(source["translation"][2]) if source.get("translation") else (),
            vector_model=source.get(VECTOR_MODEL),
        )
    except (KeyError, TypeError, ValueError, AttributeError, IndexError):
        return Settled("", "", None, (), None)


def as_it_was(remote: RemoteRecord, question_ids: Mapping[str, str]) -> Json:
    """What is sent to give a record back the texts and suggestions that it had."""
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
    """A hash of the Spanish that reviewers are shown."""
    if record.translation is None:
        return "none"
    return content_hash([record.translation.prompt, list(record.translation.answers)])


def encode(record: Record, mode: Mode, question_ids: Mapping[str, str], vector: PromptVector | None = None) -> Json:
    """The record for Argilla: fields, metadata and suggestions, answers shuffled over the slots.

    Args:
        record: what to show; in mode ``verify`` it must be fully ranked.
        mode: ``verify`` pre-fills the known ranking, ``blind`` does not.
        question_ids: the server's id of each question by name.
        vector: the prompt's, for a dataset that has a place for it.
    """
    order = slot_order(record.id, len(record.answers))
    return {
        "external_id": record.id,
        "fields": _fields(record, order),
        "metadata": _metadata(record, mode, order, vector),
        **({"vectors": {settings.VECTOR: list(vector.values)}} if vector and vector.values else {}),
        "suggestions": [
            {"question_id": question_ids[name], **suggestion}
            for name, suggestion in _suggestions(record, mode, order).items()
        ],
    }


def _fields(record: Record, order: Sequence[int]) -> Json:
    spanish = record.translation
    answers = [
        {"en": escape(answer.text), "es": escape(spanish.answers[index]) if spanish else ""}
        for index, answer in enumerate(record.answers)
    ]
    return {
        settings.PROMPT: {"en": escape(record.prompt), "es": escape(spanish.prompt) if spanish else ""},
        settings.ANSWERS: to_slots(answers, order),
    }


def _metadata(record: Record, mode: Mode, order: Sequence[int], vector: PromptVector | None) -> Json:
    translation = record.translation
    shown = {name: _terms(record.metadata.get(name)) for name in ("issues", "type", "flags")}
    if translation and translation.adequacy:
        shown["adequacy"] = min(translation.adequacy)
    return {
        **{name: value for name, value in shown.items() if value not in (None, [], "")},
        "slots": ",".join(map(str, order)),
        "mode": mode,
        "source_hash": record.source_hash,
        "translation_hash": translation_hash(record),
        SOURCE: embed(
            {
                "ranks": record.ranks,
                "comparisons": [[c.better, c.worse, dict(c.columns)] for c in record.comparisons],
                "metadata": dict(record.metadata),
                "translation": [translation.language, translation.engine, translation.adequacy]
                if translation
                else None,
                **({VECTOR_MODEL: vector.model} if vector else {}),
            }
        ),
    }


def _terms(value: Any) -> Any:
    """Metadata that reviewers filter by: a text or a list of texts, harmless in the page; nothing else."""
    if isinstance(value, str):
        return guard(value)
    if isinstance(value, list) and all(isinstance(term, str) for term in value):
        return [guard(term) for term in value]
    return None


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
        agent = _NOT_IN_AGENT.sub("-", record.translation.engine)[:200] or "translation"
        scores = record.translation.adequacy or (None,) * len(record.texts)
        slotted = to_slots(list(zip(record.translation.answers, scores[1:], strict=True)), order)
        texts = {settings.PROMPT_TEXT: (record.translation.prompt, scores[0])}
        texts |= {settings.answer_text(slot): scored for slot, scored in slotted.items()}
        for name, (text, score) in texts.items():
            if text:
                suggestions[name] = {"value": guard(text), "type": "model", "agent": agent}
                suggestions[name] |= {} if score is None else {"score": score}
    return suggestions


def decode(remote: RemoteRecord) -> Record:
    """The record that ``encode`` was given, with the translation that the suggestions hold now.

    Raises:
        ArgillaError: the record was not made by ``load``, or was changed by hand; names the record.
    """
    try:
        source = unembed(remote.metadata[SOURCE])
        order = _order(remote)
        prompt, answers = remote.fields[settings.PROMPT], remote.fields[settings.ANSWERS]
        texts = from_slots({slot: unescape(answers[slot]["en"]) for slot in letters(len(order))}, order)
        return Record(
            id=cast(str, remote.external_id),
            prompt=unescape(prompt["en"]),
            answers=tuple(Answer(cast(str, text), rank) for text, rank in zip(texts, source["ranks"], strict=True)),
            comparisons=tuple(Comparison(*comparison) for comparison in source["comparisons"]),
            metadata=source["metadata"],
            translation=_translation(remote, source["translation"], order),
        )
    except (KeyError, TypeError, ValueError, AttributeError, DataError) as error:
        raise ArgillaError(
            f"record {remote.external_id!r} ({remote.id}) of the dataset cannot be read back ({error!r}): it was not "
            "loaded by `h4rmony load`, or was changed by hand; remove it in Argilla if nobody has answered it"
        ) from error


def _translation(remote: RemoteRecord, about: Sequence[Any] | None, order: Sequence[int]) -> Translation | None:
    if about is None:
        return None
    language, engine, adequacy = about
    answers = remote.fields[settings.ANSWERS]
    texts = from_slots({slot: unescape(answers[slot]["es"]) for slot in letters(len(order))}, order)
    return Translation(
        language=language,
        engine=engine,
        prompt=unescape(remote.fields[settings.PROMPT]["es"]),
        answers=tuple(cast(str, text) for text in texts),
        adequacy=tuple(adequacy),
    )


def _order(remote: RemoteRecord) -> tuple[int, ...]:
    order = tuple(int(index) for index in str(remote.metadata["slots"]).split(","))
    if sorted(order) != list(range(len(order))):
        raise ValueError(f"slots {remote.metadata['slots']!r} are no permutation")
    return order


def decode_ballots(remote: RemoteRecord, usernames: Mapping[str, str]) -> list[Ballot]:
    """Every response to a record as a ballot, slots undone, ranks dense.

    Args:
        remote: the record with its responses.
        usernames: the server's user ids and their names; an id without a name stands for itself.

    Raises:
        ArgillaError: the record cannot be read back.
    """
    try:
        order = _order(remote)
        return [_ballot(remote, response, order, usernames) for response in remote.responses]
    except (KeyError, ValueError, TypeError) as error:
        raise ArgillaError(f"the responses to record {remote.external_id!r} ({remote.id}): {error!r}") from error


def _ballot(
    remote: RemoteRecord, response: RemoteResponse, order: Sequence[int], usernames: Mapping[str, str]
) -> Ballot:
    values = response.values
    ranks = {item["value"]: item.get("rank") for item in values.get(settings.RANKING) or ()}
    answers = remote.fields[settings.ANSWERS]
    texts = {slot: _text(response, settings.answer_text(slot), answers[slot]["es"]) for slot in letters(len(order))}
    comment = values.get(settings.COMMENT)
    return Ballot(
        record_id=cast(str, remote.external_id),
        reviewer=usernames.get(response.user_id, response.user_id),
        status=cast(Status, response.status),
        updated_at=_utc(response.updated_at),
        ranks=dense_ranks(from_slots(ranks, order)),
        prompt=_text(response, settings.PROMPT_TEXT, remote.fields[settings.PROMPT]["es"]),
        answers=from_slots(texts, order),
        problems=tuple(sorted(values.get(settings.PROBLEMS) or ())),
        comment=unguard(comment).rstrip("\n") or None if comment else None,
        mode=cast(Mode, remote.metadata.get("mode", "verify")),
    )


def _text(response: RemoteResponse, question: str, shown: str) -> str | None:
    """What the reviewer wrote; ``shown`` is the Spanish of the field, which the form was pre-filled with."""
    value = response.values.get(question)
    return None if value is None else final_text(value, unescape(shown) or None)


def _utc(stamp: str) -> str:
    """The server's naive UTC time stamp as ISO 8601 with its zone, always to the microsecond."""
    moment = datetime.fromisoformat(stamp)
    if moment.tzinfo:
        moment = moment.astimezone(UTC)
    return f"{moment.replace(tzinfo=None).isoformat(timespec='microseconds')}Z"
