/* ---
title: Sanity check
description: >
  Does this table return anything: records and flows per hour, newest hour first, and the newest
  record. Run it before anything else. records are all lines, flows those of traffic (log-status
  OK). An hour without a row has no record at all, which with live interfaces means that none were
  delivered there; the latest ten to twenty minutes are always incomplete. A record counts in the
  hour (UTC) in which it starts, or in the window's first hour if it began before.
params:
  limit: {type: int, default: 1000, min: 0, help: Most hours to return.}
columns:
  hour: timestamp
  records: int
  flows: int
  interfaces: int
  newest: timestamp
tags: [hygiene, coverage, first]
--- */
WITH hours AS (
    SELECT
        CASE
            WHEN "start" < {{ window.start }} THEN {{ window.start }} / 3600 * 3600
            ELSE "start" / 3600 * 3600
        END AS hour_start,
        {% if has('log_status') %}
        log_status = 'OK' AS is_flow,
        {% else %}
        TRUE AS is_flow,
        {% endif %}
        {% if has('interface_id') %}
        interface_id,
        {% else %}
        CAST(NULL AS VARCHAR) AS interface_id,
        {% endif %}
        end_time
    FROM {{ records }}
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
LIMIT {{ limit }}
