/* ---
title: Rejected traffic
description: >
  Everything that was refused, by source, destination and service port, most often first. The kind
  is `request` (to the port), `reply` (from the port, so a network ACL refused it or it came too
  late) or `late` (TCP without a SYN: after a close, or of a connection that was cut). Without
  tcp-flags there is no `late` and replies are told by their ports (basis `ports`): from below
  32768 to 32768 or above. REJECT does not say whether a security group or a network ACL refused.
params:
  port:  {type: port, optional: true, help: Only this service port.}
  cidr:  {type: cidr, optional: true, help: Only traffic from or to this network or address.}
  limit: {type: int, default: 100, min: 0, help: Most rows to return.}
columns:
  srcaddr: string
  dstaddr: string
  protocol: string
  port: int
  kind: string
  interface_id: string
  rejects: int
  packets: int
  first_seen: timestamp
  last_seen: timestamp
  basis: string
tags: [reject, security-group, network-acl]
--- */
WITH rejects AS (
    SELECT
        srcaddr,
        dstaddr,
        srcport,
        dstport,
        protocol,
        interface_id,
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
        {% if port %}
        AND {{ port }} IN (srcport, dstport)
        {% endif %}
        {% if cidr %}
        AND ({{ in_cidr(srcaddr, cidr) }} OR {{ in_cidr(dstaddr, cidr) }})
        {% endif %}
),
refusals AS (
    SELECT
        srcaddr,
        dstaddr,
        {{ protocol_name(protocol) }} AS protocol_name,
        CASE
            WHEN kind = 'reply' THEN srcport
            WHEN kind = 'late' AND srcport < 32768 AND dstport >= 32768 THEN srcport
            ELSE dstport
        END AS service_port,
        kind,
        interface_id,
        packets,
        start_time,
        end_time,
        basis
    FROM rejects
)
SELECT
    srcaddr,
    dstaddr,
    protocol_name AS protocol,
    service_port AS port,
    kind,
    interface_id,
    COUNT(*) AS rejects,
    SUM(packets) AS packets,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen,
    basis
FROM refusals
{% if port %}
WHERE service_port = {{ port }}
{% endif %}
GROUP BY srcaddr, dstaddr, protocol_name, service_port, kind, interface_id, basis
ORDER BY
    rejects DESC,
    srcaddr ASC,
    dstaddr ASC,
    protocol ASC,
    port ASC,
    kind ASC,
    interface_id ASC,
    basis ASC
LIMIT {{ limit }}
