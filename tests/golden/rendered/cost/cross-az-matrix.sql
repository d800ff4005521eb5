WITH hops AS (
    SELECT
        CASE WHEN flow_direction = 'egress' THEN az_id ELSE next_hop_az_id END AS from_zone,
        CASE WHEN flow_direction = 'egress' THEN next_hop_az_id ELSE az_id END AS to_zone,
        az_id <> next_hop_az_id
        
        AND COALESCE(next_hop_interface_type, '') NOT IN ('transit_gateway', 'vpc_endpoint')
        
        
        AND COALESCE(interface_type, '') NOT IN ('transit_gateway', 'vpc_endpoint')
        
            AS billed,
        CASE WHEN flow_direction = 'egress' THEN bytes ELSE 0 END AS sent,
        CASE WHEN flow_direction = 'egress' THEN 0 ELSE bytes END AS received
    FROM flows
    WHERE
        action = 'ACCEPT'
        AND az_id IS NOT NULL
        AND next_hop_az_id IS NOT NULL
),
zones AS (
    SELECT
        from_zone,
        to_zone,
        billed,
        SUM(sent) AS sent,
        SUM(received) AS received
    FROM hops
    GROUP BY from_zone, to_zone, billed
)
SELECT
    from_zone AS from_az,
    to_zone AS to_az,
    SUM(GREATEST(sent, received)) AS bytes,
    SUM(CASE WHEN billed THEN GREATEST(sent, received) ELSE 0 END) AS billed_bytes,
    SUM(CASE WHEN billed THEN GREATEST(sent, received) ELSE 0 END) / 1073741824E0
    * 2 * 0.01E0 AS cost_usd,
    SUM(sent) AS sent_bytes,
    SUM(received) AS received_bytes
FROM zones
GROUP BY from_zone, to_zone
ORDER BY billed_bytes DESC, bytes DESC, from_az ASC, to_az ASC
