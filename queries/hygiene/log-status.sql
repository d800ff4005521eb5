/* ---
title: Log status
description: >
  How complete the records of each interface are, those that lost most first. OK is traffic,
  NODATA a capture window without any, SKIPDATA a window in which AWS dropped records (capacity or
  an internal error). One SKIPDATA record may stand for many flows, so every count and sum over
  that interface is too low by an unknown amount; the share says how often it happened, not how
  much was lost. Rejects by VPC Block Public Access never leave a SKIPDATA record.
params:
  limit: {type: int, default: 100, min: 0, help: Most interfaces to return.}
columns:
  account_id: string
  interface_id: string
  ok: int
  nodata: int
  skipdata: int
  skipdata_share: float
  first_skipdata: timestamp
  last_skipdata: timestamp
tags: [hygiene, skipdata, nodata, coverage]
--- */
SELECT
    account_id,
    interface_id,
    COUNT_IF(log_status = 'OK') AS ok,
    COUNT_IF(log_status = 'NODATA') AS nodata,
    COUNT_IF(log_status = 'SKIPDATA') AS skipdata,
    CAST(COUNT_IF(log_status = 'SKIPDATA') AS DOUBLE) / COUNT(*) AS skipdata_share,
    MIN(CASE WHEN log_status = 'SKIPDATA' THEN start_time END) AS first_skipdata,
    MAX(CASE WHEN log_status = 'SKIPDATA' THEN end_time END) AS last_skipdata
FROM {{ records }}
GROUP BY account_id, interface_id
ORDER BY skipdata DESC, nodata DESC, ok DESC, account_id ASC, interface_id ASC
LIMIT {{ limit }}
