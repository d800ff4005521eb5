/* ---
title: Dossier of an address
description: >
  All that was recorded of one address: a total, then its services (as client or server of a port),
  then its peers, with verdicts, bytes, first and last sight and the number of hours it was active.
  Bytes are in and out as the address itself sees them; where several interfaces recorded a
  conversation, the one that saw most counts. Client and server are told by tcp-flags (basis
  `tcp-flags`) or by ports (basis `ports`), and `unknown` when neither tells. Behind a NAT gateway
  the gateway's address is one more peer. For a host of yours ask its private IPv4 address: the
  public one is not in its records.
params:
  ip:    {type: ip, help: "Address of either end; without pkt- fields, as an interface has it."}
  limit: {type: int, default: 20, min: 0, help: Most services and most peers to return.}
columns:
  part: string
  role: string
  protocol: string
  port: int
  peer: string
  peers: int
  accepted: int
  rejected: int
  bytes_in: int
  bytes_out: int
  first_seen: timestamp
  last_seen: timestamp
  hours: int
  basis: string
tags: [address, incident, investigation, peers, ports]
--- */
WITH mentions AS (
    SELECT
        COALESCE(
            srcaddr = {{ ip }}{% if has('pkt_srcaddr') %} OR pkt_srcaddr = {{ ip }}{% endif %},
            FALSE
        ) AS sends,
        {% if has('pkt_srcaddr') %}
        COALESCE(pkt_srcaddr, srcaddr) AS sender,
        {% else %}
        srcaddr AS sender,
        {% endif %}
        {% if has('pkt_dstaddr') %}
        COALESCE(pkt_dstaddr, dstaddr) AS receiver,
        {% else %}
        dstaddr AS receiver,
        {% endif %}
        srcport,
        dstport,
        protocol,
        interface_id,
        action,
        COALESCE(bytes, 0) AS bytes,
        start_time,
        end_time,
        {{ bucket('1h') }} AS hour_seen,
        {% if has('tcp_flags') %}
        {{ kind_by_flags(protocol, tcp_flags) }} AS flagged,
        {% else %}
        CAST(NULL AS VARCHAR) AS flagged,
        {% endif %}
        CASE
            WHEN protocol IN (6, 17) THEN {{ kind_by_ports(srcport, dstport) }}
            ELSE 'unknown'
        END AS guessed
    FROM {{ flows }}
    WHERE
        {{ ip }} IN (srcaddr, dstaddr)
        {% if has('pkt_srcaddr') %}
        OR pkt_srcaddr = {{ ip }}
        {% endif %}
        {% if has('pkt_dstaddr') %}
        OR pkt_dstaddr = {{ ip }}
        {% endif %}
),
exchanges AS (
    SELECT
        CASE
            WHEN COALESCE(flagged, guessed) = 'unknown' THEN 'unknown'
            WHEN (COALESCE(flagged, guessed) = 'request') = sends THEN 'client'
            ELSE 'server'
        END AS role,
        {{ protocol_name(protocol) }} AS protocol_name,
        CASE COALESCE(flagged, guessed) WHEN 'reply' THEN srcport ELSE dstport END AS service_port,
        CASE WHEN sends THEN receiver ELSE sender END AS other_end,
        interface_id,
        hour_seen,
        sends,
        action,
        bytes,
        start_time,
        end_time,
        flagged
    FROM mentions
),
interfaces AS (
    SELECT
        role,
        protocol_name,
        service_port,
        other_end,
        interface_id,
        hour_seen,
        COUNT_IF(action = 'ACCEPT') AS accepted_count,
        COUNT_IF(action = 'REJECT') AS rejected_count,
        SUM(CASE WHEN sends THEN 0 ELSE bytes END) AS received,
        SUM(CASE WHEN sends THEN bytes ELSE 0 END) AS sent,
        MIN(start_time) AS first_start,
        MAX(end_time) AS last_end,
        COUNT(flagged) AS flagged_count
    FROM exchanges
    GROUP BY role, protocol_name, service_port, other_end, interface_id, hour_seen
),
conversations AS (
    SELECT
        role,
        protocol_name,
        service_port,
        other_end,
        other_end AS counted_end,
        hour_seen,
        MAX(accepted_count) AS accepted_count,
        MAX(rejected_count) AS rejected_count,
        MAX(received) AS received,
        MAX(sent) AS sent,
        MIN(first_start) AS first_start,
        MAX(last_end) AS last_end,
        MAX(flagged_count) AS flagged_count
    FROM interfaces
    GROUP BY role, protocol_name, service_port, other_end, hour_seen
),
parts AS (
    SELECT
        CASE
            WHEN GROUPING(other_end) = 0 THEN 'peer'
            WHEN GROUPING(role) = 0 THEN 'service'
            ELSE 'total'
        END AS part,
        role,
        protocol_name,
        service_port,
        other_end,
        COUNT(DISTINCT counted_end) AS peer_count,
        SUM(accepted_count) AS accepted_count,
        SUM(rejected_count) AS rejected_count,
        SUM(received) AS received,
        SUM(sent) AS sent,
        MIN(first_start) AS first_start,
        MAX(last_end) AS last_end,
        COUNT(DISTINCT hour_seen) AS hours_active,
        SUM(flagged_count) AS flagged_count
    FROM conversations
    GROUP BY GROUPING SETS ((), (role, protocol_name, service_port), (other_end))
    HAVING COUNT(*) > 0
),
ranked AS (
    SELECT
        part,
        role,
        protocol_name,
        service_port,
        other_end,
        peer_count,
        accepted_count,
        rejected_count,
        received,
        sent,
        first_start,
        last_end,
        hours_active,
        flagged_count,
        ROW_NUMBER() OVER (
            PARTITION BY part
            ORDER BY
                received + sent DESC,
                rejected_count DESC,
                role ASC,
                protocol_name ASC,
                service_port ASC,
                other_end ASC
        ) AS place
    FROM parts
)
SELECT
    part,
    role,
    protocol_name AS protocol,
    service_port AS port,
    other_end AS peer,
    peer_count AS peers,
    accepted_count AS accepted,
    rejected_count AS rejected,
    received AS bytes_in,
    sent AS bytes_out,
    first_start AS first_seen,
    last_end AS last_seen,
    hours_active AS hours,
    CASE WHEN flagged_count > 0 THEN 'tcp-flags' ELSE 'ports' END AS basis
FROM ranked
WHERE place <= {{ limit }}
ORDER BY
    CASE part WHEN 'total' THEN 1 WHEN 'service' THEN 2 ELSE 3 END ASC,
    place ASC
