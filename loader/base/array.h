/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Arrays that grow by one and keep no capacity beside their count. */
#ifndef PIMXDP_ARRAY_H
#define PIMXDP_ARRAY_H

#include <stddef.h>

/* `array` has `count` elements of `size` bytes, all of them added behind a call
 * of this function (or none: NULL and 0). Returns it with room for one more, or
 * NULL when out of memory, and then it is as it was. The room is always a power
 * of two, so adding n elements costs O(n) in all. */
void *pim_array_grow(void *array, size_t count, size_t size);

#endif
