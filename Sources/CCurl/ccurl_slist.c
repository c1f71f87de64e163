#include "ccurl_library.h"

struct curl_slist *ccurl_slist_append(struct curl_slist *list, const char *string) {
    return ccurl_is_loaded() ? ccurl_table.curl_slist_append(list, string) : NULL;
}

void ccurl_slist_free_all(struct curl_slist *list) {
    if (list != NULL) {
        ccurl_table.curl_slist_free_all(list);
    }
}
