WITH observations AS (
    SELECT
        CASE
            WHEN
                protocol = 6
                AND '10.0.0.5' IN (srcaddr, pkt_srcaddr)
                AND '10.0.0.5' IN (dstaddr, pkt_dstaddr)
                


                THEN 'request'
            WHEN
                protocol = 6
                AND '10.0.0.5' IN (srcaddr, pkt_srcaddr)
                AND '10.0.0.5' IN (dstaddr, pkt_dstaddr)
                


                THEN 'reply'
        END AS leg,
        
        CASE
            WHEN flow_direction = 'egress' AND srcaddr = '10.0.0.5' THEN 'source'
            WHEN flow_direction = 'ingress' AND dstaddr = '10.0.0.5' THEN 'source'
            WHEN flow_direction = 'egress' AND srcaddr = '10.0.0.5' THEN 'destination'
            WHEN flow_direction = 'ingress' AND dstaddr = '10.0.0.5' THEN 'destination'
            WHEN flow_direction IS NULL THEN 'unknown'
            ELSE 'between'
        END AS seen_at,
        












        interface_id,
        action,
        packets,
        bytes,
        
        CASE WHEN protocol = 6 THEN tcp_flags END AS flag_bits,
        
        start_time,
        end_time
    FROM flows
    
    WHERE
        protocol = 6
        


        AND '10.0.0.5' IN (srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr)
        AND '10.0.0.5' IN (srcaddr, dstaddr, pkt_srcaddr, pkt_dstaddr)
    




)
SELECT
    leg,
    seen_at,
    interface_id,
    action,
    COUNT(*) AS records,
    SUM(packets) AS packets,
    SUM(bytes) AS bytes,
    
    CASE WHEN COUNT(flag_bits) = 0 THEN NULL WHEN MAX(flag_bits) = 0 THEN 'none' ELSE TRIM(CASE WHEN BOOL_OR((bitwise_and(flag_bits, 18) = 18)) THEN 'SYN-ACK ' WHEN BOOL_OR((bitwise_and(flag_bits, 2) = 2)) THEN 'SYN ' ELSE '' END || CASE WHEN BOOL_OR((bitwise_and(flag_bits, 1) = 1)) THEN 'FIN ' ELSE '' END || CASE WHEN BOOL_OR((bitwise_and(flag_bits, 4) = 4)) THEN 'RST ' ELSE '' END) END AS flags,
    


    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen,
    
    'flow-direction, tcp-flags' AS basis
    






FROM observations
WHERE leg IS NOT NULL
GROUP BY leg, seen_at, interface_id, action
ORDER BY
    leg DESC,
    CASE seen_at
        WHEN 'source' THEN CASE leg WHEN 'request' THEN 1 ELSE 4 END
        WHEN 'destination' THEN CASE leg WHEN 'request' THEN 4 ELSE 1 END
        WHEN 'between' THEN 2
        ELSE 3
    END ASC,
    interface_id ASC,
    action ASC
