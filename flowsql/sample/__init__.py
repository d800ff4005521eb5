"""Flow logs that are made up: an ordinary estate with planted incidents whose culprits are known."""

from flowsql.sample.manifest import Incident, Manifest, read_manifest
from flowsql.sample.writer import write_sample

__all__ = ["Incident", "Manifest", "read_manifest", "write_sample"]
