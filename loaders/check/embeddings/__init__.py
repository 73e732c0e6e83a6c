"""Embeddings of texts: a model behind one protocol, a check that it is multilingual, vectors kept on disk."""

from loaders.check.embeddings.encoder import DEFAULT_MODEL, Encoder, Matrix
from loaders.check.embeddings.kept import VECTORS_FILE, KeptVectors, open_vectors

__all__ = ["DEFAULT_MODEL", "VECTORS_FILE", "Encoder", "KeptVectors", "Matrix", "open_vectors"]
