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
    `aws-account-id` string,
    `aws-service` string,
    `aws-region` string,
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
    'skip.header.line.count' = '1'
)