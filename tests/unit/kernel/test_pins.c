/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Where pins are. */
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "kernel/pins.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))

/* bpffs takes no name with a dot: a colon, which no interface has, stands for it. */
static void places_an_interface(void **state)
{
	static const struct {
		const char *interface, *directory;
	} cases[] = {
		{ "e", "/sys/fs/bpf/pimxdp/e" },
		{ "eth1", "/sys/fs/bpf/pimxdp/eth1" },
		{ "eth0.100", "/sys/fs/bpf/pimxdp/eth0:100" },
		{ "eth0.10.20", "/sys/fs/bpf/pimxdp/eth0:10:20" },
		{ ".eth", "/sys/fs/bpf/pimxdp/:eth" },
		{ "eth.", "/sys/fs/bpf/pimxdp/eth:" },
		{ "...", "/sys/fs/bpf/pimxdp/:::" },
		{ "br-lan_0", "/sys/fs/bpf/pimxdp/br-lan_0" },
		{ "enp129s0f0np01", "/sys/fs/bpf/pimxdp/enp129s0f0np01" },
		{ "enp129s0f0np012", "/sys/fs/bpf/pimxdp/enp129s0f0np012" },
		{ "enp129s0f0.4094", "/sys/fs/bpf/pimxdp/enp129s0f0:4094" },
		{ "...............", "/sys/fs/bpf/pimxdp/:::::::::::::::" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		char directory[PIM_PIN_PLACE_PATH];

		assert_true(strlen(cases[at].interface) < IFNAMSIZ);
		memset(directory, '.', sizeof(directory));
		pim_pin_place_path(cases[at].interface, directory);
		assert_string_equal(directory, cases[at].directory);
	}
}

static void names_a_pin(void **state)
{
	static const struct {
		const char *before, *name, *path;
	} cases[] = {
		{ "", "link", "/sys/fs/bpf/pimxdp/eth0:100/link" },
		{ "", "program", "/sys/fs/bpf/pimxdp/eth0:100/program" },
		{ "next_", "program", "/sys/fs/bpf/pimxdp/eth0:100/next_program" },
		{ "next_", "pim_info", "/sys/fs/bpf/pimxdp/eth0:100/next_pim_info" },
	};
	char directory[PIM_PIN_PLACE_PATH], path[PIM_PIN_PATH];

	(void)state;
	pim_pin_place_path("eth0.100", directory);
	for (size_t at = 0; at < COUNT(cases); at++) {
		assert_ptr_equal(pim_pin_path(directory, cases[at].before, cases[at].name, path),
				 path);
		assert_string_equal(path, cases[at].path);
	}
}

/* The longest name of an interface leaves room for every pin, whole. */
static void has_room_for_every_pin(void **state)
{
	char directory[PIM_PIN_PLACE_PATH], path[PIM_PIN_PATH];

	(void)state;
	pim_pin_place_path("enp129s0f0.4094", directory);
	for (size_t at = 0; at < PIM_PINS; at++) {
		const char *name = pim_pin_kinds[at].name;

		assert_non_null(name);
		assert_null(strpbrk(name, "./")); /* bpffs would refuse it */
		pim_pin_path(directory, PIM_PIN_NEXT, name, path);
		assert_int_equal(strncmp(path, directory, strlen(directory)), 0);
		assert_int_equal(strncmp(path + strlen(directory), "/next_", 6), 0);
		assert_string_equal(path + strlen(directory) + 6, name);
		for (size_t other = 0; other < at; other++)
			assert_string_not_equal(name, pim_pin_kinds[other].name);
	}
}

/* The lock of the loaders is beside the folders of the interfaces. */
static void no_interface_can_have_the_locks_name(void **state)
{
	(void)state;
	assert_true(strlen(PIM_PIN_LOCK) >= IFNAMSIZ);
	assert_null(strpbrk(PIM_PIN_LOCK, "./")); /* bpffs would refuse it */
	assert_true(pim_interface_name_check(PIM_PIN_LOCK, NULL) < 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_an_interface),
		cmocka_unit_test(names_a_pin),
		cmocka_unit_test(has_room_for_every_pin),
		cmocka_unit_test(no_interface_can_have_the_locks_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
