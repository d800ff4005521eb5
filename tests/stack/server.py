"""The local AWS: moto's server with our Athena, behind faults and policies on order and the stack's own questions."""

import io
import json
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

import boto3
from botocore.config import Config
from moto.server import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Request

from tests.stack.athena.api import AthenaApi
from tests.stack.athena.errors import ApiError
from tests.stack.athena.hive_ddl import HiveDdl
from tests.stack.athena.runner import Backend
from tests.stack.athena.unload import SCHEMA
from tests.stack.engine import Statement
from tests.stack.faults import Faults
from tests.stack.flow_logs import complete_moto
from tests.stack.glue_filters import complete_glue
from tests.stack.hive import HiveGrammar, HiveSyntaxError
from tests.stack.parts import find_parts
from tests.stack.permissions import ACCOUNT, Asked, Permissions, place_in_s3
from tests.stack.trino import ACCESS_KEY as TRINO_KEY
from tests.stack.trino import TrinoServer

REGION = "us-east-1"
ACCESS_KEY = "athena"
"""The access key our Athena signs with when it asks the local Glue and S3."""

_SIGNED = re.compile(r"Credential=([^/]+)/\d+/([^/]+)/([^/]+)/")
_AMZ_JSON = "application/x-amz-json-1.1"
# moto's Glue keeps no column statistics; Trino asks for them and writes them with what it inserts.
_GLUE_STATISTICS = ("ColumnStatisticsForTable", "ColumnStatisticsForPartition")
_NO_STATISTICS = b'{"ColumnStatisticsList": [], "Errors": []}'
_EXPIRED = "The security token included in the request is expired"

Environ = dict[str, Any]
StartResponse = Callable[..., Any]


class LocalAws:
    """The WSGI application at the endpoint of all services."""

    def __init__(self) -> None:
        self.faults = Faults()
        self.permissions = Permissions((ACCESS_KEY, TRINO_KEY), self._work_group_of)
        self.athena: AthenaApi | None = None
        self.grammar: HiveGrammar | None = None
        self._moto = DomainDispatcherApplication(create_backend_app)

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path.startswith("/stack/"):
            return self._own(path.removeprefix("/stack/"), environ, start_response)
        signed = _SIGNED.search(environ.get("HTTP_AUTHORIZATION", ""))
        access_key, service = (signed[1], signed[3]) if signed else ("", "s3")
        target = environ.get("HTTP_X_AMZ_TARGET", "").rpartition(".")[2]
        if self.faults.take("expired", access_key):
            return _expired(service, start_response)
        if service == "s3" and self._is_denied(environ):
            body = b"<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"
            return _answer(start_response, "403 Forbidden", body, "application/xml")
        bound = self.permissions.binds(access_key, service, _request(environ))
        if bound is not None:
            asked = self.permissions.refusal(bound, access_key, service, _request(environ))
            if asked is not None:
                return _not_authorized(service, bound, asked, start_response)
        if service == "athena" and self.athena is not None:
            return self._call_athena(self.athena, target, access_key, environ, start_response)
        if service == "glue" and target.endswith(_GLUE_STATISTICS):
            return _answer(start_response, "200 OK", _NO_STATISTICS)
        if bound is not None and service == "s3":
            return self._bound_s3(bound, environ, start_response)
        answer: Iterable[bytes] = self._moto(environ, start_response)
        return answer

    def _bound_s3(self, bound: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """S3's answer to who is bound: that an object is not there is told only to who may list its bucket."""
        bucket, key = place_in_s3(_request(environ))
        told: list[Any] = []

        def note(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
            told[:] = status, headers

        answer: Iterable[bytes] = self._moto(environ, note)
        if key and told[0].startswith("404") and not self.permissions.may_list(bound, bucket):
            asked = Asked("s3:ListBucket", f"arn:aws:s3:::{bucket}", False, bound)
            return _not_authorized("s3", bound, asked, start_response)
        start_response(*told)
        return answer

    def _work_group_of(self, query_id: str) -> str | None:
        return self.athena.work_group_of(query_id) if self.athena is not None else None

    def keeps_trino_from(self, bucket: str) -> bool:
        """Whether a fault or a policy on order lets Trino not read in a bucket."""
        return self.faults.denied(bucket, write=False) or self.permissions.has_refused(TRINO_KEY, bucket)

    def _is_denied(self, environ: Environ) -> bool:
        bucket = environ["PATH_INFO"].lstrip("/").partition("/")[0]
        return self.faults.denied(bucket, write=environ["REQUEST_METHOD"] in ("PUT", "POST"))

    def _call_athena(
        self, athena: AthenaApi, operation: str, access_key: str, environ: Environ, start_response: StartResponse
    ) -> Iterable[bytes]:
        try:
            answer = athena.call(operation, _json_body(environ), access_key)
        except ApiError as error:
            refusal = {"__type": error.code, "Message": error.message, "message": error.message, **error.members}
            return _answer(start_response, "400 Bad Request", json.dumps(refusal).encode())
        return _answer(start_response, "200 OK", json.dumps(answer).encode())

    def _own(self, question: str, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        """What tests ask of the stack itself: Hive's verdict, faults, policies."""
        body = _json_body(environ)
        answer: dict[str, Any] = {}
        if question == "hive" and self.grammar is not None:
            try:
                self.grammar.parse(body["statement"])
            except HiveSyntaxError as error:
                answer = {"message": str(error), "line": error.line, "column": error.column}
        elif question == "faults/order":
            self.faults.order(body)
        elif question == "faults/clear":
            self.faults.clear(body["access_key"])
        elif question == "policies/order":
            self.permissions.order(**body)
        elif question == "policies/clear":
            self.permissions.clear(body["access_key"])
        elif question == "policies/asked":
            answer = {"asked": [asdict(asked) for asked in self.permissions.asked(body["access_key"])]}
        else:
            return _answer(start_response, "404 Not Found", b"{}")
        return _answer(start_response, "200 OK", json.dumps(answer).encode())


def _json_body(environ: Environ) -> dict[str, Any]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    body: dict[str, Any] = json.loads(environ["wsgi.input"].read(length) or b"{}")
    return body


def _expired(service: str, start_response: StartResponse) -> Iterable[bytes]:
    if service == "s3":
        body = b"<Error><Code>ExpiredToken</Code><Message>The provided token has expired.</Message></Error>"
        return _answer(start_response, "400 Bad Request", body, "application/xml")
    if service in ("ec2", "sts"):
        errors = f"<Errors><Error><Code>RequestExpired</Code><Message>{_EXPIRED}</Message></Error></Errors>"
        return _answer(start_response, "400 Bad Request", f"<Response>{errors}</Response>".encode(), "application/xml")
    refusal = {"__type": "ExpiredTokenException", "message": _EXPIRED}
    return _answer(start_response, "400 Bad Request", json.dumps(refusal).encode())


def _request(environ: Environ) -> Request:
    """The request in an environment; a body that may tell what is asked is read, and left there to be read again."""
    request = Request(environ)
    if request.method == "POST":
        environ["wsgi.input"] = io.BytesIO(request.get_data())
    return request


def _not_authorized(service: str, access_key: str, asked: Asked, start_response: StartResponse) -> Iterable[bytes]:
    """The refusal of a service, in its own form and in IAM's words."""
    who, action = f"User: arn:aws:iam::{ACCOUNT}:user/{access_key}", asked.action
    why = f"because no identity-based policy allows the {action} action"
    if service == "s3":
        told = f'{who} is not authorized to perform: {action} on resource: "{asked.resource}" {why}'
        body = f"<Error><Code>AccessDenied</Code><Message>{escape(told)}</Message></Error>"
        return _answer(start_response, "403 Forbidden", body.encode(), "application/xml")
    if service in ("ec2", "sts"):
        told = f"You are not authorized to perform this operation. {who} is not authorized to perform: {action} {why}"
        error = f"<Error><Code>UnauthorizedOperation</Code><Message>{escape(told)}</Message></Error>"
        body = f"<Response><Errors>{error}</Errors></Response>"
        return _answer(start_response, "403 Forbidden", body.encode(), "application/xml")
    told = f"{who} is not authorized to perform: {action} on resource: {asked.resource} {why}"
    refusal = {"__type": "AccessDeniedException", "Message": told, "message": told}
    return _answer(start_response, "400 Bad Request", json.dumps(refusal).encode())


def _answer(start_response: StartResponse, status: str, body: bytes, kind: str = _AMZ_JSON) -> Iterable[bytes]:
    start_response(status, [("Content-Type", kind), ("Content-Length", str(len(body)))])
    return [body]


class _QuietHandler(WSGIRequestHandler):
    """Says nothing of each request; reads what is left of a body, so that a kept connection stays usable."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Nothing."""


def client(service: str, endpoint: str) -> Any:
    """A boto3 client of our Athena's own for the local AWS."""
    session = boto3.Session(ACCESS_KEY, ACCESS_KEY, region_name=REGION)
    config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"}, max_pool_connections=20)
    return session.client(service, endpoint_url=endpoint, config=config)


def serve(folder: Path, announce: Callable[[dict[str, str]], None], finished: threading.Event) -> None:
    """Start everything, announce where it is, and end it all once `finished` is set."""
    parts = find_parts()
    complete_moto()
    complete_glue()
    aws = LocalAws()
    server = make_server("127.0.0.1", 0, aws, threaded=True, request_handler=_QuietHandler)
    endpoint = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    aws.grammar = HiveGrammar(parts)
    trino = TrinoServer(parts, folder, endpoint, REGION)
    try:
        glue, s3 = client("glue", endpoint), client("s3", endpoint)
        glue.create_database(DatabaseInput={"Name": "default"})
        results = folder / "results"
        results.mkdir()
        aws.athena = AthenaApi(
            Backend(trino.url, s3, HiveDdl(aws.grammar, glue, s3), aws.faults, aws.keeps_trino_from, results)
        )
        trino.ready()
        list(Statement(trino.url, f"CREATE SCHEMA {SCHEMA}").pages())
        announce({"endpoint_url": endpoint, "trino_url": trino.url, "folder": str(folder)})
        finished.wait()
    finally:
        trino.stop()
        aws.grammar.stop()
        server.shutdown()


def main() -> None:
    """Serve until stdin ends; the first line on stdout is JSON that says where."""
    finished = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: finished.set())
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=lambda: (sys.stdin.read(), finished.set()), daemon=True).start()

    def announce(places: dict[str, str]) -> None:
        print(json.dumps(places), flush=True)

    with tempfile.TemporaryDirectory(prefix="flowsql-stack-", ignore_cleanup_errors=True) as folder:
        serve(Path(folder), announce, finished)


if __name__ == "__main__":
    main()
