"""What each request needs, as the Service Authorization Reference has it, and how policies are evaluated."""

import json
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder
from werkzeug.wrappers import Request

from tests.stack.permissions import Permissions, like, needs

GLUE, ATHENA = "arn:aws:glue:us-east-1:123456789012:", "arn:aws:athena:us-east-1:123456789012:"
DELETE = "<Delete><Object><Key>p/a&amp;b</Key></Object><Object><Key>p/c</Key></Object></Delete>"
S3 = [
    ("GET /", "s3:ListAllMyBuckets *"),
    ("HEAD /b", "s3:ListBucket arn:aws:s3:::b"),
    ("GET /b?location", "s3:GetBucketLocation arn:aws:s3:::b"),
    ("GET /b?list-type=2&prefix=p/", "s3:ListBucket arn:aws:s3:::b {'s3:prefix': 'p/'}"),
    ("GET /b?list-type=2&prefix=", "s3:ListBucket arn:aws:s3:::b {'s3:prefix': ''}"),
    ("GET /b?list-type=2", "s3:ListBucket arn:aws:s3:::b"),
    ("GET /b?uploads", "s3:ListBucketMultipartUploads arn:aws:s3:::b"),
    ("GET /b?acl", "s3:unknown GET /b"),
    ("PUT /b", "s3:unknown PUT /b"),
    ("GET /b/p/k", "s3:GetObject arn:aws:s3:::b/p/k"),
    ("HEAD /b/p%20q/k", "s3:GetObject arn:aws:s3:::b/p q/k"),
    ("GET /b/k?uploadId=1", "s3:ListMultipartUploadParts arn:aws:s3:::b/k"),
    ("GET /b/k?tagging", "s3:unknown GET /b/k"),
    ("PUT /b/k?x-id=PutObject", "s3:PutObject arn:aws:s3:::b/k"),
    ("PUT /b/k?partNumber=1&uploadId=1", "s3:PutObject arn:aws:s3:::b/k"),
    ("PUT /b/k?acl", "s3:unknown PUT /b/k"),
    ("POST /b/k?uploads", "s3:PutObject arn:aws:s3:::b/k"),
    ("DELETE /b/k", "s3:DeleteObject arn:aws:s3:::b/k"),
    ("DELETE /b/k?uploadId=1", "s3:AbortMultipartUpload arn:aws:s3:::b/k"),
    (f"POST /b?delete {DELETE}", "s3:DeleteObject arn:aws:s3:::b/p/a&b, s3:DeleteObject arn:aws:s3:::b/p/c"),
]
OTHERS: list[tuple[str, str, dict[str, Any], str]] = [
    ("glue", "GetDatabases", {}, f"glue:GetDatabases {GLUE}catalog {GLUE}database/*"),
    ("glue", "GetDatabase", {"Name": "d"}, f"glue:GetDatabase {GLUE}catalog {GLUE}database/d"),
    (
        *("glue", "GetTables", {"DatabaseName": "d"}),
        f"glue:GetTables {GLUE}catalog {GLUE}database/d {GLUE}table/d/*",
    ),
    (
        *("glue", "CreateTable", {"DatabaseName": "d", "TableInput": {"Name": "t"}}),
        f"glue:CreateTable {GLUE}catalog {GLUE}database/d {GLUE}table/d/t",
    ),
    (
        *("glue", "BatchCreatePartition", {"DatabaseName": "d", "TableName": "t"}),
        f"glue:BatchCreatePartition {GLUE}catalog {GLUE}database/d {GLUE}table/d/t",
    ),
    ("glue", "CreateJob", {}, "glue:unknown POST /"),
    ("athena", "StartQueryExecution", {}, f"athena:StartQueryExecution {ATHENA}workgroup/primary"),
    ("athena", "StopQueryExecution", {"QueryExecutionId": "q"}, f"athena:StopQueryExecution {ATHENA}workgroup/own"),
    ("athena", "GetQueryResults", {"QueryExecutionId": "x"}, f"athena:GetQueryResults {ATHENA}workgroup/?"),
    ("athena", "GetDataCatalog", {"Name": "c"}, f"athena:GetDataCatalog {ATHENA}datacatalog/c"),
    ("athena", "CreateWorkGroup", {"Name": "w"}, "athena:unknown POST /"),
]


def told(service: str, request: Request) -> str:
    found = needs(service, request, {"q": "own"}.get)
    return ", ".join(
        " ".join([need.action, *need.resources, *([str(dict(need.conditions))] if need.conditions else [])])
        for need in found
    )


def s3_request(text: str) -> Request:
    method, target, *body = text.split(" ", 2)
    return Request(EnvironBuilder(target, method=method, data=body[0] if body else None).get_environ())


@pytest.mark.parametrize(("text", "needed"), S3)
def test_s3_needs(text: str, needed: str) -> None:
    assert told("s3", s3_request(text)) == needed


@pytest.mark.parametrize(("service", "operation", "members", "needed"), OTHERS)
def test_json_services_need(service: str, operation: str, members: dict[str, Any], needed: str) -> None:
    request = EnvironBuilder(
        method="POST", headers={"X-Amz-Target": f"Any.{operation}"}, data=json.dumps(members)
    ).get_environ()
    assert told(service, Request(request)) == needed


@pytest.mark.parametrize(
    ("service", "body", "needed"),
    [
        ("sts", "Action=GetCallerIdentity&Version=1", ""),
        ("sts", "Action=AssumeRole", "sts:unknown POST /"),
        ("ec2", "Action=DescribeFlowLogs&MaxResults=1", "ec2:DescribeFlowLogs *"),
        ("ec2", "Action=CreateFlowLogs", "ec2:unknown POST /"),
    ],
)
def test_forms_need(service: str, body: str, needed: str) -> None:
    assert told(service, Request(EnvironBuilder(method="POST", data=body).get_environ())) == needed


@pytest.mark.parametrize(
    ("pattern", "value", "fits"),
    [
        ("a.b*", "a.b/c", True),
        ("a.b", "axb", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a", "ab", False),
        ("b", "ab", False),
        ("A", "a", False),
        ("*", "", True),
        ("p/*", "p/x\ny", True),
        ("[ab]", "a", False),
    ],
)
def test_patterns(pattern: str, value: str, fits: bool) -> None:
    assert like(pattern, value) is fits


def policy(**statement: Any) -> dict[str, Any]:
    return {"Statement": [{"Effect": "Allow", "Action": "s3:listbucket", "Resource": ["arn:aws:s3:::b"], **statement}]}


@pytest.mark.parametrize(
    ("ordered", "text", "allowed"),
    [
        (policy(), "GET /b?prefix=x", True),
        (policy(), "GET /c?prefix=x", False),
        (policy(Action=["s3:Get*"]), "GET /b?prefix=x", False),
        (policy(Condition={"StringLike": {"s3:prefix": ["p", "p/*"]}}), "GET /b?prefix=p/q/", True),
        (policy(Condition={"StringLike": {"s3:prefix": ["p", "p/*"]}}), "GET /b?prefix=", False),
        (policy(Condition={"StringLike": {"s3:prefix": "*"}}), "HEAD /b", False),
        (policy(Condition={"StringEquals": {"s3:prefix": "p*"}}), "GET /b?prefix=pq", False),
        (policy(Action="*", Resource="*"), "GET /b?acl", False),
        (policy(Action="S3:list*", Resource="*"), "HEAD /c", True),
    ],
)
def test_statements(ordered: dict[str, Any], text: str, allowed: bool) -> None:
    permissions = Permissions(["engine"], lambda _: None)
    permissions.order("caller", ordered, ["b"], [])
    refused = permissions.refusal("caller", "caller", "s3", s3_request(text))
    assert (refused is None) is allowed
    assert [asked.allowed for asked in permissions.asked("caller")] == [allowed]


def test_who_is_bound() -> None:
    permissions = Permissions(["engine"], lambda _: None)
    request = s3_request("GET /b/k")
    assert permissions.binds("caller", "s3", request) is None
    permissions.order("caller", policy(), ["b"], [])
    assert permissions.binds("caller", "s3", request) == "caller"
    assert permissions.binds("engine", "s3", request) == "caller"
    assert permissions.binds("engine", "s3", s3_request("GET /c/k")) is None
    assert permissions.binds("owner", "s3", request) is None
    permissions.clear("caller")
    assert permissions.binds("engine", "s3", request) is None


@pytest.mark.parametrize("more", [{"Effect": "Deny"}, {"NotAction": "s3:*"}, {"Condition": {"Bool": {}}}])
def test_what_is_not_evaluated_is_not_ordered(more: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="not evaluated here"):
        Permissions([], lambda _: None).order("caller", policy(**more), [], [])
