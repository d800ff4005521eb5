/* ---
title: Beaconing
description: >
  Which hosts contact one internet address and port at regular intervals, as malware calling home
  does (and as updates, monitoring and time servers do). A contact is a new connection (another
  source port), or traffic on the same ports after a minute of silence; gaps between contacts are
  compared with the pair's middle gap at one interface. Refused contacts count. Steady traffic on
  one connection is not seen, nor are periods shorter than the aggregation interval (up to 10
  minutes) on the same ports. The window must hold `min_events` periods.
params:
  min_events: {type: int, default: 10, min: 2, help: Fewest contacts of a pair.}
  jitter:     {type: float, default: 0.1, min: 0, help: How far a gap may be off the middle one.}
  share:      {type: float, default: 0.8, min: 0, max: 1, help: Least share of regular gaps.}
  burst:      {type: duration, default: 10s, help: Contacts closer together than this are one.}
  own:        {type: cidrs, optional: true, help: Your own public and IPv6 networks; not internet.}
  limit:      {type: int, default: 100, min: 0, help: Most pairs to return.}
columns:
  srcaddr: string
  dstaddr: string
  protocol: string
  port: int
  interface_id: string
  contacts: int
  rejected: int
  period_seconds: int
  regular_share: float
  bytes: int
  first_seen: timestamp
  last_seen: timestamp
tags: [beacon, command-and-control, malware, interval, T1071, T1571]
--- */
WITH departures AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        protocol,
        interface_id,
        action,
        start_time,
        end_time,
        "start" AS started,
        LAG("end") OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol, srcport
            ORDER BY "start" ASC, "end" ASC
        ) AS previous_end,
        SUM(bytes) OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol
        ) AS pair_bytes
    FROM {{ flows }}
    WHERE
        {{ is_public(dstaddr) }}
        {% if has('flow_direction') %}
        AND flow_direction = 'egress'
        {% endif %}
        {% if own %}
        AND NOT {{ in_any(dstaddr, own) }}
        {% endif %}
),
moments AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        protocol,
        interface_id,
        started,
        started - LAG(started) OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol
            ORDER BY started ASC
        ) AS since_previous,
        MIN(CASE WHEN action = 'REJECT' THEN 1 ELSE 0 END) AS refused,
        MAX(pair_bytes) AS pair_bytes,
        MIN(start_time) AS start_time,
        MAX(end_time) AS end_time
    FROM departures
    WHERE previous_end IS NULL OR started - previous_end > 60
    GROUP BY srcaddr, dstaddr, dstport, protocol, interface_id, started
),
contacts AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        protocol,
        interface_id,
        started - LAG(started) OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol
            ORDER BY started ASC
        ) AS gap,
        refused,
        pair_bytes,
        start_time,
        end_time
    FROM moments
    WHERE since_previous IS NULL OR since_previous >= {{ burst }}
),
ranked AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        protocol,
        interface_id,
        gap,
        ROW_NUMBER() OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol
            ORDER BY gap ASC NULLS LAST
        ) AS place,
        COUNT(gap) OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol
        ) AS gaps,
        refused,
        pair_bytes,
        start_time,
        end_time
    FROM contacts
),
compared AS (
    SELECT
        srcaddr,
        dstaddr,
        dstport,
        {{ protocol_name(protocol) }} AS protocol_name,
        interface_id,
        gap,
        MAX(CASE WHEN place = (gaps + 1) / 2 THEN gap END) OVER (
            PARTITION BY interface_id, srcaddr, dstaddr, dstport, protocol
        ) AS middle_gap,
        refused,
        pair_bytes,
        start_time,
        end_time
    FROM ranked
)
SELECT
    srcaddr,
    dstaddr,
    protocol_name AS protocol,
    dstport AS port,
    interface_id,
    COUNT(*) AS contacts,
    SUM(refused) AS rejected,
    MAX(middle_gap) AS period_seconds,
    CAST(COUNT_IF(ABS(gap - middle_gap) <= {{ jitter }} * middle_gap + 1) AS DOUBLE)
    / NULLIF(COUNT(gap), 0) AS regular_share,
    MAX(pair_bytes) AS bytes,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen
FROM compared
GROUP BY srcaddr, dstaddr, protocol_name, dstport, interface_id
HAVING
    COUNT(*) >= {{ min_events }}
    AND CAST(COUNT_IF(ABS(gap - middle_gap) <= {{ jitter }} * middle_gap + 1) AS DOUBLE)
    >= {{ share }} * COUNT(gap)
ORDER BY
    regular_share DESC,
    contacts DESC,
    srcaddr ASC,
    dstaddr ASC,
    protocol ASC,
    port ASC,
    interface_id ASC
LIMIT {{ limit }}
