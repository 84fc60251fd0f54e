/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
#include "agent/server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/http.h>
#include <event2/listener.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

enum {
	HEADER_BYTES = 8192, /* of a request's header, and of its body; more is refused */
	IDLE_SECONDS = 30,   /* then a connection is closed; scrapers come back every 15 s or so */
	BACKLOG = 64,
	PAUSE_SECONDS = 1, /* without accepting, when few file descriptors are left */
	RESERVE = 128,	   /* file descriptors kept for the rest: a reload takes about 30 */
};

static const char unix_prefix[] = "unix:";

union any_address {
	struct sockaddr any;
	struct sockaddr_in ipv4;
	struct sockaddr_in6 ipv6;
	struct sockaddr_un local;
};

struct pim_server {
	struct evhttp *http;
	struct evconnlistener *listener; /* until http owns it */
	const struct pim_page *pages;
	void *context;
	char *socket_path; /* to remove at the end, or NULL */
};

/* ---- addresses ---- */

static bool parse_port(const char *text, uint16_t *port_be)
{
	unsigned long port;
	char *end;

	if (*text < '0' || *text > '9')
		return false;
	port = strtoul(text, &end, 10);
	*port_be = htons(port);
	return !*end && port > 0 && port < 65536;
}

/* Returns its length, 0 if the text is not an address. Names are not resolved: on an Edge
 * it must be exactly clear where the server listens. */
static socklen_t parse_address(const char *text, union any_address *address)
{
	const char *colon = strrchr(text, ':');
	char host[INET6_ADDRSTRLEN];
	size_t length;

	*address = (union any_address){};
	if (!strncmp(text, unix_prefix, sizeof(unix_prefix) - 1)) {
		const char *path = text + sizeof(unix_prefix) - 1;

		if (!*path || strlen(path) >= sizeof(address->local.sun_path))
			return 0;
		address->local.sun_family = AF_UNIX;
		strcpy(address->local.sun_path, path);
		return sizeof(address->local);
	}
	if (!colon)
		return 0;
	length = (size_t)(colon - text);
	if (length >= 2 && text[0] == '[' && text[length - 1] == ']' && length - 2 < sizeof(host)) {
		snprintf(host, sizeof(host), "%.*s", (int)length - 2, text + 1);
		address->ipv6.sin6_family = AF_INET6;
		return parse_port(colon + 1, &address->ipv6.sin6_port) &&
				       inet_pton(AF_INET6, host, &address->ipv6.sin6_addr) == 1 ?
			       sizeof(address->ipv6) :
			       0;
	}
	if (length >= sizeof(host))
		return 0;
	snprintf(host, sizeof(host), "%.*s", (int)length, text);
	address->ipv4.sin_family = AF_INET;
	return parse_port(colon + 1, &address->ipv4.sin_port) &&
			       inet_pton(AF_INET, host, &address->ipv4.sin_addr) == 1 ?
		       sizeof(address->ipv4) :
		       0;
}

bool pim_server_is_address(const char *text)
{
	union any_address address;

	return parse_address(text, &address) > 0;
}

/* ---- answers ---- */

static void answer(struct evhttp_request *request, int status, const char *media_type,
		   const char *body, size_t bytes)
{
	struct evkeyvalq *headers = evhttp_request_get_output_headers(request);
	struct evbuffer *buffer = evbuffer_new();

	evhttp_add_header(headers, "Content-Type", media_type);
	evhttp_add_header(headers, "Cache-Control", "no-store");
	evhttp_add_header(headers, "X-Content-Type-Options", "nosniff");
	if (buffer)
		evbuffer_add(buffer, body, bytes);
	evhttp_send_reply(request, status, NULL, buffer);
	if (buffer)
		evbuffer_free(buffer);
}

static const char plain_text[] = "text/plain; charset=utf-8";

static void answer_page(struct evhttp_request *request, const struct pim_page *page, void *context)
{
	const char *accept =
		evhttp_find_header(evhttp_request_get_input_headers(request), "Accept");
	const char *media_type = plain_text;
	char *body = NULL;
	size_t bytes = 0;
	FILE *stream = open_memstream(&body, &bytes);
	int status = HTTP_INTERNAL;

	if (stream) {
		status = page->write(stream, accept ? accept : "", &media_type, context);
		if (fclose(stream)) {
			status = HTTP_INTERNAL;
			bytes = 0;
		}
	}
	answer(request, status, media_type, body ? body : "", bytes);
	free(body);
}

static void on_request(struct evhttp_request *request, void *argument)
{
	const struct pim_server *server = argument;
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
	char *body = NULL;
	size_t bytes = 0;
	FILE *stream;

	for (const struct pim_page *page = server->pages; path && page->path; page++) {
		if (!strcmp(path, page->path)) {
			answer_page(request, page, server->context);
			return;
		}
	}
	stream = open_memstream(&body, &bytes);
	if (stream) {
		fprintf(stream, "pimxdp serves");
		for (const struct pim_page *page = server->pages; page->path; page++)
			fprintf(stream, " %s", page->path);
		fputc('\n', stream);
		fclose(stream);
	}
	answer(request, path && !strcmp(path, "/") ? HTTP_OK : HTTP_NOTFOUND, plain_text,
	       body ? body : "", bytes);
	free(body);
}

/* ---- the socket ---- */

/* Whether the next file descriptor would come out of the reserve. */
static bool is_short(struct evconnlistener *listener)
{
	int next = fcntl(evconnlistener_get_fd(listener), F_DUPFD_CLOEXEC, 0);
	struct rlimit limit;
	rlim_t reserve;

	if (next < 0)
		return true;
	close(next);
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return false;
	reserve = limit.rlim_cur / 2 < RESERVE ? limit.rlim_cur / 2 : RESERVE;
	return (rlim_t)next >= limit.rlim_cur - reserve;
}

static void on_resume(evutil_socket_t descriptor, short what, void *listener);

/* Meanwhile, new connections wait in the backlog. */
static void pause_accepting(struct evconnlistener *listener)
{
	const struct timeval pause = { .tv_sec = PAUSE_SECONDS };

	if (!event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, on_resume, listener,
			     &pause))
		evconnlistener_disable(listener);
}

static void on_resume(evutil_socket_t descriptor, short what, void *listener)
{
	(void)descriptor;
	(void)what;
	if (is_short(listener))
		pause_accepting(listener);
	else
		evconnlistener_enable(listener);
}

/* Called for each accepted connection: clients must not starve reloads of file
 * descriptors. */
static struct bufferevent *on_connection(struct event_base *base, void *listener)
{
	if (is_short(listener))
		pause_accepting(listener);
	return bufferevent_socket_new(base, -1, 0);
}

/* Out of file descriptors or memory: accepting again at once would be a busy loop. The
 * argument is evhttp's. */
static void on_accept_error(struct evconnlistener *listener, void *argument)
{
	(void)argument;
	pause_accepting(listener);
}

/* Whether there is a socket file that no process listens on any more. */
static bool is_dead_socket(const union any_address *address, socklen_t length)
{
	struct stat found;
	bool dead = false;
	int probe;

	if (lstat(address->local.sun_path, &found) || !S_ISSOCK(found.st_mode))
		return false;
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe >= 0)
		dead = connect(probe, &address->any, length) && errno == ECONNREFUSED;
	if (probe >= 0)
		close(probe);
	return dead;
}

/* So far only the owner can connect, so the group is set before the mode. Symbolic links
 * are not followed, in case somebody put one in place of the socket. */
static int share_socket(const char *path, gid_t group)
{
	if (group != (gid_t)-1 && fchownat(AT_FDCWD, path, -1, group, AT_SYMLINK_NOFOLLOW))
		return -errno;
	return fchmodat(AT_FDCWD, path, 0660, AT_SYMLINK_NOFOLLOW) ? -errno : 0;
}

static int listen_at(struct pim_server *server, struct event_base *base,
		     const union any_address *address, socklen_t length, gid_t group)
{
	bool is_local = address->any.sa_family == AF_UNIX;
	mode_t mask = umask(0177);
	int code;

	if (is_local && is_dead_socket(address, length))
		unlink(address->local.sun_path);
	server->listener = evconnlistener_new_bind(base, NULL, NULL,
						   LEV_OPT_CLOSE_ON_FREE | LEV_OPT_CLOSE_ON_EXEC |
							   (is_local ? 0 : LEV_OPT_REUSEABLE),
						   BACKLOG, &address->any, length);
	code = errno;
	umask(mask);
	if (!server->listener)
		return -code;
	if (is_local) {
		server->socket_path = strdup(address->local.sun_path);
		return server->socket_path ? share_socket(server->socket_path, group) : -ENOMEM;
	}
	return 0;
}

int pim_server_start(struct event_base *base, const char *address, gid_t group,
		     const struct pim_page *pages, void *context, struct pim_server **server_out,
		     struct pim_error *error)
{
	struct pim_server *server = calloc(1, sizeof(*server));
	union any_address parsed;
	socklen_t length = parse_address(address, &parsed);
	int result = -ENOMEM;

	*server_out = NULL;
	if (!length) {
		free(server);
		return pim_refuse(error,
				  "expected ADDRESS:PORT, [ADDRESS]:PORT or unix:PATH, found '%s'",
				  address);
	}
	if (server) {
		server->pages = pages;
		server->context = context;
		server->http = evhttp_new(base);
		result = server->http ? listen_at(server, base, &parsed, length, group) : -ENOMEM;
	}
	if (!result) {
		evconnlistener_set_error_cb(server->listener, on_accept_error);
		evhttp_set_bevcb(server->http, on_connection, server->listener);
		if (evhttp_bind_listener(server->http, server->listener))
			server->listener = NULL;
		else
			result = -ENOMEM;
	}
	if (result) {
		pim_server_free(server);
		return pim_fail(
			error, -result, "%s: cannot listen: %s%s", address, strerror(-result),
			result == -EADDRINUSE ? ": another process does: choose another port" : "");
	}
	evhttp_set_allowed_methods(server->http, EVHTTP_REQ_GET | EVHTTP_REQ_HEAD);
	evhttp_set_max_headers_size(server->http, HEADER_BYTES);
	evhttp_set_max_body_size(server->http, HEADER_BYTES);
	evhttp_set_timeout(server->http, IDLE_SECONDS);
	evhttp_set_gencb(server->http, on_request, server);
	*server_out = server;
	return 0;
}

void pim_server_free(struct pim_server *server)
{
	if (!server)
		return;
	if (server->http)
		evhttp_free(server->http);
	if (server->listener)
		evconnlistener_free(server->listener);
	if (server->socket_path)
		unlink(server->socket_path);
	free(server->socket_path);
	free(server);
}
