SELECT
    instance_id,
    SUM(bytes) AS bytes,
    
    SUM(CASE WHEN flow_direction = 'ingress' THEN bytes ELSE 0 END) AS bytes_in,
    SUM(CASE WHEN flow_direction = 'egress' THEN bytes ELSE 0 END) AS bytes_out,
    



    SUM(packets) AS packets,
    COUNT(*) AS flows,
    COUNT(DISTINCT interface_id) AS interfaces,
    
    'flow-direction' AS basis
    


FROM flows
WHERE instance_id IS NOT NULL
GROUP BY instance_id
ORDER BY bytes DESC, instance_id ASC
LIMIT 20
