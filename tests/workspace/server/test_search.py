"""Searching over HTTP on the real server: text, filters, sorts, order, similarity, progress, metrics."""

from __future__ import annotations

import html
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.workspace.server.conftest import Api, Dataset

NOTE = 'nota "2"; --'  # names may hold anything
YEAR = "año\"'$.x"
OPTIONS = [{"value": value, "text": value} for value in ("a", "b", "c")]
LABELS = {"type": "label_selection", "options": OPTIONS}


def custom(text: str) -> str:
    return html.escape(text)


RECORDS: dict[str, dict[str, Any]] = {
    "río": {
        "fields": {
            "prompt": {"en": custom("The river's <b>end</b>"), "es": custom("El río\ncaudaloso & frío")},
            "answers": {
                "a": {"en": "first stone", "es": "primera piedra"},
                "b": {"en": "second bridge", "es": "segundo puente"},
            },
            NOTE: "shared word",
            "chat": [{"role": "user", "content": "hola amigo"}, {"role": "assistant", "content": "adiós"}],
        },
        "metadata": {"issues": ["PWM", "Water"], YEAR: 2001, "adequacy": 0.30000000000000004},
        "suggestions": {
            "tema": ("a", 0.9, "nmt"),
            "calidad": (5, None, None),
            "problemas": (["a", "b"], [0.1, 0.7], None),
        },
        "vectors": {"prompt": [1.0, 0.0, 0.0]},
    },
    "mar": {
        "fields": {"prompt": {"en": "The sea", "es": "El mar"}, NOTE: "shared sea sea sea"},
        "metadata": {"issues": ["Water"], YEAR: 1999, "adequacy": 0.9},
        "suggestions": {"tema": ("b", 0.2, "human hand"), "calidad": (2, 0.5, None)},
        "vectors": {"prompt": [0.8, 0.6, 0.0]},
    },
    "árbol": {
        "fields": {"prompt": {"en": "A tree", "es": "Un árbol river"}, "answers": {"a": {"es": "raíz"}}},
        "metadata": {"issues": ["PWM"], YEAR: 2001},
        "suggestions": {"tema": ("a", None, None)},
        "vectors": {"prompt": [-1.0, 0.0, 0.0]},
    },
    "vacío": {"fields": {"prompt": {"en": "Nothing to see", "es": "Nada"}, "picture": "http://x/river.png"}},
}


def as_item(dataset: Dataset, name: str, record: dict[str, Any]) -> dict[str, Any]:
    suggestions = [
        {"question_id": dataset.questions[question], "value": value, "score": score, "agent": agent}
        for question, (value, score, agent) in record.get("suggestions", {}).items()
    ]
    return {**record, "external_id": name, "suggestions": suggestions}


@pytest.fixture(scope="module")
def park(api: Api) -> Dataset:
    dataset = api.dataset(
        min_submitted=2,
        fields={
            "prompt": {"type": "custom", "template": "x", "advanced_mode": False},
            "answers": {"type": "custom", "template": "x", "advanced_mode": False},
            NOTE: {"type": "text"},
            "chat": {"type": "chat"},
            "picture": {"type": "image"},
        },
        questions={
            "calidad": {"type": "rating", "options": [{"value": number} for number in range(1, 6)]},
            "tema": LABELS,
            "problemas": {"type": "multi_label_selection", "options": OPTIONS},
            "orden": {"type": "ranking", "options": OPTIONS},
            "libre": {"type": "text"},
        },
        metadata={
            "issues": {"type": "terms", "values": ["PWM", "Water", "Air"]},
            YEAR: {"type": "integer"},
            "adequacy": {"type": "float"},
        },
        vectors={"prompt": 3},
    )
    dataset.load(*(as_item(dataset, name, record) for name, record in RECORDS.items()))
    return dataset


@pytest.fixture(scope="module")
def ana(api: Api, park: Dataset) -> Api:
    """A reviewer who has submitted one record, saved a draft of another, and discarded a third."""
    client, _ = api.user(workspace=park.workspace)
    park.answer(client, "río", calidad=5, tema="a", problemas=["a", "c"], libre="good")
    park.answer(client, "mar", "draft", calidad=2)
    park.answer(client, "árbol", "discarded")
    return client


@pytest.fixture(scope="module")
def ben(api: Api, park: Dataset, ana: Api) -> Api:
    """A reviewer who has submitted two records."""
    client, _ = api.user(workspace=park.workspace)
    park.answer(client, "río", calidad=1, tema="b")
    park.answer(client, "mar", calidad=3, tema="b")
    return client


# -- text -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("river", {"río", "árbol"}),
        ("RIVER", {"río", "árbol"}),
        ("rio", {"río"}),
        ("río", {"río"}),
        ("ARBOL", {"árbol"}),
        ("caudaloso", {"río"}),  # right after a line break
        ("frio", {"río"}),
        ("en", set()),  # the keys of custom fields are not text
        ("amp", set()),  # nor is the escaping
        ("end", {"río"}),
        ("primera piedra", {"río"}),
        ("primera puente", {"río"}),
        ("river sea", set()),
        ("river | sea", {"río", "árbol", "mar"}),
        ("river -stone", {"árbol"}),
        ("-river", {"mar", "vacío"}),
        ("river | -shared", {"río", "árbol", "vacío"}),
        ("-(river | sea)", {"vacío"}),
        ('"primera piedra"', {"río"}),
        ('"piedra primera"', set()),
        ('"stone primera"', set()),  # two texts
        ('"The end"~3', {"río"}),
        ("cauda*", {"río"}),
        ("cauda", set()),
        ("*", {"río", "mar", "árbol", "vacío"}),
        ("", set()),
        ("!!!", set()),
        ("hola", {"río"}),
        ("assistant", {"río"}),
        ("png", set()),
        ("river's", {"río"}),
    ],
)
def test_text(park: Dataset, query: str, found: set[str]) -> None:
    assert set(park.search(query)) == found


@pytest.mark.parametrize(
    ("field", "query", "found"),
    [
        ("prompt", "river", {"río", "árbol"}),
        ("prompt", "shared", set()),
        (NOTE, "shared", {"río", "mar"}),
        (NOTE, "shared -sea", {"río"}),
        (NOTE, "river", set()),
        ("answers", "puente", {"río"}),
        ("chat", "amigo", {"río"}),
        ("chat", "river", set()),
        ("picture", "river", set()),
        ("picture", "*", {"río", "mar", "árbol", "vacío"}),
    ],
)
def test_text_of_one_field(park: Dataset, field: str, query: str, found: set[str]) -> None:
    assert set(park.search(query, field=field)) == found


def test_text_of_an_unknown_field_is_refused(park: Dataset) -> None:
    park.search_raw({"query": {"text": {"q": "x", "field": "nope"}}}, expect=422)


@pytest.mark.parametrize(
    "query",
    ['"', '""', "(", ")", "()", "-", "--", "+", "|", "\\", "a\\", "~", "a~", '"a"~', "*", "a*b*", "NEAR(a b)", "^a",
     "prompt:a", "{a} : b", "a AND", "NOT", "a' OR 1=1 --", "\0", "a\0b", "%", ":v1", "\ue000", "🌊", "((((((((",
     "a OR OR", "a|" * 160, "-a|" * 1020 + "b", "-a " * 1020, "-(a|-b) " * 500],
)  # fmt: skip
def test_no_query_breaks_the_search(park: Dataset, ana: Api, query: str) -> None:
    park.search(query)
    park.search(query, mine=True, api=ana, field="prompt")


@pytest.mark.parametrize("offset", [2**63 - 1, 2**63, 10**30])
def test_no_page_is_too_far(park: Dataset, ana: Api, offset: int) -> None:
    assert park.search_raw(offset=offset)["items"] == []
    assert park.search_raw(offset=offset, mine=True, api=ana)["items"] == []


@pytest.mark.parametrize("query", ["(" * 40 + "a" + ")" * 40, "a " * 1100])
def test_a_query_beyond_the_limits_is_refused(park: Dataset, query: str) -> None:
    assert "Cannot search" in str(park.search_raw({"query": {"text": {"q": query}}}, expect=422))


def test_the_best_match_comes_first(park: Dataset, ana: Api) -> None:
    assert park.search("shared | sea")[0] == "mar"
    assert park.search("shared | sea", mine=True, api=ana)[0] == "mar"
    scores = [item["query_score"] for item in park.search_raw({"query": {"text": {"q": "shared | sea"}}})["items"]]
    assert scores == sorted(scores, reverse=True) and scores[-1] > 0


# -- filters ------------------------------------------------------------------------------------------------------


def terms(scope: dict[str, Any], *values: str) -> dict[str, Any]:
    return {"type": "terms", "scope": scope, "values": list(values)}


def between(scope: dict[str, Any], ge: Any = None, le: Any = None) -> dict[str, Any]:
    bounds = {name: bound for name, bound in (("ge", ge), ("le", le)) if bound is not None}
    return {"type": "range", "scope": scope, **bounds}


def metadata(name: str) -> dict[str, Any]:
    return {"entity": "metadata", "metadata_property": name}


def record(name: str) -> dict[str, Any]:
    return {"entity": "record", "property": name}


def suggestion(question: str, name: str = "value") -> dict[str, Any]:
    return {"entity": "suggestion", "question": question, "property": name}


def response(question: str) -> dict[str, Any]:
    return {"entity": "response", "question": question}


STATUS = {"entity": "response", "property": "status"}


@pytest.mark.parametrize(
    ("condition", "found"),
    [
        (terms(metadata("issues"), "PWM"), {"río", "árbol"}),
        (terms(metadata("issues"), "Water"), {"río", "mar"}),
        (terms(metadata("issues"), "Air", "Water"), {"río", "mar"}),
        (terms(metadata("issues"), "Air"), set()),
        (terms(metadata(YEAR), "2001"), {"río", "árbol"}),
        (terms(metadata(YEAR), "1999", "x"), {"mar"}),
        (terms(metadata(YEAR), "9" * 30), set()),
        (between(metadata(YEAR), ge=2000), {"río", "árbol"}),
        (between(metadata(YEAR), le=2000), {"mar"}),
        (between(metadata(YEAR), ge=1999, le=2001), {"río", "mar", "árbol"}),
        (between(metadata(YEAR), ge="2000"), {"río", "árbol"}),
        (between(metadata(YEAR), ge="two"), set()),
        (between(metadata("adequacy"), ge=0.5), {"mar"}),
        (between(metadata("adequacy"), ge=0.30000000000000004, le=0.30000000000000004), {"río"}),
        (terms(metadata("adequacy"), "0.9"), {"mar"}),
        (terms(record("external_id"), "mar", "río", "nope"), {"mar", "río"}),
        (between(record("external_id"), ge="n"), {"río", "vacío", "árbol"}),
        (terms(record("status"), "pending"), {"río", "mar", "árbol", "vacío"}),
        (terms(record("status"), "nonsense"), set()),
        (terms(record("id"), "not-a-uuid", str(uuid4())), set()),
        (terms(suggestion("tema"), "a"), {"río", "árbol"}),
        (terms(suggestion("tema"), "a", "b"), {"río", "mar", "árbol"}),
        (terms(suggestion("problemas"), "b"), {"río"}),
        (terms(suggestion("problemas"), "c"), set()),
        (terms(suggestion("calidad"), "5"), {"río"}),
        (between(suggestion("calidad"), ge=2, le=4), {"mar"}),
        (between(suggestion("tema", "score"), ge=0.5), {"río"}),
        (between(suggestion("tema", "score"), le=0.5), {"mar"}),
        (between(suggestion("problemas", "score"), ge=0.5), {"río"}),
        (terms(suggestion("tema", "agent"), "nmt"), {"río"}),
        (terms(suggestion("tema", "agent"), "human hand"), {"mar"}),
        (terms(suggestion("tema", "type"), "model"), set()),
        (terms({**suggestion("tema"), "property": None}, "a"), set()),
    ],
)  # fmt: skip
def test_filter(park: Dataset, condition: dict[str, Any], found: set[str]) -> None:
    assert set(park.search(filters=[condition])) == found


def test_filter_by_id(park: Dataset) -> None:
    ids = [park.records["mar"], park.records["vacío"]]
    assert set(park.search(filters=[terms(record("id"), *ids)])) == {"mar", "vacío"}


def test_filters_are_joined_by_and(park: Dataset) -> None:
    conditions = [terms(metadata("issues"), "PWM"), terms(suggestion("tema", "agent"), "nmt")]
    assert park.search(filters=conditions) == ["río"]
    assert park.search("river", filters=[terms(metadata("issues"), "Water")]) == ["río"]


@pytest.mark.parametrize(
    "condition",
    [terms(metadata("nope"), "x"), terms(suggestion("nope"), "x"), terms(response("nope"), "x"),
     between(STATUS, ge=1), terms({"entity": "response"}, "x"), between(record("inserted_at"), ge="soon")],
)  # fmt: skip
def test_a_filter_that_makes_no_sense_is_refused(park: Dataset, condition: dict[str, Any]) -> None:
    park.search_raw({"filters": {"and": [condition]}}, expect=422)


@pytest.mark.parametrize("scope", ["inserted_at", "updated_at"])
def test_filter_by_date(park: Dataset, scope: str) -> None:
    now = datetime.now(UTC)
    today, hour = f"{now:%Y-%m-%d}", timedelta(hours=1)
    everything = {"río", "mar", "árbol", "vacío"}
    assert set(park.search(filters=[between(record(scope), ge=(now - hour).isoformat())])) == everything
    assert set(park.search(filters=[between(record(scope), le=(now - hour).isoformat())])) == set()
    assert set(park.search(filters=[between(record(scope), ge=(now + hour).strftime("%Y-%m-%dT%H:%M:%SZ"))])) == set()
    assert set(park.search(filters=[between(record(scope), ge=(now - hour).timestamp() * 1000)])) == everything
    assert set(park.search(filters=[between(record(scope), le=f"{now + 24 * hour:%Y-%m-%d}")])) == everything
    assert set(park.search(filters=[terms(record(scope), today, f"{now - 24 * hour:%Y-%m-%d}")])) == everything
    assert set(park.search(filters=[between(record(scope), le="2020")])) == set()


@pytest.mark.parametrize(
    ("who", "condition", "found"),
    [
        ("ana", terms(STATUS, "pending"), {"vacío"}),
        ("ana", terms(STATUS, "submitted"), {"río"}),
        ("ana", terms(STATUS, "draft"), {"mar"}),
        ("ana", terms(STATUS, "discarded"), {"árbol"}),
        ("ana", terms(STATUS, "pending", "draft"), {"vacío", "mar"}),
        ("ana", terms(STATUS, "submitted", "discarded"), {"río", "árbol"}),
        ("ben", terms(STATUS, "pending"), {"árbol", "vacío"}),
        ("ben", terms(STATUS, "submitted"), {"río", "mar"}),
        ("ben", terms(STATUS, "draft"), set()),
        (None, terms(STATUS, "pending"), {"vacío"}),
        (None, terms(STATUS, "submitted"), {"río", "mar"}),
        (None, terms(STATUS, "draft"), {"mar"}),
        (None, terms(STATUS, "pending", "discarded"), {"árbol", "vacío"}),
        ("ana", terms(response("tema"), "a"), {"río"}),
        ("ana", terms(response("tema"), "b"), set()),
        ("ben", terms(response("tema"), "b"), {"río", "mar"}),
        (None, terms(response("tema"), "a", "b"), {"río", "mar"}),
        ("ana", terms(response("problemas"), "c"), {"río"}),
        (None, terms(response("calidad"), "3"), {"mar"}),
        ("ana", between(response("calidad"), ge=2), {"río", "mar"}),
        ("ben", between(response("calidad"), ge=2, le=4), {"mar"}),
        (None, terms(response("libre"), "good"), set()),
    ],
)
def test_filter_by_response(
    park: Dataset, ana: Api, ben: Api, who: str | None, condition: dict[str, Any], found: set[str]
) -> None:
    user = {"ana": ana, "ben": ben, None: None}[who]
    assert set(park.search(filters=[condition], api=user, mine=bool(who))) == found


# -- order --------------------------------------------------------------------------------------------------------


def by(scope: dict[str, Any], order: str = "asc") -> dict[str, Any]:
    return {"scope": scope, "order": order}


@pytest.mark.parametrize(
    ("sort", "found"),
    [
        ([by(record("external_id"))], ["mar", "río", "vacío", "árbol"]),
        ([by(record("external_id"), "desc")], ["árbol", "vacío", "río", "mar"]),
        ([by(record("inserted_at"))], list(RECORDS)),
        ([by(record("inserted_at"), "desc")], list(RECORDS)[::-1]),
        ([by(metadata("adequacy"))], ["río", "mar", "árbol", "vacío"]),  # missing ones last
        ([by(metadata("adequacy"), "desc")], ["mar", "río", "árbol", "vacío"]),
        ([by(metadata(YEAR)), by(record("external_id"), "desc")], ["mar", "árbol", "río", "vacío"]),
        ([by(metadata("issues")), by(record("external_id"))], ["río", "árbol", "mar", "vacío"]),
        ([by(metadata("issues"), "desc"), by(record("external_id"))], ["mar", "río", "árbol", "vacío"]),
        ([by(suggestion("tema", "score"))], ["mar", "río", "árbol", "vacío"]),
        ([by(suggestion("tema", "score"), "desc")], ["río", "mar", "árbol", "vacío"]),
        ([by(suggestion("tema")), by(record("external_id"))], ["río", "árbol", "mar", "vacío"]),
        ([by(suggestion("tema", "agent"), "desc")], ["río", "mar", "árbol", "vacío"]),
        ([by(suggestion("calidad"), "desc")], ["río", "mar", "árbol", "vacío"]),
        ([by(response("calidad"))], ["mar", "río", "árbol", "vacío"]),
        ([by(response("calidad"), "desc")], ["río", "mar", "árbol", "vacío"]),
    ],
)
def test_sort(park: Dataset, ben: Api, sort: list[dict[str, Any]], found: list[str]) -> None:
    assert park.search(sort=sort) == found


def test_sort_by_the_users_own_answer(park: Dataset, ana: Api, ben: Api) -> None:
    assert park.search(sort=[by(response("calidad"))], mine=True, api=ana)[:2] == ["mar", "río"]
    assert park.search(sort=[by(response("calidad"))], mine=True, api=ben)[:2] == ["río", "mar"]
    assert park.search(sort=[by(STATUS)], mine=True, api=ana) == ["árbol", "mar", "río", "vacío"]


def test_sort_comes_before_the_match_and_has_no_score(park: Dataset) -> None:
    body = {"query": {"text": {"q": "shared | sea"}}, "sort": [by(record("external_id"), "desc")]}
    items = park.search_raw(body)["items"]
    assert [item["record"]["external_id"] for item in items] == ["río", "mar"]
    assert {item["query_score"] for item in items} == {None}


def test_without_a_user_records_come_as_they_were_added(park: Dataset) -> None:
    assert park.search() == list(RECORDS)


def test_each_user_has_an_order_of_their_own(api: Api) -> None:
    dataset = api.dataset()
    dataset.load_texts(*(f"text {number}" for number in range(30)))
    users = [api.user(workspace=dataset.workspace)[0] for _ in range(3)]
    orders = [dataset.search(mine=True, api=user) for user in users]
    assert len({tuple(order) for order in [*orders, dataset.search()]}) == 4
    assert orders == [dataset.search(mine=True, api=user) for user in users]
    dataset.answer(users[0], orders[0][3], nota="x")
    assert dataset.search(mine=True, api=users[0]) == orders[0]  # an answer moves nothing


def test_pages(api: Api) -> None:
    dataset = api.dataset()
    dataset.load_texts(*(f"text {number}" for number in range(25)))
    user, _ = api.user(workspace=dataset.workspace)
    seen = []
    for offset in (0, 10, 20, 30):
        page = dataset.search_raw(api=user, mine=True, offset=offset, limit=10)
        assert page["total"] == 25
        seen += [item["record"]["external_id"] for item in page["items"]]
    assert sorted(seen, key=int) == [str(number) for number in range(25)]


# -- similarity -----------------------------------------------------------------------------------------------------


EAST = [1.0, 0.0, 0.0]


def similar(park: Dataset, text: str | None = None, **vector: Any) -> list[tuple[str, float]]:
    filters = vector.pop("filters", None)
    body: dict[str, Any] = {"filters": {"and": filters}} if filters else {}
    body["query"] = {"vector": {"name": "prompt", **vector}, **({"text": {"q": text}} if text else {})}
    items = park.search_raw(body)["items"]
    return [(item["record"]["external_id"], round(item["query_score"], 3)) for item in items]


@pytest.mark.parametrize(
    ("vector", "found"),
    [
        ({"value": [2.0, 0.0, 0.0]}, [("río", 1.0), ("mar", 0.9), ("árbol", 0.0)]),
        ({"value": EAST, "order": "least_similar"}, [("árbol", 1.0), ("mar", 0.1), ("río", 0.0)]),
        ({"value": EAST, "filters": [terms(metadata("issues"), "PWM")]}, [("río", 1.0), ("árbol", 0.0)]),
        ({"value": EAST, "text": "sea"}, [("mar", 0.9)]),
    ],
)
def test_similar_to_a_vector(park: Dataset, vector: dict[str, Any], found: list[tuple[str, float]]) -> None:
    assert similar(park, **vector) == found


def test_similar_to_a_record_leaves_it_out(park: Dataset) -> None:
    assert similar(park, record_id=park.records["río"]) == [("mar", 0.9), ("árbol", 0.0)]


def test_similar_to_a_record_without_a_vector_is_refused(park: Dataset) -> None:
    vector = {"name": "prompt", "record_id": park.records["vacío"]}
    park.search_raw({"query": {"vector": vector}}, expect=422)


def test_a_vector_of_another_length_is_refused(park: Dataset) -> None:
    answer = park.search_raw({"query": {"vector": {"name": "prompt", "value": [1.0]}}}, expect=422)
    assert "dimensions" in str(answer)


def test_no_more_than_the_limit(park: Dataset) -> None:
    found = park.search_raw({"query": {"vector": {"name": "prompt", "value": [1.0, 0.0, 0.0]}}}, limit=2)
    assert [item["record"]["external_id"] for item in found["items"]] == ["río", "mar"]
    assert found["total"] == 2


def test_a_changed_vector_is_seen_at_once(api: Api) -> None:
    dataset = api.dataset(vectors={"prompt": 2})
    for name, vector in {"1": [1.0, 0.0], "2": [0.0, 1.0]}.items():
        dataset.load({"fields": {"texto": name}, "external_id": name, "vectors": {"prompt": vector}})
    assert [name for name, _ in similar(dataset, value=[1.0, 0.0])] == ["1", "2"]
    api.patch(f"/records/{dataset.records['2']}", {"vectors": {"prompt": [1.0, 0.0]}})
    assert similar(dataset, value=[1.0, 0.0]) == [("1", 1.0), ("2", 1.0)]
    api.delete(f"/records/{dataset.records['1']}")
    assert [name for name, _ in similar(dataset, value=[1.0, 0.0])] == ["2"]


# -- progress and metrics -------------------------------------------------------------------------------------------


def test_progress(park: Dataset, ben: Api) -> None:
    progress = park.api.get(f"/datasets/{park.id}/progress")
    assert (progress["total"], progress["completed"], progress["pending"]) == (4, 1, 3)


def test_user_progress(park: Dataset, ana: Api, ben: Api) -> None:
    responses = ana.get(f"/me/datasets/{park.id}/metrics")["responses"]
    assert responses == {"total": 4, "submitted": 1, "discarded": 1, "draft": 1, "pending": 1}
    responses = ben.get(f"/me/datasets/{park.id}/metrics")["responses"]
    assert responses == {"total": 4, "submitted": 2, "discarded": 0, "draft": 0, "pending": 2}


@pytest.mark.parametrize(
    ("name", "metrics"),
    [
        (
            "issues",
            {"type": "terms", "total": 4, "values": [{"term": "PWM", "count": 2}, {"term": "Water", "count": 2}]},
        ),
        (YEAR, {"type": "integer", "min": 1999, "max": 2001}),
        ("adequacy", {"type": "float", "min": pytest.approx(0.3), "max": 0.9}),
    ],
)
def test_metadata_metrics(park: Dataset, name: str, metrics: dict[str, Any]) -> None:
    assert park.api.get(f"/metadata-properties/{park.metadata[name]}/metrics") == metrics


def test_metrics_of_nothing(api: Api) -> None:
    dataset = api.dataset(metadata={"t": {"type": "terms"}, "i": {"type": "integer"}, "f": {"type": "float"}})
    metrics = {name: api.get(f"/metadata-properties/{key}/metrics") for name, key in dataset.metadata.items()}
    assert metrics["t"] == {"type": "terms", "total": 0, "values": []}
    assert metrics["i"]["min"] is metrics["f"]["max"] is None


# -- the index follows the records --------------------------------------------------------------------------------


def test_the_index_follows_changes_and_deletions(api: Api) -> None:
    dataset = api.dataset()
    first, second, third = dataset.load_texts("uno", "dos", "tres")
    assert dataset.search("dos") == ["1"]
    api.patch(f"/records/{second}", {"fields": {"texto": "cuatro"}})
    assert dataset.search("dos") == []
    assert dataset.search("cuatro") == ["1"]
    api.delete(f"/records/{first}")
    api.delete(f"/datasets/{dataset.id}/records", ids=third)
    assert dataset.search("*") == ["1"]
    assert dataset.search("uno | tres") == []
    api.put(f"/datasets/{dataset.id}/records/bulk", {"items": [{"fields": {"texto": "cinco"}, "external_id": "9"}]})
    assert dataset.search("cinco") == ["9"]


def test_strange_texts_are_indexed(api: Api) -> None:
    dataset = api.dataset()
    dataset.load_texts("nul\0here", "emoji 🌊 ola", "", "a" * 100_000 + " fin")
    assert dataset.search("here") == ["0"]
    assert dataset.search("ola") == ["1"]
    assert dataset.search("fin") == ["3"]


def test_a_deleted_dataset_takes_its_index_along(api: Api) -> None:
    dataset = api.dataset()
    dataset.load_texts("uno")
    api.delete(f"/datasets/{dataset.id}")
    dataset.search_raw(expect=404)
