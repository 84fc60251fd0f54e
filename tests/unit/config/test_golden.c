/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Configurations, and what the reader makes of them.
 *
 *   golden/accepted/NAME.conf  NAME.out  the canonical text, then the warnings
 *   golden/rejected/NAME.conf  NAME.err  the errors
 *
 * PIM_GOLDEN_UPDATE=1 rewrites the expectations: read what changed as a user would,
 * because the texts are the product.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "config/config.h"
#include "output/check.h"
#include "policy/policy.h"
#include "unit/config/fixture.h"

static bool updates(void)
{
	const char *update = getenv("PIM_GOLDEN_UPDATE");

	return update && !strcmp(update, "1");
}

static bool ends_in(const char *text, const char *end)
{
	size_t length = strlen(text), end_length = strlen(end);

	return length >= end_length && !strcmp(text + length - end_length, end);
}

static int is_configuration(const struct dirent *entry)
{
	return ends_in(entry->d_name, ".conf");
}

static void expectation_name(const char *configuration, const char *end, char name[512])
{
	snprintf(name, 512, "%.*s%s", (int)(strlen(configuration) - strlen(".conf")), configuration,
		 end);
}

/* Whether the file `name` holds `text`; says where it does not. */
static bool matches(const char *configuration, const char *end, const char *text)
{
	char name[512];
	char *expected;
	size_t size;
	bool same;

	expectation_name(configuration, end, name);
	if (updates())
		write_text(name, text);
	if (access(name, R_OK)) {
		print_error("%s: no expectation, found:\n%s", name, text);
		return false;
	}
	expected = read_bytes(name, &size);
	same = size == strlen(text) && !memcmp(expected, text, size);
	if (!same)
		print_error("%s: expected:\n%sfound:\n%s", name, expected, text);
	free(expected);
	return same;
}

static char *print_with_warnings(const struct pim_policy *policy)
{
	char *printed = pim_config_print(policy), *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(printed);
	fputs(printed, out);
	free(printed);
	pim_output_findings_text(out, "", policy, &policy->warnings);
	fclose(out);
	return text;
}

/* The canonical text reads back as an equal policy, and prints as the same text. */
static void check_round_trip(const struct pim_policy *policy)
{
	char path[] = "/tmp/pimxdp-golden-XXXXXX";
	int descriptor = mkstemp(path);
	struct pim_policy again;
	struct pim_error error = {};
	char *printed = pim_config_print(policy), *printed_again;

	assert_true(descriptor >= 0);
	assert_non_null(printed);
	write_text(path, printed);
	if (pim_config_read(path, &again, &error))
		fail_msg("canonical text refused: %s\n%s", error.text, printed);
	assert_policies_equal(policy, &again);
	printed_again = pim_config_print(&again);
	assert_string_equal(printed, printed_again);
	free(printed);
	free(printed_again);
	pim_policy_free(&again);
	close(descriptor);
	unlink(path);
}

static bool check_accepted(const char *name)
{
	struct pim_policy policy;
	struct pim_error error = {};
	bool passed = false;
	char *text;

	if (pim_config_read(name, &policy, &error)) {
		print_error("%s: refused: %s\n", name, error.text);
	} else {
		text = print_with_warnings(&policy);
		passed = matches(name, ".out", text);
		free(text);
		check_round_trip(&policy);
	}
	pim_policy_free(&policy);
	return passed;
}

static bool check_rejected(const char *name)
{
	struct pim_policy policy;
	struct pim_error error = {};
	char *text, first[PIM_FINDING_TEXT] = "";
	int result = pim_config_read(name, &policy, &error);
	size_t size;
	bool passed;
	FILE *out;

	if (!result) {
		pim_policy_free(&policy);
		print_error("%s: accepted\n", name);
		return false;
	}
	out = open_memstream(&text, &size);
	pim_output_findings_text(out, "", &policy, &policy.errors);
	fclose(out);
	if (policy.errors.count)
		pim_finding_format(&policy, &policy.errors.list[0], first);
	pim_policy_free(&policy);
	assert_int_equal(strncmp(error.text, first, strlen(first)), 0);
	assert_true(*first);
	assert_true(result < 0);
	assert_int_equal(error.kind, PIM_EXIT_USAGE);
	assert_null(strchr(error.text, '\n'));
	passed = matches(name, ".err", text);
	free(text);
	return passed;
}

static void check_folder(const char *name, int least, bool (*check)(const char *name))
{
	struct dirent **entries;
	int back = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int count, failures = 0;
	char path[512];

	snprintf(path, sizeof(path), "%s/golden/%s", tests_folder(), name);
	if (chdir(path))
		fail_msg("no folder %s: set PIM_TESTS", path);
	count = scandir(".", &entries, is_configuration, alphasort);
	assert_true(count >= least); /* an empty folder must not pass */
	for (int at = 0; at < count; at++) {
		failures += !check(entries[at]->d_name);
		free(entries[at]);
	}
	free(entries);
	assert_int_equal(fchdir(back), 0);
	close(back);
	if (failures)
		fail_msg("%d of %d configurations in %s", failures, count, path);
}

static void accepted(void **state)
{
	(void)state;
	check_folder("accepted", 15, check_accepted);
}

static void rejected(void **state)
{
	(void)state;
	check_folder("rejected", 200, check_rejected);
}

static void sample_is_accepted_without_a_warning(void **state)
{
	struct pim_policy policy;
	struct pim_error error = {};
	char path[512];

	(void)state;
	snprintf(path, sizeof(path), "%s/../examples/partners.conf", tests_folder());
	if (pim_config_read(path, &policy, &error))
		fail_msg("refused: %s", error.text);
	pim_output_findings_text(stderr, "", &policy, &policy.warnings);
	assert_int_equal(policy.warnings.count, 0);
	check_round_trip(&policy);
	pim_policy_free(&policy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(accepted),
		cmocka_unit_test(rejected),
		cmocka_unit_test(sample_is_accepted_without_a_warning),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
