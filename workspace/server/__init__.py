"""Argilla, server and web UI, in one process: no Elasticsearch, no Redis, no network.

The search engine answers with SQL over Argilla's own SQLite database, the job queue lives in memory and its
jobs run in the server's event loop. Importing this package is light; ``argilla_server`` is imported only when
a server starts.
"""

from workspace.server.process import running_server

__all__ = ["running_server"]
