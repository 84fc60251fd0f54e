/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Numbers as text, for people to read and compare. */
#ifndef PIMXDP_BASE_TEXT_H
#define PIMXDP_BASE_TEXT_H

#include <stdint.h>

/* Sixteen hexadecimal digits and the NUL. */
#define PIM_HASH_TEXT 17
/* Writes the hash with its leading zeros; returns text. */
char *pim_hash_format(uint64_t hash, char text[PIM_HASH_TEXT]);

/* Enough for any grouped 64-bit number and the NUL. */
#define PIM_GROUPED 32
/* Writes the digits in groups of three, "1,234,567"; returns text. */
char *pim_grouped(uint64_t number, char text[PIM_GROUPED]);

#endif
