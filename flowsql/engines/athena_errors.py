"""What Athena refuses or fails, by cause → an error with the next step; the table is the module."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flowsql.aws.identity import is_no_workgroup, no_workgroup
from flowsql.errors import DamagedObject, EngineError, FlowsqlError, NotFound, QueryError, SourceError
from flowsql.sources import AthenaSource

_SECRETS = re.compile(
    r"(AKIA|ASIA)[A-Z0-9]{12,}|X-Amz-[A-Za-z-]+=[^&\s\"']+|(?i:aws_secret\w*|session.?token)\s*[=:]\s*\S+"
)
_LINE = re.compile(r"line (\d+):(\d+): ?")
_NAME = re.compile(r"^([A-Z][A-Z_]{3,}): ")
_MISSING = re.compile(r"(Table|Schema|Database|Catalog) '?([\w.-]+)'? (?:does not exist|not found)", re.IGNORECASE)
_OBJECT = re.compile(r"s3a?://[^\s,'\"()]+")


@dataclass(frozen=True, slots=True)
class Sent:
    """Where the lines of a statement that was sent stand in the author's file."""

    place: str
    skipped: int = 0
    """Line N that was sent is line N + skipped of the file."""
    inserted: int = 0
    """Characters put before the author's on the first line."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """One cause: what its message looks like, and what a person is told."""

    pattern: str
    message: str
    hint: str
    kind: type[FlowsqlError] = EngineError
    at_line: bool = False
    """Whether it stands in the author's file although the statement is written right."""


VALUE_ERRORS = ("DIVISION_BY_ZERO", "INVALID_CAST_ARGUMENT", "INVALID_FUNCTION_ARGUMENT", "NUMERIC_VALUE_OUT_OF_RANGE")
"""Trino's names of what a value does to a statement that is written right."""
VALUE_STOPS = "a value stops the query: {reason}"
VALUE_HINT = "TRY(…) or TRY_CAST(… AS …) gives NULL instead"
_RESULTS = "allow s3:GetBucketLocation, s3:ListBucket, s3:PutObject and s3:GetObject on {results}"
_ACTION = re.compile(r"not authorized to perform: ([a-z0-9-]+:\w+)(?: on resource: \"?(arn:[^\s\"]+))?")
_UNREADABLE = re.compile(r"denied when reading the results", re.IGNORECASE)
_BECAUSE = re.compile(r"because .*? action\b|with an explicit deny[^.(]*")
_RULES: tuple[_Rule, ...] = (
    _Rule(
        r"bytes scanned limit|BytesScannedCutoff|exceeded.*data.*limit|limit.*bytes.*scanned",
        "the query was stopped when it had scanned what workgroup {workgroup} allows; that much is billed",
        "ask a shorter window, or narrow it with --account, --region or --interface",
    ),
    _Rule(
        r"ExpiredToken|security token.*expired|credentials.*expired",
        "the credentials expired while the query ran",
        "`aws sso login` or `aws login` signs in; --profile names another profile",
        SourceError,
    ),
    _Rule(
        _ACTION.pattern,
        "access denied: Athena may not {action} with your permissions{why}",
        "allow {action} on {resource}",
        SourceError,
    ),
    _Rule(
        _UNREADABLE.pattern,
        "access denied: the results may not be read{where_}",
        "allow s3:GetObject on them; results that were deleted look the same to who may not list their bucket",
        SourceError,
    ),
    _Rule(
        r"PermanentRedirect|bucket is in this region|bucket.*(different|another|wrong) region"
        r"|AuthorizationHeaderMalformed|S3 location provided.*same region",
        "the results bucket {results} is in another region than the query",
        "`output` of the source names a bucket in the workgroup's region",
        SourceError,
    ),
    _Rule(
        r"No output location|output location.*(not|required)|Unable to verify/create output bucket.*NoSuchBucket",
        "workgroup {workgroup} has nowhere to write results",
        "{somewhere}, or a result location in the workgroup",
        SourceError,
    ),
    _Rule(
        r"output bucket|Access denied when writing|writing (output )?to (url|location)|writ\w+.*Access ?Denied",
        "the results cannot be written to {results}",
        f"{_RESULTS}; a bucket that does not exist or is another account's gives the same error",
        SourceError,
    ),
    _Rule(
        r"glue:\w+.*denied|Insufficient (Lake Formation )?permission|lakeformation",
        "the Glue Data Catalog may not be read{because}",
        "allow glue:GetTable, glue:GetDatabase and glue:GetPartitions on {database}.{table}, in Lake Formation too",
        SourceError,
    ),
    _Rule(
        r"Access ?Denied|PERMISSION_DENIED|403|not authorized",
        "the flow logs may not be read{where_}",
        "allow s3:GetObject and s3:ListBucket on their bucket, and kms:Decrypt where it is encrypted",
        SourceError,
    ),
    _Rule(
        r"TABLE_NOT_FOUND|Table '?[\w.\"-]+'? (does not exist|not found)|EntityNotFoundException.*[Tt]able",
        "there is no table {database}.{table}",
        "`flowsql table list --database {database}` shows the tables, `flowsql table create` makes one",
        NotFound,
    ),
    _Rule(
        r"SCHEMA_NOT_FOUND|(Schema|Database) '?[\w.\"-]+'? (does not exist|not found)|CATALOG_NOT_FOUND",
        "there is no database {database} in {catalog}",
        "`flowsql table list` shows what there is, `flowsql table create` makes a table",
        NotFound,
    ),
    _Rule(
        r"injected projected partition|CONSTRAINT_VIOLATION",
        "the table wants the value of an injected partition: {reason}",
        "--account and --region say it; `flowsql table describe` shows the partitions",
        QueryError,
    ),
    _Rule(
        r"projection|INVALID_TABLE_PROPERTY|storage\.location\.template",
        "the partition projection of {database}.{table} is wrong: {reason}",
        "`flowsql table verify` says which property, and its right value",
    ),
    _Rule(
        r"HIVE_PARTITION_SCHEMA_MISMATCH",
        "a partition of {database}.{table} has other column types than the table: {reason}",
        "`flowsql table verify` checks them; partition projection has no types of its own",
    ),
    _Rule(
        r"HIVE_BAD_DATA|HIVE_CURSOR_ERROR|HIVE_UNSUPPORTED_FORMAT|[Mm]alformed|not a (valid )?[Pp]arquet"
        r"|incorrect header",
        "an object is not what the table says{where_}: {rest}",
        "`flowsql table verify` compares the table with its objects; --region, --account or another window avoid it",
        DamagedObject,
    ),
    _Rule(
        r"HIVE_CANNOT_OPEN_SPLIT|HIVE_FILESYSTEM_ERROR|NoSuchKey",
        "an object could not be opened{where_}: {rest}",
        "run it again; if it keeps happening, a lifecycle rule is expiring or archiving the window",
        SourceError,
    ),
    _Rule(
        r"exhausted resources|EXCEEDED_\w*MEMORY\w*|MEMORY_LIMIT|INSUFFICIENT_RESOURCES|CLUSTER_OUT_OF_MEMORY",
        "the query needs more than Athena gives it: {reason}",
        "ask a shorter window, or fewer groups; ORDER BY without LIMIT sorts on one node",
    ),
    _Rule(
        r"timed? ?out|EXCEEDED_TIME_LIMIT|[Qq]uery timeout",
        "the query took longer than Athena allows",
        "ask a shorter window; the DML timeout is a service quota (30 minutes unless raised)",
    ),
    _Rule(
        r"[Ss]low ?[Dd]own|reduce your request rate|Rate exceeded|[Tt]hrottl|TooManyRequests",
        "S3 or Glue asked Athena to slow down",
        "run it again in a minute; fewer and larger objects (hourly Parquet) ask S3 less",
    ),
    _Rule(
        "|".join(VALUE_ERRORS),
        VALUE_STOPS,
        VALUE_HINT,
        at_line=True,
    ),
    _Rule(
        r"SYNTAX_ERROR|_NOT_FOUND|TYPE_MISMATCH|EXPRESSION_NOT|AMBIGUOUS|NOT_SUPPORTED|MISSING_|INVALID_|DUPLICATE_"
        r"|mismatched input|MALFORMED_QUERY",
        "Athena refuses the query: {reason}",
        "--dry-run shows the SQL as it is sent",
        QueryError,
    ),
    _Rule(
        r"INTERNAL_ERROR|internal error",
        "Athena failed by itself: {reason}",
        "run it again; if it keeps failing, AWS support wants the query id {query}",
    ),
)
_REFUSALS: Mapping[str, tuple[str, str]] = {
    "TooManyRequestsException": (
        "Athena takes no more queries now: the active-query quota is used up",
        "run it again later; `aws athena list-query-executions` shows what runs",
    ),
    "ThrottlingException": ("Athena is asked too often (Rate exceeded)", "run it again in a minute"),
    "InternalServerException": ("Athena failed by itself", "run it again"),
}


def waited_for(code: str) -> str:
    """Why Athena is asked again later, which is no failure yet."""
    return _REFUSALS.get(code, _REFUSALS["ThrottlingException"])[0]


def cleaned(text: str) -> str:
    """A message without what may be a key or a token, on one line."""
    return " ".join(_SECRETS.sub("…", text).split())


def names_another(text: str, *own: str) -> bool:
    """Whether a message misses a table or database that is none of the source's own: the statement names it."""
    missing = _MISSING.search(text)
    return missing is not None and missing[2].rpartition(".")[2].lower() not in {name.lower() for name in own}


def failed(reason: str, source: AthenaSource, sent: Sent, query_id: str = "", results: str = "") -> FlowsqlError:
    """The error for an execution that ended FAILED or CANCELLED, or a statement refused at once.

    `reason` is StateChangeReason; the line in it becomes that of the author's file.
    """
    text = cleaned(reason)
    place = _place(text, sent)
    told = _LINE.sub("", _NAME.sub("", text)).rstrip(". ")
    found = _OBJECT.search(text)
    named = found[0].rstrip(".:;") if found else ""
    action = _ACTION.search(text)
    values = {
        "workgroup": source.workgroup,
        "database": source.database,
        "table": source.table,
        "catalog": source.catalog,
        "results": results or source.output or "the results location",
        "reason": told or "no reason was given",
        "where_": f" ({named})" if named else "",
        "rest": _without(told, named) or "no reason was given",
        "somewhere": 'output = "s3://bucket/prefix/" in the source' if source.name else "--results s3://bucket/prefix/",
        "because": f": {told}" if told else "",
        "action": action[1] if action else "",
        "resource": _resource(action[2]) if action else "",
        "why": f", {because[0]}" if (because := _BECAUSE.search(text)) else "",
        "query": query_id,
    }
    if names_another(text, source.table, source.database, source.catalog):
        tables = f"`flowsql table list --database {source.database}` shows the tables of flow logs"
        return QueryError(f"Athena refuses the query: {told}", where=place, hint=tables)
    for rule in _RULES:
        if re.search(rule.pattern, text, re.IGNORECASE):
            in_file = rule.at_line or issubclass(rule.kind, QueryError)
            where = place if in_file else source.name or source.location
            hint = rule.hint.format(**values) or None
            return rule.kind(rule.message.format(**values), where=where, hint=hint)
    message = f"Athena did not answer: {values['reason']}"
    return EngineError(message, where=place, hint=f"query id {query_id}" if query_id else None)


def refused(code: str, message: str, source: AthenaSource, sent: Sent | None, where: str) -> FlowsqlError | None:
    """The error for an API call that Athena refused; None where AWS refused it, whatever the service."""
    if code in _REFUSALS:
        text, hint = _REFUSALS[code]
        return EngineError(text, where=where, hint=hint)
    if code == "MetadataException" or (code == "AccessDeniedException" and _UNREADABLE.search(message)):
        return failed(message, source, sent or Sent(where))
    if code not in ("InvalidRequestException", "ResourceNotFoundException"):
        return None
    told = cleaned(message)
    if is_no_workgroup(told):
        return no_workgroup(source.workgroup, where)
    if re.search(r"[Qq]uery ?[Ee]xecution.*(not found|does not exist|was not found)", told):
        return NotFound(told, where=where, hint="Athena keeps executions for 45 days, each in its own region")
    return failed(message, source, sent or Sent(where))


def _resource(arn: str | None) -> str:
    """What an action is to be allowed on; Glue refuses at the catalogue what it will ask of those below it next."""
    if arn is None:
        return "what the query reads and writes"
    return f"{arn} and its database and table" if arn.endswith(":catalog") else arn


def _without(told: str, named: str) -> str:
    """A reason without the object, which is named before it."""
    if not named:
        return told
    name = re.escape(named)
    return re.sub(rf"\s*\({name}\)|(?:\s*\b(?:in|of|from|for|at))?\s*{name}", "", told).strip(" .:;")


def _place(text: str, sent: Sent) -> str:
    """file:line of the author's statement, as far as the message tells."""
    found = _LINE.search(text)
    if found is None or (int(found[1]) == 1 and int(found[2]) <= sent.inserted and sent.inserted):
        return sent.place
    return f"{sent.place}:{int(found[1]) + sent.skipped}"
