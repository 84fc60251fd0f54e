/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/negotiate.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

/* One range of the header, or one type: "text/plain;version=0.0.4;q=0.5". */
struct range {
	const char *type;
	const char *version; /* NULL: any */
	unsigned int weight; /* thousandths */
};

static char *trim(char *text)
{
	static const char blanks[] = " \t";
	char *end;

	text += strspn(text, blanks);
	end = text + strlen(text);
	while (end > text && strchr(blanks, end[-1]))
		end--;
	*end = '\0';
	return text;
}

static char *unquote(char *text)
{
	size_t length = strlen(text);

	if (length < 2 || text[0] != '"' || text[length - 1] != '"')
		return text;
	text[length - 1] = '\0';
	return text + 1;
}

/* "0.75" to 750: at most three digits after the point. 0 if it is not a weight. */
static unsigned int parse_weight(const char *text)
{
	unsigned int weight = 0, place = 100;

	if (*text == '1')
		return 1000;
	if (text[0] != '0' || text[1] != '.')
		return 0;
	for (text += 2; *text >= '0' && *text <= '9' && place; text++, place /= 10)
		weight += (*text - '0') * place;
	return weight;
}

static struct range parse_range(char *text)
{
	struct range range = { .weight = 1000 };
	char *parameter;

	range.type = trim(strsep(&text, ";"));
	while ((parameter = strsep(&text, ";"))) {
		char *value = strchr(parameter, '=');

		if (!value)
			continue;
		*value++ = '\0';
		value = unquote(trim(value));
		if (!strcasecmp(trim(parameter), "q"))
			range.weight = parse_weight(value);
		else if (!strcasecmp(trim(parameter), "version"))
			range.version = value;
	}
	return range;
}

/* How specifically a range matches a type: 3 names it, 2 names its part before the
 * slash, 1 is for all types, 0 does not match. */
static unsigned int match(const struct range *range, const struct range *type)
{
	size_t group = strcspn(type->type, "/") + 1;

	if (range->version && strcmp(range->version, type->version))
		return 0;
	if (!strcasecmp(range->type, type->type))
		return 3;
	if (!strncasecmp(range->type, type->type, group) && !strcmp(range->type + group, "*"))
		return 2;
	return !strcmp(range->type, "*/*");
}

/* The weight that a header gives a format: that of the most specific range that matches. */
static unsigned int weigh(const char *accept, enum pim_metrics_format format)
{
	char *types = strdup(pim_metrics_content_type(format)), *header = strdup(accept);
	char *rest = header, *text;
	unsigned int best = 0, weight = 0;

	if (types && header) {
		struct range type = parse_range(types);

		while ((text = strsep(&rest, ","))) {
			struct range range = parse_range(text);
			unsigned int specific = match(&range, &type);

			if (specific > best) {
				best = specific;
				weight = range.weight;
			}
		}
	}
	free(types);
	free(header);
	return weight;
}

enum pim_metrics_format pim_metrics_negotiate(const char *accept)
{
	return accept && weigh(accept, PIM_METRICS_OPENMETRICS) >
				       weigh(accept, PIM_METRICS_PROMETHEUS) ?
		       PIM_METRICS_OPENMETRICS :
		       PIM_METRICS_PROMETHEUS;
}
