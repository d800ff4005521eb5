/* ---
title: Large transfers out
description: >
  Which pairs moved more than `min_bytes` to the internet in the window, summed over all their
  flows. served_bytes is the part sent as answers from a service port (downloads from your host);
  the rest your host sent on its own initiative. Where several interfaces recorded a pair, the one
  that saw most counts. Behind a NAT gateway the host is one sender and the gateway's own address,
  with everybody's bytes, another. Without flow-direction the senders are told by their private
  addresses (basis `addresses`); two IPv6 addresses may be a download instead (basis `unknown`), so
  name your networks in `own`.
params:
  min_bytes: {type: int, default: 1000000000, min: 0, help: Fewest bytes of one pair.}
  own:       {type: cidrs, optional: true, help: Your own public and IPv6 networks; not internet.}
  limit:     {type: int, default: 100, min: 0, help: Most pairs to return.}
columns:
  srcaddr: string
  dstaddr: string
  bytes: int
  served_bytes: int
  packets: int
  flows: int
  first_seen: timestamp
  last_seen: timestamp
  basis: string
tags: [bytes, egress, exfiltration, upload, T1048, T1567]
--- */
WITH departures AS (
    SELECT
        srcaddr,
        dstaddr,
        interface_id,
        bytes,
        packets,
        start_time,
        end_time,
        {% if has('flow_direction') %}
        'flow-direction' AS basis,
        {% elif own %}
        'addresses' AS basis,
        {% else %}
        CASE WHEN {{ is_private(srcaddr) }} THEN 'addresses' ELSE 'unknown' END AS basis,
        {% endif %}
        CASE
            {% if has('tcp_flags') %}
            WHEN protocol = 6 AND {{ has_flag(tcp_flags, 'SYN-ACK') }} THEN TRUE
            WHEN protocol = 6 AND {{ has_flag(tcp_flags, 'SYN') }} THEN FALSE
            {% endif %}
            WHEN protocol NOT IN (6, 17) THEN FALSE
            WHEN srcport < 1024 AND dstport >= 1024 THEN TRUE
            WHEN srcport < 32768 AND dstport >= 32768 THEN TRUE
            ELSE FALSE
        END AS served
    FROM {{ flows }}
    WHERE
        action = 'ACCEPT'
        {% if has('flow_direction') %}
        AND flow_direction = 'egress'
        {% elif own %}
        AND ({{ is_private(srcaddr) }} OR {{ in_any(srcaddr, own) }})
        {% else %}
        AND ({{ is_private(srcaddr) }} OR STRPOS(srcaddr, ':') > 0)
        {% endif %}
        AND {{ is_public(dstaddr) }}
        {% if own %}
        AND NOT {{ in_any(dstaddr, own) }}
        {% endif %}
),
interfaces AS (
    SELECT
        srcaddr,
        dstaddr,
        interface_id,
        basis,
        SUM(bytes) AS byte_count,
        SUM(CASE WHEN served THEN bytes ELSE 0 END) AS served_count,
        SUM(packets) AS packet_count,
        COUNT(*) AS flow_count,
        MIN(start_time) AS first_start,
        MAX(end_time) AS last_end
    FROM departures
    GROUP BY srcaddr, dstaddr, interface_id, basis
)
SELECT
    srcaddr,
    dstaddr,
    MAX(byte_count) AS bytes,
    MAX(served_count) AS served_bytes,
    MAX(packet_count) AS packets,
    MAX(flow_count) AS flows,
    MIN(first_start) AS first_seen,
    MAX(last_end) AS last_seen,
    basis
FROM interfaces
GROUP BY srcaddr, dstaddr, basis
HAVING MAX(byte_count) >= {{ min_bytes }}
ORDER BY bytes DESC, srcaddr ASC, dstaddr ASC, basis ASC
LIMIT {{ limit }}
