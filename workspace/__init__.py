"""What loaders and exports have in common: the record, the ballot, and the way to the Argilla dataset.

Importing this package imports nothing else; each name is loaded when it is first used.

>>> from workspace import connect
>>> connect(api_url="http://localhost:6900", api_key="owner.apikey").dataset
'h4rmony-es'
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workspace.argilla.connection import Connection, connect
    from workspace.demo.samples import Samples, samples
    from workspace.errors import (
        ArgillaDenied,
        ArgillaError,
        ArgillaUnreachable,
        BudgetSpent,
        ChatError,
        ChatRefused,
        ChatStopped,
        ChatUnavailable,
        ChatUnusable,
        ConfigError,
        DataError,
        DatasetMismatch,
        ForeignRecord,
        GiveAwayFound,
        H4rmonyError,
        H4rmonyWarning,
        HubError,
        HubNotFound,
        HubUnreachable,
        MissingPartError,
        RulesNotMet,
        ServerError,
        TranslationError,
    )
    from workspace.giveaways import GiveAways, measure_giveaways
    from workspace.model.ballots import Ballot
    from workspace.model.records import Record
    from workspace.server.process import serve

__version__ = "0.1.0"
__all__ = [
    "ArgillaDenied",
    "ArgillaError",
    "ArgillaUnreachable",
    "Ballot",
    "BudgetSpent",
    "ChatError",
    "ChatRefused",
    "ChatStopped",
    "ChatUnavailable",
    "ChatUnusable",
    "ConfigError",
    "Connection",
    "DataError",
    "DatasetMismatch",
    "ForeignRecord",
    "GiveAwayFound",
    "GiveAways",
    "H4rmonyError",
    "H4rmonyWarning",
    "HubError",
    "HubNotFound",
    "HubUnreachable",
    "MissingPartError",
    "Record",
    "RulesNotMet",
    "Samples",
    "ServerError",
    "TranslationError",
    "connect",
    "measure_giveaways",
    "samples",
    "serve",
]

if not TYPE_CHECKING:  # else a type checker would take every name for one of the package's
    _PLACES = {
        "Ballot": "workspace.model.ballots",
        "Connection": "workspace.argilla.connection",
        "GiveAways": "workspace.giveaways",
        "Record": "workspace.model.records",
        "Samples": "workspace.demo.samples",
        "connect": "workspace.argilla.connection",
        "measure_giveaways": "workspace.giveaways",
        "samples": "workspace.demo.samples",
        "serve": "workspace.server.process",
    }

    def __getattr__(name: str) -> object:
        """Import a public name when it is first used."""
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(import_module(_PLACES.get(name, "workspace.errors")), name)
