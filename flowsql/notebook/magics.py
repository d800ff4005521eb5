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
from flowsql.questions import adhoc
from flowsql.session import Flows, connect
from flowsql.settings import settle

_CONNECTION = ("logs", "log_format", "profile", "s3_region", "queries")


@magics_class
class FlowsqlMagics(Magics):
    """Keeps the open flow logs of one notebook."""

    def __init__(self, shell: Any) -> None:
        super().__init__(shell)
        self._names: dict[str, Any] = shell.user_ns
        self._flows: Flows | None = None

    @line_cell_magic
    def flowsql(self, line: str, cell: str | None = None) -> Any:
        """Ask the flow logs; returns a DataFrame whose receipt is printed above it.

        `--into NAME` binds the frame to a variable instead of showing it; `--quiet` leaves out the receipt.
        """
        name, options = _arguments(line)
        if cell is not None and name is not None:
            raise UsageError(f"%%flowsql asks the cell's SQL; {name!r} is not an option", hint="%flowsql NAME asks a query")
        into, quiet = options.pop("into", None), options.pop("quiet", None) is not None
        flows = self._connected({key: options.pop(key) for key in _CONNECTION if key in options})
        if cell is None and name is None:
            return None
        query = flows.library.find(name) if name is not None else adhoc(cell or "")
        outcome = flows.ask(query, options)
        if not quiet:
            if outcome.receipt.why_empty:
                print(f"No rows: {outcome.receipt.why_empty}")
            print(outcome.receipt)
        frame = flows.framed(outcome)
        if into is None:
            return frame
        self._names[into] = frame
        return None

    def _connected(self, given: dict[str, str]) -> Flows:
        """The open flow logs; options open others."""
        if self._flows is None or given:
            settings = settle(given)
            self._flows = connect(
                settings.location(),
                queries=settings.queries,
                log_format=settings.log_format,
                profile=settings.profile,
                region=settings.s3_region,
            )
            self._names.setdefault("flows", self._flows)
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
        if word in ("--quiet", "-q"):
            options["quiet"] = ""
        elif word.startswith("--"):
            key, given, value = word.removeprefix("--").partition("=")
            if not given and not words:
                raise UsageError(f"{word} needs a value", hint=f"{word} VALUE")
            options[key.replace("-", "_")] = value if given else words.pop(0)
        elif name is None:
            name = word
        else:
            raise UsageError(f"{word!r} is one word too many", hint="%flowsql NAME --option value")
    if options.get("into", "x").isidentifier():
        return name, options
    raise UsageError(f"{options['into']!r} is not a variable's name", hint="--into busiest")
