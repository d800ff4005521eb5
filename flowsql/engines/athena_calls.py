"""Calls of Athena's API through PyAthena: started once, polled, waited for, stopped."""

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from threading import Event
from typing import Any
from uuid import uuid4

from flowsql.aws.clients import configuration
from flowsql.aws.failures import Asked, asking
from flowsql.cost import athena_dollars
from flowsql.engines.athena_errors import Sent, failed, refused, waited_for
from flowsql.engines.base import Remote, RemoteProgress, RemoteState
from flowsql.engines.stopping import stopped
from flowsql.errors import FlowsqlError
from flowsql.sources import AthenaSource

_THROTTLED = ("ThrottlingException", "Throttling", "RequestLimitExceeded", "InternalServerException")
_FULL = "TooManyRequestsException"
_FIRST_POLL, _SLOWEST_POLL, _SLOWER = 0.05, 3.0, 1.15
"""Seconds: what runs for t is seen to have ended within about t / 7."""

_LONGEST_PAUSE = 20.0
_STOPPING = 2.0
"""Seconds in which throttling is waited out when a query is to be stopped."""
_SETTLING = 1.0
"""Seconds in which a query that was stopped comes to its end and tells what it had scanned."""
_UNDER_WAY = ("QUEUED", "RUNNING")
_UNKNOWN = "ResultConfiguration"


@dataclass(slots=True)
class Calls:
    """Athena as one source asks it."""

    source: AthenaSource
    progress: RemoteProgress | None = None
    patience: float = 300.0
    """Seconds in all that throttling and a full queue are waited out."""
    stopping: Event = field(default_factory=Event)
    """Set by `cancel()`: what runs is stopped at the next poll."""
    latest: Mapping[str, Any] | None = None
    """The QueryExecution begun last, as it was seen last; at first its id alone."""
    _connection: Any = None
    _began: float = 0.0

    @property
    def client(self) -> Any:
        """The Athena client of PyAthena's connection; raises SourceError."""
        return self.connection.client

    @property
    def connection(self) -> Any:
        """PyAthena's connection, made on first use; raises SourceError."""
        if self._connection is None:
            import pyathena

            with asking(self._asked("athena:GetWorkGroup")):
                self._connection = pyathena.connect(
                    work_group=self.source.workgroup,
                    s3_staging_dir=self.source.output or "",
                    region_name=self.source.region,
                    profile_name=self.source.profile,
                    config=configuration(),
                )
        return self._connection

    def call(
        self, operation: str, sent: Sent | None = None, patience: float | None = None, **parameters: Any
    ) -> Mapping[str, Any]:
        """One call by its name in the API; throttling is waited out with jitter. Raises FlowsqlError."""
        longest = self.patience if patience is None else patience
        began = time.monotonic()
        attempt = 0
        method = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in operation).lstrip("_")
        while True:
            client = self.client
            with asking(self._asked(f"athena:{operation}")):
                try:
                    answer: Mapping[str, Any] = getattr(client, method)(**parameters)
                    return answer
                except client.exceptions.ClientError as failure:
                    error = failure.response.get("Error", {})
                    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
                    # Full jitter: many clients that were refused at once do not come back at once.
                    pause = random.uniform(0.05, min(_LONGEST_PAUSE, 0.25 * 2**attempt))
                    if code not in (*_THROTTLED, _FULL) or time.monotonic() + pause > began + longest:
                        told = refused(code, message, self.source, sent, self._where)
                        if told is None:
                            raise
                        raise told from failure
            attempt += 1
            waited = timedelta(seconds=time.monotonic() - began)
            most = timedelta(seconds=longest)
            self.tell(RemoteState("WAITING", elapsed=waited, reason=waited_for(code), longest=most))
            self._pause(pause)

    def execute(self, request: Mapping[str, Any], sent: Sent) -> Mapping[str, Any]:
        """Start a statement, wait until it ends and return its QueryExecution.

        Raises the error of an execution that did not succeed. On KeyboardInterrupt and `cancel()` it is stopped, and
        the interrupt goes on.
        """
        self._began = time.monotonic()
        # The same token for every attempt: AWS gives the execution that an earlier attempt started.
        request = {**request, "ClientRequestToken": uuid4().hex}
        query_id: str | None = None
        try:
            self.tell(RemoteState("STARTING"))
            query_id = self._start(request, sent)
            execution = self._poll(query_id)
        except KeyboardInterrupt:
            self._stop(query_id, request)
            raise
        except FlowsqlError:
            # Nobody reads the answer of a query that cannot be watched any more, and it would be billed.
            if query_id is None:
                self.tell(RemoteState("FAILED"))
            else:
                self._stop(query_id, request)
            raise
        state = execution["Status"]["State"]
        self.tell(self._state(execution))
        if state == "SUCCEEDED":
            return execution
        raise self.failure(execution, sent)

    def failure(self, execution: Mapping[str, Any], sent: Sent) -> FlowsqlError:
        """The error of an execution that ended otherwise than SUCCEEDED."""
        status = execution["Status"]
        reason = status.get("StateChangeReason") or status.get("AthenaError", {}).get("ErrorMessage") or ""
        if status["State"] == "CANCELLED" and not reason.strip():
            reason = "the query was stopped by somebody"
        results = str(execution.get(_UNKNOWN, {}).get("OutputLocation", "")).rpartition("/")[0]
        return failed(reason, self.source, sent, str(execution["QueryExecutionId"]), results)

    def execution(self, query_id: str, patience: float | None = None) -> Mapping[str, Any]:
        """GetQueryExecution."""
        told = self.call("GetQueryExecution", patience=patience, QueryExecutionId=query_id)
        answer: Mapping[str, Any] = told["QueryExecution"]
        return answer

    def tell(self, state: RemoteState) -> None:
        """Tell whoever watches."""
        if self.progress is not None:
            self.progress(state)

    def _poll(self, query_id: str) -> Mapping[str, Any]:
        pause = _FIRST_POLL
        while True:
            self.latest = execution = self.execution(query_id)
            if execution["Status"]["State"] not in _UNDER_WAY:
                return execution
            self.tell(self._state(execution))
            self._pause(pause)
            pause = min(_SLOWEST_POLL, pause * _SLOWER)

    def _pause(self, seconds: float) -> None:
        if self.stopping.wait(seconds):
            self.stopping.clear()
            raise KeyboardInterrupt

    def _start(self, request: Mapping[str, Any], sent: Sent | None = None, patience: float | None = None) -> str:
        query_id = str(self.call("StartQueryExecution", sent, patience, **request)["QueryExecutionId"])
        self.latest = {"QueryExecutionId": query_id}
        return query_id

    def _stop(self, query_id: str | None, request: Mapping[str, Any]) -> None:
        """Stop what was started; where the answer to the start was cut off, the token finds its execution again."""
        self.tell(RemoteState("STOPPING", query_id, self._elapsed()))
        running = query_id

        def stop() -> None:
            nonlocal running
            running = running or self._start(request, patience=_STOPPING)
            self.call("StopQueryExecution", patience=_STOPPING, QueryExecutionId=running)

        is_stopped = stopped(stop, lambda: self._settle(str(running)))
        self.tell(RemoteState("STOPPED" if is_stopped else "NOT STOPPED", running, self._elapsed()))

    def _settle(self, query_id: str) -> None:
        """See a stopped query to its end, so that what it scanned is known."""
        until = time.monotonic() + _SETTLING
        while time.monotonic() < until:
            self.latest = self.execution(query_id, _SETTLING)
            if self.latest["Status"]["State"] not in _UNDER_WAY:
                return
            time.sleep(_FIRST_POLL)

    def _state(self, execution: Mapping[str, Any]) -> RemoteState:
        statistics = execution.get("Statistics", {})
        queued = statistics.get("QueryQueueTimeInMillis")
        return RemoteState(
            execution["Status"]["State"],
            execution["QueryExecutionId"],
            self._elapsed(),
            timedelta(milliseconds=queued) if queued is not None else None,
            statistics.get("DataScannedInBytes"),
        )

    def _elapsed(self) -> timedelta:
        return timedelta(seconds=time.monotonic() - self._began)

    @property
    def _where(self) -> str:
        return f"workgroup {self.source.workgroup}"

    def _asked(self, action: str) -> Asked:
        resource = f"arn:aws:athena:*:*:workgroup/{self.source.workgroup}"
        return Asked(action, self._where, "", resource, self.source.profile, "Athena")


def account(execution: Mapping[str, Any], source: AthenaSource, route: str | None = None) -> Remote:
    """What a QueryExecution tells of its time, bytes and price; of one that gave no answer, as far as it was seen."""
    statistics = execution.get("Statistics", {})
    reused = bool(statistics.get("ResultReuseInformation", {}).get("ReusedPreviousResult"))
    scanned = statistics.get("DataScannedInBytes")
    dollars: float | None = 0.0 if reused else athena_dollars(scanned or 0, source.price_per_tb)
    if not scanned and execution.get("Status", {}).get("State") != "SUCCEEDED":
        # The least that a query costs is not asked of one that never began to read.
        dollars = None if scanned is None else 0.0
    spans = ("QueryQueueTimeInMillis", "QueryPlanningTimeInMillis", "EngineExecutionTimeInMillis")
    queued, planning, engine = (timedelta(milliseconds=statistics[key]) if key in statistics else None for key in spans)
    workgroup = execution.get("WorkGroup", source.workgroup)
    return Remote(execution["QueryExecutionId"], scanned, dollars, reused, queued, planning, engine, route, workgroup)
