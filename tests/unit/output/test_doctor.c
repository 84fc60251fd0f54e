/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Checks, as text and as JSON. */
#include <jansson.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "doctor/checks.h"
#include "output/doctor.h"

#define OK PIM_CHECK_OK
#define WARNING PIM_CHECK_WARNING
#define PROBLEM PIM_CHECK_PROBLEM

static void prints_text_and_json(void **state)
{
	struct pim_doctor doctor = {};
	json_t *json, *checks;
	json_error_t error;
	size_t size;
	FILE *stream;
	char *text;

	(void)state;
	pim_found(&doctor, "kernel", "version", "Linux %d", 6);
	pim_advise(pim_found(&doctor, "kernel", "btf", "none"), PROBLEM, "build %s", "one");
	pim_advise(pim_found(&doctor, "eth1", "jit-hardening", "all"), WARNING, "less");
	stream = open_memstream(&text, &size);
	pim_output_doctor_text(stream, &doctor);
	fclose(stream);
	assert_string_equal(text, "kernel\n"
				  "  ok       version        Linux 6\n"
				  "  problem  btf            none\n"
				  "                          -> build one\n"
				  "eth1\n"
				  "  warning  jit-hardening  all\n"
				  "                          -> less\n"
				  "1 problem, 1 warning\n");
	free(text);
	stream = open_memstream(&text, &size);
	pim_output_doctor_json(stream, false, &doctor);
	fclose(stream);
	json = json_loads(text, 0, &error);
	assert_non_null(json);
	checks = json_object_get(json, "checks");
	assert_int_equal(json_array_size(checks), 3);
	assert_string_equal(json_string_value(json_object_get(json, "state")), "problem");
	assert_true(json_is_null(json_object_get(json_array_get(checks, 0), "advice")));
	assert_string_equal(json_string_value(json_object_get(json_array_get(checks, 1), "advice")),
			    "build one");
	assert_string_equal(
		json_string_value(json_object_get(json_array_get(checks, 2), "subject")), "eth1");
	assert_int_equal(json_object_size(json_array_get(checks, 2)), 5);
	json_decref(json);
	free(text);
	pim_doctor_free(&doctor);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(prints_text_and_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
