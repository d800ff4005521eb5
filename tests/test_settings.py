"""Where a setting comes from: option, then environment, then `flowsql.toml`; the origin is remembered."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest

from flowsql.errors import UsageError
from flowsql.plans import cache_folder
from flowsql.settings import DuckDBSource, Settings, settle
from flowsql.toml_files import FILE_NAME

NOTHING: Mapping[str, str] = {}


def toml(folder: Path, text: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE_NAME).write_text(text, "utf-8")
    return folder


def failure(folder: Path) -> str:
    with pytest.raises(UsageError) as raised:
        settle({}, NOTHING, folder)
    return str(raised.value).removeprefix(str(folder / FILE_NAME))


def asked(settings: Settings) -> DuckDBSource:
    assert isinstance(settings.source, DuckDBSource)
    return settings.source


def test_without_any_setting(tmp_path: Path) -> None:
    settings = settle({}, NOTHING, tmp_path)
    assert settings == Settings()
    with pytest.raises(UsageError) as raised:
        settings.chosen()
    assert str(raised.value).startswith(
        "nothing says where the flow logs are\n  hint: --logs FOLDER_OR_S3, or FLOWSQL_LOGS"
    )


def test_option_before_environment_before_file(tmp_path: Path) -> None:
    folder = toml(tmp_path, 'logs = "s3://file/"\nlog_format = "default"\nprofile = "file"\ns3_region = "eu-west-1"\n')
    environ = {"FLOWSQL_LOGS": "s3://environment/", "FLOWSQL_PROFILE": "environment"}
    settings = settle({"logs": "s3://option/", "profile": None}, environ, folder)
    source = asked(settings)
    assert (source.logs, source.profile, source.log_format) == ("s3://option/", "environment", "default")
    assert (source.name, source.region, source.origin) == ("", "eu-west-1", "--logs")
    assert settings.origins == {
        "logs": "--logs",
        "profile": "FLOWSQL_PROFILE",
        "log_format": f"{folder / FILE_NAME}:2",
        "s3_region": f"{folder / FILE_NAME}:4",
    }


def test_one_s_own_file_comes_last(tmp_path: Path) -> None:
    user = toml(tmp_path / "user", 'profile = "mine"\nlogs = "s3://mine/"\ns3_region = "eu-west-1"\n') / FILE_NAME
    folder = toml(tmp_path / "project", 'profile = "project"\n')
    settings = settle({}, {"FLOWSQL_CONFIG": str(user)}, folder)
    source = asked(settings)
    assert (source.logs, source.profile, source.region) == ("s3://mine/", "project", "eu-west-1")
    assert source.origin == f"{user}:2"


def test_an_empty_value_is_none_given(tmp_path: Path) -> None:
    folder = toml(tmp_path, 'logs = "s3://file/"\nprofile = ""\n')
    source = asked(settle({"logs": ""}, {"FLOWSQL_LOGS": ""}, folder))
    assert (source.logs, source.profile) == ("s3://file/", None)


def test_the_environment_is_the_process_s_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLOWSQL_LOGS", "here")
    assert asked(settle({})).logs == "here"
    assert settle({}).origins == {"logs": "FLOWSQL_LOGS"}


def test_the_file_is_found_above_and_its_paths_are_meant_from_it(tmp_path: Path) -> None:
    folder = toml(tmp_path / "project", 'logs = "logs/AWSLogs"\nqueries = ["questions", "/srv/questions"]\n')
    deep = folder / "a" / "b"
    deep.mkdir(parents=True)
    settings = settle({}, NOTHING, deep)
    assert asked(settings).logs == str(folder / "logs/AWSLogs")
    assert settings.queries == (folder / "questions", Path("/srv/questions"))
    assert settings.origins["queries"] == f"{folder / FILE_NAME}:2"


def test_the_nearest_file_counts_alone(tmp_path: Path) -> None:
    toml(tmp_path, 'logs = "s3://far/"\nprofile = "far"\n')
    near = toml(tmp_path / "near", 'logs = "s3://near/"\n')
    source = asked(settle({}, NOTHING, near))
    assert (source.logs, source.profile) == ("s3://near/", None)


@pytest.mark.parametrize("logs", ["s3://bucket/AWSLogs", "/var/logs"])
def test_places_that_are_not_relative_stay(tmp_path: Path, logs: str) -> None:
    assert asked(settle({}, NOTHING, toml(tmp_path, f'logs = "{logs}"\n'))).logs == logs


def test_paths_of_options_and_environment_are_meant_from_the_working_directory(tmp_path: Path) -> None:
    toml(tmp_path, 'logs = "from-file"\nqueries = "from-file"\n')
    settings = settle({"logs": "logs"}, {"FLOWSQL_QUERIES": f"one{os.pathsep}two"}, tmp_path)
    assert asked(settings).logs == "logs"
    assert settings.queries == (Path("one"), Path("two"))


def test_the_home_folder_may_be_abbreviated(tmp_path: Path) -> None:
    settings = settle({}, {"FLOWSQL_QUERIES": "~/q"}, toml(tmp_path, 'logs = "~/logs"\n'))
    assert settings.queries == (Path.home() / "q",)
    assert asked(settings).logs == str(Path.home() / "logs")
    queries = settle({}, NOTHING, toml(tmp_path, 'queries = "~/q"\n')).queries
    assert queries == (Path.home() / "q",)


def test_a_folder_named_queries_is_one_s_own(tmp_path: Path) -> None:
    (tmp_path / "queries").mkdir()
    settings = settle({}, NOTHING, tmp_path)
    assert settings.queries == (tmp_path / "queries",)
    assert settings.origins == {"queries": "./queries"}
    assert settle({"queries": "other"}, NOTHING, tmp_path).queries == (Path("other"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("logs = \n", ": not TOML: Invalid value (at line 1, column 8)"),
        ('\nlog = "x"\n', ":2: unknown setting 'log'\n  hint: did you mean 'logs'?"),
        (
            'profile = "x"\nxyzzy = 1\n',
            ":2: unknown setting 'xyzzy'\n  hint: settings: default_source, logs, log_format, queries, profile, "
            "s3_region, max_bytes, and tables [source.NAME]",
        ),
        ('\n\n[sauce]\nlogs = "x"\n', ":3: unknown setting 'sauce'"),
        ("profile = 5\n", ':1: profile must be a text in quotes, not 5\n  hint: profile = "…"'),
        ('logs = ["a", "b"]\n', ":1: logs must be a text in quotes, not ['a', 'b']\n  hint: logs = "),
        ("queries = [1]\n", ":1: queries must be a text in quotes or a list of texts, not [1]"),
    ],
)
def test_an_error_says_file_line_and_the_nearest_name(tmp_path: Path, text: str, message: str) -> None:
    assert failure(toml(tmp_path, text)).startswith(message)


def test_a_file_that_is_no_text(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).write_bytes(b'logs = "\xff"')
    assert failure(tmp_path).startswith(": not TOML: 'utf-8' codec")


def test_the_machine_is_clean(tmp_path: Path) -> None:
    assert not {name for name in os.environ if name.startswith("FLOWSQL_")} - {
        "FLOWSQL_CACHE",
        "FLOWSQL_STATE",
        "FLOWSQL_WRITE_GOLDEN",
    }
    assert not {name for name in os.environ if name.startswith("AWS_")} - {"AWS_EC2_METADATA_DISABLED"}
    assert Path.cwd() == tmp_path
    assert not cache_folder().exists()
    assert settle({}) == Settings()
