"""Translation: engines behind one protocol, a memory so that nothing is translated twice, and streams over both."""

from loaders.translate.protocol import EngineId, Translator
from loaders.translate.records import RecordCounts, translate_records
from loaders.translate.registry import TRANSLATORS, make_translator
from loaders.translate.tables import translate_rows
from loaders.translate.texts import TranslationCounts, translate_texts
from workspace.memory import MEMORY_FILE, TranslationMemory

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
