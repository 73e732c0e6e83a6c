"""Run the benchmarks and print their tables: ``python -m benchmarks [NAME ...]``."""

from __future__ import annotations

import sys

from benchmarks import coverage, export, order, review, topics, training, translate

BENCHMARKS = {
    "coverage": coverage.main,
    "export": export.main,
    "order": order.main,
    "review": review.main,
    "topics": topics.main,
    "training": training.main,
    "translate": translate.main,
}

if __name__ == "__main__":
    for name in sys.argv[1:] or BENCHMARKS:
        print(BENCHMARKS[name]())
