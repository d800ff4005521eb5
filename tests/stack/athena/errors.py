"""What the Athena API answers when it refuses, and what it says of a query that failed."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.stack.engine import EngineError

SYSTEM, USER, OTHER = 1, 2, 3
"""`AthenaError.ErrorCategory`."""


class ApiError(Exception):
    """A call is refused."""

    def __init__(self, code: str, message: str, *, athena_code: str | None = None, **members: Any) -> None:
        """`code` is the exception's name in the API; `members` what it carries beside its message."""
        super().__init__(message)
        self.code = code
        self.message = message
        self.members = {"AthenaErrorCode": athena_code, **members} if athena_code else members


def invalid(message: str, athena_code: str = "INVALID_INPUT") -> ApiError:
    """InvalidRequestException, the API's word for most mistakes."""
    return ApiError("InvalidRequestException", message, athena_code=athena_code)


@dataclass(frozen=True, slots=True)
class Failure(Exception):
    """Why a query ended FAILED: the StateChangeReason and the codes of AthenaError."""

    reason: str
    category: int = USER
    type: int = 1000
    retryable: bool = False

    def as_api(self) -> dict[str, Any]:
        """The `AthenaError` member."""
        return {
            "ErrorCategory": self.category,
            "ErrorType": self.type,
            "Retryable": self.retryable,
            "ErrorMessage": self.reason,
        }


# https://docs.aws.amazon.com/athena/latest/ug/error-reference.html
_TYPES = {"SYNTAX_ERROR": 1006, "HIVE_BAD_DATA": 1001, "PERMISSION_DENIED": 1501}


_S3_PATH = re.compile(r"s3://([^/\s]+)\S*")


def engine_failure(error: EngineError, is_denied: Callable[[str], bool]) -> Failure:
    """What Athena makes of Trino's refusal: the error's name before its message. `is_denied` tells it of a bucket."""
    reason = f"{error.name}: {error.message}"
    path = _S3_PATH.search(error.message)
    if path is not None and is_denied(path[1]):
        return Failure(f"PERMISSION_DENIED: Permission denied on S3 path: {path[0]}", USER, 1501)
    if error.kind == "USER_ERROR" or error.name in _TYPES:
        return Failure(reason, USER, _TYPES.get(error.name, 1000))
    if error.kind == "INSUFFICIENT_RESOURCES":
        return Failure(reason, SYSTEM, 0)
    return Failure(reason, SYSTEM, 200, retryable=error.kind == "EXTERNAL")
