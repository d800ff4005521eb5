"""What AWS refuses or cannot do, by cause → SourceError with the next step."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from flowsql.errors import SourceError

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

_REASON = re.compile(r"(because .+|with an explicit deny.*)", re.DOTALL)
_SIGN_IN = "`aws sso login` or `aws login` signs in; --profile names another profile"
_CREDENTIALS = f"set AWS_PROFILE or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; {_SIGN_IN}"
_ENDPOINT = "check AWS_ENDPOINT_URL and HTTPS_PROXY"
_AGAIN = "run it again; a shorter window asks AWS less"

_REFUSALS: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (
        ("NoSuchBucket", "InvalidBucketName"),
        "there is no bucket {bucket}",
        "a flow log's LogDestination names its bucket: `aws ec2 describe-flow-logs`",
    ),
    (
        ("NoSuchKey",),
        "the object was deleted between listing and reading",
        "run it again; if it keeps happening a lifecycle rule is expiring the window",
    ),
    (
        ("InvalidObjectState",),
        "the object is archived (S3 Glacier) and cannot be read at once",
        "restore it (`aws s3api restore-object`) or ask a window that is not archived",
    ),
    (
        ("ExpiredToken", "ExpiredTokenException", "TokenRefreshRequired", "RequestExpired"),
        "the credentials of {identity} have expired",
        _SIGN_IN,
    ),
    (
        ("InvalidAccessKeyId", "InvalidToken", "InvalidClientTokenId", "UnrecognizedClientException", "AuthFailure"),
        "AWS does not know the credentials of {identity}",
        _CREDENTIALS,
    ),
    (
        ("SignatureDoesNotMatch",),
        "the secret access key of {identity} does not fit its access key",
        _CREDENTIALS,
    ),
    (("RequestTimeTooSkewed",), "this machine's clock is wrong by more than 15 minutes", "set the clock"),
    (
        ("PermanentRedirect", "AuthorizationHeaderMalformed", "IllegalLocationConstraintException", "301"),
        "the bucket {bucket} is in another region{region}",
        "give --region the bucket's region",
    ),
    (
        (
            *("SlowDown", "ServiceUnavailable", "InternalError", "RequestTimeout", "RequestLimitExceeded"),
            *("ThrottlingException", "TooManyRequestsException", "InternalServerException", "InternalServiceException"),
        ),
        "{service} did not answer, however often it was asked ({code})",
        _AGAIN,
    ),
    (
        ("500", "502", "503", "504"),
        "{service} did not answer, however often it was asked (HTTP {code})",
        f"{_AGAIN}; {_ENDPOINT}",
    ),
    (("404",), "what answers is not {service}", _ENDPOINT),
)

_FAILURES: tuple[tuple[tuple[str, ...], str, str], ...] = (
    (("NoCredentialsError",), "there are no AWS credentials", _CREDENTIALS),
    (("PartialCredentialsError",), "the AWS credentials of {identity} are incomplete", _CREDENTIALS),
    (
        (
            "SSOError",
            "LoginError",
            "TokenRetrievalError",
            "NoAuthTokenError",
            "RefreshWithMFAUnsupportedError",
        ),
        "{identity} must sign in again",
        _SIGN_IN,
    ),
    (
        ("CredentialRetrievalError", "MetadataRetrievalError"),
        "the credentials of {identity} cannot be had",
        f"`aws sts get-caller-identity` shows why; {_CREDENTIALS}",
    ),
    (
        ("NoRegionError", "InvalidRegionError"),
        "{region_word} AWS region",
        "give --region, such as us-east-1, or set AWS_REGION",
    ),
    (
        (
            "EndpointConnectionError",
            "ConnectTimeoutError",
            "ProxyConnectionError",
            "InvalidProxiesConfigError",
        ),
        "{service} cannot be reached{endpoint}",
        "check the network, HTTPS_PROXY and AWS_ENDPOINT_URL",
    ),
    (
        ("SSLError",),
        "no trusted connection to {service}{endpoint}",
        "AWS_CA_BUNDLE names the certificates of a proxy that inspects TLS",
    ),
    (
        ("HTTPClientError", "ConnectionError", "IncompleteReadError", "FlexibleChecksumError"),
        "the connection to {service} broke off{endpoint}, however often it was tried",
        _AGAIN,
    ),
    (
        ("ResponseParserError",),
        "what answers{endpoint} is not {service}",
        _ENDPOINT,
    ),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What was being asked of AWS."""

    action: str
    """The IAM action it needs, such as `s3:ListBucket`."""
    where: str
    """`s3://bucket/prefix` or an object's name."""
    bucket: str
    resource: str
    """The ARN the action must be allowed on."""
    profile: str | None = None
    service: str = "S3"

    @property
    def identity(self) -> str:
        """Whose credentials were used."""
        return f"profile {self.profile!r}" if self.profile else "the current identity"


@contextmanager
def asking(asked: Asked) -> Iterator[None]:
    """Raise what botocore raises inside as SourceError, without keys, tokens or passwords."""
    from botocore.exceptions import BotoCoreError, ClientError
    from botocore.parsers import ResponseParserError

    try:
        yield
    except ClientError as failure:
        raise _refused(failure, asked) from failure
    except (BotoCoreError, ResponseParserError) as failure:
        raise _failed(failure, asked) from failure


def _refused(failure: "ClientError", asked: Asked) -> SourceError:
    error = failure.response.get("Error", {})
    code, message = str(error.get("Code", "")), str(error.get("Message", ""))
    if code.startswith("KMS.") or "kms:" in message:
        return SourceError(
            f"{asked.identity} may not decrypt the object: {_reason(message) or code}",
            where=asked.where,
            hint="allow kms:Decrypt on the bucket's KMS key, in the key's policy and in the identity's",
        )
    if code in ("AccessDenied", "AccessDeniedException", "AllAccessDisabled", "UnauthorizedOperation", "403"):
        return SourceError(
            f"access denied: {asked.identity} may not {asked.action}{_because(message)}",
            where=asked.where,
            hint=f"allow {asked.action} on {asked.resource}, or give --profile",
        )
    region = error.get("Region") or failure.response.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get(
        "x-amz-bucket-region"
    )
    for codes, text, hint in _REFUSALS:
        if code in codes:
            filled = text.format(
                bucket=asked.bucket,
                identity=asked.identity,
                code=code,
                service=asked.service,
                region=f": {region}" if region else "",
            )
            return SourceError(filled, where=asked.where, hint=hint)
    return SourceError(f"{asked.service} refuses {asked.action}: {code}: {message}", where=asked.where)


def _reason(message: str) -> str:
    found = _REASON.search(message)
    return found[0].strip().rstrip(".") if found else ""


def _because(message: str) -> str:
    reason = _reason(message)
    return f", {reason}" if reason else ""


def _failed(failure: Exception, asked: Asked) -> SourceError:
    kinds = {kind.__name__ for kind in type(failure).__mro__}
    details = getattr(failure, "kwargs", {})
    # An endpoint may carry a password (https://user:password@host), so only its host is shown.
    host = urlsplit(str(details.get("endpoint_url", ""))).hostname
    for names, text, hint in _FAILURES:
        if kinds.intersection(names):
            filled = text.format(
                identity=asked.identity,
                service=asked.service,
                endpoint=f" at {host}" if host else "",
                region_word=f"{details['region_name']!r} is no" if "region_name" in details else "there is no",
            )
            return SourceError(filled, where=asked.where, hint=hint)
    return SourceError(f"{asked.service} cannot be asked: {failure}", where=asked.where)
