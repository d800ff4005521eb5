/* ---
title: Traffic between VPCs
description: >
  How much went from which VPC and account to which through transit gateways. An end is empty that
  is no VPC (VPN, Direct Connect, a peered gateway) or that dropped packets never reached. A packet
  is recorded where it enters the gateway and where it leaves it, so only records of flow-direction
  ingress are summed. A packet that crosses two peered gateways is recorded by both.
params:
  limit: {type: int, default: 100, min: 0, help: Most pairs to return.}
columns:
  src_account: string
  src_vpc: string
  dst_account: string
  dst_vpc: string
  bytes: int
  packets: int
  flows: int
tags: [tgw, transit-gateway, vpc, account, bytes, matrix]
--- */
SELECT
    tgw_src_vpc_account_id AS src_account,
    tgw_src_vpc_id AS src_vpc,
    tgw_dst_vpc_account_id AS dst_account,
    tgw_dst_vpc_id AS dst_vpc,
    SUM(bytes) AS bytes,
    SUM(packets) AS packets,
    COUNT(*) AS flows
FROM {{ flows }}
WHERE flow_direction = 'ingress'
GROUP BY tgw_src_vpc_account_id, tgw_src_vpc_id, tgw_dst_vpc_account_id, tgw_dst_vpc_id
ORDER BY bytes DESC, src_account ASC, src_vpc ASC, dst_account ASC, dst_vpc ASC
LIMIT {{ limit }}
