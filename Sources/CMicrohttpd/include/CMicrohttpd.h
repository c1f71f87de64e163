/*
 * libmicrohttpd for Swift: its own header, and typed functions for what Swift cannot call, its variadic functions. Only
 * SlipwayEmulator imports this.
 */
#ifndef CMICROHTTPD_H
#define CMICROHTTPD_H

#include <stdint.h>
#include <sys/types.h>

#include <microhttpd.h>

/* What a server does with a connection; all functions get `context` first and may be called from several threads at once. */
typedef struct cmicrohttpd_callbacks {
    void *context;
    /* A request line arrived. `target` is the request target as sent, not decoded. What it returns is the request's state. */
    void *(*begin)(void *context, const char *target, struct MHD_Connection *connection);
    /* The request's headers, then each piece of its body, then its end; see MHD_AccessHandlerCallback. */
    MHD_AccessHandlerCallback handle;
    /* The request is over, however it went: release its state. */
    MHD_RequestCompletedCallback end;
    /* A connection was accepted, or closed. */
    MHD_NotifyConnectionCallback connection;
} cmicrohttpd_callbacks;

typedef struct cmicrohttpd_options {
    /* A numeric IPv4 or IPv6 address. */
    const char *address;
    /* 0 lets the system pick one, see cmicrohttpd_port. */
    uint16_t port;
    /* PEM text, both or neither; with both the server speaks TLS and nothing else. */
    const char *certificate;
    const char *key;
    /* How many connections may be open at once; more wait to be accepted. */
    unsigned int connection_limit;
    /* Bytes of stack for each connection's thread. */
    size_t stack_size;
    cmicrohttpd_callbacks callbacks;
} cmicrohttpd_options;

/*
 * Starts a server with a thread for each connection. NULL when it cannot be started, and then `*error` is errno's number, or 0
 * when libmicrohttpd does not say why (with TLS: the certificate or the key is not usable). Stop it with MHD_stop_daemon.
 */
struct MHD_Daemon *cmicrohttpd_start(const cmicrohttpd_options *options, int *error);

/* The port that the server listens on; 0 if it cannot be told. */
uint16_t cmicrohttpd_port(struct MHD_Daemon *daemon);

/* What the connection callback stored in `*socket_context`; NULL if nothing. */
void *cmicrohttpd_connection_context(struct MHD_Connection *connection);

/*
 * Lets the response carry a Content-Length of the caller's own making, even a wrong one. Its size must be MHD_SIZE_UNKNOWN:
 * libmicrohttpd 0.9.75 adds the length that it knows of as a second header. The connection is closed after it.
 */
enum MHD_Result cmicrohttpd_allow_any_length(struct MHD_Response *response);

/* 1 if this libmicrohttpd can serve TLS. */
int cmicrohttpd_has_tls(void);

#endif
