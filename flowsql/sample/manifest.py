"""What is known about a sample: its size, and the incidents an investigation of it must find."""

import json
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from flowsql.errors import UsageError

FILE_NAME = "_manifest.json"
"""Begins with `_`, as all files do that are no flow logs: readers pass over it."""
_KIND = "flowsql sample"


@dataclass(frozen=True, slots=True)
class Incident:
    """One planted event and the culprit a saved query has to name."""

    name: str
    question: str
    """The saved query that finds it."""
    culprit: str
    """An address, or the id of an interface."""
    detail: str
    """One sentence for a person."""
    params: dict[str, str] = field(default_factory=dict)
    """Parameter values the saved query needs."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """A sample on disk."""

    directory: Path
    since: datetime
    """UTC; no record starts before it."""
    until: datetime
    """UTC; every record ends before it."""
    seed: int
    log_format: str
    """As AWS takes it: `${version} ${account-id} …`."""
    objects: int
    records: int
    bytes: int
    """Size of the objects on disk."""
    flow_logs: tuple[str, ...]
    """The ids in the objects' names, one an account and region."""
    incidents: tuple[Incident, ...]
    """All in the first account and region."""


def write_manifest(manifest: Manifest) -> None:
    """Put `_manifest.json` at the top of the sample, whole or not at all."""
    told = asdict(manifest)
    del told["directory"]
    told |= {"since": _iso(manifest.since), "until": _iso(manifest.until)}
    target = manifest.directory / FILE_NAME
    draft = target.with_suffix(".json.part")
    try:
        draft.write_text(json.dumps({"kind": _KIND, **told}, indent=2) + "\n", encoding="utf-8", newline="\n")
        draft.replace(target)
    finally:
        draft.unlink(missing_ok=True)


def read_manifest(directory: Path) -> Manifest | None:
    """The manifest of the sample in `directory`; None when there is none.

    Raises UsageError for a `_manifest.json` that is not that of a sample.
    """
    path = directory / FILE_NAME
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        if told.pop("kind") != _KIND:
            raise ValueError
        return Manifest(
            directory=directory,
            since=datetime.fromisoformat(told.pop("since")),
            until=datetime.fromisoformat(told.pop("until")),
            flow_logs=tuple(told.pop("flow_logs")),
            incidents=tuple(Incident(**incident) for incident in told.pop("incidents")),
            **told,
        )
    except FileNotFoundError:
        return None
    except (ValueError, TypeError, KeyError, AttributeError) as failure:
        raise UsageError(
            "this is not the manifest of a flowsql sample",
            where=str(path),
            hint="choose another directory, an empty one or one that does not exist",
        ) from failure


def _iso(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
