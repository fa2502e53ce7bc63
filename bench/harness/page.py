"""docs/benchmarks.md and its picture: what one run of the benchmark measured, written between the page's markers."""

import pathlib

from harness import table
from harness.instance import TOP
from harness.pairs import ratio

PAGE = TOP / "docs" / "benchmarks.md"
PICTURE = TOP / "docs" / "benchmarks.svg"
BEGIN, END = "<!-- figures: written by bench/run --write-docs -->\n", "<!-- end of the figures -->\n"

WIDTH, LEFT, RIGHT, BAR, GAP, TOP_MARGIN = 760, 180, 60, 16, 14, 70
STYLE = """
  .ground { fill: #ffffff } text { fill: #1f2328; font: 13px sans-serif } .small { font-size: 11px; fill: #59636e }
  .axis { stroke: #59636e; stroke-dasharray: 3 3 } .spread { stroke: #1f2328; stroke-width: 1.5 }
  .bar0 { fill: #54aeff } .bar1 { fill: #2da44e } .bar2 { fill: #bf8700 }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #0d1117 } text { fill: #e6edf3 } .small { fill: #9198a1 } .axis { stroke: #9198a1 } .spread { stroke: #e6edf3 }
    .bar0 { fill: #1f6feb } .bar1 { fill: #238636 } .bar2 { fill: #9e6a03 }
  }
"""


def markdown(head, rows, words):
    """A table; `words`: how many of its columns are none of figures."""
    lines = [head, ["---"] * words + ["---:"] * (len(head) - words), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines) + "\n"


def picture(beside):
    """A bar for each operation and service as long as the median of the ratios, and a line from the least to the most."""
    services = list(dict.fromkeys(service for _, service in beside))
    operations = list(dict.fromkeys(name for name, _ in beside))
    ratios = {key: ratio(found) for key, found in beside.items()}
    scale = (WIDTH - LEFT - RIGHT) / max([1.0, *(one.most for one in ratios.values())])
    height = TOP_MARGIN + len(operations) * (len(services) * BAR + GAP) + 10
    parts = [f'<rect class="ground" width="{WIDTH}" height="{height}"/>',
             '<text x="12" y="20">Requests per second: Anamnesis divided by each peer (more is better)</text>']
    for number, service in enumerate(services):
        x = 12 + 170 * number
        parts.append(f'<rect class="bar{number}" x="{x}" y="30" width="11" height="11"/><text class="small" x="{x + 16}" y="40">{service}</text>')
    y = TOP_MARGIN
    for name in operations:
        parts.append(f'<text x="12" y="{y + len(services) * BAR / 2 + 4:.0f}">{name}</text>')
        for number, service in enumerate(services):
            one = ratios.get((name, service))
            if one is None:
                continue
            middle = y + BAR / 2
            parts.append(f'<rect class="bar{number}" x="{LEFT}" y="{y + 1}" width="{one.median * scale:.1f}" height="{BAR - 2}"/>'
                         f'<line class="spread" x1="{LEFT + one.least * scale:.1f}" x2="{LEFT + one.most * scale:.1f}" y1="{middle}" y2="{middle}"/>'
                         f'<text class="small" x="{LEFT + one.most * scale + 6:.1f}" y="{middle + 4}">{one.median:.2f}</text>')
            y += BAR
        y += GAP
    at_one = f"{LEFT + scale:.1f}"
    parts.append(f'<line class="axis" x1="{at_one}" x2="{at_one}" y1="{TOP_MARGIN - 6}" y2="{height - 10}"/>'
                 f'<text class="small" x="{float(at_one) - 3:.1f}" y="{TOP_MARGIN - 10}">1</text>')
    title = "Requests per second of Anamnesis divided by those of each peer, by operation"
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-label="{title}">\n'
            f"<style>{STYLE}</style>\n" + "\n".join(parts) + "\n</svg>\n")


def facts(machine, options):
    return (f"Measured on {machine['date']} at commit {machine['commit']}: {machine['processors']} processors ({machine['model']}), "
            f"{machine['memory']} GB of memory, {machine['system']}; " + ", ".join(f"{name} {version}" for name, version in machine["versions"].items()) +
            f". {options['patients']} patients, {options['patients'] * options['responses']} responses, {options['workers']} workers of the "
            f"api lane, {options['connections']} connections, {options['rounds']} pairs of {options['seconds']} seconds each. "
            f"Before the run, the machine's load was {machine['load']:.1f}.\n")


def text(run):
    """What stands between the markers. `run`: what bench/run leaves in bench.json, read."""
    parts = [facts(run["machine"], run["options"])]
    if run["beside"]:
        parts.append("## Beside other programs\n\n![Bars: requests per second of Anamnesis divided by those of each peer](benchmarks.svg)\n\n" +
                     markdown(table.PEER_HEAD, table.peer_rows(run["beside"]), 2))
    parts += [f"{sentence}\n" for sentence in run["missing"]]
    parts.append("## By itself\n\n" + markdown(table.OWN_HEAD, table.own_rows(run["operations"]), 1))
    sizes = ", ".join(f"{name} {size:.1f} MB" for name, size in run["memory"].items())
    parts.append(f"Resident memory of the largest process: {sizes}.\n")
    if run.get("files"):
        parts.append(files_text(run["files"]))
    return "\n".join(parts)


def files_text(files):
    return "\n".join(["## Photos and documents\n", markdown(table.PHOTO_HEAD, table.photo_rows(files["made"]), 2),
                      f"{table.flow_text(files['flow'])}.\n\n{table.uploads_text(files['beside'])}.\n",
                      markdown(table.ENGINE_HEAD, table.engine_rows(files["engines"]), 1)])


def write(run, page=PAGE, drawing=PICTURE):
    """Puts the run's figures in their place; what stands around them is a person's."""
    page, drawing = pathlib.Path(page), pathlib.Path(drawing)
    before, rest = page.read_text(encoding="utf-8").split(BEGIN)
    page.write_text(f"{before}{BEGIN}\n{text(run)}\n{END}{rest.split(END)[1]}", encoding="utf-8")
    if run["beside"]:
        drawing.write_text(picture(run["beside"]), encoding="utf-8")
