/* ---
title: Replies a network ACL rejects
description: >
  Conversations whose requests are accepted and whose replies are all rejected, at one and the
  same interface. A security group is stateful and lets replies through, so this is the sign of a
  network ACL without a rule for the reply's ports. flow-direction `egress` points to the outbound
  rules of the server's subnet, `ingress` to the inbound rules of the client's (empty where the
  flow logs lack the field). With tcp-flags a TCP request must have its SYN in the window; on the
  basis `packets only` late packets of a connection that closed before can look the same. The two
  directions are matched within the window only, so a longer window finds more.
params:
  host:  {type: ip, optional: true, help: Only conversations of this host.}
  limit: {type: int, default: 100, min: 0, help: Most rows to return.}
columns:
  client: string
  server: string
  protocol: string
  port: int
  interface_id: string
  flow_direction: string
  conversations: int
  rejected_packets: int
  first_seen: timestamp
  last_seen: timestamp
  basis: string
tags: [network-acl, reject, asymmetry, reply]
--- */
WITH ends AS (
    SELECT
        interface_id,
        protocol,
        srcaddr < dstaddr AS is_first,
        CASE WHEN srcaddr < dstaddr THEN srcaddr ELSE dstaddr END AS first_addr,
        CASE WHEN srcaddr < dstaddr THEN srcport ELSE dstport END AS first_port,
        CASE WHEN srcaddr < dstaddr THEN dstaddr ELSE srcaddr END AS second_addr,
        CASE WHEN srcaddr < dstaddr THEN dstport ELSE srcport END AS second_port,
        action,
        {% if has('tcp_flags') %}
        CASE
            WHEN protocol <> 6 THEN TRUE
            ELSE {{ has_flag(tcp_flags, 'SYN') }} AND NOT {{ has_flag(tcp_flags, 'SYN-ACK') }}
        END AS is_opening,
        {% else %}
        TRUE AS is_opening,
        {% endif %}
        {% if has('flow_direction') %}
        flow_direction,
        {% else %}
        CAST(NULL AS VARCHAR) AS flow_direction,
        {% endif %}
        packets,
        start_time,
        end_time
    FROM {{ flows }}
    {% if host %}
    WHERE {{ host }} IN (srcaddr, dstaddr)
    {% endif %}
),
verdicts AS (
    SELECT
        interface_id,
        protocol,
        first_addr,
        first_port,
        second_addr,
        second_port,
        COUNT_IF(is_first AND action = 'ACCEPT') AS first_accepted,
        COUNT_IF(is_first AND action = 'ACCEPT' AND is_opening) AS first_opened,
        COUNT_IF(is_first AND action = 'REJECT') AS first_rejected,
        COUNT_IF(NOT is_first AND action = 'ACCEPT') AS second_accepted,
        COUNT_IF(NOT is_first AND action = 'ACCEPT' AND is_opening) AS second_opened,
        COUNT_IF(NOT is_first AND action = 'REJECT') AS second_rejected,
        MAX(CASE WHEN action = 'REJECT' THEN flow_direction END) AS flow_direction,
        SUM(CASE WHEN action = 'REJECT' THEN packets END) AS rejected_packets,
        MIN(CASE WHEN action = 'REJECT' THEN start_time END) AS first_seen,
        MAX(CASE WHEN action = 'REJECT' THEN end_time END) AS last_seen
    FROM ends
    GROUP BY interface_id, protocol, first_addr, first_port, second_addr, second_port
),
asymmetries AS (
    SELECT
        CASE WHEN first_opened > 0 THEN first_addr ELSE second_addr END AS client,
        CASE WHEN first_opened > 0 THEN second_addr ELSE first_addr END AS server,
        CASE WHEN first_opened > 0 THEN second_port ELSE first_port END AS server_port,
        {{ protocol_name(protocol) }} AS protocol_name,
        {% if has('tcp_flags') %}
        CASE WHEN protocol = 6 THEN 'tcp-flags' ELSE 'packets only' END AS basis,
        {% else %}
        'packets only' AS basis,
        {% endif %}
        interface_id,
        flow_direction,
        rejected_packets,
        first_seen,
        last_seen
    FROM verdicts
    WHERE
        (first_opened > 0 AND second_rejected > 0 AND second_accepted = 0)
        OR (second_opened > 0 AND first_rejected > 0 AND first_accepted = 0)
)
SELECT
    client,
    server,
    protocol_name AS protocol,
    server_port AS port,
    interface_id,
    flow_direction,
    COUNT(*) AS conversations,
    SUM(rejected_packets) AS rejected_packets,
    MIN(first_seen) AS first_seen,
    MAX(last_seen) AS last_seen,
    basis
FROM asymmetries
GROUP BY client, server, protocol_name, server_port, interface_id, flow_direction, basis
ORDER BY
    conversations DESC,
    client ASC,
    server ASC,
    protocol ASC,
    port ASC,
    interface_id ASC,
    flow_direction ASC,
    basis ASC
LIMIT {{ limit }}
