"""Translation memories as TMX 1.4, the exchange format of translators' tools; read and written in a stream.

Written: one ``tu`` an entry, ``segtype="block"`` (a text may hold several paragraphs), the source first, languages
as ``xml:lang``. The engine is in two ``prop`` elements (``x-engine``, ``x-engine-version``) and, for other tools,
in ``creationid``; ``changeid="human"`` marks what a person approved. XML 1.0 cannot hold most control characters:
entries that have one are left out and counted.

Read: any TMX 1.x. The source is the ``tuv`` in the unit's (else the header's) ``srclang``, or the first one where
that is ``*all*`` or absent; every other ``tuv`` becomes an entry. Language codes lose their region ("es-MX" is "es").
Of the inline elements ``hi`` keeps its text; native codes (``bpt, ept, it, ph, ut``) are left out. Units without our
``prop`` are taken for human translations, unless the caller names another engine. Entities are refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workspace import __version__
from workspace.errors import DataError
from workspace.files.jsonl import replacing
from workspace.memory.store import HUMAN, EngineId, MemoryEntry
from workspace.model.languages import language_code

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

SUFFIX = ".tmx"
TOOL = "h4rmony-es"
ENGINE_PROP, VERSION_PROP = "x-engine", "x-engine-version"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
_ALL = "*all*"
_CODES = frozenset({"bpt", "ept", "it", "ph", "ut"})
# what XML 1.0 cannot write: https://www.w3.org/TR/xml/#charsets
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass
class TmxCounts:
    """What was read or written; it grows while the file is read or written.

    Attributes:
        entries: entries written or read.
        not_xml: entries left out because XML cannot hold one of their characters.
        blank: units or variants without a source, a text or a language.
    """

    entries: int = 0
    not_xml: int = 0
    blank: int = 0


def write_tmx(path: Path, entries: Iterable[MemoryEntry], *, source_language: str = "en") -> TmxCounts:
    """Write entries as TMX 1.4; the same entries make the same bytes.

    Args:
        path: the file; it is replaced in one step at the end.
        entries: what to write.
        source_language: the header's ``srclang``; entries in another source language have their own.

    Raises:
        DataError: the file cannot be written.
    """
    from lxml import etree

    counts = TmxCounts()
    with replacing(path) as file, etree.xmlfile(file, encoding="utf-8") as xml:
        xml.write_declaration()
        with xml.element("tmx", version="1.4"):
            xml.write("\n", etree.Element("header", _header(source_language)), "\n")
            with xml.element("body"):
                xml.write("\n")
                for entry in entries:
                    if _NOT_XML.search("".join(entry.to_json().values())):
                        counts.not_xml += 1
                        continue
                    xml.write(_unit(entry, source_language, etree), "\n")
                    counts.entries += 1
    return counts


def _header(source_language: str) -> dict[str, str]:
    return {
        "creationtool": TOOL,
        "creationtoolversion": __version__,
        "segtype": "block",
        "o-tmf": f"{TOOL} memory",
        "adminlang": "en",
        "srclang": source_language,
        "datatype": "plaintext",
    }


def _unit(entry: MemoryEntry, source_language: str, etree: Any) -> Any:
    engine = entry.engine
    attributes = {"creationtool": TOOL, "segtype": "block"}
    if engine.source_language != source_language:
        attributes["srclang"] = engine.source_language
    attributes["creationid"] = (engine.version if engine.is_human else engine.label) or engine.engine
    if engine.is_human:
        attributes["changeid"] = HUMAN
    unit = etree.Element("tu", attributes)
    for kind, value in ((ENGINE_PROP, engine.engine), (VERSION_PROP, engine.version)):
        etree.SubElement(unit, "prop", type=kind).text = value
    for language, text in ((engine.source_language, entry.source), (engine.target_language, entry.target)):
        variant = etree.SubElement(unit, "tuv")
        variant.set(_LANG, language)
        etree.SubElement(variant, "seg").text = text
    return unit


def read_tmx(path: Path, *, engine: str = HUMAN, counts: TmxCounts | None = None) -> Iterator[MemoryEntry]:
    """The entries of a TMX file, in order, one unit in memory at a time.

    Args:
        path: the file.
        engine: the engine of units that do not name one.
        counts: grows while the file is read.

    Raises:
        DataError: the file cannot be read, is not TMX, or declares entities.
    """
    from xml.etree.ElementTree import ParseError

    from defusedxml.common import DefusedXmlException
    from defusedxml.ElementTree import iterparse

    counts = counts if counts is not None else TmxCounts()
    try:
        with path.open("rb") as file:
            yield from _entries(iterparse(file, events=("start", "end")), path, engine, counts)
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror})") from error
    except DefusedXmlException as error:
        raise DataError(f"{path}: it declares XML entities, which are refused; take them out") from error
    except (ParseError, LookupError, ValueError, RecursionError) as error:  # elements nested a thousand deep
        raise DataError(f"{path}: not XML that can be read ({error}); export it again as TMX 1.4") from error


def _entries(events: Any, path: Path, engine: str, counts: TmxCounts) -> Iterator[MemoryEntry]:
    parents: list[Element] = []
    header = _ALL
    for event, element in events:
        if event == "start":
            if not parents and element.tag != "tmx":
                raise DataError(f"{path}: its root element is <{element.tag}>, not <tmx>")
            parents.append(element)
            continue
        parents.pop()
        if element.tag == "header":
            header = element.get("srclang") or _ALL
        elif element.tag == "tu":
            for entry in _read_unit(element, header, engine, counts):
                counts.entries += 1
                yield entry
            parents[-1].clear()  # what has been read is not kept


def _read_unit(unit: Element, header: str, engine: str, counts: TmxCounts) -> Iterator[MemoryEntry]:
    props = {prop.get("type"): prop.text or "" for prop in unit.findall("prop")}
    name = props.get(ENGINE_PROP) or engine
    version = props.get(VERSION_PROP, "") if ENGINE_PROP in props else ""
    variants = [(_language(variant), _text(variant.find("seg"))) for variant in unit.findall("tuv")]
    wanted = language_code(unit.get("srclang") or header)
    place = next((n for n, (language, _) in enumerate(variants) if wanted in (None, language)), None)
    if place is None or len(variants) < 2:
        counts.blank += 1
        return
    source_language, source = variants.pop(place)
    for language, target in variants:
        if source_language and language and source.strip() and target.strip():
            yield MemoryEntry(EngineId(name, version, source_language, language), source, target)
        else:
            counts.blank += 1


def _language(variant: Element) -> str:
    return language_code(variant.get(_LANG) or variant.get("lang") or "") or ""  # TMX 1.1 had no namespace


def _text(element: Element | None) -> str:
    if element is None:
        return ""
    parts = [element.text or ""]
    for child in element:
        if child.tag not in _CODES:
            parts.append(_text(child))
        parts.append(child.tail or "")
    return "".join(parts)
