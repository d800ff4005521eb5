"""How jinja2 reads and prints here: strict names, values as literals, the place in the text for a line number."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from flowsql.errors import QueryError
from flowsql.macros import Sql
from flowsql.params import Value
from flowsql.query import Query

if TYPE_CHECKING:
    from jinja2.lexer import Lexer
    from jinja2.sandbox import SandboxedEnvironment


def body_of(query: Query) -> str:
    """The body with `\\n` line ends."""
    return query.body.replace("\r\n", "\n").replace("\r", "\n")


@cache
def environment() -> "SandboxedEnvironment":
    """What parses and renders; the `lineno` of nodes, errors and tracebacks is the character in the text, from 1."""
    import jinja2
    from jinja2.lexer import Lexer
    from jinja2.sandbox import SandboxedEnvironment

    class ByCharacter(Lexer):
        def tokeniter(
            self, source: str, name: str | None, filename: str | None = None, state: str | None = None
        ) -> Iterator[tuple[int, str, str]]:
            at = 0
            try:
                for _, kind, text in super().tokeniter(source, name, filename, state):
                    # A trimming tag has left out blanks before it.
                    at = source.find(text, at)
                    yield at + 1, kind, text
                    at += len(text)
            except jinja2.TemplateSyntaxError as failure:
                at += len(source[at:]) - len(source[at:].lstrip())
                raise jinja2.TemplateSyntaxError(failure.message or "", at + 1, name, filename) from failure

    class Environment(SandboxedEnvironment):
        @property
        def lexer(self) -> "Lexer":
            return ByCharacter(self)

    return Environment(
        undefined=jinja2.StrictUndefined,
        finalize=_finalize,
        autoescape=False,
        keep_trailing_newline=True,
        cache_size=0,
    )


def _spelled(value: object) -> str:
    """A constant as the author wrote it; anything else by its kind only, since its insides are not for people."""
    return repr(value) if type(value) in (str, int, float, bool, type(None)) else f"a {type(value).__name__}"


def _finalize(value: object) -> str:
    """What `{{ … }}` may print: a bound value as its literal, or SQL a macro made."""
    import jinja2

    if isinstance(value, Sql):
        return value
    if isinstance(value, Value):
        if value.literal is None:
            raise QueryError(
                f"{{{{ {value.name} }}}} was not given", hint=f"guard it: {{% if {value.name} %}} … {{% endif %}}"
            )
        return value.literal
    if isinstance(value, jinja2.Undefined):
        str(value)  # a strict one raises the error that says what is missing
        raise QueryError("{{ … }} has nothing to print", hint="an inline if needs its else")
    if callable(value):
        raise QueryError("a macro is written with its arguments", hint="for example {{ bucket('5m') }}")
    raise QueryError(
        f"{{{{ … }}}} may print a parameter or a macro, not {_spelled(value)}",
        hint="write the constant as SQL, outside the braces",
    )
