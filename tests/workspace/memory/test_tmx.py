from __future__ import annotations

import warnings
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from workspace import __version__
from workspace.errors import DataError
from workspace.memory.store import EngineId, MemoryEntry
from workspace.memory.tmx import TmxCounts, read_tmx, write_tmx

APERTIUM = EngineId("apertium", "3.8.3/eng-spa 0.8.1", "en", "es")
HUMAN = EngineId("human", "apertium 3.8.3", "en", "es")
HOSTILE = "<seg>&amp; ]]> </tu><!-- \"x\" 'y' \r\n\t \u2028 🐋 ‮ ñ{{x}} $& <?xml?>\n\n  end "
ENTRIES = [
    MemoryEntry(APERTIUM, HOSTILE, HOSTILE[::-1].strip()),
    MemoryEntry(HUMAN, "trees", "árboles"),
    MemoryEntry(EngineId("opus", "", "fr", "ca"), "arbres", "arbres"),
]


def test_what_is_written_is_read_again_exactly(tmp_path: Path) -> None:
    file = tmp_path / "memory.tmx"
    assert write_tmx(file, ENTRIES) == TmxCounts(entries=3)
    before = file.read_bytes()
    assert list(read_tmx(file)) == ENTRIES
    write_tmx(file, ENTRIES)
    assert file.read_bytes() == before


@pytest.mark.extras
def test_the_file_is_tmx_1_4_to_another_reader(tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from translate.storage.tmx import tmxfile
    file = tmp_path / "memory.tmx"
    write_tmx(file, ENTRIES)
    units = tmxfile.parsefile(str(file)).units
    assert [(str(unit.source), str(unit.target)) for unit in units] == [(e.source, e.target) for e in ENTRIES]
    root = etree.parse(file).getroot()
    assert (root.tag, root.get("version")) == ("tmx", "1.4")
    assert dict(root.find("header").attrib) == {
        "creationtool": "h4rmony-es",
        "creationtoolversion": __version__,
        "segtype": "block",
        "o-tmf": "h4rmony-es memory",
        "adminlang": "en",
        "srclang": "en",
        "datatype": "plaintext",
    }
    first, human, french = root.iter("tu")
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    assert [variant.get(language) for variant in first.iter("tuv")] == ["en", "es"]
    assert (first.get("segtype"), first.get("creationtool"), first.get("changeid")) == ("block", "h4rmony-es", None)
    assert first.get("creationid") == "apertium 3.8.3/eng-spa 0.8.1"
    assert (human.get("creationid"), human.get("changeid")) == ("apertium 3.8.3", "human")
    assert french.get("srclang") == "fr"
    # the order that the DTD asks for: prop before tuv, one seg in each tuv
    assert [child.tag for child in first] == ["prop", "prop", "tuv", "tuv"]


@pytest.mark.parametrize("character", ["\x00", "\x0b", "\x1b", "\ufffe", "\uffff"])
def test_what_xml_cannot_hold_is_left_out_and_counted(tmp_path: Path, character: str) -> None:
    file = tmp_path / "memory.tmx"
    bad = MemoryEntry(APERTIUM, f"a{character}b", "x")
    assert write_tmx(file, [bad, ENTRIES[1]]) == TmxCounts(entries=1, not_xml=1)
    assert list(read_tmx(file)) == [ENTRIES[1]]


@given(source=st.text(min_size=1), target=st.text(min_size=1))
def test_any_text_comes_back_or_is_counted(
    tmp_path_factory: pytest.TempPathFactory, source: str, target: str
) -> None:
    file = tmp_path_factory.getbasetemp() / "any.tmx"
    counts = write_tmx(file, [MemoryEntry(APERTIUM, source, target)])
    read = list(read_tmx(file))
    blank = not source.strip() or not target.strip()
    assert counts.entries + counts.not_xml == 1
    assert read == ([MemoryEntry(APERTIUM, source, target)] if counts.entries and not blank else [])


FOREIGN = """<?xml version="1.0" encoding="utf-16"?>
<!DOCTYPE tmx SYSTEM "tmx14.dtd">
<tmx version="1.4"><header creationtool="OmegaT" creationtoolversion="6" segtype="sentence" o-tmf="x" adminlang="EN"
 srclang="EN-US" datatype="plaintext"><note>n</note></header><body>
<tu><note>x</note><tuv xml:lang="es-MX"><seg>La <bpt i="1">&lt;b&gt;</bpt>selva<ept i="1">&lt;/b&gt;</ept> vive.</seg>
</tuv><tuv xml:lang="EN-US"><seg>The <hi>forest</hi> <ph>{0}</ph>lives.</seg></tuv>
<tuv xml:lang="ca"><seg>La selva viu.</seg></tuv></tu>
<tu srclang="*all*"><tuv lang="en"><seg>moss</seg></tuv><tuv lang="es"><seg>musgo</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>alone</seg></tuv></tu>
<tu><tuv xml:lang="en"><seg>blank</seg></tuv><tuv xml:lang="es"><seg> </seg></tuv></tu>
<tu><tuv xml:lang="de"><seg>Moos</seg></tuv><tuv xml:lang="es"><seg>musgo</seg></tuv></tu>
</body></tmx>"""


def test_a_file_of_another_tool_is_read_as_the_work_of_people_or_as_told(tmp_path: Path) -> None:
    file = tmp_path / "foreign.tmx"
    file.write_bytes(FOREIGN.encode("utf-16"))
    counts = TmxCounts()
    entries = list(read_tmx(file, counts=counts))
    assert [(e.engine.source_language, e.engine.target_language, e.source, e.target) for e in entries] == [
        ("en", "es", "The forest lives.", "La selva vive."),
        ("en", "ca", "The forest lives.", "La selva viu."),
        ("en", "es", "moss", "musgo"),
    ]
    assert {entry.engine.engine for entry in entries} == {"human"}
    assert counts == TmxCounts(entries=3, blank=3)
    assert {entry.engine.engine for entry in read_tmx(file, engine="deepl")} == {"deepl"}


BOMB = '<!DOCTYPE tmx [<!ENTITY a "x"><!ENTITY b "&a;&a;">]><tmx version="1.4"><body>&b;</body></tmx>'


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("<html></html>", "its root element is <html>, not <tmx>"),
        ("not xml", "not XML that can be read"),
        ("<tmx><body><tu>", "not XML that can be read"),
        (BOMB, "declares XML entities"),
        ("", "not XML that can be read"),
        (
            '<tmx><body><tu srclang="en"><tuv xml:lang="en"><seg>'
            + "<hi>" * 5000
            + "x"
            + "</hi>" * 5000
            + '</seg></tuv><tuv xml:lang="es"><seg>x</seg></tuv></tu></body></tmx>',
            "not XML that can be read",
        ),
    ],
)
def test_what_is_no_tmx_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    file = tmp_path / "bad.tmx"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=problem):
        list(read_tmx(file))
    with pytest.raises(DataError, match="cannot be read"):
        list(read_tmx(tmp_path / "none.tmx"))
