"""The planted incidents, and the records AWS lost.

Each shows within the hour before the sample ends, because that is the window a person asks first.
"""

from flowsql.sample.attacks import ATTACKS
from flowsql.sample.capture import Record, recorded
from flowsql.sample.faults import FAULTS, slow_instance
from flowsql.sample.manifest import Incident
from flowsql.sample.stage import Stage

_BEFORE_AND_AFTER = 7200
"""Seconds a sample needs for an hour that differs from the hour before."""


def plant(stage: Stage) -> tuple[tuple[Incident, ...], list[Record]]:
    """All incidents and their records; a slow instance only where there is an hour to compare with."""
    acts = (*ATTACKS, *FAULTS)
    if stage.until - stage.since >= _BEFORE_AND_AFTER:
        acts = (*acts, slow_instance)
    incidents = []
    records = []
    for act in acts:
        incident, talks = act(stage)
        incidents.append(incident)
        for talk in talks:
            records += recorded(talk, stage.until)
    incident, unlogged = _gaps(stage)
    return (*incidents, incident), records + unlogged


def _gaps(stage: Stage) -> tuple[Incident, list[Record]]:
    """NODATA at an interface nobody uses, SKIPDATA at the NAT gateway while it is busiest."""
    spare, nat = stage.estate["spare"], stage.estate["nat"]
    lost = [stage.ago(28 - minute) for minute in range(6)]
    records = [Record(spare, at, min(at + 58, stage.until - 1), "NODATA") for at in stage.every(60)]
    records += [Record(nat, at, at + 57, "SKIPDATA") for at in lost]
    detail = (
        f"AWS skipped records of the NAT gateway's interface in {len(lost)} windows, so its traffic is "
        f"undercounted there; {spare.interface_id} has nothing but NODATA, since nobody uses it."
    )
    return Incident("records lost", "log-status", nat.interface_id, detail), records
