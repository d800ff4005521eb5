/* ---
title: Rejected SSH
description: >
  Who was refused on SSH, how often, at which interfaces. An attempt is one flow log record, so a
  source that keeps knocking is counted once per capture window and interface. REJECT does not say
  whether a security group or a network ACL refused, and includes late packets of sessions already
  closed.
params:
  port:  {type: port, default: 22, help: Destination port.}
  limit: {type: int, default: 100, min: 0, help: Most sources to return.}
columns:
  srcaddr: string
  interface_id: string
  attempts: int
  first_seen: timestamp
  last_seen: timestamp
tags: [ssh, reject, T1110]
--- */
SELECT
    srcaddr,
    interface_id,
    COUNT(*) AS attempts,
    MIN(start_time) AS first_seen,
    MAX(end_time) AS last_seen
FROM {{ flows }}
WHERE
    action = 'REJECT'
    AND protocol = 6
    AND dstport = {{ port }}
GROUP BY srcaddr, interface_id
ORDER BY attempts DESC, srcaddr ASC, interface_id ASC
LIMIT {{ limit }}
