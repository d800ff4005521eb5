WITH passages AS (
    SELECT
        
        flow_direction = 'egress' AS outward,
        next_hop_interface_id AS nat_interface_id,
        'next-hop' AS basis,
        








        
        COALESCE(pkt_srcaddr, srcaddr) AS sender,
        


        
        COALESCE(pkt_dstaddr, dstaddr) AS receiver,
        


        
        instance_id,
        


        pkt_src_aws_service,
        pkt_dst_aws_service,
        bytes
    FROM flows
    WHERE
        action = 'ACCEPT'
        
        AND next_hop_interface_type IN ('nat_gateway', 'regional_nat_gateway')
        























),
exchanges AS (
    SELECT
        CASE WHEN outward THEN pkt_dst_aws_service ELSE pkt_src_aws_service END AS service,
        CASE WHEN outward THEN sender ELSE receiver END AS source,
        instance_id,
        nat_interface_id,
        outward,
        bytes,
        basis
    FROM passages
),
sources AS (
    SELECT
        service,
        source,
        instance_id,
        nat_interface_id,
        SUM(bytes) AS byte_count,
        SUM(CASE WHEN outward THEN bytes ELSE 0 END) AS sent,
        SUM(CASE WHEN outward THEN 0 ELSE bytes END) AS received,
        basis
    FROM exchanges
    WHERE service IS NOT NULL
    GROUP BY service, source, instance_id, nat_interface_id, basis
)
SELECT
    service,
    CASE
        WHEN service IN ('S3', 'DYNAMODB') THEN 'gateway'
        WHEN service IN ('EC2', 'GLOBALACCELERATOR') THEN 'none'
        WHEN service LIKE 'CLOUDFRONT%' OR service LIKE 'ROUTE53%' THEN 'none'
        ELSE 'interface'
    END AS endpoint,
    source,
    instance_id,
    nat_interface_id,
    byte_count AS bytes,
    sent AS bytes_out,
    received AS bytes_in,
    byte_count / 1073741824E0 * 0.045E0 AS cost_usd,
    SUM(byte_count) OVER (PARTITION BY service) / 1073741824E0 * 0.045E0 AS service_cost_usd,
    basis
FROM sources
ORDER BY
    service_cost_usd DESC,
    service ASC,
    bytes DESC,
    source ASC,
    instance_id ASC,
    nat_interface_id ASC
LIMIT 100
