from __future__ import annotations

from pathlib import Path

import pytest

from workspace.errors import DataError
from workspace.memory.glossary import Term, found_terms, load_glossary, missed_terms


def sources(source: str) -> list[str]:
    return [term.source for term in found_terms(source, load_glossary())]


def test_the_glossary_is_large_enough_sorted_and_has_no_doubles() -> None:
    glossary = load_glossary()
    names = [term.source.casefold() for term in glossary]
    assert len(glossary) >= 80
    assert names == sorted(set(names))
    for name in ("ecocentrism", "stewardship", "rewilding", "greenwashing", "more-than-human", "keystone species"):
        assert name in names
    assert next(term for term in glossary if term.source == "keystone species").target == "especie clave"


def test_every_term_finds_itself_and_each_of_its_targets_is_accepted() -> None:
    for term in load_glossary():
        assert found_terms(f"About {term.source}, now.", [term]) == [term]
        for target in term.targets:
            assert missed_terms(term.source, f"Sobre {target}.", [term]) == [], (term.source, target)
        assert missed_terms(term.source, "Nada de eso.", [term]) == [term]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Wetlands and a WETLAND", ["wetland"]),
        ("the more than human world, the more-than-human world", ["more-than-human"]),
        ("carbon sinks", ["carbon sink"]),
        ("economies: the circular economies of old", ["circular economy"]),
        ("the commons, a common thing", ["commons"]),
        ("tragedy of the commons", ["tragedy of the commons"]),
        ("a living being", ["living beings"]),
        ("ecosystem services of an ecosystem", ["ecosystem", "ecosystem services"]),
        ("subecosystems, wetlander, pre-extinction", []),
        ("", []),
    ],
)
def test_terms_are_found_as_whole_words_and_the_longer_one_wins(text: str, expected: list[str]) -> None:
    assert sources(text) == expected


def test_targets_are_accepted_with_other_endings_and_nothing_else() -> None:
    glossary = load_glossary()
    assert missed_terms("keystone species", "las ESPECIES CLAVES", glossary) == []
    assert missed_terms("ecocentric", "unas visiones ecocéntricas", glossary) == []
    assert missed_terms("extinction", "las extinciones", glossary) == []
    assert missed_terms("carbon sink", "un sumidero del carbono", glossary) == []
    assert [term.source for term in missed_terms("keystone species", "especies de la clave", glossary)] == [
        "keystone species"
    ]


def test_a_glossary_of_one_s_own(tmp_path: Path) -> None:
    file = tmp_path / "g.csv"
    rows = 'source,target,note\nmoss,"musgo | verdín",\nbog,turbera,"alta, no baja"\n'
    file.write_text("\ufeff" + rows, encoding="utf-8")
    assert load_glossary(file) == (Term("bog", ("turbera",), "alta, no baja"), Term("moss", ("musgo", "verdín")))


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("a,b\n", "its columns must be source, target, note"),
        ("source,target,note\nmoss,,x\n", "line 2: a term needs a source and a target"),
        ("source,target,note\nmoss,a,\nMoss,b,\n", "line 3: 'Moss' appears twice"),
        ("source,target,note\nmoss,a,b,c\n", "line 2: more than 3 cells"),
    ],
)
def test_a_broken_glossary_is_named_by_its_line(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "g.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=problem):
        load_glossary(file)
    with pytest.raises(DataError, match="cannot be read"):
        load_glossary(tmp_path / "none.csv")
