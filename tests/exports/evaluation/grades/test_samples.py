"""Samples that the real lm-eval writes of generated answers are answers, and with a judge's metric grades."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from exports import export, merge, score
from exports.evaluation.grades.files import read_answers, read_grades
from tests.cli import json_lines, run
from tests.exports.sample import sample_review
from workspace.errors import DataError
from workspace.files.jsonl import write_jsonl

pytestmark = [pytest.mark.extras, pytest.mark.filterwarnings("ignore")]  # lm-eval and datasets warn of their own
ENDPOINT = ("--base-url", "http://127.0.0.1:9/v1")  # nobody is asked
TASK = """\
task: h4rmony_answers
dataset_path: parquet
dataset_kwargs:
  data_files:
    test: {table}
test_split: test
output_type: generate_until
doc_to_text: "{{{{prompt[0].content}}}}"
doc_to_target: ""
generation_kwargs:
  until: []
  max_gen_toks: 1024
process_results: !function judge.graded
metric_list:
  - metric: grade
    aggregation: mean
    higher_is_better: true
metadata:
  judge: juez
  rubric: mi-rubrica
"""
JUDGE = """\
def graded(doc, results):
    number = int(doc["record_id"].rpartition("-")[2])
    return {"grade": (1, 0.5, 0, float("nan"))[number % 4]}
"""


@pytest.fixture(scope="module")
def samples(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What ``lm_eval --log_samples`` writes of a model that always says the same."""
    from lm_eval import evaluator, simple_evaluate
    from lm_eval.loggers import EvaluationTracker
    from lm_eval.tasks import TaskManager

    folder = tmp_path_factory.mktemp("samples")
    export(merge(sample_review(), test_share=1.0), folder / "data", ["sft"])
    (folder / "task").mkdir()
    table = folder / "data" / "sft" / "test.parquet"
    (folder / "task" / "answers.yaml").write_text(TASK.format(table=table), encoding="utf-8")
    (folder / "task" / "judge.py").write_text(JUDGE, encoding="utf-8")
    tracker = EvaluationTracker(output_path=str(folder / "results"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(evaluator, "add_env_info", lambda results: None)  # it asks pip, gcc and others
        manager = TaskManager(include_path=str(folder / "task"), include_defaults=False)
        found: Any = simple_evaluate(
            "dummy",
            f"pretrained={folder / 'mi-modelo'}",
            ["h4rmony_answers"],
            bootstrap_iters=0,
            task_manager=manager,
            evaluation_tracker=tracker,
        )
    written = found.pop("samples")
    tracker.save_results_aggregated(results=found, samples=written)
    tracker.save_results_samples("h4rmony_answers", written["h4rmony_answers"])
    (path,) = (folder / "results").rglob("samples_*.jsonl")
    return path


def test_samples_are_answers_and_grades(samples: Path, tmp_path: Path) -> None:
    rows = [line["doc"] for line in json_lines(samples)]
    answers, grades = read_answers(samples), read_grades(samples)
    assert len(answers) == len(grades) == len(rows) > 15
    assert [each.id for each in answers] == [row["record_id"] for row in rows]
    assert [each.prompt for each in answers] == [row["prompt"][0]["content"] for row in rows]
    assert {(each.answer, each.model, each.language) for each in answers} == {("lol", "mi-modelo", "es")}
    assert {(each.judge, each.rubric, each.model) for each in grades} == {("juez", "mi-rubrica", "mi-modelo")}
    levels = ("good", "regular", "bad", None)
    assert [each.grade for each in grades] == [levels[int(each.id.rpartition("-")[2]) % 4] for each in grades]
    found = score(samples)
    points = [each.points for each in grades if each.points is not None]
    assert found.raw.score == pytest.approx(sum(points) / len(points))
    assert (found.model, found.without_grade) == ("mi-modelo", len(grades) - len(points))
    said = run("evaluate", "score", str(samples))
    assert "mi-modelo, judged by juez, 95% intervals" in said
    graded = (
        "evaluate",
        "grade",
        str(samples),
        "-o",
        str(tmp_path / "g.jsonl"),
        "--judge",
        "j",
        "--dry-run",
        *ENDPOINT,
    )
    assert f"answers             {len(rows)}" in run(*graded, "--home", str(tmp_path / "home"))


def changed(samples: Path, folder: Path, change: Callable[[dict[str, Any]], None]) -> Path:
    """The samples with each line changed, in a folder without what lm-eval wrote beside them."""
    lines = json_lines(samples)
    for line in lines:
        change(line)
    write_jsonl(folder / samples.name, lines)
    return folder / samples.name


def test_without_what_is_beside_them_the_folder_names_the_model_and_nobody_the_judge(
    samples: Path, tmp_path: Path
) -> None:
    bare = changed(
        samples, tmp_path, lambda line: line["doc"].update(record_id=None, id=None, prompt="", language=None)
    )
    found = read_answers(bare)
    assert [each.id for each in found] == [str(number) for number in range(len(found))]
    assert {each.model for each in found} == {tmp_path.name}
    assert found[0].prompt == json_lines(samples)[0]["arguments"]["gen_args_0"]["arg_0"]
    with pytest.raises(DataError, match=r"line 1: nobody says which judge graded; name it in the task's YAML: meta"):
        read_grades(bare)


def test_a_second_filter_counts_for_nothing(samples: Path, tmp_path: Path) -> None:
    lines = json_lines(samples)
    write_jsonl(tmp_path / "s.jsonl", [*lines, *({**line, "filter": "b", "filtered_resps": ["b"]} for line in lines)])
    assert [each.answer for each in read_answers(tmp_path / "s.jsonl")] == ["lol"] * len(lines)


@pytest.mark.parametrize(
    ("change", "read", "message"),
    [
        (
            lambda line: line.update(grade=0.7),
            read_grades,
            "line 1: the metric 'grade' is 1, 0.5 or 0, or good, r",
        ),
        (lambda line: line.update(grade=True), read_grades, "or good, regular or bad, got 'True'"),
        (
            lambda line: line.pop("grade"),
            read_grades,
            "without the metric 'grade'; `h4rmony evaluate grade` has its",
        ),
        (
            lambda line: line.update(filtered_resps=[["-1.0", "False"]]),
            read_grades,
            "not a grade; `h4rmony evaluate",
        ),
        (
            lambda line: line.update(filtered_resps=[["-1.0", "False"]]),
            read_answers,
            "not an answer; `h4rmony eval",
        ),
    ],
)
def test_what_is_no_grade_or_no_answer_is_said_in_one_line(
    change: Callable[[dict[str, Any]], None], read: Callable[[Path], Any], message: str, samples: Path, tmp_path: Path
) -> None:
    path = changed(samples, tmp_path, change)
    (tmp_path / "results").with_name(f"results_{path.stem.rpartition('_')[2]}.json").write_text(
        json.dumps({"configs": {"h4rmony_answers": {"metadata": {"judge": "j"}}}}), encoding="utf-8"
    )
    with pytest.raises(DataError) as error:
        read(path)
    assert str(error.value).startswith(f"{path}, line 1: ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


def test_a_line_that_is_no_sample_is_named(samples: Path, tmp_path: Path) -> None:
    path = tmp_path / "s.jsonl"
    write_jsonl(path, [*json_lines(samples)[:1], {"id": "p-1"}])
    with pytest.raises(DataError, match=r"s\.jsonl, line 2: not a sample of lm-eval, as the first line is"):
        read_answers(path)
