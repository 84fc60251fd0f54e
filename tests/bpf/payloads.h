/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Payloads that have a shape. */
#ifndef PIMXDP_TESTS_PAYLOADS_H
#define PIMXDP_TESTS_PAYLOADS_H

#include <stdint.h>

/* RFC 8489: a binding request without attributes, and one with 8 bytes of them. */
static const uint8_t binding[20] = { 0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42 };
static const uint8_t long_binding[28] = { 0, 1, 0, 8, 0x21, 0x12, 0xa4, 0x42 };

/* MS-TURN: an allocate request with a magic cookie. */
static const uint8_t msturn[28] = { 0, 3, 0, 8, [20] = 0, 0x0f, 0, 4, 0x72, 0xc6, 0x4b, 0xc6 };

#endif
