"""Query results in S3: streamed, listed, removed."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from threading import Lock
from typing import IO, TYPE_CHECKING, Any, cast

from flowsql.aws.clients import connect
from flowsql.aws.failures import Asked, asking
from flowsql.errors import SourceError

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

_AT_ONCE = 1000
"""Keys that one DeleteObjects takes."""


@dataclass(slots=True)
class Results:
    """Objects by their `s3://bucket/key`. All methods raise SourceError."""

    profile: str | None = None
    region: str | None = None
    _client: "S3Client | None" = field(default=None, repr=False)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def connect(self, where: str) -> None:
        """Make the client that the first call would make; what stands in the way, that call tells."""
        with suppress(SourceError), self._asking("s3:ListBucket", where):
            pass

    @contextmanager
    def stream(self, uri: str) -> Iterator[IO[bytes]]:
        """An object's bytes, read as they come."""
        bucket, key = split(uri)
        with self._asking("s3:GetObject", uri) as client:
            body = client.get_object(Bucket=bucket, Key=key)["Body"]
            try:
                yield cast(IO[bytes], body)
            finally:
                body.close()

    def read(self, uri: str) -> bytes:
        """All bytes of an object."""
        with self.stream(uri) as body:
            return body.read()

    def sizes(self, prefix: str) -> list[tuple[str, int]]:
        """The objects below `s3://bucket/prefix` and their bytes."""
        return list(self._listed(prefix))

    def folders(self, prefix: str) -> list[str]:
        """The folders directly below `s3://bucket/prefix/`, in name order."""
        bucket, start = split(prefix)
        with self._asking("s3:ListBucket", prefix) as client:
            pages = client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=start, Delimiter="/")
            found = [item["Prefix"] for page in pages for item in page.get("CommonPrefixes", ())]
        return [f"s3://{bucket}/{name}" for name in found]

    def names(self, prefix: str, after: str) -> Iterator[str]:
        """The objects below a prefix that come after a name, in name order; they are asked for a thousand at a time."""
        bucket, start = split(prefix)
        with self._asking("s3:ListBucket", prefix) as client:
            pages = client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=bucket, Prefix=start, StartAfter=split(after)[1]):
                yield from (f"s3://{bucket}/{item['Key']}" for item in page.get("Contents", ()))

    def weigh(self, prefixes: Iterable[str], most: int) -> int:
        """The bytes below prefixes; once they are more than `most`, no more are listed."""
        total = 0
        for prefix in prefixes:
            for _, size in self._listed(prefix):
                total += size
                if total > most:
                    return total
        return total

    def _listed(self, prefix: str) -> Iterator[tuple[str, int]]:
        bucket, start = split(prefix)
        with self._asking("s3:ListBucket", prefix) as client:
            for page in client.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=start):
                for item in page.get("Contents", ()):
                    yield f"s3://{bucket}/{item['Key']}", item["Size"]

    def remove(self, uris: list[str]) -> None:
        """Delete objects of one bucket."""
        for first in range(0, len(uris), _AT_ONCE):
            some = uris[first : first + _AT_ONCE]
            bucket = split(some[0])[0]
            keys: Any = [{"Key": split(uri)[1]} for uri in some]
            with self._asking("s3:DeleteObject", some[0]) as client:
                client.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})

    @contextmanager
    def _asking(self, action: str, where: str) -> "Iterator[S3Client]":
        bucket, key = split(where)
        resource = f"arn:aws:s3:::{bucket}" if action == "s3:ListBucket" else f"arn:aws:s3:::{bucket}/{key}"
        asked = Asked(action, where, bucket, resource, self.profile)
        with self._lock:
            if self._client is None:
                self._client = connect("s3", asked, self.region, connections=32)
        with asking(asked):
            yield self._client


def split(uri: str) -> tuple[str, str]:
    """`s3://bucket/key` → bucket and key."""
    bucket, _, key = uri.removeprefix("s3://").partition("/")
    return bucket, key
