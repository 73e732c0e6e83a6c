"""Foreign texts in a card are text to Markdown and to HTML; nothing is left open."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from exports.card.page import (
    MARK,
    ModelFacts,
    Portion,
    SourceFacts,
    render_card,
)
from exports.review.made import Made
from exports.words.markdown import escaped
from tests.exports.card.cards import (
    COUNTS,
    FACTS,
    bare,
)


def test_there_are_no_placeholders_and_no_gaps() -> None:
    for facts in (FACTS, bare(FACTS)):
        body = render_card(facts)
        assert MARK in body
        for placeholder in ("{{", "{%", "TODO", "[More", "nan", "| |", "|  |", "\n\n\n", "&amp;"):
            assert placeholder not in body, placeholder
        assert not re.search(r"\bNone\b[^.]", body)
        for heading, following in zip(body.split("\n## ")[1:], [*body.split("\n## ")[2:], ""], strict=True):
            assert heading.partition("\n")[2].strip(), following


class Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: Iterable[Any]) -> None:
        self.tags.append(tag)

    def handle_data(self, data: str) -> None:
        self.text += data


HOSTILE = "<script>alert(1)</script> | **b** [l](javascript:x) `c` $x$ \n\n# t ![i](http://x) \\ _u_ &lt; \u202e"


def test_foreign_texts_are_text_to_markdown_and_to_html() -> None:
    hostile = (Portion(HOSTILE, 1, 1.0),)
    facts = replace(
        FACTS, made=Made(HOSTILE, HOSTILE, HOSTILE), example=(HOSTILE,) * 3, engines=hostile,
        sources=(SourceFacts(HOSTILE, 1, {HOSTILE: 1}, (HOSTILE,), {HOSTILE: 1}),),
        models=(ModelFacts(HOSTILE, HOSTILE, 1, 1),),
        licences=hostile, issues=hostile, types=hostile,
        constants={"idioma": HOSTILE},
        settings={HOSTILE: HOSTILE, "method": HOSTILE}, counts={**COUNTS, "problems": {HOSTILE: 1}},
        configs=(replace(FACTS.configs[0], columns={HOSTILE: "string"}), *FACTS.configs[1:]),
    )  # fmt: skip
    text = render_card(facts)
    tags = Tags()
    tags.feed(text)
    assert tags.tags == ["details", "summary"] * 2
    assert text.count(escaped(HOSTILE)) == 2 * 23
    for raw in ("**b**", "[l]", "`c`", "$x$", "\n# t", "![i", "\u202e", "_u_", "&lt;"):
        assert raw not in text, raw
    cells = {line.count("|") for line in text.splitlines() if escaped(HOSTILE) in line}
    assert cells == {0, 3, 4, 5, 6}  # 0: the version stands in a sentence


@given(st.text())
def test_escaped_text_is_one_line_and_reads_the_same(text: str) -> None:
    written = escaped(text)
    assert len(written.splitlines()) <= 1
    assert not re.search(r"[\\`*\[\]<>|~$@]", written)
    tags = Tags()
    tags.feed(f"{written}\n")
    tags.close()
    assert tags.tags == []
    printable = re.sub(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069]+", " ", text)
    assert " ".join(tags.text.split()) == " ".join(printable.split())


def test_underscores_stay_inside_words_only() -> None:
    assert escaped("record_id a_1_b") == "record_id a_1_b"
    assert escaped("_a_ __init__") == "&#95;a&#95; &#95;&#95;init&#95;&#95;"
