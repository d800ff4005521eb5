/* ---
title: Traffic between Availability Zones
description: >
  How many bytes went from one Availability Zone to another and what AWS charges for it: `rate` on
  each side, so twice for a byte. Each hop counts once: of what the senders and what the receivers
  recorded the larger is taken, so one side without a flow log does no harm. A hop is to the next
  interface (a NAT gateway or load balancer, not the final destination). Hops to transit gateways
  and VPC endpoints are free and left out of billed_bytes; some services (replication of RDS,
  Application Load Balancers) are not charged either, which the records do not tell. The same zone
  costs nothing.
params:
  rate: {type: float, default: 0.01, min: 0, help: US dollars for each GB (2^30 bytes) and side.}
columns:
  from_az: string
  to_az: string
  bytes: int
  billed_bytes: int
  cost_usd: float
  sent_bytes: int
  received_bytes: int
tags: [cost, availability-zone, cross-az, transfer]
--- */
WITH hops AS (
    SELECT
        CASE WHEN flow_direction = 'egress' THEN az_id ELSE next_hop_az_id END AS from_zone,
        CASE WHEN flow_direction = 'egress' THEN next_hop_az_id ELSE az_id END AS to_zone,
        az_id <> next_hop_az_id
        {% if has('next_hop_interface_type') %}
        AND COALESCE(next_hop_interface_type, '') NOT IN ('transit_gateway', 'vpc_endpoint')
        {% endif %}
        {% if has('interface_type') %}
        AND COALESCE(interface_type, '') NOT IN ('transit_gateway', 'vpc_endpoint')
        {% endif %}
            AS billed,
        CASE WHEN flow_direction = 'egress' THEN bytes ELSE 0 END AS sent,
        CASE WHEN flow_direction = 'egress' THEN 0 ELSE bytes END AS received
    FROM {{ flows }}
    WHERE
        action = 'ACCEPT'
        AND az_id IS NOT NULL
        AND next_hop_az_id IS NOT NULL
),
zones AS (
    SELECT
        from_zone,
        to_zone,
        billed,
        SUM(sent) AS sent,
        SUM(received) AS received
    FROM hops
    GROUP BY from_zone, to_zone, billed
)
SELECT
    from_zone AS from_az,
    to_zone AS to_az,
    SUM(GREATEST(sent, received)) AS bytes,
    SUM(CASE WHEN billed THEN GREATEST(sent, received) ELSE 0 END) AS billed_bytes,
    SUM(CASE WHEN billed THEN GREATEST(sent, received) ELSE 0 END) / 1073741824E0
    * 2 * {{ rate }} AS cost_usd,
    SUM(sent) AS sent_bytes,
    SUM(received) AS received_bytes
FROM zones
GROUP BY from_zone, to_zone
ORDER BY billed_bytes DESC, bytes DESC, from_az ASC, to_az ASC
