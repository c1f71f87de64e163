/* clients.h: the clients of the soak, and the one thread's loop that polls those of them that are polled. */
#ifndef CLIENTS_H
#define CLIENTS_H

#include "../operations.h"

#include <poll.h>
#include <sys/eventfd.h>

enum {
    CLIENTS = 8,
    BOOKS = 64, /* Clients that are there, that are on their way out, and that went lately. */
    PATIENCE_MS = 60000,
};

/* A client, until its place is taken by one that comes much later. */
typedef struct client_book {
    slipway_client *client;
    bool polled, there;
    int poll_fd;
    atomic_int in_flight, closed;
} client_book;

static client_book books[BOOKS];
static int books_made;
static client_book *clients[CLIENTS];
static atomic_uint_fast64_t closed_count;
/* Becomes readable when an operation has ended. */
static int wake_fd;

static void alive(const client_book *book, const char *what) {
    if (atomic_load(&book->closed) != 0) FAIL("%s after on_closed", what);
}

static void on_closed(void *user_data) {
    client_book *book = user_data;
    if (atomic_fetch_add(&book->closed, 1) != 0) FAIL("on_closed twice");
    CHECK_INT(atomic_load(&book->in_flight), 0);
    atomic_fetch_add(&closed_count, 1);
}

static void wake(void) {
    const uint64_t one = 1;
    CHECK(write(wake_fd, &one, sizeof one) == sizeof one);
}

static bool is_to_poll(const client_book *book) { return book->there && book->polled && atomic_load(&book->closed) == 0; }

/* Lets things happen until something has, or for `timeout` ms. */
static void wait_for_news(int timeout) {
    struct pollfd set[BOOKS + 1] = {{wake_fd, POLLIN, 0}};
    nfds_t count = 1;
    uint64_t news;
    int index;
    for (index = 0; index < BOOKS; index++)
        if (is_to_poll(&books[index])) set[count++] = (struct pollfd){books[index].poll_fd, POLLIN, 0};
    if (poll(set, count, timeout) > 0 && set[0].revents != 0) CHECK(read(wake_fd, &news, sizeof news) == sizeof news);
    for (index = 0; index < BOOKS; index++)
        if (is_to_poll(&books[index])) CHECK_STATUS_IN(slipway_client_poll(books[index].client, 0, NULL), SLIPWAY_OK, SLIPWAY_CLOSED);
}

/* Goes on polling until `condition`, which must not take too long. */
#define WAIT_UNTIL(condition)                                                                                                          \
    do {                                                                                                                               \
        const uint64_t until_ = now_ms() + PATIENCE_MS;                                                                                \
        while (!(condition)) {                                                                                                         \
            wait_for_news(20);                                                                                                         \
            REQUIRE(now_ms() < until_);                                                                                                \
        }                                                                                                                              \
    } while (0)

/* Every other one is polled; every other pair logs in to EnterMedia by itself instead of having a key. */
static client_book *new_book(void) {
    client_book *book = &books[books_made % BOOKS];
    slipway_client_options options;
    WAIT_UNTIL(!book->there || atomic_load(&book->closed) == 1);
    memset(book, 0, sizeof *book);
    book->polled = books_made % 2 == 0;
    options = client_options(book->polled ? SLIPWAY_DELIVERY_POLLED : SLIPWAY_DELIVERY_THREAD);
    if (books_made % 4 < 2) options.entermedia_key = "";
    options.max_attempts = 3;
    options.max_connections = 16;
    options.proxy = "";
    options.on_closed = on_closed;
    options.on_closed_user_data = book;
    book->client = create_client(&options);
    if (book->polled) CHECK_STATUS(slipway_client_poll_fd(book->client, &book->poll_fd), SLIPWAY_OK);
    book->there = true;
    books_made++;
    return book;
}

#endif /* CLIENTS_H */
