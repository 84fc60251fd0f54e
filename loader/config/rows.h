/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The rows that a configuration adds, and those it disables. */
#ifndef PIMXDP_CONFIG_ROWS_H
#define PIMXDP_CONFIG_ROWS_H

#include "config/setting.h"

int pim_config_services(struct pim_reader *reader, const config_setting_t *setting);

/* Call it behind pim_config_services: it may name those. */
int pim_config_disable(struct pim_reader *reader, const config_setting_t *setting);

#endif
