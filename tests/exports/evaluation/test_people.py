"""People grade a sample of a model's answers on the real server, and their grades correct the judge's."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from exports import collect_grades, post_grades, sample, score
from exports.evaluation.grades.drawn import Asked
from exports.evaluation.grades.files import Grade, Level, ModelAnswer, read_answers, read_grades
from exports.evaluation.people import uncounted_path
from exports.evaluation.read import read_card, read_score
from tests.cli import json_lines, run
from tests.exports.cases import record
from tests.exports.evaluation.judging.models import graded_texts, says, system
from tests.fake_openai import Answer, completion, running_fake
from tests.reviews import connection_to, options
from workspace.argilla.connection import Connection
from workspace.argilla.gateway import Gateway
from workspace.config import Credentials
from workspace.errors import ArgillaError, ConfigError, DataError, DatasetMismatch
from workspace.files.jsonl import write_jsonl
from workspace.model.records import content_hash

MODEL = "acme/secret-model-7b"
GRADES: tuple[Level, ...] = ("bad", "regular", "good")


def answers(count: int, model: str = MODEL) -> list[ModelAnswer]:
    """Answers to prompts p-0, p-1, ...; every third in English."""
    return [
        ModelAnswer(f"p-{n}", f"¿Qué es un río? ({n})", "es" if n % 3 else "en", f"Agua. ({n})", model)
        for n in range(count)
    ]


def written(path: Path, listed: list[ModelAnswer]) -> str:
    """Answers as a file."""
    names = ("id", "prompt", "language", "answer", "model")
    write_jsonl(path, ({name: getattr(answer, name) for name in names} for answer in listed))
    return str(path)


@pytest.fixture
def place(server: Credentials, tmp_path: Path) -> Connection:
    return connection_to(server, tmp_path / "home")


def shown_to(place: Connection, reviewer: str) -> list[dict[str, Any]]:
    """What a reviewer's key gets of the dataset's records, by the page's own way and by the record's."""
    with Gateway(place) as gateway:
        dataset, user = gateway.dataset("grades"), next(u for u in gateway.users() if u.username == reviewer)
    http = httpx.Client(base_url=f"{place.api_url}/api/v1", headers={"X-Argilla-Api-Key": user.api_key})
    with http:
        listed = http.post(f"me/datasets/{dataset.id}/records/search", json={}).raise_for_status().json()
        records = [item["record"] for item in listed["items"]]
        assert records
        assert all(record["metadata"] in ({}, None) for record in records), "hidden, as the page has it"
        return [*records, *(http.get(f"records/{record['id']}").json() for record in records)]


def level_of(text: str) -> int:
    """A grade that looks as if it were drawn: of 100 texts, 35 bad, 20 regular, 45 good."""
    share = int(content_hash(text), 16) % 100
    return (share >= 35) + (share >= 55)


def scripted(body: dict[str, Any]) -> Answer:
    """A model that says how good its answer is, and a judge that gives three in five a grade more."""
    if "cannot_judge" in system(body):
        text = graded_texts(body)["answer"]
        return says(GRADES[min(2, int(text[0]) + (int(content_hash([text]), 16) % 5 < 3))])
    prompt = body["messages"][-1]["content"]
    return completion(f"{level_of(prompt)} {prompt}")


@pytest.mark.extras
def test_from_answers_to_the_leaderboard_sixty_grades_by_people_correct_a_lenient_judge(
    place: Connection, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each step takes what the one before it wrote."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    place, server = replace(place, dataset="notas"), options(replace(place, dataset="notas"))
    names = ("records.jsonl", "answers.jsonl", "grades.jsonl", "people.jsonl", "score.json", "card.json")
    records, file, grades, people, scored, card = (str(tmp_path / name) for name in names)
    write_jsonl(Path(records), (record(number).to_json() for number in range(1, 91)))
    with running_fake() as fake:
        fake.otherwise = scripted
        asked = ("--base-url", fake.url, "--home", str(place.home))
        said = run("evaluate", "answer", MODEL, "--data", records, "-o", file, "--split", "all", *asked)
        assert f"Next: h4rmony evaluate grade {file} -o grades.jsonl" in said
        said = run("evaluate", "grade", file, "-o", grades, "--judge", "j", "--repeats", "1", *asked)
    assert f"Next: h4rmony evaluate sample {file} -n 60" in said
    said = run("evaluate", "sample", file, "-n", "60", "--json", *server)
    assert json.loads(said) == {"answers": 90, "drawn": 60, "new": 60, "others": 0}
    assert "Nobody has submitted a grade yet" in run("evaluate", "collect", "-o", people, "--answers", file, *server)

    listed = read_answers(file)
    with Gateway(place) as gateway:
        drawn_ids = {drawn.external_id for drawn in gateway.records(gateway.dataset("grades"))}
    chosen = [answer for answer in listed if Asked.of(answer).external_id in drawn_ids]
    assert len(chosen) == 60
    ana = [Grade(a.id, a.language, GRADES[int(a.answer[0])], f"Nota de {a.id}", reviewer="ana") for a in chosen]
    luis = [
        replace(grade, reviewer="luis", reason="", grade=None if n < 3 else grade.grade)
        for n, grade in enumerate(ana[:15])
    ]
    assert post_grades(place, [*ana, *luis]) == 75
    assert post_grades(place, ana) == 0
    assert "secret" not in str(shown_to(place, "ana"))

    run("evaluate", "collect", "-o", people, "--answers", file, *server)
    assert {(line["reviewer"], line["model"]) for line in json_lines(Path(people))} == {
        ("ana", MODEL),
        ("luis", MODEL),
    }
    assert not uncounted_path(Path(people)).exists()
    said = run("evaluate", "score", grades, "--people", people, "--records", records, "-o", scored)
    assert f"{MODEL}, judged by j" in said
    found, mean = read_score(scored), sum(int(answer.answer[0]) for answer in listed) / len(listed) * 50
    assert (found.method, found.overall.people, found.overall.prompts) == ("ppi", 60, 90)
    assert found.overall.low < mean < found.overall.high
    assert found.raw.low > mean, "alone, the judge is surely wrong"
    run("evaluate", "validate", grades, "--people", people, "--answers", file, "-o", card)
    section = read_card(card).answers
    assert section and section.judge.answers == 60
    assert section.people.same.value == 1.0, "where two graded, they agree"

    page, worst = tmp_path / "leaderboard.html", str(tmp_path / "worst.json")
    bad = [replace(grade, grade="bad", model="worse") for grade in read_grades(grades)]
    by_eva = [replace(grade, judge=None, reviewer="eva") for grade in bad[:20]]
    score(bad, people=by_eva, records=records, output=worst)
    run("evaluate", "leaderboard", worst, scored, "--judge-card", card, "-o", str(page))
    ranked = re.findall(r"<tr>\s*<th[^>]*>([^<]+)</th>\s*<td[^>]*>([^<]+)</td>", page.read_text(encoding="utf-8"))
    assert ranked[:2] == [(MODEL, "1"), ("worse", "2")]


def test_running_it_again_adds_and_touches_no_grade(place: Connection, tmp_path: Path) -> None:
    listed = answers(9)
    file = written(tmp_path / "answers.jsonl", listed)
    arguments = ("evaluate", "sample", file, *options(place))
    assert "would add 4 answers" in run(*arguments, "-n", "4", "--dry-run")
    with Gateway(place) as gateway:
        assert gateway.find_dataset("grades") is None
    assert "added 4 answers" in run(*arguments, "-n", "4", "--min-submitted", "3")
    assert "unchanged" in run(*arguments, "-n", "4")
    assert "unchanged" in run(*arguments, "-n", "2")
    with Gateway(place) as gateway:
        dataset = gateway.dataset("grades")
        first = [record.external_id for record in gateway.records(dataset)]
    assert dataset.min_submitted == 3
    mine = [a for a in listed if Asked.of(a).external_id in first]
    post_grades(place, [Grade(mine[0].id, mine[0].language, "good", reviewer="ana")])

    def grades() -> dict[Any, Any]:
        with Gateway(place) as gateway:
            return {r.external_id: r.responses for r in gateway.records(gateway.dataset("grades"))}

    before = grades()
    assert sample(listed, place, number=7).new == 3
    assert sample(answers(9, "other"), place, number=7).to_json() == {"answers": 9, "drawn": 7, "new": 7, "others": 7}
    after = grades()
    assert {name: after[name] for name in before} == before
    assert len(after) == 14

    changed = written(tmp_path / "changed.jsonl", [replace(a, answer="Otra.") for a in listed])
    said = run("evaluate", "sample", changed, "-n", "9", *options(place), code=1)
    assert "conflict: 7 answers of this model are in the dataset with other words than here" in said
    assert grades() == after

    with pytest.raises(DataError, match="the dataset has answers of 2 models; give the answers"):
        collect_grades(place)
    with pytest.raises(ArgillaError, match="the dataset has answers of several models to"):
        post_grades(place, [Grade(mine[1].id, mine[1].language, "bad", reviewer="ana")])
    assert post_grades(place, [Grade(mine[1].id, mine[1].language, "bad", reviewer="ana", model="other")]) == 1
    assert [g.grade for g in collect_grades(place, answers=listed).grades] == ["good"]
    assert [g.grade for g in collect_grades(place, answers=answers(9, "other")).grades] == ["bad"]
    with pytest.raises(DataError, match="the dataset has no answer of third"):
        collect_grades(place, answers=answers(9, "third"))


def test_what_does_not_count_is_kept_apart_and_nothing_that_was_collected_is_lost(
    place: Connection, tmp_path: Path
) -> None:
    listed, path = answers(4), tmp_path / "people.jsonl"
    sample(listed, place)
    post_grades(place, [Grade(a.id, a.language, "good", "Sí.", reviewer="ana") for a in listed[:2]])
    with Gateway(place) as gateway:
        records = {r.external_id: r for r in gateway.records(gateway.dataset("grades"))}
        ana = next(user for user in gateway.users() if user.username == "ana")
    two, three = (records[Asked.of(answer).external_id].id for answer in listed[2:])
    with Gateway(replace(place, api_key=ana.api_key)) as gateway:
        gateway.respond(two, "draft", {"reason": {"value": "Lo pienso."}})
        gateway.respond(three, "discarded", {"grade": {"value": "bad"}})
    arguments = ("evaluate", "collect", "-o", str(path), *options(place))
    assert json.loads(run(*arguments, "--json", "--dry-run"))["not_counted"] == {"draft": 1, "discarded": 1}
    assert not path.exists()
    assert "wrote" in run(*arguments)
    assert [(line["id"], line["grade"], line["reviewer"]) for line in json_lines(path)] == [
        ("p-0", "good", "ana"),
        ("p-1", "good", "ana"),
    ]
    apart = json_lines(uncounted_path(path))
    assert [(line["id"], line["grade"], line["status"]) for line in apart] == [
        ("p-2", None, "draft"),
        ("p-3", "bad", "discarded"),
    ]
    before = path.read_bytes()
    assert "is unchanged" in run(*arguments)
    assert path.read_bytes() == before

    public = tmp_path / "public.jsonl"
    run("evaluate", "collect", "-o", str(public), "--pseudonyms", *options(place))
    lines = json_lines(public)
    assert not uncounted_path(public).exists()
    assert {line["reviewer"][:9] for line in lines} == {"reviewer-"}
    assert {(line["reason"], len(line["updated_at"])) for line in lines} == {("", 10)}

    said = run("evaluate", "collect", "-o", str(public), *options(place), code=1)
    assert "has grades with pseudonyms; write those with names to another file" in said
    said = run("evaluate", "collect", "-o", str(path), "--pseudonyms", *options(place), code=1)
    assert "has grades with names; write those with pseudonyms to another file" in said
    judged = tmp_path / "grades.jsonl"
    judged.write_text('{"id": "p-0", "language": "es", "grade": "bad", "judge": "j"}\n', encoding="utf-8")
    said = run("evaluate", "collect", "-o", str(judged), *options(place), code=1)
    assert "has a judge's grades; write people's to another file" in said
    broken = tmp_path / "broken.jsonl"
    broken.write_text('{"id": "p-0"}\n', encoding="utf-8")
    said = run("evaluate", "collect", "-o", str(broken), *options(place), code=1)
    assert "line 1: grade: key 'language' is missing" in said
    assert "it may hold grades that are nowhere else: write to another file" in said
    assert len(broken.read_text(encoding="utf-8")) == 14
    collect_grades(place, tmp_path / "model.jsonl", answers=listed)
    sample(answers(4, "other"), place)
    with pytest.raises(DataError, match=f"has grades of answers by {MODEL}; write those of other to another file"):
        collect_grades(place, tmp_path / "model.jsonl", answers=answers(4, "other"))

    fresh = replace(place, dataset="otra")
    sample(listed, fresh)
    post_grades(fresh, [Grade("p-0", "en", "bad", reviewer="ana")])
    lost = collect_grades(fresh, path)
    assert Counter(given.status for given in lost.uncounted) == {"gone": 3}
    assert [(grade.id, grade.grade) for grade in lost.grades] == [("p-0", "bad")]
    said = run("evaluate", "collect", "-o", str(path), *options(fresh))
    assert "Warning: 3 grades of earlier collections are no longer in Argilla; kept in" in said
    assert "is unchanged" in said


def test_a_dataset_of_answers_lives_beside_that_of_the_review(place: Connection, tmp_path: Path) -> None:
    listed = answers(3)
    with Gateway(place) as gateway:
        gateway.create_dataset(3, 2)
    with pytest.raises(DatasetMismatch, match="has records to rank, not answers to grade; choose another --dataset"):
        sample(listed, place)
    own = [*options(place)[:6], *options(place)[8:]]
    file = written(tmp_path / "answers.jsonl", listed)
    run("evaluate", "sample", file, *own, "--workspace", place.workspace)
    grades = replace(place, dataset="h4rmony-es-grades")
    status = json.loads(run("status", "--json", *options(grades)))
    assert {name: status[name] for name in ("records", "pending", "complete_after")} == {
        "records": 3,
        "pending": 3,
        "complete_after": 2,
    }
    assert "partial_rankings" not in status
    guidelines = tmp_path / "guía.md"
    guidelines.write_text("## Nuestra guía\n", encoding="utf-8")
    assert "unchanged" in run("settings", *options(grades))
    assert "form        guidelines" in run("settings", "--guidelines", str(guidelines), *options(grades))
    assert "the team's own" in run("settings", *options(grades))
    for command in (("collect", "-o", str(tmp_path / "review")), ("report", "-o", str(tmp_path / "r.html"))):
        said = run(*command, *options(grades), code=1)
        assert "has answers to grade, not records to rank" in said
    run("team", "add", "eva", "--address", "https://notas.example.org", *options(grades))
    note = (grades.home / "invitations" / "eva.txt").read_text(encoding="utf-8")
    assert "buena, regular o mala" in note
    assert "https://notas.example.org/dataset/" in note
    said = run("status", *options(replace(place, dataset="ninguna")), code=1)
    assert "`h4rmony load` makes it, or `h4rmony evaluate sample`" in said
    with pytest.raises(ArgillaError, match="`h4rmony evaluate sample` makes it"):
        collect_grades(replace(place, dataset="ninguna"))
    with pytest.raises(ConfigError, match="at least one answer must be drawn, got 0"):
        sample(listed, grades, number=0)
