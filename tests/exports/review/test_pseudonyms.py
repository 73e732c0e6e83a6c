"""Pseudonyms: stable under one key, not to be found without it, and no name left anywhere in a review."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exports.review.files import Review
from exports.review.pseudonyms import KEY_FILE, PERSON_COLUMNS, pseudonym_key, pseudonymous, pseudonyms, public_source
from tests.exports.cases import record, vote
from workspace.errors import ConfigError
from workspace.model.records import Comparison

KEY = bytes(range(32))


def test_a_pseudonym_is_the_same_under_the_same_key_and_another_under_another() -> None:
    assert pseudonyms(["ana", "eva", "ana"], KEY) == {
        "ana": "reviewer-cb1dae",
        "eva": pseudonyms(["eva"], KEY)["eva"],
    }
    assert pseudonyms(["ana"], bytes(32)) != pseudonyms(["ana"], KEY)


def test_a_name_cannot_be_found_by_hashing_names() -> None:
    pseudonym = pseudonyms(["ana"], KEY)["ana"].removeprefix("reviewer-")
    for guess in (hashlib.sha256(b"ana"), hashlib.md5(b"ana"), hmac.new(b"", b"ana", "sha256")):
        assert not guess.hexdigest().startswith(pseudonym)


@given(st.sets(st.text(min_size=1), max_size=20))
def test_no_two_names_share_a_pseudonym(names: set[str]) -> None:
    names = {name for name in names if name.isprintable()}
    given_names = pseudonyms(names, KEY)
    assert given_names.keys() == names
    assert len(set(given_names.values())) == len(names)
    assert all(re.fullmatch("reviewer-[0-9a-f]{6,}", value) for value in given_names.values())


def test_names_whose_first_digits_are_equal_get_more_digits_until_they_differ() -> None:
    digits: dict[str, str] = {}
    for number in range(100_000):
        name = str(number)
        start = hmac.new(KEY, name.encode(), "sha256").hexdigest()[:6]
        if start in digits:
            break
        digits[start] = name
    one, other = pseudonyms([name, digits[start], "ana"], KEY), pseudonyms(["ana"], KEY)
    assert one[name] != one[digits[start]]
    assert len(one[name]) == len(one[digits[start]]) > len(one["ana"])
    assert one["ana"] == other["ana"]


def test_the_key_is_made_once_and_its_owner_alone_can_read_it(tmp_path: Path) -> None:
    home = tmp_path / "home"
    key = pseudonym_key(home)
    path = home / KEY_FILE
    assert path.stat().st_mode & 0o777 == 0o600
    path.chmod(0o644)
    assert pseudonym_key(home) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert {file.name for file in home.iterdir()} == {KEY_FILE, ".gitignore"}
    assert len(key) == 32
    assert pseudonym_key(tmp_path / "other") != key


@pytest.mark.parametrize("content", ["", "00", "no key", "é", "ab" * 31])
def test_what_is_not_a_key_is_a_stated_error_and_is_not_replaced(tmp_path: Path, content: str) -> None:
    path = tmp_path / KEY_FILE
    path.write_text(content, encoding="utf-8")
    with pytest.raises(ConfigError, match=re.escape(str(path))):
        pseudonym_key(tmp_path)
    assert path.read_text(encoding="utf-8") == content


def test_a_home_that_cannot_be_made_is_a_stated_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match="cannot be kept there"):
        pseudonym_key(tmp_path / "file" / "home")


def full_review() -> Review:
    people = {"prompt_originator": "ana-lopez", "contributor": "ana-lopez", "type": "ana-lopez"}
    columns = {"Id": "1", **dict.fromkeys(PERSON_COLUMNS, "ana-lopez")}
    records = (
        record(1, metadata=people, comparisons=(Comparison(0, 1, columns),)),
        record(2),
    )
    ballots = (
        vote(1, 2, 3, reviewer="ana-lopez", comment="llámame", updated_at="2024-05-01T10:20:30Z"),
        vote(1, 2, 3, reviewer="leo", record_id="h4rmony-2", status="draft", comment="soy leo"),
        vote(1, 2, 3, reviewer="eva", status="discarded"),
    )
    return Review(records, ballots)


def test_no_name_moment_or_comment_is_left_in_a_review() -> None:
    review = full_review()
    names = pseudonyms((ballot.reviewer for ballot in review.ballots), KEY)
    public = pseudonymous(review, names)
    assert sorted(ballot.reviewer for ballot in public.ballots) == sorted(names.values())
    assert {ballot.updated_at for ballot in public.ballots} == {"2024-05-01"}
    assert {ballot.comment for ballot in public.ballots} == {None}
    record_one = public.records[0]
    assert {record_one.metadata["prompt_originator"], record_one.metadata["contributor"]} == {names["ana-lopez"]}
    assert {record_one.comparisons[0].columns[column] for column in PERSON_COLUMNS} == {names["ana-lopez"]}
    assert record_one.metadata["type"] == "ana-lopez"  # no column of people: what it says is data
    assert public.records[1] == review.records[1]
    text = json.dumps([ballot.to_json() for ballot in public.ballots])
    assert not [name for name in names if f'"{name}"' in text]


def test_everything_else_stays_and_comments_stay_when_asked_for() -> None:
    review = full_review()
    names = pseudonyms((ballot.reviewer for ballot in review.ballots), KEY)
    public = pseudonymous(review, names, comments=True)
    back = {pseudonym: name for name, pseudonym in names.items()}
    assert {back[ballot.reviewer]: ballot.comment for ballot in public.ballots} == {
        "ana-lopez": "llámame", "leo": "soy leo", "eva": None,
    }  # fmt: skip
    for ballot in public.ballots:
        own = next(b for b in review.ballots if b.reviewer == back[ballot.reviewer])
        assert (ballot.ranks, ballot.status, ballot.mode, ballot.record_id) == (
            own.ranks, own.status, own.mode, own.record_id,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "public"),
    [
        ("https://foro.example/u/@maria7/hilo/7?user=maria7", "foro.example"),
        ("HTTP://maria:clave@www.Foro.example:8080/x", "foro.example"),
        ("//foro.example/maria", "foro.example"),
        ("foro.example/u/maria", "foro.example"),
        ("x.com", "x.com"),
        ("@maria7", ""),
        ("maria@correo.example", ""),
        ("foro, u/maria7", ""),
        ("/users/maria7", ""),
        ("hilo?user=maria7", ""),
        ("neovalle/H4rmony", "neovalle/H4rmony"),
        ("foro de cocina", "foro de cocina"),
        ("datos.csv", "datos.csv"),
        ("us/data", "us/data"),
        ("", ""),
    ],
)
def test_of_an_address_only_the_host_is_published_and_of_a_handle_nothing(name: str, public: str) -> None:
    assert public_source(name) == public
    (found,) = pseudonymous(Review((record(1, metadata={"source": name}),), ()), {}).records
    assert found.metadata["source"] == public
