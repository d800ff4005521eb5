"""Least-privilege IAM policies for one source, as plain values; nothing is asked of AWS here.

Which action takes which resource: Service Authorization Reference, "Actions, resources, and condition keys".
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

LIMIT = 6144
"""Characters of a managed policy, white space not counted (IAM User Guide, "IAM and AWS STS quotas")."""

_OBJECT = re.compile(r"\.(log|gz|parquet)$")
"""The end of a place that is one object, and no folder."""

Policy = dict[str, Any]
Statement = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, a prefix in it, and the KMS key its objects are encrypted with."""

    name: str
    prefix: str = ""
    """Without a slash at either end."""
    key: str | None = None
    """ARN; None where no customer managed key is used."""


@dataclass(frozen=True, slots=True)
class Access:
    """What one source consists of."""

    region: str
    account: str
    database: str
    table: str
    workgroup: str
    catalog: str
    logs: Bucket
    results: Bucket | None
    """None for a workgroup with managed results."""
    lake_formation: bool = False
    """Whether Lake Formation governs the table."""

    def arn(self, service: str, resource: str) -> str:
        """The ARN of a resource of the source's account and region."""
        return f"arn:{partition(self.region)}:{service}:{self.region}:{self.account}:{resource}"


def partition(region: str) -> str:
    """The AWS partition of a region."""
    return {"cn": "aws-cn", "us-gov": "aws-us-gov"}.get(region.rpartition("-")[0].rpartition("-")[0], "aws")


def reader(region: str, logs: Bucket) -> Policy:
    """What the embedded engine needs to read flow logs in a bucket."""
    return _policy(statement for statement in _reading(partition(region), logs) if statement["Sid"] != "FindLogs")


def analyst(access: Access) -> Policy:
    """What asking questions needs: run, sql, estimate and fetch, and `source test`."""
    return _policy([*_asking(access), *_reading(partition(access.region), access.logs), *_results(access)])


def setup(access: Access) -> Policy:
    """What making the table needs besides: table detect, create and verify."""
    return _policy(
        [
            *_asking(access),
            _statement(
                "MakeTable",
                ["glue:CreateDatabase", "glue:CreateTable", "glue:BatchCreatePartition"],
                _glue_resources(access),
            ),
            _statement("FindTables", ["glue:GetDatabases", "glue:GetTables"], _all_tables(access)),
            _statement("FindFlowLogs", ["ec2:DescribeFlowLogs"], ["*"]),
            *_reading(partition(access.region), access.logs),
            *_results(access),
        ]
    )


def size(policy: Policy) -> int:
    """Characters as IAM counts them."""
    import json

    return len("".join(json.dumps(policy, separators=(",", ":"), ensure_ascii=False).split()))


def _policy(statements: Iterable[Statement]) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _statement(sid: str, actions: Sequence[str], resources: Sequence[str], **more: Any) -> Statement:
    return {"Sid": sid, "Effect": "Allow", "Action": list(actions), "Resource": list(resources), **more}


def _asking(access: Access) -> Iterator[Statement]:
    """Athena, and the catalogue it reads on the caller's behalf."""
    yield _statement(
        "Ask",
        [
            "athena:StartQueryExecution",
            "athena:StopQueryExecution",
            "athena:GetQueryExecution",
            "athena:GetQueryResults",
            "athena:GetWorkGroup",
        ],
        [access.arn("athena", f"workgroup/{access.workgroup}")],
    )
    yield _statement("Catalogue", ["athena:GetDataCatalog"], [access.arn("athena", f"datacatalog/{access.catalog}")])
    yield _statement(
        "ReadTable",
        ["glue:GetDatabase", "glue:GetTable", "glue:GetPartition", "glue:GetPartitions", "glue:BatchGetPartition"],
        _glue_resources(access),
    )
    if access.lake_formation:
        yield _statement("LakeFormation", ["lakeformation:GetDataAccess"], ["*"])


def _glue_resources(access: Access) -> list[str]:
    """A table and what is above it, which Glue always asks for too; Athena looks at `default` on its own."""
    names = ["catalog", f"database/{access.database}", f"table/{access.database}/{access.table}"]
    if access.database != "default":
        names.insert(1, "database/default")
    return [access.arn("glue", name) for name in names]


def _all_tables(access: Access) -> list[str]:
    return [access.arn("glue", name) for name in ("catalog", "database/*", "table/*/*")]


def _reading(partition: str, logs: Bucket) -> Iterator[Statement]:
    """List and read the objects below a prefix."""
    bucket = f"arn:{partition}:s3:::{logs.name}"
    yield _statement("FindLogs", ["s3:GetBucketLocation"], [bucket])
    yield _statement("ListLogs", ["s3:ListBucket"], [bucket], **_below(logs))
    yield _statement("ReadLogs", ["s3:GetObject"], [_objects(bucket, logs)])
    if logs.key:
        yield _statement("LogsKey", ["kms:Decrypt"], [logs.key])


def _results(access: Access) -> Iterator[Statement]:
    """Write results, read them, and remove what UNLOAD left once it is read."""
    results = access.results
    if results is None:
        return
    bucket = f"arn:{partition(access.region)}:s3:::{results.name}"
    yield _statement("FindResults", ["s3:GetBucketLocation", "s3:ListBucketMultipartUploads"], [bucket])
    yield _statement("ListResults", ["s3:ListBucket"], [bucket], **_below(results))
    yield _statement(
        "Results",
        [
            "s3:GetObject",
            "s3:PutObject",
            "s3:DeleteObject",
            "s3:AbortMultipartUpload",
            "s3:ListMultipartUploadParts",
        ],
        [_objects(bucket, results)],
    )
    if results.key:
        yield _statement("ResultsKey", ["kms:GenerateDataKey", "kms:Decrypt"], [results.key])


def _below(place: Bucket) -> dict[str, Any]:
    """The condition that only what lies at or below the prefix is listed."""
    if not place.prefix:
        return {}
    return {"Condition": {"StringLike": {"s3:prefix": [place.prefix, f"{place.prefix}/*"]}}}


def _objects(bucket: str, place: Bucket) -> str:
    if _OBJECT.search(place.prefix):
        return f"{bucket}/{place.prefix}"
    return f"{bucket}/{place.prefix}/*" if place.prefix else f"{bucket}/*"
