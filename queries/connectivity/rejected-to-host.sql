/* ---
title: Rejected to a host
description: >
  What is being refused on its way to one host: from whom, to which service port, at which
  interface, most often first. flow-direction `ingress` is the host's own interface, `egress` the
  sender's (empty where the flow logs lack the field). The kind is `request` (to the port),
  `reply` (to what the host asked from that port: a network ACL refused it or it came too late) or
  `late` (TCP without a SYN: after a close, or of a connection that was cut); without tcp-flags
  there is no `late` and replies are told by their ports (basis `ports`). Only reject-reason,
  where there is one, names a cause: REJECT does not say whether a security group or a network ACL
  refused.
params:
  host:  {type: ip, help: Address of the host as its interface has it.}
  limit: {type: int, default: 100, min: 0, help: Most rows to return.}
columns:
  srcaddr: string
  protocol: string
  port: int
  kind: string
  interface_id: string
  flow_direction: string
  reject_reason: string
  rejects: int
  packets: int
  first_seen: timestamp
  last_seen: timestamp
  basis: string
tags: [reject, security-group, network-acl, host]
--- */
WITH rejects AS (
    SELECT
        srcaddr,
        srcport,
        dstport,
        protocol,
        interface_id,
        {% if has('flow_direction') %}
        flow_direction,
        {% else %}
        CAST(NULL AS VARCHAR) AS flow_direction,
        {% endif %}
        {% if has('reject_reason') %}
        reject_reason,
        {% else %}
        CAST(NULL AS VARCHAR) AS reject_reason,
        {% endif %}
        packets,
        start_time,
        end_time,
        {% if has('tcp_flags') %}
        CASE
            WHEN protocol <> 6 OR tcp_flags IS NULL THEN 'ports'
            ELSE 'tcp-flags'
        END AS basis,
        CASE
            WHEN protocol = 6 AND {{ has_flag(tcp_flags, 'SYN-ACK') }} THEN 'reply'
            WHEN protocol = 6 AND {{ has_flag(tcp_flags, 'SYN') }} THEN 'request'
            WHEN protocol = 6 AND tcp_flags IS NOT NULL THEN 'late'
            WHEN srcport < 32768 AND dstport >= 32768 THEN 'reply'
            ELSE 'request'
        END AS kind
        {% else %}
        'ports' AS basis,
        CASE
            WHEN srcport < 32768 AND dstport >= 32768 THEN 'reply'
            ELSE 'request'
        END AS kind
        {% endif %}
    FROM {{ flows }}
    WHERE
        action = 'REJECT'
        AND {{ host }} IN (dstaddr{% if has('pkt_dstaddr') %}, pkt_dstaddr{% endif %})
),
refusals AS (
    SELECT
        srcaddr,
        {{ protocol_name(protocol) }} AS protocol_name,
        CASE
            WHEN kind = 'reply' THEN srcport
            WHEN kind = 'late' AND srcport < 32768 AND dstport >= 32768 THEN srcport
            ELSE dstport
        END AS service_port,
        kind,
        interface_id,
        flow_direction,
        reject_reason,
        packets,
        start_time,
        end_time,
        basis
    FROM rejects
)
SELECT
    srcaddr,
    protocol_name AS protocol,
    service_port AS port,
    kind,
    interface_id,
    flow_direction,
    reject_reason,
    COUNT(*) AS rejects,
    SUM(packets) AS packets,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen,
    basis
FROM refusals
GROUP BY
    srcaddr,
    protocol_name,
    service_port,
    kind,
    interface_id,
    flow_direction,
    reject_reason,
    basis
ORDER BY
    rejects DESC,
    srcaddr ASC,
    protocol ASC,
    port ASC,
    kind ASC,
    interface_id ASC,
    flow_direction ASC,
    reject_reason ASC,
    basis ASC
LIMIT {{ limit }}
