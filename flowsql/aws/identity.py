"""Where and as whom AWS is asked: the account, the region, and what a workgroup says of its results."""

import re
from collections.abc import Mapping
from typing import Any

from flowsql.aws.clients import connect
from flowsql.aws.failures import Asked, asking
from flowsql.errors import NotFound, UsageError


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
    """A workgroup's configuration as GetWorkGroup gives it; raises SourceError, NotFound."""
    asked = Asked("athena:GetWorkGroup", f"workgroup {name}", "", f"workgroup/{name}", profile, "Athena")
    client = connect("athena", asked, region)
    with asking(asked):
        try:
            found: Mapping[str, Any] = client.get_work_group(WorkGroup=name)["WorkGroup"].get("Configuration", {})
        except client.exceptions.InvalidRequestException as failure:
            if not is_no_workgroup(str(failure)):
                raise
            raise no_workgroup(name, asked.where) from failure
    return found


def is_no_workgroup(message: str) -> bool:
    """Whether Athena says that there is no such workgroup; it has no code of its own for that."""
    return re.search(r"work ?group.*(not found|does not exist|is not)", message, re.IGNORECASE) is not None


def no_workgroup(name: str, where: str) -> NotFound:
    """The error for a workgroup that is not there."""
    hint = "`aws athena list-work-groups` shows them; `region` of the source says where to look"
    return NotFound(f"there is no workgroup {name!r} here", where=where, hint=hint)
