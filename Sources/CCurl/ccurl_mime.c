#include "ccurl_library.h"

curl_mime *ccurl_mime_init(CURL *easy) {
    return easy != NULL ? ccurl_table.curl_mime_init(easy) : NULL;
}

void ccurl_mime_free(curl_mime *mime) {
    if (mime != NULL) {
        ccurl_table.curl_mime_free(mime);
    }
}

curl_mimepart *ccurl_mime_addpart(curl_mime *mime) {
    return mime == NULL ? NULL : ccurl_table.curl_mime_addpart(mime);
}

CURLcode ccurl_mime_name(curl_mimepart *part, const char *name) {
    return part == NULL ? CURLE_BAD_FUNCTION_ARGUMENT : ccurl_table.curl_mime_name(part, name);
}

CURLcode ccurl_mime_data(curl_mimepart *part, const char *data, size_t size) {
    return part == NULL ? CURLE_BAD_FUNCTION_ARGUMENT : ccurl_table.curl_mime_data(part, data, size);
}

CURLcode ccurl_mime_data_cb(curl_mimepart *part, curl_off_t size, curl_read_callback read, curl_seek_callback seek,
                            curl_free_callback release, void *user_data) {
    return part == NULL ? CURLE_BAD_FUNCTION_ARGUMENT : ccurl_table.curl_mime_data_cb(part, size, read, seek, release, user_data);
}

CURLcode ccurl_mime_filename(curl_mimepart *part, const char *filename) {
    return part == NULL ? CURLE_BAD_FUNCTION_ARGUMENT : ccurl_table.curl_mime_filename(part, filename);
}

CURLcode ccurl_mime_filedata(curl_mimepart *part, const char *path) {
    return part == NULL ? CURLE_BAD_FUNCTION_ARGUMENT : ccurl_table.curl_mime_filedata(part, path);
}

CURLcode ccurl_mime_type(curl_mimepart *part, const char *type) {
    return part == NULL ? CURLE_BAD_FUNCTION_ARGUMENT : ccurl_table.curl_mime_type(part, type);
}
