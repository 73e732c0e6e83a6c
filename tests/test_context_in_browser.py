"""What reviewers see of a conversation: the turns before the prompt, quietly above it, whatever they hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exports.review.collect import review_in
from loaders.loading.actions import Action
from loaders.loading.send import Policy, load_records
from tests.browser import FRAMES_READY, ReviewerPage, browser_page
from tests.reviews import connection_to, record
from workspace.argilla.gateway import Gateway
from workspace.config import Credentials
from workspace.model.conversations import Message
from workspace.model.records import Record

pytestmark = pytest.mark.browser

PASSWORD = "contraseña-larga"
HOSTILE = "</script><img src=x onerror=parent.PWNED=1>\"' {{record.id}} $& <!-- #TEMPLATE#"
BEFORE = (
    Message("system", "You answer as a gardener, in two sentences."),
    Message("user", "Which trees live in a town?"),
    Message("assistant", HOSTILE),
)
SPANISH = (
    "Respondes como una jardinera, en dos frases" + ", y con calma" * 12 + ".",
    "¿Qué árboles viven en un pueblo?",
    "",
)


def with_context(number: int) -> Record:
    made = record(number)
    assert made.translation
    return replace(made, context=BEFORE, translation=replace(made.translation, context=SPANISH))


def test_the_turns_before_the_prompt_are_shown_exactly_and_come_back(server: Credentials, tmp_path: Path) -> None:
    connection = connection_to(server, tmp_path)
    records = [with_context(1), record(2)]
    with Gateway(connection) as gateway:
        dataset = gateway.create_dataset(3, 2)
        load_records(gateway, {3: dataset}, records, Policy(blind_share=0.0))
        again = load_records(gateway, {3: dataset}, records, Policy(blind_share=0.0))
        assert again.counts == {Action.UNCHANGED: 2}
        assert [*review_in(gateway, [dataset]).records] == records
        gateway.add_reviewer(f"ana-{connection.dataset}", "Ana", PASSWORD)
    with browser_page() as page:
        me = ReviewerPage(page, server.api_url)
        me.sign_in(f"ana-{connection.dataset}", PASSWORD)
        me.open(dataset.id, 1)
        if not me.texts(".before"):  # the server's order is its own
            assert me.texts()[0] == "¿Por qué importan los ríos? (2)"
            me.open(dataset.id, 2)
        for width, height in ((1440, 900), (390, 844)):
            page.set_viewport_size({"width": width, "height": height})
            page.wait_for_function(FRAMES_READY)
            page.screenshot(path=str(tmp_path / f"context-{width}.png"))
            assert me.texts(".before b") == ["Instrucciones", "Usuario", "Asistente"]
            assert me.texts(".before span") == [SPANISH[0], SPANISH[1], HOSTILE]
            assert me.texts()[0] == "¿Por qué importan los ríos? (1)"
            for frame in page.frames[1:]:
                assert frame.evaluate("document.documentElement.scrollWidth <= innerWidth")
        before = next(frame for frame in page.frames[1:] if frame.query_selector(".before")).locator(".before")
        faded = "box => getComputedStyle(box).maskImage !== 'none'"
        assert before.evaluate("box => box.scrollHeight > box.clientHeight")
        assert before.evaluate(faded), "there is more below"
        before.evaluate("box => new Promise(then => { box.scrollTop = 9999; requestAnimationFrame(() => then()) })")
        assert not before.evaluate(faded)
        assert page.evaluate("window.PWNED ?? null") is None
        assert (me.errors, me.outside) == ([], [])
