"""Who deleted what, and when: a line in ``HOME/deletions.jsonl`` for each request that deleted something.

The file is only ever appended to. What was deleted is in the copies of the home; ``collect`` keeps the answers that
it has collected before.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime
from pathlib import Path

from workspace.files.jsonl import dumps
from workspace.files.private import private_opener
from workspace.server.guards import CLIENT, App, Message, Receive, Send

LOG = logging.getLogger("h4rmony.server")


class Deletions:
    """An application whose deletions are noted in a file."""

    def __init__(self, app: App, file: Path) -> None:
        self._app = app
        self._file = file

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer one request; if it has deleted something, note it before the client knows."""

        async def note_first(message: Message) -> None:
            if message["type"] == "http.response.start" and 200 <= message["status"] < 300:
                self._note(scope)
            await send(message)

        is_deletion = scope["type"] == "http" and scope["method"] == "DELETE"
        await self._app(scope, receive, note_first if is_deletion else send)

    def _note(self, scope: Message) -> None:
        user = scope.get("state", {}).get("user")
        query = scope.get("query_string", b"").decode("latin-1")
        noted = {
            "time": datetime.now(UTC).isoformat(timespec="seconds"),
            "user": user.username if user else None,
            "address": CLIENT.get(),
            "deleted": scope["path"] + (f"?{query}" if query else ""),
        }
        try:
            with open(self._file, "a", encoding="utf-8", opener=private_opener) as file:
                file.write(dumps(noted) + "\n")
        except (OSError, UnicodeEncodeError) as error:
            LOG.warning("a deletion could not be noted in %s: %s", self._file, error)
