#include "study/platform.h"

#include "study/encode.h"

static const char *const methods[] = {"GET", "POST", NULL};
static const char *const kinds[] = {"html", "json", "json-html", NULL};
static const char *const keyword_forms[] = {"plain", "twice", "base64", NULL};
static const char *const date_formats[] = {"none", "YYYY-MM-DD", "YYYYMMDD", "epoch-ms", NULL};

static const struct field page_fields[] = {
    {"first", FIELD_UINT, 0, offsetof(struct platform_page, first), .otherwise = "1",
     .max = 1000000, .help = "value of {page} on the first page"},
    {"step", FIELD_UINT, 0, offsetof(struct platform_page, step), .otherwise = "1", .min = 1,
     .max = 1000000, .help = "added for each further page: 1 for numbers, the size for offsets"},
    {0}};

static const struct field_table page_table = {"page", sizeof(struct platform_page), 0, page_fields};

#define REQUEST(member) offsetof(struct platform_request, member)
static const struct field request_fields[] = {
    {"method", FIELD_CHOICE, 0, REQUEST(method), .otherwise = "GET", .choices = methods,
     .help = "of every page"},
    {"url", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, REQUEST(url),
     .help = "template: {site}, {keyword}, {page} or a key of the publisher's params"},
    {"content_type", FIELD_TEXT, 0, REQUEST(content_type),
     .help = "of the body; for POST application/x-www-form-urlencoded unless given"},
    {"body", FIELD_TEXT, 0, REQUEST(body), .otherwise = "\"\"", .help = "template; POST only"},
    {"keyword_encoding", FIELD_TEXT, FIELD_NOT_EMPTY, REQUEST(keyword_encoding),
     .otherwise = "utf-8", .help = "of what is percent-encoded: utf-8, gbk, gb18030, big5"},
    {"keyword_form", FIELD_CHOICE, 0, REQUEST(keyword_form), .otherwise = "plain",
     .choices = keyword_forms,
     .help = "twice: percent-encoded two times; base64: of the UTF-8 text"},
    {"date_format", FIELD_CHOICE, 0, REQUEST(date_format), .otherwise = "none",
     .choices = date_formats,
     .help = "unless none, {from} and {to} are the job's period in this form"},
    {"headers", FIELD_MAP, 0, REQUEST(headers), REQUEST(header_count), .otherwise = "{}", .max = 50,
     .help = "further header lines; values are templates"},
    {"page", FIELD_RECORD, 0, REQUEST(page), .table = &page_table, .help = "page numbers"},
    {0}};

static const struct field_table request_table = {"request", sizeof(struct platform_request), 0,
                                                 request_fields};

#define RESPONSE(member) offsetof(struct platform_response, member)
static const struct field response_fields[] = {
    {"kind", FIELD_CHOICE, FIELD_REQUIRED, RESPONSE(kind), .choices = kinds,
     .help = "html: XPath; json: jq; json-html: hits, total, next in jq, the rest XPath"},
    {"hits", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, RESPONSE(hits),
     .help = "gives one node or value a hit"},
    {"link", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, RESPONSE(link),
     .help = "the address within a hit"},
    {"title", FIELD_TEXT, 0, RESPONSE(title), .help = "the title within a hit"},
    {"date", FIELD_TEXT, 0, RESPONSE(date),
     .help = "a date anywhere in this text, or epoch milliseconds"},
    {"total", FIELD_TEXT, 0, RESPONSE(total),
     .help = "the first whole number in it is what the site declares; never ends a list"},
    {"next", FIELD_TEXT, 0, RESPONSE(next),
     .help = "address of the next page; if given it replaces page numbers after the first"},
    {"link_param", FIELD_TEXT, 0, RESPONSE(link_param),
     .help = "if the link has this query parameter, its decoded value is the link"},
    {0}};

static const struct field_table response_table = {"response", sizeof(struct platform_response), 0,
                                                  response_fields};

#define ARTICLE(member) offsetof(struct platform_article, member)
static const struct field article_fields[] = {
    {"title", FIELD_TEXT_OR_LIST, 0, ARTICLE(title), ARTICLE(title_count), .otherwise = "[]",
     .max = 20, .help = "XPaths tried in turn before the general rules"},
    {"date", FIELD_TEXT_OR_LIST, 0, ARTICLE(date), ARTICLE(date_count), .otherwise = "[]",
     .max = 20, .help = "likewise for the publish date"},
    {"body", FIELD_TEXT_OR_LIST, 0, ARTICLE(body), ARTICLE(body_count), .otherwise = "[]",
     .max = 20, .help = "likewise for the text"},
    {0}};

static const struct field_table article_table = {"article", sizeof(struct platform_article), 0,
                                                 article_fields};

#define PLATFORM(member) offsetof(struct platform, member)
static const struct field platform_fields[] = {
    {"platform", FIELD_TEXT, FIELD_REQUIRED | FIELD_NOT_EMPTY, PLATFORM(name),
     .help = "its name; the file is platforms/NAME.yaml"},
    {"about", FIELD_TEXT, 0, PLATFORM(about), .help = "for people: system, source, doubts"},
    {"request", FIELD_RECORD, FIELD_REQUIRED, PLATFORM(request), .table = &request_table,
     .help = "what is sent"},
    {"response", FIELD_RECORD, FIELD_REQUIRED, PLATFORM(response), .table = &response_table,
     .help = "how the answer is read"},
    {"article", FIELD_RECORD, 0, PLATFORM(article), .table = &article_table,
     .help = "where articles of this system have their parts"},
    {0}};

const struct field_table platform_table = {"platform", sizeof(struct platform), 0, platform_fields};

static uint32_t line_of(const struct yaml_node *root, const char *part, const char *field)
{
    const struct yaml_node *node = yaml_member(yaml_member(root, part), field);

    return node == NULL ? root->line : node->line;
}

static bool header_name_good(struct slice name)
{
    for (size_t i = 0; i < name.size; i++) {
        unsigned char c = (unsigned char) name.data[i];
        if (c <= ' ' || c >= 0x7F || c == ':')
            return false;
    }
    return name.size > 0;
}

/* Does a template of the request, headers included, use this placeholder? */
static bool uses(const struct platform_request *request, struct slice placeholder)
{
    for (size_t i = 0; i < request->header_count; i++)
        if (slice_contains(request->headers[i].value, placeholder))
            return true;
    return slice_contains(request->url, placeholder) || slice_contains(request->body, placeholder);
}

static enum status check_request(const struct platform_request *request,
                                 const struct yaml_node *root, const char *file, struct error *err)
{
    if (request->method == PLATFORM_GET && request->body.size > 0)
        return fields_error(err, file, line_of(root, "request", "body"),
                            "request.body: only POST has a body (write method: POST)");
    if (!uses(request, SLICE("{keyword}")))
        return fields_error(err, file, line_of(root, "request", "url"),
                            "request.url: {keyword} stands in no template, so every search "
                            "would be the same");
    /* Told when the file is read, before a crawl that could send nothing. */
    if (!encode_known(request->keyword_encoding))
        return fields_error(err, file, line_of(root, "request", "keyword_encoding"),
                            "request.keyword_encoding: '%.*s' is no known encoding (utf-8, gbk, "
                            "gb18030, big5)",
                            SLICE_ARG(request->keyword_encoding));
    for (size_t i = 0; i < request->header_count; i++)
        if (!header_name_good(request->headers[i].name))
            return fields_error(err, file, line_of(root, "request", "headers"),
                                "request.headers: '%.*s' is no header name",
                                SLICE_ARG(request->headers[i].name));
    return STATUS_OK;
}

bool platform_has_page_numbers(const struct platform *platform)
{
    return platform->response.next.size == 0 && uses(&platform->request, SLICE("{page}"));
}

static void set_defaults(struct platform *platform)
{
    if (platform->request.method == PLATFORM_POST && platform->request.content_type.size == 0)
        platform->request.content_type = SLICE("application/x-www-form-urlencoded");
}

enum status platform_read(const struct yaml_source *source, struct slice name,
                          struct platform *platform, struct error *err)
{
    const char *file = source->file;
    struct platform read = {0};
    const struct yaml_node *root;
    enum status status = yaml_parse(source, &root, err);

    if (status == STATUS_OK)
        status = fields_decode(&platform_table, source, root, &read, err);
    if (status == STATUS_OK && !slice_equal(read.name, name))
        status = fields_error(err, file, yaml_member(root, "platform")->line,
                              "platform: says '%.*s' but the file is named '%.*s'",
                              SLICE_ARG(read.name), SLICE_ARG(name));
    if (status == STATUS_OK)
        status = check_request(&read.request, root, file, err);
    if (status != STATUS_OK)
        return status;
    set_defaults(&read);
    *platform = read;
    return STATUS_OK;
}
