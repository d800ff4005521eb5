SELECT
    account_id,
    interface_id,
    COUNT_IF(log_status = 'OK') AS ok,
    COUNT_IF(log_status = 'NODATA') AS nodata,
    COUNT_IF(log_status = 'SKIPDATA') AS skipdata,
    CAST(COUNT_IF(log_status = 'SKIPDATA') AS DOUBLE) / COUNT(*) AS skipdata_share,
    MIN(CASE WHEN log_status = 'SKIPDATA' THEN start_time END) AS first_skipdata,
    MAX(CASE WHEN log_status = 'SKIPDATA' THEN end_time END) AS last_skipdata
FROM records
GROUP BY account_id, interface_id
ORDER BY skipdata DESC, nodata DESC, ok DESC, account_id ASC, interface_id ASC
LIMIT 100
