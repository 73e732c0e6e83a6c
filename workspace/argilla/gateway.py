"""The one way to Argilla: a dataset and its records on the server.

Nothing here goes through Argilla's SDK, whose records lose the ranks and the ties.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import chain

from workspace.argilla import settings
from workspace.argilla.accounts import Accounts
from workspace.argilla.listing import Json, RemoteDataset, RemoteRecord, read_dataset, read_record
from workspace.errors import ArgillaError, DatasetMismatch, count_of
from workspace.files.batches import batched
from workspace.retries import ATTEMPTS

PAGE = 500  # records a listing request: a page of records with responses is a few MiB
BULK = 200  # records an upsert request; the server takes 500 at most
DRAFT_SECONDS = 5  # how long another run may take to publish a dataset that it has begun


class Gateway(Accounts):
    """Talks to one Argilla server about one workspace and dataset; use it as a context manager, which closes it."""

    _has_own_bulk = True  # until the server says that it has not

    # -- dataset -------------------------------------------------------------------------------------------------

    def find_dataset(self, kind: settings.Kind | None = "review") -> RemoteDataset | None:
        """The dataset of this kind, or with None of any; None if it does not exist or was never published.

        Raises:
            DatasetMismatch: a dataset of this name is of the other kind, or has other fields or questions; or the
                dataset was renamed.
        """
        item = self._dataset_item()
        return self._describe(item, kind) if item and item["status"] == "ready" else None

    def dataset(self, kind: settings.Kind | None = "review") -> RemoteDataset:
        """The dataset of this kind, or with None of any, which must exist.

        Raises:
            ArgillaError: it does not exist.
            DatasetMismatch: it is of the other kind, or has other fields or questions.
        """
        found = self.find_dataset(kind)
        if found is None:
            makers = {"review": "load` makes it", "grades": "evaluate sample` makes it"}
            maker = makers[kind] if kind else "load` makes it, or `h4rmony evaluate sample`"
            raise ArgillaError(
                f"no dataset {self.connection.dataset!r} in workspace {self.connection.workspace!r} of "
                f"{self.connection.api_url}; `h4rmony {maker}"
            )
        return found

    def published(self) -> Json:
        """What the server says of the dataset, whoever made it.

        Raises:
            ArgillaError: there is none of this name, or it is a draft.
        """
        item = self._dataset_item()
        if item is None or item["status"] != "ready":
            names = ", ".join(self.dataset_names()) or "none"
            raise ArgillaError(
                f"no published dataset {self.connection.dataset!r} in workspace {self.connection.workspace!r} of "
                f"{self.connection.api_url}; it has {names}"
            )
        return item

    def create_dataset(
        self,
        count: int,
        min_submitted: int,
        guidelines: str | None = None,
        *,
        topics: bool = False,
        kind: settings.Kind = "review",
    ) -> RemoteDataset:
        """The dataset for records with ``count`` answers; makes it, and the workspace, where they do not exist yet.

        With ``topics`` its form asks for the issue codes; a dataset that exists must do so.

        A draft of the same name is left from an interrupted creation. Nobody can have answered it, so it is replaced.

        Raises:
            DatasetMismatch: the dataset exists and is of the other kind, or has other fields, questions or number of
                answers, or no topics.
        """
        self.workspace_id(create=True)
        form = settings.Form(kind, count, topics)
        found = self._await_dataset(kind) or self._make_dataset(form, min_submitted, guidelines)
        found.check_count(count)
        if topics:
            found.check_topics()
        return found

    def _await_dataset(self, kind: settings.Kind) -> RemoteDataset | None:
        """The dataset; another run has a while to publish a draft. None if there is none, or it stays a draft."""
        for _ in range(DRAFT_SECONDS):
            item = self._dataset_item()
            if item is None:
                return None
            if item["status"] == "ready":
                return self._describe(item, kind)
            self._sleep(1.0)
        return None

    def _make_dataset(self, form: settings.Form, min_submitted: int, guidelines: str | None) -> RemoteDataset:
        if draft := self._dataset_item():
            self._request("DELETE", f"datasets/{draft['id']}", allowed=(404,))
        try:
            self._publish(form, min_submitted, guidelines)
        except ArgillaError:
            if found := self._await_dataset(form.kind):
                return found
            raise
        return self.dataset(form.kind)

    def takes_vectors(self, dataset: RemoteDataset, dimension: int, *, make: bool) -> bool:
        """True if the dataset has a place for vectors of this length; with ``make`` it gets one if it has none."""
        path = f"datasets/{dataset.id}/vectors-settings"
        items = self.parts(dataset, "vectors-settings")
        found = next((item["dimensions"] for item in items if item["name"] == settings.VECTOR), None)
        if found is None and make:
            body = {"name": settings.VECTOR, "title": settings.PROMPT_TITLE, "dimensions": dimension}
            self._request("POST", path, json=body)
            return True
        return bool(found == dimension)

    def _publish(self, form: settings.Form, min_submitted: int, guidelines: str | None) -> None:
        about = {
            "name": self.connection.dataset,
            "workspace_id": self.workspace_id(),
            **settings.guidelines_part(guidelines, form.kind),
            "allow_extra_metadata": True,
            "distribution": {"strategy": "overlap", "min_submitted": min_submitted},
        }
        about["metadata"] |= {settings.NAME_MARK: self.connection.dataset}
        path = f"datasets/{self._request('POST', 'datasets', json=about)['id']}"
        for kind, parts in form.parts().items():
            for part in parts:
                self._request("POST", f"{path}/{kind}", json=part)
        self._request("PUT", f"{path}/publish")

    def declare(self, dataset: RemoteDataset, names: Collection[str]) -> None:
        """Make the metadata properties that the dataset lacks, of those that have these names."""

        def known() -> set[str]:
            return {item["name"] for item in self.parts(dataset, "metadata-properties")}

        before = known()
        for name in (name for name in settings.METADATA if name in names and name not in before):
            body = settings.metadata_property(name)
            try:
                self._request("POST", f"datasets/{dataset.id}/metadata-properties", json=body, allowed=(409,))
            except ArgillaError:  # a 500, where another load made it between Argilla's look and its own insertion
                if name not in known():
                    raise

    def parts(self, dataset: RemoteDataset, kind: str) -> list[Json]:
        """The parts of a dataset of one kind, as Argilla's API names it: ``fields``, ``questions`` ..."""
        me = "me/" if kind == "metadata-properties" else ""
        return list(self._request("GET", f"{me}datasets/{dataset.id}/{kind}")["items"])

    def read(self, place: str) -> Json:
        """What the server says of a dataset or a part of one."""
        return dict(self._request("GET", place))

    def change(self, place: str, body: Json) -> None:
        """Change a dataset or a part of one; no record or response.

        Argilla updates the metadata that a dataset has in place, and then does not see that they differ: they are
        taken away first.
        """
        if metadata := body.get("metadata"):
            self._request("PATCH", place, json=body | {"metadata": None})
            body = {"metadata": metadata}
        self._request("PATCH", place, json=body)

    def remove(self, place: str) -> None:
        """Remove a part of a dataset; it may be gone already."""
        self._request("DELETE", place, allowed=(404,))

    def dataset_names(self) -> list[str]:
        """The names of all datasets of the workspace, sorted."""
        return sorted(item["name"] for item in self._dataset_items())

    def _dataset_items(self) -> list[Json]:
        workspace = self.workspace_id()
        if workspace is None:
            return []
        return list(self._request("GET", "me/datasets", params={"workspace_id": workspace})["items"])

    def _dataset_item(self) -> Json | None:
        name, items = self.connection.dataset, self._dataset_items()
        if found := next((item for item in items if item["name"] == name), None):
            return found
        renamed = (item["name"] for item in items if (item["metadata"] or {}).get(settings.NAME_MARK) == name)
        if other := next(renamed, None):
            raise DatasetMismatch(
                f"dataset {name!r} was renamed to {other!r} in Argilla: give --dataset {other!r}, or another name to "
                "begin a new one"
            )
        return None

    def _describe(self, item: Json, kind: settings.Kind | None) -> RemoteDataset:
        questions, fields = (self.read(f"datasets/{item['id']}/{part}")["items"] for part in ("questions", "fields"))
        return read_dataset(item, questions, fields, kind)

    # -- records -------------------------------------------------------------------------------------------------

    def records(self, dataset: RemoteDataset, *, suggestions: bool = True) -> Iterator[RemoteRecord]:
        """Every record with its responses, and its suggestions if asked for; two pages in memory at most.

        Without suggestions the faster listing of the embedded server is used, where there is one.

        Raises:
            ArgillaError: the listing never became complete.
        """
        pages = iter(()) if suggestions else _ahead(self._own_pages(dataset))
        first = next(pages, None)
        own = (item for page in chain((first,), pages) for item in page["items"]) if first else None
        for item in own or self._listed_items(dataset, suggestions):
            yield read_record(item, dataset)

    def _own_pages(self, dataset: RemoteDataset) -> Iterator[Json]:
        """The pages of the embedded server's listing; none where there is no such listing."""
        path, after, seen = f"h4rmony/datasets/{dataset.id}/records", "", 0
        while after is not None:
            params = {"after": after, "limit": PAGE}
            page = self._request("GET", path, params=params, allowed=() if after else (404,))
            if page is None:
                return
            yield page
            after, seen = page["after"], seen + len(page["items"])
        if seen < page["total"]:
            raise _incomplete(dataset, seen, page["total"])

    def _listed_items(self, dataset: RemoteDataset, suggestions: bool) -> Iterator[Json]:
        """The items of Argilla's own listing, each once.

        Argilla orders its pages by the time of loading only, so a record may slip from one page to another. The pages
        are read again until every record was among them.
        """
        seen: set[str] = set()
        for _ in range(ATTEMPTS):
            for page in _ahead(self._pages(dataset, suggestions)):
                for item in page["items"]:
                    if item["id"] not in seen:
                        seen.add(item["id"])
                        yield item
                total = page["total"]
            if len(seen) >= total:
                return
        raise _incomplete(dataset, len(seen), total)

    def _pages(self, dataset: RemoteDataset, suggestions: bool) -> Iterator[Json]:
        include = ["responses", "suggestions"] if suggestions else ["responses"]
        offset, total = 0, 1
        while offset < total:
            params = {"include": include, "offset": offset, "limit": PAGE}
            page = self._request("GET", f"datasets/{dataset.id}/records", params=params)
            yield page
            offset, total = offset + PAGE, page["total"]

    def record(self, dataset: RemoteDataset, record_id: str) -> RemoteRecord:
        """One record by the server's id, as it is now.

        Argilla 2.8 answers 500 for a record that has a vector, where the embedded server does not: it is listed then.

        Raises:
            ArgillaError: it is no longer there.
        """
        if item := self._request("GET", f"records/{record_id}", allowed=(500,)):
            return read_record(item, dataset)
        found = next((record for record in self.records(dataset) if record.id == record_id), None)
        if found is None:
            raise ArgillaError(f"record {record_id} is no longer in dataset {dataset.name!r}; run the load again")
        return found

    def upsert(self, dataset: RemoteDataset, items: Sequence[Json]) -> None:
        """Write records, new or known by their external id, in one request (``BULK`` at most).

        It carries no responses, so it can touch none. The embedded server's faster endpoint is used, where there is
        one.

        Raises:
            ArgillaError: the server refuses an item, or answers with other fields than it was sent.
        """
        body, path = {"items": list(items)}, f"datasets/{dataset.id}/records/bulk"
        own = f"h4rmony/{path}" if self._has_own_bulk else None
        answer = self._request("PUT", own, json=body, allowed=(404, 405)) if own else None
        if answer is None:
            self._has_own_bulk = False
            answer = self._request("PUT", path, json=body)
        elif "handed_on" in answer:
            return  # the embedded server, which keeps what it is sent
        stored = {item["external_id"]: item["fields"] for item in answer["items"]}
        for item in items:
            if "fields" in item and stored.get(item["external_id"]) != item["fields"]:
                raise ArgillaError(
                    f"record {item['external_id']!r}: the server kept other fields than it was sent, so reviewers "
                    "would not see the new text; load it under a new id"
                )

    def delete_unanswered(self, dataset: RemoteDataset, record_ids: Iterable[str]) -> set[str]:
        """Delete records that have no response of any status; returns the ids of those that have one, and stay.

        The embedded server looks and deletes in one transaction, so no answer that is just being sent is deleted.

        Raises:
            ArgillaError: another Argilla, which cannot do that.
        """
        kept: set[str] = set()
        for ids in batched(record_ids, BULK):
            params = {"ids": ",".join(ids)}
            path = f"h4rmony/datasets/{dataset.id}/records"
            answer = self._request("DELETE", path, params=params, allowed=(404, 405))
            if answer is None:
                raise ArgillaError(
                    f"{self.connection.api_url} cannot retire records without risk to an answer that is just being "
                    "sent; only the server of `h4rmony serve` can. While nobody reviews, delete them in Argilla"
                )
            kept |= set(answer["kept"])
        return kept

    def delete_suggestions(self, record_id: str, suggestion_ids: Sequence[str]) -> None:
        """Delete suggestions of a record; its responses stay."""
        for suggestion_id in suggestion_ids:
            self._request("DELETE", f"records/{record_id}/suggestions", params={"ids": suggestion_id})

    def respond(self, record_id: str, status: str, values: Json) -> bool:
        """Answer a record as the user of this key, as the web UI does; False if this user has answered it already.

        Raises:
            ArgillaError: the server refuses the values.
        """
        body = {"status": status, "values": values}
        return self._request("POST", f"records/{record_id}/responses", json=body, allowed=(409,)) is not None


def _incomplete(dataset: RemoteDataset, seen: int, total: int) -> ArgillaError:
    return ArgillaError(
        f"dataset {dataset.name!r}: the server listed {seen} of {count_of(total, 'record')}; try again"
    )


def _ahead(pages: Iterator[Json]) -> Iterator[Json]:
    """The pages of a listing; the next one is fetched while this one is worked on."""
    with ThreadPoolExecutor(1, thread_name_prefix="listing") as pool:
        waiting = pool.submit(next, pages, None)
        while page := waiting.result():
            waiting = pool.submit(next, pages, None)
            yield page
