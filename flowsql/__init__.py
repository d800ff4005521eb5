"""Ask AWS VPC Flow Logs: `flowsql.connect("logs/").rejected_ssh(last="1h")`."""

from typing import TYPE_CHECKING, Any

from flowsql.errors import FlowsqlError

if TYPE_CHECKING:
    from flowsql.session import Flows, connect

__version__ = "0.1.0"
__all__ = ["Flows", "FlowsqlError", "__version__", "connect", "load_ipython_extension"]


def load_ipython_extension(shell: Any) -> None:
    """What `%load_ext flowsql` calls: adds `%flowsql` and `%%flowsql`."""
    from flowsql.notebook.magics import FlowsqlMagics

    shell.register_magics(FlowsqlMagics)


def __getattr__(name: str) -> Any:
    """The session is imported when it is first needed, so that `import flowsql` is quick."""
    if name in ("Flows", "connect"):
        from flowsql import session

        return getattr(session, name)
    raise AttributeError(f"module 'flowsql' has no attribute {name!r}")
