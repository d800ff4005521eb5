"""What flowsql asks of AWS, through boto3."""
