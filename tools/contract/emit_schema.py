"""Writes the schema tables as C (build/gen/api_schema.c)."""
from .schema import ANY, COUNT_MAX, COUNTS, TYPES

BOUND_MEMBERS = {"minimum": "minimum", "maximum": "maximum", "exclusiveMinimum": "exclusive_minimum",
                 "exclusiveMaximum": "exclusive_maximum", "multipleOf": "multiple_of"}
RUNS = ("properties", "required", "prefix", "all_of", "any_of", "one_of", "values", "constant")


def c_string(text):
    """A C string literal; octal escapes cannot run into the next character."""
    if text is None:
        return "NULL"
    plain = {ord('"'): '\\"', ord("\\"): "\\\\", ord("?"): "\\?"}
    return '"' + "".join(plain.get(byte, chr(byte) if 32 <= byte < 127 else f"\\{byte:03o}")
                         for byte in text.encode("utf-8")) + '"'


def c_bool(value):
    return "true" if value else "false"


def c_row(**members):
    """A row of a table. Its members have their names, so that another one shifts none of them."""
    return "    {" + ", ".join(f".{name} = {value}" for name, value in members.items()) + "},"


def c_number(value):
    return "INFINITY" if value == float("inf") else repr(float(value))


def c_integer(value):
    return "INT64_MIN" if value == -2**63 else str(value)


def node_row(node):
    """Only what differs from nothing: zero is C's default, the rest is written."""
    cells = [f".types = {'SCHEMA_ANY' if node['types'] == ANY else node['types']}"]
    for name in ("bounds", "format"):
        if node[name]:
            cells.append(f".{name} = {node[name]}")
    if node["unique"]:
        cells.append(".unique = true")
    cells += [f".{name} = {node[name]}" for name in ("ref", "items", "additional", "pattern", "earliest", "latest")]
    cells += [f".{name} = {{{node[name][0]}, {node[name][1]}}}" for name in RUNS if node[name][1]]
    for name, _ in COUNTS:
        if node[name] == COUNT_MAX:
            cells.append(f".{name} = INT64_MAX")
        elif node[name]:
            cells.append(f".{name} = {node[name]}")
    cells += [f".{member} = {c_number(node[keyword])}" for keyword, member in BOUND_MEMBERS.items() if node[keyword]]
    return "    {" + ", ".join(cells) + "},"


def value_row(row):
    type_name = "SCHEMA_" + next(name for name, bit in TYPES.items() if bit == row["type"]).upper()
    size = 0 if row["text"] is None else len(row["text"].encode("utf-8"))
    return c_row(name=c_string(row["name"]), type=type_name, text=c_string(row["text"]), size=size,
                 integer=c_integer(row["integer"]), number=c_number(row["number"]),
                 children=f"{{{row['children'][0]}, {row['children'][1]}}}")


def moment_row(row):
    return c_row(from_now=c_bool(row["from_now"]), years=row["years"], days=row["days"], moment=f"INT64_C({row['moment']})")


def table(declaration, rows, empty):
    """An array; C has none without elements."""
    return [f"static {declaration}[] = {{", *(rows or [f"    {empty},"]), "};"]


def schema_source(compiler, problem_node):
    lines = ['#include "lib/http/api.h"', "", "#include <math.h>", ""]
    lines += table("const struct schema_node nodes", [node_row(node) for node in compiler.nodes], "{0}")
    lines += table("const struct schema_property properties",
                   [c_row(name=c_string(name), node=node) for name, node in compiler.properties], "{0}")
    lines += table("const char *const names", [f"    {c_string(name)}," for name in compiler.names], "NULL")
    lines += table("const int indexes", [f"    {index}," for index in compiler.indexes], "0")
    lines += table("const struct schema_value values", [value_row(row) for row in compiler.values], "{0}")
    lines += table("const struct schema_moment moments", [moment_row(row) for row in compiler.moments], "{0}")
    lines += table("struct schema_pattern patterns",
                   [c_row(text=c_string(text)) for text in compiler.patterns], "{0}")
    lines += ["const struct schema api_schema = {", "    .nodes = nodes,", "    .properties = properties,",
              "    .names = names,", "    .indexes = indexes,", "    .values = values,", "    .moments = moments,", "    .patterns = patterns,",
              f"    .pattern_count = {len(compiler.patterns)},", "};", f"const int api_problem_schema = {problem_node};"]
    return "\n".join(lines) + "\n"
