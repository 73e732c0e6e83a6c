"""Translation: engines behind one protocol, a memory so that nothing is translated twice, and streams over both."""

from loaders.translation.engines.protocol import EngineId, Translator
from loaders.translation.engines.registry import TRANSLATORS, make_translator
from loaders.translation.records import RecordCounts, translate_records
from loaders.translation.tables import translate_rows
from loaders.translation.texts import TranslationCounts, translate_texts
from workspace.memory.store import MEMORY_FILE, TranslationMemory

__all__ = [
    "MEMORY_FILE",
    "TRANSLATORS",
    "EngineId",
    "RecordCounts",
    "TranslationCounts",
    "TranslationMemory",
    "Translator",
    "make_translator",
    "translate_records",
    "translate_rows",
    "translate_texts",
]
