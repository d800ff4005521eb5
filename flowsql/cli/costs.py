"""What a question reads and costs, shown before it runs, or instead."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from flowsql.cli import diagnostics, streams
from flowsql.cli.places import asked_of, flows_of, settings_of
from flowsql.cost import human_dollars
from flowsql.query import Query
from flowsql.units import counted, human_bytes

if TYPE_CHECKING:
    import pyarrow as pa

    from flowsql.engines.base import Estimate
    from flowsql.session import Flows, Question

_MUCH = 200_000_000
"""Bytes that take long enough to say so beforehand."""

_PREFIXES = 12
"""Partitions that are listed by name."""


def told(estimate: "Estimate") -> str:
    """`reads at most 1.2 GiB in 288 objects, $0.0065`."""
    objects = counted(estimate.objects, "object")
    dollars = f", {human_dollars(estimate.dollars)}" if estimate.dollars is not None else ""
    return f"reads at most {human_bytes(estimate.bytes)} in {objects}{dollars}"


def announce(estimate: "Estimate | None") -> None:
    """Say before anything long what it will read."""
    if estimate is None:
        diagnostics.note("what the question will read cannot be told: its objects may not be listed")
    elif estimate.bytes >= _MUCH:
        diagnostics.say(told(estimate))


def warn(estimate: "Estimate") -> None:
    """Say what of the window the table does not read."""
    for text in estimate.unread:
        diagnostics.note(f"INCOMPLETE: {text}")


def table(query: Query, estimate: "Estimate") -> "pa.Table":
    """An estimate as rows: dollars are absent where reading costs nothing."""
    import pyarrow as pa

    row = {
        "query": query.name,
        "objects": estimate.objects,
        "bytes": estimate.bytes,
        "size": human_bytes(estimate.bytes),
        "dollars": estimate.dollars,
    }
    kinds = {"query": pa.string(), "objects": pa.int64(), "bytes": pa.int64(), "size": pa.string()}
    schema = pa.schema([*kinds.items(), ("dollars", pa.float64())])
    return pa.Table.from_pylist([row], schema=schema)


def dry_run(query: Query, options: Mapping[str, Any]) -> None:
    """The SQL of a question on stdout, its partitions and estimate on stderr; nothing is run."""
    from flowsql.budget import Budget

    flows = flows_of(options)
    question = flows.question(query, asked_of(query, options))
    estimate = flows.engine.estimate(question.statement, question.filters)
    print(_sql(question).strip("\n"))
    streams.flush()
    for line in _partitions(flows, question):
        diagnostics.say(line)
    diagnostics.say(f"{told(estimate)}; nothing was run")
    warn(estimate)
    budget = Budget.of(settings_of(options).chosen())
    budget.check(estimate, question.rendered.window, question.filters, query.name, question.table.grain)


def _sql(question: "Question") -> str:
    """The statement as it is sent where a real table is asked, else as it is written."""
    if question.table.name is None:
        return question.rendered.sql
    from flowsql.engines.remote import around

    return around(question.statement, question.table, question.filters).sql


def _partitions(flows: "Flows", question: "Question") -> list[str]:
    """What each relation stands for: its window, and in a table its partitions."""
    lines = []
    for relation in question.rendered.relations:
        lines.append(f"{relation.name}: {flows.engine.location} in {relation.window}")
        if question.table.name is None:
            continue
        if predicate := question.table.partition_sql(relation.window, question.filters):
            lines.append(f"  partitions: {predicate}")
        prefixes = question.table.prefixes(relation.window, question.filters)
        lines += [f"  {prefix}" for prefix in prefixes[:_PREFIXES]]
        if len(prefixes) > _PREFIXES:
            lines.append(f"  … and {len(prefixes) - _PREFIXES:,} more")
    return lines
