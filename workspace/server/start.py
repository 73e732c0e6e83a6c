"""Start Argilla in this process: environment, schema, owner, text index, job queue, web server.

Every step can be interrupted at any point and run again.
"""

from __future__ import annotations

import gc
import logging
import os
import shutil
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, MutableMapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from workspace.config import Credentials
from workspace.errors import ServerError, count_of
from workspace.extras import require_packages
from workspace.server import jobs, tuning
from workspace.server.home import PACKAGES, ServerHome, address_for_clients, listen
from workspace.server.lighter import lighter_imports
from workspace.server.soundness import check_sound, stated
from workspace.server.web_ui import ask_for_pages_again, change_web_ui

LOG = logging.getLogger("h4rmony.server")
ENGINE = "embedded"
# What would point the server at another database, queue or address than its own.
FOREIGN_SETTINGS = (
    "ARGILLA_DATABASE_URL",
    "ARGILLA_BASE_URL",
    "ARGILLA_REDIS_URL",
    "ARGILLA_REDIS_USE_CLUSTER",
    "ARGILLA_ENABLE_TELEMETRY",  # deprecated; HF_HUB_DISABLE_TELEMETRY does the same
    "HF_ENDPOINT",  # the Hub is not asked, and a malformed one stops the import
)

Ready = Callable[[Credentials], None]


def run_server(home: Path, host: str, port: int, ready: Ready) -> None:
    """Serve ``home`` at ``host:port`` until SIGTERM or SIGINT; call ``ready`` once it answers.

    The port and the home's lock are taken before anything is written.

    Raises:
        MissingPartError: the server's packages are not installed.
        ServerError: the port or the home is in use, the data cannot be used, or the job queue died.
    """
    require_packages("the embedded server", PACKAGES, "server")
    from workspace.server.deletions import Deletions

    # Set up before Argilla does it: its own lines are cut at 80 columns.
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s", level=logging.WARNING)
    place = ServerHome(home)
    for number in (signal.SIGTERM, signal.SIGINT):  # at every stage; uvicorn raises them again when it is done
        signal.signal(number, lambda *_: sys.exit(0))
    with listen(host, port) as server, ExitStack() as held:
        with stated(place.folder):
            held.enter_context(place.locked())
            api_url = address_for_clients(server)
            check_sound(place.database)
            prepare_environment(place, os.environ)
            app = load_argilla(place)
            credentials = prepare_data(place, api_url)
        try:
            serve_app(Deletions(app, place.deletions), server, lambda: ready(credentials))
        finally:
            shutil.rmtree(place.web_ui, ignore_errors=True)


def prepare_environment(place: ServerHome, environ: MutableMapping[str, str]) -> None:
    """Set what ``argilla_server`` reads when it is imported; it must not have been imported yet."""
    for name in FOREIGN_SETTINGS:
        environ.pop(name, None)
    environ.update(
        ARGILLA_HOME_PATH=str(place.folder),
        ARGILLA_SEARCH_ENGINE=ENGINE,
        ARGILLA_AUTH_SECRET_KEY=place.secret_key(),
        ARGILLA_AUTH_OAUTH_CFG=str(place.folder / "oauth.yaml"),  # else one in the current folder is read
        ARGILLA_DATABASE_SQLITE_TIMEOUT="30",
        HF_HUB_DISABLE_TELEMETRY="1",
    )
    # Only its own web UI may ask the server, no other site. No call leaves the machine.
    environ.setdefault("ARGILLA_CORS_ORIGINS", "[]")
    environ.setdefault("HF_HUB_OFFLINE", "1")


def load_argilla(place: ServerHome) -> Any:
    """Import Argilla with its queue in memory and the embedded search engine; returns its application."""
    gc.disable()  # the imports make much and throw nothing away: looking takes a quarter of the start
    # Argilla unpacks its web UI into a temporary folder that it never removes.
    shutil.rmtree(place.web_ui, ignore_errors=True)
    place.web_ui.mkdir()
    tempfile.tempdir = str(place.web_ui)
    try:
        with lighter_imports():
            jobs.use_memory_queue()
    finally:
        tempfile.tempdir = None
    from argilla_server import app
    from argilla_server.api.routes import api_v1

    from workspace.server import bulk_loading, privacy, retirement, review_listing
    from workspace.server.engine import register

    register(ENGINE)
    review_listing.add_route(api_v1)
    retirement.add_route(api_v1)
    privacy.keep_to_oneself(api_v1)
    bulk_loading.add_route(api_v1)
    change_web_ui(place.web_ui)
    ask_for_pages_again(app)
    return app


def prepare_data(place: ServerHome, api_url: str) -> Credentials:
    """Update the schema, make the owner, repair statuses and text indexes."""
    import workspace.server.database as database
    from workspace.server.owner import ensure_owner
    from workspace.server.text_index import check_all

    database.migrate(place.database)
    database.prepare_connections()
    database.use_own_connections()
    database.add_indexes()
    credentials = ensure_owner(place.root, api_url)
    if repaired := database.repair_statuses():
        LOG.warning(
            "%s a status that did not follow from the answers; repaired",
            count_of(repaired, "record had", "records had"),
        )
    if repaired := database.write_now(check_all):
        LOG.warning(
            "%s missing or out of date in the text index; repaired", count_of(repaired, "record was", "records were")
        )
    return credentials


def serve_app(app: Any, server_socket: socket.socket, ready: Callable[[], None]) -> None:
    """Run the web server with the job pump beside it.

    Raises:
        ServerError: the job pump died and could not be restarted.
    """
    import uvicorn

    from workspace.server.database import close_connections
    from workspace.server.guards import PROXIES, Guard, Protocol
    from workspace.server.sign_in import guard_sign_in, is_user

    class Server(uvicorn.Server):
        lost_its_jobs = False

        async def serve(self, sockets: list[socket.socket] | None = None) -> None:
            try:
                async with jobs.pumping(self.give_up):
                    await super().serve(sockets)
            finally:
                await close_connections()

        async def startup(self, sockets: list[socket.socket] | None = None) -> None:
            await super().startup(sockets)
            if self.started:
                ready()

        def give_up(self) -> None:
            self.lost_its_jobs = self.should_exit = True

    config = uvicorn.Config(
        Guard(app, is_user),
        http=Protocol,
        forwarded_allow_ips=os.environ.get("FORWARDED_ALLOW_IPS", PROXIES),
        access_log=False,
        log_level="warning",
        timeout_graceful_shutdown=5,
        lifespan="on",
    )
    server = Server(config)
    tuning.tune()
    guard_sign_in()
    server.run(sockets=[server_socket])
    if server.lost_its_jobs:
        raise ServerError("the job queue died several times, so the server has stopped; see its log")
    if not server.started:
        raise ServerError("Argilla could not start; see its log")
