"""A sample is what AWS would have delivered, and it harms no file of anybody's."""

import gzip
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path
from urllib.parse import unquote

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from flowsql.errors import FlowsqlError, UsageError
from flowsql.fields import DEFAULT_FORMAT, VPC_FIELDS, column_type, parse_log_format
from flowsql.layout import SLOT, place
from flowsql.sample import Manifest, read_manifest, write_sample

UNTIL = datetime(2026, 11, 23, 19, 8, 42, tzinfo=UTC)
DOCUMENTATION = [ip_network(text) for text in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")]
IDENTIFIER = re.compile(r"(eni|i|vpc|subnet)-[0-9a-f]{17}|-")

Row = dict[str, str]


def objects(manifest: Manifest) -> list[Path]:
    return sorted(path for path in manifest.directory.rglob("*_vpcflowlogs_*") if path.is_file())


def read_text(path: Path) -> list[Row]:
    header, *lines = gzip.decompress(path.read_bytes()).decode("ascii").splitlines()
    return [dict(zip(header.split(" "), line.split(" "), strict=True)) for line in lines]


def rows(manifest: Manifest) -> Iterator[Row]:
    for path in objects(manifest):
        yield from read_text(path)


@pytest.fixture(scope="module")
def manifest(tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return write_sample(tmp_path_factory.mktemp("sample"), until=UNTIL, version=11)


@pytest.fixture(scope="module")
def flows(manifest: Manifest) -> list[Row]:
    """The rows with traffic in them."""
    return [row for row in rows(manifest) if row["log-status"] == "OK"]


def files(directory: Path) -> dict[str, bytes]:
    return {
        path.relative_to(directory).as_posix(): path.read_bytes() for path in directory.rglob("*") if path.is_file()
    }


# ── what AWS would have delivered ──


@pytest.mark.parametrize("file_format", ["text", "parquet"])
def test_the_same_arguments_write_the_same_bytes(tmp_path: Path, file_format: str) -> None:
    for name in ("one", "two"):
        write_sample(tmp_path / name, until=UNTIL, hours=1, file_format=file_format)  # type: ignore[arg-type]
    write_sample(tmp_path / "other", until=UNTIL, hours=1, seed=2)
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert files(tmp_path / "one").keys().isdisjoint(files(tmp_path / "other").keys() - {"_manifest.json"})


@settings(max_examples=15, deadline=None)
@given(
    until=st.datetimes(datetime(2020, 1, 1), datetime(2035, 1, 1), timezones=st.just(UTC)),
    style=st.sampled_from(["default", "hive"]),
    hourly=st.booleans(),
    prefix=st.sampled_from(["", "network", "logs/network/"]),
)
def test_every_record_lies_in_the_slot_of_its_object(
    tmp_path_factory: pytest.TempPathFactory, until: datetime, style: str, hourly: bool, prefix: str
) -> None:
    manifest = write_sample(
        tmp_path_factory.mktemp("slots"),
        until=until,
        hours=1,
        rate=0.1,
        version=2,
        layout=style,  # type: ignore[arg-type]
        hourly=hourly,
        prefix=prefix,
    )
    for path in objects(manifest):
        key = path.relative_to(manifest.directory).as_posix()
        where = place(key)
        assert key.startswith(f"{prefix.strip('/')}/AWSLogs/".lstrip("/"))
        assert where.slot is not None
        assert (where.account, where.region, where.style) == ("123456789012", "us-east-1", style)
        assert where.flow_log in manifest.flow_logs
        parts = place(key.rpartition("/")[0]).parts
        assert parts == (where.slot.year, where.slot.month, where.slot.day, where.slot.hour)[: 3 + hourly]
        for row in read_text(path):
            end = datetime.fromtimestamp(int(row["end"]), UTC)
            assert where.slot <= end < where.slot + SLOT
            assert manifest.since.timestamp() <= int(row["start"]) <= int(row["end"]) < manifest.until.timestamp()


def test_the_sample_ends_now(flows: list[Row]) -> None:
    assert UNTIL.timestamp() - max(int(row["end"]) for row in flows) < 60
    assert min(int(row["start"]) for row in flows) - (UNTIL - timedelta(hours=3)).timestamp() < 60


def test_the_manifest_counts_what_is_on_disk(manifest: Manifest) -> None:
    found = objects(manifest)
    assert manifest.objects == len(found)
    assert manifest.bytes == sum(path.stat().st_size for path in found)
    assert manifest.records == sum(1 for _ in rows(manifest))
    assert 20_000 < manifest.records < 32_000
    assert (manifest.since, manifest.until) == (UNTIL - timedelta(hours=3), UNTIL)
    assert read_manifest(manifest.directory) == manifest
    assert "directory" not in json.loads((manifest.directory / "_manifest.json").read_text())


@pytest.mark.parametrize("version", [2, 3, 4, 5, 7, 8, 10, 11])
def test_a_version_has_the_fields_up_to_it(tmp_path: Path, version: int) -> None:
    manifest = write_sample(tmp_path, until=UNTIL, hours=1, version=version, rate=0.1)
    header = list(next(rows(manifest)))
    expected = [field.name for field in VPC_FIELDS if field.version <= version]
    assert header == (list(DEFAULT_FORMAT) if version == 2 else expected)
    assert parse_log_format(manifest.log_format) == tuple(name.replace("-", "_") for name in header)
    assert {row["version"] for row in rows(manifest)} == {str(version)}


def test_explicit_fields_keep_their_order_and_decide_the_version(tmp_path: Path) -> None:
    columns = ("bytes", "pkt-srcaddr", "version", "end")
    manifest = write_sample(tmp_path, until=UNTIL, hours=1, flow_log_format=columns)
    assert tuple(next(rows(manifest))) == columns
    assert {row["version"] for row in rows(manifest)} == {"3"}
    assert manifest.log_format == "${bytes} ${pkt-srcaddr} ${version} ${end}"


def test_text_and_parquet_hold_the_same_records(tmp_path: Path, manifest: Manifest) -> None:
    packed = write_sample(tmp_path, until=UNTIL, version=11, file_format="parquet")
    assert (packed.objects, packed.records) == (manifest.objects, manifest.records)
    physical = {"int": pa.int32(), "bigint": pa.int64(), "string": pa.string()}
    for text, parquet in zip(objects(manifest), objects(packed), strict=True):
        assert parquet.name == text.name.replace(".log.gz", ".log.parquet")
        table = pq.read_table(parquet)
        assert all(field.type == physical[column_type(field.name)] for field in table.schema)
        plain = [
            {name.replace("_", "-"): "-" if cell is None else str(cell) for name, cell in row.items()}
            for row in table.to_pylist()
        ]
        assert plain == read_text(text)
        for name in table.column_names:
            assert column_type(name) != "string" or table[name].null_count == 0


def test_every_account_and_region_has_a_network_of_its_own(tmp_path: Path) -> None:
    regions = ("us-east-1", "ap-southeast-2", "us-gov-west-1")
    manifest = write_sample(tmp_path, until=UNTIL, hours=1, accounts=2, regions=regions, rate=0.2)
    homes: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    for row in rows(manifest):
        homes[row["account-id"], row["region"]].add(row["vpc-id"])
    assert len(homes) == len(manifest.flow_logs) == 6
    assert len(set.union(*homes.values())) == 6
    zones = {row["az-id"].partition("-")[0] for row in rows(manifest)}
    assert zones == {"use1", "apse2", "usgw1"}


# ── records as AWS writes them ──


def test_addresses_are_private_or_reserved_for_documentation(flows: list[Row]) -> None:
    for text in {row[name] for row in flows for name in ("srcaddr", "dstaddr", "pkt-srcaddr", "pkt-dstaddr")}:
        address = ip_address(text)
        assert address in ip_network("10.0.0.0/16") or any(address in block for block in DOCUMENTATION), text


def test_identifiers_have_the_right_shape(manifest: Manifest) -> None:
    for row in rows(manifest):
        for name in ("interface-id", "instance-id", "vpc-id", "subnet-id", "next-hop-interface-id"):
            assert IDENTIFIER.fullmatch(row[name]), (name, row[name])


def test_values_are_the_legal_ones(manifest: Manifest, flows: list[Row]) -> None:
    assert {row["action"] for row in flows} == {"ACCEPT", "REJECT"}
    assert {row["log-status"] for row in rows(manifest)} == {"OK", "NODATA", "SKIPDATA"}
    assert {row["protocol"] for row in flows} == {"1", "6", "17"}
    assert {row["type"] for row in flows} == {"IPv4", "IPv6"}
    assert {int(row["tcp-flags"]) for row in flows} <= {0, 1, 2, 3, 6, 18, 19, 22}
    assert {row["tcp-flags"] for row in flows if row["protocol"] != "6"} == {"0"}
    for row in flows:
        assert int(row["bytes"]) >= 40 * int(row["packets"]) > 0
        assert int(row["end"]) - int(row["start"]) < 60
        assert (row["flow-direction"] == "egress") == (row["traffic-path"] != "-")
    assert {row["traffic-path"] for row in flows} == {"-", "1", "7", "8"}


def test_an_internal_conversation_is_recorded_at_both_ends(flows: list[Row]) -> None:
    pool = [row for row in flows if row["dstport"] == "5432" and row["dstaddr"] == "10.0.20.10"]
    seen = Counter((row["srcaddr"], row["srcport"], row["start"]) for row in pool)
    assert set(seen.values()) == {2}
    replies = [row for row in flows if row["srcport"] == "5432" and row["srcaddr"] == "10.0.20.10"]
    assert len(replies) == len(pool)


def test_a_nat_gateway_shows_both_views(manifest: Manifest, flows: list[Row]) -> None:
    at_nat = [row for row in flows if row["interface-type"] == "nat_gateway"]
    (nat,) = {row["interface-id"] for row in at_nat}
    address = "10.0.0.5"
    views = Counter(
        (
            row["flow-direction"],
            row["srcaddr"] == address,
            row["dstaddr"] == address,
            row["srcaddr"] == row["pkt-srcaddr"],
            row["dstaddr"] == row["pkt-dstaddr"],
        )
        for row in at_nat
    )
    assert set(views) == {
        ("ingress", False, True, True, False),
        ("egress", True, False, True, True),
        ("ingress", False, True, True, True),
        ("egress", True, False, False, True),
    }
    assert len(set(views.values())) == 1
    outside = [row for row in flows if row["next-hop-interface-type"] == "nat_gateway"]
    assert outside
    assert {row["next-hop-interface-id"] for row in outside} == {nat}
    assert {row["traffic-path"] for row in outside if row["flow-direction"] == "egress"} == {"1"}
    assert all(row["srcaddr"] == row["pkt-srcaddr"] for row in outside)


def test_tags_are_percent_encoded(flows: list[Row]) -> None:
    tags = {row["instance-tag"] for row in flows} - {"-"}
    assert "web%2D1" in tags
    assert {unquote(row["instance-tag-2"]) for row in flows} >= {"shop & web", "data/reports"}


# ── the directory ──


def test_an_earlier_sample_is_replaced_and_other_files_stay(tmp_path: Path) -> None:
    first = write_sample(tmp_path, until=UNTIL, hours=1, rate=0.1, prefix="logs")
    (tmp_path / "notes.txt").write_text("mine")
    foreign = objects(first)[0].with_name("123456789012_vpcflowlogs_us-east-1_fl-1_20260101T0000Z_0.log.gz")
    foreign.write_bytes(b"mine")
    second = write_sample(tmp_path, until=UNTIL, hours=1, rate=0.1, seed=7, layout="hive")
    found = {path for path in objects(second) if path != foreign}
    assert len(found) == second.objects
    assert all(place(path.name).flow_log in second.flow_logs for path in found)
    assert (tmp_path / "notes.txt").read_text() == "mine"
    assert foreign.read_bytes() == b"mine"
    assert read_manifest(tmp_path) == second


def test_the_same_directory_holds_exactly_the_new_sample(tmp_path: Path) -> None:
    write_sample(tmp_path / "reused", until=UNTIL, hours=2, rate=0.1, prefix="logs")
    write_sample(tmp_path / "reused", until=UNTIL, hours=1, rate=0.1)
    write_sample(tmp_path / "fresh", until=UNTIL, hours=1, rate=0.1)
    assert files(tmp_path / "reused") == files(tmp_path / "fresh")
    assert not (tmp_path / "reused" / "logs").exists()


def test_a_directory_with_other_files_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.doc").write_text("mine")
    with pytest.raises(UsageError, match="not of a sample") as caught:
        write_sample(tmp_path, until=UNTIL)
    assert caught.value.hint
    assert files(tmp_path) == {"thesis.doc": b"mine"}


@pytest.mark.parametrize("content", ["{}", "[]", "not json", '{"kind": "flowsql sample"}', '{"kind": "other"}'])
def test_a_manifest_of_something_else_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "_manifest.json").write_text(content)
    with pytest.raises(UsageError, match="not the manifest of a flowsql sample"):
        write_sample(tmp_path, until=UNTIL)
    assert (tmp_path / "_manifest.json").read_text() == content


def test_an_interrupted_run_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written = 0
    real = Path.write_bytes

    def interrupted(path: Path, content: bytes) -> int:
        nonlocal written
        written += 1
        if written == 5:
            raise KeyboardInterrupt
        return real(path, content)

    monkeypatch.setattr(Path, "write_bytes", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_sample(tmp_path, until=UNTIL, hours=1)
    assert list(tmp_path.iterdir()) == []


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / "logs").write_text("mine")
    with pytest.raises(UsageError, match="is a file"):
        write_sample(tmp_path / "logs", until=UNTIL)
    with pytest.raises(FlowsqlError, match="cannot be written"):
        write_sample(tmp_path / "logs" / "below", until=UNTIL)


@pytest.mark.parametrize(
    "wrong",
    [
        {"until": datetime(2026, 11, 23)},
        {"hours": 0},
        {"rate": -1.0},
        {"accounts": 0},
        {"regions": ()},
        {"regions": ("../us",)},
        {"version": 6},
        {"flow_log_format": ()},
        {"flow_log_format": ("srcaddr", "tgw-id")},
        {"flow_log_format": ("srcaddr", "srcaddr")},
        {"prefix": "../../etc"},
        {"prefix": "AWSLogs"},
        {"prefix": "a//b"},
        {"layout": "flat"},
        {"file_format": "csv"},
    ],
    ids=str,
)
def test_values_that_make_no_sense_are_refused(tmp_path: Path, wrong: dict[str, object]) -> None:
    arguments: dict[str, object] = {"until": UNTIL, **wrong}
    with pytest.raises(UsageError) as caught:
        write_sample(tmp_path / "sample", **arguments)  # type: ignore[arg-type]
    assert caught.value.hint
    assert not (tmp_path / "sample").exists()
