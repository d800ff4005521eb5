"""Object keys ↔ account, region, day, hour, flow-log id, slot.

Keys follow the publishing rules of flow logs to S3 (VPC User Guide, "Flow log files"), in the default and the
Hive-compatible layout, and the default keys of Firehose deliveries.
"""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal

from flowsql.window import Window

Style = Literal["default", "hive"]

SLOT = timedelta(minutes=5)
"""The object of the slot 16:20Z holds records whose `end` is 16:20:00 to 16:24:59."""

KEYED = ("account_id", "region")
"""The columns of records that keys tell too."""

UNKNOWN = "unknown"
"""What stands for the account of an interface that a service made."""

_ACCOUNT = re.compile(rf"\d{{12}}|{UNKNOWN}")
_REGION = re.compile(r"[a-z]+(-[a-z]+)+-\d+")
_FILE = re.compile(
    rf"(?P<account>{_ACCOUNT.pattern})_vpcflowlogs_(?P<region>{_REGION.pattern})_(?P<flow_log>fl-[0-9a-zA-Z]+)"
    r"_(?P<slot>\d{8}T\d{4})Z_[^/.]+\.log(\.gz|\.parquet)?$"
)
_FIREHOSE = re.compile(r"-\d{4}(-\d\d){5}-[0-9a-f]{8}-[0-9a-f-]+(\.[A-Za-z]+)?$")
_HIVE_TIME = ("year", "month", "day", "hour")
_YEARS = range(1970, 2500)
ANY_ZONE = timedelta(hours=26)
"""The most a day or hour of an unknown time zone lies from the same one in UTC."""


@dataclass(frozen=True, slots=True)
class Place:
    """What a key, or the beginning of one, says about the records under it."""

    account: str | None = None
    region: str | None = None
    flow_log: str | None = None
    slot: datetime | None = None
    """The five-minute slot in the object's name."""
    parts: tuple[int, ...] = ()
    """Year, month, day, hour: as many as the key has."""
    style: Style | None = None
    arrival: bool = False
    """The time in the key is that of arrival in an unknown time zone (Firehose), not that of the records."""

    def told(self, column: str) -> str | None:
        """What the key says of a column; None where it says nothing."""
        return dict(zip(KEYED, (self.account, self.region), strict=True)).get(column)

    def interval(self) -> tuple[datetime, datetime] | None:
        """The `[first, last)` instants of the slots filed here; None when the key does not tell."""
        if self.slot is not None:
            return self.slot, self.slot + SLOT
        if not self.parts:
            return None
        year, month, day, hour = _whole(self.parts)
        first = datetime(year, month, day, hour, tzinfo=UTC)
        match len(self.parts):
            case 1:
                last = first.replace(year=year + 1)
            case 2:
                last = (first + timedelta(days=31)).replace(day=1)
            case 3:
                last = first + timedelta(days=1)
            case _:
                last = first + timedelta(hours=1)
        return (first - ANY_ZONE, last + ANY_ZONE) if self.arrival else (first, last)

    def may_hold(self, window: Window, accounts: tuple[str, ...] = (), regions: tuple[str, ...] = ()) -> bool:
        """Whether an object here can hold a record of the window, account and region.

        A record is filed by its `end`, which lies in `[since, until + aggregation interval + slack)`.
        """
        # Records of account `unknown` (of interfaces a service made) lie under the account of their flow log.
        if accounts and UNKNOWN not in accounts and self.account not in (None, UNKNOWN, *accounts):
            return False
        if regions and self.region is not None and self.region not in regions:
            return False
        interval = self.interval()
        return interval is None or (interval[1] > window.since and interval[0] < window.filed_until)


def place(key: str) -> Place:
    """Read a whole key or a folder of one; what cannot be read stays None."""
    components = key.replace("\\", "/").split("/")
    hive = _named(components)
    if named := _FILE.search(components[-1]):
        slot = _moment(named["slot"])
        if slot is not None:
            style: Style = "hive" if "aws-region" in hive else "default"
            return Place(named["account"], named["region"], named["flow_log"], slot, (), style)
    if hive.keys() & {"aws-account-id", "aws-region"}:
        account, region = _if(_ACCOUNT, hive.get("aws-account-id")), _if(_REGION, hive.get("aws-region"))
        below = components[components.index(f"aws-region={region}") :] if region else []
        return Place(account, region, None, None, _hive_time(_named(below)), "hive")
    if "vpcflowlogs" in components:
        anchor = len(components) - 1 - components[::-1].index("vpcflowlogs")
        account = _if(_ACCOUNT, components[anchor - 1]) if anchor else None
        region = _if(_REGION, components[anchor + 1]) if len(components) > anchor + 1 else None
        return Place(account, region, None, None, _valid(components[anchor + 2 :]) if region else (), "default")
    if "AWSLogs" in components[:-1]:
        return Place(_if(_ACCOUNT, components[components.index("AWSLogs") + 1]), style="default")
    if len(parts := _hive_time(hive)) > 2:
        # Days that AWS did not name may be those of another zone, or of another time of the records.
        return Place(parts=parts, style="hive", arrival=True)
    if _FIREHOSE.search(components[-1]) and len(components) > len(_HIVE_TIME):
        return Place(parts=_valid(components[-5:-1]), arrival=True)
    return Place()


def _named(components: list[str]) -> dict[str, str]:
    return dict(part.split("=", 1) for part in components if "=" in part)


def _hive_time(named: dict[str, str]) -> tuple[int, ...]:
    return _valid([named[name] for name in _HIVE_TIME if name in named])


def _if(pattern: re.Pattern[str], text: str | None) -> str | None:
    """The text when it fits: folders of other meanings stand at the same places."""
    return text if text and pattern.fullmatch(text) else None


def _moment(slot: str) -> datetime | None:
    try:
        moment = datetime.strptime(slot, "%Y%m%dT%H%M").replace(tzinfo=UTC)
    except ValueError:
        return None
    return moment if moment.year in _YEARS else None


def _valid(texts: list[str]) -> tuple[int, ...]:
    """The leading time components that are a real date, at most year, month, day and hour."""
    parts: list[int] = []
    for text, width in zip(texts, (4, 2, 2, 2), strict=False):
        if not (text.isascii() and text.isdecimal() and len(text) == width):
            break
        parts.append(int(text))
    while parts and not _is_date(*_whole(tuple(parts))):
        parts.pop()
    return tuple(parts)


def _whole(parts: tuple[int, ...]) -> tuple[int, int, int, int]:
    """The first hour of a year, month, day or hour."""
    year, month, day, hour = (*parts, *(1, 1, 0)[len(parts) - 1 :])
    return year, month, day, hour


def _is_date(year: int, month: int, day: int, hour: int) -> bool:
    try:
        return datetime(year, month, day, hour, tzinfo=UTC).year in _YEARS
    except ValueError:
        return False


def days(window: Window) -> list[datetime]:
    """The UTC days in which a record of the window can have been filed, oldest first."""
    day = window.since.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    while day < window.filed_until:
        found.append(day)
        day += timedelta(days=1)
    return found


def day_prefixes(folder: str, window: Window) -> list[str] | None:
    """The day folders of the window below a region's folder; None when `folder` is not that of a region.

    Spares listing years, months and days: with them known, a listing touches only the window.
    """
    here = place(folder)
    if here.region is None or here.style is None or here.parts or here.slot or not folder.endswith("/"):
        return None
    if here.style == "hive":
        if not folder.rstrip("/").rpartition("/")[2].startswith("aws-region="):
            return None
        return [f"{folder}{day:year=%Y/month=%m/day=%d/}" for day in days(window)]
    if folder.rstrip("/").split("/")[-2:-1] != ["vpcflowlogs"]:
        return None
    return [f"{folder}{day:%Y/%m/%d/}" for day in days(window)]


def object_key(
    account: str,
    region: str,
    flow_log: str,
    slot: datetime,
    unique: str,
    *,
    style: Style = "default",
    hourly: bool = False,
    parquet: bool = False,
    prefix: str = "",
) -> str:
    """The key under which AWS files the records of one slot."""
    moment = slot.astimezone(UTC)
    head = f"{prefix.strip('/')}/" if prefix.strip("/") else ""
    if style == "hive":
        folder = (
            f"aws-account-id={account}/aws-service=vpcflowlogs/aws-region={region}/{moment:year=%Y/month=%m/day=%d}"
        )
        folder += f"/hour={moment:%H}" if hourly else ""
    else:
        folder = f"{account}/vpcflowlogs/{region}/{moment:%Y/%m/%d}" + (f"/{moment:%H}" if hourly else "")
    name = f"{account}_vpcflowlogs_{region}_{flow_log}_{moment:%Y%m%dT%H%MZ}_{unique}.log"
    return f"{head}AWSLogs/{folder}/{name}{'.parquet' if parquet else '.gz'}"
