/* ---
title: Top talkers
description: >
  Which pairs of addresses moved the most bytes, one row for each direction. A conversation inside
  the VPC is recorded at both ends, so over a whole VPC its bytes count twice: narrow with
  --interface to one network interface to count each packet once. Addresses are those the interface
  saw; at a NAT or transit gateway the true ends differ. Rejected packets are counted too.
params:
  limit: {type: int, default: 20, min: 0, help: Most pairs to return.}
columns:
  srcaddr: string
  dstaddr: string
  bytes: int
  packets: int
  flows: int
tags: [bytes, volume, talkers, pairs]
--- */
SELECT
    srcaddr,
    dstaddr,
    SUM(bytes) AS bytes, -- flowsql: ignore FQ701 the description says how to count each packet once
    SUM(packets) AS packets,
    COUNT(*) AS flows
FROM {{ flows }}
GROUP BY srcaddr, dstaddr
ORDER BY bytes DESC, srcaddr ASC, dstaddr ASC
LIMIT {{ limit }}
