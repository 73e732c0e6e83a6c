"""Is a model fit to compare a text with its translation? An English-only one is not, and says nothing that shows it.

The check: eight English sentences and their Spanish. The least similar right pair must be more similar than the most
similar wrong one, by 0.15 at least. all-MiniLM-L6-v2, which is English-only, has right pairs down to -0.07 and
wrong ones up to 0.15: it fails by far.
"""

from __future__ import annotations

import numpy as np

from loaders.check.embeddings.encoder import Encoder

MARGIN = 0.15
# Everyday sentences whose words have no kin in the other language, so that shared letters cannot help.
PAIRS = (
    ("The dog sleeps under the tree.", "El perro duerme debajo del árbol."),
    ("My grandmother bakes bread every morning.", "Mi abuela hornea pan todas las mañanas."),
    ("It has not rained here since last summer.", "Aquí no llueve desde el verano pasado."),
    ("Bees make honey from flowers.", "Las abejas hacen miel con las flores."),
    ("How many fish are left in the sea?", "¿Cuántos peces quedan en el mar?"),
    ("The wolf came down from the hills at night.", "El lobo bajó de las colinas por la noche."),
    ("They cut down the old oak to widen the road.", "Talaron el viejo roble para ensanchar la carretera."),
    ("She keeps the seeds in a small wooden box.", "Ella guarda las semillas en una cajita de madera."),
)


def separation(encoder: Encoder) -> tuple[float, float]:
    """The cosines of the check: of the least similar right pair, and of the most similar wrong one."""
    english, spanish = (encoder.encode([pair[side] for pair in PAIRS]) for side in (0, 1))
    cosines = english @ spanish.T
    right = np.diag(cosines)
    wrong = cosines[~np.eye(len(PAIRS), dtype=bool)]
    return round(float(right.min()), 3), round(float(wrong.max()), 3)
