"""Run the benchmarks and print their tables: ``python -m benchmarks [NAME ...]``, or ``experiments`` with options."""

from __future__ import annotations

import sys

from benchmarks import coverage, experiments, export, loading, order, review, topics, training, translate

BENCHMARKS = {
    "coverage": coverage.main,
    "experiments": experiments.main,
    "export": export.main,
    "loading": loading.main,
    "order": order.main,
    "review": review.main,
    "topics": topics.main,
    "training": training.main,
    "translate": translate.main,
}

if __name__ == "__main__":
    if sys.argv[1:2] == ["experiments"] and sys.argv[2:]:
        experiments.command(sys.argv[2:])
    for name in sys.argv[1:] or BENCHMARKS:
        print(BENCHMARKS[name]())
