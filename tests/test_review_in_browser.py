"""A reviewer in headless Chromium on the real web UI, and what comes out of ``collect``."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import httpx
import pytest

from exports.evaluation.grades.files import ModelAnswer
from exports.evaluation.people import collect_grades, sample
from exports.merging.pairs import review_records
from exports.review.collect import review_in
from loaders.loading.send import Policy, load_records
from tests.browser import ReviewerPage, browser_page
from tests.reviews import connection_to, record
from workspace.argilla.gateway import Gateway
from workspace.argilla.listing import RemoteDataset
from workspace.argilla.verbatim import unguard
from workspace.config import Credentials
from workspace.model.ballots import Ballot
from workspace.model.records import Record
from workspace.model.slots import slot_order

pytestmark = pytest.mark.browser

PASSWORD = "contraseña-larga"
HOSTILE = (
    "<script>parent.PWNED=1;document.title='PWNED'</script> </script><img src=x onerror=\"parent.PWNED=2\"> {{x}} "
    "{{{record.id}}} a<b y x>y & &amp; <!-- c <script> #TEMPLATE# $& $' $` $$ US$'5 fin"
)
LINES = "Emoji 🐋👩🏽‍🌾 ñ ¿¡ «» “comillas” \"rectas\" 'simples' `código`\nlínea 2\n\n  sangrada \\n y {{llaves}}"
OTHER = "النص العربي 123 (abc) <\u2060script> $\u2060& </SCRIPT > <!--"


@dataclass
class Desk:
    """A dataset under review, and the reviewer's page on it."""

    gateway: Gateway
    dataset: RemoteDataset
    me: ReviewerPage
    username: str
    records: list[Record]

    def ballots(self) -> dict[str, Ballot]:
        return {
            b.record_id: b for b in review_in(self.gateway, [self.dataset]).ballots if b.reviewer == self.username
        }


@pytest.fixture
def desk(server: Credentials, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Desk]:
    records, blind_share, *rest = request.param
    asks_topics = rest == ["topics"]
    connection = connection_to(server, tmp_path)
    username = f"revisora-{connection.dataset}"
    with Gateway(connection) as gateway, browser_page() as page:
        dataset = gateway.create_dataset(3, 2, topics=asks_topics)
        load_records(gateway, {3: dataset}, records, Policy(blind_share=blind_share, suggest_topics=asks_topics))
        gateway.add_reviewer(username, "Revisora", PASSWORD)
        me = ReviewerPage(page, server.api_url)
        me.sign_in(username, PASSWORD)
        yield Desk(gateway, dataset, me, username, list(records))
        assert (me.errors, me.outside) == ([], [])


def in_slots(record: Record, texts: list[str]) -> list[str]:
    """Texts of the answers in the order in which they are shown."""
    return [texts[index] for index in slot_order(record.id, len(texts))]


THREE = [record(number) for number in (1, 2, 3)]


@pytest.mark.parametrize("desk", [(THREE, 1.0)], indirect=True)
def test_a_tie_made_with_the_mouse_comes_out_as_that_with_the_edited_text(desk: Desk) -> None:
    """The obvious code reads a, b, c whatever the reviewer did: here a is last, and b and c share the first place."""
    me = desk.me
    me.open(desk.dataset.id)
    shown = me.texts()[1]
    current = next(r for r in desk.records if r.prompt == me.texts(".en")[0])
    assert me.ranking() == [[], [], []]
    me.drag("Respuesta B", 1)
    me.drag("Respuesta C", 1)
    me.page.keyboard.press("3")
    assert [sorted(titles) for titles in me.ranking()] == [["Respuesta B", "Respuesta C"], [], ["Respuesta A"]]
    me.write("answer_a_text", "Corregido: ñandú, ¿sí?")
    me.press("submit")

    ballot = desk.ballots()[current.id]
    slots = dict(zip("abc", slot_order(current.id, 3), strict=True))
    assert ballot.status == "submitted"
    assert ballot.ranks == tuple(2 if index == slots["a"] else 1 for index in range(3))
    assert current.translation
    expected = list(current.translation.answers)
    assert shown == expected[slots["a"]]
    expected[slots["a"]] = "Corregido: ñandú, ¿sí?"
    assert ballot.answers == tuple(expected)
    assert ballot.prompt == current.translation.prompt
    assert (ballot.problems, ballot.comment, ballot.mode) == ((), None, "blind")

    reviewed = next(r for r in review_records(review_in(desk.gateway, [desk.dataset])) if r.record.id == current.id)
    a, b, c = slots["a"], slots["b"], slots["c"]
    assert {(pair.chosen, pair.rejected) for pair in reviewed.pairs} == {(b, a), (c, a)}
    assert [({pair.first, pair.second}, pair.reason) for pair in reviewed.dropped] == [({b, c}, "tie")]


@pytest.mark.parametrize("desk", [(THREE, 0.0)], indirect=True)
def test_one_key_submits_a_verify_record_and_one_discards(desk: Desk) -> None:
    me = desk.me
    me.open(desk.dataset.id)
    first = next(r for r in desk.records if r.prompt == me.texts(".en")[0])
    places = [f"Respuesta {letter}" for letter in "ABC"]
    by_rank = [places[slot_order(first.id, 3).index(rank)] for rank in range(3)]
    assert me.ranking() == [[title] for title in by_rank]
    me.key("Enter")
    me.open(desk.dataset.id)
    second = next(r for r in desk.records if r.prompt == me.texts(".en")[0])
    assert second.id != first.id
    me.press("discard")
    me.open(desk.dataset.id)
    third = next(r for r in desk.records if r.prompt == me.texts(".en")[0])
    me.press("draft")

    ballots = desk.ballots()
    assert {record_id: b.status for record_id, b in ballots.items()} == {
        first.id: "submitted",
        second.id: "discarded",
        third.id: "draft",
    }
    assert first.translation
    assert ballots[first.id].ranks == (1, 2, 3)
    assert ballots[first.id].answers == first.translation.answers
    assert ballots[first.id].mode == "verify"


@pytest.mark.parametrize("desk", [(THREE, 1.0), (THREE, 0.0)], ids=["blind", "verify"], indirect=True)
def test_digits_typed_fast_rank_the_answers_by_letter_and_nothing_else(desk: Desk) -> None:
    """Argilla itself keeps one of three digits that come faster than 300 ms each, and sends what it has."""
    me = desk.me
    for digits in ("312", "132", "211"):  # 132 in a record to verify: the first digit may change nothing
        me.open(desk.dataset.id)
        current = next(r for r in desk.records if r.prompt == me.texts(".en")[0])
        me.page.keyboard.type(digits, delay=60)
        me.key("Enter")
        by_slot = dict(zip(slot_order(current.id, 3), map(int, digits), strict=True))
        assert desk.ballots()[current.id].ranks == tuple(by_slot[index] for index in range(3)), digits


def born_spanish(number: int, texts: tuple[str, ...], *ranks: int | None) -> Record:
    """A record of ``extend``: no English side; blind if its ranks are not known."""
    made = record(number, prompt=texts[0], answers=texts[1:], spanish=texts, ranks=ranks)
    assert made.translation
    return replace(made, metadata={"language": "es"}, translation=replace(made.translation, engine="original"))


BEE = ("¿Para qué sirve una abeja?", "Vive.", "Depende.", "Hace miel.")
RIVER = ("¿De quién es el río?", "De nadie.", "De quien lo cuide.", "Del molino.")
BORN_SPANISH = [born_spanish(4, BEE, 1, 2, 3), born_spanish(5, RIVER, None, None, None)]


@pytest.mark.parametrize("desk", [(BORN_SPANISH, 0.0)], indirect=True)
def test_what_was_written_in_spanish_is_shown_once_and_sent_with_as_few_keys(desk: Desk) -> None:
    me = desk.me
    for _ in BORN_SPANISH:
        me.page.set_viewport_size({"width": 390, "height": 900})
        me.open(desk.dataset.id)
        current = next(r for r in BORN_SPANISH if r.prompt == me.texts()[0])
        own = [current.prompt, *in_slots(current, [answer.text for answer in current.answers])]
        for width in (390, 1440):
            me.page.set_viewport_size({"width": width, "height": 900})
            me.open(desk.dataset.id)
            assert (me.texts(".es"), me.texts(".en"), me.texts(".notes span")) == (own, [], [])
            for row in me.page.frames[2].locator(".answer").all():
                outer, inner = row.bounding_box(), row.locator(".es").bounding_box()
                assert outer and inner and 0 < outer["x"] + outer["width"] - inner["x"] - inner["width"] < 20
        assert "Mal español o mala traducción" in me.question("problemas").inner_text()
        if not current.is_ranked:
            assert me.ranking() == [[], [], []]
            me.page.keyboard.press("Enter")
            me.page.wait_for_timeout(300)
            assert [each for each in me.sent if each["values"]["prompt_text"]["value"] == current.prompt] == []
            me.page.keyboard.type("213", delay=60)
        me.key("Enter")
    ballots = desk.ballots()
    for current, mode in zip(BORN_SPANISH, ("verify", "blind"), strict=True):
        ballot = ballots[current.id]
        assert ((ballot.prompt, *ballot.answers), ballot.mode, ballot.problems) == (current.texts, mode, ())
    by_slot = dict(zip(slot_order("h4rmony-5", 3), (2, 1, 3), strict=True))
    assert ballots["h4rmony-4"].ranks == (1, 2, 3)
    assert ballots["h4rmony-5"].ranks == tuple(by_slot[index] for index in range(3))


@pytest.mark.parametrize("desk", [(THREE[:2], 1.0, "topics")], indirect=True)
def test_the_question_for_the_topics_disturbs_no_key_of_the_ranking(desk: Desk) -> None:
    me = desk.me
    for digits, topics in (("312", ""), ("132", "23")):  # the second time the suggested third topic is taken away
        me.open(desk.dataset.id)
        current = next(r for r in desk.records if r.prompt == me.texts(".en")[0])
        assert me.texts(".notes p") == [], "the form has the topics"
        me.page.keyboard.type(digits, delay=60)
        for _ in range(2 if topics else 0):
            me.page.keyboard.press("ArrowDown")
        me.page.wait_for_timeout(300)
        me.page.keyboard.type(topics, delay=60)
        me.key("Enter")
        ballot = desk.ballots()[current.id]
        by_slot = dict(zip(slot_order(current.id, 3), map(int, digits), strict=True))
        assert ballot.ranks == tuple(by_slot[index] for index in range(3)), digits
        assert (ballot.issues, ballot.problems) == (("CCEU",) if topics else ("NRMB",), ())


@pytest.mark.parametrize("desk", [(THREE, 0.0)], indirect=True)
def test_on_a_phone_the_answers_have_their_letters_and_the_next_record_is_in_view(desk: Desk) -> None:
    me = desk.me
    me.page.set_viewport_size({"width": 390, "height": 844})
    me.page.goto(f"{me.api_url}/")
    me.page.locator(".dataset-list__filters .filter-button").nth(1).wait_for()
    box = me.page.locator(".search-area__button__search").bounding_box()
    assert box and box["x"] + box["width"] <= 390, "order and search of the list of datasets"
    me.open(desk.dataset.id)
    guidelines = me.page.get_by_text("Directrices", exact=True).last.bounding_box()
    assert guidelines and guidelines["y"] < 100
    assert me.page.get_by_label("Total Records").inner_text() == "de 3"
    cards = me.question("ranking").locator(".draggable__slot-box [title]")
    assert sorted(cards.locator(".draggable__rank-card__title").all_inner_texts()) == ["A", "B", "C"]
    for card in cards.all():  # the suggested rank is inside its card, where it can be read
        outer, inner = card.bounding_box(), card.locator(".draggable__suggestion").bounding_box()
        assert outer and inner
        assert outer["x"] <= inner["x"] and inner["x"] + inner["width"] <= outer["x"] + outer["width"]
        assert outer["y"] <= inner["y"] and inner["y"] + inner["height"] <= outer["y"] + outer["height"]
    cards.first.hover()
    assert not cards.first.locator(".tooltip-content").is_visible(), "it would cover the letter"
    first = me.texts(".en")[0]
    me.page.locator("button.button--submit").scroll_into_view_if_needed()
    me.press("submit")
    me.page.wait_for_function("() => document.querySelector('.wrapper').scrollTop === 0")
    me.page.wait_for_function(
        "first => !document.querySelector('iframe').contentDocument.body.textContent.includes(first)", arg=first
    )
    frame = me.page.locator("iframe").first.bounding_box()
    assert frame and 0 < frame["y"] < 400


def test_a_browser_in_another_language_gets_spanish(server: Credentials) -> None:
    with browser_page(locale="pt-BR") as page:
        page.goto(f"{server.api_url}/sign-in")
        page.locator("input[type=text]").fill("nadie")
        page.locator("input[type=password]").fill("no-es-esta")
        page.keyboard.press("Enter")
        page.get_by_text("El usuario o la contraseña no es correcto").wait_for()
        page.get_by_text("Iniciar sesión").first.wait_for()


def test_who_has_tried_too_often_is_told_to_wait_once(server: Credentials) -> None:
    form = {"username": "quien-adivina", "password": "no-es-esta"}
    for _ in range(8):
        httpx.post(f"{server.api_url}/api/v1/token", data=form, trust_env=False)
    with browser_page() as page:
        page.goto(f"{server.api_url}/sign-in")
        page.locator("input[type=text]").fill(form["username"])
        page.locator("input[type=password]").fill(form["password"])
        page.keyboard.press("Enter")
        page.get_by_text("Demasiados intentos: espera cinco minutos y vuelve a probar").wait_for()
        page.wait_for_timeout(500)  # Argilla takes its time with what it says beside
        for other in ("Too many attempts", "Espera unos segundos"):
            assert page.get_by_text(other).count() == 0
        page.evaluate("$nuxt.$axios.get('/v1/me').catch(() => {})")  # as a page whose session has ended
        page.get_by_text("No se pudieron validar tus credenciales: vuelve a iniciar sesión").wait_for()
        page.route("**/api/v1/me", lambda route, _: route.fulfill(status=429, body="slow down"))  # as a proxy's limit
        page.evaluate("$nuxt.$axios.get('/v1/me').catch(() => {})")
        page.get_by_text("Espera unos segundos antes de intentarlo de nuevo").wait_for()


HOSTILE_RECORD = replace(
    record(
        7,
        prompt=HOSTILE,
        answers=(LINES, OTHER, HOSTILE[::-1]),
        spanish=("¿" + HOSTILE, HOSTILE, LINES, OTHER),
    ),
    metadata={
        "type": HOSTILE,
        "issues": ["</script>", "$'"],
        "flags": [HOSTILE],
        "Comments": HOSTILE,
        "prompt_id": LINES,
    },
)


@pytest.mark.parametrize("desk", [([HOSTILE_RECORD], 0.0)], indirect=True)
@pytest.mark.parametrize("as_owner", [False, True], ids=["reviewer", "owner"])
def test_hostile_texts_are_shown_verbatim_run_nothing_and_come_back(
    desk: Desk, server: Credentials, as_owner: bool
) -> None:
    """The owner's page gets the hidden metadata too, which is why it is tried as well."""
    me = desk.me
    if as_owner:
        me.page.context.clear_cookies()
        me.page.evaluate("() => localStorage.clear()")
        me.sign_in(server.username, server.password)
    me.open(desk.dataset.id)
    spanish = HOSTILE_RECORD.translation
    assert spanish
    assert me.texts(".es") == [spanish.prompt, *in_slots(HOSTILE_RECORD, list(spanish.answers))]
    english = [answer.text for answer in HOSTILE_RECORD.answers]
    assert me.texts(".en") == [HOSTILE_RECORD.prompt, *in_slots(HOSTILE_RECORD, english)]
    assert [unguard(text) for text in me.texts(".notes span")] == ["</script>", "$'", HOSTILE]
    assert me.page.evaluate("() => window.PWNED") is None
    assert "PWNED" not in me.page.title()
    me.key("Enter")

    review = review_in(desk.gateway, [desk.dataset])
    assert review.records == (HOSTILE_RECORD,)
    (ballot,) = review.ballots
    assert ballot.prompt == spanish.prompt
    assert ballot.answers == spanish.answers
    assert me.page.evaluate("() => window.PWNED") is None


@pytest.mark.parametrize("desk", [([THREE[0]], 0.0)], indirect=True)
@pytest.mark.parametrize("status", ["draft", "submit"])
def test_a_reviewer_s_own_answer_has_no_power_over_the_page_when_it_is_opened_again(desk: Desk, status: str) -> None:
    me = desk.me
    me.open(desk.dataset.id)
    shown = me.texts(".es")
    me.write("answer_b_text", HOSTILE)
    me.write("comment", "#TEMPLATE# #RECORD_OBJECT# $' $& </script><script>parent.PWNED=3</script>")
    me.press(status)
    me.open(desk.dataset.id, status="submitted" if status == "submit" else status)
    assert me.texts(".es") == shown
    assert me.page.evaluate("() => [window.PWNED, document.title]") == [None, "Argilla"]
    assert me.question("answer_b_text").locator("[role=textbox]").inner_text() == HOSTILE
    (ballot,) = desk.ballots().values()
    assert HOSTILE in ballot.answers


GRADED = (
    ModelAnswer("p-1", "¿Qué es un río?", "es", HOSTILE, "acme/secreto-7b"),
    ModelAnswer("p-2", "What is a river?", "en", LINES, "acme/secreto-7b"),
    ModelAnswer("p-3", "¿De quién es?", "es", "", "acme/secreto-7b"),
)


def test_answers_are_graded_with_two_keys_each_and_nothing_names_the_model(
    server: Credentials, tmp_path: Path
) -> None:
    """Argilla itself leaves the grades after a digit, so a second digit, that corrects the first, would be lost."""
    connection = connection_to(server, tmp_path)
    sample(GRADED, connection)
    with Gateway(connection) as gateway, browser_page() as page:
        dataset = gateway.dataset("grades")
        gateway.add_reviewer("notas-a-ciegas", "Revisora", PASSWORD)
        me = ReviewerPage(page, server.api_url)
        me.sign_in("notas-a-ciegas", PASSWORD)
        given: dict[str, str | None] = {}
        for digits, grade in (("1", "good"), ("23", "bad"), ("4", None)):
            me.open(dataset.id)
            buttons = page.locator(".footer-form__content button").all()
            assert len(buttons) == 3
            assert all(button.evaluate("it => it.scrollWidth <= it.clientWidth") for button in buttons)
            prompt, text = me.texts()
            answer = next(each for each in GRADED if each.prompt == prompt)
            assert text == answer.answer
            assert me.page.frames[2].locator(".es").get_attribute("lang") == answer.language
            assert not any("secreto" in frame.content() for frame in page.frames)
            assert me.question("grade").locator("input:checked").count() == 0, "nothing is filled in"
            page.keyboard.type(digits, delay=60)
            if grade == "bad":
                page.keyboard.press("ArrowDown")
                page.keyboard.press("Shift+Enter")
                page.wait_for_timeout(300)
                page.keyboard.insert_text("Borra el río.")
                page.keyboard.press("Escape")
            me.key("Enter")
            given[answer.id] = grade
        assert page.evaluate("() => window.PWNED") is None
        assert (me.errors, me.outside) == ([], [])
    collected = collect_grades(connection).grades
    assert {grade.id: grade.grade for grade in collected} == given
    assert [grade.reason for grade in collected if grade.grade == "bad"] == ["Borra el río."]
