/* ---
title: Path to patches
description: >
  Why a host cannot fetch patches: each destination it asked on the update ports, the failing ones
  first, and what became of its attempts. An attempt is one connection, counted once at however
  many interfaces it is recorded. outcome `rejected` is on the way out or on arrival, `reply
  rejected` a network ACL, `refused` only resets (without tcp-flags these count as answers), `no
  answer` let through and silent: no route, NAT, endpoint or server. No row: the host did not try,
  or its name lookup failed (Amazon DNS is never logged). aws_service, path and next_hop need
  pkt-dst-aws-service, traffic-path and next-hop-interface-type; a path inside the VPC may lead to
  a NAT gateway, which without pkt-dstaddr appears as one more destination. Without a host
  whatever leaves an interface counts or, without flow-direction, what a private address sends.
  Add the ports of your own mirrors, such as 8530.
params:
  host:  {type: ip, optional: true, help: Address of the host as its interface has it.}
  ports: {type: ports, default: "53,80,443", help: Ports of name servers and repositories.}
  limit: {type: int, default: 100, min: 0, help: Most rows to return.}
columns:
  srcaddr: string
  dstaddr: string
  dstport: int
  protocol: string
  outcome: string
  attempts: int
  answered: int
  rejected: int
  unanswered: int
  bytes_received: int
  aws_service: string
  path: string
  next_hop: string
  first_seen: timestamp
  last_seen: timestamp
  basis: string
tags: [patching, outbound, egress, database, host]
--- */
{% set pkt = has('pkt_srcaddr') and has('pkt_dstaddr') %}
WITH packets AS (
    SELECT
        CASE
            WHEN
                dstport IN {{ ports }}
                {% if host %}
                AND {{ host }} IN (srcaddr{% if pkt %}, pkt_srcaddr{% endif %})
                {% elif has('flow_direction') %}
                AND flow_direction = 'egress'
                {% else %}
                AND {{ is_private(srcaddr) }}
                {% endif %}
                THEN 'request'
            WHEN
                srcport IN {{ ports }}
                {% if host %}
                AND {{ host }} IN (dstaddr{% if pkt %}, pkt_dstaddr{% endif %})
                {% elif has('flow_direction') %}
                AND flow_direction = 'ingress'
                {% else %}
                AND {{ is_private(dstaddr) }}
                {% endif %}
                THEN 'reply'
        END AS leg,
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
            AND {{ has_flag(tcp_flags, 'RST') }}
            AND NOT {{ has_flag(tcp_flags, 'SYN') }},
            FALSE
        ) AS is_reset,
        protocol <> 6 OR tcp_flags IS NULL OR {{ has_flag(tcp_flags, 'SYN') }} AS is_opening,
        {% else %}
        FALSE AS is_reset,
        TRUE AS is_opening,
        {% endif %}
        {% if has('pkt_dst_aws_service') %}
        pkt_dst_aws_service AS aws_service,
        {% else %}
        CAST(NULL AS VARCHAR) AS aws_service,
        {% endif %}
        {% if has('traffic_path') %}
        traffic_path,
        {% else %}
        CAST(NULL AS INTEGER) AS traffic_path,
        {% endif %}
        {% if has('next_hop_interface_type') %}
        next_hop_interface_type,
        {% else %}
        CAST(NULL AS VARCHAR) AS next_hop_interface_type,
        {% endif %}
        start_time,
        end_time
    FROM {{ flows }}
    WHERE
        protocol IN (6, 17)
        AND (srcport IN {{ ports }} OR dstport IN {{ ports }})
        {% if host %}
        AND {{ host }} IN (srcaddr, dstaddr{% if pkt %}, pkt_srcaddr, pkt_dstaddr{% endif %})
        {% endif %}
),
legs AS (
    SELECT
        leg,
        CASE WHEN leg = 'request' THEN source ELSE target END AS client,
        CASE WHEN leg = 'request' THEN srcport ELSE dstport END AS client_port,
        CASE WHEN leg = 'request' THEN target ELSE source END AS server,
        CASE WHEN leg = 'request' THEN dstport ELSE srcport END AS server_port,
        protocol,
        interface_id,
        action,
        bytes,
        is_reset,
        is_opening,
        CASE WHEN leg = 'request' THEN aws_service END AS aws_service,
        CASE WHEN leg = 'request' THEN traffic_path END AS traffic_path,
        CASE WHEN leg = 'request' THEN next_hop_interface_type END AS next_hop,
        start_time,
        end_time
    FROM packets
    WHERE leg IS NOT NULL
),
observations AS (
    SELECT
        client,
        client_port,
        server,
        server_port,
        protocol,
        interface_id,
        COUNT_IF(leg = 'request' AND action = 'REJECT' AND is_opening) > 0
        AND COUNT_IF(leg = 'request' AND action = 'ACCEPT') = 0 AS is_request_rejected,
        COUNT_IF(leg = 'reply' AND action = 'REJECT') > 0
        AND COUNT_IF(leg = 'reply' AND action = 'ACCEPT') = 0 AS is_reply_rejected,
        COUNT_IF(leg = 'request' AND is_opening) AS openings,
        COUNT_IF(leg = 'reply' AND action = 'ACCEPT' AND NOT is_reset) AS answers,
        COUNT_IF(leg = 'reply' AND is_reset) AS resets,
        SUM(CASE WHEN leg = 'reply' AND action = 'ACCEPT' THEN bytes ELSE 0 END) AS bytes_received,
        MAX(aws_service) AS aws_service,
        MAX(traffic_path) AS traffic_path,
        MAX(next_hop) AS next_hop,
        MIN(start_time) AS first_seen,
        MAX(end_time) AS last_seen
    FROM legs
    GROUP BY client, client_port, server, server_port, protocol, interface_id
),
attempts AS (
    SELECT
        client,
        server,
        server_port,
        protocol,
        CASE
            WHEN BOOL_OR(is_request_rejected) THEN 'rejected'
            WHEN SUM(openings) > 0 AND BOOL_OR(is_reply_rejected) THEN 'reply rejected'
            WHEN SUM(answers) > 0 THEN 'answered'
            WHEN SUM(resets) > 0 THEN 'refused'
            ELSE 'no answer'
        END AS fate,
        MAX(bytes_received) AS bytes_received,
        MAX(aws_service) AS aws_service,
        MAX(traffic_path) AS traffic_path,
        MAX(next_hop) AS next_hop,
        MIN(first_seen) AS first_seen,
        MAX(last_seen) AS last_seen
    FROM observations
    GROUP BY client, client_port, server, server_port, protocol
    HAVING SUM(openings) > 0 OR SUM(answers) > 0
),
destinations AS (
    SELECT
        client,
        server,
        server_port,
        {{ protocol_name(protocol) }} AS protocol_name,
        {% if has('tcp_flags') %}
        CASE WHEN protocol = 6 THEN 'tcp-flags' ELSE 'packets only' END AS basis,
        {% else %}
        'packets only' AS basis,
        {% endif %}
        COUNT(*) AS attempts,
        COUNT_IF(fate = 'answered') AS answered,
        COUNT_IF(fate = 'rejected') AS rejected,
        COUNT_IF(fate = 'reply rejected') AS reply_rejected,
        COUNT_IF(fate = 'refused') AS refused,
        SUM(bytes_received) AS bytes_received,
        MAX(aws_service) AS aws_service,
        MAX(traffic_path) AS traffic_path,
        MAX(next_hop) AS next_hop,
        MIN(first_seen) AS first_seen,
        MAX(last_seen) AS last_seen
    FROM attempts
    GROUP BY client, server, server_port, protocol
)
SELECT
    client AS srcaddr,
    server AS dstaddr,
    server_port AS dstport,
    protocol_name AS protocol,
    CASE
        WHEN answered = attempts THEN 'answered'
        WHEN answered > 0 THEN 'sometimes answered'
        WHEN rejected > 0 THEN 'rejected'
        WHEN reply_rejected > 0 THEN 'reply rejected'
        WHEN refused > 0 THEN 'refused'
        ELSE 'no answer'
    END AS outcome,
    attempts,
    answered,
    rejected + reply_rejected AS rejected,
    attempts - answered - rejected - reply_rejected AS unanswered,
    bytes_received,
    aws_service,
    CASE traffic_path
        WHEN 1 THEN 'inside the VPC'
        WHEN 2 THEN 'internet gateway or gateway endpoint'
        WHEN 3 THEN 'virtual private gateway'
        WHEN 4 THEN 'VPC peering'
        WHEN 5 THEN 'VPC peering between regions'
        WHEN 6 THEN 'local gateway, Local Zone or Wavelength Zone'
        WHEN 7 THEN 'gateway endpoint'
        WHEN 8 THEN 'internet gateway'
    END AS path,
    next_hop,
    first_seen,
    last_seen,
    basis
FROM destinations
ORDER BY
    CASE WHEN answered = 0 THEN 0 WHEN answered < attempts THEN 1 ELSE 2 END ASC,
    attempts DESC,
    srcaddr ASC,
    dstaddr ASC,
    dstport ASC,
    protocol ASC
LIMIT {{ limit }}
