"""What the embedded engine fails at, by cause → an error in the words of Athena SQL with the next step."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from flowsql.dialects.duckdb_nodes import name_of
from flowsql.errors import EngineError
from flowsql.statement import Statement, line_of

if TYPE_CHECKING:
    from sqlglot import exp

_LONGEST = 60
"""Characters of a value, or of a piece of the statement, that a message shows."""

_TYPES = {
    "INT128": "BIGINT",
    "HUGEINT": "BIGINT",
    "INT64": "BIGINT",
    "INT32": "INTEGER",
    "INT16": "SMALLINT",
    "INT8": "TINYINT",
    "BOOL": "BOOLEAN",
    "INTEGER_LITERAL": "INTEGER",
    "STRING_LITERAL": "VARCHAR",
    "FLOAT": "REAL",
    "STRUCT": "ROW",
}
"""What the engine calls a type → what Athena calls it."""

_TRY = "TRY(…) gives NULL instead"
_TRY_CAST = "TRY_CAST(… AS {type}) gives NULL instead"
_CAST = "CAST(… AS VARCHAR), or another type it takes"
_ELSEWHERE = "write it another way; where Athena knows it, --source asks Athena"


@dataclass(frozen=True, slots=True)
class _Rule:
    """One cause: what the engine says, what a person is told, and which pieces of a statement can be it."""

    pattern: str
    message: str
    hint: str
    nodes: str = ""
    """The names of nodes and functions, separated by blanks; with `:type` a cast to the type the pattern found."""


_REGEXPS = "regexplike regexpextract regexpextractall regexpreplace regexpsplit regexpcount"
_ROOTS = "sqrt ln log log2() log10() pow div add sub mul"
_REASON = r"[Cc]ould not convert string '{}' to \w+"
_RULES: tuple[_Rule, ...] = (
    # What the macros say: they fail by a cast of the reason to a number.
    _Rule(
        r"not a (?P<noun>whole number|double|decimal|boolean|date|timestamp): "
        r"(?P<value>.*?)(?:' to (?P<type>\w+)|\", )",
        "{value} cannot be cast: it is no {noun}",
        "TRY_CAST gives NULL instead",
        "cast:type date",
    ),
    _Rule(
        _REASON.format(r"Cannot cast value to IPADDRESS: (?P<value>.*)"),
        "{value} is no IP address",
        "TRY_CAST(… AS IPADDRESS) gives NULL instead",
        "cast:ipaddress",
    ),
    _Rule(
        _REASON.format(r"not a number: .*"),
        "a value is not a number: 0 divided by 0, or the root or logarithm of a negative number",
        "NULLIF(…, 0), or CASE WHEN … > 0 THEN … END, around what goes in",
        _ROOTS,
    ),
    _Rule(
        _REASON.format(r"Array subscript out of bounds: (?P<at>.*)"),
        "the array has no element {at}",
        "element_at(…, {at}) gives NULL instead",
        "bracket",
    ),
    _Rule(
        _REASON.format(r"Key not present in map: (?P<value>.*)"),
        "the map has no key {value}",
        "element_at(…, key) gives NULL instead",
        "bracket",
    ),
    _Rule(
        _REASON.format(r"Index must be greater than zero"), "split_part() counts from 1", "1 is the first", "splitpart"
    ),
    _Rule(
        _REASON.format(r"Not a valid base number: (?P<value>.*)"),
        "from_base() cannot read {value}",
        _TRY,
        "frombase",
    ),
    _Rule(
        _REASON.format(r"Illegal escape: (?P<value>.*)"),
        "url_decode() cannot read {value}: a % is followed by two hexadecimal digits",
        _TRY,
        "url_decode()",
    ),
    _Rule(
        _REASON.format(r"[Tt]he embedded engine (?P<why>.*)"),
        "the embedded engine {why}",
        _ELSEWHERE,
    ),
    _Rule(
        _REASON.format(r"(?P<why>Athena writes this type otherwise): .*"),
        "the text of a double, decimal or time differs between Athena and the embedded engine",
        "format('%.2f', …) writes a double, date_format(…) a time",
        "cast",
    ),
    _Rule(
        _REASON.format(r"(?P<why>decimals are divided otherwise on Athena|a date whose type was not known): .*"),
        "{why}",
        "CAST(… AS DOUBLE) or CAST(… AS DATE) says what is meant",
    ),
    _Rule(
        _REASON.format(
            r"(?P<why>The delimiter may not be the empty string|Invalid slice: .*|Number must be representable.*)"
        ),
        "{why}",
        _TRY,
    ),
    # Values that do not fit.
    _Rule(
        _REASON.format(r"(?P<value>.*)").replace(r"\w+", r"(?P<type>\w+)"),
        "{value} cannot be cast to {type}",
        _TRY_CAST,
        "cast:type",
    ),
    _Rule(
        r"(?P<noun>date|time|timestamp|interval)(?: with time zone)? field "
        r"(?:value out of range: |format: )\"(?P<value>.*?)\"",
        "{value} is no {noun} there is",
        "TRY_CAST gives NULL instead; a day is written as DATE '2026-01-31', a moment as TIMESTAMP '2026-01-31 10:00'",
        "cast date",
    ),
    _Rule(
        r"Could not cast value (?P<number>\S+) to (?P<type>DECIMAL\(\d+,\s*\d+\))",
        "{number} does not fit in {type}",
        _TRY_CAST,
        "cast:decimal",
    ),
    _Rule(
        r"value (?P<number>\S+) can't be cast .* out of range for the destination type (?P<type>\w+)",
        "{number} does not fit in {type}",
        "BIGINT holds up to 9223372036854775807, DOUBLE more; TRY_CAST gives NULL instead",
        "cast:type sum limit offset",
    ),
    _Rule(
        r"Overflow in \w+ of (?P<type>\w+) \((?P<sum>.*)\)",
        "{sum} is more than {type} holds",
        "CAST one side AS DOUBLE, which holds more; TRY(…) gives NULL instead",
        "add sub mul neg abs sum",
    ),
    _Rule(
        r"Overflow in \w+|out of range!?$",
        "a number is more than its type holds",
        "CAST(… AS DOUBLE) holds more; TRY(…) gives NULL instead",
        "add sub mul neg abs sum pow cast",
    ),
    _Rule(r"Division by zero", "division by zero", "NULLIF(…, 0) below the line gives NULL instead", "div mod"),
    _Rule(
        r"Epoch (?:milli)?seconds out of range|overflows timestamp range|not in timestamp range"
        r"|(?:[Dd]ate|[Tt]imestamp) (?:out of range|overflow)|Cannot (?:add|subtract).*(?:DATE|TIMESTAMP)"
        r"|Could not convert .* to (?:a )?(?:Date|Timestamp)",
        "a time is beyond what a timestamp holds",
        "from_unixtime() takes seconds: milliseconds are divided by 1000",
        "unixtotime dateadd timestampadd interval cast",
    ),
    _Rule(
        r"Could not parse string \"(?P<value>.*)\" according to format",
        "date_parse() cannot read {value} by its format",
        "TRY(date_parse(…)) gives NULL instead",
        "strtotime parse_datetime()",
    ),
    # Patterns.
    _Rule(
        r"invalid perl operator: (?P<why>.*)",
        "the embedded engine's regular expressions have no {why} (they look neither ahead nor behind)",
        _ELSEWHERE,
        _REGEXPS,
    ),
    _Rule(
        r"^(?P<why>(?:missing [\])]|unexpected \)|invalid (?:escape sequence|character class|UTF-8|repetition|named)"
        r"|no argument for repetition|bad repetition|trailing \\|pattern too large|repetition).*)",
        "a pattern is no regular expression: {why}",
        r"signs with a meaning are written \., \(, \[ where they stand for themselves",
        _REGEXPS,
    ),
    _Rule(
        r"Rewrite schema requests (?P<at>\d+) matches.*only has (?P<has>\d+)",
        "the replacement names group {at}, and the pattern has {has}",
        "$1 is what the first (…) of the pattern matched",
        "regexpreplace",
    ),
    _Rule(r"escape string", "the ESCAPE of LIKE is one character", "LIKE '100!%' ESCAPE '!'", "escape"),
    # Arguments.
    _Rule(r"UTF8 Codepoint (?P<at>-?\d+)", "there is no character {at}", "chr() takes 0 to 1114111", "chr"),
    _Rule(r"radix must be", "to_base() takes a base from 2 to 36", "to_base(…, 16)", "to_base()"),
    _Rule(
        r"Lists larger than",
        "an array would have more than four billion elements",
        "sequence() over less",
        "generateseries",
    ),
    _Rule(
        r"Map keys must be unique",
        "a key is twice in one map",
        "map_agg(key, value) keeps one of each",
        "map mapfromentries",
    ),
    _Rule(r"Map keys can not be NULL", "the key of a map is NULL", "WHERE … IS NOT NULL before", "map mapfromentries"),
    _Rule(
        r"map key list does not align", "MAP takes as many keys as values", "MAP(ARRAY['a', 'b'], ARRAY[1, 2])", "map"
    ),
    _Rule(r"[Aa]rgument for ntile", "ntile() takes a number from 1", "ntile(4) makes quarters", "ntile"),
    _Rule(
        r"arg_min/arg_max",
        "the number of rows max_by() or min_by() gives is 1 or more",
        "leave it out for one",
        "argmax argmin",
    ),
    _Rule(r"UNNEST requires", "UNNEST takes an array or a map", "split(…, ',') makes an array of text", "unnest"),
    _Rule(
        r"RANGE|-\((?:TIMESTAMP|DATE)[^,]*, INTEGER_LITERAL\)",
        "a RANGE over a time is an INTERVAL",
        "RANGE BETWEEN INTERVAL '5' MINUTE PRECEDING AND CURRENT ROW",
        "windowspec",
    ),
    _Rule(
        r"No function matches .*? '(?P<call>.*?)'(?:\.|$)",
        "there is no {call}",
        _CAST,
    ),
    _Rule(
        r"Cannot (?:compare|mix) values of type (?P<left>\S+) and (?:values of type )?(?P<right>\S+)",
        "{left} is compared or mixed with {right}",
        "CAST one of them",
    ),
    _Rule(
        r"Unimplemented type for cast \((?P<left>\S+) -> (?P<right>[^)]+)\)",
        "{left} cannot be cast to {right}",
        "CAST(… AS VARCHAR) makes text of both",
    ),
    _Rule(
        r"Function with name (?P<name>\w+) does not exist",
        "there is no function {name}",
        "`flowsql check` names the nearest",
    ),
    # The form of the statement.
    _Rule(
        r"More than one row returned by a subquery",
        "a subquery that stands for one value gives several rows",
        "max(…), or ORDER BY … LIMIT 1 in it, makes it one; IN (SELECT …) compares with all",
        "subquery",
    ),
    _Rule(
        r"Set operations can only apply",
        "the SELECTs of a UNION, INTERSECT or EXCEPT have different numbers of columns",
        "each gives the same columns in the same order; NULL AS name fills a gap",
        "union intersect except",
    ),
    _Rule(
        r"Subquery returns (?P<has>\d+) columns",
        "a subquery that stands for one value has {has} columns",
        "take one of them",
        "subquery in exists",
    ),
    _Rule(
        r"(?:Ambiguous reference to table|[Dd]uplicate alias) \"(?P<name>[^\"]*)\"",
        "two relations of one FROM have the name {name}",
        "give each a name of its own: {{{{ flows }}}} AS a JOIN {{{{ flows }}}} AS b",
        "join",
    ),
    _Rule(
        r"Ambiguous reference to column name \"(?P<name>[^\"]*)\"",
        "{name} is a column of several relations",
        "a.{name} says whose",
    ),
    _Rule(
        r"GROUPING statement",
        "GROUPING() without GROUP BY",
        "GROUP BY ROLLUP (…), CUBE or GROUPING SETS",
        "grouping grouping()",
    ),
    _Rule(
        r"column \"?(?P<name>[\w.]+)\"? must appear in the GROUP BY",
        "{name} stands beside an aggregate and is not grouped by",
        "GROUP BY {name}, or an aggregate such as max({name})",
    ),
    _Rule(r"expression depth", "an expression is nested too deeply", "split it into CTEs; IN (…) for a chain of OR"),
)
_OUT_OF_MEMORY = "a shorter window, fewer groups or shorter texts need less; LIMIT on sorted rows too"
_FULL = "TMPDIR names a folder on another disk; a shorter window needs less"
_PREFIX = re.compile(r"^(?:[A-Z][A-Za-z]* ){1,4}(?:Error|Exception): ")
_INTERNAL = re.compile(r"\bathena_(?=\w)")


def failed(failure: Exception, statement: Statement) -> EngineError:
    """The error for a failure of DuckDB; it names the line of the author's file where only one can be meant."""
    place = statement.rendered.query.place
    kind, text = type(failure).__name__, _first_line(str(failure))
    if kind == "OutOfMemoryException":
        return EngineError(
            "the answer needs more memory than the embedded engine takes", where=place, hint=_OUT_OF_MEMORY
        )
    if "No space left" in text or "max_temp_directory_size" in str(failure):
        return EngineError("the disk for what does not fit into memory is full", where=place, hint=_FULL)
    if kind in ("InternalException", "FatalException"):
        return EngineError(f"the embedded engine failed by itself: {text}", where=place, hint=_ELSEWHERE)
    for rule in _RULES:
        found = re.search(rule.pattern, text)
        if found:
            values = {name: _shown(name, value) for name, value in found.groupdict().items() if value is not None}
            lines = _lines(statement, rule.nodes, values)
            hint = rule.hint.format(**{"type": "…", **values})
            return EngineError(rule.message.format(**values), where=_at(statement, lines), hint=hint)
    return EngineError(f"the embedded engine refuses the query: {text}", where=_at(statement, set()), hint=_ELSEWHERE)


def _first_line(text: str) -> str:
    """What the engine says, without its name for the kind of failure, the statement, its settings and our macros."""
    line = _PREFIX.sub("", (text.splitlines() or [""])[0])
    return _INTERNAL.sub("", re.sub(r"\s*(?:Use TRY\(|You might need|or SET |Try ).*$", "", line))


def _shown(name: str, value: str) -> str:
    """A piece of the engine's message as a person is told it."""
    if name in ("type", "left", "right"):
        return _TYPES.get(value, value)
    if name == "call":
        head, _, types = value.partition("(")
        return f"{head}({', '.join(_TYPES.get(kind, kind).lower() for kind in types.rstrip(')').split(', '))})"
    short = value if len(value) <= _LONGEST else f"{value[:_LONGEST]}…"
    if name == "why":
        return short[:1].lower() + short[1:] if short[1:2].islower() and not short.startswith("Athena") else short
    return repr(short) if name == "value" else short


def _lines(statement: Statement, nodes: str, values: dict[str, str]) -> set[int | None]:
    """The lines of the pieces of a statement that may have failed."""
    tests = [_test(name, values.get("type")) for name in nodes.split()]
    return {line_of(node) for node in statement.tree.walk() if any(test(node) for test in tests)}


def _test(name: str, kind: str | None) -> "Callable[[exp.Expr], bool]":
    wanted, _, to = name.partition(":")
    kind = {"": None, "type": kind}.get(to, to)

    def test(node: "exp.Expr") -> bool:
        if name_of(node) != wanted:
            return False
        target = node.args.get("to")
        return kind is None or target is None or _same(str(target.this.value), kind)

    return test


def _same(one: str, other: str) -> bool:
    """Whether two names are of one type, whatever its precision."""
    first, second = (re.sub(r"\(.*", "", name.upper()).replace("INTEGER", "INT") for name in (one, other))
    return first == second


def _at(statement: Statement, lines: set[int | None]) -> str:
    """file:line where the lines are one, else the file."""
    place = statement.rendered.query.place
    known = lines - {None}
    if len(known) == 1 and len(lines) == 1:
        return f"{place}:{known.pop()}"
    return place if "\n" in statement.rendered.sql.strip() else f"{place}:1"
