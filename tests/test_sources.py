"""Named sources: what a table of `flowsql.toml` may say, which one is asked, and what is refused where."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from flowsql.errors import UsageError
from flowsql.settings import AthenaSource, DuckDBSource, Settings, TrinoSource, settle
from flowsql.sources import keys, required

NOTHING: Mapping[str, str] = {}
PROD = '[source.prod]\nengine = "athena"\ndatabase = "network"\ntable = "flow_logs"\n'
LAB = '[source.lab]\nengine = "duckdb"\nlogs = "lab"\n'
OURS = '[source.ours]\nengine = "trino"\nhost = "trino.example.com"\ncatalog = "hive"\nschema = "n"\ntable = "flows"\n'


def project(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "flowsql.toml").write_text(text, "utf-8")
    return folder


def failure(folder: Path, options: Mapping[str, str], environ: Mapping[str, str] = NOTHING) -> str:
    with pytest.raises(UsageError) as raised:
        settle(options, environ, folder).chosen()
    return str(raised.value).replace(str(folder / "flowsql.toml"), "FILE")


def test_each_engine_s_source_has_its_keys(tmp_path: Path) -> None:
    folder = project(
        tmp_path,
        PROD + 'workgroup = "network-analysts"\noutput = "s3://results/athena/"\nregion = "eu-west-1"\n'
        'max_bytes = "10GB"\nbudget = 1\nprice_per_tb = 6.75\nreuse = "1d"\n'
        + LAB
        + OURS
        + "tls = false\nport = 8081\n",
    )
    assert settle({}, NOTHING, folder).sources == {
        "prod": AthenaSource(
            "prod",
            "network",
            "flow_logs",
            workgroup="network-analysts",
            output="s3://results/athena/",
            region="eu-west-1",
            max_bytes=10**10,
            budget=1.0,
            price_per_tb=6.75,
            reuse=timedelta(days=1),
            origin=f"{folder / 'flowsql.toml'}:1",
        ),
        "lab": DuckDBSource("lab", str(folder / "lab"), origin=f"{folder / 'flowsql.toml'}:12"),
        "ours": TrinoSource(
            "ours",
            "trino.example.com",
            "hive",
            "n",
            "flows",
            port=8081,
            tls=False,
            origin=f"{folder / 'flowsql.toml'}:15",
        ),
    }


def test_what_is_required_comes_first() -> None:
    assert required("athena") == ("database", "table")
    assert keys("athena")[:2] == required("athena")
    assert required("trino") == ("host", "catalog", "schema", "table")
    assert required("duckdb") == ("logs",)


def test_option_before_environment_before_default(tmp_path: Path) -> None:
    folder = project(tmp_path, 'default_source = "prod"\n' + PROD + LAB + OURS)

    def asked(options: Mapping[str, str], environ: Mapping[str, str]) -> str:
        settings = settle(options, environ, folder)
        return f"{settings.chosen().name} by {settings.origins['source']}"

    assert asked({"source": "lab"}, {"FLOWSQL_SOURCE": "ours"}) == "lab by --source"
    assert asked({}, {"FLOWSQL_SOURCE": "ours"}) == "ours by FLOWSQL_SOURCE"
    assert asked({}, NOTHING) == f"prod by {folder / 'flowsql.toml'}:1"


def test_a_place_given_later_hides_a_source_chosen_earlier(tmp_path: Path) -> None:
    folder = project(tmp_path, 'default_source = "prod"\n' + PROD)
    settings = settle({"logs": "here"}, NOTHING, folder)
    assert (settings.chosen().location, settings.origins.get("source")) == ("here", None)
    settings = settle({"source": "prod"}, {"FLOWSQL_LOGS": "here"}, folder)
    assert (settings.chosen().location, settings.origins.get("logs")) == ("network.flow_logs", None)


def test_options_and_environment_win_over_what_a_source_says(tmp_path: Path) -> None:
    text = 'profile = "top"\ndefault_source = "prod"\n' + PROD + 'profile = "own"\nmax_bytes = 5\n'
    folder = project(tmp_path, text + LAB)
    source = settle({}, NOTHING, folder).chosen()
    assert isinstance(source, AthenaSource)
    assert (source.profile, source.max_bytes) == ("own", 5)
    source = settle({"max_bytes": "2KiB", "s3_region": "eu-west-1"}, {"FLOWSQL_PROFILE": "env"}, folder).chosen()
    assert isinstance(source, AthenaSource)
    assert (source.profile, source.max_bytes, source.region) == ("env", 2048, "eu-west-1")
    lab = settle({"source": "lab"}, NOTHING, folder).chosen()
    assert isinstance(lab, DuckDBSource)
    assert lab.profile == "top"


def test_the_project_s_source_hides_one_of_one_s_own(tmp_path: Path) -> None:
    own = project(tmp_path / "own", PROD.replace("network", "private") + LAB) / "flowsql.toml"
    folder = project(tmp_path / "project", PROD)
    settings = settle({}, {"FLOWSQL_CONFIG": str(own)}, folder)
    assert {source.name: source.location for source in settings.sources.values()} == {
        "prod": "network.flow_logs",
        "lab": str(own.parent / "lab"),
    }
    assert [source.location for source in settings.hidden] == ["private.flow_logs"]


def test_several_sources_and_no_choice(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as raised:
        settle({}, NOTHING, project(tmp_path, PROD + LAB)).chosen()
    message, hint = str(raised.value).split("\n  hint: ")
    assert message == "nothing says which source to ask"
    assert hint == "--source prod or lab; `flowsql source use NAME` makes one the default"


@pytest.mark.parametrize(
    ("options", "environ", "message"),
    [
        ({"source": "prd"}, {}, "--source: there is no source 'prd'\n  hint: did you mean 'prod'?"),
        ({}, {"FLOWSQL_SOURCE": "x"}, "FLOWSQL_SOURCE: there is no source 'x'\n  hint: sources: prod, lab"),
        ({"source": "lab", "logs": "x"}, {}, "--source and --logs each say where to ask\n  hint: leave one out"),
        ({}, {"FLOWSQL_SOURCE": "lab", "FLOWSQL_LOGS": "x"}, "FLOWSQL_SOURCE and FLOWSQL_LOGS each say where to ask"),
        ({"source": "prod", "log_format": "default"}, {}, "FILE:1: --log-format says nothing about source prod"),
        ({"source": "lab", "max_bytes": "much"}, {}, "--max-bytes: 'much' is not a size"),
    ],
)
def test_a_choice_that_cannot_be(
    tmp_path: Path, options: Mapping[str, str], environ: Mapping[str, str], message: str
) -> None:
    assert failure(project(tmp_path, PROD + LAB), options, environ).startswith(message)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("source = 5\n", "FILE:1: a source is a table of its own"),
        ('[source]\nlogs = "x"\n', "FILE:2: a source is a table of its own"),
        ('default_source = "prd"\n' + PROD, "FILE:1: there is no source 'prd'\n  hint: did you mean 'prod'?"),
        ('[source."a b"]\n', "FILE:1: 'a b' is no name for a source\n  hint: letters, digits, - and _"),
        (
            '[source.x]\nlogs = "x"\n',
            'FILE:1: source x says no engine\n  hint: engine = "athena"; engines: athena, duck',
        ),
        (
            '[source.x]\nengine = "athen"\n',
            "FILE:2: source x has no known engine: 'athen'\n  hint: did you mean 'athena'?",
        ),
        (PROD + 'workgrp = "x"\n', "FILE:5: unknown key 'workgrp' in source prod\n  hint: did you mean 'workgroup'?"),
        (
            LAB + 'x = "x"\n',
            "FILE:4: unknown key 'x' in source lab\n  hint: a source with engine duckdb has: logs, log_fo",
        ),
        (
            '[source.x]\nengine = "athena"\ntable = "t"\n',
            'FILE:1: source x does not say database\n  hint: database = "…"',
        ),
        (
            PROD + 'output = "results"\n',
            "FILE:5: output: 'results' is no place in S3\n  hint: such as \"s3://bucket/results",
        ),
        (PROD + 'region = "Ireland"\n', "FILE:5: region: 'Ireland' is no AWS region"),
        (PROD + 'workgroup = "a b"\n', "FILE:5: workgroup: 'a b' is no name of a workgroup"),
        (PROD + 'max_bytes = "10 sheep"\n', "FILE:5: max_bytes: '10 sheep' is not a size"),
        (PROD + "max_bytes = 0\n", "FILE:5: max_bytes: 0 is no number of bytes"),
        (PROD + 'budget = "1"\n', "FILE:5: budget: a number of dollars is wanted"),
        (PROD + "budget = -1\n", "FILE:5: budget: -1 dollars are none that a question could cost\n  hint: 0 or more"),
        ("logs = 5\n", "FILE:1: logs must be a text in quotes, not 5"),
        (PROD + 'reuse = "30d"\n', "FILE:5: reuse: '30d' is no age of a result\n  hint: from 1m to 7d, or off"),
        (PROD + "profile = 5\n", "FILE:5: profile: a text is wanted"),
        (OURS + 'tls = "no"\n', "FILE:7: tls: true or false is wanted"),
        (OURS + "port = 99999\n", "FILE:7: port: a port is wanted"),
        ('source.x.engine = "athena"\nsource.x.tabel = "t"\n', "FILE:2: unknown key 'tabel' in source x"),
        ('[source]\nx = {engine = "duckdb", lgos = "x"}\n', "FILE:2: unknown key 'lgos' in source x"),
    ],
)
def test_an_error_says_file_line_and_the_nearest_name(tmp_path: Path, text: str, message: str) -> None:
    assert failure(project(tmp_path, text), {}).startswith(message)


def test_a_source_that_is_broken_stops_only_who_asks_it(tmp_path: Path) -> None:
    folder = project(tmp_path, PROD + 'output = "results"\n' + LAB)
    settings = settle({"source": "lab"}, NOTHING, folder)
    assert (settings.chosen().name, list(settings.sources), list(settings.broken)) == ("lab", ["lab"], ["prod"])
    assert settle({"logs": "here"}, NOTHING, folder).chosen().location == "here"
    assert failure(folder, {"source": "prod"}).startswith("FILE:5: output: 'results' is no place in S3")
    # It hides a source of one's own of the same name all the same.
    own = project(tmp_path / "own", PROD) / "flowsql.toml"
    assert failure(folder, {"source": "prod"}, {"FLOWSQL_CONFIG": str(own)}).startswith("FILE:5: output")


@pytest.mark.parametrize(
    ("text", "hint"),
    [
        (OURS + 'password = "hunter2"\n', "export FLOWSQL_TRINO_PASSWORD=…, or FLOWSQL_TRINO_TOKEN=… for a JWT"),
        (OURS + 'jwt = "hunter2"\n', "export FLOWSQL_TRINO_PASSWORD=…"),
        (OURS.replace("trino.ex", "me:hunter2@trino.ex"), "export FLOWSQL_TRINO_PASSWORD=…"),
        (PROD + 'aws_secret_access_key = "hunter2"\n', 'profile = "…" names credentials of the AWS configuration'),
    ],
)
def test_secrets_in_a_file_are_refused_and_not_repeated(tmp_path: Path, text: str, hint: str) -> None:
    told = failure(project(tmp_path, text), {})
    assert "holds a secret, which does not belong in a file" in told
    assert hint in told
    assert "hunter2" not in told


def test_reuse_may_be_turned_off(tmp_path: Path) -> None:
    source = settle({"source": "prod"}, NOTHING, project(tmp_path, PROD + 'reuse = "off"\n')).chosen()
    assert isinstance(source, AthenaSource)
    assert source.reuse == timedelta()


def test_settings_name_what_they_hold(tmp_path: Path) -> None:
    assert settle({}, NOTHING, tmp_path) == Settings()
