SELECT
    tgw_id,
    tgw_attachment_id AS from_attachment,
    tgw_pair_attachment_id AS to_attachment,
    SUM(bytes) AS bytes,
    SUM(packets) AS packets,
    COUNT(*) AS flows,
    
    'ingress' AS basis
    


FROM flows
WHERE
    tgw_id IS NOT NULL
    
    AND flow_direction = 'ingress'
    
    


GROUP BY tgw_id, tgw_attachment_id, tgw_pair_attachment_id
ORDER BY bytes DESC, tgw_id ASC, from_attachment ASC, to_attachment ASC
LIMIT 20
