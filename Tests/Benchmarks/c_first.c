/* c_first.c: the first call of a C program that is linked to libcurl and jansson: the yardstick for slipway_first.c.
 *
 *     c_first --base-url URL --started T
 *
 * Its libraries are loaded before main, so the figure to compare is process_ms, which starts when the process was asked for.
 */
#include <curl/curl.h>
#include <jansson.h>

#include "measure.h"

static void die(const char *what, const char *why) {
    fprintf(stderr, "c_first: %s: %s\n", what, why);
    exit(1);
}

static struct {
    char bytes[65536];
    size_t size;
} answer;

static size_t receive(char *bytes, size_t one, size_t count, void *user_data) {
    (void)user_data;
    size_t size = one * count;
    if (size > sizeof answer.bytes - answer.size) return 0;
    memcpy(answer.bytes + answer.size, bytes, size);
    answer.size += size;
    return size;
}

int main(int argc, char **argv) {
    double main_at = measure_now();
    double started = atof(measure_argument(argc, argv, "--started", "0"));
    const char *base = measure_argument(argc, argv, "--base-url", NULL);
    if (base == NULL) die("usage", "c_first --base-url URL");
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) die("curl_global_init", "failed");
    CURL *easy = curl_easy_init();
    struct curl_slist *headers = curl_slist_append(NULL, "Content-Type: application/json");
    json_t *request =
        json_pack("{s:s, s:s, s:s}", "apiKey", "benchmark-key", "userId", "benchmark-user", "projectId", "665a1c2e9b1d4f0012ab34cd");
    char *body = request ? json_dumps(request, JSON_COMPACT) : NULL;
    if (easy == NULL || headers == NULL || body == NULL) die("a handle, a header or a body", "no memory");
    double created_at = measure_now();

    char url[1024];
    int length = snprintf(url, sizeof url, "%s/projects/test-webhook", base);
    if (length < 0 || (size_t)length >= sizeof url) die("--base-url", "too long");
    curl_easy_setopt(easy, CURLOPT_URL, url);
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
    curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    CURLcode result = curl_easy_perform(easy);
    if (result != CURLE_OK) die("curl_easy_perform", curl_easy_strerror(result));
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    json_t *document = json_loadb(answer.bytes, answer.size, 0, NULL);
    int good = status == 200 && json_is_true(json_object_get(document, "success"));
    double completed_at = measure_now();

    json_decref(document);
    json_decref(request);
    free(body);
    curl_slist_free_all(headers);
    curl_easy_cleanup(easy);
    curl_global_cleanup();
    if (!good) die("the answer", "is not the sink's");
    printf("{\"process_ms\":%.3f,\"first_ms\":%.3f,\"load_ms\":%.3f,\"create_ms\":%.3f,\"call_ms\":%.3f,\"cpu_ms\":%.3f}\n",
           (completed_at - started) * 1e3, (completed_at - main_at) * 1e3, 0.0, (created_at - main_at) * 1e3,
           (completed_at - created_at) * 1e3, measure_cpu() * 1e3);
    return 0;
}
