-- {{ kind_by_ports(srcport, dstport) }}
CASE WHEN srcport < 1024 AND dstport >= 1024 THEN 'reply' WHEN srcport < 32768 AND dstport >= 32768 THEN 'reply' WHEN dstport < 1024 AND srcport >= 1024 THEN 'request' WHEN dstport < 32768 AND srcport >= 32768 THEN 'request' ELSE 'unknown' END

-- {{ kind_by_ports('f.srcport', 'f.dstport') }}
CASE WHEN f.srcport < 1024 AND f.dstport >= 1024 THEN 'reply' WHEN f.srcport < 32768 AND f.dstport >= 32768 THEN 'reply' WHEN f.dstport < 1024 AND f.srcport >= 1024 THEN 'request' WHEN f.dstport < 32768 AND f.srcport >= 32768 THEN 'request' ELSE 'unknown' END
