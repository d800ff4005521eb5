"""Why an answer has no rows: from what was counted on the way, in words."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from flowsql.engines.base import Answer
from flowsql.layout import place
from flowsql.query import FILTER_OPTIONS, Filters, Rendered
from flowsql.reading.tally import Tally
from flowsql.table import Table
from flowsql.units import counted, human_bytes, human_time
from flowsql.window import Window

_NEVER_LOGGED = (
    "Flow logs never hold traffic to Amazon's DNS, DHCP, time sync, licence and instance metadata addresses."
)
_MEANING = {"NODATA": "  (no traffic at the interface)", "SKIPDATA": "  (AWS lost the records)"}
_LONG = 150
"""Characters of a condition that are shown."""


def iso(moment: datetime) -> str:
    """`2026-11-22T10:00:00Z`."""
    return moment.astimezone(UTC).isoformat().replace("+00:00", "Z")


def why_empty(answer: Answer, rendered: Rendered, table: Table, source: str, filters: Filters) -> str:
    """Why there are no rows: a line with the conclusion, then lines with the evidence, one fact each."""
    tally, window = answer.tally or answer.probe, rendered.window
    if tally is None:
        return _not_looked_into(answer)
    if not tally.objects and answer.unread:
        lines = ["the table reads nothing of the window (INCOMPLETE, below), so this tells nothing about its traffic."]
        if table.name is not None and len(table.name) == 2:
            lines.append(f"`flowsql table verify {table.title}` shows what is wrong with the table")
        return _told(lines)
    if not tally.objects:
        return _no_objects(answer, window, source, filters)
    if tally.other_kind and not tally.rows:
        found, asked = ("transit gateway", "VPC") if table.kind == "vpc" else ("VPC", "transit gateway")
        told = f"the flow logs at {source} are those of a {found}, and the query asks of those of a {asked}."
        return _told([told, "`flowsql list --answerable` on the same place shows what can be asked of them"])
    if not tally.in_window:
        lines = ["the objects of the window hold no record of it."]
        if answer.tally is not None:
            lines.append(f"{counted(tally.objects, 'object')} read, {counted(tally.rows, 'record')} in them")
        if tally.rejected:
            lines.append(f"{counted(tally.rejected, 'row')} rejected: --show-rejects lists them with their reason")
        if tally.damaged:
            lines.append(f"{counted(len(tally.damaged), 'damaged object')} skipped")
        if tally.newest is not None:
            lines.append(f"the newest record ends {iso(datetime.fromtimestamp(tally.newest, UTC))}")
            lines.append(f"the window begins       {iso(window.since)}")
        return _told(lines)
    statuses = tally.statuses
    if "log_status" in table.columns and statuses and not statuses.get("OK") and _reads_flows(rendered):
        lines = ["the window has no traffic: no record has log-status OK."]
        lines += [f"{number:>11,} {status}{_MEANING.get(status, '')}" for status, number in sorted(statuses.items())]
        return _told(lines)
    return _lost(answer, tally, rendered, filters)


def _not_looked_into(answer: Answer) -> str:
    """A remote engine gave nothing, and finding out why would have cost more than a trifle."""
    lines = ["nothing fits the question, or the window has no records; looking into it was not cheap enough."]
    if answer.remote and answer.remote.bytes_scanned:
        lines.append(f"{human_bytes(answer.remote.bytes_scanned)} were scanned for the answer")
    lines.append("`flowsql run log-status` counts the records of the window; a shorter window is looked into")
    return _told(lines)


def _told(lines: list[str]) -> str:
    return "\n".join((lines[0], *(f"  {line}" for line in lines[1:])))


def _reads_flows(rendered: Rendered) -> bool:
    return any(relation.kind == "flows" for relation in rendered.relations)


def _no_objects(answer: Answer, window: Window, source: str, filters: Filters) -> str:
    """No object can hold the window: what there is instead, and how to ask for it."""
    if answer.newest_object is None:
        if answer.listed:
            return "the query asks for no records, so none were read (LIMIT 0, or conditions that exclude each other)."
        return f"there is no flow log object at {source}."
    newest = place(answer.newest_object)
    if newest.may_hold(window):
        narrowed = _options({"account": filters.account, "region": filters.region})
        return _told([f"the window has objects, but none of `{narrowed}`.", f"there is {answer.newest_object}"])
    lines = [f"no object at {source} can hold records of {window}.", f"the newest object is {answer.newest_object}"]
    interval = newest.interval()
    if interval is not None:
        filed, end = interval
        is_older = end <= window.since
        distance = window.since - end if is_older else filed - window.until
        lines.append(f"filed {iso(filed)}, {_rough(distance)} {'before' if is_older else 'after'} the window")
        lines.append(f"to ask around it: --last 1h --until {iso(end)}")
    return _told(lines)


def _options(given: Mapping[str, tuple[str, ...]]) -> str:
    """Options as they are typed: `--vpc vpc-0a --region eu-west-1`."""
    return " ".join(f"--{name.replace('_', '-')} {','.join(values)}" for name, values in given.items() if values)


def _rough(length: timedelta) -> str:
    """A length of time as it is said: 95 minutes → `1 h 35 min`, 30 days → `30 days`."""
    return counted(length.days, "day") if length.days >= 2 else human_time(length)


def _lost(answer: Answer, tally: Tally, rendered: Rendered, filters: Filters) -> str:
    """The filter, condition or later step that removed the last record, with how many each condition left."""
    if not answer.lost:
        lines = ["no condition on single records explains it: a later step of the query (HAVING, a join) kept none."]
        given = _options({name: value.items for name, value in rendered.values.items()})
        return _told([*lines, f"asked with {given}"] if given else lines)
    first, *steps = answer.lost
    what = "flow" if _reads_flows(rendered) else "record"
    if not first.left:
        asked = _options({name: getattr(filters, name) for name in FILTER_OPTIONS})
        if not asked:
            return "the time before the window, which the query compares with, has no flows."
        logged = tally.statuses.get("OK", tally.in_window) if what == "flow" else tally.in_window
        if not answer.narrowed:
            return _told([f"`{asked}` removed all records.", _in_window(logged, what), f"{0:>11,} with {asked}"])
        options = [step.condition.removeprefix("--") for step in answer.narrowed]
        typed = [_options({option: getattr(filters, option)}) for option in options]
        lines = [f"`{typed[-1]}` removed the last record.", _in_window(logged, what)]
        for number, step in enumerate(answer.narrowed):
            lines.append(f"{step.left:>11,} {'and' if number else 'with'} {typed[number]}")
        return _told(lines)
    if not steps:
        return f"none of {counted(first.left, what)} in the window fits the question."
    lines = [f"`{_short(steps[-1].condition)}` removed the last record.", _in_window(first.left, what)]
    for number, step in enumerate(steps):
        lines.append(f"{step.left:>11,} {'and' if number else 'with'} {_short(step.condition)}")
    told = _told(lines)
    if "action" in steps[-1].condition.lower() and len(answer.actions) == 1:
        seen = answer.actions[0]
        other = "REJECT" if seen == "ACCEPT" else "ACCEPT"
        return (
            f"{told}\nEvery flow of the window is {seen}. Perhaps the flow log captures only that (its traffic type), "
            f"and then it cannot show a {other}."
        )
    return f"{told}\n{_NEVER_LOGGED}"


def _in_window(number: int, what: str) -> str:
    return f"{number:>11,} {what}{'' if number == 1 else 's'} in the window"


def _short(condition: str) -> str:
    """A condition on one line that is not much longer than a terminal's."""
    text = " ".join(condition.split())
    text = f"({text})" if " OR " in text and not text.startswith("(") else text
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"
