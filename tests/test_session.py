"""The object a person works with: flow logs opened once, questions as methods, answers as frames."""

import inspect
import pickle
import pydoc
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pandas
import pytest

import flowsql
from flowsql.errors import FlowsqlError, MissingField, NotFound, QueryError, Refused, SourceError, UsageError
from flowsql.library import Library
from flowsql.sample import write_sample
from flowsql.session import Flows
from flowsql.settings import DuckDBSource

UNTIL = datetime(2026, 11, 22, 12, tzinfo=UTC)
HOUR: dict[str, Any] = {"last": "1h", "until": UNTIL}


@pytest.fixture(scope="session")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "logs"
    write_sample(folder, until=UNTIL, hours=1)
    return folder


@pytest.fixture(scope="session")
def default_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sample") / "default"
    write_sample(folder, until=UNTIL, hours=1, version=2, rate=0.1)
    return folder


@pytest.fixture
def flows(logs: Path) -> Flows:
    return flowsql.connect(logs)


def test_a_saved_query_is_asked_by_name_or_as_a_method(flows: Flows) -> None:
    by_name = flows.run("rejected-ssh", port=22, **HOUR)
    pandas.testing.assert_frame_equal(by_name, flows.run("connectivity/rejected-ssh", **HOUR))
    pandas.testing.assert_frame_equal(by_name, flows.rejected_ssh(port="ssh", **HOUR))
    assert by_name["srcaddr"][0] == "203.0.113.99"
    assert by_name.dtypes.astype(str).tolist() == ["str", "str", "Int64", "datetime64[us, UTC]", "datetime64[us, UTC]"]


def test_an_empty_answer_has_the_same_dtypes(flows: Flows) -> None:
    full, empty = flows.rejected_ssh(**HOUR), flows.rejected_ssh(port=2222, **HOUR)
    assert empty.empty
    assert empty.dtypes.equals(full.dtypes)
    assert "dstport = 2222" in empty.receipt.why_empty


def test_sql_of_ones_own(flows: Flows) -> None:
    frame = flows.sql("SELECT SUM(bytes) AS total, AVG(packets) AS mean FROM {{ flows }} WHERE protocol = 6", **HOUR)
    assert frame.dtypes.astype(str).to_dict() == {"total": "Int64", "mean": "Float64"}
    assert frame.receipt.query == "sql"


def test_a_method_has_a_signature_and_help(flows: Flows) -> None:
    parameters = inspect.signature(flows.rejected_ssh).parameters
    assert list(parameters)[:3] == ["port", "limit", "last"]
    assert parameters["port"].default == 22
    assert all(parameter.kind is inspect.Parameter.KEYWORD_ONLY for parameter in parameters.values())
    required = inspect.signature(flows.reach_evidence).parameters
    assert [name for name in required if required[name].default is inspect.Parameter.empty] == ["src", "dst"]
    text = pydoc.plain(pydoc.render_doc(flows.rejected_ssh))
    assert "rejected_ssh(*, port=22, limit=100, last=None" in text
    assert "Who was refused on SSH" in text
    assert "port: Destination port. 0 to 65535, or a service name such as ssh." in text
    assert "first_seen: timestamp" in text


def test_every_query_is_listed_and_can_be_called(flows: Flows) -> None:
    names = set(dir(flows))
    assert {"run", "sql", "catalogue"} <= names
    for query in flows.library:
        assert query.short_name.replace("-", "_") in names
        assert inspect.signature(getattr(flows, query.short_name.replace("-", "_")))


def test_the_catalogue_is_a_frame(flows: Flows) -> None:
    catalogue = flows.catalogue
    assert catalogue.columns.tolist() == ["name", "title", "tags", "params", "description"]
    assert len(catalogue) == len(flows.library)
    row = catalogue.set_index("name").loc["connectivity/rejected-ssh"]
    assert row["params"] == ["port", "limit"]


def test_flow_logs_say_what_they_are(flows: Flows, logs: Path) -> None:
    assert repr(flows) == f"<flow logs at {logs}, {len(flows.library)} saved queries>"


def test_values_may_be_those_of_python(flows: Flows) -> None:
    interface = ["eni-0055876c95862c9a9", "eni-0183299649a8dfff6"]
    frame = flows.rejected_ssh(
        port=22, since=UNTIL - timedelta(hours=1), until=UNTIL, slack=timedelta(minutes=5), interface=interface
    )
    assert frame.receipt.filters == {"interface_id": tuple(interface)}
    assert (frame.receipt.since, frame.receipt.until) == (UNTIL - timedelta(hours=1), UNTIL)
    assert flows.rejected_ssh(last=timedelta(minutes=90), until=UNTIL).receipt.since == UNTIL - timedelta(minutes=90)
    assert flows.rejected_ssh(on=UNTIL.date()).receipt.until == datetime(2026, 11, 23, tzinfo=UTC)
    assert flows.rejected_ssh(vpc=None, tz=None, **HOUR).receipt.filters == {}


def test_none_is_an_optional_parameter_not_given_and_no_default(flows: Flows) -> None:
    assert "host" not in flows.outbound_blocked(host=None, **HOUR).receipt.parameters
    with pytest.raises(UsageError, match="parameter 'port' is None") as refused:
        flows.rejected_ssh(port=None, **HOUR)
    assert refused.value.hint == "leave it out for 22; no value of it means all"


def test_last_ends_now(logs: Path) -> None:
    flows = flowsql.connect(logs)
    asked = Flows(flows.engine, flows.library, now=lambda: UNTIL).rejected_ssh(last="1h").receipt
    assert (asked.since, asked.until) == (UNTIL - timedelta(hours=1), UNTIL)
    assert asked.undelivered == timedelta(minutes=20)


def test_a_pickled_answer_is_read_by_another_process(flows: Flows, tmp_path: Path) -> None:
    frame = flows.rejected_ssh(**HOUR)
    (tmp_path / "frame.pickle").write_bytes(pickle.dumps(frame))
    program = "import pickle, pathlib; f = pickle.loads(pathlib.Path('frame.pickle').read_bytes()); print(f.receipt)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert (done.stderr, done.stdout.strip()) == ("", str(frame.receipt))


MISTAKES: dict[str, tuple[type[FlowsqlError], str, str | None]] = {
    "run('rejected-shh')": (NotFound, "no query named 'rejected-shh'", "did you mean connectivity/rejected-ssh?"),
    "rejected_ssh(prot=22)": (UsageError, "rejected-ssh has no parameter 'prot'", "did you mean 'port'?"),
    "rejected_ssh(lats='1h')": (UsageError, "rejected-ssh has no parameter 'lats'", "did you mean 'last'?"),
    "rejected_ssh(zzz=1)": (UsageError, "rejected-ssh has no parameter 'zzz'", "it takes: port, limit; and last"),
    "rejected_ssh(port=70000)": (UsageError, "'70000' is not 0 to 65535", None),
    "rejected_ssh(last=5)": (UsageError, "last is a text, a datetime or a timedelta, not 5", "last='1h'"),
    "rejected_ssh(last='')": (UsageError, "--last is empty", None),
    "rejected_ssh(vpc='vpc')": (UsageError, "'vpc' is not its id", None),
    "rejected_ssh(vpc=[])": (UsageError, "--vpc is empty", None),
    "rejected_ssh(interface=5)": (UsageError, "'5' is not its id", None),
    "reach_evidence()": (UsageError, "parameter 'src' needs a value", None),
    "sql('')": (QueryError, "", None),
    "sql('SELECT 1')": (QueryError, "the query reads no flow logs", None),
    "sql('SELECT\\nsrcadr FROM {{ flows }}')": (QueryError, "no column srcadr", "did you mean 'srcaddr'?"),
    "sql('DROP TABLE flows')": (QueryError, "only a SELECT may run", None),
}


@pytest.mark.parametrize("call", MISTAKES)
def test_a_mistake_names_what_is_legal(flows: Flows, call: str) -> None:
    kind, message, hint = MISTAKES[call]
    with pytest.raises(kind) as caught:
        eval(f"flows.{call}")
    assert message in caught.value.message
    assert hint is None or hint in str(caught.value.hint)


def test_an_unknown_method_is_an_attribute_error(flows: Flows) -> None:
    with pytest.raises(AttributeError, match="did you mean connectivity/rejected-ssh"):
        flows.rejected_shh  # noqa: B018
    assert not hasattr(flows, "_repr_html_")


@pytest.mark.parametrize(
    ("given", "kind", "message"),
    [
        ({"logs": ""}, UsageError, "nothing says where"),
        ({"logs": "logs", "log_format": " "}, UsageError, "names no field"),
        ({"logs": "logs", "log_format": "foo bar"}, UsageError, "'foo bar' names no field of flow logs"),
        ({"logs": "logs", "log_format": "start account-id account_id"}, UsageError, "names account-id twice"),
        ({"logs": "logs", "queries": ["nowhere"]}, UsageError, "no folder of queries at nowhere"),
        ({"logs": "s3://"}, SourceError, "names no bucket"),
    ],
)
def test_what_cannot_be_opened(given: dict[str, Any], kind: type[FlowsqlError], message: str) -> None:
    with pytest.raises(kind, match=message):
        flowsql.connect(**given)


def test_a_place_that_does_not_exist_is_told_by_the_first_question() -> None:
    with pytest.raises(SourceError, match="there is nothing at nowhere"):
        flowsql.connect("nowhere").rejected_ssh()


def test_a_field_the_logs_lack(default_logs: Path) -> None:
    flows = flowsql.connect(default_logs)
    with pytest.raises(MissingField) as caught:
        flows.top_instances(**HOUR)
    where, hint = str(caught.value.where), str(caught.value.hint)
    assert "no field 'instance-id' (it exists since version 3)" in caught.value.message
    place, _, line = where.rpartition(":")
    assert place.endswith("performance/top-instances.sql")
    body = flows.library.find("top-instances").body.splitlines()
    assert "instance_id" in body[int(line) - 1]
    assert "${log-status} ${instance-id}'" in hint
    assert hint.endswith("meanwhile `flowsql run top-talkers` asks a weaker question they can answer")


def test_a_weaker_question_is_named_wherever_there_is_one(default_logs: Path) -> None:
    with pytest.raises(MissingField) as caught:
        flowsql.connect(default_logs).syn_no_answer(**HOUR)
    assert str(caught.value.hint).endswith(
        "meanwhile `flowsql run who-talks-to-me` asks a weaker question they can answer"
    )


def test_several_fields_the_logs_lack_are_told_at_once(default_logs: Path) -> None:
    with pytest.raises(MissingField) as caught:
        flowsql.connect(default_logs).sql("SELECT\n  srcaddr,\n  pkt_srcaddr,\n  az_id\nFROM {{ flows }}", **HOUR)
    assert "'pkt-srcaddr' (since version 3) and 'az-id' (since version 4)" in caught.value.message
    assert caught.value.where == "sql:3"
    assert "${log-status} ${pkt-srcaddr} ${az-id}'" in str(caught.value.hint)


@pytest.mark.parametrize("option", ["vpc", "subnet", "instance"])
def test_a_filter_the_logs_have_no_field_for(default_logs: Path, option: str) -> None:
    prefix = "i" if option == "instance" else option
    with pytest.raises(MissingField) as caught:
        flowsql.connect(default_logs).rejected_ssh(**{option: f"{prefix}-0a1b2c3d4e5f67890"}, **HOUR)
    assert f"'{option}-id' (it exists since version 3), so --{option} cannot narrow the answer" in caught.value.message
    assert str(caught.value.where).endswith("connectivity/rejected-ssh.sql")


def test_records_need_log_status(tmp_path: Path) -> None:
    columns = ("start", "end", "srcaddr", "action")
    write_sample(tmp_path / "logs", until=UNTIL, hours=1, rate=0.1, flow_log_format=columns)
    with pytest.raises(MissingField, match="log-status") as caught:
        flowsql.connect(tmp_path / "logs").log_status(**HOUR)
    assert "hygiene/log-status.sql:" in str(caught.value.where)


def test_a_region_without_objects_is_no_missing_field(default_logs: Path) -> None:
    receipt = flowsql.connect(default_logs).rejected_ssh(region="eu-west-1", **HOUR).receipt
    assert receipt.why_empty.startswith("the window has objects, but none of `--region eu-west-1`.")


def test_queries_of_ones_own_win(logs: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine" / "connectivity"
    folder.mkdir(parents=True)
    header = "/* ---\ntitle: Mine\ndescription: Mine.\ncolumns:\n  n: int\n--- */\n"
    (folder / "rejected-ssh.sql").write_text(f"{header}SELECT COUNT(*) AS n FROM {{{{ flows }}}}\n")
    flows = flowsql.connect(logs, queries=[tmp_path / "mine"])
    assert flows.rejected_ssh(**HOUR).columns.tolist() == ["n"]


MINE = "/* ---\ntitle: Mine\ndescription: Mine.\ncolumns:\n  n: int\n--- */\nSELECT COUNT(*) AS n FROM {{ flows }}\n"


def test_queries_of_ones_own_are_found_as_on_the_command_line(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for folder in ("queries", "other"):
        (tmp_path / folder / "mine").mkdir(parents=True)
        (tmp_path / folder / "mine" / f"in-{folder}.sql").write_text(MINE)
    source = DuckDBSource("", str(logs))
    for flows in (flowsql.connect(logs), flowsql.connect(source=source)):
        assert flows.run("in-queries", **HOUR).columns.tolist() == ["n"]
    for queries in ("other", Path("other"), ["other"]):
        assert flowsql.connect(logs, queries=queries).in_other(**HOUR).columns.tolist() == ["n"]
    with pytest.raises(NotFound, match="no query named 'in-queries'") as missing:
        flowsql.connect(logs, queries="other").run("in-queries", **HOUR)
    assert missing.value.hint.endswith(f"flows.catalogue shows all {len(Library.of()) + 1}")
    assert len(flowsql.connect(logs, queries=()).library) == len(Library.of())
    monkeypatch.setenv("FLOWSQL_QUERIES", "other")
    assert flowsql.connect(logs).in_other(**HOUR).columns.tolist() == ["n"]


@pytest.mark.parametrize("queries", [5, [5], {"mine": 1}])
def test_folders_of_queries_that_are_none(logs: Path, queries: Any) -> None:
    with pytest.raises(UsageError, match="queries is a folder or a list of folders, not"):
        flowsql.connect(logs, queries=queries)
    with pytest.raises(UsageError, match="no folder of queries at nowhere") as missing:
        flowsql.connect(logs, queries="nowhere")
    assert "connect(queries=…)" in str(missing.value.hint)


def test_a_broken_query_of_ones_own_does_not_hide_a_missing_field(default_logs: Path, tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "broken.sql").write_text("SELECT 1")
    flows = Flows(flowsql.connect(default_logs).engine, Library.of(tmp_path / "mine"))
    with pytest.raises(MissingField, match="instance-id"):
        flows.top_instances(**HOUR)


def test_the_package_offers_what_it_names() -> None:
    assert flowsql.Flows is Flows
    assert all(hasattr(flowsql, name) for name in flowsql.__all__)
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        flowsql.nothing  # noqa: B018


def test_a_refusal_carries_what_the_checks_found(flows: Flows) -> None:
    with pytest.raises(Refused) as refused:
        flows.sql("SELECT nosuch, dstport = '22' AS x\nFROM {{ flows }}", **HOUR)
    assert [(each.line, each.column, each.code) for each in refused.value.findings] == [
        (1, 8, "FQ410"),
        (1, 16, "FQ416"),
    ]
    assert "    1 | SELECT nosuch, dstport = '22' AS x\n      |        ^" in str(refused.value)
    again = pickle.loads(pickle.dumps(refused.value))
    assert (str(again), again.findings) == (str(refused.value), refused.value.findings)
    with pytest.raises(UsageError, match="SQL is text, not NoneType"):
        flows.sql(None)  # type: ignore[arg-type]


@pytest.mark.parametrize("header", ["weird-thing", "Weird-Thing"])
def test_a_field_nobody_documents_is_text_that_can_be_asked(tmp_path: Path, header: str) -> None:
    (tmp_path / "a.log").write_text(
        f"version srcaddr {header} start end log-status\n"
        "2 10.0.0.1 007 1763974800 1763974860 OK\n"
        "2 10.0.0.2 - 1763974800 1763974860 OK\n"
    )
    flows = flowsql.connect(str(tmp_path))
    sql = "SELECT weird_thing FROM {{ flows }} WHERE weird_thing LIKE '0%'"
    found = flows.sql(sql, since="2025-11-24T00:00Z", until="2025-11-25T00:00Z")
    assert found["weird_thing"].tolist() == ["007"]
