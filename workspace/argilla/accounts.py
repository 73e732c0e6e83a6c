"""The users of an Argilla server, and the workspace that they are in."""

from __future__ import annotations

from collections.abc import Iterable

from workspace.argilla.client import Client
from workspace.argilla.listing import Json, User, read_user


class Accounts(Client):
    """Talks to one Argilla server about its users and one workspace."""

    def me(self) -> User:
        """The user whose key this is."""
        return read_user(self._request("GET", "me"))

    def users(self) -> list[User]:
        """Every user of the server if the key is an owner's, else the users of the workspace; by name."""
        if self.me().role != "owner":
            return self.reviewers()
        return _by_name(self._request("GET", "users")["items"])

    def reviewers(self) -> list[User]:
        """The users of the workspace, by name; an empty list if the workspace does not exist yet."""
        workspace = self.workspace_id()
        return _by_name(self._request("GET", f"workspaces/{workspace}/users")["items"]) if workspace else []

    def add_reviewer(self, username: str, first_name: str, password: str) -> User:
        """Make an annotator and put it into the workspace. A user who exists is only put in, and keeps the password.

        Raises:
            ArgillaError: the server refuses the name or the password; the message has its reason.
        """
        workspace = self.workspace_id(create=True)
        found = (user for user in self.users() if user.username == username)
        user = next(found, None) or self.make_annotator(username, first_name, password)
        if user is None:  # another run has just made it
            return self.add_reviewer(username, first_name, password)
        if user not in self.reviewers():
            self._request("POST", f"workspaces/{workspace}/users", json={"user_id": user.id}, allowed=(409,))
        return user

    def make_annotator(self, username: str, first_name: str, password: str) -> User | None:
        """Make an annotator, who is in no workspace yet; None if there is a user of this name."""
        body = {"username": username, "first_name": first_name, "password": password, "role": "annotator"}
        made = self._request("POST", "users", json=body, allowed=(409,))
        return read_user(made) if made else None

    def workspace_id(self, *, create: bool = False) -> str | None:
        """The id of the workspace. If it does not exist: None, or with ``create`` that of a new one."""
        name = self.connection.workspace
        items = self._request("GET", "me/workspaces")["items"]
        found = next((str(item["id"]) for item in items if item["name"] == name), None)
        if found or not create:
            return found
        made = self._request("POST", "workspaces", json={"name": name}, allowed=(409,))
        return str(made["id"]) if made else self.workspace_id()  # another run has just made it


def _by_name(items: Iterable[Json]) -> list[User]:
    return sorted(map(read_user, items), key=lambda user: user.username)
