/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What files and the environment tell of this host: whom it asks for names and the time, which
 * ports the kernel gives to calls, and who is logged in here. */
#include "machine/host.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/array.h"
#include "machine/privilege.h"

/* ---- lines of files ---- */

#define BLANKS " \t\r\n"

/* Calls `take` with each line of a file that is not empty. A file that is not there has none. */
static void each_line(const char *path, void (*take)(struct pim_host *, const char *, char *),
		      struct pim_host *host)
{
	FILE *stream = fopen(path, "re");
	char line[4096]; /* a list of reserved ports is long */

	while (stream && fgets(line, sizeof(line), stream))
		take(host, path, line);
	if (stream)
		fclose(stream);
}

/* The same for every file of a folder whose name ends so. */
static void each_file(const char *folder, const char *end,
		      void (*take)(struct pim_host *, const char *, char *), struct pim_host *host)
{
	DIR *stream = opendir(folder);
	struct dirent *entry;
	char path[512];

	while (stream && (entry = readdir(stream))) {
		size_t length = strlen(entry->d_name), ending = strlen(end);

		if (length <= ending || strcmp(entry->d_name + length - ending, end))
			continue;
		snprintf(path, sizeof(path), "%s/%s", folder, entry->d_name);
		each_line(path, take, host);
	}
	if (stream)
		closedir(stream);
}

/* ---- servers ---- */

static bool is_own(const struct pim_prefix *address)
{
	static const uint8_t one[16] = { [15] = 1 };

	return address->family == PIM_IPV4 ? address->address[0] == 127 :
					     !memcmp(address->address, one, sizeof(one));
}

static void add_server(struct pim_host *host, enum pim_server_kind kind, const char *name,
		       const char *file)
{
	struct pim_host_server server = { .kind = kind }, *grown;
	bool is_address = pim_host_address_parse(name, &server.address);

	/* A zone is of a link-local address, which no list can have. */
	if ((is_address && is_own(&server.address)) || strchr(name, '%') ||
	    strlen(name) >= sizeof(server.name))
		return;
	snprintf(server.name, sizeof(server.name), "%s", name);
	snprintf(server.file, sizeof(server.file), "%s", file);
	for (size_t i = 0; i < host->server_count; i++)
		if (host->servers[i].kind == kind && !strcmp(host->servers[i].name, name))
			return;
	grown = pim_array_grow(host->servers, host->server_count, sizeof(*grown));
	if (!grown)
		return;
	host->servers = grown;
	grown[host->server_count++] = server;
}

/* "nameserver 192.0.2.53" */
static void take_resolver(struct pim_host *host, const char *path, char *line)
{
	char *rest, *word = strtok_r(line, BLANKS, &rest);

	if (word && !strcmp(word, "nameserver") && (word = strtok_r(NULL, BLANKS, &rest)))
		add_server(host, PIM_SERVER_NAMES, word, path);
}

/* "server 192.0.2.123 iburst", of chrony and of ntpd */
static void take_time_server(struct pim_host *host, const char *path, char *line)
{
	char *rest, *word = strtok_r(line, BLANKS, &rest);

	if (!word || (strcmp(word, "server") && strcmp(word, "pool") && strcmp(word, "peer")))
		return;
	word = strtok_r(NULL, BLANKS, &rest);
	if (word && (!strcmp(word, "-4") || !strcmp(word, "-6")))
		word = strtok_r(NULL, BLANKS, &rest);
	if (word)
		add_server(host, PIM_SERVER_TIME, word, path);
}

/* "NTP=192.0.2.123 time.example", of systemd-timesyncd */
static void take_timesyncd(struct pim_host *host, const char *path, char *line)
{
	char *rest, *word;

	if (strncmp(line, "NTP=", 4))
		return;
	for (word = strtok_r(line + 4, BLANKS, &rest); word; word = strtok_r(NULL, BLANKS, &rest))
		add_server(host, PIM_SERVER_TIME, word, path);
}

static void read_servers(struct pim_host *host)
{
	static const char *const time_files[] = { "/etc/chrony/chrony.conf", "/etc/chrony.conf",
						  "/etc/ntpsec/ntp.conf", "/etc/ntp.conf" };

	each_line("/etc/resolv.conf", take_resolver, host);
	/* Where resolv.conf names systemd-resolved, this has those that it asks. */
	each_line("/run/systemd/resolve/resolv.conf", take_resolver, host);
	for (size_t i = 0; i < sizeof(time_files) / sizeof(*time_files); i++)
		each_line(time_files[i], take_time_server, host);
	each_file("/etc/chrony/conf.d", ".conf", take_time_server, host);
	each_file("/etc/chrony/sources.d", ".sources", take_time_server, host);
	each_line("/etc/systemd/timesyncd.conf", take_timesyncd, host);
	each_file("/etc/systemd/timesyncd.conf.d", ".conf", take_timesyncd, host);
}

/* ---- ports of the kernel's choice ---- */

static void take_local_ports(struct pim_host *host, const char *path, char *line)
{
	struct pim_port_pair *ports = &host->local_ports;

	(void)path;
	if (sscanf(line, "%hu %hu", &ports->low, &ports->high) != 2)
		*ports = (struct pim_port_pair){};
}

/* "8080,40000-40099" */
static void take_reserved(struct pim_host *host, const char *path, char *line)
{
	char *rest, *word;

	(void)path;
	for (word = strtok_r(line, "," BLANKS, &rest); word && host->reserved_count < PIM_RESERVED;
	     word = strtok_r(NULL, "," BLANKS, &rest)) {
		struct pim_port_pair *pair = &host->reserved[host->reserved_count];
		int found = sscanf(word, "%hu-%hu", &pair->low, &pair->high);

		if (found == 1)
			pair->high = pair->low;
		host->reserved_count += found >= 1;
	}
}

static bool forwards(const char *family, const char *interface)
{
	char name[64];

	snprintf(name, sizeof(name), "net/%s/conf/%s/forwarding", family, interface);
	return pim_sysctl(name) > 0;
}

/* ---- who is logged in ---- */

/* "192.0.2.9 50022 198.51.100.10 22" */
static bool parse_session(const char *text, struct pim_host_session *session)
{
	unsigned long from, to;
	char peer[64], local[64];

	if (sscanf(text, "%63s %lu %63s %lu", peer, &from, local, &to) != 4 || from > UINT16_MAX ||
	    to > UINT16_MAX)
		return false;
	session->peer_port = from;
	session->local_port = to;
	return pim_host_address_parse(peer, &session->peer) &&
	       pim_host_address_parse(local, &session->local);
}

/* From the environment of another process, which only its user and root may read. */
static bool session_of(long process, struct pim_host_session *session)
{
	static const char name[] = "SSH_CONNECTION=";
	char path[64], *variable = NULL;
	bool found = false;
	size_t size = 0;
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/%ld/environ", process);
	stream = fopen(path, "re");
	while (stream && !found && getdelim(&variable, &size, '\0', stream) > 0)
		found = !strncmp(variable, name, sizeof(name) - 1) &&
			parse_session(variable + sizeof(name) - 1, session);
	if (stream)
		fclose(stream);
	free(variable);
	return found;
}

static long parent_of(long process)
{
	char path[64], line[128];
	long parent = 0;
	FILE *stream;

	snprintf(path, sizeof(path), "/proc/%ld/status", process);
	stream = fopen(path, "re");
	while (stream && fgets(line, sizeof(line), stream))
		if (sscanf(line, "PPid: %ld", &parent) == 1)
			break;
	if (stream)
		fclose(stream);
	return parent;
}

/* sudo drops the variable; the shell that it was called from has it still. */
static void read_session(struct pim_host *host)
{
	enum { ANCESTORS = 64 };
	const char *own = getenv("SSH_CONNECTION");
	struct pim_host_session session = {};
	bool found = own && parse_session(own, &session);
	long process = getpid();

	for (int i = 0; !found && i < ANCESTORS && (process = parent_of(process)) > 1; i++)
		found = session_of(process, &session);
	if (found)
		host->session = session;
}

static void take_ssh_port(struct pim_host *host, const char *path, char *line)
{
	char *rest, *word = strtok_r(line, BLANKS "=", &rest);

	(void)path;
	if (word && !strcasecmp(word, "port") && (word = strtok_r(NULL, BLANKS "=", &rest)))
		sscanf(word, "%hu", &host->ssh_port);
}

void pim_host_read_settings(struct pim_host *host)
{
	read_servers(host);
	each_line("/proc/sys/net/ipv4/ip_local_port_range", take_local_ports, host);
	each_line("/proc/sys/net/ipv4/ip_local_reserved_ports", take_reserved, host);
	host->forwards4 = forwards("ipv4", host->interface);
	host->forwards6 = forwards("ipv6", host->interface);
	read_session(host);
	host->ssh_port = 22;
	each_line("/etc/ssh/sshd_config", take_ssh_port, host);
	each_file("/etc/ssh/sshd_config.d", ".conf", take_ssh_port, host);
}
