"""The surface classifier: which of two answers is better, told from their surface alone.

A logistic regression on the differences between the features of two answers, each pair in both orders and without an
intercept, so that it says the opposite when the answers change places. It is judged on prompts that it was not fitted
to: the groups of prompts are dealt to folds by a hash of their names. Where both answers look alike to it, it is half
right.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from workspace.giveaways.features import FEATURES
from workspace.giveaways.shares import Tally
from workspace.model.records import content_hash

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Array = npt.NDArray[np.float64]

FOLDS = 10


def classify(differences: Mapping[str, Sequence[Sequence[float]]]) -> tuple[list[Tally], dict[str, float]]:
    """Fit and judge the classifier.

    Args:
        differences: for each group of prompts its pairs, each as the better answer's features minus the worse one's.

    Returns:
        Hits and pairs of each group, held out; and the weight of each feature, fitted to all pairs, in standard
        deviations of its differences.
    """
    import numpy as np

    names = sorted(differences, key=content_hash)
    pairs = [np.asarray(differences[name], dtype=np.float64) for name in names]
    clusters = []
    for fold in range(min(FOLDS, len(names))):
        held_out = pairs[fold::FOLDS]
        weights = _fit(np.concatenate([each for place, each in enumerate(pairs) if place % FOLDS != fold]))
        for each in held_out:
            scores = np.round(each @ weights, 9)
            clusters.append((float((scores > 0).sum() + (scores == 0).sum() / 2), len(scores)))
    everything = np.concatenate(pairs)
    scaled = _fit(everything) * _scale(everything)
    return clusters, {name: round(float(weight), 6) for name, weight in zip(FEATURES, scaled, strict=True)}


def _fit(pairs: Array) -> Array:
    """The weights of the features as they are; both orders of each pair are fitted to."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    scale = _scale(pairs)
    both = np.concatenate([pairs, -pairs]) / scale
    is_better = np.repeat([1, 0], len(pairs))
    fitted = LogisticRegression(fit_intercept=False, max_iter=1000).fit(both, is_better)
    weights: Array = fitted.coef_[0] / scale
    return weights


def _scale(pairs: Array) -> Array:
    """The standard deviation of each feature over both orders; 1 where it never differs."""
    import numpy as np

    scale: Array = np.sqrt(np.mean(pairs**2, axis=0))
    return np.where(scale > 0, scale, 1.0)
