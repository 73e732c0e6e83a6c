"""Garbage is collected where it holds nobody up."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

# The main thread stands for the server's event loop, ``holder`` for a request that is about to commit, and ``waiter``
# for one that waits for the lock and whose connection has a half-read cursor that is garbage.
HALF_READ = """
import sqlite3, sys, threading, time
from workspace.server.tuning import collect_garbage_aside

holder = sqlite3.connect(sys.argv[1], isolation_level=None)
holder.execute("PRAGMA journal_mode=WAL")
waiter = sqlite3.connect(sys.argv[1], isolation_level=None, check_same_thread=False, timeout=20)
collect_garbage_aside()
holder.execute("BEGIN IMMEDIATE")
cursor = waiter.execute("VALUES (1), (2)")
cursor.fetchone()
cycle = [cursor]
cycle.append(cycle)
del cursor, cycle
waits = threading.Thread(target=waiter.execute, args=("BEGIN IMMEDIATE",))
waits.start()
time.sleep(1)  # for the waiter to wait, and for the garbage to be found
for _ in range(300_000):
    made = []
    made.append(made)
assert waits.is_alive()
holder.execute("COMMIT")
waits.join()
assert waiter.in_transaction
"""


def test_a_half_read_cursor_that_is_garbage_stops_nobody(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", HALF_READ, tmp_path / "a.db"], check=True, timeout=60)
