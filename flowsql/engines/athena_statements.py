"""Statements about a table through Athena's API: DDL, and the few rows of a check."""

from dataclasses import dataclass, field

from flowsql.engines.athena_calls import Calls
from flowsql.engines.athena_errors import Sent
from flowsql.engines.base import RemoteProgress
from flowsql.sources import AthenaSource


@dataclass(slots=True)
class Statements:
    """Athena as a table is made and proved by: the table's database and name, and how it is asked, are in `source`."""

    source: AthenaSource
    progress: RemoteProgress | None = None
    scanned: int = 0
    """Bytes that statements have read."""
    _calls: Calls | None = field(default=None, repr=False)

    def execute(self, sql: str) -> list[dict[str, str | None]]:
        """Run a statement to its end; a SELECT's first rows by column name, as text.

        Raises EngineError, SourceError, NotFound, QueryError, DamagedObject. Ctrl-C stops it there too.
        """
        if self._calls is None:
            self._calls = Calls(self.source, self.progress)
        request = {
            "QueryString": sql,
            "WorkGroup": self.source.workgroup,
            **({"ResultConfiguration": {"OutputLocation": self.source.output}} if self.source.output else {}),
        }
        execution = self._calls.execute(request, Sent(self.source.location))
        self.scanned += execution.get("Statistics", {}).get("DataScannedInBytes", 0)
        if not sql.lstrip().upper().startswith("SELECT"):
            return []
        result = self._calls.call("GetQueryResults", QueryExecutionId=execution["QueryExecutionId"])["ResultSet"]
        lines = [[cell.get("VarCharValue") for cell in row.get("Data", ())] for row in result.get("Rows", ())]
        return [dict(zip(map(str, lines[0]), line, strict=True)) for line in lines[1:]]
