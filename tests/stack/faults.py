"""Faults that a test orders: what the local AWS does wrong on purpose, for one access key at a time."""

from dataclasses import dataclass
from threading import Lock
from typing import Any, Literal

FaultKind = Literal[
    "throttled", "too_many_queries", "slow", "failed", "expired", "denied", "hanging", "hanging_answer", "refused"
]


@dataclass(slots=True)
class Fault:
    """One order, from the test that signs with `access_key`."""

    kind: FaultKind
    access_key: str
    times: int | None = None
    """How often it strikes; None until it is cleared."""
    operation: str | None = None
    """Only this operation of Athena's (`throttled`, `refused`, `hanging`, `hanging_answer`)."""
    seconds: float = 0.0
    """How long a `slow` query stays in `state`, a `hanging` call is not heard, or heard and not answered."""
    state: Literal["QUEUED", "RUNNING"] = "RUNNING"
    reason: str = ""
    """StateChangeReason of a `failed` query."""
    category: int = 2
    error_type: int = 1000
    retryable: bool = False
    bucket: str = ""
    """The bucket that is `denied` to everybody, Athena included."""
    writes_only: bool = False


class Faults:
    """The faults on order."""

    def __init__(self) -> None:
        self._orders: list[Fault] = []
        self._lock = Lock()

    def order(self, fault: dict[str, Any]) -> None:
        """Add one, by the members of Fault."""
        with self._lock:
            self._orders.append(Fault(**fault))

    def clear(self, access_key: str) -> None:
        """Forget what was ordered under this key."""
        with self._lock:
            self._orders = [fault for fault in self._orders if fault.access_key != access_key]

    def take(self, kind: FaultKind, access_key: str, operation: str | None = None) -> Fault | None:
        """The fault that strikes now, counted down; None when there is none."""
        with self._lock:
            for fault in self._orders:
                if fault.kind == kind and fault.access_key == access_key and fault.operation in (None, operation):
                    return self._struck(fault)
        return None

    def denied(self, bucket: str, *, write: bool) -> bool:
        """Whether S3 answers 403 for this bucket."""
        with self._lock:
            orders = [fault for fault in self._orders if fault.kind == "denied" and fault.bucket == bucket]
        return any(write or not fault.writes_only for fault in orders)

    def _struck(self, fault: Fault) -> Fault:
        if fault.times is not None:
            fault.times -= 1
            if fault.times <= 0:
                self._orders.remove(fault)
        return fault
