"""The rooms of the house (docs/architecture.md): which may use which, and that no two files need each other.

A room is a directory. A file uses another room when it includes a header of it, or names a function that is defined there.
A module is NAME.c with NAME.h; one needs another by the same two ways.
"""

import collections
import os
import re

from csource import code_only, functions_of, line_of, without_comments

FORM = ("lib/form/", "lib/form/value/", "lib/form/definition/", "lib/form/items/", "lib/form/review/", "lib/form/versions/")
LIB = ("lib/base/", "lib/fhirpath/", *FORM, "lib/crypto/", "lib/cloud/", "lib/store/", "lib/audit/", "lib/http/", "lib/db/", "lib/mail/", "lib/media/", "lib/webauthn/")
GENERATED = ("build/gen/",)
HANDLER = ("app/", *LIB, *GENERATED)

# What a room may use beside itself. A name without a slash at its end is one header.
ROOMS = {
    "lib/base/": ("build/gen/problems.h",),
    "lib/fhirpath/": ("lib/base/",),
    # lib/form in its order: each room may use those before it.
    **{room: (*FORM[:order], "lib/fhirpath/", "lib/base/") for order, room in enumerate(FORM)},
    "lib/crypto/": ("lib/base/",),
    "lib/cloud/": ("lib/crypto/", "lib/base/"),
    "lib/store/": ("lib/cloud/", "lib/crypto/", "lib/base/"),
    "lib/audit/": ("lib/crypto/", "lib/base/"),
    "lib/http/": ("lib/base/", *GENERATED),
    "lib/db/": ("lib/base/", "build/gen/problems.h", "build/gen/sql.h"),
    "lib/mail/": ("lib/base/", "build/gen/mail_texts.h"),
    "lib/media/": ("lib/base/",),
    "lib/webauthn/": ("lib/crypto/", "lib/base/"),
    "app/": (*LIB, *GENERATED),
    "handlers/": HANDLER,
    "handlers/auth/": HANDLER,
    "handlers/questionnaires/": HANDLER,
    "handlers/attachments/": ("handlers/questionnaires/", *HANDLER),
    "handlers/people/": ("handlers/auth/", "handlers/questionnaires/", *HANDLER),
    "handlers/responses/": ("handlers/questionnaires/", *HANDLER),
    "handlers/records/": ("handlers/responses/", "handlers/questionnaires/", *HANDLER),
    "fcgi/": HANDLER,
    "lambda/": HANDLER,
    "jobs/": HANDLER,
    "scan/": ("lib/store/", "lib/media/", "lib/crypto/", "lib/db/", "lib/base/", *GENERATED),
    "store/": ("lib/store/", "lib/media/", "lib/crypto/", "lib/base/", "build/gen/problems.h"),
    "cli/": HANDLER,
    "cli/keys/": ("cli/", *HANDLER),
    "cli/migrate/": ("cli/", "cli/keys/", *HANDLER),
    "cli/audit/": ("cli/", "cli/keys/", *HANDLER),
    "cli/doctor/": ("cli/", "cli/keys/", "cli/migrate/", *HANDLER),
    "cli/forms/": ("cli/", *HANDLER),
    "cli/people/": ("cli/", "cli/keys/", *HANDLER),
    "cli/store/": ("cli/", *HANDLER),
}

# A foreign header may be included below these alone.
FOREIGN = [
    (re.compile(r"^(libpq-fe\.h|libpq/|postgresql/)"), ("lib/db/", "jobs/", "cli/")),
    (re.compile(r"^fido(\.h|/)"), ("lib/webauthn/",)),
    (re.compile(r"^(fcgi\w*\.h|fastcgi\.h|fcgi/)"), ("fcgi/",)),
    (re.compile(r"^clamav"), ("scan/engine",)),
    (re.compile(r"^curl/"), ("lambda/", "jobs/", "lib/mail/", "lib/cloud/exchange")),
    (re.compile(r"^expat"), ("lib/cloud/s3_xml",)),
    (re.compile(r"^(unistd|fcntl|sys/(socket|stat|mman|uio)|netinet/.*|arpa/.*|dirent)(\.h)?$"),
     ("lib/base/", "lib/cloud/exchange", "lib/db/", "lib/crypto/", "lib/mail/", "lib/store/", "app/", "handlers/", "fcgi/", "lambda/", "jobs/", "scan/", "store/", "cli/")),
    (re.compile(r"^(qpdf|cairo|poppler|fontconfig)"), ("scan/document",)),
    (re.compile(r"^(jpeglib|jerror|png|lcms2)\.h$|^(webp|libheif)/"), ("scan/picture",)),
]
FREE_ROOMS = ("tests/", "bench/", "tools/")

INCLUDE = re.compile(r'\s*#\s*include\s+(["<])([^">]+)[">]')
# A name that may be a function's: no member, no tag, no macro.
NAME = re.compile(r"(?<![\w.>])(?<!struct )(?<!union )(?<!enum )[a-z]\w+\b")
DEFINED = re.compile(r"\b([a-z]\w*)\s*\(")

PRIVATE = re.compile(r"(?:Private to|For) (lib/\w+)")

# What one file says of another: at which line, and how.
Need = collections.namedtuple("Need", "line target how")


def room_of(path):
    return os.path.dirname(path) + "/"


def module_of(path):
    return os.path.splitext(path)[0]


def may_use(room, target):
    """Whether a file of the room may include the header or, for a directory, what is in it."""
    allowed = ROOMS[room]
    return room_of(target) == room or target in allowed or room_of(target) in allowed


def check_includes(path, text):
    """(line, what is wrong) of each include against the table."""
    room = room_of(path)
    for number, line in enumerate(without_comments(text).split("\n"), 1):
        found = INCLUDE.match(line)
        if not found:
            continue
        kind, header = found.groups()
        if kind == '"' and room not in ROOMS:
            yield number, f"{path} is in no room of docs/architecture.md"
        elif kind == '"' and not may_use(room, header):
            yield number, f"{room} must not include {header}"
        elif kind == "<":
            for pattern, rooms in FOREIGN:
                if pattern.match(header) and not path.startswith(rooms):
                    yield number, f"{room if room in ROOMS else path} must not include <{header}>"


def defined(code):
    """The functions that a file defines: name -> whether other files can name it."""
    names = {}
    for start, _ in functions_of(code):
        head = code[max(code.rfind(end, 0, start) for end in ";}") + 1:start]
        found = DEFINED.search(re.sub(r"(?m)^#.*", "", head))
        if found:
            names[found[1]] = not re.search(r"\bstatic\b", head)
    return names


def house(texts):
    """What each file of the rooms needs of the others: path -> [Need]."""
    codes = {path: code_only(text) for path, text in texts.items()
             if path.endswith((".c", ".h")) and not path.startswith(FREE_ROOMS)}
    own = {path: defined(code) for path, code in codes.items()}
    where = {name: path for path, names in own.items() for name, shown in names.items() if shown and name != "main"}
    needs = {}
    for path, code in codes.items():
        found = {}
        for number, line in enumerate(without_comments(texts[path]).split("\n"), 1):
            include = INCLUDE.match(line)
            if include and include[1] == '"' and include[2] in codes:
                found.setdefault(include[2], Need(number, include[2], "includes it"))
        for use in NAME.finditer(code) if path.endswith(".c") else ():
            target = where.get(use[0])
            if target is not None and target != path and use[0] not in own[path]:
                found.setdefault(target, Need(line_of(code, use.start()), target, f"names {use[0]}"))
        needs[path] = list(found.values())
    return needs


def check_names(needs):
    """(path, line, what is wrong) of each function that is named against the table."""
    for path, found in needs.items():
        room = room_of(path)
        for need in found:
            if room in ROOMS and need.how != "includes it" and not may_use(room, need.target):
                yield path, need.line, f"{room} {need.how}, which is {need.target}'s"


def check_private(texts, needs):
    """(path, line, what is wrong) of each include of a header that says in its first comment that it is not for others."""
    private = {}
    for path, text in texts.items():
        first = re.match(r"/\*.*?\*/", text, re.DOTALL)
        found = PRIVATE.search(re.sub(r"\s*\n \* ?", " ", first[0])) if first and path.endswith(".h") else None
        if found:
            private[path] = found[1] + "/"
    for path, found in needs.items():
        for need in found:
            room = private.get(need.target, "")
            if need.how == "includes it" and not path.startswith(room):
                yield path, need.line, f"{need.target} is private to {room}"


def shortest_circle(graph, start):
    """The shortest way from a module to itself, as modules; empty when there is none."""
    before = {}
    waiting = collections.deque([start])
    while waiting:
        module = waiting.popleft()
        for target in graph[module]:
            if target == start:
                circle = [start, module]
                while circle[-1] != start:
                    circle.append(before[circle[-1]])
                return circle[::-1] if module != start else [start, start]
            if target not in before:
                before[target] = module
                waiting.append(target)
    return []


def check_circles(needs):
    """(path, line, what is wrong) of each circle of modules, told once."""
    graph = collections.defaultdict(dict)
    for path, found in sorted(needs.items()):
        for need in found:
            if module_of(need.target) != module_of(path):
                graph[module_of(path)].setdefault(module_of(need.target), (path, need))
    told = set()
    for module in sorted(graph):
        circle = shortest_circle(graph, module) if module not in told else []
        if circle:
            told.update(circle)
            path, need = graph[circle[0]][circle[1]]
            yield path, need.line, " -> ".join(circle) + f" ({need.how})"
