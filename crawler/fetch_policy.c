/*
 * Nothing here works around a refusal. The signatures of blocking products are those that were seen
 * in front of such sites; what is recognised by one is reported under the product's name, so that a
 * person can talk to the site's operators. A cookie alone is no sign: the products set theirs on
 * good pages too.
 */
#include "crawler/fetch_policy.h"

#include "base/http/retry_after.h"
#include "base/message.h"
#include "crawler/url.h"
#include "study/request.h"
#include "study/site.h"

#include <string.h>

enum {
    SCRIPT_PAGE_MAX = 2048, /* a page of nothing but script is no larger */
    BLOCK_PAGE_MAX = 64 * 1024,
};

#define OUTCOME(name) XUNFANG__FETCH_RESULT__OUTCOME__##name

/* ---- blocking products ---- */

static bool sets_cookie(const struct http_response *response, const char *prefix)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (slice_equal_nocase(response->headers[i].name, SLICE("set-cookie")) &&
            slice_starts(response->headers[i].value, slice_from(prefix)))
            return true;
    return false;
}

static bool has_script(struct slice body)
{
    return slice_contains(body, SLICE("<script")) || slice_contains(body, SLICE("<SCRIPT"));
}

/* Is nothing left when tags and what stands in <script> and <style> are taken away? */
static bool only_script(struct slice body)
{
    bool in_tag = false, in_script = false;

    for (size_t i = 0; i < body.size; i++) {
        struct slice rest = slice_sub(body, i, SIZE_MAX);
        if (slice_equal_nocase(slice_sub(rest, 0, 7), SLICE("<script")) ||
            slice_equal_nocase(slice_sub(rest, 0, 6), SLICE("<style")) ||
            slice_equal_nocase(slice_sub(rest, 0, 6), SLICE("<title")))
            in_script = true;
        else if (slice_starts(rest, SLICE("</")))
            in_script = false;
        if (rest.data[0] == '<')
            in_tag = true;
        else if (rest.data[0] == '>')
            in_tag = false;
        else if (!in_tag && !in_script && (unsigned char) rest.data[0] > ' ')
            return false;
    }
    return true;
}

static bool is_script_page(const struct http_response *response)
{
    return response->body.size > 0 && response->body.size < SCRIPT_PAGE_MAX &&
           has_script(response->body) && only_script(response->body);
}

/* A page that refuses everybody says under which number. */
static bool is_event_page(const struct http_response *response)
{
    static const char *const words[] = {"event id", "Event ID", "eventid", "eventID",
                                        "事件ID",   "拦截",     "traceid", "errors.aliyun.com"};

    if (response->status != 403 && response->status != 405)
        return false;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (slice_contains(slice_sub(response->body, 0, BLOCK_PAGE_MAX), slice_from(words[i])))
            return true;
    return false;
}

static bool leads_to_captcha(const struct http_response *response)
{
    struct slice location = http_find_header(response, "Location");

    return response->status >= 300 && response->status < 400 &&
           (slice_contains(location, SLICE("captcha")) || slice_contains(location, SLICE("/waf")));
}

const char *fetch_policy_blocker(const struct http_response *response)
{
    /* Cookies alone prove nothing: these products set them on good answers too. */
    static const struct {
        const char *cookie;
        const char *product;
    } products[] = {{"__jsl", "知道创宇加速乐"},
                    {"wzws_", "奇安信网站卫士"},
                    {"acw_", "阿里云WAF"},
                    {"aliyungf_", "阿里云WAF"},
                    {"FSSBBIl1UgzbN7N80", "瑞数"}};
    bool script = is_script_page(response);

    if (response->status == 521)
        return "知道创宇加速乐";
    if (response->status == 412 && has_script(response->body))
        return "瑞数";
    if (!script && !is_event_page(response) && !leads_to_captcha(response))
        return NULL;
    for (size_t i = 0; i < sizeof products / sizeof products[0]; i++)
        if (sets_cookie(response, products[i].cookie))
            return products[i].product;
    return script ? "a page of script alone" : "a page of a firewall";
}

/* ---- redirects ---- */

bool fetch_policy_accepts(struct slice url)
{
    struct slice host = request_host(url);

    return url.size <= FETCH_URL_MAX && host.size > 0 && host.size <= SITE_HOST_MAX;
}

static bool is_home(const struct url *url)
{
    return slice_equal(url->path, SLICE("/")) && url->query.size == 0;
}

/* Only a page that was no home page itself can have been replaced by one. */
static bool goes_home(const struct url *from, const struct url *to)
{
    return is_home(to) && !is_home(from);
}

/* A page that now leads to the home page is gone: sites do so after a redesign instead of saying
 * 404. */
static enum status judge_redirect(const Xunfang__Request *request,
                                  const struct http_response *response, struct arena *arena,
                                  struct fetch_verdict *verdict, struct error *err)
{
    struct slice location = http_find_header(response, "Location");
    struct url from, to;
    struct slice key;
    enum status status;

    verdict->outcome = OUTCOME(REFUSED);
    verdict->detail = "a redirect to nowhere";
    status = url_parse(slice_from(request->url), NULL, arena, &from, err);
    if (status == STATUS_OK && location.size > 0)
        status = url_parse(location, &from, arena, &to, err);
    if (status == STATUS_OK && location.size > 0)
        status = url_key(&to, arena, &key, err);
    if (status == STATUS_NOMEM)
        return status;
    if (status != STATUS_OK || location.size == 0 || !fetch_policy_accepts(key))
        return STATUS_OK;
    verdict->detail = "a redirect to the home page";
    if (!goes_home(&from, &to)) {
        verdict->outcome = OUTCOME(MOVED);
        verdict->detail = "";
        verdict->target = key;
    } else if (request->kind == XUNFANG__REQUEST__KIND__LIST)
        verdict->outcome = OUTCOME(UNREADABLE);
    else
        verdict->outcome = OUTCOME(NOT_FOUND);
    return STATUS_OK;
}

Xunfang__Request *fetch_policy_follow(const Xunfang__Request *request, unsigned http_status,
                                      struct slice target, struct arena *arena)
{
    Xunfang__Request *next = arena_alloc(arena, sizeof *next);

    if (next == NULL)
        return NULL;
    *next = *request;
    next->url = message_text(arena, target);
    if (http_status != 307 && http_status != 308) {
        next->method = message_text(arena, SLICE("GET"));
        next->body = message_bytes(slice_of("", 0));
        /* What a platform asks of its own host is nobody else's business. */
        next->n_headers = 0;
        next->headers = NULL;
    }
    next->hops = request->hops + 1;
    return next->url == NULL || next->method == NULL ? NULL : next;
}

/* ---- answers ---- */

/* Servers send pages as octet streams, or without a type; pictures and PDFs they name. */
static bool is_text_type(struct slice type)
{
    static const char *const kinds[] = {"text/", "application/xhtml", "application/xml",
                                        "application/json", "application/octet-stream"};

    if (type.size == 0)
        return true;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        if (slice_equal_nocase(slice_sub(type, 0, strlen(kinds[i])), slice_from(kinds[i])))
            return true;
    return false;
}

static enum status judge_success(const Xunfang__Request *request,
                                 const struct http_response *response, struct arena *arena,
                                 struct fetch_verdict *verdict, struct error *err)
{
    struct slice type = http_find_header(response, "Content-Type");

    verdict->outcome = OUTCOME(OK);
    if (request->kind != XUNFANG__REQUEST__KIND__ARTICLE || is_text_type(type))
        return STATUS_OK;
    verdict->outcome = OUTCOME(UNREADABLE);
    verdict->detail = arena_printf(arena, "content type %.*s",
                                   SLICE_ARG(slice_sub(type, 0, FETCH_DETAIL_MAX / 2)));
    return verdict->detail == NULL ? error_set(err, STATUS_NOMEM, "no memory to judge an answer")
                                   : STATUS_OK;
}

static bool may_come_back(unsigned status)
{
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

static enum status judge_status(const Xunfang__Request *request,
                                const struct http_response *response, struct arena *arena,
                                struct fetch_verdict *verdict, struct error *err)
{
    unsigned status = response->status;

    if (status >= 200 && status < 300)
        return judge_success(request, response, arena, verdict, err);
    if (status == 301 || status == 302 || status == 303 || status == 307 || status == 308)
        return judge_redirect(request, response, arena, verdict, err);
    if (status == 404 || status == 410)
        verdict->outcome = OUTCOME(NOT_FOUND);
    else
        verdict->outcome = may_come_back(status) ? OUTCOME(TRY_AGAIN) : OUTCOME(REFUSED);
    /* These two speak for the whole host; any other error may be the page's own. */
    verdict->ends_lease = status == 429 || status == 503;
    verdict->detail = arena_printf(arena, "HTTP %u", status);
    return verdict->detail == NULL ? error_set(err, STATUS_NOMEM, "no memory to judge an answer")
                                   : STATUS_OK;
}

static enum status judge_failure(const Xunfang__Request *request,
                                 const struct http_response *response, struct arena *arena,
                                 struct fetch_verdict *verdict, struct error *err)
{
    bool robots = request->kind == XUNFANG__REQUEST__KIND__ROBOTS;
    const char *text = http_failure_text(response->failure);

    verdict->detail = text;
    verdict->outcome = OUTCOME(TRY_AGAIN);
    if (response->failure == HTTP_ADDRESS || response->failure == HTTP_BAD_URL)
        verdict->outcome = OUTCOME(BAD_ADDRESS);
    else if (response->failure == HTTP_TOO_LARGE && robots && response->status / 100 == 2)
        verdict->outcome = OUTCOME(OK);
    else if (response->failure == HTTP_TOO_LARGE || response->failure == HTTP_BOMB ||
             response->failure == HTTP_HEADERS)
        verdict->outcome = OUTCOME(TOO_LARGE);
    else
        /* No answer at all: the next request would get none either. */
        verdict->ends_lease = response->status == 0;
    if (response->detail[0] == '\0')
        return STATUS_OK;
    verdict->detail = arena_printf(arena, "%s: %.100s", text, response->detail);
    return verdict->detail == NULL ? error_set(err, STATUS_NOMEM, "no memory to judge an answer")
                                   : STATUS_OK;
}

static enum status judge_blocked(const struct http_response *response, const char *blocker,
                                 struct arena *arena, struct fetch_verdict *verdict,
                                 struct error *err)
{
    verdict->outcome = OUTCOME(BLOCKED);
    verdict->ends_lease = true;
    verdict->detail = arena_printf(arena, "blocked by %s (HTTP %u)", blocker, response->status);
    return verdict->detail == NULL ? error_set(err, STATUS_NOMEM, "no memory to judge an answer")
                                   : STATUS_OK;
}

enum status fetch_policy_judge(const Xunfang__Request *request,
                               const struct http_response *response, struct arena *arena,
                               struct fetch_verdict *verdict, struct error *err)
{
    const char *blocker;
    enum status status = STATUS_OK;

    *verdict = (struct fetch_verdict){.detail = ""};
    if (response->failure != HTTP_NONE)
        return judge_failure(request, response, arena, verdict, err);
    blocker = fetch_policy_blocker(response);
    if (blocker == NULL)
        status = judge_status(request, response, arena, verdict, err);
    else
        status = judge_blocked(response, blocker, arena, verdict, err);
    if (verdict->outcome == OUTCOME(TRY_AGAIN) || verdict->outcome == OUTCOME(BLOCKED))
        verdict->retry_after_ms =
            retry_after_ms(http_find_header(response, "Retry-After"), response->ended_ms);
    return status;
}
