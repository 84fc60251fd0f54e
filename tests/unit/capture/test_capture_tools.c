/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Files that tcpdump and the Wireshark tools write, at run time, from frames made here. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "unit/capture/files.h"
#include "unit/capture/writers.h"

static bool have_tool(const char *tool)
{
	char command[128];

	snprintf(command, sizeof(command), "command -v %s >/dev/null 2>&1", tool);
	return system(command) == 0;
}

/* Runs the command silently; each %s in it is the folder. */
__attribute__((format(printf, 1, 0))) static void run_tool(const char *format)
{
	char command[1024], silent[1100];
	int status;

	snprintf(command, sizeof(command), format, folder, folder, folder, folder);
	snprintf(silent, sizeof(silent), "{ %s; } >/dev/null 2>&1", command);
	status = system(silent);
	if (status)
		print_error("%s: status %d\n", command, status);
	assert_int_equal(status, 0);
}

/* The file must really be of the format that the test is about. */
static void assert_magic(const char *name, uint32_t magic)
{
	FILE *stream = fopen(in_folder(name), "rb");
	uint32_t found = 0;

	assert_non_null(stream);
	assert_int_equal(fread(&found, sizeof(found), 1, stream), 1);
	fclose(stream);
	assert_int_equal(found, magic);
}

static void assert_output(const char *name, const struct frames *expected)
{
	struct frames frames = {};

	read_file(in_folder(name), &frames);
	assert_frames(&frames, expected);
	free_frames(&frames);
	assert_int_equal(remove(in_folder(name)), 0);
}

/* micro.pcap and nano.pcap in the folder, and what is in them. */
static void make_inputs(struct frames *micro, struct frames *nano)
{
	struct bytes file = {};

	make_frames(micro, 123456000);
	put_pcap(&file, micro, false);
	write_file("micro.pcap", &file);
	clear(&file);
	make_frames(nano, 123456789);
	put_pcap(&file, nano, true);
	write_file("nano.pcap", &file);
	clear(&file);
}

#define NEEDS(tool)                                                            \
	do {                                                                   \
		if (!have_tool(tool)) {                                        \
			print_message("skipped: %s is not installed\n", tool); \
			skip();                                                \
		}                                                              \
	} while (0)

static void test_tcpdump(void **state)
{
	struct frames micro = {}, nano = {};

	(void)state;
	NEEDS("tcpdump");
	make_inputs(&micro, &nano);
	/* As root it would switch to a user that cannot write here. */
	if (geteuid() == 0) {
		run_tool("tcpdump -Z root -r %s/micro.pcap -w %s/out.pcap");
		run_tool("tcpdump -Z root --nano -r %s/nano.pcap -w %s/nanoout.pcap");
		run_tool("tcpdump -Z root -r %s/micro.pcap -w - | cat > %s/piped.pcap");
	} else {
		run_tool("tcpdump -r %s/micro.pcap -w %s/out.pcap");
		run_tool("tcpdump --nano -r %s/nano.pcap -w %s/nanoout.pcap");
		run_tool("tcpdump -r %s/micro.pcap -w - | cat > %s/piped.pcap");
	}
	assert_magic("out.pcap", PCAP_MICRO);
	assert_output("out.pcap", &micro);
	assert_magic("nanoout.pcap", PCAP_NANO);
	assert_output("nanoout.pcap", &nano);
	assert_output("piped.pcap", &micro);
	free_frames(&micro);
	free_frames(&nano);
}

static void test_editcap(void **state)
{
	struct frames micro = {}, nano = {};

	(void)state;
	NEEDS("editcap");
	make_inputs(&micro, &nano);
	run_tool("editcap -F pcapng %s/micro.pcap %s/out.pcapng");
	assert_magic("out.pcapng", SECTION);
	assert_output("out.pcapng", &micro);
	run_tool("editcap -F pcapng %s/nano.pcap %s/out.pcapng");
	assert_magic("out.pcapng", SECTION);
	assert_output("out.pcapng", &nano);
	run_tool("editcap -F nsecpcap %s/nano.pcap %s/out.pcap");
	assert_magic("out.pcap", PCAP_NANO);
	assert_output("out.pcap", &nano);
	run_tool("editcap -F pcap %s/micro.pcap %s/out.pcap");
	assert_magic("out.pcap", PCAP_MICRO);
	assert_output("out.pcap", &micro);
	/* Options on a packet and on the section. */
	run_tool("editcap -F pcapng -a 1:comment --capture-comment made %s/micro.pcap "
		 "%s/out.pcapng");
	assert_output("out.pcapng", &micro);

	for (size_t i = 0; i < micro.count; i++)
		if (micro.list[i].as.captured_bytes > 61)
			micro.list[i].as.captured_bytes = 61;
	run_tool("editcap -s 61 -F pcap %s/micro.pcap %s/out.pcap");
	assert_output("out.pcap", &micro);
	run_tool("editcap -s 61 -F pcapng %s/micro.pcap %s/out.pcapng");
	assert_output("out.pcapng", &micro);
	free_frames(&micro);
	free_frames(&nano);
}

static void append(struct frames *to, const struct frames *from)
{
	for (size_t i = 0; i < from->count; i++)
		add_frame(to, &from->list[i].as, 0);
}

static void test_mergecap(void **state)
{
	struct frames micro = {}, nano = {}, both = {};
	struct bytes file = {};

	(void)state;
	NEEDS("mergecap");
	NEEDS("editcap");
	make_inputs(&micro, &nano);
	/* Two interfaces, of different time resolution. */
	append(&both, &micro);
	append(&both, &nano);
	run_tool("mergecap -a -I none -F pcapng -w %s/out.pcapng %s/micro.pcap %s/nano.pcap");
	assert_magic("out.pcapng", SECTION);
	assert_output("out.pcapng", &both);

	/* Two link types in one file. */
	put_pcap_header(&file, PCAP_MICRO, 65535, 101);
	put_pcap_record(&file, 1500000000, 1, 60, 60);
	expect_frame(&both, 60, 60, 1500000000000001000, 101);
	write_file("raw.pcap", &file);
	run_tool("mergecap -a -F pcapng -w %s/out.pcapng %s/micro.pcap %s/nano.pcap %s/raw.pcap");
	assert_output("out.pcapng", &both);

	/* Two sections in one file. */
	run_tool("editcap -F pcapng %s/micro.pcap %s/one.pcapng");
	run_tool("cat %s/one.pcapng %s/one.pcapng > %s/out.pcapng");
	free_frames(&both);
	append(&both, &micro);
	append(&both, &micro);
	assert_output("out.pcapng", &both);
	free_frames(&micro);
	free_frames(&nano);
	free_frames(&both);
	clear(&file);
}

static void test_text2pcap(void **state)
{
	struct frames micro = {}, nano = {}, found = {};
	FILE *text;

	(void)state;
	NEEDS("text2pcap");
	make_inputs(&micro, &nano);
	text = fopen(in_folder("dump.txt"), "w");
	assert_non_null(text);
	for (size_t i = 0; i < micro.count; i++) {
		for (uint32_t j = 0; j < micro.list[i].as.captured_bytes; j++)
			fprintf(text, j % 16 ? " %02x" : "\n%06" PRIx32 " %02x",
				j % 16 ? micro.list[i].data[j] : j, micro.list[i].data[j]);
		fprintf(text, "\n");
	}
	assert_int_equal(fclose(text), 0);
	/* It sets the times itself. */
	for (int linktype = 1; linktype <= 101; linktype += 100) {
		run_tool(linktype == 1 ? "text2pcap %s/dump.txt %s/out.pcap" :
					 "text2pcap -l 101 %s/dump.txt %s/out.pcap");
		read_file(in_folder("out.pcap"), &found);
		assert_int_equal(found.count, micro.count);
		for (size_t i = 0; i < found.count; i++) {
			micro.list[i].as.linktype = (uint32_t)linktype;
			micro.list[i].as.time_ns = found.list[i].as.time_ns;
		}
		assert_frames(&found, &micro);
		free_frames(&found);
	}
	free_frames(&micro);
	free_frames(&nano);
}

/* From a pipe, so that it needs neither an interface nor privilege. */
static void test_dumpcap(void **state)
{
	struct frames micro = {}, nano = {};

	(void)state;
	NEEDS("dumpcap");
	make_inputs(&micro, &nano);
	run_tool("cat %s/micro.pcap | dumpcap -q -i - -w %s/out.pcapng");
	assert_magic("out.pcapng", SECTION);
	assert_output("out.pcapng", &micro);
	run_tool("cat %s/micro.pcap | dumpcap -q -P -i - -w %s/out.pcap");
	assert_magic("out.pcap", PCAP_MICRO);
	assert_output("out.pcap", &micro);
	free_frames(&micro);
	free_frames(&nano);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_tcpdump),	 cmocka_unit_test(test_editcap),
		cmocka_unit_test(test_mergecap), cmocka_unit_test(test_text2pcap),
		cmocka_unit_test(test_dumpcap),
	};

	return cmocka_run_group_tests(tests, set_up_folder, tear_down_folder);
}
