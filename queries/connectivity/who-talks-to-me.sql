/* ---
title: Who talks to a host
description: >
  Every peer of one host: who opened the conversation (`inbound`: the peer, `outbound`: the host),
  on which service port, how many conversations, how many of them were refused, and the bytes each
  way. A conversation is one pair of ports, counted once: of the interfaces that recorded it, the
  largest number stands, so bytes may be added up. Who opened is told by the SYN (basis
  `tcp-flags`) or, without one in the window, by the lower port (basis `ports`), and is `unknown`
  where both ports are the same, as with ICMP. Refused means that some interface let nothing
  through in one direction. Without pkt-dstaddr a NAT gateway on the way appears as one more peer.
  Amazon DNS, metadata, DHCP, time sync and licence traffic is never logged.
params:
  host:  {type: ip, help: Address of the host as its interface has it.}
  limit: {type: int, default: 100, min: 0, help: Most rows to return.}
columns:
  peer: string
  direction: string
  protocol: string
  port: int
  conversations: int
  refused: int
  bytes_in: int
  bytes_out: int
  first_seen: timestamp
  last_seen: timestamp
  basis: string
tags: [host, peers, inventory, silence]
--- */
{% set pkt = has('pkt_srcaddr') and has('pkt_dstaddr') %}
WITH packets AS (
    SELECT
        COALESCE(
            {{ host }} IN (srcaddr{% if pkt %}, pkt_srcaddr{% endif %}),
            FALSE
        ) AS is_outgoing,
        {% if pkt %}
        COALESCE(pkt_srcaddr, srcaddr) AS source,
        COALESCE(pkt_dstaddr, dstaddr) AS target,
        {% else %}
        srcaddr AS source,
        dstaddr AS target,
        {% endif %}
        srcport,
        dstport,
        protocol,
        interface_id,
        action,
        bytes,
        {% if has('tcp_flags') %}
        COALESCE(
            protocol = 6
            AND {{ has_flag(tcp_flags, 'SYN') }}
            AND NOT {{ has_flag(tcp_flags, 'SYN-ACK') }},
            FALSE
        ) AS is_opening,
        {% else %}
        FALSE AS is_opening,
        {% endif %}
        start_time,
        end_time
    FROM {{ flows }}
    WHERE {{ host }} IN (srcaddr, dstaddr{% if pkt %}, pkt_srcaddr, pkt_dstaddr{% endif %})
),
observations AS (
    SELECT
        interface_id,
        protocol,
        CASE WHEN is_outgoing THEN target ELSE source END AS peer,
        CASE WHEN is_outgoing THEN dstport ELSE srcport END AS peer_port,
        CASE WHEN is_outgoing THEN srcport ELSE dstport END AS host_port,
        COUNT_IF(is_opening AND NOT is_outgoing) AS peer_openings,
        COUNT_IF(is_opening AND is_outgoing) AS host_openings,
        SUM(CASE WHEN NOT is_outgoing THEN bytes ELSE 0 END) AS bytes_in,
        SUM(CASE WHEN is_outgoing THEN bytes ELSE 0 END) AS bytes_out,
        (
            COUNT_IF(is_outgoing AND action = 'REJECT') > 0
            AND COUNT_IF(is_outgoing AND action = 'ACCEPT') = 0
        )
        OR (
            COUNT_IF(NOT is_outgoing AND action = 'REJECT') > 0
            AND COUNT_IF(NOT is_outgoing AND action = 'ACCEPT') = 0
        ) AS is_refused,
        MIN(start_time) AS first_seen,
        MAX(end_time) AS last_seen
    FROM packets
    GROUP BY
        interface_id,
        protocol,
        CASE WHEN is_outgoing THEN target ELSE source END,
        CASE WHEN is_outgoing THEN dstport ELSE srcport END,
        CASE WHEN is_outgoing THEN srcport ELSE dstport END
),
conversations AS (
    SELECT
        protocol,
        peer,
        peer_port,
        host_port,
        CASE
            WHEN SUM(peer_openings) > 0 AND SUM(host_openings) = 0 THEN 'inbound'
            WHEN SUM(host_openings) > 0 AND SUM(peer_openings) = 0 THEN 'outbound'
            WHEN host_port < peer_port THEN 'inbound'
            WHEN host_port > peer_port THEN 'outbound'
            ELSE 'unknown'
        END AS direction,
        SUM(peer_openings) + SUM(host_openings) > 0 AS is_opening_seen,
        MAX(bytes_in) AS bytes_in,
        MAX(bytes_out) AS bytes_out,
        BOOL_OR(is_refused) AS is_refused,
        MIN(first_seen) AS first_seen,
        MAX(last_seen) AS last_seen
    FROM observations
    GROUP BY protocol, peer, peer_port, host_port
),
services AS (
    SELECT
        peer,
        direction,
        {{ protocol_name(protocol) }} AS protocol_name,
        CASE WHEN direction = 'outbound' THEN peer_port ELSE host_port END AS service_port,
        bytes_in,
        bytes_out,
        is_refused,
        is_opening_seen,
        first_seen,
        last_seen
    FROM conversations
)
SELECT
    peer,
    direction,
    protocol_name AS protocol,
    service_port AS port,
    COUNT(*) AS conversations,
    COUNT_IF(is_refused) AS refused,
    SUM(bytes_in) AS bytes_in,
    SUM(bytes_out) AS bytes_out,
    MIN(first_seen) AS first_seen,
    MAX(last_seen) AS last_seen,
    CASE WHEN BOOL_AND(is_opening_seen) THEN 'tcp-flags' ELSE 'ports' END AS basis
FROM services
GROUP BY peer, direction, protocol_name, service_port
ORDER BY conversations DESC, peer ASC, direction ASC, protocol ASC, port ASC
LIMIT {{ limit }}
