/* ---
title: Who sends through NAT
description: >
  Which addresses moved most through NAT gateways, and what its processing costs: AWS charges both
  directions, so bytes_in and bytes_out both count. Exact with next-hop fields (basis `next-hop`:
  recorded where the traffic leaves for the gateway). Otherwise give the gateways' private addresses
  in `nat` (basis `nat-addresses`: recorded at the gateway); with neither, packet addresses that
  differ from the interface's suggest a gateway, which may be a transit gateway or firewall instead
  (basis `packet-addresses`). Gateways of another account are not seen by next-hop. Hours of the
  gateway and transfer to the internet are charged besides.
params:
  nat:   {type: cidrs, optional: true, help: Private addresses of NAT gateways; without next-hop.}
  rate:  {type: float, default: 0.045, min: 0, help: US dollars for each GB (2^30 bytes) processed.}
  limit: {type: int, default: 100, min: 0, help: Most sources to return.}
columns:
  source: string
  instance_id: string
  nat_interface_id: string
  bytes: int
  bytes_out: int
  bytes_in: int
  flows: int
  cost_usd: float
  basis: string
tags: [nat, cost, bytes, gateway]
--- */
WITH passages AS (
    SELECT
        {% if has('next_hop_interface_type') and has('flow_direction') %}
        flow_direction = 'egress' AS outward,
        next_hop_interface_id AS nat_interface_id,
        'next-hop' AS basis,
        {% elif nat %}
        {{ in_any(dstaddr, nat) }} AS outward,
        interface_id AS nat_interface_id,
        'nat-addresses' AS basis,
        {% else %}
        pkt_dstaddr <> dstaddr AS outward,
        interface_id AS nat_interface_id,
        'packet-addresses' AS basis,
        {% endif %}
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
        {% if has('next_hop_interface_type') and has('flow_direction') and has('instance_id') %}
        instance_id,
        {% else %}
        CAST(NULL AS VARCHAR) AS instance_id,
        {% endif %}
        bytes
    FROM {{ flows }}
    WHERE
        action = 'ACCEPT'
        {% if has('next_hop_interface_type') and has('flow_direction') %}
        AND next_hop_interface_type IN ('nat_gateway', 'regional_nat_gateway')
        {% elif nat %}
        AND {{ in_any(srcaddr, nat) }} <> {{ in_any(dstaddr, nat) }}
        {% if has('pkt_srcaddr') and has('pkt_dstaddr') %}
        AND (
            {{ in_any(dstaddr, nat) }} AND pkt_dstaddr <> dstaddr
            OR {{ in_any(srcaddr, nat) }} AND pkt_srcaddr <> srcaddr
        )
        {% else %}
        AND {{ is_private(srcaddr) }}
        AND {{ is_private(dstaddr) }}
        {% endif %}
        {% else %}
        AND (
            pkt_dstaddr <> dstaddr
            AND {{ is_public(pkt_dstaddr) }}
            AND {{ is_private(srcaddr) }}
            OR pkt_srcaddr <> srcaddr
            AND {{ is_public(pkt_srcaddr) }}
            AND {{ is_private(dstaddr) }}
        )
        {% if has('instance_id') %}
        AND instance_id IS NULL
        {% endif %}
        {% endif %}
),
sources AS (
    SELECT
        CASE WHEN outward THEN sender ELSE receiver END AS source,
        instance_id,
        nat_interface_id,
        SUM(bytes) AS byte_count,
        SUM(CASE WHEN outward THEN bytes ELSE 0 END) AS sent,
        SUM(CASE WHEN outward THEN 0 ELSE bytes END) AS received,
        COUNT(*) AS flow_count,
        basis
    FROM passages
    GROUP BY CASE WHEN outward THEN sender ELSE receiver END, instance_id, nat_interface_id, basis
)
SELECT
    source,
    instance_id,
    nat_interface_id,
    byte_count AS bytes,
    sent AS bytes_out,
    received AS bytes_in,
    flow_count AS flows,
    byte_count / 1073741824E0 * {{ rate }} AS cost_usd,
    basis
FROM sources
ORDER BY bytes DESC, source ASC, instance_id ASC, nat_interface_id ASC
LIMIT {{ limit }}
