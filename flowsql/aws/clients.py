"""Clients of AWS services with the person's credentials, from boto3's usual places or a named profile."""

import os
from typing import TYPE_CHECKING, Literal, overload

from flowsql.aws.failures import Asked, asking
from flowsql.errors import SourceError
from flowsql.naming import did_you_mean

if TYPE_CHECKING:
    from botocore.config import Config
    from mypy_boto3_athena import AthenaClient
    from mypy_boto3_ec2 import EC2Client
    from mypy_boto3_glue import GlueClient
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_sts import STSClient

    Client = AthenaClient | EC2Client | GlueClient | S3Client | STSClient


def configuration(connections: int = 10, attempts: int = 5) -> "Config":
    """How long and how often a client tries; `AWS_MAX_ATTEMPTS` wins over `attempts`."""
    from botocore.config import Config

    own = "AWS_MAX_ATTEMPTS" in os.environ
    return Config(
        max_pool_connections=connections,
        connect_timeout=10,
        read_timeout=30,
        retries={"mode": "standard"} if own else {"mode": "standard", "total_max_attempts": attempts},
    )


@overload
def connect(
    service: Literal["s3"], asked: Asked, region: str | None, *, connections: int = ..., attempts: int = ...
) -> "S3Client": ...
@overload
def connect(
    service: Literal["glue"], asked: Asked, region: str | None, *, connections: int = ..., attempts: int = ...
) -> "GlueClient": ...
@overload
def connect(
    service: Literal["ec2"], asked: Asked, region: str | None, *, connections: int = ..., attempts: int = ...
) -> "EC2Client": ...
@overload
def connect(
    service: Literal["sts"], asked: Asked, region: str | None, *, connections: int = ..., attempts: int = ...
) -> "STSClient": ...
@overload
def connect(
    service: Literal["athena"], asked: Asked, region: str | None, *, connections: int = ..., attempts: int = ...
) -> "AthenaClient": ...
def connect(
    service: Literal["s3", "glue", "ec2", "sts", "athena"],
    asked: Asked,
    region: str | None,
    *,
    connections: int = 10,
    attempts: int = 5,
) -> "Client":
    """A client of a service; `asked` says what it is for, in errors. Raises SourceError."""
    import boto3
    from botocore.exceptions import BotoCoreError, ProfileNotFound
    from botocore.session import get_session

    config = configuration(connections, attempts)
    with asking(asked):
        try:
            session = boto3.Session(profile_name=asked.profile, region_name=region)
            return session.client(service, config=config)
        except ProfileNotFound as failure:
            profiles = get_session().available_profiles
            wrong = str(failure.kwargs.get("profile"))
            hint = did_you_mean(wrong, profiles, f"profiles: {', '.join(profiles) or 'none'}")
            raise SourceError(f"there is no AWS profile {wrong!r}", where=asked.where, hint=hint) from failure
        except BotoCoreError:
            raise
        except ValueError as failure:
            # botocore has no class of its own for an endpoint that is no URL.
            raise SourceError(
                f"the address of {asked.service} is no URL",
                where=asked.where,
                hint="AWS_ENDPOINT_URL takes http://host:port or https://host",
            ) from failure
