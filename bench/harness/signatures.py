"""Signatures as many as real sets have, made by a seed, and what libclamav's engine takes for them.

Real sets are hashes of whole files in the main (here .hsb: SHA-256, size, name), and for a small part sequences of bytes (.ndb). Most of such
files are programs, whose sizes are multiples of 512. That matters: libclamav keeps a table for each size, and not for more than some
three million sizes.
"""

import collections
import pathlib
import random
import time

from harness import load
from support import scan_engine

SEED = 11
BODIES_PER_MILLION = 20_000  # of the set; the rest are hashes
AT_ONCE = 10_000  # lines written together
LOAD_SECONDS_MAX = 900
LOOKS = 50

Engine = collections.namedtuple("Engine", "signatures megabytes seconds processor look_milliseconds")


def lines(chance, count, line):
    for start in range(0, count, AT_ONCE):
        yield "".join(line(chance, number) for number in range(start, min(start + AT_ONCE, count)))


def of_a_file(chance, number):
    size = chance.randrange(1 << 10, 1 << 20) if number % 4 == 0 else 512 * chance.randrange(2, 1 << 15)
    return f"{chance.randbytes(32).hex()}:{size}:Bench.Hash-{number}:73\n"


def of_bytes(chance, number):
    return f"Bench.Body-{number}:0:*:{chance.randbytes(chance.randrange(16, 64)).hex()}\n"


def write(directory, count, seed=SEED):
    """The small set of our own, and `count` signatures. Returns the directory."""
    directory = scan_engine.signatures(pathlib.Path(directory))
    chance, bodies = random.Random(seed), count * BODIES_PER_MILLION // 1_000_000
    for name, number, line in (("bench.hsb", count - bodies, of_a_file), ("bench.ndb", bodies, of_bytes)):
        if number:
            with open(directory / name, "w", encoding="ascii") as out:
                out.writelines(lines(chance, number, line))
    return directory


def kilobytes(pid, name):
    status = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(f"{name}:"))


def measure(directory, log, count):
    """The engine with these signatures: what it keeps, what it took to load them, and the processor time of a look (a fork, a canary)."""
    scan_engine.PATIENCE_SECONDS = LOAD_SECONDS_MAX
    began = time.monotonic()
    with scan_engine.Engine(directory, log) as engine:
        seconds, processor = time.monotonic() - began, load.processor_seconds([engine.process.pid])
        if engine.hello is None or engine.look(scan_engine.EICAR).verdict != "infected" or engine.look(b"nothing").verdict != "clean":
            raise RuntimeError(f"the engine does not find what it should with {count} signatures: {log}")
        before = load.processor_with_children([engine.process.pid])
        for _ in range(LOOKS):
            engine.look(b"nothing")
        look = (load.processor_with_children([engine.process.pid]) - before) / LOOKS
        return Engine(count, kilobytes(engine.process.pid, "VmRSS") / 1024, seconds, processor, 1000 * look)
