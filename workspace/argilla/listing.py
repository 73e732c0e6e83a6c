"""The answers of Argilla's API as values: users, the dataset, its records. Pure rules, no I/O."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from uuid import UUID

from workspace.argilla import settings
from workspace.errors import ArgillaDenied, ArgillaError, DatasetMismatch
from workspace.model.records import storable
from workspace.model.slots import letters

if TYPE_CHECKING:
    import httpx

Json = dict[str, Any]


@dataclass(frozen=True)
class RemoteResponse:
    """One user's response to one record; ``values`` maps a question's name to its value."""

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
    asks_topics: bool = False

    @property
    def is_answered(self) -> bool:
        """True if anybody began to answer: submitted, draft and discarded responses all count as human work."""
        return bool(self.responses)


@dataclass(frozen=True)
class RemoteDataset:
    """A published dataset as ``load`` makes it, for records with ``count`` answers, or one of answers to grade."""

    id: str
    name: str
    count: int
    min_submitted: int
    question_ids: Mapping[str, str]
    kind: settings.Kind = "review"

    @property
    def form(self) -> settings.Form:
        """What it asks."""
        return settings.Form(self.kind, self.count, self.asks_topics)

    @property
    def asks_topics(self) -> bool:
        """True if the form has a question for the issue codes."""
        return settings.TOPICS in self.question_ids

    def check_count(self, count: int) -> None:
        """Check that it shows so many answers a record.

        Raises:
            DatasetMismatch: it shows another number.
        """
        if self.count != count:
            raise DatasetMismatch(
                f"dataset {self.name!r} shows {self.count} answers a record, not {count}; give --answers all, which "
                "makes one beside it, or another --dataset"
            )

    def check_topics(self) -> None:
        """Check that the form has a question for the issue codes.

        Raises:
            DatasetMismatch: it has none.
        """
        if not self.asks_topics:
            raise DatasetMismatch(
                f"dataset {self.name!r} was made without --topics, and Argilla adds no question to a dataset under "
                "review; load without --topics, or into another --dataset"
            )


@dataclass(frozen=True)
class User:
    """A user of the server; ``role`` is owner, admin or annotator. The key never shows in ``repr``."""

    id: str
    username: str
    first_name: str
    role: str
    api_key: str = field(repr=False)


def read_dataset(
    item: Json, questions: Sequence[Json], fields: Iterable[Json], kind: settings.Kind | None = None
) -> RemoteDataset:
    """A dataset with its questions and fields, of this kind if one is given.

    Raises:
        DatasetMismatch: they are not those that this project makes, or it is of the other kind.
    """
    ids = {question["name"]: str(question["id"]) for question in questions}
    shown = {field["name"] for field in fields}
    is_grading = {settings.GRADE, settings.REASON} <= ids.keys() and {settings.PROMPT, settings.ANSWER} <= shown
    found = RemoteDataset(
        id=str(item["id"]),
        name=item["name"],
        count=1 if is_grading else _ranked_answers(item, questions, shown),
        min_submitted=int(item["distribution"]["min_submitted"]),
        question_ids=ids,
        kind="grades" if is_grading else "review",
    )
    if kind not in (None, found.kind):
        holds = "answers to grade, not records to rank" if is_grading else "records to rank, not answers to grade"
        raise DatasetMismatch(f"dataset {found.name!r} has {holds}; choose another --dataset")
    return found


def _ranked_answers(item: Json, questions: Sequence[Json], shown: set[str]) -> int:
    """How many answers a dataset made by ``load`` shows."""
    names = {question["name"] for question in questions}
    ranking = next((question for question in questions if question["name"] == settings.RANKING), None)
    options = [option["value"] for option in ranking["settings"].get("options", ())] if ranking else []
    count = len(options)
    missing = sorted({settings.PROMPT, settings.ANSWERS} - shown) + [
        name for name in settings.question_names(count) if name not in names
    ]
    if missing or options != list(letters(count)):
        raise DatasetMismatch(
            f"dataset {item['name']!r} was not made by `h4rmony load`: it lacks {', '.join(missing) or 'slots'}; "
            "choose another --dataset"
        )
    return count


def read_user(item: Json) -> User:
    """A user of the server's listing."""
    name, first_name = (storable(item.get(each) or "") for each in ("username", "first_name"))
    return User(str(item["id"]), name, first_name, item["role"], item["api_key"])


def _kept(value: Any) -> Any:
    """What a reviewer sent, as files can hold it."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, list):
        return [_kept(each) for each in value]
    return {storable(name): _kept(each) for name, each in value.items()} if isinstance(value, dict) else value


def _suggestion(item: Json) -> RemoteSuggestion:
    about = {name: item[name] for name in ("type", "agent", "score") if item.get(name) is not None}
    return RemoteSuggestion(str(item["id"]), item["value"], about)


def read_record(item: Json, dataset: RemoteDataset) -> RemoteRecord:
    """A record of the server's listing, with what it lists of suggestions and responses.

    Ids get the dashes of Argilla's API, which those of the embedded server's listing lack. What no file can hold of a
    response (a NUL, half a surrogate pair) becomes U+FFFD; Argilla keeps it as it was sent.
    """
    names = {question_id: name for name, question_id in dataset.question_ids.items()}
    return RemoteRecord(
        id=str(UUID(item["id"])),
        external_id=item.get("external_id"),
        fields=item["fields"],
        metadata=item.get("metadata") or {},
        suggestions={names[each["question_id"]]: _suggestion(each) for each in item.get("suggestions") or ()},
        responses=tuple(
            RemoteResponse(
                user_id=str(UUID(response["user_id"])),
                status=response["status"],
                updated_at=response["updated_at"],
                values={name: _kept(value["value"]) for name, value in (response.get("values") or {}).items()},
            )
            for response in item.get("responses") or ()
        ),
        asks_topics=dataset.asks_topics,
    )


def read_body(response: httpx.Response, where: str) -> Any:
    """The JSON of an answer; None if it is empty.

    Raises:
        ArgillaDenied, ArgillaError: the server refuses, or the answer is not JSON.
    """
    if response.status_code in (401, 403):
        raise ArgillaDenied(
            f"{where}: refused (status {response.status_code}); check that the API key is of this server and that "
            "its user is an owner or admin"
        )
    if not response.is_success:
        raise ArgillaError(f"{where}: status {response.status_code}: {_detail(response)}")
    try:
        return response.json() if response.content else None
    except ValueError as error:
        raise ArgillaError(f"{where}: the answer is not JSON; is this an Argilla server?") from error


def _detail(response: httpx.Response) -> str:
    try:
        detail = response.json().get("detail")
    except (ValueError, AttributeError):
        detail = response.text
    return str(detail)[:500]
