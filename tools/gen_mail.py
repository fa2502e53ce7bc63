#!/usr/bin/python3
"""Makes build/gen/mail_texts.h and mail_texts.c from lib/mail/texts/: one folder a language, one file a message.

A message's file begins with lines `Name: text`, then come a blank line and paragraphs between blank lines; the lines of a
paragraph are one. `Subject` is needed, `For: staff` says that only staff gets it (in the practice's language), and `Link` is
what a reader clicks on: needed where `{link}` is a paragraph of its own, and nowhere else. A paragraph with `{person}` is
left out where a message is for the only one at its address: it says nothing else that is needed. words.txt has the language's own
words for dates. English is what the others are measured by: the same messages, with the same placeholders.
Exits 1, saying everything that is wrong.
"""
import argparse
import re
import sys
from pathlib import Path

MEASURE = "en"
PLACEHOLDERS = {"practice", "link", "until", "person"}
HEADERS = {"Subject", "For", "Link"}
DATE_PARTS = {"weekday", "day", "month", "year", "time", "zone"}
WORDS = ("Date", "First day", "Weekdays", "Months", "Copy", "Unnamed")
PARAGRAPH_MAX = 2000  # bytes
UNSEEN = re.compile("[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufeff]")


class Faults(list):
    """What is wrong, with its place."""

    def check(self, good, path, text):
        if not good:
            self.append(f"{path}: {text}")


def c_string(text):
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?").replace("\n", "\\n")
    return f'"{quoted}"'


def placeholders(text):
    return set(re.findall(r"\{(\w*)\}", text))


def headers_of(text, path, faults):
    found = {}
    for line in text.split("\n"):
        name, colon, value = line.partition(": ")
        faults.check(colon and value.strip() == value != "" and name not in found, path, f"not a line of its own: {line}")
        found[name] = value
    return found


def read(path, faults):
    text = path.read_bytes().decode()
    faults.check(not UNSEEN.search(text), path, "a control character, or one that turns the direction of writing")
    faults.check(text.endswith("\n"), path, "ends without a newline")
    return text.rstrip("\n")


def read_message(path, faults):
    """(headers, paragraphs)"""
    head, _, body = read(path, faults).partition("\n\n")
    headers = headers_of(head, path, faults)
    paragraphs = [" ".join(part.split("\n")) for part in body.split("\n\n")]
    faults.check(set(headers) <= HEADERS and headers.get("Subject"), path, f"its lines are {', '.join(sorted(HEADERS))}")
    faults.check(headers.get("For", "staff") == "staff", path, "For: is staff, or is not there")
    faults.check(body and all(part.strip() == part != "" for part in paragraphs), path, "paragraphs are between single blank lines")
    faults.check(placeholders(headers.get("Subject", "")) <= {"practice"}, path, "only {practice} is known in a subject")
    unknown = placeholders(body) - PLACEHOLDERS
    faults.check(not unknown, path, f"{{{'}, {'.join(sorted(unknown))}}} is not known")
    faults.check(all(placeholders(part) == {"person"} for part in paragraphs if "{person}" in part), path,
                 "a paragraph with {person} has no other placeholder")
    faults.check("{person}" not in paragraphs[0] + paragraphs[-1], path, "{person} is neither in the first nor in the last paragraph")
    linked = paragraphs.count("{link}")
    faults.check(linked == body.count("{link}") <= 1, path, "{link} is a paragraph of its own, once")
    faults.check(("Link" in headers) == (linked == 1), path, "Link: and {link} belong together")
    faults.check("{" not in headers.get("Link", ""), path, "no placeholders are known in Link:")
    faults.check(not set("{}") & set(re.sub(r"\{\w*\}", "", headers.get("Subject", "") + body)), path,
                 "a brace that belongs to no placeholder")
    faults.check(all(len(part.encode()) <= PARAGRAPH_MAX for part in paragraphs), path, "a paragraph is too long")
    return headers, paragraphs


def read_words(path, faults):
    words = headers_of(read(path, faults), path, faults)
    faults.check(tuple(words) == WORDS, path, f"its lines are {', '.join(WORDS)}")
    faults.check(placeholders(words.get("Date", "")) == DATE_PARTS, path, f"a date has {', '.join(sorted(DATE_PARTS))}")
    faults.check(len(words.get("Weekdays", "").split()) == 7, path, "a week has seven days, Sunday first")
    faults.check(len(words.get("Months", "").split()) == 12, path, "a year has twelve months")
    return words


def compare(root, languages, faults):
    """Each language has what English has."""
    measure = languages[MEASURE][1]
    for language, (_, messages) in languages.items():
        for name in sorted(set(measure) ^ set(messages)):
            where = MEASURE if name in messages else language
            faults.append(f"{root / where / name}.txt: is missing")
        for name in sorted(set(measure) & set(messages)):
            (one, first), (other, second) = measure[name], messages[name]
            path = root / language / f"{name}.txt"
            wanted, found = placeholders(" ".join(first)), placeholders(" ".join(second))
            faults.check(wanted == found, path, f"English has {sorted(wanted)}, this has {sorted(found)}")
            faults.check(placeholders(one.get("Subject", "")) == placeholders(other.get("Subject", "")), path,
                         "the subject has not the placeholders of the English one")
            faults.check(one.get("For") == other.get("For"), path, "For: is not as in English")


def language_rows(language, words, messages):
    """The C of one language: its messages by name, and its words."""
    ours = [f"static const struct mail_text {language}_texts[MAIL_TEXT_COUNT] = {{"]
    for name, (headers, paragraphs) in sorted(messages.items()):
        body = "\n        ".join(c_string(part + "\n" + ("\n" if part is not paragraphs[-1] else "")) for part in paragraphs)
        until = "{until}" in body
        link = c_string(headers["Link"]) if "Link" in headers else "NULL"
        ours.append(f'    {{"{name}", {c_string(headers["Subject"])}, {link}, {str("For" in headers).lower()}, '
                    f'{str(until).lower()},\n        {body}}},')
    ours.append("};")
    days = ", ".join(c_string(one) for one in words["Weekdays"].split())
    months = ", ".join(c_string(one) for one in words["Months"].split())
    row = (f'    {{"{language}", {c_string(words["Date"])}, {c_string(words["First day"])},\n     {{{days}}},\n     {{{months}}},\n'
           f'     {c_string(words["Copy"])}, {c_string(words["Unnamed"])}, {language}_texts}},')
    return "\n".join(ours), row


HEADER = """/* Made by tools/gen_mail.py from lib/mail/texts/; do not edit. */
#ifndef ANAMNESIS_GEN_MAIL_TEXTS_H
#define ANAMNESIS_GEN_MAIL_TEXTS_H

#include <stdbool.h>

enum {{ MAIL_TEXT_COUNT = {texts}, MAIL_LANGUAGE_COUNT = {languages} }};

struct mail_text {{
    const char *name;
    const char *subject;
    const char *link;  /* what a reader clicks on; NULL: the message has no link */
    bool staff_only;   /* whoever gets it is staff */
    bool until;        /* it says how long it is good for */
    const char *body;  /* paragraphs, each ended by "\\n", a blank line between them */
}};

struct mail_language {{
    const char *tag; /* BCP 47 */
    const char *date;
    const char *first_day; /* of a month, as it is written */
    const char *weekdays[7];
    const char *months[12];
    const char *copy;
    const char *unnamed; /* stands for a practice without a name that can be shown */
    const struct mail_text *texts; /* MAIL_TEXT_COUNT of them, sorted by name */
}};

/* English is the first. */
extern const struct mail_language mail_languages[MAIL_LANGUAGE_COUNT];

#endif
"""


def write(path, text):
    """Only when it changed, so that nothing is compiled again for nothing."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def read_all(root, faults):
    names = sorted((path.name for path in root.iterdir() if path.is_dir()), key=lambda name: (name != MEASURE, name))
    faults.check(names and names[0] == MEASURE, root, f"{MEASURE} is missing")
    languages = {}
    for language in names:
        faults.check(re.fullmatch(r"[a-z]{2,3}", language), root / language, "a folder is named by a language, like `de`")
        messages = {path.stem: read_message(path, faults) for path in sorted((root / language).glob("*.txt"))
                    if path.stem != "words"}
        faults.check(all(re.fullmatch(r"[a-z][a-z0-9-]*", name) for name in messages), root / language, "a file's name")
        words = root / language / "words.txt"
        faults.check(words.exists(), words, "is missing")
        languages[language] = (read_words(words, faults) if words.exists() else {}, messages)
    return languages


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=Path, default=Path("lib/mail/texts"))
    parser.add_argument("--out", type=Path, default=Path("build/gen"))
    options = parser.parse_args()
    faults = Faults()
    languages = read_all(options.texts, faults)
    if not faults:
        compare(options.texts, languages, faults)
    if faults:
        sys.exit("\n".join(faults))
    made = [language_rows(name, *found) for name, found in languages.items()]
    options.out.mkdir(parents=True, exist_ok=True)
    count = len(languages[MEASURE][1])
    write(options.out / "mail_texts.h", HEADER.format(texts=count, languages=len(languages)))
    write(options.out / "mail_texts.c", "/* Made by tools/gen_mail.py from lib/mail/texts/; do not edit. */\n"
          '#include "build/gen/mail_texts.h"\n\n#include <stddef.h>\n\n' + "\n\n".join(texts for texts, _ in made)
          + "\n\nconst struct mail_language mail_languages[MAIL_LANGUAGE_COUNT] = {\n" + "\n".join(row for _, row in made)
          + "\n};\n")


if __name__ == "__main__":
    main()
