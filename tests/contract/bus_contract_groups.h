/*
 * bus_contract_groups: the part of the bus contract that only a bus with BUS_CAP_GROUPS keeps:
 * partitions move between the readers of a stage by themselves.
 *
 * Use      Only bus_contract.c calls it; on other buses every test is skipped.
 */
#ifndef XUNFANG_TESTS_CONTRACT_BUS_CONTRACT_GROUPS_H
#define XUNFANG_TESTS_CONTRACT_BUS_CONTRACT_GROUPS_H

int bus_contract_run_groups(void);

#endif
