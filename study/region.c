#include "study/region.h"

#include "study/region_facts.h"
#include "study/site.h"

#include <string.h>

struct raw_publisher {
    struct slice site;
    struct slice platform;
    const struct field_pair *params;
    size_t param_count;
    const struct slice *hosts;
    size_t host_count;
    struct slice unit;
    uint32_t line;
};

struct raw_city {
    struct slice name;
    const struct slice *search_names;
    size_t search_name_count;
    struct raw_publisher *publishers;
    size_t publisher_count;
    uint32_t line;
};

struct raw_region {
    struct slice name;
    struct raw_city *cities;
    size_t city_count;
    const struct slice *central;
    size_t central_count;
    const struct slice *developed;
    size_t developed_count;
    const struct yaml_node *groups;
    const struct yaml_node *overrides;
    struct slice distances;
};

#define PUBLISHER(member) offsetof(struct raw_publisher, member)
static const struct field publisher_fields[] = {
    {"site", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, PUBLISHER(site),
     .help = "scheme://host[:port] that is searched; {site} in the platform"},
    {"platform", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, PUBLISHER(platform),
     .help = "platforms/NAME.yaml beside this file, else the shipped one"},
    {"params", FIELD_MAP, 0, PUBLISHER(params), PUBLISHER(param_count), .otherwise = "{}",
     .max = 50, .help = "values for the platform's other placeholders"},
    {"hosts", FIELD_TEXT_OR_LIST, 0, PUBLISHER(hosts), PUBLISHER(host_count), .otherwise = "[]",
     .max = 200, .help = "host suffixes it speaks for; the site's host unless given"},
    {"unit", FIELD_TEXT, 0, PUBLISHER(unit), .otherwise = "\"\"",
     .help = "part of the city it speaks for, such as a district; all of it unless given"},
    {0}};

static const struct field_table publisher_table = {"publisher", sizeof(struct raw_publisher),
                                                   PUBLISHER(line), publisher_fields};

#define CITY(member) offsetof(struct raw_city, member)
static const struct field city_fields[] = {
    {"name", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, CITY(name),
     .help = "prefecture short name (苏州), looked up in the gazetteer"},
    {"search_names", FIELD_TEXT_OR_LIST, 0, CITY(search_names), CITY(search_name_count),
     .otherwise = "[]", .max = 50,
     .help = "what other sites are searched for; the name unless given"},
    {"publishers", FIELD_RECORDS, FIELD_REQUIRED | FIELD_NOT_EMPTY, CITY(publishers),
     CITY(publisher_count), .max = 200, .table = &publisher_table,
     .help = "one or more sites that speak for the city"},
    {0}};

static const struct field_table city_table = {"city", sizeof(struct raw_city), CITY(line),
                                              city_fields};

#define REGION(member) offsetof(struct raw_region, member)
static const struct field region_fields[] = {
    {"region", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, REGION(name),
     .help = "name of the region"},
    {"cities", FIELD_RECORDS, FIELD_REQUIRED | FIELD_NOT_EMPTY, REGION(cities), REGION(city_count),
     .max = REGION_CITIES_MAX, .table = &city_table, .help = "its cities, in the order of outputs"},
    {"central", FIELD_TEXTS, 0, REGION(central), REGION(central_count), .otherwise = "[]",
     .help = "central cities; two of them make a pair of class central"},
    {"developed", FIELD_TEXTS, 0, REGION(developed), REGION(developed_count), .otherwise = "[]",
     .help = "cities that are no periphery, besides the central ones"},
    {"groups", FIELD_NODE, 0, REGION(groups), .otherwise = "{}",
     .help = "overlapping groups: name → [cities], or {members, valid_from, valid_to, metro}; "
             "`metro: true` makes it a metropolitan area"},
    {"pair_overrides", FIELD_NODE, 0, REGION(overrides), .otherwise = "[]",
     .help = "[city, city, class]: the class of a pair, instead of the computed one"},
    {"distances", FIELD_TEXT, 0, REGION(distances), .otherwise = "\"\"",
     .help =
         "table of kilometres between cities, relative to this file; great circle unless given"},
    {0}};

const struct field_table region_table = {"region", sizeof(struct raw_region), 0, region_fields};

struct reading {
    const char *file;
    const struct gazetteer *gazetteer;
    struct arena *arena;
    struct error *err;
};

static enum status no_memory(const struct reading *r)
{
    return error_set(r->err, STATUS_NOMEM, "%s: %s", r->file, status_text(STATUS_NOMEM));
}

/* ---- publishers ---- */

static enum status read_hosts(const struct reading *r, const struct raw_publisher *raw,
                              struct publisher *publisher)
{
    struct slice *hosts;

    if (raw->host_count == 0) {
        /* The publisher does not move any more: its array was made for all of them at once. */
        publisher->hosts = &publisher->host;
        publisher->host_count = 1;
        return STATUS_OK;
    }
    hosts = arena_array(r->arena, raw->host_count, sizeof *hosts);
    if (hosts == NULL)
        return no_memory(r);
    for (size_t i = 0; i < raw->host_count; i++) {
        if (!site_host_good(raw->hosts[i]))
            return fields_error(r->err, r->file, raw->line,
                                "publishers.hosts: '%.*s' is no host name (write suzhou.gov.cn)",
                                SLICE_ARG(raw->hosts[i]));
        hosts[i] = raw->hosts[i];
    }
    publisher->hosts = hosts;
    publisher->host_count = raw->host_count;
    return STATUS_OK;
}

static enum status check_params(const struct reading *r, const struct raw_publisher *raw)
{
    for (size_t i = 0; i < raw->param_count; i++) {
        struct slice name = raw->params[i].name;
        if (slice_equal(name, SLICE("site")) || slice_equal(name, SLICE("keyword")) ||
            slice_equal(name, SLICE("page")))
            return fields_error(r->err, r->file, raw->line,
                                "publishers.params: '%.*s' is a placeholder of its own (choose "
                                "another name)",
                                SLICE_ARG(name));
    }
    return STATUS_OK;
}

static enum status read_publisher(const struct reading *r, const struct raw_publisher *raw,
                                  uint32_t city, struct publisher *publisher)
{
    struct error cause;
    struct site site;
    enum status status = site_parse(raw->site, r->arena, &site, &cause);

    if (status == STATUS_INVALID)
        return fields_error(r->err, r->file, raw->line, "publishers.site: %s", cause.message);
    if (status != STATUS_OK)
        return no_memory(r);
    *publisher = (struct publisher){.site = site.text,
                                    .host = site.host,
                                    .port = site.port,
                                    .platform_name = raw->platform,
                                    .params = raw->params,
                                    .param_count = raw->param_count,
                                    .unit = raw->unit,
                                    .city = city,
                                    .line = raw->line};
    status = check_params(r, raw);
    return status == STATUS_OK ? read_hosts(r, raw, publisher) : status;
}

static enum status read_publishers(const struct reading *r, const struct raw_region *raw,
                                   struct region *region)
{
    size_t total = 0;

    for (size_t c = 0; c < raw->city_count; c++)
        total += raw->cities[c].publisher_count;
    if (total > REGION_PUBLISHERS_MAX)
        return error_set(r->err, STATUS_TOO_LARGE, "%s: %zu publishers, at most %d", r->file, total,
                         REGION_PUBLISHERS_MAX);
    region->publishers = arena_array(r->arena, total, sizeof *region->publishers);
    if (region->publishers == NULL)
        return no_memory(r);
    for (uint32_t c = 0; c < raw->city_count; c++) {
        const struct raw_city *city = &raw->cities[c];
        region->cities[c].first_publisher = (uint32_t) region->publisher_count;
        region->cities[c].publisher_count = (uint32_t) city->publisher_count;
        for (size_t p = 0; p < city->publisher_count; p++) {
            enum status status = read_publisher(r, &city->publishers[p], c,
                                                &region->publishers[region->publisher_count++]);
            if (status != STATUS_OK)
                return status;
        }
    }
    return STATUS_OK;
}

/* ---- cities ---- */

static enum status read_search_names(const struct reading *r, const struct raw_city *raw,
                                     struct region_city *city)
{
    city->search_names = raw->search_name_count == 0 ? &city->name : raw->search_names;
    city->search_name_count = raw->search_name_count == 0 ? 1 : raw->search_name_count;
    for (size_t i = 0; i < city->search_name_count; i++) {
        if (slice_trim(city->search_names[i]).size == 0)
            return fields_error(r->err, r->file, raw->line,
                                "cities.search_names: '%.*s' has an empty name",
                                SLICE_ARG(raw->name));
        for (size_t j = 0; j < i; j++)
            if (slice_equal(city->search_names[i], city->search_names[j]))
                return fields_error(r->err, r->file, raw->line,
                                    "cities.search_names: '%.*s' stands there twice",
                                    SLICE_ARG(city->search_names[i]));
    }
    return STATUS_OK;
}

static enum status read_city(const struct reading *r, const struct raw_city *raw,
                             const struct region *region, struct region_city *city)
{
    city->city = gazetteer_find_city(r->gazetteer, raw->name);
    if (city->city == NULL)
        return fields_error(r->err, r->file, raw->line,
                            "cities.name: '%.*s' is no prefecture-level city of the gazetteer "
                            "(write its short name, for example 苏州)",
                            SLICE_ARG(raw->name));
    city->name = city->city->short_name;
    if (region_find_city(region, city->name) != REGION_NONE)
        return fields_error(r->err, r->file, raw->line,
                            "cities.name: '%.*s' stands there twice (give one city several "
                            "publishers)",
                            SLICE_ARG(raw->name));
    return read_search_names(r, raw, city);
}

static enum status read_cities(const struct reading *r, const struct raw_region *raw,
                               struct region *region)
{
    region->cities = arena_array(r->arena, raw->city_count, sizeof *region->cities);
    if (region->cities == NULL)
        return no_memory(r);
    for (size_t c = 0; c < raw->city_count; c++) {
        enum status status = read_city(r, &raw->cities[c], region, &region->cities[c]);
        if (status != STATUS_OK)
            return status;
        region->city_count++;
    }
    return STATUS_OK;
}

enum status region_read(const struct yaml_source *source, const struct gazetteer *gazetteer,
                        struct region *region, struct error *err)
{
    struct reading r = {source->file, gazetteer, source->arena, err};
    struct raw_region raw = {0};
    struct region read = {0};
    const struct yaml_node *root;
    enum status status = yaml_parse(source, &root, err);

    if (status == STATUS_OK)
        status = fields_decode(&region_table, source, root, &raw, err);
    if (status == STATUS_OK)
        status = read_cities(&r, &raw, &read);
    if (status == STATUS_OK)
        status = read_publishers(&r, &raw, &read);
    if (status == STATUS_OK)
        status = region_facts_read(source, root, &read, err);
    if (status != STATUS_OK)
        return status;
    read.name = raw.name;
    read.distances_file = raw.distances;
    *region = read;
    return STATUS_OK;
}

int region_find_city(const struct region *region, struct slice name)
{
    for (size_t i = 0; i < region->city_count; i++)
        if (slice_equal(region->cities[i].name, name) ||
            slice_equal(region->cities[i].city->name, name))
            return (int) i;
    return REGION_NONE;
}

/* How well a publisher's suffixes cover a host: 0 not at all; a longer suffix is better, and of
 * equal ones that on the port of the site. */
static size_t score_of(const struct publisher *publisher, struct slice host, uint16_t port)
{
    size_t best = 0;

    for (size_t i = 0; i < publisher->host_count; i++)
        if (site_covers(publisher->hosts[i], host) && publisher->hosts[i].size > best)
            best = publisher->hosts[i].size;
    /* Doubled, so that the port decides only between suffixes of one length. */
    return best == 0 ? 0 : 2 * best + (port != 0 && port == publisher->port);
}

int region_publisher_of(const struct region *region, struct slice host, uint16_t port)
{
    int found = REGION_NONE;
    size_t best = 0;
    bool disputed = false;

    for (size_t i = 0; i < region->publisher_count; i++) {
        size_t score = score_of(&region->publishers[i], host, port);
        if (score > best) {
            best = score;
            found = (int) i;
            disputed = false;
        } else if (score == best && score > 0) {
            /* Two publishers of one city may share a host; two cities may not, or one would get the
             * other's. */
            disputed |= region->publishers[i].city != region->publishers[found].city;
        }
    }
    return disputed ? REGION_NONE : found;
}

int region_city_of_url(const struct region *region, struct slice url)
{
    struct slice host;
    uint16_t port;
    int publisher;

    if (!site_of_url(url, &host, &port))
        return REGION_NONE;
    publisher = region_publisher_of(region, host, port);
    return publisher == REGION_NONE ? REGION_NONE : (int) region->publishers[publisher].city;
}
