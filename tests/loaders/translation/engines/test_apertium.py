from __future__ import annotations

import csv
import os
import random
import shutil
import stat
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from loaders.translation.engines.apertium import ApertiumTranslator
from loaders.translation.engines.apertium_text import escaped, split, unescaped
from loaders.translation.engines.apertium_version import installed_version
from workspace.errors import ConfigError, MissingPartError, TranslationError

pytestmark = pytest.mark.apertium

TEXTS = Path(__file__).parents[3] / "data" / "texts_small.csv"
HOSTILE = [
    "", " ", "\n\n\n", "...", "?", "🌳", "\x00", "a\x00b", "\ud800", "x\udfff y", "\uffff", "trees\ufffe and birds",
    "[", "]", "[]", "[0]", "[end 0]", "trees [end 1]", "^", "trees^", "trees ^ birds^", "^trees/árbol<n>$", "$", "\\",
    "\\^", "\\\\[", "/", "and/or", "@", "*trees", "#trees", "~", "~5 trees", "co\u00adoperate", "<b>trees</b>",
    "{{trees}}", "[[t:b:123]]trees[[/]]", "<STREAMCMD:SETVAR:x>", "[<STREAMCMD:FLUSH>]", "  trees  ", "\ttrees\t",
    "Trees\n\n\n- one\n- two\r\n\r\nend", "\r", "\u2028trees\u2029", "\x1b[31mtrees\x1b[0m", "\ufefftrees",
    "trees without an end", "Trees. And birds", "https://example.org/Forest_(green)?a=the&b=trees", "me@trees.org",
    "1" * 100_000, "x" * 100_000, "the trees " * 2_000, "(" * 5_000, "a\u0301rbol", "’", "漢字", "العربية", "&amp;",
]  # fmt: skip


@pytest.fixture(scope="module")
def apertium():
    # Not skipped: without Apertium this fails, and its message says how to install it.
    return ApertiumTranslator()


def fake(folder: Path, script: str) -> str:
    """A program that answers -l and -V as Apertium does and otherwise runs ``script``."""
    program = folder / "apertium"
    head = '#!/bin/bash\ncase "$1" in -l) echo "  eng-spa"; exit;; -V) echo "Apertium 3.8.3"; exit;; esac\n'
    program.write_text(head + script)
    program.chmod(program.stat().st_mode | stat.S_IXUSR)
    return str(program)


def test_it_translates_english_to_spanish_and_back(apertium):
    assert apertium.translate(["The forests are green.", "Hello world"]) == [
        "Los bosques son verdes.",
        "Hola Mundial",
    ]
    back = ApertiumTranslator("es", "en")
    assert back.translate(["Los bosques son verdes."]) == ["The forests are green."]


def test_it_names_itself_and_its_version(apertium):
    assert apertium.engine == "apertium"
    program, _, pair = apertium.version.partition("/")
    assert program[0].isdigit()
    assert pair.startswith("eng-spa ")
    assert ApertiumTranslator().version == apertium.version


def test_no_texts_need_no_process(tmp_path):
    translator = ApertiumTranslator(program=fake(tmp_path, "exit 1"))
    assert translator.translate([]) == []
    assert translator.translate(["", "...", "\n"]) == ["", "...", "\n"]


def test_a_hostile_text_moves_none_of_its_neighbours(apertium):
    texts = [text for hostile in HOSTILE for text in ("The forests are green", hostile, "Two birds sing.")]
    answers = apertium._translate_together(texts)
    for place, hostile in enumerate(HOSTILE):
        before, answer, after = answers[3 * place : 3 * place + 3]
        assert (before, after) == ("Los bosques son verdes", "Dos pájaros cantan."), hostile[:40]
        assert bool(answer.strip()) == bool(hostile.strip()), hostile[:40]


def test_hostile_texts_go_through_together_in_one_run(apertium):
    together = apertium._translate_together(HOSTILE)
    assert len(together) == len(HOSTILE)
    order = list(range(len(HOSTILE)))
    random.Random(7).shuffle(order)
    assert apertium._translate_together([HOSTILE[i] for i in order]) == [together[i] for i in order]


def test_what_is_no_language_stays_as_it_is(apertium):
    for text in ["...", "🌳", "[0]", "~/.config", "https://example.org/the/trees", "me@trees.org", "x" * 300]:
        (answer,) = apertium.translate([f"  {text}\n\nThe trees: {text} \t\n"])
        start, _, rest = answer.partition("\n\n")
        assert start == f"  {text}"
        assert text in rest
        assert rest.endswith(f"{text} \t\n")


CODE = "```python\nfor tree in forest:\n    print(tree.name)  # the name\n```"


def test_code_formulas_and_tags_stay_as_they_are(apertium):
    assert apertium.translate([f"The trees\n{CODE}\nTwo birds"]) == [f"Los árboles\n{CODE}\nDos pájaros"]
    for kept in (
        "`the trees`",
        r"$\frac{the}{trees}$",
        r"\(the^2\)",
        "<b class='the'>",
        "{trees}",
        "{{ the trees }}",
    ):
        (answer,) = apertium.translate([f"Two birds sing {kept} every day."])
        assert kept in answer and "pájaros" in answer


def test_lines_stay_lines_and_blanks_at_their_ends_stay(apertium):
    (answer,) = apertium.translate(["\n  The trees\r\n\r\n\tTwo birds  \x00\n"])
    assert answer == "\n  Los árboles\r\n\r\n\tDos pájaros  \x00\n"


def test_blanks_beside_dropped_words_go(apertium):
    (answer,) = apertium.translate(["Did you see it?"])
    assert answer == "Lo ves?"


_WORDS = st.sampled_from(["the", "trees", "don't", "is", "New York", "U.S.", "C++", "cannot", "you", "a@b.cd", "~x"])
_SIGNS = st.text(st.sampled_from("[]^$/\\@<>{}~*#+|_=&%\x00\n\r\t .,;:!?'\"()0189abXYZñ🌳\u00ad\ufeff\ud800\uffff漢"))
_ANY = st.text(st.characters(exclude_categories=[]), max_size=40)
_TEXT = st.lists(_WORDS | _SIGNS | _ANY, max_size=6).map(" ".join)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(_TEXT, min_size=1, max_size=60))
@example(["a^", "a"])
def test_count_order_and_lines_hold_for_any_text(apertium, texts):
    answers = apertium._translate_together(texts)
    assert len(answers) == len(texts)
    for text, answer in zip(texts, answers, strict=True):
        kept = [piece for piece in split(text) if not piece.translatable]
        assert all(piece.text in answer for piece in kept)
        assert [answer.count(sign) for sign in "\n\x00^~[]"] == [text.count(sign) for sign in "\n\x00^~[]"]
        assert bool(answer.strip()) == bool(text.strip())


@given(st.text(st.characters(exclude_categories=[])))
def test_splitting_and_escaping_lose_nothing(text):
    pieces = split(text)
    assert "".join(piece.before + piece.text + piece.after for piece in pieces) == text
    for piece in pieces:
        if piece.translatable and "  " not in piece.text:
            assert unescaped(escaped(piece.text), piece.text) in (piece.text, _composed(piece.text))


def _composed(text: str) -> str:
    import unicodedata

    return unicodedata.normalize("NFC", text).strip()


def test_a_line_that_loses_what_is_to_pass_through_stays_untranslated():
    assert unescaped("Árboles", "trees ~") == "trees ~"
    assert unescaped("  ", "do") == "do"
    assert unescaped("Árboles [0]", "trees ~") == "Árboles ~"


def test_a_thousand_texts_take_one_process_and_seconds(apertium):
    with TEXTS.open(encoding="utf-8", newline="") as file:
        cells = [cell for row in list(csv.reader(file))[1:] for cell in row if cell]
    texts = (cells * 1000)[:1000]
    start = time.monotonic()
    answers = apertium._translate_together(texts)
    assert time.monotonic() - start < 30
    assert answers == (answers[: len(cells)] * 1000)[:1000]
    assert all(answers)


def test_a_locale_that_is_no_utf8_changes_nothing(apertium):
    plain = ApertiumTranslator(environ={**os.environ, "LC_ALL": "C", "LANG": "C"})
    assert plain.translate(["Naïve 🌳 trees"]) == apertium.translate(["Naïve 🌳 trees"])


@pytest.mark.parametrize(
    ("script", "problem"),
    [
        ("cat > /dev/null; echo 'no such dictionary' >&2; exit 3", r"ended with status 3 \(no such dictionary\)"),
        ("exit 0", r"answered with 1 text for 1|answered out of order"),
        ("cat; printf 'more\\0'", "answered with 3 texts for 1"),
        ("cat > /dev/null; printf '\\xff\\0'", "not UTF-8"),
        ("cat > /dev/null; printf 'Hola[end 1]\\0'", "answered out of order"),
    ],
)
def test_a_failing_program_is_an_error_that_names_the_text(tmp_path, script, problem):
    translator = ApertiumTranslator(program=fake(tmp_path, script))
    with pytest.raises(TranslationError, match=rf"({problem}).*'Hello world'"):
        translator.translate(["Hello world"])


def test_halves_find_the_text_at_fault(tmp_path):
    script = f'input=$(mktemp); cat > $input; grep -aq bad $input && exit 1; {shutil.which("apertium")} "$@" < $input'
    translator = ApertiumTranslator(program=fake(tmp_path, script))
    texts = [f"tree {number}" for number in range(20)]
    with pytest.raises(TranslationError, match="'a bad text'"):
        translator.translate([*texts[:13], "a bad text", *texts[13:], "another bad text"])


def test_a_fault_that_passes_is_mended(tmp_path):
    once = tmp_path / "once"
    script = f'[ -e {once} ] || {{ touch {once}; exit 1; }}\nexec {shutil.which("apertium")} "$@"'
    translator = ApertiumTranslator(program=fake(tmp_path, script))
    assert translator.translate(["Hello world", "two birds"]) == ["Hola Mundial", "Dos pájaros"]


def test_a_program_that_hangs_is_killed_with_all_its_children(tmp_path):
    child = tmp_path / "child"
    translator = ApertiumTranslator(program=fake(tmp_path, f"sleep 600 & echo $! > {child}; wait"), timeout=1)
    start = time.monotonic()
    with pytest.raises(TranslationError, match="took longer than 1 s, at the text 'Hello world'"):
        translator.translate(["Hello world"])
    assert time.monotonic() - start < 10
    deadline = time.monotonic() + 10  # a killed process goes a moment after the signal
    while _is_running(int(child.read_text())):
        assert time.monotonic() < deadline, "the child lives on"
        time.sleep(0.01)


def _is_running(pid: int) -> bool:
    try:
        return "\nState:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return False


def test_a_missing_program_or_pair_says_what_to_install(tmp_path):
    install = "install it with: apt-get install apertium apertium-eng-spa"
    with pytest.raises(MissingPartError, match=rf"^{tmp_path}/none cannot be run .*{install}$"):
        ApertiumTranslator(program=str(tmp_path / "none"))
    empty = tmp_path / "apertium"
    empty.write_text("#!/bin/bash\necho '  eng-cat'\n")
    empty.chmod(0o755)
    with pytest.raises(MissingPartError, match=f"^Apertium has no eng-spa; {install}$"):
        ApertiumTranslator(program=str(empty))


def test_other_languages_are_refused():
    with pytest.raises(ConfigError, match="goes from en, es to en, es, not en to fr"):
        ApertiumTranslator("en", "fr")


def test_a_pair_that_is_no_package_has_the_version_of_its_files(tmp_path):
    (tmp_path / "modes").mkdir()
    data = tmp_path / "eng-spa.bin"
    data.write_bytes(b"one")
    (tmp_path / "modes" / "eng-spa.mode").write_text(f"lt-proc '{data}'")
    environ = {"APERTIUM_DATADIR": str(tmp_path)}
    first = installed_version("eng-spa", "apertium-eng-spa", environ)
    assert first.startswith("eng-spa data-")
    assert installed_version("eng-spa", "apertium-eng-spa", environ) == first
    data.write_bytes(b"two")
    assert installed_version("eng-spa", "apertium-eng-spa", environ) != first
