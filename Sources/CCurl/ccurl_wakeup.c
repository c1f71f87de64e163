#include "ccurl_library.h"

/* libcurl 7.88 goes on without the pair of sockets that wakes it if there is no descriptor for it: such a loop would sleep through everything. And the
   pair gets through exec, into the host's children. */

#if defined(__linux__)

#include <fcntl.h>
#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* How many descriptors are looked at, from where the system would have put the first one. */
enum { CANDIDATES = 64, WAKE_UPS = 3 };

static bool may_be_one(int descriptor) {
    int domain = 0, type = 0;
    socklen_t size = sizeof domain;
    const int flags = fcntl(descriptor, F_GETFD);
    if (flags == -1 || (flags & FD_CLOEXEC) != 0) return false;
    if (getsockopt(descriptor, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0 || domain != AF_UNIX) return false;
    size = sizeof type;
    return getsockopt(descriptor, SOL_SOCKET, SO_TYPE, &type, &size) == 0 && type == SOCK_STREAM;
}

static int waiting(int descriptor, unsigned long which) {
    int bytes = 0;
    return ioctl(descriptor, which, &bytes) == 0 ? bytes : -1;
}

static bool wake(CURLM *multi) {
    for (int count = 0; count < WAKE_UPS; count++) {
        if (ccurl_table.curl_multi_wakeup(multi) != CURLM_OK) return false;
    }
    return true;
}

int ccurl_wakeup_place(void) {
    const int place = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (place >= 0) close(place);
    return place;
}

/* Nobody tells which ones they are. But each wake-up is a byte: at one end as many are there to be read, and at the other end the system keeps account of them,
   twice as much for twice as many. What the host's own sockets do meanwhile is not that. */
bool ccurl_wakeup_works(CURLM *multi, int place) {
    bool is_candidate[CANDIDATES];
    int sent[CANDIDATES], came[CANDIDATES];
    for (int index = 0; index < CANDIDATES; index++) {
        const int descriptor = place + index;
        is_candidate[index] = place >= 0 && may_be_one(descriptor) && waiting(descriptor, FIONREAD) == 0 && waiting(descriptor, SIOCOUTQ) == 0;
    }
    if (!wake(multi)) return false;
    for (int index = 0; index < CANDIDATES; index++) {
        came[index] = is_candidate[index] ? waiting(place + index, FIONREAD) : 0;
        sent[index] = is_candidate[index] ? waiting(place + index, SIOCOUTQ) : 0;
    }
    if (!wake(multi)) return false;
    for (int index = 0; index < CANDIDATES; index++) {
        const int descriptor = place + index;
        const bool reads = came[index] == WAKE_UPS && waiting(descriptor, FIONREAD) == 2 * WAKE_UPS;
        const bool writes = sent[index] > 0 && waiting(descriptor, SIOCOUTQ) == 2 * sent[index];
        if (is_candidate[index] && (reads || writes)) (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    }
    return true;
}

#else

int ccurl_wakeup_place(void) { return -1; }

bool ccurl_wakeup_works(CURLM *multi, int place) {
    (void)place;
    return ccurl_table.curl_multi_wakeup(multi) == CURLM_OK;
}

#endif
