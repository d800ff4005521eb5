"""The operations of the Athena API: requests in, answers out, both as JSON has them."""

import time
from collections.abc import Callable
from threading import Thread
from typing import Any

from botocore.exceptions import ClientError

from tests.stack.athena.errors import ApiError, invalid
from tests.stack.athena.execution import Execution, Executions
from tests.stack.athena.metadata import Metadata
from tests.stack.athena.results import MOST_ROWS, Result
from tests.stack.athena.reuse import reusable
from tests.stack.athena.runner import Backend, carry_out, stop
from tests.stack.athena.statements import kind_of
from tests.stack.athena.workgroups import WorkGroup, WorkGroups

JsonObject = dict[str, Any]
_BATCH = 50
_LONGEST_REUSE = 10_080


class AthenaApi:
    """Athena of one account and region."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._executions = Executions()
        self._groups = WorkGroups()
        self._operations: dict[str, Callable[[JsonObject], JsonObject]] = {
            "GetQueryExecution": self._get,
            "BatchGetQueryExecution": self._batch_get,
            "GetQueryResults": self._results,
            "GetQueryRuntimeStatistics": self._runtime_statistics,
            "ListQueryExecutions": self._list,
            "StopQueryExecution": self._stop,
            "GetWorkGroup": self._groups.show,
            "CreateWorkGroup": self._groups.create,
            "UpdateWorkGroup": self._groups.update,
            "DeleteWorkGroup": self._groups.delete,
            "ListWorkGroups": self._groups.list,
            **Metadata(backend.ddl.glue).operations(),
        }

    def call(self, operation: str, request: JsonObject, access_key: str) -> JsonObject:
        """Answer one call; raises ApiError."""
        answer = self._called(operation, request, access_key)
        if hanging := self._backend.faults.take("hanging_answer", access_key, operation):
            time.sleep(hanging.seconds)
        return answer

    def work_group_of(self, query_id: str) -> str | None:
        """The workgroup in which a query was begun; None when there is no such query."""
        try:
            return self._executions.get(query_id).work_group
        except ApiError:
            return None

    def _called(self, operation: str, request: JsonObject, access_key: str) -> JsonObject:
        faults = self._backend.faults
        if hanging := faults.take("hanging", access_key, operation):
            time.sleep(hanging.seconds)
        if faults.take("throttled", access_key, operation):
            raise ApiError("ThrottlingException", "Rate exceeded")
        if faults.take("refused", access_key, operation):
            told = f"User: arn:aws:iam::123456789012:user/somebody is not authorized to perform: athena:{operation}"
            raise ApiError("AccessDeniedException", f"{told} because no identity-based policy allows it")
        if operation == "StartQueryExecution":
            if faults.take("too_many_queries", access_key):
                raise ApiError(
                    "TooManyRequestsException",
                    "You have exceeded the limit for the number of queries you can run concurrently. "
                    "Please reduce the number of concurrent queries submitted by this account.",
                    Reason="CONCURRENT_QUERY_LIMIT_EXCEEDED",
                )
            return self._start(request, access_key)
        if operation not in self._operations:
            raise ApiError("InvalidAction", f"the local Athena has no operation {operation}")
        try:
            return self._operations[operation](request)
        except KeyError as missing:
            raise invalid(f"1 validation error detected: {missing} must not be null") from missing

    def _start(self, request: JsonObject, access_key: str) -> JsonObject:
        token = request.get("ClientRequestToken")
        same = {key: value for key, value in request.items() if key != "ClientRequestToken"}
        known = self._executions.same_request(token, same)
        if known is not None:
            return {"QueryExecutionId": known.id}
        execution = self._new(request)
        self._executions.remember(token, same, execution)
        earlier = reusable(execution, self._executions)
        self._executions.add(execution)
        if earlier is not None:
            execution.reuse(earlier)
        else:
            Thread(target=carry_out, args=(execution, self._backend, access_key), daemon=True).start()
        return {"QueryExecutionId": execution.id}

    def _new(self, request: JsonObject) -> Execution:
        query = request["QueryString"]
        kind = kind_of(query)
        group = self._groups.get(request.get("WorkGroup", "primary"))
        if group.state != "ENABLED":
            raise invalid(f"WorkGroup {group.name} is disabled.")
        context = request.get("QueryExecutionContext", {})
        location = self._location(request, group)
        reuse = request.get("ResultReuseConfiguration", {}).get("ResultReuseByAgeConfiguration", {})
        minutes = reuse.get("MaxAgeInMinutes", 60) if reuse.get("Enabled") else None
        if minutes is not None and not 0 <= minutes <= _LONGEST_REUSE:
            raise invalid(f"MaxAgeInMinutes must be between 0 and {_LONGEST_REUSE}")
        execution = Execution(
            query=query,
            kind=kind,
            work_group=group.name,
            catalog=context.get("Catalog", "awsdatacatalog").lower(),
            database=context.get("Database", "default").lower(),
            location=None,
            parameters=request.get("ExecutionParameters", []),
            reuse_minutes=minutes,
            cutoff=group.cutoff,
        )
        execution.result = Result(self._backend.folder, execution.id, header=kind.table_like)
        if location is not None:
            ending = ".csv" if kind.table_like else "" if kind.substatement == "UNLOAD" else ".txt"
            execution.location = f"{location.rstrip('/')}/{execution.id}{ending}"
        return execution

    def _location(self, request: JsonObject, group: WorkGroup) -> str | None:
        """Where results of this request go; None when Athena keeps them; raises ApiError when nothing says."""
        if group.managed:
            return None
        asked = request.get("ResultConfiguration", {}).get("OutputLocation")
        location = group.location if group.enforced and group.location else asked or group.location
        if not location:
            raise invalid(
                "No output location provided. An output location is required either through the Workgroup result "
                "configuration setting or as an API input."
            )
        if not location.startswith("s3://"):
            raise invalid("outputLocation is not a valid S3 path.")
        self._check_bucket(location.removeprefix("s3://").partition("/")[0])
        return str(location)

    def _check_bucket(self, bucket: str) -> None:
        s3 = self._backend.s3
        try:
            place = s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] or "us-east-1"
        except ClientError as error:
            told = error.response["Error"].get("Message", "")
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403 and "GetBucketLocation" not in told:
                return  # known only when the result is written
            raise invalid(f"Unable to verify/create output bucket {bucket}") from None
        if place != s3.meta.region_name:
            raise invalid(
                "The S3 location provided to save your query results is invalid. Please check your S3 location is "
                "correct and is in the same region and try again. If you continue to see the issue, contact customer "
                "support for further assistance."
            )

    def _get(self, request: JsonObject) -> JsonObject:
        return {"QueryExecution": self._executions.get(request["QueryExecutionId"]).as_api()}

    def _batch_get(self, request: JsonObject) -> JsonObject:
        found, unknown = [], []
        if len(request["QueryExecutionIds"]) > _BATCH:
            raise invalid(f"QueryExecutionIds must have at most {_BATCH} members")
        for query_id in request["QueryExecutionIds"]:
            try:
                found.append(self._executions.get(query_id).as_api())
            except ApiError as error:
                entry = {"QueryExecutionId": query_id, "ErrorCode": "INVALID_INPUT", "ErrorMessage": error.message}
                unknown.append(entry)
        return {"QueryExecutions": found, "UnprocessedQueryExecutionIds": unknown}

    def _results(self, request: JsonObject) -> JsonObject:
        execution = self._executions.get(request["QueryExecutionId"])
        if execution.state in ("QUEUED", "RUNNING"):
            raise invalid(f"Query has not yet finished. Current state: {execution.state}", "INVALID_QUERY_STATE")
        if execution.state != "SUCCEEDED":
            reason = f"Query did not finish successfully. Final query state: {execution.state}"
            raise invalid(reason, "INVALID_QUERY_EXECUTION_STATE")
        most = request.get("MaxResults", MOST_ROWS)
        if not 1 <= most <= MOST_ROWS:
            raise invalid(f"MaxResults is more than maximum allowed length {MOST_ROWS}.", "INVALID_MAX_RESULTS")
        if execution.location is not None:
            self._check_readable(execution.location)
        return execution.result.page(most, request.get("NextToken"))

    def _check_readable(self, location: str) -> None:
        """GetQueryResults reads the file on S3 with the caller's rights: gone or denied, it says so."""
        bucket, _, key = location.removeprefix("s3://").partition("/")
        try:
            self._backend.s3.head_object(Bucket=bucket, Key=f"{key}.metadata")
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 403:
                raise ApiError(
                    "AccessDeniedException", f"Access denied when reading the results at {location}"
                ) from None
            raise invalid("Could not find results", "INVALID_QUERY_EXECUTION_RESULT") from None

    def _runtime_statistics(self, request: JsonObject) -> JsonObject:
        return {"QueryRuntimeStatistics": self._executions.get(request["QueryExecutionId"]).runtime_statistics()}

    def _list(self, request: JsonObject) -> JsonObject:
        group = self._groups.get(request.get("WorkGroup", "primary")).name
        ids = [each.id for each in self._executions.newest_first() if each.work_group == group]
        token = request.get("NextToken")
        start = ids.index(token) if token in ids else 0
        end = start + request.get("MaxResults", _BATCH)
        return {"QueryExecutionIds": ids[start:end], **({"NextToken": ids[end]} if end < len(ids) else {})}

    def _stop(self, request: JsonObject) -> JsonObject:
        stop(self._executions.get(request["QueryExecutionId"]))
        return {}
