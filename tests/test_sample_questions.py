"""Each incident of a sample is found by the saved query its manifest names."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

import flowsql
from flowsql.sample import Incident, Manifest, write_sample

UNTIL = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAMES = (
    *("port scan", "sweep for file shares", "SSH brute force", "exfiltration", "beacon", "remote desktop open"),
    *("database open", "network ACL rejects replies", "service down", "patches do not apply", "NAT spike"),
    *("slow instance", "records lost"),
)


@pytest.fixture(scope="module", params=[2, 3, 5, 11], ids="version {}".format)
def sample(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Manifest:
    return write_sample(tmp_path_factory.mktemp("sample") / "logs", until=UNTIL, hours=2, version=request.param)


def incident(sample: Manifest, name: str) -> Incident:
    (found,) = [one for one in sample.incidents if one.name == name]
    return found


def test_the_manifest_names_every_incident(sample: Manifest) -> None:
    assert tuple(one.name for one in sample.incidents) == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_question_names_the_culprit(sample: Manifest, name: str) -> None:
    """Among the first rows, or because the question was about it and has an answer."""
    asked = incident(sample, name)
    answer = flowsql.connect(sample.directory).run(asked.question, last="1h", until=UNTIL, **asked.params)
    first = {str(cell) for row in answer.head(3).itertuples(index=False) for cell in row}
    assert asked.culprit in (first if asked.culprit not in asked.params.values() else asked.params.values())
    assert len(answer) > 0


def test_what_the_questions_say_of_the_hosts_asked_about(sample: Manifest) -> None:
    flows = flowsql.connect(sample.directory)
    patches = flows.patch_path(**incident(sample, "patches do not apply").params, last="1h", until=UNTIL)
    assert patches["outcome"].tolist()[:2] == ["rejected", "rejected"]
    assert set(patches["dstaddr"][:2]) == {"192.0.2.80", "192.0.2.81"}
    slow = flows.slow_instance(**incident(sample, "slow instance").params, last="1h", until=UNTIL).set_index("metric")
    assert slow["ratio"]["flows_per_minute"] > 1.5
    assert slow["now"]["rejects_in_per_minute"] > slow["before"]["rejects_in_per_minute"] == 0
    down = incident(sample, "service down")
    if down.question == "who-talks-to-me":
        served = flows.who_talks_to_me(**down.params, last="1h", until=UNTIL).query("port == 9200")
        assert served["bytes_in"].sum() > 0
        assert served["bytes_out"].sum() == 0


def test_the_records_aws_lost_are_in_the_receipt(sample: Manifest) -> None:
    receipt = flowsql.connect(sample.directory).log_status(last="1h", until=UNTIL).receipt
    assert receipt.statuses["SKIPDATA"] == 6
    assert Path(receipt.source) == sample.directory
