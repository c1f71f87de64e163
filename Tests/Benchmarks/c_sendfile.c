/* c_sendfile.c: the same upload with nothing between the file and the socket: what the sink can take.
 *
 *     c_sendfile --port 8080 --file big.zip --asset-id ID
 *
 * The body never enters this process, so it is no rival to anything that could also speak TLS: it shows that the sink does not hold the
 * rivals back.
 */
#include <arpa/inet.h>
#include <fcntl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "measure.h"

#define LINE "----------------c_sendfile"

static void die(const char *what, const char *why) {
    fprintf(stderr, "c_sendfile: %s: %s\n", what, why);
    exit(1);
}

static void send_all(int descriptor, const char *bytes, size_t size) {
    for (size_t sent = 0; sent < size;) {
        ssize_t count = send(descriptor, bytes + sent, size - sent, MSG_NOSIGNAL);
        if (count < 0) die("send", strerror(errno));
        sent += (size_t)count;
    }
}

int main(int argc, char **argv) {
    const char *path = measure_argument(argc, argv, "--file", NULL), *asset = measure_argument(argc, argv, "--asset-id", NULL);
    double port = measure_number(argc, argv, "--port", 0);
    if (path == NULL || asset == NULL || port < 1 || port > 65535) die("usage", "c_sendfile --port N --file FILE --asset-id ID");
    int file = open(path, O_RDONLY | O_CLOEXEC);
    struct stat about;
    if (file < 0 || fstat(file, &about) != 0) die(path, strerror(errno));

    char prologue[1024], request[2048], answer[4096];
    const char epilogue[] = "\r\n--" LINE "--\r\n";
    int prologue_size = snprintf(prologue, sizeof prologue,
                                 "--" LINE "\r\nContent-Disposition: form-data; name=\"jsonrequest\"\r\n\r\n"
                                 "{\"id\":\"%s\",\"sourcepath\":\"slipway/%s\"}\r\n--" LINE "\r\n"
                                 "Content-Disposition: form-data; name=\"file\"; filename=\"file.zip\"\r\n\r\n",
                                 asset, asset);
    long long body_size = prologue_size + (long long)about.st_size + (long long)sizeof epilogue - 1;
    int request_size = snprintf(request, sizeof request,
                                "POST /mediadb/services/module/asset/create HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: %lld\r\n"
                                "Content-Type: multipart/form-data; boundary=" LINE "\r\n\r\n%s",
                                body_size, prologue);
    if (prologue_size >= (int)sizeof prologue || request_size >= (int)sizeof request) die("--asset-id", "too long");

    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0 || connect(descriptor, (struct sockaddr *)&address, sizeof address) != 0) die("connect", strerror(errno));
    send_all(descriptor, request, (size_t)request_size);
    for (off_t sent = 0; sent < about.st_size;) {
        ssize_t count = sendfile(descriptor, file, &sent, (size_t)(about.st_size - sent));
        if (count <= 0) die("sendfile", count == 0 ? "the file has become shorter" : strerror(errno));
    }
    send_all(descriptor, epilogue, sizeof epilogue - 1);
    ssize_t size = recv(descriptor, answer, sizeof answer - 1, 0);
    if (size <= 0) die("recv", size == 0 ? "no answer" : strerror(errno));
    answer[size] = '\0';
    if (strncmp(answer, "HTTP/1.1 200 ", 13) != 0 || strstr(answer, "\"ok\"") == NULL) die("the answer", answer);
    return 0;
}
