"""A record is complete if enough reviewers have submitted, whoever writes what and in whatever order."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from tests.workspace.server.conftest import Api, Dataset


def made(api: Api, texts: int, needed: int = 2) -> Dataset:
    dataset = api.dataset(min_submitted=needed)
    dataset.load_texts(*(f"texto {number}" for number in range(texts)))
    return dataset


def completed(dataset: Dataset) -> list[str]:
    scope = {"entity": "record", "property": "status"}
    return dataset.search(filters=[{"type": "terms", "scope": scope, "values": ["completed"]}])


def test_with_a_reviewer_who_is_deleted_his_answers_go(api: Api) -> None:
    dataset = made(api, 2)
    (ana, _), (beto, gone) = (api.user(workspace=dataset.workspace) for _ in range(2))
    for record in ("0", "1"):
        dataset.answer(ana, record, nota="x")
    dataset.answer(beto, "0", nota="x")
    assert completed(dataset) == ["0"]
    api.call("DELETE", f"/users/{gone}")
    assert completed(dataset) == []


def test_three_writers_at_once_complete_a_record(api: Api) -> None:
    records = [str(number) for number in range(15)]
    dataset = made(api, len(records), needed=3)
    writers = [api.user(workspace=dataset.workspace)[0] for _ in range(3)]
    with ThreadPoolExecutor(3) as pool:
        for record in records:
            list(pool.map(lambda writer: dataset.answer(writer, record, nota="x"), writers))  # noqa: B023
    assert sorted(completed(dataset), key=int) == records


def test_an_answer_that_is_taken_back_counts_no_more(api: Api) -> None:
    dataset = made(api, 1, needed=1)
    writer, _ = api.user(workspace=dataset.workspace)
    body = {"status": "submitted", "values": {"nota": {"value": "x"}}}
    response = writer.post(f"/records/{dataset.records['0']}/responses", body)
    assert completed(dataset) == ["0"]
    writer.call("PUT", f"/responses/{response['id']}", {"status": "discarded", "values": None})
    assert completed(dataset) == []
