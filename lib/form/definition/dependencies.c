/*
 * What the expressions of a definition depend on, and an order in which enablement and calculation can be
 * decided in one pass: an item after all that its conditions and expressions read. What depends on everything
 * (or on the very group that it stands in) is decided late, after all others, and again until nothing
 * changes.
 */
#include "lib/form/definition/expressions.h"

#include <string.h>

static void
add_link(struct builder *builder, uint32_t link)
{
    struct expression_set *set = builder->expressions;
    if (set->full) {
        return;
    }
    if (set->link_count == FORM_LINKS_MAX) {
        set->full = true;
        builder_note(builder, FORM_ERROR, (struct spot){FORM_NO_ITEM, NULL, -1, NULL}, "too-large",
                     "The expressions of this questionnaire read too many items.");
        return;
    }
    set->links = builder_grow(builder, set->links, set->link_count, &set->link_room, sizeof *set->links);
    set->links[set->link_count++] = link;
}

void
dependencies_add(struct builder *builder, uint32_t index, uint32_t item)
{
    struct expression_set *set = builder->expressions;
    if (set->marks[item] != index + 1) {
        set->marks[item] = index + 1;
        add_link(builder, item);
    }
}

/* The nearest variable of that name above or before an expression, or FORM_EXPRESSIONS_MAX. */
static uint32_t
find_variable(const struct builder *builder, uint32_t index, const char *name)
{
    const struct expression_set *set = builder->expressions;
    uint32_t scope = set->all[index].item;
    uint32_t end = index;
    while (!builder->pool.failed) {
        uint32_t first = scope == FORM_NO_ITEM ? 0 : builder->items[scope].expression;
        for (uint32_t i = end; i > first; i--) {
            if (set->all[i - 1].kind == FORM_VARIABLE &&
                strcmp(builder->pool.data + set->all[i - 1].name.offset, name) == 0) {
                return i - 1;
            }
        }
        if (scope == FORM_NO_ITEM) {
            break;
        }
        scope = builder->items[scope].parent;
        end = scope == FORM_NO_ITEM
                  ? set->root_count
                  : builder->items[scope].expression + builder->items[scope].expression_count;
    }
    return FORM_EXPRESSIONS_MAX;
}

static bool
is_constant(const char *name)
{
    return strcmp(name, "ucum") == 0 || strcmp(name, "sct") == 0 || strcmp(name, "loinc") == 0 ||
           strncmp(name, "vs-", 3) == 0 || strncmp(name, "ext-", 4) == 0;
}

/* All that a variable depends on, its user depends on. */
static void
inherit(struct builder *builder, uint32_t index, uint32_t variable)
{
    struct expression_set *set = builder->expressions;
    const struct form_expression *from = &set->all[variable];
    set->all[index].flags |= from->flags;
    for (uint32_t i = 0; i < from->dependency_count && !set->full; i++) {
        dependencies_add(builder, index, set->links[from->dependency + i]);
    }
}

static void
note_unknown(struct builder *builder, uint32_t index, const char *name)
{
    uint8_t kind = builder->expressions->all[index].kind;
    bool harmless = kind == FORM_VARIABLE || kind == FORM_INITIAL_BY;
    expressions_note(
        builder, harmless ? FORM_WARNING : FORM_ERROR, index, "unknown-variable",
        arena_format(builder->issues->arena, "This expression uses %%%.64s, which is not known here.", name));
}

/* The expression reads the item on which it stands; with `whole`, everything in it. */
static void
read_item(struct builder *builder, uint32_t index, bool whole)
{
    struct form_expression *self = &builder->expressions->all[index];
    self->flags |= whole ? FORM_READS : 0U;
    if (whole && expression_decides(self) && builder->items[self->item].children == 0) {
        self->flags |= FORM_LATE;
    } else if (whole) {
        dependencies_add(builder, index, self->item);
    }
}

/* One variable that the expression reads. Notes the variables of the definition in `used`. */
static void
read_use(struct builder *builder, uint32_t index, struct fhirpath_use use, uint32_t *used, uint32_t *count)
{
    struct form_expression *self = &builder->expressions->all[index];
    bool is_context = strcmp(use.name, "context") == 0 || strcmp(use.name, "$this") == 0;
    if (strcmp(use.name, "resource") == 0 || strcmp(use.name, "rootResource") == 0 ||
        (is_context && self->item == FORM_NO_ITEM)) {
        bool named = !is_context || use.whole;
        self->flags |= (named ? FORM_READS : 0U) | (use.whole ? FORM_LATE : 0U);
    } else if (is_context) {
        read_item(builder, index, use.whole);
    } else if (strcmp(use.name, "questionnaire") == 0 || strcmp(use.name, "qitem") == 0) {
        self->flags |= FORM_DEFINITION;
    } else if (!is_constant(use.name)) {
        uint32_t variable = find_variable(builder, index, use.name);
        if (variable == FORM_EXPRESSIONS_MAX) {
            note_unknown(builder, index, use.name);
        } else {
            inherit(builder, index, variable);
            used[(*count)++] = variable;
        }
    }
}

/* The items that the expression chooses by their linkIds; in the definition, that is nothing to depend on. */
static void
read_link_ids(struct builder *builder, uint32_t index)
{
    struct expression_set *set = builder->expressions;
    const struct fhirpath *compiled = set->compiled[index];
    struct form_expression *self = &set->all[index];
    size_t count = 0;
    /*
     * linkIds without a variable are looked for below the item; below a question without children is nothing.
     */
    bool leaf = self->item != FORM_NO_ITEM && !expressions_asks_below(builder, self->item);
    bool reads = (self->flags & FORM_READS) != 0 || !leaf || (self->flags & FORM_DEFINITION) == 0;
    while (reads && fhirpath_link_id(compiled, count) != NULL) {
        count++;
    }
    self->flags |= count != 0 ? FORM_READS : 0U;
    for (size_t i = 0; i < count; i++) {
        const char *link_id = fhirpath_link_id(compiled, i);
        uint32_t item = builder_find(builder, link_id, strlen(link_id));
        if (item == FORM_NO_ITEM) {
            expressions_note(builder, FORM_WARNING, index, "expression-link-id",
                             "This expression names a linkId that no item has.");
        } else {
            dependencies_add(builder, index, item);
        }
    }
}

void
dependencies_read(struct builder *builder, uint32_t index)
{
    struct expression_set *set = builder->expressions;
    const struct fhirpath *compiled = set->compiled[index];
    size_t uses = 0;
    uint32_t used_count = 0;
    set->all[index].dependency = set->link_count;
    if (compiled == NULL) {
        return;
    }
    while (fhirpath_variable_use(compiled, uses).name != NULL) {
        uses++;
    }
    uint32_t *used = arena_array(builder->arena, uses + 1, sizeof *used);
    set->all[index].flags |= fhirpath_uses_clock(compiled) ? FORM_CLOCK : 0U;
    for (size_t i = 0; i < uses; i++) {
        read_use(builder, index, fhirpath_variable_use(compiled, i), used, &used_count);
    }
    read_link_ids(builder, index);
    set->all[index].dependency_count = set->link_count - set->all[index].dependency;
    set->all[index].use = set->link_count;
    for (uint32_t i = 0; i < used_count; i++) {
        add_link(builder, used[i]);
    }
    set->all[index].use_count = set->full ? 0 : used_count;
    if (set->full) {
        set->all[index].dependency_count = 0;
    }
}

/* ---- The order ---- */

static const char circular[] = "What this expression decides depends on itself.";

/*
 * Two nodes for each item: `item` (whether it is enabled, and what is calculated for it) and `count + item`
 * (the same of all beneath it). An edge goes from what must be decided first.
 */
struct graph {
    struct builder *builder;
    uint32_t *from; /* edges */
    uint32_t *to;
    uint32_t count;
    uint32_t room;
    uint32_t *starts; /* by node: first of its edges in `order` */
    uint32_t *sorted; /* edges' ends by node */
    uint32_t *waits;  /* by node: edges that lead to it and are not done */
};

static void
add_edge(struct graph *graph, uint32_t from, uint32_t to)
{
    struct builder *builder = graph->builder;
    uint32_t room = graph->room;
    graph->from = builder_grow(builder, graph->from, graph->count, &room, sizeof *graph->from);
    graph->to = builder_grow(builder, graph->to, graph->count, &graph->room, sizeof *graph->to);
    graph->from[graph->count] = from;
    graph->to[graph->count++] = to;
}

static bool
holds(const struct builder *builder, uint32_t outer, uint32_t item)
{
    return outer <= item && item < builder->items[outer].end;
}

/* Marks as late what depends on its own surroundings; what names itself is an error. */
static void
find_late(struct builder *builder)
{
    struct expression_set *set = builder->expressions;
    for (uint32_t i = 0; i < set->count; i++) {
        struct form_expression *self = &set->all[i];
        for (uint32_t k = 0; expression_decides(self) && k < self->dependency_count; k++) {
            uint32_t item = set->links[self->dependency + k];
            if (item == self->item) {
                expressions_note(builder, FORM_ERROR, i, "expression-cycle", circular);
                self->flags |= FORM_LATE;
            } else if (holds(builder, item, self->item)) {
                self->flags |= FORM_LATE;
            }
        }
    }
}

static void
add_edges(struct graph *graph)
{
    const struct builder *builder = graph->builder;
    const struct expression_set *set = builder->expressions;
    for (uint32_t item = 0; item < builder->count; item++) {
        const struct form_item *self = &builder->items[item];
        add_edge(graph, item, builder->count + item);
        if (self->parent != FORM_NO_ITEM) {
            add_edge(graph, self->parent, item);
            add_edge(graph, builder->count + item, builder->count + self->parent);
        }
        for (uint32_t i = 0; i < self->condition_count; i++) {
            add_edge(graph, builder->conditions[self->condition + i].question, item);
        }
    }
    for (uint32_t i = 0; i < set->count; i++) {
        const struct form_expression *self = &set->all[i];
        bool early = expression_decides(self) && (self->flags & FORM_LATE) == 0;
        for (uint32_t k = 0; early && k < self->dependency_count; k++) {
            add_edge(graph, builder->count + set->links[self->dependency + k], self->item);
        }
    }
}

/* The ends of edges by the node at their other end: `starts` has one more element than there are nodes. */
static void
sort_edges(struct graph *graph, const uint32_t *by, const uint32_t *ends)
{
    struct arena *arena = graph->builder->arena;
    uint32_t nodes = 2 * graph->builder->count;
    graph->starts = arena_array(arena, (size_t)nodes + 2, sizeof *graph->starts);
    graph->sorted = arena_array(arena, (size_t)graph->count + 1, sizeof *graph->sorted);
    uint32_t *next = arena_array(arena, (size_t)nodes + 1, sizeof *next);
    for (uint32_t i = 0; i < graph->count; i++) {
        graph->starts[by[i] + 1]++;
    }
    for (uint32_t i = 0; i < nodes; i++) {
        graph->starts[i + 1] += graph->starts[i];
    }
    memcpy(next, graph->starts, nodes * sizeof *next);
    for (uint32_t i = 0; i < graph->count; i++) {
        graph->sorted[next[by[i]]++] = ends[i];
    }
}

/* Two queues: what has expressions waits until all that can be decided without is decided. */
struct queues {
    uint32_t *plain;
    uint32_t plain_done;
    uint32_t plain_count;
    uint32_t *clever;
    uint32_t clever_done;
    uint32_t clever_count;
};

static void
put(const struct graph *graph, struct queues *queues, uint32_t node)
{
    bool clever = node < graph->builder->count && graph->builder->items[node].expression_count != 0;
    if (clever) {
        queues->clever[queues->clever_count++] = node;
    } else {
        queues->plain[queues->plain_count++] = node;
    }
}

static bool
take(struct queues *queues, uint32_t *node)
{
    if (queues->plain_done < queues->plain_count) {
        *node = queues->plain[queues->plain_done++];
        return true;
    }
    if (queues->clever_done < queues->clever_count) {
        *node = queues->clever[queues->clever_done++];
        return true;
    }
    return false;
}

/* Some node that must be decided before this one, and waits itself; the edges are sorted by where they lead.
 */
static uint32_t
waits_for(const struct graph *graph, uint32_t node)
{
    for (uint32_t i = graph->starts[node]; i < graph->starts[node + 1]; i++) {
        if (graph->waits[graph->sorted[i]] != 0) {
            return graph->sorted[i];
        }
    }
    return node;
}

/* From a node that waits for ever back along the edges until one comes twice; on that cycle there is an
 * expression. */
static void
report_cycle(struct graph *graph)
{
    struct builder *builder = graph->builder;
    const struct expression_set *set = builder->expressions;
    bool *seen = arena_array(builder->arena, 2 * (size_t)builder->count + 1, sizeof *seen);
    uint32_t node = 0;
    sort_edges(graph, graph->to, graph->from);
    while (graph->waits[node] == 0) {
        node++;
    }
    for (; !seen[node]; node = waits_for(graph, node)) {
        seen[node] = true;
    }
    for (uint32_t steps = 0; steps < 2 * builder->count; steps++) {
        uint32_t item = node < builder->count ? node : FORM_NO_ITEM;
        for (uint32_t i = 0; item != FORM_NO_ITEM && i < builder->items[item].expression_count; i++) {
            uint32_t index = builder->items[item].expression + i;
            if (expression_decides(&set->all[index]) && (set->all[index].flags & FORM_LATE) == 0) {
                expressions_note(builder, FORM_ERROR, index, "expression-cycle", circular);
                return;
            }
        }
        node = waits_for(graph, node);
    }
}

void
dependencies_order(struct builder *builder)
{
    struct expression_set *set = builder->expressions;
    struct graph graph = {.builder = builder};
    bool needed = false;
    for (uint32_t i = 0; i < set->count; i++) {
        needed = needed || expression_decides(&set->all[i]);
    }
    if (!needed || set->full) {
        return; /* the order of the conditions will do */
    }
    find_late(builder);
    add_edges(&graph);
    sort_edges(&graph, graph.from, graph.to);
    uint32_t nodes = 2 * builder->count;
    graph.waits = arena_array(builder->arena, (size_t)nodes + 1, sizeof *graph.waits);
    for (uint32_t i = 0; i < graph.count; i++) {
        graph.waits[graph.to[i]]++;
    }
    struct queues queues = {.plain = arena_array(builder->arena, nodes, sizeof *queues.plain),
                            .clever = arena_array(builder->arena, nodes, sizeof *queues.clever)};
    uint32_t ready = 0;
    uint32_t node = 0;
    for (uint32_t i = 0; i < nodes; i++) {
        if (graph.waits[i] == 0) {
            put(&graph, &queues, i);
        }
    }
    while (take(&queues, &node)) {
        if (node < builder->count) {
            builder->order[ready++] = node;
        }
        for (uint32_t i = graph.starts[node]; i < graph.starts[node + 1]; i++) {
            if (--graph.waits[graph.sorted[i]] == 0) {
                put(&graph, &queues, graph.sorted[i]);
            }
        }
    }
    if (ready != builder->count) {
        report_cycle(&graph);
    }
}
