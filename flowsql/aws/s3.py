"""The store of objects in S3: lists only the folders of the window and fetches no object twice."""

import re
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from threading import Lock
from typing import TYPE_CHECKING

from flowsql.aws import tree
from flowsql.aws.cache import ObjectCache
from flowsql.aws.clients import connect
from flowsql.aws.failures import Asked, asking
from flowsql.aws.walk import walk
from flowsql.errors import SourceError
from flowsql.layout import SLOT, place
from flowsql.reading.store import Bytes, Listing, StoredObject, Wanted

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import GetObjectRequestTypeDef, ListObjectsV2RequestTypeDef

_BUCKET = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,254}")
_LISTERS = 24
"""Listings under way at once."""

_CONNECTIONS = 64
"""At least as many as threads that list or read, so that none waits for a connection."""

_ATTEMPTS = 5
_DEPTH, _BREADTH = 3, 50
"""Levels of folders beside AWSLogs/ that are looked into for others of these, and folders of one level."""

_NEWEST_PAGES = 64
"""Requests spent on finding the newest object of many accounts and regions."""


@dataclass(frozen=True, slots=True)
class S3Object(StoredObject):
    """An object as a listing showed it."""

    key: str
    etag: str


@dataclass(frozen=True, slots=True)
class _Step:
    """One request of a listing: a page of what lies under a prefix."""

    prefix: str
    after: str = ""
    """Leave out keys up to this one."""
    token: str = ""
    """Go on where the page with this token ended."""
    leads: bool = False
    """AWSLogs/ is known to lie directly below: one page tells what lies beside it."""
    seeks: int = 0
    """It lies beside AWSLogs/: only for others of these is looked in it, so many levels deep."""


@dataclass(frozen=True, slots=True)
class _Page:
    objects: list[S3Object]
    folders: list[str]
    last: str
    """The greatest name on the page."""
    token: str
    """Where the next page begins; empty on the last page."""


class S3Store:
    """Flow logs below `s3://bucket/prefix`; the prefix may end anywhere in the layout, or name one object.

    Safe to use from several threads. Credentials, region and endpoint come from boto3's usual places unless
    `profile` or `region` is given. Raises SourceError for a location that is none.
    """

    def __init__(self, location: str, *, profile: str | None = None, region: str | None = None) -> None:
        self.bucket, self._prefix = _split(location)
        self._location = location
        self._profile, self._region = profile, region
        self._cache = ObjectCache.from_environment()
        self._lock = Lock()
        self._client: S3Client | None = None

    @property
    def location(self) -> str:
        """The place as the person named it."""
        return self._location

    @property
    def client(self) -> "S3Client":
        """The boto3 client all requests go through, made on first use."""
        with self._lock:
            if self._client is None:
                self._client = self._connect()
            return self._client

    def listing(self, wanted: Wanted) -> Listing:
        """The objects that may hold wanted records, in name order; folders outside the window are not listed.

        Raises SourceError when nothing lies at the location, or S3 does not let it be listed.
        """
        found, start = Listing(), self._start()
        if isinstance(start, S3Object):
            return Listing([start], 1)
        for item in walk([start], lambda step: self._visit(step, wanted, found.aside), _LISTERS):
            found.listed += 1
            if wanted.may_be_in(item.place):
                found.objects.append(item)
        if not found.listed and not self._holds(start.prefix):
            raise self._nothing()
        found.objects.sort(key=lambda item: item.name)
        found.aside.sort()
        return found

    def read(self, item: StoredObject) -> Bytes:
        """All bytes of an object, from the cache when they were fetched before; raises SourceError."""
        if item.size == 0:
            return b""
        key = self._key(item)
        if isinstance(item, S3Object):
            cached = self._cache.get(self.bucket, key, item.etag, item.size)
            if cached is not None:
                return cached
        data, etag = self._fetch({"Bucket": self.bucket, "Key": key})
        self._cache.put(self.bucket, key, etag, data)
        return data

    def head(self, item: StoredObject, count: int) -> bytes:
        """The first `count` bytes of an object; raises SourceError."""
        if item.size <= count:
            # All of it, once: the reading that follows then finds it in the cache.
            return self.read(item)[:count]
        if isinstance(item, S3Object):
            cached = self._cache.get(self.bucket, item.key, item.etag, item.size)
            if cached is not None:
                return cached[:count]
        beginning = f"bytes=0-{count - 1}"
        return self._fetch({"Bucket": self.bucket, "Key": self._key(item), "Range": beginning})[0]

    def newest(self) -> StoredObject | None:
        """The object with the latest slot, found by descending the latest folders first; None without slots.

        Gives the newest of those seen when 64 listings do not settle it among many regions.
        """
        start = self._start()
        if isinstance(start, S3Object):
            return start
        best: S3Object | None = None
        frontier, pages = [start], 0
        while frontier and pages < _NEWEST_PAGES:
            step = frontier.pop()
            if best is not None and tree.ends_before(step.prefix, best.key):
                continue
            known = tree.known_below(step.prefix, None)
            if known is not None:
                frontier.extend(_Step(folder) for folder in known)
                continue
            pages += 1
            page = self._page(step)
            if (beside := self._beside(step, page, [])) is not None:
                frontier.extend(reversed(beside))
                continue
            dated = [item for item in page.objects if item.place.interval()]
            if page.token:
                rest, last = self._rest(step, page)
                frontier.append(rest)
                dated.extend(last)
            best = max([*([best] if best else []), *dated], key=_rank, default=None)
            frontier.extend(_Step(folder) for folder in tree.below(page.folders, None))
        return best

    def beginnings(self) -> list[str]:
        """The prefixes in the bucket that looking around begins at; raises SourceError when nothing lies there."""
        start = self._start()
        if isinstance(start, S3Object):
            return [start.key.rpartition("/")[0] + "/"]
        if not start.leads:
            return [start.prefix]
        return [f"{start.prefix}AWSLogs/", *self.logs_in(self._page(start).folders)]

    def logs_in(self, folders: Sequence[str]) -> list[str]:
        """The AWSLogs/ that lie directly below folders beside one; raises SourceError."""
        beside = (folder for folder in folders if tree.may_lead(folder) and not tree.is_logs(folder))
        found, waiting = [], [_Step(folder, seeks=_DEPTH) for folder in beside]
        while waiting:
            step = waiting.pop(0)
            steps = self._beside(step, self._page(step), []) or []
            found += [step.prefix for step in steps if not step.seeks]
            waiting += [step for step in steps if step.seeks]
        return found

    def folders(self, prefix: str) -> list[str]:
        """The names of the folders directly below a prefix, in name order; raises SourceError."""
        page = self._page(_Step(prefix))
        found = page.folders
        # A page of nothing but objects means that a folder of logs was reached: the rest of it holds no folders.
        while page.token and page.folders:
            page = self._page(_Step(prefix, token=page.token))
            found += page.folders
        return found

    def first_objects(self, prefix: str, after: str, most: int) -> list[S3Object]:
        """The first objects below a prefix whose keys come after another; raises SourceError."""
        return self._page(_Step(prefix, after=after), most=most).objects

    def _start(self) -> _Step | S3Object:
        """The step to begin with, or the one object the location names; raises SourceError for nothing."""
        prefix = self._prefix
        folder = prefix if not prefix or prefix.endswith("/") else f"{prefix}/"
        above = "AWSLogs" not in folder.split("/") and tree.folder_place(folder).region is None
        # Asked for outright, so that Athena results or other files beside it are not listed.
        if above and self._holds(f"{folder}AWSLogs/"):
            return _Step(folder, leads=True)
        if folder == prefix or self._holds(folder):
            return _Step(folder)
        first = self._page(_Step(prefix), most=1)
        if first.objects and first.objects[0].key == prefix:
            return first.objects[0]
        if not first.last:
            raise self._nothing()
        return _Step(prefix)

    def _visit(self, step: _Step, wanted: Wanted, aside: list[str]) -> tuple[Sequence[S3Object], Sequence[_Step]]:
        """One page of a listing: its objects, and the pages and folders that follow from it.

        What lies beside AWSLogs/ and holds none itself goes to `aside`.
        """
        known = tree.known_below(step.prefix, wanted)
        if known is not None:
            return (), [_Step(folder) for folder in known]
        page = self._page(step)
        if (beside := self._beside(step, page, aside)) is not None:
            return (), beside
        folders = tree.below(page.folders, wanted)
        years = [folder for folder in folders if tree.is_year(folder)]
        if years and self._has_hours(years[-1]):
            folders = [folder for folder in folders if folder not in years]
            folders.extend(tree.days_of_arrival(years, wanted))
        following = [_Step(folder) for folder in folders]
        if page.token:
            leap = tree.leap(page.last, wanted)
            following.append(_Step(step.prefix, after=leap) if leap else _Step(step.prefix, token=page.token))
        return page.objects, following

    def _beside(self, step: _Step, page: _Page, aside: list[str]) -> list[_Step] | None:
        """The ways on where AWSLogs/ lies below or beside a folder; None where nothing is known of one."""
        if step.leads or any(map(tree.is_logs, page.folders)):
            return self._around(step, page, aside)
        return self._deeper(step, page, aside) if step.seeks else None

    def _around(self, step: _Step, page: _Page, aside: list[str]) -> list[_Step]:
        """The ways on from a folder that AWSLogs/ lies in: into it, and to see whether the folders beside have one."""
        logs = f"{step.prefix}AWSLogs/"
        aside.extend(item.name for item in page.objects)
        if page.token:
            aside.append(f"what comes after s3://{self.bucket}/{page.last}")
        beside = (folder for folder in page.folders if folder != logs and tree.may_lead(folder))
        return [_Step(logs), *(_Step(folder, seeks=(step.seeks or _DEPTH + 1) - 1) for folder in beside)]

    def _deeper(self, step: _Step, page: _Page, aside: list[str]) -> list[_Step]:
        """The folders to look for AWSLogs/ in, below one that lies beside such a folder and holds none on this page."""
        if page.token and self._holds(logs := f"{step.prefix}AWSLogs/"):
            return [_Step(logs)]
        ends = bool(page.token) or step.seeks == 1 or len(page.folders) > _BREADTH
        if ends or page.objects:
            aside.append(f"s3://{self.bucket}/{step.prefix}")
        return [] if ends else [_Step(folder, seeks=step.seeks - 1) for folder in page.folders if tree.may_lead(folder)]

    def _has_hours(self, year: str) -> bool:
        """Whether a year leads to months, days and hours: Firehose's folders, named by the time of arrival."""
        folder = year
        for _ in ("months", "days"):
            inside = self._page(_Step(folder)).folders
            if not tree.are_two_digits(inside):
                return False
            folder = inside[-1]
        return tree.are_two_digits(self._page(_Step(folder)).folders)

    def _rest(self, step: _Step, page: _Page) -> tuple[_Step, list[S3Object]]:
        """How to go on after a full page when only the newest matters, and the last object of its flow log.

        Halves the slots left of the day until the last one is on a page, instead of turning all pages.
        """
        found = tree.slot_stem(page.last)
        if found is None:
            return _Step(step.prefix, token=page.token), []
        stem, slot = found
        last, ceiling = page.objects[-1], tree.midnight_after(slot)
        while ceiling - slot > SLOT:
            middle = slot + (ceiling - slot) / 2
            later = self._page(_Step(stem, after=f"{stem}{tree.slot_text(middle)}"))
            if not later.objects:
                ceiling = middle
                continue
            last = later.objects[-1]
            slot = last.place.slot or ceiling
            if not later.token:
                break
        return _Step(step.prefix, after=tree.past(stem)), [last]

    def _holds(self, folder: str) -> bool:
        """Whether anything but its own marker lies in a folder."""
        page = self._page(_Step(folder), most=2)
        return bool(page.folders or page.last > folder)

    def _page(self, step: _Step, most: int = 1000) -> _Page:
        """List one page of a prefix, folders told apart; raises SourceError."""
        request: ListObjectsV2RequestTypeDef = {"Bucket": self.bucket, "Prefix": step.prefix, "MaxKeys": most}
        if not tree.is_flat(step.prefix):
            request["Delimiter"] = "/"
        if step.token:
            request["ContinuationToken"] = step.token
        elif step.after:
            request["StartAfter"] = step.after
        with asking(self._asked("s3:ListBucket", f"s3://{self.bucket}/{step.prefix}")):
            answer = self.client.list_objects_v2(**request)
        keys = [entry["Key"] for entry in answer.get("Contents", ())]
        objects = [
            S3Object(
                f"s3://{self.bucket}/{entry['Key']}",
                entry["Size"],
                place(entry["Key"]),
                entry["Key"],
                entry.get("ETag", ""),
            )
            for entry in answer.get("Contents", ())
            if tree.is_object(entry["Key"])
        ]
        folders = [entry["Prefix"] for entry in answer.get("CommonPrefixes", ())]
        return _Page(
            objects,
            folders,
            max((*keys[-1:], *folders[-1:]), default=""),
            answer.get("NextContinuationToken", ""),
        )

    def _fetch(self, request: "GetObjectRequestTypeDef") -> tuple[bytes, str]:
        """The bytes and ETag S3 gives for a request; a body that breaks off is asked for again."""
        from botocore.exceptions import FlexibleChecksumError, HTTPClientError, IncompleteReadError

        left = _ATTEMPTS
        with asking(self._asked("s3:GetObject", f"s3://{self.bucket}/{request['Key']}", request["Key"])):
            while True:
                answer = self.client.get_object(**request)
                left -= 1
                try:
                    with closing(answer["Body"]) as body:
                        return body.read(), answer.get("ETag", "")
                except (FlexibleChecksumError, HTTPClientError, IncompleteReadError):
                    if not left:
                        raise

    def _key(self, item: StoredObject) -> str:
        return item.key if isinstance(item, S3Object) else item.name.removeprefix(f"s3://{self.bucket}/")

    def _asked(self, action: str, where: str, key: str | None = None) -> Asked:
        partition = self.client.meta.partition
        resource = f"arn:{partition}:s3:::{self.bucket}" + (f"/{key}" if key is not None else "")
        return Asked(action, where, self.bucket, resource, self._profile)

    def _nothing(self) -> SourceError:
        pattern = "a prefix, not a pattern; " if re.search(r"[*?\[]", self._prefix) else ""
        return SourceError(
            f"there is nothing at {self._location}",
            hint=f"{pattern}`aws s3 ls s3://{self.bucket}/` shows what the bucket holds",
        )

    def _connect(self) -> "S3Client":
        """A client with the person's credentials; raises SourceError."""
        asked = Asked("s3:ListBucket", self._location, self.bucket, "", self._profile)
        return connect("s3", asked, self._region, connections=_CONNECTIONS, attempts=_ATTEMPTS)


def _split(location: str) -> tuple[str, str]:
    """`s3://bucket/prefix` → bucket and prefix; raises SourceError."""
    bucket, _, prefix = location.removeprefix("s3://").partition("/")
    if not location.startswith("s3://") or not _BUCKET.fullmatch(bucket):
        raise SourceError(
            f"{location!r} names no bucket",
            hint="s3://bucket or s3://bucket/prefix, as in s3://my-flow-logs/AWSLogs/",
        )
    return bucket, prefix


def _rank(item: S3Object) -> tuple[datetime, str]:
    """Later objects rank higher; only for those with a time in their key."""
    interval = item.place.interval()
    return (interval[0] if interval else datetime.min.replace(tzinfo=UTC)), item.name
