#include "aggregator/graphml.h"

#include "aggregator/csv.h"
#include "aggregator/xml.h"

static void put_keys(struct buf *out)
{
    static const char *const keys[][3] = {
        {"node", "label", "string"}, {"node", "code", "int"},        {"node", "province", "string"},
        {"node", "lon", "double"},   {"node", "lat", "double"},      {"edge", "weight", "int"},
        {"edge", "visits", "int"},   {"edge", "cooperative", "int"},
    };

    for (size_t i = 0; i < sizeof keys / sizeof keys[0]; i++)
        buf_printf(out, "  <key id=\"%s\" for=\"%s\" attr.name=\"%s\" attr.type=\"%s\"/>\n",
                   keys[i][1], keys[i][0], keys[i][1], keys[i][2]);
}

static void put_node(struct buf *out, const struct setting_city *city)
{
    buf_printf(out, "    <node id=\"c%u\">\n      <data key=\"label\">", city->code);
    xml_put_text(out, city->name);
    buf_printf(out, "</data>\n      <data key=\"code\">%u</data>\n", city->code);
    buf_puts(out, "      <data key=\"province\">");
    xml_put_text(out, city->province);
    buf_puts(out, "</data>\n");
    if (city->has_position) {
        buf_puts(out, "      <data key=\"lon\">");
        number_put(out, city->lon / 1e5, "");
        buf_puts(out, "</data>\n      <data key=\"lat\">");
        number_put(out, city->lat / 1e5, "");
        buf_puts(out, "</data>\n");
    }
    buf_puts(out, "    </node>\n");
}

static void put_edge(struct buf *out, const struct results *results, uint32_t i, uint32_t j)
{
    uint32_t visits = network_visits(&results->networks[NETWORK_ALL], i, j);

    if (visits == 0)
        return;
    buf_printf(out, "    <edge source=\"c%u\" target=\"c%u\">\n", results->setting.cities[i].code,
               results->setting.cities[j].code);
    buf_printf(out, "      <data key=\"weight\">%u</data>\n", visits);
    buf_printf(out, "      <data key=\"visits\">%u</data>\n", visits);
    buf_printf(out, "      <data key=\"cooperative\">%u</data>\n    </edge>\n",
               network_visits(&results->networks[NETWORK_COOPERATIVE], i, j));
}

void table_graphml(const struct results *results, struct buf *out)
{
    uint32_t n = results->setting.city_count;

    buf_puts(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
                  "<graphml xmlns=\"http://graphml.graphdrawing.org/xmlns\">\n");
    put_keys(out);
    buf_puts(out, "  <graph id=\"visits\" edgedefault=\"directed\">\n");
    for (uint32_t i = 0; i < n; i++)
        put_node(out, &results->setting.cities[i]);
    for (uint32_t i = 0; i < n; i++)
        for (uint32_t j = 0; j < n; j++)
            put_edge(out, results, i, j);
    buf_puts(out, "  </graph>\n</graphml>\n");
}
