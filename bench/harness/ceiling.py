"""The ceiling: the same SQL by pgbench, prepared and pipelined, without everything that we put around it."""

import os
import pathlib
import re
import subprocess
import tempfile

from harness.instance import url_environment


def script(*trips):
    """A transaction; each trip is a list of statements that travel together."""
    lines = []
    for number, trip in enumerate(trips):
        lines.append("\\startpipeline")
        lines += ["BEGIN;"] * (number == 0) + list(trip) + ["COMMIT;"] * (number == len(trips) - 1)
        lines.append("\\endpipeline")
    return "\n".join(lines) + "\n"


# For work that can be done once only: transaction n of client c takes its values from a row of its own.
NEXT_SUBMISSION = """\\set n :n + 1
SELECT id, assignment, token_hash, data_key FROM bench.submission WHERE client = :client_id AND number = :n \\gset
"""


def transactions_a_second(database_url, scripts, *, connections, seconds=None, transactions=None):
    """
    For so many seconds, or so many transactions of each connection. pgbench picks among the scripts at random, so that they
    do not all wait for the same row.
    """
    with tempfile.TemporaryDirectory() as directory:
        limit = ["-T", str(seconds)] if transactions is None else ["-t", str(transactions), "-D", "n=0"]
        command = ["pgbench", "-n", "-M", "prepared", "-c", str(connections), "-j", "2", *limit]
        for number, text in enumerate(scripts):
            path = pathlib.Path(directory) / f"{number}.sql"
            path.write_text(text, encoding="utf-8")
            command += ["-f", str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False,
                              env=os.environ | url_environment(database_url))
    rate = re.search(r"^tps = ([\d.]+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 or rate is None:
        raise RuntimeError(f"pgbench: {done.stdout[-500:]}{done.stderr[-1500:]}")
    return float(rate.group(1))
