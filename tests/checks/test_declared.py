"""Tables among the checked files, and the SQL beside them."""

from flowsql.checks import ask
from flowsql.checks.declared import declared_tables, table_named
from flowsql.checks.known import Known
from flowsql.checks.opening import subjects_of

DDL = """CREATE EXTERNAL TABLE network.{name} (
    version int, account_id string, interface_id string, srcaddr string, dstaddr string, srcport int, dstport int,
    protocol bigint, packets bigint, bytes bigint, `start` bigint, `end` bigint, action string, log_status string
)
PARTITIONED BY (start_day string)
ROW FORMAT DELIMITED FIELDS TERMINATED BY ' '
LOCATION 's3://logs/x/'
TBLPROPERTIES ('skip.header.line.count' = '1', 'projection.enabled' = 'true', 'projection.start_day.type' = 'date',
    'projection.start_day.format' = 'yyyy/MM/dd', 'projection.start_day.range' = '2024/01/01,NOW',
    'storage.location.template' = 's3://logs/x/${{start_day}}/');
"""


def test_a_definition_is_a_table() -> None:
    (known,) = declared_tables(DDL.format(name="Mine"))
    table = known.table
    assert table is not None
    assert table.name == known.name == ("network", "mine")
    assert table.columns[3:5] == ("srcaddr", "dstaddr")
    assert [(part.name, part.role, part.format) for part in table.partitions] == [("start_day", "date", "yyyy/MM/dd")]
    assert declared_tables("CREATE EXTERNAL TABLE x (a int) LOCATION 's3://b/x/'") == (Known(("x",), None),)
    partitioned = "CREATE EXTERNAL TABLE x (a int) PARTITIONED BY (day string) LOCATION 's3://b/x/'"
    assert declared_tables(partitioned) == ()


def test_the_table_a_text_speaks_of() -> None:
    tables = declared_tables(DDL.format(name="mine") + DDL.format(name="yours"))
    assert table_named("SELECT 1 FROM network.MINE", tables) is tables[0].table
    assert table_named("SELECT 1 FROM mine JOIN yours ON true", tables) is None
    assert table_named("SELECT 1 FROM mines -- not mine", tables) is None
    (hyphened,) = declared_tables(DDL.format(name="`my-logs`"))
    assert table_named('SELECT 1 FROM network."my-logs"', [hyphened]) is hyphened.table


def test_every_declared_table_is_judged_by_its_own_partitions() -> None:
    ddl = DDL.format(name="mine") + DDL.replace("start_day", "end_day").format(name="yours")
    others = declared_tables(ddl + "CREATE EXTERNAL TABLE accounts (id string) LOCATION 's3://b/x/';")
    text = """SELECT m.srcaddr FROM mine AS m
INNER JOIN network.yours AS y ON m.srcaddr = y.dstaddr
INNER JOIN accounts AS a ON a.id = y.account_id
WHERE m.start_day = '2026/01/01' AND y.end_day = '2026/01/01'"""

    def found(sql: str) -> list[str]:
        report = ask(subjects_of(sql, "the.sql", table=table_named(sql, others), others=others))
        return [f"{each.code} {each.line}:{each.column}" for each in report.errors]

    assert found(text) == []
    assert found(text.replace("y.end_day", "m.start_day")) == ["FQ501 2:12"]
    assert found(text.replace("network.yours", "other.yours")) == ["FQ501 2:12"]
    assert found("SELECT srcaddr FROM mine WHERE start_day = '2026/01/01' AND dstport = '22'") == ["FQ416 1:61"]
