"""``h4rmony publish`` as users call it: to a folder, and to a small Hub on loopback with the real client."""

from __future__ import annotations

import json
import os
import pty
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from huggingface_hub import constants

from exports.card.check import check_by_hub
from exports.formats import FORMATS
from exports.review.files import Review, read_review, write_review
from tests.exports.cases import TRANSLATED, record, vote
from tests.hub import TOKEN, Hub, Repo, local_hub
from workspace.cli import main

pytestmark = pytest.mark.extras

REPO = "equipo/h4rmony-es"


@pytest.fixture
def review(tmp_path: Path) -> Path:
    ballots = [
        vote(
            1,
            2,
            3,
            reviewer=name,
            record_id=f"h4rmony-{n}",
            prompt=f"¿Qué es {n}?",
            answers=TRANSLATED,
            comment=f"soy {name}",
        )
        for n in range(1, 6)
        for name in ("ana-lopez", "eva-roca")
    ]
    write_review(Review(tuple(record(n) for n in range(1, 7)), tuple(ballots)), tmp_path / "review")
    return tmp_path / "review"


@pytest.fixture
def hub() -> Iterator[Hub]:
    with local_hub() as hub:
        yield hub


def publish(*arguments: str | Path) -> Result:
    return CliRunner().invoke(main, ["publish", REPO, *map(str, arguments)])


@dataclass(frozen=True)
class Done:
    """How a command ended, and what it said."""

    returncode: int
    stdout: str
    stderr: str


def push(hub: Hub, review: Path, *arguments: str | Path, token: str | None = TOKEN, repo: str = REPO) -> Done:
    """Run the command as if nothing but this Hub were set up on the machine."""
    home = review.parent / "hf-home"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("HF_HUB_OFFLINE")
        for name, value in surroundings(hub, review, token).items():
            patch.setenv(name, value)
        # the Hub's client reads its settings when it is imported
        for name, setting in (
            ("HF_HUB_OFFLINE", False),
            ("ENDPOINT", hub.url),
            ("HF_TOKEN_PATH", str(home / "token")),
        ):
            patch.setattr(constants, name, setting)
        result = CliRunner().invoke(main, ["publish", repo, "--review", str(review), *map(str, arguments)])
    if result.exception and not isinstance(result.exception, SystemExit):
        raise result.exception
    assert TOKEN not in result.output
    return Done(result.exit_code, result.stdout, result.stderr)


def push_at_a_terminal(hub: Hub, review: Path, answer: bytes) -> Done:
    """Run the command in a process of its own, whose input is a terminal."""
    environment = {name: value for name, value in os.environ.items() if name != "HF_HUB_OFFLINE"}
    environment |= {**surroundings(hub, review, TOKEN), "HF_HOME": str(review.parent / "hf-home")}
    command = [sys.executable, "-m", "workspace.cli", "publish", REPO, "--review", str(review)]
    ours, theirs = pty.openpty()
    try:
        os.write(ours, answer)
        done = subprocess.run(
            command, env=environment, stdin=theirs, capture_output=True, text=True, timeout=120, check=False
        )
    finally:
        os.close(ours)
        os.close(theirs)
    assert TOKEN not in done.stdout + done.stderr
    return Done(done.returncode, done.stdout, done.stderr)


def surroundings(hub: Hub, review: Path, token: str | None) -> dict[str, str]:
    """The environment in which a command meets the Hub."""
    environment = {
        "HF_ENDPOINT": hub.url,
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "H4RMONY_HOME": str(review.parent / "home"),
    }
    return environment | ({"HF_TOKEN": token} if token else {})


def files(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_malformed_address_of_the_hub_is_one_line(review: Path, tmp_path: Path) -> None:
    done = push(Hub("http://["), review, "--dry-run", "-o", tmp_path / "out")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: HF_ENDPOINT is not an address (http://[); unset it, or")
    assert not (tmp_path / "out").exists()


# -- to a folder -----------------------------------------------------------------------------------------------------


def test_a_dry_run_writes_the_folder_and_counts(review: Path, tmp_path: Path) -> None:
    out, home = tmp_path / "out", tmp_path / "home"
    arguments = ("--review", review, "--dry-run", "-o", out, "--home", home, "--format", "dpo", "--format", "sft")
    result = publish(*arguments, "--columns", "idioma=es", "--columns", "país_origen=España", "--test-share", "0.4")
    assert result.exit_code == 0, result.output
    assert (
        result.stdout
        == f"""wrote {out}, nothing was pushed
  repo id    {REPO}
  prompts    5
  rows       ballots/train 10, dpo/test 6, dpo/train 9, sft/test 2, sft/train 3
  reviewers  2
  ballots    submitted 10
  votes      10
  dropped    no_votes 3
  columns    idioma=es, país_origen=España
  files      10
  licence    cc-by-4.0
  card       checked by huggingface_hub only (HF_HUB_OFFLINE is set)
"""
    )
    assert result.stderr == ""
    assert sorted(files(out)) == [
        "README.md", "ballots.jsonl", "ballots/train.parquet", "dpo/test.parquet", "dpo/train.parquet",
        "dropped.jsonl", "left_out.jsonl", "sft/test.parquet", "sft/train.parquet", "summary.json",
    ]  # fmt: skip
    assert (home / "pseudonyms.key").stat().st_mode & 0o777 == 0o600


def test_without_format_every_format_is_a_configuration(review: Path, tmp_path: Path) -> None:
    import datasets

    out = tmp_path / "out"
    result = publish("--review", review, "--dry-run", "-o", out, "--home", tmp_path / "home", "--test-share", "0.4")
    assert result.exit_code == 0, result.output
    assert set(datasets.get_dataset_config_names(str(out))) == {*FORMATS, "ballots"}
    for name in FORMATS:
        assert len(datasets.load_dataset(str(out), name, split="train", cache_dir=str(tmp_path / "cache"))) > 0


def test_a_second_dry_run_says_unchanged_and_keeps_the_pseudonyms(review: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = ("--review", review, "--dry-run", "-o", out, "--home", tmp_path / "home")
    first = publish(*arguments)
    before = files(out)
    second = publish(*arguments)
    titles = [result.stdout.splitlines()[0] for result in (first, second)]
    assert titles == [f"wrote {out}, nothing was pushed", f"{out} is unchanged"]
    assert files(out) == before
    text = (out / "ballots.jsonl").read_text(encoding="utf-8")
    assert "ana-lopez" not in text and len(set(re.findall("reviewer-[0-9a-f]{6}", text))) == 2
    third = publish(*arguments[:-1], tmp_path / "other-home")
    assert third.exit_code == 0 and files(out)["ballots.jsonl"] != before["ballots.jsonl"]


def test_json_for_machines(review: Path, tmp_path: Path) -> None:
    result = publish("--review", review, "--dry-run", "-o", tmp_path / "out", "--home", tmp_path / "h", "--json")
    counts = json.loads(result.stdout)
    assert (counts["changed"], counts["dry_run"], counts["prompts"], counts["repo_id"]) == (True, True, 5, REPO)
    assert (counts["licence"], counts["card_checked_by"]) == ("cc-by-4.0", "huggingface_hub")


def test_an_empty_split_is_warned_about(review: Path, tmp_path: Path) -> None:
    arguments = ("--review", review, "--dry-run", "-o", tmp_path / "out", "--home", tmp_path / "home")
    result = publish(*arguments, "--test-share", "0")
    assert result.stderr == (
        "Warning: dpo, dpo-standard, kto, reward, sft, orpo, h4rmony, lm-eval have no rows in test; that split is "
        "left out, and the card says so\n"
    )


def test_prompts_on_both_sides_are_warned_of_as_export_does(tmp_path: Path) -> None:
    ballots = [
        vote(1, 2, 3, record_id=f"h4rmony-{n}", prompt="¿Qué?", answers=tuple(f"{n} {text}" for text in TRANSLATED))
        for n in range(1, 31)
    ]
    write_review(Review(tuple(record(n) for n in range(1, 31)), tuple(ballots)), tmp_path / "review")
    review = ("--review", str(tmp_path / "review"))
    published = publish(*review, "--dry-run", "-o", tmp_path / "out", "--home", tmp_path / "home")
    exported = CliRunner().invoke(main, ["export", *review, "-o", str(tmp_path / "export")])
    assert (published.exit_code, exported.exit_code) == (0, 0)
    (said,) = [line for line in exported.stderr.splitlines() if "in train and in test" in line]
    assert said in published.stderr.splitlines()
    card = (tmp_path / "out" / "README.md").read_text(encoding="utf-8")
    assert "- 1 *prompt* revisado está en `train` y en `test`:" in card
    assert "- 1 reviewed prompt is in `train` and in `test`:" in card


def test_a_reviewer_who_weighs_nothing_counts_nowhere(review: Path, tmp_path: Path) -> None:
    weights = tmp_path / "weights.csv"
    weights.write_text("reviewer,weight\nana-lopez,0\neva-roca,0\n")
    arguments = ("--review", review, "--dry-run", "-o", tmp_path / "out", "--home", tmp_path / "home")
    result = publish(*arguments, "--weights", weights, "--unreviewed")
    assert result.exit_code == 0, result.output
    for line in (" reviewers 0\n", " votes 0\n", " ballots submitted 10\n", " ballots of weight 0 10\n"):
        assert line in re.sub(" +", " ", result.stdout)


def test_the_options_of_export_are_its_own(review: Path, tmp_path: Path) -> None:
    arguments = ("--review", review, "--dry-run", "-o", tmp_path / "out", "--home", tmp_path / "home")
    result = publish(
        *arguments, "--min-reviewers", "2", "--language", "both", "--unreviewed", "--method", "unanimous"
    )
    assert result.exit_code == 0, result.output
    settings = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))["settings"]
    assert (settings["min_reviewers"], settings["languages"], settings["unreviewed"]) == (2, ["es", "en"], True)
    assert settings["method"] == "unanimous"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--dry-run",), "--dry-run and -o DIR go together"),
        (("-o", "out"), "--dry-run and -o DIR go together"),
        (("--columns", "idioma", "--dry-run", "-o", "out"), "is not NAME=VALUE"),
        (("--columns", "=es", "--dry-run", "-o", "out"), "is not NAME=VALUE"),
        (("--columns", "a=1", "--columns", "a=2"), "given twice"),
        (("--format", "csv"), "Invalid value for '--format'"),
        (("--min-margin", "nan"), "Invalid value for '--min-margin'"),
        (("--revision", "../main"), "not a name of a branch"),
    ],
)
def test_wrong_options_are_wrong_usage(arguments: tuple[str, ...], said: str) -> None:
    result = publish(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr


@pytest.mark.parametrize("name", ["h4rmony", "a/b/c", "a/b--c", "a/..", "a b/c", "-a/b", "a/b.git", "a/" + "b" * 99])
def test_a_name_that_the_hub_does_not_take_is_wrong_usage(name: str) -> None:
    result = CliRunner().invoke(main, ["publish", name])
    assert result.exit_code == 2


def test_a_taken_column_and_a_foreign_folder_are_stated_errors(review: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").write_text("x")
    arguments = ("--review", review, "--dry-run", "-o", tmp_path / "out", "--home", tmp_path / "home")
    for more, said in ((("--columns", "label=x"), "--columns label"), ((), "choose an empty folder")):
        result = publish(*arguments, *more)
        assert (result.exit_code, result.stdout) == (1, "")
        assert said in result.stderr and len(result.stderr.splitlines()) == 1
    assert files(tmp_path / "out") == {"mine.txt": b"x"}


# -- to the Hub ------------------------------------------------------------------------------------------------------


def test_a_push_is_one_commit_of_what_a_dry_run_writes(review: Path, tmp_path: Path, hub: Hub) -> None:
    done = push(hub, review, "--json")
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout)
    assert (result["changed"], result["url"]) == (True, f"{hub.url}/datasets/{REPO}")
    assert [commit["branch"] for commit in hub.commits] == ["main"]
    assert not hub.repos[REPO].private
    publish("--review", review, "--dry-run", "-o", tmp_path / "out", "--home", tmp_path / "home")
    assert hub.repos[REPO].branches["main"] == {".gitattributes": b"", **files(tmp_path / "out")}
    assert hub.requests.index("POST /api/validate-yaml") < hub.requests.index("POST /api/repos/create")


def test_pushing_again_asks_replaces_deletes_what_is_stale_and_says_unchanged(review: Path, hub: Hub) -> None:
    assert push(hub, review, "--format", "dpo", "--format", "sft").returncode == 0
    repo = hub.repos[REPO]
    repo.branches["main"] |= {"LICENSE": b"mine", "data/train.parquet": b"mine"}
    before = dict(repo.branches["main"])

    refused = push(hub, review, "--format", "kto")
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == f"Error: {REPO}: exists on the Hub; add --yes to replace its data and card\n"
    assert repo.branches["main"] == before

    done = push(hub, review, "--format", "kto", "--yes", "--json")
    assert done.returncode == 0, done.stderr
    stale = [path for path in before if path.startswith(("dpo/", "sft/"))]
    assert json.loads(done.stdout)["deleted"] == sorted(stale)
    kept = repo.branches["main"]
    assert {kept["LICENSE"], kept["data/train.parquet"]} == {b"mine"}
    assert "kto/train.parquet" in kept and not set(stale) & set(kept)

    again = push(hub, review, "--format", "kto", "--yes")
    assert again.stdout.splitlines()[0] == f"{hub.url}/datasets/{REPO} is unchanged"
    assert len(hub.commits) == 2


@pytest.mark.parametrize(("answer", "status"), [(b"y\n", 0), (b"n\n", 1)])
def test_at_a_terminal_the_user_is_asked(review: Path, hub: Hub, answer: bytes, status: int) -> None:
    hub.repos[REPO] = Repo()
    done = push_at_a_terminal(hub, review, answer)
    assert done.returncode == status, done.stderr
    assert f"{REPO} exists on the Hub (public). Replace its data and card on main? [y/N]" in done.stderr
    assert len(hub.commits) == 1 - status


def test_private_means_private(review: Path, hub: Hub) -> None:
    assert push(hub, review, "--private").returncode == 0
    assert hub.repos[REPO].private
    hub.repos[REPO].private = False
    done = push(hub, review, "--private", "--yes")
    assert done.returncode == 1
    assert "exists and is public" in done.stderr
    assert len(hub.commits) == 1


def test_a_new_branch_needs_no_question_and_leaves_main_alone(review: Path, hub: Hub) -> None:
    hub.repos[REPO] = Repo()
    done = push(hub, review, "--revision", "borrador")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[0] == f"pushed {hub.url}/datasets/{REPO}/tree/borrador"
    assert list(hub.repos[REPO].branches["main"]) == [".gitattributes"]
    assert "dpo/train.parquet" in hub.repos[REPO].branches["borrador"]
    assert push(hub, review, "--revision", "borrador").returncode == 1  # now it holds something


def test_a_hackathon_s_rules_are_checked_before_anything_is_sent(review: Path, tmp_path: Path, hub: Hub) -> None:
    done = push(hub, review, "--profile", "somosnlp")
    assert (done.returncode, done.stdout) == (1, "")
    *listed, last = done.stderr.splitlines()
    assert [line.split(":")[1].strip() for line in listed] == ["name", "varieties", "varieties", "language"]
    assert all(line.startswith("Missing: ") and "; " in line for line in listed)
    rules = "(name, varieties, language)"
    assert last == f"Error: {REPO}: 4 things are missing by the rules of somosnlp {rules}; nothing was sent"
    assert REPO not in hub.repos and not any(request.startswith(("POST", "PUT")) for request in hub.requests)
    out = tmp_path / "out"
    dry = publish("--review", review, "--profile", "somosnlp", "--dry-run", "-o", out, "--home", tmp_path / "home")
    assert dry.exit_code == 0
    assert [line for line in dry.stderr.splitlines() if line.startswith("Missing")] == listed
    assert re.search(r"missing +4\n", dry.stdout) and (out / "README.md").exists()


def test_what_meets_the_rules_is_pushed(review: Path, tmp_path: Path, hub: Hub) -> None:
    told = read_review(review)
    records = tuple(replace(one, metadata={**one.metadata, "variety": "es_pe"}) for one in told.records)
    write_review(Review(records, told.ballots), review)
    (tmp_path / "who.csv").write_text("reviewer,variety\neva-roca,Perú\n", encoding="utf-8")
    rules = ("--profile", "somosnlp", "--reviewers", tmp_path / "who.csv")
    done = push(hub, review, *rules, repo="equipo/es-dpo-kto")
    assert done.returncode == 0 and "Missing" not in done.stderr, done.stderr
    card = hub.repos["equipo/es-dpo-kto"].branches["main"]["README.md"].decode()
    assert "language_bcp47:\n- es-PE\n" in card and "revisores: es-PE (1), no consta (1)" in card
    assert "eva-roca" not in card


def test_without_a_token_the_error_says_how_to_get_one(review: Path, hub: Hub) -> None:
    done = push(hub, review, token=None)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("Error: no Hugging Face token: run `hf auth login` or set HF_TOKEN")
    assert len(done.stderr.splitlines()) == 1
    assert hub.requests == []


def test_a_stored_login_is_a_token(review: Path, hub: Hub) -> None:
    (review.parent / "hf-home").mkdir()
    (review.parent / "hf-home" / "token").write_text(TOKEN)
    assert push(hub, review, token=None).returncode == 0


def test_what_the_hub_refuses_is_a_stated_error(review: Path, hub: Hub) -> None:
    denied = push(hub, review, token="hf_wrong")
    assert "the Hub refused the token (401)" in denied.stderr and "hf_wrong" not in denied.stderr
    hub.card_errors = ['"license" must be one of [mit, other]']
    card = push(hub, review)
    assert card.stderr.startswith(
        f'Error: {REPO}: the Hub does not take the dataset card ("license" must be one of ['
    )
    assert REPO not in hub.repos
    hub.card_errors = []
    hub.before_commit = lambda repo: repo.branches["main"].update({"new.txt": b"x"})
    raced = push(hub, review)
    assert "somebody else changed the repository meanwhile (412)" in raced.stderr
    for done in (denied, card, raced):
        assert (done.returncode, done.stdout) == (1, "")
        assert len(done.stderr.splitlines()) == 1, done.stderr


def test_a_hub_out_of_reach_is_a_stated_error(review: Path) -> None:
    done = push(Hub("http://127.0.0.1:9"), review)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.match(
        rf"Error: {REPO}: the Hub cannot be reached \(.+\); check the network and run again\n$", done.stderr
    )


def test_a_token_that_no_header_can_hold_is_a_stated_error_of_its_own(review: Path, hub: Hub) -> None:
    for token in ("hf_señ", "hf_a b", "hf_\u20ac" * 9):
        done = push(hub, review, token=token)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith("Error: the Hugging Face token holds blanks or characters beyond ASCII")
        assert len(done.stderr.splitlines()) == 1 and token not in done.stderr
    assert hub.requests == []


# -- the card --------------------------------------------------------------------------------------------------------


def licensed(folder: Path, *licences: str) -> Path:
    """A review with a ballot on a record of each licence."""
    records = [record(n, metadata={"translation_licence": licence}) for n, licence in enumerate(licences, 1)]
    ballots = [vote(1, 2, 3, record_id=each.id, prompt="¿Qué?", answers=TRANSLATED) for each in records]
    write_review(Review(tuple(records), tuple(ballots)), folder)
    return folder


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--language", "both", "--unreviewed"),
        ("--language", "en"),
        ("--columns", "idioma=es", "--columns", "país_origen=España: 'sí'"),
        ("--format", "dpo", "--format", "orpo", "--format", "lm-eval", "--test-share", "0.4"),
    ],
)
def test_the_hub_checks_the_card_of_a_dry_run_without_a_token(
    review: Path, tmp_path: Path, hub: Hub, arguments: tuple[str, ...]
) -> None:
    out = tmp_path / "out"
    done = push(hub, review, "--dry-run", "-o", out, *arguments, token=None)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "  card       checked by the Hub"
    assert "Note:" not in done.stderr
    assert hub.requests == ["POST /api/validate-yaml"]
    assert hub.cards == [(out / "README.md").read_text(encoding="utf-8")]
    again = push(hub, review, "--dry-run", "-o", out, *arguments, "--json", token=None)
    result = json.loads(again.stdout)
    assert (result["changed"], result["card_checked_by"], result["card"]) == (False, "hub", "checked by the Hub")


def test_a_token_is_not_sent_with_a_dry_run(review: Path, tmp_path: Path, hub: Hub) -> None:
    assert push(hub, review, "--dry-run", "-o", tmp_path / "out", token="hf_señ").returncode == 0
    assert hub.tokens == [None]


def test_a_dry_run_without_the_hub_says_so(review: Path, tmp_path: Path) -> None:
    nobody = Hub("http://127.0.0.1:9")
    done = push(nobody, review, "--dry-run", "-o", tmp_path / "out", token=None)
    assert done.returncode == 0, done.stderr
    assert "  card       checked by huggingface_hub only (the Hub could not be reached)\n" in done.stdout
    again = json.loads(push(nobody, review, "--dry-run", "-o", tmp_path / "out", "--json", token=None).stdout)
    assert (again["changed"], again["card_checked_by"]) == (False, "huggingface_hub")
    assert again["card"] == "checked by huggingface_hub only (the Hub could not be reached)"


def test_another_answer_than_the_validator_s_is_no_check(review: Path, tmp_path: Path, hub: Hub) -> None:
    said = "what was reached does not answer as the Hub does"
    hub.instead = (200, "<html>log in to this network</html>")
    dry = push(hub, review, "--dry-run", "-o", tmp_path / "out", token=None)
    assert dry.returncode == 0, dry.stderr
    assert f"checked by huggingface_hub only ({said})" in dry.stdout
    real = push(hub, review)
    assert (real.returncode, real.stdout) == (1, "")
    assert real.stderr == f"Error: {REPO}: the dataset card was not checked, because {said}; run again later\n"
    assert REPO not in hub.repos


def test_a_warning_without_words_is_no_note(review: Path, tmp_path: Path, hub: Hub) -> None:
    hub.instead = (200, '{"errors": [], "warnings": [{"message": null}, {"message": "old"}, ""]}')
    done = push(hub, review, "--dry-run", "-o", tmp_path / "out", "--test-share", "0.4")
    assert done.stderr == "Note: the Hub says of the dataset card: old\n"


def test_a_hub_that_drips_holds_nobody_up(
    review: Path, tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.pause = ("body", 0.3)
    monkeypatch.setitem(check_by_hub.__kwdefaults__, "timeout", 1.0)
    done = push(hub, review, "--dry-run", "-o", tmp_path / "out")
    assert done.returncode == 0, done.stderr
    assert "checked by huggingface_hub only (the Hub did not answer within 1 second)\n" in done.stdout
    assert "Traceback" not in done.stderr and "Exception" not in done.stderr
    monkeypatch.setattr("exports.publishing.hub.PUSH_SECONDS", 2.0)
    real = push(hub, review)
    assert real.stderr == (
        f"Error: {REPO}: the dataset card was not checked, because the Hub did not answer within 2 seconds; "
        "run again later\n"
    )


@pytest.mark.parametrize(
    ("path", "answer", "said"),
    [
        ("/api/repos/create", "{}", "it lacks 'url'"),
        ("/api/repos/create", "[]", "list indices must be"),
        ("/api/repos/create", "null", "'NoneType' object"),
        ("/api/repos/create", "<html>", "Expecting value"),
        (f"/api/datasets/{REPO}/preupload/main", "{}", "preupload_info is improperly formatted"),
        (f"/api/datasets/{REPO}/commit/main", "{}", "it lacks 'commitUrl'"),
    ],
)
def test_an_answer_that_a_push_cannot_use_is_one_stated_line(
    review: Path, hub: Hub, path: str, answer: str, said: str
) -> None:
    if path != "/api/repos/create":
        hub.repos[REPO] = Repo()
    hub.answers[path] = answer
    done = push(hub, review, "--yes")
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"Error: {REPO}: the Hub's answer cannot be used ({said}"), done.stderr
    assert done.stderr.endswith("); run again later\n") and len(done.stderr.splitlines()) == 1


def test_a_card_that_the_hub_refuses_is_neither_pushed_nor_written(review: Path, tmp_path: Path, hub: Hub) -> None:
    out = tmp_path / "out"
    assert push(hub, review, "--dry-run", "-o", out).returncode == 0
    before = files(out)
    hub.card_errors = ['"license" must be one of [mit, other]']
    for arguments in (("--dry-run", "-o", out), ()):
        done = push(hub, review, *arguments, "--format", "kto")
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f'Error: {REPO}: the Hub does not take the dataset card ("license" must be one')
        assert len(done.stderr.splitlines()) == 1
    assert files(out) == before
    assert REPO not in hub.repos and hub.commits == []


def test_a_card_that_the_packages_cannot_read_is_neither_pushed_nor_written(
    review: Path, tmp_path: Path, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("exports.publishing.build.render_card", lambda facts: "---\nconfigs: 1\n---\n")
    for arguments in (("--dry-run", "-o", tmp_path / "out"), ()):
        done = push(hub, review, *arguments)
        assert (done.returncode, done.stdout) == (1, "")
        assert done.stderr.startswith(f"Error: {REPO}: huggingface_hub and datasets do not take the dataset card (")
        assert len(done.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists() and REPO not in hub.repos and hub.cards == []


def test_what_the_hub_warns_of_is_a_note_and_no_error(review: Path, tmp_path: Path, hub: Hub) -> None:
    hub.warnings = ["a field is\nout of date"]
    said = "Note: the Hub says of the dataset card: a field is out of date\n"
    dry = push(hub, review, "--dry-run", "-o", tmp_path / "out", "--test-share", "0.4")
    real = push(hub, review, "--test-share", "0.4")
    for done in (dry, real):
        assert done.returncode == 0
        assert done.stderr == said, done.stderr


# -- licences --------------------------------------------------------------------------------------------------------


def test_another_licence_is_stated_by_a_dry_run_and_passes_the_hub(tmp_path: Path, hub: Hub) -> None:
    review = licensed(tmp_path / "review", "CC-BY-NC-4.0", "Apache-2.0")
    out = tmp_path / "out"
    done = push(hub, review, "--dry-run", "-o", out, "--test-share", "0")
    assert done.returncode == 0, done.stderr
    assert "  licence    other (cc-by-4.0-and-cc-by-nc-4.0)\n" in done.stdout
    assert "  card       checked by the Hub\n" in done.stdout
    assert done.stderr.splitlines()[0] == (
        "Warning: the licences of the translations bind the data (CC-BY-NC-4.0: 1 record); "
        "the card says license: other"
    )
    assert "license: other\n" in (out / "README.md").read_text(encoding="utf-8")


def test_another_licence_needs_a_yes_before_it_is_pushed(tmp_path: Path, hub: Hub) -> None:
    review = licensed(tmp_path / "review", "CC-BY-NC-4.0", "CC-BY-NC-4.0", "Apache-2.0")
    refused = push(hub, review)
    assert (refused.returncode, refused.stdout) == (1, "")
    assert refused.stderr == (
        f"Error: {REPO}: the licences of the translations bind the data (CC-BY-NC-4.0: 2 records); add --yes to "
        "publish it as license: other (cc-by-4.0-and-cc-by-nc-4.0)\n"
    )
    assert REPO not in hub.repos
    done = push(hub, review, "--yes", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["licence"] == "other (cc-by-4.0-and-cc-by-nc-4.0)"
    assert b"license_name: cc-by-4.0-and-cc-by-nc-4.0" in hub.repos[REPO].branches["main"]["README.md"]


ADVICE = (
    "where it is NOASSERTION, put the licence of the engine or of its model in metadata.translation_licence, or "
    "translate with another engine"
)


def test_where_nobody_has_said_what_holds_the_user_is_told_what_to_do(tmp_path: Path, hub: Hub) -> None:
    licence = "NOASSERTION (the provider's terms of use hold)"
    review = licensed(tmp_path / "review", licence, "CC-BY-4.0")
    bound = f"bind the data ({licence}: 1 record; {ADVICE})"
    dry = push(hub, review, "--dry-run", "-o", tmp_path / "out", "--test-share", "0")
    assert dry.stderr.splitlines()[0] == (
        f"Warning: the licences of the translations {bound}; the card says license: other"
    )
    real = push(hub, review)
    assert real.stderr == (
        f"Error: {REPO}: the licences of the translations {bound}; add --yes to publish it as license: other "
        "(cc-by-4.0-and-noassertion)\n"
    )
    named = licensed(tmp_path / "named", "cc-by-4.0", "mit", "apache-2.0")
    done = push(hub, named, "--dry-run", "-o", tmp_path / "out", "--test-share", "0")
    assert "bind" not in done.stderr and "  licence    cc-by-4.0\n" in done.stdout


@pytest.mark.parametrize(("answer", "status"), [(b"y\n", 0), (b"n\n", 1)])
def test_at_a_terminal_the_user_is_asked_for_the_licence(
    tmp_path: Path, hub: Hub, answer: bytes, status: int
) -> None:
    review = licensed(tmp_path / "review", "CC-BY-NC-4.0")
    done = push_at_a_terminal(hub, review, answer)
    assert done.returncode == status, done.stderr
    assert "bind the data (CC-BY-NC-4.0: 1 record). Publish equipo/h4rmony-es as license: other (" in done.stderr
    assert len(hub.commits) == 1 - status


@pytest.mark.parametrize("column", ["idioma=\udcff", "\udcff=es", "idioma=a\nb", "input_ids=1", "text=1"])
def test_a_column_that_cannot_be_is_one_stated_line(review: Path, tmp_path: Path, column: str) -> None:
    result = publish("--review", review, "--dry-run", "-o", tmp_path / "out", "--columns", column)
    assert (result.exit_code, result.stdout) == (1, "")
    assert result.stderr.startswith("Error: --columns ") and len(result.stderr.splitlines()) == 1
    assert not (tmp_path / "out").exists()
