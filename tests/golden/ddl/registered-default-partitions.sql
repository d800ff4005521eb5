ALTER TABLE `net`.`flow_logs` ADD IF NOT EXISTS
    PARTITION (`aws_account` = '123456789012', `aws_region` = 'us-east-1', `day` = '2026/11/22') LOCATION 's3://logs/p/AWSLogs/123456789012/vpcflowlogs/us-east-1/2026/11/22/'
