"""How one flow log delivers to S3: what DescribeFlowLogs or the objects themselves tell."""

from dataclasses import dataclass
from datetime import datetime

from flowsql.fields import RecordKind
from flowsql.layout import Style
from flowsql.table import FileFormat


@dataclass(frozen=True, slots=True)
class Delivery:
    """One flow log's objects in the folder of one account and region."""

    folder: str
    """`s3://bucket/prefix/AWSLogs/…/`, down to the region."""
    account: str
    region: str
    flow_log: str
    columns: tuple[str, ...]
    """In the order of the log format."""
    kind: RecordKind
    file_format: FileFormat
    style: Style
    hourly: bool
    first: datetime
    """The first day with objects or, before there are any, the flow log's creation. UTC."""
    newest: datetime | None = None
    """The day or hour of the newest folder; None when there is no object."""
    current: bool = True
    """Whether it delivered to the newest folder."""
    ended: datetime | None = None
    """The last day with its objects, of one that is not current."""
    example: str = ""
    """The name of one of its objects."""
