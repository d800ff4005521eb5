"""`python -m tests.stack`: the local AWS to try things by hand, until Ctrl-C."""

import sys
import threading

from tests.stack import aws
from tests.stack.parts import MissingPart, find_parts

_EXAMPLE = """
# Then, in another terminal:
#   aws s3 mb s3://results
#   python -c "from pyathena import connect
#   print(connect(s3_staging_dir='s3://results/').cursor().execute('SELECT 1').fetchall())"
# Trino itself is at {trino_url}, its log in {folder}. Ctrl-C ends everything."""


def main() -> int:
    """Start, tell where, wait."""
    try:
        find_parts()
    except MissingPart as missing:
        print(f"The stack cannot start: {missing}", file=sys.stderr)
        return 1
    print("Starting Trino …", file=sys.stderr)
    try:
        with aws.started() as stack:
            for name, value in stack.environment.items():
                print(f"export {name}={value}")
            print(_EXAMPLE.format(trino_url=stack.trino_url, folder=stack.folder), flush=True)
            threading.Event().wait()
    except KeyboardInterrupt:
        print("The stack has ended.", file=sys.stderr)
    return 0


if __name__ == "__main__":
    sys.exit(main())
