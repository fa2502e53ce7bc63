"""lib/cloud's client alone: tests/programs/s3_run against small servers that say what AWS's documentation says."""

import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True  # the tree may belong to somebody else
sys.path.insert(0, str(TOP / "tests"))
