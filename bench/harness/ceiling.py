"""The ceiling: the worker's statements by bench/load/ceiling.c, without everything that we put around them."""

import collections
import json
import os
import pathlib
import subprocess
import tempfile

from harness.instance import TOP, url_environment
from harness.statements import TYPES, Statement, statement, travelling

PROGRAM = TOP / "build" / "bench" / "load" / "ceiling"
WARM_UP_TRANSACTIONS = 8  # of each connection, where each row is used once: the server plans anew in the first five
NEW = object()  # an identifier that the program makes for each transaction

BEGIN = Statement("tx_begin", "BEGIN ISOLATION LEVEL READ COMMITTED", [])  # lib/db/tx.c
COMMIT = Statement("tx_commit", "COMMIT", [])

# One statement of a transaction. `other`: parameter -> the name of the fact that is its value, where that is not its own name.
Send = collections.namedtuple("Send", "statement other")

# `trips`: lists of Send that travel together. `rows`: each a transaction's facts by name, whose values the parameters take. `once`:
# a row cannot be used twice.
Transaction = collections.namedtuple("Transaction", "trips rows once")


def send(name, **other):
    return Send(statement(name), other)


def transaction(trips, rows, once=False):
    """The same between BEGIN and COMMIT."""
    whole = [list(trip) for trip in trips]
    whole[0].insert(0, Send(BEGIN, {}))
    whole[-1].append(Send(COMMIT, {}))
    return Transaction(whole, rows, once)


def without(whole, name):
    """The transaction without this statement."""
    return whole._replace(trips=[[one for one in trip if one.statement.name != name] for trip in whole.trips])


def value_of(one, parameter, facts):
    name = one.other.get(parameter.name, parameter.name)
    if facts.get(name) is None and not parameter.nullable:
        raise ValueError(f"{one.statement.name} needs {parameter.name}")
    return facts.get(name)


def texts(whole):
    """(script, rows) as bench/load/script.h has them."""
    columns, known, lines = {}, {}, []
    for trip in whole.trips:
        for one in trip:
            known[one.statement.name] = one.statement
            cells = []
            for parameter in one.statement.parameters:
                if value_of(one, parameter, whole.rows[0]) is NEW:
                    cells.append("new")
                    continue
                column = (one.other.get(parameter.name, parameter.name), parameter.kind)
                cells.append(str(columns.setdefault(column, len(columns))))
            lines.append("\t".join(["send", one.statement.name, *cells]))
        lines.append("trip")
    heads = ["\t".join(["statement", one.name,
                        ",".join("{}:{}".format(*TYPES[parameter.kind]) for parameter in one.parameters) or "-", one.text])
             for one in known.values()]
    rows = ["\t".join(travelling(facts.get(name), kind) for name, kind in columns) or "-" for facts in whole.rows]
    return "\n".join(heads + lines) + "\n", "\n".join(rows) + "\n"


def build():
    subprocess.run(["make", "-s", "-f", "Makefile", "-f", "bench/bench.mk", str(PROGRAM.relative_to(TOP))], cwd=TOP, check=True)


def measure(database_url, whole, *, connections, seconds, warm_up):
    """What it reached, as a dictionary: rate, p50, p99 (microseconds), processor (its own, a transaction)."""
    with tempfile.TemporaryDirectory() as directory:
        paths = [pathlib.Path(directory) / name for name in ("script", "rows")]
        for path, text in zip(paths, texts(whole)):
            path.write_text(text, encoding="utf-8")  # below a directory that nobody else may enter
        limits = (WARM_UP_TRANSACTIONS, 0) if whole.once else (warm_up, seconds)
        done = subprocess.run([PROGRAM, *paths, *map(str, (connections, *limits))], capture_output=True, text=True, check=False,
                              env=os.environ | url_environment(database_url))
    if done.returncode != 0:
        raise RuntimeError(done.stderr[-1500:])
    return json.loads(done.stdout)
