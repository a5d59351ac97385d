#include "aggregator/gexf.h"

#include "aggregator/csv.h"
#include "aggregator/xml.h"

static void put_head(struct buf *out, const struct results *results)
{
    buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<gexf xmlns=\"http://gexf.net/1.3\" version=\"1.3\">\n  <meta>\n"
                  "    <creator>xunfang</creator>\n    <description>");
    xml_put_text(out, results->setting.job.size > 0 ? results->setting.job : SLICE("visits"));
    buf_puts(out, "</description>\n  </meta>\n"
                  "  <graph mode=\"static\" defaultedgetype=\"directed\">\n"
                  "    <attributes class=\"node\">\n"
                  "      <attribute id=\"province\" title=\"province\" type=\"string\"/>\n"
                  "      <attribute id=\"lon\" title=\"lon\" type=\"double\"/>\n"
                  "      <attribute id=\"lat\" title=\"lat\" type=\"double\"/>\n"
                  "    </attributes>\n    <attributes class=\"edge\">\n"
                  "      <attribute id=\"cooperative\" title=\"cooperative\" type=\"integer\"/>\n"
                  "    </attributes>\n");
}

static void put_degrees(struct buf *out, const char *name, int32_t hundred_thousandths)
{
    buf_printf(out, "          <attvalue for=\"%s\" value=\"", name);
    number_put(out, hundred_thousandths / 1e5, "");
    buf_puts(out, "\"/>\n");
}

static void put_node(struct buf *out, const struct setting_city *city)
{
    buf_printf(out, "      <node id=\"%u\"", city->code);
    xml_put_attribute(out, "label", city->name);
    buf_puts(out, ">\n        <attvalues>\n          <attvalue for=\"province\"");
    xml_put_attribute(out, "value", city->province);
    buf_puts(out, "/>\n");
    if (city->has_position) {
        put_degrees(out, "lon", city->lon);
        put_degrees(out, "lat", city->lat);
    }
    buf_puts(out, "        </attvalues>\n      </node>\n");
}

static void put_edge(struct buf *out, const struct results *results, uint32_t i, uint32_t j)
{
    uint32_t visits = network_visits(&results->networks[NETWORK_ALL], i, j);
    uint32_t from = results->setting.cities[i].code, to = results->setting.cities[j].code;

    if (visits == 0)
        return;
    buf_printf(out, "      <edge id=\"%u-%u\" source=\"%u\" target=\"%u\" weight=\"%u\">\n", from,
               to, from, to, visits);
    buf_printf(out,
               "        <attvalues>\n          <attvalue for=\"cooperative\" value=\"%u\"/>\n"
               "        </attvalues>\n      </edge>\n",
               network_visits(&results->networks[NETWORK_COOPERATIVE], i, j));
}

void table_gexf(const struct results *results, struct buf *out)
{
    uint32_t n = results->setting.city_count;

    put_head(out, results);
    buf_puts(out, "    <nodes>\n");
    for (uint32_t i = 0; i < n; i++)
        put_node(out, &results->setting.cities[i]);
    buf_puts(out, "    </nodes>\n    <edges>\n");
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++)
            put_edge(out, results, i, j);
    buf_puts(out, "    </edges>\n  </graph>\n</gexf>\n");
}
