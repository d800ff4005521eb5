"""From records to the columns of a log format, and to the bytes of a text or Parquet object."""

import zlib
from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter

from flowsql.fields import FieldType, column_type, known
from flowsql.sample.capture import Record
from flowsql.sample.estate import SERVICES

Cell = str | int | None
_Reader = Callable[[Record], Cell]

_GZIP = 31
"""zlib's window bits for a gzip member; it writes no file name and no time, so the bytes repeat."""


def _of_hop(name: str, record: Record) -> Cell:
    return getattr(record.hop, name) if record.hop else None


def _service(name: str, record: Record) -> Cell:
    return SERVICES.get(getattr(record, name))


def _family(record: Record) -> Cell:
    if record.srcaddr is None:
        return None
    return "IPv6" if ":" in record.srcaddr else "IPv4"


def _encryption(record: Record) -> Cell:
    """1 between our instances, 2 for TLS to the gateway endpoint, 0 for all that leaves the VPC."""
    if record.action != "ACCEPT":
        return None
    if record.hop is not None:
        return 0 if record.hop.service or record.at.service else 1
    to_endpoint = _service("pkt_dstaddr", record) or _service("pkt_srcaddr", record)
    return 2 if to_endpoint and not record.at.service else 0


_READERS: dict[str, _Reader] = {
    "account_id": attrgetter("at.account"),
    "interface_id": attrgetter("at.interface_id"),
    "srcaddr": attrgetter("srcaddr"),
    "dstaddr": attrgetter("dstaddr"),
    "srcport": attrgetter("srcport"),
    "dstport": attrgetter("dstport"),
    "protocol": attrgetter("protocol"),
    "packets": attrgetter("packets"),
    "bytes": attrgetter("bytes"),
    "start": attrgetter("start"),
    "end": attrgetter("end"),
    "action": attrgetter("action"),
    "log_status": attrgetter("status"),
    "vpc_id": attrgetter("at.vpc_id"),
    "subnet_id": attrgetter("at.subnet_id"),
    "instance_id": attrgetter("at.instance_id"),
    "tcp_flags": attrgetter("tcp_flags"),
    "type": _family,
    "pkt_srcaddr": attrgetter("pkt_srcaddr"),
    "pkt_dstaddr": attrgetter("pkt_dstaddr"),
    "region": attrgetter("at.region"),
    "az_id": attrgetter("at.az_id"),
    "pkt_src_aws_service": partial(_service, "pkt_srcaddr"),
    "pkt_dst_aws_service": partial(_service, "pkt_dstaddr"),
    "flow_direction": attrgetter("direction"),
    "traffic_path": attrgetter("path"),
    "encryption_status": _encryption,
    "interface_type": attrgetter("at.service"),
    "next_hop_interface_id": partial(_of_hop, "interface_id"),
    "next_hop_subnet_id": partial(_of_hop, "subnet_id"),
    "next_hop_az_id": partial(_of_hop, "az_id"),
    "next_hop_vpc_id": partial(_of_hop, "vpc_id"),
    "next_hop_interface_type": partial(_of_hop, "service"),
}


def _label(column: str, record: Record) -> Cell:
    return record.at.labels.get(column)


def _cells(column: str, columns: Sequence[str], records: Sequence[Record]) -> list[Cell]:
    if column == "version":
        highest = max(field.version for name in columns if (field := known(name)))
        return [highest] * len(records)
    read = _READERS.get(column) or partial(_label, column)
    return [read(record) for record in records]


def text_object(columns: Sequence[str], records: Sequence[Record]) -> bytes:
    """One gzip member: the header line, then a line a record, `-` for what is missing."""
    header = " ".join(field.name for column in columns if (field := known(column)))
    texts = [["-" if cell is None else str(cell) for cell in _cells(column, columns, records)] for column in columns]
    lines = [header, *map(" ".join, zip(*texts, strict=True)), ""]
    packer = zlib.compressobj(6, zlib.DEFLATED, _GZIP)
    return packer.compress("\n".join(lines).encode("ascii")) + packer.flush()


def parquet_object(columns: Sequence[str], records: Sequence[Record]) -> bytes:
    """One Parquet file, names underscored; what is missing is NULL in numbers and `-` in text."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    types: dict[FieldType, pa.DataType] = {"int": pa.int32(), "bigint": pa.int64(), "string": pa.string()}
    arrays = []
    for column in columns:
        kind = column_type(column)
        cells = _cells(column, columns, records)
        if kind == "string":
            cells = ["-" if cell is None else cell for cell in cells]
        arrays.append(pa.array(cells, types[kind]))
    sink = pa.BufferOutputStream()
    pq.write_table(pa.table(arrays, names=list(columns)), sink, compression="gzip")
    packed: bytes = sink.getvalue().to_pybytes()
    return packed
