"""C source as text: without its comments, without what stands in its literals, and where its functions are."""

import re

TOKEN = re.compile(r"""(?P<comment>/\*.*?\*/|//[^\n]*)|(?P<string>"(?:\\.|[^"\\\n])*")|(?P<char>'(?:\\.|[^'\\\n])*')""",
                   re.DOTALL)


def blanked(match):
    return re.sub(r"[^\n]", " ", match.group(0))


def without_comments(text):
    """The same text, same lines and columns, with comments blanked."""
    return TOKEN.sub(lambda m: blanked(m) if m.group("comment") else m.group(0), text)


def code_only(text):
    """The same text, same lines and columns, with comments and the insides of literals blanked."""
    def replace(match):
        if match.group("comment"):
            return blanked(match)
        whole = match.group(0)
        return whole[0] + re.sub(r"[^\n]", " ", whole[1:-1]) + whole[-1]
    return TOKEN.sub(replace, text)


def line_of(text, offset):
    return text.count("\n", 0, offset) + 1


def balanced_end(code, start, opening, closing):
    """The offset after the bracket that closes the one at `start`; the end of the text when none does."""
    depth = 0
    for offset in range(start, len(code)):
        if code[offset] == opening:
            depth += 1
        elif code[offset] == closing:
            depth -= 1
            if depth == 0:
                return offset + 1
    return len(code)


def functions_of(code):
    """(offset of the opening brace, offset after the closing one) of each function definition."""
    offset = 0
    while True:
        start = code.find("{", offset)
        if start < 0:
            return
        end = balanced_end(code, start, "{", "}")
        if code[:start].rstrip().endswith(")"):
            yield start, end
        offset = end
