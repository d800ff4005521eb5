"""A local S3 (moto's server) and a server that answers what a test tells it, both on 127.0.0.1."""

import gzip
import os
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from botocore.loaders import JSONFileLoader, Loader
from moto.server import ThreadedMotoServer

from flowsql.aws.s3 import S3Store
from flowsql.fields import DEFAULT_FORMAT
from flowsql.layout import object_key

REGION = "us-east-1"
HEADER = " ".join(DEFAULT_FORMAT)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Nothing of the developer's AWS configuration or cache is seen or touched."""
    for name in os.environ:
        if (name.startswith(("AWS_", "FLOWSQL_")) and name != "FLOWSQL_WRITE_GOLDEN") or name.lower().endswith(
            "_proxy"
        ):
            monkeypatch.delenv(name)
    home = tmp_path_factory.mktemp("home")
    values = {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "LOCALAPPDATA": str(home),
        "XDG_CACHE_HOME": str(home / "cache"),
        "AWS_ACCESS_KEY_ID": "testing",
        "AWS_SECRET_ACCESS_KEY": "testing-secret",
        "AWS_CONFIG_FILE": str(home / "no-config"),
        "AWS_SHARED_CREDENTIALS_FILE": str(home / "no-credentials"),
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_MAX_ATTEMPTS": "1",
        "NO_PROXY": "*",
    }
    for name, value in values.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(scope="session", autouse=True)
def _service_models_read_once() -> Iterator[None]:
    """boto3 reads a megabyte of JSON for every session; a hundred sessions in one process may share it."""
    reader, loader = JSONFileLoader(), Loader(include_default_search_paths=True)
    read = lru_cache(maxsize=None)(reader.load_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _, path: read(path))
        services = loader.list_available_services
        patch.setattr(Loader, "list_available_services", lambda _, type_name: services(type_name))
        yield


@pytest.fixture(scope="session")
def moto_endpoint() -> Iterator[str]:
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class Bucket:
    """A bucket of the local S3, filled by tests."""

    def __init__(self, name: str, endpoint: str) -> None:
        from moto.core import DEFAULT_ACCOUNT_ID
        from moto.s3.models import s3_backends

        self.name = name
        self.endpoint = endpoint
        self._backend = s3_backends[DEFAULT_ACCOUNT_ID]["aws"]
        self._backend.create_bucket(name, REGION)

    def put(self, key: str, data: bytes = b"") -> str:
        """Straight into the server's memory: a day of thousands of objects takes no time."""
        self._backend.put_object(self.name, key, data or gzip.compress(HEADER.encode() + b"\n", mtime=0))
        return key

    def empty(self, key: str) -> None:
        self._backend.put_object(self.name, key, b"")

    def delete(self, key: str) -> None:
        self._backend.delete_object(self.name, key)

    def keys(self) -> list[str]:
        return list(self._backend.buckets[self.name].keys)

    def slots(self, first: datetime, count: int, every: timedelta = timedelta(hours=1), **layout: Any) -> list[str]:
        """Objects at regular slots; `layout` is what `object_key` takes."""
        where: dict[str, Any] = {
            "account": "123456789012",
            "region": REGION,
            "flow_log": "fl-0a1b2c3d4e5f60718",
        }
        where |= layout
        return [self.put(object_key(slot=first + n * every, unique=f"{n:08x}", **where)) for n in range(count)]


@pytest.fixture
def bucket(moto_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> Bucket:
    from moto.core import DEFAULT_ACCOUNT_ID
    from moto.s3.models import s3_backends

    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", moto_endpoint)
    s3_backends[DEFAULT_ACCOUNT_ID]["aws"].reset()
    return Bucket("flow-logs", moto_endpoint)


class Calls:
    """What a store asked S3, and what came back."""

    def __init__(self, store: S3Store) -> None:
        self.count: Counter[str] = Counter()
        self.prefixes: list[str] = []
        self.keys: list[str] = []
        self.ranges: list[str | None] = []
        events = store.client.meta.events
        events.register("before-parameter-build.s3", self._asked)
        events.register("after-call.s3.ListObjectsV2", self._listed)

    def _asked(self, params: dict[str, Any], model: Any, **_: Any) -> None:
        self.count[model.name] += 1
        if model.name == "ListObjectsV2":
            self.prefixes.append(params["Prefix"])
        if model.name == "GetObject":
            self.ranges.append(params.get("Range"))

    def _listed(self, parsed: dict[str, Any], **_: Any) -> None:
        self.keys.extend(entry["Key"] for entry in parsed.get("Contents", ()))


@pytest.fixture
def calls() -> type[Calls]:
    return Calls


Answer = tuple[int, dict[str, str], bytes]
Answering = Callable[[str, str, dict[str, str]], Answer]
"""Method, path with query, headers → status, headers, body."""


class Faulty:
    """An S3 that answers what the test says."""

    def __init__(self) -> None:
        self.answer: Answering = lambda method, path, headers: (200, {}, b"")
        self.requests: list[str] = []
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.requests.append(f"{self.command} {self.path}")
                status, headers, body = outer.answer(self.command, self.path, dict(self.headers))
                self.send_response(status)
                for name, value in ({"Content-Length": str(len(body))} | headers).items():
                    self.send_header(name, value)
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)
                if int(headers.get("Content-Length", len(body))) != len(body):
                    self.close_connection = True

            do_HEAD = do_GET

            def log_message(self, *_: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def refuses(self, status: int, code: str, message: str = "no", extra: str = "", **headers: str) -> None:
        """Answer every request with this S3 error."""
        body = f"<Error><Code>{code}</Code><Message>{message}</Message>{extra}</Error>".encode()
        self.answer = lambda method, path, given: (
            status,
            {"Content-Type": "application/xml"} | headers,
            body,
        )


@pytest.fixture
def faulty(monkeypatch: pytest.MonkeyPatch) -> Iterator[Faulty]:
    fault = Faulty()
    thread = Thread(target=fault.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL_S3", fault.url)
    yield fault
    fault.server.shutdown()
    fault.server.server_close()
    thread.join()
