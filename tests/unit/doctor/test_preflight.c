/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* A policy held against made-up hosts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "doctor/preflight.h"
#include "unit/image/policies.h"

#define COUNT(array) (sizeof(array) / sizeof(*(array)))
#define OK PIM_CHECK_OK
#define WARNING PIM_CHECK_WARNING
#define PROBLEM PIM_CHECK_PROBLEM

/* ---- a host ---- */

enum { MOST = 8 };
struct scene {
	struct pim_host host;
	struct pim_host_address addresses[MOST];
	struct pim_host_socket sockets[MOST];
	struct pim_host_server servers[MOST];
	struct pim_policy policy;
	struct pim_doctor doctor;
};

/* An Edge that has the addresses its policy lists; its calls get ports of no row. */
static void set_up(struct scene *scene)
{
	*scene = (struct scene){ .host = { .interface = "eth1",
					   .ifindex = 7,
					   .local_ports = { 32768, 49999 },
					   .ssh_port = 22 } };
	assert_int_equal(pim_policy_init(&scene->policy), 0);
	scene->host.addresses = scene->addresses;
	scene->host.sockets = scene->sockets;
	scene->host.servers = scene->servers;
	list(&scene->policy, "198.51.100.10", PIM_EDGE_ANY, 0);
	list(&scene->policy, "192.0.2.0/24", PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER, 0);
	list(&scene->policy, "203.0.113.200", PIM_ROLE_FAILSAFE, 0);
}

static struct pim_host_address *has(struct scene *scene, const char *text, const char *interface)
{
	struct pim_host_address *address = &scene->addresses[scene->host.address_count++];

	*address = (struct pim_host_address){ .address = prefix_of(text),
					      .ifindex = 7,
					      .here = strncmp(interface, "eth0", 4) &&
						      strcmp(interface, "lo"),
					      .portable = !strcmp(interface, "lo") };
	strcpy(address->interface, interface);
	return address;
}

static struct pim_host_socket *listens(struct scene *scene, enum pim_transport transport,
				       const char *local, uint16_t port)
{
	struct pim_host_socket *socket = &scene->sockets[scene->host.socket_count++];

	*socket = (struct pim_host_socket){ .transport = transport, .local_port = port };
	if (!strcmp(local, "::") || !strcmp(local, "0.0.0.0"))
		socket->local.family = *local == ':' ? PIM_IPV6 : PIM_IPV4;
	else
		socket->local = prefix_of(local);
	return socket;
}

/* After those that listen. */
static void talks(struct scene *scene, enum pim_transport transport, uint16_t port,
		  const char *remote, uint16_t remote_port)
{
	struct pim_host_socket *socket = listens(scene, transport, "198.51.100.10", port);

	socket->connected = true;
	socket->remote = prefix_of(remote);
	socket->remote_port = remote_port;
}

static void asks(struct scene *scene, enum pim_server_kind kind, const char *name,
		 const char *source)
{
	struct pim_host_server *server = &scene->servers[scene->host.server_count++];

	*server = (struct pim_host_server){ .kind = kind, .file = "/etc/file" };
	strcpy(server->name, name);
	if (*source) {
		server->address = prefix_of(name);
		server->source = prefix_of(source);
	}
}

static void login(struct scene *scene, const char *peer)
{
	scene->host.session = (struct pim_host_session){ .peer = prefix_of(peer),
							 .local = prefix_of("198.51.100.10"),
							 .peer_port = 40000,
							 .local_port = 22 };
}

/* ---- judging ---- */

static const struct pim_check *find(const struct scene *scene, const char *name)
{
	for (size_t i = 0; i < scene->doctor.count; i++)
		if (!strcmp(scene->doctor.checks[i].check, name))
			return &scene->doctor.checks[i];
	return NULL;
}

static void judge(struct scene *scene)
{
	struct pim_image image;

	assert_int_equal(pim_compile(&scene->policy, NULL, &image, NULL), 0);
	pim_doctor_free(&scene->doctor);
	pim_judge_preflight(&scene->host, &scene->policy, &image, &scene->doctor);
	pim_image_free(&image);
	for (size_t i = 0; i < scene->doctor.count; i++) {
		assert_string_equal(scene->doctor.checks[i].subject, "eth1");
		assert_true((scene->doctor.checks[i].state == OK) ==
			    !*scene->doctor.checks[i].advice);
	}
}

/* NULL as `found`: there is no such check. */
static void expect(const struct scene *scene, const char *name, enum pim_check_state state,
		   const char *found, const char *advice)
{
	const struct pim_check *at = find(scene, name);

	if (!at != !found)
		fail_msg("%s: expected %s", name, found ? found : "no such check");
	if (at && (at->state != state || !strstr(at->found, found) || !strstr(at->advice, advice)))
		fail_msg("%s: expected %s, \"%s\", \"%s\"; found %s, \"%s\", \"%s\"", name,
			 pim_check_state_name(state), found, advice,
			 pim_check_state_name(at->state), at->found, at->advice);
}

static void tear_down(struct scene *scene)
{
	pim_doctor_free(&scene->doctor);
	pim_policy_free(&scene->policy);
}

/* ---- addresses ---- */

static void has_nothing_to_say_of_a_host_that_suits(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	has(&scene, "198.51.100.10", "eth1");
	judge(&scene);
	expect(&scene, "edge-addresses", OK, "198.51.100.10: judged", "");
	assert_int_equal(pim_doctor_worst(&scene.doctor), OK);
	tear_down(&scene);
}

static void refuses_what_would_judge_nothing(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	has(&scene, "198.51.100.100", "eth1");
	judge(&scene);
	expect(&scene, "edge-addresses", PROBLEM, "nothing for eth1 would be judged",
	       "mistyped? nearest here: 198.51.100.100 for 198.51.100.10");
	expect(&scene, "edge-unlisted", WARNING, "198.51.100.100: not in edge", "list it in edge");
	expect(&scene, "edge-absent", OK, NULL, "");

	/* With not-edge = drop it would judge, and shut the host off. */
	scene.policy.options.not_edge = PIM_NOT_EDGE_DROP;
	judge(&scene);
	expect(&scene, "edge-addresses", WARNING, "eth1 would be shut off", "mistyped?");
	expect(&scene, "edge-unlisted", OK, "nothing reaches it", "");
	scene.policy.options.not_edge = PIM_NOT_EDGE_PASS;

	/* The address may be of another, behind. */
	scene.host.bridged = true;
	judge(&scene);
	expect(&scene, "edge-addresses", OK, "to which a bridge leads", "");
	scene.host.bridged = false;
	scene.host.forwards6 = true;
	judge(&scene);
	expect(&scene, "edge-addresses", WARNING, "nothing for eth1 would be judged", "mistyped?");
	scene.host.behind = &scene.policy.listed[0].prefix;
	scene.host.behind_count = 1;
	judge(&scene); /* of the other family */
	expect(&scene, "edge-addresses", WARNING, "nothing for eth1 would be judged", "mistyped?");
	scene.host.forwards4 = true;
	judge(&scene);
	expect(&scene, "edge-addresses", OK, "which leads on to them", "");
	scene.host.forwards4 = scene.host.forwards6 = false;
	judge(&scene); /* a route by which nothing is forwarded */
	expect(&scene, "edge-addresses", PROBLEM, "nothing for eth1 would be judged", "mistyped?");
	tear_down(&scene);
}

static void knows_addresses_on_other_interfaces(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	judge(&scene); /* inline, a port of a bridge */
	expect(&scene, "edge-addresses", OK, "eth1 has no address", "");
	assert_int_equal(scene.doctor.count, 1);

	has(&scene, "198.51.100.10", "eth0");
	has(&scene, "198.51.100.11", "eth1");
	judge(&scene);
	expect(&scene, "edge-addresses", PROBLEM, "(198.51.100.11)", "198.51.100.10 is on eth0");

	strcpy(scene.addresses[0].interface, "lo");
	scene.addresses[0].portable = true;
	judge(&scene); /* by whichever interface leads here */
	expect(&scene, "edge-addresses", OK, "198.51.100.10 (lo): judged", "");
	expect(&scene, "edge-unlisted", WARNING, "198.51.100.11: not", "");

	strcpy(scene.addresses[1].interface, "eth1.5");
	judge(&scene);
	expect(&scene, "edge-unlisted", WARNING, "198.51.100.11 (eth1.5)", "");
	tear_down(&scene);
}

static void names_what_edge_lacks_and_what_is_not_here(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	list(&scene.policy, "198.51.101.11", PIM_ROLE_AV, 0);
	has(&scene, "198.51.100.10", "eth1");
	has(&scene, "198.51.100.11", "eth1");
	has(&scene, "2001:db8::1", "eth1");
	listens(&scene, PIM_TCP, "198.51.100.10", 21);
	listens(&scene, PIM_TCP, "0.0.0.0", 22);
	listens(&scene, PIM_TCP, "::", 3389);
	listens(&scene, PIM_TCP, "127.0.0.1", 6010);
	listens(&scene, PIM_UDP, "198.51.100.11", 161);
	listens(&scene, PIM_UDP, "198.51.100.11", 162)->ifindex = 9; /* another interface */
	judge(&scene);
	expect(&scene, "edge-addresses", OK, "198.51.100.10: judged", "");
	expect(&scene, "edge-absent", WARNING, "198.51.101.11: in edge, and not on eth1",
	       "nearest here: 198.51.100.11 for 198.51.101.11");
	expect(&scene, "edge-unlisted", WARNING,
	       "198.51.100.11, 2001:db8::1: not in edge, so strangers reach all that listens there "
	       "(not-edge): tcp 22, 3389; udp 161",
	       "list them in edge");
	tear_down(&scene);
}

/* ---- services ---- */

static void sorts_listeners_by_whom_rows_let_in(void **state)
{
	struct scene scene;
	struct pim_row *row;

	(void)state;
	set_up(&scene);
	has(&scene, "198.51.100.10", "eth1");
	listens(&scene, PIM_TCP, "0.0.0.0", 22);
	listens(&scene, PIM_TCP, "::", 80)->both_families = true;
	listens(&scene, PIM_TCP, "::", 81); /* IPv6 only */
	listens(&scene, PIM_TCP, "0.0.0.0", 443);
	listens(&scene, PIM_UDP, "0.0.0.0", 3478);
	judge(&scene);
	expect(&scene, "open-services", OK, "none that strangers reach", "");
	expect(&scene, "peer-services", OK, "list reach tcp 443; udp 3478", "");
	expect(&scene, "closed-services", OK, "nobody but failsafe reaches tcp 22, 80", "");
	expect(&scene, "open-answers", OK, NULL, "");
	assert_null(strstr(find(&scene, "closed-services")->found, "81"));

	list(&scene.policy, "0.0.0.0/0", PIM_ROLE_CLIENT, 0);
	row = add_row(&scene.policy, "dns-reply", PIM_UDP, PIM_OUT, PIM_ROLE_ACCESS,
		      PIM_ROLE_CLIENT);
	add_range(row, 53, 53);
	judge(&scene);
	expect(&scene, "open-services", OK, "strangers reach tcp 443", "");
	expect(&scene, "open-answers", WARNING,
	       "strangers reach udp 3478, from the port of dns-reply",
	       "narrow the peers of dns-reply");
	scene.policy.options.mode = PIM_MODE_OBSERVE;
	judge(&scene);
	expect(&scene, "open-services", OK, "for now they reach everything", "");
	tear_down(&scene);
}

static void groups_and_caps_a_long_list(void **state)
{
	struct pim_services services = {};
	const char *text;

	(void)state;
	for (unsigned int port = 1; port <= 1000; port++) {
		pim_services_add(&services, PIM_TCP, (uint16_t)port);
		pim_services_add(&services, PIM_TCP, (uint16_t)port);
	}
	text = pim_phrase_text(&services.phrase);
	assert_string_equal(
		text, "tcp 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16 and 984 more");
}

static void keeps_a_phrase_within_its_bounds(void **state)
{
	struct pim_phrase phrase = {};

	(void)state;
	for (int i = 0; i < 100; i++)
		pim_phrase_add(&phrase, "2001:db8:ffff:ffff:ffff:ffff:ffff:%d", i);
	assert_true(strlen(pim_phrase_text(&phrase)) < sizeof(phrase.text));
	assert_non_null(strstr(phrase.text, " and 92 more"));
}

/* ---- peers ---- */

static void names_connections_that_would_be_cut(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	list(&scene.policy, "203.0.113.66", PIM_ROLE_BLOCK, 0);
	has(&scene, "198.51.100.10", "eth1");
	listens(&scene, PIM_TCP, "0.0.0.0", 25);
	listens(&scene, PIM_TCP, "0.0.0.0", 443);
	talks(&scene, PIM_TCP, 443, "192.0.2.7", 50001); /* kept by sip-tls-in */
	judge(&scene);
	expect(&scene, "connections", OK, "none would be cut", "");
	talks(&scene, PIM_TCP, 40000, "203.0.113.5", 8443);
	talks(&scene, PIM_TCP, 40001, "203.0.113.5", 8443);
	judge(&scene);
	expect(&scene, "connections", WARNING,
	       "would be cut: tcp 203.0.113.5 port 8443, 2 times (no-service)",
	       "{ name = \"out-8443\", transport = \"tcp\", direction = \"out\", edge = "
	       "\"access\", peers = \"client\", ports = [ \"8443\" ] } ) with it listed as client; or "
	       "list 203.0.113.5 in failsafe");
	talks(&scene, PIM_TCP, 25, "203.0.113.66", 4000);
	judge(&scene);
	expect(&scene, "connections", WARNING, "tcp 203.0.113.66 to port 25 here (blocked)",
	       "the first: ");
	scene.policy.options.mode = PIM_MODE_OBSERVE;
	judge(&scene);
	expect(&scene, "connections", WARNING, "with mode = enforce would be cut", "");
	tear_down(&scene);
}

static void keeps_the_administrator_in(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	has(&scene, "198.51.100.10", "eth1");
	judge(&scene);
	expect(&scene, "ssh", OK, "nobody is logged in", "");
	login(&scene, "203.0.113.200");
	judge(&scene);
	expect(&scene, "ssh", OK, "this session, from 203.0.113.200, would stay", "");
	login(&scene, "192.0.2.9");
	judge(&scene);
	expect(&scene, "ssh", WARNING, "this very session would be cut: from 192.0.2.9 to 22",
	       "failsafe = { addresses = [ \"192.0.2.9\" ] }");

	/* Unknown whose it is, as under sudo in a container. */
	scene.host.session = (struct pim_host_session){};
	listens(&scene, PIM_TCP, "0.0.0.0", 22);
	talks(&scene, PIM_TCP, 22, "192.0.2.9", 40001);
	judge(&scene);
	expect(&scene, "ssh", WARNING, "would be cut: tcp 192.0.2.9 to port 22 here",
	       "failsafe = { addresses = [ \"192.0.2.9\" ] }");
	expect(&scene, "connections", OK, "none would be cut", "");
	tear_down(&scene);
}

static void warns_of_a_session_without_failsafe(void **state)
{
	struct scene scene;
	struct pim_row *row;

	(void)state;
	set_up(&scene);
	scene.policy.listed_count--; /* the failsafe */
	has(&scene, "198.51.100.10", "eth1");
	row = add_row(&scene.policy, "ssh", PIM_TCP, PIM_IN, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT);
	add_range(row, 22, 22);
	judge(&scene);
	expect(&scene, "ssh", OK, "nobody is logged in", "");
	login(&scene, "192.0.2.9");
	judge(&scene);
	expect(&scene, "ssh", WARNING, "this session, from 192.0.2.9, would stay",
	       "there is no failsafe");
	/* Of another interface. */
	scene.host.session.local = prefix_of("198.51.100.99");
	judge(&scene);
	expect(&scene, "ssh", OK, "nobody is logged in", "");
	tear_down(&scene);
}

static void judges_resolvers_and_time_servers(void **state)
{
	struct scene scene;
	struct pim_row *row;

	(void)state;
	set_up(&scene);
	has(&scene, "198.51.100.10", "eth1");
	asks(&scene, PIM_SERVER_NAMES, "192.0.2.53", "198.51.100.10");
	asks(&scene, PIM_SERVER_NAMES, "203.0.113.53", "10.0.0.1"); /* by another interface */
	asks(&scene, PIM_SERVER_TIME, "time.example", "");
	judge(&scene);
	expect(&scene, "resolvers", WARNING, "would not answer: 192.0.2.53 (/etc/file, no-service)",
	       "direction = \"out\", edge = \"access\", peers = \"client\", ports = [ \"53\" ] } ); or");
	assert_null(strstr(find(&scene, "resolvers")->found, "203.0.113.53"));
	expect(&scene, "time-servers", WARNING, "time.example (/etc/file), whatever its addresses",
	       "ports = [ \"123\" ]");
	row = add_row(&scene.policy, "answers", PIM_UDP, PIM_OUT, PIM_ROLE_ACCESS, PIM_ROLE_CLIENT);
	add_range(row, 53, 53);
	add_range(row, 123, 123);
	judge(&scene);
	expect(&scene, "resolvers", OK, "would answer: 192.0.2.53", "");
	expect(&scene, "time-servers", OK, "time.example if its addresses are listed", "");
	tear_down(&scene);
}

/* A row for clients that are everyone opens the Edge to whoever sends from its port. */
static void advises_no_row_for_everybody(void **state)
{
	static const char *const resolvers[] = { "192.0.2.53", "2001:db8::53" };

	(void)state;
	for (size_t i = 0; i < COUNT(resolvers); i++) {
		struct scene scene;

		set_up(&scene);
		list(&scene.policy, "0.0.0.0/0", PIM_ROLE_CLIENT | PIM_ROLE_MESSENGER, 0);
		list(&scene.policy, "2001:db8:10::10", PIM_EDGE_ANY, 0);
		has(&scene, "198.51.100.10", "eth1");
		has(&scene, "2001:db8:10::10", "eth1");
		asks(&scene, PIM_SERVER_NAMES, resolvers[i],
		     i ? "2001:db8:10::10" : "198.51.100.10");
		judge(&scene);
		expect(&scene, "resolvers", WARNING, resolvers[i],
		       "peers = \"partner\", ports = [ \"53\" ] } ) with it listed as a partner of its "
		       "own; or list");
		tear_down(&scene);
	}
}

/* ---- ports ---- */

static void compares_ports_of_calls_with_rows(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	has(&scene, "198.51.100.10", "eth1");
	judge(&scene);
	expect(&scene, "port-range", OK, "32768-49999", "");
	scene.host.local_ports = (struct pim_port_pair){ 32768, 60999 };
	judge(&scene);
	expect(&scene, "port-range", WARNING, "10,000 of the 28,232 ports",
	       "ip_local_port_range=\"32768 49999\"");
	scene.host.reserved[0] = (struct pim_port_pair){ 50000, 59999 };
	scene.host.reserved_count = 1;
	judge(&scene);
	expect(&scene, "port-range", OK, "apart from the rows", "");
	scene.host.reserved_count = 0;
	scene.host.local_ports = (struct pim_port_pair){ 49152, 65535 };
	judge(&scene);
	expect(&scene, "port-range", WARNING, "10,000 of the 16,384",
	       "ip_local_reserved_ports=50000-59999");
	scene.policy.options.rtp_port_end = PIM_RTP_PORT_END_PEER;
	judge(&scene);
	expect(&scene, "port-range", OK, "apart from the rows", "");
	scene.policy.options.rtp_port_end = PIM_RTP_PORT_END_EITHER;
	scene.policy.rows[PIM_ROW_RTP_OUT].enabled = false;
	judge(&scene);
	expect(&scene, "port-range", OK, "apart from the rows", "");
	scene.host.local_ports = (struct pim_port_pair){};
	judge(&scene);
	expect(&scene, "port-range", WARNING, "unknown", "sysctl");
	tear_down(&scene);
}

/* ---- what cannot be known ---- */

static void says_what_it_does_not_know(void **state)
{
	struct scene scene;

	(void)state;
	set_up(&scene);
	strcpy(scene.host.addresses_unknown, "rtnetlink: not permitted");
	judge(&scene);
	expect(&scene, "edge-addresses", WARNING, "unknown: rtnetlink: not permitted",
	       "ip address");
	assert_int_equal(scene.doctor.count, 1);
	scene.host.addresses_unknown[0] = '\0';
	strcpy(scene.host.sockets_unknown, "sock_diag: not permitted");
	has(&scene, "198.51.100.10", "eth1");
	judge(&scene);
	expect(&scene, "sockets", WARNING, "unknown: sock_diag: not permitted", "ss -tuan");
	expect(&scene, "closed-services", OK, NULL, "");
	expect(&scene, "connections", OK, NULL, "");
	expect(&scene, "ssh", OK, NULL, "");
	login(&scene, "192.0.2.9"); /* the environment tells nevertheless */
	judge(&scene);
	expect(&scene, "ssh", WARNING, "this very session would be cut", "failsafe");
	tear_down(&scene);
}

/* Any user may hold a lock with it that has so many sockets, if the time grows with their square. */
static void judges_many_sockets_in_linear_time(void **state)
{
	enum { EACH = 200000 };
	struct scene scene;
	struct pim_host_socket *sockets = calloc(2 * EACH, sizeof(*sockets));
	clock_t start = clock();

	(void)state;
	assert_non_null(sockets);
	set_up(&scene);
	has(&scene, "198.51.100.10", "eth1");
	for (size_t i = 0; i < 2 * EACH; i++) {
		sockets[i] = (struct pim_host_socket){ .transport = PIM_UDP,
						       .local = prefix_of("127.0.0.1"),
						       .local_port = (uint16_t)(i % 30000) };
		if (i < EACH)
			continue;
		sockets[i].local = prefix_of("198.51.100.10");
		sockets[i].local_port = 40000;
		sockets[i].connected = true;
		sockets[i].remote = prefix_of("192.0.2.9");
		sockets[i].remote_port = 9;
	}
	scene.host.sockets = sockets;
	scene.host.socket_count = 2 * EACH;
	judge(&scene);
	expect(&scene, "connections", WARNING, "udp 192.0.2.9 port 9, 200000 times", "");
	/* A tenth of a second, or a minute. */
	assert_true(clock() - start < 20 * CLOCKS_PER_SEC);
	tear_down(&scene);
	free(sockets);
}

static void knows_when_it_is_too_early(void **state)
{
	static const struct {
		const char *address, *interface;
		bool bridged, forwards4, forwards6, unknown, early, early_without_image;
	} cases[] = {
		{ .early = true, .early_without_image = true },
		{ .address = "198.51.100.10", .interface = "eth1" },
		{ .address = "2001:db8::1", .interface = "eth1" },
		{ .address = "198.51.100.99",
		  .interface = "eth0",
		  .early = true,
		  .early_without_image = true },
		{ .address = "198.51.100.99",
		  .interface = "lo",
		  .early = true,
		  .early_without_image = true },
		{ .address = "198.51.100.10", .interface = "lo", .early_without_image = true },
		{ .bridged = true },
		{ .forwards4 = true },
		{ .forwards6 = true },
		{ .unknown = true },
	};
	struct pim_image image;
	struct scene scene;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		set_up(&scene);
		if (cases[i].address)
			has(&scene, cases[i].address, cases[i].interface);
		scene.host.bridged = cases[i].bridged;
		scene.host.forwards4 = cases[i].forwards4;
		scene.host.forwards6 = cases[i].forwards6;
		if (cases[i].unknown)
			strcpy(scene.host.addresses_unknown, "rtnetlink: not permitted");
		assert_int_equal(pim_compile(&scene.policy, NULL, &image, NULL), 0);
		if (pim_preflight_is_early(&scene.host, &image) != cases[i].early ||
		    pim_preflight_is_early(&scene.host, NULL) != cases[i].early_without_image)
			fail_msg("case %zu", i);
		pim_image_free(&image);
		tear_down(&scene);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(has_nothing_to_say_of_a_host_that_suits),
		cmocka_unit_test(refuses_what_would_judge_nothing),
		cmocka_unit_test(knows_addresses_on_other_interfaces),
		cmocka_unit_test(names_what_edge_lacks_and_what_is_not_here),
		cmocka_unit_test(sorts_listeners_by_whom_rows_let_in),
		cmocka_unit_test(groups_and_caps_a_long_list),
		cmocka_unit_test(keeps_a_phrase_within_its_bounds),
		cmocka_unit_test(names_connections_that_would_be_cut),
		cmocka_unit_test(keeps_the_administrator_in),
		cmocka_unit_test(warns_of_a_session_without_failsafe),
		cmocka_unit_test(judges_resolvers_and_time_servers),
		cmocka_unit_test(advises_no_row_for_everybody),
		cmocka_unit_test(compares_ports_of_calls_with_rows),
		cmocka_unit_test(says_what_it_does_not_know),
		cmocka_unit_test(judges_many_sockets_in_linear_time),
		cmocka_unit_test(knows_when_it_is_too_early),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
