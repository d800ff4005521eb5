SELECT
    tgw_src_vpc_account_id AS src_account,
    tgw_src_vpc_id AS src_vpc,
    tgw_dst_vpc_account_id AS dst_account,
    tgw_dst_vpc_id AS dst_vpc,
    SUM(bytes) AS bytes,
    SUM(packets) AS packets,
    COUNT(*) AS flows
FROM flows
WHERE flow_direction = 'ingress'
GROUP BY tgw_src_vpc_account_id, tgw_src_vpc_id, tgw_dst_vpc_account_id, tgw_dst_vpc_id
ORDER BY bytes DESC, src_account ASC, src_vpc ASC, dst_account ASC, dst_vpc ASC
LIMIT 100
