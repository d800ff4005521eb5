"""`check`: what is wrong with saved queries and SQL files, before anything runs."""

import sys
import textwrap
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Annotated, Any

import typer

from flowsql import __version__
from flowsql.cli import diagnostics, streams
from flowsql.cli.catalogue import query_names
from flowsql.cli.commands import SETTINGS, Command
from flowsql.cli.diagnostics import ExitCode
from flowsql.cli.options import QUERIES, Option, parameters, source_names, with_options
from flowsql.cli.places import library_of, settings_of
from flowsql.cli.side_by_side import each_made
from flowsql.cli.targets import Text, texts_of
from flowsql.errors import FlowsqlError, NotFound, UsageError
from flowsql.naming import did_you_mean
from flowsql.units import counted

if TYPE_CHECKING:
    from flowsql.checks import Finding, Report, Subject
    from flowsql.checks.finding import Severity
    from flowsql.checks.known import Known
    from flowsql.checks.rule import Loaded
    from flowsql.judging import Judge
    from flowsql.table import Table

_FORMATS = ("text", "json", "sarif", "github")
_OPTIONS = (
    Option("format", "Output", "text, json, sarif or github (annotations).", "FORMAT", short="-f", choices=_FORMATS),
    Option("strict", "Output", "Warnings fail too; hints never do.", flag=True),
    Option(
        "source",
        "Input",
        "Also ask the engine of this source, which runs nothing and costs nothing.",
        "NAME",
        complete=source_names,
    ),
    Option(
        "log_format",
        "Input",
        "Fields of the tables in DDL and in SQL that names its own: '${version} …' or default.",
        "FORMAT",
    ),
    Option("explain", "Rules", "The manual page of one rule, by code or name.", "CODE"),
    Option("rules", "Rules", "List the rules.", flag=True),
)
_COLORS = {"error": "1;31", "warning": "33", "hint": "1", "code": "1"}


@dataclass(slots=True)
class _Checked:
    """What became of the files so far."""

    table: "Table | None" = None
    """The table of the source, or one with the given log format; None when neither is given."""
    judge: "Judge | None" = None
    """The engine of the source; None when none is given, or when it could not be asked any more."""
    findings: "list[Finding]" = field(default_factory=list)
    sources: dict[str, str] = field(default_factory=dict)
    failures: list[FlowsqlError] = field(default_factory=list)
    unasked: dict[str, tuple[str, ...]] = field(default_factory=dict)
    declared: "tuple[Known, ...]" = ()
    """The tables that DDL among the files makes."""
    asked: int = 0
    """Files the engine was asked about."""
    extents: list[str] = field(default_factory=list)
    """What the engine would read of its table for each file that names it, a line each."""

    def check(self, texts: Sequence[Text], tell: "Callable[[int], None]") -> None:
        """Ask the rules, and the engine where there is one, about each of some texts."""
        from flowsql.checks import ask

        if self.judge is None:
            reports = each_made(lambda text: ask(self._subjects(text)), texts, tell)
        else:
            reports = []
            for number, text in enumerate(texts):
                tell(number)
                reports.append(self._asked(text))
        for text, report in zip(texts, reports, strict=True):
            self.sources[text.path] = text.source
            self.findings.extend(report.findings)
            if report.unasked:
                self.unasked[text.path] = report.unasked

    def _subjects(self, text: Text) -> "tuple[Subject, ...]":
        from flowsql.checks.opening import subjects_of

        table = self.table or self._declared(text.source)
        return subjects_of(text.source, text.path, name=text.name, file=text.file, table=table, others=self.declared)

    def _asked(self, text: Text) -> "Report":
        """What the rules and the engine say."""
        from flowsql.checks import ask

        subjects = self._subjects(text)
        if self.judge is not None:
            subjects = tuple(self.judge.informed(subject) for subject in subjects)
        report = ask(subjects)
        # What is wrong without asking is told in better words; how much an unbounded scan reads, only the engine knows.
        if self.judge is not None and all(finding.code.startswith("FQ5") for finding in report.errors):
            return self._judged(self.judge, subjects) or report
        return report

    def _declared(self, source: str) -> "Table | None":
        """The table among the checked files that hand-written SQL reads."""
        from flowsql.checks.declared import table_named
        from flowsql.checks.opening import kind_of_text

        is_by_hand = bool(self.declared) and kind_of_text(source) == "sql" and "{{" not in source
        return table_named(source, self.declared) if is_by_hand else None

    def _judged(self, judge: "Judge", subjects: "tuple[Subject, ...]") -> "Report | None":
        """What the rules say when the engine was asked too; None where it has nothing to say."""
        from flowsql.checks import ask

        try:
            judged = judge.judged(subjects[0])
        except FlowsqlError as failure:
            self.failures.append(failure)
            self.judge = None
            return None
        if judged.judgement is None:
            return None
        self.asked += 1
        for extent in judged.judgement.extents:
            if extent.ends is not None:
                span = " … ".join(extent.ends)
                self.extents.append(f"{judged.path} reads {extent.table}, {extent.column} {span}")
        return ask((judged, *subjects[1:]))


def check(
    targets: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="QUERY|PATH|-",
            help="Saved queries by name, folders, .sql files, - for stdin. All saved queries by default.",
            autocompletion=query_names,
        ),
    ] = None,
    **options: Any,
) -> None:
    """Say what is wrong with saved queries and SQL files.

    Exit codes: 0 nothing to correct, 1 errors (with --strict also warnings), 2 something could not be checked.
    """
    if options["rules"]:
        _print_rules()
    elif options["explain"] is not None:
        _print_page(_rule_named(options["explain"]))
    else:
        _check_targets(targets or (), options)


def _check_targets(targets: Sequence[str], options: dict[str, Any]) -> None:
    form = options["format"] or "text"
    if form not in _FORMATS:
        raise UsageError(f"no format {form!r}", hint=did_you_mean(form, _FORMATS, f"formats: {', '.join(_FORMATS)}"))
    judge = _judge(options)
    checked = _Checked(judge.table if judge else _table(options["log_format"]), judge)
    texts = list(texts_of(targets, lambda: library_of(settings_of(options)), checked.failures))
    checked.declared = _declared(text.source for text in texts)
    progress = diagnostics.ProgressLine(lambda done, total: f"file {done + 1} of {total}")
    try:
        checked.check(texts, lambda done: progress(done, len(texts)))
    finally:
        progress.clear()
    _print_findings(checked, form)
    count = Counter(finding.severity for finding in checked.findings)
    _print_summary(checked, count)
    if checked.failures:
        raise typer.Exit(ExitCode.USAGE)
    if count["error"] or (options["strict"] and count["warning"]):
        raise typer.Exit(ExitCode.FAILED)


def _declared(sources: Iterable[str]) -> "tuple[Known, ...]":
    """The tables that DDL among these texts makes."""
    from flowsql.checks.declared import declared_tables
    from flowsql.checks.opening import kind_of_text

    return tuple(chain.from_iterable(declared_tables(text) for text in sources if kind_of_text(text) == "ddl"))


def _judge(options: dict[str, Any]) -> "Judge | None":
    """The engine of `--source`; ends the program with 2 where it cannot be asked."""
    from flowsql.engines.base import Explains
    from flowsql.judging import Judge
    from flowsql.opening import open_source

    if options["source"] is None:
        return None
    try:
        if options["log_format"] is not None:
            raise UsageError("the table of --source has its own fields", hint="leave out --log-format")
        engine = open_source(settings_of({"source": options["source"]}).chosen())
        if not isinstance(engine, Explains):
            raise UsageError(
                f"source {options['source']} is asked by the embedded engine, which knows no more than the rules",
                hint="`flowsql check` without --source asks them",
            )
        return Judge.of(engine)
    except FlowsqlError as failure:
        diagnostics.error(failure)
        raise typer.Exit(ExitCode.USAGE) from failure


def _table(text: str | None) -> "Table | None":
    """A table with the fields of `--log-format`."""
    from flowsql.fields import record_kind
    from flowsql.opening import read_log_format
    from flowsql.table import Table

    if text is None:
        return None
    columns = read_log_format(text)
    return Table(columns, record_kind(columns))


def _print_findings(checked: _Checked, form: str) -> None:
    from flowsql.checks import formats

    if form == "text":
        for line in formats.text(checked.findings, checked.sources, _paint):
            print(line)
    else:
        write = {"json": formats.as_json, "github": formats.github}.get(form)
        failures = [str(failure) for failure in checked.failures]
        print(write(checked.findings) if write else formats.sarif(checked.findings, __version__, failures), end="")
    streams.flush()


def _paint(text: str, what: str) -> str:
    return f"\x1b[{_COLORS[what]}m{text}\x1b[0m" if streams.colored(sys.stdout) else text


def _print_summary(checked: _Checked, count: "Counter[Severity]") -> None:
    diagnostics.problems(checked.failures)
    for path, codes in checked.unasked.items():
        diagnostics.note(f"{path} could not be read so far that {counted(len(codes), 'rule')} could be asked")
    for line in checked.extents:
        diagnostics.note(line)
    files = counted(len(checked.sources), "file")
    hints = f", {counted(count['hint'], 'hint')}" if count["hint"] else ""
    judged = f", {checked.asked:,} also by {checked.judge.engine.location}" if checked.judge else ""
    diagnostics.say(
        f"{files} checked{judged}: {counted(count['error'], 'error')}, {counted(count['warning'], 'warning')}{hints}"
    )


def _rule_named(wanted: str) -> "Loaded":
    from flowsql.checks.registry import all_rules

    named = {word: each for each in all_rules() for word in (each.rule.code, each.rule.name)}
    found = named.get(wanted.upper()) or named.get(wanted.lower())
    if found is None:
        listed = "`flowsql check --rules` lists them"
        # Codes are numbers: the nearest one says nothing.
        hint = listed if wanted.upper().startswith("FQ") else did_you_mean(wanted, named, listed)
        raise NotFound(f"there is no rule {wanted!r}", hint=hint)
    return found


def _print_page(loaded: "Loaded") -> None:
    rule, page = loaded.rule, loaded.page
    print(f"{rule.code} {rule.name} ({rule.severity})\n\n{page.summary}\n\n{textwrap.fill(page.why, 100)}")
    for title, example in (("Wrong", page.wrong), ("Right", page.right)):
        print(f"\n{title}:\n\n{textwrap.indent(example.rstrip(), '    ')}")
    if rule.protects:
        print("\nThis rule protects the account: no comment silences it.")
    else:
        mark = "#" if rule.code.startswith("FQ1") else "--"
        print(f"\nWhere a line may do it all the same:  {mark} flowsql: ignore {rule.code} why")


def _print_rules() -> None:
    from flowsql.checks.registry import all_rules

    width = max(len(each.rule.name) for each in all_rules())
    for each in all_rules():
        print(f"{each.rule.code}  {each.rule.severity:<7}  {each.rule.name:<{width}}  {each.page.summary}")


def register(app: typer.Typer) -> None:
    """Add the command of this module."""
    command = app.command("check", cls=Command, context_settings=SETTINGS)
    command(with_options(check, parameters(_OPTIONS, QUERIES)))
