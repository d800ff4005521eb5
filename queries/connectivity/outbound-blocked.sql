/* ---
title: Blocked outbound
description: >
  What a host cannot reach because its requests are rejected, by destination and port, most often
  first. flow-direction `egress` is refused on the way out at the host's own interface, `ingress`
  on arrival at the destination's (empty where the flow logs lack the field; `--instance` and
  `--interface` show the own interface only). accepted counts records of the same kind that were
  let through there. With tcp-flags only SYNs count as TCP requests; on the basis `ports` replies
  are left out by their ports, and late packets after a close are included. Without a host, and
  without flow-direction, whatever a private address sends counts as outbound. REJECT does not say
  whether a security group or a network ACL refused. A destination that does not answer is not
  listed: see patch-path and syn-no-answer.
params:
  host:  {type: ip, optional: true, help: Address of the host as its interface has it.}
  limit: {type: int, default: 100, min: 0, help: Most rows to return.}
columns:
  srcaddr: string
  dstaddr: string
  dstport: int
  protocol: string
  interface_id: string
  flow_direction: string
  rejects: int
  accepted: int
  packets: int
  first_seen: timestamp
  last_seen: timestamp
  basis: string
tags: [reject, outbound, egress, host]
--- */
WITH requests AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        {{ protocol_name(protocol) }} AS protocol_name,
        interface_id,
        {% if has('flow_direction') %}
        flow_direction,
        {% else %}
        CAST(NULL AS VARCHAR) AS flow_direction,
        {% endif %}
        action,
        packets,
        start_time,
        end_time,
        {% if has('tcp_flags') %}
        CASE WHEN protocol = 6 THEN 'tcp-flags' ELSE 'ports' END AS basis
        {% else %}
        'ports' AS basis
        {% endif %}
    FROM {{ flows }}
    WHERE
        {% if host %}
        {{ host }} IN (srcaddr{% if has('pkt_srcaddr') %}, pkt_srcaddr{% endif %})
        {% elif has('flow_direction') %}
        flow_direction = 'egress'
        {% else %}
        {{ is_private(srcaddr) }}
        {% endif %}
        {% if has('tcp_flags') %}
        AND CASE
            WHEN protocol = 6
                THEN {{ has_flag(tcp_flags, 'SYN') }} AND NOT {{ has_flag(tcp_flags, 'SYN-ACK') }}
            ELSE srcport >= 32768 OR dstport < 32768
        END
        {% else %}
        AND (srcport >= 32768 OR dstport < 32768)
        {% endif %}
)
SELECT
    srcaddr,
    dstaddr,
    dstport,
    protocol_name AS protocol,
    interface_id,
    flow_direction,
    COUNT_IF(action = 'REJECT') AS rejects,
    COUNT_IF(action = 'ACCEPT') AS accepted,
    SUM(CASE WHEN action = 'REJECT' THEN packets END) AS packets,
    MIN(CASE WHEN action = 'REJECT' THEN start_time END) AS first_seen,
    MAX(CASE WHEN action = 'REJECT' THEN end_time END) AS last_seen,
    basis
FROM requests
GROUP BY srcaddr, dstaddr, dstport, protocol_name, interface_id, flow_direction, basis
HAVING COUNT_IF(action = 'REJECT') > 0
ORDER BY
    rejects DESC,
    srcaddr ASC,
    dstaddr ASC,
    dstport ASC,
    protocol ASC,
    interface_id ASC,
    flow_direction ASC,
    basis ASC
LIMIT {{ limit }}
