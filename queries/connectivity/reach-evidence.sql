/* ---
title: Reachability evidence
description: >
  What the logs show of one host talking to another on a port, leg by leg: did the request leave
  the source, did it reach the destination, was it accepted, did a reply leave and come back, with
  which TCP flags. A leg without a row was not recorded, which is not yet a proof that it did not
  happen. Each end records the same packets, so a row stands for one interface: do not add rows
  up. `between` is an interface that has an address of its own, such as a NAT or transit gateway,
  or an end asked for by a secondary address. Without flow-direction the side is told from what
  else the interface talks to (`unknown` if that does not tell). Leave the port out for ICMP or to
  see all of the protocol; a request is then whatever goes from source to destination. REJECT does
  not say whether a security group or a network ACL refused, and includes late packets; a rejected
  reply to an accepted request points to a network ACL.
params:
  src:      {type: ip, help: Address of the client as its interface has it.}
  dst:      {type: ip, help: Address of the server as its interface has it.}
  port:     {type: port, optional: true, help: Port of the server.}
  protocol: {type: protocol, default: tcp, help: "tcp, udp, icmp or a number."}
columns:
  leg: string
  seen_at: string
  interface_id: string
  action: string
  records: int
  packets: int
  bytes: int
  flags: string
  first_seen: timestamp
  last_seen: timestamp
  basis: string
tags: [reachability, evidence]
--- */
{% set pkt = has('flow_direction') and has('pkt_srcaddr') and has('pkt_dstaddr') %}
WITH observations AS (
    SELECT
        CASE
            WHEN
                protocol = {{ protocol }}
                AND {{ src }} IN (srcaddr{% if pkt %}, pkt_srcaddr{% endif %})
                AND {{ dst }} IN (dstaddr{% if pkt %}, pkt_dstaddr{% endif %})
                {% if port %}
                AND dstport = {{ port }}
                {% endif %}
                THEN 'request'
            WHEN
                protocol = {{ protocol }}
                AND {{ dst }} IN (srcaddr{% if pkt %}, pkt_srcaddr{% endif %})
                AND {{ src }} IN (dstaddr{% if pkt %}, pkt_dstaddr{% endif %})
                {% if port %}
                AND srcport = {{ port }}
                {% endif %}
                THEN 'reply'
        END AS leg,
        {% if has('flow_direction') %}
        CASE
            WHEN flow_direction = 'egress' AND srcaddr = {{ src }} THEN 'source'
            WHEN flow_direction = 'ingress' AND dstaddr = {{ src }} THEN 'source'
            WHEN flow_direction = 'egress' AND srcaddr = {{ dst }} THEN 'destination'
            WHEN flow_direction = 'ingress' AND dstaddr = {{ dst }} THEN 'destination'
            WHEN flow_direction IS NULL THEN 'unknown'
            ELSE 'between'
        END AS seen_at,
        {% else %}
        CASE
            WHEN BOOL_AND({{ src }} IN (srcaddr, dstaddr)) OVER (PARTITION BY interface_id)
                THEN CASE
                    WHEN BOOL_AND({{ dst }} IN (srcaddr, dstaddr)) OVER (PARTITION BY interface_id)
                        THEN 'unknown'
                    ELSE 'source'
                END
            WHEN BOOL_AND({{ dst }} IN (srcaddr, dstaddr)) OVER (PARTITION BY interface_id)
                THEN 'destination'
            ELSE 'unknown'
        END AS seen_at,
        {% endif %}
        interface_id,
        action,
        packets,
        bytes,
        {% if has('tcp_flags') %}
        CASE WHEN protocol = 6 THEN tcp_flags END AS flag_bits,
        {% endif %}
        start_time,
        end_time
    FROM {{ flows }}
    {% if has('flow_direction') %}
    WHERE
        protocol = {{ protocol }}
        {% if port %}
        AND {{ port }} IN (srcport, dstport)
        {% endif %}
        AND {{ src }} IN (srcaddr, dstaddr{% if pkt %}, pkt_srcaddr, pkt_dstaddr{% endif %})
        AND {{ dst }} IN (srcaddr, dstaddr{% if pkt %}, pkt_srcaddr, pkt_dstaddr{% endif %})
    {% else %}
    WHERE
        {{ src }} IN (srcaddr, dstaddr)
        OR {{ dst }} IN (srcaddr, dstaddr)
    {% endif %}
)
SELECT
    leg,
    seen_at,
    interface_id,
    action,
    COUNT(*) AS records,
    SUM(packets) AS packets,
    SUM(bytes) AS bytes,
    {% if has('tcp_flags') %}
    {{ flags_seen('flag_bits') }} AS flags,
    {% else %}
    CAST(NULL AS VARCHAR) AS flags,
    {% endif %}
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen,
    {% if has('flow_direction') and has('tcp_flags') %}
    'flow-direction, tcp-flags' AS basis
    {% elif has('flow_direction') %}
    'flow-direction, packets only' AS basis
    {% elif has('tcp_flags') %}
    'other traffic, tcp-flags' AS basis
    {% else %}
    'other traffic, packets only' AS basis
    {% endif %}
FROM observations
WHERE leg IS NOT NULL
GROUP BY leg, seen_at, interface_id, action
ORDER BY
    leg DESC,
    CASE seen_at
        WHEN 'source' THEN CASE leg WHEN 'request' THEN 1 ELSE 4 END
        WHEN 'destination' THEN CASE leg WHEN 'request' THEN 4 ELSE 1 END
        WHEN 'between' THEN 2
        ELSE 3
    END ASC,
    interface_id ASC,
    action ASC
