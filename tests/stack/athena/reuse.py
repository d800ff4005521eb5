"""Result reuse by age: which earlier execution answers a new one (Athena UG, "Reuse query results")."""

import time

from tests.stack.athena.execution import Execution, Executions
from tests.stack.athena.statements import normalised, repeatable


def reusable(execution: Execution, executions: Executions) -> Execution | None:
    """The newest earlier execution of the same question whose result is young enough."""
    if execution.reuse_minutes is None or execution.location is None or not repeatable(execution.query):
        return None
    oldest = time.time() - execution.reuse_minutes * 60
    asked = _question(execution)
    for earlier in executions.newest_first():
        if earlier.state == "SUCCEEDED" and not earlier.reused and _question(earlier) == asked:
            return earlier if (earlier.completed or 0) >= oldest else None
    return None


def _question(execution: Execution) -> tuple[object, ...]:
    folder = (execution.location or "").rpartition("/")[0]
    place = (execution.work_group, execution.catalog, execution.database, folder)
    return (*place, normalised(execution.query), tuple(execution.parameters))
