/* slipway.h: a packaged Unreal Engine build, on the air.
 *
 * Slipway is a C-compatible shared library. It takes a packaged build, a .zip, to a running Streampixel pixel stream: it checks the
 * file, hosts it under a direct link, on an EnterMediaDB server or on S3-compatible storage, registers it with Streampixel, waits for
 * the service's verdict, distributes it to the streaming servers, and can put an older build back. slipway_release does all of it; every
 * step is a call of its own as well. All calls are asynchronous: they start an operation and return at once; the answer arrives in a
 * callback. This header is the whole contract.
 *
 * Copyright 2026 the Slipway authors. SPDX-License-Identifier: Apache-2.0
 *
 *
 * GETTING STARTED
 *
 *     #include <slipway.h>
 *     #include <stdio.h>
 *
 *     static void released(const slipway_result *result, void *user_data) {
 *         if (result->status == SLIPWAY_OK)
 *             printf("live: %s\n", slipway_result_string(result, "/uploadId"));
 *         else
 *             printf("%s: %s. %s\n", slipway_status_name(result->status), result->message, result->hint);
 *     }
 *
 *     int main(void) {
 *         slipway_client_options options = SLIPWAY_CLIENT_OPTIONS_INIT;    // keys: from the environment, see the members
 *         slipway_client *client = NULL;
 *         char why[256];
 *         if (slipway_client_create(&options, &client, why, sizeof why) != SLIPWAY_OK) return puts(why), 1;
 *         slipway_release_request request = SLIPWAY_RELEASE_REQUEST_INIT;
 *         request.project_id = "665a1c2e9b1d4f0012ab34cd";
 *         request.file_path = "Saved/MyGame-1.0.zip";
 *         slipway_operation operation = 0;
 *         slipway_release(client, &request, released, NULL, &operation);
 *         slipway_operation_wait(client, operation, SLIPWAY_FOREVER);
 *         return slipway_client_close(client, SLIPWAY_FOREVER);
 *     }
 */
#ifndef SLIPWAY_H
#define SLIPWAY_H

#include <stddef.h>
#include <stdint.h>

#if defined(_WIN32)
#define SLIPWAY_API __declspec(dllimport)
#elif defined(__GNUC__)
#define SLIPWAY_API __attribute__((visibility("default")))
#else
#define SLIPWAY_API
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* ====================================================================================================================== THE RULES
 *
 * STRINGS are UTF-8 and NUL-terminated. Everything that is passed in is copied before the call returns. Everything that a callback
 * gets is valid during that callback only. Nothing that this library returns is freed by the caller.
 *
 * HANDLES. A slipway_client is opaque: it is not the address of anything, so a stale one is refused, never followed. Outputs are
 * written on success only. An operation is a number that is never used twice in a process: there is nothing to free, and cancelling one
 * that has finished is harmless. Two copies of the library in one process, two plugins' say, have nothing in common: each refuses the
 * other's clients, counts its own operations and has its own log.
 *
 * STRUCTS that are passed in begin with struct_size. Start from the ..._INIT macro, or from the ..._init function in languages without
 * macros. Zero means the default in every member. Members are only ever appended: a host that was compiled against an older header
 * keeps working. A struct_size that is no whole number of words, or beyond 4,096, is refused with SLIPWAY_INVALID_ARGUMENT.
 * A struct that is larger than this library knows is accepted while its unknown members are zero, and refused with
 * SLIPWAY_UNSUPPORTED_OPTION when they are not: an option that cannot be honoured is never ignored.
 * What a callback gets grows the same way: read its members where they are, since a copy has the size that your header knows. Expect a
 * stage or a status that you do not know.
 *
 * STATUS. 0 is SLIPWAY_OK, errors are negative and keep their numbers for ever. A function that starts an operation answers an error
 * only when the call itself is malformed (a pointer that must not be NULL, a wrong struct_size, a released client, a text that is not
 * UTF-8 or longer than 64 KB); nothing has started then, and the callback is never called. Everything else, a missing project id
 * included, is told in the result, with a message that says what happened and a hint that says what to do. There is no last-error.
 *
 * CALLBACKS get their user_data last. on_complete is called exactly once for every operation that started, and never for one that did
 * not. The callbacks of one client never run in parallel and never inside one another; those of two clients may. Any function of this
 * library may be called from inside a callback, except those that block: from inside any callback of this library these answer
 * SLIPWAY_WOULD_DEADLOCK. A callback must not throw, longjmp or end its thread. A slow callback delays other callbacks of its client and
 * nothing else: transfers go on. Two operations wait for their own: slipway_entermedia_distribution_create_many when 4,096 results wait
 * for on_item, slipway_release for on_progress when it tells what to resume from.
 *
 * THREADS. Every function may be called from any thread at any time. Nothing blocks unless its comment says BLOCKS. Callbacks come on
 * a thread that belongs to the client or, for a client that is polled, on the thread that polls; see DELIVERY.
 *
 * SHUTDOWN. slipway_client_release never blocks. Operations that have not finished complete with SLIPWAY_CANCELLED, then on_closed is
 * called, and that is the last callback ever of that client. slipway_client_close does the same and blocks until then. The library is
 * never unloaded: dlclose is harmless and frees nothing.
 *
 * EXIT needs no preparation: clients may be at work when main returns or somebody calls exit. Exit handlers, destructors of C++ statics
 * among them, that were registered after the first client was created find everything as it was. Those that run later, since they
 * were registered earlier, find transfers at a standstill: what starts an operation or makes a client answers SLIPWAY_CLOSED there, and what
 * blocks answers at once.
 *
 * NULL is checked at every pointer of every function: SLIPWAY_INVALID_ARGUMENT, or the harmless answer that the comment names.
 *
 * SECRETS (keys, passwords, query strings of URLs) never appear in a log line, a message, a hint or a result, but for the one that
 * is asked for: the url of slipway_store.
 *
 * FORK. The library's threads do not live in a forked child. Once a process has called a function that takes or makes a client, or
 * slipway_set_log, these answer SLIPWAY_FORKED in what is forked from it, at once, and the readers of a result find nothing there.
 * Loading the library is no such use: a child that was forked before the first one is a process like any other. A child that
 * execs has nothing to mind: no descriptor of the library's own gets through.
 *
 * THE HOST is left alone: no output, no signal handlers (the library's threads take no signals), no environment changes, nothing that stays
 * on descriptors 0 to 2, no exit, no abort, no exception. Whatever the system is out of is told, SLIPWAY_INTERNAL, with one exception:
 * where Swift's own objects find no memory, its runtime ends the process.
 *
 * TIMES are milliseconds. A timeout of SLIPWAY_FOREVER never ends.
 */

/** Never: for timeouts and deadlines. Since 0.1.0. */
#define SLIPWAY_FOREVER UINT32_MAX

/* ======================================================================================================================== VERSION */

#define SLIPWAY_VERSION_MAJOR 0
#define SLIPWAY_VERSION_MINOR 1
#define SLIPWAY_VERSION_PATCH 0
/** The version of this header; slipway_version_string() is that of the library. Since 0.1.0. */
#define SLIPWAY_VERSION_STRING "0.1.0"
/** major * 1 000 000 + minor * 1 000 + patch. Since 0.1.0. */
#define SLIPWAY_VERSION_NUMBER (SLIPWAY_VERSION_MAJOR * 1000000 + SLIPWAY_VERSION_MINOR * 1000 + SLIPWAY_VERSION_PATCH)

/** The version of the library, in the form of SLIPWAY_VERSION_NUMBER. Since 0.1.0. */
SLIPWAY_API uint32_t slipway_version_number(void);

/** The version of the library, such as "0.1.0". Static. Since 0.1.0. */
SLIPWAY_API const char *slipway_version_string(void);

/* ========================================================================================================================= STATUS */

/** What became of a call or an operation. 0 or negative, one of the constants below; later versions may add more. Since
 *  0.1.0. */
typedef int32_t slipway_status;

enum {
    /** It worked. For an operation: the service said so, and what can be verified was verified. */
    SLIPWAY_OK = 0,

    /* The call, or what the host asked for. */
    /** A NULL, a malformed id or URL, a missing setting; or the service says so (400). The message names it. */
    SLIPWAY_INVALID_ARGUMENT = -1,
    /** A member that this version does not know is set, or a value that it does not know. */
    SLIPWAY_UNSUPPORTED_OPTION = -2,
    SLIPWAY_WOULD_DEADLOCK = -3,     /**< A function that blocks was called from inside a callback. */
    SLIPWAY_CLOSED = -4,             /**< The client was released, or the process is at its end: see EXIT. */
    SLIPWAY_CANCELLED = -5,          /**< slipway_cancel, or the client was released while the operation ran. */
    SLIPWAY_DEADLINE_EXCEEDED = -6,  /**< Not finished in time; for a function that blocks: nothing happened in time. */
    SLIPWAY_FORKED = -7,             /**< This process was forked from one that was using the library: see FORK. */

    /* What a service answered. */
    SLIPWAY_UNAUTHORIZED = -10, /**< The key or the user is not accepted. */
    SLIPWAY_FORBIDDEN = -11,    /**< The key is good but may not do this. */
    SLIPWAY_NOT_FOUND = -12,    /**< No such project, build, asset, distribution, bucket or operation. */
    SLIPWAY_NOT_READY = -13,    /**< The build is still being processed; the asset has nothing yet that a link could give. */
    /** The service's limit leaves no turn before the deadline. retry_after_ms says when there is one. */
    SLIPWAY_RATE_LIMITED = -14,
    /** The service refused the build: the message is its objection. Or the storage will not take what it was sent. */
    SLIPWAY_REJECTED = -15,
    SLIPWAY_SERVER = -16,       /**< The service failed (5xx), after the retries that are safe. */

    /* The way there. */
    SLIPWAY_NETWORK = -20,  /**< No connection, or it broke, or it stalled. */
    SLIPWAY_TLS = -21,      /**< The server's certificate or the TLS handshake failed. */
    /** The answer is not what the service documents: HTML, broken JSON, too large, an illegal redirect. */
    SLIPWAY_PROTOCOL = -22,
    SLIPWAY_INSECURE = -23, /**< Refused: a key would have been sent over plain http to another machine. */

    /* Here. */
    /** A file cannot be used: not there, not readable, changed or replaced while it was sent, not a .zip; or a folder cannot be
     *  written; or what is behind a link is not the .zip, or cannot be downloaded directly. */
    SLIPWAY_FILE = -30,
    /** libcurl or jansson is not installed, or too old; for storage: libcrypto, expat or zlib. */
    SLIPWAY_MISSING_LIBRARY = -40,
    /** A defect of Slipway, or the system is out of threads, descriptors or memory. The message says which. */
    SLIPWAY_INTERNAL = -41
};

/** The constant's name without its prefix, such as "RATE_LIMITED"; "UNKNOWN" for any other number. Static, never NULL.
 *  Since 0.1.0. */
SLIPWAY_API const char *slipway_status_name(slipway_status status);

/* ======================================================================================================================== LOGGING */

enum {
    SLIPWAY_LOG_OFF = 0,
    SLIPWAY_LOG_ERROR = 1,   /**< An operation failed, or a call was malformed. */
    SLIPWAY_LOG_WARNING = 2, /**< Something was survived: a retry, an unknown build state. */
    SLIPWAY_LOG_INFO = 3,    /**< An operation started or ended; a build changed its state. */
    SLIPWAY_LOG_DEBUG = 4    /**< Each request and each response, without secrets. */
};

/** Gets one line of log: `level` is one of SLIPWAY_LOG_..., `message` is one line of UTF-8 without a line end. Lines
 *  come one at a time, in order, on a thread of the library's own that serves the log only, so a slow hook delays
 *  nothing but later lines: 4,096 lines wait at the most, then lines are dropped and their number is told. Since 0.1.0. */
typedef void (*slipway_log_fn)(int32_t level, const char *message, void *user_data);

/** Sets the one log hook of the process; NULL takes it away. Without a hook nothing is logged anywhere. BLOCKS until
 *  lines already logged have been given to the previous hook and it has returned; after that it is never called again.
 *  `level`: the most talkative level that is wanted; SLIPWAY_INVALID_ARGUMENT when it is not one of SLIPWAY_LOG_....
 *  From inside any callback: SLIPWAY_WOULD_DEADLOCK. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_set_log(int32_t level, slipway_log_fn log, void *user_data);

/* ========================================================================================================================= CLIENT */

/** Settings, connections and running operations. A process needs one for each account, and may have any number. Since
 *  0.1.0. */
typedef struct slipway_client slipway_client;

enum {
    SLIPWAY_DELIVERY_THREAD = 0, /**< Callbacks come on a thread of the client's own. */
    /** Callbacks come inside slipway_client_poll, on the thread that calls it. For game loops. */
    SLIPWAY_DELIVERY_POLLED = 1
};

/** The last callback of a client: nothing of it runs any more, and its user_data may be freed. Since 0.1.0. */
typedef void (*slipway_closed_fn)(void *user_data);

/** What a client is made from. Copied. Since 0.1.0. */
typedef struct slipway_client_options {
    /** Required. sizeof(slipway_client_options), as SLIPWAY_CLIENT_OPTIONS_INIT has it. */
    uint32_t struct_size;
    /** Optional. SLIPWAY_DELIVERY_THREAD (default) or SLIPWAY_DELIVERY_POLLED. */
    int32_t delivery;

    /** Optional. Default "https://api.streampixel.io/pixelStripeApi". */
    const char *streampixel_base_url;
    /** Required for Streampixel's operations. NULL: the environment variable STREAMPIXEL_API_KEY, read when the client
     *  is created. */
    const char *streampixel_api_key;
    /** Required for Streampixel's operations. NULL: the environment variable STREAMPIXEL_USER_ID, read when the client
     *  is created. */
    const char *streampixel_user_id;

    /** Required for EnterMedia's operations. Up to and with "/mediadb", such as "https://dam.example.com/assets/mediadb".
     *  NULL: the environment variable ENTERMEDIA_BASE_URL, read when the client is created. */
    const char *entermedia_base_url;
    /** Optional. The key of an EnterMedia user. NULL: the environment variable ENTERMEDIA_KEY. Without a key the client
     *  logs in. */
    const char *entermedia_key;
    /** Optional, with entermedia_password: the client logs in with them on first use when it has no key, and again when
     *  the key is refused. NULL: the environment variables ENTERMEDIA_USER and ENTERMEDIA_PASSWORD. */
    const char *entermedia_user;
    /** Optional. See entermedia_user. */
    const char *entermedia_password;

    /** Optional. Such as "http://proxy.example.com:3128", with user:password@ if it wants them. NULL: the usual
     *  environment variables (https_proxy, no_proxy, ...). "": none. Plain http to this machine goes by none that is elsewhere. */
    const char *proxy;
    /** Optional. A file of PEM certificates to trust instead of the system's. */
    const char *ca_bundle;
    /** Optional. Added to "Slipway/<version>" in User-Agent: name your tool. */
    const char *user_agent;

    /** Optional. The client's last callback. */
    slipway_closed_fn on_closed;
    /** Optional. Given to on_closed. */
    void *on_closed_user_data;

    /** Optional. For a connection to stand, TLS included. Default 15,000. */
    uint32_t connect_timeout_ms;
    /** Optional. A transfer with no byte for so long is broken off and, where that is safe, tried again. Rounded up to
     *  a second; it may be noticed some seconds later. A server that has got a whole file has ten times as long for its
     *  answer. Default 60,000. */
    uint32_t idle_timeout_ms;
    /** Optional. For an operation as a whole, when its request has none. Default 600,000; slipway_wait_for_build,
     *  slipway_release and what sends whole files or whole collections have their own defaults. */
    uint32_t deadline_ms;
    /** Optional. Attempts at a request in all, where repeating it is safe; 1: never repeat. Default 5. */
    uint32_t max_attempts;
    /** Optional. The pause before the second attempt is random up to this, before the third up to twice this, and so on
     *  up to 30 s. Default 500. */
    uint32_t retry_delay_ms;
    /** Optional. Connections at the same time, at most 4,096; further requests wait for one. Default 64, or a quarter of the
     *  descriptors that the process may have (RLIMIT_NOFILE) where that is less. */
    uint32_t max_connections;
    /** Optional. Streampixel's own limit: one upload and one distribute per user in so long. Change it only for a
     *  stand-in of the service. Default 120,000. */
    uint32_t streampixel_rate_window_ms;
    /** Optional. Non-zero: keys may be sent over plain http to other machines. Loopback needs no permission. Default 0. */
    int32_t allow_insecure;
} slipway_client_options;

#define SLIPWAY_CLIENT_OPTIONS_INIT                                                                                                    \
    { sizeof(slipway_client_options), 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0,  \
      0 }

/** Does what SLIPWAY_CLIENT_OPTIONS_INIT does, for `struct_size` bytes: sizeof the struct as the caller knows it.
 *  SLIPWAY_INVALID_ARGUMENT when options is NULL or struct_size is under 4. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_client_options_init(slipway_client_options *options, uint32_t struct_size);

/** Creates a client: one thread for its transfers and, unless it is polled, one for its callbacks. Connects nowhere.
 *  `options`: NULL for all defaults. `client`: written on success only. `message`, `message_size`: NULL and 0, or a
 *  buffer that on failure gets what is wrong and what to do, NUL-terminated, cut to fit. SLIPWAY_INVALID_ARGUMENT: a
 *  malformed option. SLIPWAY_MISSING_LIBRARY: the message names the package to install. SLIPWAY_UNSUPPORTED_OPTION.
 *  SLIPWAY_INTERNAL: no thread, descriptor or memory to be had. SLIPWAY_FORKED. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_client_create(const slipway_client_options *options, slipway_client **client, char *message,
                                                 size_t message_size);

/** Ends a client without blocking: pending operations complete with SLIPWAY_CANCELLED, then on_closed is called, then
 *  the handle is gone. Legal in the client's own callbacks. A polled client must be polled, or closed, until on_closed
 *  came: what was not delivered is kept for it. The handle is good for slipway_client_poll, _wait, _poll_fd,
 *  slipway_operation_wait and slipway_client_close until then; everything else answers SLIPWAY_CLOSED, a second release
 *  too. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_client_release(slipway_client *client);

/** Releases the client, if that has not happened, and BLOCKS until on_closed has returned. A polled client's remaining
 *  callbacks are delivered inside this call, unless another thread is delivering them. SLIPWAY_DEADLINE_EXCEEDED: not
 *  closed within `timeout_ms`; it is still closing and the call may be repeated. SLIPWAY_OK when it was closed long
 *  ago. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_client_close(slipway_client *client, uint32_t timeout_ms);

/* ======================================================================================================================= DELIVERY
 *
 * For clients that were created with SLIPWAY_DELIVERY_POLLED; for any other these functions answer SLIPWAY_INVALID_ARGUMENT. Once
 * on_closed was called they answer SLIPWAY_CLOSED. */

/** Delivers callbacks that are due, at most `max_callbacks` of them (0: all), on this thread. `delivered`: NULL, or
 *  gets their number. When another thread is delivering, this call delivers none. From inside a callback of this
 *  client: SLIPWAY_WOULD_DEADLOCK. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_client_poll(slipway_client *client, uint32_t max_callbacks, uint32_t *delivered);

/** BLOCKS until there is something to poll, at most `timeout_ms`: SLIPWAY_OK, or SLIPWAY_DEADLINE_EXCEEDED. Since
 *  0.1.0. */
SLIPWAY_API slipway_status slipway_client_wait(slipway_client *client, uint32_t timeout_ms);

/** A file descriptor that is readable while there is something to poll: for poll, epoll, asyncio. Belongs to the
 *  client, which closes it after on_closed; neither read nor close it. SLIPWAY_UNSUPPORTED_OPTION on Windows. Since
 *  0.1.0. */
SLIPWAY_API slipway_status slipway_client_poll_fd(slipway_client *client, int *fd);

/* ===================================================================================================================== OPERATIONS */

/** An operation that was started. Never 0, never used twice. It is stored through the `operation` argument before the
 *  operation can complete; NULL there is allowed. Since 0.1.0. */
typedef uint64_t slipway_operation;

/** How an operation ended; see RESULTS. Since 0.1.0. */
typedef struct slipway_result slipway_result;

/** Called exactly once for every operation that started. `result` and all that it points to are valid during this call
 *  only. Since 0.1.0. */
typedef void (*slipway_complete_fn)(const slipway_result *result, void *user_data);

enum {
    SLIPWAY_STAGE_CHECKING = 1,     /**< What was given or made is looked at: a file, a link, an asset. */
    SLIPWAY_STAGE_WAITING_TURN = 2, /**< The service's rate limit: wait_ms says for how long. */
    SLIPWAY_STAGE_REQUESTING = 3,   /**< A request is on its way. */
    SLIPWAY_STAGE_RETRYING = 4,     /**< An attempt failed (message says why); the next one comes after wait_ms. */
    SLIPWAY_STAGE_WAITING_BUILD = 5, /**< The service works on the build: state and service_state say how far it is. */
    SLIPWAY_STAGE_TRANSFERRING = 6,  /**< A file is on its way: bytes_done and its neighbours say how far it is. */
    SLIPWAY_STAGE_MANY = 7           /**< One request after another: items_done and its neighbours say how far it is. */
};

/** Where slipway_release is. Its answer and its messages have the words in brackets. Since 0.1.0. */
enum {
    SLIPWAY_RELEASE_CHECKING = 1,     /**< "check": the file is read. */
    SLIPWAY_RELEASE_HOSTING = 2,      /**< "host": asset, distribution and link are made, or the object and its link. */
    SLIPWAY_RELEASE_REGISTERING = 3,  /**< "register": Streampixel is told of the link. */
    SLIPWAY_RELEASE_WAITING = 4,      /**< "wait": Streampixel looks at the build. */
    SLIPWAY_RELEASE_DISTRIBUTING = 5, /**< "distribute": of a manual release, an approved build is sent on its way. */
    SLIPWAY_RELEASE_GOING_LIVE = 6,   /**< "live": of a manual release, it goes to the streaming servers. */
    SLIPWAY_RELEASE_REMOVING = 7      /**< "remove": distribution and asset are removed again, or the object. */
};

/** How far an operation is. Since 0.1.0. */
typedef struct slipway_progress {
    uint32_t struct_size; /**< What the library knows: members beyond it are not there. */
    int32_t stage;        /**< SLIPWAY_STAGE_... */
    slipway_operation operation;
    uint64_t elapsed_ms;       /**< Since the operation started. */
    /** How long from now nothing will happen, as far as is known; 0: something is happening. */
    uint64_t wait_ms;
    /** The build's state in Slipway's words (see slipway_wait_for_build), or "". Never NULL. */
    const char *state;
    const char *service_state; /**< The service's own word for it, or "". Never NULL. */
    const char *message;       /**< One sentence for a person. Never NULL. */
    uint32_t attempt;          /**< 1 for the first attempt at the current request. */
    int32_t release_stage;     /**< SLIPWAY_RELEASE_..., or 0 for any other operation than slipway_release. */
    uint64_t bytes_done;       /**< Of the file that is being sent. */
    uint64_t bytes_total;      /**< The file's size, or 0 when no file is being sent. */
    uint64_t bytes_per_second; /**< Lately; 0 while that is not known. */
    uint64_t time_left_ms;     /**< For what is being sent, at that rate; 0 while that is not known. */
    /** Of slipway_entermedia_distribution_create_many: those that have ended; of slipway_store: the parts that the storage has, */
    uint64_t items_done;
    uint64_t items_failed;     /**< those of them that failed, */
    uint64_t items_total;      /**< and all of them. */
    /** What makes the same slipway_release go on from here, in this process or in another one, or "". Never NULL. Keep
     *  the latest: see slipway_release_request. */
    const char *resume_from;
} slipway_progress;

/** Called now and then between an operation's start and its completion: at most ten times a second, the latest news
 *  only, the last news always. Gets the user_data of the call. `progress` is valid during this call only. Since 0.1.0. */
typedef void (*slipway_progress_fn)(const slipway_progress *progress, void *user_data);

/** Asks an operation to stop; it completes soon, with SLIPWAY_CANCELLED unless it was faster. A request that the
 *  service already got is not undone by it. SLIPWAY_OK also when the operation has finished. SLIPWAY_NOT_FOUND: there
 *  never was such an operation. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_cancel(slipway_client *client, slipway_operation operation);

/** BLOCKS until the operation's on_complete has returned, at most `timeout_ms`. A polled client's callbacks are
 *  delivered inside this call, unless another thread is delivering them. SLIPWAY_OK (also when it has finished long
 *  ago), SLIPWAY_DEADLINE_EXCEEDED, SLIPWAY_WOULD_DEADLOCK, SLIPWAY_NOT_FOUND. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_operation_wait(slipway_client *client, slipway_operation operation, uint32_t timeout_ms);

/* ==================================================================================================================== STREAMPIXEL
 *
 * Each function below starts one operation. `client`, `request` and `on_complete` must not be NULL; `user_data` and `operation` may be.
 * Every request begins with the same three members. Each comment ends with the answer: the document of the result, whose members are always
 * there, null where the service does not tell. "raw" is the service's own document, without secrets.
 *
 * Times in answers are the service's own texts, ISO 8601 as a rule. Ids are 1 to 128 of A-Z a-z 0-9 . _ - (24 hex digits, so far). */

/** slipway_upload. Since 0.1.0. */
typedef struct slipway_upload_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. For this operation. Default: the client's. SLIPWAY_FOREVER: none. */
    slipway_progress_fn on_progress; /**< Optional. */
    const char *project_id;          /**< Required. */
    /** Required. A direct link: http or https, its path ends in .zip, no login, no redirect, no page. */
    const char *file_url;
    /** Optional. Non-zero: an approved build waits for slipway_distribute. Default 0: it goes on the air by itself. */
    int32_t manual_release;
    /** Optional. Non-zero: do not read the link before registering it. Default 0: check. */
    int32_t skip_url_check;
    /** Optional. The build's size in bytes: the link must answer the same. Default 0: not compared. */
    uint64_t expected_size;
} slipway_upload_request;

#define SLIPWAY_UPLOAD_REQUEST_INIT                                                                                                    \
    { sizeof(slipway_upload_request), 0, NULL, NULL, NULL, 0, 0, 0 }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_upload_request_init(slipway_upload_request *request, uint32_t struct_size);

/** Registers a build: Streampixel will download it from file_url. First reads the link as the service will: HEAD, then
 *  its first four bytes; no redirect is followed, a zip's signature must be there (SLIPWAY_FILE otherwise). Waits its
 *  turn: the service takes one upload per user in two minutes, from all processes together. Never registers twice: the
 *  project's builds are read just before, and when an answer is lost they tell whether the request arrived. OK means
 *  queued, not live: slipway_wait_for_build.
 *  Answer: {"uploadId", "projectId", "fileUrl", "message", "recovered", "raw"}: fileUrl without its query; recovered is true
 *      when the answer was lost and the build was found. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_upload(slipway_client *client, const slipway_upload_request *request,
                                          slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

/** slipway_distribute. Since 0.1.0. */
typedef struct slipway_distribute_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
    const char *project_id;          /**< Required. */
    /** Required. Of an approved build of this project: the new one, or an older one to roll back to. */
    const char *upload_id;
} slipway_distribute_request;

#define SLIPWAY_DISTRIBUTE_REQUEST_INIT                                                                                                \
    { sizeof(slipway_distribute_request), 0, NULL, NULL, NULL }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_distribute_request_init(slipway_distribute_request *request, uint32_t struct_size);

/** Puts an approved build on the streaming servers; with an older build's id it rolls back. OK means triggered, not
 *  finished: slipway_wait_for_build. Waits its turn, as slipway_upload does. SLIPWAY_NOT_READY: the build is still
 *  being processed.
 *  Answer: {"uploadId", "projectId", "region", "message", "raw"}. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_distribute(slipway_client *client, const slipway_distribute_request *request,
                                              slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

/** slipway_list_projects. Since 0.1.0. */
typedef struct slipway_list_projects_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
} slipway_list_projects_request;

#define SLIPWAY_LIST_PROJECTS_REQUEST_INIT                                                                                             \
    { sizeof(slipway_list_projects_request), 0, NULL }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_list_projects_request_init(slipway_list_projects_request *request, uint32_t struct_size);

/** Lists all projects of the user, from all pages.
 *  Answer: {"projects":[{"id", "name", "active", "status", "region", "subscriptionStatus", "createdAt", "updatedAt"}], "total",
 *      "raw":[...]}: active is true, false or null; status is the service's own word for it, as text; raw has one
 *      document a page. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_list_projects(slipway_client *client, const slipway_list_projects_request *request,
                                                 slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

/** slipway_get_project, slipway_get_project_stats and slipway_test_webhook. Since 0.1.0. */
typedef struct slipway_project_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
    const char *project_id;          /**< Required. */
} slipway_project_request;

#define SLIPWAY_PROJECT_REQUEST_INIT                                                                                                   \
    { sizeof(slipway_project_request), 0, NULL, NULL }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_project_request_init(slipway_project_request *request, uint32_t struct_size);

/** Reads a project with its builds, newest last: the history that a rollback chooses from.
 *  Answer: {"id", "name", "active", "status", "region", "subscriptionStatus", "customDomain", "webhookUrl",
 *      "webhookEvents":[...], "liveUsers", "usersInQueue", "createdAt", "updatedAt", "builds":[{"uploadId", "fileUrl",
 *      "state", "serviceState", "date", "objection"}], "raw"}: state as in slipway_wait_for_build. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_get_project(slipway_client *client, const slipway_project_request *request,
                                               slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

/** Reads how many people play and wait.
 *  Answer: {"projectId", "liveUsers", "usersInQueue", "raw"}. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_get_project_stats(slipway_client *client, const slipway_project_request *request,
                                                     slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

/** Asks the service to send its test event to the project's webhook. OK means that it tried; delivered says whether
 *  your server answered it. SLIPWAY_NOT_FOUND: no webhook URL is configured in the dashboard.
 *  Answer: {"projectId", "delivered", "statusCode", "message", "raw"}: statusCode is what your server answered, or null. Since
 *      0.1.0. */
SLIPWAY_API slipway_status slipway_test_webhook(slipway_client *client, const slipway_project_request *request,
                                                slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

enum {
    /** The service has accepted the build. It is on the air, or waits for slipway_distribute. */
    SLIPWAY_UNTIL_APPROVED = 0,
    SLIPWAY_UNTIL_LIVE = 1      /**< It is approved and went to the streaming servers. */
};

/** slipway_wait_for_build. Since 0.1.0. */
typedef struct slipway_wait_for_build_request {
    uint32_t struct_size;            /**< Required. */
    /** Optional. Default 10,800,000 (three hours), whatever the client's; the service takes 5 to 50 minutes.
     *  SLIPWAY_FOREVER: none. */
    uint32_t deadline_ms;
    slipway_progress_fn on_progress; /**< Optional. */
    const char *project_id;          /**< Required. */
    const char *upload_id;           /**< Required. */
    int32_t until;                   /**< Optional. SLIPWAY_UNTIL_APPROVED (default) or SLIPWAY_UNTIL_LIVE. */
    /** Optional. Between two questions to the service, while things move. Default 5,000; at least 10. */
    uint32_t interval_ms;
    uint32_t max_interval_ms;        /**< Optional. While nothing moves the interval grows to this. Default 60,000. */
    uint32_t settle_ms;              /**< Optional. See SLIPWAY_UNTIL_LIVE in slipway_wait_for_build. Default 60,000. */
} slipway_wait_for_build_request;

#define SLIPWAY_WAIT_FOR_BUILD_REQUEST_INIT                                                                                            \
    { sizeof(slipway_wait_for_build_request), 0, NULL, NULL, NULL, 0, 0, 0, 0 }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_wait_for_build_request_init(slipway_wait_for_build_request *request, uint32_t struct_size);

/** Waits for the verdict on a build by asking the service again and again, and at once when slipway_receive_webhook has
 *  news of it. Any process can wait for a build that another one registered. A failure to ask is survived until the
 *  deadline, unless the service says that asking is pointless (unauthorized, not found).
 *  States: "pending", "downloading", "extracting", "saving", "distributing", "approved", "rejected"; "unknown" for a
 *  word that this version does not know. They may be missed, doubled or come in another order, so SLIPWAY_UNTIL_LIVE
 *  ends when the build is approved after or before it was seen distributing, or, since that moment can be missed, when
 *  it has stayed approved for settle_ms. SLIPWAY_REJECTED: the message is the service's objection; the answer is there
 *  as well.
 *  Answer: {"projectId", "uploadId", "fileUrl", "state", "serviceState", "live", "objection", "date", "timeline":[{"state",
 *      "serviceState", "afterMs"}], "raw"}: live is true or, while that is not known, null; timeline has the states in
 *      the order in which they were seen, in milliseconds after the start. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_wait_for_build(slipway_client *client, const slipway_wait_for_build_request *request,
                                                  slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

/** slipway_receive_webhook. Since 0.1.0. */
typedef struct slipway_receive_webhook_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
    /** Required. The body of the POST as your web server got it; need not end in NUL. Copied. */
    const void *body;
    size_t body_size;                /**< Required. In bytes, 1 to 65,536. */
    int32_t confirm;                 /**< Optional. Non-zero: ask the service whether it agrees. Default 0. */
    int32_t reserved;                /**< Zero. */
} slipway_receive_webhook_request;

#define SLIPWAY_RECEIVE_WEBHOOK_REQUEST_INIT                                                                                           \
    { sizeof(slipway_receive_webhook_request), 0, NULL, NULL, 0, 0, 0 }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_receive_webhook_request_init(slipway_receive_webhook_request *request, uint32_t struct_size);

/** Reads an event that Streampixel sent to your web server. Anybody can send one: events are not signed, so what it
 *  says is a hint. It wakes this client's waits for that build, which then ask the service. With confirm the operation
 *  asks as well: act on confirmed == true only. SLIPWAY_PROTOCOL: the body is not an event.
 *  Answer: {"event", "projectId", "uploadId", "fileUrl", "state", "serviceState", "objection", "timestamp", "confirmed",
 *      "confirmedState", "raw"}: event such as "build.approved" or "webhook.test"; confirmed is true when the service
 *      shows the build in the same state now, false when it does not, null when it was not asked; confirmedState is the
 *      state that the service shows. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_receive_webhook(slipway_client *client, const slipway_receive_webhook_request *request,
                                                   slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

/* ===================================================================================================================== ENTERMEDIA
 *
 * An EnterMediaDB server keeps files, its assets, and publishes them by distributions: public links without a login. A distribution
 * that allows the original is a direct link to the asset's own file; with an id that ends in .zip it is what Streampixel downloads.
 *
 * The server says "ok" to almost anything. OK from here means more: the asset exists, the distribution is there, the link works. What was
 * not looked at is null in the answer, or the request said skip_verify.
 *
 * Ids are 1 to 128 of A-Z a-z 0-9 . _ -; any other is SLIPWAY_INVALID_ARGUMENT, and nothing is sent. URLs in answers are the server's own:
 * host and path need not be those of the base URL. SLIPWAY_UNAUTHORIZED: the password is wrong, the key is not accepted, or the user
 * may not do this; the server does not tell these apart.
 *
 * The answer of a distribution, the same from every version of the server, is called DISTRIBUTION below:
 *     {"id", "assetId", "allowOriginal", "baseUrl", "originalUrl", "links":{preset: url, ...}, "verified", "raw"}
 * originalUrl is the link to the asset's own file, or null when that is not allowed; links are to its renditions (presets such as
 * "largeimage", "webpthumbimage"); baseUrl is what they begin with, no link itself. verified is true when the asset was found before and a
 * link answered after, null when that was not looked at. */

/** slipway_entermedia_login. Since 0.1.0. */
typedef struct slipway_entermedia_login_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
} slipway_entermedia_login_request;

#define SLIPWAY_ENTERMEDIA_LOGIN_REQUEST_INIT                                                                                          \
    { sizeof(slipway_entermedia_login_request), 0, NULL }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_login_request_init(slipway_entermedia_login_request *request, uint32_t struct_size);

/** Logs in with the client's user and password, now instead of on first use: wrong ones are known before anything else
 *  is done. The key stays inside the client. Without a user it asks whether the client's key is accepted.
 *  Answer: {"user", "loggedIn", "raw"}: user is whom the server says it is, or null; loggedIn is false when only the key was
 *      tried. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_login(slipway_client *client, const slipway_entermedia_login_request *request,
                                                    slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

/** slipway_entermedia_distribution_create. Since 0.1.0. */
typedef struct slipway_entermedia_distribution_create_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
    const char *asset_id;            /**< Required. */
    /** Optional. Default: a UUID. One that exists already is overwritten: its links give this asset from then on. */
    const char *distribution_id;
    int32_t allow_original; /**< Optional. Non-zero: there is a link to the asset's own file, for everybody. Default 0. */
    /** Optional. Non-zero: look neither for the asset before nor at the link after. Default 0: verify. */
    int32_t skip_verify;
} slipway_entermedia_distribution_create_request;

#define SLIPWAY_ENTERMEDIA_DISTRIBUTION_CREATE_REQUEST_INIT                                                                            \
    { sizeof(slipway_entermedia_distribution_create_request), 0, NULL, NULL, NULL, 0, 0 }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_distribution_create_request_init(slipway_entermedia_distribution_create_request *request,
                                                                               uint32_t struct_size);

/** Publishes an asset. SLIPWAY_NOT_FOUND: there is no such asset, and no distribution was made. SLIPWAY_NOT_READY: the
 *  asset has no renditions (yet, or never: a .zip has none) and the original is not allowed, so there is no link. A
 *  distribution whose link does not work is removed again when its id is of Slipway's making, unless skip_verify; one
 *  with your id stays.
 *  Answer: DISTRIBUTION. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_distribution_create(slipway_client *client,
                                                                  const slipway_entermedia_distribution_create_request *request,
                                                                  slipway_complete_fn on_complete, void *user_data,
                                                                  slipway_operation *operation);

enum {
    SLIPWAY_ORIGINAL_UNCHANGED = 0, /**< As it is. */
    SLIPWAY_ORIGINAL_ALLOWED = 1,   /**< There is a link to the asset's own file. */
    SLIPWAY_ORIGINAL_DENIED = 2     /**< There is none. */
};

/** slipway_entermedia_distribution_edit. Since 0.1.0. */
typedef struct slipway_entermedia_distribution_edit_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
    const char *distribution_id;     /**< Required. */
    const char *asset_id;            /**< Optional. Default: the asset that it has. */
    int32_t original;                /**< Optional. SLIPWAY_ORIGINAL_... Default SLIPWAY_ORIGINAL_UNCHANGED. */
    int32_t skip_verify;             /**< Optional. As in slipway_entermedia_distribution_create_request. */
} slipway_entermedia_distribution_edit_request;

#define SLIPWAY_ENTERMEDIA_DISTRIBUTION_EDIT_REQUEST_INIT                                                                              \
    { sizeof(slipway_entermedia_distribution_edit_request), 0, NULL, NULL, NULL, 0, 0 }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_distribution_edit_request_init(slipway_entermedia_distribution_edit_request *request,
                                                                             uint32_t struct_size);

/** Points a distribution at another asset, or changes what it gives: its links stay and give the new asset at once, so
 *  an id can be a channel, such as "latest.zip". SLIPWAY_NOT_FOUND: no such distribution or asset; nothing was changed.
 *  Answer: DISTRIBUTION. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_distribution_edit(slipway_client *client,
                                                                const slipway_entermedia_distribution_edit_request *request,
                                                                slipway_complete_fn on_complete, void *user_data,
                                                                slipway_operation *operation);

/** slipway_entermedia_distribution_get and _delete. Since 0.1.0. */
typedef struct slipway_entermedia_distribution_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
    const char *distribution_id;     /**< Required. */
} slipway_entermedia_distribution_request;

#define SLIPWAY_ENTERMEDIA_DISTRIBUTION_REQUEST_INIT                                                                                   \
    { sizeof(slipway_entermedia_distribution_request), 0, NULL, NULL }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_distribution_request_init(slipway_entermedia_distribution_request *request,
                                                                        uint32_t struct_size);

/** Reads a distribution. SLIPWAY_NOT_FOUND: there is none with this id.
 *  Answer: DISTRIBUTION; links, baseUrl and originalUrl are what the server's search shows, which may be behind by a moment. Since
 *      0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_distribution_get(slipway_client *client,
                                                               const slipway_entermedia_distribution_request *request,
                                                               slipway_complete_fn on_complete, void *user_data,
                                                               slipway_operation *operation);

/** Removes a distribution. SLIPWAY_NOT_FOUND: there is none with this id. A link of it that was asked for before may
 *  go on answering, from the server's cache, until the server starts anew: cached says so. To be sure, delete the asset.
 *  Answer: {"id", "deleted", "cached", "raw"}: cached is true when a link of it still answered after the delete, false when it did
 *      not, null when no link was known or it could not be asked. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_distribution_delete(slipway_client *client,
                                                                  const slipway_entermedia_distribution_request *request,
                                                                  slipway_complete_fn on_complete, void *user_data,
                                                                  slipway_operation *operation);

/** One condition of a search. Never grows. Since 0.1.0. */
typedef struct slipway_entermedia_term {
    const char *field; /**< Required. Such as "id" or "assetid". */
    const char *match; /**< Optional. The server's word for how to compare. Default "matches". */
    const char *value; /**< Required. "*" is anything. */
} slipway_entermedia_term;

/** slipway_entermedia_distribution_search. Since 0.1.0. */
typedef struct slipway_entermedia_distribution_search_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
    /** Optional. term_count of them, of which all must hold. Default: every distribution. Copied. */
    const slipway_entermedia_term *terms;
    size_t term_count;  /**< Optional. At most 64. */
    uint32_t page;      /**< Optional. One page, from 1. Default 0: all pages, up to 10,000 distributions. */
    uint32_t page_size; /**< Optional. Distributions a page, at most 1,000. Default 100. */
} slipway_entermedia_distribution_search_request;

#define SLIPWAY_ENTERMEDIA_DISTRIBUTION_SEARCH_REQUEST_INIT                                                                            \
    { sizeof(slipway_entermedia_distribution_search_request), 0, NULL, NULL, 0, 0, 0 }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_distribution_search_request_init(slipway_entermedia_distribution_search_request *request,
                                                                               uint32_t struct_size);

/** Looks for distributions.
 *  Answer: {"distributions":[DISTRIBUTION, ...], "total", "page", "pages", "complete", "raw":[...]}: total is how many there are; page
 *      is the one that was asked for, or null; complete is false when there are more than the answer has; the raw of each
 *      distribution is null, since the pages are in raw. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_distribution_search(slipway_client *client,
                                                                  const slipway_entermedia_distribution_search_request *request,
                                                                  slipway_complete_fn on_complete, void *user_data,
                                                                  slipway_operation *operation);

/** One of many has ended. `index` counts from 0 in the order of the request; `result` has its status, message, hint and
 *  answer, as if it were an operation of its own, and is valid during this call only. Gets the user_data of the call.
 *  Since 0.1.0. */
typedef void (*slipway_item_fn)(size_t index, const slipway_result *result, void *user_data);

/** slipway_entermedia_distribution_create_many. Since 0.1.0. */
typedef struct slipway_entermedia_distribution_create_many_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. For all of them. Default SLIPWAY_FOREVER, whatever the client's. */
    slipway_progress_fn on_progress; /**< Optional. */
    const char *const *asset_ids;    /**< Required. asset_count of them. Copied. */
    size_t asset_count;              /**< Required. 1 to 1,000,000. */
    /** Optional. asset_count of them, each of which may be NULL: a UUID. Default: UUIDs. Copied. */
    const char *const *distribution_ids;
    /** Optional. Called once for each of them, in the order in which they end, before on_complete. */
    slipway_item_fn on_item;
    int32_t allow_original; /**< Optional. As in slipway_entermedia_distribution_create_request. */
    int32_t skip_verify;    /**< Optional. As in slipway_entermedia_distribution_create_request. */
    uint32_t max_parallel;  /**< Optional. So many at a time, at most max_connections. Default 16. */
    uint32_t reserved;      /**< Zero. */
} slipway_entermedia_distribution_create_many_request;

#define SLIPWAY_ENTERMEDIA_DISTRIBUTION_CREATE_MANY_REQUEST_INIT                                                                       \
    { sizeof(slipway_entermedia_distribution_create_many_request), 0, NULL, NULL, 0, NULL, NULL, 0, 0, 0, 0 }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_distribution_create_many_request_init(
    slipway_entermedia_distribution_create_many_request *request, uint32_t struct_size);

/** Publishes many assets, each as slipway_entermedia_distribution_create does. One that fails does not stop the others:
 *  SLIPWAY_OK means that each of them was tried, so look at failed. Cancelled, or out of time, it starts no further
 *  ones: those that had not ended are in neither number. So it does, with SLIPWAY_UNAUTHORIZED, when a login is refused
 *  midway. Memory does not grow with their number: when 4,096 results wait for a slow on_item, the next ones wait for it.
 *  Answer: {"total", "succeeded", "failed", "failures":[{"index", "assetId", "id", "status", "message", "hint"}]}: the first 1,000
 *      failures, by the order in which they ended; status is a name as slipway_status_name gives it. There, too, when it ended
 *      early. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_distribution_create_many(
    slipway_client *client, const slipway_entermedia_distribution_create_many_request *request, slipway_complete_fn on_complete,
    void *user_data, slipway_operation *operation);

/** slipway_entermedia_asset_upload. Since 0.1.0. */
typedef struct slipway_entermedia_asset_upload_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. Default SLIPWAY_FOREVER, whatever the client's: files are large. */
    slipway_progress_fn on_progress; /**< Optional. */
    const char *file_path;           /**< Required. A file of this machine; it must not change while it is sent. */
    const char *asset_id;            /**< Optional. Default: a UUID. An asset that exists already is replaced, file and all. */
    /** Optional. The folder in the library, such as "builds/MyGame". Default "slipway/<asset id>". */
    const char *source_path;
    const char *name;                /**< Optional. The file's name in the library. Default: that of file_path. */
} slipway_entermedia_asset_upload_request;

#define SLIPWAY_ENTERMEDIA_ASSET_UPLOAD_REQUEST_INIT                                                                                   \
    { sizeof(slipway_entermedia_asset_upload_request), 0, NULL, NULL, NULL, NULL, NULL }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_asset_upload_request_init(slipway_entermedia_asset_upload_request *request,
                                                                        uint32_t struct_size);

/** Sends a file of any size, from the disk as it goes, with memory that does not grow with it. There is no resume: after
 *  a failure that may pass, the whole file is sent again, under the same id. SLIPWAY_FILE: it cannot be read, or it
 *  changed while it was sent; the server has got no whole file then. The server makes renditions afterwards.
 *  Answer: {"id", "name", "sourcePath", "size", "raw"}: size in bytes, as sent. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_asset_upload(slipway_client *client,
                                                           const slipway_entermedia_asset_upload_request *request,
                                                           slipway_complete_fn on_complete, void *user_data,
                                                           slipway_operation *operation);

/** slipway_entermedia_asset_get and _delete. Since 0.1.0. */
typedef struct slipway_entermedia_asset_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
    const char *asset_id;            /**< Required. */
} slipway_entermedia_asset_request;

#define SLIPWAY_ENTERMEDIA_ASSET_REQUEST_INIT                                                                                          \
    { sizeof(slipway_entermedia_asset_request), 0, NULL, NULL }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_asset_request_init(slipway_entermedia_asset_request *request, uint32_t struct_size);

/** Reads an asset. SLIPWAY_NOT_FOUND: there is none with this id.
 *  Answer: {"id", "name", "title", "sourcePath", "size", "format", "md5", "importStatus", "previewStatus", "createdAt",
 *      "modifiedAt", "renditions":[preset, ...], "raw"}: what the server has not found out yet is null. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_asset_get(slipway_client *client, const slipway_entermedia_asset_request *request,
                                                        slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

/** Removes an asset, with its file. All its links die at once. SLIPWAY_NOT_FOUND: there is none with this id.
 *  Answer: {"id", "deleted", "raw"}. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_entermedia_asset_delete(slipway_client *client, const slipway_entermedia_asset_request *request,
                                                           slipway_complete_fn on_complete, void *user_data,
                                                           slipway_operation *operation);

/* ======================================================================================================================== STORAGE
 *
 * Hosting a build where most teams do: on S3-compatible storage (AWS, Cloudflare R2, DigitalOcean Spaces, MinIO, Ceph and what else
 * speaks like them), behind any URL that takes an HTTP PUT, or in a folder that a web server of yours serves. slipway_release takes any
 * of them as its host. On Linux each of libcrypto, expat and zlib is opened when it is first needed.
 *
 * Nothing is remembered between calls: the storage itself knows which parts of an unfinished upload have arrived, so any process on any
 * machine that stores the same file under the same key goes on from there.
 *
 * A key that is passed in is below key_prefix; one in an answer is whole, with key_prefix. */

enum {
    SLIPWAY_ADDRESSING_AUTOMATIC = 0,   /**< VIRTUAL_HOST for AWS, unless the bucket's name has a dot; PATH for all others. */
    SLIPWAY_ADDRESSING_PATH = 1,        /**< https://host/bucket/key */
    SLIPWAY_ADDRESSING_VIRTUAL_HOST = 2 /**< https://bucket.host/key */
};

enum {
    /** None beyond what the storage needs, since look-alikes refuse what they do not know: over plain http the signature covers the
     *  content; over https TLS does. */
    SLIPWAY_CHECKSUM_NONE = 0,
    SLIPWAY_CHECKSUM_CRC32 = 1, /**< The storage compares x-amz-checksum-crc32 and keeps it. */
    SLIPWAY_CHECKSUM_SHA256 = 2 /**< The storage compares x-amz-checksum-sha256 and keeps it. */
};

enum {
    /** PUBLIC with a public_url, an acl that begins with "public-read", or a put_url; NONE for a directory without a public_url; else
     *  PRESIGNED. */
    SLIPWAY_LINK_AUTOMATIC = 0,
    SLIPWAY_LINK_PUBLIC = 1,    /**< A clean URL: public_url with the key behind it, or else the storage's own URL of the object. */
    SLIPWAY_LINK_PRESIGNED = 2, /**< S3 only: a URL that lets anybody read the object for link_hours. */
    SLIPWAY_LINK_NONE = 3       /**< No link is made, and none is read. */
};

/** Where objects are stored, who asks, and how. Exactly one of bucket, put_url and directory says which kind it is; a member
 *  that promises something of the object that this kind cannot keep is SLIPWAY_INVALID_ARGUMENT. Copied by every call that
 *  it is given to. Since 0.1.0. */
typedef struct slipway_storage {
    uint32_t struct_size;    /**< Required. sizeof(slipway_storage), as SLIPWAY_STORAGE_INIT has it. */
    int32_t addressing;      /**< Optional. SLIPWAY_ADDRESSING_.... */

    /** Required, unless put_url or directory is given. S3-compatible storage: the bucket, which must exist. */
    const char *bucket;
    /** Required, unless bucket or directory is given. Any HTTP server: the URL that the file is sent to by one PUT, such as a presigned
     *  one. Its query is a secret. */
    const char *put_url;
    /** Required, unless bucket or put_url is given. A folder of this machine, which must exist. Objects come into it under their final
     *  name only when they are whole and on the disk. */
    const char *directory;

    /** Optional. Such as "https://minio.example.com:9000", without the bucket. Default: AWS in that region. */
    const char *endpoint;
    /** Optional. "auto" for R2. NULL: AWS_REGION, AWS_DEFAULT_REGION, the profile's region, "us-east-1". */
    const char *region;
    /** Optional. In front of every key, with a slash in between: "builds" makes "builds/MyGame.zip". For a directory, too. */
    const char *key_prefix;
    /** Optional, with secret_access_key. NULL: the environment variables AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN,
     *  then the profile. */
    const char *access_key_id;
    const char *secret_access_key; /**< Optional. See access_key_id. */
    const char *session_token;     /**< Optional. Comes with temporary keys; a presigned link has it in it. */
    /** Optional. A profile in the files ~/.aws/credentials and ~/.aws/config (or where AWS_SHARED_CREDENTIALS_FILE and AWS_CONFIG_FILE
     *  say), which are only read; it goes before the environment's keys. NULL: AWS_PROFILE, "default". */
    const char *profile;

    /** Optional. What objects are read through, such as "https://builds.example.com", without a query: the key is put behind it,
     *  percent-encoded. For a put_url: the whole link; default: put_url without its query. */
    const char *public_url;
    int32_t link;        /**< Optional. SLIPWAY_LINK_.... */
    /** Optional. How long a presigned link works, 1 to 168, and no longer than a session_token does. Default 12: the service downloads
     *  when its queue has come to it. */
    uint32_t link_hours;

    /** Optional. Default "application/zip" for a key that ends in .zip, else "application/octet-stream"; for a put_url: none is sent. */
    const char *content_type;
    const char *content_disposition; /**< Optional. Such as "attachment". */
    const char *acl;                 /**< Optional. S3's x-amz-acl, such as "public-read". */
    const char *storage_class;       /**< Optional. S3's x-amz-storage-class. */
    const char *encryption;          /**< Optional. S3's x-amz-server-side-encryption: "AES256" or "aws:kms". */
    const char *encryption_key_id;   /**< Optional. S3's x-amz-server-side-encryption-aws-kms-key-id. */
    /** Optional. put_header_count lines "Name: value" that a put_url wants, such as "x-ms-blob-type: BlockBlob". Their values are
     *  secrets. */
    const char *const *put_headers;
    size_t put_header_count; /**< Optional. At most 64. */

    int32_t checksum;     /**< Optional. SLIPWAY_CHECKSUM_.... */
    int32_t sign_payload; /**< Optional. Non-zero: the signature covers the content over https, too. It always does over http. */
    /** Optional. In bytes, 5 MiB to 5 GiB; a file that is not larger goes by one PUT. Default: 16 MiB, or for files of more than 16 GiB a
     *  thousandth of the file. Grows by itself where a file would have more than 10,000 parts. */
    uint64_t part_size;
    uint32_t parallel_parts; /**< Optional. Parts on their way at the same time, at most 64. Default 8. */
    /** Optional. Non-zero: a multipart upload that ends early is aborted, so that nothing unfinished stays. Default 0: what has arrived
     *  stays, and the next slipway_store goes on from it; the provider charges for it until then. */
    int32_t abort_unfinished;
    uint64_t bytes_per_second; /**< Optional. A limit on what is sent, all parts together. Default: none. */
} slipway_storage;

#define SLIPWAY_STORAGE_INIT                                                                                                           \
    { sizeof(slipway_storage), 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, NULL, NULL, NULL, NULL,      \
      NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, 0 }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_storage_init(slipway_storage *storage, uint32_t struct_size);

/** slipway_store. Since 0.1.0. */
typedef struct slipway_store_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. Default SLIPWAY_FOREVER, whatever the client's: files are large. */
    slipway_progress_fn on_progress; /**< Optional. */
    const slipway_storage *storage;  /**< Required. */
    const char *file_path;           /**< Required. A file of this machine; it must not change while it is sent. */
    /** Optional. The object's name below key_prefix, at most 1,024 bytes with it. Default: the file's name. Not for a put_url. */
    const char *key;
    /** Optional. metadata_count names, without "x-amz-meta-", of letters, digits and "-". S3 only. Copied. */
    const char *const *metadata_names;
    /** Optional. metadata_count values. What is not ASCII is sent as RFC 2047 says, which is how AWS gives it back. Copied. */
    const char *const *metadata_values;
    size_t metadata_count;  /**< Optional. At most 64. */
    int32_t always_send;    /**< Optional. Non-zero: send also what is there already. Default 0: skip it. */
    int32_t skip_url_check; /**< Optional. Non-zero: do not read the link. */
} slipway_store_request;

#define SLIPWAY_STORE_REQUEST_INIT                                                                                                     \
    { sizeof(slipway_store_request), 0, NULL, NULL, NULL, NULL, NULL, NULL, 0, 0, 0 }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_store_request_init(slipway_store_request *request, uint32_t struct_size);

/** Stores a file of any size as an object, and makes a link to it that is then read as Streampixel will read it.
 *
 *  S3: a small file by one PUT, a large one in parts, several at a time, each repeated by itself when it fails. Memory does not grow with
 *  the file. An object that is there with the same content is not sent again: same size, and its ETag or kept checksum is that of the file.
 *  An unfinished upload of the same key is continued: what the storage lists is compared with the file part by part, and what is missing or
 *  differs is sent. The object is made once; whether it was, when the answer is lost, is found out by reading. At the end the object
 *  has the file's size and the ETag that the storage confirmed. A clock that is wrong is noticed, and made up for, once.
 *  A put_url: one PUT, repeated whole after a failure that may pass. A directory: a copy under a hidden name, flushed to the disk, then
 *  renamed into its place; parts of the key with slashes are folders, made as needed.
 *
 *  Progress: SLIPWAY_STAGE_TRANSFERRING with bytes, and with parts as items.
 *  Answer: {"key", "size", "etag", "url", "urlExpiresAt", "bucket", "path", "parts", "partsReused", "bytesSent", "skipped", "uploadId"}:
 *      url is the link, null for SLIPWAY_LINK_NONE; a presigned one has its query, and who has that can read the object; urlExpiresAt
 *      is ISO 8601, null for a link that stays; path is the file's in a directory; parts counts those of a multipart upload, 0 for one
 *      PUT; bytesSent has repeated ones in it; skipped is true when the same was there; uploadId is that of the multipart upload, there
 *      when it failed, too, and is still unfinished.
 *  SLIPWAY_FILE: the file cannot be read, or changed while it was sent: the object is not made then; or the folder's disk is full; or the
 *  link does not give the file. SLIPWAY_REJECTED: the storage will not have it: its words are in the message. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_store(slipway_client *client, const slipway_store_request *request, slipway_complete_fn on_complete,
                                         void *user_data, slipway_operation *operation);

/** slipway_storage_delete and slipway_storage_list_unfinished. Since 0.1.0. */
typedef struct slipway_storage_object_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
    const slipway_storage *storage;  /**< Required. Not one with a put_url. */
    const char *key;                 /**< Required to delete. Below key_prefix. Without it a list has all below key_prefix. */
} slipway_storage_object_request;

#define SLIPWAY_STORAGE_OBJECT_REQUEST_INIT                                                                                            \
    { sizeof(slipway_storage_object_request), 0, NULL, NULL, NULL }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_storage_object_request_init(slipway_storage_object_request *request, uint32_t struct_size);

/** Removes an object, or a file of a directory. SLIPWAY_OK also when there was none: S3 does not tell. A bucket with versions keeps the
 *  old ones.
 *  Answer: {"key", "bucket", "path", "deleted"}: deleted is true. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_storage_delete(slipway_client *client, const slipway_storage_object_request *request,
                                                  slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

/** Lists what uploads have left unfinished, and what the provider charges for: multipart uploads of a bucket; in a directory the hidden
 *  files of copies that were broken off.
 *  Answer: {"bucket", "prefix", "uploads":[{"key", "uploadId", "startedAt", "storageClass"}], "complete"}: startedAt is ISO 8601, in a
 *      directory when it was last written to; a copy that is under way is not listed there; complete is false when there are
 *      more than 10,000, which are not in the answer. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_storage_list_unfinished(slipway_client *client, const slipway_storage_object_request *request,
                                                           slipway_complete_fn on_complete, void *user_data,
                                                           slipway_operation *operation);

/** slipway_storage_abort_unfinished. Since 0.1.0. */
typedef struct slipway_storage_abort_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
    const slipway_storage *storage;  /**< Required. Not one with a put_url. */
    const char *key;                 /**< Optional. Below key_prefix. Default: all below key_prefix. */
    const char *upload_id;           /**< Optional. This one, whatever its age; with key it is not looked for in the list. */
    uint32_t min_age_minutes;        /**< Optional. Younger ones stay: they may be under way. Default 1,440, a day. */
    uint32_t reserved;               /**< Zero. */
} slipway_storage_abort_request;

#define SLIPWAY_STORAGE_ABORT_REQUEST_INIT                                                                                             \
    { sizeof(slipway_storage_abort_request), 0, NULL, NULL, NULL, NULL, 0, 0 }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_storage_abort_request_init(slipway_storage_abort_request *request, uint32_t struct_size);

/** Aborts unfinished uploads: their parts are thrown away. One that is under way somewhere begins anew by it; in a directory
 *  a copy that is under way stays.
 *  Answer: {"bucket", "prefix", "aborted":[{"key", "uploadId", "startedAt"}], "younger", "complete"}: younger counts those that stay; those
 *      that were aborted before a failure are there, too. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_storage_abort_unfinished(slipway_client *client, const slipway_storage_abort_request *request,
                                                            slipway_complete_fn on_complete, void *user_data,
                                                            slipway_operation *operation);

/* ======================================================================================================================= RELEASE */

/** slipway_check_package. Since 0.1.0. */
typedef struct slipway_check_package_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. As in slipway_upload_request. */
    slipway_progress_fn on_progress; /**< Optional. */
    const char *file_path;           /**< Required. */
} slipway_check_package_request;

#define SLIPWAY_CHECK_PACKAGE_REQUEST_INIT                                                                                             \
    { sizeof(slipway_check_package_request), 0, NULL, NULL }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_check_package_request_init(slipway_check_package_request *request, uint32_t struct_size);

/** Reads the table of contents of a packaged build, on this machine, without unpacking it. SLIPWAY_FILE: not a .zip that
 *  can be read. What Streampixel will probably object to is a finding, not an error: the service has the last word.
 *  Answer: {"filePath", "size", "entries", "uncompressedSize", "executable", "zip64", "findings":[{"severity", "code",
 *      "message"}]}: executable is the path of the build's .exe, with slashes, at the root or one folder down, or null;
 *      severity is "error" or "warning"; code is one of "no_executable", "not_a_package" (the sources of a project),
 *      "unsafe_path" (absolute, with a step out, a colon or a control character, or a symbolic link), "encrypted",
 *      "no_content" (no folder Engine, or no .pak, .ucas or .utoc), "too_large" (over 24 GB, each 10^9 bytes). Since 0.1.0. */
SLIPWAY_API slipway_status slipway_check_package(slipway_client *client, const slipway_check_package_request *request,
                                                 slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

enum {
    SLIPWAY_KEEP = 0,            /**< Asset and distribution, or the object, stay. */
    SLIPWAY_REMOVE_WHEN_DONE = 1 /**< They are removed once the build is live, or was rejected. Not for a put_url. */
};

/** slipway_release. Since 0.1.0. */
typedef struct slipway_release_request {
    uint32_t struct_size;            /**< Required. */
    uint32_t deadline_ms;            /**< Optional. Default 14,400,000 (four hours), whatever the client's. */
    slipway_progress_fn on_progress; /**< Optional, but the way to know what to resume from: see slipway_release. */
    const char *project_id;          /**< Required. */
    /** Required, unless resume_from is given: without it a link is taken as it is. The .zip, on this machine; it must not
     *  change meanwhile. */
    const char *file_path;
    /** Optional. Goes on with a release that ended early: what its progress or its result named as resume_from, the
     *  link under which the build is (to be) hosted, for a bucket "s3://bucket/key", percent-encoded, or the upload id of a
     *  build that is registered. A link that no release has made is taken as it is: it is registered, and nothing is hosted, replaced
     *  or removed; with SLIPWAY_REMOVE_WHEN_DONE it is SLIPWAY_INVALID_ARGUMENT. Its query, if it has one, may be secret:
     *  such a link is not told back, and there is nothing to resume from until the upload id is known. "" is none. */
    const char *resume_from;
    /** Optional. The folder in the EnterMedia library. Default "slipway/<asset id>". */
    const char *source_path;
    int32_t manual_release;   /**< Optional. Non-zero: register with manual_release, and distribute when it is approved. */
    int32_t hosted;           /**< Optional. SLIPWAY_KEEP (default) or SLIPWAY_REMOVE_WHEN_DONE. */
    uint32_t interval_ms;     /**< Optional. As in slipway_wait_for_build_request. */
    uint32_t max_interval_ms; /**< Optional. As in slipway_wait_for_build_request. */
    uint32_t settle_ms;       /**< Optional. As in slipway_wait_for_build_request. */
    int32_t ignore_findings;  /**< Optional. Non-zero: go on with a package that slipway_check_package finds errors in. */
    /** Optional. Where the build is hosted, as slipway_store does it. Default: the client's EnterMedia server. A directory needs a
     *  public_url; SLIPWAY_LINK_NONE is SLIPWAY_INVALID_ARGUMENT. */
    const slipway_storage *storage;
} slipway_release_request;

#define SLIPWAY_RELEASE_REQUEST_INIT                                                                                                   \
    { sizeof(slipway_release_request), 0, NULL, NULL, NULL, NULL, NULL, 0, 0, 0, 0, 0, 0, NULL }

/** As slipway_client_options_init. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_release_request_init(slipway_release_request *request, uint32_t struct_size);

/** The whole way: a .zip in, a live build out. Checks the package, uploads it to EnterMedia as an asset and publishes that,
 *  or stores it, under an unguessable name that ends in .zip (a put_url has its own), looks whether the link gives that
 *  very file, registers the link with Streampixel, waits for the verdict, distributes an approved build of a manual
 *  release, and waits until it is live.
 *
 *  It can be ended at any moment, by whatever means, and taken up again: start the same call with resume_from set to
 *  what the last progress or the result named. The name comes before the thing: nothing is made before on_progress, if
 *  there is one, has returned from telling the link, so a process that prints resume_from leaves nothing behind that cannot
 *  be found. A build that is registered already is found by its link, and not registered again; with a put_url so only if
 *  the name that it gives ends as a release's own do, in 32 hex digits and ".zip": any other may have older builds.
 *
 *  Answer: {"stage", "resumeFrom", "projectId", "filePath", "size", "assetId", "distributionId", "key", "fileUrl", "uploadId",
 *      "state", "live", "objection", "removed", "findings":[...], "timeline":[{"stage", "afterMs", "tookMs", "reused"}]}. There when
 *      it failed, too: stage is the one that it was in ("done" at the end), resumeFrom is null when there is nothing to go
 *      on with, ids and fileUrl, which is without its query, are null until they are known, key is the object's in a
 *      storage, removed is true when what was hosted is gone again, findings are those of slipway_check_package, reused is
 *      true for a stage that an earlier run had done.
 *  SLIPWAY_FILE: the package has a finding of severity "error"; or what the link gives is not the file, or not the one that
 *  a build was registered from. SLIPWAY_REJECTED: the message is the service's objection; resumeFrom is there only when
 *  something is left to remove. Since 0.1.0. */
SLIPWAY_API slipway_status slipway_release(slipway_client *client, const slipway_release_request *request,
                                           slipway_complete_fn on_complete, void *user_data, slipway_operation *operation);

/* ======================================================================================================================== RESULTS */

/** How an operation ended. Valid, with all that it points to, during on_complete only. Since 0.1.0. */
struct slipway_result {
    uint32_t struct_size;        /**< What the library knows: members beyond it are not there. */
    slipway_status status;       /**< SLIPWAY_OK or why not. */
    slipway_operation operation; /**< The one that ended. */
    int32_t http_status;         /**< Of the answer that decided, or 0 when there was none. */
    uint32_t attempts;           /**< Requests that were made, repeated ones included. */
    int32_t retriable;           /**< Non-zero: the same call may work later as it is. */
    uint32_t reserved;
    uint64_t retry_after_ms; /**< When the service said how long to wait, or 0. */
    const char *message;     /**< What happened, for a person, without a full stop; "" when it worked. Never NULL. */
    const char *hint;        /**< What to do about it, for a person, or "". Never NULL. */
    const void *document;    /**< The answer, for the functions below. Opaque. */
};

enum {
    SLIPWAY_JSON_ABSENT = 0, /**< The pointer leads nowhere. */
    SLIPWAY_JSON_NULL = 1,
    SLIPWAY_JSON_BOOLEAN = 2,
    SLIPWAY_JSON_INTEGER = 3,
    SLIPWAY_JSON_NUMBER = 4, /**< Not an integer. */
    SLIPWAY_JSON_STRING = 5,
    SLIPWAY_JSON_ARRAY = 6,
    SLIPWAY_JSON_OBJECT = 7
};

/* Readers of the answer, a JSON document in the form that the operation documents, by JSON Pointer (RFC 6901):
 * "/uploadId", "/builds/0/state", "" for the whole. To be called inside on_complete, with the result that it got. NULL
 * arguments and pointers that lead nowhere are harmless. */

/** The value that is there as JSON text, for hosts that have a parser: "" gives the whole answer. NULL when the pointer
 *  leads nowhere, or there is no memory for the text; "null" is the answer of an operation that has none. Valid during
 *  on_complete. Since 0.1.0. */
SLIPWAY_API const char *slipway_result_json(const slipway_result *result, const char *pointer);

/** What is there: SLIPWAY_JSON_.... Since 0.1.0. */
SLIPWAY_API int32_t slipway_result_type(const slipway_result *result, const char *pointer);

/** A text, or NULL when there is none. Valid during on_complete. Since 0.1.0. */
SLIPWAY_API const char *slipway_result_string(const slipway_result *result, const char *pointer);

/** An integer, or `fallback` when there is none. Since 0.1.0. */
SLIPWAY_API int64_t slipway_result_integer(const slipway_result *result, const char *pointer, int64_t fallback);

/** A number, integers included, or `fallback` when there is none. Since 0.1.0. */
SLIPWAY_API double slipway_result_number(const slipway_result *result, const char *pointer, double fallback);

/** 1 for true, 0 for false, or `fallback` when there is neither. Since 0.1.0. */
SLIPWAY_API int32_t slipway_result_boolean(const slipway_result *result, const char *pointer, int32_t fallback);

/** How many elements an array or members an object has; 0 for anything else. Since 0.1.0. */
SLIPWAY_API size_t slipway_result_count(const slipway_result *result, const char *pointer);

/** The name of an object's member, counted from 0; NULL when there is none, or it is no object. In a pointer "~" is written "~0"
 *  and "/" is written "~1". Valid during on_complete. Since 0.1.0. */
SLIPWAY_API const char *slipway_result_name(const slipway_result *result, const char *pointer, size_t index);

#ifdef __cplusplus
}
#endif

#endif /* SLIPWAY_H */
