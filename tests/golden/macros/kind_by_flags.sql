-- {{ kind_by_flags(protocol, tcp_flags) }}
CASE WHEN protocol = 6 AND (bitwise_and(tcp_flags, 18) = 18) THEN 'reply' WHEN protocol = 6 AND (bitwise_and(tcp_flags, 2) = 2) THEN 'request' END

-- {{ kind_by_flags('f.protocol', 'f.tcp_flags') }}
CASE WHEN f.protocol = 6 AND (bitwise_and(f.tcp_flags, 18) = 18) THEN 'reply' WHEN f.protocol = 6 AND (bitwise_and(f.tcp_flags, 2) = 2) THEN 'request' END
