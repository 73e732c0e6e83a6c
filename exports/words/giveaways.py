"""What gives the reviewed ranks away, in sentences."""

from __future__ import annotations

from exports.words.wording import Wording
from workspace.giveaways import GiveAways, Share
from workspace.giveaways.measure import FEWEST_PROMPTS


def giveaway_sentences(found: GiveAways, words: Wording) -> tuple[str, ...]:
    """How often the longer answer is preferred, how well the surface tells which one is, and what that means."""
    if not found.longer_wins:
        return (words("giveaways_no_pairs"),)
    longer = words(
        "giveaways_longer", share=_share(found.longer_wins, words), pairs=found.pairs, prompts=found.prompts
    )
    surface = found.surface
    if not surface.accuracy:
        return longer, words("giveaways_few", least=FEWEST_PROMPTS), words(f"giveaways_{found.verdict}")
    told = [words("giveaways_classifier", share=_share(surface.accuracy, words))]
    if surface.feature:
        told.append(words("giveaways_feature", feature=words.named("feature", surface.feature)))
    return longer, " ".join(told), words(f"giveaways_{found.verdict}")


def _share(share: Share, words: Wording) -> str:
    return f"{words.percent(share.value)} {words.interval(share, 'share')}".strip()
