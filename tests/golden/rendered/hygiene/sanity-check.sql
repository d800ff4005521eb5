WITH hours AS (
    SELECT
        CASE
            WHEN "start" < 1795341600 THEN 1795341600 / 3600 * 3600
            ELSE "start" / 3600 * 3600
        END AS hour_start,
        
        log_status = 'OK' AS is_flow,
        


        
        interface_id,
        


        end_time
    FROM records
)
SELECT
    FROM_UNIXTIME(hour_start) AS hour,
    COUNT(*) AS records,
    COUNT_IF(is_flow) AS flows,
    COUNT(DISTINCT interface_id) AS interfaces,
    MAX(end_time) AS newest
FROM hours
GROUP BY hour_start
ORDER BY hour DESC
LIMIT 1000
