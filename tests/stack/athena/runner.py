"""Carries out one execution: waits where a fault says so, asks Trino or changes Glue, writes the result to S3."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from botocore.exceptions import ClientError

from tests.stack.athena.errors import SYSTEM, USER, Failure, engine_failure
from tests.stack.athena.execution import Execution
from tests.stack.athena.hive_ddl import HiveDdl
from tests.stack.athena.statements import body_of, with_parameters
from tests.stack.athena.text import column_info, plain_column, speller
from tests.stack.athena.unload import Unload
from tests.stack.engine import EngineError, Statement
from tests.stack.faults import Fault, Faults
from tests.stack.hive import HiveSyntaxError

CUTOFF_REASON = "Query cancelled! : Bytes scanned limit was exceeded"
CANCEL_REASON = "Query cancelled by user"


@dataclass(frozen=True, slots=True)
class Backend:
    """What executions are carried out with."""

    trino_url: str
    s3: Any
    ddl: HiveDdl
    faults: Faults
    is_denied: Callable[[str], bool]
    """Whether S3 keeps Trino from reading in a bucket."""
    folder: Path
    """For the rows of results."""


def carry_out(execution: Execution, backend: Backend, access_key: str) -> None:
    """Bring an execution to its end; what goes wrong ends up in its state, never as an exception."""
    try:
        _wait(execution, backend.faults.take("slow", access_key))
        if (fault := backend.faults.take("failed", access_key)) is not None:
            raise Failure(fault.reason, fault.category, fault.error_type, fault.retryable)
        execution.run()
        if not execution.stopping.is_set():
            _execute(execution, backend)
        execution.result.end()
        if not execution.stopping.is_set():
            _store(execution, backend.s3)
            execution.finish("SUCCEEDED")
    except Failure as failure:
        execution.finish("FAILED", failure.reason, failure)
    except EngineError as error:
        refusal = engine_failure(error, backend.is_denied)
        execution.finish("FAILED", refusal.reason, refusal)
    except HiveSyntaxError as error:
        reason = f"FAILED: ParseException {error}"
        execution.finish("FAILED", reason, Failure(reason, USER, 1006))
    except Exception as error:  # a query of a real service fails, it does not vanish
        reason = f"GENERIC_INTERNAL_ERROR: {type(error).__name__}: {error}"
        execution.finish("FAILED", reason, Failure(reason, SYSTEM, 100))
    finally:
        execution.result.end()


def _wait(execution: Execution, slow: Fault | None) -> None:
    if slow is None:
        return
    if slow.state == "RUNNING":
        execution.run()
    execution.stopping.wait(slow.seconds)


def _execute(execution: Execution, backend: Backend) -> None:
    if execution.kind.hive:
        answer = backend.ddl.execute(execution.query, execution.database)
        execution.result.start([plain_column(name, "string") for name in answer.columns])
        execution.result.add(answer.rows)
    elif execution.kind.substatement == "UNLOAD":
        unload = Unload.parse(body_of(execution.query))
        unload.check_target(backend.s3)
        rows = _drive(execution, backend, unload.statement(execution.id, execution.parameters), unload.session())
        execution.result.update_count = rows
        if not execution.stopping.is_set():
            execution.manifest = unload.finish(execution, backend.s3)
    else:
        rows = _drive(execution, backend, with_parameters(body_of(execution.query), execution.parameters))
        execution.result.update_count = rows


def _drive(
    execution: Execution, backend: Backend, sql: str, session: Mapping[str, str] = MappingProxyType({})
) -> int | None:
    """Run a statement on Trino into the execution's result; how many rows it wrote, if it is one that writes."""
    statement = Statement(backend.trino_url, sql, execution.database, session)
    spell: list[Callable[[Any], str | None]] = []
    for page in _watched(execution, statement):
        if statement.columns and not spell:
            spell = [speller(column.signature) for column in statement.columns]
            execution.result.start([column_info(column) for column in statement.columns])
        if page:
            execution.result.add([[tell(cell) for tell, cell in zip(spell, row, strict=True)] for row in page])
    return statement.progress.rows_written


def _watched(execution: Execution, statement: Statement) -> Iterator[list[list[Any]]]:
    """The pages of a statement, until it is stopped or has read more than it may."""
    pages = statement.pages()
    for page in pages:
        progress = statement.progress
        execution.scanned = progress.scanned_bytes
        execution.planning = progress.planning
        if execution.cutoff is not None and progress.scanned_bytes > execution.cutoff:
            execution.finish("CANCELLED", CUTOFF_REASON)
        if execution.stopping.is_set():
            statement.cancel()
            pages.close()
            return
        yield page


def _store(execution: Execution, s3: Any) -> None:
    """Write the result's file, and the one beside it that describes it, where the execution says."""
    if execution.location is None:
        return
    bucket, _, key = execution.location.removeprefix("s3://").partition("/")
    try:
        if execution.kind.substatement != "UNLOAD":
            with execution.result.file.open("rb") as file:
                s3.upload_fileobj(file, bucket, key)
        # Its real content is a binary format of Athena's own that nobody reads.
        s3.put_object(Bucket=bucket, Key=f"{key}.metadata", Body=b"\x08\x03")
    except ClientError as error:
        reason = (
            f"Access denied when writing output to url: {execution.location} . Please ensure you are allowed to access "
            "the S3 bucket. If you are encrypting query results with KMS key, please ensure you are allowed to access "
            "your KMS key"
        )
        if "403" in str(error) or "AccessDenied" in str(error):
            raise Failure(reason, USER, 1501) from error
        raise


def stop(execution: Execution) -> None:
    """StopQueryExecution: the state changes at once, Trino's query ends within a second."""
    execution.finish("CANCELLED", CANCEL_REASON)
