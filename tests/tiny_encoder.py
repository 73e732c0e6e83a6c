"""A tiny multilingual sentence-transformers model that a test makes for itself: words that translate each other share
a vector, so a text and its translation have the same words to it. It is loaded by the real code.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from loaders.embeddings.check import PAIRS

# texts of the tests, in English and Spanish
TEXTS = (
    ("Why do rivers matter?", "¿Por qué importan los ríos?"),
    ("They live.", "Viven."),
    ("It depends.", "Depende."),
    ("They are useful.", "Son útiles."),
    ("Should forests be protected?", "¿Hay que proteger los bosques?"),
    ("Must woodland be defended?", "¿Se deben defender las arboledas?"),
)
SAME = (("forests", "woodland"), ("protected", "defended"))  # words that say the same
DIMENSION = 32


def make_encoder(folder: Path, pairs: Iterable[tuple[str, str]] = ()) -> Path:
    """Write the model; it knows the words of ``pairs``, of the tests' texts and of the multilingual check."""
    import numpy as np
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import StaticEmbedding
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers

    rows = {"[UNK]": np.zeros(DIMENSION, np.float32)}
    random = np.random.default_rng(7)
    for sentences in (*PAIRS, *TEXTS, *pairs):
        vector = random.normal(size=DIMENSION).astype(np.float32)
        for word in re.findall(r"\w{4,}", " ".join(sentences).lower()):
            rows.setdefault(word, vector)
    for word, other in SAME:
        rows[other] = rows[word] = rows[word] + rows[other]
    tokenizer = Tokenizer(models.WordLevel({word: number for number, word in enumerate(rows)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    module = StaticEmbedding(tokenizer, embedding_weights=np.stack(list(rows.values())))
    SentenceTransformer(modules=[module], device="cpu").save(str(folder), create_model_card=False)
    return folder
