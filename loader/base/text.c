/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>

char *pim_hash_format(uint64_t hash, char text[PIM_HASH_TEXT])
{
	snprintf(text, PIM_HASH_TEXT, "%016" PRIx64, hash);
	return text;
}

char *pim_grouped(uint64_t number, char text[PIM_GROUPED])
{
	char digits[PIM_GROUPED];
	int length = snprintf(digits, sizeof(digits), "%llu", (unsigned long long)number);
	char *end = text;

	for (int i = 0; i < length; i++) {
		if (i && (length - i) % 3 == 0)
			*end++ = ',';
		*end++ = digits[i];
	}
	*end = '\0';
	return text;
}
