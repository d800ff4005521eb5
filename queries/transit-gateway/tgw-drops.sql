/* ---
title: Transit gateway drops
description: >
  Whose packets a transit gateway dropped, and why: no route, a blackhole route, larger than its MTU
  of 8500 bytes, or TTL expired. These four are all that its flow logs name: what a security group
  or a network ACL refuses is in the flow logs of the VPC. No route and blackhole point to the route
  table of the attachment the packets came in by. Each row is one direction of the record.
params:
  limit: {type: int, default: 100, min: 0, help: Most rows to return.}
columns:
  tgw_id: string
  tgw_attachment_id: string
  flow_direction: string
  srcaddr: string
  dstaddr: string
  lost: int
  no_route: int
  blackhole: int
  mtu_exceeded: int
  ttl_expired: int
  packets: int
  first_seen: timestamp
  last_seen: timestamp
tags: [tgw, transit-gateway, drops, blackhole, no-route, mtu, ttl]
--- */
WITH losses AS (
    SELECT
        tgw_id,
        tgw_attachment_id,
        {% if has('flow_direction') %}
        flow_direction,
        {% else %}
        CAST(NULL AS VARCHAR) AS flow_direction,
        {% endif %}
        srcaddr,
        dstaddr,
        COALESCE(packets_lost_no_route, 0) AS no_route,
        COALESCE(packets_lost_blackhole, 0) AS blackhole,
        COALESCE(packets_lost_mtu_exceeded, 0) AS mtu_exceeded,
        COALESCE(packets_lost_ttl_expired, 0) AS ttl_expired,
        packets,
        start_time,
        end_time
    FROM {{ flows }}
)
SELECT
    tgw_id,
    tgw_attachment_id,
    flow_direction,
    srcaddr,
    dstaddr,
    SUM(no_route + blackhole + mtu_exceeded + ttl_expired) AS lost,
    SUM(no_route) AS no_route,
    SUM(blackhole) AS blackhole,
    SUM(mtu_exceeded) AS mtu_exceeded,
    SUM(ttl_expired) AS ttl_expired,
    SUM(packets) AS packets,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen
FROM losses
WHERE no_route + blackhole + mtu_exceeded + ttl_expired > 0
GROUP BY tgw_id, tgw_attachment_id, flow_direction, srcaddr, dstaddr
ORDER BY
    lost DESC,
    tgw_id ASC,
    tgw_attachment_id ASC,
    flow_direction ASC,
    srcaddr ASC,
    dstaddr ASC
LIMIT {{ limit }}
