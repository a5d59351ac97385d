#include "crawler/search_field.h"

#include "crawler/url_percent.h"

/* The raw value of a query parameter; data NULL if the link has none of that name. */
static struct slice find_parameter(struct slice link, struct slice name)
{
    size_t question = slice_find(link, SLICE("?"));
    struct slice rest = slice_sub(link, question + 1, link.size);

    rest = slice_sub(rest, 0, slice_find(rest, SLICE("#")));
    while (question < link.size && rest.data != NULL) {
        struct slice pair = slice_split(&rest, '&');
        size_t equals = slice_find(pair, SLICE("="));
        if (equals < pair.size && slice_equal(slice_sub(pair, 0, equals), name))
            return slice_sub(pair, equals + 1, pair.size);
    }
    return (struct slice){NULL, 0};
}

/* The parameter's value is unpacked once: what is inside may be encoded for its own server. */
enum status search_field_link(struct slice text, struct slice link_param, const struct url *base,
                              struct arena *arena, struct slice *key)
{
    struct slice inside = {NULL, 0};
    struct buf decoded;
    struct url url;
    enum status status;

    text = slice_trim(text);
    if (link_param.size > 0)
        inside = find_parameter(text, link_param);
    buf_init(&decoded, URL_MAX);
    if (inside.data != NULL)
        percent_decode(&decoded, inside);
    else
        buf_append(&decoded, text);
    status = buf_status(&decoded, NULL);
    if (status == STATUS_OK && decoded.size == 0)
        status = STATUS_INVALID;
    if (status == STATUS_OK)
        status = url_parse(buf_slice(&decoded), base, arena, &url, NULL);
    buf_fini(&decoded);
    return status == STATUS_OK ? url_key(&url, arena, key, NULL) : status;
}

/* Stops counting past any list a site could have; a longer number only says "many". */
bool search_field_total(struct slice text, uint64_t *total)
{
    uint64_t value = 0;
    size_t at = 0;

    while (at < text.size && (text.data[at] < '0' || text.data[at] > '9'))
        at++;
    if (at == text.size)
        return false;
    for (; at < text.size && value < UINT32_MAX; at++) {
        bool comma = text.data[at] == ',' && at + 1 < text.size && text.data[at + 1] >= '0' &&
                     text.data[at + 1] <= '9';
        if (!comma && (text.data[at] < '0' || text.data[at] > '9'))
            break;
        if (!comma)
            value = value * 10 + (uint64_t) (text.data[at] - '0');
    }
    *total = value;
    return true;
}

/* What sites print in place of an empty list. */
bool search_field_says_nothing(struct slice text)
{
    /* Byte strings: pages are UTF-8 by now. */
    static const struct slice phrases[] = {
        {"没有找到", 12},   {"未找到", 9},    {"没有搜索到", 15}, {"未搜索到", 12}, {"暂无", 6},
        {"没有相关", 12},   {"无相关", 9},    {"没有检索到", 15}, {"未检索到", 12}, {"找不到", 9},
        {"没有查询到", 15}, {"未查询到", 12}, {"没有符合", 12},   {"共0", 4},       {"0条", 4},
        {"无结果", 9},      {"没有结果", 12}};

    for (size_t i = 0; i < sizeof phrases / sizeof *phrases; i++)
        if (slice_contains(text, phrases[i]))
            return true;
    return false;
}
