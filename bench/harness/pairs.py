"""How services are measured beside each other: in turn, the ratio of each pair, and between which bounds the ratios lie."""

import collections
import statistics

from harness import load

Pair = collections.namedtuple("Pair", "ours theirs")  # each a load.Result
Ratio = collections.namedtuple("Ratio", "median least most")


class Measure:
    """One way of measuring for all services: the same plan, the same load."""

    def __init__(self, options, directory):
        self.options = options
        self.plan = directory / "plan.tsv"
        self.warm = set()

    def once(self, operation, url, pids):
        """The load on one service. The first one is preceded by as much as compilers, caches and statements need."""
        threads = 2 if operation.script == "read.lua" else self.options.connections
        parts = {"connections": self.options.connections, "threads": threads, "arguments": operation.arguments, "pids": pids}
        if operation.warm_up and self.options.warm_up and (operation.name, *pids) not in self.warm:
            load.write_plan(self.plan, operation.plan())
            load.run(operation.script, url, self.plan, **parts, seconds=self.options.warm_up)
            self.warm.add((operation.name, *pids))
        load.write_plan(self.plan, operation.plan())
        return load.run(operation.script, url, self.plan, seconds=self.options.seconds, **parts)


def in_turn(measure, operation, ours, theirs, rounds):
    """ours, theirs, ours, theirs ...: each is (url, pids)."""
    return [Pair(measure.once(operation, *ours), measure.once(operation, *theirs)) for _ in range(rounds)]


def median_of(results):
    """The result in the middle by requests/s."""
    return sorted(results, key=lambda result: result.rate)[len(results) // 2]


def ratio(pairs, figure="rate"):
    """Ours divided by theirs in each pair."""
    found = [getattr(pair.ours, figure) / getattr(pair.theirs, figure) for pair in pairs]
    return Ratio(statistics.median(found), min(found), max(found))
