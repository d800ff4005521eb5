-- {{ bucket('5m') }}
from_unixtime("start" / 300 * 300)

-- {{ bucket(bin) }}
from_unixtime("start" / 300 * 300)

-- {{ bucket('1h', end) }}
from_unixtime("end" / 3600 * 3600)

-- {{ bucket('1h', 'f.end') }}
from_unixtime(f."end" / 3600 * 3600)

-- {{ bucket('1d', 'hour_start') }}
from_unixtime(hour_start / 86400 * 86400)
