"""`new`, and `test --watch`: from nothing to a saved query that passes."""

import itertools
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Flowsql

PARAMS = (
    "port",
    "from:cidr=10.0.0.0/8",
    "protocol=tcp",
    "action:action",
    "least:int=3",
    "eni:interface",
    "owner:account",
)


@pytest.mark.parametrize(
    "params",
    [
        (),
        *((param,) for param in PARAMS),
        PARAMS,
        ("port:ports=22,3389",),
        ("to:ip",),
        ("nets:cidrs",),
        ("who:instance",),
        ("net1:subnet", "cloud:vpc", "where:region=eu-west-1"),
        ("service:string",),
        ("service:string=S3",),
        ("all:bool",),
        ("all:bool=false",),
        ("size:float",),
        ("size:float=12.5",),
    ],
    ids=lambda params: "-".join(params).replace("/", ".") or "none",
)
def test_what_is_written_passes_check_and_test(flowsql: Flowsql, params: tuple[str, ...]) -> None:
    options = itertools.chain.from_iterable(("--param", param.replace("from:", "net:")) for param in params)
    ended = flowsql("new", "mine/first-question", *options)
    assert ended.code == 0, ended.err
    assert ended.out == "queries/mine/first-question.sql\nqueries/mine/first-question.cases.yaml\n"
    assert "`flowsql test first-question --watch`" in ended.err
    checked = flowsql("check", "queries", "--strict")
    assert (checked.code, checked.out) == (0, "")
    tested = flowsql("test", "first-question", "--queries", "queries")
    assert tested.code == 0, tested.out


@pytest.mark.parametrize("name", ["context", "ctx", "options", "query", "args", "values", "names"])
def test_a_parameter_may_have_a_name_that_the_program_uses_inside(flowsql: Flowsql, name: str) -> None:
    assert flowsql("new", "mine/first", "--param", f"{name}:int=1").code == 0
    assert flowsql("test", "first").code == 0
    ended = flowsql("render", "first", f"--{name}", "77")
    assert (ended.code, "packets >= 77" in ended.out) == (0, True)
    assert flowsql("run", "first", f"--{name}", "77", "--logs", "nowhere").code == 3


def test_a_name_that_a_packaged_query_has_means_ones_own(flowsql: Flowsql) -> None:
    ended = flowsql("new", "mine/rejected-ssh")
    assert ended.err.splitlines() == [
        "Change both, with `flowsql test rejected-ssh --watch` beside; "
        "then `flowsql check` and `flowsql run rejected-ssh`",
        "note: rejected-ssh means your own now; it hides the packaged connectivity/rejected-ssh",
    ]
    assert flowsql("test", "rejected-ssh").out.startswith("ok   mine/rejected-ssh: ")
    assert flowsql("check", "rejected-ssh").code == 0
    assert flowsql("render", "rejected-ssh").err.startswith(
        "note: mine/rejected-ssh is your own (queries/mine/rejected-ssh.sql); "
        "it hides the packaged connectivity/rejected-ssh\n"
    )
    assert "hides" not in flowsql("render", "mine/rejected-ssh").err
    assert "hides" not in flowsql("render", "connectivity/rejected-ssh").err
    assert "flowsql run connectivity/rejected-ssh " in flowsql("show", "connectivity/rejected-ssh").out
    assert "flowsql run connectivity/rejected-ssh " in flowsql("run", "connectivity/rejected-ssh", "--help").out

    assert "`flowsql run others/rejected-ssh`" in flowsql("new", "others/rejected-ssh").err
    several = flowsql("check", "rejected-ssh")
    assert several.err.startswith("flowsql: 'rejected-ssh' names several queries\n  hint: say which: connectivity/")


def test_what_is_said_next_names_the_folder_that_was_given(flowsql: Flowsql, tmp_path: Path) -> None:
    (tmp_path / "our own").mkdir()
    ended = flowsql("new", "mine/first", "--queries", "our own")
    assert "`flowsql run first --queries 'our own'`" in ended.err
    assert "`flowsql check --queries 'our own'`" in ended.err


def test_what_new_refuses(flowsql: Flowsql) -> None:
    for arguments, told in (
        (("nothing",), "is not a topic and a name"),
        (("mine/Big",), "is not a topic and a name"),
        (("mine/x", "--param", "p:prot"), "there is no type 'prot'\n  hint: did you mean 'port'?"),
        (("mine/x", "--param", "p:foo"), "there is no type 'foo'\n  hint: types: int, float, string"),
        (("mine/x", "--param", "when:timestamp"), "other types you add by hand"),
        (("mine/x", "--param", "port:port=70000"), "'70000' is not 0 to 65535"),
        (("mine/x", "--param", "last:int"), "is an option every query has"),
        (("mine/x", "--param", "max_bytes:int"), "is an option every query has"),
        (("mine/x", "--param", "self:int=1"), "means something else in a template"),
        (("mine/x", "--param", "a:ip", "--param", "b:cidr"), "two parameters ask about dstaddr"),
        (("mine/x", "--param", "p:string=a b"), "the first case can show no text with blanks"),
        (("mine/x", "--param", "a:port", "--param", "a:ip"), "two parameters have the name a"),
        (("mine/x", "--title", " "), "the title is empty"),
    ):
        ended = flowsql("new", *arguments)
        assert ended.code == 2
        assert told in ended.err
    assert not Path("queries").exists()
    assert flowsql("new", "mine/x", "--title", "x: 'y' # \"z\"").code == 0
    assert "exists already" in flowsql("new", "mine/x").err
    assert flowsql("check", "queries").code == 0


def test_watch_runs_again_on_save_and_ends_with_ctrl_c(
    flowsql: Flowsql, program: Callable[..., subprocess.Popen[bytes]], tmp_path: Path
) -> None:
    assert flowsql("new", "mine/first").code == 0
    process = program("test", "first", "--watch", "--queries", "queries")
    assert process.stdout is not None
    assert process.stdout.readline().startswith(b"ok ")
    # Saved while the cases may still be running.
    cases = tmp_path / "queries" / "mine" / "first.cases.yaml"
    cases.write_text(cases.read_text().replace("eni-0a0a0a0a0a0a0a0a  2", "eni-0a0a0a0a0a0a0a0a  3"))
    os.utime(cases, (time.time() + 5, time.time() + 5))
    assert process.stdout.readline() == b"1 case passed, 0 failed\n"
    assert process.stdout.readline().startswith(b"FAIL mine/first")
    process.send_signal(signal.SIGINT)
    assert process.wait(5) == 130
    assert process.stderr is not None
    assert b"Traceback" not in process.stderr.read()
