"""IAM at the door: what a request to the local AWS needs, and whether a policy that a test orders allows it.

Service Authorization Reference, "Actions, resources, and condition keys" of Amazon S3, AWS Glue, Amazon Athena and
Amazon EC2; IAM User Guide, "Policy evaluation logic". What is not known here is refused.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from threading import Lock
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qsl

from werkzeug.wrappers import Request

ACCOUNT, REGION = "123456789012", "us-east-1"
UNKNOWN = "unknown"
"""The service of the action in the refusal of a request whose action is not known here."""

_NOTHING: Mapping[str, str] = MappingProxyType({})
_S3_LISTING = {
    *("list-type", "prefix", "delimiter", "max-keys", "start-after", "marker", "continuation-token"),
    *("encoding-type", "fetch-owner", "x-id"),
}
_S3_CONDITIONS = ("prefix", "delimiter", "max-keys")
_S3_READING = {"x-id", "partNumber", "response-content-type", "response-content-encoding"}

_OF_A_TABLE = {
    "GetTable": "Name",
    "DeleteTable": "Name",
    "CreateTable": "TableInput.Name",
    "UpdateTable": "TableInput.Name",
    **dict.fromkeys(("GetPartition", "GetPartitions", "BatchGetPartition"), "TableName"),
    **dict.fromkeys(("CreatePartition", "BatchCreatePartition", "DeletePartition"), "TableName"),
}
"""Glue's operations on one table, and the member of the request that names it."""
_OF_A_DATABASE = {"GetDatabase": "Name", "CreateDatabase": "DatabaseInput.Name", "GetTables": "DatabaseName"}
_OF_A_QUERY = (
    *("GetQueryExecution", "GetQueryResults", "GetQueryRuntimeStatistics", "StopQueryExecution"),
    "BatchGetQueryExecution",
)
_OF_A_WORKGROUP = ("StartQueryExecution", "ListQueryExecutions", "GetWorkGroup")
_OF_A_CATALOGUE = ("GetDatabase", "ListDatabases", "GetTableMetadata", "ListTableMetadata")
_OF_ALL = ("ListWorkGroups", "ListDataCatalogs")
_OPERATORS: Mapping[str, Callable[[str, str], bool]] = MappingProxyType(
    {"StringEquals": lambda pattern, value: pattern == value, "StringLike": lambda pattern, value: like(pattern, value)}
)


@dataclass(frozen=True, slots=True)
class Need:
    """A permission that a request needs: the action on every one of the resources."""

    action: str
    resources: tuple[str, ...]
    conditions: Mapping[str, str] = field(default_factory=lambda: _NOTHING)
    """Condition keys and their values, as far as the request has them."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What was asked of a policy, and its answer."""

    action: str
    resource: str
    """The resource it is refused on; the last of those it is allowed on."""
    allowed: bool
    by: str
    """The access key that signed: the caller's, or that of the engine that works for the caller."""


@dataclass(slots=True)
class _Order:
    """A policy, of whom and around what."""

    access_key: str
    policy: Mapping[str, Any]
    buckets: frozenset[str]
    databases: frozenset[str]
    asked: list[Asked] = field(default_factory=list)


class Permissions:
    """The policies on order. Whoever has none may do everything."""

    def __init__(self, engines: Iterable[str], work_group_of: Callable[[str], str | None]) -> None:
        """`engines` are the access keys that act with the rights of whoever asked."""
        self._engines = frozenset(engines)
        self._work_group_of = work_group_of
        self._orders: dict[str, _Order] = {}
        self._lock = Lock()

    def order(self, access_key: str, policy: Mapping[str, Any], buckets: list[str], databases: list[str]) -> None:
        """Let a policy bind a key, and whatever the engines do with these buckets and databases.

        Raises ValueError for a policy with what is not evaluated here.
        """
        for statement in policy["Statement"]:
            unknown = set(statement) - {"Sid", "Effect", "Action", "Resource", "Condition"}
            unknown |= set(statement.get("Condition", ())) - set(_OPERATORS)
            if unknown or statement["Effect"] != "Allow":
                raise ValueError(f"not evaluated here: {statement['Effect']} {sorted(unknown)}")
        with self._lock:
            self._orders[access_key] = _Order(access_key, policy, frozenset(buckets), frozenset(databases))

    def clear(self, access_key: str) -> None:
        """Let a key do everything again."""
        with self._lock:
            self._orders.pop(access_key, None)

    def asked(self, access_key: str) -> list[Asked]:
        """What was asked of a key's policy since it was ordered."""
        with self._lock:
            order = self._orders.get(access_key)
            return list(order.asked) if order is not None else []

    def binds(self, access_key: str, service: str, request: Request) -> str | None:
        """The key whose policy a request falls under; None when it may pass."""
        with self._lock:
            if access_key in self._orders:
                return access_key
            if not self._orders or access_key not in self._engines:
                return None
            place = _place(service, request)
            orders = reversed(list(self._orders.values()))
            return next((order.access_key for order in orders if place in order.buckets | order.databases), None)

    def refusal(self, bound: str, signed: str, service: str, request: Request) -> Asked | None:
        """The first need of a request that the policy of `bound` does not allow; None when all are allowed."""
        judged = [self._judged(bound, signed, need) for need in needs(service, request, self._work_group_of)]
        return next((asked for asked in judged if not asked.allowed), None)

    def has_refused(self, signed: str, bucket: str) -> bool:
        """Whether a policy on order has refused a key something in a bucket."""
        start = f"arn:aws:s3:::{bucket}"
        with self._lock:
            asked = [each for order in self._orders.values() for each in order.asked]
        return any(not each.allowed and each.by == signed and each.resource.startswith(start) for each in asked)

    def may_list(self, bound: str, bucket: str) -> bool:
        """Whether S3 tells of an object that is not there: only who may list without a prefix learns it."""
        with self._lock:
            order = self._orders.get(bound)
        return order is None or _allows(order.policy, "s3:ListBucket", f"arn:aws:s3:::{bucket}", _NOTHING)

    def _judged(self, bound: str, signed: str, need: Need) -> Asked:
        with self._lock:
            order = self._orders.get(bound)
            if order is None:  # cleared meanwhile
                return Asked(need.action, need.resources[-1], True, signed)
            refused = (each for each in need.resources if not _allows(order.policy, need.action, each, need.conditions))
            first = next(refused, None)
            asked = Asked(need.action, first or need.resources[-1], first is None, signed)
            order.asked.append(asked)
        return asked


def _allows(policy: Mapping[str, Any], action: str, resource: str, conditions: Mapping[str, str]) -> bool:
    return any(_grants(statement, action, resource, conditions) for statement in policy["Statement"])


def _grants(statement: Mapping[str, Any], action: str, resource: str, conditions: Mapping[str, str]) -> bool:
    if action.endswith(f":{UNKNOWN}"):
        return False
    if not any(like(pattern.lower(), action.lower()) for pattern in _listed(statement["Action"])):
        return False
    if not any(like(pattern, resource) for pattern in _listed(statement["Resource"])):
        return False
    return all(
        key in conditions and any(_OPERATORS[operator](pattern, conditions[key]) for pattern in _listed(patterns))
        for operator, wanted in statement.get("Condition", {}).items()
        for key, patterns in wanted.items()
    )


def like(pattern: str, value: str) -> bool:
    """Whether IAM's pattern, with `*` and `?`, fits a whole value."""
    parts = {"*": ".*", "?": "."}
    return re.fullmatch("".join(parts.get(each) or re.escape(each) for each in pattern), value, re.DOTALL) is not None


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def needs(service: str, request: Request, work_group_of: Callable[[str], str | None]) -> list[Need]:
    """The permissions a request needs: none for GetCallerIdentity, an unknown one for what is not known here."""
    unknown = [Need(f"{service}:{UNKNOWN}", (f"{request.method} {request.path}",))]
    operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    match service:
        case "s3":
            return list(_s3(request)) or unknown
        case "glue":
            return list(_glue(operation, json.loads(request.get_data() or b"{}"))) or unknown
        case "athena":
            return list(_athena(operation, json.loads(request.get_data() or b"{}"), work_group_of)) or unknown
        case "ec2" | "sts":
            action = dict(parse_qsl(request.get_data(as_text=True))).get("Action", "")
            if (service, action) == ("sts", "GetCallerIdentity"):
                return []
            return [Need("ec2:DescribeFlowLogs", ("*",))] if action == "DescribeFlowLogs" else unknown
    return unknown


def place_in_s3(request: Request) -> tuple[str, str]:
    """The bucket and the key in a path-style request; empty where it has none."""
    bucket, _, key = request.path.lstrip("/").partition("/")
    return bucket, key


def _place(service: str, request: Request) -> str:
    """The bucket or database that a request is about; empty where it is about neither."""
    if service == "s3":
        return place_in_s3(request)[0]
    if service != "glue":
        return ""
    asked = json.loads(request.get_data() or b"{}")
    operation = request.headers.get("X-Amz-Target", "").rpartition(".")[2]
    member = _OF_A_DATABASE.get(operation, "DatabaseName")
    return _member(asked, member) or ""


def _s3(request: Request) -> Iterator[Need]:
    bucket, key = place_in_s3(request)
    arn, asked = f"arn:aws:s3:::{bucket}", dict(request.args)
    if key:
        yield from _s3_object(request.method, f"{arn}/{key}", asked, request.headers.get("x-amz-copy-source"))
    elif not bucket:
        if request.method == "GET":
            yield Need("s3:ListAllMyBuckets", ("*",))
    elif request.method == "HEAD":
        yield Need("s3:ListBucket", (arn,))
    elif request.method == "POST" and "delete" in asked:
        for name in re.findall(r"<Key>(.*?)</Key>", request.get_data(as_text=True), re.DOTALL):
            yield Need("s3:DeleteObject", (f"{arn}/{_unescaped(name)}",))
    elif request.method == "GET" and "location" in asked:
        yield Need("s3:GetBucketLocation", (arn,))
    elif request.method == "GET" and "uploads" in asked:
        yield Need("s3:ListBucketMultipartUploads", (arn,))
    elif request.method == "GET" and asked.keys() <= _S3_LISTING:
        yield Need("s3:ListBucket", (arn,), {f"s3:{each}": asked[each] for each in _S3_CONDITIONS if each in asked})


def _s3_object(method: str, arn: str, asked: Mapping[str, str], copied: str | None) -> Iterator[Need]:
    upload = "uploadId" in asked
    if method in ("GET", "HEAD") and upload:
        yield Need("s3:ListMultipartUploadParts", (arn,))
    elif method in ("GET", "HEAD") and asked.keys() <= _S3_READING:
        yield Need("s3:GetObject", (arn,))
    elif method == "PUT" and asked.keys() <= {"x-id", "uploadId", "partNumber"}:
        if copied:
            yield Need("s3:GetObject", (f"arn:aws:s3:::{copied.lstrip('/')}",))
        yield Need("s3:PutObject", (arn,))
    elif method == "POST" and (upload or "uploads" in asked):
        yield Need("s3:PutObject", (arn,))
    elif method == "DELETE" and asked.keys() <= {"x-id", "uploadId"}:
        yield Need("s3:AbortMultipartUpload" if upload else "s3:DeleteObject", (arn,))


def _unescaped(text: str) -> str:
    from xml.sax.saxutils import unescape

    return unescape(text, {"&quot;": '"', "&apos;": "'"})


def _glue(operation: str, asked: Mapping[str, Any]) -> Iterator[Need]:
    """What lies above a resource is asked for too; all of a kind is asked for as `*`."""
    resources = ["catalog"]
    if operation in _OF_A_TABLE:
        database = asked["DatabaseName"]
        resources += [f"database/{database}", f"table/{database}/{_member(asked, _OF_A_TABLE[operation])}"]
    elif operation in _OF_A_DATABASE:
        database = _member(asked, _OF_A_DATABASE[operation])
        resources.append(f"database/{database}")
        if operation == "GetTables":
            resources.append(f"table/{database}/*")
    elif operation == "GetDatabases":
        resources.append("database/*")
    else:
        return
    yield Need(f"glue:{operation}", tuple(f"arn:aws:glue:{REGION}:{ACCOUNT}:{each}" for each in resources))


def _member(asked: Mapping[str, Any], path: str) -> str | None:
    found: Any = asked
    for name in path.split("."):
        found = found.get(name, {})
    return found or None


def _athena(operation: str, asked: Mapping[str, Any], work_group_of: Callable[[str], str | None]) -> Iterator[Need]:
    resources: list[str] = []
    if operation in _OF_A_QUERY:
        ids = asked.get("QueryExecutionIds") or [asked["QueryExecutionId"]]
        resources = [f"workgroup/{work_group_of(each) or '?'}" for each in ids]
    elif operation in _OF_A_WORKGROUP:
        resources = [f"workgroup/{asked.get('WorkGroup', 'primary')}"]
    elif operation == "GetDataCatalog":
        resources = [f"datacatalog/{asked['Name']}"]
    elif operation in _OF_A_CATALOGUE:
        resources = [f"datacatalog/{asked['CatalogName']}"]
    elif operation in _OF_ALL:
        yield Need(f"athena:{operation}", ("*",))
    for resource in resources:
        yield Need(f"athena:{operation}", (f"arn:aws:athena:{REGION}:{ACCOUNT}:{resource}",))
