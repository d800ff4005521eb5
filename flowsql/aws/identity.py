"""Where and as whom AWS is asked: the account, the region, and what a workgroup says of its results."""

from collections.abc import Mapping
from typing import Any

from flowsql.aws.clients import connect
from flowsql.aws.failures import Asked, asking
from flowsql.errors import UsageError


def account(profile: str | None, region: str) -> str:
    """The account of the person's credentials; raises SourceError."""
    asked = Asked("sts:GetCallerIdentity", "GetCallerIdentity", "", "*", profile, "STS")
    client = connect("sts", asked, region)
    with asking(asked):
        return client.get_caller_identity()["Account"]


def default_region(profile: str | None) -> str:
    """The region of the AWS configuration; raises UsageError where it has none."""
    import boto3

    asked = Asked("", "the AWS configuration", "", "*", profile, "AWS")
    with asking(asked):
        region = boto3.Session(profile_name=profile).region_name
    if not region:
        raise UsageError("nothing says which AWS region", hint='`region = "…"` in the source, or AWS_REGION')
    return region


def workgroup(name: str, profile: str | None, region: str) -> Mapping[str, Any]:
    """A workgroup's configuration as GetWorkGroup gives it; raises SourceError."""
    asked = Asked("athena:GetWorkGroup", f"workgroup {name}", "", f"workgroup/{name}", profile, "Athena")
    client = connect("athena", asked, region)
    with asking(asked):
        found: Mapping[str, Any] = client.get_work_group(WorkGroup=name)["WorkGroup"].get("Configuration", {})
    return found
