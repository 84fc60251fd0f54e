/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The command line as functions: what it prints where, and how it ends. Only
 * what needs no kernel. */
#include <fcntl.h>
#include <getopt.h>
#include <jansson.h>

#include "cli/verbs.h"
#include "cli/command.h"
#include "unit/config/config_fixture.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define ARGUMENTS_MAX 12

/* Complete: nothing to warn of. */
static const char complete[] =
	"edge = { access = [ \"198.51.100.10\" ] }\n"
	"partners = ( { name = \"contoso\" addresses = [ \"203.0.113.0/24\" ] } )\n"
	"clients = { addresses = [ \"192.0.2.0/24\", \"2001:db8::/32\" ] }\n";

static char output[16384], errors[16384];

static int redirect(FILE *stream, int descriptor, const char *path)
{
	int kept, file;

	fflush(stream);
	kept = dup(descriptor);
	file = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(kept >= 0 && file >= 0);
	assert_int_equal(dup2(file, descriptor), descriptor);
	close(file);
	return kept;
}

static void restore(FILE *stream, int descriptor, int kept, const char *path, char *text, size_t size)
{
	size_t length;
	char *bytes;

	fflush(stream);
	assert_int_equal(dup2(kept, descriptor), descriptor);
	close(kept);
	bytes = read_bytes(path, &length);
	assert_true(length < size);
	memcpy(text, bytes, length + 1);
	free(bytes);
}

/* Runs `pimxdp` with the words of a line, which single blanks separate. */
static enum pim_exit run(const char *line)
{
	char words[512], *rest = words, *argv[ARGUMENTS_MAX + 1] = { (char *)"pimxdp" };
	int argc = 1, kept_output, kept_errors;
	enum pim_exit status;

	strcpy(words, line);
	while (*line && rest) {
		assert_true(argc < ARGUMENTS_MAX);
		argv[argc++] = strsep(&rest, " ");
	}
	optind = 0; /* as in a new process */
	kept_output = redirect(stdout, STDOUT_FILENO, "stdout");
	kept_errors = redirect(stderr, STDERR_FILENO, "stderr");
	status = pim_command_line(argc, argv);
	restore(stdout, STDOUT_FILENO, kept_output, "stdout", output, sizeof(output));
	restore(stderr, STDERR_FILENO, kept_errors, "stderr", errors, sizeof(errors));
	return status;
}

static void assert_has(const char *where, const char *part)
{
	if (!strstr(where, part))
		fail_msg("expected \"%s\" in: %s", part, where);
}

/* Ends with 2 and a message that holds the text, with nothing on stdout. */
static void assert_usage(const char *line, const char *message)
{
	enum pim_exit status = run(line);

	if (status != PIM_EXIT_USAGE || !strstr(errors, message) || *output)
		fail_msg("pimxdp %s: status %d, expected 2 and \"%s\"; stdout: %s stderr: %s", line,
			 status, message, output, errors);
	/* What is wrong with a configuration begins with its file. */
	if (strncmp(errors, message, strlen(message)) || !strstr(message, ".conf:"))
		assert_int_equal(strncmp(errors, "pimxdp", 6), 0);
}

/* ---- help ---- */

static void tells_of_every_command(void **state)
{
	static const char *const commands[] = { "attach", "run", "detach", "status", "reload", "stats",
						"metrics", "flows", "check", "policy", "lookup", "addresses",
						"replay", "doctor" };
	size_t count = 0;

	(void)state;
	while (pim_verbs[count])
		count++;
	assert_int_equal(count, COUNT(commands));
	for (size_t at = 0; at < COUNT(commands); at++) {
		static const char *const options[] = { "--help", "-h" };
		char line[64], usage[64];

		for (size_t option = 0; option < COUNT(options); option++) {
			snprintf(line, sizeof(line), "%s %s", commands[at], options[option]);
			assert_int_equal(run(line), PIM_EXIT_DONE);
			assert_string_equal(errors, "");
			snprintf(usage, sizeof(usage), "usage: pimxdp %s", commands[at]);
			assert_int_equal(strncmp(output, usage, strlen(usage)), 0);
			assert_has(output, "--help");
			assert_has(output, "exit status: 0 done; 1 failed; 2 usage or configuration.\n");
			assert_null(strstr(output, "(null)"));
			assert_null(strstr(output, "\n\n\n"));
		}
		assert_int_equal(run("--help"), PIM_EXIT_DONE);
		snprintf(usage, sizeof(usage), "\n  %-9s ", commands[at]);
		assert_has(output, usage);
	}
}

/* The command line, to the letter: scripts and the manual rely on it. */
static void shows_the_usage_to_the_letter(void **state)
{
	static const struct {
		const char *line, *usage;
	} cases[] = {
		{ "attach -h", "usage: pimxdp attach INTERFACE --config FILE [--mode MODE] [--replace] "
			       "[--group GROUP]\n" },
		{ "run -h", "usage: pimxdp run INTERFACE --config FILE [--mode MODE] [--group GROUP] "
			    "[--metrics WHERE] [--log-format FORMAT] [--detach-on-exit] "
			    "[INTERFACE --config FILE]...\n" },
		{ "detach -h", "usage: pimxdp detach INTERFACE\n" },
		{ "status -h", "usage: pimxdp status [INTERFACE] [--json] [--pretty]\n" },
		{ "reload -h", "usage: pimxdp reload INTERFACE --config FILE\n" },
		{ "stats -h", "usage: pimxdp stats [INTERFACE] [--json] [--pretty] [--prometheus] "
			      "[--openmetrics] [--output FILE]\n" },
		{ "metrics -h", "usage: pimxdp metrics [--json] [--pretty]\n" },
		{ "flows -h", "usage: pimxdp flows INTERFACE [--rule RULE] [--top N] [--json] [--pretty]\n" },
		{ "check -h", "usage: pimxdp check --config FILE [--print]\n" },
		{ "policy -h", "usage: pimxdp policy [--json] [--pretty]\n" },
		{ "lookup -h", "usage: pimxdp lookup ADDRESS [--config FILE] [--interface IF]\n" },
		{ "addresses -h", "usage: pimxdp addresses INTERFACE [--role ROLE]\n" },
		{ "replay -h", "usage: pimxdp replay CAPTURE --config FILE [--json] [--pretty]\n" },
		{ "doctor -h", "usage: pimxdp doctor [INTERFACE] [--json] [--pretty]\n" },
	};

	(void)state;
	for (size_t at = 0; at < COUNT(cases); at++) {
		assert_int_equal(run(cases[at].line), PIM_EXIT_DONE);
		output[strlen(cases[at].usage)] = '\0';
		assert_string_equal(output, cases[at].usage);
	}
}

static void says_which_version_it_is(void **state)
{
	static const char *const lines[] = { "--version", "-V" };

	(void)state;
	for (size_t at = 0; at < COUNT(lines); at++) {
		unsigned int major, minor, patch, schema;

		assert_int_equal(run(lines[at]), PIM_EXIT_DONE);
		assert_string_equal(errors, "");
		assert_int_equal(sscanf(output, "pimxdp %u.%u.%u (schema %u)\n", &major, &minor, &patch,
					&schema), 4);
		assert_int_equal(schema, PIM_SCHEMA);
		assert_has(output, PIM_VERSION);
	}
}

static void helps_who_says_nothing(void **state)
{
	static const char *const lines[] = { "--help", "-h", "help" };

	(void)state;
	assert_int_equal(run(""), PIM_EXIT_USAGE);
	assert_string_equal(output, "");
	assert_has(errors, "usage: pimxdp COMMAND");
	for (size_t at = 0; at < COUNT(lines); at++) {
		assert_int_equal(run(lines[at]), PIM_EXIT_DONE);
		assert_string_equal(errors, "");
		assert_has(output, "usage: pimxdp COMMAND");
	}
}

/* ---- mistakes ---- */

static void refuses_unknown_commands(void **state)
{
	(void)state;
	assert_usage("bogus", "expected a command, found 'bogus'");
	assert_usage("bogus --help", "found 'bogus'");
	assert_usage("Attach", "found 'Attach'");
	assert_usage("attachs", "found 'attachs'");
	assert_usage("att", "found 'att'");
	assert_usage("--json", "found '--json'");
	assert_usage(" ", "found ''");
}

/* A long one, as it was given. */
static void assert_unknown(const char *line, const char *option)
{
	char message[96];

	snprintf(message, sizeof(message), ": unknown option, or one that takes no value: %s\n", option);
	assert_usage(line, message);
}

static void refuses_unknown_options(void **state)
{
	(void)state;
	assert_usage("attach eth1 --bogus", "pimxdp attach: unknown option, or one that takes no value: --bogus\n");
	assert_usage("attach eth1 --bogus", "\nusage: pimxdp attach INTERFACE ");
	assert_unknown("attach eth1 --config x --json", "--json");
	assert_unknown("detach eth1 --config x", "--config");
	assert_unknown("detach --replace eth1", "--replace");
	assert_unknown("status --top 3", "--top");
	assert_unknown("stats eth1 --top 3", "--top");
	assert_unknown("flows eth1 --prometheus", "--prometheus");
	assert_unknown("status eth1 --output x", "--output");
	assert_unknown("metrics --prometheus", "--prometheus");
	assert_unknown("reload eth1 --config x --mode skb", "--mode");
	assert_unknown("check --config x --json", "--json");
	assert_unknown("policy --config x", "--config");
	assert_unknown("lookup 192.0.2.1 --config x --json", "--json");
	assert_unknown("replay x --config x --mode skb", "--mode");
	assert_unknown("addresses eth1 --config x", "--config");
	assert_unknown("addresses eth1 --json", "--json");
	assert_unknown("addresses eth1 --interface eth2", "--interface");
	assert_unknown("lookup 192.0.2.1 --role partner", "--role");
	assert_unknown("flows eth1 --role partner", "--role");
	assert_usage("policy -x", "unknown option -x");
}

/* Named by what is unknown, wherever it stands among other letters. */
static void names_the_unknown_letter(void **state)
{
	static const char *const lines[] = { "policy -x", "policy -xj", "stats eth1 -xj",
					     "policy --json -xj", "stats -x eth1" };

	(void)state;
	for (size_t at = 0; at < COUNT(lines); at++)
		assert_usage(lines[at], "unknown option -x");
}

static void refuses_values_to_switches(void **state)
{
	(void)state;
	assert_unknown("policy --json=yes", "--json=yes");
	assert_unknown("attach eth1 --config x --replace=1", "--replace=1");
}

static void asks_for_what_is_missing(void **state)
{
	static const char *const interface[] = { "attach --config x", "detach", "reload --config x",
						 "stats", "flows", "stats --json",
						 "stats --json --pretty", "addresses",
						 "addresses --role partner" };
	static const char *const config[] = { "attach eth1", "reload eth1", "check", "replay x.pcap",
					      "replay - --json" };
	static const char *const either[] = { "lookup 192.0.2.1", "lookup 2001:db8::1",
					      "lookup 192.0.2.1 --config x --interface eth1" };

	(void)state;
	for (size_t at = 0; at < COUNT(interface); at++)
		assert_usage(interface[at], "expected INTERFACE");
	assert_usage("lookup --config x", "expected ADDRESS");
	assert_usage("replay --config x", "expected CAPTURE");
	for (size_t at = 0; at < COUNT(config); at++)
		assert_usage(config[at], "expected --config FILE");
	for (size_t at = 0; at < COUNT(either); at++)
		assert_usage(either[at], "lookup: expected either --config FILE or --interface IF\n");
	assert_usage("check --config", "expected a value after --config");
	assert_usage("check -c", "expected a value after -c");
	assert_usage("attach eth1 --config x --mode", "expected a value after --mode");
	assert_usage("flows eth1 --top", "expected a value after --top");
	assert_usage("lookup 192.0.2.1 --interface", "expected a value after --interface");
	assert_usage("addresses eth1 --role", "expected a value after --role");
	assert_usage("stats eth1 --prometheus --output", "expected a value after --output");
}

static void refuses_formats_that_exclude_each_other(void **state)
{
	static const char *const lines[] = { "stats eth1 --json --prometheus",
					     "stats eth1 --prometheus --pretty",
					     "stats eth1 --openmetrics --json", "stats eth1 -j --prometheus",
					     "stats --openmetrics --prometheus" };

	(void)state;
	for (size_t at = 0; at < COUNT(lines); at++)
		assert_usage(lines[at], "expected one of --json, --prometheus and --openmetrics");
	assert_usage("stats eth1 --output x", "--output FILE is for metrics");
	assert_usage("stats eth1 --json --output x", "--output FILE is for metrics");
	assert_usage("stats a/b --prometheus", "expected an interface name, found 'a/b'");
}

static void refuses_what_is_too_much(void **state)
{
	(void)state;
	assert_usage("detach eth1 eth2", "expected nothing more, found 'eth2'");
	assert_usage("status eth1 eth2", "found 'eth2'");
	assert_usage("policy sip-tls-in", "found 'sip-tls-in'");
	assert_usage("check --config x eth1", "found 'eth1'");
	assert_usage("replay a b --config x", "found 'b'");
	assert_usage("addresses eth1 eth2", "found 'eth2'");
	assert_usage("lookup 192.0.2.1 192.0.2.2 --config x", "found '192.0.2.2'");
}

static void refuses_bad_modes(void **state)
{
	static const char *const modes[] = { "bogus", "Native", "offload", "generic", "nat", "", "skb,native" };

	(void)state;
	for (size_t at = 0; at < COUNT(modes); at++) {
		char line[64], message[64];

		snprintf(line, sizeof(line), "attach eth1 --config x --mode %s", modes[at]);
		snprintf(message, sizeof(message), "expected --mode auto, native or skb, found '%s'",
			 modes[at]);
		assert_usage(line, message);
	}
}

static void refuses_bad_roles(void **state)
{
	static const char *const roles[] = { "bogus", "Partner", "partners", "part", "", "partner,client",
					     "1", "av,access" };

	(void)state;
	for (size_t at = 0; at < COUNT(roles); at++) {
		char line[64], message[64];

		snprintf(line, sizeof(line), "addresses eth1 --role %s", roles[at]);
		snprintf(message, sizeof(message), "found '%s'\nusage: pimxdp addresses ", roles[at]);
		assert_usage(line, "addresses: expected a role");
		assert_usage(line, message);
	}
}

static void refuses_bad_counts(void **state)
{
	static const char *const counts[] = { "x", "-1", "+5", "", "5x", "0x10", "1.5",
					      "99999999999999999999999" };

	(void)state;
	for (size_t at = 0; at < COUNT(counts); at++) {
		char line[64], message[64];

		snprintf(line, sizeof(line), "flows eth1 --top %s", counts[at]);
		snprintf(message, sizeof(message), "found '%s'", counts[at]);
		assert_usage(line, message);
	}
}

static void refuses_what_is_no_address(void **state)
{
	static const char *const addresses[] = { "bogus", "192.0.2", "192.0.2.0/24", "2001:db8::/32",
						 "192.0.2.1/33", "0192.0.2.1", "" };

	(void)state;
	write_text("edge.conf", complete);
	for (size_t at = 0; at < COUNT(addresses); at++) {
		char line[64];

		snprintf(line, sizeof(line), "lookup %s --config edge.conf", addresses[at]);
		assert_usage(line, addresses[at]);
		assert_int_equal(strncmp(errors, "pimxdp: ", 8), 0);
		/* Found before any filter is asked. */
		snprintf(line, sizeof(line), "lookup %s --interface no-such-eth", addresses[at]);
		assert_usage(line, addresses[at]);
		assert_int_equal(strncmp(errors, "pimxdp: ", 8), 0);
	}
}

/* ---- what needs no kernel ---- */

static void checks_configurations(void **state)
{
	static const char *const lines[] = { "check --config edge.conf", "check -c edge.conf",
					     "check --config=edge.conf" };

	(void)state;
	write_text("edge.conf", complete);
	for (size_t at = 0; at < COUNT(lines); at++) {
		assert_int_equal(run(lines[at]), PIM_EXIT_DONE);
		assert_string_equal(errors, "");
		assert_has(output, "edge.conf: correct\n");
		assert_has(output, "sip-mtls-in");
	}
}

static void says_where_a_configuration_is_wrong(void **state)
{
	static const char *const commands[] = { "check", "lookup 192.0.2.1", "attach eth1",
						"reload eth1", "replay x.pcap" };

	(void)state;
	write_text("wrong.conf", "edge = {\n  access = [ \"198.51.100.10/24\" ]\n}\n");
	for (size_t at = 0; at < COUNT(commands); at++) {
		char line[64];

		snprintf(line, sizeof(line), "%s --config wrong.conf", commands[at]);
		assert_usage(line, "wrong.conf:2: ");
		assert_has(errors, "198.51.100.0/24"); /* the network meant */
		assert_ptr_equal(strchr(errors, '\n') + 1, errors + strlen(errors)); /* one line */
		snprintf(line, sizeof(line), "%s --config missing.conf", commands[at]);
		assert_usage(line, "missing.conf: ");
	}
}

static void prints_warnings_beside_the_result(void **state)
{
	(void)state;
	write_text("edge.conf", "edge = { access = [ \"198.51.100.10\" ] }\n"
				"partners = ( { name = \"contoso\" } )\n");
	assert_int_equal(run("check --config edge.conf"), PIM_EXIT_DONE);
	assert_has(errors, "pimxdp: warning: edge.conf:2: ");
	assert_has(output, "contoso");
	assert_null(strstr(output, "warning"));
}

/* What --print prints is a configuration, of the same meaning. */
static void prints_configurations_back(void **state)
{
	char printed[sizeof(output)];

	(void)state;
	write_text("edge.conf", complete);
	assert_int_equal(run("check --config edge.conf --print"), PIM_EXIT_DONE);
	assert_string_equal(errors, "");
	strcpy(printed, output);
	write_text("printed.conf", printed);
	assert_int_equal(run("check --print --config printed.conf"), PIM_EXIT_DONE);
	assert_string_equal(output, printed);
	assert_has(printed, "fragments"); /* a default, written out */
	assert_has(printed, "198.51.100.10");
}

static void prints_the_policy(void **state)
{
	static const char *const lines[] = { "policy --json", "policy -j", "policy --pretty",
					     "policy -p", "policy --json --pretty", "policy -jp" };
	json_t *first = NULL;

	(void)state;
	assert_int_equal(run("policy"), PIM_EXIT_DONE);
	assert_has(output, "stun-in");
	assert_string_equal(errors, "");
	for (size_t at = 0; at < COUNT(lines); at++) {
		json_t *value;

		assert_int_equal(run(lines[at]), PIM_EXIT_DONE);
		assert_string_equal(errors, "");
		value = json_loads(output, 0, NULL);
		assert_int_equal(json_array_size(value), 6);
		/* Pretty alone implies JSON; both are the same data. */
		assert_int_equal(!!strstr(output, "\n "), at >= 2);
		if (first) {
			assert_true(json_equal(first, value));
			json_decref(value);
		} else {
			first = value;
		}
	}
	json_decref(first);
}

static void looks_up(void **state)
{
	(void)state;
	write_text("edge.conf", complete);
	assert_int_equal(run("lookup 192.0.2.1 --config edge.conf"), PIM_EXIT_DONE);
	assert_has(output, "client, messenger");
	assert_string_equal(errors, "");
	assert_int_equal(run("lookup --config edge.conf 2001:db8::1"), PIM_EXIT_DONE); /* any order */
	assert_has(output, "client, messenger");
	assert_int_equal(run("lookup 192.0.3.1 --config edge.conf"), PIM_EXIT_DONE);
	assert_has(output, "none");
}

/* The machine said no: 1, not 2. */
static void fails_on_missing_captures(void **state)
{
	(void)state;
	write_text("edge.conf", complete);
	write_text("text.pcap", "edge = { access }\n");
	assert_int_equal(run("replay missing.pcap --config edge.conf"), PIM_EXIT_FAILED);
	assert_string_equal(output, "");
	assert_string_equal(errors, "pimxdp: missing.pcap: cannot open: No such file or directory\n");
	assert_int_equal(run("replay text.pcap --config edge.conf --json"), PIM_EXIT_FAILED);
	assert_string_equal(output, "");
	assert_has(errors, "pimxdp: text.pcap: expected a pcap or pcapng file");
}

/* ---- */

static char folder[64];

static int set_up(void **state)
{
	(void)state;
	enter_new_folder(folder);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	remove_folder(folder);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_of_every_command),
		cmocka_unit_test(shows_the_usage_to_the_letter),
		cmocka_unit_test(says_which_version_it_is),
		cmocka_unit_test(helps_who_says_nothing),
		cmocka_unit_test(refuses_unknown_commands),
		cmocka_unit_test(refuses_unknown_options),
		cmocka_unit_test(names_the_unknown_letter),
		cmocka_unit_test(refuses_values_to_switches),
		cmocka_unit_test(asks_for_what_is_missing),
		cmocka_unit_test(refuses_formats_that_exclude_each_other),
		cmocka_unit_test(refuses_what_is_too_much),
		cmocka_unit_test(refuses_bad_modes),
		cmocka_unit_test(refuses_bad_roles),
		cmocka_unit_test(refuses_bad_counts),
		cmocka_unit_test(refuses_what_is_no_address),
		cmocka_unit_test(checks_configurations),
		cmocka_unit_test(says_where_a_configuration_is_wrong),
		cmocka_unit_test(prints_warnings_beside_the_result),
		cmocka_unit_test(prints_configurations_back),
		cmocka_unit_test(prints_the_policy),
		cmocka_unit_test(looks_up),
		cmocka_unit_test(fails_on_missing_captures),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
