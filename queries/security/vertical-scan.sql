/* ---
title: Vertical scan
description: >
  Which sources tried many ports of one host. Replies are left out, since a busy server answers to
  as many ports as its clients use: tcp-flags tells a SYN from an answer (basis `tcp-flags`);
  without them, and for UDP, only traffic from a high port to a lower service port counts (basis
  `ports`), so part of a scan may be missed. A port counts once however often and at however many
  interfaces it was recorded; accepted_ports were let through everywhere, which does not say that
  anything listened.
params:
  min_ports: {type: int, default: 20, min: 1, help: Fewest different ports on one host.}
  limit:     {type: int, default: 100, min: 0, help: Most pairs to return.}
columns:
  srcaddr: string
  dstaddr: string
  ports: int
  accepted_ports: int
  rejected_ports: int
  lowest_port: int
  highest_port: int
  first_seen: timestamp
  last_seen: timestamp
  basis: string
tags: [scan, reconnaissance, ports, T1046]
--- */
WITH probes AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        protocol,
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
    WHERE protocol IN (6, 17)
)
SELECT
    srcaddr,
    dstaddr,
    COUNT(DISTINCT protocol * 65536 + dstport) AS ports,
    COUNT(DISTINCT protocol * 65536 + dstport)
    - COUNT(DISTINCT CASE WHEN action = 'REJECT' THEN protocol * 65536 + dstport END)
        AS accepted_ports,
    COUNT(DISTINCT CASE WHEN action = 'REJECT' THEN protocol * 65536 + dstport END)
        AS rejected_ports,
    MIN(dstport) AS lowest_port,
    MAX(dstport) AS highest_port,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen,
    CASE WHEN COUNT(flagged) > 0 THEN 'tcp-flags' ELSE 'ports' END AS basis
FROM probes
WHERE COALESCE(flagged, guessed) = 'request'
GROUP BY srcaddr, dstaddr
HAVING COUNT(DISTINCT protocol * 65536 + dstport) >= {{ min_ports }}
ORDER BY ports DESC, srcaddr ASC, dstaddr ASC
LIMIT {{ limit }}
