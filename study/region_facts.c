#include "study/region_facts.h"

#include "base/util/civil.h"
#include "study/pairs.h"

#include <stdio.h>
#include <stdlib.h>

struct raw_group {
    const struct slice *members;
    size_t member_count;
    struct slice valid_from;
    struct slice valid_to;
    bool metro;
};

static const struct field group_fields[] = {
    {"members", FIELD_TEXTS, FIELD_REQUIRED | FIELD_NOT_EMPTY, offsetof(struct raw_group, members),
     offsetof(struct raw_group, member_count), .max = REGION_CITIES_MAX,
     .help = "cities of the group"},
    {"valid_from", FIELD_TEXT, 0, offsetof(struct raw_group, valid_from),
     .help = "first day, or year"},
    {"valid_to", FIELD_TEXT, 0, offsetof(struct raw_group, valid_to), .help = "last day, or year"},
    {"metro", FIELD_BOOL, 0, offsetof(struct raw_group, metro), .otherwise = "false",
     .help = "is a metropolitan area"},
    {0}};

static const struct field_table group_table = {"group", sizeof(struct raw_group), 0, group_fields};

struct reading {
    const struct yaml_source *source;
    const char *file;
    struct arena *arena;
    struct region *region;
    struct error *err;
};

static enum status find(const struct reading *r, const char *field, uint32_t line,
                        struct slice name, uint32_t *index)
{
    int found = region_find_city(r->region, name);

    if (found == REGION_NONE)
        return fields_error(r->err, r->file, line, "%s: '%.*s' is none of this region's cities",
                            field, SLICE_ARG(name));
    *index = (uint32_t) found;
    return STATUS_OK;
}

/* Central cities are developed too: neither is a periphery. */
static enum status read_cities(const struct reading *r, const struct yaml_node *list,
                               const char *field, bool central)
{
    const struct yaml_node *child = list == NULL ? NULL : list->first;

    for (; child != NULL; child = child->next) {
        uint32_t index = 0;
        enum status status = find(r, field, child->line, child->text, &index);
        if (status != STATUS_OK)
            return status;
        r->region->cities[index].central |= central;
        r->region->cities[index].developed = true;
    }
    return STATUS_OK;
}

static int compare_index(const void *a, const void *b)
{
    uint32_t x = *(const uint32_t *) a;
    uint32_t y = *(const uint32_t *) b;

    return (x > y) - (x < y);
}

static enum status set_members(const struct reading *r, const struct yaml_node *node,
                               const struct raw_group *raw, struct region_group *group)
{
    uint32_t *members = arena_array(r->arena, raw->member_count, sizeof *members);

    if (members == NULL)
        return error_set(r->err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM));
    for (size_t i = 0; i < raw->member_count; i++) {
        enum status status = find(r, "groups", node->line, raw->members[i], &members[i]);
        if (status != STATUS_OK)
            return status;
    }
    qsort(members, raw->member_count, sizeof *members, compare_index);
    for (size_t i = 1; i < raw->member_count; i++)
        if (members[i] == members[i - 1])
            return fields_error(r->err, r->file, node->line, "groups: '%.*s' has '%.*s' twice",
                                SLICE_ARG(group->name),
                                SLICE_ARG(r->region->cities[members[i]].name));
    group->members = members;
    group->member_count = raw->member_count;
    return STATUS_OK;
}

/* A day, or a year with the day of it that is meant. */
static enum status read_day(const struct reading *r, const struct yaml_node *node,
                            struct slice text, const char *of_year, int32_t *day)
{
    char full[CIVIL_TEXT_SIZE];
    struct error cause;

    *day = CIVIL_NONE;
    if (text.size == 0)
        return STATUS_OK;
    if (text.size == 4) {
        (void) snprintf(full, sizeof full, "%.4s%s", text.data, of_year);
        if (civil_parse(slice_from(full), day, NULL) == STATUS_OK)
            return STATUS_OK;
    }
    if (civil_parse(text, day, &cause) == STATUS_OK)
        return STATUS_OK;
    return fields_error(r->err, r->file, node->line, "groups: %s", cause.message);
}

/* A bare list is short for {members: list}: both are read by the one table. */
static enum status read_group(const struct reading *r, const struct yaml_node *node,
                              struct region_group *group)
{
    struct raw_group raw = {0};
    /* Copies: the parsed tree stays as it is. */
    struct yaml_node list = *node;
    struct yaml_node map = {.type = YAML_MAP, .line = node->line, .count = 1, .first = &list};
    enum status status;

    list.key = SLICE("members");
    list.next = NULL;
    status =
        fields_decode(&group_table, r->source, node->type == YAML_LIST ? &map : node, &raw, r->err);
    if (status != STATUS_OK)
        return status;
    *group = (struct region_group){.name = node->key, .metro = raw.metro};
    status = read_day(r, node, raw.valid_from, "-01-01", &group->valid_from);
    if (status == STATUS_OK)
        status = read_day(r, node, raw.valid_to, "-12-31", &group->valid_to);
    if (status != STATUS_OK)
        return status;
    return set_members(r, node, &raw, group);
}

static int compare_group(const void *a, const void *b)
{
    return slice_compare(((const struct region_group *) a)->name,
                         ((const struct region_group *) b)->name);
}

static enum status read_groups(const struct reading *r, const struct yaml_node *node)
{
    struct region *region = r->region;

    if (node == NULL || node->type == YAML_NULL)
        return STATUS_OK;
    if (node->type != YAML_MAP)
        return fields_error(r->err, r->file, node->line,
                            "groups: must be a map from names to lists of cities, not %s",
                            yaml_type_text(node->type));
    region->groups = arena_array(r->arena, node->count, sizeof *region->groups);
    if (region->groups == NULL)
        return error_set(r->err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM));
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
        enum status status = read_group(r, child, &region->groups[region->group_count]);
        if (status != STATUS_OK)
            return status;
        region->group_count++;
    }
    if (region->group_count > 1)
        qsort(region->groups, region->group_count, sizeof *region->groups, compare_group);
    return STATUS_OK;
}

static enum status read_override(const struct reading *r, const struct yaml_node *node,
                                 struct region_override *override)
{
    const struct yaml_node *a = node->first;
    enum pair_class class;
    enum status status;

    if (node->type != YAML_LIST || node->count != 3 || a->type != YAML_TEXT ||
        a->next->type != YAML_TEXT || a->next->next->type != YAML_TEXT)
        return fields_error(r->err, r->file, node->line,
                            "pair_overrides: must be [city, city, class], for example [南京, "
                            "扬州, same_province]");
    status = find(r, "pair_overrides", node->line, a->text, &override->city_a);
    if (status == STATUS_OK)
        status = find(r, "pair_overrides", node->line, a->next->text, &override->city_b);
    if (status != STATUS_OK)
        return status;
    if (override->city_a == override->city_b)
        return fields_error(r->err, r->file, node->line,
                            "pair_overrides: '%.*s' is paired with itself", SLICE_ARG(a->text));
    if (!pair_class_find(a->next->next->text, &class))
        return fields_error(r->err, r->file, node->line,
                            "pair_overrides: '%.*s' is no class (paired, central, adjacent, "
                            "metro_cross_province, same_province, centre_periphery, other)",
                            SLICE_ARG(a->next->next->text));
    override->pair_class = (int) class;
    /* In the order that pairs.c looks for them: a class has no direction. */
    if (override->city_a > override->city_b) {
        uint32_t swap = override->city_a;
        override->city_a = override->city_b;
        override->city_b = swap;
    }
    return STATUS_OK;
}

static enum status read_overrides(const struct reading *r, const struct yaml_node *node)
{
    struct region *region = r->region;

    if (node == NULL || node->type == YAML_NULL)
        return STATUS_OK;
    if (node->type != YAML_LIST)
        return fields_error(r->err, r->file, node->line,
                            "pair_overrides: must be a list of [city, city, class], not %s",
                            yaml_type_text(node->type));
    region->overrides = arena_array(r->arena, node->count, sizeof *region->overrides);
    if (region->overrides == NULL)
        return error_set(r->err, STATUS_NOMEM, "%s", status_text(STATUS_NOMEM));
    for (const struct yaml_node *child = node->first; child != NULL; child = child->next) {
        enum status status = read_override(r, child, &region->overrides[region->override_count]);
        if (status != STATUS_OK)
            return status;
        region->override_count++;
    }
    return STATUS_OK;
}

enum status region_facts_read(const struct yaml_source *source, const struct yaml_node *root,
                              struct region *region, struct error *err)
{
    struct reading r = {source, source->file, source->arena, region, err};
    enum status status = read_cities(&r, yaml_member(root, "central"), "central", true);

    if (status == STATUS_OK)
        status = read_cities(&r, yaml_member(root, "developed"), "developed", false);
    if (status == STATUS_OK)
        status = read_groups(&r, yaml_member(root, "groups"));
    if (status == STATUS_OK)
        status = read_overrides(&r, yaml_member(root, "pair_overrides"));
    return status;
}
