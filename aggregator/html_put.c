#include "aggregator/html_put.h"

#include "aggregator/xml.h"

#include <math.h>

void html_heading(struct buf *out, const char *chinese, const char *english)
{
    buf_printf(out, "<h2>%s <small lang=\"en\">%s</small></h2>\n", chinese, english);
}

void html_paragraph(struct buf *out, const char *chinese, const char *english)
{
    buf_printf(out, "<p>%s</p>\n<p lang=\"en\">%s</p>\n", chinese, english);
}

void html_table_begin(struct buf *out, const char *heads)
{
    struct slice rest = slice_from(heads);

    buf_puts(out, "<table>\n<tr>");
    while (rest.data != NULL) {
        buf_puts(out, "<th>");
        xml_put_text(out, slice_split(&rest, '|'));
        buf_puts(out, "</th>");
    }
    buf_puts(out, "</tr>\n");
}

void html_table_end(struct buf *out)
{
    buf_puts(out, "</table>\n");
}

void html_row_begin(struct buf *out)
{
    buf_puts(out, "<tr>");
}

void html_row_end(struct buf *out)
{
    buf_puts(out, "</tr>\n");
}

void html_cell_text(struct buf *out, struct slice text)
{
    buf_puts(out, "<td>");
    xml_put_text(out, text);
    buf_puts(out, "</td>");
}

void html_cell_uint(struct buf *out, uint64_t number)
{
    buf_printf(out, "<td class=\"n\">%llu</td>", (unsigned long long) number);
}

void html_cell_number(struct buf *out, double number, int decimals)
{
    if (isfinite(number))
        buf_printf(out, "<td class=\"n\">%.*f</td>", decimals, number);
    else
        buf_puts(out, "<td class=\"n\">–</td>");
}
