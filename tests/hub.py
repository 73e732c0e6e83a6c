"""A small Hugging Face Hub on loopback: the few endpoints that downloads and a push need, speaking the Hub's JSON.

It keeps files in memory and takes every upload as a regular file (the real one takes Parquet through LFS or Xet).
Of a card it says what it is told to say (``card_errors``, ``warnings``): its own rules are nobody's.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from typing import Any

from tests.loopback import serving

TOKEN = "hf_" + "t" * 34
_REPO = re.compile(r"/api/(dataset|model)s/([^/]+/[^/]+)(?:/(\w+)/([^?]+))?(?:\?.*)?")
_FILE = re.compile(r"/(?:datasets/)?([^/]+/[^/]+)/resolve/([^/]+)/(.+)")


@dataclass
class Repo:
    private: bool = False
    kind: str = "dataset"
    branches: dict[str, dict[str, bytes]] = field(default_factory=lambda: {"main": {".gitattributes": b""}})

    def branch(self, revision: str) -> str:
        """The branch of this name, or whose head is this commit."""
        return next((name for name in self.branches if revision in (name, self.sha(name))), "")

    def sha(self, branch: str) -> str:
        state = sorted((path, hashlib.sha1(data).hexdigest()) for path, data in self.branches[branch].items())
        return hashlib.sha1(json.dumps(state).encode()).hexdigest()


@dataclass
class Hub:
    url: str = ""
    repos: dict[str, Repo] = field(default_factory=dict)
    commits: list[dict[str, Any]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)
    tokens: list[str | None] = field(default_factory=list)  # the Authorization of each request
    instead: tuple[int, str] | None = None  # what somebody else answers to a card
    answers: dict[str, str] = field(default_factory=dict)  # what is answered with 200 to a path, instead
    broken: tuple[str, Callable[[BaseHTTPRequestHandler], None]] | None = None  # what answers at paths with a word
    pause: tuple[str, float] | None = None  # before each byte of the "head" or "body" of what a card is answered
    cards: list[str] = field(default_factory=list)  # what was sent to be validated
    card_errors: list[str] = field(default_factory=list)  # what the validator has against every card
    warnings: list[str] = field(default_factory=list)  # what it warns of
    before_commit: Any = None

    def address(self, repo_id: str) -> str:
        """The page of a repository."""
        return f"{self.url}/{'datasets/' * (self.repos[repo_id].kind == 'dataset')}{repo_id}"


class _Refused(Exception):
    def __init__(
        self,
        status: int,
        code: str = "",
        message: str = "no",
        errors: Sequence[str] = (),
        warnings: Sequence[str] = (),
    ) -> None:
        super().__init__(message)
        self.status, self.code = status, code
        self.answer = {"error": message, "errors": _said(errors or [message]), "warnings": _said(warnings)}


@contextmanager
def local_hub() -> Iterator[Hub]:
    hub = Hub()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(b"")

        def do_HEAD(self) -> None:
            self._answer(b"")

        def do_POST(self) -> None:
            self._answer(self.rfile.read(int(self.headers.get("Content-Length") or 0)))

        def log_message(self, *args: object) -> None:
            pass

        def _answer(self, body: bytes) -> None:
            hub.requests.append(f"{self.command} {self.path}")
            hub.tokens.append(self.headers.get("Authorization"))
            if hub.broken and hub.broken[0] in self.path:
                self.close_connection = True
                hub.broken[1](self)
                return
            status, headers = 200, {"Content-Type": "application/json"}
            try:
                if self.headers.get("Authorization") != f"Bearer {TOKEN}" and "validate-yaml" not in self.path:
                    raise _Refused(401, message="Invalid credentials")
                answer = answer_to(hub, self.command, self.path, body)
            except _Refused as refused:
                status, answer = refused.status, refused.answer
                headers |= {"X-Error-Message": str(refused)} | (
                    {"X-Error-Code": refused.code} if refused.code else {}
                )
            data = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
            if file := _FILE.fullmatch(self.path):
                headers |= {"ETag": f'"{hashlib.sha1(data).hexdigest()}"', "X-Repo-Commit": file[2]}
            if hub.instead and "validate-yaml" in self.path:
                status, data = hub.instead[0], hub.instead[1].encode()
            if self.path in hub.answers:
                status, data = 200, hub.answers[self.path].encode()
            if hub.pause and "validate-yaml" in self.path:
                self._drip(*hub.pause, data)
                return
            self.send_response(status)
            for name, value in {**headers, "Content-Length": str(len(data))}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else data)

        def _drip(self, part: str, seconds: float, data: bytes) -> None:
            head = f"HTTP/1.0 200 OK\r\nContent-Length: {len(data)}\r\n\r\n".encode()
            try:
                self.wfile.write(head if part == "body" else b"")
                for byte in data if part == "body" else head + data:
                    self.wfile.write(bytes([byte]))
                    time.sleep(seconds)
            except OSError:
                pass  # nobody waits any longer
            self.close_connection = True

    with serving(Handler) as address:
        hub.url = address
        yield hub


def answer_to(hub: Hub, method: str, path: str, body: bytes) -> Any:
    if path == "/api/validate-yaml":
        return validate(hub, method, body)
    if path == "/api/repos/create":
        wanted = json.loads(body)
        repo_id = f"{wanted['organization']}/{wanted['name']}"
        private = wanted.get("visibility") == "private" or bool(wanted.get("private"))
        hub.repos[repo_id] = Repo(private, wanted.get("type") or "model")
        return {"url": hub.address(repo_id), "id": repo_id}
    if file := _FILE.fullmatch(path):
        repo = hub.repos[file[1]]
        return repo.branches[repo.branch(file[2])][file[3]]
    match = _REPO.fullmatch(path)
    assert match, path
    kind, repo_id, action, branch = match[1], match[2], match[3] or "revision", match[4] or "main"
    if repo_id not in hub.repos or hub.repos[repo_id].kind != kind:
        raise _Refused(404, "RepoNotFound")
    repo = hub.repos[repo_id]
    if action == "branch":
        repo.branches[branch] = dict(repo.branches["main"])
        return {}
    branch = repo.branch(branch)
    if not branch:
        raise _Refused(404, "RevisionNotFound")
    return {"revision": info, "tree": tree, "preupload": preupload, "commit": commit}[action](
        hub, repo_id, repo, branch, body
    )


def validate(hub: Hub, method: str, body: bytes) -> Any:
    """POST with the kind of repository and the text of its README.md; 400 with the errors if there are any."""
    sent = json.loads(body)
    wrong = method != "POST" or set(sent) != {"repoType", "content"} or sent["repoType"] not in ("dataset", "model")
    if wrong or not isinstance(sent["content"], str):
        raise _Refused(400, message='"repoType" and "content" are required')
    hub.cards.append(sent["content"])
    if hub.card_errors:
        raise _Refused(400, message="Invalid metadata", errors=hub.card_errors, warnings=hub.warnings)
    return {"errors": [], "warnings": _said(hub.warnings)}


def _said(messages: Sequence[str]) -> list[dict[str, str]]:
    return [{"message": message} for message in messages]


def info(hub: Hub, repo_id: str, repo: Repo, branch: str, body: bytes) -> Any:
    siblings = [{"rfilename": path} for path in repo.branches[branch]]
    return {"id": repo_id, "sha": repo.sha(branch), "private": repo.private, "siblings": siblings, "tags": []}


def tree(hub: Hub, repo_id: str, repo: Repo, branch: str, body: bytes) -> Any:
    files = repo.branches[branch].items()
    return [{"type": "file", "path": path, "size": len(data), "oid": blob_id(data)} for path, data in files]


def preupload(hub: Hub, repo_id: str, repo: Repo, branch: str, body: bytes) -> Any:
    stored = repo.branches[branch]
    return {
        "files": [
            {
                "path": path,
                "uploadMode": "regular",
                "shouldIgnore": False,
                **({"oid": blob_id(stored[path])} if path in stored else {}),
            }
            for path in (file["path"] for file in json.loads(body)["files"])
        ]
    }


def commit(hub: Hub, repo_id: str, repo: Repo, branch: str, body: bytes) -> Any:
    if hub.before_commit:
        hub.before_commit(repo)
    lines = [json.loads(line) for line in body.splitlines()]
    header = next(line["value"] for line in lines if line["key"] == "header")
    if header.get("parentCommit") not in (None, repo.sha(branch)):
        raise _Refused(412, message="A commit has happened since")
    files = repo.branches[branch]
    for line in lines:
        if line["key"] == "file":
            files[line["value"]["path"]] = base64.b64decode(line["value"]["content"])
        elif line["key"] == "deletedFile":
            del files[line["value"]["path"]]
    hub.commits.append({"repo_id": repo_id, "branch": branch, "summary": header["summary"], "lines": len(lines)})
    sha = repo.sha(branch)
    return {"commitUrl": f"{hub.address(repo_id)}/commit/{sha}", "commitOid": sha, "success": True}


def blob_id(data: bytes) -> str:
    """The id that git gives a file's content."""
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
