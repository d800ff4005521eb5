"""What moto's EC2 lacks of flow logs: destinations with a prefix, and DestinationOptions that are told again."""

from typing import Any

from moto.ec2.models.flow_logs import FlowLogsBackend
from moto.ec2.responses.flow_logs import FlowLogs as FlowLogsResponse

_OPTIONS = {"FileFormat": "plain-text", "HiveCompatiblePartitions": False, "PerHourPartition": False}


def complete_moto() -> None:
    """Give the moto of this process what it lacks; nothing else of it changes."""
    create, respond = FlowLogsBackend.create_flow_logs, FlowLogsResponse.create_flow_logs

    def create_with_prefix(self: Any, **request: Any) -> Any:
        destination = request["log_destination"]
        if request["log_destination_type"] != "s3" or not destination:
            return create(self, **request)
        made, errors = create(self, **request | {"log_destination": destination.partition("/")[0]})
        for flow_log in made:
            flow_log.log_destination = destination
        return made, errors

    def respond_with_options(self: Any) -> Any:
        answer = respond(self)
        asked = self._get_param("DestinationOptions", {})
        options = {key: _typed(asked.get(key, value)) for key, value in _OPTIONS.items()}
        for flow_log in self.ec2_backend.describe_flow_logs(answer.result["FlowLogIds"] or ["none"]):
            if flow_log.log_destination_type == "s3":
                flow_log.destination_options = options
        return answer

    FlowLogsBackend.create_flow_logs = create_with_prefix
    FlowLogsResponse.create_flow_logs = respond_with_options


def _typed(value: Any) -> Any:
    return {"true": True, "false": False}.get(value, value) if isinstance(value, str) else value
