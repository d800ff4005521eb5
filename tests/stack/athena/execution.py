"""One query execution: its request, its states, its statistics; and all of them by id."""

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from threading import Event, Lock
from typing import Any

from tests.stack.athena.errors import Failure, invalid
from tests.stack.athena.results import Result
from tests.stack.athena.statements import Kind

ENGINE = {"SelectedEngineVersion": "AUTO", "EffectiveEngineVersion": "Athena engine version 3"}
FINAL = ("SUCCEEDED", "FAILED", "CANCELLED")


@dataclass(slots=True)
class Execution:
    """What StartQueryExecution began."""

    query: str
    kind: Kind
    work_group: str
    catalog: str
    database: str
    location: str | None
    """Where the result file goes; None with managed results."""
    parameters: list[str] = field(default_factory=list)
    reuse_minutes: int | None = None
    cutoff: int | None = None
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    result: Result = field(init=False)
    state: str = "QUEUED"
    reason: str | None = None
    failure: Failure | None = None
    submitted: float = field(default_factory=time.time)
    started: float | None = None
    completed: float | None = None
    scanned: int = 0
    planning: int = 0
    reused: bool = False
    manifest: str | None = None
    stopping: Event = field(default_factory=Event)
    _lock: Lock = field(default_factory=Lock)

    def run(self) -> None:
        """QUEUED → RUNNING, unless it was stopped before."""
        with self._lock:
            if self.state == "QUEUED":
                self.state, self.started = "RUNNING", time.time()

    def finish(self, state: str, reason: str | None = None, failure: Failure | None = None) -> bool:
        """Reach a final state; False when it had one already."""
        with self._lock:
            if self.state in FINAL:
                return False
            self.state, self.reason, self.failure, self.completed = state, reason, failure, time.time()
            self.stopping.set()
            return True

    def reuse(self, earlier: "Execution") -> None:
        """Succeed at once with the result of an earlier execution; nothing is scanned, no file is written."""
        self.result, self.location, self.reused = earlier.result, earlier.location, True
        self.run()
        self.finish("SUCCEEDED")

    def as_api(self) -> dict[str, Any]:
        """The `QueryExecution` member of the API's answers."""
        status: dict[str, Any] = {"State": self.state, "SubmissionDateTime": round(self.submitted, 3)}
        if self.completed:
            status["CompletionDateTime"] = round(self.completed, 3)
        if self.reason:
            status["StateChangeReason"] = self.reason
        if self.failure:
            status["AthenaError"] = self.failure.as_api()
        answer: dict[str, Any] = {
            "QueryExecutionId": self.id,
            "Query": self.query,
            "StatementType": self.kind.type,
            "SubstatementType": self.kind.substatement,
            "QueryExecutionContext": {"Database": self.database, "Catalog": self.catalog},
            "ResultReuseConfiguration": {"ResultReuseByAgeConfiguration": self._reuse()},
            "WorkGroup": self.work_group,
            "EngineVersion": ENGINE,
            "Status": status,
            "Statistics": self._statistics(),
        }
        if self.location:
            answer["ResultConfiguration"] = {"OutputLocation": self.location}
        else:
            answer["ManagedQueryResultsConfiguration"] = {"Enabled": True}
        if self.parameters:
            answer["ExecutionParameters"] = self.parameters
        return answer

    def _reuse(self) -> dict[str, Any]:
        if self.reuse_minutes is None:
            return {"Enabled": False}
        return {"Enabled": True, "MaxAgeInMinutes": self.reuse_minutes}

    def times(self) -> dict[str, int]:
        """Milliseconds in total, queued, planning and in the engine."""
        end = self.completed or time.time()
        started = self.started or end
        return {
            "TotalExecutionTimeInMillis": _millis(self.submitted, end),
            "QueryQueueTimeInMillis": _millis(self.submitted, started),
            "QueryPlanningTimeInMillis": self.planning,
            "EngineExecutionTimeInMillis": _millis(started, end),
            "ServicePreProcessingTimeInMillis": 0,
            "ServiceProcessingTimeInMillis": 0,
        }

    def _statistics(self) -> dict[str, Any]:
        statistics: dict[str, Any] = {"DataScannedInBytes": self.scanned, **self.times()}
        statistics["ResultReuseInformation"] = {"ReusedPreviousResult": self.reused}
        if self.manifest:
            statistics["DataManifestLocation"] = self.manifest
        return statistics

    def runtime_statistics(self) -> dict[str, Any]:
        """The `QueryRuntimeStatistics` member of GetQueryRuntimeStatistics."""
        rows = {"InputBytes": self.scanned, "OutputBytes": self.result.output_bytes}
        return {"Timeline": self.times(), "Rows": rows}


def _millis(start: float, end: float) -> int:
    return max(0, round((end - start) * 1000))


class Executions:
    """Every execution since the stack began."""

    def __init__(self) -> None:
        self._by_id: dict[str, Execution] = {}
        self._by_token: dict[str, tuple[Any, Execution]] = {}
        self._lock = Lock()

    def add(self, execution: Execution) -> None:
        """Remember it."""
        with self._lock:
            self._by_id[execution.id] = execution

    def get(self, query_id: str) -> Execution:
        """The execution with that id; raises ApiError."""
        try:
            return self._by_id[query_id]
        except KeyError:
            raise invalid(f"QueryExecution {query_id} was not found") from None

    def newest_first(self) -> Iterator[Execution]:
        """All of them."""
        with self._lock:
            return reversed(list(self._by_id.values()))

    def same_request(self, token: str | None, request: Any) -> Execution | None:
        """The execution that a ClientRequestToken began; raises ApiError when it began another request."""
        with self._lock:
            known = self._by_token.get(token or "")
        if known is None:
            return None
        if known[0] != request:
            raise invalid("Idempotent parameters do not match", "IDEMPOTENT_PARAMETER_MISMATCH")
        return known[1]

    def remember(self, token: str | None, request: Any, execution: Execution) -> None:
        """Let the token stand for this request from now on."""
        if token:
            with self._lock:
                self._by_token[token] = (request, execution)
