"""What the benchmarks share: timing, memory, and tables in Markdown."""

from __future__ import annotations

import re
import resource
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

Result = TypeVar("Result")


def timed(work: Callable[[], Result]) -> tuple[float, Result]:
    """Seconds of wall clock, and what the work returned."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def peak_memory(work: Callable[[], Result]) -> tuple[float, Result]:
    """MiB at the peak of some work, and what it returned: of the GPU where there is one, else of this process.

    Linux counts the peak of a process anew when it is told to; elsewhere it is the highest since its start.
    """
    import torch

    if torch.cuda.is_available():
        torch.cuda.reset_peak_memory_stats()
        result = work()
        return torch.cuda.max_memory_allocated() / 2**20, result
    status, counter = Path("/proc/self/status"), Path("/proc/self/clear_refs")
    if status.exists() and counter.exists():
        counter.write_text("5")
    result = work()
    found = re.search(r"VmHWM:\s+(\d+)", status.read_text()) if status.exists() else None
    peak = int(found[1]) if found else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / 1024, result


def table(title: str, header: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A Markdown table; numbers with two decimals."""
    cells = [[f"{cell:.2f}" if isinstance(cell, float) else str(cell) for cell in row] for row in rows]
    lines = [f"### {title}", "", "| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in cells), ""])
