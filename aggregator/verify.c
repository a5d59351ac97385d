#include "aggregator/verify.h"

#include "base/json.h"

void verify_tell(struct verify *verify, const struct finding *finding)
{
    bool ok = finding->expected == finding->found;

    verify->checks++;
    verify->failed += !ok;
    buf_puts(verify->out, "{\"check\":");
    json_put_text(verify->out, slice_from(finding->check));
    buf_printf(verify->out,
               ",\"ok\":%s,\"expected\":%llu,\"found\":%llu,\"detail\":", ok ? "true" : "false",
               (unsigned long long) finding->expected, (unsigned long long) finding->found);
    if (finding->detail == NULL || finding->detail[0] == '\0')
        buf_puts(verify->out, "null");
    else
        json_put_text(verify->out, slice_from(finding->detail));
    buf_puts(verify->out, "}\n");
}

/* The detail of a passed check would only puzzle. */
void verify_none(struct verify *verify, const char *check, uint64_t wrong, const char *example)
{
    const struct finding finding = {check, 0, wrong, wrong == 0 ? NULL : example};

    verify_tell(verify, &finding);
}
