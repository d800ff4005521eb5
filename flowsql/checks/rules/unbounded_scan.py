"""A scan of flow logs is not bounded in time by its partitions.

Why: Athena lists and reads every partition that the conditions on partition columns leave, and bills what it reads, so
each scan needs a first and a last day that are known before the query runs: in every CTE each time it is used, every
subquery, arm of a UNION, side of a join and arm of an OR. Bounds on start and end do not limit partitions, nor does a
condition that hides the column in a function, nor LIMIT. A lower bound alone is open too: what it reads, costs and
answers grows with every day.

Wrong:

    SELECT srcaddr, COUNT(*) AS flows FROM network.vpc_flow_logs
    WHERE "start" >= 1767225600 AND "start" < 1767229200 GROUP BY srcaddr

Right:

    SELECT srcaddr, COUNT(*) AS flows FROM network.vpc_flow_logs
    WHERE day >= '2026/01/01' AND day <= '2026/01/01'
    AND "start" >= 1767225600 AND "start" < 1767229200 GROUP BY srcaddr
"""

from collections.abc import Iterator

from flowsql.checks.bounds import Scan, example, opening
from flowsql.checks.rule import Fault, Rule
from flowsql.checks.subject import Subject
from flowsql.checks.variants import WINDOW

RULE = Rule("FQ501", "unbounded-scan", "error", protects=True)
_RELATIONS = ("flows", "records")


def check(subject: Subject) -> Iterator[Fault]:
    """Each open scan, at the condition that leaves it open or at the table."""
    from sqlglot import exp

    if not isinstance(subject.tree, exp.Query):
        return  # it does not run at all
    for scan in subject.scans:
        # What writes is refused as such, whatever it reads.
        if scan.range is None and scan.table.find_ancestor(exp.DML, exp.DDL) is None:
            found = opening(scan)
            message = f"the scan of {scan.table.name} is not bounded in time: {found.reason}"
            yield subject.fault(message, found.node, _hint(subject, scan))


def _hint(subject: Subject, scan: Scan) -> str | None:
    window = subject.rendered.window if subject.rendered else WINDOW
    if not scan.keys:
        return "make a table with partitions: `flowsql table ddl` writes one"
    told = {ref[1] for each in scan.conditions for ref in each.refs if ref}
    keys = [key for key in scan.keys if key.name in told] or [key for key in scan.keys if told & {*key.finer}]
    is_guessed = any(key.is_guessed for key in scan.keys)
    if is_guessed and not keys:
        if not scan.table.db and scan.table.name.lower() in _RELATIONS:
            return f"FROM {{{{ {scan.table.name.lower()} }}}} are flow logs in their window"
        names = ", ".join(key.name for key in scan.keys)
        return (
            "bound the column it is partitioned by with constants on both sides, such as day >= '2026/01/01' AND "
            f"day <= '2026/01/02'; of a table that is not known it may be called {names}; "
            "its CREATE TABLE among the checked files, or `flowsql check --source NAME`, tells any name"
        )
    if is_guessed and "month" in told:
        keys = [key for key in scan.keys if key.name == "year"]
    key = (keys or list(scan.keys))[0]
    names_of_key = {key.name, *key.finer} if key.name == "year" else {key.name}
    leaves = [leaf for each in scan.conditions for leaf in each.leaves()]
    bounding = [leaf for leaf in leaves if leaf.column and leaf.column[1] in names_of_key]
    constants = [value for leaf in bounding for value in leaf.hull.constants] or _written(scan, key.name)
    known = subject.known(scan.table)
    partitions = known.table.partitions if known is not None and known.table is not None else ()
    others = [each.name for each in partitions] if partitions else key.finer
    return f"a bound of this form: {example(key.as_written(constants), others, window)}"


def _written(scan: Scan, name: str) -> list[str]:
    """The texts in the conditions on a column, which show how the author writes its values."""
    from sqlglot import exp

    about = (each.node for each in scan.conditions if each.mentions(name))
    return [literal.name for node in about for literal in node.find_all(exp.Literal) if literal.is_string]
