/* ---
title: Timeline of a pair
description: >
  What two hosts exchanged, bin by bin and direction by direction: flow log records accepted and
  rejected, packets and bytes. A bin without a row had no record. A pair inside the VPC is
  recorded at both interfaces; accepted, packets and bytes are those of one of them, for each
  direction the one that accepted most, so they may be added up. rejected counts every interface,
  so a record can be accepted where it leaves and rejected where it arrives. A record counts in
  the bin in which it starts, and can last up to ten minutes. Two flow logs on the same interface
  double everything.
params:
  a:     {type: ip, help: Address of one host as its interface has it.}
  b:     {type: ip, help: Address of the other host.}
  bin:   {type: duration, default: 1m, help: Length of a bin.}
  limit: {type: int, default: 1000, min: 0, help: Most rows to return.}
columns:
  bin: timestamp
  srcaddr: string
  dstaddr: string
  accepted: int
  rejected: int
  packets: int
  bytes: int
tags: [timeline, pair]
--- */
{% set pkt = has('pkt_srcaddr') and has('pkt_dstaddr') %}
WITH tallies AS (
    SELECT
        {{ bucket(bin) }} AS bin_start,
        {{ a }} IN (srcaddr{% if pkt %}, COALESCE(pkt_srcaddr, srcaddr){% endif %}) AS is_from_a,
        interface_id,
        COUNT_IF(action = 'ACCEPT') AS accepted,
        COUNT_IF(action = 'REJECT') AS rejected,
        SUM(CASE WHEN action = 'ACCEPT' THEN packets ELSE 0 END) AS accepted_packets,
        SUM(packets) AS packets,
        SUM(bytes) AS bytes
    FROM {{ flows }}
    WHERE
        {{ a }} IN (srcaddr, dstaddr{% if pkt %}, pkt_srcaddr, pkt_dstaddr{% endif %})
        AND {{ b }} IN (srcaddr, dstaddr{% if pkt %}, pkt_srcaddr, pkt_dstaddr{% endif %})
        AND {{ a }} <> {{ b }}
    GROUP BY
        {{ bucket(bin) }},
        {{ a }} IN (srcaddr{% if pkt %}, COALESCE(pkt_srcaddr, srcaddr){% endif %}),
        interface_id
),
totals AS (
    SELECT
        bin_start,
        is_from_a,
        interface_id,
        accepted,
        rejected,
        packets,
        bytes,
        SUM(accepted_packets) OVER (PARTITION BY is_from_a, interface_id) AS interface_accepted,
        SUM(packets) OVER (PARTITION BY is_from_a, interface_id) AS interface_packets
    FROM tallies
),
ranks AS (
    SELECT
        bin_start,
        is_from_a,
        accepted,
        rejected,
        packets,
        bytes,
        DENSE_RANK() OVER (
            PARTITION BY is_from_a
            ORDER BY interface_accepted DESC, interface_packets DESC, interface_id ASC
        ) AS interface_rank
    FROM totals
)
SELECT
    bin_start AS bin,
    CASE WHEN is_from_a THEN {{ a }} ELSE {{ b }} END AS srcaddr,
    CASE WHEN is_from_a THEN {{ b }} ELSE {{ a }} END AS dstaddr,
    SUM(CASE WHEN interface_rank = 1 THEN accepted ELSE 0 END) AS accepted,
    SUM(rejected) AS rejected,
    SUM(CASE WHEN interface_rank = 1 THEN packets END) AS packets,
    SUM(CASE WHEN interface_rank = 1 THEN bytes END) AS bytes
FROM ranks
GROUP BY bin_start, is_from_a
HAVING MIN(interface_rank) = 1 OR SUM(rejected) > 0
ORDER BY bin ASC, is_from_a DESC
LIMIT {{ limit }}
