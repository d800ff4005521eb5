"""A local AWS that answers for real: moto's S3, Glue and EC2, Athena's API, and a Trino 476 that executes.

In a test marked `trino` (`make test-trino` runs them):

    @pytest.mark.trino
    def test_it(local_aws: Stack) -> None:          # or `stack`, which leaves the environment alone
        bucket, database = local_aws.bucket(), local_aws.database()
        local_aws.client("s3").put_object(…)
        pyathena.connect(s3_staging_dir=f"s3://{bucket}/results/", region_name=local_aws.region)

`local_aws` sets AWS_ENDPOINT_URL, region and credentials, so PyAthena, boto3 and flowsql believe in AWS. Beside AWS's
own APIs: `.trino(sql)` → rows, types, stats; `.validate(sql)` and `.hive(ddl)` → Verdict(ok, name, message, line,
column); `.io(sql)` → EXPLAIN (TYPE IO) as a dict; `.fault(kind, …)`, where kind is

    throttled (times, operation) · too_many_queries (times) · slow (seconds, state, times) ·
    failed (reason, category, error_type, retryable, times) · expired (times) · denied (bucket, writes_only) ·
    hanging (seconds, operation, times), which hears a call late · hanging_answer (the same), which answers it late ·
    refused (operation, times), as IAM does

By hand: `python -m tests.stack`. Names of buckets and databases must be fresh ones: all tests of a run share the stack.
"""
