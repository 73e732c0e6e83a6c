"""What reviewers do with adequacy and flags in Argilla's own web UI: the worst first, and only those with a flag."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from loaders.check.flags import flagged
from loaders.loading.send import Policy, load_records
from tests.browser import FRAMES_READY, ReviewerPage, browser_page
from tests.reviews import connection_to, record
from workspace.argilla.gateway import Gateway
from workspace.config import Credentials
from workspace.memory.glossary import load_glossary
from workspace.model.records import Record

pytestmark = [pytest.mark.browser, pytest.mark.extras]

DOUBTFUL = "Los rivers de los wetlands."
PASSWORD = "contraseña-larga"
ADEQUACY = {1: 0.91, 2: 0.35, 3: 0.72, 4: 0.88, 5: 0.97}


def scored(number: int) -> Record:
    """A record whose prompt has its adequacy; numbers 3 and 4 lack the ``¿``, and an answer of 5 is not Spanish."""
    prompt = f"{'' if number in (3, 4) else '¿'}Por qué importan los ríos? ({number})"
    made = record(number, spanish=(prompt, "Viven." if number < 5 else DOUBTFUL, "Depende.", "Son útiles."))
    assert made.translation
    scores = (ADEQUACY[number], 0.95, 0.96, 0.97)
    return flagged(replace(made, translation=replace(made.translation, adequacy=scores)), load_glossary())


@pytest.fixture
def desk(server: Credentials, tmp_path: Path) -> Iterator[tuple[ReviewerPage, str]]:
    connection = connection_to(server, tmp_path)
    username = f"revisora-{connection.dataset}"
    with Gateway(connection) as gateway, browser_page() as page:
        dataset = gateway.create_dataset(3, 2)
        load_records(gateway, {3: dataset}, [scored(n) for n in ADEQUACY], Policy(blind_share=0.0))
        gateway.add_reviewer(username, "Revisora", PASSWORD)
        me = ReviewerPage(page, server.api_url)
        me.sign_in(username, PASSWORD)
        yield me, dataset.id
        assert me.errors == []


def prompts(me: ReviewerPage, dataset_id: str, extra: str, count: int) -> list[str]:
    """The prompts of the first ``count`` pages, as they are shown."""
    shown = []
    for page in range(1, count + 1):
        me.open(dataset_id, page, extra=extra)
        shown.append(me.texts(".en")[0])
    return shown


def english(numbers: list[int]) -> list[str]:
    return [f"Why do rivers matter? ({number})" for number in numbers]


def test_the_worst_come_first_when_sorted_by_adequacy(desk: tuple[ReviewerPage, str]) -> None:
    me, dataset_id = desk
    worst_first = sorted(ADEQUACY, key=ADEQUACY.__getitem__)
    assert prompts(me, dataset_id, "&sort=metadata.adequacy.asc", 5) == english(worst_first)
    assert prompts(me, dataset_id, "&sort=metadata.adequacy.desc", 1) == english(worst_first[-1:])


def test_a_flag_is_a_filter(desk: tuple[ReviewerPage, str]) -> None:
    me, dataset_id = desk
    only = "&metadata=flags.Falta ¿ o ¡"
    assert prompts(me, dataset_id, f"{only}&sort=metadata.adequacy.asc", 2) == english([3, 4])
    assert re.findall(r"\d+", me.page.locator(".pagination").first.inner_text()) == ["2", "2"], "no others are left"


def test_a_reviewer_clicks_both_together(desk: tuple[ReviewerPage, str], tmp_path: Path) -> None:
    me, dataset_id = desk
    page = me.page
    me.open(dataset_id)
    assert "TemasRecursos naturales y biodiversidad" in me.texts(".notes p")
    page.locator(".sort-filter .filter-button__button").click()
    page.locator(".sort-categories__item", has_text="Adecuación").click()
    page.locator(".sort-filter .filter-button__button").first.click()
    page.wait_for_url("**sort=metadata.adequacy.asc**")
    page.locator(".filters__filter-button .filter-button__button").click()
    page.locator(".metadata-filter .filter-button__button").click()
    page.locator(".metadata-filter .category__item", has_text="Avisos").click()
    page.locator(".metadata-filter .checkbox__label", has_text="Falta ¿ o ¡").click()
    page.locator(".metadata-filter .filter-button__button").first.click()
    page.wait_for_url("**metadata=flags**")
    page.wait_for_function(FRAMES_READY)
    page.wait_for_timeout(500)
    assert me.texts(".en")[0] == english([3])[0]
    assert me.texts(".es")[0] == "Por qué importan los ríos? (3)"
    page.screenshot(path=str(tmp_path / "filtered.png"))


def test_bad_machine_text_is_not_approved_by_a_key(desk: tuple[ReviewerPage, str]) -> None:
    me, dataset_id = desk
    me.open(dataset_id, extra="&metadata=flags.Palabras desconocidas")
    assert me.texts(".en")[0] == english([5])[0]
    shown = me.texts(".es")
    slot = "abc"[shown.index(DOUBTFUL) - 1]
    assert f"Por escribirRespuesta {slot.upper()}" in me.texts(".notes p")
    box = me.question(f"answer_{slot}_text").locator("[role=textbox]")
    assert box.inner_text().strip() == ""
    me.page.keyboard.press("Enter")
    me.page.wait_for_timeout(600)  # as long as a vote takes to be sent
    assert me.sent == []
    me.write(f"answer_{slot}_text", "Los ríos de los humedales.")
    me.key("Enter")
    (sent,) = me.sent
    texts = [sent["values"][name]["value"] for name in ("prompt_text", *(f"answer_{each}_text" for each in "abc"))]
    assert texts == ["Los ríos de los humedales." if text == DOUBTFUL else text for text in shown]
