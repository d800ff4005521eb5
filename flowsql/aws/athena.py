"""One statement about a table through Athena's API: DDL, and the few rows of a check."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import uuid4

from flowsql.aws.clients import connect
from flowsql.aws.failures import Asked, asking
from flowsql.errors import EngineError

if TYPE_CHECKING:
    from mypy_boto3_athena import AthenaClient

_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0
"""Seconds between looks at a statement."""

_DONE = ("SUCCEEDED", "FAILED", "CANCELLED")


@dataclass(slots=True)
class Athena:
    """Athena in one account and region, asked through a workgroup. Methods raise SourceError, EngineError."""

    workgroup: str = "primary"
    output: str | None = None
    """`s3://bucket/prefix/` for results; None leaves it to the workgroup."""
    profile: str | None = None
    region: str | None = None
    scanned: int = 0
    """Bytes that statements have read."""
    _client: "AthenaClient | None" = field(default=None, repr=False)

    def execute(self, sql: str) -> list[dict[str, str | None]]:
        """Run a statement to its end; its first rows by column name, as text. Ctrl-C stops it there too."""
        asked = Asked(
            "athena:StartQueryExecution",
            f"workgroup {self.workgroup}",
            "",
            f"arn:aws:athena:*:*:workgroup/{self.workgroup}",
            self.profile,
            "Athena",
        )
        if self._client is None:
            self._client = connect("athena", asked, self.region)
        with asking(asked):
            client = self._client
            output: Mapping[str, str] = {"OutputLocation": self.output} if self.output else {}
            started = client.start_query_execution(
                QueryString=sql,
                WorkGroup=self.workgroup,
                ResultConfiguration=output,  # type: ignore[arg-type]
                ClientRequestToken=str(uuid4()),
            )
            name = started["QueryExecutionId"]
            try:
                self._wait(client, name)
            except KeyboardInterrupt:
                client.stop_query_execution(QueryExecutionId=name)
                raise
            return self._rows(client, name) if sql.lstrip().upper().startswith("SELECT") else []

    def _wait(self, client: "AthenaClient", name: str) -> None:
        pause = _FIRST_WAIT
        while True:
            execution = client.get_query_execution(QueryExecutionId=name)["QueryExecution"]
            status = execution["Status"]
            if status["State"] in _DONE:
                self.scanned += execution.get("Statistics", {}).get("DataScannedInBytes", 0)
            if status["State"] == "SUCCEEDED":
                return
            if status["State"] in _DONE:
                reason = status.get("StateChangeReason") or "Athena gives no reason"
                raise EngineError(f"Athena: {status['State'].lower()}: {reason}", where=f"query {name}")
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST_WAIT)

    def _rows(self, client: "AthenaClient", name: str) -> list[dict[str, str | None]]:
        result = client.get_query_results(QueryExecutionId=name)["ResultSet"]
        lines = [[cell.get("VarCharValue") for cell in row.get("Data", ())] for row in result.get("Rows", ())]
        return [dict(zip(map(str, lines[0]), line, strict=True)) for line in lines[1:]]
