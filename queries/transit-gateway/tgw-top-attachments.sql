/* ---
title: Top transit gateway attachments
description: >
  Between which attachments of a transit gateway most bytes went, one row for each direction. A
  packet is recorded where it enters the gateway and where it leaves it, so only records of
  flow-direction ingress are summed; without that field every packet counts twice (basis
  `both-ways`). An empty second attachment means that the packets were dropped, or that their way
  out was not recorded. A packet that crosses two peered gateways is recorded by both.
params:
  tgw:   {type: string, optional: true, help: Id of one transit gateway.}
  limit: {type: int, default: 20, min: 0, help: Most pairs to return.}
columns:
  tgw_id: string
  from_attachment: string
  to_attachment: string
  bytes: int
  packets: int
  flows: int
  basis: string
tags: [tgw, transit-gateway, attachment, bytes, volume]
--- */
SELECT
    tgw_id,
    tgw_attachment_id AS from_attachment,
    tgw_pair_attachment_id AS to_attachment,
    SUM(bytes) AS bytes,
    SUM(packets) AS packets,
    COUNT(*) AS flows,
    {% if has('flow_direction') %}
    'ingress' AS basis
    {% else %}
    'both-ways' AS basis
    {% endif %}
FROM {{ flows }}
WHERE
    tgw_id IS NOT NULL
    {% if has('flow_direction') %}
    AND flow_direction = 'ingress'
    {% endif %}
    {% if tgw %}
    AND tgw_id = {{ tgw }}
    {% endif %}
GROUP BY tgw_id, tgw_attachment_id, tgw_pair_attachment_id
ORDER BY bytes DESC, tgw_id ASC, from_attachment ASC, to_attachment ASC
LIMIT {{ limit }}
