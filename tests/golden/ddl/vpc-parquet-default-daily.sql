CREATE EXTERNAL TABLE `net`.`flow_logs` (
    `version` int,
    `account_id` string,
    `interface_id` string,
    `srcaddr` string,
    `dstaddr` string,
    `srcport` int,
    `dstport` int,
    `protocol` int,
    `packets` bigint,
    `bytes` bigint,
    `start` bigint,
    `end` bigint,
    `action` string,
    `log_status` string
)
PARTITIONED BY (
    `aws_account` string,
    `aws_region` string,
    `day` string
)
STORED AS PARQUET
LOCATION 's3://logs/p/AWSLogs/'
TBLPROPERTIES (
    'classification' = 'parquet',
    'projection.enabled' = 'true',
    'projection.aws_account.type' = 'enum',
    'projection.aws_account.values' = '000000000012,123456789012',
    'projection.aws_region.type' = 'enum',
    'projection.aws_region.values' = 'us-east-1',
    'projection.day.type' = 'date',
    'projection.day.format' = 'yyyy/MM/dd',
    'projection.day.range' = '2026/11/01,NOW',
    'projection.day.interval' = '1',
    'projection.day.interval.unit' = 'DAYS',
    'storage.location.template' = 's3://logs/p/AWSLogs/${aws_account}/vpcflowlogs/${aws_region}/${day}/'
)