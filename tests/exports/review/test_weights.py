from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import pytest

from exports.review.weights import read_weights
from tests.exports.cases import vote
from workspace.errors import DataError


def table(folder: Path, text: str) -> Path:
    path = folder / "reviewers.csv"
    path.write_bytes(text.encode())
    return path


def test_weights_are_exact(tmp_path: Path) -> None:
    weights = read_weights(table(tmp_path, "\ufeffreviewer,team,weight\r\nana,a,0.1\r\neva,b, 2 \r\nleo,,0\r\n"))
    assert weights.values == {"ana": Fraction(1, 10), "eva": Fraction(2), "leo": Fraction(0)}
    assert weights.rows == {"ana": 2, "eva": 3, "leo": 4}
    assert weights.to_json() == {"file": "reviewers.csv", "sha256": weights.digest, "reviewers": 3}


@pytest.mark.parametrize(
    "text",
    [
        "\ufeffreviewer;weight\r\nana;0,5\r\neva;1\r\n",  # of a Spanish Excel
        "Reviewer, WEIGHT \nana,.5\neva,1.0\n",
        "weight\treviewer\n0.50\tana\n\n1,\teva\n",
    ],
)
def test_weights_are_read_as_people_keep_tables(tmp_path: Path, text: str) -> None:
    assert read_weights(table(tmp_path, text)).values == {"ana": Fraction(1, 2), "eva": Fraction(1)}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("name,weight\nana,1\n", "column 'reviewer' is missing"),
        ("", "column 'reviewer' is missing"),
        ("reviewer\nana\n", "column 'weight' is missing"),
        ("reviewer,weight\nana,-1\n", "row 2: a weight must be a number such as 1 or 0.5, got '-1'"),
        ("reviewer,weight\nana,1\neva,mucho\n", "row 3: a weight must be"),
        ("reviewer,weight\nana,nan\n", "row 2: a weight must be"),
        ("reviewer,weight\nana,1e9\n", "row 2: a weight must be"),
        ("reviewer;weight\nana;1,000\n", "row 2: a weight must be"),
        ("reviewer,weight,Weight\nana,1,1\n", "column 'weight' is there twice"),
        ("reviewer,weight\nana\n", "row 2: a weight must be"),
        ("reviewer,weight\n,1\n", "row 2: the reviewer is blank"),
        ("reviewer,weight\nana,1\nana,2\n", "row 3: reviewer 'ana' is in row 2 already; remove one"),
        ('reviewer,weight\n"ana,1\n', "not a CSV table"),
    ],
)
def test_a_wrong_row_is_named_with_its_file(tmp_path: Path, text: str, message: str) -> None:
    path = table(tmp_path, text)
    with pytest.raises(DataError) as error:
        read_weights(path)
    assert str(error.value).startswith(f"{path}")
    assert message in str(error.value)


def test_a_file_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_weights(tmp_path / "nowhere.csv")
    (tmp_path / "latin.csv").write_bytes("reviewer,weight\nMaría,1\n".encode("latin-1"))
    with pytest.raises(DataError, match="not UTF-8"):
        read_weights(tmp_path / "latin.csv")


def test_names_must_fit_the_ballots(tmp_path: Path) -> None:
    weights = read_weights(table(tmp_path, "reviewer,weight\nana,1\neva,1\n"))
    weights.check(
        [vote(1, 2), vote(1, 2, reviewer="eva", status="draft"), vote(2, 1, reviewer="leo", status="draft")]
    )
    with pytest.raises(DataError, match=r"reviewers\.csv: no row for reviewer 'leo'"):
        weights.check([vote(1, 2), vote(1, 2, reviewer="eva"), vote(1, 2, reviewer="leo")])
    with pytest.raises(DataError, match=r"reviewers\.csv, row 3: reviewer 'eva' has no ballot"):
        weights.check([vote(1, 2)])
