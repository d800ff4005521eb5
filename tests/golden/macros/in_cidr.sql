-- {{ in_cidr(srcaddr, net) }}
contains('10.0.0.0/8', TRY_CAST(srcaddr AS IPADDRESS))

-- {{ in_cidr(srcaddr, '10.0.0.0/8') }}
contains('10.0.0.0/8', TRY_CAST(srcaddr AS IPADDRESS))

-- {{ in_cidr('f.srcaddr', net) }}
contains('10.0.0.0/8', TRY_CAST(f.srcaddr AS IPADDRESS))

-- {{ in_cidr(srcaddr, host) }}
contains('2001:db8::9/128', TRY_CAST(srcaddr AS IPADDRESS))

-- {{ in_cidr(srcaddr, nets) }}
(contains('10.0.0.0/8', TRY_CAST(srcaddr AS IPADDRESS)) OR contains('2001:db8::/32', TRY_CAST(srcaddr AS IPADDRESS)))

-- {{ in_cidr(srcaddr, '::/0') }}
(contains('::/0', TRY_CAST(srcaddr AS IPADDRESS)) AND NOT contains('0.0.0.0/0', TRY_CAST(srcaddr AS IPADDRESS)))

-- NOT {{ in_cidr(srcaddr, ['10.0.0.0/8', host]) }}
NOT (contains('10.0.0.0/8', TRY_CAST(srcaddr AS IPADDRESS)) OR contains('2001:db8::9/128', TRY_CAST(srcaddr AS IPADDRESS)))
