"""Tables among the checked files, and the SQL beside them."""

from flowsql.checks.declared import declared_tables, table_named

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
    (table,) = declared_tables(DDL.format(name="Mine"))
    assert table.name == ("network", "mine")
    assert table.columns[3:5] == ("srcaddr", "dstaddr")
    assert [(part.name, part.role, part.format) for part in table.partitions] == [("start_day", "date", "yyyy/MM/dd")]
    assert declared_tables("CREATE EXTERNAL TABLE x (a int) LOCATION 's3://b/x/'") == ()


def test_the_table_a_text_speaks_of() -> None:
    tables = declared_tables(DDL.format(name="mine") + DDL.format(name="yours"))
    assert table_named("SELECT 1 FROM network.MINE", tables) is tables[0]
    assert table_named("SELECT 1 FROM mine JOIN yours ON true", tables) is None
    assert table_named("SELECT 1 FROM mines -- not mine", tables) is None
    (hyphened,) = declared_tables(DDL.format(name="`my-logs`"))
    assert table_named('SELECT 1 FROM network."my-logs"', [hyphened]) is hyphened
