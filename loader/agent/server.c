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
#include <time.h>
#include <unistd.h>

#include "base/clock.h"

enum {
	HEADER_BYTES = 8192,  /* of a request's header, and of its body; more is refused */
	REQUEST_SECONDS = 10, /* from accept to the end of the first request, however it trickles */
	IDLE_SECONDS =
		30, /* from an answer to the end of the next request; scrapers come every 15 s */
	ANSWER_SECONDS = 30, /* for sending an answer */
	CLIENTS_MAX = 512,   /* twice as many as are held at a time: closing takes a moment */
	BATCH = 16, /* connections accepted before what they sent is read: a probe must get its turn */
	BACKLOG = 1024,
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

/* A connection. evhttp owns it and closes it without a word, so its bufferevent is kept by a
 * reference of ours: evhttp is done with one that has no callbacks any more. */
struct client {
	struct bufferevent *stream; /* NULL: this place is free */
	time_t deadline;	    /* pim_monotonic_s(): of the request or answer in progress */
	unsigned long serial;	    /* of that, too: what is older has a smaller one */
	bool answering, closing;
	bool has_source;
	uint64_t source; /* who it is from, see source_of */
};

struct pim_server {
	struct evhttp *http;
	struct evconnlistener *listener;
	bool bound; /* http owns the listener */
	const struct pim_page *pages;
	void *context;
	char *socket_path; /* to remove at the end, or NULL */
	struct event *sweep;
	struct client clients[CLIENTS_MAX];
	unsigned long serial;
	unsigned int accepted; /* since the last pause */
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

/* ---- clients ---- */

static void begin(struct pim_server *server, struct client *client, bool answering, int seconds)
{
	client->deadline = pim_monotonic_s() + seconds;
	client->serial = ++server->serial;
	client->answering = answering;
}

/* Whether evhttp has let go of a connection: bufferevent_free() takes the callbacks away. */
static bool is_released(const struct client *client)
{
	bufferevent_event_cb on_event = NULL;

	bufferevent_getcb(client->stream, NULL, NULL, &on_event, NULL);
	return !on_event;
}

/* evhttp sees the end of the stream and frees the connection. */
static void close_client(struct client *client)
{
	shutdown(bufferevent_getfd(client->stream), SHUT_RDWR);
	client->closing = true;
}

/* Gives up what evhttp has freed, and closes what is over its deadline. Returns how many are
 * open. Not for a connection that evhttp has not taken over yet: that looks freed, too. */
static size_t sweep(struct pim_server *server)
{
	time_t now = pim_monotonic_s();
	size_t open = 0;

	for (size_t i = 0; i < CLIENTS_MAX; i++) {
		struct client *client = &server->clients[i];

		if (!client->stream)
			continue;
		if (is_released(client)) {
			bufferevent_decref(client->stream); /* and closes the socket */
			*client = (struct client){};
			continue;
		}
		if (!client->closing && now >= client->deadline)
			close_client(client);
		open++;
	}
	return open;
}

static void sweep_later(struct pim_server *server)
{
	static const struct timeval second = { .tv_sec = 1 };

	if (!evtimer_pending(server->sweep, NULL))
		evtimer_add(server->sweep, &second);
}

/* Every second while there are connections. */
static void on_sweep(evutil_socket_t descriptor, short what, void *argument)
{
	struct pim_server *server = argument;

	(void)descriptor;
	(void)what;
	if (sweep(server))
		sweep_later(server);
}

/* No IPv6 network begins with these bytes, and no user has such a number. */
static uint64_t source_of_ipv4(uint32_t address_be)
{
	return ntohl(address_be) | 1ull << 32;
}

/* Who has to share: an IPv4 address, a /64 of IPv6, or a user of this machine. */
static uint64_t source_of(struct client *client)
{
	int descriptor = bufferevent_getfd(client->stream);
	union any_address peer = {};
	socklen_t length = sizeof(peer);
	struct ucred user = {};

	if (client->has_source)
		return client->source;
	client->has_source = true;
	client->source = 0;
	if (getpeername(descriptor, &peer.any, &length))
		return 0;
	if (peer.any.sa_family == AF_INET)
		client->source = source_of_ipv4(peer.ipv4.sin_addr.s_addr);
	else if (peer.any.sa_family == AF_INET6 && IN6_IS_ADDR_V4MAPPED(&peer.ipv6.sin6_addr))
		client->source = source_of_ipv4(peer.ipv6.sin6_addr.s6_addr32[3]);
	else if (peer.any.sa_family == AF_INET6)
		memcpy(&client->source, &peer.ipv6.sin6_addr, sizeof(client->source));
	length = sizeof(user);
	if (peer.any.sa_family == AF_UNIX &&
	    !getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &user, &length))
		client->source = user.uid;
	return client->source;
}

static bool is_slower(const struct client *a, const struct client *b)
{
	return a->answering != b->answering ? b->answering : a->serial < b->serial;
}

/* Makes room: closes a connection of the source that has the most; of those the one that
 * has asked nothing for the longest or, when all are being answered, the oldest. Sources that
 * share a bucket are taken for one. */
static void close_one(struct pim_server *server)
{
	enum { BUCKET_BITS = 10 };
	unsigned short held[1 << BUCKET_BITS] = {};
	struct client *victim = NULL;
	unsigned int victim_held = 0;

	for (int pass = 0; pass < 2; pass++) {
		for (size_t i = 0; i < CLIENTS_MAX; i++) {
			struct client *client = &server->clients[i];
			unsigned short *bucket;

			if (!client->stream || client->closing)
				continue;
			bucket = &held[source_of(client) * 0x9e3779b97f4a7c15ull >>
				       (64 - BUCKET_BITS)];
			if (!pass) {
				++*bucket;
			} else if (!victim || *bucket > victim_held ||
				   (*bucket == victim_held && is_slower(client, victim))) {
				victim = client;
				victim_held = *bucket;
			}
		}
	}
	if (victim)
		close_client(victim);
}

static struct client *client_of(struct pim_server *server, struct evhttp_request *request)
{
	struct evhttp_connection *connection = evhttp_request_get_connection(request);
	struct bufferevent *stream =
		connection ? evhttp_connection_get_bufferevent(connection) : NULL;

	for (size_t i = 0; stream && i < CLIENTS_MAX; i++)
		if (server->clients[i].stream == stream)
			return &server->clients[i];
	return NULL;
}

static void on_answered(struct evhttp_request *request, void *argument)
{
	struct pim_server *server = argument;
	struct client *client = client_of(server, request);

	if (client)
		begin(server, client, false, IDLE_SECONDS);
}

static void on_request(struct evhttp_request *request, void *argument)
{
	struct pim_server *server = argument;
	struct client *client = client_of(server, request);
	const struct evhttp_uri *uri = evhttp_request_get_evhttp_uri(request);
	const char *path = uri ? evhttp_uri_get_path(uri) : NULL;
	char *body = NULL;
	size_t bytes = 0;
	FILE *stream;

	if (client) {
		source_of(client); /* while the peer is sure to be there */
		begin(server, client, true, ANSWER_SECONDS);
	}
	evhttp_request_set_on_complete_cb(request, on_answered, server);
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

static rlim_t descriptors_reserved(const struct rlimit *limit)
{
	return limit->rlim_cur / 2 < RESERVE ? limit->rlim_cur / 2 : RESERVE;
}

/* Whether the next file descriptor would come out of the reserve. */
static bool is_short(struct evconnlistener *listener)
{
	int next = fcntl(evconnlistener_get_fd(listener), F_DUPFD_CLOEXEC, 0);
	struct rlimit limit;

	if (next < 0)
		return true;
	close(next);
	if (getrlimit(RLIMIT_NOFILE, &limit))
		return false;
	return (rlim_t)next >= limit.rlim_cur - descriptors_reserved(&limit);
}

/* Half of the descriptors outside the reserve: a connection that was closed keeps its own for a moment. */
static size_t clients_max(void)
{
	struct rlimit limit;
	rlim_t most;

	if (getrlimit(RLIMIT_NOFILE, &limit))
		return CLIENTS_MAX / 2;
	most = (limit.rlim_cur - descriptors_reserved(&limit)) / 2;
	return most < CLIENTS_MAX / 2 ? most : CLIENTS_MAX / 2;
}

static void on_resume(evutil_socket_t descriptor, short what, void *argument);

/* Meanwhile, new connections wait in the backlog. */
static void pause_accepting(struct pim_server *server, int seconds)
{
	const struct timeval pause = { .tv_sec = seconds };

	server->accepted = 0;
	if (!event_base_once(evconnlistener_get_base(server->listener), -1, EV_TIMEOUT, on_resume,
			     server, &pause))
		evconnlistener_disable(server->listener);
}

static void on_resume(evutil_socket_t descriptor, short what, void *argument)
{
	struct pim_server *server = argument;

	(void)descriptor;
	(void)what;
	sweep(server);
	if (is_short(server->listener))
		pause_accepting(server, PAUSE_SECONDS);
	else
		evconnlistener_enable(server->listener);
}

/* Called for each accepted connection. Clients must neither starve reloads of file descriptors
 * nor keep others out, so the slowest make room for the next. */
static struct bufferevent *on_connection(struct event_base *base, void *argument)
{
	struct pim_server *server = argument;
	struct bufferevent *stream = bufferevent_socket_new(base, -1, BEV_OPT_CLOSE_ON_FREE);
	bool few = is_short(server->listener);
	struct client *free_place = NULL;

	if (!stream)
		return NULL;
	if (sweep(server) >= clients_max() || few)
		close_one(server);
	for (size_t i = 0; !free_place && i < CLIENTS_MAX; i++)
		if (!server->clients[i].stream)
			free_place = &server->clients[i];
	if (free_place) {
		bufferevent_incref(stream);
		bufferevent_setwatermark(stream, EV_READ, 0, 4 * HEADER_BYTES);
		*free_place = (struct client){ .stream = stream };
		begin(server, free_place, false, REQUEST_SECONDS);
	}
	sweep_later(server);
	if (few)
		pause_accepting(server, PAUSE_SECONDS);
	else if (++server->accepted >= BATCH || !free_place)
		pause_accepting(server, 0);
	return stream;
}

static void on_retry(evutil_socket_t descriptor, short what, void *listener)
{
	(void)descriptor;
	(void)what;
	evconnlistener_enable(listener);
}

/* Out of file descriptors or memory: accepting again at once would be a busy loop. The
 * argument is evhttp's. */
static void on_accept_error(struct evconnlistener *listener, void *argument)
{
	const struct timeval pause = { .tv_sec = PAUSE_SECONDS };

	(void)argument;
	if (!event_base_once(evconnlistener_get_base(listener), -1, EV_TIMEOUT, on_retry, listener,
			     &pause))
		evconnlistener_disable(listener);
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
		evhttp_set_bevcb(server->http, on_connection, server);
		server->sweep = evtimer_new(base, on_sweep, server);
		server->bound =
			server->sweep && evhttp_bind_listener(server->http, server->listener);
		result = server->bound ? 0 : -ENOMEM;
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
	evhttp_set_timeout(server->http,
			   IDLE_SECONDS); /* the deadlines are shorter, and absolute */
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
	if (server->listener && !server->bound)
		evconnlistener_free(server->listener);
	if (server->http)
		sweep(server); /* http has let go of all */
	if (server->sweep)
		event_free(server->sweep);
	if (server->socket_path)
		unlink(server->socket_path);
	free(server->socket_path);
	free(server);
}
