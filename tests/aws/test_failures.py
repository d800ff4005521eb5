"""What a person is told when AWS refuses or cannot be reached: the cause, the place and the next step."""

import socket
import textwrap
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flowsql.aws.s3 import S3Store
from flowsql.errors import SourceError
from flowsql.layout import place
from flowsql.reading.store import StoredObject, Wanted
from flowsql.window import Window

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
WANTED = Wanted((Window(NOON, NOON + timedelta(hours=1)),))


@pytest.mark.parametrize("location", ["s3://", "s3:///prefix", "s3://a", "s3://no spaces/x", "s3://-x-/", "bucket/x"])
def test_a_location_without_a_bucket_is_refused_at_once(location: str) -> None:
    with pytest.raises(SourceError, match=r"names no bucket.*\n.*s3://bucket/prefix"):
        S3Store(location)


def test_a_bucket_that_does_not_exist(bucket: Any) -> None:
    with pytest.raises(SourceError, match="there is no bucket no-such-bucket") as caught:
        S3Store("s3://no-such-bucket/x").listing(WANTED)
    assert caught.value.where.startswith("s3://no-such-bucket/")
    assert caught.value.exit_code == 3


def test_an_object_deleted_after_it_was_listed(bucket: Any) -> None:
    (key,) = bucket.slots(NOON, 1)
    store = S3Store("s3://flow-logs")
    (item,) = store.listing(WANTED).objects
    bucket.delete(key)
    with pytest.raises(SourceError, match="deleted between listing and reading") as caught:
        store.read(item)
    assert caught.value.where == item.name


ITEM = StoredObject("s3://flow-logs/AWSLogs/x.log.gz", 100_000, place("AWSLogs/x.log.gz"))
WHY = "User: arn:aws:iam::1:user/u is not authorized to perform: {} on resource: r because no policy allows it"
LIST_REFUSALS = [
    (403, "AccessDenied", "", "access denied: the current identity may not s3:ListBucket", "on arn:aws:s3:::flow-logs"),
    (
        403,
        "AccessDenied",
        WHY.format("s3:ListBucket"),
        "ListBucket, because no policy allows it",
        "allow s3:ListBucket",
    ),
    (400, "ExpiredToken", "", "credentials of the current identity have expired", "aws sso login"),
    (403, "InvalidAccessKeyId", "", "AWS does not know the credentials", "--profile"),
    (403, "SignatureDoesNotMatch", "", "secret access key", "--profile"),
    (403, "RequestTimeTooSkewed", "", "clock", "set the clock"),
    (503, "SlowDown", "", r"however often it was asked \(SlowDown\)", "shorter window"),
    (418, "Teapot", "short and stout", "S3 refuses s3:ListBucket: Teapot: short and stout", ""),
]
GET_REFUSALS = [
    (403, "AccessDenied", "", "may not s3:GetObject", r"on arn:aws:s3:::flow-logs/AWSLogs/x\.log\.gz"),
    (403, "AccessDenied", WHY.format("kms:Decrypt"), "may not decrypt the object", "kms:Decrypt"),
    (400, "KMS.DisabledException", "", r"decrypt the object: KMS\.DisabledException", "kms:Decrypt"),
    (403, "InvalidObjectState", "", "archived", "restore-object"),
]


@pytest.mark.parametrize(("status", "code", "text", "message", "hint"), LIST_REFUSALS)
def test_refused_listings(faulty: Any, status: int, code: str, text: str, message: str, hint: str) -> None:
    faulty.refuses(status, code, text)
    with pytest.raises(SourceError, match=message) as caught:
        S3Store("s3://flow-logs/AWSLogs/").listing(WANTED)
    assert caught.match(hint)
    assert caught.value.where == "s3://flow-logs/AWSLogs/"
    assert "testing" not in str(caught.value)


@pytest.mark.parametrize(("status", "code", "text", "message", "hint"), GET_REFUSALS)
def test_refused_readings(faulty: Any, status: int, code: str, text: str, message: str, hint: str) -> None:
    faulty.refuses(status, code, text)
    store = S3Store("s3://flow-logs/AWSLogs/")
    for read in (store.read, lambda item: store.head(item, 10)):
        with pytest.raises(SourceError, match=message) as caught:
            read(ITEM)
        assert caught.match(hint)
        assert caught.value.where == ITEM.name


def test_a_bucket_in_another_region_is_followed(faulty: Any) -> None:
    entry = b"<Contents><Key>logs/a.log.gz</Key><Size>1</Size><ETag>e</ETag></Contents>"
    listing = b"<ListBucketResult>" + entry + b"</ListBucketResult>"
    redirect = b"<Error><Code>PermanentRedirect</Code><Message>elsewhere</Message></Error>"

    def answer(method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        if "/eu-central-1/s3/" in headers["Authorization"]:
            return 200, {}, listing
        return 301, {"x-amz-bucket-region": "eu-central-1"}, redirect

    faulty.answer = answer
    store = S3Store("s3://flow-logs/logs/", region="us-west-2")
    assert [item.name for item in store.listing(WANTED).objects] == ["s3://flow-logs/logs/a.log.gz"]


def test_a_region_that_cannot_be_followed_is_named(faulty: Any) -> None:
    faulty.refuses(301, "PermanentRedirect", **{"x-amz-bucket-region": "eu-central-1"})
    with pytest.raises(SourceError, match=r"in another region: eu-central-1\n.*--region"):
        S3Store("s3://flow-logs/logs/").listing(WANTED)


def test_a_body_that_breaks_off_is_asked_for_again(faulty: Any) -> None:
    def answer(method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        whole = len(faulty.requests) > 2
        return 200, {"ETag": "e", "Content-Length": "9"}, b"all of it" if whole else b"all"

    faulty.answer = answer
    assert S3Store("s3://flow-logs/").read(ITEM)[:] == b"all of it"
    assert len(faulty.requests) == 3


def test_a_store_that_gives_no_etags_is_read_but_not_cached(faulty: Any) -> None:
    entry = b"<Contents><Key>logs/a.log.gz</Key><Size>3</Size></Contents>"
    listing = b"<ListBucketResult>" + entry + b"</ListBucketResult>"
    faulty.answer = lambda method, path, headers: (200, {}, listing if "list-type" in path else b"all")
    store = S3Store("s3://flow-logs/logs/")
    (item,) = store.listing(WANTED).objects
    faulty.requests.clear()
    assert store.read(item)[:] == store.read(item)[:] == b"all"
    assert len(faulty.requests) == 2


def test_a_body_that_always_breaks_off_is_an_error(faulty: Any) -> None:
    faulty.answer = lambda method, path, headers: (200, {"ETag": "e", "Content-Length": "9"}, b"all")
    with pytest.raises(SourceError, match="the connection to S3 broke off"):
        S3Store("s3://flow-logs/").read(ITEM)
    assert len(faulty.requests) == 5


def test_throttling_is_waited_out(faulty: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_MAX_ATTEMPTS")
    slow = b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
    faulty.answer = lambda method, path, headers: (
        (503, {}, slow) if len(faulty.requests) < 2 else (200, {"ETag": "e"}, b"at last")
    )
    assert S3Store("s3://flow-logs/").read(ITEM)[:] == b"at last"


def test_what_is_not_s3_is_told_so(faulty: Any) -> None:
    faulty.answer = lambda method, path, headers: (404, {"Content-Type": "text/html"}, b"<html><p>Not here")
    with pytest.raises(SourceError, match=r"not S3\n.*AWS_ENDPOINT_URL"):
        S3Store("s3://flow-logs/logs/").listing(WANTED)


def test_an_endpoint_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", f"http://user:hunter2@127.0.0.1:{port}")
    with pytest.raises(SourceError, match=r"cannot be reached at 127\.0\.0\.1\n.*the network") as caught:
        S3Store("s3://flow-logs/logs/").listing(WANTED)
    assert "hunter2" not in str(caught.value)


def test_an_endpoint_that_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", "127.0.0.1:9000")
    with pytest.raises(SourceError, match="AWS_ENDPOINT_URL"):
        S3Store("s3://flow-logs/logs/").listing(WANTED)


def test_no_credentials(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(SourceError, match=r"there are no AWS credentials\n.*AWS_PROFILE"):
        S3Store("s3://flow-logs/logs/").listing(WANTED)


def test_half_credentials(bucket: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    with pytest.raises(SourceError, match="credentials of the current identity are incomplete"):
        S3Store("s3://flow-logs/logs/").listing(WANTED)


def profiles(path: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    path.write_text(textwrap.dedent(text))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(path))


def test_a_profile_and_a_region_are_used(faulty: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles(
        tmp_path / "config",
        monkeypatch,
        """\
        [profile netops]
        aws_access_key_id = FROMPROFILE
        aws_secret_access_key = secret
        region = eu-north-1
        """,
    )
    signed = []

    def answer(method: str, path: str, headers: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        signed.append(headers["Authorization"])
        return 200, {"ETag": "e"}, b"x"

    faulty.answer = answer
    S3Store("s3://flow-logs/", profile="netops").read(ITEM)
    S3Store("s3://flow-logs/", profile="netops", region="ap-south-1").read(ITEM)
    assert ["Credential=FROMPROFILE" in text for text in signed] == [True, True]
    assert ["/eu-north-1/s3/" in signed[0], "/ap-south-1/s3/" in signed[1]] == [True, True]


def test_a_wrong_profile_gets_the_nearest_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles(tmp_path / "config", monkeypatch, "[profile netops]\nregion = eu-north-1\n[profile audit]\n")
    with pytest.raises(SourceError, match=r"there is no AWS profile 'netop'\n.*did you mean 'netops'"):
        S3Store("s3://flow-logs/", profile="netop").listing(WANTED)
    monkeypatch.setenv("AWS_PROFILE", "zzz")
    with pytest.raises(SourceError, match=r"there is no AWS profile 'zzz'\n.*netops, audit"):
        S3Store("s3://flow-logs/").listing(WANTED)


def test_an_ended_sign_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles(
        tmp_path / "config",
        monkeypatch,
        """\
        [profile netops]
        sso_start_url = https://example.awsapps.com/start
        sso_region = eu-north-1
        sso_account_id = 123456789012
        sso_role_name = reader
        region = eu-north-1
        """,
    )
    with pytest.raises(SourceError, match=r"profile 'netops' must sign in again\n.*aws sso login"):
        S3Store("s3://flow-logs/x/", profile="netops").listing(WANTED)


def test_a_broken_configuration_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles(tmp_path / "config", monkeypatch, "[profile netops\n")
    with pytest.raises(SourceError, match="config"):
        S3Store("s3://flow-logs/x/").listing(WANTED)


def test_a_region_that_is_none() -> None:
    with pytest.raises(SourceError, match=r"'no region' is no AWS region\n.*us-east-1"):
        S3Store("s3://flow-logs/x/", region="no region").listing(WANTED)
