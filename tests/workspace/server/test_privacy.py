"""What an annotator can learn of the other reviewers and of hidden metadata: a walk over every route."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from tests.cli import json_lines
from tests.workspace.server.conftest import Api, Dataset
from workspace.server.home import ServerHome

SECRET = "secreto"  # in what others answered, and in every hidden value
LABELS = {"type": "label_selection", "options": [{"value": v, "text": v} for v in ("si", "no")]}
OPEN_TO_ANNOTATORS = {
    "GET /status": 200,
    "GET /version": 200,
    "GET /settings": 200,
    "GET /oauth2/providers": 200,
    "GET /me": 200,
    "GET /me/workspaces": 200,
    "GET /me/datasets": 200,
    "GET /workspaces/{workspace_id}": 200,
    "GET /datasets/{dataset_id}": 200,
    "GET /datasets/{dataset_id}/fields": 200,
    "GET /datasets/{dataset_id}/questions": 200,
    "GET /datasets/{dataset_id}/vectors-settings": 200,
    "GET /datasets/{dataset_id}/progress": 200,
    "GET /datasets/{dataset_id}/users/progress": 200,
    "GET /datasets/{dataset_id}/records/search/suggestions/options": 200,
    "GET /me/datasets/{dataset_id}/metadata-properties": 200,
    "GET /me/datasets/{dataset_id}/metrics": 200,
    "GET /records/{record_id}": 200,
    "GET /records/{record_id}/suggestions": 200,
    "POST /me/datasets/{dataset_id}/records/search": 200,
}


@dataclass
class Team:
    """A dataset with a record that Ana and Luis have answered."""

    dataset: Dataset
    ana: Api
    ids: dict[str, str]

    def search(self, **parts: Any) -> Any:
        return self.dataset.search_raw(parts, api=self.ana, mine=True, include=["responses", "suggestions"])


@pytest.fixture(scope="module")
def team(api: Api) -> Team:
    hidden = {"type": "terms"}
    dataset = api.dataset(
        questions={"nota": {"type": "text"}, "voto": LABELS}, metadata={"visto": hidden}, min_submitted=2
    )
    body = {"name": "oculto", "title": "oculto", "settings": hidden, "visible_for_annotators": False}
    property_id = api.post(f"/datasets/{dataset.id}/metadata-properties", body)["id"]
    metadata = {"visto": "claro", "oculto": SECRET, "sin declarar": SECRET}
    dataset.load({"fields": {"texto": "uno"}, "external_id": "1", "metadata": metadata})
    (ana, _), (luis, luis_id) = api.user(workspace=dataset.workspace), api.user(workspace=dataset.workspace)
    dataset.answer(ana, "1", nota="de ana", voto="si")
    dataset.answer(luis, "1", nota=SECRET, voto="no")
    record = dataset.records["1"]
    responses = api.get(f"/records/{record}")["responses"]
    ids = {
        "dataset_id": dataset.id,
        "workspace_id": dataset.workspace,
        "record_id": record,
        "user_id": luis_id,
        "question_id": dataset.questions["nota"],
        "metadata_property_id": property_id,
        "response_id": next(r["id"] for r in responses if r["user_id"] == luis_id),
    }
    return Team(dataset, ana, ids)


def test_every_route_but_the_known_ones_refuses_an_annotator_and_none_tells_a_secret(team: Team, api: Api) -> None:
    routes = api.client.get(f"{api.url}/api/v1/openapi.json").json()["paths"]
    answered = {}
    for path, methods in routes.items():
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        place = path.format(**{name: team.ids.get(name, str(uuid4())) for name in names})
        for method in methods:
            response = team.ana.client.request(
                method.upper(),
                f"{api.url}{place if place.startswith('/api') else '/api/v1' + place}",
                params={"include": "responses", "ids": team.ids["record_id"]},
                json=None if method == "get" else {},
                headers={"X-Argilla-Api-Key": team.ana.key},
            )
            assert SECRET not in response.text, (method, path, response.text)
            assert response.status_code < 500, (method, path, response.text)
            if response.status_code not in (401, 403, 404, 422):
                answered[f"{method.upper()} {path.removeprefix('/api/v1')}"] = response.status_code
    assert answered == OPEN_TO_ANNOTATORS
    assert len(routes) > 40


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_the_routes_of_our_own_are_for_who_may_see_all(team: Team, api: Api, method: str) -> None:
    path, ids = f"/h4rmony/datasets/{team.dataset.id}/records", {"ids": team.ids["record_id"]}
    for caller, status in ((team.ana, 403), (api.user()[0], 403), (Api(api.url, "no", api.client), 401)):
        assert SECRET not in str(caller.call(method, path, expect=status, **ids))
    assert SECRET in str(api.get(f"/records/{team.ids['record_id']}"))


def test_a_record_by_its_id_is_one_s_own_to_an_annotator_and_whole_to_the_owner(team: Team, api: Api) -> None:
    path = f"/records/{team.ids['record_id']}"
    mine, whole = team.ana.get(path), api.get(path)
    assert [response["values"]["nota"]["value"] for response in mine["responses"]] == ["de ana"]
    assert mine["metadata"] == {"visto": "claro"}
    assert len(whole["responses"]) == 2
    assert set(whole["metadata"]) == {"visto", "oculto", "sin declarar"}
    assert {**whole, "responses": 0, "metadata": 0} == {**mine, "responses": 0, "metadata": 0}


@pytest.mark.parametrize("name", ["oculto", "sin declarar", "no hay"])
def test_hidden_metadata_are_neither_found_nor_sorted_by(team: Team, name: str) -> None:
    scope = {"entity": "metadata", "metadata_property": name}
    asked = {"filters": {"type": "and", "and": [{"type": "terms", "scope": scope, "values": [SECRET]}]}}
    for body in (asked, {"sort": [{"scope": scope, "order": "asc"}]}):
        path = f"/me/datasets/{team.dataset.id}/records/search"
        said = team.ana.post(path, body, expect=422)["detail"]
        assert said == f"MetadataProperty not found filtering by name={name}, dataset_id={team.dataset.id}"


def test_what_is_shown_is_found(team: Team) -> None:
    scope = {"entity": "metadata", "metadata_property": "visto"}
    where = {"type": "and", "and": [{"type": "terms", "scope": scope, "values": ["claro"]}]}
    found = team.search(filters=where, sort=[{"scope": scope, "order": "asc"}])
    assert found["total"] == 1
    assert SECRET not in json.dumps(found)


@pytest.mark.parametrize(("value", "total"), [("si", 1), ("no", 0)])
def test_only_one_s_own_answers_are_searched(team: Team, value: str, total: int) -> None:
    scope = {"entity": "response", "question": "voto"}
    assert (
        team.search(filters={"type": "and", "and": [{"type": "terms", "scope": scope, "values": [value]}]})["total"]
        == total
    )


def test_who_deletes_something_is_noted(team: Team, api: Api, server_home: Path) -> None:
    file = ServerHome(server_home).deletions
    (gone,) = team.dataset.load({"fields": {"texto": "dos"}, "external_id": "2"})
    before = len(json_lines(file)) if file.exists() else 0
    team.ana.delete(f"/records/{gone}", expect=403)
    api.delete(f"/datasets/{team.dataset.id}/records", ids=gone)
    (noted,) = json_lines(file)[before:]
    assert noted == {
        "time": noted["time"],
        "user": "owner",
        "address": "127.0.0.1",
        "deleted": f"/api/v1/datasets/{team.dataset.id}/records?ids={gone}",
    }
    assert datetime.fromisoformat(noted["time"]).tzinfo
    assert file.stat().st_mode & 0o777 == 0o600
