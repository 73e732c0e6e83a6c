"""New settings in the middle of a review: answers stay, and whoever is signed in sees the new screen."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from exports.review.collect import review_in
from loaders import load
from loaders.loading.actions import Action
from tests.browser import FRAMES_READY, ReviewerPage, browser_page
from tests.reviews import connection_to, options, record
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.argilla.team import invitation_path, invite
from workspace.cli import main
from workspace.config import Credentials
from workspace.errors import DatasetMismatch
from workspace.model.records import content_hash
from workspace.model.slots import batch_of

pytestmark = pytest.mark.browser

EARLIER = "## Cómo revisar, en un minuto\n\nComo antes.\n"
CODES = {"issues": ["NRMB"], "type": "Question"}


def settings(connection: Connection, *arguments: str) -> Result:
    return CliRunner().invoke(main, ["settings", *arguments, *options(connection)])


def make_earlier(gateway: Gateway) -> None:
    """Give the dataset the screen, the filters and the metadata of an earlier version."""
    dataset = gateway.dataset()
    field, _ = gateway.parts(dataset, "fields")
    template = field["settings"] | {"template": field["settings"]["template"].replace("Enunciado", "Pregunta")}
    gateway.change(f"fields/{field['id']}", {"title": "Pregunta", "settings": template})
    title = next(part for part in gateway.parts(dataset, "questions") if part["name"] == "prompt_text")
    gateway.change(f"questions/{title['id']}", {"title": "Pregunta"})
    gateway.change(f"datasets/{dataset.id}", {"guidelines": EARLIER, "metadata": None})
    gateway.declare(dataset, {"adequacy"})
    records = list(gateway.records(dataset))
    gateway.upsert(
        dataset, [{"external_id": r.external_id, "metadata": {**r.metadata, **CODES}} for r in records if r.metadata]
    )


def test_new_settings_reach_a_reviewer_who_is_signed_in_and_touch_no_answer(
    server: Credentials, tmp_path: Path
) -> None:
    connection = connection_to(server, tmp_path / "home")
    records = [record(number) for number in (1, 2, 3)]
    load(records, connection, "none", embedding_model="none", blind_share=0.0, batches=9)
    name = f"ana-{connection.dataset}"
    invite(connection, [name], batch=int(batch_of(records[2].id, 9)))
    note = invitation_path(connection.home, name).read_text(encoding="utf-8")
    link, password = (note.split(f"{word}: ")[1].split()[0] for word in ("Dirección", "Contraseña"))
    with Gateway(connection) as gateway, browser_page() as page:
        make_earlier(gateway)
        me, dataset = ReviewerPage(page, server.api_url), gateway.dataset()
        page.goto(link)
        page.locator("input[type=text]").fill(name)
        page.locator("input[type=password]").fill(password)
        page.keyboard.press("Enter")
        page.wait_for_url(link)  # signing in leads on to the record
        me.page.wait_for_function(FRAMES_READY)
        assert me.texts(".en")[0] == records[2].prompt, "the link shows the batch alone"
        assert "Como antes." in guidelines_of(me)
        me.open(dataset.id)
        me.press("submit")
        me.open(dataset.id)
        me.press("draft")
        before = review_in(gateway, [dataset])
        assert sorted(ballot.status for ballot in before.ballots) == ["draft", "submitted"]

        dry = settings(connection, "--dry-run")
        assert (dry.exit_code, review_in(gateway, [dataset])) == (0, before)
        assert "title of prompt: Pregunta -> Enunciado\n" in dry.output
        assert "\n-Como antes.\n" in dry.output
        done = json.loads(settings(connection, "--json").output)
        form = ["guidelines", "title of prompt", "template of prompt", "title of prompt_text"]
        assert done == {"form": form, "records": 3, "guidelines": None}
        assert json.loads(settings(connection, "--json").output) == {"form": [], "records": 0, "guidelines": None}
        assert review_in(gateway, [dataset]) == before, "answers are untouched, and the records keep their codes"
        assert {part["name"] for part in gateway.parts(dataset, "metadata-properties")}.isdisjoint({"adequacy"})
        about = gateway.read(f"datasets/{dataset.id}")
        assert about["metadata"] == {"h4rmony_guidelines": content_hash(about["guidelines"])}
        gateway.change(f"datasets/{dataset.id}", {"metadata": {"h4rmony_guidelines": "own"}})
        assert json.loads(settings(connection, "--json").output)["guidelines"] == "kept, they are the team's own"
        again = load(records, connection, "none", embedding_model="none", blind_share=0.0)
        assert (again.actions, again.notes) == ({Action.UNCHANGED: 3}, ())

        me.open(dataset.id)
        assert "TemasRecursos naturales y biodiversidad" in me.texts(".notes p")
        assert me.question("prompt_text").inner_text().startswith("Enunciado")
        assert "20 registros" in guidelines_of(me)
        assert me.errors == []


def guidelines_of(me: ReviewerPage) -> str:
    """What the panel at the bottom says; it is closed again."""
    me.page.wait_for_function(FRAMES_READY)
    header = me.page.locator(".wrapper__left .panel__header").last
    panel = me.page.locator(".annotation-guidelines")
    while not panel.is_visible():  # a click before the page has drawn everything is lost
        header.click()
        me.page.wait_for_timeout(500)
    text = panel.inner_text()
    header.click()
    return str(text)


def test_guidelines_of_one_s_own_are_kept_until_others_are_given(server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path / "home")
    ours, theirs = tmp_path / "a.md", tmp_path / "b.md"
    ours.write_text("Las nuestras.", encoding="utf-8")
    theirs.write_text("x" * 10_001, encoding="utf-8")
    load([record(1)], connection, "none", embedding_model="none", guidelines=ours)
    with Gateway(connection) as gateway:
        place = f"datasets/{gateway.dataset().id}"
        assert gateway.read(place)["guidelines"] == "Las nuestras."
        assert "kept, they are the team's own" in settings(connection).output
        assert settings(connection, "--guidelines", str(theirs)).output == (
            f"Error: {theirs}: guidelines have from 1 to 10000 characters, this file has 10001\n"
        )
        theirs.write_text("Otras.", encoding="utf-8")
        noted = load([record(1)], connection, "none", embedding_model="none", guidelines=theirs).notes
        assert ["`h4rmony settings` replaces them" in note for note in noted] == [True]
        assert settings(connection, "--guidelines", str(theirs)).exit_code == 0
        assert gateway.read(place)["guidelines"] == "Otras."


def test_what_answers_depend_on_is_refused(
    server: Credentials, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    connection = connection_to(server, tmp_path / "home")
    load([record(1)], connection, "none", embedding_model="none")
    with pytest.raises(DatasetMismatch, match="shows 3 answers a record, not 4"):
        load([record(1)], connection, "none", embedding_model="none", answers=4)
    monkeypatch.setattr("workspace.argilla.settings.PROBLEM_TITLES", {"bad_translation": "Mala", "other": "Otro"})
    refused = settings(connection)
    assert (refused.exit_code, "answers depend on them" in refused.output) == (1, True)
