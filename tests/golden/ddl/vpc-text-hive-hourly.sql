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
    `year` string,
    `month` string,
    `day` string,
    `hour` string
)
ROW FORMAT DELIMITED
    FIELDS TERMINATED BY ' '
STORED AS TEXTFILE
LOCATION 's3://logs/p/AWSLogs/'
TBLPROPERTIES (
    'skip.header.line.count' = '1',
    'projection.enabled' = 'true',
    'projection.aws_account.type' = 'enum',
    'projection.aws_account.values' = '000000000012,123456789012',
    'projection.aws_region.type' = 'enum',
    'projection.aws_region.values' = 'us-east-1',
    'projection.year.type' = 'integer',
    'projection.year.range' = '2026,2036',
    'projection.year.digits' = '4',
    'projection.month.type' = 'integer',
    'projection.month.range' = '01,12',
    'projection.month.digits' = '2',
    'projection.day.type' = 'integer',
    'projection.day.range' = '01,31',
    'projection.day.digits' = '2',
    'projection.hour.type' = 'integer',
    'projection.hour.range' = '00,23',
    'projection.hour.digits' = '2',
    'storage.location.template' = 's3://logs/p/AWSLogs/aws-account-id=${aws_account}/aws-service=vpcflowlogs/aws-region=${aws_region}/year=${year}/month=${month}/day=${day}/hour=${hour}/'
)