"""A translation memory in a file as the only engine: for texts that were translated elsewhere."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from loaders.translation.engines.licences import label_licence
from loaders.translation.engines.protocol import EngineId, shown
from workspace.errors import ConfigError, TranslationError, count_of
from workspace.files.jsonl import read_jsonl
from workspace.memory.store import HUMAN, MemoryEntry


class FileMemoryTranslator:
    """Answers with what one engine translated before, under that engine's names.

    Args:
        memory_file: JSON Lines, one entry of a translation memory a line.
        source_language, target_language: the entries that count.

    Raises:
        ConfigError: no file is given, or it holds no entry or several engines for these languages.
        DataError: the file cannot be read; names the line.
    """

    def __init__(
        self, *, source_language: str = "en", target_language: str = "es", memory_file: Path | None = None
    ) -> None:
        if memory_file is None:
            raise ConfigError("the translator `memory` needs a file: give --memory FILE")
        self._file = memory_file
        entries = [
            entry
            for entry in read_jsonl(memory_file, MemoryEntry.from_json)
            if (entry.engine.source_language, entry.engine.target_language) == (source_language, target_language)
        ]
        engines = {entry.engine for entry in entries if not entry.engine.is_human}
        if entries and not engines:
            engines = {EngineId(HUMAN, "", source_language, target_language)}
        if len(engines) != 1:
            found = ", ".join(sorted(engine.label for engine in engines)) or "none"
            raise ConfigError(
                f"{memory_file}: entries of one engine from {source_language} to {target_language} are needed, "
                f"found {found}"
            )
        engine = engines.pop()
        self.engine, self.version = engine.engine, engine.version
        self.source_language, self.target_language = source_language, target_language
        self.licence = label_licence(engine.label)
        approved = {entry.source: entry.target for entry in entries if entry.engine.is_human}
        self._translations = {entry.source: entry.target for entry in entries} | approved

    def translate(self, texts: Sequence[str]) -> list[str]:
        """Look each text up.

        Raises:
            TranslationError: the file lacks some of them.
        """
        missing = [text for text in texts if text not in self._translations]
        if missing:
            raise TranslationError(
                f"{self._file}: it lacks {len(missing)} of {count_of(len(texts), 'text')}, the first is "
                f"{shown(missing[0])}; give another --translator for them"
            )
        return [self._translations[text] for text in texts]
