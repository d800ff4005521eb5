/* ---
title: Inbound not on the allow list
description: >
  Which accepted inbound traffic came from a source outside `allowed`. A connection counts, not the
  answers to what your hosts asked: tcp-flags tells a SYN from an answer (basis `tcp-flags`),
  otherwise traffic from a service port to a client's port is taken for an answer (basis `ports`);
  protocols without ports cannot be told apart (basis `none`) and may be answers. With
  flow-direction only the receiving interface counts; without it, traffic to private addresses
  counts and, over IPv6, anything, so allow your own networks too; bytes are then those of the
  interface that saw most.
params:
  allowed:    {type: cidrs, help: Networks whose traffic is expected.}
  ports:      {type: ports, optional: true, help: Only these service ports.}
  open_ports: {type: ports, optional: true, help: Service ports anyone may reach; left out.}
  limit:      {type: int, default: 100, min: 0, help: Most rows to return.}
columns:
  srcaddr: string
  dstaddr: string
  protocol: string
  port: int
  flows: int
  bytes: int
  first_seen: timestamp
  last_seen: timestamp
  basis: string
tags: [inbound, allowlist, policy, exposure, T1133]
--- */
WITH arrivals AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        {{ protocol_name(protocol) }} AS protocol_name,
        interface_id,
        bytes,
        start_time,
        end_time,
        {% if has('tcp_flags') %}
        {{ kind_by_flags(protocol, tcp_flags) }} AS flagged,
        {% else %}
        CAST(NULL AS VARCHAR) AS flagged,
        {% endif %}
        CASE
            WHEN protocol NOT IN (6, 17) THEN 'none'
            WHEN srcport < 1024 AND dstport >= 1024 THEN 'reply'
            WHEN srcport < 32768 AND dstport >= 32768 THEN 'reply'
            ELSE 'request'
        END AS guessed
    FROM {{ flows }}
    WHERE
        action = 'ACCEPT'
        {% if has('flow_direction') %}
        AND flow_direction = 'ingress'
        {% else %}
        AND (STRPOS(dstaddr, ':') > 0 OR {{ is_private(dstaddr) }})
        {% endif %}
        {% if ports %}
        AND dstport IN {{ ports }}
        AND protocol IN (6, 17)
        {% endif %}
        {% if open_ports %}
        AND (protocol NOT IN (6, 17) OR dstport NOT IN {{ open_ports }})
        {% endif %}
        AND NOT {{ in_any(srcaddr, allowed) }}
),
interfaces AS (
    SELECT
        srcaddr,
        dstaddr,
        protocol_name,
        dstport,
        interface_id,
        COUNT(*) AS flow_count,
        SUM(bytes) AS byte_count,
        MIN(start_time) AS first_start,
        MAX(end_time) AS last_end,
        COUNT(flagged) AS flagged_count,
        COUNT_IF(guessed = 'none') AS portless_count
    FROM arrivals
    WHERE COALESCE(flagged, guessed) <> 'reply'
    GROUP BY srcaddr, dstaddr, protocol_name, dstport, interface_id
)
SELECT
    srcaddr,
    dstaddr,
    protocol_name AS protocol,
    dstport AS port,
    MAX(flow_count) AS flows,
    MAX(byte_count) AS bytes,
    MIN(first_start) AS first_seen,
    MAX(last_end) AS last_seen,
    CASE
        WHEN SUM(flagged_count) > 0 THEN 'tcp-flags'
        WHEN SUM(portless_count) > 0 THEN 'none'
        ELSE 'ports'
    END AS basis
FROM interfaces
GROUP BY srcaddr, dstaddr, protocol_name, dstport
ORDER BY flows DESC, srcaddr ASC, dstaddr ASC, protocol ASC, port ASC
LIMIT {{ limit }}
