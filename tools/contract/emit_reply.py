"""Writes a structure and a writer for each object that a reply can be or contain (build/gen/reply.h, reply.c)."""
from .emit_schema import c_string
from .schema import SchemaError
from .source import c_name

# What a member is, by the type and format of its schema: the word of its C type and functions in lib/http/reply.h.
SCALARS = {("string", "date-time"): "time", ("string", "idn-email"): "email", ("integer", None): "integer", ("boolean", None): "flag"}
POINTERS = ("text", "email", "number", "raw")  # of these NULL is "not set"; the others are structures
HASH = "^[0-9a-f]{64}$"  # SHA-256, which C has as bytes
NULL = {"type": "null"}


def snake(name):
    """QuestionnaireItem -> questionnaire_item, rpId -> rp_id"""
    return c_name("".join("_" + one if one.isupper() and at else one for at, one in enumerate(name)))


def is_object(schema):
    """Of members that the contract names, all of them."""
    return schema.get("type") == "object" and "properties" in schema and schema.get("additionalProperties") is False


def kind_of(schema):
    """What kind of scalar; what is none is JSON that was written elsewhere."""
    kind = schema.get("type")
    if schema.get("pattern") == HASH:
        return "hash"
    return SCALARS.get((kind, schema.get("format")), {"string": "text", "number": "number"}.get(kind, "raw"))


class Member:
    """A property of an object, as C."""

    def __init__(self, writers, owner, name, schema, required):
        self.wire, self.name, self.required = name, snake(name), required
        ref, schema, self.nullable = writers.plain(schema)
        self.constant = schema.get("const") if required and not self.nullable and schema.get("type") == "string" else None
        self.kind, self.items, self.inner = kind_of(schema), False, None
        if is_object(schema):
            self.inner = writers.of(ref, schema, f"{owner}_{self.name}")
        elif schema.get("type") == "array" and ref is not None:
            writers.take_array(ref, schema)
        elif schema.get("type") == "array":
            item_ref, item, nullable = writers.plain(schema.get("items", {}))
            if not nullable and is_object(item):
                self.items, self.inner = True, writers.of(item_ref, item, f"{owner}_{self.name.removesuffix('s')}")
            elif not nullable and item.get("type") == "string" and kind_of(item) == "text":
                self.items = True
        self.is_scalar = self.inner is None and not self.items and self.kind != "raw"
        self.embedded = self.inner is not None and not self.items and required and not self.nullable
        if self.inner and not self.items and not self.embedded:
            writers.pointed.add(self.inner)
        if self.embedded and self.inner in writers.open:
            raise SchemaError(f"{owner}.{name}: a reply cannot contain itself")

    def rule(self):
        return "REPLY_OPTIONAL" if not self.required else "REPLY_NULLABLE" if self.nullable else "REPLY_REQUIRED"

    def declaration(self):
        note = {"REPLY_OPTIONAL": " /* or left out */", "REPLY_NULLABLE": " /* or null */"}.get(self.rule(), "")
        if self.items:
            item = f"const struct reply_{self.inner} *" if self.inner else "const char *const *"
            return f"    {item}{self.name};{note}\n    size_t {self.name}_count;"
        if self.inner:
            return f"    {'' if self.embedded else 'const '}struct reply_{self.inner} {'' if self.embedded else '*'}{self.name};{note}"
        kind = "const char *" if self.kind in POINTERS else "struct span " if self.kind == "hash" else f"struct reply_{self.kind} "
        return f"    {kind}{self.name};{note}"

    def statements(self, owner):
        """Of the writer."""
        whole, value = f"OF({c_string(owner)}, {c_string(self.wire)})", f"it->{self.name}"
        if self.constant is not None:
            return f"    json_text(out, {c_string(self.wire)}, {c_string(self.constant)});"
        if self.embedded:
            return f"    json_key(out, {c_string(self.wire)});\n    reply_{self.inner}(out, &{value});"
        if self.items:
            write = f"reply_{self.inner}(out, &{value}[i])" if self.inner else f"json_value_text(out, {value}[i])"
            return (f"    if (reply_has(out, {whole}, {value}, {self.rule()})) {{\n        json_begin_array(out);\n"
                    f"        for (size_t i = 0; i < {value}_count; i++) {{\n            {write};\n        }}\n"
                    f"        json_end_array(out);\n    }}")
        if self.inner:
            return f"    if (reply_has(out, {whole}, {value}, {self.rule()})) {{\n        reply_{self.inner}(out, {value});\n    }}"
        function = "raw" if self.kind == "number" else self.kind
        return f"    reply_{function}_member(out, {whole}, {value}, {self.rule()});"

    def of_row(self):
        """Its initialiser from a row's member of the same name."""
        value = f"(row)->{self.name}"
        if self.kind == "hash":
            return value
        if self.kind in POINTERS:
            return f"reply_or_null({value})" if self.nullable else value
        return f"reply_optional_{self.kind}((row)->has_{self.name}, {value})" if self.nullable else f"reply_{self.kind}({value})"


class Writers:
    """The objects that are met in replies, each once: those that others contain come first."""

    def __init__(self, contract):
        self.contract = contract
        self.made = {}  # C name -> (members, name in the contract)
        self.arrays = {}  # C name of a named array -> C name of what it is of
        self.pointed = set()  # C names of what may be null or left out
        self.open = set()  # names whose members are being looked at
        for operation in contract.routed:
            for response in operation.responses.values():
                for kind, media in response.get("content", {}).items():
                    if kind == "application/json":
                        self.take(media["schema"])
                    elif kind == "application/problem+json":
                        self.take_extensions(media["schema"])

    def take(self, schema):
        for one in schema.get("oneOf", [schema]):
            ref, found, _ = self.plain(one)
            if "oneOf" in found:
                self.take(found)
            elif is_object(found) and ref is not None:
                self.of(ref, found, None)

    def take_extensions(self, schema):
        """What a refusal adds to the problem: only arrays that have names have a writer."""
        for one in self.plain(schema)[1].get("properties", {}).values():
            ref, found, _ = self.plain(one)
            if ref is not None and found.get("type") == "array":
                self.take_array(ref, found)

    def take_array(self, ref, schema):
        """An array that has a name is kept as it was written: its writer is called where it is made."""
        title = ref.rsplit("/", 1)[-1]
        item_ref, item, _ = self.plain(schema["items"])
        if is_object(item):
            self.arrays[snake(title)] = self.of(item_ref, item, title.removesuffix("s") if title.endswith("s") else f"{title}Item")

    def plain(self, schema):
        """(reference, schema, nullable) with references followed, and null taken out of the type or the alternatives."""
        ref, nullable = None, False
        while True:
            if "$ref" in schema:
                ref, schema = schema["$ref"], self.contract.pointer(schema["$ref"], "a reply")
            elif NULL in schema.get("oneOf", []) and len(schema["oneOf"]) == 2:
                nullable = True
                schema = next(one for one in schema["oneOf"] if one != NULL)
            elif isinstance(schema.get("type"), list) and "null" in schema["type"]:
                nullable = True
                rest = [one for one in schema["type"] if one != "null"]
                schema = {**schema, "type": rest[0] if len(rest) == 1 else rest}
            else:
                return ref, schema, nullable

    def of(self, ref, schema, inline):
        title = ref.rsplit("/", 1)[-1] if ref else inline
        name = snake(title)
        if name in self.made and self.made[name][1] != title:
            raise SchemaError(f"{title} and {self.made[name][1]}: two objects of replies have one name in C")
        if name not in self.made and name not in self.open:
            self.open.add(name)
            members = [Member(self, name, key, one, key in schema.get("required", [])) for key, one in schema["properties"].items()]
            self.open.remove(name)
            self.made[name] = (members, title)
        return name


def signature(name, members):
    return f"reply_{name}(struct json_out *out{f', const struct reply_{name} *it' if members else ''})"


def kept(name):
    return f"const struct reply_{name} *reply_{name}_if(struct arena *arena, bool given, struct reply_{name} it)"


def row_macro(name, members):
    """Its value from a row (or anything else that has members of these names); what is an object or a document is given."""
    members = [member for member in members if member.required]
    scalar = [member for member in members if member.is_scalar]
    given = [member for member in members if not member.is_scalar]
    if len(scalar) < 2 or any(member.items for member in members):
        return []
    parts = [f".{one.name} = {one.of_row()}" for one in scalar] + [f".{one.name} = ({one.name}_)" for one in given]
    arguments = ", ".join(["row", *(f"{one.name}_" for one in given)])
    return [f"#define REPLY_{name.upper()}_OF({arguments}) \\", f"    ((struct reply_{name}){{ \\",
            *(f"        {part}, \\" for part in parts), "    })", ""]


def reply_header(writers):
    parts, forward = [], []
    for name, (every, title) in writers.made.items():
        members = [member for member in every if member.constant is None]
        parts.append(f"/* {title} */")
        if members:
            forward.append(f"struct reply_{name};")
            parts += [f"struct reply_{name} {{", *(member.declaration() for member in members), "};", "", *row_macro(name, members)]
        parts += [f"void {signature(name, members)};", *([f"{kept(name)};"] if name in writers.pointed else []), ""]
    for name, item in writers.arrays.items():
        parts += ["/* The whole array as a text in the arena; NULL: it has more than `max` bytes, or a member is missing. */",
                  f"const char *reply_{name}(struct arena *arena, const struct reply_{item} *items, size_t count, size_t max);", ""]
    return "\n".join(["/*", " * What replies are made of, from openapi.yaml: a structure for each object of a reply, and its writer. A required",
                      " * member that is not set is refused: the reply is not sent (lib/http/reply.h).",
                      " * REPLY_..._OF makes the structure of a row whose members have the same names; a row that lacks one does not compile.",
                      " * reply_..._if keeps an object in the arena when it is given, and is null otherwise.",
                      " */", "#ifndef ANAMNESIS_GEN_REPLY_H", "#define ANAMNESIS_GEN_REPLY_H", "", '#include "lib/http/reply.h"', "",
                      *forward, "", *parts, "#endif", ""])


def reply_source(writers):
    parts = ['#include "build/gen/reply.h"', "", "/* Of a member: what it is called when it is missing; its key as it is written, and the key's size. */",
             '#define OF(object, member) object "." member, "\\"" member "\\":", sizeof member + 2', ""]
    for name, (members, title) in writers.made.items():
        parts += ["void", signature(name, [member for member in members if member.constant is None]), "{", "    json_begin_object(out);",
                  *(member.statements(title) for member in members), "    json_end_object(out);", "}", ""]
        if name in writers.pointed:
            parts += [*kept(name).replace("*reply", "*\nreply").split("\n"), "{", "    return reply_kept(arena, given, &it, sizeof it);", "}", ""]
    for name, item in writers.arrays.items():
        parts += ["const char *", f"reply_{name}(struct arena *arena, const struct reply_{item} *items, size_t count, size_t max)", "{",
                  "    struct reply_text text;", "    struct json_out *out = reply_text_begin(&text, max);", "    json_begin_array(out);",
                  "    for (size_t i = 0; i < count; i++) {", f"        reply_{item}(out, &items[i]);", "    }", "    json_end_array(out);",
                  "    return reply_text_end(&text, arena);", "}", ""]
    return "\n".join(parts)
