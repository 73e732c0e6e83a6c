"""From reviews to training data.

Importing this package imports nothing else; each name is loaded when it is first used. The way of a ballot through it
is drawn in ``exports.review``.

>>> from exports import merge, pairs
>>> len(pairs(merge(review)))
56
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from exports.evaluation.costs.figures import Costs
    from exports.evaluation.costs.harness import costs
    from exports.evaluation.judging.answer import Answered, AnswerSettings, answer
    from exports.evaluation.judging.grade import Graded, GradeSettings, grade
    from exports.evaluation.likelihood.harness import likelihood
    from exports.evaluation.likelihood.likelihood import Likelihood
    from exports.evaluation.people import CollectedGrades, Sampled, collect_grades, post_grades, sample
    from exports.evaluation.run import compare, plan, score, validate
    from exports.evaluation.scores.card import Card
    from exports.evaluation.scores.compare import Compared
    from exports.evaluation.scores.plan import Plan
    from exports.evaluation.scores.score import Score
    from exports.formats.merged import Merged, merge, pairs
    from exports.measure.agreement import ReviewAgreement
    from exports.measure.whole import agreement
    from exports.publishing.model import PublishedModel, publish_model
    from exports.publishing.publish import Published, publish
    from exports.reporting.forest import Forest, forest
    from exports.reporting.leaderboard import Leaderboard, leaderboard
    from exports.reporting.report import Reported, report
    from exports.reporting.score_report import ScoreReported, report_score
    from exports.review.anybody.responses import Responses, collect_responses
    from exports.review.anybody.review import PairsOf
    from exports.review.collect import collect
    from exports.review.files import Review, read_review
    from exports.training.finish import finish_training
    from exports.training.plan import TrainingPlan, plan_training
    from exports.training.run import train
    from exports.training.trained import Trained
    from exports.write.explode import explode
    from exports.write.export import Exported, export

__all__ = [
    "AnswerSettings",
    "Answered",
    "Card",
    "CollectedGrades",
    "Compared",
    "Costs",
    "Exported",
    "Forest",
    "GradeSettings",
    "Graded",
    "Leaderboard",
    "Likelihood",
    "Merged",
    "PairsOf",
    "Plan",
    "Published",
    "PublishedModel",
    "Reported",
    "Responses",
    "Review",
    "ReviewAgreement",
    "Sampled",
    "Score",
    "ScoreReported",
    "Trained",
    "TrainingPlan",
    "agreement",
    "answer",
    "collect",
    "collect_grades",
    "collect_responses",
    "compare",
    "costs",
    "explode",
    "export",
    "finish_training",
    "forest",
    "grade",
    "leaderboard",
    "likelihood",
    "merge",
    "pairs",
    "plan",
    "plan_training",
    "post_grades",
    "publish",
    "publish_model",
    "read_review",
    "report",
    "report_score",
    "sample",
    "score",
    "train",
    "validate",
]

if not TYPE_CHECKING:  # else a type checker would take every name for one of the package's
    _PLACES = {
        "AnswerSettings": "exports.evaluation.judging.answer",
        "Answered": "exports.evaluation.judging.answer",
        "Card": "exports.evaluation.scores.card",
        "CollectedGrades": "exports.evaluation.people",
        "Compared": "exports.evaluation.scores.compare",
        "Costs": "exports.evaluation.costs.figures",
        "Exported": "exports.write.export",
        "Forest": "exports.reporting.forest",
        "GradeSettings": "exports.evaluation.judging.grade",
        "Graded": "exports.evaluation.judging.grade",
        "Leaderboard": "exports.reporting.leaderboard",
        "Likelihood": "exports.evaluation.likelihood.likelihood",
        "Merged": "exports.formats.merged",
        "PairsOf": "exports.review.anybody.review",
        "Plan": "exports.evaluation.scores.plan",
        "Published": "exports.publishing.publish",
        "PublishedModel": "exports.publishing.model",
        "Reported": "exports.reporting.report",
        "Responses": "exports.review.anybody.responses",
        "Review": "exports.review.files",
        "ReviewAgreement": "exports.measure.agreement",
        "Sampled": "exports.evaluation.people",
        "Score": "exports.evaluation.scores.score",
        "ScoreReported": "exports.reporting.score_report",
        "Trained": "exports.training.trained",
        "TrainingPlan": "exports.training.plan",
        "agreement": "exports.measure.whole",
        "answer": "exports.evaluation.judging.answer",
        "collect": "exports.review.collect",
        "collect_grades": "exports.evaluation.people",
        "collect_responses": "exports.review.anybody.responses",
        "compare": "exports.evaluation.run",
        "costs": "exports.evaluation.costs.harness",
        "explode": "exports.write.explode",
        "export": "exports.write.export",
        "finish_training": "exports.training.finish",
        "forest": "exports.reporting.forest",
        "grade": "exports.evaluation.judging.grade",
        "leaderboard": "exports.reporting.leaderboard",
        "likelihood": "exports.evaluation.likelihood.harness",
        "merge": "exports.formats.merged",
        "pairs": "exports.formats.merged",
        "plan": "exports.evaluation.run",
        "plan_training": "exports.training.plan",
        "post_grades": "exports.evaluation.people",
        "publish": "exports.publishing.publish",
        "publish_model": "exports.publishing.model",
        "read_review": "exports.review.files",
        "report": "exports.reporting.report",
        "report_score": "exports.reporting.score_report",
        "sample": "exports.evaluation.people",
        "score": "exports.evaluation.run",
        "train": "exports.training.run",
        "validate": "exports.evaluation.run",
    }

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used."""
        if name not in _PLACES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_PLACES[name]), name)
