"""Ballots that a script posts, on the real server."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from exports.review.collect import collect
from loaders.loading.send import Policy, load_records
from tests.reviews import connection_to, record
from workspace import ArgillaError, Ballot, ConfigError, Connection, DataError
from workspace.argilla.gateway import Gateway
from workspace.config import Credentials


@pytest.fixture
def connection(server: Credentials, tmp_path: Path) -> Connection:
    """Three records, of which the last has no Spanish."""
    connection = connection_to(server, tmp_path / "home")
    with Gateway(connection) as gateway:
        records = [record(1), record(2), record(3, spanish=None)]
        load_records(gateway, {3: gateway.create_dataset(3, 2)}, records, Policy())
    return connection


def collected(connection: Connection) -> dict[tuple[str, str], Ballot]:
    """The ballots by record and reviewer; when they were given is not compared."""
    return {
        (ballot.record_id, ballot.reviewer): replace(ballot, updated_at="", mode="verify")
        for ballot in collect(connection).ballots
    }


def test_ballots_come_back_as_they_were_posted(connection: Connection) -> None:
    ana, eva = f"ana.{connection.dataset}", f"eva.{connection.dataset}"
    texts = ("Uno </script> $& #TEMPLATE#", "Dos\r\nlíneas", "<\u2060script ñ 🌱")
    ballots = [
        Ballot("h4rmony-1", ana, ranks=(2, 1, 2), prompt="¿Sí?", answers=texts, problems=("false_fact", "harmful")),
        Ballot("h4rmony-2", ana, "draft", ranks=(None, 1, None), comment="a $` b"),
        Ballot("h4rmony-1", eva, "discarded", ranks=(None, None, None), problems=("not_rankable",)),
        Ballot("h4rmony-3", eva, "draft", ranks=(1, 2, 3)),
        Ballot("h4rmony-2", "owner", ranks=(3, 2, 1), prompt="¿Y?", answers=("a", "b", "c")),
    ]
    assert connection.post(ballots) == 5
    found = collected(connection)
    shown = {each.id: each.translation for each in collect(connection).records}
    assert len(found) == 5
    for ballot in ballots:
        translation = shown[ballot.record_id]
        suggested = (translation.prompt, *translation.answers) if translation else (None,) * 4
        prompt, *answers = (
            suggestion if text is None else text
            for text, suggestion in zip((ballot.prompt, *ballot.answers), suggested, strict=True)
        )
        assert found[ballot.record_id, ballot.reviewer] == replace(ballot, prompt=prompt, answers=tuple(answers))
    with Gateway(connection) as gateway:
        assert [user.username for user in gateway.reviewers()] == [ana, eva]
    assert (connection.home / "invitations" / f"{ana}.txt").is_file()


def test_no_answer_is_ever_replaced(connection: Connection) -> None:
    ana = f"ana.{connection.dataset}"
    first = Ballot("h4rmony-1", ana, "draft", ranks=(1, 2, 3), prompt="¿Antes?")
    assert connection.post([first]) == 1
    note = (connection.home / "invitations" / f"{ana}.txt").read_bytes()
    before = collect(connection)
    later = [replace(first, status="submitted", ranks=(3, 2, 1)), Ballot("h4rmony-2", ana, ranks=(1, 1, 1))]
    assert connection.post(later) == 1
    assert connection.post(later) == 0
    assert before.ballots[0] in collect(connection).ballots
    assert len(collect(connection).ballots) == 2
    assert (connection.home / "invitations" / f"{ana}.txt").read_bytes() == note


@pytest.mark.parametrize(
    ("ballot", "error", "message"),
    [
        (Ballot("h4rmony-9", "eva", ranks=(1, 2, 3)), ArgillaError, "record 'h4rmony-9' is not in dataset"),
        (Ballot("h4rmony-2", "eva", ranks=(1, 2)), DataError, "has 2 ranks and 2 texts for 3 answers"),
        (
            Ballot("h4rmony-2", "eva", ranks=(1, 2, 3), problems=("dull",)),
            DataError,
            "has the problem 'dull'",
        ),
        (
            Ballot("h4rmony-2", "eva", ranks=(1, 2, 3), comment="\ud800"),
            DataError,
            "'h4rmony-2': .* half a",
        ),
        (Ballot("h4rmony-1", "ana", ranks=(3, 2, 1)), DataError, "'ana' has two ballots on record 'h4rmony-1'"),
        (Ballot("h4rmony-2", "e v a", ranks=(1, 2, 3)), ConfigError, "'e v a' cannot be a username"),
    ],
)
def test_one_ballot_that_does_not_fit_stops_all(
    connection: Connection, ballot: Ballot, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        connection.post([Ballot("h4rmony-1", "ana", ranks=(1, 2, 3)), ballot])
    assert not collect(connection).ballots
    assert not connection.home.exists()


def test_gaps_in_ranks_are_closed_before_they_are_posted(connection: Connection) -> None:
    assert connection.post([Ballot("h4rmony-1", f"ana.{connection.dataset}", ranks=(1, 9, 9))]) == 1
    assert collect(connection).ballots[0].ranks == (1, 2, 2)


def test_no_key_shows(connection: Connection) -> None:
    assert connection.api_key not in repr(connection)
    with Gateway(connection) as gateway:
        assert gateway.me().api_key == connection.api_key
        assert connection.api_key not in repr(gateway.users())


def test_a_note_has_the_link_and_only_new_reviewers_get_one(connection: Connection) -> None:
    ana, eva = f"ana.{connection.dataset}", f"eva.{connection.dataset}"
    connection.post([Ballot("h4rmony-1", ana, ranks=(1, 2, 3))])
    (note,) = connection.invite([ana, eva], "https://review.example.org")
    link = connection.link("https://review.example.org/")
    assert (note.name, note.stat().st_mode & 0o777) == (f"{eva}.txt", 0o600)
    assert link in note.read_text("utf-8")
    assert link.removeprefix("https://review.example.org") == connection.link().removeprefix(connection.api_url)
    assert connection.link().endswith("/annotation-mode?page=1&status=pending")
    assert replace(connection, dataset="no-such").link() == connection.api_url
