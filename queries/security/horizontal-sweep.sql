/* ---
title: Horizontal sweep
description: >
  Which sources tried one port on many hosts. Replies are left out: tcp-flags tells a SYN from an
  answer (basis `tcp-flags`); without them, and for UDP, only traffic from a high port to a lower
  service port counts (basis `ports`), so part of a sweep may be missed. A busy client of port 443
  looks alike; a sweep has few packets in a flow and often many refusals. A host counts once however
  often and at however many interfaces it was recorded.
params:
  min_hosts: {type: int, default: 20, min: 1, help: Fewest different hosts on one port.}
  port:      {type: port, optional: true, help: Only this destination port.}
  target:    {type: cidrs, optional: true, help: Only hosts in these networks.}
  limit:     {type: int, default: 100, min: 0, help: Most rows to return.}
columns:
  srcaddr: string
  protocol: string
  port: int
  hosts: int
  rejected_hosts: int
  packets_per_flow: float
  first_seen: timestamp
  last_seen: timestamp
  basis: string
tags: [scan, sweep, reconnaissance, worm, T1046, T1018]
--- */
WITH probes AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        {{ protocol_name(protocol) }} AS protocol_name,
        packets,
        action,
        start_time,
        end_time,
        {% if has('tcp_flags') %}
        {{ kind_by_flags(protocol, tcp_flags) }} AS flagged,
        {% else %}
        CAST(NULL AS VARCHAR) AS flagged,
        {% endif %}
        CASE
            WHEN dstport < 1024 AND srcport >= 1024 THEN 'request'
            WHEN dstport < 32768 AND srcport >= 32768 THEN 'request'
            ELSE 'unknown'
        END AS guessed
    FROM {{ flows }}
    WHERE
        protocol IN (6, 17)
        {% if port %}
        AND dstport = {{ port }}
        {% endif %}
        {% if target %}
        AND {{ in_any(dstaddr, target) }}
        {% endif %}
)
SELECT
    srcaddr,
    protocol_name AS protocol,
    dstport AS port,
    COUNT(DISTINCT dstaddr) AS hosts,
    COUNT(DISTINCT CASE WHEN action = 'REJECT' THEN dstaddr END) AS rejected_hosts,
    AVG(CAST(packets AS DOUBLE)) AS packets_per_flow,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen,
    CASE WHEN COUNT(flagged) > 0 THEN 'tcp-flags' ELSE 'ports' END AS basis
FROM probes
WHERE COALESCE(flagged, guessed) = 'request'
GROUP BY srcaddr, protocol_name, dstport
HAVING COUNT(DISTINCT dstaddr) >= {{ min_hosts }}
ORDER BY hosts DESC, srcaddr ASC, protocol ASC, port ASC
LIMIT {{ limit }}
