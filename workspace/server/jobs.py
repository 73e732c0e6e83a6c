"""Argilla's background jobs without Redis: the queue lives in memory, a task of the server's event loop runs it.

Jobs that block (webhook calls, transfers to and from the Hugging Face Hub) run in their own threads, so that they
never make a reviewer wait. The queue ends with the process. Only one lost job would leave wrong data, the records'
status after a change of the distribution; the next start repairs it (see ``database``).
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable, Coroutine
from concurrent.futures import Future
from contextlib import asynccontextmanager
from typing import Any

LOG = logging.getLogger("h4rmony.jobs")
BLOCKING = {"notify_event_job", "import_dataset_from_hub_job", "export_dataset_to_hub_job"}
THREADS = 4
RESTARTS = 3
RESTART_SECONDS = 0.5
KEEP_FINISHED_SECONDS = 500
KEEP_FAILED_SECONDS = 24 * 3600


def use_memory_queue() -> None:
    """Give ``argilla_server.jobs.queues`` an in-process Redis; it makes its connection when first imported."""
    import fakeredis
    import redis

    server = fakeredis.FakeServer()
    from_url = redis.from_url
    redis.from_url = lambda *_args, **_options: fakeredis.FakeRedis(server=server)
    try:
        import argilla_server.jobs.queues as queues
    finally:
        redis.from_url = from_url
    if not isinstance(queues.REDIS_CONNECTION, fakeredis.FakeRedis):
        raise RuntimeError("argilla_server was imported before its job queue was set up")


class JobPump:
    """Takes jobs from the queues, the high one first, and runs each with the retries it asks for."""

    def __init__(self) -> None:
        self._threads = asyncio.Semaphore(THREADS)
        self._background: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        """Run jobs until cancelled; those that do not block run one after the other."""
        while True:
            job = self._next_job()
            if job is None:
                await asyncio.sleep(0.1)
            elif self._blocks(job):
                task = asyncio.create_task(self._run_job(job))
                self._background.add(task)
                task.add_done_callback(self._background.discard)
            else:
                await self._run_job(job)

    def close(self) -> None:
        """Cancel the jobs that run in threads."""
        for task in self._background:
            task.cancel()

    @staticmethod
    def _next_job() -> Any | None:
        from argilla_server.jobs.queues import DEFAULT_QUEUE, HIGH_QUEUE, REDIS_CONNECTION
        from rq.exceptions import NoSuchJobError
        from rq.job import Job

        for queue in (HIGH_QUEUE, DEFAULT_QUEUE):
            # Queue.pop_job_id() raises on an empty queue.
            job_id = REDIS_CONNECTION.lpop(queue.key)
            if job_id:
                try:
                    return Job.fetch(job_id.decode(), connection=REDIS_CONNECTION)
                except NoSuchJobError:
                    LOG.warning("job %s has expired before it could run", job_id.decode())
        return None

    @staticmethod
    def _blocks(job: Any) -> bool:
        return str(job.func_name).rpartition(".")[2] in BLOCKING

    async def _run_job(self, job: Any) -> None:
        from rq.job import JobStatus

        for pause in [0, *_pauses(job)]:
            await asyncio.sleep(pause)
            job.set_status(JobStatus.STARTED)
            # What it raised is returned: a job's error must never end the pump.
            [error] = await asyncio.gather(self._call(job), return_exceptions=True)
            if error is None:
                job.set_status(JobStatus.FINISHED)
                job.cleanup(KEEP_FINISHED_SECONDS, remove_from_queue=False)
                LOG.info("job %s %s is done", job.func_name, job.id)
                return
            LOG.warning("job %s %s failed", job.func_name, job.id, exc_info=error)
        job.set_status(JobStatus.FAILED)
        job.cleanup(KEEP_FAILED_SECONDS, remove_from_queue=False)
        LOG.error("job %s %s is given up", job.func_name, job.id)

    async def _call(self, job: Any) -> None:
        if self._blocks(job):
            async with self._threads:
                await _in_daemon_thread(lambda: job.func(*job.args, **job.kwargs))
        else:
            await job.func(*job.args, **job.kwargs)


async def _in_daemon_thread(call: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a coroutine on its own event loop, in a daemon thread, which never keeps the process alive."""
    outcome: Future[None] = Future()

    def work() -> None:
        try:
            asyncio.run(call())
        except BaseException as error:  # noqa: BLE001  # it is raised again where it is awaited
            outcome.set_exception(error)
        else:
            outcome.set_result(None)

    threading.Thread(target=work, name="job", daemon=True).start()
    # Shielded: a thread cannot be cancelled, and still needs its future.
    await asyncio.shield(asyncio.wrap_future(outcome))


def _pauses(job: Any) -> list[int]:
    """Seconds to wait before each retry that the job asks for."""
    intervals = job.retry_intervals or [0]
    return [intervals[min(number, len(intervals) - 1)] for number in range(job.retries_left or 0)]


@asynccontextmanager
async def pumping(died: Callable[[], None]) -> AsyncIterator[None]:
    """Run the job pump while the block lasts; restart it when it dies, call ``died`` when that does not help."""
    pump = JobPump()
    keeper = asyncio.create_task(_keep_running(pump.run, died))
    try:
        yield
    finally:
        keeper.cancel()
        await asyncio.wait({keeper})
        pump.close()


async def _keep_running(run: Callable[[], Any], died: Callable[[], None]) -> None:
    for _ in range(RESTARTS + 1):
        ended = await asyncio.gather(run(), return_exceptions=True)
        LOG.critical("the job queue stopped", exc_info=ended[0])
        await asyncio.sleep(RESTART_SECONDS)
    died()
