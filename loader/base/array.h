/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Arrays that grow one element at a time and store no capacity, only a count. */
#ifndef PIMXDP_BASE_ARRAY_H
#define PIMXDP_BASE_ARRAY_H

#include <stddef.h>

/* Makes room for one more element in `array`, which holds `count` elements of `size`
 * bytes, each added after a call of this function (NULL and 0 for an empty array).
 * Returns the array, which may have moved, or NULL when out of memory: then `array` is
 * unchanged and still valid. The room is always a power of two, so adding n elements
 * costs O(n) in all. The caller frees the array with free(). */
void *pim_array_grow(void *array, size_t count, size_t size);

#endif
