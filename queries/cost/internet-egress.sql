/* ---
title: Traffic to the internet
description: >
  Who sent how much to public addresses, and what transfer out costs at `rate`. With flow-direction
  and traffic-path only what left through an internet gateway at that interface counts (basis
  `traffic-path`; IPv6 without a stated path too, as through an egress-only gateway): hosts behind a
  NAT gateway are then in the gateway's row. Otherwise every accepted flow to a public address
  counts (basis `flow-direction` or `addresses`), hosts behind NAT and again the gateway itself, so
  do not add the rows up. aws_bytes went to AWS's own addresses, where transfer may be free, and are
  left out of the cost. Over IPv6 without flow-direction only senders in `own` count.
params:
  rate:  {type: float, default: 0.09, min: 0, help: US dollars for each GB (2^30 bytes) sent out.}
  own:   {type: cidrs, optional: true, help: Your own public and IPv6 networks; not internet.}
  limit: {type: int, default: 100, min: 0, help: Most rows to return.}
columns:
  srcaddr: string
  instance_id: string
  interface_id: string
  bytes: int
  aws_bytes: int
  destinations: int
  flows: int
  cost_usd: float
  basis: string
tags: [cost, internet, egress, bytes]
--- */
WITH departures AS (
    SELECT
        srcaddr,
        dstaddr,
        {% if has('instance_id') %}
        instance_id,
        {% else %}
        CAST(NULL AS VARCHAR) AS instance_id,
        {% endif %}
        interface_id,
        bytes,
        {% if has('pkt_dst_aws_service') %}
        CASE WHEN pkt_dst_aws_service IS NOT NULL THEN bytes ELSE 0 END AS to_aws
        {% else %}
        CAST(NULL AS BIGINT) AS to_aws
        {% endif %}
    FROM {{ flows }}
    WHERE
        action = 'ACCEPT'
        {% if has('flow_direction') %}
        AND flow_direction = 'egress'
        {% elif own %}
        AND ({{ is_private(srcaddr) }} OR {{ in_any(srcaddr, own) }})
        {% else %}
        AND {{ is_private(srcaddr) }}
        {% endif %}
        {% if has('flow_direction') and has('traffic_path') %}
        AND (traffic_path IN (2, 8) OR traffic_path IS NULL AND STRPOS(dstaddr, ':') > 0)
        {% endif %}
        AND {{ is_public(dstaddr) }}
        {% if own %}
        AND NOT {{ in_any(dstaddr, own) }}
        {% endif %}
),
senders AS (
    SELECT
        srcaddr,
        instance_id,
        interface_id,
        SUM(bytes) AS byte_count,
        SUM(to_aws) AS aws_count,
        COUNT(DISTINCT dstaddr) AS destination_count,
        COUNT(*) AS flow_count
    FROM departures
    GROUP BY srcaddr, instance_id, interface_id
)
SELECT
    srcaddr,
    instance_id,
    interface_id,
    byte_count AS bytes,
    aws_count AS aws_bytes,
    destination_count AS destinations,
    flow_count AS flows,
    (byte_count - COALESCE(aws_count, 0)) / 1073741824E0 * {{ rate }} AS cost_usd,
    {% if has('flow_direction') and has('traffic_path') %}
    'traffic-path' AS basis
    {% elif has('flow_direction') %}
    'flow-direction' AS basis
    {% else %}
    'addresses' AS basis
    {% endif %}
FROM senders
ORDER BY bytes DESC, srcaddr ASC, instance_id ASC, interface_id ASC
LIMIT {{ limit }}
