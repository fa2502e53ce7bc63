"""Compiles JSON Schema 2020-12 into the flat tables that lib/http/schema_check.c walks (struct schema in schema.h).

Any keyword that is not implemented is an error, so that a schema never promises what is not checked.
"""
import datetime
import functools
import operator
import re

TYPES = {"null": 1, "boolean": 2, "integer": 4, "number": 8, "string": 16, "array": 32, "object": 64}
ANY = 127
FORMATS = ("date", "date-time", "uuid", "idn-email", "uri", "display-text", "display-name")  # in the order of enum schema_format, after none
ANNOTATIONS = {"title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly",
               "$schema", "$comment", "$id", "$defs"}
BOUNDS = ("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf")  # bits of `bounds`
COUNTS = (("min_length", "minLength"), ("max_length", "maxLength"), ("min_items", "minItems"),
          ("max_items", "maxItems"), ("min_properties", "minProperties"), ("max_properties", "maxProperties"))
UNIONS = ("oneOf", "anyOf")
LISTS = {"allOf": "all_of", "anyOf": "any_of", "oneOf": "one_of", "prefixItems": "prefix"}
LIMITS = {"x-minimum": "earliest", "x-maximum": "latest"}  # of dates and times, which JSON Schema cannot limit
FROM_NOW = re.compile(r"(-?)P([0-9]{1,3})([YD])")
IMPLEMENTED = (ANNOTATIONS | set(BOUNDS) | {keyword for _, keyword in COUNTS} | set(LISTS)
               | {"type", "properties", "required", "additionalProperties", "items", "uniqueItems", "pattern", "enum",
                  "const", "format", "$ref", "discriminator"}
               | set(LIMITS))
COUNT_MAX = 2**63 - 1
UNIQUE_MAX = 1000  # comparing each with each must stay short

# ECMA-262 knows the long names of general categories, PCRE2 the short ones.
CATEGORIES = {"Letter": "L", "Lowercase_Letter": "Ll", "Uppercase_Letter": "Lu", "Titlecase_Letter": "Lt",
              "Modifier_Letter": "Lm", "Other_Letter": "Lo", "Mark": "M", "Nonspacing_Mark": "Mn", "Spacing_Mark": "Mc",
              "Enclosing_Mark": "Me", "Number": "N", "Decimal_Number": "Nd", "Letter_Number": "Nl", "Other_Number": "No",
              "Punctuation": "P", "Symbol": "S", "Math_Symbol": "Sm", "Currency_Symbol": "Sc", "Separator": "Z",
              "Space_Separator": "Zs", "Other": "C", "Control": "Cc", "Format": "Cf"}


def type_of(value):
    """The name of its type in JSON Schema."""
    return next(name for kind, name in ((type(None), "null"), (bool, "boolean"), (int, "integer"), (float, "number"),
                                        (str, "string"), (list, "array"), (dict, "object")) if isinstance(value, kind))


class SchemaError(Exception):
    """A schema that cannot be compiled; the message says where and why."""


class UnknownKeyword(SchemaError):
    """A keyword that is not implemented."""


class Node(dict):
    """One schema_node: the members that differ from a schema that takes anything."""

    def __init__(self):
        super().__init__(types=ANY, bounds=0, format=0, unique=0, ref=-1, items=-1, additional=-1, pattern=-1, earliest=-1, latest=-1)
        for name in ("properties", "required", "prefix", "all_of", "any_of", "one_of", "values", "constant"):
            self[name] = (0, 0)
        for name, _ in COUNTS:
            self[name] = 0 if name.startswith("min") else COUNT_MAX
        for name in BOUNDS:
            self[name] = 0.0


class Compiler:
    """Collects tables. `resolve(ref)` gives the schema that a reference names; `house_rules` are the contract's."""

    def __init__(self, resolve, house_rules=True):
        self.resolve = resolve
        self.house_rules = house_rules
        self.nodes, self.properties, self.names, self.indexes, self.values, self.patterns, self.moments = [], [], [], [], [], [], []
        self.compiled = {}  # reference -> node
        self.anything = None

    def run(self, table, rows):
        """Appends rows that belong together; returns (first, count)."""
        first = len(table)
        table.extend(rows)
        return first, len(rows)

    def reference(self, ref, where):
        if ref not in self.compiled:
            self.compiled[ref] = len(self.nodes)  # before its content: it may refer to itself
            node = Node()
            self.nodes.append(node)
            target = self.resolve(ref)
            self.fill(node, target, ref)
        return self.compiled[ref]

    def compile(self, schema, where):
        """The index of the schema's node."""
        if isinstance(schema, dict) and "$ref" in schema and set(schema) <= ANNOTATIONS | {"$ref"}:
            return self.reference(schema["$ref"], where)
        if schema is True or schema == {}:
            if self.anything is None:
                self.anything = len(self.nodes)
                self.nodes.append(Node())
            return self.anything
        node = Node()
        index = len(self.nodes)
        self.nodes.append(node)
        self.fill(node, schema, where)
        return index

    def fill(self, node, schema, where):
        if schema is True:
            return
        if schema is False:
            node["types"] = 0
            return
        if not isinstance(schema, dict):
            raise SchemaError(f"{where}: a schema is an object or a boolean")
        for keyword in schema:
            if keyword not in IMPLEMENTED:
                raise UnknownKeyword(f"{where}: the keyword `{keyword}` is not implemented")
        self.fill_type(node, schema, where)
        if self.house_rules:
            self.check_names(schema, where)
        for keyword, name in LISTS.items():
            if keyword in schema:
                found = [self.compile(one, f"{where}/{keyword}/{i}") for i, one in enumerate(schema[keyword])]
                node[name] = self.run(self.indexes, found)
                if keyword in UNIONS:  # what is of none of their types is told so
                    node["types"] &= functools.reduce(operator.or_, (self.nodes[index]["types"] for index in found), 0)
        if "$ref" in schema:
            node["ref"] = self.reference(schema["$ref"], where)
        self.fill_object(node, schema, where)
        if "items" in schema and schema["items"] is not True:
            node["items"] = self.compile(schema["items"], f"{where}/items")
        node["unique"] = int(schema.get("uniqueItems", False))
        self.fill_scalar(node, schema, where)

    def fill_type(self, node, schema, where):
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        for one in types:
            if one not in TYPES:
                raise SchemaError(f"{where}: `{one}` is not a type")
        if types:
            node["types"] = sum(TYPES[one] for one in set(types))
        is_object = "object" in types or "properties" in schema
        if self.house_rules and is_object and "additionalProperties" not in schema:
            raise SchemaError(f"{where}: an object must say additionalProperties")

    def check_names(self, schema, where):
        """What tools make classes of has a name, and says its type: an alternative without one becomes "anything" there."""
        for keyword in UNIONS:
            for i, one in enumerate(schema.get(keyword, [])):
                if not isinstance(one, dict) or "$ref" not in one and one.get("type") in (None, "object", "array"):
                    raise SchemaError(f"{where}/{keyword}/{i}: an alternative must have a name (a $ref), or be a scalar")
        values = schema.get("enum", [schema["const"]] if "const" in schema else [])
        types = schema.get("type", [])
        types = [types] if isinstance(types, str) else types
        if any(type_of(value) not in types for value in values):
            raise SchemaError(f"{where}: enum and const need their values' type beside them")
        if "discriminator" in schema:
            self.check_discriminator(schema, where)

    def check_discriminator(self, schema, where):
        """It only repeats what the alternatives say: each fixes its own value of that member."""
        name, mapping = schema["discriminator"].get("propertyName"), schema["discriminator"].get("mapping")
        said = {}
        for one in schema.get("oneOf", []):
            target = self.resolve(one["$ref"])
            if name not in target.get("required", []):
                raise SchemaError(f"{where}: {one['$ref']} does not require `{name}`, the discriminator")
            said[target["properties"][name].get("const")] = one["$ref"]
        if not said or said != mapping:
            raise SchemaError(f"{where}: the discriminator's mapping must be {said}")

    def fill_object(self, node, schema, where):
        rows = [(name, self.compile(one, f"{where}/properties/{name}"))
                for name, one in schema.get("properties", {}).items()]
        node["properties"] = self.run(self.properties, sorted(rows, key=lambda row: row[0].encode()))
        required = schema.get("required", [])
        node["required"] = self.run(self.names, required)
        additional = schema.get("additionalProperties", True)
        if additional not in (True, {}):
            node["additional"] = self.compile(additional, f"{where}/additionalProperties")
        if self.house_rules and schema.get("additionalProperties") is False:
            for name in required:
                if name not in schema.get("properties", {}):
                    raise SchemaError(f"{where}: `{name}` is required but not a property")

    def fill_scalar(self, node, schema, where):
        for name, keyword in COUNTS:
            if keyword in schema:
                node[name] = int(schema[keyword])
        for bit, keyword in enumerate(BOUNDS):
            if keyword in schema:
                node["bounds"] |= 1 << bit
                node[keyword] = float(schema[keyword])
        if "pattern" in schema:
            node["pattern"] = self.pattern(schema["pattern"], where)
        if "format" in schema:
            if schema["format"] not in FORMATS:
                raise UnknownKeyword(f"{where}: the format `{schema['format']}` is not implemented")
            node["format"] = 1 + FORMATS.index(schema["format"])
        for keyword, name in LIMITS.items():
            if keyword in schema:
                node[name] = self.moment(schema[keyword], schema.get("format"), f"{where}/{keyword}")
        if "enum" in schema:
            node["values"] = self.value_run([(None, one) for one in schema["enum"]])
            if not schema["enum"]:
                node["types"] = 0  # nothing is one of no values
        if "const" in schema:
            node["constant"] = self.value_run([(None, schema["const"])])

    def pattern(self, text, where):
        text = re.sub(r"\\([pP])\{(\w+)\}", lambda m: f"\\{m[1]}{{{CATEGORIES.get(m[2], m[2])}}}", text)
        if "(*" in text or "\\C" in text:
            raise SchemaError(f"{where}: the pattern is not ECMA-262")
        if text not in self.patterns:
            self.patterns.append(text)
        return self.patterns.index(text)

    def moment(self, text, kind, where):
        """The index of a limit: `2000-01-01` of dates, `2000-01-01T00:00:00Z` of times, `P20Y` or `-P1D` from now of either."""
        found = FROM_NOW.fullmatch(text)
        row = {"from_now": int(bool(found)), "years": 0, "days": 0, "moment": 0}
        if kind not in ("date", "date-time"):
            raise SchemaError(f"{where}: only dates and times have such limits")
        if found:
            row["years" if found[3] == "Y" else "days"] = int(found[1] + found[2])
        else:
            try:
                moment = datetime.datetime.strptime(text, "%Y-%m-%d" if kind == "date" else "%Y-%m-%dT%H:%M:%SZ")
            except ValueError as error:
                raise SchemaError(f"{where}: must be a {kind} in UTC, or like P1D or -P20Y") from error
            row["moment"] = (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1)
        if row not in self.moments:
            self.moments.append(row)
        return self.moments.index(row)

    def value_run(self, pairs):
        """Values of enum and const: rows of (name, type, text, integer, number, first, count), children behind."""
        first = len(self.values)
        self.values.extend([None] * len(pairs))
        for i, (name, value) in enumerate(pairs):
            self.values[first + i] = self.value_row(name, value)
        return first, len(pairs)

    def value_row(self, name, value):
        row = {"name": name, "type": TYPES["null"], "text": None, "integer": 0, "number": 0.0, "children": (0, 0)}
        if isinstance(value, bool):
            row.update(type=TYPES["boolean"], integer=int(value))
        elif isinstance(value, int):
            row.update(type=TYPES["integer"], integer=value, number=float(value))
        elif isinstance(value, float):
            row.update(type=TYPES["number"], number=value)
        elif isinstance(value, str):
            row.update(type=TYPES["string"], text=value)
        elif isinstance(value, list):
            row.update(type=TYPES["array"], children=self.value_run([(None, one) for one in value]))
        elif isinstance(value, dict):
            row.update(type=TYPES["object"], children=self.value_run(list(value.items())))
        return row

    def tables(self):
        """Everything as plain lists, for a program that loads them at run time (tests/programs/schema_check.c)."""
        return {"nodes": self.nodes, "properties": self.properties, "names": self.names, "indexes": self.indexes,
                "values": self.values, "moments": self.moments, "patterns": self.patterns}


def check_request_schema(schema, resolve, where, errors, seen=None):
    """What comes from outside is bounded: text has a longest, a number a range, a compared list a most."""
    seen = set() if seen is None else seen
    if not isinstance(schema, dict):
        return
    if "$ref" in schema:
        if schema["$ref"] not in seen:
            seen.add(schema["$ref"])
            check_request_schema(resolve(schema["$ref"]), resolve, schema["$ref"], errors, seen)
    types = schema.get("type", [])
    types = [types] if isinstance(types, str) else types
    listed = "enum" in schema or "const" in schema
    if "string" in types and not listed and "maxLength" not in schema:
        errors.append(f"{where}: text from outside must have a maxLength")
    if ("integer" in types or "number" in types) and not listed and not {"minimum", "maximum"} <= set(schema):
        errors.append(f"{where}: a number from outside must have a minimum and a maximum")
    if schema.get("format") in ("date", "date-time") and not set(LIMITS) <= set(schema):
        errors.append(f"{where}: a date or time from outside must have an x-minimum and an x-maximum")
    if schema.get("uniqueItems") and schema.get("maxItems", UNIQUE_MAX + 1) > UNIQUE_MAX:
        errors.append(f"{where}: uniqueItems needs a maxItems of at most {UNIQUE_MAX}")
    for keyword in ("items", "additionalProperties"):
        check_request_schema(schema.get(keyword), resolve, f"{where}/{keyword}", errors, seen)
    for keyword in LISTS:
        for i, one in enumerate(schema.get(keyword, [])):
            check_request_schema(one, resolve, f"{where}/{keyword}/{i}", errors, seen)
    for name, one in schema.get("properties", {}).items():
        check_request_schema(one, resolve, f"{where}/properties/{name}", errors, seen)
