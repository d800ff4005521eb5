WITH passages AS (
    SELECT
        
        flow_direction = 'egress' AS outward,
        next_hop_interface_id AS nat_interface_id,
        'next-hop' AS basis,
        








        
        COALESCE(pkt_srcaddr, srcaddr) AS sender,
        


        
        COALESCE(pkt_dstaddr, dstaddr) AS receiver,
        


        
        instance_id,
        


        bytes
    FROM flows
    WHERE
        action = 'ACCEPT'
        
        AND next_hop_interface_type IN ('nat_gateway', 'regional_nat_gateway')
        























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
    byte_count / 1073741824E0 * 0.045E0 AS cost_usd,
    basis
FROM sources
ORDER BY bytes DESC, source ASC, instance_id ASC, nat_interface_id ASC
LIMIT 100
