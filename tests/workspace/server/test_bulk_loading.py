"""The endpoint behind ``load`` against Argilla's own: the same items leave the same rows and get the same answers."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.workspace.server.conftest import Api, Dataset
from workspace.server.home import ServerHome

Rows = dict[str, list[tuple[Any, ...]]]

NOBODY = "00000000-0000-4000-8000-000000000000"
OPTIONS = [{"value": value, "text": value.upper()} for value in "abc"]
FORM = {
    "fields": {
        "texto": {"type": "text"},
        "respuestas": {"type": "custom", "template": "<p>{{x}}</p>", "advanced_mode": False},
    },
    "questions": {
        "nota": {"type": "text"},
        "orden": {"type": "ranking", "options": OPTIONS},
        "temas": {"type": "multi_label_selection", "options": OPTIONS, "visible_options": 3},
        "clase": {"type": "label_selection", "options": OPTIONS},
        "puntos": {"type": "rating", "options": [{"value": value} for value in range(1, 6)]},
    },
    "metadata": {
        "lote": {"type": "terms", "values": ["1", "2"]},
        "adecuación": {"type": "float", "min": 0.0, "max": 1.0},
        "número": {"type": "integer", "min": 0, "max": 9},
    },
    "vectors": {"v": 2},
}
STRANGE = "¿Ríos?\x01 \"'\\ \u2028 🌱 &lt; $& #TEMPLATE# \ue000"


def item(name: str, **parts: Any) -> dict[str, Any]:
    """A record of this external id, with a text and whatever is given."""
    return {"external_id": name, "fields": {"texto": f"Texto de {name}"}, "metadata": {"lote": "1"}, **parts}


def told(question: str, value: Any, **about: Any) -> dict[str, Any]:
    """A suggestion; the question's name becomes its id when it is sent."""
    return {"question_id": question, "value": value, **about}


FIRST = [
    item(
        "uno",
        fields={"texto": STRANGE, "respuestas": {"b": {"es": STRANGE, "n": [1, 2.5, None, {"a": True}]}, "a": 1}},
    ),
    item(
        "dos",
        metadata={
            "lote": ["1", "2"],
            "adecuación": 0.5,
            "número": 3,
            "libre": {"a": [1, None, 1e300]},
            "vacío": None,
        },
        vectors={"v": [0.25, 1]},
        suggestions=[
            told("nota", STRANGE, agent="motor/1.0", type="model", score=0.75),
            told("orden", [{"value": "b", "rank": 2}, {"value": "a", "rank": 1}], type="human"),
            told("temas", ["c", "a"], score=[0.25, 1]),
            told("clase", "a"),
            told("puntos", 4, score=1),
        ],
    ),
    item("tres", suggestions=[told("nota", "")], vectors={}),
    item("cuatro", metadata={}, suggestions=[]),
]
# Each step is sent after the ones before it; those that Argilla refuses must leave nothing behind.
ORDINARY = {
    "new": FIRST,
    "the same again": FIRST,
    "other metadata": [item("uno", fields=FIRST[0]["fields"], metadata={"lote": "2", "más": 1}), item("dos")],
    "metadata alone": [{"external_id": "tres", "metadata": {"lote": "2"}}, {"external_id": "dos", "metadata": {}}],
    "equal numbers of another kind": [
        item("cuatro", metadata={"x": 1, "y": [True]}),
        item("cinco", metadata={"x": 1, "y": 0}),
    ],
    "and back": [item("cuatro", metadata={"x": 1.0, "y": [1]}), item("cinco", metadata={"y": False, "x": 1})],
    "other suggestions": [
        {
            "external_id": "dos",
            "metadata": {"lote": "1"},
            "suggestions": [told("nota", "otra"), told("orden", [{"value": "c", "rank": None}]), told("clase", "b")],
        }
    ],
    "other texts": [
        item("dos", fields={"texto": "cambiado", "respuestas": {}}),
        item("tres", fields={"texto": None}),
    ],
    "new and known, mixed": [item("seis"), item("uno"), item("siete", vectors={"v": [1, 2]}), item("dos")],
    "another vector": [item("siete", vectors={"v": [3.5, -2]})],
    "long values": [item("largo", fields={"texto": "a" * 200_000}, metadata={"libre": "b" * 100_000})],
    "numbers for names": [item("once", fields={"texto": "x", "respuestas": {"a": 1}}, external_id=11)],
    "many": [item(f"n{number}") for number in range(60)],
}
HANDED_ON = {
    "by the server's id": [item("uno", id="uno", metadata={"lote": "2"})],
    "by the id of another dataset's record": [item("ajeno", id="other")],
    "no metadata": [{"external_id": "ocho", "fields": {"texto": "x"}}, {"external_id": "uno", "metadata": None}],
    "no external id": [{"fields": {"texto": "sin nombre"}, "metadata": {}}],
    "a response": [
        item("nueve", responses=[{"user_id": "user", "status": "submitted", "values": {"nota": {"value": "sí"}}}])
    ],
    "keys that are not kept": [
        item("diez", fields={"texto": "x", "respuestas": {"_sa": 1, "a": {"_sab": 2, "b": 3}}})
    ],
}
BAD = {
    "no items": [],
    "too many": [item(f"m{number}") for number in range(501)],
    "twice in one request": [item("bis"), item("bis")],
    "no fields of a new one": [item("uno"), {"external_id": "nadie", "metadata": {}}],
    "null fields": [item("uno", fields=None)],
    "empty fields": [item("mal", fields={})],
    "empty fields of a known one": [item("uno", fields={})],
    "another field": [item("mal"), item("peor", fields={"texto": "x", "otro": "y"})],
    "a field of another kind": [item("mal", fields={"texto": {"a": 1}})],
    "a text for a custom field": [item("mal", fields={"texto": "x", "respuestas": "y"})],
    "a chat for a custom field": [item("mal", fields={"respuestas": [{"role": "user", "content": "x"}]})],
    "another question": [item("mal", suggestions=[told(NOBODY, "x")])],
    "a question of another dataset": [item("mal", suggestions=[told("other", "x")])],
    "no id of a question": [item("mal", suggestions=[told("no uuid", "x")])],
    "two of one question": [item("mal", suggestions=[told("nota", "x"), told("nota", "y")])],
    "a label that is none": [item("mal", suggestions=[told("clase", "z")])],
    "labels that are none": [item("mal", suggestions=[told("temas", ["a", "z"])])],
    "labels twice": [item("mal", suggestions=[told("temas", ["a", "a"])])],
    "no labels": [item("mal", suggestions=[told("temas", [])])],
    "a rating out of range": [item("mal", suggestions=[told("puntos", 9)])],
    "a ranking of names": [item("mal", suggestions=[told("orden", ["a", "b"])])],
    "a ranking of others": [item("mal", suggestions=[told("orden", [{"value": "z", "rank": 1}])])],
    "a ranking twice": [item("mal", suggestions=[told("orden", [{"value": "a", "rank": 1}] * 2)])],
    "a number for a text": [item("mal", suggestions=[told("nota", 3)])],
    "a score out of range": [item("mal", suggestions=[told("nota", "x", score=2)])],
    "scores for one value": [item("mal", suggestions=[told("nota", "x", score=[0.5])])],
    "too few scores": [item("mal", suggestions=[told("temas", ["a", "b"], score=[0.5])])],
    "an agent that is none": [item("mal", suggestions=[told("nota", "x", agent="ñ")])],
    "an agent that is too long": [item("mal", suggestions=[told("nota", "x", agent="a" * 201)])],
    "a type that is none": [item("mal", suggestions=[told("nota", "x", type="machine")])],
    "a term that is none": [item("mal", metadata={"lote": "3"})],
    "too high a float": [item("mal", metadata={"adecuación": 1.5})],
    "an integer for a float": [item("mal", metadata={"adecuación": 1})],
    "a text for an integer": [item("mal", metadata={"número": "uno"})],
    "bad metadata of a known one": [{"external_id": "uno", "metadata": {"número": 10}}],
    "another vector": [item("mal", vectors={"w": [1, 2]})],
    "too long a vector": [item("mal", vectors={"v": [1, 2, 3]})],
    "no list": [{"external_id": 1.5, "fields": "x", "metadata": []}],
    "a lone surrogate": [item("\ud800")],
}


@dataclass
class Side:
    """One of two equal datasets, the endpoint that it is loaded by, and its rows in the database."""

    dataset: Dataset
    path: str
    database: Path
    user: str
    other: Dataset
    answers: list[tuple[int, Any]] = field(default_factory=list)

    def send(self, items: list[dict[str, Any]]) -> Any:
        """Send items; ids that are unlike in the two datasets are put in, and taken out of the answer."""
        response = self.dataset.api.client.put(
            f"{self.dataset.api.url}/api/v1{self.path}/datasets/{self.dataset.id}/records/bulk",
            content=json.dumps({"items": [self._with_ids(each) for each in items]}),
            headers={"X-Argilla-Api-Key": self.dataset.api.key, "Content-Type": "application/json"},
        )
        answer = response.json()
        if response.is_success:
            self.answers.append((200, [each["external_id"] for each in answer["items"]]))
            return answer.get("handed_on")
        self.answers.append((response.status_code, json.loads(self._without_ids(json.dumps(answer)))))
        return None

    def rows(self) -> Rows:
        """Every row that belongs to the dataset, without the ids and times that are unlike in the two."""
        with closing(sqlite3.connect(self.database)) as database:
            texts = f"h4rmony_text_{self.dataset.id.replace('-', '')}"
            found = {name: list(database.execute(self._query(name))) for name in ("records", *PARTS)}
            named = (
                "SELECT 'f_' || id FROM fields WHERE dataset_id = ? AND json_extract(settings, '$.type') != 'image' "
                "ORDER BY name"
            )
            columns = [row[0] for row in database.execute(named, (self.dataset.id.replace("-", ""),))]
            found["texts"] = list(
                database.execute(
                    f"SELECT r.external_id, t.stamp, {', '.join(f't.{column}' for column in columns)} "
                    f"FROM {texts} t LEFT JOIN records r ON r.id = t.record_id ORDER BY 1"
                )
            )
        return found

    def raw_responses(self) -> list[tuple[Any, ...]]:
        """The responses, to the last byte."""
        with closing(sqlite3.connect(self.database)) as database:
            return list(database.execute("SELECT * FROM responses ORDER BY id"))

    def _query(self, table: str) -> str:
        mine = f"'{self.dataset.id.replace('-', '')}'"
        if table == "records":
            return (
                "SELECT external_id, fields, metadata, status, updated_at > inserted_at, length(inserted_at) "
                f"FROM records WHERE dataset_id = {mine} ORDER BY inserted_at, rowid"
            )
        return (
            f"SELECT r.external_id, {PARTS[table]}, p.updated_at > p.inserted_at, length(p.updated_at) "
            f"FROM {table} p JOIN records r ON r.id = p.record_id WHERE r.dataset_id = {mine} ORDER BY 1, 2"
        )

    def _with_ids(self, each: dict[str, Any]) -> dict[str, Any]:
        each = dict(each)
        if each.get("id") == "other":
            each["id"] = self.other.records["0"]
        elif "id" in each:
            with closing(sqlite3.connect(self.database)) as database:
                query = "SELECT id FROM records WHERE dataset_id = ? AND external_id = ?"
                (each["id"],) = database.execute(query, (self.dataset.id.replace("-", ""), each["id"])).fetchone()
        if "responses" in each:
            each["responses"] = [{**response, "user_id": self.user} for response in each["responses"]]
        if "suggestions" in each:
            questions = {**self.dataset.questions, "other": self.other.questions["nota"]}
            each["suggestions"] = [
                {**given, "question_id": questions.get(given["question_id"], given["question_id"])}
                for given in each["suggestions"]
            ]
        return each

    def _without_ids(self, text: str) -> str:
        for name, each in {"DATASET": self.dataset.id, **self.dataset.questions}.items():
            text = text.replace(each, name)
        return text


PARTS = {
    "suggestions": "(SELECT name FROM questions WHERE id = p.question_id), p.value, p.score, p.agent, p.type",
    "vectors": "(SELECT name FROM vectors_settings WHERE id = p.vector_settings_id), p.value",
    "responses": 'p."values", p.status, p.user_id',
}


def both(api: Api, server_home: Path, **form: Any) -> tuple[Side, Side]:
    """Two equal datasets, one loaded by Argilla's endpoint and one by ours."""
    database, user = ServerHome(server_home).database, api.get("/me")["id"]
    other = api.dataset()
    other.load_texts("de otro")
    argilla, ours = (Side(api.dataset(**{**FORM, **form}), path, database, user, other) for path in ("", "/h4rmony"))
    return argilla, ours


@pytest.fixture(scope="module")
def sides(api: Api, server_home: Path) -> Iterator[tuple[Side, Side]]:
    """Two datasets after the ordinary steps; somebody has answered two of the records in between."""
    sides = both(api, server_home)
    for name, items in ORDINARY.items():
        argilla, ours = sides
        before = argilla.raw_responses()
        argilla.send(items)
        assert ours.send(items) is False, f"{name}: handed on"
        assert ours.answers[-1] == argilla.answers[-1], name
        assert ours.rows() == argilla.rows(), name
        assert argilla.raw_responses() == before
        if name == "new":
            for side in sides:
                found = side.dataset.search_raw()["items"]
                side.dataset.records = {each["record"]["external_id"]: each["record"]["id"] for each in found}
                side.dataset.answer(api, "uno", nota="mía")
                side.dataset.answer(api, "dos", "draft", clase="a")
    yield sides


def test_the_rows_are_those_that_argilla_writes(sides: tuple[Side, Side]) -> None:
    argilla, ours = sides
    assert [status for status, _ in ours.answers[: len(ORDINARY)]] == [200] * len(ORDINARY)
    rows = ours.rows()
    assert {name: len(each) for name, each in rows.items()}["records"] == 69
    assert {row[3] for row in rows["records"]} == {"pending", "completed"}
    assert len(rows["suggestions"]) == 6
    assert len(rows["vectors"]) == 2
    assert len(rows["responses"]) == 2
    assert ours.dataset.search("siete") == argilla.dataset.search("siete") == ["siete"]


@pytest.mark.parametrize("name", HANDED_ON)
def test_what_only_argilla_writes_is_handed_on(sides: tuple[Side, Side], name: str) -> None:
    argilla, ours = sides
    argilla.send(HANDED_ON[name])
    handed_on = ours.send(HANDED_ON[name])
    assert handed_on in (True, None)
    assert ours.answers[-1] == argilla.answers[-1]
    assert ours.rows() == argilla.rows()


@pytest.mark.parametrize("name", BAD)
def test_what_argilla_refuses_is_refused_in_its_words(sides: tuple[Side, Side], name: str) -> None:
    argilla, ours = sides
    before = ours.rows()
    argilla.send(BAD[name])
    ours.send(BAD[name])
    assert ours.answers[-1] == argilla.answers[-1]
    assert ours.answers[-1][0] == 422
    assert ours.rows() == argilla.rows() == before


def test_metadata_that_a_dataset_does_not_allow_are_refused(api: Api, server_home: Path) -> None:
    sides = both(api, server_home)
    for side in sides:
        api.patch(f"/datasets/{side.dataset.id}", {"allow_extra_metadata": False})
        side.send([item("uno"), item("dos", metadata={"libre": 1})])
        side.send([item("uno")])
    argilla, ours = sides
    assert ours.answers == argilla.answers
    assert [status for status, _ in ours.answers] == [422, 200]
    assert ours.rows() == argilla.rows()


def test_fields_that_load_never_makes_are_handed_on(api: Api, server_home: Path) -> None:
    fields = {"texto": {"type": "text"}, "foto": {"type": "image"}, "charla": {"type": "chat", "use_markdown": False}}
    sides = both(api, server_home, fields=fields)
    chat = [{"role": "user", "content": "hola"}]
    for side in sides:
        sent = item("uno", fields={"texto": "x", "foto": "http://localhost/a.png", "charla": chat})
        assert side.send([sent]) is (True if side.path else None)
    argilla, ours = sides
    assert ours.rows()["records"] == argilla.rows()["records"]


def test_who_may_not_write_is_refused(api: Api, server_home: Path) -> None:
    sides = both(api, server_home)
    workspace = sides[0].dataset.workspace
    callers = [api.user()[0], api.user(workspace=workspace)[0], api.user("admin")[0], Api(api.url, "no", api.client)]
    for side in sides:
        path = f"{side.path}/datasets/{side.dataset.id}/records/bulk"
        for caller, status in zip(callers, (403, 403, 403, 401), strict=True):
            caller.put(path, {"items": [item("uno")]}, expect=status)
        api.put(f"{side.path}/datasets/{NOBODY}/records/bulk", {"items": [item("uno")]}, expect=404)
        api.user("admin", workspace=side.dataset.workspace)[0].put(path, {"items": [item("uno")]}, expect=200)
        assert len(side.rows()["records"]) == 1


def test_what_a_webhook_is_to_hear_of_is_handed_on(api: Api, server_home: Path) -> None:
    _, ours = both(api, server_home)
    body = {"url": "http://127.0.0.1:9/", "events": ["record.created"], "description": "nobody listens"}
    hook = api.post("/webhooks", body)["id"]
    try:
        assert ours.send([item("uno")]) is True
    finally:
        api.delete(f"/webhooks/{hook}")
    assert ours.send([item("dos")]) is False
