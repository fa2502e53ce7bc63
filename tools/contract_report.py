#!/usr/bin/python3
"""Which operations and statuses of the contract did no test produce?

usage: tools/contract_report.py LOG... [--openapi FILE]

A log (ANAMNESIS_CONTRACT_LOG) has one line a reply: `operationId status`. Prints each pair that is declared and
was not produced, and each that was produced without being declared; exits 1 when anything declared is missing.
"""
import argparse
import collections
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from contract import source  # noqa: E402


def read_logs(paths):
    counts = collections.Counter()
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            words = line.split()
            if len(words) != 2 or not words[1].isdigit():
                sys.exit(f"{path}:{number}: must read `operationId status`")
            counts[words[0], int(words[1])] += 1
    return counts


def main():
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("logs", nargs="+", type=Path, metavar="LOG")
    parser.add_argument("--openapi", type=Path, default=root / "openapi.yaml")
    arguments = parser.parse_args()
    try:
        contract = source.Contract(arguments.openapi)
    except source.ContractError as error:
        sys.exit(str(error))
    counts = read_logs(arguments.logs)
    declared = [(operation.id, status) for operation in contract.routed for status in operation.responses]
    missing = [pair for pair in declared if pair not in counts]
    for name, status in missing:
        print(f"not produced: {name} {status}")
    for name, status in sorted(set(counts) - set(declared)):
        print(f"not declared: {name} {status} ({counts[name, status]} times)")
    print(f"{len(declared) - len(missing)} of {len(declared)} declared replies were produced, "
          f"{sum(counts.values())} replies in all")
    sys.exit(1 if missing else 0)


if __name__ == "__main__":
    main()
