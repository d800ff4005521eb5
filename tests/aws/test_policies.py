"""The IAM policies: actions that exist, no more than a source needs, and sizes IAM takes."""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import botocore.session
import pytest

from flowsql.aws import policies
from flowsql.aws.policies import LIMIT, Access, Bucket, Policy
from flowsql.cli.app import run
from flowsql.cli.interruption import Interruption

ACCESS = Access(
    "eu-west-1",
    "123456789012",
    "network",
    "flow_logs",
    "network-analysts",
    "AwsDataCatalog",
    Bucket("corp-flow-logs", "vpc/AWSLogs", "arn:aws:kms:eu-west-1:123456789012:key/log"),
    Bucket("corp-athena-results", "network", "arn:aws:kms:eu-west-1:123456789012:key/results"),
    lake_formation=True,
)
PERMISSIONS = {
    # IAM names the first three unlike the operations they allow (Service Authorization Reference, Amazon S3).
    "s3:ListBucket": "ListObjectsV2",
    "s3:ListBucketMultipartUploads": "ListMultipartUploads",
    "s3:ListMultipartUploadParts": "ListParts",
    # What a service asks for on the caller's behalf (Lake Formation Developer Guide, "Underlying data access control").
    "lakeformation:GetDataAccess": "GetTemporaryGlueTableCredentials",
}
OFFLINE = [
    *("--account-id", "123456789012", "--logs-at", "s3://corp-flow-logs/vpc/AWSLogs/"),
    *("--results-at", "s3://corp-athena-results/network/"),
]
PROD = (
    '[source.prod]\nengine = "athena"\ndatabase = "network"\ntable = "flow_logs"\nworkgroup = "network-analysts"\n'
    'region = "eu-west-1"\n'
)


@pytest.fixture
def flowsql(capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments, Interruption())
        return code, *capsys.readouterr()

    return call


def actions(policy: Policy) -> Iterator[str]:
    for statement in policy["Statement"]:
        yield from statement["Action"]


def everything() -> list[Policy]:
    return [policies.analyst(ACCESS), policies.setup(ACCESS), policies.reader(ACCESS.region, ACCESS.logs)]


def test_every_action_is_an_operation_of_its_service() -> None:
    session = botocore.session.get_session()
    for action in {action for policy in everything() for action in actions(policy)}:
        service, _, name = action.partition(":")
        operations = session.get_service_model(service).operation_names
        assert PERMISSIONS.get(action, name) in operations, action


@pytest.mark.parametrize("policy", everything())
def test_statements_are_well_formed(policy: Policy) -> None:
    assert policy["Version"] == "2012-10-17"
    sids = [statement["Sid"] for statement in policy["Statement"]]
    assert len(set(sids)) == len(sids)
    for statement in policy["Statement"]:
        assert set(statement) - {"Condition"} == {"Sid", "Effect", "Action", "Resource"}
        assert re.fullmatch(r"[A-Za-z0-9]+", statement["Sid"])
        assert not any("*" in action for action in statement["Action"])
        stars = [action for action in statement["Action"] if "*" in statement["Resource"]]
        assert set(stars) <= {"ec2:DescribeFlowLogs", "lakeformation:GetDataAccess"}
        for arn in statement["Resource"]:
            assert arn == "*" or re.fullmatch(r"arn:aws:[a-z0-9]+:[a-z0-9-]*:(\d{12})?:\S+", arn)


def test_an_analyst_changes_nothing_but_results() -> None:
    changing = re.compile(r":(Create|Update|Delete|Put|Batch(Create|Delete))")
    for statement in policies.analyst(ACCESS)["Statement"]:
        if any(map(changing.search, statement["Action"])):
            assert statement["Resource"] == ["arn:aws:s3:::corp-athena-results/network/*"]


def test_the_longest_names_fit() -> None:
    longest = replace(
        ACCESS,
        database="d" * 255,
        table="t" * 255,
        workgroup="w" * 128,
        logs=Bucket("b" * 63, "p" * 120, f"arn:aws:kms:eu-west-1:123456789012:key/{'k' * 36}"),
        results=Bucket("r" * 63, "q" * 120, f"arn:aws:kms:eu-west-1:123456789012:key/{'k' * 36}"),
    )
    assert policies.size(policies.setup(longest)) <= LIMIT


@pytest.mark.parametrize(
    ("region", "partition"), [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")]
)
def test_partitions(region: str, partition: str) -> None:
    assert policies.partition(region) == partition
    assert (
        replace(ACCESS, region=region).arn("glue", "catalog") == f"arn:{partition}:glue:{region}:123456789012:catalog"
    )


def test_without_prefix_key_and_results_there_is_less() -> None:
    bare = replace(ACCESS, logs=Bucket("logs"), results=None, lake_formation=False)
    made = policies.analyst(bare)
    by_sid: dict[str, Any] = {statement["Sid"]: statement for statement in made["Statement"]}
    assert by_sid["ReadLogs"]["Resource"] == ["arn:aws:s3:::logs/*"]
    assert not any("Condition" in statement for statement in by_sid.values())
    assert not {"Results", "LogsKey", "LakeFormation"} & set(by_sid)


@pytest.mark.parametrize("kind", ["analyst", "setup"])
def test_the_command_prints_it(
    flowsql: Callable[..., tuple[int, str, str]], golden: Callable[[str, str], None], tmp_path: Path, kind: str
) -> None:
    (tmp_path / "flowsql.toml").write_text(PROD)
    code, out, err = flowsql("policy", kind, "--source", "prod", *OFFLINE)
    assert code == 0
    golden(f"aws/policy-{kind}.json", out)
    statements = json.loads(out)["Statement"]
    assert re.fullmatch(
        rf"{kind} of network.flow_logs: {len(statements)} statements, [\d,]+ of 6,144 characters\n", err
    )


def test_logs_in_a_bucket_without_a_table(
    flowsql: Callable[..., tuple[int, str, str]], golden: Callable[[str, str], None]
) -> None:
    code, out, _ = flowsql("policy", "analyst", "--logs", "s3://corp-flow-logs/vpc/", "--s3-region", "eu-west-1")
    assert code == 0
    golden("aws/policy-reader.json", out)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--logs", "here"], "flowsql: --logs: here needs no permission of AWS"),
        (["--source", "prod", "--account-id", "12"], "flowsql: --account-id 12 is no account\n  hint: twelve digits"),
        (["--source", "prod", *OFFLINE[:3], "x", *OFFLINE[4:]], "flowsql: --logs-at: 'x' is no place in S3"),
        (["--source", "prod", *OFFLINE, "--logs-key", "x"], "flowsql: --logs-key 'x' is no ARN of a KMS key"),
        (["--source", "prod", *OFFLINE[:3], f"s3://b/{'x' * 3000}", *OFFLINE[4:]], "flowsql: the policy has "),
    ],
)
def test_refused(
    flowsql: Callable[..., tuple[int, str, str]], tmp_path: Path, options: list[str], message: str
) -> None:
    (tmp_path / "flowsql.toml").write_text(PROD)
    code, out, err = flowsql("policy", "analyst", *options)
    assert (code, out) == (2, "")
    assert err.startswith(message)
