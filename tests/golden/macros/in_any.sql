-- {{ in_any(pkt_dstaddr, nets) }}
(contains('10.0.0.0/8', TRY_CAST(pkt_dstaddr AS IPADDRESS)) OR contains('2001:db8::/32', TRY_CAST(pkt_dstaddr AS IPADDRESS)))

-- {{ in_any(pkt_dstaddr, net) }}
contains('10.0.0.0/8', TRY_CAST(pkt_dstaddr AS IPADDRESS))
