/* ---
title: Top instances
description: >
  Which instances moved the most bytes, in and out, over all their network interfaces. Each instance
  counts what its own interfaces recorded, so nothing counts twice within a row; traffic between two
  instances is in both rows. Interfaces without an instance (NAT gateways, load balancers, Lambda,
  Fargate) are left out. Without flow-direction the bytes in and out are empty (basis `total`).
  Rejected packets are counted too.
params:
  limit: {type: int, default: 20, min: 0, help: Most instances to return.}
columns:
  instance_id: string
  bytes: int
  bytes_in: int
  bytes_out: int
  packets: int
  flows: int
  interfaces: int
  basis: string
tags: [bytes, volume, instances]
--- */
SELECT
    instance_id,
    SUM(bytes) AS bytes,
    {% if has('flow_direction') %}
    SUM(CASE WHEN flow_direction = 'ingress' THEN bytes ELSE 0 END) AS bytes_in,
    SUM(CASE WHEN flow_direction = 'egress' THEN bytes ELSE 0 END) AS bytes_out,
    {% else %}
    CAST(NULL AS BIGINT) AS bytes_in,
    CAST(NULL AS BIGINT) AS bytes_out,
    {% endif %}
    SUM(packets) AS packets,
    COUNT(*) AS flows,
    COUNT(DISTINCT interface_id) AS interfaces,
    {% if has('flow_direction') %}
    'flow-direction' AS basis
    {% else %}
    'total' AS basis
    {% endif %}
FROM {{ flows }}
WHERE instance_id IS NOT NULL
GROUP BY instance_id
ORDER BY bytes DESC, instance_id ASC
LIMIT {{ limit }}
