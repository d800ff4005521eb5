"""Which folders of a bucket lead to flow logs of a question. Knows names only; asks nobody."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta

from flowsql.layout import SLOT, Place, day_prefixes, days, place
from flowsql.reading.store import Wanted
from flowsql.window import Window

_ACCOUNT = re.compile(r"(?:^|/)AWSLogs/(?:o-[a-z0-9]+/)?\d{12}/$")
_OF_ACCOUNT = re.compile(r"(?:^|/)\d{12}/vpcflowlogs/$")
_EXPORT_TASK = re.compile(r"(^|/)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/$")
_HOUR = re.compile(r"(?:^|/)(20\d\d)/(\d\d)/(\d\d)/(\d\d)/$")
_YEAR = re.compile(r"(?:^|/)20\d\d/$")
_TIME = re.compile(r"(?:^|[/=])(?:\d{4}|\d\d)/$")
_TWO_DIGITS = re.compile(r"/\d\d/$")
_MARGIN = timedelta(days=2)
"""More than two time zones can be apart."""

_MANY_DAYS = 62
"""From here on asking which days exist costs less than asking for each."""


def folder_place(folder: str) -> Place:
    """What a folder's name says about the records under it; hours outside AWS's layouts are hours of arrival."""
    here = place(folder)
    if here == Place() and (hour := _HOUR.search(folder)):
        try:
            moment = datetime.strptime("/".join(hour.groups()), "%Y/%m/%d/%H")
        except ValueError:
            return here
        return Place(parts=(moment.year, moment.month, moment.day, moment.hour), arrival=True)
    return here


def known_below(folder: str, wanted: Wanted | None) -> list[str] | None:
    """The folders to look into below one of which the layout is known, so that it need not be listed.

    None when it must be listed. Without `wanted` every day matters, so days are not known.
    """
    if _ACCOUNT.search(folder):
        return [f"{folder}vpcflowlogs/"]
    if wanted is None:
        return None
    found: dict[str, None] = {}
    for window in wanted.windows:
        prefixes = day_prefixes(folder, window)
        if prefixes is None:
            return None
        found.update(dict.fromkeys(prefixes))
    return list(found) if len(found) <= _MANY_DAYS else None


def below(folders: Sequence[str], wanted: Wanted | None) -> list[str]:
    """Those of the folders found in one listing that can lead to wanted flow logs, in name order."""
    logs = [folder for folder in folders if is_logs(folder)]
    services = [folder for folder in folders if _OF_ACCOUNT.search(folder)]
    chosen = logs or services or [folder for folder in folders if may_lead(folder)]
    if wanted is not None:
        chosen = [folder for folder in chosen if wanted.may_be_in(folder_place(folder))]
    return sorted(chosen)


def may_lead(folder: str) -> bool:
    """Whether a folder's own name lets flow logs lie below it."""
    name = folder.rstrip("/").rpartition("/")[2]
    if name.startswith((".", "_")):
        return False
    key, equals, value = name.partition("=")
    return not (equals and key in ("aws-service", "service") and value != "vpcflowlogs")


def is_logs(folder: str) -> bool:
    """Whether AWS puts its logs here, so that what lies beside it need not be listed."""
    return folder == "AWSLogs/" or folder.endswith("/AWSLogs/")


def is_flat(folder: str) -> bool:
    """Whether to list all below at once: an export of CloudWatch Logs has a folder for each interface."""
    return _EXPORT_TASK.search(folder) is not None


def is_object(key: str) -> bool:
    """Whether a key can be that of flow logs, and not of a folder marker or a test object of an exporter."""
    name = key.rpartition("/")[2]
    if not name or name.startswith((".", "_")):
        return False
    return name != "aws-logs-write-test" and not name.endswith("_$folder$")


def is_year(folder: str) -> bool:
    """Whether the folder is a year in no layout of flow logs."""
    return _YEAR.search(folder) is not None and folder_place(folder) == Place()


def are_two_digits(folders: Sequence[str]) -> bool:
    """Whether the folders are all months, days or hours."""
    return bool(folders) and all(_TWO_DIGITS.search(folder) for folder in folders)


def days_of_arrival(years: Sequence[str], wanted: Wanted) -> list[str]:
    """The day folders below years named by arrival that can hold wanted records, in whatever time zone."""
    found: dict[str, None] = {}
    for window in wanted.windows:
        for day in days(Window(window.since - _MARGIN, window.until + _MARGIN, window.slack)):
            if Place(parts=(day.year, day.month, day.day), arrival=True).may_hold(window):
                found.update((f"{year}{day:%m/%d/}", None) for year in years if year.endswith(f"{day:%Y/}"))
    return list(found)


def ends_before(folder: str, key: str) -> bool:
    """Whether all that a folder can hold was filed before the object `key`."""
    parent = folder.rstrip("/").rpartition("/")[0]
    if _TIME.search(folder) and key.startswith(f"{parent}/" if parent else "") and folder < key:
        return not key.startswith(folder)
    there, here = folder_place(folder).interval(), place(key).interval()
    return there is not None and here is not None and there[1] <= here[0]


def midnight_after(slot: datetime) -> datetime:
    """When the slot's UTC day ends."""
    return slot.replace(hour=0, minute=0) + timedelta(days=1)


def slot_stem(key: str) -> tuple[str, datetime] | None:
    """What comes before the slot in an object's key, and the slot."""
    slot = place(key).slot
    return (key.rpartition(slot_text(slot))[0], slot) if slot else None


def slot_text(slot: datetime) -> str:
    """A slot as object names have it."""
    return f"{slot:%Y%m%dT%H%M}Z"


def leap(key: str, wanted: Wanted) -> str | None:
    """After which key to go on listing when what follows `key` is of no use; None when it may be.

    Objects of one flow log lie in the order of their slots, so of a day of many pages only the window is listed.
    """
    found = slot_stem(key)
    if found is None:
        return None
    stem, slot = found
    ahead = [window.since - SLOT for window in wanted.windows if window.filed_until > slot]
    if not ahead:
        return past(stem)
    after = f"{stem}{slot_text(min(ahead))}"
    return after if after > key else None


def past(stem: str) -> str:
    """A key after every object of a flow log."""
    return f"{stem}~"
