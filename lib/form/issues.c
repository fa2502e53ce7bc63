#include "lib/form/issues.h"

#include <string.h>

enum { FIRST_ROOM = 16 };

void
form_issues_init(struct form_issues *issues, struct arena *arena)
{
    *issues = (struct form_issues){.arena = arena};
}

const char *
form_severity_name(enum form_severity severity)
{
    static const char *const names[] = {
        [FORM_ERROR] = "error", [FORM_WARNING] = "warning", [FORM_INFORMATION] = "information"};
    return names[severity];
}

bool
issues_room(const struct form_issues *issues)
{
    return issues->count < FORM_ISSUES_MAX;
}

void
issues_add(struct form_issues *issues, enum form_severity severity, const char *code, const char *path,
           const char *expression, const char *text)
{
    issues->errors += severity == FORM_ERROR;
    if (!issues_room(issues)) {
        issues->dropped++;
        return;
    }
    if (issues->count == issues->room) {
        size_t room = issues->room == 0 ? FIRST_ROOM : issues->room * 2;
        struct form_issue *items = arena_array(issues->arena, room, sizeof *items);
        if (issues->count != 0) {
            memcpy(items, issues->items, issues->count * sizeof *items);
        }
        issues->items = items;
        issues->room = room;
    }
    issues->items[issues->count++] = (struct form_issue){severity, code, path, expression, text};
}
