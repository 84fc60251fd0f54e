/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rows that a configuration adds, and those it disables. */
#ifndef PIMXDP_CONFIG_ROWS_H
#define PIMXDP_CONFIG_ROWS_H

#include "config/setting.h"

/* Reads `services`: the rows to add, after the built-in ones. */
int pim_config_services(struct pim_reader *reader, const config_setting_t *setting);

/* Call this after pim_config_services: `disable` may name the rows that it adds. */
int pim_config_disable(struct pim_reader *reader, const config_setting_t *setting);

#endif
