"""Workgroups: where results go, whether that binds, and how much a query may scan."""

import copy
import time
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from tests.stack.athena.errors import invalid
from tests.stack.athena.execution import ENGINE

SMALLEST_CUTOFF = 10_000_000
"""Bytes; the API takes no less as BytesScannedCutoffPerQuery."""

_DEFAULTS = {
    "EnforceWorkGroupConfiguration": True,
    "PublishCloudWatchMetricsEnabled": False,
    "RequesterPaysEnabled": False,
    "ResultConfiguration": {},
}


@dataclass(slots=True)
class WorkGroup:
    """A workgroup and its configuration, as the API has it."""

    name: str
    configuration: dict[str, Any]
    description: str = ""
    state: str = "ENABLED"
    created: float = field(default_factory=time.time)

    @property
    def enforced(self) -> bool:
        """Whether what the client says of results is ignored."""
        return bool(self.configuration.get("EnforceWorkGroupConfiguration"))

    @property
    def location(self) -> str | None:
        """Its own place for results."""
        location: str | None = self.configuration.get("ResultConfiguration", {}).get("OutputLocation")
        return location

    @property
    def managed(self) -> bool:
        """Whether Athena keeps the results itself."""
        return bool(self.configuration.get("ManagedQueryResultsConfiguration", {}).get("Enabled"))

    @property
    def cutoff(self) -> int | None:
        """Bytes after which a query is cancelled."""
        return self.configuration.get("BytesScannedCutoffPerQuery")

    def as_api(self) -> dict[str, Any]:
        """The `WorkGroup` member of GetWorkGroup."""
        return {
            "Name": self.name,
            "State": self.state,
            "Description": self.description,
            "CreationTime": round(self.created, 3),
            "Configuration": {**self.configuration, "EngineVersion": ENGINE},
        }


class WorkGroups:
    """All workgroups; `primary` is there from the start, with no place for results."""

    def __init__(self) -> None:
        primary = {**_DEFAULTS, "EnforceWorkGroupConfiguration": False}
        self._all = {"primary": WorkGroup("primary", copy.deepcopy(primary))}
        self._lock = Lock()

    def get(self, name: str) -> WorkGroup:
        """The workgroup of that name; raises ApiError."""
        try:
            return self._all[name]
        except KeyError:
            raise invalid(f"WorkGroup {name} is not found.") from None

    def create(self, request: dict[str, Any]) -> dict[str, Any]:
        """CreateWorkGroup."""
        name = request["Name"]
        configuration = copy.deepcopy(_DEFAULTS) | request.get("Configuration", {})
        _check(configuration)
        with self._lock:
            if name in self._all:
                raise invalid(f"WorkGroup {name} already exists")
            self._all[name] = WorkGroup(name, configuration, request.get("Description", ""))
        return {}

    def show(self, request: dict[str, Any]) -> dict[str, Any]:
        """GetWorkGroup."""
        return {"WorkGroup": self.get(request["WorkGroup"]).as_api()}

    def list(self, _: dict[str, Any]) -> dict[str, Any]:
        """ListWorkGroups."""
        groups = [group.as_api() | {"EngineVersion": ENGINE} for group in self._all.values()]
        return {"WorkGroups": [{k: v for k, v in group.items() if k != "Configuration"} for group in groups]}

    def update(self, request: dict[str, Any]) -> dict[str, Any]:
        """UpdateWorkGroup."""
        group = self.get(request["WorkGroup"])
        changed = copy.deepcopy(group.configuration)
        updates = dict(request.get("ConfigurationUpdates", {}))
        if updates.pop("RemoveBytesScannedCutoffPerQuery", False):
            changed.pop("BytesScannedCutoffPerQuery", None)
        results = dict(updates.pop("ResultConfigurationUpdates", {}))
        if results.pop("RemoveOutputLocation", False):
            changed["ResultConfiguration"].pop("OutputLocation", None)
        changed["ResultConfiguration"] = {**changed["ResultConfiguration"], **results}
        changed.update(updates)
        _check(changed)
        group.configuration = changed
        group.description = request.get("Description", group.description)
        group.state = request.get("State", group.state)
        return {}

    def delete(self, request: dict[str, Any]) -> dict[str, Any]:
        """DeleteWorkGroup."""
        if request["WorkGroup"] == "primary":
            raise invalid("primary WorkGroup could not be deleted")
        self.get(request["WorkGroup"])
        with self._lock:
            del self._all[request["WorkGroup"]]
        return {}


def _check(configuration: dict[str, Any]) -> None:
    cutoff = configuration.get("BytesScannedCutoffPerQuery")
    if cutoff is not None and cutoff < SMALLEST_CUTOFF:
        raise invalid(
            f"1 validation error detected: Value '{cutoff}' at 'configuration.bytesScannedCutoffPerQuery' failed to "
            f"satisfy constraint: Member must have value greater than or equal to {SMALLEST_CUTOFF}"
        )
    managed = configuration.get("ManagedQueryResultsConfiguration", {}).get("Enabled")
    if managed and configuration.get("ResultConfiguration", {}).get("OutputLocation"):
        raise invalid("Output location cannot be set when managed query results are enabled")
