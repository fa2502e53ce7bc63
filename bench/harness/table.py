"""The figures as text, for people."""

from harness import pairs


def row(cells, widths):
    return "  ".join(str(cell).rjust(width) if number else str(cell).ljust(width)
                     for number, (cell, width) in enumerate(zip(cells, widths)))


def table(head, rows):
    widths = [max(len(str(line[column])) for line in [head, *rows]) for column in range(len(head))]
    return "\n".join([row(head, widths), row(["-" * width for width in widths], widths)]
                     + [row(cells, widths) for cells in rows])


def milliseconds(microseconds):
    return f"{microseconds / 1000:.1f}"


def optional(value, form="{:.1f}"):
    return "-" if value is None else form.format(value)


def own_rows(figures):
    """figures: operation -> {"load", "calls", "trips", "ceiling"}"""
    for name, figure in figures.items():
        load, ceiling = figure["load"], figure.get("ceiling")
        share = None if not ceiling else 100 * load.rate / ceiling
        yield [name, f"{load.rate:.0f}", milliseconds(load.p50), milliseconds(load.p99), f"{load.processor:.0f}",
               optional(figure.get("calls")), optional(figure.get("trips"), "{:.2f}"),
               optional(ceiling, "{:.0f}"), optional(share, "{:.0f} %")]


OWN_HEAD = ["operation", "requests/s", "p50 ms", "p99 ms", "processor us", "system calls", "trips", "ceiling/s",
            "of the ceiling"]
PEER_HEAD = ["operation", "service", "ours/s", "theirs/s", "ratio", "least", "most", "processor", "p99"]


def peer_rows(beside):
    """
    beside: (operation, service) -> pairs. The ratio of requests/s is ours to theirs, the median of the pairs, and between which
    bounds they lie; more is better. Of processor time and p99 less is better.
    """
    for (name, service), found in beside.items():
        rate = pairs.ratio(found)
        ours, theirs = (pairs.median_of([getattr(pair, whose) for pair in found]) for whose in ("ours", "theirs"))
        yield [name, service, f"{ours.rate:.0f}", f"{theirs.rate:.0f}", f"{rate.median:.2f} x", f"{rate.least:.2f}", f"{rate.most:.2f}",
               f"1/{1 / pairs.ratio(found, 'processor').median:.1f}", f"{pairs.ratio(found, 'p99').median:.2f} x"]


COST_HEAD = ["transaction", "us", "audit row us", "row-level security us", "session check us"]


def cost_rows(costs):
    for cost in costs:
        yield [cost.name, *(f"{value:.0f}" for value in cost[1:])]


def sign_in_text(signs):
    return (f"A refused sign-in takes {signs.known:.2f} ms for an address that has an account and {signs.unknown:.2f} ms for one "
            f"that has none ({signs.difference:+.1f} %; the answers are the same)")


def attack_text(quiet, loaded, count):
    return (f"Auto-save while 200 connections sign in ({count} did): p50 {milliseconds(quiet.p50)} -> "
            f"{milliseconds(loaded.p50)} ms, p99 {milliseconds(quiet.p99)} -> {milliseconds(loaded.p99)} ms "
            f"({loaded.p99 / quiet.p99:.2f} x)")


PHOTO_HEAD = ["photo", "pixels", "MB", "processor ms"]
ENGINE_HEAD = ["generated signatures", "memory MB", "loaded in s", "processor s", "processor of a look ms"]


def photo_rows(made):
    for cost in made:
        yield [cost["name"], f"{cost['width']} x {cost['height']}", f"{cost['bytes'] / 1e6:.1f}", f"{cost['milliseconds']:.0f}"]


def engine_rows(engines):
    for one in engines:
        yield [f"{one['signatures']:,}", f"{one['megabytes']:.0f}", f"{one['seconds']:.1f}",
               f"{one['processor']:.1f}", f"{one['look_milliseconds']:.0f}"]


def flow_text(flow):
    return (f"{flow['photos']} photos of {flow['bytes'] / 1e6:.1f} MB that wait together: {flow['a_second']:.1f} a second from complete to clean, "
            f"{flow['processor_milliseconds']:.0f} ms of processor each in all programs of the scanner")


def uploads_text(beside):
    ratios = beside["ratios"]
    return (f"Auto-save while 20 photos are sent at 500 kB/s each and scanned ({beside['uploads']} were): p99 {milliseconds(beside['alone']['p99'])} -> "
            f"{milliseconds(beside['beside']['p99'])} ms ({beside['median']:.2f} x; in {len(ratios)} pairs {min(ratios):.2f} to {max(ratios):.2f})")
