/* The bus contract over librdkafka's mock brokers. */
#include "tests/contract/bus_contract.h"
#include "tests/contract/kafka_mock.h"

static void *mock_setup(void)
{
    return kafka_mock_create(3);
}

static void mock_teardown(void *self)
{
    kafka_mock_destroy(self);
}

static enum status mock_open(void *self, const struct bus_options *options, struct bus **bus,
                             struct error *err)
{
    return kafka_mock_open(self, "fetch.wait.max.ms=50", options, bus, err);
}

int main(void)
{
    static const struct bus_contract_place place = {"kafka, mock brokers", mock_setup,
                                                    mock_teardown, mock_open, 0};

    return bus_contract_run(&place);
}
