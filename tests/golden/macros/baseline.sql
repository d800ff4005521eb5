-- {{ baseline('7d') }}
baseline_1w

-- {{ baseline('90m') }}
baseline_90m

-- {{ baseline(bin) }}
baseline_5m

-- {{ baseline('1m30s') }}
baseline_90s
