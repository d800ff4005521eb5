"""IPython magics: `%flowsql` connects and asks saved queries, `%%flowsql` asks the SQL of a cell.

%load_ext flowsql
%flowsql --logs logs/
%flowsql rejected-ssh --last 1h --port 2222
%%flowsql --last 6h --into busiest
SELECT srcaddr, COUNT(*) AS flows FROM {{ flows }} GROUP BY srcaddr ORDER BY flows DESC, srcaddr LIMIT 10
"""

import shlex
from typing import Any

from IPython.core.magic import Magics, line_cell_magic, magics_class

from flowsql.errors import UsageError
from flowsql.naming import did_you_mean
from flowsql.query import FILTER_OPTIONS, Query
from flowsql.questions import COMMON, adhoc, docstring
from flowsql.session import Flows, connect
from flowsql.settings import settle

_CONNECTION = ("source", "logs", "log_format", "profile", "s3_region", "queries", "skip_damaged")
_FLAGS = ("skip_damaged", "quiet", "help")


@magics_class
class FlowsqlMagics(Magics):
    """Keeps the open flow logs of one notebook."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._names: dict[str, Any] = shell.user_ns
        self._flows: Flows | None = None
        self._given: dict[str, str] = {}
        """The options the open flow logs were opened with."""

    @line_cell_magic
    def flowsql(self, line: str, cell: str | None = None) -> Any:
        """Ask the flow logs; returns a DataFrame whose receipt is printed above it.

        `%flowsql --logs PLACE` opens flow logs, also as the variable `flows`. `%flowsql NAME --option value …` asks
        a saved query, `%%flowsql --option value …` the SQL of the cell. `--into NAME` binds the frame to a variable
        instead of showing it, `--quiet` leaves out the receipt, `--help` explains a query.
        """
        name, options = _arguments(line)
        if cell is not None and name is not None:
            raise UsageError(f"%%flowsql asks the cell's SQL; {name!r} is no option", hint="%flowsql NAME asks a query")
        into, quiet = options.pop("into", None), options.pop("quiet", None)
        given = {key: options.pop(key) for key in _CONNECTION if key in options}
        wants_help = options.pop("help", None)
        if cell is None and name is None and wants_help:
            print(__doc__)
            return None
        if cell is None and name is None:
            self._open(given, options)
            return None
        flows = self._connected(given)
        query = flows.library.find(name) if name is not None else adhoc(cell or "")
        if wants_help:
            print(docstring(query))
            return None
        return self._asked(flows, query, options, into, bool(quiet))

    def _asked(self, flows: Flows, query: Query, options: dict[str, str], into: str | None, quiet: bool) -> Any:
        """The frame of a question, or None when it is bound to a variable."""
        outcome = flows.ask(query, options)
        if not quiet:
            if outcome.receipt.why_empty:
                print(f"No rows: {outcome.receipt.why_empty}\n")
            print(outcome.receipt)
        frame = flows.framed(outcome)
        if into is None:
            return frame
        self._names[into] = frame
        return None

    def _open(self, given: dict[str, str], options: dict[str, str]) -> None:
        """A line that names no query: opens flow logs and says what is open."""
        for key in options:
            option = f"--{key.replace('_', '-')}"
            if key in COMMON:
                raise UsageError(f"{option} goes with a query", hint=f"%flowsql NAME {option} …")
            hint = did_you_mean(key, _CONNECTION, "%flowsql --logs PLACE opens flow logs, %flowsql NAME asks a query")
            raise UsageError(f"no option {option}", hint=hint)
        flows = self._connected(given)
        print(
            f"{flows.engine.location}: %flowsql NAME asks one of {len(flows.library)} saved queries (flows.catalogue)"
        )

    def _connected(self, given: dict[str, str]) -> Flows:
        """The open flow logs; options open others."""
        if self._flows is None or given:
            self._given = given if {"logs", "source"} & set(given) else {**self._given, **given}
            settings = settle(self._given)
            earlier, self._flows = (
                self._flows,
                connect(source=settings.chosen(), queries=settings.queries, skip_damaged="skip_damaged" in self._given),
            )
            if self._names.get("flows", earlier) is earlier:
                self._names["flows"] = self._flows
        return self._flows


def _arguments(line: str) -> tuple[str | None, dict[str, str]]:
    """`NAME --option value …` → the name, if any, and the options by their Python name."""
    try:
        words = shlex.split(line)
    except ValueError as failure:
        raise UsageError(f"cannot read the line: {failure}", hint="close the quotes") from failure
    name: str | None = None
    options: dict[str, str] = {}
    while words:
        word = words.pop(0)
        key, given, value = word.removeprefix("--").partition("=")
        key = key.replace("-", "_")
        if word == "-q" or (word.startswith("--") and key in _FLAGS):
            options["quiet" if word == "-q" else key] = "yes"
        elif word.startswith("--"):
            if not given and not words:
                raise UsageError(f"{word} needs a value", hint=f"{word} VALUE")
            value = value if given else words.pop(0)
            several = key in FILTER_OPTIONS and key in options
            options[key] = f"{options[key]},{value}" if several else value
        elif name is None:
            name = word
        else:
            hint = f"a saved query stands alone: %flowsql {word}" if name == "run" else "%flowsql NAME --option value"
            raise UsageError(f"{word!r} is one word too many", hint=hint)
    if options.get("into", "x").isidentifier():
        return name, options
    raise UsageError(f"{options['into']!r} is not a variable's name", hint="--into busiest")
